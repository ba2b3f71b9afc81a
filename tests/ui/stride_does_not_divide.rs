//! A stride of 2 over what 28 rows leave to a kernel of 3, which is 25.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 1, 8, Kernel<3>, Stride<2>>::ZERO;
    let x = Tensor::<f32, 1, 1, 28, 28>::zeros();
    conv.forward(&x);
}
