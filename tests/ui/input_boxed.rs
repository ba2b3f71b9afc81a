//! A box for the tensor in it.
use constconv::prelude::*;
fn main() {
    let x = Box::new(Tensor::<f32, 1, 2, 8, 8>::zeros());
    let conv = Conv2d::<f32, 2, 6, Kernel<5>>::BLANK;
    let y = conv.forward(&x);
}
