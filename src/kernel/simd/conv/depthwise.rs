//! Depthwise convolutions with 3×3 kernels, without stride and dilation: nine products per pixel are too few to pay for
//! copies and tables.
//!
//! ```text
//! y, dx:  for each image, channel, vector of output columns, band of output rows:
//!             sums[..] = bias
//!             for each source row of the band, kernel column v:
//!                 x = the source under the vector, zero outside
//!                 for each kernel row u:  sums[row − u] += x · w[u][v]
//!             store sums
//!
//! dw:     for each channel:
//!             for each image, vector of output columns, row of x, kernel column v:
//!                 for each kernel row u:  sums[u][v] += x · dy[row − u]
//!             dw += the sum of the lanes of sums
//! ```
//!
//! All is read in place, each part once for up to three rows of the kernel. What differs from the pseudo-code:
//! - The last vector of a row of y is moved back to end with the row: what it computes again is the same.
//! - Of y, some rows at a time can be asked for ([`by_rows`]), of which several bands are computed together.
//! - Only the vectors at the left and right edge ask which of their lanes lie inside.

use core::slice;

use super::axis::Correlation;
use super::bands::{Bands, together};
use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::scratch::{Layout, Scratch, with_scratch};
use crate::kernel::simd::thresholds::depthwise::{KERNEL as K, ROWS, TERMS, TOGETHER};
use crate::kernel::simd::{Element, Job, Simd, Sink, Then, finish};

/// A depthwise correlation, and its slices.
struct DepthwiseCorrelation<'a, T> {
    correlation: Correlation,
    source: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
    target: &'a mut [T],
    then: Then<'a, T>,
}

/// Some rows of it at a time: `bands` of `rows` of them, of which the target has one.
struct DepthwiseRows<'a, T> {
    correlation: Correlation,
    source: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
    rows: usize,
    bands: usize,
    /// Bands that are computed one after the other in the target, or, if these are several, in scratch memory.
    together: usize,
    target: *mut T,
    scratch: Scratch,
    sink: &'a mut Sink<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for DepthwiseCorrelation<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let c = &self.correlation;
        let sources = self.source.chunks_exact(c.rows.source * c.columns.source);
        let targets = self.target.chunks_exact_mut(c.rows.target * c.columns.target);
        for (plane, (source, target)) in sources.zip(targets).enumerate() {
            let bands = Bands::planes(target.as_mut_ptr(), c.rows.target, c.columns.target);
            // SAFETY: the target is a plane.
            unsafe { run_plane(s, c, source, self.w, self.bias, plane % c.groups, (0, c.rows.grid), bands) };
            if let Some(then) = self.then {
                finish(s, then, target);
            }
        }
    }
}

impl<T: Element, S: Simd<T>> Job<S> for DepthwiseRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let (c, rows) = (&self.correlation, self.rows);
        let (source_plane, plane) = (c.rows.source * c.columns.source, rows * c.columns.target);
        let len = c.groups * plane;
        let first = if self.together > 1 { self.scratch.take(self.together * len) } else { self.target };
        for (n, image) in self.source.chunks_exact(c.groups * source_plane).enumerate() {
            for band in (0..self.bands).step_by(self.together) {
                let end = self.bands.min(band + self.together);
                let first_of_all = first.wrapping_sub(band * len);
                let bands = Bands { first: first_of_all, width: c.columns.target, plane, rows, apart: len };
                for (channel, source) in image.chunks_exact(source_plane).enumerate() {
                    let (asked, bands) = ((band * rows, end * rows), bands.channel(channel));
                    // SAFETY: the target has the bands from `band` on.
                    unsafe { run_plane(s, c, source, self.w, self.bias, channel, asked, bands) };
                }
                for (place, band) in (band..end).enumerate() {
                    // SAFETY: the band is initialised, and nothing else refers to it here.
                    (self.sink)(n, band, unsafe { slice::from_raw_parts_mut(first.wrapping_add(place * len), len) });
                }
            }
        }
    }
}

/// Some rows of a channel.
///
/// # Safety
/// The target has them.
#[inline(always)]
unsafe fn run_plane<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    channel: usize,
    rows: (usize, usize),
    target: Bands<T>,
) {
    let w = &w[channel * K * K..][..K * K];
    let mut taps = [[s.zero(); K]; K];
    for u in 0..K {
        for v in 0..K {
            let tap = u * K + v;
            taps[u][v] = s.splat(w[if c.rows.mirrored { K * K - 1 - tap } else { tap }]);
        }
    }
    let bias = s.splat(bias.map_or(T::ZERO, |b| b[channel]));
    for column in (0..c.columns.grid).step_by(S::LANES) {
        let column = column.min(c.columns.grid.saturating_sub(S::LANES));
        let first = c.columns.first + column as isize;
        let is_inside = first >= 0 && first as usize + S::LANES + K - 1 <= c.columns.source;
        let strip = DepthwiseStrip { c, source, first, taps: &taps, bias, column, target };
        // SAFETY: the caller vouches for the rows.
        unsafe {
            if is_inside {
                strip.run::<true, S>(s, rows);
            } else {
                strip.run::<false, S>(s, rows);
            }
        }
    }
}

/// One vector of columns of a plane.
struct DepthwiseStrip<'a, T, V> {
    c: &'a Correlation,
    source: &'a [T],
    /// Source column under the first lane for kernel column 0.
    first: isize,
    taps: &'a [[V; K]; K],
    bias: V,
    /// Output column of the first lane.
    column: usize,
    target: Bands<T>,
}

impl<T: Element, V: Copy> DepthwiseStrip<'_, T, V> {
    /// The rows `row..end`. INSIDE: all lanes lie inside of the source for all kernel columns.
    ///
    /// # Safety
    /// The target has them.
    #[inline(always)]
    unsafe fn run<const INSIDE: bool, S: Simd<T, Vector = V>>(&self, s: S, (mut row, end): (usize, usize)) {
        // SAFETY: the caller vouches for the rows.
        unsafe {
            while row + ROWS <= end {
                self.band::<ROWS, INSIDE, S>(s, row);
                row += ROWS;
            }
            if row + 2 <= end {
                self.band::<2, INSIDE, S>(s, row);
                row += 2;
            }
            if row < end {
                self.band::<1, INSIDE, S>(s, row);
            }
        }
    }

    /// The output rows `row..row + R`.
    ///
    /// # Safety
    /// The target has them.
    #[inline(always)]
    unsafe fn band<const R: usize, const INSIDE: bool, S: Simd<T, Vector = V>>(&self, s: S, row: usize) {
        let (rows, columns) = (&self.c.rows, &self.c.columns);
        let mut sums = [self.bias; R];
        for r in 0..R + K - 1 {
            let source_row = rows.first + (row + r) as isize;
            if !(0..rows.source as isize).contains(&source_row) {
                continue;
            }
            let cells = &self.source[source_row as usize * columns.source..][..columns.source];
            for v in 0..K {
                let first = self.first + v as isize;
                let at = cells.as_ptr().wrapping_offset(first);
                let x = if INSIDE {
                    // SAFETY: the caller vouches for it: LANES cells of the row from here on.
                    unsafe { s.load(at) }
                } else {
                    let from = (-first).clamp(0, S::LANES as isize) as usize;
                    let to = (columns.source as isize - first).clamp(from as isize, S::LANES as isize) as usize;
                    // SAFETY: lanes `from..to` are those that lie in the row.
                    unsafe { s.load_part(at, from, to) }
                };
                for u in 0..K {
                    if r >= u && r - u < R {
                        sums[r - u] = s.mul_add(x, self.taps[u][v], sums[r - u]);
                    }
                }
            }
        }
        let mut to = self.target.cursor(row, 1);
        for r in 0..R {
            // SAFETY: the row has `grid` elements, and the vector ends with it at the latest.
            unsafe {
                if columns.grid >= S::LANES {
                    s.store(to.at.add(self.column), sums[r]);
                } else {
                    s.store_part(to.at, columns.grid, sums[r]);
                }
            }
            to.advance();
        }
    }
}

/// dw of a depthwise convolution, and its slices.
struct DepthwiseFilter<'a, T> {
    g: &'a Conv2dGeometry,
    x: &'a [T],
    dy: &'a [T],
    dw: &'a mut [T],
}

impl<T: Element, S: Simd<T>> Job<S> for DepthwiseFilter<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let DepthwiseFilter { g, x, dy, dw } = self;
        let (x_plane, dy_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
        for (channel, dw) in dw.chunks_exact_mut(K * K).enumerate() {
            let mut sums = [[s.zero(); K]; K];
            let mut terms = 0;
            for n in 0..g.n {
                let plane = n * g.c + channel;
                let (x, dy) = (&x[plane * x_plane..][..x_plane], &dy[plane * dy_plane..][..dy_plane]);
                for column in (0..g.output[1]).step_by(S::LANES) {
                    let count = S::LANES.min(g.output[1] - column);
                    let first = column as isize - g.padding[1] as isize;
                    let fits = first >= 0 && first as usize + S::LANES + K - 1 <= g.input[1];
                    if fits && count == S::LANES {
                        add_strip::<true, T, S>(s, g, x, dy, (first, column, count), &mut sums);
                    } else {
                        add_strip::<false, T, S>(s, g, x, dy, (first, column, count), &mut sums);
                    }
                    terms += g.output[0];
                    let is_last = n + 1 == g.n && column + count == g.output[1];
                    if terms >= TERMS || is_last {
                        for (dw, sum) in dw.iter_mut().zip(sums.as_flattened_mut()) {
                            *dw += s.sum(core::mem::replace(sum, s.zero()));
                        }
                        terms = 0;
                    }
                }
            }
        }
    }
}

/// Adds the products of `count` columns of a plane of dy, from `column` on, with those of x, from `first` on for kernel
/// column 0. INSIDE: whole vectors, for all kernel columns.
#[inline(always)]
fn add_strip<const INSIDE: bool, T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    dy: &[T],
    (first, column, count): (isize, usize, usize),
    sums: &mut [[S::Vector; K]; K],
) {
    let ([height, width], [rows, columns]) = (g.input, g.output);
    // The rows of dy that meet the current row of x in kernel rows 0, 1, 2.
    let mut dys = [s.zero(); K];
    for row in 0..rows + K - 1 {
        let mut next = s.zero();
        if row < rows {
            // SAFETY: `count` columns of this row exist, a whole vector if INSIDE.
            unsafe {
                let at = dy[row * columns + column..][..count].as_ptr();
                next = if INSIDE { s.load(at) } else { s.load_part(at, 0, count) };
            }
        }
        dys = [next, dys[0], dys[1]];
        if row < g.padding[0] || row - g.padding[0] >= height {
            continue;
        }
        let cells = &x[(row - g.padding[0]) * width..][..width];
        let is_whole = row + 1 >= K && row < rows;
        for v in 0..K {
            let first = first + v as isize;
            let at = cells.as_ptr().wrapping_offset(first);
            let cells = if INSIDE {
                // SAFETY: the caller vouches for it: LANES cells of the row from here on.
                unsafe { s.load(at) }
            } else {
                let from = (-first).clamp(0, count as isize) as usize;
                let to = (width as isize - first).clamp(from as isize, count as isize) as usize;
                // SAFETY: lanes `from..to` are those that lie in the row.
                unsafe { s.load_part(at, from, to) }
            };
            for u in 0..K {
                // A row of x that no row of dy meets is left out, not multiplied by zero: it may hold a NaN.
                if is_whole || row >= u && row - u < rows {
                    sums[u][v] = s.mul_add(cells, dys[u], sums[u][v]);
                }
            }
        }
    }
}

/// y or dx.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    target: &mut [T],
    then: Then<T>,
) {
    s.call(DepthwiseCorrelation { correlation, source, w, bias, target, then });
}

/// `bands` of `rows` rows of y, one after the other in the buffer or in scratch memory.
pub(super) fn by_rows<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    [rows, bands]: [usize; 2],
    buffer: &mut [T],
    sink: &mut Sink<T>,
) {
    let together = together::<T>(rows, bands, ROWS, TOGETHER, buffer.len());
    let (together, layout) = match Layout::EMPTY.with::<T>(together * buffer.len()) {
        Some(layout) if together > 1 => (together, layout),
        _ => (1, Layout::EMPTY),
    };
    let target = buffer.as_mut_ptr();
    with_scratch(layout, &mut |scratch| {
        s.call(DepthwiseRows { correlation, source, w, bias, rows, bands, together, target, scratch, sink });
    });
}

/// dw.
pub(super) fn apply_dw<T: Element, S: Simd<T>>(s: S, g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    s.call(DepthwiseFilter { g, x, dy, dw });
}
