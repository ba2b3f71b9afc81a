//! Which layers write an output of their own.

/// A layer or model whose output is an array of its own. [`module!`](crate::module!) implements it.
///
/// It is every layer but [`Identity`](crate::layer::Identity), whose output is its input: as a branch, such as the way
/// around a [`Residual`](crate::layer::Residual), that one needs no memory.
///
/// ```
/// use constconv::module::OwnOutput;
/// use constconv::prelude::*;
/// fn writes<L: OwnOutput>() {}
/// writes::<Conv2d<f32, 3, 8, Kernel<3>>>();
/// writes::<Relu>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a branch",
    label = "expected a layer or a model whose table `module!` has written, or one that implements `OwnOutput`"
)]
pub trait OwnOutput {}

impl OwnOutput for () {}
