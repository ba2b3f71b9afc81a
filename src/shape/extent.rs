//! The output extents, each once as types and once as a function, side by side; `tests/shapes.rs` compares the two.
//!
//! ```text
//! K' = D·(K − 1) + 1
//! Exact   LO = (L + 2·P − K')/S + 1, which must be whole
//! Floor   LO = ⌊(L + 2·P − K')/S⌋ + 1
//! Ceil    LO = ⌈(L + 2·P − K')/S⌉ + 1, less 1 where a pooling window would start at or beyond L + P
//! with sides of their own   A + B in place of 2·P
//! transposed   LO = (L − 1)·S − 2·P + D·(K − 1) + O + 1
//! ```
//!
//! The arithmetic is total: a difference that would be negative is 0, and a stride of 0 divides like 1. So nothing but
//! a verdict can fail, and the user reads one error in plain numbers instead of a wall of `typenum`.

use core::ops::{Add, Div, Mul, Not, Rem, Sub};

use typenum::{Diff, Eq, Gr, GrEq, IsEqual, IsGreater, IsGreaterOrEqual, Max, Maximum, Mod, Prod, Quot, Sum, U0, U1};

use super::axis::{LONGEST_AXIS, LONGEST_ROUND_AXIS};
use super::marker::{Ceil, Exact, Floor, Pooled};
use super::verdict::{Answer, Holds, Verdict};

/// Everything that is computed from the numbers (L, K, S, P, D) of one axis.
pub trait WindowArithmetic {
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

impl<L, K, S, P, D> WindowArithmetic for (L, K, S, P, D)
where
    K: IsGreater<U0, Output: Answer>,
    S: IsGreater<U0, Output: Answer> + Max<U1>,
    D: IsGreater<U0, Output: Answer> + Mul<K>,
    L: Add<P>,
    P: Add<P>,
    Sum<P, P>: Add<D>,
    Sum<L, P>: Add<P>,
    Sum<Sum<L, P>, P>: Add<D>,
    Prod<D, K>: Add<U1>,
    Room<L, P, D>: IsGreaterOrEqual<Needed<K, D>, Output: Answer> + Max<Needed<K, D>>,
    Needed<K, D>: IsGreaterOrEqual<Margin<P, D>, Output: Answer>,
    Maximum<Room<L, P, D>, Needed<K, D>>: Sub<Needed<K, D>>,
    Slack<L, K, P, D>: Div<Step<S>> + Rem<Step<S>>,
    Rest<L, K, S, P, D>: IsEqual<U0, Output: Answer> + IsGreater<U0, Output: Answer>,
    Whole<L, K, S, P, D>: Add<U1> + Add<Gr<Rest<L, K, S, P, D>, U0>>,
    Steps<L, K, S, P, D>: Add<U1> + Mul<S> + Add<Not1<GrEq<Prod<Steps<L, K, S, P, D>, S>, Sum<L, P>>>>,
    Prod<Steps<L, K, S, P, D>, S>: IsGreaterOrEqual<Sum<L, P>, Output: Not>,
{
    type KernelIsPositive = Verdict<Gr<K, U0>>;
    type StrideIsPositive = Verdict<Gr<S, U0>>;
    type DilationIsPositive = Verdict<Gr<D, U0>>;
    type KernelFits = Verdict<GrEq<Room<L, P, D>, Needed<K, D>>>;
    type PaddingIsSmall = Verdict<GrEq<Needed<K, D>, Margin<P, D>>>;
    type StrideDivides = Verdict<Eq<Rest<L, K, S, P, D>, U0>>;
    type Floor = Sum<Whole<L, K, S, P, D>, U1>;
    type Ceil = Sum<Steps<L, K, S, P, D>, U1>;
    type PooledCeil = Sum<Steps<L, K, S, P, D>, Not1<GrEq<Prod<Steps<L, K, S, P, D>, S>, Sum<L, P>>>>;
}

type Not1<B> = <B as Not>::Output;

/// The output extent of a window along one axis: the same formula for values.
///
/// `None` where the program would not compile: also where one of the numbers or the extent is not in the table of
/// [`Known`](super::Known) lengths. The kernels never call it, they are given HO and WO; it is for budgets, tools and tests.
///
/// ```
/// use constconv::shape::{Rounding, output_extent};
/// assert_eq!(output_extent(28, 3, 2, 1, 1, Rounding::Exact), None); // 27 is odd
/// assert_eq!(output_extent(28, 3, 2, 1, 1, Rounding::Floor), Some(14));
/// assert_eq!(output_extent(28, 3, 2, 1, 1, Rounding::Ceil), Some(15));
/// ```
#[must_use]
pub const fn output_extent(l: usize, k: usize, s: usize, p: usize, d: usize, rounding: Rounding) -> Option<usize> {
    let extent = extent(l, k, s, [p, p], d, rounding);
    match rounding {
        Rounding::PooledExact | Rounding::PooledFloor | Rounding::PooledCeil
            if extent.is_some() && 2 * p > d * (k - 1) + 1 =>
        {
            None
        }
        _ => extent,
    }
}

/// As [`output_extent`] for a convolution with A zeros before and B after the axis:
/// [`Sides`](crate::shape::Sides). `None` for the roundings of a pooling.
///
/// ```
/// use constconv::shape::{Rounding, sided_extent};
/// assert_eq!(sided_extent(49, 10, 2, [4, 5], 1, Rounding::Exact), Some(25));
/// assert_eq!(sided_extent(96, 3, 2, [0, 1], 1, Rounding::Exact), Some(48));
/// ```
#[must_use]
pub const fn sided_extent(
    l: usize,
    k: usize,
    s: usize,
    sides: [usize; 2],
    d: usize,
    rounding: Rounding,
) -> Option<usize> {
    match rounding {
        Rounding::Exact | Rounding::Floor | Rounding::Ceil => extent(l, k, s, sides, d, rounding),
        Rounding::PooledExact | Rounding::PooledFloor | Rounding::PooledCeil => None,
    }
}

/// The extent with A zeros before and B after the axis.
const fn extent(l: usize, k: usize, s: usize, [a, b]: [usize; 2], d: usize, rounding: Rounding) -> Option<usize> {
    if !are_axes(&[l, k, s, a, b, d]) || k == 0 || s == 0 || d == 0 || l + a + b < d * (k - 1) + 1 {
        return None;
    }
    let slack = l + a + b - (d * (k - 1) + 1);
    let (whole, steps) = (slack / s, slack.div_ceil(s));
    axis(match rounding {
        Rounding::Exact | Rounding::PooledExact if whole != steps => return None,
        Rounding::Exact | Rounding::PooledExact | Rounding::Floor | Rounding::PooledFloor => whole + 1,
        Rounding::PooledCeil if steps * s >= l + a => steps,
        Rounding::Ceil | Rounding::PooledCeil => steps + 1,
    })
}

/// A rounding: which of the computed extents it takes, and what must hold for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands where the rounding belongs",
    label = "expected `Exact`, `Floor` or `Ceil` in place of `{Self}`",
    note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding, Dilation"
)]
pub trait Round {
    /// The output extent.
    type Output<N: WindowArithmetic>;
    /// The output extent of a pooling.
    type Pooled<N: WindowArithmetic>;
    /// Whether the stride divides, where that matters.
    type StrideDivides<N: WindowArithmetic>;
    /// Whether the padding is at most half of the kernel, where that matters.
    type PaddingIsSmall<N: WindowArithmetic>;
}

macro_rules! rounding {
    ($($rounding:ty: $output:ident, $pooled:ident, $divides:ident;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Round for $rounding {
            type Output<N: WindowArithmetic> = N::$output;
            type Pooled<N: WindowArithmetic> = N::$pooled;
            type StrideDivides<N: WindowArithmetic> = verdict!(N $divides);
            type PaddingIsSmall<N: WindowArithmetic> = Holds;
        }
    )* };
}
macro_rules! verdict {
    ($numbers:ident any) => {
        Holds
    };
    ($numbers:ident $verdict:ident) => {
        $numbers::$verdict
    };
}

rounding! {
    // rounding:    extent,     of a pooling,   stride divides
    Exact:          Floor,      Floor,          StrideDivides;
    Floor:          Floor,      Floor,          any;
    Ceil:           Ceil,       PooledCeil,     any;
}

impl<R: Round> Round for Pooled<R> {
    type Output<N: WindowArithmetic> = R::Pooled<N>;
    type Pooled<N: WindowArithmetic> = R::Pooled<N>;
    type StrideDivides<N: WindowArithmetic> = R::StrideDivides<N>;
    type PaddingIsSmall<N: WindowArithmetic> = N::PaddingIsSmall;
}

/// The roundings as values, for [`output_extent`].
///
/// ```
/// use constconv::shape::{Rounding, output_extent};
/// // L 2, K 1, S 2, P 0: the second window would start after the input.
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
    /// As the type [`Exact`] in a pooling, whose padding is at most half of the kernel.
    PooledExact,
    /// As the type [`Floor`] in a pooling.
    PooledFloor,
    /// As the type [`Ceil`] in a pooling.
    PooledCeil,
}

/// Everything that is computed from the numbers (L, K, S, P, O, D) of one axis.
pub trait TransposedArithmetic {
    /// K > 0.
    type KernelIsPositive;
    /// S > 0.
    type StrideIsPositive;
    /// D > 0.
    type DilationIsPositive;
    /// O < S or O < D.
    type OutputPaddingIsSmall;
    /// The output is not empty.
    type OutputIsLeft;
    /// The output extent.
    type Output;
}

/// L·S + D·K + O + 1.
type Gained<L, K, S, O, D> = Sum<Sum<Sum<Prod<L, S>, Prod<D, K>>, O>, U1>;
/// 2·P + S + D.
type Lost<S, P, D> = Sum<Sum<Sum<P, P>, S>, D>;

impl<L, K, S, P, O, D> TransposedArithmetic for (L, K, S, P, O, D)
where
    K: IsGreater<U0, Output: Answer>,
    S: IsGreater<U0, Output: Answer> + Max<D>,
    D: IsGreater<U0, Output: Answer> + Mul<K>,
    Maximum<S, D>: IsGreater<O, Output: Answer>,
    L: Mul<S>,
    Prod<L, S>: Add<Prod<D, K>>,
    Sum<Prod<L, S>, Prod<D, K>>: Add<O>,
    Sum<Sum<Prod<L, S>, Prod<D, K>>, O>: Add<U1>,
    P: Add<P>,
    Sum<P, P>: Add<S>,
    Sum<Sum<P, P>, S>: Add<D>,
    Gained<L, K, S, O, D>: IsGreater<Lost<S, P, D>, Output: Answer> + Max<Lost<S, P, D>>,
    Maximum<Gained<L, K, S, O, D>, Lost<S, P, D>>: Sub<Lost<S, P, D>>,
{
    type KernelIsPositive = Verdict<Gr<K, U0>>;
    type StrideIsPositive = Verdict<Gr<S, U0>>;
    type DilationIsPositive = Verdict<Gr<D, U0>>;
    type OutputPaddingIsSmall = Verdict<Gr<Maximum<S, D>, O>>;
    type OutputIsLeft = Verdict<Gr<Gained<L, K, S, O, D>, Lost<S, P, D>>>;
    type Output = Diff<Maximum<Gained<L, K, S, O, D>, Lost<S, P, D>>, Lost<S, P, D>>;
}

/// The output extent of a transposed window along one axis: the same formula for values.
///
/// `None` where the program would not compile, as in [`output_extent`].
///
/// ```
/// use constconv::shape::transposed_extent;
/// assert_eq!(transposed_extent(14, 4, 2, 1, 0, 1), Some(28));
/// assert_eq!(transposed_extent(14, 3, 2, 1, 1, 1), Some(28));
/// assert_eq!(transposed_extent(14, 3, 2, 1, 2, 1), None); // output padding 2, stride 2
/// ```
#[must_use]
pub const fn transposed_extent(l: usize, k: usize, s: usize, p: usize, o: usize, d: usize) -> Option<usize> {
    if !are_axes(&[l, k, s, p, o, d]) || k == 0 || s == 0 || d == 0 || (o >= s && o >= d) {
        return None;
    }
    match (l * s + d * k + o + 1).checked_sub(2 * p + s + d) {
        Some(0) | None => None,
        Some(extent) => axis(extent),
    }
}

/// Whether all of them are in the table of axis lengths, so that nothing that is computed from them overflows.
const fn are_axes(numbers: &[usize]) -> bool {
    let mut i = 0;
    while i < numbers.len() {
        if axis(numbers[i]).is_none() {
            return false;
        }
        i += 1;
    }
    true
}

/// A length, if it is in the table.
const fn axis(extent: usize) -> Option<usize> {
    match extent {
        0..=LONGEST_AXIS => Some(extent),
        ..=LONGEST_ROUND_AXIS if extent.is_multiple_of(64) => Some(extent),
        _ => None,
    }
}
