//! Filters of 2 channels for an input of 3.
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 3, 8, 8>::zeros();
    let w = Tensor::<f32, 4, 2, 3, 3>::zeros();
    constconv::functional::conv2d(&x, &w, &(), ());
}
