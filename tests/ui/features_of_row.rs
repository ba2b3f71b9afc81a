//! A linear layer of 9 features after 8.
use constconv::prelude::*;
model! {
    pub Net: Matrix<f32, 1, 10> => {
        fc1: Linear<f32, 10, 8>,
        relu1: Relu,
        fc2: Linear<f32, 9, 8>,
        relu2: Relu,
    }
}
fn main() {}
