//! Two groups of 3 filters.
use constconv::prelude::*;

type Up = ConvTranspose2d<f32, 4, 3, Kernel<2>, Stride<2>, Padding<0>, OutputPadding<0>, Dilation<1>, Groups<2>>;

fn main() {
    Up::ZERO.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());
}
