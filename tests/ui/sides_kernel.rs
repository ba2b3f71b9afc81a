//! A kernel of 5 rows on 3 rows and one of zeros.
use constconv::prelude::*;

fn main() {
    let conv = Conv2d::<f32, 1, 4, Kernel<5>, Stride<1>, Sides<0, 1, 2, 2>>::ZERO;
    let x = Tensor::<f32, 1, 1, 3, 8>::zeros();
    conv.forward(&x);
}
