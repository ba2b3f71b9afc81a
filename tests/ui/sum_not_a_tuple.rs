//! A sum of one layer instead of a tuple.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        branches: Sum<Conv2d<f32, 4, 8, Kernel<1>>>,
        pool: GlobalAvgPool2d,
    }
}

fn main() {}
