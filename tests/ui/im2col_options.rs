//! Options are a tuple, of one marker, too.
use constconv::functional::im2col;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 3, 9, 9>::zeros();
    im2col(&x, Kernel::<3>, Stride::<2>);
}
