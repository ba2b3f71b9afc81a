//! Limits on gradients.

use crate::Real;
use crate::kernel::math::clamp;
use crate::module::{Parameters, VisitorMut, cast};

/// Scales a gradient so that the norm of all its numbers is at most `limit`; returns the norm that it had. PyTorch:
/// `nn.utils.clip_grad_norm_`.
///
/// g = g · min(1, limit / (‖g‖ + 1e-6)), ‖g‖ = √Σ g² over all tensors
///
/// A norm that is NaN or ∞ makes NaN of what it scales, as in PyTorch; the caller sees it in the result.
///
/// ```
/// use constconv::optim::clip_grad_norm;
/// use constconv::prelude::*;
///
/// let mut gradient = Linear::<f64, 2, 1>::new(Matrix::new([[3.0, 4.0]]), Vector::zeros());
/// assert_eq!(clip_grad_norm(&mut gradient, 1.0), 5.0);
/// assert!((gradient.squared_norm() - 1.0).abs() < 1e-6);
/// ```
pub fn clip_grad_norm(gradient: &mut impl Parameters, limit: f64) -> f64 {
    let norm = num_traits::Float::sqrt(gradient.squared_norm());
    let factor = limit / (norm + 1e-6);
    if factor < 1.0 || factor.is_nan() {
        gradient.scale(factor);
    }
    norm
}

/// Limits each number of a gradient to ± `limit`; NaN stays NaN. PyTorch: `nn.utils.clip_grad_value_`.
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
pub fn clip_grad_value(gradient: &mut impl Parameters, limit: f64) {
    struct Clip(f64);
    impl VisitorMut for Clip {
        fn tensor<T: Real>(&mut self, numbers: &mut [T]) {
            let limit = cast::<f64, T>(self.0);
            numbers.iter_mut().for_each(|a| *a = clamp(*a, -limit, limit));
        }
    }
    gradient.visit_mut(&mut Clip(limit));
}
