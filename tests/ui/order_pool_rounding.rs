//! The dilation of a pooling where the rounding belongs.
use constconv::prelude::*;
model! {
    pub Net: Tensor<f32, 1, 3, 8, 8> => {
        pool: MaxPool2d<Kernel<2>, Stride<2>, Padding<0>, Dilation<1>>,
        relu1: Relu,
        fc: Linear<f32, 864, 10>,
    }
}
fn main() {}
