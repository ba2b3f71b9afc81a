//! Four filters for three channels.
use constconv::prelude::*;

fn main() {
    let conv = DepthwiseConv2d::<f32, 3, 4, Kernel<3>>::ZERO;
    conv.forward(&Tensor::<f32, 1, 3, 8, 8>::zeros());
}
