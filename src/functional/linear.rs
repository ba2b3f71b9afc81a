//! Fully connected layers.

use crate::kernel::known;
use crate::shape::BiasTerm;
use crate::tensor::{Array, Epilogue, Matrix, Scalar};

/// [`linear()`] for functions and layers: x is N rows of features, whatever its shape; overwrites `y`.
pub(crate) fn linear_rows<
    X: Array,
    B,
    Y: Array<Scalar = X::Scalar>,
    const N: usize,
    const IN: usize,
    const OUT: usize,
>(
    x: &X,
    w: &Matrix<X::Scalar, OUT, IN>,
    b: &B,
    y: &mut Y,
) where
    B: BiasTerm<X::Scalar, OUT>,
{
    known::linear::<_, N, IN, OUT>(x.as_slice(), w.as_slice(), b.elements(), y.as_mut_slice(), None);
}

/// [`linear_rows`], then `then` on each element of y.
pub(crate) fn linear_rows_then<
    X: Array,
    B,
    Y: Array<Scalar = X::Scalar>,
    const N: usize,
    const IN: usize,
    const OUT: usize,
>(
    x: &X,
    w: &Matrix<X::Scalar, OUT, IN>,
    b: &B,
    y: &mut Y,
    then: Epilogue<X::Scalar>,
) where
    B: BiasTerm<X::Scalar, OUT>,
{
    known::linear::<_, N, IN, OUT>(x.as_slice(), w.as_slice(), b.elements(), y.as_mut_slice(), Some(then));
}

/// The backward pass of [`linear_rows`]: overwrites dx, where it is asked for, and adds to `dw` and `db`.
pub(crate) fn linear_rows_backward<
    X: Array,
    B,
    Y: Array<Scalar = X::Scalar>,
    const N: usize,
    const IN: usize,
    const OUT: usize,
>(
    x: &X,
    w: &Matrix<X::Scalar, OUT, IN>,
    dy: &Y,
    dx: Option<&mut X>,
    dw: &mut Matrix<X::Scalar, OUT, IN>,
    db: &mut B,
) where
    B: BiasTerm<X::Scalar, OUT>,
{
    if let Some(dx) = dx {
        known::linear_backward_input::<_, N, IN, OUT>(w.as_slice(), dy.as_slice(), dx.as_mut_slice());
    }
    known::linear_backward_parameters::<_, N, IN, OUT>(
        x.as_slice(),
        dy.as_slice(),
        dw.as_mut_slice(),
        db.elements_mut(),
    );
}

/// The backward pass of [`linear_rows`] that adds to the parameters themselves: dx is that of the parameters before.
pub(crate) fn linear_rows_descend<
    X: Array,
    B,
    Y: Array<Scalar = X::Scalar>,
    const N: usize,
    const IN: usize,
    const OUT: usize,
>(
    x: &X,
    w: &mut Matrix<X::Scalar, OUT, IN>,
    b: &mut B,
    dy: &Y,
    dx: Option<&mut X>,
) where
    B: BiasTerm<X::Scalar, OUT>,
{
    if let Some(dx) = dx {
        known::linear_backward_input::<_, N, IN, OUT>(w.as_slice(), dy.as_slice(), dx.as_mut_slice());
    }
    known::linear_backward_parameters::<_, N, IN, OUT>(x.as_slice(), dy.as_slice(), w.as_mut_slice(), b.elements_mut());
}

/// [`Linear`](crate::layer::Linear) as a function, by value. PyTorch: `functional.linear`.
///
/// `b` is `&Vector<T, OUT>`, or `&()` for no bias.
///
/// ```
/// use constconv::functional::linear;
/// use constconv::prelude::*;
/// let y = linear(&Matrix::new([[1.0, 2.0]]), &Matrix::new([[3.0, 4.0], [5.0, 6.0], [0.0, 1.0]]), &());
/// assert_eq!(y, Matrix::new([[11.0, 17.0, 2.0]]));
/// ```
#[must_use]
pub fn linear<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    b: &B,
) -> Matrix<T, N, OUT> {
    let mut y = Matrix::zeros();
    linear_into(x, w, b, &mut y);
    y
}

/// As [`linear()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::linear_into;
/// let mut y = Matrix::zeros();
/// linear_into(&Matrix::new([[2, 3]]), &Matrix::new([[10, 1], [1, 10]]), &Vector::new([100, 200]), &mut y);
/// assert_eq!(y, Matrix::new([[123, 232]]));
/// ```
pub fn linear_into<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    b: &B,
    y: &mut Matrix<T, N, OUT>,
) {
    linear_rows::<_, _, _, N, IN, OUT>(x, w, b, y);
}

/// The gradients (dx, dw, db) of [`linear()`], by value; sums over the batch. `b` only says whether there is a bias.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::linear_backward;
/// let (x, w, dy) = (Matrix::new([[2, 3]]), Matrix::new([[10, 1]]), Matrix::new([[5]]));
/// let (dx, dw, db) = linear_backward(&x, &w, &Vector::zeros(), &dy);
/// assert_eq!((dx, dw, db), (Matrix::new([[50, 5]]), Matrix::new([[10, 15]]), Vector::new([5])));
/// ```
#[must_use]
pub fn linear_backward<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    b: &B,
    dy: &Matrix<T, N, OUT>,
) -> (Matrix<T, N, IN>, Matrix<T, OUT, IN>, B) {
    let _ = b;
    let (mut dx, mut dw, mut db) = (Matrix::zeros(), Matrix::zeros(), B::ZERO);
    linear_backward_into(x, w, dy, &mut dx, &mut dw, &mut db);
    (dx, dw, db)
}

/// As [`linear_backward`]: overwrites `dx`, adds to `dw` and `db`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::linear_backward_into;
/// let (x, w, dy) = (Matrix::new([[2, 3]]), Matrix::new([[10, 1]]), Matrix::new([[5]]));
/// let (mut dx, mut dw, mut db) = (Matrix::full(9), Matrix::full(100), Vector::full(100));
/// linear_backward_into(&x, &w, &dy, &mut dx, &mut dw, &mut db);
/// assert_eq!((dx, dw, db), (Matrix::new([[50, 5]]), Matrix::new([[110, 115]]), Vector::new([105])));
/// ```
pub fn linear_backward_into<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    dy: &Matrix<T, N, OUT>,
    dx: &mut Matrix<T, N, IN>,
    dw: &mut Matrix<T, OUT, IN>,
    db: &mut B,
) {
    linear_rows_backward::<_, _, _, N, IN, OUT>(x, w, dy, Some(dx), dw, db);
}
