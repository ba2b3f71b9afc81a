//! Optimizers: each changes the parameters of a model by its gradient.
//!
//! The state of an optimizer is made of gradients of the model, so its shape and size are a type:
//! [`State<O, M>`](State). Beside them stand what changes the learning rate from step to step ([`StepLr`],
//! [`CosineAnnealingLr`], [`OneCycleLr`]) and what limits a gradient ([`clip_grad_norm`], [`clip_grad_value`]).

mod adam;
mod clip;
mod rmsprop;
mod schedule;
mod sgd;

pub use adam::{Adam, AdamState, AdamW};
pub use clip::{clip_grad_norm, clip_grad_value};
pub use rmsprop::{Centered, RmsProp, WithMomentum};
pub use schedule::{Anneal, CosineAnnealingLr, OneCycleLr, StepLr};
pub use sgd::{Momentum, Sgd};

use crate::layer::Module;
use crate::tensor::Zeroed;

/// The state of optimizer `O` for the model `M`.
pub type State<O, M> = <O as Optimizer<M>>::State;

/// Changes the parameters of an `M` by its gradient.
pub trait Optimizer<M: Module> {
    /// What is remembered from step to step.
    type State: Zeroed;

    /// One step. The gradient stays as it is: zero it before the next one.
    fn step(&mut self, model: &mut M, gradient: &M::Gradient, state: &mut Self::State);
}
