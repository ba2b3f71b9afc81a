use constconv::npy;
use constconv::prelude::*;

static X: Tensor<f32, 2, 3, 4, 4> = npy!("data/truncated.npy");

fn main() {
    let _ = &X;
}
