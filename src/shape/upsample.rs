//! Planes enlarged by whole factors: L·S.

use core::ops::Mul;

use typenum::{Gr, IsGreater, Prod, U0};

use super::axis::{Axis, Extent, InTable, Known, Listed, Number, ToAxis};
use super::sealed::SealedWith;
use super::verdict::Computed;
use super::verdict::{Answer, Verdict, fits, verdicts};
use crate::tensor::{Array, Scalar, Tensor};

/// By how much height and width grow; the width's factor defaults to the height's.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::upsample_nearest2d;
/// let y = upsample_nearest2d(&Tensor::new([[[[1, 2]]]]), Scale::<1, 3>);
/// assert_eq!(y, Tensor::new([[[[1, 1, 1, 2, 2, 2]]]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale<const H: usize, const W: usize = H>;

/// A tensor whose planes can be enlarged by a [`Scale`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Upsample;
/// type X = Tensor<f32, 1, 8, 7, 7>;
/// let y: <X as Upsample<Scale<2>>>::Output = Tensor::<f32, 1, 8, 14, 14>::zeros();
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be enlarged", label = "expected a `Tensor` and a `Scale`")]
pub trait Upsample<S>: Array + SealedWith<S> {
    /// N, C, H, W.
    const LENGTHS: [usize; 4];
    /// The factors (SH, SW).
    const SCALE: [usize; 2];
    /// `Tensor<T, N, C, H·SH, W·SW>`.
    type Output: Array<Scalar = Self::Scalar>;
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, const SH: usize, const SW: usize>
    Upsample<Scale<SH, SW>> for Tensor<T, N, C, H, W>
where
    Computed: ScaleExtent<H, SH>,
    Computed: ScaleExtent<W, SW>,
{
    const LENGTHS: [usize; 4] = [N, C, H, W];
    const SCALE: [usize; 2] = [SH, SW];
    type Output =
        <<Computed as ScaleExtent<H, SH>>::Output as Extent>::Tensor<T, N, C, <Computed as ScaleExtent<W, SW>>::Output>;
}

/// [`Upsample`] along one axis, asked of [`Computed`]: L·S.
pub trait ScaleExtent<const L: usize, const S: usize> {
    /// The output axis.
    type Output: Extent;
}

impl<X, const L: usize, const S: usize> ScaleExtent<L, S> for X
where
    Axis<L>: Known,
    Axis<S>: Known,
    Number<S>: IsGreater<U0, Output: Answer>,
    Verdict<Gr<Number<S>, U0>>: ScaleIsPositive,
    Number<L>: Mul<Number<S>>,
    Prod<Number<L>, Number<S>>: InTable,
    Listed<Prod<Number<L>, Number<S>>>: ScaleFits<L, S>,
{
    type Output = <Verdict<Gr<Number<S>, U0>> as ScaleIsPositive>::Then<
        <Listed<Prod<Number<L>, Number<S>>> as ScaleFits<L, S>>::Axis,
    >;
}

fits! {
    /// There is an axis of L·S.
    #[diagnostic::on_unimplemented(
        message = "an axis of {L}*{S} cells is too long",
        label = "{L}*{S} is not a length in the table of axes"
    )]
    ScaleFits<const L, const S>: Prod<Number<L>, Number<S>> where [Number<L>: Mul<Number<S>>,];
}

verdicts! {
    /// S > 0.
    #[diagnostic::on_unimplemented(
        message = "a scale of 0 leaves nothing of an axis",
        label = "scales must be at least 1"
    )]
    ScaleIsPositive;
}
