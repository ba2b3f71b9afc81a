//! Winograd's algorithm is for a stride of 1.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 8, 15, 15> => {
        relu: Relu,
        conv: Winograd<Conv2d<f32, 8, 16, Kernel<3>, Stride<2>>>,
        fc: Linear<f32, 784, 10>,
    }
}

fn main() {}
