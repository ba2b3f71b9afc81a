//! The wrong layer is in the body of a residual block.
use constconv::prelude::*;

model! {
    Body: Tensor<f32, 1, 4, 8, 8> => {
        conv: Conv2d<f32, 4, 4, Kernel<3>, Stride<1>, Padding<1>>,
        wrong: Conv2d<f32, 4, 4, Kernel<3>, Stride<2>>,
    }
}

model! {
    Net: Tensor<f32, 1, 4, 8, 8> => {
        block: Residual<Body>,
        relu: Relu,
        again: Residual<Body, Conv2d<f32, 4, 4, Kernel<1>>>,
        fc: Linear<f32, 256, 10>,
    }
}

fn main() {}
