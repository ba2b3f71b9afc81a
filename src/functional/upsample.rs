//! Larger planes of the same cells.

use num_traits::ConstZero;

use crate::kernel::math::sum;
use crate::kernel::{self, View};
use crate::shape::Upsample;
use crate::tensor::Array;

/// Each cell becomes a block of SH×SW cells, by value. PyTorch: `functional.interpolate`, mode `"nearest"`.
///
/// y\[n, c, i, j\] = x\[n, c, ⌊i/SH⌋, ⌊j/SW⌋\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, H·SH, W·SW) |
///
/// `scale` is a [`Scale`](crate::shape::Scale); a scale of 0 does not compile.
///
/// ```
/// use constconv::functional::upsample_nearest2d;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 1, 2>::new([[[[1, 2]]]]);
/// assert_eq!(upsample_nearest2d(&x, Scale::<2>), Tensor::new([[[[1, 1, 2, 2], [1, 1, 2, 2]]]]));
/// ```
#[must_use]
pub fn upsample_nearest2d<S, X: Upsample<S, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, scale: S) -> Y {
    let mut y = Y::ZERO;
    upsample_nearest2d_into(x, scale, &mut y);
    y
}

/// As [`upsample_nearest2d`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::upsample_nearest2d_into;
/// let mut y = Tensor::zeros();
/// upsample_nearest2d_into(&Tensor::new([[[[1, 2]]]]), Scale::<1, 2>, &mut y);
/// assert_eq!(y, Tensor::<i32, 1, 1, 1, 4>::new([[[[1, 1, 2, 2]]]]));
/// ```
pub fn upsample_nearest2d_into<S, X: Upsample<S, Output = Y>, Y: Array<Scalar = X::Scalar>>(
    x: &X,
    scale: S,
    y: &mut Y,
) {
    let _ = scale;
    let (lengths, cells) = blocks::<S, X>();
    kernel::rearrange(lengths, x.as_slice(), cells, y.as_mut_slice(), View::row_major(lengths));
}

/// dx of [`upsample_nearest2d`], by value: the sum of each block. The shape of x is taken from the result.
///
/// ```
/// use constconv::functional::upsample_nearest2d_backward;
/// use constconv::prelude::*;
///
/// let dy = Tensor::<i32, 1, 1, 2, 4>::new([[[[1, 2, 3, 4], [5, 6, 7, 8]]]]);
/// let dx: Tensor<i32, 1, 1, 1, 2> = upsample_nearest2d_backward(&dy, Scale::<2>);
/// assert_eq!(dx, Tensor::new([[[[14, 22]]]]));
/// ```
#[must_use]
pub fn upsample_nearest2d_backward<S, X: Upsample<S, Output = Y>, Y: Array<Scalar = X::Scalar>>(dy: &Y, scale: S) -> X {
    let mut dx = X::ZERO;
    upsample_nearest2d_backward_into(dy, scale, &mut dx);
    dx
}

/// As [`upsample_nearest2d_backward`], overwriting `dx`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::upsample_nearest2d_backward_into;
/// let mut dx = Tensor::<i32, 1, 1, 1, 2>::zeros();
/// upsample_nearest2d_backward_into(&Tensor::new([[[[1, 2, 3, 4]]]]), Scale::<1, 2>, &mut dx);
/// assert_eq!(dx, Tensor::new([[[[3, 7]]]]));
/// ```
pub fn upsample_nearest2d_backward_into<S, X: Upsample<S, Output = Y>, Y: Array<Scalar = X::Scalar>>(
    dy: &Y,
    scale: S,
    dx: &mut X,
) {
    let _ = scale;
    let (lengths, cells) = blocks::<S, X>();
    let (dy, dx) = (dy.as_slice(), dx.as_mut_slice());
    let [_, sh, w, sw] = lengths;
    if sh * sw <= FEW {
        dx.fill(X::Scalar::ZERO);
        return kernel::rearrange_add(lengths, dy, View::row_major(lengths), dx, cells);
    }
    for (n, dx) in dx.iter_mut().enumerate() {
        let first = n / w * (sh * w * sw) + n % w * sw;
        *dx = sum((0..sh).flat_map(|u| &dy[first + u * w * sw..][..sw]).copied());
    }
}

/// Cells of a block that are added one by one. The sum of more loses digits.
const FEW: usize = 64;

/// The cells of y as (rows of x, rows of a block, columns of x, columns of a block), and where they are in x.
const fn blocks<S, X: Upsample<S>>() -> ([usize; 4], View) {
    let ([n, c, h, w], [sh, sw]) = (X::LENGTHS, X::SCALE);
    ([n * c * h, sh, w, sw], View { start: 0, strides: [w as isize, 0, 1, 0] })
}
