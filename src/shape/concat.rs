//! Sums of channels: two feature maps as one.

use core::ops::Add;

use typenum::Sum;

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::marker::{Flat, Kernel};
use crate::Scalar;
use crate::tensor::{Array, Signal, Tensor};

/// A feature map or signal behind whose channels those of `Y` can stand: the same numbers, batch, height and width.
#[diagnostic::on_unimplemented(
    message = "the channels of `{Y}` cannot stand behind those of `{Self}`",
    label = "one branch makes `{Self}`, the other one `{Y}`",
    note = "feature maps whose channels are concatenated have the same batch, height, width and type of numbers"
)]
pub trait Beside<Y: Array>: Array<Scalar = Y::Scalar> {
    /// Images in the batch (N).
    const IMAGES: usize;
    /// `Tensor<T, N, C1 + C2, H, W>` or `Signal<T, N, C1 + C2, L>`.
    type Output: Array<Scalar = Y::Scalar>;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar, const N: usize, const C1: usize, const C2: usize, const H: usize, const W: usize>
    Beside<Tensor<T, N, C2, H, W>> for Tensor<T, N, C1, H, W>
where
    Axis<C1>: Known,
    Axis<C2>: Known,
    Number<C1>: Add<Number<C2>>,
    Sum<Number<C1>, Number<C2>>: ToAxis,
{
    const IMAGES: usize = N;
    // Filters are (F, C, KH, KW): the same four axes.
    type Output = <<Sum<Number<C1>, Number<C2>> as ToAxis>::Axis as Extent>::Filters<T, N, Kernel<H, W>>;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar, const N: usize, const C1: usize, const C2: usize, const L: usize> Beside<Signal<T, N, C2, L>>
    for Signal<T, N, C1, L>
where
    Axis<C1>: Known,
    Axis<C2>: Known,
    Number<C1>: Add<Number<C2>>,
    Sum<Number<C1>, Number<C2>>: ToAxis,
{
    const IMAGES: usize = N;
    type Output = <<Sum<Number<C1>, Number<C2>> as ToAxis>::Axis as Extent>::Filters<T, N, Flat<Kernel<L>>>;
}
