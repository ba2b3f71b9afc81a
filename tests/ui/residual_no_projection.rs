//! The body of a residual block changes the shape, and nothing does so on the way around it.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 8, 14, 14> => {
        relu: Relu,
        block: Residual<Conv2d<f32, 8, 16, Kernel<4>, Stride<2>, Padding<1>>>,
        fc: Linear<f32, 784, 10>,
    }
}

fn main() {}
