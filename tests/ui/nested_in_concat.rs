//! The wrong layer is in a branch.
use constconv::prelude::*;

model! {
    Branch: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        wrong: Linear<f32, 255, 10>,
    }
}

model! {
    Net: Tensor<f32, 1, 4, 8, 8> => {
        conv: Conv2d<f32, 4, 4, Kernel<3>, Stride<1>, Padding<1>>,
        both: Concat<(Relu, Tap<Branch>)>,
        fc: Linear<f32, 256, 10>,
    }
}

fn main() {}
