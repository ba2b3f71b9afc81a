//! A pooling with a number type.
use constconv::prelude::*;
model! {
    pub Net: Tensor<f32, 1, 3, 8, 8> => {
        relu1: Relu,
        pool: MaxPool2d<f32, Kernel<2>>,
        fc: Linear<f32, 48, 10>,
    }
}
fn main() {}
