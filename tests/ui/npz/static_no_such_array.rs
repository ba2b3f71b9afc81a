use constconv::npz;
use constconv::prelude::*;

static X: Tensor<f32, 1, 2, 3, 4> = npz!("data/xy.npz", "z");

fn main() {
    let _ = &X;
}
