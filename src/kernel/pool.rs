//! Max and average pooling over planes: of windows, and of planes that are cut into a given number of bins.
//!
//! ```text
//! windows are 2×2 or 3×3 tiles, side by side:   for each row of outputs: visit its tiles, all cells at once
//! otherwise, forward:                           for each row of outputs: clip the rows of its windows, then
//!                                               for each cell of a window: visit the outputs that have it
//! otherwise, backward:                          the same for blocks of outputs, with their shares on the stack
//! ```
//!
//! Clipping first leaves loops without a branch per cell, and tiles have sizes that the compiler knows: it turns the
//! loop over a row of outputs into vector instructions. Cells outside of the plane are never a maximum.
//!
//! Where only some rows of the planes are there at a time, a band, a maximum grows in y from band to band, and a mean is
//! made when all rows of its window are there. The loops are those for whole planes, which are one band: so are the bits.
//!
//! Everything is inlined into the layer, whose geometry is a constant: one of the cases is left, with its sizes known.
//!
//! Adaptive pooling: along one axis bin o covers the cells ⌊o·L/LO⌋ up to, not including, ⌈(o + 1)·L/LO⌉. Bins overlap
//! where LO does not divide L, and share cells where it is larger.

use core::any::Any;
use core::array;
use core::hint::select_unpredictable;
use core::iter;
use core::ops::Range;

use num_traits::FromPrimitive;

use super::check::check_lengths;
use super::math;
use super::portable::IS_SMALL;
use super::{AdaptivePool2dGeometry, Pool2dGeometry};
use crate::tensor::Scalar;

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

    /// The output places along `axis` whose window has its cell `k` on the plane.
    #[inline(always)]
    pub(super) fn outputs(&self, axis: usize, k: usize) -> Range<usize> {
        let (s, p, at) = (self.stride[axis], self.padding[axis], k * self.dilation[axis]);
        let end = (self.input[axis] + p).saturating_sub(at).div_ceil(s).min(self.output[axis]);
        p.saturating_sub(at).div_ceil(s).min(end)..end
    }

    /// The part of a clipped window that lies in a band of rows.
    #[inline(always)]
    fn within(&self, span: Span, band: &Range<usize>) -> Span {
        let index = |row: usize| (row + self.padding[0]).saturating_sub(span.start).div_ceil(self.dilation[0]);
        let end = index(band.end).min(span.end);
        Span { first: index(band.start).max(span.first).min(end), end, ..span }
    }

    /// The rows of outputs whose windows may reach a band of rows.
    #[inline(always)]
    fn reach(&self, band: &Range<usize>) -> Range<usize> {
        let (s, p, more) = (self.stride[0], self.padding[0], self.kernel[0].saturating_sub(1) * self.dilation[0]);
        let end = (band.end + p).div_ceil(s).min(self.output[0]);
        (band.start + p).saturating_sub(more).div_ceil(s).min(end)..end
    }

    /// Zeros for the rows of outputs whose windows have no row of the plane.
    #[inline(always)]
    fn zero_outside<T: Scalar>(&self, y: &mut [T]) {
        for (o, y) in y.chunks_exact_mut(self.output[1].max(1)).enumerate() {
            let rows = self.span(0, o % self.output[0]);
            if rows.first == rows.end {
                y.fill(T::ZERO);
            }
        }
    }

    /// The place on the plane of cell `k` of an output's window; `None` if it is no cell of the plane.
    #[inline]
    pub(super) fn place(&self, output: [usize; 2], k: usize) -> Option<[usize; 2]> {
        let columns = self.kernel[1].max(1);
        let cells = [k / columns, k % columns];
        let place = array::from_fn(|axis| {
            (output[axis] * self.stride[axis] + cells[axis] * self.dilation[axis]).wrapping_sub(self.padding[axis])
        });
        (cells[0] < self.kernel[0] && place[0] < self.input[0] && place[1] < self.input[1]).then_some(place)
    }

    /// Whether windows are K×K cells, side by side, all on the plane.
    #[inline(always)]
    fn has_tiles<const K: usize>(&self) -> bool {
        let tiled = |axis: usize| {
            let inside = self.output[axis] * K <= self.input[axis];
            self.kernel[axis] == K && self.stride[axis] == K && self.dilation[axis] == 1 && inside
        };
        self.padding == [0, 0] && tiled(0) && tiled(1)
    }

    /// Whether windows are side by side, and each cell is in one.
    #[inline(always)]
    fn is_covered(&self) -> bool {
        let covered = |axis: usize| self.input[axis] != 0 && self.output[axis] * self.kernel[axis] == self.input[axis];
        self.stride == self.kernel && self.dilation == [1, 1] && self.padding == [0, 0] && covered(0) && covered(1)
    }
}

/// Runs a function with the size of the windows as its last constant, if they are tiles of a common size.
macro_rules! try_tiles {
    ($g:ident, $function:ident($($argument:expr),*)) => {
        if $g.has_tiles::<2>() {
            return $function::<T, 2>($g, $($argument),*);
        }
        if $g.has_tiles::<3>() {
            return $function::<T, 3>($g, $($argument),*);
        }
    };
}

/// Whether `a` takes the place of the maximum of the cells before it.
#[inline(always)]
pub(super) fn wins<T: Scalar>(a: T, max: T) -> bool {
    // Without a branch; and only NaN differs from itself.
    #[allow(clippy::eq_op)]
    let nan = a != a;
    (a > max) | nan
}

/// The tiles of one row of outputs: K rows of the plane, each cut into groups of K cells.
#[inline(always)]
fn tiles<'a, T, const K: usize>(g: &Pool2dGeometry, rows: &'a [T]) -> [&'a [[T; K]]; K] {
    math::from_fn(|u| &rows[u * g.input[1]..(u + 1) * g.input[1]].as_chunks().0[..g.output[1]])
}

/// Zeros where tiles leave cells of the planes out.
#[inline(always)]
fn zero_beyond_tiles<T: Scalar, const K: usize>(g: &Pool2dGeometry, dx: &mut [T]) {
    if g.output.map(|o| o * K) != g.input {
        dx.fill(T::ZERO);
    }
}

/// Calls `visit(rows of the input, row of the output)` for each row of tiles.
#[inline(always)]
fn for_each_row_of_tiles<const K: usize>(g: &Pool2dGeometry, mut visit: impl FnMut(Range<usize>, Range<usize>)) {
    let ([h, w], [ho, wo]) = (g.input, g.output);
    for plane in 0..g.planes {
        for i in 0..ho {
            let (x, y) = ((plane * h + i * K) * w, (plane * ho + i) * wo);
            visit(x..x + K * w, y..y + wo);
        }
    }
}

/// How many outputs the backward passes take at a time; what they keep of each is on the stack.
const BLOCK: usize = 32;

/// No cell of a window.
const NONE: u32 = u32::MAX;

/// Calls `visit(plane, output index of the row, row, its clipped rows, columns)` for each block of a row of outputs.
#[inline(always)]
fn for_each_block(g: &Pool2dGeometry, mut visit: impl FnMut(Range<usize>, usize, usize, Span, Range<usize>)) {
    let (x_plane, [ho, wo]) = (g.input[0] * g.input[1], g.output);
    for plane in 0..g.planes {
        for i in 0..ho {
            let (x, rows) = (plane * x_plane..(plane + 1) * x_plane, g.span(0, i));
            for j in (0..wo).step_by(BLOCK) {
                visit(x.clone(), (plane * ho + i) * wo, i, rows, j..wo.min(j + BLOCK));
            }
        }
    }
}

/// Calls `visit(k, places in the block, place of the first one's cell on the plane)` for each cell k of the windows of
/// a block: row by row, with the columns of the windows in the given order.
#[inline(always)]
fn for_each_cell(
    g: &Pool2dGeometry,
    rows: Span,
    columns: impl Iterator<Item = usize> + Clone,
    block: &Range<usize>,
    mut visit: impl FnMut(usize, Range<usize>, usize),
) {
    for u in rows.first..rows.end {
        let row = rows.start + u * g.dilation[0] - g.padding[0];
        for v in columns.clone() {
            let outputs = g.outputs(1, v);
            let (first, end) = (outputs.start.max(block.start), outputs.end.min(block.end));
            if first < end {
                let column = first * g.stride[1] + v * g.dilation[1] - g.padding[1];
                visit(u * g.kernel[1] + v, first - block.start..end - block.start, row * g.input[1] + column);
            }
        }
    }
}

/// Every `stride`-th element: `x` itself where that is every element, else copies in `scratch`, which they fill.
#[inline(always)]
fn gather<'a, T: Scalar>(stride: usize, x: &'a [T], scratch: &'a mut [T]) -> &'a [T] {
    if stride == 1 {
        return &x[..scratch.len()];
    }
    scratch.iter_mut().zip(x.iter().step_by(stride)).for_each(|(to, &from)| *to = from);
    scratch
}

/// Folds the rows of outputs `outputs` over a band of rows, which is what of each plane is in `x`, in row-major order.
/// `begin(first row, rows, row of outputs)` comes before the first row of a window, `end(rows, row of outputs)` after its
/// last one.
#[inline(always)]
fn fold_windows<T: Scalar>(
    g: &Pool2dGeometry,
    [band, outputs]: [Range<usize>; 2],
    x: &[T],
    y: &mut [T],
    begin: impl Fn(&[T], Span, &mut [T]),
    fold: impl Fn(T, T) -> T,
    end: impl Fn(Span, &mut [T]),
) {
    let (h, w, [ho, wo]) = (band.len(), g.input[1], g.output);
    let (s, d, p) = (g.stride[1], g.dilation[1], g.padding[1]);
    for plane in 0..g.planes {
        let x = &x[plane * h * w..(plane + 1) * h * w];
        for i in outputs.clone() {
            let all = g.span(0, i);
            let rows = g.within(all, &band);
            if rows.first == rows.end {
                continue;
            }
            let y = &mut y[(plane * ho + i) * wo..(plane * ho + i + 1) * wo];
            for (row, at) in g.cells(0, rows).zip(rows.first..) {
                let x = &x[(row - band.start) * w..(row - band.start + 1) * w];
                if at == all.first {
                    begin(x, all, y);
                }
                for v in 0..g.kernel[1] {
                    let places = g.outputs(1, v);
                    if places.is_empty() {
                        continue;
                    }
                    let x = &x[places.start * s + v * d - p..];
                    zip_strided(s, &mut y[places], x, &fold);
                }
            }
            if rows.end == all.end {
                end(all, y);
            }
        }
    }
}

/// y\[j\] = fold(y\[j\], x\[j · stride\]) for each y, with loops of their own for the common strides.
#[inline(always)]
fn zip_strided<T: Scalar>(stride: usize, y: &mut [T], x: &[T], fold: impl Fn(T, T) -> T) {
    match stride {
        1 => y.iter_mut().zip(x).for_each(|(y, &x)| *y = fold(*y, x)),
        2 => {
            // The last pair may lack its second number.
            let (pairs, last) = x.as_chunks::<2>();
            y.iter_mut().zip(pairs).for_each(|(y, x)| *y = fold(*y, x[0]));
            y.iter_mut().skip(pairs.len()).zip(last).for_each(|(y, &x)| *y = fold(*y, x));
        }
        _ => y.iter_mut().zip(x.iter().step_by(stride)).for_each(|(y, &x)| *y = fold(*y, x)),
    }
}

/// y = maximum of each window, the first one or the last NaN; overwrites `y`. A window without a cell on the plane
/// gives zero.
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, max_pool2d};
/// let g = Pool2dGeometry::new(1, [1, 5], [1, 3], [1, 2]).stride([1, 2]);
/// let mut y = [0; 2];
/// max_pool2d(&g, &[1, 2, 9, 4, 5], &mut y);
/// assert_eq!(y, [9, 9]); // the windows share the cell in the middle
/// ```
#[inline(always)]
pub fn max_pool2d<T: Scalar>(g: &Pool2dGeometry, x: &[T], y: &mut [T]) {
    check_lengths!(g.x_len(); x);
    check_lengths!(g.y_len(); y);
    try_tiles!(g, max_tiles(x, y));
    max_windows(g, 0..g.input[0], x, y);
}

/// [`max_pool2d`] of a band of rows: `x` has only the rows `rows` of each plane (N·C, rows, W). Bands come in order, from
/// row 0 on.
///
/// Each output grows in `y` from band to band, and is that of [`max_pool2d`], to the bit, when the last row of its window
/// was there. The first one overwrites it.
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, max_pool2d_band};
/// let g = Pool2dGeometry::new(1, [3, 2], [2, 2], [2, 1]).stride([1, 1]);
/// let mut y = [0; 2];
/// max_pool2d_band(&g, 0..1, &[9, 2], &mut y);
/// max_pool2d_band(&g, 1..3, &[3, 4, 5, 6], &mut y);
/// assert_eq!(y, [9, 6]);
/// ```
#[inline(always)]
pub fn max_pool2d_band<T: Scalar>(g: &Pool2dGeometry, rows: Range<usize>, x: &[T], y: &mut [T]) {
    check_lengths!(g.planes * rows.len() * g.input[1]; x);
    check_lengths!(g.y_len(); y);
    max_windows(g, rows, x, y);
}

/// [`max_pool2d_band`] without tiles.
#[inline(always)]
fn max_windows<T: Scalar>(g: &Pool2dGeometry, band: Range<usize>, x: &[T], y: &mut [T]) {
    if band.start == 0 {
        g.zero_outside(y);
    }
    let first_cells = |row: &[T], _: Span, y: &mut [T]| {
        for (j, y) in y.iter_mut().enumerate() {
            *y = g.cells(1, g.span(1, j)).next().map_or(T::ZERO, |column| row[column]);
        }
    };
    let fold = |max, a| if wins(a, max) { a } else { max };
    fold_windows(g, [band.clone(), g.reach(&band)], x, y, first_cells, fold, |_, _| {});
}

/// Tiles that are looked at side by side, so that compilers use vectors, in which there is no branch on which cell wins.
const SIDE: usize = if IS_SMALL { 1 } else { 4 };

/// [`max_pool2d`] of tiles.
#[inline(always)]
fn max_tiles<T: Scalar, const K: usize>(g: &Pool2dGeometry, x: &[T], y: &mut [T]) {
    if IS_SMALL {
        return for_each_row_of_tiles::<K>(g, |rows, row| {
            maxima_of_row::<T, K, false>(x.get(rows).unwrap_or_default(), y.get_mut(row).unwrap_or_default(), &mut []);
        });
    }
    for_each_maximum::<T, K>(g, x, |outputs, maxima, _| y[outputs].copy_from_slice(maxima));
}

/// [`wins`] with a branch for NaN, which is rare: one comparison instead of two.
#[inline(always)]
fn wins_over<T: Scalar>(a: T, max: T) -> bool {
    #[cold]
    #[inline(never)]
    #[allow(clippy::eq_op)]
    fn is_nan<T: Scalar>(a: T) -> bool {
        a != a
    }

    if a <= max {
        false
    } else if a > max {
        true
    } else {
        is_nan(a)
    }
}

/// The maxima of a row of tiles, K rows of x, and which cells they are: out of line, once for all shapes.
#[inline(never)]
fn maxima_of_row<T: Scalar, const K: usize, const MARKED: bool>(x: &[T], y: &mut [T], marks: &mut [u8]) {
    let mut marks = marks.iter_mut();
    let rows: [&[T]; K] = math::from_fn(|u| x.get(u * (x.len() / K)..).unwrap_or_default());
    let mut rows = rows.map(|row| row.as_chunks::<K>().0.iter());
    for y in y {
        let (mut max, mut winner) = (T::ZERO, 0);
        // Written out, also by compilers that are asked for little code.
        macro_rules! cells {
            ($($u:literal: $($v:literal)*;)*) => { $(
                if $u < K {
                    let Some(row) = rows[$u].next() else { return };
                    $(
                        if $v < K {
                            let a = row[$v];
                            if $u + $v == 0 || wins_over(a, max) {
                                max = a;
                                winner = ($u * K + $v) as u8;
                            }
                        }
                    )*
                }
            )* };
        }
        cells! { 0: 0 1 2; 1: 0 1 2; 2: 0 1 2; }
        *y = max;
        if MARKED && let Some(mark) = marks.next() {
            *mark = winner;
        }
    }
}

/// Calls `visit(outputs, their maxima, winners)` for a few tiles at a time. The last ones of a row may be visited twice.
#[inline(always)]
fn for_each_maximum<T: Scalar, const K: usize>(
    g: &Pool2dGeometry,
    x: &[T],
    mut visit: impl FnMut(Range<usize>, &[T], &[u32]),
) {
    for_each_row_of_tiles::<K>(g, |rows, row| {
        let x = tiles::<T, K>(g, &x[rows]);
        if row.len() < SIDE {
            for j in 0..row.len() {
                let (max, winner) = maxima::<T, K, 1>(x, j);
                visit(row.start + j..row.start + j + 1, &max, &winner);
            }
            return;
        }
        for j in (0..row.len()).step_by(SIDE) {
            // The last ones are moved back to end with the row.
            let j = j.min(row.len() - SIDE);
            let (max, winner) = maxima::<T, K, SIDE>(x, j);
            visit(row.start + j..row.start + j + SIDE, &max, &winner);
        }
    });
}

/// The maxima of the tiles `j..j + B`, and which cells they are.
#[inline(always)]
fn maxima<T: Scalar, const K: usize, const B: usize>(x: [&[[T; K]]; K], j: usize) -> ([T; B], [u32; B]) {
    let x = math::each(x, |x| &x[j..][..B]);
    let (mut maxima, mut winners) = (math::from_fn(|j| x[0][j][0]), [0; B]);
    for k in 0..K * K {
        for j in 0..B {
            let a = x[k / K][j][k % K];
            let wins = wins(a, maxima[j]);
            (maxima[j], winners[j]) = (if wins { a } else { maxima[j] }, if wins { k as u32 } else { winners[j] });
        }
    }
    (maxima, winners)
}

/// [`max_pool2d`], and which cell of each window is its maximum: mark = u·KW + v. Overwrites `y` and `marks`.
///
/// Windows have at most 256 cells. The maximum is the first one, or the last NaN. A window without a cell on the plane
/// has any mark, which leads to no cell of the plane.
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, max_pool2d_marked};
/// let g = Pool2dGeometry::new(1, [2, 4], [2, 2], [1, 2]);
/// let (mut y, mut marks) = ([0; 2], [0; 2]);
/// max_pool2d_marked(&g, &[1, 2, 9, 4, 5, 6, 9, 8], &mut y, &mut marks);
/// assert_eq!((y, marks), ([6, 9], [3, 0])); // in the second row on the right; the first one of two
/// ```
///
/// # Panics
/// If windows have no cells or more than 256.
#[inline(always)]
pub fn max_pool2d_marked<T: Scalar>(g: &Pool2dGeometry, x: &[T], y: &mut [T], marks: &mut [u8]) {
    g.check_marks();
    check_lengths!(g.x_len(); x);
    check_lengths!(g.y_len(); y marks);
    try_tiles!(g, max_tiles_marked(x, y, marks));
    mark_windows(g, 0..g.input[0], x, y, marks);
}

/// [`max_pool2d_band`] with the marks of [`max_pool2d_marked`], which grow in the same way.
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, max_pool2d_band_marked};
/// let g = Pool2dGeometry::new(1, [3, 2], [2, 2], [2, 1]).stride([1, 1]);
/// let (mut y, mut marks) = ([0; 2], [0; 2]);
/// max_pool2d_band_marked(&g, 0..1, &[9, 2], &mut y, &mut marks);
/// max_pool2d_band_marked(&g, 1..3, &[3, 4, 5, 6], &mut y, &mut marks);
/// assert_eq!((y, marks), ([9, 6], [0, 3]));
/// ```
///
/// # Panics
/// If windows have no cells or more than 256.
#[inline(always)]
pub fn max_pool2d_band_marked<T: Scalar>(
    g: &Pool2dGeometry,
    rows: Range<usize>,
    x: &[T],
    y: &mut [T],
    marks: &mut [u8],
) {
    g.check_marks();
    check_lengths!(g.planes * rows.len() * g.input[1]; x);
    check_lengths!(g.y_len(); y marks);
    mark_windows(g, rows, x, y, marks);
}

/// [`max_pool2d_band_marked`] without tiles.
#[inline(always)]
fn mark_windows<T: Scalar>(g: &Pool2dGeometry, band: Range<usize>, x: &[T], y: &mut [T], marks: &mut [u8]) {
    if band.start == 0 {
        g.zero_outside(y);
        marks.fill(NONE as u8);
    }
    let (h, w, [ho, wo]) = (band.len(), g.input[1], g.output);
    for plane in 0..g.planes {
        let x = &x[plane * h * w..(plane + 1) * h * w];
        for i in g.reach(&band) {
            let all = g.span(0, i);
            let rows = g.within(all, &band);
            if rows.first == rows.end {
                continue;
            }
            for j in (0..wo).step_by(BLOCK) {
                let block = j..wo.min(j + BLOCK);
                let outputs = (plane * ho + i) * wo + block.start..(plane * ho + i) * wo + block.end;
                let (y, marks) = (&mut y[outputs.clone()], &mut marks[outputs]);
                let (mut maxima, mut winners) = ([T::ZERO; BLOCK], [NONE; BLOCK]);
                if rows.first > all.first {
                    maxima.iter_mut().zip(&*y).for_each(|(max, &y)| *max = y);
                    winners.iter_mut().zip(&*marks).for_each(|(winner, &mark)| *winner = mark.into());
                }
                let mut scratch = [T::ZERO; BLOCK];
                for_each_cell(g, rows, 0..g.kernel[1], &block, |k, places, start| {
                    let cells = gather(g.stride[1], &x[start - band.start * w..], &mut scratch[..places.len()]);
                    for ((max, winner), &a) in maxima[places.clone()].iter_mut().zip(&mut winners[places]).zip(cells) {
                        let wins = wins(a, *max) | (*winner == NONE);
                        (*max, *winner) = (if wins { a } else { *max }, if wins { k as u32 } else { *winner });
                    }
                });
                y.iter_mut().zip(maxima).for_each(|(y, max)| *y = max);
                marks.iter_mut().zip(winners).for_each(|(mark, winner)| *mark = winner as u8);
            }
        }
    }
}

/// [`max_pool2d_marked`] of tiles.
#[inline(always)]
fn max_tiles_marked<T: Scalar, const K: usize>(g: &Pool2dGeometry, x: &[T], y: &mut [T], marks: &mut [u8]) {
    if IS_SMALL {
        return for_each_row_of_tiles::<K>(g, |rows, row| {
            let marks = marks.get_mut(row.clone()).unwrap_or_default();
            maxima_of_row::<T, K, true>(x.get(rows).unwrap_or_default(), y.get_mut(row).unwrap_or_default(), marks);
        });
    }
    for_each_maximum::<T, K>(g, x, |outputs, maxima, winners| {
        y[outputs.clone()].copy_from_slice(maxima);
        marks[outputs].iter_mut().zip(winners).for_each(|(mark, &winner)| *mark = winner as u8);
    });
}

/// dx = dy at the place of each window's maximum, summed where windows overlap; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, max_pool2d_backward};
/// let g = Pool2dGeometry::new(1, [1, 5], [1, 3], [1, 2]).stride([1, 2]);
/// let mut dx = [0; 5];
/// max_pool2d_backward(&g, &[1, 2, 9, 4, 5], &[10, 100], &mut dx);
/// assert_eq!(dx, [0, 0, 110, 0, 0]);
/// ```
#[inline(always)]
pub fn max_pool2d_backward<T: Scalar>(g: &Pool2dGeometry, x: &[T], dy: &[T], dx: &mut [T]) {
    check_lengths!(g.x_len(); x dx);
    check_lengths!(g.y_len(); dy);
    try_tiles!(g, max_tiles_backward(x, dy, dx));
    dx.fill(T::ZERO);
    for_each_block(g, |plane, first, i, rows, block| {
        // The maximum of each window so far, and which cell of its window it is.
        let (mut maxima, mut winners) = ([T::ZERO; BLOCK], [NONE; BLOCK]);
        let mut scratch = [T::ZERO; BLOCK];
        for_each_cell(g, rows, 0..g.kernel[1], &block, |k, places, start| {
            let cells = gather(g.stride[1], &x[plane.start + start..plane.end], &mut scratch[..places.len()]);
            for ((max, winner), &a) in maxima[places.clone()].iter_mut().zip(&mut winners[places]).zip(cells) {
                let wins = wins(a, *max) | (*winner == NONE);
                (*max, *winner) = (if wins { a } else { *max }, if wins { k as u32 } else { *winner });
            }
        });
        for (j, &winner) in block.zip(&winners).filter(|(_, winner)| **winner != NONE) {
            let (u, v) = (winner as usize / g.kernel[1], winner as usize % g.kernel[1]);
            let row = i * g.stride[0] + u * g.dilation[0] - g.padding[0];
            let column = j * g.stride[1] + v * g.dilation[1] - g.padding[1];
            dx[plane.start + row * g.input[1] + column] += dy[first + j];
        }
    });
}

/// [`max_pool2d_backward`] of tiles. Which cell wins no branch predictor foresees, so there is no branch on it.
#[inline(always)]
fn max_tiles_backward<T: Scalar, const K: usize>(g: &Pool2dGeometry, x: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for_each_row_of_tiles::<K>(g, |rows, row| {
        let x = tiles::<T, K>(g, &x[rows.clone()]);
        let (dy, dx) = (&dy[row], &mut dx[rows]);
        if dy.len() < BLOCK / 2 {
            // A short row: tile by tile. No predictor would foresee which cell wins, so it is chosen without a branch.
            for (j, &dy) in dy.iter().enumerate() {
                let (mut max, mut winner) = (x[0][j][0], 0);
                for (u, v) in (1..K * K).map(|k| (k / K, k % K)) {
                    let a = x[u][j][v];
                    let wins = wins(a, max);
                    max = select_unpredictable(wins, a, max);
                    winner = select_unpredictable(wins, u * g.input[1] + v, winner);
                }
                dx[j * K + winner] = dy;
            }
            return;
        }
        for first in (0..dy.len()).step_by(BLOCK) {
            let block = first..dy.len().min(first + BLOCK);
            // The maximum of each tile so far, and its distance from the tile's first cell.
            let (mut maxima, mut winners) = ([T::ZERO; BLOCK], [0; BLOCK]);
            for (u, v) in (0..K * K).map(|k| (k / K, k % K)) {
                let distance = (u * g.input[1] + v) as u32;
                for ((max, winner), tile) in maxima.iter_mut().zip(&mut winners).zip(&x[u][block.clone()]) {
                    let wins = wins(tile[v], *max) | (distance == 0);
                    (*max, *winner) = (if wins { tile[v] } else { *max }, if wins { distance } else { *winner });
                }
            }
            for ((j, &dy), winner) in block.clone().zip(&dy[block]).zip(winners) {
                dx[j * K + winner as usize] = dy;
            }
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

/// sum / count, and zero where there is nothing to count.
#[inline(always)]
pub(super) fn quotient<T: Scalar + FromPrimitive>(sum: T, count: usize) -> T {
    match T::from_usize(count) {
        Some(count) if count != T::ZERO => sum / count,
        _ => T::ZERO,
    }
}

/// An integer of up to 64 bits as one with room for many of them; `None` for other types.
#[inline(always)]
pub(super) fn widened<T: Scalar>(a: T) -> Option<i128> {
    macro_rules! one_of {
        ($($integer:ty)*) => { $(
            if let Some(&a) = (&a as &dyn Any).downcast_ref::<$integer>() {
                return Some(a as i128);
            }
        )* };
    }
    one_of!(i8 u8 i16 u16 i32 u32 i64 u64 isize usize);
    None
}

/// The mean of integers, whose sum is one of 64 or 128 bits; `None` for other types.
#[inline(always)]
pub(super) fn integer_mean<T: Scalar + FromPrimitive>(terms: impl Iterator<Item = T>, count: usize) -> Option<T> {
    widened(T::ZERO)?;
    let terms = terms.filter_map(widened);
    match (count, size_of::<T>()) {
        (0, _) => Some(T::ZERO),
        (_, ..=4) => T::from_i64(terms.fold(0, |sum, a| sum + a as i64) / count as i64),
        _ => T::from_i128(terms.sum::<i128>() / count as i128),
    }
}

/// More terms than this are summed in blocks.
const FEW: usize = 64;

/// The mean of `count` elements, of which some rows (the others are zeros), each `step` apart in a row.
#[inline(always)]
fn mean_of_rows<'a, T: Scalar + FromPrimitive>(
    rows: impl Iterator<Item = &'a [T]> + Clone,
    step: usize,
    count: usize,
) -> T {
    integer_mean(rows.clone().flat_map(|row| row.iter().step_by(step).copied()), count).unwrap_or_else(|| {
        let sum = math::sum(rows.map(|row| match step {
            1 => math::sum_of([row], |[a]| a),
            _ => math::sum(row.iter().step_by(step).copied()),
        }));
        quotient(sum, count)
    })
}

/// y = mean of each window; overwrites `y`. A window without a cell gives zero.
///
/// `count_include_pad`: cells of the padding count as zeros; otherwise they do not count.
///
/// The primitive integers of up to 64 bits are summed in wider ones, and the quotient is rounded towards zero. Windows
/// of more than 64 cells are summed in blocks ([`math::sum`]).
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, avg_pool2d};
/// let g = Pool2dGeometry::new(1, [1, 4], [1, 2], [1, 3]).padding([0, 1]);
/// let mut y = [0.0; 3];
/// avg_pool2d(&g, true, &[8.0, 2.0, 4.0, 6.0], &mut y);
/// assert_eq!(y, [4.0, 3.0, 3.0]);
/// avg_pool2d(&g, false, &[8.0, 2.0, 4.0, 6.0], &mut y);
/// assert_eq!(y, [8.0, 3.0, 6.0]);
/// ```
#[inline(always)]
pub fn avg_pool2d<T: Scalar + FromPrimitive>(g: &Pool2dGeometry, count_include_pad: bool, x: &[T], y: &mut [T]) {
    check_lengths!(g.x_len(); x);
    check_lengths!(g.y_len(); y);
    try_tiles!(g, avg_tiles(x, y));
    g.zero_outside(y);
    avg_rows(g, count_include_pad, 0..g.input[0], 0..g.output[0], x, y);
}

/// [`avg_pool2d`] of the windows that end with a band of rows: `x` has only the rows `rows` of each plane (N·C, rows, W),
/// among them all of these windows. The other outputs are left as they are, and windows without a row of the plane are
/// zero once the band has row 0.
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, avg_pool2d_band};
/// // Windows of 2×2 cells, one row apart: the second one has the rows 1 and 2.
/// let g = Pool2dGeometry::new(1, [3, 2], [2, 2], [2, 1]).stride([1, 1]);
/// let mut y = [0.0; 2];
/// avg_pool2d_band(&g, true, 1..3, &[3.0, 4.0, 5.0, 6.0], &mut y);
/// assert_eq!(y, [0.0, 4.5]);
/// ```
///
/// # Panics
/// If a row of a window that ends with the band is not there.
#[inline(always)]
pub fn avg_pool2d_band<T: Scalar + FromPrimitive>(
    g: &Pool2dGeometry,
    count_include_pad: bool,
    rows: Range<usize>,
    x: &[T],
    y: &mut [T],
) {
    check_lengths!(g.planes * rows.len() * g.input[1]; x);
    check_lengths!(g.y_len(); y);
    if rows.start == 0 {
        g.zero_outside(y);
    }
    let Some(last) = rows.end.checked_sub(1) else { return };
    for i in g.reach(&(last..rows.end)) {
        if g.cells(0, g.span(0, i)).last() == Some(last) {
            avg_rows(g, count_include_pad, rows.clone(), i..i + 1, x, y);
        }
    }
}

/// The rows of outputs `outputs`, without tiles; the band has all rows of their windows.
#[inline(always)]
fn avg_rows<T: Scalar + FromPrimitive>(
    g: &Pool2dGeometry,
    count_include_pad: bool,
    band: Range<usize>,
    outputs: Range<usize>,
    x: &[T],
    y: &mut [T],
) {
    if g.kernel[0] * g.kernel[1] > FEW || widened(T::ZERO).is_some() {
        return avg_windows(g, count_include_pad, band, outputs, x, y);
    }
    let divide = |rows: Span, y: &mut [T]| {
        for (j, y) in y.iter_mut().enumerate() {
            *y = quotient(*y, divisor(g, count_include_pad, rows, g.span(1, j)));
        }
    };
    fold_windows(g, [band, outputs], x, y, |_, _, y| y.fill(T::ZERO), |sum, a| sum + a, divide);
}

/// Window by window. Out of line: beside it the loops for small windows would take longer.
#[inline(never)]
fn avg_windows<T: Scalar + FromPrimitive>(
    g: &Pool2dGeometry,
    count_include_pad: bool,
    band: Range<usize>,
    outputs: Range<usize>,
    x: &[T],
    y: &mut [T],
) {
    let (h, w, [ho, wo]) = (band.len(), g.input[1], g.output);
    for plane in 0..g.planes {
        let x = &x[plane * h * w..(plane + 1) * h * w];
        for (i, j) in outputs.clone().flat_map(|i| (0..wo).map(move |j| (i, j))) {
            let (rows, columns) = (g.span(0, i), g.span(1, j));
            let cells = g.cells(1, columns);
            y[(plane * ho + i) * wo + j] = match (cells.clone().next(), cells.last()) {
                (Some(first), Some(last)) => {
                    let row = |row: usize| &x[(row - band.start) * w..][first..=last];
                    let count = divisor(g, count_include_pad, rows, columns);
                    // Whole rows, one after the other, are one row.
                    match (g.cells(0, rows).next(), g.cells(0, rows).last()) {
                        (Some(top), Some(bottom)) if (first, last + 1) == (0, w) && g.dilation == [1, 1] => {
                            let x = &x[(top - band.start) * w..(bottom + 1 - band.start) * w];
                            mean_of_rows(iter::once(x), 1, count)
                        }
                        _ => mean_of_rows(g.cells(0, rows).map(row), g.dilation[1], count),
                    }
                }
                _ => T::ZERO,
            };
        }
    }
}

/// [`avg_pool2d`] of tiles.
#[inline(always)]
fn avg_tiles<T: Scalar + FromPrimitive, const K: usize>(g: &Pool2dGeometry, x: &[T], y: &mut [T]) {
    for_each_row_of_tiles::<K>(g, |rows, row| {
        let x = tiles::<T, K>(g, &x[rows]);
        for (j, y) in y[row].iter_mut().enumerate() {
            let cells = x.iter().flat_map(|x| x[j]);
            *y = integer_mean(cells, K * K).unwrap_or_else(|| {
                quotient(x.iter().fold(T::ZERO, |sum, x| x[j].iter().fold(sum, |sum, &a| sum + a)), K * K)
            });
        }
    });
}

/// dx = dy / count on each cell of a window, summed where windows overlap; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{Pool2dGeometry, avg_pool2d_backward};
/// let g = Pool2dGeometry::new(1, [1, 4], [1, 2], [1, 3]).padding([0, 1]);
/// let mut dx = [0.0; 4];
/// avg_pool2d_backward(&g, true, &[10.0, 20.0, 30.0], &mut dx);
/// assert_eq!(dx, [5.0, 10.0, 10.0, 15.0]);
/// avg_pool2d_backward(&g, false, &[10.0, 20.0, 30.0], &mut dx);
/// assert_eq!(dx, [10.0, 10.0, 10.0, 30.0]);
/// ```
#[inline(always)]
pub fn avg_pool2d_backward<T: Scalar + FromPrimitive>(
    g: &Pool2dGeometry,
    count_include_pad: bool,
    dy: &[T],
    dx: &mut [T],
) {
    check_lengths!(g.x_len(); dx);
    check_lengths!(g.y_len(); dy);
    try_tiles!(g, avg_tiles_backward(dy, dx));
    if g.is_covered() {
        return avg_covering_backward(g, dy, dx);
    }
    dx.fill(T::ZERO);
    for_each_block(g, |plane, first, _, rows, block| {
        let mut shares = [T::ZERO; BLOCK];
        for (share, j) in shares.iter_mut().zip(block.clone()) {
            *share = quotient(dy[first + j], divisor(g, count_include_pad, rows, g.span(1, j)));
        }
        // Columns backwards: a cell of the plane meets its windows in their order.
        for_each_cell(g, rows, (0..g.kernel[1]).rev(), &block, |_, places, start| {
            let dx = dx[plane.start + start..plane.end].iter_mut();
            match g.stride[1] {
                1 => dx.zip(&shares[places]).for_each(|(dx, &share)| *dx += share),
                s => dx.step_by(s).zip(&shares[places]).for_each(|(dx, &share)| *dx += share),
            }
        });
    });
}

/// [`avg_pool2d_backward`] of windows that are side by side and cover the planes.
#[inline(always)]
fn avg_covering_backward<T: Scalar + FromPrimitive>(g: &Pool2dGeometry, dy: &[T], dx: &mut [T]) {
    let [kh, kw] = g.kernel;
    for (dx, dy) in dx.chunks_exact_mut(kh * g.input[1]).zip(dy.chunks_exact(g.output[1])) {
        for (j, &dy) in dy.iter().enumerate() {
            let share = quotient(dy, kh * kw);
            dx.chunks_exact_mut(g.input[1]).for_each(|dx| dx[j * kw..(j + 1) * kw].fill(share));
        }
    }
}

/// [`avg_pool2d_backward`] of tiles.
#[inline(always)]
fn avg_tiles_backward<T: Scalar + FromPrimitive, const K: usize>(g: &Pool2dGeometry, dy: &[T], dx: &mut [T]) {
    zero_beyond_tiles::<T, K>(g, dx);
    for_each_row_of_tiles::<K>(g, |rows, row| {
        for dx in dx[rows].chunks_exact_mut(g.input[1]) {
            for (dx, &dy) in dx.as_chunks_mut::<K>().0.iter_mut().zip(&dy[row.clone()]) {
                *dx = [quotient(dy, K * K); K];
            }
        }
    });
}

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
    fn runs(&self) -> impl Iterator<Item = Range<usize>> + Clone {
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
/// let g = AdaptivePool2dGeometry::new(1, [1, 3], [1, 2]);
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
/// let g = AdaptivePool2dGeometry::new(1, [1, 3], [1, 2]);
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

/// y = mean of each bin; overwrites `y`. An empty plane gives zeros. Sums as in [`avg_pool2d`].
///
/// ```
/// use constconv::kernel::{AdaptivePool2dGeometry, adaptive_avg_pool2d};
/// let g = AdaptivePool2dGeometry::new(1, [1, 3], [1, 2]);
/// let mut y = [0.0; 2];
/// adaptive_avg_pool2d(&g, &[1.0, 7.0, 4.0], &mut y);
/// assert_eq!(y, [4.0, 5.5]);
/// ```
pub fn adaptive_avg_pool2d<T: Scalar + FromPrimitive>(g: &AdaptivePool2dGeometry, x: &[T], y: &mut [T]) {
    check_lengths!(g.x_len(); x);
    check_lengths!(g.y_len(); y);
    for_each_bin(g, |o, bin| {
        y[o] = mean_of_rows(bin.runs().map(|run| &x[run]), 1, bin.count());
    });
}

/// dx = dy / count on each cell of a bin, summed where bins overlap; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{AdaptivePool2dGeometry, adaptive_avg_pool2d_backward};
/// let g = AdaptivePool2dGeometry::new(1, [1, 3], [1, 2]);
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
