//! Rows of padding around a signal.
use constconv::prelude::*;

fn main() {
    let conv = Conv1d::<f32, 1, 4, Kernel<3>, Stride<1>, Sides<1, 0, 2, 0>>::ZERO;
    let x = Signal::<f32, 1, 1, 16>::zeros();
    conv.forward(&x);
}
