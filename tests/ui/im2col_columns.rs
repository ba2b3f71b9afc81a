//! A batch of 10 has 28·28 windows each: 7 840 is not in the table.
use constconv::functional::im2col;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 10, 3, 28, 28>::zeros();
    im2col(&x, Kernel::<3>, (Stride::<1>, Padding::<1>));
}
