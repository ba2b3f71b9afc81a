//! A window of 63 channels and 9×9 cells: 5 103 is not in the table.
use constconv::functional::im2col;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 63, 9, 9>::zeros();
    im2col(&x, Kernel::<9>, ());
}
