//! A depthwise convolution of 5 filters behind 4 channels.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv: Conv2d<f32, 1, 4, Kernel<5>>,
        depthwise: DepthwiseConv2d<f32, 4, 5, Kernel<3>>,
    }
}

fn main() {}
