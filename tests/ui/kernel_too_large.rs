//! A 5×5 kernel on a 4×4 plane.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 1, 1, Kernel<5>>::ZERO;
    let x = Tensor::<f32, 1, 1, 4, 4>::zeros();
    conv.forward(&x);
}
