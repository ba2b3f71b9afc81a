use constconv::npy;
use constconv::prelude::*;

static X: Tensor<f32, 2, 3, 4, 4> = npy!("data/right.npy");

pub fn main() {
    let y: Tensor<f32, 2, 3, 4, 4> = npy!("data/right.npy");
    assert_eq!(X, y);
    assert_eq!(X.as_slice()[95], 95.0);
}
