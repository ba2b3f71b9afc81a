use constconv::npy;
use constconv::prelude::*;

fn main() {
    const X: &Tensor<f32, 2, 3, 4, 5> = &npy!("data/right.npy");
    let _ = X;
}
