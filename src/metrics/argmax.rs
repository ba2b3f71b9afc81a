//! The class that a classifier takes a sample for.

use crate::tensor::{Matrix, Scalar};

/// The column of the largest element of each row, the first of several; NaN counts as the largest. PyTorch: `argmax(dim=1)`.
///
/// ```
/// use constconv::metrics::argmax;
/// use constconv::prelude::*;
/// assert_eq!(argmax(&Matrix::new([[1, 3, 3], [7, 5, 6]])), [1, 0]);
/// assert_eq!(argmax(&Matrix::new([[1.0, f32::NAN, f32::INFINITY]])), [1]);
/// ```
#[must_use]
pub fn argmax<T: Scalar, const N: usize, const K: usize>(y: &Matrix<T, N, K>) -> [usize; N] {
    const { assert!(K > 0, "a row without elements has no largest one") };
    y.as_array().each_ref().map(largest)
}

/// How many rows are largest in the column of their label: correct predictions. Divided by N, the accuracy.
///
/// ```
/// use constconv::metrics::correct;
/// use constconv::prelude::*;
/// let y = Matrix::new([[0.1, 0.9], [2.0, 1.0], [-3.0, -2.0]]);
/// assert_eq!(correct(&y, &[1, 0, 0]), 2);
/// ```
#[must_use]
pub fn correct<T: Scalar, const N: usize, const K: usize>(y: &Matrix<T, N, K>, labels: &[usize; N]) -> usize {
    argmax(y).iter().zip(labels).filter(|(class, label)| class == label).count()
}

fn largest<T: Scalar, const K: usize>(row: &[T; K]) -> usize {
    let mut largest = 0;
    for (column, &element) in row.iter().enumerate() {
        let best = row[largest];
        if is_number(best) && (element > best || !is_number(element)) {
            largest = column;
        }
    }
    largest
}

/// NaN alone is not equal to itself.
#[allow(clippy::eq_op)]
fn is_number<T: Scalar>(a: T) -> bool {
    a == a
}
