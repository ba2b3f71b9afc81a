//! Products of axes: a feature map as a row of features.

use core::ops::Mul;

use typenum::{B1, Eq, IsEqual, IsLessOrEqual, LeEq, Prod};

use super::axis::{Axis, Extent, Known, Longest, Number, ToAxis, fits};
use crate::Scalar;
use crate::tensor::Array;

/// C·H·W for `typenum`.
pub(super) type Features<const C: usize, const H: usize, const W: usize> = Prod<Prod<Number<C>, Number<H>>, Number<W>>;

/// The channels, height and width of a feature map, as a type.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{FeatureMap, Flattened};
/// let x: <FeatureMap<16, 5, 5> as Flattened>::Output<f32, 1> = Matrix::<f32, 1, 400>::zeros();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureMap<const C: usize, const H: usize, const W: usize>;

/// A feature map whose number of features is an axis.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{FeatureMap, Flattened};
/// let x: <FeatureMap<8, 7, 7> as Flattened>::Output<f32, 32> = Matrix::<f32, 32, 392>::zeros();
/// ```
pub trait Flattened {
    /// `Matrix<T, N, C·H·W>`.
    type Output<T: Scalar, const N: usize>: Array<Scalar = T>;
}

impl<const C: usize, const H: usize, const W: usize> Flattened for FeatureMap<C, H, W>
where
    Axis<C>: Known,
    Axis<H>: Known,
    Axis<W>: Known,
    Number<C>: Mul<Number<H>>,
    Prod<Number<C>, Number<H>>: Mul<Number<W>>,
    Features<C, H, W>: IsLessOrEqual<Longest>,
    LeEq<Features<C, H, W>, Longest>: FeaturesFit<C, H, W>,
{
    type Output<T: Scalar, const N: usize> =
        <<LeEq<Features<C, H, W>, Longest> as FeaturesFit<C, H, W>>::Axis as Extent>::Matrix<T, N>;
}

fits! {
    /// C·H·W ≤ the longest axis.
    #[diagnostic::on_unimplemented(
        message = "a feature map of {C}*{H}*{W} values is longer than the longest axis of this build",
        label = "the flattened feature map is beyond the table of axis lengths"
    )]
    FeaturesFit<const C, const H, const W>: Features<C, H, W>
    where [Number<C>: Mul<Number<H>>, Prod<Number<C>, Number<H>>: Mul<Number<W>>,];
}

/// A feature map of `IN` features.
///
/// ```
/// use constconv::shape::{FeatureMap, HasFeatures};
/// fn fits<X: HasFeatures<400>>() {}
/// fits::<FeatureMap<16, 5, 5>>();
/// ```
pub trait HasFeatures<const IN: usize> {}

impl<const C: usize, const H: usize, const W: usize, const IN: usize> HasFeatures<IN> for FeatureMap<C, H, W>
where
    Axis<C>: Known,
    Axis<H>: Known,
    Axis<W>: Known,
    Axis<IN>: Known,
    Number<C>: Mul<Number<H>>,
    Prod<Number<C>, Number<H>>: Mul<Number<W>>,
    Features<C, H, W>: IsEqual<Number<IN>>,
    Eq<Features<C, H, W>, Number<IN>>: FeaturesMatch<IN, C, H, W>,
{
}

/// C·H·W = IN.
#[diagnostic::on_unimplemented(
    message = "a linear layer of {IN} inputs does not fit behind a feature map of {C}*{H}*{W} values",
    label = "{C}*{H}*{W} is not {IN}"
)]
pub trait FeaturesMatch<const IN: usize, const C: usize, const H: usize, const W: usize> {}

#[diagnostic::do_not_recommend]
impl<const IN: usize, const C: usize, const H: usize, const W: usize> FeaturesMatch<IN, C, H, W> for B1 {}
