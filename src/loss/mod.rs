//! Losses: each returns its value and writes its gradient.
//!
//! Sums are taken in blocks (see [`kernel::math::sum`](crate::kernel::math::sum)), so that long ones stay exact.
//!
//! ```
//! use constconv::loss::mse;
//! use constconv::prelude::*;
//!
//! let (y, target) = (Vector::new([1.0, 5.0]), Vector::new([1.0, 2.0]));
//! let mut dy = Vector::zeros();
//! assert_eq!(mse(&y, &target, Reduction::Sum, &mut dy), 9.0);
//! assert_eq!(dy, Vector::new([0.0, 6.0])); // what `backward` takes
//! ```

mod binary_cross_entropy;
mod cross_entropy;
mod huber;
mod l1;
mod mse;

pub use binary_cross_entropy::binary_cross_entropy_with_logits;
pub use cross_entropy::{CrossEntropy, Nll, nll, softmax_cross_entropy};
pub use huber::huber;
pub use l1::l1;
pub use mse::mse;

use crate::kernel::math::sum;
use crate::tensor::{Array, Real};

/// How the terms of a loss become one value. PyTorch: `reduction`.
///
/// ```
/// use constconv::loss::l1;
/// use constconv::prelude::*;
/// let (y, target) = (Vector::new([1.0, 2.0]), Vector::zeros());
/// let mut dy = Vector::zeros();
/// assert_eq!(l1(&y, &target, Reduction::Mean, &mut dy), 1.5);
/// assert_eq!(l1(&y, &target, Reduction::Sum, &mut dy), 3.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their sum, divided by their number. The default.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

impl Reduction {
    /// The factor of a sum of `terms` terms.
    fn scale<T: Real>(self, terms: usize) -> T {
        match self {
            // A count that no `T` represents is not finite either.
            Reduction::Mean => T::ONE / T::from_usize(terms).unwrap_or_else(T::infinity),
            Reduction::Sum => T::ONE,
        }
    }
}

/// A loss that is a sum of terms, one for each element: `term(y, t)` gives the term and its derivative.
fn element_wise<A: Array<Scalar: Real>>(
    y: &A,
    target: &A,
    reduction: Reduction,
    dy: &mut A,
    term: impl Fn(A::Scalar, A::Scalar) -> (A::Scalar, A::Scalar),
) -> A::Scalar {
    let scale: A::Scalar = reduction.scale(A::LEN);
    let elements = y.as_slice().iter().zip(target.as_slice()).zip(dy.as_mut_slice());
    let loss = sum(elements.map(|((&y, &t), dy)| {
        let (value, slope) = term(y, t);
        *dy = scale * slope;
        value
    }));
    loss * scale
}
