//! Whether a module is right in itself, which `model!` asks before it blames a layer: what is wrong inside of a model is
//! reported where that model is defined, and not once more by each model around it.
//!
//! A model flows its declared input through its layers. Each step asks [`Probe`] what to make of the next layer. The
//! compiler prefers the method of the type with most references that has it, so the answers come in this order:
//!
//! | the layer | answer | what follows |
//! |---|---|---|
//! | comes after one that is wrong inside | [`Silent`] | nothing is known of the output |
//! | accepts the input | [`Asked`] | the output |
//! | is right in itself | [`Asked`] | an error at this layer |
//! | is made of modules, and so wrong inside | [`Silent`] | nothing is known of the output |
//! | any other | [`Asked`] | an error at this layer |

use core::marker::PhantomData;

use super::Layer;

/// A module that is right in itself: a model accepts its declared input, and so do the modules in it.
pub trait Sound {}

/// A module that is made of modules.
pub trait Composite {}

impl Sound for () {}

/// Where a model is checked.
pub trait Checked<M> {}

/// Where it is defined, by its declared input; so it is right in itself if the input flows.
#[derive(Debug)]
pub struct AtDefinition;

/// A generic model, at each use.
#[derive(Debug)]
pub struct AtUse;

impl<M> Checked<M> for AtUse {}

/// The output of a layer of which nothing is known.
#[derive(Debug)]
pub struct Unknown;

/// [`Unknown`]: a condition on a type that the compiler may not know yet, which it must not guess.
pub trait Nothing {}

impl Nothing for Unknown {}

/// The layer must accept what flows.
#[derive(Debug)]
pub struct Asked;

/// The layer is not asked.
#[derive(Debug)]
pub struct Silent;

/// An answer: what flows from the layer `L` for an `X`.
pub trait Step<L, X> {
    /// It.
    type Output;
}

impl<L: Layer<X>, X> Step<L, X> for Asked {
    type Output = L::Output;
}

impl<L, X> Step<L, X> for Silent {
    type Output = Unknown;
}

/// Asks what to make of the layer `L` on an `X`.
#[derive(Debug)]
pub struct Probe<L, X>(PhantomData<(L, X)>);

impl<L, X> Probe<L, X> {
    /// The question.
    pub const NEW: Self = Self(PhantomData);
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident for $probe:ty, [$($generics:tt)*]: $answer:ident;)*) => { $(
        $(#[$doc])*
        pub trait $name: Sized {
            /// The answer.
            fn answer(&self) -> $answer {
                $answer
            }
        }

        impl<$($generics)*> $name for $probe {}
    )* };
}

answers! {
    /// It comes after one that is wrong inside.
    AfterUnknown for &&&&Probe<L, X>, [L, X: Nothing]: Silent;
    /// It accepts the input.
    IfAccepted for &&&Probe<L, X>, [L: Layer<X>, X]: Asked;
    /// It is right in itself.
    IfSound for &&Probe<L, X>, [L: Sound, X]: Asked;
    /// It is made of modules.
    IfComposite for &Probe<L, X>, [L: Composite, X]: Silent;
    /// Any other.
    Otherwise for Probe<L, X>, [L, X]: Asked;
}
