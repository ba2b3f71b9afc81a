//! A kernel of 4 cannot lie in the middle of one of 7.
use constconv::functional::{DecomposeOptions, decompose};
use constconv::prelude::*;

fn main() {
    let (w, start) = (Tensor::<f32, 8, 3, 4, 4>::full(1.0), Tensor::<f32, 2, 3, 4, 4>::full(1.0));
    let _ = decompose(&w, &start, &DecomposeOptions::new());
}
