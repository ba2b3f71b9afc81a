//! The same elements in another shape.

use crate::shape::Reshape;
use crate::tensor::Array;

/// The same elements, row-major, in the shape of the result, by value. PyTorch: `x.reshape`.
///
/// X and Y are any two of [`Tensor`](crate::tensor::Tensor), [`Signal`](crate::tensor::Signal),
/// [`Matrix`](crate::tensor::Matrix) and [`Vector`](crate::tensor::Vector) with as many elements. The adjoint is the way
/// back.
///
/// It does not compile where the axes of the two have different products.
///
/// ```
/// use constconv::functional::reshape;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 2, 1, 3>::new([[[[1, 2, 3]], [[4, 5, 6]]]]);
/// let y: Matrix<i32, 3, 2> = reshape(&x);
/// assert_eq!(y, Matrix::new([[1, 2], [3, 4], [5, 6]]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "`Tensor<f32, 1, 16, 5, 5>` cannot be reshaped to `Matrix<f32, 1, 120>`"
/// let y: Matrix<f32, 1, 120> = constconv::functional::reshape(&Tensor::<f32, 1, 16, 5, 5>::zeros());
/// ```
#[must_use]
pub fn reshape<X: Reshape<Y>, Y: Array<Scalar = X::Scalar>>(x: &X) -> Y {
    let mut y = Y::ZERO;
    reshape_into(x, &mut y);
    y
}

/// As [`reshape()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::reshape_into;
/// let mut y = Vector::zeros();
/// reshape_into(&Matrix::new([[1, 2], [3, 4]]), &mut y);
/// assert_eq!(y, Vector::<i32, 4>::new([1, 2, 3, 4]));
/// ```
pub fn reshape_into<X: Reshape<Y>, Y: Array<Scalar = X::Scalar>>(x: &X, y: &mut Y) {
    y.as_mut_slice().copy_from_slice(x.as_slice());
}
