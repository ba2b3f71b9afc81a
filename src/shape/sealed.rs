//! The types that the traits of this folder are for, and of [`functional`](crate::functional): outside of the crate nobody
//! implements them.

use typenum::{UInt, UTerm};

use super::axis::Axis;
use super::bias::{Bias, NoBias};
use super::concat::Split;
use super::counting::{ExcludePad, IncludePad};
use super::flatten::{FeatureMap, FeatureSignal};
use super::grouping::{Groups, Ungrouped};
use super::marker::{Ceil, Dilation, Exact, Flat, Floor, Kernel, OutputPadding, OutputSize, Padding, Pooled, Stride};
use super::pad::Sides;
use super::permute::Axes;
use super::statistics::{BatchStatistics, FixedStatistics};
use super::upsample::Scale;
use super::window::{Line, Plane};
use crate::tensor::{Matrix, Signal, Tensor, Vector};

/// Cannot be named outside of the crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a parameter of shapes",
    label = "expected a type of `constconv::shape`"
)]
pub trait Sealed {}

/// For traits with a parameter: neither the type nor the parameter is one of another crate. Cannot be named outside of
/// the crate.
pub trait SealedWith<P> {}

impl<X: Sealed, P: Sealed> SealedWith<P> for X {}

/// As [`SealedWith`], for the parameters of a window.
pub trait SealedWindow<K, S, P, R, D> {}

impl<X: Sealed, K: Sealed, S: Sealed, P: Sealed, R: Sealed, D: Sealed> SealedWindow<K, S, P, R, D> for X {}

macro_rules! sealed {
    ($([$($generics:tt)*] $type:ty;)*) => { $( impl<$($generics)*> Sealed for $type {} )* };
}

sealed! {
    // Numbers.
    [const L: usize] Axis<L>;
    [] UTerm;
    [U, B] UInt<U, B>;
    // Markers.
    [const H: usize, const W: usize] Kernel<H, W>;
    [const H: usize, const W: usize] Stride<H, W>;
    [const H: usize, const W: usize] Padding<H, W>;
    [const H: usize, const W: usize] OutputPadding<H, W>;
    [const H: usize, const W: usize] OutputSize<H, W>;
    [const H: usize, const W: usize] Dilation<H, W>;
    [const C1: usize, const C2: usize] Split<C1, C2>;
    [const H: usize, const W: usize] Scale<H, W>;
    [const T: usize, const B: usize, const L: usize, const R: usize] Sides<T, B, L, R>;
    [] Exact;
    [] Floor;
    [] Ceil;
    [R] Pooled<R>;
    [K] Flat<K>;
    [] Bias;
    [] NoBias;
    [] IncludePad;
    [] ExcludePad;
    [C] BatchStatistics<C>;
    [C] FixedStatistics<C>;
    [] Ungrouped;
    [const G: usize] Groups<G>;
    [const A0: usize, const A1: usize, const A2: usize, const A3: usize] Axes<A0, A1, A2, A3>;
    // Numbers where a marker belongs.
    [] f32;
    [] f64;
    [] i8;
    [] i16;
    [] i32;
    [] i64;
    [] u8;
    [] u16;
    [] u32;
    [] u64;
    // What is computed with.
    [const H: usize, const W: usize] Plane<H, W>;
    [const L: usize] Line<L>;
    [const C: usize, const H: usize, const W: usize] FeatureMap<C, H, W>;
    [const C: usize, const L: usize] FeatureSignal<C, L>;
    [T, const N: usize, const C: usize, const H: usize, const W: usize] Tensor<T, N, C, H, W>;
    [T, const N: usize, const C: usize, const L: usize] Signal<T, N, C, L>;
    [T, const R: usize, const C: usize] Matrix<T, R, C>;
    [T, const N: usize] Vector<T, N>;
    // Options.
    [] ();
    [A] (A,);
    [A, B] (A, B);
    [A, B, C] (A, B, C);
    [A, B, C, D] (A, B, C, D);
    [A, B, C, D, E] (A, B, C, D, E);
}
