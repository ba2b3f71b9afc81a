//! Windows on planes and lines, and the conditions on them; `extent.rs` computes.

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::extent::{Round, WindowArithmetic};
use super::marker::{Dilation, Kernel, OneDimensional, Padding, Stride, WindowParameter};
use super::pad::Sides;
use super::sealed::{Sealed, SealedWindow, SealedWith};
use super::sided::SidedSlide;
use super::verdict::verdicts;
use crate::tensor::{Array, Scalar};

/// Input height and width, as a type.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Plane, Window};
/// type Halves = <Plane<28, 30> as Window<Kernel<2>, Stride<2>, Padding<0>, Exact, Dilation<1>>>::Output<f32, 1, 8>;
/// let y: Halves = Tensor::<f32, 1, 8, 14, 15>::zeros();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plane<const H: usize, const W: usize>;

/// Input length of a signal, as a type: a plane of height 1 whose windows have height 1.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Line, Window};
/// type Halves = <Line<100> as Window<Kernel<2>, Stride<2>, Padding<0>, Exact, Dilation<1>>>::Output<f32, 1, 8>;
/// let y: Halves = Signal::<f32, 1, 8, 50>::zeros();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line<const L: usize>;

/// A window that fits on a plane or on a line: the one bound that a convolution or a pooling needs.
///
/// `P` is a [`Padding`], or [`Sides`] for a convolution. `R` is the rounding: [`Exact`](super::Exact),
/// [`Floor`](super::Floor) or [`Ceil`](super::Ceil), or [`Pooled`](super::Pooled) of one of them.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Plane, Window};
/// type Conv1 = <Plane<28, 28> as Window<Kernel<5>, Stride<1>, Padding<2>, Exact, Dilation<1>>>::Output<f32, 1, 6>;
/// let y: Conv1 = Tensor::<f32, 1, 6, 28, 28>::zeros();
///
/// // A function that is generic over the plane has the same bound.
/// fn rows<X: Window<Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<1>>>() -> usize {
///     X::OUTPUT[0]
/// }
/// assert_eq!(rows::<Plane<28, 28>>(), 26);
/// ```
#[diagnostic::on_unimplemented(
    message = "the window (`{K}`, `{S}`, `{P}`, `{R}`, `{D}`) does not fit on `{Self}`",
    note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding, Dilation"
)]
pub trait Window<K, S, P, R, D>: SealedWindow<K, S, P, R, D> {
    /// Input height H and width W.
    const INPUT: [usize; 2];
    /// Kernel height KH and width KW.
    const KERNEL: [usize; 2];
    /// Stride (SH, SW).
    const STRIDE: [usize; 2];
    /// Padding on the top and left side (PH, PW).
    const PADDING: [usize; 2];
    /// Dilation (DH, DW).
    const DILATION: [usize; 2];
    /// Output height HO and width WO.
    const OUTPUT: [usize; 2];
    /// `Tensor<T, N, C, HO, WO>`, or `Signal<T, N, C, LO>` on a line.
    type Output<T: Scalar, const N: usize, const C: usize>: Array<Scalar = T>;
}

macro_rules! window_of {
    ($(
        $stride:ident, $padding:ident[$($side:ident)+]:
        $slide:ident, rows [$top:ident $($bottom:ident)?], columns [$left:ident $($right:ident)?];
    )*) => { $(
        impl<
            const H: usize, const W: usize, const KH: usize, const KW: usize, const SH: usize, const SW: usize,
            $(const $side: usize,)+ R: Sealed, const DH: usize, const DW: usize,
        > Window<Kernel<KH, KW>, $stride<SH, SW>, $padding<$($side),+>, R, Dilation<DH, DW>> for Plane<H, W>
        where
            Axis<H>: $slide<KH, SH, $top, $($bottom,)? R, DH>,
            Axis<W>: $slide<KW, SW, $left, $($right,)? R, DW>,
        {
            const INPUT: [usize; 2] = [H, W];
            const KERNEL: [usize; 2] = [KH, KW];
            const STRIDE: [usize; 2] = [SH, SW];
            const PADDING: [usize; 2] = [$top, $left];
            const DILATION: [usize; 2] = [DH, DW];
            const OUTPUT: [usize; 2] = [
                <<Axis<H> as $slide<KH, SH, $top, $($bottom,)? R, DH>>::Output as Extent>::LENGTH,
                <<Axis<W> as $slide<KW, SW, $left, $($right,)? R, DW>>::Output as Extent>::LENGTH,
            ];
            type Output<T: Scalar, const N: usize, const C: usize> =
                <<Axis<H> as $slide<KH, SH, $top, $($bottom,)? R, DH>>::Output as Extent>::Tensor<
                    T, N, C, <Axis<W> as $slide<KW, SW, $left, $($right,)? R, DW>>::Output,
                >;
        }

        impl<
            const L: usize, const K: usize, const K2: usize, const S: usize, const S2: usize,
            $(const $side: usize,)+ R: Sealed, const D: usize, const D2: usize,
        > Window<Kernel<K, K2>, $stride<S, S2>, $padding<$($side),+>, R, Dilation<D, D2>> for Line<L>
        where
            Kernel<K, K2>: WindowParameter<IsOneDimensional: OneDimensional<Kernel<K, K2>>>,
            $stride<S, S2>: WindowParameter<IsOneDimensional: OneDimensional<$stride<S, S2>>>,
            $padding<$($side),+>: WindowParameter<IsOneDimensional: OneDimensional<$padding<$($side),+>>>,
            Dilation<D, D2>: WindowParameter<IsOneDimensional: OneDimensional<Dilation<D, D2>>>,
            LineAxis<L, Kernel<K, K2>, $stride<S, S2>, $padding<$($side),+>, Dilation<D, D2>>:
                $slide<K, S, $left, $($right,)? R, D>,
        {
            const INPUT: [usize; 2] = [1, L];
            const KERNEL: [usize; 2] = [1, K];
            const STRIDE: [usize; 2] = [1, S];
            const PADDING: [usize; 2] = [0, $left];
            const DILATION: [usize; 2] = [1, D];
            const OUTPUT: [usize; 2] = [
                1,
                <<LineAxis<L, Kernel<K, K2>, $stride<S, S2>, $padding<$($side),+>, Dilation<D, D2>>
                    as $slide<K, S, $left, $($right,)? R, D>>::Output as Extent>::LENGTH,
            ];
            type Output<T: Scalar, const N: usize, const C: usize> =
                <<LineAxis<L, Kernel<K, K2>, $stride<S, S2>, $padding<$($side),+>, Dilation<D, D2>>
                    as $slide<K, S, $left, $($right,)? R, D>>::Output as Extent>::Signal<T, N, C>;
        }
    )* };
}

/// `A`, if a parameter of a window has one number.
type IfOneDimensional<A, M> = <<M as WindowParameter>::IsOneDimensional as OneDimensional<M>>::Then<A>;
/// The axis of a line. It hangs on all four conditions, so that only a wrong pair is reported and nothing that follows
/// from it.
type LineAxis<const L: usize, K, S, P, D> =
    IfOneDimensional<IfOneDimensional<IfOneDimensional<IfOneDimensional<Axis<L>, K>, S>, P>, D>;

// A stride is written `Stride<..>`; a pooling's defaults to its `Kernel<..>`. `Sides` are for convolutions.
window_of! {
    Stride, Padding[PH PW]: Slide, rows [PH], columns [PW];
    Kernel, Padding[PH PW]: Slide, rows [PH], columns [PW];
    Stride, Sides[TOP BOTTOM LEFT RIGHT]: SidedSlide, rows [TOP BOTTOM], columns [LEFT RIGHT];
}

/// A window's extent along one axis.
///
/// ```
/// use constconv::shape::{Axis, Exact, Extent, Slide};
/// // K 3, S 2, P 1, D 1: (27 + 2 − 3)/2 + 1.
/// assert_eq!(<<Axis<27> as Slide<3, 2, 1, Exact, 1>>::Output as Extent>::LENGTH, 14);
/// ```
pub trait Slide<const K: usize, const S: usize, const P: usize, R, const D: usize>: SealedWith<R> {
    /// The output axis.
    type Output: Extent;
}

/// L, K, S, P, D for `typenum`.
type Numbers<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    (Number<L>, Number<K>, Number<S>, Number<P>, Number<D>);

impl<const L: usize, const K: usize, const S: usize, const P: usize, R: Sealed, const D: usize> Slide<K, S, P, R, D>
    for Axis<L>
where
    R: WindowExtent<L, K, S, P, D>,
{
    type Output = R::Output;
}

/// The extent of [`Slide`], asked of the rounding. Implemented for every type, and not for an axis: rustc lists no
/// implementation for a parameter, so that nothing but the condition stands in its message.
pub trait WindowExtent<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> {
    /// The output axis.
    type Output: Extent;
}

impl<const L: usize, const K: usize, const S: usize, const P: usize, R, const D: usize> WindowExtent<L, K, S, P, D>
    for R
where
    Axis<L>: Known,
    Axis<K>: Known,
    Axis<S>: Known,
    Axis<P>: Known,
    Axis<D>: Known,
    Numbers<L, K, S, P, D>: WindowArithmetic<
            KernelIsPositive: KernelIsPositive,
            StrideIsPositive: StrideIsPositive,
            DilationIsPositive: DilationIsPositive,
            KernelFits: KernelFits<L, K, P, D>,
        >,
    R: Round,
    Divides<R, L, K, S, P, D>: StrideDivides<L, K, S, P, D>,
    Small<R, L, K, S, P, D>: PaddingIsSmall<K, P, D>,
    R::Output<Numbers<L, K, S, P, D>>: ToAxis,
{
    // The extent hangs on every condition, so that a window that does not fit has no extent at all and nothing that
    // follows from a wrong one is reported.
    type Output = <KernelPositive<L, K, S, P, D> as KernelIsPositive>::Then<
        <StridePositive<L, K, S, P, D> as StrideIsPositive>::Then<
            <DilationPositive<L, K, S, P, D> as DilationIsPositive>::Then<
                <Fits<L, K, S, P, D> as KernelFits<L, K, P, D>>::Then<
                    <Divides<R, L, K, S, P, D> as StrideDivides<L, K, S, P, D>>::Then<
                        <Small<R, L, K, S, P, D> as PaddingIsSmall<K, P, D>>::Then<
                            <<R as Round>::Output<Numbers<L, K, S, P, D>> as ToAxis>::Axis,
                        >,
                    >,
                >,
            >,
        >,
    >;
}

type KernelPositive<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as WindowArithmetic>::KernelIsPositive;
type StridePositive<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as WindowArithmetic>::StrideIsPositive;
type DilationPositive<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as WindowArithmetic>::DilationIsPositive;
type Fits<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as WindowArithmetic>::KernelFits;
type Divides<R, const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <R as Round>::StrideDivides<Numbers<L, K, S, P, D>>;
type Small<R, const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <R as Round>::PaddingIsSmall<Numbers<L, K, S, P, D>>;

verdicts! {
    /// K > 0.
    #[diagnostic::on_unimplemented(
        message = "a kernel of size 0 has no output",
        label = "kernel height and width must be at least 1"
    )]
    KernelIsPositive;

    /// S > 0.
    #[diagnostic::on_unimplemented(
        message = "a stride of 0 never moves",
        label = "strides must be at least 1"
    )]
    StrideIsPositive;

    /// D > 0.
    #[diagnostic::on_unimplemented(
        message = "a dilation of 0 puts all cells of the window on one",
        label = "dilations must be at least 1; 1 is a dense window"
    )]
    DilationIsPositive;

    /// L + 2·P ≥ K'.
    #[diagnostic::on_unimplemented(
        message = "the kernel is larger than the padded input: D*(K - 1) + 1 > L + 2*P for D = {D}, K = {K}, L = {L}, P = {P}",
        label = "a kernel of {K} does not fit on an axis of {L} with padding {P}"
    )]
    KernelFits<const L, const K, const P, const D>;

    /// S divides L + 2·P − K'.
    #[diagnostic::on_unimplemented(
        message = "stride {S} does not divide L + 2*P - D*(K - 1) - 1 for L = {L}, P = {P}, D = {D}, K = {K}",
        label = "the last window does not end at the edge of the input",
        note = "change the padding or the kernel, or take a rounding: `Floor` ignores the rest (as PyTorch does), `Ceil` appends cells"
    )]
    StrideDivides<const L, const K, const S, const P, const D>;

    /// 2·P ≤ K'.
    #[diagnostic::on_unimplemented(
        message = "padding {P} is more than half of the pooling kernel: 2*P > D*(K - 1) + 1 for D = {D}, K = {K}",
        label = "a window would lie in the padding alone"
    )]
    PaddingIsSmall<const K, const P, const D>;
}
