//! A linear layer of 400 inputs behind a signal of 16*24.
use constconv::prelude::*;

fn main() {
    Linear::<f32, 400, 10>::ZERO.forward(&Signal::<f32, 1, 16, 24>::zeros());
}
