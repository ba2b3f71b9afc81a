//! No channels between the two filters.
use constconv::functional::{DecomposeOptions, decompose};
use constconv::prelude::*;

fn main() {
    let (w, start) = (Tensor::<f32, 8, 3, 3, 3>::full(1.0), Tensor::<f32, 0, 3, 3, 3>::full(1.0));
    let _ = decompose(&w, &start, &DecomposeOptions::new());
}
