//! Where in a model a layer may stand: one that gives no dx must come first.
//!
//! `Place::<L>::NEW.place()` is [`OnlyFirst`] for a layer that has a method of this name, which the compiler prefers; for
//! any other type it is [`Free`], by the trait. So `model!`, which knows the types, can ask, and most layers need not
//! answer.

use core::marker::PhantomData;

/// Asks for the place of the layer `L`.
#[derive(Debug)]
pub struct Place<L>(PhantomData<L>);

impl<L> Place<L> {
    /// The question.
    pub const NEW: Self = Self(PhantomData);
}

/// The answer for all other layers.
pub trait Anywhere: Sized {
    /// The answer: anywhere.
    fn place(self) -> Free {
        Free
    }
}

impl<L> Anywhere for Place<L> {}

/// A layer that may stand anywhere.
#[derive(Clone, Copy, Debug)]
pub struct Free;

/// A layer that may only stand first.
#[derive(Clone, Copy, Debug)]
pub struct OnlyFirst;

/// A layer that may stand after others.
#[diagnostic::on_unimplemented(
    message = "a `Frozen` layer stands after another layer",
    label = "frozen layers come first: they hand no gradient on to the layers before them",
    note = "several frozen layers in front are one `Frozen` model"
)]
pub trait AfterOthers {}

impl AfterOthers for Free {}

/// A layer that gives dx. Asked only of one that does not.
#[diagnostic::on_unimplemented(
    message = "a `Frozen` layer gives no dx",
    label = "dx would train the layers before this one",
    note = "frozen layers come first in a model: nothing before them is trained, and `backward_parameters` goes back without dx"
)]
pub trait GivesDx {}

/// The name of one layer.
#[diagnostic::on_unimplemented(
    message = "two layers have the same name",
    label = "a layer before this one has this name"
)]
pub trait NamedOnce {}

/// The name of two.
#[derive(Clone, Copy, Debug)]
pub struct NamedTwice;
