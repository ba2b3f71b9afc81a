//! The working memory is for 4 channels between, the start has 2.
use constconv::functional::{DecomposeOptions, DecomposeWorkspace, decompose_into};
use constconv::prelude::*;

fn main() {
    let (w, mut f1) = (Tensor::<f32, 8, 3, 3, 3>::full(1.0), Tensor::<f32, 2, 3, 3, 3>::full(1.0));
    let mut workspace = DecomposeWorkspace::<f32, 8, 4, 3, 3>::ZERO;
    let _ = decompose_into(&w, &DecomposeOptions::new(), &mut f1, &mut Tensor::zeros(), &mut workspace, |_| ());
}
