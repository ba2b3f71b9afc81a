//! Rows and columns added to the sides of a plane, or taken off: L + A + B and L − A − B.

use core::ops::{Add, Sub};

use typenum::{Diff, GrEq, IsGreaterOrEqual, Max, Maximum, Sum};

use super::axis::{Axis, Extent, InTable, Known, Listed, Number, ToAxis};
use super::marker::Padding;
use super::sealed::SealedWith;
use super::verdict::Computed;
use super::verdict::{Answer, Verdict, fits, verdicts};
use crate::tensor::{Array, Scalar, Tensor};

/// Rows at the top and at the bottom, columns on the left and on the right: a [`Padding`] with sides of their own.
///
/// Convolutions take it in place of a `Padding`, which costs nothing; a convolution of signals without rows,
/// `Sides<0, 0, LEFT, RIGHT>`. A pooling does not.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::zero_pad2d;
/// // (96 + 0 + 1 − 3)/2 + 1 rows and columns.
/// let conv = Conv2d::<f32, 3, 8, Kernel<3>, Stride<2>, Sides<0, 1, 0, 1>>::ZERO;
/// assert_eq!(conv.forward(&Tensor::<f32, 1, 3, 96, 96>::zeros()).shape(), [1, 8, 48, 48]);
///
/// // Of the past only: each output sees its own sample and the two before it.
/// let causal = Conv1d::<i32, 1, 1, Kernel<3>, Stride<1>, Sides<0, 0, 2, 0>>::new(Signal::full(1), Vector::zeros());
/// assert_eq!(causal.forward(&Signal::new([[[1, 20, 300]]])), Signal::new([[[1, 21, 321]]]));
///
/// // A row at the top, none at the bottom, none on the left, two columns on the right.
/// let y = zero_pad2d(&Tensor::new([[[[7]]]]), Sides::<1, 0, 0, 2>);
/// assert_eq!(y, Tensor::new([[[[0, 0, 0], [7, 0, 0]]]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides<const TOP: usize, const BOTTOM: usize, const LEFT: usize, const RIGHT: usize>;

/// A tensor to whose planes rows and columns can be added; `P` is a [`Padding`] or [`Sides`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Pad;
/// type X = Tensor<f32, 1, 3, 4, 4>;
/// let y: <X as Pad<Padding<1, 2>>>::Output = Tensor::<f32, 1, 3, 6, 8>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be padded",
    label = "expected a `Tensor` and a `Padding` or `Sides`"
)]
pub trait Pad<P>: Array + SealedWith<P> {
    /// N, C, H, W.
    const LENGTHS: [usize; 4];
    /// How much is added: top, bottom, left, right.
    const SIDES: [usize; 4];
    /// `Tensor<T, N, C, TOP + H + BOTTOM, LEFT + W + RIGHT>`.
    type Output: Array<Scalar = Self::Scalar>;
}

/// A tensor off whose planes rows and columns can be taken; `P` is a [`Padding`] or [`Sides`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Crop;
/// type X = Tensor<f32, 1, 3, 4, 4>;
/// let y: <X as Crop<Sides<1, 0, 0, 2>>>::Output = Tensor::<f32, 1, 3, 3, 2>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cropped",
    label = "expected a `Tensor` and a `Padding` or `Sides`"
)]
pub trait Crop<P>: Array + SealedWith<P> {
    /// N, C, H, W.
    const LENGTHS: [usize; 4];
    /// How much is taken off: top, bottom, left, right.
    const SIDES: [usize; 4];
    /// `Tensor<T, N, C, H − TOP − BOTTOM, W − LEFT − RIGHT>`.
    type Output: Array<Scalar = Self::Scalar>;
}

macro_rules! sides {
    ($operation:ident, $axis:ident) => {
        impl<
            T: Scalar,
            const N: usize,
            const C: usize,
            const H: usize,
            const W: usize,
            const TOP: usize,
            const BOTTOM: usize,
            const LEFT: usize,
            const RIGHT: usize,
        > $operation<Sides<TOP, BOTTOM, LEFT, RIGHT>> for Tensor<T, N, C, H, W>
        where
            Computed: $axis<H, TOP, BOTTOM>,
            Computed: $axis<W, LEFT, RIGHT>,
        {
            const LENGTHS: [usize; 4] = [N, C, H, W];
            const SIDES: [usize; 4] = [TOP, BOTTOM, LEFT, RIGHT];
            type Output = <<Computed as $axis<H, TOP, BOTTOM>>::Output as Extent>::Tensor<
                T,
                N,
                C,
                <Computed as $axis<W, LEFT, RIGHT>>::Output,
            >;
        }

        impl<
            T: Scalar,
            const N: usize,
            const C: usize,
            const H: usize,
            const W: usize,
            const PH: usize,
            const PW: usize,
        > $operation<Padding<PH, PW>> for Tensor<T, N, C, H, W>
        where
            Computed: $axis<H, PH, PH>,
            Computed: $axis<W, PW, PW>,
        {
            const LENGTHS: [usize; 4] = [N, C, H, W];
            const SIDES: [usize; 4] = [PH, PH, PW, PW];
            type Output = <<Computed as $axis<H, PH, PH>>::Output as Extent>::Tensor<
                T,
                N,
                C,
                <Computed as $axis<W, PW, PW>>::Output,
            >;
        }
    };
}

sides! { Pad, PadExtent }
sides! { Crop, CropExtent }

/// [`Pad`] along one axis, asked of [`Computed`]: L + A + B.
pub trait PadExtent<const L: usize, const A: usize, const B: usize> {
    /// The output axis.
    type Output: Extent;
}

/// L + A + B.
type Padded<const L: usize, const A: usize, const B: usize> = Sum<Sum<Number<L>, Number<A>>, Number<B>>;

impl<X, const L: usize, const A: usize, const B: usize> PadExtent<L, A, B> for X
where
    Axis<L>: Known,
    Axis<A>: Known,
    Axis<B>: Known,
    Number<L>: Add<Number<A>>,
    Sum<Number<L>, Number<A>>: Add<Number<B>>,
    Padded<L, A, B>: InTable,
    Listed<Padded<L, A, B>>: PadFits<L, A, B>,
{
    type Output = <Listed<Padded<L, A, B>> as PadFits<L, A, B>>::Axis;
}

fits! {
    /// There is an axis of L + A + B.
    #[diagnostic::on_unimplemented(
        message = "an axis of {L} with {A} + {B} zeros is too long",
        label = "{L} + {A} + {B} is not a length in the table of axes"
    )]
    PadFits<const L, const A, const B>: Padded<L, A, B>
    where [Number<L>: Add<Number<A>>, Sum<Number<L>, Number<A>>: Add<Number<B>>,];
}

/// [`Crop`] along one axis, asked of [`Computed`]: L − A − B.
pub trait CropExtent<const L: usize, const A: usize, const B: usize> {
    /// The output axis.
    type Output: Extent;
}

/// A + B.
type Both<const A: usize, const B: usize> = Sum<Number<A>, Number<B>>;
/// L, or A + B where that is more.
type Enough<const L: usize, const A: usize, const B: usize> = Maximum<Number<L>, Both<A, B>>;

impl<X, const L: usize, const A: usize, const B: usize> CropExtent<L, A, B> for X
where
    Axis<L>: Known,
    Axis<A>: Known,
    Axis<B>: Known,
    Number<A>: Add<Number<B>>,
    Number<L>: IsGreaterOrEqual<Both<A, B>, Output: Answer> + Max<Both<A, B>>,
    Verdict<GrEq<Number<L>, Both<A, B>>>: CropFits<L, A, B>,
    Enough<L, A, B>: Sub<Both<A, B>>,
    Diff<Enough<L, A, B>, Both<A, B>>: ToAxis,
{
    type Output = <Verdict<GrEq<Number<L>, Both<A, B>>> as CropFits<L, A, B>>::Then<
        <Diff<Enough<L, A, B>, Both<A, B>> as ToAxis>::Axis,
    >;
}

verdicts! {
    /// L ≥ A + B.
    #[diagnostic::on_unimplemented(
        message = "{A} + {B} rows or columns cannot be taken off an axis of {L}",
        label = "more is cropped than there is: {A} + {B} > {L}"
    )]
    CropFits<const L, const A, const B>;
}
