//! Dropout.

use crate::kernel;
use crate::tensor::{Array, Real};

/// [`dropout()`] for layers, where x lies: each pass has a mask of its own.
pub(crate) fn dropout_of_pass<T: Real>(p: f64, key: u64, pass: u64, y: &mut [T]) {
    kernel::dropout_in_place(p, kernel::dropout_key(key, pass), y);
}

/// [`Dropout`](crate::layer::Dropout) in training as a function, by value; the mask is computed from `key`, the same one from the same key.
/// PyTorch: `functional.dropout`.
///
/// ```
/// use constconv::functional::{dropout, dropout_backward};
/// use constconv::prelude::*;
///
/// let x = Vector::<f32, 100>::full(3.0);
/// let y = dropout(&x, 0.25, 1);
/// assert!(y.iter().all(|y| *y == 0.0 || *y == 4.0));
/// assert_eq!(dropout_backward(&x, 0.25, 1), y); // the same mask
/// ```
///
/// # Panics
/// If `p` does not lie between 0 and 1.
#[must_use]
pub fn dropout<X: Array<Scalar: Real>>(x: &X, p: f64, key: u64) -> X {
    let mut y = X::ZERO;
    dropout_into(x, p, key, &mut y);
    y
}

/// As [`dropout()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::{dropout, dropout_into};
/// let x = Vector::<f32, 100>::full(3.0);
/// let mut y = Vector::zeros();
/// dropout_into(&x, 0.5, 1, &mut y);
/// assert_eq!(y, dropout(&x, 0.5, 1));
/// ```
///
/// # Panics
/// If `p` does not lie between 0 and 1.
pub fn dropout_into<X: Array<Scalar: Real>>(x: &X, p: f64, key: u64, y: &mut X) {
    kernel::dropout(p, kernel::dropout_key(key, 0), x.as_slice(), y.as_mut_slice());
}

/// dx of [`dropout()`] with the same p and key, by value.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::{dropout, dropout_backward};
/// let y = dropout(&Vector::<f32, 100>::full(1.0), 0.5, 7);
/// let dx = dropout_backward(&Vector::full(10.0), 0.5, 7);
/// assert_eq!(dx, y.map(|y| 10.0 * y)); // 20 where y is 2, 0 where it is 0
/// ```
///
/// # Panics
/// If `p` does not lie between 0 and 1.
#[must_use]
pub fn dropout_backward<X: Array<Scalar: Real>>(dy: &X, p: f64, key: u64) -> X {
    dropout(dy, p, key)
}

/// As [`dropout_backward`], overwriting `dx`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::{dropout_backward, dropout_backward_into};
/// let dy = Vector::<f32, 100>::full(10.0);
/// let mut dx = Vector::zeros();
/// dropout_backward_into(&dy, 0.5, 7, &mut dx);
/// assert_eq!(dx, dropout_backward(&dy, 0.5, 7));
/// ```
///
/// # Panics
/// If `p` does not lie between 0 and 1.
pub fn dropout_backward_into<X: Array<Scalar: Real>>(dy: &X, p: f64, key: u64, dx: &mut X) {
    dropout_into(dy, p, key, dx);
}
