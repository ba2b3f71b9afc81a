//! Zeros around planes, and planes without their sides.

use num_traits::ConstZero;

use crate::kernel::{self, View};
use crate::shape::{Crop, Pad};
use crate::tensor::Array;

/// Zeros around each plane, by value. PyTorch: `functional.pad`, whose four numbers come in another order.
///
/// y\[n, c, TOP + i, LEFT + j\] = x\[n, c, i, j\], all other cells are 0.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, TOP + H + BOTTOM, LEFT + W + RIGHT) |
///
/// `padding` is a [`Padding`](crate::shape::Padding), the same on opposite sides, or [`Sides`](crate::shape::Sides).
/// The adjoint is [`crop2d`].
///
/// It does not compile where a padded axis is not in the table of [`Known`](crate::shape::Known) lengths.
///
/// ```
/// use constconv::functional::zero_pad2d;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 1, 2>::new([[[[1, 2]]]]);
/// assert_eq!(zero_pad2d(&x, Padding::<1, 0>), Tensor::new([[[[0, 0], [1, 2], [0, 0]]]]));
/// assert_eq!(zero_pad2d(&x, Sides::<0, 1, 0, 2>), Tensor::new([[[[1, 2, 0, 0], [0, 0, 0, 0]]]]));
/// ```
#[must_use]
pub fn zero_pad2d<P, X: Pad<P, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, padding: P) -> Y {
    let mut y = Y::ZERO;
    zero_pad2d_into(x, padding, &mut y);
    y
}

/// As [`zero_pad2d`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::zero_pad2d_into;
/// let mut y = Tensor::<i32, 1, 1, 1, 4>::full(9);
/// zero_pad2d_into(&Tensor::new([[[[1, 2]]]]), Padding::<0, 1>, &mut y);
/// assert_eq!(y, Tensor::new([[[[0, 1, 2, 0]]]]));
/// ```
pub fn zero_pad2d_into<P, X: Pad<P, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, padding: P, y: &mut Y) {
    let _ = padding;
    let y = y.as_mut_slice();
    y.fill(X::Scalar::ZERO);
    kernel::rearrange(X::LENGTHS, x.as_slice(), View::row_major(X::LENGTHS), y, inner(X::LENGTHS, X::SIDES));
}

/// Each plane without rows and columns at its sides, by value: the adjoint of [`zero_pad2d`], which is its own adjoint
/// in turn. PyTorch: `functional.pad` with negative numbers.
///
/// y\[n, c, i, j\] = x\[n, c, TOP + i, LEFT + j\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, H − TOP − BOTTOM, W − LEFT − RIGHT) |
///
/// It does not compile where more is taken off than there is.
///
/// ```
/// use constconv::functional::crop2d;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 3>::new([[[[1, 2, 3], [4, 5, 6]]]]);
/// assert_eq!(crop2d(&x, Padding::<0, 1>), Tensor::new([[[[2], [5]]]]));
/// assert_eq!(crop2d(&x, Sides::<1, 0, 0, 1>), Tensor::new([[[[4, 5]]]]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "3 + 3 rows or columns cannot be taken off an axis of 5"
/// constconv::functional::crop2d(&Tensor::<f32, 1, 1, 5, 5>::zeros(), Padding::<3>);
/// ```
#[must_use]
pub fn crop2d<P, X: Crop<P, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, padding: P) -> Y {
    let mut y = Y::ZERO;
    crop2d_into(x, padding, &mut y);
    y
}

/// As [`crop2d`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::crop2d_into;
/// let mut y = Tensor::zeros();
/// crop2d_into(&Tensor::new([[[[1, 2, 3, 4]]]]), Sides::<0, 0, 1, 2>, &mut y);
/// assert_eq!(y, Tensor::<i32, 1, 1, 1, 1>::new([[[[2]]]]));
/// ```
pub fn crop2d_into<P, X: Crop<P, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, padding: P, y: &mut Y) {
    let _ = padding;
    let ([n, c, h, w], [top, bottom, left, right]) = (X::LENGTHS, X::SIDES);
    let lengths = [n, c, h - top - bottom, w - left - right];
    kernel::rearrange(lengths, x.as_slice(), inner(lengths, X::SIDES), y.as_mut_slice(), View::row_major(lengths));
}

/// Planes of these lengths inside of larger ones.
const fn inner([n, c, h, w]: [usize; 4], [top, bottom, left, right]: [usize; 4]) -> View {
    let width = left + w + right;
    View::row_major([n, c, top + h + bottom, width]).from(top * width + left)
}
