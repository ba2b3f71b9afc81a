//! A frozen layer behind one that is trained.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>>,
        relu: Relu,
        conv2: Frozen<Conv2d<f32, 6, 8, Kernel<5>>>,
        fc: Linear<f32, 3200, 10>,
    }
}

fn main() {}
