//! 511·3·3 unknowns: 4 599 is not in the table of axes.
use constconv::functional::{DecomposeOptions, decompose};
use constconv::prelude::*;

fn main() {
    let (w, start) = (Tensor::<f32, 8, 3, 3, 3>::full(1.0), Tensor::<f32, 511, 3, 3, 3>::full(1.0));
    let _ = decompose(&w, &start, &DecomposeOptions::new());
}
