//! A bias of 3 numbers for 4 filters.
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 3, 8, 8>::zeros();
    let w = Tensor::<f32, 4, 3, 3, 3>::zeros();
    let b = Vector::<f32, 3>::zeros();
    constconv::functional::conv2d(&x, &w, &b, ());
}
