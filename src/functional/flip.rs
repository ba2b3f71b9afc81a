//! Mirrored planes. Turned ones are [`Tensor::rotated_90`] and its siblings.

use crate::kernel::{self, View};
use crate::tensor::{Scalar, Tensor};

/// Each plane mirrored: left becomes right, by value. Its own adjoint. PyTorch: `x.flip(3)`.
///
/// ```
/// use constconv::functional::flip_horizontal;
/// use constconv::prelude::*;
/// let x = Tensor::<i32, 1, 1, 2, 3>::new([[[[1, 2, 3], [4, 5, 6]]]]);
/// assert_eq!(flip_horizontal(&x), Tensor::new([[[[3, 2, 1], [6, 5, 4]]]]));
/// ```
#[must_use]
pub fn flip_horizontal<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
) -> Tensor<T, N, C, H, W> {
    let mut y = Tensor::zeros();
    flip_horizontal_into(x, &mut y);
    y
}

/// As [`flip_horizontal`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::flip_horizontal_into;
/// let mut y = Tensor::zeros();
/// flip_horizontal_into(&Tensor::new([[[[1, 2, 3]]]]), &mut y);
/// assert_eq!(y, Tensor::new([[[[3, 2, 1]]]]));
/// ```
pub fn flip_horizontal_into<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    y: &mut Tensor<T, N, C, H, W>,
) {
    let to = View::row_major([N, C, H, W]);
    let [image, plane, row, _] = to.strides;
    let from = View { start: W.saturating_sub(1), strides: [image, plane, row, -1] };
    kernel::rearrange([N, C, H, W], x.as_slice(), from, y.as_mut_slice(), to);
}

/// Each plane mirrored: top becomes bottom, by value. Its own adjoint. PyTorch: `x.flip(2)`.
///
/// ```
/// use constconv::functional::flip_vertical;
/// use constconv::prelude::*;
/// let x = Tensor::<i32, 1, 1, 2, 3>::new([[[[1, 2, 3], [4, 5, 6]]]]);
/// assert_eq!(flip_vertical(&x), Tensor::new([[[[4, 5, 6], [1, 2, 3]]]]));
/// ```
#[must_use]
pub fn flip_vertical<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
) -> Tensor<T, N, C, H, W> {
    let mut y = Tensor::zeros();
    flip_vertical_into(x, &mut y);
    y
}

/// As [`flip_vertical`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::flip_vertical_into;
/// let mut y = Tensor::zeros();
/// flip_vertical_into(&Tensor::new([[[[1], [2], [3]]]]), &mut y);
/// assert_eq!(y, Tensor::new([[[[3], [2], [1]]]]));
/// ```
pub fn flip_vertical_into<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    y: &mut Tensor<T, N, C, H, W>,
) {
    let to = View::row_major([N, C, H, W]);
    let [image, plane, row, one] = to.strides;
    let from = View { start: H.saturating_sub(1) * W, strides: [image, plane, -row, one] };
    kernel::rearrange([N, C, H, W], x.as_slice(), from, y.as_mut_slice(), to);
}
