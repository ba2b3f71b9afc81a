//! Binary cross entropy of logits.

use super::{Reduction, element_wise};
use crate::kernel::math::{exp, ln_1p, sigmoid};
use crate::tensor::{Array, Real};

/// Binary cross entropy of a sigmoid over logits. PyTorch: `functional.binary_cross_entropy_with_logits`.
///
/// loss = −scale · Σ (t · ln σ(x) + (1 − t) · ln(1 − σ(x))), dx = scale · (σ(x) − t), scale = 1/elements for the mean
/// and 1 for the sum
///
/// Overwrites `dx`. Targets are probabilities, 0 to 1. It is computed as max(x, 0) − x · t + ln(1 + exp −|x|), so that
/// large logits do not overflow. Logits, target and gradient have one type: another shape does not compile.
///
/// ```
/// use constconv::loss::{Reduction, binary_cross_entropy_with_logits};
/// use constconv::prelude::*;
///
/// let (x, target) = (Vector::new([0.0_f64, 1000.0, 1000.0]), Vector::new([1.0, 1.0, 0.0]));
/// let mut dx = Vector::zeros();
/// let loss = binary_cross_entropy_with_logits(&x, &target, Reduction::Sum, &mut dx);
/// assert!((loss - 2.0_f64.ln() - 1000.0).abs() < 1e-12);
/// assert_eq!(dx, Vector::new([-0.5, 0.0, 1.0]));
/// ```
pub fn binary_cross_entropy_with_logits<T: Real, A: Array<Scalar = T>>(
    x: &A,
    target: &A,
    reduction: Reduction,
    dx: &mut A,
) -> T {
    element_wise(x, target, reduction, dx, |x, t| {
        let positive = if x < T::ZERO { T::ZERO } else { x };
        (positive - x * t + ln_1p(exp(-x.abs())), sigmoid(x) - t)
    })
}
