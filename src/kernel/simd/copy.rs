//! From the tensors' layout to the microkernels': padded planes and transposes.

use super::{Element, MAX_LANES, Simd};

/// Transposes one block: vector `c` of the result, at `to + c·to_stride`, holds element `c` of each row in its lanes.
///
/// Rows from `rows` on and columns outside of `columns` count as zero; vectors `0..columns.1` are stored.
///
/// # Safety
/// `rows` and `columns` are at most LANES, columns `columns.0..columns.1` of each row are readable, and LANES elements are
/// writable at each stored vector.
#[inline(always)]
pub(super) unsafe fn transpose<T: Element, S: Simd<T>>(
    s: S,
    rows: usize,
    row: impl Fn(usize) -> *const T,
    columns: (usize, usize),
    to: *mut T,
    to_stride: usize,
) {
    let mut block = [s.zero(); MAX_LANES];
    // SAFETY: the caller vouches for the rows and for the vectors of the result.
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
    exchange_all::<1, T, S>(s, &mut block);
    exchange_all::<2, T, S>(s, &mut block);
    exchange_all::<4, T, S>(s, &mut block);
    exchange_all::<8, T, S>(s, &mut block);
    for c in 0..S::LANES {
        if c < columns.1 {
            // SAFETY: the caller vouches for the vectors of the result.
            unsafe { s.store(to.add(c * to_stride), block[c]) };
        }
    }
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

/// What a copy takes along one axis: cell `i` of phase `a` is the source cell `first + i·step + a`.
///
/// Source cells outside of `0..source` read as zero. With step 1 there is one phase. With a larger step neighbouring
/// output positions read neighbouring cells of one phase, so that they are contiguous.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) source: usize,
    pub(super) first: isize,
    pub(super) step: usize,
    pub(super) phases: usize,
    pub(super) cells: usize,
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
    pub(super) fn len(&self) -> usize {
        self.phases * self.cells
    }
}

/// Copies `channels` planes to `to`, laid out \[channel\]\[row phase\]\[column phase\]\[row cell\]\[column cell\], padded with zeros.
///
/// # Safety
/// `from` holds the channels, `rows.source·columns.source` elements each. `to` has room for the copy and one vector more
/// (rows are stored as whole vectors, in ascending order, so that only the last one leaves anything behind its end).
#[inline(always)]
pub(super) unsafe fn copy_planes<T: Element, S: Simd<T>>(
    s: S,
    from: *const T,
    channels: usize,
    rows: &Range,
    columns: &Range,
    to: *mut T,
) {
    let plane = rows.cells * columns.cells;
    let (column_from, column_end, column_base) =
        Range { cells: columns.cells * columns.step, step: 1, ..*columns }.inside(0);
    for channel in 0..channels {
        let from = from.wrapping_add(channel * rows.source * columns.source);
        for row_phase in 0..rows.phases {
            let (row_from, row_to, row_base) = rows.inside(row_phase);
            let to = to.wrapping_add((channel * rows.phases + row_phase) * columns.phases * plane);
            if columns.step == 1 && columns.cells <= S::LANES {
                // One vector per row, of which the same part is inside in all rows.
                let cells = from.wrapping_offset(row_base * columns.source as isize + column_base);
                for i in 0..rows.cells {
                    // SAFETY: only cells inside of the source are read; the caller vouches for the copy.
                    unsafe {
                        let row = if i >= row_from && i < row_to {
                            s.load_part(cells.wrapping_add(i * rows.step * columns.source), column_from, column_end)
                        } else {
                            s.zero()
                        };
                        s.store(to.add(i * columns.cells), row);
                    }
                }
                continue;
            }
            for i in 0..rows.cells {
                let row = row_base + (i * rows.step) as isize;
                let cells = from.wrapping_offset(row * columns.source as isize + column_base);
                let (from, end) = if i >= row_from && i < row_to { (column_from, column_end) } else { (0, 0) };
                let (to, left) = (to.wrapping_add(i * columns.cells), plane - i * columns.cells);
                // SAFETY: only cells inside of the source are read; the caller vouches for the copy.
                unsafe {
                    match columns.step {
                        1 => copy_row(s, cells, from, end, columns.cells, to),
                        2 => copy_phases::<2, T, S>(s, cells, from, end, columns, to, plane, left),
                        4 => copy_phases::<4, T, S>(s, cells, from, end, columns, to, plane, left),
                        step => {
                            for phase in 0..columns.phases {
                                for j in 0..columns.cells {
                                    let at = j * step + phase;
                                    let is_inside = at >= from && at < end;
                                    let cell = if is_inside { *cells.wrapping_add(at) } else { T::ZERO };
                                    *to.add(phase * plane + j) = cell;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Copies elements `from..end` to their place in `to[0..len]`, with zeros around them.
///
/// # Safety
/// The elements `from..end` at `cells` are readable; `len` elements, rounded up to whole vectors, are writable.
#[inline(always)]
unsafe fn copy_row<T: Element, S: Simd<T>>(s: S, cells: *const T, from: usize, end: usize, len: usize, to: *mut T) {
    let mut j = 0;
    while j < len {
        // SAFETY: as for the function.
        unsafe {
            let cells = cells.wrapping_add(j);
            let (from, end) = (from.saturating_sub(j).min(S::LANES), end.saturating_sub(j).min(S::LANES));
            let part = if (from, end) == (0, S::LANES) { s.load(cells) } else { s.load_part(cells, from, end) };
            s.store(to.add(j), part);
        }
        j += S::LANES;
    }
}

/// As [`copy_row`], for one row of each phase; STEP is 2 or 4. Phases are `plane` apart, and of each only the next `left`
/// elements are written, because what follows belongs to the next phase.
///
/// # Safety
/// The elements `from..end` at `cells` are readable, and `left` elements of each phase are writable.
#[inline(always)]
unsafe fn copy_phases<const STEP: usize, T: Element, S: Simd<T>>(
    s: S,
    cells: *const T,
    from: usize,
    end: usize,
    columns: &Range,
    to: *mut T,
    plane: usize,
    left: usize,
) {
    let part = |at: usize| {
        let (from, end) = (from.saturating_sub(at).min(S::LANES), end.saturating_sub(at).min(S::LANES));
        // SAFETY: as for the function.
        unsafe { s.load_part(cells.wrapping_add(at), from, end) }
    };
    let mut j = 0;
    while j < columns.cells {
        let at = STEP * j;
        let (even, odd) = s.unzip(part(at), part(at + S::LANES));
        let phases = if STEP == 2 {
            [even, odd, even, odd]
        } else {
            let (next_even, next_odd) = s.unzip(part(at + 2 * S::LANES), part(at + 3 * S::LANES));
            let ((first, third), (second, fourth)) = (s.unzip(even, next_even), s.unzip(odd, next_odd));
            [first, second, third, fourth]
        };
        for phase in 0..STEP {
            if phase < columns.phases {
                let to = to.wrapping_add(phase * plane + j);
                // SAFETY: as for the function.
                unsafe {
                    if left - j >= S::LANES {
                        s.store(to, phases[phase]);
                    } else {
                        s.store_part(to, left - j, phases[phase]);
                    }
                }
            }
        }
        j += S::LANES;
    }
}

/// Copies a window of `channels` planes to `to`, laid out \[row\]\[column\]\[channel\], padded with zeros. One phase only.
///
/// # Safety
/// As for [`copy_planes`].
#[inline(always)]
pub(super) unsafe fn copy_pixels<T: Element, S: Simd<T>>(
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
    // Whole rows without padding are contiguous: copy them as one.
    let is_dense = columns.cells == columns.source && (row_from, row_to, column_from) == (0, rows.cells, 0);
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
