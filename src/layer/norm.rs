//! Batch normalisation of feature maps, signals and rows of features.

use core::marker::PhantomData;
use core::slice;

use crate::functional::{
    Convolution, batch_norm_backward_by, batch_norm_in_place, batch_norm_into, batch_statistics_into, fold_batch_norm,
};
use crate::module::sound::Sound;
use crate::module::{
    Backward, ChannelWise, Element, Initialize, Layer, Map, Module, OwnOutput, Parameters, PerChannel, Rule, Visitor,
    VisitorMut, add, cast,
};
use crate::named;
use crate::shape::{Axis, BatchStatistics, HasChannels, Statistics, TrainableBy};
use crate::tensor::{Real, Scalar, Vector, Zeroed};

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
/// `M` is [`BatchStatistics`] or [`FixedStatistics`](crate::shape::FixedStatistics); with the latter training too takes
/// the running statistics, and leaves them as they are. It has momentum and eps as constants, PyTorch's 0.1 and 1e-5;
/// for others see [`BatchNormConstants`](crate::shape::BatchNormConstants).
///
/// Training by the statistics of a single value per channel, N·H·W = 1, does not compile. [`BLANK`](Module::BLANK) has weights
/// and statistics of zero; [`Initialize`] sets PyTorch's initial values.
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
/// let mut net = Net::BLANK;
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
/// // "`Tensor<f32, 1, 2, 1, 1>` has one value per channel: a batch normalisation cannot be trained by its statistics"
/// let x = Tensor::<f32, 1, 2, 1, 1>::zeros();
/// let (dx, gradient) = BatchNorm2d::<f32, 2>::BLANK.backward(&x, &x);
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
pub struct BatchNormGradient<T: Scalar, const C: usize> {
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
    /// Makes it from weight, bias, running mean and running variance.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let [weight, bias, mean, var] = [3.0, 1.0, 5.0, 4.0].map(Vector::<f64, 1>::full);
    /// let norm = BatchNorm2d::<f64, 1>::new(weight, bias, mean, var);
    /// let y = norm.forward(&Tensor::new([[[[9.0]]]]));
    /// assert!((y[[0; 4]] - 7.0).abs() < 1e-4); // (9 − 5)/2 · 3 + 1
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
        Self { weight, bias, running_mean, running_var, statistics: PhantomData }
    }

    /// The same layer, trained by other statistics.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let norm: BatchNorm2d<f32, 8, FixedStatistics> = BatchNorm2d::<f32, 8>::BLANK.with_statistics();
    /// ```
    #[must_use]
    pub fn with_statistics<M2: Statistics>(self) -> BatchNorm2d<T, C, M2> {
        let Self { weight, bias, running_mean, running_var, .. } = self;
        BatchNorm2d::from_parts(weight, bias, running_mean, running_var)
    }
}

impl<T: Real, const C: usize, M: Statistics> BatchNorm2d<T, C, M> {
    /// The convolution that does in inference what `conv`, a [`Conv2d`](super::Conv2d) or [`Conv1d`](super::Conv1d), and
    /// this layer after it do. PyTorch: `nn.utils.fusion.fuse_conv_bn_eval`.
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
    pub fn fold<L: Convolution<Scalar = T, Filters = Axis<C>>>(&self, conv: &L) -> L::WithBias {
        let mut folded = L::WithBias::ZERO;
        let (statistics, affine) = ([&self.running_mean, &self.running_var], [&self.weight, &self.bias]);
        fold_batch_norm(conv, statistics, affine, M::EPS, &mut folded);
        folded
    }
}

impl<T: Scalar, const C: usize> Zeroed for BatchNormGradient<T, C> {
    const ZERO: Self = Self {
        weight: Vector::zeros(),
        bias: Vector::zeros(),
        mean: Vector::zeros(),
        var: Vector::zeros(),
        taken: T::ZERO,
    };
}

impl<T: Scalar, const C: usize, M> Module for BatchNorm2d<T, C, M> {
    type Gradient = BatchNormGradient<T, C>;
    type Role = PerChannel;

    const BLANK: Self = Self::from_parts(Vector::zeros(), Vector::zeros(), Vector::zeros(), Vector::zeros());
    const PARAMETERS: usize = 2 * C;
    const PARAMETER_BYTES: usize = 2 * C * size_of::<T>();

    fn add(&mut self, gradient: &Self::Gradient) {
        add(self.weight.as_mut_slice(), gradient.weight.as_slice());
        add(self.bias.as_mut_slice(), gradient.bias.as_slice());
        self.follow(gradient);
    }
}

impl<T: Scalar, const C: usize> Module for BatchNormGradient<T, C> {
    type Gradient = Self;
    type Role = Map;

    const BLANK: Self = Self::ZERO;
    const PARAMETERS: usize = 2 * C;
    const PARAMETER_BYTES: usize = 2 * C * size_of::<T>();

    fn add(&mut self, gradient: &Self::Gradient) {
        add(self.weight.as_mut_slice(), gradient.weight.as_slice());
        add(self.bias.as_mut_slice(), gradient.bias.as_slice());
        self.follow(gradient);
    }
}

impl<T: Scalar, const C: usize, M> OwnOutput for BatchNorm2d<T, C, M> {}

impl<T: Scalar, const C: usize, M> Sound for BatchNorm2d<T, C, M> {}

impl<T: Real, const C: usize, X: HasChannels<T, C>, M: Statistics> Layer<X> for BatchNorm2d<T, C, M> {
    type Output = X;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = X::LEN;

    fn forward_pass(&self, x: &X, y: &mut X, (): &mut ()) {
        batch_norm_into(x, [&self.running_mean, &self.running_var], [&self.weight, &self.bias], M::EPS, y);
    }
}

impl<T: Real, const C: usize, X: HasChannels<T, C>, M: Statistics> ChannelWise<X> for BatchNorm2d<T, C, M> {
    const CHANNELS: usize = C;
    const PLANE: usize = X::PLANE;

    fn map_planes(&self, plane: usize, y: &mut [T]) {
        let (statistics, affine) = ([&self.running_mean, &self.running_var], [&self.weight, &self.bias]);
        batch_norm_in_place(plane, statistics, affine, M::EPS, y);
    }
}

impl<T: Real, const C: usize, X: HasChannels<T, C> + TrainableBy<M>, M: Statistics> Backward<X>
    for BatchNorm2d<T, C, M>
{
    /// Mean and variance of the batch.
    type Tape = (Vector<T, C>, Vector<T, C>);

    fn forward_train_pass(&self, x: &X, y: &mut X, (mean, var): &mut Self::Tape) {
        if M::ARE_FIXED {
            self.forward_pass(x, y, &mut ());
        } else {
            batch_statistics_into(x, mean, var);
            batch_norm_into(x, [mean, var], [&self.weight, &self.bias], M::EPS, y);
        }
    }

    fn backward_pass(
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
            return batch_norm_backward_by::<true, _, C, _>(x, statistics, &self.weight, M::EPS, dy, dx, parameters);
        }
        batch_norm_backward_by::<false, _, C, _>(x, [mean, var], &self.weight, M::EPS, dy, dx, parameters);
        let count = (X::BATCH * X::PLANE) as f64;
        let [momentum, of_var] = [M::MOMENTUM, M::MOMENTUM * (count / (count - 1.0))].map(cast::<f64, T>);
        follow(gradient.mean.as_mut_slice(), momentum, momentum, mean.as_slice());
        follow(gradient.var.as_mut_slice(), momentum, of_var, var.as_slice());
        follow(slice::from_mut(&mut gradient.taken), momentum, momentum, &[T::ONE]);
    }
}

/// running = (1 − taken) · running + factor · new
fn follow<T: Scalar>(running: &mut [T], taken: T, factor: T, new: &[T]) {
    running.iter_mut().zip(new).for_each(|(running, &new)| *running = (T::ONE - taken) * *running + factor * new);
}

impl<T: Scalar, const C: usize, M> BatchNorm2d<T, C, M> {
    /// Moves the running statistics to what the gradient has seen.
    fn follow(&mut self, gradient: &BatchNormGradient<T, C>) {
        follow(self.running_mean.as_mut_slice(), gradient.taken, T::ONE, gradient.mean.as_slice());
        follow(self.running_var.as_mut_slice(), gradient.taken, T::ONE, gradient.var.as_slice());
    }
}

impl<T: Scalar, const C: usize> BatchNormGradient<T, C> {
    /// The batches that `gradient` has seen come after those of this one.
    fn follow(&mut self, gradient: &Self) {
        follow(self.mean.as_mut_slice(), gradient.taken, T::ONE, gradient.mean.as_slice());
        follow(self.var.as_mut_slice(), gradient.taken, T::ONE, gradient.var.as_slice());
        follow(slice::from_mut(&mut self.taken), gradient.taken, T::ONE, &[gradient.taken]);
    }
}

/// Applies the rule to weight and bias.
fn update_affine<T: Real, const C: usize, const STATES: usize>(
    [weight, bias]: [&mut Vector<T, C>; 2],
    gradient: &BatchNormGradient<T, C>,
    mut state: [&mut BatchNormGradient<T, C>; STATES],
    rule: &mut impl Rule<STATES>,
) {
    let weights = state.each_mut().map(|state| state.weight.as_mut_slice());
    rule.update(weight.as_mut_slice(), gradient.weight.as_slice(), weights);
    let biases = state.map(|state| state.bias.as_mut_slice());
    rule.update(bias.as_mut_slice(), gradient.bias.as_slice(), biases);
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
        state: [&mut Self::Gradient; STATES],
        rule: &mut impl Rule<STATES>,
    ) {
        update_affine([&mut self.weight, &mut self.bias], gradient, state, rule);
        self.follow(gradient);
    }
}

impl<T: Real, const C: usize> Parameters for BatchNormGradient<T, C> {
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

    fn update<const STATES: usize>(
        &mut self,
        gradient: &Self,
        state: [&mut Self; STATES],
        rule: &mut impl Rule<STATES>,
    ) {
        update_affine([&mut self.weight, &mut self.bias], gradient, state, rule);
        self.follow(gradient);
    }
}

named! { @table [T: Element, const C: usize, M] [] { BatchNorm2d<T, C, M> } { T }
    [{ weight { Vector<T, C> } } { bias { Vector<T, C> } }]
    [{ running_mean { Vector<T, C> } } { running_var { Vector<T, C> } }]
    [] ["num_batches_tracked"]
}

named! { @table [T: Element, const C: usize] [] { BatchNormGradient<T, C> } { T }
    [{ weight { Vector<T, C> } } { bias { Vector<T, C> } }]
    [{ mean { Vector<T, C> } } { var { Vector<T, C> } }]
    [{ taken { T } [] }] []
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
