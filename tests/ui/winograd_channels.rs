//! The convolution has 9 input channels, the input 8.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 8, 15, 15> => {
        conv: Winograd<Conv2d<f32, 9, 16, Kernel<3>>>,
        relu: Relu,
    }
}

fn main() {}
