//! Axis lengths as types: `Axis<28>` ↔ `typenum`'s 28, and from axes back to tensors.

use typenum::{B0, B1, Bit, IsLessOrEqual, LeEq, UInt, UTerm, Unsigned};

use super::marker::KernelSize;
use super::sealed::Sealed;
use super::verdict::{Answer, Fails, Holds, Verdict};
use crate::tensor::{Array, Matrix, Scalar, Signal, Tensor};

/// The length of one axis, as a type.
///
/// ```
/// use constconv::shape::{Axis, Extent};
/// assert_eq!(<Axis<28> as Extent>::LENGTH, 28);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axis<const L: usize>;

/// An axis length that the table holds.
///
/// The table holds all lengths up to [`LONGEST_AXIS`], and multiples of 64 up to [`LONGEST_ROUND_AXIS`]; the features
/// `axes-8192` and `axes-16384` add more.
///
/// ```
/// use constconv::shape::{Axis, Known};
/// fn is_known<A: Known>() {}
/// is_known::<Axis<4096>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "the length `{Self}` is not known",
    label = "an axis that is still generic, or not in the table of axis lengths",
    note = "a function that is generic over a length has the bounds of what it calls, as in `where Plane<H, W>: Window<Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<1>>`",
    note = "lengths up to 4096 are in the table, and multiples of 64 up to 32768; the features `axes-8192` and `axes-16384` of constconv add more"
)]
pub trait Known: Sealed {
    /// The same number for `typenum`.
    type Number: Unsigned;
}

/// The number of an axis, for `typenum`.
pub(super) type Number<const L: usize> = <Axis<L> as Known>::Number;

/// From a `typenum` number back to an axis.
///
/// ```
/// use constconv::shape::{Axis, Extent, Known, ToAxis};
/// // There and back.
/// type Back = <<Axis<28> as Known>::Number as ToAxis>::Axis;
/// assert_eq!(Back::LENGTH, 28);
/// ```
#[diagnostic::on_unimplemented(
    message = "a computed axis is longer than the axes of this build",
    note = "lengths up to 4096 are in the table, and multiples of 64 up to 32768; the features `axes-8192` and `axes-16384` of constconv add more"
)]
pub trait ToAxis: Sealed {
    /// The axis of this length.
    type Axis: Extent;
}

/// The row of the table that holds the numbers with these high bits.
#[diagnostic::on_unimplemented(
    message = "a computed axis is longer than the axes of this build",
    note = "lengths up to 4096 are in the table, and multiples of 64 up to 32768; the features `axes-8192` and `axes-16384` of constconv add more"
)]
pub trait HasRow {
    /// The row, a type of its own.
    type Row;
}

/// The cell of a row that belongs to these low bits.
#[diagnostic::on_unimplemented(
    message = "a computed axis is longer than the axes of this build",
    note = "lengths up to 4096 are in the table, and multiples of 64 up to 32768; the features `axes-8192` and `axes-16384` of constconv add more"
)]
pub trait Cell<Bits> {
    /// The axis of this cell.
    type Axis: Extent;
}

#[diagnostic::do_not_recommend]
impl<H, C5, C4, C3, C2, C1, C0> ToAxis for UInt<UInt<UInt<UInt<UInt<UInt<H, C5>, C4>, C3>, C2>, C1>, C0>
where
    H: HasRow<Row: Cell<(C5, C4, C3, C2, C1, C0)>>,
{
    type Axis = <H::Row as Cell<(C5, C4, C3, C2, C1, C0)>>::Axis;
}

include!(concat!(env!("OUT_DIR"), "/axis_table.rs"));

/// A number of which it is known whether the table has an axis of that length.
pub trait InTable {
    /// [`Holds`] or [`Fails`].
    type Verdict;
}

/// Whether the table has an axis of this length.
pub(super) type Listed<N> = <N as InTable>::Verdict;

impl InTable for UTerm {
    type Verdict = Holds;
}

impl<U: Unsigned, B: Bit> InTable for UInt<U, B>
where
    UInt<U, B>: IsLessOrEqual<Longest, Output: OrRound<UInt<U, B>>>,
{
    type Verdict = <LeEq<UInt<U, B>, Longest> as OrRound<UInt<U, B>>>::Verdict;
}

/// An answer, or, if that is no, whether `N` is a multiple of 64 up to the last row.
pub trait OrRound<N> {
    /// [`Holds`] or [`Fails`].
    type Verdict;
}

impl<N> OrRound<N> for B1 {
    type Verdict = Holds;
}

impl<N: Halves<Six>> OrRound<N> for B0 {
    type Verdict = N::Verdict;
}

/// Whether a number can be halved as often as `Times` says, and what is left is not beyond the last row.
pub trait Halves<Times> {
    /// [`Holds`] or [`Fails`].
    type Verdict;
}

/// Once more.
#[derive(Debug)]
pub struct Again<Times>(Times);
/// 64 is 2⁶.
type Six = Again<Again<Again<Again<Again<Again<()>>>>>>;

impl<U: Halves<Times>, Times> Halves<Again<Times>> for UInt<U, B0> {
    type Verdict = U::Verdict;
}

impl<U, Times> Halves<Again<Times>> for UInt<U, B1> {
    type Verdict = Fails;
}

impl<U: IsLessOrEqual<LastRow, Output: Answer>> Halves<()> for U {
    type Verdict = Verdict<LeEq<U, LastRow>>;
}

/// An axis from which tensor types are built: the way from computed numbers back to const generics.
///
/// Implemented by every [`Axis`], so that what is computed has plain types such as `Tensor<f32, 1, 6, 28, 28>`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Axis, Extent};
/// fn row<L: Extent>() -> L::Matrix<f32, 1> {
///     Zeroed::ZERO
/// }
/// let row: Matrix<f32, 1, 5> = row::<Axis<5>>();
/// ```
pub trait Extent: 'static + Sealed {
    /// The length L.
    const LENGTH: usize;
    /// `Tensor<T, N, C, L, W>`, where `W` is the length of the other axis.
    type Tensor<T: Scalar, const N: usize, const C: usize, W: Extent>: Array<Scalar = T>;
    /// `Tensor<T, N, C, H, L>`.
    type Columns<T: Scalar, const N: usize, const C: usize, const H: usize>: Array<Scalar = T>;
    /// `Signal<T, N, C, L>`.
    type Signal<T: Scalar, const N: usize, const C: usize>: Array<Scalar = T>;
    /// `Matrix<T, R, L>`.
    type Matrix<T: Scalar, const R: usize>: Array<Scalar = T>;
    /// `Matrix<T, L, C>`, where `C` is the length of the other axis.
    type Rows<T: Scalar, C: Extent>: Array<Scalar = T>;
    /// `Tensor<T, F, L, KH, KW>`.
    type Filters<T: Scalar, const F: usize, K: KernelSize>: Array<Scalar = T>;
}

impl<const L: usize> Extent for Axis<L> {
    const LENGTH: usize = L;
    type Tensor<T: Scalar, const N: usize, const C: usize, W: Extent> = W::Columns<T, N, C, L>;
    type Columns<T: Scalar, const N: usize, const C: usize, const H: usize> = Tensor<T, N, C, H, L>;
    type Signal<T: Scalar, const N: usize, const C: usize> = Signal<T, N, C, L>;
    type Matrix<T: Scalar, const R: usize> = Matrix<T, R, L>;
    type Rows<T: Scalar, C: Extent> = C::Matrix<T, L>;
    type Filters<T: Scalar, const F: usize, K: KernelSize> = K::Filters<T, F, L>;
}
