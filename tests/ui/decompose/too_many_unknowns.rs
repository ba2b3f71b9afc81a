//! 512·3·3 unknowns are more than the table of axes holds.
use constconv::functional::{DecomposeOptions, decompose};
use constconv::prelude::*;

fn main() {
    let (w, start) = (Tensor::<f32, 8, 3, 3, 3>::full(1.0), Tensor::<f32, 512, 3, 3, 3>::full(1.0));
    let _ = decompose(&w, &start, &DecomposeOptions::new());
}
