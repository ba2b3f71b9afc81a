//! One of three branches that are added takes two rows and columns away.
use constconv::prelude::*;

type Wide = Conv2d<f32, 4, 8, Kernel<3>>;
type Narrow = Conv2d<f32, 4, 8, Kernel<1>>;

model! {
    pub Wrong: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        branches: Sum<(Narrow, Wide, Narrow)>,
        pool: GlobalAvgPool2d,
    }
}

fn main() {}
