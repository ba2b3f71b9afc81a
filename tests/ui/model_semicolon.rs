//! A semicolon after a layer.
use constconv::prelude::*;
model! {
    pub Net: Matrix<f32, 1, 10> => {
        fc1: Linear<f32, 10, 8>;
        relu1: Relu,
    }
}
fn main() {}
