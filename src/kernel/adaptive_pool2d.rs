//! Max and average pooling of planes that are cut into a given number of bins.
//!
//! Along one axis bin o covers the cells ⌊o·L/LO⌋ up to, not including, ⌈(o + 1)·L/LO⌉: bins overlap where LO does not
//! divide L, and share cells where it is larger.

use core::ops::Range;

use num_traits::FromPrimitive;

use super::pool2d::{quotient, wins};
use super::{AdaptivePool2dGeometry, check_lengths};
use crate::Scalar;

/// The cells of one bin: rows counted through all planes, and columns.
struct Bin {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Columns of a plane.
    width: usize,
}

impl Bin {
    /// The cells of each row, as indices.
    #[inline(always)]
    fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        self.rows.clone().map(|row| row * self.width + self.columns.start..row * self.width + self.columns.end)
    }

    /// How many cells.
    #[inline(always)]
    fn count(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// The first cell of the maximum, or the last NaN.
    #[inline(always)]
    fn winner<T: Scalar>(&self, x: &[T]) -> Option<usize> {
        let cells = self.runs().flatten();
        cells.reduce(|winner, cell| if wins(x[cell], x[winner]) { cell } else { winner })
    }
}

/// Calls `visit(index of the output, bin)` for each output.
#[inline(always)]
fn for_each_bin(g: &AdaptivePool2dGeometry, mut visit: impl FnMut(usize, Bin)) {
    let ([h, w], [ho, wo]) = (g.input, g.output);
    let bin = |o: usize, len: usize, bins: usize| (o * len / bins, ((o + 1) * len).div_ceil(bins));
    for plane in 0..g.planes {
        for i in 0..ho {
            let (top, bottom) = bin(i, h, ho);
            for j in 0..wo {
                let (left, right) = bin(j, w, wo);
                let rows = plane * h + top..plane * h + bottom;
                visit((plane * ho + i) * wo + j, Bin { rows, columns: left..right, width: w });
            }
        }
    }
}

/// y = maximum of each bin, the first one or the last NaN; overwrites `y`. An empty plane gives zeros.
///
/// ```
/// use constconv::kernel::{AdaptivePool2dGeometry, adaptive_max_pool2d};
/// // Three cells in two bins: the middle one lies in both.
/// let g = AdaptivePool2dGeometry { planes: 1, input: [1, 3], output: [1, 2] };
/// let mut y = [0; 2];
/// adaptive_max_pool2d(&g, &[1, 7, 4], &mut y);
/// assert_eq!(y, [7, 7]);
/// ```
pub fn adaptive_max_pool2d<T: Scalar>(g: &AdaptivePool2dGeometry, x: &[T], y: &mut [T]) {
    check_lengths!(g.x_len(); x);
    check_lengths!(g.y_len(); y);
    for_each_bin(g, |o, bin| y[o] = bin.winner(x).map_or(T::ZERO, |cell| x[cell]));
}

/// dx = dy at the place of each bin's maximum, summed where bins overlap; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{AdaptivePool2dGeometry, adaptive_max_pool2d_backward};
/// let g = AdaptivePool2dGeometry { planes: 1, input: [1, 3], output: [1, 2] };
/// let mut dx = [0; 3];
/// adaptive_max_pool2d_backward(&g, &[1, 7, 4], &[10, 100], &mut dx);
/// assert_eq!(dx, [0, 110, 0]);
/// ```
pub fn adaptive_max_pool2d_backward<T: Scalar>(g: &AdaptivePool2dGeometry, x: &[T], dy: &[T], dx: &mut [T]) {
    check_lengths!(g.x_len(); x dx);
    check_lengths!(g.y_len(); dy);
    dx.fill(T::ZERO);
    for_each_bin(g, |o, bin| {
        if let Some(cell) = bin.winner(x) {
            dx[cell] += dy[o];
        }
    });
}

/// y = mean of each bin; overwrites `y`. An empty plane gives zeros.
///
/// ```
/// use constconv::kernel::{AdaptivePool2dGeometry, adaptive_avg_pool2d};
/// let g = AdaptivePool2dGeometry { planes: 1, input: [1, 3], output: [1, 2] };
/// let mut y = [0.0; 2];
/// adaptive_avg_pool2d(&g, &[1.0, 7.0, 4.0], &mut y);
/// assert_eq!(y, [4.0, 5.5]);
/// ```
pub fn adaptive_avg_pool2d<T: Scalar + FromPrimitive>(g: &AdaptivePool2dGeometry, x: &[T], y: &mut [T]) {
    check_lengths!(g.x_len(); x);
    check_lengths!(g.y_len(); y);
    for_each_bin(g, |o, bin| {
        let sum = bin.runs().fold(T::ZERO, |sum, run| x[run].iter().fold(sum, |sum, &a| sum + a));
        y[o] = quotient(sum, bin.count());
    });
}

/// dx = dy / count on each cell of a bin, summed where bins overlap; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{AdaptivePool2dGeometry, adaptive_avg_pool2d_backward};
/// let g = AdaptivePool2dGeometry { planes: 1, input: [1, 3], output: [1, 2] };
/// let mut dx = [0.0; 3];
/// adaptive_avg_pool2d_backward(&g, &[10.0, 100.0], &mut dx);
/// assert_eq!(dx, [5.0, 55.0, 50.0]);
/// ```
pub fn adaptive_avg_pool2d_backward<T: Scalar + FromPrimitive>(g: &AdaptivePool2dGeometry, dy: &[T], dx: &mut [T]) {
    check_lengths!(g.x_len(); dx);
    check_lengths!(g.y_len(); dy);
    dx.fill(T::ZERO);
    for_each_bin(g, |o, bin| {
        let share = quotient(dy[o], bin.count());
        bin.runs().for_each(|run| dx[run].iter_mut().for_each(|dx| *dx += share));
    });
}
