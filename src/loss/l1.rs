//! Mean absolute error.

use super::{Reduction, element_wise};
use crate::tensor::{Array, Real};

/// Mean absolute error. PyTorch: `functional.l1_loss`.
///
/// loss = scale · Σ |y − t|, dy = scale · sign(y − t) with sign 0 = 0, scale = 1/elements for the mean and 1 for the
/// sum
///
/// Overwrites `dy`. Prediction, target and gradient have one type: another shape does not compile.
///
/// ```
/// use constconv::loss::{Reduction, l1};
/// use constconv::prelude::*;
///
/// let (y, target) = (Vector::new([1.0, 2.0, 5.0, 4.0]), Vector::new([1.0, 2.0, 3.0, 6.0]));
/// let mut dy = Vector::zeros();
/// assert_eq!(l1(&y, &target, Reduction::Mean, &mut dy), 1.0);
/// assert_eq!(dy, Vector::new([0.0, 0.0, 0.25, -0.25]));
/// ```
pub fn l1<T: Real, A: Array<Scalar = T>>(y: &A, target: &A, reduction: Reduction, dy: &mut A) -> T {
    element_wise(y, target, reduction, dy, |y, t| {
        let difference = y - t;
        let sign = if difference == T::ZERO { T::ZERO } else { difference.signum() };
        (difference.abs(), sign)
    })
}
