//! Products of matrices.

use crate::kernel::{self, LinearGeometry};
use crate::tensor::{Matrix, Scalar};

/// The product of two matrices, by value. PyTorch: `a @ b`.
///
/// y\[m,n\] = Σ a\[m,k\] · b\[k,n\]
///
/// | | shape |
/// |---|---|
/// | a | (M, K) |
/// | b | (K, N) |
/// | y | (M, N) |
///
/// It runs the kernels of [`Linear`](crate::layer::Linear).
///
/// ```
/// use constconv::functional::matmul;
/// use constconv::prelude::*;
///
/// let y = matmul(&Matrix::new([[1, 2, 3]]), &Matrix::new([[1, 0], [0, 1], [2, -2]]));
/// assert_eq!(y, Matrix::new([[7, -4]]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "expected `3`, found `2`"
/// constconv::functional::matmul(&Matrix::<f32, 1, 3>::zeros(), &Matrix::<f32, 2, 2>::zeros());
/// ```
#[must_use]
pub fn matmul<T: Scalar, const M: usize, const K: usize, const N: usize>(
    a: &Matrix<T, M, K>,
    b: &Matrix<T, K, N>,
) -> Matrix<T, M, N> {
    let mut y = Matrix::zeros();
    matmul_into(a, b, &mut y);
    y
}

/// As [`matmul()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::matmul_into;
/// let mut y = Matrix::zeros();
/// matmul_into(&Matrix::new([[1, 10]]), &Matrix::new([[1, 2], [3, 4]]), &mut y);
/// assert_eq!(y, Matrix::new([[31, 42]]));
/// ```
pub fn matmul_into<T: Scalar, const M: usize, const K: usize, const N: usize>(
    a: &Matrix<T, M, K>,
    b: &Matrix<T, K, N>,
    y: &mut Matrix<T, M, N>,
) {
    // A linear layer's dx = dy · w is the product without a transpose.
    let g = &LinearGeometry { n: M, inputs: N, outputs: K };
    kernel::linear_backward_input(g, b.as_slice(), a.as_slice(), y.as_mut_slice());
}

/// The gradients (da, db) of [`matmul()`], by value: da = dy · bᵀ, db = aᵀ · dy.
///
/// ```
/// use constconv::functional::matmul_backward;
/// use constconv::prelude::*;
///
/// let (a, b) = (Matrix::new([[1, 2]]), Matrix::new([[3, 4, 5], [6, 7, 8]]));
/// let (da, db) = matmul_backward(&a, &b, &Matrix::new([[1, 0, -1]]));
/// assert_eq!(da, Matrix::new([[-2, -2]]));
/// assert_eq!(db, Matrix::new([[1, 0, -1], [2, 0, -2]]));
/// ```
#[must_use]
pub fn matmul_backward<T: Scalar, const M: usize, const K: usize, const N: usize>(
    a: &Matrix<T, M, K>,
    b: &Matrix<T, K, N>,
    dy: &Matrix<T, M, N>,
) -> (Matrix<T, M, K>, Matrix<T, K, N>) {
    let (mut da, mut db) = (Matrix::zeros(), Matrix::zeros());
    matmul_backward_into(a, b, dy, &mut da, &mut db);
    (da, db)
}

/// As [`matmul_backward`], overwriting `da` and `db`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::matmul_backward_into;
/// let (a, b, dy) = (Matrix::new([[1, 10]]), Matrix::new([[2], [3]]), Matrix::new([[5]]));
/// let (mut da, mut db) = (Matrix::zeros(), Matrix::zeros());
/// matmul_backward_into(&a, &b, &dy, &mut da, &mut db);
/// assert_eq!((da, db), (Matrix::new([[10, 15]]), Matrix::new([[5], [50]])));
/// ```
pub fn matmul_backward_into<T: Scalar, const M: usize, const K: usize, const N: usize>(
    a: &Matrix<T, M, K>,
    b: &Matrix<T, K, N>,
    dy: &Matrix<T, M, N>,
    da: &mut Matrix<T, M, K>,
    db: &mut Matrix<T, K, N>,
) {
    let g = &LinearGeometry { n: M, inputs: N, outputs: K };
    kernel::linear(g, dy.as_slice(), b.as_slice(), None, da.as_mut_slice());
    // A linear layer adds to the gradient of its weight.
    db.fill(T::ZERO);
    kernel::linear_backward_weight(g, dy.as_slice(), a.as_slice(), db.as_mut_slice());
}

/// Rows become columns, by value; its own adjoint. PyTorch: `a.T`.
///
/// It turns a weight stored (IN, OUT) into one stored (OUT, IN).
///
/// ```
/// use constconv::functional::transpose;
/// use constconv::prelude::*;
/// assert_eq!(transpose(&Matrix::new([[1, 2, 3], [4, 5, 6]])), Matrix::new([[1, 4], [2, 5], [3, 6]]));
/// ```
#[must_use]
pub fn transpose<T: Scalar, const R: usize, const C: usize>(a: &Matrix<T, R, C>) -> Matrix<T, C, R> {
    a.transposed()
}

/// As [`transpose`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::transpose_into;
/// let mut y = Matrix::zeros();
/// transpose_into(&Matrix::new([[1, 2, 3]]), &mut y);
/// assert_eq!(y, Matrix::new([[1], [2], [3]]));
/// ```
pub fn transpose_into<T: Scalar, const R: usize, const C: usize>(a: &Matrix<T, R, C>, y: &mut Matrix<T, C, R>) {
    for (c, row) in y.as_mut_slice().chunks_exact_mut(R.max(1)).enumerate() {
        row.iter_mut().zip(a.as_array()).for_each(|(y, a)| *y = a[c]);
    }
}
