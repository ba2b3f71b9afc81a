//! Feature maps and signals as rows of features.

use crate::shape::ToRows;
use crate::tensor::{Array, Zeroed};

/// [`Flatten`](crate::layer::Flatten) as a function, by value. PyTorch: `flatten(x, 1)`.
///
/// ```
/// use constconv::functional::flatten;
/// use constconv::prelude::*;
/// assert_eq!(flatten(&Tensor::<i32, 1, 2, 1, 1>::new([[[[3]], [[4]]]])), Matrix::new([[3, 4]]));
/// assert_eq!(flatten(&Signal::<i32, 1, 2, 1>::new([[[3], [4]]])), Matrix::new([[3, 4]]));
/// ```
#[must_use]
pub fn flatten<X: ToRows>(x: &X) -> X::Rows {
    let mut y = X::Rows::ZERO;
    flatten_into(x, &mut y);
    y
}

/// As [`flatten()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::flatten_into;
/// let mut y = Matrix::zeros();
/// flatten_into(&Tensor::new([[[[1, 2]], [[3, 4]]]]), &mut y);
/// assert_eq!(y, Matrix::new([[1, 2, 3, 4]]));
/// ```
pub fn flatten_into<X: ToRows>(x: &X, y: &mut X::Rows) {
    y.as_mut_slice().copy_from_slice(x.as_slice());
}

/// dx of [`flatten()`], by value; the shape of x is taken from the result.
///
/// ```
/// use constconv::functional::flatten_backward;
/// use constconv::prelude::*;
/// let dx: Tensor<i32, 1, 2, 1, 1> = flatten_backward(&Matrix::new([[3, 4]]));
/// assert_eq!(dx, Tensor::new([[[[3]], [[4]]]]));
/// ```
#[must_use]
pub fn flatten_backward<X: ToRows>(dy: &X::Rows) -> X {
    let mut dx = X::ZERO;
    flatten_backward_into(dy, &mut dx);
    dx
}

/// As [`flatten_backward`], overwriting `dx`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::flatten_backward_into;
/// let mut dx = Signal::<i32, 1, 2, 1>::zeros();
/// flatten_backward_into(&Matrix::new([[3, 4]]), &mut dx);
/// assert_eq!(dx, Signal::new([[[3], [4]]]));
/// ```
pub fn flatten_backward_into<X: ToRows>(dy: &X::Rows, dx: &mut X) {
    dx.as_mut_slice().copy_from_slice(dy.as_slice());
}
