//! The body of a residual block takes two rows and columns away.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 8, 14, 14> => {
        relu: Relu,
        block: Residual<Conv2d<f32, 8, 8, Kernel<3>>>,
        fc: Linear<f32, 1568, 10>,
    }
}

fn main() {}
