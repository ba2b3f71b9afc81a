//! A kernel of 7 on a signal of 4 with padding 1.
use constconv::prelude::*;

fn main() {
    let conv = Conv1d::<f32, 1, 8, Kernel<7>, Stride<1>, Padding<1>>::ZERO;
    conv.forward(&Signal::<f32, 1, 1, 4>::zeros());
}
