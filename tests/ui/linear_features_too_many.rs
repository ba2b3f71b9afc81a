//! A linear layer after more values than the longest axis.
use constconv::prelude::*;
fn main() {
    let fc = Linear::<f32, 400, 10>::boxed();
    let x = Tensor::<f32, 1, 64, 9, 9>::zeros();
    let y = fc.forward(&x);
}
