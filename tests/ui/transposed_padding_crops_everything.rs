//! Two rows, of which padding 2 crops four.
use constconv::prelude::*;

fn main() {
    let conv = ConvTranspose2d::<f32, 1, 1, Kernel<1>, Stride<1>, Padding<2>>::ZERO;
    let x = Tensor::<f32, 1, 1, 2, 2>::zeros();
    conv.forward(&x);
}
