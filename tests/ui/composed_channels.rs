//! The first filter makes 4 channels, the second one takes 5.
use constconv::functional::compose;
use constconv::prelude::*;

fn main() {
    let _ = compose(&Tensor::<f32, 4, 3, 3, 3>::zeros(), &Tensor::<f32, 8, 5, 3, 3>::zeros());
}
