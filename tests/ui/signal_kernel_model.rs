//! A kernel of two numbers in a 1-D convolution of a model.
use constconv::prelude::*;

model! {
    pub Net: Signal<f32, 1, 1, 128> => {
        conv1: Conv1d<f32, 1, 8, Kernel<3, 5>>,
        relu1: Relu,
        conv2: Conv1d<f32, 8, 16, Kernel<5>>,
    }
}

fn main() {}
