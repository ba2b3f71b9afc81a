//! Cross entropy of class scores.

use super::Reduction;
use crate::Real;
use crate::tensor::Matrix;

/// Cross entropy of a softmax over K class scores. PyTorch: `functional.cross_entropy`.
///
/// loss = scale · Σₙ (log Σₖ exp x\[n,k\] − x\[n, label\[n\]\]), dx = scale · (softmax(x) − onehot(label)),
/// scale = 1/N for the mean and 1 for the sum
///
/// Overwrites `dx`. The largest score of each row is subtracted first, so that large scores do not overflow.
///
/// # Panics
/// If a label is not less than K.
///
/// ```
/// use constconv::loss::{Reduction, softmax_cross_entropy};
/// use constconv::prelude::*;
///
/// let scores = Matrix::new([[1000.0_f64, 1000.0], [0.0, 0.0]]);
/// let mut dx = Matrix::zeros();
/// let loss = softmax_cross_entropy(&scores, &[0, 1], Reduction::Mean, &mut dx);
/// assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
/// assert_eq!(dx, Matrix::new([[-0.25, 0.25], [0.25, -0.25]]));
/// ```
pub fn softmax_cross_entropy<T: Real, const N: usize, const K: usize>(
    x: &Matrix<T, N, K>,
    labels: &[usize; N],
    reduction: Reduction,
    dx: &mut Matrix<T, N, K>,
) -> T {
    let scale: T = reduction.scale(N);
    let mut loss = T::ZERO;
    let rows = x.as_slice().chunks_exact(K).zip(dx.as_mut_slice().chunks_exact_mut(K));
    for ((x, dx), &label) in rows.zip(labels) {
        assert!(label < K, "label {label} is not one of {K} classes");
        let largest = x.iter().copied().fold(T::neg_infinity(), T::max);
        let mut sum = T::ZERO;
        for (dx, &x) in dx.iter_mut().zip(x) {
            *dx = (x - largest).exp();
            sum += *dx;
        }
        loss += sum.ln() - (x[label] - largest);
        for dx in dx.iter_mut() {
            *dx *= scale / sum;
        }
        dx[label] -= scale;
    }
    loss * scale
}
