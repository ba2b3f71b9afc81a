//! The networks of `tests/networks`, and what the programs do with them.

#[path = "../../../tests/networks/models.rs"]
#[allow(missing_docs)]
mod networks;
pub use networks::{Digits, LeNet5};

type T = f32;
