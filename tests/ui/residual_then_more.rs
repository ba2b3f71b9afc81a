//! A wrong residual block in a model within a model: one error, and none at what follows.
use constconv::prelude::*;

model! {
    Body: Tensor<f32, 1, 8, 14, 14> => {
        conv: Conv2d<f32, 8, 8, Kernel<3>>,
        relu: Relu,
    }
}

model! {
    pub Net: Tensor<f32, 1, 8, 14, 14> => {
        block: Residual<Body>,
        relu: Relu,
        conv: Conv2d<f32, 8, 4, Kernel<3>>,
        again: Residual<Conv2d<f32, 4, 4, Kernel<3>, Stride<1>, Padding<1>>>,
        fc: Linear<f32, 400, 10>,
    }
}

model! {
    pub Outer: Tensor<f32, 1, 8, 14, 14> => {
        net: Net,
        relu: Relu,
        fc: Linear<f32, 10, 3>,
    }
}

fn main() {}
