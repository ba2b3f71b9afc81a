//! Groups of a transposed convolution whose filters are given.

use core::ops::{Mul, Rem};

use typenum::{Eq, Gr, IsEqual, IsGreater, Max, Maximum, Mod, Prod, U0, U1};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::grouping::{Groups, GroupsArePositive, GroupsDivide, Ungrouped};
use super::sealed::Sealed;
use super::verdict::{Answer, Verdict};

/// Filters (C, `FG`, KH, KW) of a transposed convolution of C channels in these groups: how many channels they make.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::conv_transpose2d;
/// let x = Tensor::<i32, 1, 4, 1, 1>::new([[[[1]], [[10]], [[100]], [[1_000]]]]);
/// let w = Tensor::<i32, 4, 1, 1, 1>::full(1); // FG = 1 channel for each of 2 groups
/// let options = (Stride::<1>, Padding::<0>, OutputPadding::<0>, Dilation::<1>, Groups::<2>);
/// assert_eq!(conv_transpose2d(&x, &w, &(), options), Tensor::new([[[[11]], [[1_100]]]]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not group {C} channels",
    label = "filters are (C, F/G, KH, KW)",
    note = "the last option of a transposed convolution is `Ungrouped`, the default, or `Groups<G>`"
)]
pub trait TransposedFilters<const C: usize, const FG: usize>: Sealed {
    /// How many groups.
    const GROUPS: usize;
    /// [`Axis<F>`](Axis), where F = FG·G.
    type Outputs: Extent;
}

/// The channels that filters make, [`Axis<F>`](Axis), are F: as many as the bias has elements.
///
/// ```
/// use constconv::shape::{Axis, OutputChannels};
/// fn channels<A: OutputChannels<F>, const F: usize>() -> usize {
///     F
/// }
/// assert_eq!(channels::<Axis<6>, _>(), 6);
/// ```
#[diagnostic::on_unimplemented(
    message = "filters that make `{Self}` channels do not fit a bias or an output of {F}",
    label = "the bias or the output has {F} channels",
    note = "filters of a transposed convolution are (C, F/G, KH, KW)"
)]
pub trait OutputChannels<const F: usize>: Sealed {}

impl<const F: usize> OutputChannels<F> for Axis<F> {}

#[diagnostic::do_not_recommend]
impl<const C: usize, const FG: usize> TransposedFilters<C, FG> for Ungrouped {
    const GROUPS: usize = 1;
    type Outputs = Axis<FG>;
}

/// L mod G, where a G of 0 divides like 1.
type Rest<const L: usize, const G: usize> = Mod<Number<L>, Maximum<Number<G>, U1>>;

impl<const C: usize, const FG: usize, const G: usize> TransposedFilters<C, FG> for Groups<G>
where
    Axis<C>: Known,
    Axis<FG>: Known,
    Axis<G>: Known,
    Number<G>: IsGreater<U0, Output: Answer> + Max<U1> + Mul<Number<FG>>,
    Verdict<Gr<Number<G>, U0>>: GroupsArePositive,
    Number<C>: Rem<Maximum<Number<G>, U1>>,
    Rest<C, G>: IsEqual<U0, Output: Answer>,
    Verdict<Eq<Rest<C, G>, U0>>: GroupsDivide<G, C>,
    Prod<Number<G>, Number<FG>>: ToAxis,
{
    const GROUPS: usize = G;
    type Outputs = <Prod<Number<G>, Number<FG>> as ToAxis>::Axis;
}
