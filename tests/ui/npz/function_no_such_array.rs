use constconv::npz;
use constconv::prelude::*;

fn main() {
    let x: Tensor<f32, 1, 2, 3, 4> = npz!("data/xy.npz", "f32/x");
    assert_eq!(x.len(), 24);
}
