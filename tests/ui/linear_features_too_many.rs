//! A linear layer after more values than any axis of the table has.
use constconv::prelude::*;
fn main() {
    let fc = Linear::<f32, 400, 10>::boxed();
    let x = Tensor::<f32, 1, 63, 9, 9>::zeros();
    let y = fc.forward(&x);
}
