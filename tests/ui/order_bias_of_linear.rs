//! Groups where the bias belongs.
use constconv::prelude::*;
fn main() {
    let y = Linear::<f32, 8, 4, Groups<2>>::BLANK.forward(&Matrix::<f32, 1, 8>::zeros());
}
