//! A number that is not a const parameter.
use constconv::prelude::*;
model! {
    pub Net<C: usize>: Matrix<f32, 1, C> => {
        fc1: Linear<f32, C, 8>,
        relu1: Relu,
    }
}
fn main() {}
