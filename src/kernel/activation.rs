//! Element-wise functions, each with its derivative beside it.
//!
//! Derivatives are taken from x, or from y where that is shorter. Kinks follow PyTorch.

use super::math::{self, exp, exp_m1, ln_1p, normal, number};
use crate::{Real, Scalar};

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

/// A function and its derivative, each as a loop over slices.
macro_rules! element_wise {
    ($(
        $(#[$doc:meta])*
        $name:ident($x:ident $(, $parameter:ident)?) = $y:expr;
        $(#[$backward_doc:meta])*
        $backward:ident($at:ident $(, $backward_parameter:ident)?) = dy * $slope:expr;
    )*) => { $(
        $(#[$doc])*
        pub fn $name<T: Real>(x: &[T], $($parameter: T,)? y: &mut [T]) {
            for (y, &$x) in y.iter_mut().zip(x) {
                *y = $y;
            }
        }

        $(#[$backward_doc])*
        pub fn $backward<T: Real>($at: &[T], $($backward_parameter: T,)? dy: &[T], dx: &mut [T]) {
            for ((dx, &dy), &$at) in dx.iter_mut().zip(dy).zip($at) {
                *dx = dy * $slope;
            }
        }
    )* };
}

element_wise! {
    /// y = min(max(x, 0), 6); NaN stays NaN.
    relu6(x) = clamp(x, 0.0, 6.0);
    /// dx = dy where 0 < y < 6, else 0.
    relu6_backward(y) = dy * choose(y <= T::ZERO || y >= number(6.0), T::ZERO, T::ONE);

    /// y = x where x > 0, else negative_slope · x.
    leaky_relu(x, negative_slope) = choose(x > T::ZERO, x, negative_slope * x);
    /// dx = dy where x > 0, else negative_slope · dy.
    leaky_relu_backward(x, negative_slope) = dy * choose(x > T::ZERO, T::ONE, negative_slope);

    /// y = x where x > 0, else alpha · (exp x − 1).
    elu(x, alpha) = choose(x > T::ZERO, x, alpha * exp_m1(x));
    /// dx = dy where x > 0, else dy · alpha · exp x.
    elu_backward(x, alpha) = dy * choose(x > T::ZERO, T::ONE, alpha * exp(x));

    /// y = 1 / (1 + exp −x)
    sigmoid(x) = math::sigmoid(x);
    /// dx = dy · y · (1 − y)
    sigmoid_backward(y) = dy * (y * (T::ONE - y));

    /// y = tanh x
    tanh(x) = math::tanh(x);
    /// dx = dy · (1 − y²)
    tanh_backward(y) = dy * ((T::ONE - y) * (T::ONE + y));

    /// y = x · σ(x)
    silu(x) = at_least(x, -1000.0) * math::sigmoid(x);
    /// dx = dy · σ(x) · (1 + x · σ(−x))
    silu_backward(x) = dy * silu_slope(clamp(x, -1000.0, 1000.0));

    /// y = min(max(x + 3, 0), 6) / 6
    hardsigmoid(x) = clamp(x + number(3.0), 0.0, 6.0) / number(6.0);
    /// dx = dy / 6 where 0 < y < 1, else 0.
    hardsigmoid_backward(y) = dy * choose(y <= T::ZERO || y >= T::ONE, T::ZERO, number(1.0 / 6.0));

    /// y = x · min(max(x + 3, 0), 6) / 6
    hardswish(x) = at_least(x, -3.0) * clamp(x + number(3.0), 0.0, 6.0) / number(6.0);
    /// dx = 0 where x ≤ −3, dy where x ≥ 3, else dy · (x/3 + 1/2).
    hardswish_backward(x) = dy * hardswish_slope(x);

    /// y = x · Φ(x)
    gelu(x) = at_least(x, -40.0) * normal(x).0;
    /// dx = dy · (Φ(x) + x · φ(x))
    gelu_backward(x) = dy * gelu_slope(clamp(x, -40.0, 40.0));

    /// y = x · (1 + tanh u)/2 with u = √(2/π) · (x + 0.044715 · x³)
    gelu_tanh(x) = at_least(x, -1000.0) * math::sigmoid(gelu_tanh_argument(clamp(x, -1000.0, 1000.0)).0);
    /// dx = dy · (s + x · s · (1 − s) · 2u′) with s = (1 + tanh u)/2
    gelu_tanh_backward(x) = dy * gelu_tanh_slope(clamp(x, -1000.0, 1000.0));

    /// y = ln(1 + exp x), and x where x > 20.
    softplus(x) = choose(x > number(20.0), x, clamp(x, 0.0, 20.0) + ln_1p(exp(-x.abs())));
    /// dx = dy · σ(x), and dy where x > 20.
    softplus_backward(x) = dy * choose(x > number(20.0), T::ONE, math::sigmoid(x));
}

/// One of two values, both computed: a loop over this has no branch.
#[inline(always)]
fn choose<T>(condition: bool, yes: T, no: T) -> T {
    if condition { yes } else { no }
}

/// x within limits; NaN stays NaN. In front of a slope: the limits are far behind the point where it is constant, and
/// keep ∞ out of a product with 0.
#[inline(always)]
fn clamp<T: Real>(x: T, low: f64, high: f64) -> T {
    math::clamp(x, number(low), number(high))
}

/// x with a lower limit; NaN stays NaN. The factor beside it is 0 at the limit, so that −∞ gives 0.
#[inline(always)]
fn at_least<T: Real>(x: T, low: f64) -> T {
    num_traits::clamp_min(x, number(low))
}

#[inline(always)]
fn silu_slope<T: Real>(x: T) -> T {
    math::sigmoid(x) * (T::ONE + x * math::sigmoid(-x))
}

#[inline(always)]
fn hardswish_slope<T: Real>(x: T) -> T {
    let slope = x / number(3.0) + number(0.5);
    choose(x <= number(-3.0), T::ZERO, choose(x >= number(3.0), T::ONE, slope))
}

#[inline(always)]
fn gelu_slope<T: Real>(x: T) -> T {
    let (cdf, pdf) = normal(x);
    cdf + x * pdf
}

/// 2u and 2u′: (1 + tanh u)/2 is σ(2u).
#[inline(always)]
fn gelu_tanh_argument<T: Real>(x: T) -> (T, T) {
    let (a, b) = (number::<T>(2.0 * 0.797_884_560_802_865_4), number::<T>(0.044_715));
    (a * (x + b * x * x * x), a * (T::ONE + number::<T>(3.0) * b * x * x))
}

#[inline(always)]
fn gelu_tanh_slope<T: Real>(x: T) -> T {
    let (argument, slope) = gelu_tanh_argument(x);
    let s = math::sigmoid(argument);
    s + x * s * math::sigmoid(-argument) * slope
}
