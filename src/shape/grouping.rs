//! Groups of channels: `Groups<4>` splits input and output channels into four convolutions side by side.

use core::ops::{Div, Mul, Rem};

use typenum::{Eq, Gr, IsEqual, IsGreater, Max, Maximum, Mod, Prod, Quot, U0, U1};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::marker::KernelSize;
use super::sealed::Sealed;
use super::verdict::{Answer, Holds, Verdict};
use crate::tensor::{Array, Scalar};

/// One convolution over all channels. The default.
///
/// ```
/// use constconv::prelude::*;
/// // Each filter sees all 4 channels.
/// let conv = Conv2d::<f32, 4, 6, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped>::ZERO;
/// assert_eq!(conv.weight.shape(), [6, 4, 3, 3]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ungrouped;

/// `G` convolutions side by side, each over C/G input and F/G output channels; `G` must divide both.
///
/// ```
/// use constconv::prelude::*;
/// // Two groups: the first 3 filters see channels 0 and 1, the others channels 2 and 3.
/// let conv = Conv2d::<f32, 4, 6, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Groups<2>>::ZERO;
/// assert_eq!(conv.weight.shape(), [6, 2, 3, 3]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Groups<const G: usize>;

/// How C input and F output channels are grouped: [`Ungrouped`] or [`Groups`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Grouping;
/// assert_eq!(<Groups<2> as Grouping<4, 6>>::GROUPS, 2);
/// let w: <Groups<2> as Grouping<4, 6>>::Filters<f32, Kernel<3>> = Tensor::<f32, 6, 2, 3, 3>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not group {C} and {F} channels",
    label = "expected `Ungrouped` or `Groups<G>` here"
)]
pub trait Grouping<const C: usize, const F: usize>: 'static + Sealed {
    /// How many groups.
    const GROUPS: usize;
    /// The filters, `Tensor<T, F, C/G, KH, KW>`.
    type Filters<T: Scalar, K: KernelSize>: Array<Scalar = T>;
}

impl<const C: usize, const F: usize> Grouping<C, F> for Ungrouped {
    const GROUPS: usize = 1;
    type Filters<T: Scalar, K: KernelSize> = K::Filters<T, F, C>;
}

/// Filters of `CG` channels for C input and F output channels in these groups: CG is C/G.
///
/// [`Grouping`] computes CG; this is for those who have filters already.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::conv2d;
/// let x = Tensor::<i32, 1, 4, 1, 1>::full(10);
/// let w = Tensor::<i32, 2, 2, 1, 1>::full(1); // CG = 2 of C = 4 channels
/// let y = conv2d(&x, &w, &(), (Stride::<1>, Padding::<0>, Exact, Dilation::<1>, Groups::<2>));
/// assert_eq!(y, Tensor::new([[[[20]], [[20]]]]));
/// ```
#[diagnostic::on_unimplemented(
    message = "filters of {CG} channels do not fit on {C} input channels under `{Self}`",
    label = "filters are (F, C/G, KH, KW)",
    note = "the last option of a convolution is `Ungrouped`, the default, or `Groups<G>`"
)]
pub trait GroupedFilters<const CG: usize, const C: usize, const F: usize>: Sealed {
    /// How many groups.
    const GROUPS: usize;
}

#[diagnostic::do_not_recommend]
impl<const C: usize, const F: usize> GroupedFilters<C, C, F> for Ungrouped {
    const GROUPS: usize = 1;
}

impl<const CG: usize, const C: usize, const F: usize, const G: usize> GroupedFilters<CG, C, F> for Groups<G>
where
    Axis<CG>: Known,
    Axis<C>: Known,
    Axis<F>: Known,
    Axis<G>: Known,
    Number<G>: IsGreater<U0, Output: Answer> + Max<U1> + Mul<Number<CG>>,
    Verdict<Gr<Number<G>, U0>>: GroupsArePositive,
    Prod<Number<G>, Number<CG>>: IsEqual<Number<C>, Output: Answer>,
    Number<F>: Rem<Maximum<Number<G>, U1>>,
    Rest<F, G>: IsEqual<U0, Output: Answer>,
    Verdict<Eq<Prod<Number<G>, Number<CG>>, Number<C>>>: FiltersMatch<CG, G, C>,
    Verdict<Eq<Rest<F, G>, U0>>: GroupsDivide<G, F>,
{
    const GROUPS: usize = G;
}

/// L / G, where a G of 0 divides like 1.
type Part<const L: usize, const G: usize> = Quot<Number<L>, Maximum<Number<G>, U1>>;
/// L mod G.
type Rest<const L: usize, const G: usize> = Mod<Number<L>, Maximum<Number<G>, U1>>;

// The arithmetic is total, so that a wrong layer is still a type: the one error comes where it meets an input.
impl<const C: usize, const F: usize, const G: usize> Grouping<C, F> for Groups<G>
where
    Axis<C>: Known,
    Axis<G>: Known,
    Number<G>: Max<U1>,
    Number<C>: Div<Maximum<Number<G>, U1>>,
    Part<C, G>: ToAxis,
{
    const GROUPS: usize = if G == 0 { 1 } else { G };
    type Filters<T: Scalar, K: KernelSize> = <<Part<C, G> as ToAxis>::Axis as Extent>::Filters<T, F, K>;
}

/// A [`Grouping`] that divides both: what a convolution needs to run.
///
/// ```
/// use constconv::shape::{EvenGrouping, Groups};
/// fn runs<G: EvenGrouping<8, 16>>() {}
/// runs::<Groups<4>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands where the groups belong",
    label = "expected `Ungrouped` or `Groups<G>` in place of `{Self}`",
    note = "the last parameters of a convolution come in the order Dilation, groups, bias: `Dilation<1>, Ungrouped, NoBias`"
)]
pub trait EvenGrouping<const C: usize, const F: usize>: Grouping<C, F> {}

#[diagnostic::do_not_recommend]
impl<const C: usize, const F: usize> EvenGrouping<C, F> for Ungrouped {}

impl<const C: usize, const F: usize, const G: usize> EvenGrouping<C, F> for Groups<G>
where
    Self: Grouping<C, F>,
    Axis<C>: Known,
    Axis<F>: Known,
    Axis<G>: Known,
    Number<G>: IsGreater<U0, Output: Answer> + Max<U1>,
    Verdict<Gr<Number<G>, U0>>: GroupsArePositive,
    Number<C>: Rem<Maximum<Number<G>, U1>>,
    Number<F>: Rem<Maximum<Number<G>, U1>>,
    Rest<C, G>: IsEqual<U0, Output: Answer>,
    Rest<F, G>: IsEqual<U0, Output: Answer>,
    Verdict<Eq<Rest<C, G>, U0>>: GroupsDivide<G, C>,
    Verdict<Eq<Rest<F, G>, U0>>: GroupsDivide<G, F>,
{
}

/// G > 0.
#[diagnostic::on_unimplemented(message = "there is no convolution in 0 groups", label = "groups must be at least 1")]
pub trait GroupsArePositive {}

#[diagnostic::do_not_recommend]
impl GroupsArePositive for Holds {}

/// G divides L.
#[diagnostic::on_unimplemented(
    message = "{G} groups do not divide {L} channels",
    label = "the number of groups must divide the input and the output channels"
)]
pub trait GroupsDivide<const G: usize, const L: usize> {}

#[diagnostic::do_not_recommend]
impl<const G: usize, const L: usize> GroupsDivide<G, L> for Holds {}

/// CG·G = C.
#[diagnostic::on_unimplemented(
    message = "filters of {CG} channels in {G} groups do not fit on {C} input channels",
    label = "{CG}*{G} is not {C}"
)]
pub trait FiltersMatch<const CG: usize, const G: usize, const C: usize> {}

#[diagnostic::do_not_recommend]
impl<const CG: usize, const G: usize, const C: usize> FiltersMatch<CG, G, C> for Holds {}
