//! Traits that only this crate implements have this one above them; here are the types that they are for.

use crate::shape::{BatchStatistics, Bias, ExcludePad, FixedStatistics, IncludePad, NoBias};
use crate::tensor::{Matrix, Scalar, Signal, Tensor, Vector};

/// Cannot be named outside of the crate, nor implemented.
pub trait Sealed {}

impl Sealed for () {}
impl<T: Scalar, const N: usize> Sealed for Vector<T, N> {}
impl<T: Scalar, const R: usize, const C: usize> Sealed for Matrix<T, R, C> {}
impl<T: Scalar, const N: usize, const C: usize, const L: usize> Sealed for Signal<T, N, C, L> {}
impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> Sealed for Tensor<T, N, C, H, W> {}

impl Sealed for Bias {}
impl Sealed for NoBias {}
impl Sealed for IncludePad {}
impl Sealed for ExcludePad {}
impl Sealed for BatchStatistics {}
impl Sealed for FixedStatistics {}
