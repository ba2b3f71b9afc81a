//! The filters have 3 input channels, the start has 4.
use constconv::functional::{DecomposeOptions, decompose};
use constconv::prelude::*;

fn main() {
    let (w, start) = (Tensor::<f32, 8, 3, 3, 3>::full(1.0), Tensor::<f32, 2, 4, 3, 3>::full(1.0));
    let _ = decompose(&w, &start, &DecomposeOptions::new());
}
