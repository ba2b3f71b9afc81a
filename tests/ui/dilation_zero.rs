//! A dilation of 0.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 1, 8, Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<0>>::ZERO;
    let x = Tensor::<f32, 1, 1, 28, 28>::zeros();
    conv.forward(&x);
}
