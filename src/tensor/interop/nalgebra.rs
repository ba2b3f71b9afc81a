//! Matrices and vectors as those of `nalgebra`, which are in the order of columns: the elements are moved.

use nalgebra::{SMatrix, SVector};

use crate::tensor::{Matrix, Scalar, Vector};

impl<T: Scalar, const R: usize, const C: usize> From<&Matrix<T, R, C>> for SMatrix<T, R, C> {
    fn from(matrix: &Matrix<T, R, C>) -> Self {
        Self::from_row_slice(matrix.as_slice())
    }
}

impl<T: Scalar, const R: usize, const C: usize> From<&SMatrix<T, R, C>> for Matrix<T, R, C> {
    fn from(matrix: &SMatrix<T, R, C>) -> Self {
        Self::from_fn(|[row, column]| matrix[(row, column)])
    }
}

impl<T: Scalar, const N: usize> From<&Vector<T, N>> for SVector<T, N> {
    fn from(vector: &Vector<T, N>) -> Self {
        Self::from_column_slice(vector.as_slice())
    }
}

impl<T: Scalar, const N: usize> From<&SVector<T, N>> for Vector<T, N> {
    fn from(vector: &SVector<T, N>) -> Self {
        Self::from_fn(|[i]| vector[i])
    }
}
