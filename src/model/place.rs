//! Where in a model a layer may stand: [`Frozen`] gives no dx, so it comes first.
//!
//! `Place::<L>::NEW.place()` is [`OnlyFirst`] for `Frozen`, by a method of its own, which the compiler prefers; for any
//! other type it is [`Free`], by the trait. So `model!`, which knows the types, can ask without a word from the layers.

use core::marker::PhantomData;

use crate::layer::Frozen;

/// Asks for the place of the layer `L`.
pub struct Place<L>(PhantomData<L>);

impl<L> Place<L> {
    /// The question.
    pub const NEW: Self = Self(PhantomData);
}

impl<L> Place<Frozen<L>> {
    /// The first one.
    #[must_use]
    pub const fn place(self) -> OnlyFirst {
        OnlyFirst
    }
}

/// The answer for all other layers.
pub trait Anywhere: Sized {
    /// Any one.
    fn place(self) -> Free {
        Free
    }
}

impl<L> Anywhere for Place<L> {}

/// A layer that may stand anywhere.
#[derive(Clone, Copy)]
pub struct Free;

/// A layer that may only stand first.
#[derive(Clone, Copy)]
pub struct OnlyFirst;

/// A layer that may stand behind others.
#[diagnostic::on_unimplemented(
    message = "a `Frozen` layer stands behind another layer",
    label = "frozen layers come first: they hand no gradient on to the layers before them",
    note = "several frozen layers in front are one `Frozen` model"
)]
pub trait BehindOthers {}

impl BehindOthers for Free {}
