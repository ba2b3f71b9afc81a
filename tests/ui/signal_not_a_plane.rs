//! A 1-D convolution on a feature map.
use constconv::prelude::*;

fn main() {
    let conv = Conv1d::<f32, 1, 8, Kernel<5>>::ZERO;
    conv.forward(&Tensor::<f32, 1, 1, 9, 9>::zeros());
}
