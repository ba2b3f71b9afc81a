//! A linear layer of 400 inputs behind 16·4·4 values.
use constconv::prelude::*;

fn main() {
    let fc = Linear::<f32, 400, 120>::ZERO;
    let x = Tensor::<f32, 1, 16, 4, 4>::zeros();
    fc.forward(&x);
}
