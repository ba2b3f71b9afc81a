//! A target of 3 columns for a prediction of 4.
use constconv::prelude::*;

fn main() {
    let y = Matrix::<f32, 2, 4>::zeros();
    let target = Matrix::<f32, 2, 3>::zeros();
    let mut dy = Matrix::zeros();
    constconv::loss::mse(&y, &target, Reduction::Mean, &mut dy);
}
