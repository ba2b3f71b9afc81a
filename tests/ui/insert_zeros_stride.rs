//! A stride of 0.
use constconv::functional::insert_zeros;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 1, 8, 8>::zeros();
    insert_zeros(&x, Stride::<0>);
}
