//! Windows as columns.

use crate::kernel::{self, Conv2dGeometry};
use crate::shape::Columns;
use crate::tensor::{Array, Matrix, Scalar};

/// The windows of a batch as the columns of a matrix, by value. PyTorch: `functional.unfold`, whose N matrices stand
/// side by side here.
///
/// columns\[(c·KH + u)·KW + v, (n·HO + i)·WO + j\] = xpad\[n, c, i·SH + u·DH, j·SW + v·DW\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | columns | (C·KH·KW, N·HO·WO) |
///
/// `options` are those of [`conv2d`](crate::functional::conv2d()), as in [`ConvOptions`](crate::shape::ConvOptions).
/// The adjoint is [`col2im`].
///
/// It does not compile where a convolution would not, or where the matrix has a side that is longer than the longest
/// axis of the build.
///
/// ```
/// use constconv::functional::im2col;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 3>::new([[[[1, 2, 3], [4, 5, 6]]]]);
/// let columns = im2col(&x, Kernel::<2>, ());
/// assert_eq!(columns, Matrix::new([[1, 2], [2, 3], [4, 5], [5, 6]]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "30*28*28 columns of a matrix of columns are too many for an axis"
/// constconv::functional::im2col(&Tensor::<f32, 30, 3, 28, 28>::zeros(), Kernel::<3>, (Stride::<1>, Padding::<1>));
/// ```
#[must_use]
pub fn im2col<K, O, X: Columns<K, O, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, kernel: K, options: O) -> Y {
    let mut columns = Y::ZERO;
    im2col_into(x, kernel, options, &mut columns);
    columns
}

/// As [`im2col`], overwriting `columns`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::im2col_into;
/// let mut columns = Matrix::zeros();
/// im2col_into(&Tensor::new([[[[1, 2, 3], [4, 5, 6]]]]), Kernel::<2>, (), &mut columns);
/// assert_eq!(columns, Matrix::new([[1, 2], [2, 3], [4, 5], [5, 6]]));
/// ```
pub fn im2col_into<K, O, X: Columns<K, O, Output = Y>, Y: Array<Scalar = X::Scalar>>(
    x: &X,
    kernel: K,
    options: O,
    columns: &mut Y,
) {
    let _ = (kernel, options);
    let g = &const { geometry::<X, K, O>() };
    kernel::im2col(g, x.as_slice(), columns.as_mut_slice());
}

/// Each cell of the columns back at its place, summed where windows overlap, by value: the adjoint of [`im2col`].
/// PyTorch: `functional.fold`.
///
/// The shape of x is taken from the result. Cells in the padding are left out.
///
/// ```
/// use constconv::functional::col2im;
/// use constconv::prelude::*;
///
/// let columns = Matrix::new([[1, 2], [2, 3], [4, 5], [5, 6]]);
/// let x: Tensor<i32, 1, 1, 2, 3> = col2im(&columns, Kernel::<2>, ());
/// assert_eq!(x, Tensor::new([[[[1, 4, 3], [4, 10, 6]]]]));
/// ```
#[must_use]
pub fn col2im<K, O, X: Columns<K, O, Output = Y>, Y: Array<Scalar = X::Scalar>>(
    columns: &Y,
    kernel: K,
    options: O,
) -> X {
    let mut x = X::ZERO;
    col2im_into(columns, kernel, options, &mut x);
    x
}

/// As [`col2im`], overwriting `x`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::col2im_into;
/// let mut x = Tensor::<i32, 1, 1, 1, 3>::zeros();
/// col2im_into(&Matrix::new([[1, 2], [10, 20]]), Kernel::<1, 2>, (), &mut x);
/// assert_eq!(x, Tensor::new([[[[1, 12, 20]]]]));
/// ```
pub fn col2im_into<K, O, X: Columns<K, O, Output = Y>, Y: Array<Scalar = X::Scalar>>(
    columns: &Y,
    kernel: K,
    options: O,
    x: &mut X,
) {
    let _ = (kernel, options);
    let g = &const { geometry::<X, K, O>() };
    kernel::col2im(g, columns.as_slice(), x.as_mut_slice());
}

/// The sizes for the kernel: of a convolution with one filter.
const fn geometry<X: Columns<K, O>, K, O>() -> Conv2dGeometry {
    let [n, c] = X::PLANES;
    Conv2dGeometry {
        n,
        c,
        input: X::INPUT,
        f: 1,
        output: X::OUTPUT,
        kernel: X::KERNEL,
        stride: X::STRIDE,
        padding: X::PADDING,
        dilation: X::DILATION,
        groups: 1,
    }
}

/// 1 at the maximum of each column and 0 elsewhere, by value: the explicit mask of a max pooling's backward pass.
/// PyTorch: `one_hot(columns.argmax(0))`.
///
/// As in [`MaxPool2d`](crate::layer::MaxPool2d) the first maximum counts, and of NaNs the last one.
///
/// ```
/// use constconv::functional::{col2im, im2col, max_mask};
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 3>::new([[[[1, 7, 7], [4, 5, 9]]]]);
/// let mask = max_mask(&im2col(&x, Kernel::<2>, ()));
/// assert_eq!(mask, Matrix::new([[0, 0], [1, 0], [0, 0], [0, 1]]));
/// // dx of a max pooling with dy = 1:
/// let dx: Tensor<i32, 1, 1, 2, 3> = col2im(&mask, Kernel::<2>, ());
/// assert_eq!(dx, Tensor::new([[[[0, 1, 0], [0, 0, 1]]]]));
/// ```
#[must_use]
pub fn max_mask<T: Scalar, const R: usize, const C: usize>(columns: &Matrix<T, R, C>) -> Matrix<T, R, C> {
    let mut mask = Matrix::zeros();
    max_mask_into(columns, &mut mask);
    mask
}

/// As [`max_mask`], overwriting `mask`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::max_mask_into;
/// let mut mask = Matrix::zeros();
/// max_mask_into(&Matrix::new([[1, 5], [9, 2]]), &mut mask);
/// assert_eq!(mask, Matrix::new([[0, 1], [1, 0]]));
/// ```
pub fn max_mask_into<T: Scalar, const R: usize, const C: usize>(columns: &Matrix<T, R, C>, mask: &mut Matrix<T, R, C>) {
    kernel::max_mask([R, C], columns.as_slice(), mask.as_mut_slice());
}
