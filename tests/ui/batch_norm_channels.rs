//! A batch normalisation of 8 channels behind 6.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 8, 8> => {
        conv: Conv2d<f32, 1, 6, Kernel<3>>,
        norm: BatchNorm2d<f32, 8>,
        relu: Relu,
    }
}

fn main() {}
