//! Models: named layers, one after the other.
//!
//! [`model!`](crate::model!) writes a struct with a field for each layer and hands references to the fields to a
//! [`Chain`]; all control flow is ordinary generic code in `chain.rs`. The working memory of a chain is a type, so it
//! can be a `static`, and the compiler knows its size.
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

mod chain;
mod define;
mod footprint;
mod memory;
mod parts;

pub use chain::{Chain, Last, List, Sequence, SequenceTape, SequenceWorkspace, TrainSequence};
pub use footprint::{Footprint, Model, TrainingFootprint};
pub use memory::{ModelTape, ModelWorkspace, Record};
pub use parts::{Part, train_parts};

/// How many layers a model can hold: the depth to which the compiler follows nested types allows no more. A deeper
/// network is a model of models, each of which is one layer.
///
/// ```
/// assert_eq!(constconv::model::MAX_LAYERS, 40);
/// ```
pub const MAX_LAYERS: usize = 40;
