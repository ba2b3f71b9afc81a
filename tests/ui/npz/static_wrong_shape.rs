use constconv::npz;
use constconv::prelude::*;

static X: Tensor<f32, 1, 2, 4, 3> = npz!("data/xy.npz", "x");

fn main() {
    let _ = &X;
}
