//! An order that names the first axis twice and the last one never.
use constconv::functional::permute;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 2, 3, 4, 5>::zeros();
    permute(&x, Axes::<0, 0, 1, 2>);
}
