//! Limits on gradients.

use crate::kernel::math::clamp;
use crate::module::{Parameters, Visitor, VisitorMut, cast};
use crate::tensor::Real;

/// Scales a gradient so that the norm of all its elements is at most `limit`; returns the norm that it had. PyTorch:
/// `nn.utils.clip_grad_norm_`.
///
/// g = g · min(1, limit / (‖g‖ + 1e-6)), ‖g‖ = √Σ g² over all tensors
///
/// Neither squares nor factors overflow, however large the finite elements are. If the norm is NaN, all elements become
/// NaN; if it is ∞, infinite ones become NaN and the others 0, as in PyTorch. The caller sees it in the result.
///
/// ```
/// use constconv::optim::clip_grad_norm;
/// use constconv::prelude::*;
///
/// let mut gradient = Linear::<f64, 2, 1>::new(Matrix::new([[3.0, 4.0]]), Vector::zeros());
/// assert_eq!(clip_grad_norm(&mut gradient, 1.0), 5.0);
/// assert!((gradient.squared_norm() - 1.0).abs() < 1e-6);
/// ```
///
/// # Panics
/// If the limit is negative or NaN.
pub fn clip_grad_norm(gradient: &mut impl Parameters, limit: f64) -> f64 {
    struct Scale(f64);
    impl VisitorMut for Scale {
        fn tensor<T: Real>(&mut self, numbers: &mut [T]) {
            // The factor alone may be too small for a `T`.
            numbers.iter_mut().for_each(|a| *a = cast(cast::<T, f64>(*a) * self.0));
        }
    }
    assert!(limit >= 0.0, "a limit must be at least 0");
    let norm = norm(gradient);
    let factor = limit / (norm + 1e-6);
    if factor < 1.0 || factor.is_nan() {
        gradient.visit_mut(&mut Scale(factor));
    }
    norm
}

/// The root of the sum of all squares. Elements are divided by the largest first where squares overflow an `f64`.
fn norm(gradient: &impl Parameters) -> f64 {
    struct Largest(f64);
    impl Visitor for Largest {
        fn tensor<T: Real>(&mut self, numbers: &[T]) {
            self.0 = numbers.iter().map(|a| cast::<T, f64>(a.abs())).fold(self.0, f64::max);
        }
    }
    struct Parts {
        of: f64,
        squares: f64,
    }
    impl Visitor for Parts {
        fn tensor<T: Real>(&mut self, numbers: &[T]) {
            self.squares += numbers.iter().map(|&a| cast::<T, f64>(a) / self.of).map(|a| a * a).sum::<f64>();
        }
    }

    let squares = gradient.squared_norm();
    // Between these limits no square that matters was lost. NaN is not hidden.
    if (1e-200..=f64::MAX).contains(&squares) || squares.is_nan() {
        return num_traits::Float::sqrt(squares);
    }
    let mut largest = Largest(0.0);
    gradient.visit(&mut largest);
    if largest.0 == 0.0 || largest.0 == f64::INFINITY {
        return largest.0;
    }
    let mut parts = Parts { of: largest.0, squares: 0.0 };
    gradient.visit(&mut parts);
    largest.0 * num_traits::Float::sqrt(parts.squares)
}

/// Limits each element of a gradient to ± `limit`; NaN stays NaN. PyTorch: `nn.utils.clip_grad_value_`.
///
/// g = min(max(g, −limit), limit)
///
/// ```
/// use constconv::optim::clip_grad_value;
/// use constconv::prelude::*;
///
/// let mut gradient = Linear::<f32, 2, 1>::new(Matrix::new([[-3.0, 0.25]]), Vector::full(4.0));
/// clip_grad_value(&mut gradient, 0.5);
/// assert_eq!(gradient, Linear::new(Matrix::new([[-0.5, 0.25]]), Vector::full(0.5)));
/// ```
///
/// # Panics
/// If the limit is negative or NaN.
pub fn clip_grad_value(gradient: &mut impl Parameters, limit: f64) {
    struct Clip(f64);
    impl VisitorMut for Clip {
        fn tensor<T: Real>(&mut self, numbers: &mut [T]) {
            let limit = cast::<f64, T>(self.0);
            numbers.iter_mut().for_each(|a| *a = clamp(*a, -limit, limit));
        }
    }
    assert!(limit >= 0.0, "a limit must be at least 0");
    gradient.visit_mut(&mut Clip(limit));
}
