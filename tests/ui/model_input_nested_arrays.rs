//! Nested arrays for the input of a model.
use constconv::prelude::*;

model! {
    Net: Tensor<f32, 1, 1, 8, 8> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>>,
        relu: Relu,
        fc: Linear<f32, 144, 10>,
    }
}

fn main() {
    let y = Net::BLANK.forward(&[[[[0.0_f32; 8]; 8]]]);
}
