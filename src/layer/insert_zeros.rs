//! Zeros between the cells of a tensor.

use crate::Scalar;
use crate::shape::{Plane, Spread};
use crate::tensor::{Array, Tensor, Zeroed};

/// Inserts S − 1 zeros between neighbouring rows and columns, by value: the dilation of a tensor, as a strided
/// convolution's backward pass or a transposed convolution needs it.
///
/// y\[n, c, i·SH, j·SW\] = x\[n, c, i, j\], all other cells are 0; y has (H − 1)·SH + 1 rows and (W − 1)·SW + 1 columns.
///
/// ```
/// use constconv::functional::insert_zeros;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 2>::new([[[[1, 1], [2, 2]]]]);
/// assert_eq!(insert_zeros(&x, Stride::<2>), Tensor::new([[[[1, 0, 1], [0, 0, 0], [2, 0, 2]]]]));
/// ```
#[must_use]
pub fn insert_zeros<T: Scalar, S, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    stride: S,
) -> <Plane<H, W> as Spread<S>>::Output<T, N, C>
where
    Plane<H, W>: Spread<S>,
{
    let mut y: <Plane<H, W> as Spread<S>>::Output<T, N, C> = Zeroed::ZERO;
    insert_zeros_into(x, stride, &mut y);
    y
}

/// As [`insert_zeros()`], overwriting `y`.
pub fn insert_zeros_into<T: Scalar, S, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    stride: S,
    y: &mut <Plane<H, W> as Spread<S>>::Output<T, N, C>,
) where
    Plane<H, W>: Spread<S>,
{
    let _ = stride;
    let [sh, sw] = <Plane<H, W> as Spread<S>>::STRIDE;
    let y = y.as_mut_slice();
    y.fill(T::ZERO);
    if x.len() == 0 {
        return;
    }
    let (height, width) = ((H - 1) * sh + 1, (W - 1) * sw + 1);
    for (row, x) in x.as_slice().chunks_exact(W).enumerate() {
        let (plane, i) = (row / H, row % H);
        let y = &mut y[(plane * height + i * sh) * width..][..width];
        y.iter_mut().step_by(sw).zip(x).for_each(|(y, &x)| *y = x);
    }
}
