//! A row at the bottom alone, and another one at the top, but no stride that divides.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 3, 96, 96> => {
        conv: Conv2d<f32, 3, 8, Kernel<3>, Stride<2>, Sides<1, 1, 0, 1>>,
        relu: Relu,
        fc: Linear<f32, 18432, 10>,
    }
}

fn main() {}
