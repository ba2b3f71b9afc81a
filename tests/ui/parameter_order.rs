//! Padding where the stride belongs.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 1, 8, Kernel<3>, Padding<1>, Stride<1>>::ZERO;
    let x = Tensor::<f32, 1, 1, 28, 28>::zeros();
    conv.forward(&x);
}
