//! A feature map of 64·9·9 values, more than the longest axis.
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 64, 9, 9>::zeros();
    Flatten.forward(&x);
}
