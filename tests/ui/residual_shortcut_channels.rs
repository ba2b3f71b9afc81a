//! The shortcut of a residual block takes another number of channels than there are.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 8, 14, 14> => {
        relu: Relu,
        block: Residual<Conv2d<f32, 8, 16, Kernel<1>>, Conv2d<f32, 4, 16, Kernel<1>>>,
        fc: Linear<f32, 3136, 10>,
    }
}

fn main() {}
