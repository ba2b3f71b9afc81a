//! Arrays of as many elements as another one.

use core::ops::Mul;

use typenum::{Eq, IsEqual, Prod};

use super::axis::{Axis, Known, Number};
use super::sealed::{Sealed, SealedWith};
use super::verdict::{Answer, Holds, Verdict};
use crate::tensor::{Array, Matrix, Scalar, Signal, Tensor, Vector};

/// An array that can take the shape `Y`: the same element type, and as many elements.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Reshape;
/// fn can_become<X: Reshape<Y>, Y>() {}
/// can_become::<Tensor<f32, 2, 3, 4, 5>, Matrix<f32, 6, 20>>();
/// can_become::<Matrix<f32, 6, 20>, Vector<f32, 120>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be reshaped to `{Y}`",
    label = "both must be arrays of the same element type"
)]
pub trait Reshape<Y>: Array + SealedWith<Y> {}

impl<X: CountedElements, Y: CountedElements + Array<Scalar = X::Scalar>> Reshape<Y> for X
where
    X::Count: IsEqual<Y::Count, Output: Answer>,
    Verdict<Eq<X::Count, Y::Count>>: ElementsMatch<X, Y>,
{
}

/// Both arrays have as many elements.
#[diagnostic::on_unimplemented(
    message = "`{X}` cannot be reshaped to `{Y}`",
    label = "the axes of the two have different products"
)]
pub trait ElementsMatch<X, Y> {}

#[diagnostic::do_not_recommend]
impl<X, Y> ElementsMatch<X, Y> for Holds {}

/// An array whose elements are counted at compile time.
pub trait CountedElements: Array + Sealed {
    /// The product of the axes, for `typenum`.
    type Count;
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> CountedElements
    for Tensor<T, N, C, H, W>
where
    Axis<N>: Known,
    Axis<C>: Known,
    Axis<H>: Known,
    Axis<W>: Known,
    Number<N>: Mul<Number<C>>,
    Number<H>: Mul<Number<W>>,
    Prod<Number<N>, Number<C>>: Mul<Prod<Number<H>, Number<W>>>,
{
    type Count = Prod<Prod<Number<N>, Number<C>>, Prod<Number<H>, Number<W>>>;
}

impl<T: Scalar, const N: usize, const C: usize, const L: usize> CountedElements for Signal<T, N, C, L>
where
    Axis<N>: Known,
    Axis<C>: Known,
    Axis<L>: Known,
    Number<N>: Mul<Number<C>>,
    Prod<Number<N>, Number<C>>: Mul<Number<L>>,
{
    type Count = Prod<Prod<Number<N>, Number<C>>, Number<L>>;
}

impl<T: Scalar, const R: usize, const C: usize> CountedElements for Matrix<T, R, C>
where
    Axis<R>: Known,
    Axis<C>: Known,
    Number<R>: Mul<Number<C>>,
{
    type Count = Prod<Number<R>, Number<C>>;
}

impl<T: Scalar, const N: usize> CountedElements for Vector<T, N>
where
    Axis<N>: Known,
{
    type Count = Number<N>;
}
