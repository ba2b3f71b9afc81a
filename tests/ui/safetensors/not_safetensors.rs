use constconv::prelude::*;
use constconv::safetensors;

model! {
    Net: Tensor<f32, 1, 1, 4, 4> => {
        conv: Conv2d<f32, 1, 2, Kernel<3>>,
        norm: BatchNorm2d<f32, 2>,
        fc: Linear<f32, 8, 3>,
    }
}

static NET: Net = safetensors!("data/../../npy/data/right.npy");

fn main() {
    let _ = &NET;
}
