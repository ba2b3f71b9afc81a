//! A model whose fourth layer expects 8 channels behind 6.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<f32, 8, 16, Kernel<5>>,
        relu2: Relu,
        fc: Linear<f32, 1024, 10>,
    }
}

fn main() {}
