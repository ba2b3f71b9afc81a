//! What flows into the layers of a model where `model!` checks them, one by one: nothing, if all of them fit.

use core::marker::PhantomData;

use super::plan::Flow;
use crate::module::List;
use crate::module::sound::Unknown;

/// Asks whether the layers of the list `L` accept an `X`. If so, nothing has to be asked of each, and no step is: most
/// models are right, and one question of all layers takes the compiler a third of the time of one for each.
#[derive(Debug)]
pub struct Start<X, L>(PhantomData<(X, L)>);

impl<X, L> Start<X, L> {
    /// The question.
    pub const NEW: Self = Self(PhantomData);
}

/// They do: see [`sound`](crate::module::sound), whose way of asking this is.
pub trait IfAllFit: Sized {
    /// What flows.
    fn start(&self) -> PhantomData<Unknown> {
        PhantomData
    }
}

impl<X: Flow<L>, L: List> IfAllFit for &Start<X, L> {}

/// They do not.
pub trait IfOneDoesNot<X>: Sized {
    /// What flows.
    fn start(&self) -> PhantomData<X> {
        PhantomData
    }
}

impl<X, L> IfOneDoesNot<X> for Start<X, L> {}
