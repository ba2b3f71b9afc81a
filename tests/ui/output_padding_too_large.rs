//! An output padding as large as the stride.
use constconv::prelude::*;

fn main() {
    let conv = ConvTranspose2d::<f32, 1, 8, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<2>>::ZERO;
    let x = Tensor::<f32, 1, 1, 14, 14>::zeros();
    conv.forward(&x);
}
