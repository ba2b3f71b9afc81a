//! The inner model is right in itself, but not for what it gets.
use constconv::prelude::*;

model! {
    Inner: Tensor<f32, 1, 4, 8, 8> => {
        conv: Conv2d<f32, 4, 4, Kernel<3>>,
        relu: Relu,
    }
}

model! {
    Outer: Tensor<f32, 1, 4, 8, 8> => {
        conv: Conv2d<f32, 4, 3, Kernel<3>>,
        inner: Inner,
        fc: Linear<f32, 64, 10>,
    }
}

fn main() {}
