//! Batch normalisation of feature maps, signals and rows of features.

use core::marker::PhantomData;
use core::slice;

use super::{
    Backward, Bias, BiasKind, BiasTerm, Conv1d, Conv2d, Initialize, Layer, Module, Parameters, Rule, Visitor,
    VisitorMut, cast,
};
use crate::kernel::{self, ChannelGeometry};
use crate::shape::{Grouping, KernelSize};
use crate::tensor::{Array, Matrix, Signal, Tensor, Vector, Zeroed};
use crate::{Real, Scalar};

/// 2-D batch normalisation. PyTorch: `nn.BatchNorm2d`.
///
/// y\[n,c,i,j\] = (x\[n,c,i,j\] − mean\[c\]) / √(var\[c\] + eps) · weight\[c\] + bias\[c\]
///
/// | | shape |
/// |---|---|
/// | x, y | (N, C, H, W); as [`BatchNorm1d`] (N, C, L) or (N, C) |
/// | weight, bias, running_mean, running_var | (C) |
///
/// [`forward`](Module::forward) and its siblings are evaluation: mean and var are the running ones.
/// [`forward_train`](Module::forward_train) and the backward pass are training: mean and var are those of the batch,
/// var being Σ (x − mean)² / (N·H·W). What the backward pass has seen is part of the gradient; the optimizer's step
/// moves the running statistics,
///
/// running = (1 − momentum) · running + momentum · batch, with Σ (x − mean)² / (N·H·W − 1) for var
///
/// once for each batch since the gradient was zeroed, so the ordinary training loop does what PyTorch's does. Where the
/// gradient is scaled or clipped the statistics stay as they are.
///
/// `M` is [`BatchStatistics`] or [`FixedStatistics`]; with the latter training too takes the running statistics, and
/// leaves them as they are.
///
/// Training by the statistics of a single value per channel, N·H·W = 1, does not compile. `ZERO` has weights of zero,
/// as everything; [`Initialize`] sets PyTorch's initial values.
///
/// ```
/// use constconv::prelude::*;
///
/// let layer = BatchNorm2d::<f64, 1>::new(Vector::full(2.0), Vector::full(1.0), Vector::full(3.0), Vector::full(4.0));
/// let y = layer.forward(&Tensor::<f64, 1, 1, 1, 2>::new([[[[3.0, 5.0]]]]));
/// assert!((y[[0, 0, 0, 0]] - 1.0).abs() < 1e-12 && (y[[0, 0, 0, 1]] - 3.0).abs() < 1e-5);
///
/// model! {
///     Net: Tensor<f64, 4, 1, 6, 6> => {
///         conv: Conv2d<f64, 1, 8, Kernel<3>>,
///         norm: BatchNorm2d<f64, 8>,
///         relu: Relu,
///     }
/// }
/// let mut net = Net::ZERO;
/// net.initialize(&mut || 0.75);
/// let x = Tensor::<f64, 4, 1, 6, 6>::full(2.0);
/// let (mut y, mut tape, mut gradient) = (Tensor::zeros(), Zeroed::ZERO, Gradient::<Net>::ZERO);
/// net.forward_train(&x, &mut y, &mut tape);
/// net.backward_parameters(&x, &y, &Tensor::zeros(), &mut tape, &mut gradient);
/// Sgd::new(0.1).step(&mut net, &gradient, &mut ());
/// // A tenth of the way from 1 to the variance of what the convolution made of x, which is 0.
/// assert!((net.norm.running_var[[0]] - 0.9).abs() < 1e-12);
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "batch normalisation is trained on more than one value per channel"
/// let x = Tensor::<f32, 1, 2, 1, 1>::zeros();
/// let (dx, gradient) = BatchNorm2d::<f32, 2>::ZERO.backward(&x, &x);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNorm2d<T: Scalar, const C: usize, M = BatchStatistics> {
    /// Weight (C).
    pub weight: Vector<T, C>,
    /// Bias (C).
    pub bias: Vector<T, C>,
    /// Mean of each channel (C), for evaluation.
    pub running_mean: Vector<T, C>,
    /// Variance of each channel (C), for evaluation.
    pub running_var: Vector<T, C>,
    /// Which part of the running statistics is taken from each batch; 0.1.
    pub momentum: f64,
    /// Added to the variance, so that nothing is divided by 0; 1e-5.
    pub eps: f64,
    statistics: PhantomData<M>,
}

/// [`BatchNorm2d`] under PyTorch's name for signals (N, C, L) and rows of features (N, C): `nn.BatchNorm1d`.
///
/// ```
/// use constconv::prelude::*;
///
/// let layer = BatchNorm1d::<f32, 2>::new(Vector::full(2.0), Vector::zeros(), Vector::zeros(), Vector::full(1.0));
/// let y = layer.forward(&Signal::new([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]));
/// assert!((y[[0, 1, 2]] - 12.0).abs() < 1e-3);
/// assert!((layer.forward(&Matrix::new([[1.0, 2.0]]))[[0, 0]] - 2.0).abs() < 1e-3);
/// ```
pub type BatchNorm1d<T, const C: usize, M = BatchStatistics> = BatchNorm2d<T, C, M>;

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
/// use constconv::layer::Statistics;
/// fn what<M: Statistics>() -> &'static str {
///     if M::ARE_FIXED { "the running ones" } else { "those of the batch" }
/// }
/// assert_eq!(what::<FixedStatistics>(), "the running ones");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say by which statistics a batch normalisation is trained",
    label = "expected `BatchStatistics` or `FixedStatistics` here"
)]
pub trait Statistics {
    /// Whether they are the running ones.
    const ARE_FIXED: bool;
}

impl Statistics for BatchStatistics {
    const ARE_FIXED: bool = false;
}

impl Statistics for FixedStatistics {
    const ARE_FIXED: bool = true;
}

/// An array of C channels of numbers `T`: `Tensor<T, N, C, H, W>`, `Signal<T, N, C, L>` or `Matrix<T, N, C>`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_statistics;
/// use constconv::layer::Channels;
/// /// The channel means of a feature map, a signal or rows of features.
/// fn means<X: Channels<f32, 2>>(x: &X) -> Vector<f32, 2> {
///     batch_statistics(x).0
/// }
/// assert_eq!(means(&Matrix::new([[1.0, 10.0], [3.0, 30.0]])), Vector::new([2.0, 20.0]));
/// assert_eq!(means(&Signal::new([[[1.0, 3.0], [10.0, 30.0]]])), Vector::new([2.0, 20.0]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not have {C} channels of `{T}`",
    label = "the normalisation has {C} channels of `{T}`"
)]
pub trait Channels<T: Scalar, const C: usize>: Array<Scalar = T> {
    /// Batch, channels, and numbers of a channel of one image, for the kernels.
    const GEOMETRY: ChannelGeometry;
}

macro_rules! channels {
    ($($name:ident<T, N, C $(, $axis:ident)*>)*) => { $(
        impl<T: Scalar, const N: usize, const C: usize, $(const $axis: usize),*> Channels<T, C>
            for $name<T, N, C, $($axis),*>
        {
            const GEOMETRY: ChannelGeometry = ChannelGeometry { n: N, c: C, plane: 1 $(* $axis)* };
        }
    )* };
}

channels! { Tensor<T, N, C, H, W> Signal<T, N, C, L> Matrix<T, N, C> }

/// The gradient of a [`BatchNorm2d`], and what it has seen of the data since it was zeroed.
///
/// ```
/// use constconv::prelude::*;
///
/// let mut gradient = Gradient::<BatchNorm2d<f32, 2>>::ZERO;
/// gradient.weight.fill(3.0);
/// gradient.taken = 0.1;
/// gradient.scale(2.0); // the gradient, not what was seen
/// assert_eq!((gradient.weight[[0]], gradient.taken), (6.0, 0.1));
/// gradient.zero(); // both
/// assert_eq!(gradient, Zeroed::ZERO);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNorm2dGradient<T: Scalar, const C: usize> {
    /// Gradient of the weight (C).
    pub weight: Vector<T, C>,
    /// Gradient of the bias (C).
    pub bias: Vector<T, C>,
    /// Sum of the batches' means (C), each times the part that it has in the running mean.
    pub mean: Vector<T, C>,
    /// Sum of the batches' variances (C), each times the part that it has in the running variance.
    pub var: Vector<T, C>,
    /// The part of all batches together: running = (1 − taken) · running + mean or var.
    pub taken: T,
}

impl<T: Scalar, const C: usize> BatchNorm2d<T, C> {
    /// Makes it from weight, bias, running mean and running variance, with PyTorch's momentum and eps.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let [weight, bias, mean, var] = [3.0, 1.0, 5.0, 4.0].map(Vector::<f64, 1>::full);
    /// let norm = BatchNorm2d::<f64, 1>::new(weight, bias, mean, var);
    /// let y = norm.forward(&Tensor::new([[[[9.0]]]]));
    /// assert!((y[[0; 4]] - 7.0).abs() < 1e-4); // (9 − 5)/2 · 3 + 1
    /// assert_eq!((norm.momentum, norm.eps), (0.1, 1e-5));
    /// ```
    #[must_use]
    pub const fn new(
        weight: Vector<T, C>,
        bias: Vector<T, C>,
        running_mean: Vector<T, C>,
        running_var: Vector<T, C>,
    ) -> Self {
        Self::from_parts(weight, bias, running_mean, running_var)
    }
}

impl<T: Scalar, const C: usize, M> BatchNorm2d<T, C, M> {
    const fn from_parts(
        weight: Vector<T, C>,
        bias: Vector<T, C>,
        running_mean: Vector<T, C>,
        running_var: Vector<T, C>,
    ) -> Self {
        Self { weight, bias, running_mean, running_var, momentum: 0.1, eps: 1e-5, statistics: PhantomData }
    }

    /// The same layer, trained by other statistics.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let norm: BatchNorm2d<f32, 8, FixedStatistics> = BatchNorm2d::<f32, 8>::ZERO.with_statistics();
    /// ```
    #[must_use]
    pub fn with_statistics<M2: Statistics>(self) -> BatchNorm2d<T, C, M2> {
        let Self { weight, bias, running_mean, running_var, momentum, eps, .. } = self;
        BatchNorm2d { weight, bias, running_mean, running_var, momentum, eps, statistics: PhantomData }
    }
}

impl<T: Real, const C: usize, M> BatchNorm2d<T, C, M> {
    /// The convolution that does in inference what `conv` and this layer behind it do. PyTorch:
    /// `nn.utils.fusion.fuse_conv_bn_eval`.
    ///
    /// Its weight is that of `conv` times s\[f\], its bias (b\[f\] − running_mean\[f\]) · s\[f\] + bias\[f\], with
    /// s = weight / √(running_var + eps).
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// let conv = Conv2d::<f64, 1, 2, Kernel<3>>::new(Tensor::full(0.5), Vector::new([1.0, 2.0]));
    /// let norm = BatchNorm2d::new(Vector::full(3.0), Vector::full(-1.0), Vector::full(0.25), Vector::full(4.0));
    /// let x = Tensor::<f64, 1, 1, 5, 5>::full(2.0);
    /// let (two, one) = (norm.forward(&conv.forward(&x)), norm.fold(&conv).forward(&x));
    /// assert!(one.iter().zip(&two).all(|(a, b)| (a - b).abs() < 1e-12));
    /// ```
    #[must_use]
    pub fn fold<const IN: usize, K: KernelSize, S, P, R, D, G: Grouping<IN, C>, B: BiasKind>(
        &self,
        conv: &Conv2d<T, IN, C, K, S, P, R, D, G, B>,
    ) -> Conv2d<T, IN, C, K, S, P, R, D, G, Bias> {
        let mut folded = Conv2d::<T, IN, C, K, S, P, R, D, G, Bias>::ZERO;
        self.fold_slices(conv.weight.as_slice(), conv.bias.numbers(), folded.weight.as_mut_slice(), &mut folded.bias);
        folded
    }

    /// As [`fold`](BatchNorm2d::fold), of a 1-D convolution.
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// let conv = Conv1d::<f64, 1, 2, Kernel<3>>::new(Signal::full(0.5), Vector::new([1.0, 2.0]));
    /// let norm = BatchNorm1d::new(Vector::full(3.0), Vector::full(-1.0), Vector::full(0.25), Vector::full(4.0));
    /// let x = Signal::<f64, 1, 1, 5>::full(2.0);
    /// let (two, one) = (norm.forward(&conv.forward(&x)), norm.fold1d(&conv).forward(&x));
    /// assert!(one.iter().zip(&two).all(|(a, b)| (a - b).abs() < 1e-12));
    /// ```
    #[must_use]
    pub fn fold1d<const IN: usize, K: KernelSize, S, P, R, D, G: Grouping<IN, C>, B: BiasKind>(
        &self,
        conv: &Conv1d<T, IN, C, K, S, P, R, D, G, B>,
    ) -> Conv1d<T, IN, C, K, S, P, R, D, G, Bias> {
        let mut folded = Conv1d::<T, IN, C, K, S, P, R, D, G, Bias>::ZERO;
        self.fold_slices(conv.weight.as_slice(), conv.bias.numbers(), folded.weight.as_mut_slice(), &mut folded.bias);
        folded
    }

    /// [`fold`](BatchNorm2d::fold) on slices.
    fn fold_slices(&self, w: &[T], b: Option<&[T]>, folded_w: &mut [T], folded_b: &mut Vector<T, C>) {
        let filter = w.len() / C.max(1);
        for f in 0..C {
            let scale = self.weight[[f]] / (self.running_var[[f]] + cast(self.eps)).sqrt();
            let b = b.map_or(T::ZERO, |b| b[f]);
            folded_b[[f]] = (b - self.running_mean[[f]]) * scale + self.bias[[f]];
            let of_filter = f * filter..(f + 1) * filter;
            for (folded, &w) in folded_w[of_filter.clone()].iter_mut().zip(&w[of_filter]) {
                *folded = w * scale;
            }
        }
    }
}

impl<T: Scalar, const C: usize, M> Zeroed for BatchNorm2d<T, C, M> {
    const ZERO: Self = Self::from_parts(Vector::zeros(), Vector::zeros(), Vector::zeros(), Vector::zeros());
}

impl<T: Scalar, const C: usize> Zeroed for BatchNorm2dGradient<T, C> {
    const ZERO: Self = Self {
        weight: Vector::zeros(),
        bias: Vector::zeros(),
        mean: Vector::zeros(),
        var: Vector::zeros(),
        taken: T::ZERO,
    };
}

impl<T: Scalar, const C: usize, M> Module for BatchNorm2d<T, C, M> {
    type Gradient = BatchNorm2dGradient<T, C>;

    const PARAMETERS: usize = 2 * C;
}

impl<T: Scalar, const C: usize> Module for BatchNorm2dGradient<T, C> {
    type Gradient = Self;

    const PARAMETERS: usize = 2 * C;
}

impl<T: Real, const C: usize, X: Channels<T, C>, M> Layer<X> for BatchNorm2d<T, C, M> {
    type Output = X;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = X::LEN;

    fn apply(&self, x: &X, y: &mut X, (): &mut ()) {
        batch_norm_into(x, [&self.running_mean, &self.running_var], [&self.weight, &self.bias], self.eps, y);
    }
}

impl<T: Real, const C: usize, X: Channels<T, C>, M: Statistics> Backward<X> for BatchNorm2d<T, C, M> {
    /// Mean and variance of the batch.
    type Tape = (Vector<T, C>, Vector<T, C>);

    fn record(&self, x: &X, y: &mut X, (mean, var): &mut Self::Tape) {
        const {
            let values = X::GEOMETRY.n * X::GEOMETRY.plane;
            assert!(M::ARE_FIXED || values > 1, "batch normalisation is trained on more than one value per channel");
        }
        if M::ARE_FIXED {
            self.apply(x, y, &mut ());
        } else {
            batch_statistics_into(x, mean, var);
            batch_norm_into(x, [mean, var], [&self.weight, &self.bias], self.eps, y);
        }
    }

    fn propagate(
        &self,
        x: &X,
        _y: &X,
        dy: &X,
        (mean, var): &mut Self::Tape,
        dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    ) {
        let parameters = [&mut gradient.weight, &mut gradient.bias];
        if M::ARE_FIXED {
            let statistics = [&self.running_mean, &self.running_var];
            return backward::<true, _, C, _>(x, statistics, &self.weight, self.eps, dy, dx, parameters);
        }
        backward::<false, _, C, _>(x, [mean, var], &self.weight, self.eps, dy, dx, parameters);
        let count = (X::GEOMETRY.n * X::GEOMETRY.plane) as f64;
        let [momentum, of_var] = [self.momentum, self.momentum * (count / (count - 1.0))].map(cast::<f64, T>);
        follow(gradient.mean.as_mut_slice(), momentum, momentum, mean.as_slice());
        follow(gradient.var.as_mut_slice(), momentum, of_var, var.as_slice());
        follow(slice::from_mut(&mut gradient.taken), momentum, momentum, &[T::ONE]);
    }
}

/// running = (1 − taken) · running + factor · new
fn follow<T: Real>(running: &mut [T], taken: T, factor: T, new: &[T]) {
    running.iter_mut().zip(new).for_each(|(running, &new)| *running = (T::ONE - taken) * *running + factor * new);
}

impl<T: Real, const C: usize, M> Parameters for BatchNorm2d<T, C, M> {
    fn visit(&self, visitor: &mut impl Visitor) {
        visitor.tensor(self.weight.as_slice());
        visitor.tensor(self.bias.as_slice());
        visitor.statistics(self.running_mean.as_slice());
        visitor.statistics(self.running_var.as_slice());
    }

    fn visit_mut(&mut self, visitor: &mut impl VisitorMut) {
        visitor.tensor(self.weight.as_mut_slice());
        visitor.tensor(self.bias.as_mut_slice());
        visitor.statistics(self.running_mean.as_mut_slice());
        visitor.statistics(self.running_var.as_mut_slice());
    }

    fn update<const STATES: usize>(
        &mut self,
        gradient: &Self::Gradient,
        mut state: [&mut Self::Gradient; STATES],
        rule: &mut impl Rule<STATES>,
    ) {
        let weights = state.each_mut().map(|state| state.weight.as_mut_slice());
        rule.update(self.weight.as_mut_slice(), gradient.weight.as_slice(), weights);
        let biases = state.map(|state| state.bias.as_mut_slice());
        rule.update(self.bias.as_mut_slice(), gradient.bias.as_slice(), biases);
        follow(self.running_mean.as_mut_slice(), gradient.taken, T::ONE, gradient.mean.as_slice());
        follow(self.running_var.as_mut_slice(), gradient.taken, T::ONE, gradient.var.as_slice());
    }
}

impl<T: Real, const C: usize> Parameters for BatchNorm2dGradient<T, C> {
    fn visit(&self, visitor: &mut impl Visitor) {
        visitor.tensor(self.weight.as_slice());
        visitor.tensor(self.bias.as_slice());
        visitor.statistics(self.mean.as_slice());
        visitor.statistics(self.var.as_slice());
        visitor.statistics(slice::from_ref(&self.taken));
    }

    fn visit_mut(&mut self, visitor: &mut impl VisitorMut) {
        visitor.tensor(self.weight.as_mut_slice());
        visitor.tensor(self.bias.as_mut_slice());
        visitor.statistics(self.mean.as_mut_slice());
        visitor.statistics(self.var.as_mut_slice());
        visitor.statistics(slice::from_mut(&mut self.taken));
    }

    // The batches that `gradient` has seen come after those of this one.
    fn update<const STATES: usize>(
        &mut self,
        gradient: &Self,
        mut state: [&mut Self; STATES],
        rule: &mut impl Rule<STATES>,
    ) {
        let weights = state.each_mut().map(|state| state.weight.as_mut_slice());
        rule.update(self.weight.as_mut_slice(), gradient.weight.as_slice(), weights);
        let biases = state.map(|state| state.bias.as_mut_slice());
        rule.update(self.bias.as_mut_slice(), gradient.bias.as_slice(), biases);
        follow(self.mean.as_mut_slice(), gradient.taken, T::ONE, gradient.mean.as_slice());
        follow(self.var.as_mut_slice(), gradient.taken, T::ONE, gradient.var.as_slice());
        follow(slice::from_mut(&mut self.taken), gradient.taken, T::ONE, &[gradient.taken]);
    }
}

impl<T: Real, const C: usize, M> Initialize for BatchNorm2d<T, C, M> {
    /// Weight and running variance 1, bias and running mean 0; takes no number from the source.
    fn initialize(&mut self, _: &mut impl FnMut() -> f64) {
        self.weight.fill(T::ONE);
        self.bias.fill(T::ZERO);
        self.running_mean.fill(T::ZERO);
        self.running_var.fill(T::ONE);
    }
}

/// The backward pass; `FIXED` says that the statistics do not depend on x. Adds to the gradients of the parameters.
fn backward<const FIXED: bool, T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    statistics: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
    dx: Option<&mut X>,
    parameters: [&mut Vector<T, C>; 2],
) {
    let kernel = if FIXED { kernel::batch_norm_backward } else { kernel::batch_norm_train_backward };
    kernel(
        &X::GEOMETRY,
        cast(eps),
        x.as_slice(),
        statistics.map(Vector::as_slice),
        w.as_slice(),
        dy.as_slice(),
        dx.map(X::as_mut_slice),
        parameters.map(Vector::as_mut_slice),
    );
}

/// Mean and variance of each channel of a feature map, a signal or rows of features, by value: what [`BatchNorm2d`]
/// normalises by in training. var\[c\] = Σ (x − mean\[c\])² / (N·H·W). PyTorch: `var_mean(x, (0, 2, 3), correction=0)`.
///
/// ```
/// use constconv::functional::{batch_norm, batch_statistics};
/// use constconv::prelude::*;
///
/// let x = Tensor::new([[[[1.0, 3.0], [5.0, 7.0]]]]);
/// let (mean, var) = batch_statistics(&x);
/// assert_eq!((&mean, &var), (&Vector::new([4.0]), &Vector::new([5.0])));
/// // BatchNorm2d in training, with momentum and the running statistics left to the caller:
/// let y = batch_norm(&x, [&mean, &var], [&Vector::full(1.0), &Vector::zeros()], 0.0);
/// assert!((y[[0, 0, 1, 1]] - 3.0 / 5.0_f64.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn batch_statistics<T: Real, const C: usize, X: Channels<T, C>>(x: &X) -> (Vector<T, C>, Vector<T, C>) {
    let (mut mean, mut var) = (Vector::zeros(), Vector::zeros());
    batch_statistics_into(x, &mut mean, &mut var);
    (mean, var)
}

/// As [`batch_statistics`], overwriting `mean` and `var`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_statistics_into;
/// let (mut mean, mut var) = (Vector::zeros(), Vector::zeros());
/// batch_statistics_into(&Tensor::new([[[[1.0, 3.0], [5.0, 7.0]]]]), &mut mean, &mut var);
/// assert_eq!((mean, var), (Vector::new([4.0]), Vector::new([5.0])));
/// ```
pub fn batch_statistics_into<T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    mean: &mut Vector<T, C>,
    var: &mut Vector<T, C>,
) {
    kernel::batch_statistics(&X::GEOMETRY, x.as_slice(), mean.as_mut_slice(), var.as_mut_slice());
}

/// [`BatchNorm2d`] as a function, by value: y = (x − mean) / √(var + eps) · w + b. PyTorch: `functional.batch_norm`.
///
/// ```
/// use constconv::functional::batch_norm;
/// use constconv::prelude::*;
///
/// let (mean, var) = (Vector::new([3.0]), Vector::new([4.0]));
/// let y = batch_norm(&Signal::new([[[3.0, 5.0]]]), [&mean, &var], [&Vector::full(2.0), &Vector::full(1.0)], 0.0);
/// assert_eq!(y, Signal::new([[[1.0, 3.0]]]));
/// ```
#[must_use]
pub fn batch_norm<T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    [w, b]: [&Vector<T, C>; 2],
    eps: f64,
) -> X {
    let mut y = X::ZERO;
    batch_norm_into(x, [mean, var], [w, b], eps, &mut y);
    y
}

/// As [`batch_norm()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_norm_into;
/// let [mean, var, w, b] = [3.0, 4.0, 2.0, 1.0].map(Vector::full);
/// let mut y = Signal::zeros();
/// batch_norm_into(&Signal::new([[[3.0, 5.0]]]), [&mean, &var], [&w, &b], 0.0, &mut y);
/// assert_eq!(y, Signal::new([[[1.0, 3.0]]]));
/// ```
pub fn batch_norm_into<T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    [w, b]: [&Vector<T, C>; 2],
    eps: f64,
    y: &mut X,
) {
    let (statistics, affine) = ([mean.as_slice(), var.as_slice()], [w.as_slice(), b.as_slice()]);
    kernel::batch_norm(&X::GEOMETRY, cast(eps), x.as_slice(), statistics, affine, y.as_mut_slice());
}

/// The gradients (dx, dw, db) of [`batch_norm()`] where mean and variance do not depend on x, by value; as
/// [`FixedStatistics`].
///
/// ```
/// use constconv::functional::batch_norm_backward;
/// use constconv::prelude::*;
///
/// let (x, dy) = (Signal::new([[[3.0, 5.0]]]), Signal::new([[[1.0, 10.0]]]));
/// let (mean, var, w) = (Vector::new([3.0]), Vector::new([4.0]), Vector::new([2.0]));
/// let (dx, dw, db) = batch_norm_backward(&x, [&mean, &var], &w, 0.0, &dy);
/// assert_eq!((dx, dw, db), (dy, Vector::new([10.0]), Vector::new([11.0])));
/// ```
#[must_use]
pub fn batch_norm_backward<T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
) -> (X, Vector<T, C>, Vector<T, C>) {
    let (mut dx, mut dw, mut db) = (X::ZERO, Vector::zeros(), Vector::zeros());
    batch_norm_backward_into(x, [mean, var], w, eps, dy, &mut dx, [&mut dw, &mut db]);
    (dx, dw, db)
}

/// As [`batch_norm_backward`]: overwrites `dx`, adds to `dw` and `db`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_norm_backward_into;
/// let (x, dy) = (Signal::new([[[3.0, 5.0]]]), Signal::new([[[1.0, 10.0]]]));
/// let [mean, var, w] = [3.0, 4.0, 6.0].map(Vector::full);
/// let (mut dx, mut dw, mut db) = (Signal::zeros(), Vector::zeros(), Vector::full(100.0));
/// batch_norm_backward_into(&x, [&mean, &var], &w, 0.0, &dy, &mut dx, [&mut dw, &mut db]);
/// assert_eq!((dx, dw, db), (Signal::new([[[3.0, 30.0]]]), Vector::new([10.0]), Vector::new([111.0])));
/// ```
pub fn batch_norm_backward_into<T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
    dx: &mut X,
    [dw, db]: [&mut Vector<T, C>; 2],
) {
    backward::<true, _, C, _>(x, [mean, var], w, eps, dy, Some(dx), [dw, db]);
}

/// The gradients (dx, dw, db) of [`batch_norm()`] where mean and variance are those of x, by value; as
/// [`BatchStatistics`].
///
/// ```
/// use constconv::functional::{batch_norm_train_backward, batch_statistics};
/// use constconv::prelude::*;
///
/// let x = Signal::new([[[3.0, 5.0]]]);
/// let (mean, var) = batch_statistics(&x);
/// let dy = Signal::full(7.0); // what moves all numbers alike moves nothing
/// let (dx, dw, db) = batch_norm_train_backward(&x, [&mean, &var], &Vector::full(2.0), 0.0, &dy);
/// assert_eq!((dx, dw, db), (Signal::zeros(), Vector::zeros(), Vector::full(14.0)));
/// ```
#[must_use]
pub fn batch_norm_train_backward<T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
) -> (X, Vector<T, C>, Vector<T, C>) {
    let (mut dx, mut dw, mut db) = (X::ZERO, Vector::zeros(), Vector::zeros());
    batch_norm_train_backward_into(x, [mean, var], w, eps, dy, &mut dx, [&mut dw, &mut db]);
    (dx, dw, db)
}

/// As [`batch_norm_train_backward`]: overwrites `dx`, adds to `dw` and `db`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_norm_train_backward_into;
/// // x̂ is −1, 1; any dy is a sum of multiples of 1 and of x̂, and neither gives a dx.
/// let (x, dy) = (Signal::new([[[3.0, 5.0]]]), Signal::new([[[1.0, 10.0]]]));
/// let [mean, var, w] = [4.0, 1.0, 6.0].map(Vector::full);
/// let (mut dx, mut dw, mut db) = (Signal::full(9.0), Vector::zeros(), Vector::full(100.0));
/// batch_norm_train_backward_into(&x, [&mean, &var], &w, 0.0, &dy, &mut dx, [&mut dw, &mut db]);
/// assert_eq!((dx, dw, db), (Signal::zeros(), Vector::new([9.0]), Vector::new([111.0])));
/// ```
pub fn batch_norm_train_backward_into<T: Real, const C: usize, X: Channels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
    dx: &mut X,
    [dw, db]: [&mut Vector<T, C>; 2],
) {
    backward::<false, _, C, _>(x, [mean, var], w, eps, dy, Some(dx), [dw, db]);
}
