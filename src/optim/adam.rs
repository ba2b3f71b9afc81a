//! Adam, with weight decay in the gradient or apart from it.

use super::hyperparameter as check;
use super::{Hyperparameter, Optimizer, decayed};
use crate::io::Element;
use crate::module::{Named, Parameters, Rule, cast};
use crate::named;
use crate::tensor::{Real, Zeroed};

/// Adam. PyTorch: `optim.Adam` (no AMSGrad).
///
/// ```text
/// g = dw + weight_decay · w
/// m = beta1 · m + (1 − beta1) · g             (m and v start at 0)
/// v = beta2 · v + (1 − beta2) · g²
/// w = w − learning_rate · m̂ / (√v̂ + eps)      m̂ = m / (1 − beta1ᵗ), v̂ = v / (1 − beta2ᵗ) at step t = 1, 2, …
/// ```
///
/// `S` is the type of the hyperparameters. The state is two tensors for each parameter.
///
/// ```
/// use constconv::optim::{Adam, Optimizer};
/// use constconv::prelude::*;
///
/// let mut layer = Linear::<f32, 2, 1>::ZERO;
/// let (x, target) = (Matrix::new([[1.0, 2.0]]), Matrix::new([[3.0]]));
/// let mut adam = Adam::new(0.05);
/// let mut state = Zeroed::ZERO;
/// for _ in 0..200 {
///     let mut dy = Matrix::zeros();
///     constconv::loss::mse(&layer.forward(&x), &target, Default::default(), &mut dy);
///     let (_, gradient) = layer.backward(&x, &dy);
///     adam.step(&mut layer, &gradient, &mut state);
/// }
/// assert!((layer.forward(&x)[[0, 0]] - 3.0).abs() < 1e-3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam<S = f32> {
    /// Step size.
    pub learning_rate: S,
    /// Which part of the mean of the gradients is kept.
    pub beta1: S,
    /// Which part of the mean of their squares is kept.
    pub beta2: S,
    /// Added to the root, so that nothing is divided by 0.
    pub eps: S,
    /// L2 penalty: this multiple of the parameters is added to the gradient.
    pub weight_decay: S,
}

/// Adam with decoupled weight decay. PyTorch: `optim.AdamW` (no AMSGrad).
///
/// ```text
/// w = w − learning_rate · weight_decay · w, then a step of Adam without weight decay
/// ```
///
/// ```
/// use constconv::optim::{AdamW, Optimizer};
/// use constconv::prelude::*;
///
/// let mut layer = Linear::<f32, 1, 1>::new(Matrix::full(1.0), Vector::zeros());
/// let mut state = Zeroed::ZERO;
/// AdamW::new(0.5).weight_decay(0.25).step(&mut layer, &Zeroed::ZERO, &mut state);
/// assert_eq!(layer.weight, Matrix::full(0.875)); // no gradient, nothing but decay
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW<S = f32> {
    /// Step size.
    pub learning_rate: S,
    /// Which part of the mean of the gradients is kept.
    pub beta1: S,
    /// Which part of the mean of their squares is kept.
    pub beta2: S,
    /// Added to the root, so that nothing is divided by 0.
    pub eps: S,
    /// This multiple of the parameters, times the step size, is subtracted at each step.
    pub weight_decay: S,
}

/// The state of [`Adam`] and [`AdamW`], `G` being the gradient of the model.
///
/// ```
/// use constconv::prelude::*;
/// type Net = Linear<f32, 1, 1, NoBias>;
/// let mut layer = Net::ZERO;
/// let mut state: State<Adam, Net> = Zeroed::ZERO;
/// Adam::new(0.1).betas(0.5, 0.75).step(&mut layer, &Linear::new(Matrix::full(4.0), ()), &mut state);
/// assert_eq!(state.means.map(|mean| mean.weight[[0, 0]]), [2.0, 4.0]); // 4/2 and 4²/4
/// assert_eq!(state.corrections, [0.5, 0.25]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AdamState<G> {
    /// m and v: decaying means of the gradient and of its square.
    pub means: [G; 2],
    /// 1 − beta1ᵗ and 1 − beta2ᵗ: what these means would be if all gradients were 1.
    pub corrections: [f64; 2],
}

named! { [S: Element] Adam<S> { learning_rate: S, beta1: S, beta2: S, eps: S, weight_decay: S } }
named! { [S: Element] AdamW<S> { learning_rate: S, beta1: S, beta2: S, eps: S, weight_decay: S } }
named! { [G: Named] AdamState<G> { means: [G; 2], corrections: [f64; 2] } }

impl<G: Zeroed> Zeroed for AdamState<G> {
    const ZERO: Self = Self { means: [G::ZERO; 2], corrections: [0.0; 2] };
}

macro_rules! builder {
    ($name:ident, weight decay $decay:literal; a decay of $shown:literal leaves $left:literal of 2.0) => {
        impl<S: Hyperparameter> $name<S> {
            #[doc = concat!("PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, weight decay ", stringify!($decay), ".")]
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("let optimizer = ", stringify!($name), "::new(0.001);")]
            /// assert_eq!((optimizer.beta1, optimizer.beta2, optimizer.eps), (0.9, 0.999, 1e-8));
            #[doc = concat!("assert_eq!(optimizer.weight_decay, ", stringify!($decay), ");")]
            /// ```
            ///
            /// # Panics
            /// If the rate is negative, infinite or NaN.
            #[must_use]
            #[track_caller]
            pub const fn new(learning_rate: S) -> Self {
                Self {
                    learning_rate: check::rate(learning_rate),
                    beta1: check::from_f64(0.9),
                    beta2: check::from_f64(0.999),
                    eps: check::from_f64(1e-8),
                    weight_decay: check::from_f64($decay),
                }
            }

            /// With other decay rates of the two means.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("let mut optimizer = ", stringify!($name), "::new(0.5_f64).betas(0.0, 0.75);")]
            /// let (mut layer, mut state) = (Linear::<f64, 1, 1, NoBias>::ZERO, Zeroed::ZERO);
            /// optimizer.step(&mut layer, &Linear::new(Matrix::full(8.0), ()), &mut state);
            /// assert_eq!(state.means[1].weight, Matrix::full(16.0)); // 8²/4
            /// ```
            ///
            /// # Panics
            /// If one of them is not at least 0 and less than 1.
            #[must_use]
            #[track_caller]
            pub const fn betas(self, beta1: S, beta2: S) -> Self {
                Self { beta1: check::beta(beta1), beta2: check::beta(beta2), ..self }
            }

            /// With another eps, which is added to the root.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("let mut optimizer = ", stringify!($name), "::new(0.5_f64).betas(0.0, 0.0).eps(8.0);")]
            /// let (mut layer, mut state) = (Linear::<f64, 1, 1, NoBias>::ZERO, Zeroed::ZERO);
            /// optimizer.step(&mut layer, &Linear::new(Matrix::full(8.0), ()), &mut state);
            /// assert_eq!(layer.weight, Matrix::full(-0.25)); // 0.5 · 8/(8 + 8)
            /// ```
            ///
            /// # Panics
            /// If it is negative, infinite or NaN.
            #[must_use]
            #[track_caller]
            pub const fn eps(self, eps: S) -> Self {
                Self { eps: check::eps(eps), ..self }
            }

            /// With another weight decay.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!(
                "let mut optimizer = ", stringify!($name), "::new(0.5_f64).weight_decay(", stringify!($shown), ");"
            )]
            /// let (mut layer, mut state) = (Linear::<f64, 1, 1, NoBias>::new(Matrix::full(2.0), ()), Zeroed::ZERO);
            /// optimizer.step(&mut layer, &Zeroed::ZERO, &mut state);
            #[doc = concat!("assert!((layer.weight[[0, 0]] - ", stringify!($left), ").abs() < 1e-6);")]
            /// ```
            ///
            /// # Panics
            /// If it is negative, infinite or NaN.
            #[must_use]
            #[track_caller]
            pub const fn weight_decay(self, weight_decay: S) -> Self {
                Self { weight_decay: check::decay(weight_decay), ..self }
            }
        }
    };
}

builder! { Adam, weight decay 0.0; a decay of 0.25 leaves 1.5 of 2.0 }
builder! { AdamW, weight decay 0.01; a decay of 0.25 leaves 1.75 of 2.0 }

impl<S: Real, M: Parameters> Optimizer<M> for Adam<S> {
    type State = AdamState<M::Gradient>;

    fn step(&mut self, model: &mut M, gradient: &M::Gradient, state: &mut Self::State) {
        Step { adam: *self, shrink: S::ZERO, corrections: [S::ONE; 2] }.run(model, gradient, state);
    }
}

impl<S: Real, M: Parameters> Optimizer<M> for AdamW<S> {
    type State = AdamState<M::Gradient>;

    fn step(&mut self, model: &mut M, gradient: &M::Gradient, state: &mut Self::State) {
        let Self { learning_rate, beta1, beta2, eps, weight_decay } = *self;
        let adam = Adam { learning_rate, beta1, beta2, eps, weight_decay: S::ZERO };
        Step { adam, shrink: learning_rate * weight_decay, corrections: [S::ONE; 2] }.run(model, gradient, state);
    }
}

/// One step of both.
struct Step<S> {
    adam: Adam<S>,
    /// Which part of the parameters decay takes.
    shrink: S,
    /// 1 − beta1ᵗ and 1 − beta2ᵗ.
    corrections: [S; 2],
}

impl<S: Real> Step<S> {
    fn run<M: Parameters>(mut self, model: &mut M, gradient: &M::Gradient, state: &mut AdamState<M::Gradient>) {
        for (correction, beta) in state.corrections.iter_mut().zip([self.adam.beta1, self.adam.beta2]) {
            let beta = cast::<S, f64>(beta);
            *correction = beta * *correction + (1.0 - beta);
        }
        self.corrections = state.corrections.map(cast);
        model.update(gradient, state.means.each_mut(), &mut self);
    }
}

impl<S: Real> Rule<2> for Step<S> {
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], [mean, square]: [&mut [T]; 2]) {
        let Adam { learning_rate, beta1, beta2, eps, weight_decay } = self.adam;
        let rate = cast::<S, T>(learning_rate / self.corrections[0]);
        let root = cast::<S, T>(S::ONE / self.corrections[1].sqrt());
        let (shrink, decay, eps) = (cast::<S, T>(self.shrink), cast::<S, T>(weight_decay), cast::<S, T>(eps));
        let [beta1, beta2] = [beta1, beta2].map(cast::<S, T>);
        let [new1, new2] = [self.adam.beta1, self.adam.beta2].map(|beta| cast::<S, T>(S::ONE - beta));
        for (((w, &dw), m), v) in w.iter_mut().zip(dw).zip(mean).zip(square) {
            let g = decayed(*w, dw, decay);
            *m = beta1 * *m + new1 * g;
            *v = beta2 * *v + new2 * g * g;
            *w -= decayed(*w, rate * *m / (v.sqrt() * root + eps), shrink);
        }
    }
}
