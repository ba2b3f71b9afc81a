//! Nested arrays for a tensor.
use constconv::prelude::*;
fn main() {
    let conv = Conv2d::<f32, 2, 6, Kernel<5>>::BLANK;
    let y = conv.forward(&[[[[0.0f32; 8]; 8]; 2]]);
}
