//! Axes in another order.

use crate::kernel::{self, View};
use crate::shape::{Axes, Order, Permute};
use crate::tensor::{Array, Scalar, Tensor};

/// The axes of a tensor in another order, by value. PyTorch: `x.permute`.
///
/// Axis i of y is axis `A`ᵢ of x. The adjoint is [`permute_backward`], the inverse order.
///
/// | from → to | order | the way back |
/// |---|---|---|
/// | activations (N, C, H, W) → (N, H, W, C) | `Axes::<0, 2, 3, 1>` | `Axes::<0, 3, 1, 2>` |
/// | activations (N, C, H, W) → (H, W, C, N) | `Axes::<2, 3, 1, 0>` | `Axes::<3, 2, 0, 1>` |
/// | activations (N, H, W, C) → (H, W, C, N) | `Axes::<1, 2, 3, 0>` | `Axes::<3, 0, 1, 2>` |
/// | filters (F, C, KH, KW) → (C, F, KH, KW) | `Axes::<1, 0, 2, 3>` | `Axes::<1, 0, 2, 3>` |
/// | filters (F, C, KH, KW) → (KH, KW, C, F) | `Axes::<2, 3, 1, 0>` | `Axes::<3, 2, 0, 1>` |
/// | filters (C, F, KH, KW) → (KH, KW, C, F) | `Axes::<2, 3, 0, 1>` | `Axes::<2, 3, 0, 1>` |
///
/// It does not compile with an order that does not name each axis once.
///
/// ```
/// use constconv::functional::permute;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 2, 1, 3>::new([[[[1, 2, 3]], [[4, 5, 6]]]]);
/// assert_eq!(permute(&x, Axes::<0, 2, 3, 1>), Tensor::new([[[[1, 4], [2, 5], [3, 6]]]]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "`Axes<0, 0, 1, 2>` is not an order of the axes of `Tensor<f32, 1, 2, 3, 4>`"
/// constconv::functional::permute(&Tensor::<f32, 1, 2, 3, 4>::zeros(), Axes::<0, 0, 1, 2>);
/// ```
#[must_use]
pub fn permute<A, X: Permute<A, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, axes: A) -> Y {
    let mut y = Y::ZERO;
    permute_into(x, axes, &mut y);
    y
}

/// As [`permute()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::permute_into;
/// let mut y = Tensor::zeros();
/// permute_into(&Tensor::new([[[[1, 2], [3, 4]]]]), Axes::<0, 1, 3, 2>, &mut y);
/// assert_eq!(y, Tensor::new([[[[1, 3], [2, 4]]]]));
/// ```
pub fn permute_into<A, X: Permute<A, Output = Y>, Y: Array<Scalar = X::Scalar>>(x: &X, axes: A, y: &mut Y) {
    let _ = axes;
    let [a, b, c, d] = X::ORDER;
    let (l, View { start, strides: s }) = (X::LENGTHS, View::row_major(X::LENGTHS));
    let (lengths, from) = ([l[a], l[b], l[c], l[d]], View { start, strides: [s[a], s[b], s[c], s[d]] });
    kernel::rearrange(lengths, x.as_slice(), from, y.as_mut_slice(), View::row_major(lengths));
}

/// dx of [`permute()`], by value: dy in the inverse order.
///
/// ```
/// use constconv::functional::{permute, permute_backward};
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 2, 3, 4, 5>::from_fn(|[n, c, h, w]| (n + 10 * c + 100 * h + 1000 * w) as i32);
/// let y = permute(&x, Axes::<2, 3, 1, 0>); // Tensor<i32, 4, 5, 3, 2>
/// assert_eq!(permute_backward(&y, Axes::<2, 3, 1, 0>), x);
/// ```
#[must_use]
pub fn permute_backward<A, B, X, Y>(dy: &Y, axes: A) -> X
where
    A: Order<Inverse = B>,
    B: Default,
    X: Array<Scalar = Y::Scalar>,
    Y: Permute<B, Output = X>,
{
    let mut dx = X::ZERO;
    permute_backward_into(dy, axes, &mut dx);
    dx
}

/// As [`permute_backward`], overwriting `dx`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::permute_backward_into;
/// // (N, H, W, C) back to (N, C, H, W)
/// let mut dx = Tensor::zeros();
/// permute_backward_into(&Tensor::new([[[[1, 10], [2, 20]]]]), Axes::<0, 2, 3, 1>, &mut dx);
/// assert_eq!(dx, Tensor::new([[[[1, 2]], [[10, 20]]]]));
/// ```
pub fn permute_backward_into<A, B, X, Y>(dy: &Y, axes: A, dx: &mut X)
where
    A: Order<Inverse = B>,
    B: Default,
    X: Array<Scalar = Y::Scalar>,
    Y: Permute<B, Output = X>,
{
    let _ = axes;
    permute_into(dy, B::default(), dx);
}

/// The first two axes change places, by value: channels of filters, or images and channels. Its own adjoint. PyTorch:
/// `x.transpose(0, 1)`.
///
/// ```
/// use constconv::functional::swap_first_axes;
/// use constconv::prelude::*;
///
/// let w = Tensor::<f32, 4, 3, 5, 5>::zeros(); // (F, C, KH, KW)
/// assert_eq!(swap_first_axes(&w).shape(), [3, 4, 5, 5]);
/// ```
#[must_use]
pub fn swap_first_axes<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
) -> Tensor<T, C, N, H, W> {
    permute(x, Axes::<1, 0, 2, 3>)
}

/// As [`swap_first_axes`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::swap_first_axes_into;
/// let mut y = Tensor::zeros();
/// swap_first_axes_into(&Tensor::new([[[[1]], [[2]]]]), &mut y);
/// assert_eq!(y, Tensor::new([[[[1]]], [[[2]]]]));
/// ```
pub fn swap_first_axes_into<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    y: &mut Tensor<T, C, N, H, W>,
) {
    permute_into(x, Axes::<1, 0, 2, 3>, y);
}
