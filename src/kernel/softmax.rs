//! Softmax of rows, and its logarithm.
//!
//! The largest element of each row is subtracted first, so that nothing overflows.

use super::check::check_lengths;
use super::math::{exp, ln, sum_of};
use crate::tensor::Real;

/// Panics unless `len` elements make rows of `columns`.
fn check_rows(columns: usize, len: usize) {
    assert!(len.checked_rem(columns) == Some(0), "{len} elements do not make rows of {columns}");
}

/// The largest element of a row. A NaN is skipped; it comes back with its own difference.
fn largest<T: Real>(row: &[T]) -> T {
    row.iter().fold(T::neg_infinity(), |a, &b| if b > a { b } else { a })
}

/// Overwrites y with exp(x − largest); returns the largest and the sum of y.
fn exponentials<T: Real>(x: &[T], y: &mut [T]) -> (T, T) {
    let largest = largest(x);
    for (y, &x) in y.iter_mut().zip(x) {
        *y = exp(x - largest);
    }
    (largest, sum_of([y], |[y]| y))
}

/// y = exp x / Σ exp x over each row of `columns` elements.
///
/// ```
/// use constconv::kernel::softmax;
/// let mut y = [0.0; 4];
/// softmax(2, &[5.0, 5.0, 0.0, 1000.0], &mut y);
/// assert_eq!(y, [0.5, 0.5, 0.0, 1.0]);
/// ```
pub fn softmax<T: Real>(columns: usize, x: &[T], y: &mut [T]) {
    check_rows(columns, x.len());
    check_lengths!(x.len(); y);
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(columns)) {
        let (_, sum) = exponentials(x, y);
        y.iter_mut().for_each(|y| *y /= sum);
    }
}

/// dx = y · (dy − Σ dy · y)
///
/// ```
/// use constconv::kernel::softmax_backward;
/// let mut dx = [0.0; 2];
/// softmax_backward(2, &[0.5, 0.5], &[8.0, 0.0], &mut dx);
/// assert_eq!(dx, [2.0, -2.0]); // Σ dy · y is 4
/// ```
pub fn softmax_backward<T: Real>(columns: usize, y: &[T], dy: &[T], dx: &mut [T]) {
    check_rows(columns, y.len());
    check_lengths!(y.len(); dy dx);
    let rows = y.chunks_exact(columns).zip(dy.chunks_exact(columns));
    for ((y, dy), dx) in rows.zip(dx.chunks_exact_mut(columns)) {
        let mean = sum_of([y, dy], |[y, dy]| dy * y);
        for ((dx, &y), &dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx = y * (dy - mean);
        }
    }
}

/// y = x − ln Σ exp x over each row of `columns` elements.
///
/// ```
/// use constconv::kernel::log_softmax;
/// let mut y = [0.0; 2];
/// log_softmax(2, &[0.0, 1000.0], &mut y);
/// assert_eq!(y, [-1000.0, 0.0]);
/// ```
pub fn log_softmax<T: Real>(columns: usize, x: &[T], y: &mut [T]) {
    check_rows(columns, x.len());
    check_lengths!(x.len(); y);
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(columns)) {
        let (largest, sum) = exponentials(x, y);
        let logarithm = ln(sum);
        for (y, &x) in y.iter_mut().zip(x) {
            *y = (x - largest) - logarithm;
        }
    }
}

/// dx = dy − exp y · Σ dy
///
/// ```
/// use constconv::kernel::log_softmax_backward;
/// let mut dx = [0.0; 2];
/// // y = ln 0, ln 1
/// log_softmax_backward(2, &[f64::NEG_INFINITY, 0.0], &[1.0, 3.0], &mut dx);
/// assert_eq!(dx, [1.0, -1.0]);
/// ```
pub fn log_softmax_backward<T: Real>(columns: usize, y: &[T], dy: &[T], dx: &mut [T]) {
    check_rows(columns, y.len());
    check_lengths!(y.len(); dy dx);
    let rows = y.chunks_exact(columns).zip(dy.chunks_exact(columns));
    for ((y, dy), dx) in rows.zip(dx.chunks_exact_mut(columns)) {
        let total = sum_of([dy], |[dy]| dy);
        for ((dx, &y), &dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx = dy - exp(y) * total;
        }
    }
}
