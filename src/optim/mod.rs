//! Optimizers: each changes the parameters of a model by its gradient.
//!
//! The state of an optimizer is made of gradients of the model, so its shape and size are a type:
//! [`State<O, M>`](State). Beside them there are schedules of the learning rate ([`StepLr`], [`CosineAnnealingLr`],
//! [`OneCycleLr`]) and limits of gradients ([`clip_grad_norm`], [`clip_grad_value`]).
//!
//! ```
//! use constconv::loss::mse;
//! use constconv::optim::StepLr;
//! use constconv::prelude::*;
//!
//! type Net = Linear<f32, 1, 1>;
//! let (mut net, mut sgd) = (Net::BLANK, Sgd::new(0.0).momentum(0.5));
//! let mut state = Zeroed::ZERO;
//! let schedule = StepLr { learning_rate: 0.25, step_size: 20, gamma: 0.5 };
//! let (x, target) = (Matrix::new([[0.0], [1.0]]), Matrix::new([[1.0], [3.0]]));
//! for t in 0..100 {
//!     let mut dy = Matrix::zeros();
//!     mse(&net.forward(&x), &target, Reduction::Mean, &mut dy);
//!     let (_, gradient) = net.backward(&x, &dy);
//!     sgd.learning_rate = schedule.rate(t);
//!     sgd.step(&mut net, &gradient, &mut state);
//! }
//! // y = 2·x + 1
//! assert!((net.weight[[0, 0]] - 2.0).abs() < 0.01 && (net.bias[[0]] - 1.0).abs() < 0.01);
//! ```

mod adam;
mod clip;
mod hyperparameter;
mod rmsprop;
mod schedule;
mod sgd;

pub use adam::{Adam, AdamState, AdamW};
pub use clip::{clip_grad_norm, clip_grad_value};
pub use hyperparameter::Hyperparameter;
pub use rmsprop::{Centered, RmsProp, WithMomentum};
pub use schedule::{Anneal, CosineAnnealingLr, OneCycleLr, StepLr};
pub use sgd::{Momentum, Sgd};

pub(crate) use hyperparameter::{is_finite_and_not_negative, to_f64};

use crate::module::Module;
use crate::tensor::{Real, Zeroed};

/// The state of optimizer `O` for the model `M`.
///
/// ```
/// use constconv::prelude::*;
/// type Net = Linear<f32, 784, 10>;
/// static VELOCITY: State<Sgd<f32, constconv::optim::Momentum<f32>>, Net> = Zeroed::ZERO;
/// assert_eq!(size_of_val(&VELOCITY), size_of::<Net>()); // one element for each parameter
/// assert_eq!(size_of::<State<Sgd, Net>>(), 0); // nothing without momentum
/// ```
pub type State<O, M> = <O as Optimizer<M>>::State;

/// Changes the parameters of an `M` by its gradient.
///
/// ```
/// use constconv::prelude::*;
/// fn train<M: Module, O: Optimizer<M>>(model: &mut M, optimizer: &mut O, gradient: &M::Gradient, steps: usize) {
///     let mut state = O::State::ZERO;
///     for _ in 0..steps {
///         optimizer.step(model, gradient, &mut state);
///     }
/// }
/// let mut layer = Linear::<f32, 1, 1>::ZERO;
/// let gradient = Linear::new(Matrix::full(1.0), Vector::full(-2.0));
/// train(&mut layer, &mut Sgd::new(0.5), &gradient, 3);
/// assert_eq!(layer, Linear::new(Matrix::full(-1.5), Vector::full(3.0)));
/// ```
pub trait Optimizer<M: Module> {
    /// What is kept from step to step.
    type State: Zeroed;

    /// One step. The gradient is not changed: zero it before the next backward pass.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f32, 1, 1, NoBias>::new(Matrix::full(1.0), ());
    /// Sgd::new(0.5).step(&mut layer, &Linear::new(Matrix::full(3.0), ()), &mut ());
    /// assert_eq!(layer.weight, Matrix::full(-0.5)); // 1 − 0.5 · 3
    /// ```
    fn step(&mut self, model: &mut M, gradient: &M::Gradient, state: &mut Self::State);
}

/// The gradient of a weight with its L2 penalty. Without a penalty it is the gradient, bit for bit, whatever w is.
#[inline(always)]
fn decayed<T: Real>(w: T, dw: T, decay: T) -> T {
    if decay == T::ZERO { dw } else { dw + decay * w }
}
