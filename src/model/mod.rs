//! Models: named layers, one after the other.
//!
//! [`model!`](crate::model!) writes a struct with a field for each layer and hands references to the fields to a
//! [`Chain`]; all control flow is ordinary generic code in `chain.rs`. The working memory of a chain is made of types,
//! so it can be a `static` and is sized by the compiler.

mod chain;
mod define;
mod footprint;
mod memory;
mod parts;
#[doc(hidden)]
pub mod place;

pub use chain::{Chain, Last, List, Sequence, TrainSequence};
pub use footprint::{Footprint, Model, TrainingFootprint};
pub use memory::{ModelTape, ModelWorkspace, Record};
pub use parts::{Part, train_parts};
