use constconv::npz;
use constconv::prelude::*;

static X: Tensor<f32, 1, 2, 3, 4> = npz!("data/xy.npz", "x");

pub fn main() {
    let x: Tensor<f32, 1, 2, 3, 4> = npz!("data/xy.npz", "x",);
    assert_eq!(X, x);
}
