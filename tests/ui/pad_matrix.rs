//! Rows of features have no planes.
use constconv::functional::zero_pad2d;
use constconv::prelude::*;

fn main() {
    let x = Matrix::<f32, 4, 8>::zeros();
    zero_pad2d(&x, Padding::<1>);
}
