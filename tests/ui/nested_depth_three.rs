//! The wrong layer is in the innermost of three models: it is reported there, and not once more outside.
use constconv::prelude::*;

model! {
    Inner: Tensor<f32, 1, 4, 8, 8> => {
        conv: Conv2d<f32, 4, 4, Kernel<3>>,
        wrong: Conv2d<f32, 5, 4, Kernel<3>>,
        relu: Relu,
    }
}

model! {
    Middle: Tensor<f32, 1, 4, 8, 8> => {
        inner: Inner,
        relu: Relu,
    }
}

model! {
    Outer: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        middle: Middle,
        fc: Linear<f32, 64, 10>,
    }
}

fn main() {}
