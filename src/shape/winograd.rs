//! The windows of Winograd's algorithm.

use typenum::{Eq, IsEqual, U1, U3};

use super::axis::{Axis, Known, Number};
use super::grouping::{Groups, Ungrouped};
use super::marker::{Dilation, Kernel, Stride};
use super::tiling::{And, Both};
use super::verdict::{Answer, Fails, Verdict};

/// Kernel, stride, dilation and groups of a convolution `L` for Winograd's algorithm.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::Convolution;
/// use constconv::shape::SuitsWinograd;
/// fn suits<L: Convolution<Window: SuitsWinograd<L>>>() {}
/// suits::<Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "Winograd's algorithm does not suit `{L}`",
    label = "expected a `Conv2d` with `Kernel<3>`, `Stride<1>`, `Dilation<1>` and without groups"
)]
pub trait SuitsWinograd<L> {
    /// The convolution itself: what hangs on this condition.
    type Convolution;
}

impl<L> SuitsWinograd<L> for (Kernel<3>, Stride<1>, Dilation<1>, Ungrouped) {
    type Convolution = L;
}

/// The same of any convolution, as an answer: `(K, S, D, G)`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::WinogradWindow;
/// fn has_an_answer<W: WinogradWindow>() {}
/// has_an_answer::<(Kernel<3>, Stride<2>, Dilation<1>, Ungrouped)>();
/// has_an_answer::<(Kernel<3>, Stride<1>, Dilation<1>, Groups<4>)>();
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is not the window of a convolution")]
pub trait WinogradWindow {
    /// Whether it suits.
    type Suits;
}

type Is<const A: usize, N> = Verdict<Eq<Number<A>, N>>;
type Are<const A: usize, const B: usize, N> = Both<Is<A, N>, Is<B, N>>;

impl<const KH: usize, const KW: usize, const SH: usize, const SW: usize, const DH: usize, const DW: usize>
    WinogradWindow for (Kernel<KH, KW>, Stride<SH, SW>, Dilation<DH, DW>, Ungrouped)
where
    Axis<KH>: Known<Number: IsEqual<U3, Output: Answer<Verdict: And<Is<KW, U3>>>>>,
    Axis<KW>: Known<Number: IsEqual<U3, Output: Answer>>,
    Axis<SH>: Known<Number: IsEqual<U1, Output: Answer<Verdict: And<Is<SW, U1>>>>>,
    Axis<SW>: Known<Number: IsEqual<U1, Output: Answer>>,
    Axis<DH>: Known<Number: IsEqual<U1, Output: Answer<Verdict: And<Is<DW, U1>>>>>,
    Axis<DW>: Known<Number: IsEqual<U1, Output: Answer>>,
    Are<SH, SW, U1>: And<Are<DH, DW, U1>>,
    Are<KH, KW, U3>: And<Both<Are<SH, SW, U1>, Are<DH, DW, U1>>>,
{
    type Suits = Both<Are<KH, KW, U3>, Both<Are<SH, SW, U1>, Are<DH, DW, U1>>>;
}

impl<K, S, D, const G: usize> WinogradWindow for (K, S, D, Groups<G>) {
    type Suits = Fails;
}
