//! A model whose linear layer expects 400 inputs behind 16·4·4 values.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>>,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>>,
        pool2: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 400, 120>,
        relu: Relu,
        fc2: Linear<f32, 120, 10>,
    }
}

fn main() {}
