//! The dilation of a transposed convolution where the output padding belongs.
use constconv::prelude::*;
model! {
    pub Net: Tensor<f32, 1, 3, 8, 8> => {
        up: ConvTranspose2d<f32, 3, 8, Kernel<2>, Stride<2>, Padding<1>, Dilation<1>>,
        relu1: Relu,
        fc: Linear<f32, 864, 10>,
    }
}
fn main() {}
