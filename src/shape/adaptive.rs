//! The output of an adaptive pooling, whose size is given and not computed.

use typenum::{Gr, IsGreater, U0};

use super::axis::{Axis, Extent, Known, Number};
use super::marker::OutputSize;
use super::sealed::Sealed;
use super::verdict::{Answer, Verdict, verdicts};
use crate::tensor::{Array, Scalar, Tensor};

/// A given output height and width: [`OutputSize`].
///
/// ```
/// use constconv::prelude::*;
/// let x = Tensor::<f32, 1, 4, 13, 9>::zeros();
/// let y = AdaptiveAvgPool2d::<OutputSize<3, 2>>::new().forward(&x);
/// assert_eq!(y.shape(), [1, 4, 3, 2]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the output size of an adaptive pooling",
    label = "expected `OutputSize<H, W>` here"
)]
pub trait AdaptiveOutput: Sealed {
    /// Output height HO and width WO.
    const OUTPUT: [usize; 2];
    /// `Tensor<T, N, C, HO, WO>`.
    type Output<T: Scalar, const N: usize, const C: usize>: Array<Scalar = T>;
}

impl<const H: usize, const W: usize> AdaptiveOutput for OutputSize<H, W>
where
    Axis<H>: Known,
    Axis<W>: Known,
    Number<H>: IsGreater<U0, Output: Answer>,
    Number<W>: IsGreater<U0, Output: Answer>,
    Verdict<Gr<Number<H>, U0>>: OutputIsPositive,
    Verdict<Gr<Number<W>, U0>>: OutputIsPositive,
{
    const OUTPUT: [usize; 2] = [H, W];
    type Output<T: Scalar, const N: usize, const C: usize> = Tensor<T, N, C, H, W>;
}

verdicts! {
    /// LO > 0.
    #[diagnostic::on_unimplemented(
        message = "an output of size 0 holds nothing",
        label = "output height and width must be at least 1"
    )]
    OutputIsPositive;
}
