//! Zeros between the cells of a tensor, and cells picked from it.

use crate::kernel::{self, View};
use crate::shape::{Dilation, Floor, InsertZeros, Kernel, Padding, Plane, Window};
use crate::tensor::{Array, Scalar, Tensor};

/// Inserts S − 1 zeros between neighbouring rows and columns, by value: the dilation of a tensor, as a strided
/// convolution's backward pass or a transposed convolution needs it.
///
/// y\[n, c, i·SH, j·SW\] = x\[n, c, i, j\], all other cells are 0; y has (H − 1)·SH + 1 rows and (W − 1)·SW + 1
/// columns. The adjoint is [`subsample`].
///
/// ```
/// use constconv::functional::insert_zeros;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 2>::new([[[[1, 1], [2, 2]]]]);
/// assert_eq!(insert_zeros(&x, Stride::<2>), Tensor::new([[[[1, 0, 1], [0, 0, 0], [2, 0, 2]]]]));
/// ```
#[must_use]
pub fn insert_zeros<T: Scalar, S, Y, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    stride: S,
) -> Y
where
    Plane<H, W>: InsertZeros<S, Output<T, N, C> = Y>,
    Y: Array<Scalar = T>,
{
    let mut y = Y::ZERO;
    insert_zeros_into(x, stride, &mut y);
    y
}

/// As [`insert_zeros()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::insert_zeros_into;
/// let mut y = Tensor::<i32, 1, 1, 1, 4>::full(9);
/// insert_zeros_into(&Tensor::new([[[[1, 2]]]]), Stride::<1, 3>, &mut y);
/// assert_eq!(y, Tensor::new([[[[1, 0, 0, 2]]]]));
/// ```
pub fn insert_zeros_into<T: Scalar, S, Y, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    stride: S,
    y: &mut Y,
) where
    Plane<H, W>: InsertZeros<S, Output<T, N, C> = Y>,
    Y: Array<Scalar = T>,
{
    let _ = stride;
    let ([sh, sw], [ho, wo]) = (<Plane<H, W> as InsertZeros<S>>::STRIDE, <Plane<H, W> as InsertZeros<S>>::OUTPUT);
    let y = y.as_mut_slice();
    y.fill(T::ZERO);
    let (x, from) = (x.as_slice(), View::row_major([N, C, H, W]));
    kernel::rearrange([N, C, H, W], x, from, y, View::row_major([N, C, ho, wo]).stepped([1, 1, sh, sw]));
}

/// Every SH-th row and every SW-th column, from the first one on, by value: the adjoint of [`insert_zeros()`]. PyTorch:
/// `x[:, :, ::SH, ::SW]`.
///
/// y\[n, c, i, j\] = x\[n, c, i·SH, j·SW\]; y has ⌈H/SH⌉ rows and ⌈W/SW⌉ columns.
///
/// ```
/// use constconv::functional::subsample;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 3, 4>::new([[[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]]]);
/// assert_eq!(subsample(&x, Stride::<2>), Tensor::new([[[[1, 3], [9, 11]]]]));
/// ```
#[must_use]
pub fn subsample<T: Scalar, S, Y, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    stride: S,
) -> Y
where
    Plane<H, W>: Window<Kernel<1>, S, Padding<0>, Floor, Dilation<1>, Output<T, N, C> = Y>,
    Y: Array<Scalar = T>,
{
    let mut y = Y::ZERO;
    subsample_into(x, stride, &mut y);
    y
}

/// As [`subsample`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::subsample_into;
/// let mut y = Tensor::zeros();
/// subsample_into(&Tensor::new([[[[1, 0, 0, 2]]]]), Stride::<1, 3>, &mut y);
/// assert_eq!(y, Tensor::<i32, 1, 1, 1, 2>::new([[[[1, 2]]]]));
/// ```
pub fn subsample_into<T: Scalar, S, Y, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    stride: S,
    y: &mut Y,
) where
    Plane<H, W>: Window<Kernel<1>, S, Padding<0>, Floor, Dilation<1>, Output<T, N, C> = Y>,
    Y: Array<Scalar = T>,
{
    let _ = stride;
    let [sh, sw] = <Plane<H, W> as Window<Kernel<1>, S, Padding<0>, Floor, Dilation<1>>>::STRIDE;
    let [ho, wo] = <Plane<H, W> as Window<Kernel<1>, S, Padding<0>, Floor, Dilation<1>>>::OUTPUT;
    let (from, to) = (View::row_major([N, C, H, W]).stepped([1, 1, sh, sw]), View::row_major([N, C, ho, wo]));
    kernel::rearrange([N, C, ho, wo], x.as_slice(), from, y.as_mut_slice(), to);
}
