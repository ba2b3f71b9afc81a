//! Padding of 2 for a pooling kernel of 3.
use constconv::prelude::*;

fn main() {
    let pool = MaxPool2d::<Kernel<3>, Stride<1>, Padding<2>>::new();
    let x = Tensor::<f32, 1, 1, 8, 8>::zeros();
    pool.forward(&x);
}
