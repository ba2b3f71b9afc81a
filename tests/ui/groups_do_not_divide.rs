//! Three groups of 4 channels.
use constconv::prelude::*;

fn main() {
    type Conv = Conv2d<f32, 4, 6, Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<1>, Groups<3>>;
    Conv::ZERO.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());
}
