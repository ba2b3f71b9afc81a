//! A gradient of 7×7 for an output of 6×6.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 3, 4, Kernel<3>>::ZERO;
    let x = Tensor::<f32, 1, 3, 8, 8>::zeros();
    let dy = Tensor::<f32, 1, 4, 7, 7>::zeros();
    conv.backward(&x, &dy);
}
