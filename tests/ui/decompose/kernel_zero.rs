//! Filters without a cell.
use constconv::functional::{DecomposeOptions, decompose};
use constconv::prelude::*;

fn main() {
    let (w, start) = (Tensor::<f32, 8, 3, 0, 0>::full(1.0), Tensor::<f32, 2, 3, 0, 0>::full(1.0));
    let _ = decompose(&w, &start, &DecomposeOptions::new());
}
