//! A dilation where the output padding belongs.
use constconv::prelude::*;

fn main() {
    let conv = ConvTranspose2d::<f32, 1, 1, Kernel<3>, Stride<1>, Padding<0>, Dilation<2>>::ZERO;
    let x = Tensor::<f32, 1, 1, 14, 14>::zeros();
    conv.forward(&x);
}
