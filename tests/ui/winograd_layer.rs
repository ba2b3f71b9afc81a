//! Winograd's algorithm is for convolutions.
use constconv::prelude::*;

fn main() {
    let _ = Winograd::<Linear<f32, 72, 10>>::BLANK.forward(&Tensor::<f32, 1, 8, 3, 3>::zeros());
}
