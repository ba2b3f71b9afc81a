//! Whether there is a bias, as a type.

use core::fmt::Debug;

use super::sealed::Sealed;
use crate::tensor::{Elements, Scalar, Vector};

/// The layer has a bias. The default.
///
/// ```
/// use constconv::prelude::*;
/// let layer = Linear::<f32, 2, 1, Bias>::new(Matrix::new([[1.0, 2.0]]), Vector::new([100.0]));
/// assert_eq!(layer.forward(&Matrix::new([[10.0, 20.0]])), Matrix::new([[150.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bias;

/// The layer has no bias. PyTorch: `bias=False`.
///
/// ```
/// use constconv::prelude::*;
/// let layer = Linear::<f32, 2, 1, NoBias>::new(Matrix::new([[1.0, 2.0]]), ());
/// assert_eq!(layer.forward(&Matrix::new([[10.0, 20.0]])), Matrix::new([[50.0]]));
/// assert_eq!(Linear::<f32, 2, 1, NoBias>::PARAMETERS, 2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoBias;

/// Whether a layer has a bias: [`Bias`] or [`NoBias`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::BiasKind;
/// // A block with or without a bias.
/// struct Block<B: BiasKind> {
///     conv: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, B>,
/// }
/// assert_eq!(size_of::<Block<Bias>>() - size_of::<Block<NoBias>>(), 8 * 4);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether there is a bias",
    label = "expected `Bias` or `NoBias` here"
)]
pub trait BiasKind: Sealed + Debug + 'static {
    /// `Vector<T, F>` or `()`.
    type Of<T: Scalar, const F: usize>: BiasTerm<T, F>;
}

impl BiasKind for Bias {
    type Of<T: Scalar, const F: usize> = Vector<T, F>;
}

impl BiasKind for NoBias {
    type Of<T: Scalar, const F: usize> = ();
}

/// [`Bias`] or [`NoBias`], and no marker of something else: a layer with one is still a type, and the error comes where it
/// meets an input.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::BiasInPlace;
/// // A layer with or without a bias.
/// fn outputs<B: BiasInPlace>(layer: &Linear<f32, 2, 3, B>) -> Matrix<f32, 1, 3> {
///     layer.forward(&Matrix::new([[1.0, 2.0]]))
/// }
/// assert_eq!(outputs(&Linear::<f32, 2, 3, NoBias>::BLANK), Matrix::zeros());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands where the bias belongs",
    label = "expected `Bias` or `NoBias` in place of `{Self}`",
    note = "the last parameters of a convolution come in the order Dilation, groups, bias: `Dilation<1>, Ungrouped, NoBias`"
)]
pub trait BiasInPlace: BiasKind {}

#[diagnostic::do_not_recommend]
impl BiasInPlace for Bias {}

#[diagnostic::do_not_recommend]
impl BiasInPlace for NoBias {}

/// A bias that may not be there: `Vector<T, F>` or `()`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::BiasTerm;
/// fn count<B: BiasTerm<f32, 8>>(_: &B) -> usize {
///     B::LEN
/// }
/// assert_eq!((count(&Vector::zeros()), count(&())), (8, 0));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a bias of {F} outputs",
    label = "expected a `Vector` of {F} elements, or `()` for no bias"
)]
pub trait BiasTerm<T: Scalar, const F: usize>:
    sealed::BiasTerm<T, F> + Elements<T> + Clone + PartialEq + Debug
{
}

/// Cannot be named outside of the crate.
mod sealed {
    use super::Vector;

    pub trait BiasTerm<T, const F: usize> {}

    impl<T, const F: usize> BiasTerm<T, F> for Vector<T, F> {}

    impl<T, const F: usize> BiasTerm<T, F> for () {}
}

impl<T: Scalar, const F: usize> BiasTerm<T, F> for Vector<T, F> {}

impl<T: Scalar, const F: usize> BiasTerm<T, F> for () {}
