//! Groups of channels: `Groups<4>` splits input and output channels into four convolutions side by side.

use core::ops::{Div, Rem};

use typenum::{B1, Eq, Gr, IsEqual, IsGreater, Max, Maximum, Mod, Quot, U0, U1};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::marker::KernelSize;
use crate::Scalar;
use crate::tensor::Array;

/// One convolution over all channels. The default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ungrouped;

/// `G` convolutions side by side, each over C/G input and F/G output channels; `G` must divide both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Groups<const G: usize>;

/// How C input and F output channels are grouped: [`Ungrouped`] or [`Groups`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not group {C} input and {F} output channels",
    label = "expected `Ungrouped` or `Groups<G>` here"
)]
pub trait Grouping<const C: usize, const F: usize>: 'static {
    /// How many groups.
    const GROUPS: usize;
    /// The filters, `Tensor<T, F, C/G, KH, KW>`.
    type Filters<T: Scalar, K: KernelSize>: Array<Scalar = T>;
}

impl<const C: usize, const F: usize> Grouping<C, F> for Ungrouped {
    const GROUPS: usize = 1;
    type Filters<T: Scalar, K: KernelSize> = K::Filters<T, F, C>;
}

/// L / G, where a G of 0 divides like 1.
type Part<const L: usize, const G: usize> = Quot<Number<L>, Maximum<Number<G>, U1>>;
/// L mod G.
type Rest<const L: usize, const G: usize> = Mod<Number<L>, Maximum<Number<G>, U1>>;

impl<const C: usize, const F: usize, const G: usize> Grouping<C, F> for Groups<G>
where
    Axis<C>: Known,
    Axis<F>: Known,
    Axis<G>: Known,
    Number<G>: IsGreater<U0> + Max<U1>,
    Gr<Number<G>, U0>: GroupsArePositive,
    Number<C>: Div<Maximum<Number<G>, U1>> + Rem<Maximum<Number<G>, U1>>,
    Number<F>: Rem<Maximum<Number<G>, U1>>,
    Rest<C, G>: IsEqual<U0>,
    Rest<F, G>: IsEqual<U0>,
    Eq<Rest<C, G>, U0>: GroupsDivide<G, C>,
    Eq<Rest<F, G>, U0>: GroupsDivide<G, F>,
    Part<C, G>: ToAxis,
{
    const GROUPS: usize = G;
    type Filters<T: Scalar, K: KernelSize> = <<Part<C, G> as ToAxis>::Axis as Extent>::Filters<T, F, K>;
}

/// G > 0.
#[diagnostic::on_unimplemented(message = "there is no convolution in 0 groups", label = "groups must be at least 1")]
pub trait GroupsArePositive {}

#[diagnostic::do_not_recommend]
impl GroupsArePositive for B1 {}

/// G divides L.
#[diagnostic::on_unimplemented(
    message = "{G} groups do not divide {L} channels",
    label = "the number of groups must divide the input and the output channels"
)]
pub trait GroupsDivide<const G: usize, const L: usize> {}

#[diagnostic::do_not_recommend]
impl<const G: usize, const L: usize> GroupsDivide<G, L> for B1 {}
