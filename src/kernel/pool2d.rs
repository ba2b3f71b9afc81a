//! Max and average pooling over planes.
//!
//! ```text
//! for each output cell: clip its window to the plane, then visit the cells that are left
//! ```
//!
//! Clipping first leaves loops without a branch per cell. Cells outside of the plane are never a maximum.

use core::ops::Range;

use num_traits::FromPrimitive;

use super::Pool2dGeometry;
use crate::Scalar;

/// The cells of a window that lie on the plane, along one axis: kernel indices, and the place of kernel index 0
/// in padded coordinates.
#[derive(Clone, Copy)]
struct Span {
    /// First kernel index on the plane.
    first: usize,
    /// One past the last kernel index on the plane.
    end: usize,
    /// Padded coordinate of kernel index 0.
    start: usize,
}

impl Pool2dGeometry {
    /// Clips the window of output place `o` along `axis`.
    #[inline(always)]
    fn span(&self, axis: usize, o: usize) -> Span {
        let (start, d, p) = (o * self.stride[axis], self.dilation[axis], self.padding[axis]);
        let first = p.saturating_sub(start).div_ceil(d);
        let end = (self.input[axis] + p).saturating_sub(start).div_ceil(d).min(self.kernel[axis]);
        Span { first: first.min(end), end, start }
    }

    /// The coordinates on the plane of a clipped window.
    #[inline(always)]
    fn cells(&self, axis: usize, span: Span) -> impl Iterator<Item = usize> + Clone {
        let (d, p) = (self.dilation[axis], self.padding[axis]);
        (span.first..span.end).map(move |k| span.start + k * d - p)
    }
}

/// Calls `visit(plane, output index)` for each output cell with its clipped window.
#[inline(always)]
fn for_each_window(g: &Pool2dGeometry, mut visit: impl FnMut(Range<usize>, usize, Span, Span)) {
    let (x_plane, y_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
    for plane in 0..g.planes {
        for i in 0..g.output[0] {
            let rows = g.span(0, i);
            for j in 0..g.output[1] {
                let columns = g.span(1, j);
                let x = plane * x_plane..(plane + 1) * x_plane;
                visit(x, plane * y_plane + i * g.output[1] + j, rows, columns);
            }
        }
    }
}

/// The place of a window's maximum on its plane: the first one in row-major order, or the last NaN, as in PyTorch.
#[inline(always)]
fn arg_max<T: Scalar>(g: &Pool2dGeometry, x: &[T], rows: Span, columns: Span) -> Option<usize> {
    let mut best: Option<(usize, T)> = None;
    for row in g.cells(0, rows) {
        for column in g.cells(1, columns) {
            let place = row * g.input[1] + column;
            let a = x[place];
            #[allow(clippy::eq_op)] // Only NaN differs from itself.
            let wins = best.is_none_or(|(_, max)| a > max || a != a);
            if wins {
                best = Some((place, a));
            }
        }
    }
    best.map(|(place, _)| place)
}

/// y = maximum of each window; overwrites `y`. A window without a cell on the plane gives zero.
pub fn max_pool2d<T: Scalar>(g: &Pool2dGeometry, x: &[T], y: &mut [T]) {
    for_each_window(g, |plane, out, rows, columns| {
        let x = &x[plane];
        y[out] = arg_max(g, x, rows, columns).map_or(T::ZERO, |place| x[place]);
    });
}

/// dx = dy at the place of each window's maximum, summed where windows overlap; overwrites `dx`.
pub fn max_pool2d_backward<T: Scalar>(g: &Pool2dGeometry, x: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for_each_window(g, |plane, out, rows, columns| {
        if let Some(place) = arg_max(g, &x[plane.clone()], rows, columns) {
            dx[plane][place] += dy[out];
        }
    });
}

/// By how much an average divides: the cells of the window on the plane, or, with `count_include_pad`, on the plane
/// and its declared padding; cells that `Ceil` appends are never counted.
#[inline(always)]
fn divisor(g: &Pool2dGeometry, count_include_pad: bool, rows: Span, columns: Span) -> usize {
    let counted = |axis: usize, span: Span| {
        if count_include_pad {
            let padded = g.input[axis] + 2 * g.padding[axis];
            padded.saturating_sub(span.start).div_ceil(g.dilation[axis]).min(g.kernel[axis])
        } else {
            span.end - span.first
        }
    };
    counted(0, rows) * counted(1, columns)
}

/// y = mean of each window; overwrites `y`. A window without a cell gives zero.
pub fn avg_pool2d<T: Scalar + FromPrimitive>(g: &Pool2dGeometry, count_include_pad: bool, x: &[T], y: &mut [T]) {
    for_each_window(g, |plane, out, rows, columns| {
        let x = &x[plane];
        let mut sum = T::ZERO;
        for row in g.cells(0, rows) {
            for column in g.cells(1, columns) {
                sum += x[row * g.input[1] + column];
            }
        }
        y[out] = match T::from_usize(divisor(g, count_include_pad, rows, columns)) {
            Some(count) if count != T::ZERO => sum / count,
            _ => T::ZERO,
        };
    });
}

/// dx = dy / count on each cell of a window, summed where windows overlap; overwrites `dx`.
pub fn avg_pool2d_backward<T: Scalar + FromPrimitive>(
    g: &Pool2dGeometry,
    count_include_pad: bool,
    dy: &[T],
    dx: &mut [T],
) {
    dx.fill(T::ZERO);
    for_each_window(g, |plane, out, rows, columns| {
        let share = match T::from_usize(divisor(g, count_include_pad, rows, columns)) {
            Some(count) if count != T::ZERO => dy[out] / count,
            _ => return,
        };
        let dx = &mut dx[plane];
        for row in g.cells(0, rows) {
            for column in g.cells(1, columns) {
                dx[row * g.input[1] + column] += share;
            }
        }
    });
}
