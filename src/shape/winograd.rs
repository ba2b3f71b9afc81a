//! The windows of Winograd's algorithm.

use super::grouping::Ungrouped;
use super::marker::{Dilation, Kernel, Stride};

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
