//! The padding where the stride belongs.
use constconv::prelude::*;
model! {
    pub Net: Tensor<f32, 1, 3, 8, 8> => {
        conv1: Conv2d<f32, 3, 8, Kernel<3>, Padding<1>>,
        relu1: Relu,
        fc: Linear<f32, 864, 10>,
    }
}
fn main() {}
