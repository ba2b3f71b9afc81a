//! The third of three branches takes two rows and columns away.
use constconv::prelude::*;

type Wide = Conv2d<f32, 4, 6, Kernel<3>>;

model! {
    pub Wrong: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        branches: Concat<(Conv2d<f32, 4, 2, Kernel<1>>, Identity, Wide)>,
        pool: GlobalAvgPool2d,
    }
}

fn main() {}
