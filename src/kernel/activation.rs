//! Element-wise functions, each with its derivative beside it.

use crate::Scalar;

/// y = max(x, 0); NaN stays NaN.
pub fn relu<T: Scalar>(x: &[T], y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = if x < T::ZERO { T::ZERO } else { x };
    }
}

/// dx = dy where y is not ≤ 0, else 0.
pub fn relu_backward<T: Scalar>(y: &[T], dy: &[T], dx: &mut [T]) {
    for ((dx, &dy), &y) in dx.iter_mut().zip(dy).zip(y) {
        *dx = if y <= T::ZERO { T::ZERO } else { dy };
    }
}
