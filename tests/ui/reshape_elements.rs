//! 400 numbers cannot become 120.
use constconv::functional::reshape;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 16, 5, 5>::zeros();
    let _: Matrix<f32, 1, 120> = reshape(&x);
}
