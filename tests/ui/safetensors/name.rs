use constconv::prelude::*;
use constconv::safetensors;

model! {
    Net: Tensor<f32, 1, 1, 4, 4> => {
        conv as "conv\"": Conv2d<f32, 1, 2, Kernel<3>>,
    }
}

static NET: Net = safetensors!("data/net.safetensors");

fn main() {
    let _ = &NET;
}
