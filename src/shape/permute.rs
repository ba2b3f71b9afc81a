//! The 24 orders of four axes.

use super::sealed::{Sealed, SealedWith};
use crate::tensor::{Array, Scalar, Tensor};

/// An order of the four axes of a tensor: axis 0 of the result is axis `A0` of the tensor, and so on.
///
/// Of a [`Tensor`] (N, C, H, W), `Axes<0, 2, 3, 1>` is (N, H, W, C).
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::permute;
/// let x = Tensor::<f32, 2, 3, 4, 5>::zeros();
/// assert_eq!(permute(&x, Axes::<0, 2, 3, 1>).shape(), [2, 4, 5, 3]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axes<const A0: usize, const A1: usize, const A2: usize, const A3: usize>;

/// An order that can be undone: [`Axes`] that name each of 0, 1, 2, 3 once.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Order;
/// // (N, C, H, W) → (C, H, W, N), and back.
/// let back: <Axes<1, 2, 3, 0> as Order>::Inverse = Axes::<3, 0, 1, 2>;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order of four axes",
    label = "each of 0, 1, 2, 3 must stand here once"
)]
pub trait Order: Sealed {
    /// The order that leads back.
    type Inverse: Default;
}

/// A tensor whose axes can be brought into the order `A`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Permute;
/// type X = Tensor<f32, 2, 3, 4, 5>;
/// let y: <X as Permute<Axes<2, 3, 1, 0>>>::Output = Tensor::<f32, 4, 5, 3, 2>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{A}` is not an order of the axes of `{Self}`",
    label = "each of the axes 0, 1, 2, 3 of a `Tensor` must stand once in `Axes`"
)]
pub trait Permute<A>: Array + SealedWith<A> {
    /// The axes of the tensor.
    const LENGTHS: [usize; 4];
    /// Which of them come first, second, third and last.
    const ORDER: [usize; 4];
    /// The tensor with its axes in this order.
    type Output: Array<Scalar = Self::Scalar>;
}

/// Writes, per row of the table, an order with the order that leads back, and the axes (N, C, H, W) in that order.
macro_rules! orders {
    ($($a0:literal $a1:literal $a2:literal $a3:literal, $b0:literal $b1:literal $b2:literal $b3:literal: $($axis:ident)*;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Order for Axes<$a0, $a1, $a2, $a3> {
            type Inverse = Axes<$b0, $b1, $b2, $b3>;
        }

        #[diagnostic::do_not_recommend]
        impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>
            Permute<Axes<$a0, $a1, $a2, $a3>> for Tensor<T, N, C, H, W>
        {
            const LENGTHS: [usize; 4] = [N, C, H, W];
            const ORDER: [usize; 4] = [$a0, $a1, $a2, $a3];
            type Output = Tensor<T, $($axis),*>;
        }
    )* };
}

orders! {
    // order, the way back: axes
    0 1 2 3,  0 1 2 3:  N C H W;
    0 1 3 2,  0 1 3 2:  N C W H;
    0 2 1 3,  0 2 1 3:  N H C W;
    0 2 3 1,  0 3 1 2:  N H W C;
    0 3 1 2,  0 2 3 1:  N W C H;
    0 3 2 1,  0 3 2 1:  N W H C;
    1 0 2 3,  1 0 2 3:  C N H W;
    1 0 3 2,  1 0 3 2:  C N W H;
    1 2 0 3,  2 0 1 3:  C H N W;
    1 2 3 0,  3 0 1 2:  C H W N;
    1 3 0 2,  2 0 3 1:  C W N H;
    1 3 2 0,  3 0 2 1:  C W H N;
    2 0 1 3,  1 2 0 3:  H N C W;
    2 0 3 1,  1 3 0 2:  H N W C;
    2 1 0 3,  2 1 0 3:  H C N W;
    2 1 3 0,  3 1 0 2:  H C W N;
    2 3 0 1,  2 3 0 1:  H W N C;
    2 3 1 0,  3 2 0 1:  H W C N;
    3 0 1 2,  1 2 3 0:  W N C H;
    3 0 2 1,  1 3 2 0:  W N H C;
    3 1 0 2,  2 1 3 0:  W C N H;
    3 1 2 0,  3 1 2 0:  W C H N;
    3 2 0 1,  2 3 1 0:  W H N C;
    3 2 1 0,  3 2 1 0:  W H C N;
}
