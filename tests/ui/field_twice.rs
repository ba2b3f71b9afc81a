//! Two layers of the same name.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv: Conv2d<f32, 1, 6, Kernel<5>>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        relu: Relu,
        fc: Linear<f32, 864, 10>,
    }
}

fn main() {}
