//! A model with one parameter more than it may have.
use constconv::assert_budget;
use constconv::prelude::*;

model! {
    Net: Tensor<f32, 1, 1, 28, 28> => {
        conv: Conv2d<f32, 1, 4, Kernel<5>>,
        relu: Relu,
        fc: Linear<f32, 2304, 10>,
    }
}

assert_budget!(Net: parameters <= 23_153, flash <= 256 * 1024);

fn main() {}
