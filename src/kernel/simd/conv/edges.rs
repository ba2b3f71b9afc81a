//! Infinities and NaN where windows reach into the padding.
//!
//! y and dw are sums with padding zeros that are multiplied, as in PyTorch: a weight that is ∞ or NaN makes each y NaN
//! whose window has it on a cell of the padding, and so does an element of dy with elements of dw. dx is a sum over the
//! outputs that exist: nothing of the padding is in it.
//!
//! The kernels leave out products of y and dw with the padding where they can, and for dx they may multiply a weight by
//! the zeros around dy. While all numbers are finite none of this makes a difference. So they are run as they are, and
//! the shorter one of the cause and the result is looked through after them; only if that has numbers that are not
//! finite is there anything to settle.

use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::{Element, Job, Simd};

/// Vectors that are looked at side by side.
const CHAINS: usize = 4;

/// Whether all elements are finite.
struct AllFinite<'a, T>(&'a [T]);

impl<T: Element, S: Simd<T>> Job<S> for AllFinite<'_, T> {
    type Output = bool;
    #[inline(always)]
    fn run(self, s: S) -> bool {
        // Zero times a number is zero only if the number is finite.
        let mut acc = [s.zero(); CHAINS];
        let blocks = self.0.chunks_exact(CHAINS * S::LANES);
        let rest = blocks.remainder();
        for block in blocks {
            for (chain, acc) in acc.iter_mut().enumerate() {
                // SAFETY: the block has CHAINS vectors.
                *acc = s.mul_add(unsafe { s.load(block.as_ptr().add(chain * S::LANES)) }, s.zero(), *acc);
            }
        }
        for part in rest.chunks(S::LANES) {
            // SAFETY: exactly the part is read.
            acc[0] = s.mul_add(unsafe { s.load_part(part.as_ptr(), 0, part.len()) }, s.zero(), acc[0]);
        }
        s.sum(s.add(s.add(acc[0], acc[1]), s.add(acc[2], acc[3]))) == T::ZERO
    }
}

/// Whether all elements are finite.
pub(super) fn all_finite<T: Element, S: Simd<T>>(s: S, values: &[T]) -> bool {
    s.call(AllFinite(values))
}

/// Zero if the number is finite, else NaN.
fn times_zero<T: Element>(value: T) -> T {
    value * T::ZERO
}

/// Whether the number is finite.
fn is_finite<T: Element>(value: T) -> bool {
    times_zero(value) == T::ZERO
}

/// Whether a window has a cell outside of the input.
fn has_edges(g: &Conv2dGeometry) -> bool {
    [0, 1].into_iter().any(|axis| {
        let last = (g.output[axis] - 1) * g.stride[axis] + (g.kernel[axis] - 1) * g.dilation[axis];
        g.padding[axis] > 0 || last >= g.input[axis]
    })
}

/// The input cell under a tap of a window along an axis; `None` in the padding.
fn cell(g: &Conv2dGeometry, axis: usize, output: usize, tap: usize) -> Option<usize> {
    (output * g.stride[axis] + tap * g.dilation[axis]).checked_sub(g.padding[axis]).filter(|&cell| cell < g.input[axis])
}

/// The output whose window has an input cell under a tap: `Some(None)` if it would be outside, `None` if there is none.
fn output(g: &Conv2dGeometry, axis: usize, cell: usize, tap: usize) -> Option<Option<usize>> {
    let reach = (cell + g.padding[axis]) as isize - (tap * g.dilation[axis]) as isize;
    let stride = g.stride[axis] as isize;
    (reach % stride == 0).then(|| usize::try_from(reach / stride).ok().filter(|&output| output < g.output[axis]))
}

/// Whether there may be something to settle in y, as far as w shows it.
pub(super) fn concern_y<T: Element, S: Simd<T>>(s: S, g: &Conv2dGeometry, w: &[T]) -> bool {
    has_edges(g) && !all_finite(s, w)
}

/// Adds to y the products of weights that are not finite with the padding.
pub(super) fn settle_y<T: Element, S: Simd<T>>(s: S, g: &Conv2dGeometry, w: &[T], y: &mut [T]) {
    if !has_edges(g) {
        return;
    }
    // Whether each tap lies on a cell of the input somewhere, so that y shows what it is: as far as this can be told
    // from the ends, if no stride leaps over the input.
    let shows = [0, 1].into_iter().all(|axis| {
        let reach = g.padding[axis] + g.input[axis];
        g.input[axis] >= g.stride[axis]
            && (g.output[axis] - 1) * g.stride[axis] >= g.padding[axis]
            && (g.kernel[axis] - 1) * g.dilation[axis] < reach
    });
    if shows && y.len() < w.len() && all_finite(s, y) || all_finite(s, w) {
        return;
    }
    settle_rows(g, w, 0, g.output[0], y);
}

/// The same of so many rows of y from `first` on.
pub(super) fn settle_rows<T: Element>(g: &Conv2dGeometry, w: &[T], first: usize, rows: usize, y: &mut [T]) {
    let (taps, channels) = (g.kernel[0] * g.kernel[1], g.c / g.groups);
    let plane = rows * g.output[1];
    for (f, w) in w.chunks_exact(channels * taps).enumerate() {
        for tap in 0..taps {
            let product = w.iter().skip(tap).step_by(taps).fold(T::ZERO, |sum, &w| sum + times_zero(w));
            if is_finite(product) {
                continue;
            }
            let (u, v) = (tap / g.kernel[1], tap % g.kernel[1]);
            for y in y.chunks_exact_mut(plane).skip(f).step_by(g.f) {
                for (place, y) in y.iter_mut().enumerate() {
                    let (i, j) = (first + place / g.output[1], place % g.output[1]);
                    if cell(g, 0, i, u).is_none() || cell(g, 1, j, v).is_none() {
                        *y += product;
                    }
                }
            }
        }
    }
}

/// Adds to dw the products of elements of dy that are not finite with the padding.
pub(super) fn settle_dw<T: Element, S: Simd<T>>(s: S, g: &Conv2dGeometry, dy: &[T], dw: &mut [T]) {
    if !has_edges(g) {
        return;
    }
    // Whether each window has a cell of the input, so that dw shows what dy is: see `settle_y`.
    let shows = [0, 1].into_iter().all(|axis| {
        let reach = g.padding[axis] + g.input[axis];
        g.input[axis] >= g.dilation[axis]
            && (g.kernel[axis] - 1) * g.dilation[axis] >= g.padding[axis]
            && (g.output[axis] - 1) * g.stride[axis] < reach
    });
    if shows && dw.len() < dy.len() && all_finite(s, dw) || all_finite(s, dy) {
        return;
    }
    let (taps, channels) = (g.kernel[0] * g.kernel[1], g.c / g.groups);
    let plane = g.output[0] * g.output[1];
    for (index, &dy) in dy.iter().enumerate() {
        if is_finite(dy) {
            continue;
        }
        let (f, i, j) = (index / plane % g.f, index % plane / g.output[1], index % g.output[1]);
        for (index, dw) in dw.chunks_exact_mut(channels * taps).nth(f).into_iter().flatten().enumerate() {
            let (u, v) = (index % taps / g.kernel[1], index % g.kernel[1]);
            if cell(g, 0, i, u).is_none() || cell(g, 1, j, v).is_none() {
                *dw += times_zero(dy);
            }
        }
    }
}

/// Computes dx anew where a weight that is not finite was multiplied by the zeros around dy.
pub(super) fn settle_dx<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    w: &[T],
    dy: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
) {
    if dx.len() < w.len() && all_finite(s, dx) || all_finite(s, w) {
        return;
    }
    let (channels, filters) = (g.c / g.groups, g.f / g.groups);
    let is_edge = |axis: usize, cell: usize| (0..g.kernel[axis]).any(|tap| output(g, axis, cell, tap) == Some(None));
    for row in 0..g.input[0] {
        for column in 0..g.input[1] {
            if !is_edge(0, row) && !is_edge(1, column) {
                continue;
            }
            for (plane, dx) in dx.chunks_exact_mut(g.input[0] * g.input[1]).enumerate() {
                let dx = &mut dx[row * g.input[1] + column];
                if is_finite(*dx) {
                    continue;
                }
                let (n, c) = (plane / g.c, plane % g.c);
                let (group, channel) = (c / channels, c % channels);
                *dx = b.map_or(T::ZERO, |b| b[c]);
                for f in group * filters..(group + 1) * filters {
                    for u in 0..g.kernel[0] {
                        for v in 0..g.kernel[1] {
                            if let (Some(Some(i)), Some(Some(j))) = (output(g, 0, row, u), output(g, 1, column, v)) {
                                let dy = dy[((n * g.f + f) * g.output[0] + i) * g.output[1] + j];
                                *dx += dy * w[((f * channels + channel) * g.kernel[0] + u) * g.kernel[1] + v];
                            }
                        }
                    }
                }
            }
        }
    }
}
