//! Batches in parts: the first axis cut into pieces, in place.
#![allow(unsafe_code)] // The purpose of this file: arrays seen as several smaller ones.

use core::slice;

use super::{Array, Matrix, Scalar, Signal, Tensor};

/// Samples one after the other: an array whose first axis is that of a batch. [`Tensor`], [`Signal`] or [`Matrix`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::tensor::Batch;
/// fn mean_of_each<B: Batch<Scalar = f32>>(batch: &B) -> Vec<f32> {
///     let (samples, _) = batch.parts::<1>();
///     samples.iter().map(|sample| sample.as_slice().iter().sum::<f32>() / sample.as_slice().len() as f32).collect()
/// }
/// assert_eq!(mean_of_each(&Matrix::new([[1.0, 3.0], [2.0, 6.0]])), [2.0, 4.0]);
/// ```
pub trait Batch: Array {
    /// The same of K samples.
    type Of<const K: usize>: Batch<Scalar = Self::Scalar>;

    /// The same of K samples whose elements are `U`.
    type With<U: Scalar, const K: usize>: Batch<Scalar = U>;

    /// Parts of K samples, and the samples after the last whole part, one by one.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Batch;
    /// let x = Matrix::new([[1, 2], [3, 4], [5, 6]]);
    /// let (pairs, rest) = x.parts::<2>();
    /// assert_eq!(pairs, [Matrix::new([[1, 2], [3, 4]])]);
    /// assert_eq!(rest, [Matrix::new([[5, 6]])]);
    /// ```
    fn parts<const K: usize>(&self) -> (&[Self::Of<K>], &[Self::Of<1>]);

    /// [`parts`](Batch::parts), to change them.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Batch;
    /// let mut x = Matrix::new([[1, 2], [3, 4], [5, 6]]);
    /// let (pairs, rest) = x.parts_mut::<2>();
    /// pairs[0].fill(0);
    /// rest[0].fill(9);
    /// assert_eq!(x, Matrix::new([[0, 0], [0, 0], [9, 9]]));
    /// ```
    fn parts_mut<const K: usize>(&mut self) -> (&mut [Self::Of<K>], &mut [Self::Of<1>]);
}

macro_rules! batch {
    ($($name:ident<$($axis:ident),+>)*) => { $(
        impl<T: Scalar, const N: usize, $(const $axis: usize),+> Batch for $name<T, N, $($axis),+> {
            type Of<const K: usize> = $name<T, K, $($axis),+>;
            type With<U: Scalar, const K: usize> = $name<U, K, $($axis),+>;

            fn parts<const K: usize>(&self) -> (&[Self::Of<K>], &[Self::Of<1>]) {
                const { assert!(K > 0, "a part has at least one sample") };
                let (parts, rest) = self.0.as_chunks::<K>();
                let (part, sample) = (parts.as_ptr().cast(), rest.as_ptr().cast());
                // SAFETY: an array of K samples is a transparent struct of `[_; K]`, and one sample is laid out as
                // `[_; 1]`; lengths and lifetimes are those of the slices.
                unsafe { (slice::from_raw_parts(part, parts.len()), slice::from_raw_parts(sample, rest.len())) }
            }

            fn parts_mut<const K: usize>(&mut self) -> (&mut [Self::Of<K>], &mut [Self::Of<1>]) {
                const { assert!(K > 0, "a part has at least one sample") };
                let (parts, rest) = self.0.as_chunks_mut::<K>();
                let (part, sample) = (parts.as_mut_ptr().cast(), rest.as_mut_ptr().cast());
                let (parts, rest) = (parts.len(), rest.len());
                // SAFETY: as in `parts`; the two slices are disjoint.
                unsafe { (slice::from_raw_parts_mut(part, parts), slice::from_raw_parts_mut(sample, rest)) }
            }
        }
    )* };
}

batch! { Tensor<C, H, W> Signal<C, L> Matrix<C> }
