//! Optimizers: each changes the parameters of a model by its gradient.
//!
//! The state of an optimizer is made of gradients of the model, so its shape and size are a type:
//! [`State<O, M>`](State).

mod sgd;

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
