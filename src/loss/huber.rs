//! Huber's loss.

use super::{Reduction, element_wise};
use crate::kernel::math::{clamp, number};
use crate::tensor::{Array, Real};

/// Huber's loss: squared where the error is small, absolute where it is large. PyTorch: `functional.huber_loss`.
///
/// ```text
/// loss = scale · Σ (d²/2 where |d| ≤ delta, else delta · (|d| − delta/2)),  d = y − t
/// dy   = scale · min(max(d, −delta), delta)
/// ```
///
/// scale = 1/elements for the mean and 1 for the sum. Overwrites `dy`. Prediction, target and gradient have one type:
/// another shape does not compile. PyTorch's default for `delta` is 1, which also is its `smooth_l1_loss`.
///
/// ```
/// use constconv::loss::{Reduction, huber};
/// use constconv::prelude::*;
///
/// let (y, target) = (Vector::new([1.0, 2.0, 5.0, 4.0]), Vector::new([1.0, 2.0, 3.0, 4.5]));
/// let mut dy = Vector::zeros();
/// assert_eq!(huber(&y, &target, 1.0, Reduction::Sum, &mut dy), 1.625);
/// assert_eq!(dy, Vector::new([0.0, 0.0, 1.0, -0.5]));
/// ```
///
/// # Panics
/// If `delta` is not positive.
pub fn huber<T: Real, A: Array<Scalar = T>>(y: &A, target: &A, delta: T, reduction: Reduction, dy: &mut A) -> T {
    assert!(delta > T::ZERO, "delta must be positive");
    element_wise(y, target, reduction, dy, |y, t| {
        let difference = y - t;
        let slope = clamp(difference, -delta, delta);
        // Both branches at once: slope = d gives d²/2, slope = ±delta gives delta · |d| − delta²/2.
        (slope * (difference - slope * number(0.5)), slope)
    })
}
