//! What an average pooling counts, as a type.

use super::sealed::Sealed;

/// Average pooling: cells of the declared padding count as zeros. PyTorch: `count_include_pad=True`. The default.
///
/// ```
/// use constconv::prelude::*;
/// let pool = AvgPool2d::<Kernel<1, 2>, Stride<1, 2>, Padding<0, 1>, Exact, IncludePad>::new();
/// assert_eq!(pool.forward(&Tensor::new([[[[8.0, 4.0]]]])), Tensor::new([[[[4.0, 2.0]]]])); // (0 + 8)/2, (4 + 0)/2
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IncludePad;

/// Average pooling: only cells of the input count. PyTorch: `count_include_pad=False`.
///
/// ```
/// use constconv::prelude::*;
/// let pool = AvgPool2d::<Kernel<1, 2>, Stride<1, 2>, Padding<0, 1>, Exact, ExcludePad>::new();
/// assert_eq!(pool.forward(&Tensor::new([[[[8.0, 4.0]]]])), Tensor::new([[[[8.0, 4.0]]]])); // 8/1, 4/1
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExcludePad;

/// What an average counts: [`IncludePad`] or [`ExcludePad`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Counting;
/// fn divisor<M: Counting>(padding: usize, cells: usize) -> usize {
///     if M::COUNT_INCLUDE_PAD { padding + cells } else { cells }
/// }
/// assert_eq!((divisor::<IncludePad>(5, 4), divisor::<ExcludePad>(5, 4)), (9, 4));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what an average counts",
    label = "expected `IncludePad` or `ExcludePad` here"
)]
pub trait Counting: Sealed {
    /// Whether cells of the declared padding count.
    const COUNT_INCLUDE_PAD: bool;
}

impl Counting for IncludePad {
    const COUNT_INCLUDE_PAD: bool = true;
}

impl Counting for ExcludePad {
    const COUNT_INCLUDE_PAD: bool = false;
}
