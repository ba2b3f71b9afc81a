//! A convolution of 9 input channels on 8.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 9, 16, Kernel<4>>::ZERO;
    let x = Tensor::<f32, 1, 8, 28, 28>::zeros();
    conv.forward(&x);
}
