//! A window that a convolution would not have, either.
use constconv::functional::im2col;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 3, 28, 28>::zeros();
    im2col(&x, Kernel::<3>, (Stride::<2>,));
}
