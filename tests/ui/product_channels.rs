//! One of two branches that are multiplied takes another number of channels than there are.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        branches: Product<(Conv2d<f32, 4, 8, Kernel<1>>, Conv2d<f32, 8, 8, Kernel<1>>)>,
        pool: GlobalAvgPool2d,
    }
}

fn main() {}
