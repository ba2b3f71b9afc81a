//! The stride before the kernel.
use constconv::prelude::*;
model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Stride<1>, Kernel<5>>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 864, 10>,
    }
}
fn main() {}
