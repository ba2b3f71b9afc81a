//! What all arrays have in common.

use super::{Scalar, Storage};

/// A value with a compile-time zero, so that it can be made in a `static`.
///
/// ```
/// use constconv::prelude::*;
/// static BUFFER: Tensor<f32, 1, 8, 14, 14> = Zeroed::ZERO;
/// assert_eq!(BUFFER.len(), 1_568);
/// ```
pub trait Zeroed: Sized {
    /// All numbers are zero.
    const ZERO: Self;
}

impl Zeroed for () {
    const ZERO: Self = ();
}

impl<A: Zeroed, B: Zeroed> Zeroed for (A, B) {
    const ZERO: Self = (A::ZERO, B::ZERO);
}

impl<A: Zeroed, const K: usize> Zeroed for [A; K] {
    const ZERO: Self = [A::ZERO; K];
}

/// An array of numbers whose shape is its type: [`Tensor`](super::Tensor), [`Signal`](super::Signal),
/// [`Matrix`](super::Matrix) or [`Vector`](super::Vector). Sealed.
///
/// ```
/// use constconv::prelude::*;
/// fn sum<A: Array<Scalar = f32>>(a: &A) -> f32 {
///     a.as_slice().iter().sum()
/// }
/// assert_eq!(sum(&Matrix::new([[1.0, 2.0], [3.0, 4.0]])), 10.0);
/// ```
pub trait Array: Storage + Send + Sync + sealed::Sealed {
    /// The type of the numbers.
    type Scalar: Scalar;

    /// How many numbers there are.
    const LEN: usize;

    /// All numbers, row-major.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// fn largest<A: Array<Scalar = i32>>(a: &A) -> Option<i32> {
    ///     a.as_slice().iter().copied().max()
    /// }
    /// assert_eq!(largest(&Signal::new([[[3, 9, 4]]])), Some(9));
    /// ```
    fn as_slice(&self) -> &[Self::Scalar];

    /// All numbers, row-major.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// fn negate<A: Array<Scalar = i32>>(a: &mut A) {
    ///     a.as_mut_slice().iter_mut().for_each(|a| *a = -*a);
    /// }
    /// let mut b = Vector::new([1, -2]);
    /// negate(&mut b);
    /// assert_eq!(b, Vector::new([-1, 2]));
    /// ```
    fn as_mut_slice(&mut self) -> &mut [Self::Scalar];
}

pub(super) mod sealed {
    pub trait Sealed {}
}
