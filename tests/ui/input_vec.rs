//! A vector of the standard library for a tensor.
use constconv::prelude::*;
fn main() {
    let y = Relu.forward(&vec![0.0f32; 8]);
}
