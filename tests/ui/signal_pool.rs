//! A kernel of two numbers in a 1-D pooling.
use constconv::prelude::*;

fn main() {
    MaxPool1d::<Kernel<2, 3>>::new().forward(&Signal::<f32, 1, 1, 9>::zeros());
}
