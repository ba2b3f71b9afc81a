//! One convolution as two, by exact alternating ridge least squares.
//!
//! ```text
//! F1 is given. For each output channel o, with the unknowns F2[o]:
//!     gram[(m, a), (n, b)] = Σ_c Σ_r F1[m, c, r] · F1[n, c, r + a − b],  + λ on the diagonal
//!     right[(m, a)]        = Σ_c Σ_r F1[m, c, r] · Wpad[o, c, r + a]
//!     solve gram · F2[o] = right
//! F2 is given. For each input channel c, with the unknowns F1[·, c]: likewise, with sums over o.
//! ```
//!
//! The matrix is the same for all channels and is factorized once. The right sides of all channels together are passes
//! of one convolution over W: with F1 as filters its forward pass, with F2 as dy its dw.
//!
//! What differs from the pseudo-code: the matrix is factorized in place, block by block, because the linear algebra
//! crate factorizes only matrices that it owns, and a large one would travel over the stack.

use core::error::Error;
use core::fmt::{self, Display, Formatter};

use nalgebra::{Cholesky, DMatrixView, DMatrixViewMut, DVectorViewMut, RealField, SMatrix};

use super::{Conv2dGeometry, conv2d, conv2d_backward_filter};
use crate::tensor::Real;

/// Rows of a block of the factorization.
const BLOCK: usize = 8;

/// A real number for which systems of equations can be solved: `f32` and `f64`. Sealed.
///
/// ```
/// fn half<T: constconv::kernel::Solvable>(a: T) -> T {
///     a / (T::one() + T::one())
/// }
/// assert_eq!(half(3.0_f32), 1.5);
/// ```
pub trait Solvable: Real + sealed::Factorize {}

mod sealed {
    pub trait Factorize: Sized {
        /// Overwrites a symmetric matrix by its Cholesky factor U, where matrix = Uᵀ · U; `false` if it is not positive
        /// definite.
        fn factorize(matrix: &mut [Self], len: usize) -> bool;

        /// Overwrites b by x, where Uᵀ · U · x = b.
        fn solve(factor: &[Self], b: &mut [Self]);
    }
}

macro_rules! solvable {
    ($($number:ty)*) => { $(
        impl Solvable for $number {}

        impl sealed::Factorize for $number {
            fn factorize(matrix: &mut [Self], len: usize) -> bool {
                factorize(DMatrixViewMut::from_slice(matrix, len, len))
            }

            fn solve(factor: &[Self], b: &mut [Self]) {
                let (factor, mut b) = (DMatrixView::from_slice(factor, b.len(), b.len()), DVectorViewMut::from_slice(b, b.len()));
                // Nothing on the diagonal of a factor is zero: neither can fail.
                factor.tr_solve_upper_triangular_mut(&mut b);
                factor.solve_upper_triangular_mut(&mut b);
            }
        }
    )* };
}

solvable! { f32 f64 }

/// See [`sealed::Factorize::factorize`]; only what lies on and above the diagonal is a part of the factor.
fn factorize<T: RealField + Copy>(mut matrix: DMatrixViewMut<'_, T>) -> bool {
    let len = matrix.nrows();
    for from in (0..len).step_by(BLOCK) {
        let end = len.min(from + BLOCK);
        let count = end - from;
        // The last block is filled up with rows of the identity, which stay what they are.
        let mut block = SMatrix::<T, BLOCK, BLOCK>::identity();
        block.view_mut((0, 0), (count, count)).copy_from(&matrix.view((from, from), (count, count)));
        let Some(block) = Cholesky::new(block) else { return false };
        let lower = block.unpack();
        let lower = lower.view((0, 0), (count, count));
        matrix.view_mut((from, from), (count, count)).tr_copy_from(&lower);
        let mut right = matrix.columns_range_mut(end..);
        let (mut row, mut rest) = right.rows_range_pair_mut(from..end, end..);
        lower.solve_lower_triangular_mut(&mut row);
        rest.gemm_tr(-T::one(), &row, &row, T::one());
    }
    true
}

/// Why filters could not be decomposed.
///
/// ```
/// use constconv::functional::{DecomposeError, DecomposeOptions, decompose};
/// use constconv::prelude::*;
///
/// let (w, start) = (Tensor::<f32, 1, 1, 3, 3>::full(f32::NAN), Tensor::<f32, 1, 1, 3, 3>::full(1.0));
/// assert_eq!(decompose(&w, &start, &DecomposeOptions::new()).unwrap_err(), DecomposeError::NotFinite);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecomposeError {
    /// An element is NaN, or so large that its square is not finite.
    NotFinite,
    /// The ridge is too small: a system of equations has no unique solution.
    NotDefinite,
}

impl Display for DecomposeError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFinite => "decompose: a number is not finite, or so large that its square is not",
            Self::NotDefinite => "decompose: the ridge is too small for a unique solution",
        })
    }
}

impl Error for DecomposeError {}

/// The sizes of a decomposition: filters W (C2, C1, K, K) as F1 (M, C1, K, K) and F2 (C2, M, K, K). K is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecomposeGeometry {
    pub(crate) c2: usize,
    pub(crate) c1: usize,
    pub(crate) m: usize,
    pub(crate) k: usize,
}

impl DecomposeGeometry {
    /// The convolution of images W with filters F1, padded so that W keeps its size.
    const fn over_w(&self) -> Conv2dGeometry {
        let Self { c2, c1, m, k } = *self;
        Conv2dGeometry {
            n: c2,
            c: c1,
            input: [k; 2],
            f: m,
            output: [k; 2],
            kernel: [k; 2],
            stride: [1; 2],
            padding: [(k - 1) / 2; 2],
            dilation: [1; 2],
            groups: 1,
        }
    }

    /// ‖Weff − Wpad‖²; changes `composed`, which is Weff.
    pub(crate) fn residual<T: Real>(&self, composed: &mut [T], w: &[T]) -> T {
        let (k, side, margin) = (self.k, 2 * self.k - 1, (self.k - 1) / 2);
        for (plane, w) in composed.chunks_exact_mut(side * side).zip(w.chunks_exact(k * k)) {
            for (row, w) in plane.chunks_exact_mut(side).skip(margin).zip(w.chunks_exact(k)) {
                row[margin..].iter_mut().zip(w).for_each(|(a, &w)| *a -= w);
            }
        }
        squared_norm(composed)
    }

    /// Overwrites F2 by the best one for this F1.
    pub(crate) fn fit_second<T: Solvable>(
        &self,
        w: &[T],
        f1: &[T],
        f2: &mut [T],
        ridge: T,
        system: System<'_, T>,
    ) -> Result<(), DecomposeError> {
        conv2d(&self.over_w(), w, f1, None, f2);
        let [first, second] = self.factors();
        system.solve(first, f1, second, f2, ridge)
    }

    /// Overwrites F1 by the best one for this F2.
    pub(crate) fn fit_first<T: Solvable>(
        &self,
        w: &[T],
        f1: &mut [T],
        f2: &[T],
        ridge: T,
        system: System<'_, T>,
    ) -> Result<(), DecomposeError> {
        f1.fill(T::ZERO);
        conv2d_backward_filter(&self.over_w(), w, f2, f1);
        let [first, second] = self.factors();
        system.solve(second, f2, first, f1, ridge)
    }

    /// How F1 and F2 are stored.
    fn factors(&self) -> [Factor; 2] {
        let Self { c2, c1, m, k } = *self;
        let taps = k * k;
        [
            Factor { m, k, middle: c1 * taps, outer: taps, channels: c1 },
            Factor { m, k, middle: taps, outer: m * taps, channels: c2 },
        ]
    }
}

/// One of the two filters: the plane of middle channel i and outer channel j begins at `i·middle + j·outer`.
#[derive(Clone, Copy)]
struct Factor {
    m: usize,
    k: usize,
    middle: usize,
    outer: usize,
    /// Outer channels: C1 or C2.
    channels: usize,
}

/// Memory of a system of M·K² equations.
pub(crate) struct System<'a, T> {
    /// \[M·K²\]\[M·K²\].
    pub(crate) matrix: &'a mut [T],
    /// \[M·K²\].
    pub(crate) column: &'a mut [T],
}

impl<T: Solvable> System<'_, T> {
    /// Replaces the right sides in `unknown` by the solutions.
    fn solve(
        self,
        known: Factor,
        f: &[T],
        unknown: Factor,
        solution: &mut [T],
        ridge: T,
    ) -> Result<(), DecomposeError> {
        let System { matrix, column } = self;
        gram(known, f, matrix);
        matrix.iter_mut().step_by(column.len() + 1).for_each(|a| *a += ridge);
        if !matrix.iter().all(|a| a.is_finite()) {
            return Err(DecomposeError::NotFinite);
        }
        if !T::factorize(matrix, column.len()) {
            return Err(DecomposeError::NotDefinite);
        }
        let taps = unknown.k * unknown.k;
        for channel in 0..unknown.channels {
            let plane = |m: usize| m * unknown.middle + channel * unknown.outer;
            for (m, part) in column.chunks_exact_mut(taps).enumerate() {
                part.copy_from_slice(&solution[plane(m)..][..taps]);
            }
            T::solve(matrix, column);
            for (m, part) in column.chunks_exact(taps).enumerate() {
                solution[plane(m)..][..taps].copy_from_slice(part);
            }
        }
        Ok(())
    }
}

/// The matrix of the normal equations. What belongs to taps a and b depends on a − b alone.
fn gram<T: Real>(factor: Factor, f: &[T], matrix: &mut [T]) {
    let Factor { m, k, middle, outer, channels } = factor;
    let (taps, side) = (k * k, 2 * k - 1);
    let len = m * taps;
    for i in 0..m {
        for j in 0..=i {
            for lag in 0..side * side {
                // Along each axis: the b for which b and a = b + lag − (K − 1) are both taps.
                let [rows, columns] =
                    [lag / side, lag % side].map(|lag| (k - 1).saturating_sub(lag)..k.min(side - lag));
                let pairs = rows.flat_map(|row| columns.clone().map(move |column| row * k + column));
                let distance = (lag / side * k + lag % side) as isize - ((k - 1) * (k + 1)) as isize;
                let moved = |b: usize| b.wrapping_add_signed(distance);
                let mut sum = T::ZERO;
                for channel in 0..channels {
                    let left = &f[i * middle + channel * outer..][..taps];
                    let right = &f[j * middle + channel * outer..][..taps];
                    sum = pairs.clone().fold(sum, |sum, r| sum + left[r] * right[moved(r)]);
                }
                for b in pairs {
                    let (a, b) = (i * taps + moved(b), j * taps + b);
                    matrix[a * len + b] = sum;
                    matrix[b * len + a] = sum;
                }
            }
        }
    }
}

/// The sum of all squares.
pub(crate) fn squared_norm<T: Real>(numbers: &[T]) -> T {
    numbers.iter().fold(T::ZERO, |sum, &a| sum + a * a)
}
