//! A stride of two numbers in a 1-D convolution.
use constconv::prelude::*;

fn main() {
    let conv = Conv1d::<f32, 1, 8, Kernel<3>, Stride<2, 1>>::ZERO;
    conv.forward(&Signal::<f32, 1, 1, 9>::zeros());
}
