//! Models: named layers, one after the other.
//!
//! [`model!`](crate::model!) writes a struct with a field for each layer. The layers are a list of types, and the compiler
//! plans the model from it:
//!
//! ```text
//! layers     conv   relu   pool   fc          as they are written (module/list.rs); a model within stands for its layers
//! groups     (conv relu pool)    (fc)         what runs together (fuse.rs), by the roles of the layers
//! buffers     x ───────────▶ front ──▶ y      where outputs lie (chain.rs); the rows of conv in the workspace
//! ```
//!
//! - An element-wise layer works where its input lies, but for the first one, whose input is the caller's.
//! - A 2-D pooling of windows of up to 256 cells, or of whole planes, takes rows of the 2-D convolution before it as they
//!   are made, so that the full feature map is never stored: a max pooling of windows in training, too, where it keeps one
//!   byte for each output, and the convolution goes back from the winners alone. Limits such as those of a ReLU between
//!   them are applied to the maxima, which are fewer.
//! - In inference a batch normalisation works in place, too.
//! - The outputs of the groups take turns in two buffers; in training they are kept, and gradients take turns.
//!
//! The outputs are those of the layers one by one, to the bit (but for the sign of a zero where limits are applied to
//! maxima); the gradients of a convolution under a max pooling are sums
//! in another order. [`Tap`](crate::layer::Tap) keeps a layer apart. All working memory is a type, so it can be a
//! `static`, and the compiler knows its size.
//!
//! ```
//! use constconv::prelude::*;
//!
//! model! {
//!     Net: Tensor<f32, 1, 1, 8, 8> => {
//!         conv: Conv2d<f32, 1, 4, Kernel<3>>,
//!         relu: Relu,
//!         fc: Linear<f32, 144, 10>,
//!     }
//! }
//!
//! let mut net = Net::BLANK;
//! net.fc.bias.fill(0.5);
//! assert_eq!(net.forward(&Tensor::<f32, 1, 1, 8, 8>::zeros()), Matrix::full(0.5));
//! assert_eq!(Net::PARAMETERS, (4 * 9 + 4) + (10 * 144 + 10));
//! const _: () = assert!(Net::TRAINING_RAM < 16 * 1024);
//! ```
//!
//! A tuple of layers is a row of layers without a name of its own, wherever a layer is asked for:
//!
//! ```
//! use constconv::prelude::*;
//!
//! /// Convolution, normalisation and activation as one piece.
//! type Unit<const C: usize, const F: usize> =
//!     (Conv2d<f32, C, F, Kernel<3>, Stride<1>, Padding<1>>, BatchNorm2d<f32, F>, Relu);
//!
//! model! {
//!     Net: Tensor<f32, 1, 3, 8, 8> => {
//!         stem: Unit<3, 8>,
//!         block: Residual<(Unit<8, 8>, Unit<8, 8>)>,
//!         pool: MaxPool2d<Kernel<2>>,
//!         fc: Linear<f32, 128, 10>,
//!     }
//! }
//! assert_eq!(Net::BLANK.stem.0.weight.shape(), [8, 3, 3, 3]);
//! assert_eq!(Net::BLANK.forward(&Tensor::<f32, 1, 3, 8, 8>::zeros()), Matrix::zeros());
//! ```

mod budget;
mod chain;
mod define;
mod footprint;
mod fuse;
mod group;
pub mod image;
mod memory;
mod parts;
mod plan;
mod row;
mod stack;
mod start;
mod steps;
mod summary;

#[doc(hidden)]
pub use budget::BudgetText;
pub use footprint::{Footprint, Model, TrainingFootprint};
pub use memory::{ModelTape, ModelWorkspace};
pub use parts::{Part, PartWorkspace, forward_parts, train_parts};
#[doc(hidden)]
pub use plan::Flow;
pub use plan::{Accepted, Trained};
#[doc(hidden)]
pub use start::{IfAllFit, IfOneDoesNot, Start};
pub use steps::{InSteps, Steps};
pub use summary::{FootprintTable, LayerFootprint, LayerFootprints};
#[doc(hidden)]
pub use summary::{Itself, Summarize};

/// How many layers a model can hold, those of the models in it included: the depth to which the compiler follows nested
/// types allows no more. Layers of which a model is `Residual`, a branch or behind a [`Tap`](crate::layer::Tap) are
/// planned by themselves and are one layer.
///
/// ```
/// assert_eq!(constconv::model::MAX_LAYERS, 100);
/// ```
pub const MAX_LAYERS: usize = 100;

/// How many groups of layers that run together a model can hold; a layer that runs alone is a group. See [`MAX_LAYERS`].
///
/// ```
/// assert_eq!(constconv::model::MAX_GROUPS, 80);
/// ```
pub const MAX_GROUPS: usize = 80;

/// The number of layers in the list `L`, those of the models in it included, and of groups of them that run together.
#[doc(hidden)]
pub const fn sizes<L: fuse::Fuse<fuse::Training>>() -> (usize, usize) {
    (<L::Ordered as fuse::Ordered>::LAYERS, <L::Ordered as fuse::Ordered>::GROUPS)
}
