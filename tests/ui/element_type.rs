//! A layer of f32 on an input of f64.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 1, 8, Kernel<3>>::ZERO;
    let x = Tensor::<f64, 1, 1, 28, 28>::zeros();
    conv.forward(&x);
}
