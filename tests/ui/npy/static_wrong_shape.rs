use constconv::npy;
use constconv::prelude::*;

static X: Tensor<f32, 2, 3, 4, 5> = npy!("data/right.npy");

fn main() {
    let _ = &X;
}
