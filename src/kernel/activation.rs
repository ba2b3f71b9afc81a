//! Element-wise functions, each with its derivative beside it.
//!
//! Derivatives are computed from x, or from y where y tells as much. Kinks follow PyTorch. Where a derivative is 0 or 1 on one side of a kink, dx is selected, not multiplied: an infinite dy gives no
//! NaN.

use super::check::check_lengths;
use super::math::{self, exp, exp_m1, ln_1p, normal, number};
use super::portable::stay_rolled;
use crate::tensor::{Real, Scalar};

/// y = max(x, 0); NaN stays NaN.
///
/// ```
/// use constconv::kernel::relu;
/// let mut y = [0; 3];
/// relu(&[-2, 0, 3], &mut y);
/// assert_eq!(y, [0, 0, 3]);
/// ```
pub fn relu<T: Scalar>(x: &[T], y: &mut [T]) {
    check_lengths!(x.len(); y);
    for (y, &x) in y.iter_mut().zip(x) {
        *y = if x < T::ZERO { T::ZERO } else { x };
    }
}

/// dx = dy where y is not ≤ 0, else 0.
///
/// ```
/// use constconv::kernel::relu_backward;
/// let mut dx = [0; 3];
/// relu_backward(&[0, 0, 3], &[5, 6, 7], &mut dx);
/// assert_eq!(dx, [0, 0, 7]);
/// ```
pub fn relu_backward<T: Scalar>(y: &[T], dy: &[T], dx: &mut [T]) {
    check_lengths!(y.len(); dy dx);
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
        $backward:ident($at:ident $(, $backward_parameter:ident)?; $dy:ident) = $dx:expr;
    )*) => { $(
        $(#[$doc])*
        pub fn $name<T: Real>(x: &[T], $($parameter: T,)? y: &mut [T]) {
            check_lengths!(x.len(); y);
            for (y, &$x) in y.iter_mut().zip(x) {
                *y = $y;
            }
        }

        $(#[$backward_doc])*
        pub fn $backward<T: Real>($at: &[T], $($backward_parameter: T,)? dy: &[T], dx: &mut [T]) {
            check_lengths!($at.len(); dy dx);
            for ((dx, &$dy), &$at) in dx.iter_mut().zip(dy).zip($at) {
                *dx = $dx;
            }
        }
    )*

    /// The same functions where their input lies: y = f(y), dy = dy · f′. They give the same bits.
    pub(crate) mod in_place {
        use super::*;

        /// See [`super::relu`]. Out of line, once for all shapes.
        #[inline(never)]
        pub(crate) fn relu<T: Scalar>(y: &mut [T]) {
            let (runs, rest) = y.as_chunks_mut::<4>();
            for [a, b, c, d] in runs {
                stay_rolled();
                for y in [a, b, c, d] {
                    *y = if *y < T::ZERO { T::ZERO } else { *y };
                }
            }
            for y in rest {
                stay_rolled();
                *y = if *y < T::ZERO { T::ZERO } else { *y };
            }
        }

        /// See [`super::relu_backward`].
        #[inline(never)]
        pub(crate) fn relu_backward<T: Scalar>(y: &[T], dy: &mut [T]) {
            debug_assert_eq!(y.len(), dy.len());
            for (dy, &y) in dy.iter_mut().zip(y) {
                stay_rolled();
                *dy = if y <= T::ZERO { T::ZERO } else { *dy };
            }
        }

        $(
            pub(crate) fn $name<T: Real>($($parameter: T,)? y: &mut [T]) {
                for y in y {
                    let $x = *y;
                    *y = $y;
                }
            }

            pub(crate) fn $backward<T: Real>($at: &[T], $($backward_parameter: T,)? dy: &mut [T]) {
                check_lengths!($at.len(); dy);
                for (dy, &$at) in dy.iter_mut().zip($at) {
                    let $dy = *dy;
                    *dy = $dx;
                }
            }
        )*
    } };
}

element_wise! {
    /// y = min(max(x, 0), 6); NaN stays NaN.
    ///
    /// ```
    /// use constconv::kernel::relu6;
    /// let mut y = [0.0; 3];
    /// relu6(&[-1.0, 2.0, 9.0], &mut y);
    /// assert_eq!(y, [0.0, 2.0, 6.0]);
    /// ```
    relu6(x) = clamp(x, 0.0, 6.0);
    /// dx = dy where 0 < y < 6, else 0.
    ///
    /// ```
    /// use constconv::kernel::relu6_backward;
    /// let mut dx = [0.0; 3];
    /// relu6_backward(&[0.0, 2.0, 6.0], &[1.0, 1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.0, 1.0, 0.0]);
    /// ```
    relu6_backward(y; dy) = choose(y <= T::ZERO || y >= number(6.0), T::ZERO, dy);

    /// y = x where x > 0, else negative_slope · x.
    ///
    /// ```
    /// use constconv::kernel::leaky_relu;
    /// let mut y = [0.0; 2];
    /// leaky_relu(&[-4.0, 2.0], 0.5, &mut y);
    /// assert_eq!(y, [-2.0, 2.0]);
    /// ```
    leaky_relu(x, negative_slope) = choose(x > T::ZERO, x, negative_slope * x);
    /// dx = dy where x > 0, else negative_slope · dy.
    ///
    /// ```
    /// use constconv::kernel::leaky_relu_backward;
    /// let mut dx = [0.0; 2];
    /// leaky_relu_backward(&[-4.0, 2.0], 0.5, &[1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.5, 1.0]);
    /// ```
    leaky_relu_backward(x, negative_slope; dy) = choose(x > T::ZERO, dy, negative_slope * dy);

    /// y = x where x > 0, else alpha · (exp x − 1).
    ///
    /// ```
    /// use constconv::kernel::elu;
    /// let mut y = [0.0; 3];
    /// elu(&[f64::NEG_INFINITY, 0.0, 3.0], 2.0, &mut y);
    /// assert_eq!(y, [-2.0, 0.0, 3.0]);
    /// ```
    elu(x, alpha) = choose(x > T::ZERO, x, alpha * exp_m1(x));
    /// dx = dy where x > 0, else dy · alpha · exp x.
    ///
    /// ```
    /// use constconv::kernel::elu_backward;
    /// let mut dx = [0.0; 3];
    /// elu_backward(&[f64::NEG_INFINITY, 0.0, 3.0], 2.0, &[1.0, 1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.0, 2.0, 1.0]);
    /// ```
    elu_backward(x, alpha; dy) = choose(x > T::ZERO, dy, dy * (alpha * exp(x)));

    /// y = 1 / (1 + exp −x)
    ///
    /// ```
    /// use constconv::kernel::sigmoid;
    /// let mut y = [0.0; 2];
    /// sigmoid(&[0.0, f64::INFINITY], &mut y);
    /// assert_eq!(y, [0.5, 1.0]);
    /// ```
    sigmoid(x) = math::sigmoid(x);
    /// dx = dy · σ(x) · σ(−x)
    ///
    /// Takes x, as 1 − y has lost its digits where y is close to 1.
    ///
    /// ```
    /// use constconv::kernel::sigmoid_backward;
    /// let mut dx = [0.0; 2];
    /// sigmoid_backward(&[0.0, 40.0], &[4.0, 1.0], &mut dx);
    /// assert!(dx[0] == 1.0 && (dx[1] / (-40.0_f64).exp() - 1.0).abs() < 1e-15);
    /// ```
    sigmoid_backward(x; dy) = dy * sigmoid_slope(x);

    /// y = tanh x
    ///
    /// ```
    /// use constconv::kernel::tanh;
    /// let mut y = [0.0; 2];
    /// tanh(&[0.0, f64::INFINITY], &mut y);
    /// assert_eq!(y, [0.0, 1.0]);
    /// ```
    tanh(x) = math::tanh(x);
    /// dx = dy · (1 − y²) = dy / cosh² x
    ///
    /// Takes x, as 1 − y² has lost its digits where y is close to ±1.
    ///
    /// ```
    /// use constconv::kernel::tanh_backward;
    /// let mut dx = [0.0; 2];
    /// tanh_backward(&[0.0, 1.0], &[1.0, 1.0], &mut dx);
    /// assert!(dx[0] == 1.0 && (dx[1] - 1.0_f64.cosh().powi(-2)).abs() < 1e-15);
    /// ```
    tanh_backward(x; dy) = dy * tanh_slope(x);

    /// y = x · σ(x)
    ///
    /// ```
    /// use constconv::kernel::silu;
    /// let mut y = [0.0; 3];
    /// silu(&[-1000.0, 0.0, 1000.0], &mut y);
    /// assert_eq!(y, [0.0, 0.0, 1000.0]);
    /// ```
    silu(x) = at_least(x, -1000.0) * math::sigmoid(x);
    /// dx = dy · σ(x) · (1 + x · σ(−x))
    ///
    /// ```
    /// use constconv::kernel::silu_backward;
    /// let mut dx = [0.0; 3];
    /// silu_backward(&[-1000.0, 0.0, 1000.0], &[1.0, 1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.0, 0.5, 1.0]);
    /// ```
    silu_backward(x; dy) = dy * silu_slope(clamp(x, -1000.0, 1000.0));

    /// y = min(max(x + 3, 0), 6) / 6
    ///
    /// ```
    /// use constconv::kernel::hardsigmoid;
    /// let mut y = [0.0; 3];
    /// hardsigmoid(&[-3.0, 0.0, 3.0], &mut y);
    /// assert_eq!(y, [0.0, 0.5, 1.0]);
    /// ```
    hardsigmoid(x) = clamp(x + number(3.0), 0.0, 6.0) / number(6.0);
    /// dx = dy / 6 where −3 < x < 3, else 0.
    ///
    /// Takes x, as y is already 1 just below 3.
    ///
    /// ```
    /// use constconv::kernel::hardsigmoid_backward;
    /// let mut dx = [0.0; 3];
    /// hardsigmoid_backward(&[-3.0, 0.0, 3.0], &[6.0, 6.0, 6.0], &mut dx);
    /// assert_eq!(dx, [0.0, 1.0, 0.0]);
    /// ```
    hardsigmoid_backward(x; dy) = choose(x > number(-3.0) && x < number(3.0), dy * number(1.0 / 6.0), T::ZERO);

    /// y = x · min(max(x + 3, 0), 6) / 6
    ///
    /// ```
    /// use constconv::kernel::hardswish;
    /// let mut y = [0.0; 3];
    /// hardswish(&[-4.0, -1.5, 4.0], &mut y);
    /// assert_eq!(y, [0.0, -0.375, 4.0]);
    /// ```
    hardswish(x) = at_least(x, -3.0) * (clamp(x + number(3.0), 0.0, 6.0) / number(6.0));
    /// dx = 0 where x ≤ −3, dy where x ≥ 3, else dy · (x/3 + 1/2).
    ///
    /// ```
    /// use constconv::kernel::hardswish_backward;
    /// let mut dx = [0.0; 3];
    /// hardswish_backward(&[-4.0, 0.0, 4.0], &[1.0, 1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.0, 0.5, 1.0]);
    /// ```
    hardswish_backward(x; dy) =
        choose(x <= number(-3.0), T::ZERO, choose(x >= number(3.0), dy, dy * (x / number(3.0) + number(0.5))));

    /// y = x · Φ(x)
    ///
    /// ```
    /// use constconv::kernel::gelu;
    /// let mut y = [0.0; 3];
    /// gelu(&[0.0, 1.0, 50.0], &mut y);
    /// assert!(y[0] == 0.0 && (y[1] - 0.8413_f64).abs() < 1e-4 && y[2] == 50.0);
    /// ```
    gelu(x) = at_least(x, -40.0) * normal(x).0;
    /// dx = dy · (Φ(x) + x · φ(x))
    ///
    /// ```
    /// use constconv::kernel::gelu_backward;
    /// let mut dx = [0.0; 2];
    /// gelu_backward(&[-50.0, 50.0], &[1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.0, 1.0]);
    /// ```
    gelu_backward(x; dy) = dy * gelu_slope(clamp(x, -40.0, 40.0));

    /// y = x · (1 + tanh u)/2 with u = √(2/π) · (x + 0.044715 · x³)
    ///
    /// ```
    /// use constconv::kernel::gelu_tanh;
    /// let mut y = [0.0; 3];
    /// gelu_tanh(&[0.0, 1.0, 50.0], &mut y);
    /// assert!(y[0] == 0.0 && (y[1] - 0.8412_f64).abs() < 1e-4 && y[2] == 50.0);
    /// ```
    gelu_tanh(x) = at_least(x, -1000.0) * math::sigmoid(gelu_tanh_argument(clamp(x, -1000.0, 1000.0)).0);
    /// dx = dy · (s + x · s · (1 − s) · 2u′) with s = (1 + tanh u)/2
    ///
    /// ```
    /// use constconv::kernel::gelu_tanh_backward;
    /// let mut dx = [0.0; 3];
    /// gelu_tanh_backward(&[-50.0, 0.0, 50.0], &[1.0, 1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.0, 0.5, 1.0]);
    /// ```
    gelu_tanh_backward(x; dy) = dy * gelu_tanh_slope(clamp(x, -1000.0, 1000.0));

    /// y = ln(1 + exp x), and x where x > 20.
    ///
    /// ```
    /// use constconv::kernel::softplus;
    /// let mut y = [0.0; 2];
    /// softplus(&[0.0, 30.0], &mut y);
    /// assert!((y[0] - 2.0_f64.ln()).abs() < 1e-15 && y[1] == 30.0);
    /// ```
    softplus(x) = choose(x > number(20.0), x, clamp(x, 0.0, 20.0) + ln_1p(exp(-x.abs())));
    /// dx = dy · σ(x), and dy where x > 20.
    ///
    /// ```
    /// use constconv::kernel::softplus_backward;
    /// let mut dx = [0.0; 2];
    /// softplus_backward(&[0.0, 30.0], &[1.0, 1.0], &mut dx);
    /// assert_eq!(dx, [0.5, 1.0]);
    /// ```
    softplus_backward(x; dy) = choose(x > number(20.0), dy, dy * math::sigmoid(x));
}

/// One of two values, both computed: a loop over this has no branch.
#[inline(always)]
fn choose<T>(condition: bool, yes: T, no: T) -> T {
    if condition { yes } else { no }
}

/// x within limits; NaN stays NaN. For use before a slope: the limits are far beyond the point where it is constant,
/// and keep ∞ out of a product with 0.
#[inline(always)]
fn clamp<T: Real>(x: T, low: f64, high: f64) -> T {
    math::clamp(x, number(low), number(high))
}

/// x with a lower limit; NaN stays NaN. The factor beside it is 0 at the limit, so that −∞ gives 0.
#[inline(always)]
fn at_least<T: Real>(x: T, low: f64) -> T {
    num_traits::clamp_min(x, number(low))
}

/// e / (1 + e)² with e = exp(−|x|).
#[inline(always)]
fn sigmoid_slope<T: Real>(x: T) -> T {
    let e = exp(-x.abs());
    let part = T::ONE / (T::ONE + e);
    e * part * part
}

#[inline(always)]
fn silu_slope<T: Real>(x: T) -> T {
    math::sigmoid(x) * (T::ONE + x * math::sigmoid(-x))
}

/// 4e / (1 + e)² with e = exp(−2 · |x|).
#[inline(always)]
fn tanh_slope<T: Real>(x: T) -> T {
    let e = exp(-(x.abs() + x.abs()));
    let part = number::<T>(2.0) / (T::ONE + e);
    e * part * part
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
