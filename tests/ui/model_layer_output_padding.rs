//! A decoder whose second layer pads its output too much.
use constconv::prelude::*;

model! {
    pub Decoder: Tensor<f32, 1, 8, 7, 7> => {
        up1: ConvTranspose2d<f32, 8, 4, Kernel<4>, Stride<2>, Padding<1>>,
        relu: Relu,
        up2: ConvTranspose2d<f32, 4, 1, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<2>>,
    }
}

fn main() {}
