//! The pooling behind the padding does not end at its edge.
use constconv::prelude::*;

model! {
    pub Wrong: Tensor<f32, 1, 4, 8, 8> => {
        upsample: UpsampleNearest2d<Scale<2>>,
        pad: ZeroPad2d<Sides<0, 1, 0, 1>>,
        pool: MaxPool2d<Kernel<2>>,
    }
}

fn main() {}
