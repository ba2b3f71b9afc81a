//! Mean squared error.

use super::{Reduction, element_wise};
use crate::tensor::{Array, Real};

/// Mean squared error. PyTorch: `functional.mse_loss`.
///
/// loss = scale · Σ (y − t)², dy = 2 · scale · (y − t), scale = 1/elements for the mean and 1 for the sum
///
/// Overwrites `dy`. Prediction, target and gradient have one type: another shape does not compile.
///
/// ```
/// use constconv::loss::{Reduction, mse};
/// use constconv::prelude::*;
///
/// let (y, target) = (Vector::new([1.0, 2.0, 5.0, 4.0]), Vector::new([1.0, 2.0, 3.0, 6.0]));
/// let mut dy = Vector::zeros();
/// assert_eq!(mse(&y, &target, Reduction::Mean, &mut dy), 2.0);
/// assert_eq!(dy, Vector::new([0.0, 0.0, 1.0, -1.0]));
/// ```
pub fn mse<A: Array<Scalar: Real>>(y: &A, target: &A, reduction: Reduction, dy: &mut A) -> A::Scalar {
    element_wise(y, target, reduction, dy, |y, t| {
        let difference = y - t;
        (difference * difference, difference + difference)
    })
}
