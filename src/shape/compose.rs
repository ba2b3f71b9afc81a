//! Two filters one after the other: a kernel of 2·K − 1, and what it takes to go back from one filter to two.

use core::ops::{Add, Mul, Rem, Sub};

use typenum::{Diff, Eq, Gr, IsEqual, IsGreater, Max, Maximum, Mod, Prod, Sum, U0, U1, U2};

use super::axis::{Axis, Extent, InTable, Known, Listed, Number, ToAxis};
use super::sealed::Sealed;
use super::verdict::{Answer, Holds, Verdict, fits};
use super::window::KernelIsPositive;
use crate::tensor::{Array, Scalar};

/// The kernel size K of two filters that follow each other. Implemented by [`Axis<K>`](Axis).
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Axis, Composed};
/// let w: <Axis<3> as Composed>::Filters<f32, 8, 4> = Tensor::<f32, 8, 4, 5, 5>::zeros();
/// ```
pub trait Composed: Sealed {
    /// `Tensor<T, F, C, 2·K − 1, 2·K − 1>`.
    type Filters<T: Scalar, const F: usize, const C: usize>: Array<Scalar = T>;
}

/// 2·K, or 1 where that is more (there is no kernel then).
type Twice<const K: usize> = Maximum<Sum<Number<K>, Number<K>>, U1>;
/// The axis of 2·K − 1.
type Both<const K: usize> =
    <Verdict<Gr<Number<K>, U0>> as KernelIsPositive>::Then<<Diff<Twice<K>, U1> as ToAxis>::Axis>;

impl<const K: usize> Composed for Axis<K>
where
    Axis<K>: Known,
    Number<K>: IsGreater<U0, Output: Answer> + Add<Number<K>>,
    Verdict<Gr<Number<K>, U0>>: KernelIsPositive,
    Sum<Number<K>, Number<K>>: Max<U1>,
    Twice<K>: Sub<U1>,
    Diff<Twice<K>, U1>: ToAxis,
{
    type Filters<T: Scalar, const F: usize, const C: usize> = <Both<K> as Extent>::Tensor<T, F, C, Both<K>>;
}

/// The size K of a kernel that is taken apart into two of the same size, with M channels between them. Implemented by
/// [`Axis<K>`](Axis).
///
/// ```
/// use constconv::shape::{Axis, Decomposed, Extent};
/// // Seven channels between two kernels of 3×3.
/// assert_eq!(<<Axis<3> as Decomposed<7>>::Unknowns as Extent>::LENGTH, 63);
/// ```
pub trait Decomposed<const M: usize>: Composed {
    /// The unknowns of one channel: M·K².
    type Unknowns: Extent;
}

/// K mod 2, where a K of 0, which `Composed` refuses, counts as odd.
type Parity<const K: usize> = Mod<Maximum<Number<K>, U1>, U2>;
/// M·K².
type Unknowns<const K: usize, const M: usize> = Prod<Prod<Number<K>, Number<K>>, Number<M>>;

impl<const K: usize, const M: usize> Decomposed<M> for Axis<K>
where
    Axis<K>: Composed + Known,
    Axis<M>: Known,
    Number<K>: Max<U1> + Mul<Number<K>>,
    Number<M>: IsGreater<U0, Output: Answer>,
    Maximum<Number<K>, U1>: Rem<U2>,
    Parity<K>: IsEqual<U1, Output: Answer>,
    Verdict<Eq<Parity<K>, U1>>: KernelIsOdd<K>,
    Verdict<Gr<Number<M>, U0>>: ChannelsBetween,
    Prod<Number<K>, Number<K>>: Mul<Number<M>>,
    Unknowns<K, M>: InTable,
    Listed<Unknowns<K, M>>: UnknownsFit<K, M>,
{
    type Unknowns = <Listed<Unknowns<K, M>> as UnknownsFit<K, M>>::Axis;
}

/// K mod 2 = 1.
#[diagnostic::on_unimplemented(
    message = "a kernel of {K} has no cell in the middle: it cannot lie centred in one of 2*{K} - 1",
    label = "kernels that are taken apart have an odd size"
)]
pub trait KernelIsOdd<const K: usize> {}

#[diagnostic::do_not_recommend]
impl<const K: usize> KernelIsOdd<K> for Holds {}

/// M > 0.
#[diagnostic::on_unimplemented(
    message = "two filters with 0 channels between them make no filter",
    label = "there must be at least 1 channel between the filters"
)]
pub trait ChannelsBetween {}

#[diagnostic::do_not_recommend]
impl ChannelsBetween for Holds {}

fits! {
    /// There is an axis of M·K².
    #[diagnostic::on_unimplemented(
        message = "{M}*{K}*{K} unknowns are too many for an axis",
        label = "the unknowns of one channel are not a length in the table of axes"
    )]
    UnknownsFit<const K, const M>: Unknowns<K, M>
    where [Number<K>: Mul<Number<K>>, Prod<Number<K>, Number<K>>: Mul<Number<M>>,];
}
