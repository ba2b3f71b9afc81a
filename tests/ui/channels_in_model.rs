//! A model whose third layer takes 16 channels after 8; nothing follows from it.
use constconv::prelude::*;
model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 8, Kernel<5>>,
        relu1: Relu,
        conv2: Conv2d<f32, 16, 8, Kernel<5>>,
        relu2: Relu,
        fc: Linear<f32, 800, 10>,
    }
}
fn main() {}
