//! Three rows at the top and three at the bottom of five.
use constconv::functional::crop2d;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 1, 5, 8>::zeros();
    crop2d(&x, Padding::<3, 0>);
}
