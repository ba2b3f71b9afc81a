//! A layer of 4 filters made with a bias of 3 numbers.
use constconv::prelude::*;

fn main() {
    Conv2d::<f32, 3, 4, Kernel<3>>::new(Tensor::zeros(), Vector::<f32, 3>::zeros());
}
