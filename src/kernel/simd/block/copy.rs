//! From the tensors' layout to the microkernels': padded planes and transposes.

use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::{Element, Job, Simd, each, from_fn};

/// Transposes one block: vector `c` of the result, at `to + c·to_stride`, holds element `c` of each row in its lanes.
///
/// Rows from `rows` on and columns outside of `columns` count as zero; vectors `0..columns.1` are stored.
///
/// # Safety
/// `rows` and `columns` are at most LANES, columns `columns.0..columns.1` of each row are readable, and LANES elements
/// are writable at each stored vector.
#[inline(always)]
pub(crate) unsafe fn transpose<T: Element, S: Simd<T>>(
    s: S,
    rows: usize,
    row: impl Fn(usize) -> *const T,
    columns: (usize, usize),
    to: *mut T,
    to_stride: usize,
) {
    // SAFETY: the caller vouches for the rows and for the vectors of the result.
    unsafe { transpose_to(s, rows, row, columns, |c| to.wrapping_add(c * to_stride)) };
}

/// The same with vector `c` of the result at `to(c)`.
///
/// # Safety
/// As for [`transpose`].
#[inline(always)]
pub(crate) unsafe fn transpose_to<T: Element, S: Simd<T>>(
    s: S,
    rows: usize,
    row: impl Fn(usize) -> *const T,
    columns: (usize, usize),
    to: impl Fn(usize) -> *mut T,
) {
    // SAFETY: the caller vouches for the rows.
    let block = unsafe { transposed(s, rows, row, columns) };
    for c in 0..S::LANES {
        if c < columns.1 {
            // SAFETY: the caller vouches for the vectors of the result.
            unsafe { s.store(to(c), block[c]) };
        }
    }
}

/// As [`transpose`], in registers.
///
/// # Safety
/// `rows` and `columns` are at most LANES, and columns `columns.0..columns.1` of each row are readable.
#[inline(always)]
pub(crate) unsafe fn transposed<T: Element, S: Simd<T>>(
    s: S,
    rows: usize,
    row: impl Fn(usize) -> *const T,
    columns: (usize, usize),
) -> [S::Vector; MAX_LANES] {
    let mut block = [s.zero(); MAX_LANES];
    // SAFETY: the caller vouches for the rows.
    unsafe {
        if rows == S::LANES && columns == (0, S::LANES) {
            for r in 0..S::LANES {
                block[r] = s.load(row(r));
            }
        } else {
            for r in 0..S::LANES {
                if r < rows {
                    block[r] = s.load_part(row(r), columns.0, columns.1);
                }
            }
        }
    }
    transpose_block(s, &mut block);
    block
}

/// Transposes LANES vectors.
#[inline(always)]
pub(crate) fn transpose_block<T: Element, S: Simd<T>>(s: S, block: &mut [S::Vector; MAX_LANES]) {
    exchange_all::<1, T, S>(s, block);
    exchange_all::<2, T, S>(s, block);
    exchange_all::<4, T, S>(s, block);
    exchange_all::<8, T, S>(s, block);
}

/// Exchanges pieces of SIZE lanes between the rows that are SIZE apart: one of log₂ LANES stages of a transpose.
#[inline(always)]
fn exchange_all<const SIZE: usize, T: Element, S: Simd<T>>(s: S, block: &mut [S::Vector; MAX_LANES]) {
    if SIZE < S::LANES {
        for r in 0..S::LANES {
            if r & SIZE == 0 {
                (block[r], block[r + SIZE]) = s.exchange::<SIZE>(block[r], block[r + SIZE]);
            }
        }
    }
}

/// The sums of the lanes of LANES vectors, one in each lane.
///
/// # Safety
/// The vectors are readable.
#[inline(always)]
pub(crate) unsafe fn sum_vectors<T: Element, S: Simd<T>>(s: S, from: *const T) -> S::Vector {
    let mut block = [s.zero(); MAX_LANES];
    for r in 0..S::LANES {
        // SAFETY: the caller vouches for the vectors.
        block[r] = unsafe { s.load(from.add(r * S::LANES)) };
    }
    sum_pairs::<1, T, S>(s, &mut block);
    sum_pairs::<2, T, S>(s, &mut block);
    sum_pairs::<4, T, S>(s, &mut block);
    sum_pairs::<8, T, S>(s, &mut block);
    block[0]
}

/// Adds up pairs of pieces of SIZE lanes, of every other pair of rows that are SIZE apart: a transpose that sums.
#[inline(always)]
fn sum_pairs<const SIZE: usize, T: Element, S: Simd<T>>(s: S, block: &mut [S::Vector; MAX_LANES]) {
    if SIZE < S::LANES {
        for r in (0..S::LANES).step_by(2 * SIZE) {
            let (even, odd) = s.exchange::<SIZE>(block[r], block[r + SIZE]);
            block[r] = s.add(even, odd);
        }
    }
}

/// What a copy takes along one axis: cell `i` of phase `a` is the source cell `first + i·step + a`.
///
/// Source cells outside of `0..source` read as zero. With step 1 there is one phase. With a larger step neighbouring
/// output positions read neighbouring cells of one phase, so that they are contiguous.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) source: usize,
    pub(crate) first: isize,
    pub(crate) step: usize,
    pub(crate) phases: usize,
    pub(crate) cells: usize,
}

impl Range {
    /// The cells of one phase that lie inside of the source, and the source cell under cell 0.
    #[inline(always)]
    fn inside(&self, phase: usize) -> (usize, usize, isize) {
        let base = self.first + phase as isize;
        if self.step == 1 {
            let from = (-base).clamp(0, self.cells as isize) as usize;
            let to = (self.source as isize - base).clamp(from as isize, self.cells as isize) as usize;
            return (from, to, base);
        }
        let cell_at = |source: isize| (source - base + self.step as isize - 1).div_euclid(self.step as isize);
        let from = cell_at(0).clamp(0, self.cells as isize) as usize;
        let to = cell_at(self.source as isize).clamp(from as isize, self.cells as isize) as usize;
        (from, to, base)
    }

    /// Cells of all phases.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.phases * self.cells
    }
}

/// Copies `channels` planes to `to`, laid out \[channel\]\[row phase\]\[column phase\]\[row cell\]\[column cell\],
/// padded with zeros. Compiled once for those that call it.
///
/// # Safety
/// `from` holds the channels, `rows.source·columns.source` elements each. `to` has room for the copy and one vector
/// more.
#[inline(always)]
pub(crate) unsafe fn copy_planes<T: Element, S: Simd<T>>(
    s: S,
    from: *const T,
    channels: usize,
    rows: &Range,
    columns: &Range,
    to: *mut T,
) {
    s.call(CopyPlanes { from, channels, rows, columns, to });
}

/// [`copy_planes`] without a call, which would delay those that copy one small plane at a time.
///
/// # Safety
/// As for [`copy_planes`].
#[inline(always)]
pub(crate) unsafe fn copy_planes_here<T: Element, S: Simd<T>>(
    s: S,
    from: *const T,
    channels: usize,
    rows: &Range,
    columns: &Range,
    to: *mut T,
) {
    CopyPlanes { from, channels, rows, columns, to }.run(s);
}

/// The arguments of [`copy_planes`], which vouches for them.
struct CopyPlanes<'a, T> {
    from: *const T,
    channels: usize,
    rows: &'a Range,
    columns: &'a Range,
    to: *mut T,
}

impl<T: Element, S: Simd<T>> Job<S> for CopyPlanes<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let CopyPlanes { from, channels, rows, columns, to } = self;
        let plane = rows.cells * columns.cells;
        let (column_from, column_end, column_base) =
            Range { cells: columns.cells * columns.step, step: 1, ..*columns }.inside(0);
        for channel in 0..channels {
            let from = from.wrapping_add(channel * rows.source * columns.source);
            for row_phase in 0..rows.phases {
                let (row_from, row_to, row_base) = rows.inside(row_phase);
                let to = to.wrapping_add((channel * rows.phases + row_phase) * columns.phases * plane);
                let from = from.wrapping_offset(row_base * columns.source as isize + column_base);
                let lines = Lines {
                    from,
                    distance: rows.step * columns.source,
                    inside: (row_from, row_to),
                    to,
                    cells: (column_from, column_end),
                    rows,
                    columns,
                };
                // SAFETY: only cells inside of the source are read; the caller vouches for the copy.
                unsafe {
                    match columns.step {
                        1 => lines.copy(s),
                        2 => lines.copy_phases::<2, S>(s),
                        4 => lines.copy_phases::<4, S>(s),
                        _ => lines.copy_cells(),
                    }
                }
            }
        }
    }
}

/// The rows of one phase of a plane.
struct Lines<'a, T> {
    /// The source under cell 0 of the copy's first row, and the elements to the next one.
    from: *const T,
    distance: usize,
    /// The rows that lie inside of the source, and the cells of them: as in `from`, without phases.
    inside: (usize, usize),
    cells: (usize, usize),
    to: *mut T,
    rows: &'a Range,
    columns: &'a Range,
}

impl<T: Element> Lines<'_, T> {
    /// The lanes of a vector from cell `at` on that lie inside of the source.
    #[inline(always)]
    fn lanes(&self, at: usize, lanes: usize) -> (usize, usize) {
        (self.cells.0.saturating_sub(at).min(lanes), self.cells.1.saturating_sub(at).min(lanes))
    }

    /// The rows above, inside and below of the source.
    #[inline(always)]
    fn parts(&self) -> [(usize, usize, bool); 3] {
        let (from, end) = self.inside;
        [(0, from, false), (from, end, true), (end, self.rows.cells, false)]
    }

    /// Without step.
    ///
    /// # Safety
    /// The cells inside are readable; the rows and one vector more are writable.
    #[inline(always)]
    unsafe fn copy<S: Simd<T>>(&self, s: S) {
        let len = self.columns.cells;
        // The last vector of a row runs over into the next row, so it goes first.
        for j in (0..len).step_by(S::LANES).rev() {
            let (from, end) = self.lanes(j, S::LANES);
            for (top, bottom, is_inside) in self.parts() {
                let mut cells = self.from.wrapping_add(top * self.distance + j);
                let mut to = self.to.wrapping_add(top * len + j);
                for _ in top..bottom {
                    // SAFETY: as for the function.
                    unsafe { s.store(to, if is_inside { s.load_part(cells, from, end) } else { s.zero() }) };
                    (cells, to) = (cells.wrapping_add(self.distance), to.wrapping_add(len));
                }
            }
        }
    }

    /// With a step of STEP, which is 2 or 4.
    ///
    /// # Safety
    /// The cells inside are readable; the rows of all phases are writable.
    #[inline(always)]
    unsafe fn copy_phases<const STEP: usize, S: Simd<T>>(&self, s: S) {
        let (len, plane) = (self.columns.cells, self.rows.cells * self.columns.cells);
        for j in (0..len).step_by(S::LANES).rev() {
            let at: [_; 4] = from_fn(|i| STEP * j + i * S::LANES);
            let lanes = each(at, |at| self.lanes(at, S::LANES));
            for (top, bottom, is_inside) in self.parts() {
                let mut cells = self.from.wrapping_add(top * self.distance);
                let mut to = self.to.wrapping_add(top * len + j);
                for i in top..bottom {
                    let mut phases = [s.zero(); 4];
                    if is_inside {
                        // SAFETY: as for the function.
                        let part = |i: usize| unsafe { s.load_part(cells.wrapping_add(at[i]), lanes[i].0, lanes[i].1) };
                        let (even, odd) = s.unzip(part(0), part(1));
                        phases = if STEP == 2 {
                            [even, odd, even, odd]
                        } else {
                            let (next_even, next_odd) = s.unzip(part(2), part(3));
                            let ((first, third), (second, fourth)) = (s.unzip(even, next_even), s.unzip(odd, next_odd));
                            [first, second, third, fourth]
                        };
                    }
                    for phase in 0..STEP {
                        if phase < self.columns.phases {
                            let to = to.wrapping_add(phase * plane);
                            // What follows a phase belongs to the next one.
                            let left = plane - i * len - j;
                            // SAFETY: as for the function.
                            unsafe {
                                if len % S::LANES == 0 || left >= S::LANES {
                                    s.store(to, phases[phase]);
                                } else {
                                    s.store_part(to, left, phases[phase]);
                                }
                            }
                        }
                    }
                    (cells, to) = (cells.wrapping_add(self.distance), to.wrapping_add(len));
                }
            }
        }
    }

    /// With any step, cell by cell.
    ///
    /// # Safety
    /// As for `copy_phases`.
    #[inline(always)]
    unsafe fn copy_cells(&self) {
        let (len, plane) = (self.columns.cells, self.rows.cells * self.columns.cells);
        for i in 0..self.rows.cells {
            let (cells, to) = (self.from.wrapping_add(i * self.distance), self.to.wrapping_add(i * len));
            let (from, end) = if i >= self.inside.0 && i < self.inside.1 { self.cells } else { (0, 0) };
            for phase in 0..self.columns.phases {
                for j in 0..len {
                    let at = j * self.columns.step + phase;
                    let is_inside = at >= from && at < end;
                    // SAFETY: as for the function.
                    unsafe {
                        let cell = if is_inside { *cells.wrapping_add(at) } else { T::ZERO };
                        *to.add(phase * plane + j) = cell;
                    }
                }
            }
        }
    }
}

/// Copies a window of `channels` planes to `to`, laid out \[row\]\[column\]\[channel\], padded with zeros. One phase
/// only.
///
/// # Safety
/// As for [`copy_planes`].
#[inline(always)]
pub(crate) unsafe fn copy_pixels<T: Element, S: Simd<T>>(
    s: S,
    from: *const T,
    channels: usize,
    rows: &Range,
    columns: &Range,
    to: *mut T,
) {
    let plane = rows.source * columns.source;
    let (row_from, row_to, row_base) = rows.inside(0);
    let (column_from, column_to, column_base) = columns.inside(0);
    // Whole rows without padding are contiguous: copy them as one. A band of so many cells that begins elsewhere is not a
    // whole row: it ends in the padding.
    let is_whole = (columns.first, columns.cells) == (0, columns.source);
    let is_dense = is_whole && (row_from, row_to) == (0, rows.cells);
    let (row_count, width) = if is_dense { (1, rows.cells * columns.cells) } else { (rows.cells, columns.cells) };
    let column_to = if is_dense { width } else { column_to };
    for i in 0..row_count {
        let to = to.wrapping_add(i * width * channels);
        let row = from.wrapping_offset((row_base + i as isize) * columns.source as isize + column_base);
        let (first, end) = if i >= row_from && i < row_to { (column_from, column_to) } else { (0, 0) };
        // The last block of channels overruns into the next pixel, so it goes first.
        for block in (0..channels.div_ceil(S::LANES)).rev() {
            let channel = block * S::LANES;
            let count = S::LANES.min(channels - channel);
            let row = row.wrapping_add(channel * plane);
            let mut j = 0;
            while j < width {
                let here = S::LANES.min(width - j);
                let inside = (first.saturating_sub(j).min(here), end.saturating_sub(j).min(here));
                let to = to.wrapping_add(j * channels + channel);
                let row = row.wrapping_add(j);
                // SAFETY: only cells inside of the source are read; the caller vouches for the copy.
                unsafe {
                    transpose(s, count, |r| row.wrapping_add(r * plane), inside, to, channels);
                    for c in inside.1..here {
                        s.store(to.add(c * channels), s.zero());
                    }
                }
                j += S::LANES;
            }
        }
    }
}
