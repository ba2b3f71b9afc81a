//! Operations on tensors that are no layers: nothing is trained, and shapes are checked at the door.

mod compose;
#[cfg(feature = "decompose")]
mod decompose;

pub use compose::{compose, compose_into};
#[cfg(feature = "decompose")]
pub use decompose::{DecomposeError, DecomposeOptions, DecomposeWorkspace, Fit, decompose, decompose_into};
