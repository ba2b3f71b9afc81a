//! Softmax of rows, and its logarithm.
//!
//! The largest number of each row is subtracted first, so that nothing overflows.

use super::math::exp;
use crate::Real;

/// The largest number of a row; a NaN is passed over, and comes back with every difference to it.
fn largest<T: Real>(row: &[T]) -> T {
    row.iter().fold(T::neg_infinity(), |a, &b| if b > a { b } else { a })
}

/// Overwrites y with exp(x − largest); returns the largest and the sum of y.
fn exponentials<T: Real>(x: &[T], y: &mut [T]) -> (T, T) {
    let largest = largest(x);
    for (y, &x) in y.iter_mut().zip(x) {
        *y = exp(x - largest);
    }
    (largest, y.iter().fold(T::ZERO, |sum, &y| sum + y))
}

/// y = exp x / Σ exp x over each row of `columns` numbers.
pub fn softmax<T: Real>(columns: usize, x: &[T], y: &mut [T]) {
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(columns)) {
        let (_, sum) = exponentials(x, y);
        y.iter_mut().for_each(|y| *y /= sum);
    }
}

/// dx = y · (dy − Σ dy · y)
pub fn softmax_backward<T: Real>(columns: usize, y: &[T], dy: &[T], dx: &mut [T]) {
    let rows = y.chunks_exact(columns).zip(dy.chunks_exact(columns));
    for ((y, dy), dx) in rows.zip(dx.chunks_exact_mut(columns)) {
        let mean = y.iter().zip(dy).fold(T::ZERO, |sum, (&y, &dy)| sum + dy * y);
        for ((dx, &y), &dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx = y * (dy - mean);
        }
    }
}

/// y = x − ln Σ exp x over each row of `columns` numbers.
pub fn log_softmax<T: Real>(columns: usize, x: &[T], y: &mut [T]) {
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(columns)) {
        let (largest, sum) = exponentials(x, y);
        let logarithm = sum.ln();
        for (y, &x) in y.iter_mut().zip(x) {
            *y = (x - largest) - logarithm;
        }
    }
}

/// dx = dy − exp y · Σ dy
pub fn log_softmax_backward<T: Real>(columns: usize, y: &[T], dy: &[T], dx: &mut [T]) {
    let rows = y.chunks_exact(columns).zip(dy.chunks_exact(columns));
    for ((y, dy), dx) in rows.zip(dx.chunks_exact_mut(columns)) {
        let sum = dy.iter().fold(T::ZERO, |sum, &dy| sum + dy);
        for ((dx, &y), &dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx = dy - exp(y) * sum;
        }
    }
}
