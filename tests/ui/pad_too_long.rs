//! The padded axis is longer than the longest axis.
use constconv::functional::zero_pad2d;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 1, 1, 4096>::zeros();
    zero_pad2d(&x, Sides::<0, 0, 0, 1>);
}
