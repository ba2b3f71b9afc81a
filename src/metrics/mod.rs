//! How good the outputs of a classifier are.
//!
//! ```
//! use constconv::metrics::{ConfusionMatrix, argmax};
//! use constconv::prelude::*;
//!
//! let y = Matrix::new([[0.1, 0.9], [2.0, 1.0], [-3.0, -2.0]]); // logits or probabilities
//! assert_eq!(argmax(&y), [1, 0, 1]);
//!
//! let mut confusion = ConfusionMatrix::<2>::new(); // over all batches of the test data
//! confusion.record(&y, &[1, 0, 0]);
//! assert_eq!(confusion.accuracy(), 2.0 / 3.0);
//! ```

mod argmax;
mod confusion;

pub use argmax::{argmax, correct};
pub use confusion::ConfusionMatrix;
