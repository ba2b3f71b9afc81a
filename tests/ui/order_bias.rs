//! Padding where the bias belongs.
use constconv::prelude::*;
model! {
    pub Net: Tensor<f32, 1, 3, 8, 8> => {
        conv1: Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, Padding<1>>,
        relu1: Relu,
    }
}
fn main() {}
