//! Modules that are made of modules: lists of layers, as types and as borrows.

use core::marker::PhantomData;

use super::Module;
use super::mode::{Exclusive, Mode, Shared, WithGradient};

/// The layer `A` and the list `R` of those after it, as they are written.
///
/// ```
/// use constconv::module::{Cons, End, Nested};
/// use constconv::prelude::*;
/// model! {
///     Net: Vector<f32, 8> => {
///         relu: Relu,
///         tanh: Tanh,
///     }
/// }
/// fn has_layers<L>(_: impl Nested<Layers = L>) {}
/// has_layers::<Cons<Relu, Cons<Tanh, End>>>(Net::BLANK);
/// ```
#[derive(Debug)]
pub struct Cons<A, R>(PhantomData<(A, R)>);

/// The end of a list of layers.
///
/// ```
/// use constconv::module::{Cons, End, List};
/// use constconv::prelude::*;
/// assert_eq!(<Cons<Relu, End> as List>::LAYERS, 1);
/// ```
#[derive(Debug)]
pub struct End;

/// A list of layers as they are written. Sealed: [`Cons`] and [`End`].
///
/// ```
/// use constconv::module::{List, Nested};
/// use constconv::prelude::*;
/// model! {
///     Net: Vector<f32, 8> => {
///         relu: Relu,
///         tanh: Tanh,
///     }
/// }
/// assert_eq!(<<Net as Nested>::Layers as List>::LAYERS, 2);
/// ```
pub trait List: sealed::Sealed {
    /// Borrows of the layers, in pairs.
    #[doc(hidden)]
    type Borrows<'a, M: Mode>;

    /// The number of layers; a model within the model is one.
    const LAYERS: usize;
}

impl List for End {
    type Borrows<'a, M: Mode> = ();

    const LAYERS: usize = 0;
}

impl<A: Module + 'static, R: List> List for Cons<A, R> {
    type Borrows<'a, M: Mode> = (M::Of<'a, A>, R::Borrows<'a, M>);

    const LAYERS: usize = 1 + R::LAYERS;
}

/// A module that is made of layers: a model, or a tuple of layers.
///
/// ```
/// use constconv::module::{List, Nested};
/// use constconv::prelude::*;
/// fn layers<M: Nested>() -> usize {
///     <M::Layers as List>::LAYERS
/// }
/// assert_eq!(layers::<(Relu, Tanh, Relu)>(), 3);
/// ```
pub trait Nested: Module {
    /// The layers, in order.
    type Layers: List;

    #[doc(hidden)]
    fn layers(&self) -> <Self::Layers as List>::Borrows<'_, Shared>;

    #[doc(hidden)]
    fn layers_mut(&mut self) -> <Self::Layers as List>::Borrows<'_, Exclusive>;

    #[doc(hidden)]
    fn layers_with_gradient<'a>(
        &'a self,
        gradient: &'a mut Self::Gradient,
    ) -> <Self::Layers as List>::Borrows<'a, WithGradient>;
}

mod sealed {
    pub trait Sealed {}
    impl<A, R> Sealed for super::Cons<A, R> {}
    impl Sealed for super::End {}
}
