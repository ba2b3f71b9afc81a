//! A model with a stride that does not divide in its middle.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>>,
        relu1: Relu,
        conv2: Conv2d<f32, 6, 16, Kernel<3>, Stride<2>>,
        relu2: Relu,
        fc: Linear<f32, 1600, 10>,
    }
}

fn main() {}
