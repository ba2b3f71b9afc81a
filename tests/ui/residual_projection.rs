//! The shortcut of a residual block does not take the stride of its body.
use constconv::prelude::*;

type Halve = Conv2d<f32, 8, 16, Kernel<4>, Stride<2>, Padding<1>>;

model! {
    pub Wrong: Tensor<f32, 1, 8, 14, 14> => {
        relu: Relu,
        block: Residual<Halve, Conv2d<f32, 8, 16, Kernel<1>>>,
        fc: Linear<f32, 784, 10>,
    }
}

fn main() {}
