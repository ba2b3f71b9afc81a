//! By which mean and variance a batch normalisation is trained, as a type, and what has statistics.

use core::marker::PhantomData;
use core::ops::Add;

use typenum::{Gr, IsGreater, Sum, U1, U2, U3};

use super::axis::{Axis, Known, Number};
use super::sealed::{Sealed, SealedWith};
use super::verdict::{Answer, Holds, Verdict};
use crate::tensor::{Matrix, Scalar, Signal, Tensor};

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
pub struct BatchStatistics<C = BatchNormDefaults>(PhantomData<C>);

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
pub struct FixedStatistics<C = BatchNormDefaults>(PhantomData<C>);

/// Statistics of an array: more than one value per channel, N·H·W > 1, as a variance asks for.
///
/// ```
/// use constconv::functional::batch_statistics;
/// use constconv::prelude::*;
/// use constconv::shape::{HasChannels, HasStatistics};
/// fn spread<X: HasChannels<f32, 1> + HasStatistics>(x: &X) -> f32 {
///     batch_statistics(x).1[[0]].sqrt()
/// }
/// assert_eq!(spread(&Matrix::new([[1.0], [5.0]])), 2.0);
/// ```
///
/// ```compile_fail
/// # use constconv::prelude::*;
/// # use constconv::shape::HasStatistics;
/// fn check<X: HasStatistics>() {}
/// check::<Tensor<f32, 1, 8, 1, 1>>(); // "`Tensor<f32, 1, 8, 1, 1>` has one value per channel"
/// ```
pub trait HasStatistics: Sealed {}

/// Whether there is more than one value per channel.
#[diagnostic::on_unimplemented(
    message = "`{X}` has one value per channel: a batch normalisation cannot be trained by its statistics",
    label = "statistics are of more than one value: N*H*W > 1",
    note = "take a larger batch, or `FixedStatistics` to train by the running mean and variance"
)]
pub trait SeveralValues<X> {}

#[diagnostic::do_not_recommend]
impl<X> SeveralValues<X> for Holds {}

// Axes are at least 1, so their product is more than 1 if their sum is more than their number.
impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> HasStatistics for Tensor<T, N, C, H, W>
where
    Axis<N>: Known,
    Axis<H>: Known,
    Axis<W>: Known,
    Number<N>: Add<Number<H>>,
    Sum<Number<N>, Number<H>>: Add<Number<W>>,
    Sum<Sum<Number<N>, Number<H>>, Number<W>>: IsGreater<U3, Output: Answer>,
    Verdict<Gr<Sum<Sum<Number<N>, Number<H>>, Number<W>>, U3>>: SeveralValues<Self>,
{
}

impl<T: Scalar, const N: usize, const C: usize, const L: usize> HasStatistics for Signal<T, N, C, L>
where
    Axis<N>: Known,
    Axis<L>: Known,
    Number<N>: Add<Number<L>>,
    Sum<Number<N>, Number<L>>: IsGreater<U2, Output: Answer>,
    Verdict<Gr<Sum<Number<N>, Number<L>>, U2>>: SeveralValues<Self>,
{
}

impl<T: Scalar, const N: usize, const C: usize> HasStatistics for Matrix<T, N, C>
where
    Axis<N>: Known,
    Number<N>: IsGreater<U1, Output: Answer>,
    Verdict<Gr<Number<N>, U1>>: SeveralValues<Self>,
{
}

/// An array on which a batch normalisation can be trained by the statistics `M`: any one by
/// [`FixedStatistics`], one that [has statistics](HasStatistics) by the others.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::TrainableBy;
/// fn check<X: TrainableBy<M>, M>() {}
/// check::<Matrix<f32, 2, 8>, BatchStatistics>();
/// check::<Matrix<f32, 1, 8>, FixedStatistics>();
/// ```
pub trait TrainableBy<M>: SealedWith<M> {}

impl<X: Sealed, C> TrainableBy<FixedStatistics<C>> for X {}
impl<X: HasStatistics, C> TrainableBy<BatchStatistics<C>> for X {}

/// The constants of a batch normalisation; [`BatchNormDefaults`] are PyTorch's.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::BatchNormConstants;
///
/// /// Keras' constants.
/// #[derive(Clone, Debug, PartialEq)]
/// struct Keras;
/// impl BatchNormConstants for Keras {
///     const MOMENTUM: f64 = 0.01;
///     const EPS: f64 = 1e-3;
/// }
/// let mut layer = BatchNorm2d::<f64, 1, BatchStatistics<Keras>>::BLANK;
/// layer.weight.fill(1.0);
/// assert_eq!(layer.forward(&Matrix::<f64, 1, 1>::full(1.0))[[0, 0]], 1.0 / 1e-3_f64.sqrt());
/// ```
pub trait BatchNormConstants: 'static {
    /// How far the running statistics move towards those of a batch.
    const MOMENTUM: f64 = 0.1;

    /// What is added to the variance.
    const EPS: f64 = 1e-5;
}

/// PyTorch's momentum of 0.1 and eps of 1e-5.
///
/// ```
/// use constconv::shape::{BatchNormConstants, BatchNormDefaults};
/// assert_eq!((BatchNormDefaults::MOMENTUM, BatchNormDefaults::EPS), (0.1, 1e-5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchNormDefaults;

impl BatchNormConstants for BatchNormDefaults {}

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

    /// [`BatchNormConstants::MOMENTUM`].
    const MOMENTUM: f64;

    /// [`BatchNormConstants::EPS`].
    const EPS: f64;
}

impl<C: BatchNormConstants> Statistics for BatchStatistics<C> {
    const ARE_FIXED: bool = false;
    const MOMENTUM: f64 = C::MOMENTUM;
    const EPS: f64 = C::EPS;
}

impl<C: BatchNormConstants> Statistics for FixedStatistics<C> {
    const ARE_FIXED: bool = true;
    const MOMENTUM: f64 = C::MOMENTUM;
    const EPS: f64 = C::EPS;
}
