//! The extent of an axis with zeros between its cells: (L − 1)·S + 1.

use core::ops::{Add, Mul, Sub};

use typenum::{Diff, Gr, IsGreater, Max, Maximum, Prod, Sum, U0, U1};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::marker::Stride;
use super::sealed::{Sealed, SealedWith};
use super::verdict::Computed;
use super::verdict::{Answer, Verdict};
use super::window::{Plane, StrideIsPositive};
use crate::tensor::{Array, Scalar};

/// A plane whose cells move apart by a stride.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Plane, InsertZeros};
/// // (3 − 1)·2 + 1 rows, (3 − 1)·4 + 1 columns.
/// let y: <Plane<3, 3> as InsertZeros<Stride<2, 4>>>::Output<f32, 1, 1> = Tensor::<f32, 1, 1, 5, 9>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "zeros cannot be inserted into `{Self}` by `{S}`",
    label = "expected a `Stride` here"
)]
pub trait InsertZeros<S>: SealedWith<S> {
    /// Stride (SH, SW).
    const STRIDE: [usize; 2];
    /// Output height and width.
    const OUTPUT: [usize; 2];
    /// `Tensor<T, N, C, (H − 1)·SH + 1, (W − 1)·SW + 1>`.
    type Output<T: Scalar, const N: usize, const C: usize>: Array<Scalar = T>;
}

impl<const H: usize, const W: usize, const SH: usize, const SW: usize> InsertZeros<Stride<SH, SW>> for Plane<H, W>
where
    Axis<H>: InsertZerosAxis<SH>,
    Axis<W>: InsertZerosAxis<SW>,
{
    const STRIDE: [usize; 2] = [SH, SW];
    const OUTPUT: [usize; 2] =
        [<Axis<H> as InsertZerosAxis<SH>>::Output::LENGTH, <Axis<W> as InsertZerosAxis<SW>>::Output::LENGTH];
    type Output<T: Scalar, const N: usize, const C: usize> =
        <<Axis<H> as InsertZerosAxis<SH>>::Output as Extent>::Tensor<T, N, C, <Axis<W> as InsertZerosAxis<SW>>::Output>;
}

/// [`InsertZeros`] along one axis.
///
/// ```
/// use constconv::shape::{Axis, Extent, InsertZerosAxis};
/// assert_eq!(<<Axis<3> as InsertZerosAxis<4>>::Output as Extent>::LENGTH, 9); // a···b···c
/// ```
pub trait InsertZerosAxis<const S: usize>: Sealed {
    /// The output axis.
    type Output: Extent;
}

/// L·S + 1, or S where that is more (there are no cells then).
type End<const L: usize, const S: usize> = Maximum<Sum<Prod<Number<L>, Number<S>>, U1>, Number<S>>;

impl<const L: usize, const S: usize> InsertZerosAxis<S> for Axis<L>
where
    Computed: InsertZerosExtent<L, S>,
{
    type Output = <Computed as InsertZerosExtent<L, S>>::Output;
}

/// The extent of [`InsertZerosAxis`], asked of [`Computed`].
pub trait InsertZerosExtent<const L: usize, const S: usize> {
    /// The output axis.
    type Output: Extent;
}

impl<X, const L: usize, const S: usize> InsertZerosExtent<L, S> for X
where
    Axis<L>: Known,
    Axis<S>: Known,
    Number<S>: IsGreater<U0, Output: Answer>,
    Verdict<Gr<Number<S>, U0>>: StrideIsPositive,
    Number<L>: Mul<Number<S>>,
    Prod<Number<L>, Number<S>>: Add<U1>,
    Sum<Prod<Number<L>, Number<S>>, U1>: Max<Number<S>>,
    End<L, S>: Sub<Number<S>>,
    Diff<End<L, S>, Number<S>>: ToAxis,
{
    type Output = <Verdict<Gr<Number<S>, U0>> as StrideIsPositive>::Then<<Diff<End<L, S>, Number<S>> as ToAxis>::Axis>;
}
