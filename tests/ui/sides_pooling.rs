//! Padding that differs from side to side in a pooling.
use constconv::prelude::*;

fn main() {
    let pool = MaxPool2d::<Kernel<3>, Stride<2>, Sides<0, 1, 0, 1>>::new();
    let x = Tensor::<f32, 1, 1, 8, 8>::zeros();
    pool.forward(&x);
}
