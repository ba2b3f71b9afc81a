//! Hyperparameters, and the conditions on them.

use crate::io::Plain;
use crate::tensor::Real;

/// The type of a hyperparameter: `f32` or `f64`, whatever the model is made of. Sealed.
///
/// Values are checked where they are given, so that a wrong one in a `const` is a compile error:
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // the learning rate must be finite and at least 0
/// const SGD: Sgd = Sgd::new(-0.1);
/// ```
///
/// A field that is set afterwards is not checked.
///
/// ```
/// use constconv::optim::Hyperparameter;
/// use constconv::prelude::*;
/// const fn sgd<S: Hyperparameter>(rate: S) -> Sgd<S> {
///     Sgd::new(rate)
/// }
/// const SINGLE: Sgd<f32> = sgd(0.5);
/// const DOUBLE: Sgd<f64> = sgd(0.5);
/// assert_eq!(f64::from(SINGLE.learning_rate), DOUBLE.learning_rate);
/// ```
pub trait Hyperparameter: Real + Plain {}

impl<S: Real + Plain> Hyperparameter for S {}

/// The value as an `f64`, for comparisons and arithmetic in a `const`.
pub(crate) const fn to_f64<S: Hyperparameter>(a: S) -> f64 {
    match *crate::io::bytes_of(core::slice::from_ref(&a)) {
        [a, b, c, d] => f32::from_ne_bytes([a, b, c, d]) as f64,
        [a, b, c, d, e, f, g, h] => f64::from_ne_bytes([a, b, c, d, e, f, g, h]),
        _ => f64::NAN,
    }
}

/// A default value as an `S`.
pub(super) const fn from_f64<S: Hyperparameter>(a: f64) -> S {
    let mut number = [S::ZERO];
    match size_of::<S>() {
        4 => crate::io::copy_from_le(&mut number, &(a as f32).to_le_bytes()),
        _ => crate::io::copy_from_le(&mut number, &a.to_le_bytes()),
    }
    number[0]
}

/// Whether it is finite and at least 0; NaN is not.
pub(crate) const fn is_finite_and_not_negative(a: f64) -> bool {
    a >= 0.0 && a < f64::INFINITY
}

/// Whether it is at least 0 and less than 1; NaN is not.
pub(super) const fn is_kept_part(a: f64) -> bool {
    a >= 0.0 && a < 1.0
}

/// The checks of one kind of value, each with its sentence.
macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident: $condition:ident, $sentence:literal;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub(super) const fn $name<S: Hyperparameter>(a: S) -> S {
            assert!($condition(to_f64(a)), $sentence);
            a
        }
    )* };
}

checks! {
    /// A learning rate.
    rate: is_finite_and_not_negative, "the learning rate must be finite and at least 0";
    /// A weight decay.
    decay: is_finite_and_not_negative, "the weight decay must be finite and at least 0";
    /// What is added to a root.
    eps: is_finite_and_not_negative, "eps must be finite and at least 0";
    /// A momentum.
    momentum: is_kept_part, "the momentum must be at least 0 and less than 1";
    /// The decay rate of RMSprop's means.
    alpha: is_kept_part, "alpha must be at least 0 and less than 1";
    /// A decay rate of Adam's means.
    beta: is_kept_part, "betas must be at least 0 and less than 1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_to_f64_and_back() {
        for a in [0.0, -1.5, 1e-8, f64::INFINITY] {
            assert_eq!(to_f64(a), a);
            assert_eq!(from_f64::<f64>(a), a);
            assert_eq!(from_f64::<f32>(a), a as f32);
            assert_eq!(to_f64(a as f32), f64::from(a as f32));
        }
        assert!(to_f64(f32::NAN).is_nan());
    }
}
