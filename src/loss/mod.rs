//! Losses: each returns its value and writes its gradient.

mod cross_entropy;
mod mse;

pub use cross_entropy::softmax_cross_entropy;
pub use mse::mse;

use crate::Real;

/// How the losses of a batch become one number. PyTorch: `reduction`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Divided by the number of terms. The default.
    #[default]
    Mean,
    /// The sum of all terms.
    Sum,
}

impl Reduction {
    /// By what a sum of `terms` is multiplied.
    fn scale<T: Real>(self, terms: usize) -> T {
        match self {
            // A count that no `T` represents is not finite either.
            Reduction::Mean => T::ONE / T::from_usize(terms).unwrap_or_else(T::infinity),
            Reduction::Sum => T::ONE,
        }
    }
}
