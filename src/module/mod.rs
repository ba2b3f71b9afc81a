//! Modules: what layers and models have in common.
//!
//! [`Module`] is what a user calls. [`Layer`] and [`Backward`] are what an author of layers writes. [`Parameters`] and
//! [`Initialize`] walk over what is trained; [`module!`](crate::module!) writes them from a table of a layer's parts.
//! Nothing here knows an operation.
//!
//! # A layer of your own
//!
//! It takes four things: the struct, its table [`module!`](crate::module!) (which has an example of all four), the
//! forward map [`Layer::forward_pass`], and for training the backward map, [`Backward::forward_train_pass`] and
//! [`Backward::backward_pass`]. Nothing else: the layer then stands in any [`model!`](crate::model!), and optimizers,
//! clipping and initialisation reach its parameters. Three rules hold for the maps:
//!
//! - `y` and `dx` are overwritten, and may hold anything before;
//! - the gradient is added to;
//! - `dx` is `None` where nobody needs it.
//!
//! ```
//! use constconv::prelude::*;
//! /// The gradient of any module for dy = 1.
//! fn slope<M: Module, X: Trains<M, Output: Array<Scalar = f32>> + Zeroed>(module: &M, x: &X) -> M::Gradient {
//!     let mut dy = X::Output::ZERO;
//!     dy.as_mut_slice().fill(1.0);
//!     module.backward(x, &dy).1
//! }
//! # use constconv::module::Trains;
//! assert_eq!(slope(&Linear::<f32, 2, 1>::BLANK, &Matrix::new([[2.0, 3.0]])).weight, Matrix::new([[2.0, 3.0]]));
//! ```

mod branches;
mod contract;
mod init;
mod list;
mod mode;
mod named;
mod own_output;
mod parameters;
mod parts;
#[doc(hidden)]
pub mod place;
mod rewrite;
pub mod role;
#[doc(hidden)]
pub mod sound;

#[doc(hidden)]
pub use crate::io::Element;
pub use branches::Branches;
pub(crate) use contract::asks_for_dx;
pub use contract::{Backward, Feeds, Gradient, Layer, Module, Output, Tape, Trains, Workspace};
#[cfg(feature = "rand")]
pub(crate) use init::unit;
pub use init::{Initialize, uniform};
pub use list::{Cons, End, List, Nested};
#[doc(hidden)]
pub use mode::{Back, Exclusive, Mode, Shared, WithGradient};
#[doc(hidden)]
pub use named::{Each, EachMut};
pub use named::{GradientNamed, Member, Name, Named, NamedVisitor, NamedVisitorMut, TensorInfo, Tensors, tensors};
pub use own_output::OwnOutput;
pub(crate) use parameters::cast;
pub use parameters::{GradientParameters, Parameters, Rule, Visitor, VisitorMut};
#[doc(hidden)]
pub use parts::add;
pub use rewrite::Rewrite;
pub use role::{
    BackwardAtWinners, ByRows, ChannelWise, ElementWise, FromTape, FromX, FromY, Map, MapOfX, MaxPooling, PerChannel,
    PerElement, Pooling, Role, RowPooling, RowWise, Sink, SlopeFrom, Windows, Winners,
};

pub use crate::tensor::Epilogue;
