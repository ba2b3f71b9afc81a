//! A transposed convolution of stride 0.
use constconv::prelude::*;

fn main() {
    let conv = ConvTranspose2d::<f32, 1, 1, Kernel<3>, Stride<0>>::ZERO;
    let x = Tensor::<f32, 1, 1, 14, 14>::zeros();
    conv.forward(&x);
}
