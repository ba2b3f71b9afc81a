//! One of two branches takes two rows and columns away.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        branches: Concat<(Conv2d<f32, 4, 2, Kernel<1>>, Conv2d<f32, 4, 6, Kernel<3>>)>,
        pool: GlobalAvgPool2d,
    }
}

fn main() {}
