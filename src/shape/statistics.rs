//! By which mean and variance a batch normalisation is trained, as a type.

use crate::sealed::Sealed;

/// Training normalises by mean and variance of the batch. The default.
///
/// ```
/// use constconv::prelude::*;
/// let norm: BatchNorm2d<f32, 1, BatchStatistics> =
///     BatchNorm2d::new(Vector::full(1.0), Vector::zeros(), Vector::zeros(), Vector::full(1.0));
/// let x = Tensor::<f32, 1, 1, 1, 2>::new([[[[10.0, 14.0]]]]);
/// let (mut y, mut tape) = (Tensor::zeros(), Zeroed::ZERO);
/// norm.forward_train(&x, &mut y, &mut tape);
/// assert!((y[[0, 0, 0, 1]] - 1.0).abs() < 1e-5); // (14 − 12)/2
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchStatistics;

/// Training normalises by the running mean and variance, and leaves them as they are: for weights of a trained model
/// that go on being trained on batches too small or too different for statistics. PyTorch: `eval()` of this layer while
/// the model is trained.
///
/// ```
/// use constconv::prelude::*;
///
/// type Norm<M> = BatchNorm2d<f64, 1, M>;
/// let trained = Norm::<BatchStatistics>::new(Vector::full(2.0), Vector::zeros(), Vector::full(3.0), Vector::full(4.0));
/// let layer: Norm<FixedStatistics> = trained.with_statistics();
/// let x = Tensor::new([[[[3.0, 5.0]]]]);
/// let (dx, gradient) = layer.backward(&x, &Tensor::new([[[[1.0, 10.0]]]]));
/// assert!((dx[[0, 0, 0, 1]] - 10.0).abs() < 1e-4); // dy · weight / √(running_var + eps)
/// assert_eq!(gradient.bias, Vector::new([11.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedStatistics;

/// By which mean and variance training normalises: [`BatchStatistics`] or [`FixedStatistics`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Statistics;
/// fn what<M: Statistics>() -> &'static str {
///     if M::ARE_FIXED { "the running ones" } else { "those of the batch" }
/// }
/// assert_eq!(what::<FixedStatistics>(), "the running ones");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say by which statistics a batch normalisation is trained",
    label = "expected `BatchStatistics` or `FixedStatistics` here"
)]
pub trait Statistics: Sealed {
    /// Whether they are the running ones.
    const ARE_FIXED: bool;
}

impl Statistics for BatchStatistics {
    const ARE_FIXED: bool = false;
}

impl Statistics for FixedStatistics {
    const ARE_FIXED: bool = true;
}
