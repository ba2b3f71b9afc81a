//! A 1-D convolution of 8 channels behind one of 6.
use constconv::prelude::*;

model! {
    pub Net: Signal<f32, 1, 1, 128> => {
        conv1: Conv1d<f32, 1, 6, Kernel<5>>,
        relu1: Relu,
        conv2: Conv1d<f32, 8, 16, Kernel<5>>,
    }
}

fn main() {}
