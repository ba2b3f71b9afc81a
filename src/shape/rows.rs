//! Feature maps and signals as rows of features.

use super::flatten::{FeatureMap, FeatureSignal, Flattened};
use crate::tensor::{Array, Scalar, Signal, Tensor};

/// A feature map or a signal, which can be flattened to rows of features.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::ToRows;
/// let y: <Tensor<f32, 32, 16, 5, 5> as ToRows>::Rows = Matrix::<f32, 32, 400>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a feature map nor a signal: it cannot be flattened",
    label = "expected a `Tensor` or a `Signal` here"
)]
pub trait ToRows: Array {
    /// `Matrix<T, N, C·H·W>` or `Matrix<T, N, C·L>`.
    type Rows: Array<Scalar = Self::Scalar>;
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> ToRows for Tensor<T, N, C, H, W>
where
    FeatureMap<C, H, W>: Flattened,
{
    type Rows = <FeatureMap<C, H, W> as Flattened>::Output<T, N>;
}

impl<T: Scalar, const N: usize, const C: usize, const L: usize> ToRows for Signal<T, N, C, L>
where
    FeatureSignal<C, L>: Flattened,
{
    type Rows = <FeatureSignal<C, L> as Flattened>::Output<T, N>;
}
