//! RMSprop.

use super::hyperparameter as check;
use super::{Hyperparameter, Optimizer, decayed};
use crate::io::Element;
use crate::module::{Named, Parameters, Rule, cast};
use crate::named;
use crate::tensor::Real;

/// RMSprop. PyTorch: `optim.RMSprop`.
///
/// ```text
/// g = dw + weight_decay · w
/// v = alpha · v + (1 − alpha) · g²             (v, a and b start at 0)
/// b = momentum · b + g / (√v + eps)            (without momentum, b is the second term)
/// w = w − learning_rate · b
///
/// v = alpha · (v + (1 − alpha) · (g − a)²)     (centered)
/// a = a + (1 − alpha) · (g − a)
/// ```
///
/// PyTorch's centered form keeps the mean of g², u, and divides by √(u − a²) + eps. Its u − a² is v above, computed
/// without a difference of nearly equal terms, which would be noise or NaN where the gradient hardly changes.
///
/// `S` is the type of the hyperparameters; `C` and `P` say whether it is [`Centered`] and whether it has momentum
/// ([`WithMomentum`]). The state is one tensor for each parameter, and one more for each of these two: v, then a, then
/// b.
///
/// ```
/// use constconv::optim::{Optimizer, RmsProp};
/// use constconv::prelude::*;
///
/// let mut layer = Linear::<f32, 2, 1>::ZERO;
/// let (x, target) = (Matrix::new([[1.0, 2.0]]), Matrix::new([[3.0]]));
/// let mut rms_prop = RmsProp::new(0.002).centered().momentum(0.5);
/// let mut state = Zeroed::ZERO;
/// for _ in 0..500 {
///     let mut dy = Matrix::zeros();
///     constconv::loss::mse(&layer.forward(&x), &target, Default::default(), &mut dy);
///     let (_, gradient) = layer.backward(&x, &dy);
///     rms_prop.step(&mut layer, &gradient, &mut state);
/// }
/// assert!((layer.forward(&x)[[0, 0]] - 3.0).abs() < 0.05);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp<S = f32, C = (), P = ()> {
    /// Step size.
    pub learning_rate: S,
    /// Which part of the mean of the squares is kept.
    pub alpha: S,
    /// Added to the root, so that nothing is divided by 0.
    pub eps: S,
    /// L2 penalty: this multiple of the parameters is added to the gradient.
    pub weight_decay: S,
    /// `()` or [`Centered`].
    pub centering: C,
    /// `()` or [`WithMomentum`].
    pub momentum: P,
}

/// [`RmsProp`] divides by the standard deviation of the gradient instead of the root of its mean square.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::optim::{Centered, RmsProp};
/// let rms_prop: RmsProp<f32, Centered> = RmsProp::new(0.01).centered();
/// // v, the variance, and a: two tensors for each parameter.
/// assert_eq!(size_of::<State<RmsProp<f32, Centered>, Linear<f32, 3, 2>>>(), 2 * 8 * 4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Centered;

/// [`RmsProp`] with a part of its last step added to each step.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::optim::{RmsProp, WithMomentum};
/// let rms_prop: RmsProp<f32, (), WithMomentum<f32>> = RmsProp::new(0.01).momentum(0.9);
/// assert_eq!(rms_prop.momentum, WithMomentum(0.9));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WithMomentum<S>(
    /// Which part of the last step is kept.
    pub S,
);

impl<S: Hyperparameter> RmsProp<S> {
    /// With PyTorch's defaults: alpha 0.99, eps 1e-8, no weight decay; neither centered nor with momentum.
    ///
    /// ```
    /// use constconv::optim::RmsProp;
    /// let rms_prop = RmsProp::new(0.01);
    /// assert_eq!((rms_prop.alpha, rms_prop.eps, rms_prop.weight_decay), (0.99, 1e-8, 0.0));
    /// ```
    ///
    /// # Panics
    /// If the rate is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub const fn new(learning_rate: S) -> Self {
        Self {
            learning_rate: check::rate(learning_rate),
            alpha: check::from_f64(0.99),
            eps: check::from_f64(1e-8),
            weight_decay: S::ZERO,
            centering: (),
            momentum: (),
        }
    }
}

impl<S: Hyperparameter, C: Copy, P: Copy> RmsProp<S, C, P> {
    /// With another decay rate of the means.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f64, 1, 1, NoBias>::ZERO;
    /// let mut state = Zeroed::ZERO;
    /// RmsProp::new(0.5).alpha(0.75).eps(0.0).step(&mut layer, &Linear::new(Matrix::full(8.0), ()), &mut state);
    /// assert_eq!(layer.weight, Matrix::full(-1.0)); // v = 64/4, so 0.5 · 8/4
    /// ```
    ///
    /// # Panics
    /// If it is not at least 0 and less than 1.
    #[must_use]
    #[track_caller]
    pub const fn alpha(self, alpha: S) -> Self {
        Self { alpha: check::alpha(alpha), ..self }
    }

    /// With another eps, which is added to the root.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f64, 1, 1, NoBias>::ZERO;
    /// let mut state = Zeroed::ZERO;
    /// RmsProp::new(0.5).alpha(0.75).eps(4.0).step(&mut layer, &Linear::new(Matrix::full(8.0), ()), &mut state);
    /// assert_eq!(layer.weight, Matrix::full(-0.5)); // 0.5 · 8/(4 + 4)
    /// ```
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub const fn eps(self, eps: S) -> Self {
        Self { eps: check::eps(eps), ..self }
    }

    /// With an L2 penalty.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f64, 1, 1, NoBias>::new(Matrix::full(10.0), ());
    /// let mut state = Zeroed::ZERO;
    /// let mut rms_prop = RmsProp::new(0.5).alpha(0.75).eps(0.0).weight_decay(0.5);
    /// rms_prop.step(&mut layer, &Zeroed::ZERO, &mut state);
    /// assert_eq!(layer.weight, Matrix::full(9.0)); // g = 5 and √v = 5/2
    /// ```
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub const fn weight_decay(self, weight_decay: S) -> Self {
        Self { weight_decay: check::decay(weight_decay), ..self }
    }

    /// With the standard deviation in place of the root of the mean square.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f64, 1, 1, NoBias>::ZERO;
    /// let mut state = Zeroed::ZERO;
    /// let mut rms_prop = RmsProp::new(0.5).alpha(0.5).eps(0.0).centered();
    /// rms_prop.step(&mut layer, &Linear::new(Matrix::full(8.0), ()), &mut state);
    /// assert_eq!(layer.weight, Matrix::full(-1.0)); // v = (8²/2)/2
    /// ```
    #[must_use]
    pub const fn centered(self) -> RmsProp<S, Centered, P> {
        let Self { learning_rate, alpha, eps, weight_decay, momentum, .. } = self;
        RmsProp { learning_rate, alpha, eps, weight_decay, centering: Centered, momentum }
    }

    /// With momentum.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f64, 1, 1, NoBias>::ZERO;
    /// let mut state = Zeroed::ZERO;
    /// let mut rms_prop = RmsProp::new(0.5).alpha(0.75).eps(0.0).momentum(0.5);
    /// rms_prop.step(&mut layer, &Linear::new(Matrix::full(8.0), ()), &mut state);
    /// rms_prop.step(&mut layer, &Zeroed::ZERO, &mut state);
    /// assert_eq!(layer.weight, Matrix::full(-1.5)); // a step of 1, and half of it again
    /// ```
    ///
    /// # Panics
    /// If it is not at least 0 and less than 1.
    #[must_use]
    #[track_caller]
    pub const fn momentum(self, momentum: S) -> RmsProp<S, C, WithMomentum<S>> {
        let Self { learning_rate, alpha, eps, weight_decay, centering, .. } = self;
        let momentum = WithMomentum(check::momentum(momentum));
        RmsProp { learning_rate, alpha, eps, weight_decay, centering, momentum }
    }
}

named! { [S: Element, C: Named, P: Named] RmsProp<S, C, P> {
    learning_rate: S, alpha: S, eps: S, weight_decay: S, centering: C, momentum: P,
} }
named! { [] Centered {} }
named! { [S: Element] WithMomentum<S> { 0 as "factor": S } }

impl<S: Real, C, P> RmsProp<S, C, P> {
    /// The hyperparameters in the type of the model.
    fn numbers<T: Real>(&self) -> Numbers<T> {
        Numbers {
            rate: cast(self.learning_rate),
            alpha: cast(self.alpha),
            rest: cast(S::ONE - self.alpha),
            eps: cast(self.eps),
            decay: cast(self.weight_decay),
        }
    }
}

/// The hyperparameters in the type of the model.
struct Numbers<T> {
    rate: T,
    alpha: T,
    /// 1 − alpha
    rest: T,
    eps: T,
    decay: T,
}

impl<T: Real> Numbers<T> {
    /// g / (√v + eps), updating v.
    fn scaled(&self, w: T, dw: T, v: &mut T) -> T {
        let g = decayed(w, dw, self.decay);
        *v = self.alpha * *v + self.rest * g * g;
        g / (v.sqrt() + self.eps)
    }

    /// g / (√v + eps), updating the variance v and the mean a.
    fn centered(&self, w: T, dw: T, v: &mut T, a: &mut T) -> T {
        let g = decayed(w, dw, self.decay);
        let change = g - *a;
        *v = self.alpha * (*v + self.rest * change * change);
        *a += self.rest * change;
        g / (v.sqrt() + self.eps)
    }
}

/// The state of each kind: `K` gradients.
macro_rules! state {
    ($($centering:ty, $momentum:ty: $k:literal;)*) => { $(
        impl<S: Real, M: Parameters> Optimizer<M> for RmsProp<S, $centering, $momentum> {
            type State = [M::Gradient; $k];

            fn step(&mut self, model: &mut M, gradient: &M::Gradient, state: &mut Self::State) {
                model.update(gradient, state.each_mut(), self);
            }
        }
    )* };
}

state! {
    (), (): 1;
    (), WithMomentum<S>: 2;
    Centered, (): 2;
    Centered, WithMomentum<S>: 3;
}

impl<S: Real> Rule<1> for RmsProp<S> {
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], [square]: [&mut [T]; 1]) {
        let numbers = self.numbers::<T>();
        for ((w, &dw), v) in w.iter_mut().zip(dw).zip(square) {
            *w -= numbers.rate * numbers.scaled(*w, dw, v);
        }
    }
}

impl<S: Real> Rule<2> for RmsProp<S, (), WithMomentum<S>> {
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], [square, steps]: [&mut [T]; 2]) {
        let (numbers, momentum) = (self.numbers::<T>(), cast::<S, T>(self.momentum.0));
        for (((w, &dw), v), b) in w.iter_mut().zip(dw).zip(square).zip(steps) {
            *b = momentum * *b + numbers.scaled(*w, dw, v);
            *w -= numbers.rate * *b;
        }
    }
}

impl<S: Real> Rule<2> for RmsProp<S, Centered> {
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], [square, mean]: [&mut [T]; 2]) {
        let numbers = self.numbers::<T>();
        for (((w, &dw), v), a) in w.iter_mut().zip(dw).zip(square).zip(mean) {
            *w -= numbers.rate * numbers.centered(*w, dw, v, a);
        }
    }
}

impl<S: Real> Rule<3> for RmsProp<S, Centered, WithMomentum<S>> {
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], [square, mean, steps]: [&mut [T]; 3]) {
        let (numbers, momentum) = (self.numbers::<T>(), cast::<S, T>(self.momentum.0));
        for ((((w, &dw), v), a), b) in w.iter_mut().zip(dw).zip(square).zip(mean).zip(steps) {
            *b = momentum * *b + numbers.centered(*w, dw, v, a);
            *w -= numbers.rate * *b;
        }
    }
}
