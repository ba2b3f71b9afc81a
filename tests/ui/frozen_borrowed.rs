//! A frozen body in flash that does not accept the input.
use constconv::prelude::*;

model! {
    pub Body: Tensor<f32, 1, 1, 8, 8> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>>,
    }
}

model! {
    pub Net: Tensor<f32, 1, 3, 8, 8> => {
        body: Frozen<&'static Body>,
        fc: Linear<f32, 144, 10>,
    }
}

fn main() {}
