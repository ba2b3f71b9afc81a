//! Stochastic gradient descent.

use super::hyperparameter as check;
use super::{Hyperparameter, Optimizer, decayed};
use crate::io::Element;
use crate::module::{Parameters, Rule, Trains, VisitorMut, cast};
use crate::named;
use crate::tensor::{Array, Real};

/// Stochastic gradient descent. PyTorch: `optim.SGD` with dampening 0.
///
/// ```text
/// g = dw + weight_decay · w
/// v = momentum · v + g                        (v starts at 0, so the first step takes g)
/// w = w − learning_rate · (v, or g + momentum · v with Nesterov, or g without momentum)
/// ```
///
/// `S` is the type of the hyperparameters. Without momentum the state is `()` and takes no memory.
///
/// ```
/// use constconv::optim::{Optimizer, Sgd, State};
/// use constconv::prelude::*;
///
/// let mut layer = Linear::<f32, 2, 1>::ZERO;
/// let (x, target) = (Matrix::new([[1.0, 2.0]]), Matrix::new([[3.0]]));
/// let mut sgd = Sgd::new(0.05).momentum(0.5);
/// let mut state = Zeroed::ZERO;
/// for _ in 0..100 {
///     let mut dy = Matrix::zeros();
///     constconv::loss::mse(&layer.forward(&x), &target, Default::default(), &mut dy);
///     let (_, gradient) = layer.backward(&x, &dy);
///     sgd.step(&mut layer, &gradient, &mut state);
/// }
/// assert!((layer.forward(&x)[[0, 0]] - 3.0).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd<S = f32, P = ()> {
    /// Step size.
    pub learning_rate: S,
    /// L2 penalty: this multiple of the parameters is added to the gradient.
    pub weight_decay: S,
    /// `()` or [`Momentum`].
    pub momentum: P,
}

/// The momentum of [`Sgd`].
///
/// ```
/// use constconv::optim::{Momentum, Sgd};
/// let sgd: Sgd<f32, Momentum<f32>> = Sgd::new(0.1).momentum(0.9);
/// assert_eq!(sgd.momentum, Momentum { factor: 0.9, nesterov: false });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum<S> {
    /// Which part of the last step is kept.
    pub factor: S,
    /// Whether to look ahead (Nesterov).
    pub nesterov: bool,
}

impl<S: Hyperparameter> Sgd<S> {
    /// Plain gradient descent.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// const SGD: Sgd = Sgd::new(0.1);
    /// assert_eq!((SGD.learning_rate, SGD.weight_decay), (0.1, 0.0));
    /// ```
    ///
    /// # Panics
    /// If the rate is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub const fn new(learning_rate: S) -> Self {
        Self { learning_rate: check::rate(learning_rate), weight_decay: S::ZERO, momentum: () }
    }
}

impl<S: Hyperparameter, P: Copy> Sgd<S, P> {
    /// With an L2 penalty.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f32, 1, 1, NoBias>::new(Matrix::full(8.0), ());
    /// Sgd::new(0.5).weight_decay(0.25).step(&mut layer, &Zeroed::ZERO, &mut ());
    /// assert_eq!(layer.weight, Matrix::full(7.0)); // 8 − 0.5 · 0.25 · 8
    /// ```
    ///
    /// # Panics
    /// If the decay is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub const fn weight_decay(self, weight_decay: S) -> Self {
        Self { weight_decay: check::decay(weight_decay), ..self }
    }

    /// With momentum.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f32, 1, 1, NoBias>::ZERO;
    /// let gradient = Linear::new(Matrix::full(4.0), ());
    /// let (mut sgd, mut state) = (Sgd::new(0.5).momentum(0.5), Zeroed::ZERO);
    /// sgd.step(&mut layer, &gradient, &mut state); // −0.5 · 4
    /// sgd.step(&mut layer, &gradient, &mut state); // −0.5 · (0.5 · 4 + 4)
    /// assert_eq!(layer.weight, Matrix::full(-5.0));
    /// ```
    ///
    /// # Panics
    /// If the factor is not at least 0 and less than 1.
    #[must_use]
    #[track_caller]
    pub const fn momentum(self, factor: S) -> Sgd<S, Momentum<S>> {
        let momentum = Momentum { factor: check::momentum(factor), nesterov: false };
        Sgd { learning_rate: self.learning_rate, weight_decay: self.weight_decay, momentum }
    }

    /// With Nesterov's momentum.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f32, 1, 1, NoBias>::ZERO;
    /// let gradient = Linear::new(Matrix::full(4.0), ());
    /// Sgd::new(0.5).nesterov(0.5).step(&mut layer, &gradient, &mut Zeroed::ZERO);
    /// assert_eq!(layer.weight, Matrix::full(-3.0)); // −0.5 · (4 + 0.5 · 4)
    /// ```
    ///
    /// # Panics
    /// If the factor is not at least 0 and less than 1.
    #[must_use]
    #[track_caller]
    pub const fn nesterov(self, factor: S) -> Sgd<S, Momentum<S>> {
        let momentum = Momentum { factor: check::momentum(factor), nesterov: true };
        Sgd { learning_rate: self.learning_rate, weight_decay: self.weight_decay, momentum }
    }
}

impl<S: Real> Sgd<S> {
    /// The backward pass and the step in one, without a gradient: each layer makes its dx and then adds
    /// −learning_rate · dw straight to its weights. PyTorch: `optimizer_in_backward`.
    ///
    /// `x`, `y` and `tape` are those of the preceding [`forward_train`](crate::module::Module::forward_train); `dy` is
    /// overwritten. The result is that of [`step`](Optimizer::step) but for rounding. It needs no memory for a gradient,
    /// and suits one sample at a time, or one batch in one tensor; gradients of several passes cannot be added up, nor
    /// clipped by their norm.
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// let (mut one, mut two) = (Linear::<f32, 2, 1>::ZERO, Linear::ZERO);
    /// let (x, y, dy) = (Matrix::new([[1.0, 2.0]]), Matrix::zeros(), Matrix::new([[4.0]]));
    /// let mut sgd = Sgd::new(0.5);
    /// sgd.descend(&mut one, &x, &y, &mut dy.clone(), &mut ());
    ///
    /// let mut gradient = Zeroed::ZERO;
    /// two.backward_parameters(&x, &y, &dy, &mut (), &mut gradient);
    /// sgd.step(&mut two, &gradient, &mut ());
    /// assert_eq!(one, two);
    /// assert_eq!(one.weight, Matrix::new([[-2.0, -4.0]]));
    /// ```
    ///
    /// # Panics
    /// If learning_rate · weight_decay is not less than 1: nothing would be left of the weights.
    pub fn descend<M: Parameters, X: Trains<M, Output: Array<Scalar: Real>>>(
        &self,
        model: &mut M,
        x: &X,
        y: &X::Output,
        dy: &mut X::Output,
        tape: &mut X::Tape,
    ) {
        // (w − rate/kept · dw) · kept is w · (1 − rate · decay) − rate · dw.
        let kept = S::ONE - self.learning_rate * self.weight_decay;
        assert!(kept > S::ZERO, "a step of gradient descent leaves nothing of the weights: the decay is too large");
        scale(dy, -self.learning_rate / kept);
        X::descend_pass(x, model, y, dy, tape, None);
        if kept != S::ONE {
            model.scale(kept);
        }
    }
}

impl<S: Real> Sgd<S, Momentum<S>> {
    /// The backward pass and the step with the velocity alone: dw is added straight to it, so that there is no gradient
    /// besides. See [`Sgd::descend`].
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// let (mut layer, mut velocity) = (Linear::<f32, 1, 1, NoBias>::ZERO, Zeroed::ZERO);
    /// let (x, y, dy) = (Matrix::new([[1.0]]), Matrix::zeros(), Matrix::new([[4.0]]));
    /// let sgd = Sgd::new(0.5).momentum(0.5);
    /// sgd.descend(&mut layer, &x, &y, &dy, &mut (), &mut velocity); // −0.5 · 4
    /// sgd.descend(&mut layer, &x, &y, &dy, &mut (), &mut velocity); // −0.5 · (0.5 · 4 + 4)
    /// assert_eq!(layer.weight, Matrix::full(-5.0));
    /// ```
    ///
    /// # Panics
    /// With weight decay or Nesterov's momentum, which need the gradient by itself.
    pub fn descend<M: Parameters<Gradient: Parameters>, X: Trains<M>>(
        &self,
        model: &mut M,
        x: &X,
        y: &X::Output,
        dy: &X::Output,
        tape: &mut X::Tape,
        velocity: &mut M::Gradient,
    ) {
        assert!(
            self.weight_decay == S::ZERO && !self.momentum.nesterov,
            "weight decay and Nesterov's momentum need a gradient besides the velocity: use `step`"
        );
        velocity.scale(self.momentum.factor);
        velocity.visit_mut(&mut ForgetStatistics); // those of earlier batches are in the model
        X::backward_pass(x, model, y, dy, tape, None, velocity);
        model.update(velocity, [], &mut Sgd { learning_rate: self.learning_rate, weight_decay: S::ZERO, momentum: () });
    }
}

named! { [S: Element] Sgd<S> { learning_rate: S, weight_decay: S } }
named! { [S: Element] Sgd<S, Momentum<S>> { learning_rate: S, weight_decay: S, momentum: Momentum<S> } }
named! { [S: Element] Momentum<S> { factor: S } }

/// Sets statistics to zero.
struct ForgetStatistics;

impl VisitorMut for ForgetStatistics {
    fn tensor<T: Real>(&mut self, _: &mut [T]) {}

    fn statistics<T: Real>(&mut self, elements: &mut [T]) {
        elements.fill(T::ZERO);
    }
}

/// a = factor · a
fn scale<S: Real, A: Array<Scalar: Real>>(a: &mut A, factor: S) {
    let factor = cast::<S, A::Scalar>(factor);
    a.as_mut_slice().iter_mut().for_each(|a| *a *= factor);
}

impl<S: Real, M: Parameters> Optimizer<M> for Sgd<S> {
    type State = ();

    fn step(&mut self, model: &mut M, gradient: &M::Gradient, (): &mut ()) {
        model.update(gradient, [], self);
    }
}

impl<S: Real> Rule<0> for Sgd<S> {
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], []: [&mut [T]; 0]) {
        let (rate, decay) = (cast::<S, T>(self.learning_rate), cast::<S, T>(self.weight_decay));
        for (w, &dw) in w.iter_mut().zip(dw) {
            *w -= rate * decayed(*w, dw, decay);
        }
    }
}

impl<S: Real, M: Parameters> Optimizer<M> for Sgd<S, Momentum<S>> {
    type State = M::Gradient;

    fn step(&mut self, model: &mut M, gradient: &M::Gradient, velocity: &mut M::Gradient) {
        model.update(gradient, [velocity], self);
    }
}

impl<S: Real> Rule<1> for Sgd<S, Momentum<S>> {
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], [velocity]: [&mut [T]; 1]) {
        let (rate, decay) = (cast::<S, T>(self.learning_rate), cast::<S, T>(self.weight_decay));
        let factor = cast::<S, T>(self.momentum.factor);
        for ((w, &dw), v) in w.iter_mut().zip(dw).zip(velocity) {
            let g = decayed(*w, dw, decay);
            *v = factor * *v + g;
            *w -= rate * if self.momentum.nesterov { g + factor * *v } else { *v };
        }
    }
}
