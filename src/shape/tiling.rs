//! What a pooling's windows are, as types: whether a byte can tell the cells of one, and whether they lie side by side.
//! Without padding, dilation and overlap a row of the output needs rows of the input that no other row needs.

use core::ops::Mul;

use typenum::{Eq, IsEqual, IsLessOrEqual, LeEq, Prod, U0, U1, U256};

use super::axis::{Axis, Known, Number};
use super::marker::{Ceil, Dilation, Exact, Floor, Kernel, Padding, Stride};
use super::pad::Sides;
use super::verdict::{Answer, Fails, Holds, Verdict};

/// The window of a pooling, `(K, S, P, R, D)`: kernel, stride, padding, rounding and dilation.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::PoolWindow;
/// fn is_window<W: PoolWindow>() {}
/// is_window::<(Kernel<2>, Stride<2>, Padding<0>, Floor, Dilation<1>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the window of a pooling",
    label = "not the window of a pooling",
    note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding, Dilation"
)]
pub trait PoolWindow {
    /// Whether a byte can tell a cell of a window.
    type IsSmall;
    /// Whether the windows lie side by side.
    type IsTile;
}

/// A condition and another one.
pub trait And<Other> {
    /// [`Holds`] if both do.
    type Both;
}

impl<Other> And<Other> for Holds {
    type Both = Other;
}

impl<Other> And<Other> for Fails {
    type Both = Fails;
}

/// Whether a rounding leaves no window that is cut off.
pub trait CutsNoWindow {
    /// [`Holds`] or [`Fails`].
    type Verdict;
}

impl CutsNoWindow for Exact {
    type Verdict = Holds;
}

impl CutsNoWindow for Floor {
    type Verdict = Holds;
}

impl CutsNoWindow for Ceil {
    type Verdict = Fails;
}

pub(super) type Both<A, B> = <A as And<B>>::Both;
type Same<const A: usize, const B: usize> = Verdict<Eq<Number<A>, Number<B>>>;
type IsNone<const P: usize> = Verdict<Eq<Number<P>, U0>>;
type IsDense<const D: usize> = Verdict<Eq<Number<D>, U1>>;
type IsSmall<const H: usize, const W: usize> = Verdict<LeEq<Prod<Number<H>, Number<W>>, U256>>;

macro_rules! pool_windows {
    ($($stride:ident)*) => { $(
        impl<
            const KH: usize, const KW: usize, const SH: usize, const SW: usize, const PH: usize, const PW: usize,
            R: CutsNoWindow, const DH: usize, const DW: usize,
        > PoolWindow for (Kernel<KH, KW>, $stride<SH, SW>, Padding<PH, PW>, R, Dilation<DH, DW>)
        where
            Axis<KH>: Known<Number: IsEqual<Number<SH>, Output: Answer<Verdict: And<Same<KW, SW>>>>>,
            Axis<KW>: Known<Number: IsEqual<Number<SW>, Output: Answer>>,
            Axis<SH>: Known,
            Axis<SW>: Known,
            Axis<PH>: Known<Number: IsEqual<U0, Output: Answer<Verdict: And<IsNone<PW>>>>>,
            Axis<PW>: Known<Number: IsEqual<U0, Output: Answer>>,
            Axis<DH>: Known<Number: IsEqual<U1, Output: Answer<Verdict: And<IsDense<DW>>>>>,
            Axis<DW>: Known<Number: IsEqual<U1, Output: Answer>>,
            Number<KH>: Mul<Number<KW>, Output: IsLessOrEqual<U256, Output: Answer>>,
            Both<Same<KH, SH>, Same<KW, SW>>: And<Both<IsNone<PH>, IsNone<PW>>>,
            Both<IsDense<DH>, IsDense<DW>>: And<R::Verdict>,
            Both<Both<Same<KH, SH>, Same<KW, SW>>, Both<IsNone<PH>, IsNone<PW>>>:
                And<Both<Both<IsDense<DH>, IsDense<DW>>, R::Verdict>>,
        {
            type IsSmall = IsSmall<KH, KW>;
            type IsTile = Both<
                Both<Both<Same<KH, SH>, Same<KW, SW>>, Both<IsNone<PH>, IsNone<PW>>>,
                Both<Both<IsDense<DH>, IsDense<DW>>, R::Verdict>,
            >;
        }

        /// Not the window of a pooling, which [`Window`](super::Window) says better.
        impl<
            const KH: usize, const KW: usize, const SH: usize, const SW: usize, const TOP: usize, const BOTTOM: usize,
            const LEFT: usize, const RIGHT: usize, R, D,
        > PoolWindow for (Kernel<KH, KW>, $stride<SH, SW>, Sides<TOP, BOTTOM, LEFT, RIGHT>, R, D)
        {
            type IsSmall = Fails;
            type IsTile = Fails;
        }
    )* };
}

// As of `Window`.
pool_windows! { Stride Kernel }
