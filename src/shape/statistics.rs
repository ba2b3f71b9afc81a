//! By which mean and variance a batch normalisation is trained, as a type.

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

/// By which mean and variance training normalises, and the constants of a batch normalisation: [`BatchStatistics`],
/// [`FixedStatistics`] or a type of your own.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Statistics;
///
/// /// Keras' constants.
/// #[derive(Clone, Debug, PartialEq)]
/// struct Keras;
/// impl Statistics for Keras {
///     const MOMENTUM: f64 = 0.01;
///     const EPS: f64 = 1e-3;
/// }
/// let mut layer = BatchNorm2d::<f64, 1, Keras>::BLANK;
/// layer.weight.fill(1.0);
/// assert_eq!(layer.forward(&Matrix::<f64, 1, 1>::full(1.0))[[0, 0]], 1.0 / 1e-3_f64.sqrt());
/// assert!(!Keras::ARE_FIXED && FixedStatistics::ARE_FIXED);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say by which statistics a batch normalisation is trained",
    label = "expected `BatchStatistics` or `FixedStatistics` here"
)]
pub trait Statistics: 'static {
    /// Whether they are the running ones.
    const ARE_FIXED: bool = false;

    /// How far the running statistics move towards those of a batch.
    const MOMENTUM: f64 = 0.1;

    /// What is added to the variance.
    const EPS: f64 = 1e-5;
}

impl Statistics for BatchStatistics {}

impl Statistics for FixedStatistics {
    const ARE_FIXED: bool = true;
}
