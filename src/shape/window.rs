//! The output extent of a window, once as types and once as a function.
//!
//! ```text
//! K' = D·(K − 1) + 1
//! Exact   LO = (L + 2·P − K')/S + 1, which must be whole
//! Floor   LO = ⌊(L + 2·P − K')/S⌋ + 1
//! Ceil    LO = ⌈(L + 2·P − K')/S⌉ + 1, less 1 where a pooling window would start at or beyond L + P
//! ```
//!
//! The arithmetic is total: a difference that would be negative is 0, and a stride of 0 divides like 1. So nothing but
//! a verdict can fail, and the user reads one error in plain numbers instead of a wall of `typenum`.

use core::ops::{Add, Div, Mul, Not, Rem, Sub};

use typenum::{
    B1, Diff, Eq, Gr, GrEq, IsEqual, IsGreater, IsGreaterOrEqual, Max, Maximum, Mod, Prod, Quot, Sum, U0, U1,
};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::marker::{Ceil, Dilation, Exact, Floor, Kernel, OneNumber, Padding, Pair, Pooled, Stride};
use crate::Scalar;
use crate::tensor::Array;

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
/// `R` is the rounding: [`Exact`], [`Floor`] or [`Ceil`], or [`Pooled`] of one of them.
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
pub trait Window<K, S, P, R, D> {
    /// Input height H and width W.
    const INPUT: [usize; 2];
    /// Kernel height KH and width KW.
    const KERNEL: [usize; 2];
    /// Stride (SH, SW).
    const STRIDE: [usize; 2];
    /// Padding (PH, PW).
    const PADDING: [usize; 2];
    /// Dilation (DH, DW).
    const DILATION: [usize; 2];
    /// Output height HO and width WO.
    const OUTPUT: [usize; 2];
    /// `Tensor<T, N, C, HO, WO>`, or `Signal<T, N, C, LO>` on a line.
    type Output<T: Scalar, const N: usize, const C: usize>: Array<Scalar = T>;
}

macro_rules! window_of {
    ($($stride:ident)*) => { $(
        impl<
            const H: usize, const W: usize, const KH: usize, const KW: usize, const SH: usize, const SW: usize,
            const PH: usize, const PW: usize, R, const DH: usize, const DW: usize,
        > Window<Kernel<KH, KW>, $stride<SH, SW>, Padding<PH, PW>, R, Dilation<DH, DW>> for Plane<H, W>
        where
            Axis<H>: Slide<KH, SH, PH, R, DH>,
            Axis<W>: Slide<KW, SW, PW, R, DW>,
        {
            const INPUT: [usize; 2] = [H, W];
            const KERNEL: [usize; 2] = [KH, KW];
            const STRIDE: [usize; 2] = [SH, SW];
            const PADDING: [usize; 2] = [PH, PW];
            const DILATION: [usize; 2] = [DH, DW];
            const OUTPUT: [usize; 2] = [
                <<Axis<H> as Slide<KH, SH, PH, R, DH>>::Output as Extent>::LENGTH,
                <<Axis<W> as Slide<KW, SW, PW, R, DW>>::Output as Extent>::LENGTH,
            ];
            type Output<T: Scalar, const N: usize, const C: usize> =
                <<Axis<H> as Slide<KH, SH, PH, R, DH>>::Output as Extent>::Tensor<
                    T, N, C, <Axis<W> as Slide<KW, SW, PW, R, DW>>::Output,
                >;
        }

        impl<
            const L: usize, const K: usize, const K2: usize, const S: usize, const S2: usize,
            const P: usize, const P2: usize, R, const D: usize, const D2: usize,
        > Window<Kernel<K, K2>, $stride<S, S2>, Padding<P, P2>, R, Dilation<D, D2>> for Line<L>
        where
            Kernel<K, K2>: Pair<IsOneNumber: OneNumber<Kernel<K, K2>>>,
            $stride<S, S2>: Pair<IsOneNumber: OneNumber<$stride<S, S2>>>,
            Padding<P, P2>: Pair<IsOneNumber: OneNumber<Padding<P, P2>>>,
            Dilation<D, D2>: Pair<IsOneNumber: OneNumber<Dilation<D, D2>>>,
            On<On<On<On<Axis<L>, Kernel<K, K2>>, $stride<S, S2>>, Padding<P, P2>>, Dilation<D, D2>>: Slide<K, S, P, R, D>,
        {
            const INPUT: [usize; 2] = [1, L];
            const KERNEL: [usize; 2] = [1, K];
            const STRIDE: [usize; 2] = [1, S];
            const PADDING: [usize; 2] = [0, P];
            const DILATION: [usize; 2] = [1, D];
            const OUTPUT: [usize; 2] = [
                1,
                <<On<On<On<On<Axis<L>, Kernel<K, K2>>, $stride<S, S2>>, Padding<P, P2>>, Dilation<D, D2>>
                    as Slide<K, S, P, R, D>>::Output as Extent>::LENGTH,
            ];
            type Output<T: Scalar, const N: usize, const C: usize> =
                <<On<On<On<On<Axis<L>, Kernel<K, K2>>, $stride<S, S2>>, Padding<P, P2>>, Dilation<D, D2>>
                    as Slide<K, S, P, R, D>>::Output as Extent>::Signal<T, N, C>;
        }
    )* };
}

/// `A`, if a parameter of a window has one number. A line's axis hangs on all four conditions, so that only a wrong
/// pair is reported and nothing behind it.
type On<A, M> = <<M as Pair>::IsOneNumber as OneNumber<M>>::On<A>;

// A stride is written `Stride<..>`; a pooling's defaults to its `Kernel<..>`.
window_of! { Stride Kernel }

/// A window's extent along one axis.
///
/// ```
/// use constconv::shape::{Axis, Exact, Extent, Slide};
/// // K 3, S 2, P 1, D 1: (27 + 2 − 3)/2 + 1.
/// assert_eq!(<<Axis<27> as Slide<3, 2, 1, Exact, 1>>::Output as Extent>::LENGTH, 14);
/// ```
pub trait Slide<const K: usize, const S: usize, const P: usize, R, const D: usize> {
    /// The output axis.
    type Output: Extent;
}

/// L, K, S, P, D for `typenum`.
type Numbers<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    (Number<L>, Number<K>, Number<S>, Number<P>, Number<D>);

impl<const L: usize, const K: usize, const S: usize, const P: usize, R, const D: usize> Slide<K, S, P, R, D> for Axis<L>
where
    Axis<L>: Known,
    Axis<K>: Known,
    Axis<S>: Known,
    Axis<P>: Known,
    Axis<D>: Known,
    Numbers<L, K, S, P, D>: Arithmetic<
            KernelIsPositive: KernelIsPositive,
            StrideIsPositive: StrideIsPositive,
            DilationIsPositive: DilationIsPositive,
            KernelFits: KernelFits<L, K, P, D>,
        >,
    R: Round<
            Numbers<L, K, S, P, D>,
            StrideDivides: StrideDivides<L, K, S, P, D>,
            PaddingIsSmall: PaddingIsSmall<K, P, D>,
            Output: ToAxis,
        >,
{
    // The extent hangs on every condition, so that a window that does not fit has no extent at all and nothing that
    // follows from a wrong one is reported.
    type Output = <KernelPositive<L, K, S, P, D> as KernelIsPositive>::Then<
        <StridePositive<L, K, S, P, D> as StrideIsPositive>::Then<
            <DilationPositive<L, K, S, P, D> as DilationIsPositive>::Then<
                <Fits<L, K, S, P, D> as KernelFits<L, K, P, D>>::Then<
                    <Divides<R, L, K, S, P, D> as StrideDivides<L, K, S, P, D>>::Then<
                        <Small<R, L, K, S, P, D> as PaddingIsSmall<K, P, D>>::Then<
                            <<R as Round<Numbers<L, K, S, P, D>>>::Output as ToAxis>::Axis,
                        >,
                    >,
                >,
            >,
        >,
    >;
}

type KernelPositive<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as Arithmetic>::KernelIsPositive;
type StridePositive<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as Arithmetic>::StrideIsPositive;
type DilationPositive<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as Arithmetic>::DilationIsPositive;
type Fits<const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Numbers<L, K, S, P, D> as Arithmetic>::KernelFits;
type Divides<R, const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <R as Round<Numbers<L, K, S, P, D>>>::StrideDivides;
type Small<R, const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <R as Round<Numbers<L, K, S, P, D>>>::PaddingIsSmall;

/// Everything that is computed from the numbers (L, K, S, P, D) of one axis.
pub trait Arithmetic {
    /// K > 0.
    type KernelIsPositive;
    /// S > 0.
    type StrideIsPositive;
    /// D > 0.
    type DilationIsPositive;
    /// L + 2·P ≥ K', as L + 2·P + D ≥ D·K + 1.
    type KernelFits;
    /// 2·P ≤ K', as 2·P + D ≤ D·K + 1.
    type PaddingIsSmall;
    /// S divides L + 2·P − K'.
    type StrideDivides;
    /// The output extent under `Exact` and `Floor`.
    type Floor;
    /// The output extent under `Ceil` for a convolution.
    type Ceil;
    /// The output extent under `Ceil` for a pooling.
    type PooledCeil;
}

type Room<L, P, D> = Sum<Sum<Sum<L, P>, P>, D>;
type Needed<K, D> = Sum<Prod<D, K>, U1>;
type Margin<P, D> = Sum<Sum<P, P>, D>;
/// What the window slides over, L + 2·P − K', or 0.
type Slack<L, K, P, D> = Diff<Maximum<Room<L, P, D>, Needed<K, D>>, Needed<K, D>>;
type Step<S> = Maximum<S, U1>;
type Whole<L, K, S, P, D> = Quot<Slack<L, K, P, D>, Step<S>>;
type Rest<L, K, S, P, D> = Mod<Slack<L, K, P, D>, Step<S>>;
/// Full and started steps of the window.
type Steps<L, K, S, P, D> = Sum<Whole<L, K, S, P, D>, Gr<Rest<L, K, S, P, D>, U0>>;

impl<L, K, S, P, D> Arithmetic for (L, K, S, P, D)
where
    K: IsGreater<U0>,
    S: IsGreater<U0> + Max<U1>,
    D: IsGreater<U0> + Mul<K>,
    L: Add<P>,
    P: Add<P>,
    Sum<P, P>: Add<D>,
    Sum<L, P>: Add<P>,
    Sum<Sum<L, P>, P>: Add<D>,
    Prod<D, K>: Add<U1>,
    Room<L, P, D>: IsGreaterOrEqual<Needed<K, D>> + Max<Needed<K, D>>,
    Needed<K, D>: IsGreaterOrEqual<Margin<P, D>>,
    Maximum<Room<L, P, D>, Needed<K, D>>: Sub<Needed<K, D>>,
    Slack<L, K, P, D>: Div<Step<S>> + Rem<Step<S>>,
    Rest<L, K, S, P, D>: IsEqual<U0> + IsGreater<U0>,
    Whole<L, K, S, P, D>: Add<U1> + Add<Gr<Rest<L, K, S, P, D>, U0>>,
    Steps<L, K, S, P, D>: Add<U1> + Mul<S> + Add<Not1<GrEq<Prod<Steps<L, K, S, P, D>, S>, Sum<L, P>>>>,
    Prod<Steps<L, K, S, P, D>, S>: IsGreaterOrEqual<Sum<L, P>, Output: Not>,
{
    type KernelIsPositive = Gr<K, U0>;
    type StrideIsPositive = Gr<S, U0>;
    type DilationIsPositive = Gr<D, U0>;
    type KernelFits = GrEq<Room<L, P, D>, Needed<K, D>>;
    type PaddingIsSmall = GrEq<Needed<K, D>, Margin<P, D>>;
    type StrideDivides = Eq<Rest<L, K, S, P, D>, U0>;
    type Floor = Sum<Whole<L, K, S, P, D>, U1>;
    type Ceil = Sum<Steps<L, K, S, P, D>, U1>;
    type PooledCeil = Sum<Steps<L, K, S, P, D>, Not1<GrEq<Prod<Steps<L, K, S, P, D>, S>, Sum<L, P>>>>;
}

type Not1<B> = <B as Not>::Output;

/// A rounding: which of the computed extents it takes, and what must hold for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rounding",
    label = "expected `Exact`, `Floor` or `Ceil` here",
    note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding, Dilation"
)]
pub trait Round<Numbers> {
    /// The output extent.
    type Output;
    /// Whether the stride divides, where that matters.
    type StrideDivides;
    /// Whether the padding is at most half of the kernel, where that matters.
    type PaddingIsSmall;
}

macro_rules! rounding {
    ($($rounding:ty: $output:ident, $divides:ident, $small:ident;)*) => { $(
        impl<N: Arithmetic> Round<N> for $rounding {
            type Output = N::$output;
            type StrideDivides = verdict!(N $divides);
            type PaddingIsSmall = verdict!(N $small);
        }
    )* };
}
macro_rules! verdict {
    ($numbers:ident any) => {
        B1
    };
    ($numbers:ident $verdict:ident) => {
        $numbers::$verdict
    };
}

rounding! {
    // rounding:    extent,     stride divides,  2·P ≤ K'
    Exact:          Floor,      StrideDivides,   any;
    Floor:          Floor,      any,             any;
    Ceil:           Ceil,       any,             any;
    Pooled<Exact>:  Floor,      StrideDivides,   PaddingIsSmall;
    Pooled<Floor>:  Floor,      any,             PaddingIsSmall;
    Pooled<Ceil>:   PooledCeil, any,             PaddingIsSmall;
}

/// Declares conditions: each a trait with a message in the user's numbers, on which an extent hangs.
macro_rules! verdicts {
    ($($(#[$attribute:meta])* $name:ident $(<$(const $number:ident),*>)?;)*) => { $(
        $(#[$attribute])*
        pub trait $name $(<$(const $number: usize),*>)? {
            /// `Length`, if the condition holds: an extent that hangs on the condition.
            type Then<Length: Extent>: Extent;
        }

        #[diagnostic::do_not_recommend]
        impl $(<$(const $number: usize),*>)? $name $(<$($number),*>)? for B1 {
            type Then<Length: Extent> = Length;
        }
    )* };
}
pub(super) use verdicts;

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

/// The output extent of a window along one axis: the same formula for values.
///
/// `None` where the program would not compile. The kernels never call it, they are given HO and WO; it is for budgets,
/// tools and tests.
///
/// ```
/// use constconv::shape::{Rounding, output_extent};
/// assert_eq!(output_extent(28, 3, 2, 1, 1, Rounding::Exact), None); // 27 is odd
/// assert_eq!(output_extent(28, 3, 2, 1, 1, Rounding::Floor), Some(14));
/// assert_eq!(output_extent(28, 3, 2, 1, 1, Rounding::Ceil), Some(15));
/// ```
#[must_use]
pub const fn output_extent(l: usize, k: usize, s: usize, p: usize, d: usize, rounding: Rounding) -> Option<usize> {
    if k == 0 || s == 0 || d == 0 || l + 2 * p < d * (k - 1) + 1 {
        return None;
    }
    let kernel = d * (k - 1) + 1;
    let slack = l + 2 * p - kernel;
    let (whole, steps) = (slack / s, slack.div_ceil(s));
    match rounding {
        Rounding::Exact if whole != steps => None,
        Rounding::Exact | Rounding::Floor => Some(whole + 1),
        Rounding::Ceil => Some(steps + 1),
        Rounding::PooledCeil if 2 * p > kernel => None,
        Rounding::PooledCeil if steps * s >= l + p => Some(steps),
        Rounding::PooledCeil => Some(steps + 1),
    }
}

/// The roundings as values, for [`output_extent`].
///
/// ```
/// use constconv::shape::{Rounding, output_extent};
/// // L 2, K 1, S 2, P 0: the second window would start behind the input.
/// assert_eq!(output_extent(2, 1, 2, 0, 1, Rounding::Ceil), Some(2));
/// assert_eq!(output_extent(2, 1, 2, 0, 1, Rounding::PooledCeil), Some(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// As the type [`Exact`].
    Exact,
    /// As the type [`Floor`].
    Floor,
    /// As the type [`Ceil`] in a convolution.
    Ceil,
    /// As the type [`Ceil`] in a pooling.
    PooledCeil,
}
