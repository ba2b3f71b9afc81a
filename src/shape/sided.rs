//! The extent of a convolution's window where the padding differs from side to side: [`Sides`] in place of a `Padding`.
//!
//! Along an axis of L with A zeros before and B after it these are windows on an axis of L + A + B without padding,
//! which `extent.rs` computes.

use core::ops::Add;

use typenum::{Eq, IsEqual, Sum, U0};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::extent::{Round, WindowArithmetic};
use super::marker::{Ceil, Exact, Floor, WindowParameter};
use super::pad::Sides;
use super::sealed::{Sealed, SealedWith};
use super::verdict::{Answer, Verdict, verdicts};
use super::window::{DilationIsPositive, KernelIsPositive, StrideIsPositive};

/// A window of a signal has nothing above and below.
impl<const TOP: usize, const BOTTOM: usize, const LEFT: usize, const RIGHT: usize> WindowParameter
    for Sides<TOP, BOTTOM, LEFT, RIGHT>
where
    Axis<TOP>: Known,
    Axis<BOTTOM>: Known,
    Number<TOP>: Add<Number<BOTTOM>>,
    Sum<Number<TOP>, Number<BOTTOM>>: IsEqual<U0, Output: Answer>,
{
    type IsOneDimensional = Verdict<Eq<Sum<Number<TOP>, Number<BOTTOM>>, U0>>;
}

/// A window's extent along one axis with A zeros before and B zeros after it.
///
/// ```
/// use constconv::shape::{Axis, Exact, Extent, SidedSlide};
/// // K 10, S 2, A 4, B 5, D 1: (49 + 4 + 5 − 10)/2 + 1.
/// assert_eq!(<<Axis<49> as SidedSlide<10, 2, 4, 5, Exact, 1>>::Output as Extent>::LENGTH, 25);
/// ```
pub trait SidedSlide<const K: usize, const S: usize, const A: usize, const B: usize, R, const D: usize>:
    SealedWith<R>
{
    /// The output axis.
    type Output: Extent;
}

impl<const L: usize, const K: usize, const S: usize, const A: usize, const B: usize, R: Sealed, const D: usize>
    SidedSlide<K, S, A, B, R, D> for Axis<L>
where
    R: SidedExtent<L, K, S, A, B, D>,
{
    type Output = R::Output;
}

/// The extent of [`SidedSlide`], asked of the rounding, as [`WindowExtent`](super::window::WindowExtent) is.
pub trait SidedExtent<const L: usize, const K: usize, const S: usize, const A: usize, const B: usize, const D: usize> {
    /// The output axis.
    type Output: Extent;
}

/// L + A + B.
type Padded<const L: usize, const A: usize, const B: usize> = Sum<Sum<Number<L>, Number<A>>, Number<B>>;
/// The padded axis, K, S, no padding, D for `typenum`.
type Numbers<const L: usize, const K: usize, const S: usize, const A: usize, const B: usize, const D: usize> =
    (Padded<L, A, B>, Number<K>, Number<S>, U0, Number<D>);

impl<const L: usize, const K: usize, const S: usize, const A: usize, const B: usize, R, const D: usize>
    SidedExtent<L, K, S, A, B, D> for R
where
    Axis<L>: Known,
    Axis<K>: Known,
    Axis<S>: Known,
    Axis<A>: Known,
    Axis<B>: Known,
    Axis<D>: Known,
    Number<L>: Add<Number<A>>,
    Sum<Number<L>, Number<A>>: Add<Number<B>>,
    Numbers<L, K, S, A, B, D>: WindowArithmetic<
            KernelIsPositive: KernelIsPositive,
            StrideIsPositive: StrideIsPositive,
            DilationIsPositive: DilationIsPositive,
            KernelFits: KernelFitsSides<L, K, A, B, D>,
        >,
    R: OwnSides + Round,
    Divides<R, L, K, S, A, B, D>: StrideDividesSides<L, K, S, A, B, D>,
    R::Output<Numbers<L, K, S, A, B, D>>: ToAxis,
{
    // As for `Slide`: the extent hangs on every condition.
    type Output = <R as OwnSides>::Then<
        <KernelPositive<L, K, S, A, B, D> as KernelIsPositive>::Then<
            <StridePositive<L, K, S, A, B, D> as StrideIsPositive>::Then<
                <DilationPositive<L, K, S, A, B, D> as DilationIsPositive>::Then<
                    <Fits<L, K, S, A, B, D> as KernelFitsSides<L, K, A, B, D>>::Then<
                        <Divides<R, L, K, S, A, B, D> as StrideDividesSides<L, K, S, A, B, D>>::Then<
                            <<R as Round>::Output<Numbers<L, K, S, A, B, D>> as ToAxis>::Axis,
                        >,
                    >,
                >,
            >,
        >,
    >;
}

/// Names for the conditions of the numbers.
macro_rules! conditions {
    ($($name:ident = $condition:ident;)*) => { $(
        type $name<
            const L: usize,
            const K: usize,
            const S: usize,
            const A: usize,
            const B: usize,
            const D: usize,
        > = <Numbers<L, K, S, A, B, D> as WindowArithmetic>::$condition;
    )* };
}

conditions! {
    KernelPositive = KernelIsPositive;
    StridePositive = StrideIsPositive;
    DilationPositive = DilationIsPositive;
    Fits = KernelFits;
}

type Divides<R, const L: usize, const K: usize, const S: usize, const A: usize, const B: usize, const D: usize> =
    <R as Round>::StrideDivides<Numbers<L, K, S, A, B, D>>;

/// A rounding of a convolution.
#[diagnostic::on_unimplemented(
    message = "a pooling has the same padding on opposite sides",
    label = "`Sides` are for convolutions",
    note = "before a pooling `ZeroPad2d<Sides<TOP, BOTTOM, LEFT, RIGHT>>` adds zeros to each side, which take part"
)]
pub trait OwnSides {
    /// `Length`: an extent that hangs on the condition.
    type Then<Length: Extent>: Extent;
}

macro_rules! own_sides {
    ($($rounding:ident)*) => { $(
        #[diagnostic::do_not_recommend]
        impl OwnSides for $rounding {
            type Then<Length: Extent> = Length;
        }
    )* };
}

own_sides! { Exact Floor Ceil }

verdicts! {
    /// L + A + B ≥ K'.
    #[diagnostic::on_unimplemented(
        message = "the kernel is larger than the padded input: D*(K - 1) + 1 > A + L + B for D = {D}, K = {K}, A = {A}, L = {L}, B = {B}",
        label = "a kernel of {K} does not fit on an axis of {L} with a padding of {A} before and {B} after it"
    )]
    KernelFitsSides<const L, const K, const A, const B, const D>;

    /// S divides L + A + B − K'.
    #[diagnostic::on_unimplemented(
        message = "stride {S} does not divide A + L + B - D*(K - 1) - 1 for A = {A}, L = {L}, B = {B}, D = {D}, K = {K}",
        label = "the last window does not end at the edge of the input",
        note = "change the padding or the kernel, or take a rounding: `Floor` ignores the rest (as PyTorch does), `Ceil` appends cells"
    )]
    StrideDividesSides<const L, const K, const S, const A, const B, const D>;
}
