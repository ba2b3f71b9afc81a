//! Sums of channels: two feature maps as one, and one as two.

use core::ops::Add;

use typenum::{Eq, IsEqual, Sum};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::marker::{Flat, Kernel};
use super::sealed::{Sealed, SealedWith};
use super::verdict::{Answer, Holds, Verdict};
use crate::tensor::{Array, Scalar, Signal, Tensor};

/// A feature map or signal after whose channels those of `Y` can stand: the same element type, batch, height and width.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::ConcatChannels;
/// type Left = Tensor<f32, 1, 3, 8, 8>;
/// type Right = Tensor<f32, 1, 5, 8, 8>;
/// let y: <Left as ConcatChannels<Right>>::Output = Tensor::<f32, 1, 8, 8, 8>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "the channels of `{Y}` cannot follow those of `{Self}`",
    label = "the branches so far make `{Self}`, the next one `{Y}`",
    note = "feature maps or signals whose channels are concatenated have the same batch, height, width and element type"
)]
pub trait ConcatChannels<Y: Array>: Array<Scalar = Y::Scalar> + Sealed {
    /// Images in the batch (N).
    const IMAGES: usize;
    /// `Tensor<T, N, C1 + C2, H, W>` or `Signal<T, N, C1 + C2, L>`.
    type Output: Array<Scalar = Y::Scalar>;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar, const N: usize, const C1: usize, const C2: usize, const H: usize, const W: usize>
    ConcatChannels<Tensor<T, N, C2, H, W>> for Tensor<T, N, C1, H, W>
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
impl<T: Scalar, const N: usize, const C1: usize, const C2: usize, const L: usize> ConcatChannels<Signal<T, N, C2, L>>
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

/// How many channels the two parts of a tensor have.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::split_channels;
/// let x = Tensor::new([[[[1]], [[2]], [[3]]]]);
/// let (a, b) = split_channels(&x, Split::<1, 2>);
/// assert_eq!((a, b), (Tensor::new([[[[1]]]]), Tensor::new([[[[2]], [[3]]]])));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, core::cmp::Eq)]
pub struct Split<const C1: usize, const C2: usize>;

/// A tensor or signal whose channels can be split by a [`Split`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::SplitChannels;
/// type X = Tensor<f32, 1, 8, 4, 4>;
/// let first: <X as SplitChannels<Split<3, 5>>>::First = Tensor::<f32, 1, 3, 4, 4>::zeros();
/// let second: <X as SplitChannels<Split<3, 5>>>::Second = Tensor::<f32, 1, 5, 4, 4>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "the channels of `{Self}` cannot be split",
    label = "expected a `Tensor` or `Signal`, and a `Split`"
)]
pub trait SplitChannels<S>: Array + SealedWith<S> {
    /// Images in the batch (N).
    const IMAGES: usize;
    /// `Tensor<T, N, C1, H, W>` or `Signal<T, N, C1, L>`.
    type First: Array<Scalar = Self::Scalar>;
    /// `Tensor<T, N, C2, H, W>` or `Signal<T, N, C2, L>`.
    type Second: Array<Scalar = Self::Scalar>;
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, const C1: usize, const C2: usize>
    SplitChannels<Split<C1, C2>> for Tensor<T, N, C, H, W>
where
    Axis<C>: Known,
    Axis<C1>: Known,
    Axis<C2>: Known,
    Number<C1>: Add<Number<C2>>,
    Sum<Number<C1>, Number<C2>>: IsEqual<Number<C>, Output: Answer>,
    Verdict<Eq<Sum<Number<C1>, Number<C2>>, Number<C>>>: ChannelsAddUp<C1, C2, C>,
{
    const IMAGES: usize = N;
    type First = Tensor<T, N, C1, H, W>;
    type Second = Tensor<T, N, C2, H, W>;
}

impl<T: Scalar, const N: usize, const C: usize, const L: usize, const C1: usize, const C2: usize>
    SplitChannels<Split<C1, C2>> for Signal<T, N, C, L>
where
    Axis<C>: Known,
    Axis<C1>: Known,
    Axis<C2>: Known,
    Number<C1>: Add<Number<C2>>,
    Sum<Number<C1>, Number<C2>>: IsEqual<Number<C>, Output: Answer>,
    Verdict<Eq<Sum<Number<C1>, Number<C2>>, Number<C>>>: ChannelsAddUp<C1, C2, C>,
{
    const IMAGES: usize = N;
    type First = Signal<T, N, C1, L>;
    type Second = Signal<T, N, C2, L>;
}

/// C1 + C2 = C.
#[diagnostic::on_unimplemented(
    message = "{C} channels cannot be split into {C1} and {C2}",
    label = "{C1} + {C2} is not {C}"
)]
pub trait ChannelsAddUp<const C1: usize, const C2: usize, const C: usize> {}

#[diagnostic::do_not_recommend]
impl<const C1: usize, const C2: usize, const C: usize> ChannelsAddUp<C1, C2, C> for Holds {}
