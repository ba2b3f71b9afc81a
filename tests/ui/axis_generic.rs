//! The height is still generic.
use constconv::prelude::*;
fn f<const H: usize>(x: &Tensor<f32, 1, 1, H, 8>) {
    let conv = Conv2d::<f32, 1, 8, Kernel<3>>::BLANK;
    let y = conv.forward(x);
}
fn main() {}
