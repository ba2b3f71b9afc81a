//! A window of 64 channels and 9×9 cells has more cells than the longest axis.
use constconv::functional::im2col;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 64, 9, 9>::zeros();
    im2col(&x, Kernel::<9>, ());
}
