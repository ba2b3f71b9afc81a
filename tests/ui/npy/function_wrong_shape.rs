use constconv::npy;
use constconv::prelude::*;

fn main() {
    let x: Tensor<f32, 2, 3, 4, 5> = npy!("data/right.npy");
    assert_eq!(x.len(), 120);
}
