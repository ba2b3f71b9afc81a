//! Forward and dx: both are correlations of a padded source with filters.
//!
//! ```text
//! for each block of output channels m, block of input channels k:
//!     pack the weights w[m, k, taps]
//!     for each image, band of output rows:
//!         copy the band of the source, padded
//!         for each tile of the output:
//!             tile: sums over k and taps
//!             y = bias + sums  (later blocks of k: y += sums)
//! ```
//!
//! Forward is this with source x. dx is this with source dy, with the roles of input and output channels exchanged and
//! the offsets of the taps mirrored; with a stride every residue of the output position (a *phase*) has taps of its own
//! and is a correlation of its own, whose results are scattered over dx.
//!
//! What differs from the pseudo-code:
//! - There are two kinds of tile. *Channel tiles* hold output channels in the lanes, broadcast pixels, and must be
//!   transposed on their way to y. *Pixel tiles* hold pixels in the lanes and broadcast weights: they win where
//!   channels are few or do not fill the lanes. A cost estimate chooses, also per remainder of the channels.
//! - Pixel tiles run over the rows of the padded copy as if they were one long row; what falls between two rows of the
//!   output is computed and dropped.
//! - Without padding and stride the source is read in place. Pixel tiles read the weights in place, too, where those of an
//!   output channel lie together.
//! - Where half of the last vector of a row of pixels would be empty, it is half a vector.
//! - Where rows are short, the tiles of several rows are transposed together.
//! - Kernel rows that lie in the padding are left out: the table of steps is sorted by kernel row.
//! - For some rows of y at a time ([`by_rows`]) the loops over images and rows are the outer ones, and what is packed or
//!   copied already is not packed or copied again. If it would be, some whole images go to the scratch memory where they
//!   fit. The blocks are those of the whole, so that the sums are the same.
//! - All block sizes are bounded by the scratch memory; see `pack`.

use core::{ptr, slice};

use super::axis::{Axis, Correlation};
use super::bands::hand_out;
use super::pack::{ChannelBlock, CorrelationPlan, SLACK, pack};
use crate::kernel::Epilogue;
use crate::kernel::math::clamp;
use crate::kernel::simd::block::copy::{copy_planes, transposed};
use crate::kernel::simd::block::scratch::{Layout, Scratch, with_scratch};
use crate::kernel::simd::block::tile::{HALVED, MAX_SUMS, SPACED, Start, Step, Tile, max_scalars, tile};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::tiles::{FEW_STEPS, IMAGES, SHORT};
use crate::kernel::simd::{Element, Job, Limits, Simd, Sink, Then, each, in_registers};

/// The slices of a correlation, as pointers.
pub(super) struct TiledCorrelation<'a, T> {
    pub(super) correlation: Correlation,
    pub(super) plan: CorrelationPlan,
    pub(super) source: *const T,
    pub(super) w: *const T,
    /// `None`: zero.
    pub(super) bias: Option<*const T>,
    pub(super) target: *mut T,
    pub(super) scratch: Scratch,
    pub(super) then: Then<'a, T>,
}

/// The same of some rows at a time: `bands` of `rows` of them, of which the target has one.
struct TiledRows<'a, T> {
    tiled: TiledCorrelation<'a, T>,
    rows: usize,
    bands: usize,
    sink: &'a mut Sink<'a, T>,
}

impl CorrelationPlan {
    /// The pieces of the scratch memory.
    #[inline(always)]
    fn memory<T, S: Simd<T>>(&self, c: &Correlation, scratch: &mut Scratch) -> CorrelationMemory<T> {
        CorrelationMemory {
            weights: scratch.take(self.weights + MAX_LANES),
            copy: scratch.take(self.source + SLACK),
            table: scratch.take(self.k * c.taps()),
            sums: scratch.take(MAX_SUMS * S::LANES),
            turned: scratch.take(S::LANES * S::LANES),
        }
    }
}

/// The pieces of the scratch memory.
#[derive(Clone, Copy)]
pub(super) struct CorrelationMemory<T> {
    pub(super) weights: *mut T,
    pub(super) copy: *mut T,
    pub(super) table: *mut Step,
    pub(super) sums: *mut T,
    pub(super) turned: *mut T,
}

/// One block of input channels and some blocks of output channels, whose weights are packed.
#[derive(Clone, Copy)]
pub(super) struct Pass<T> {
    pub(super) memory: CorrelationMemory<T>,
    /// The weights of the group, from the first input channel on.
    pub(super) w: *const T,
    /// Input channels, and whether they are the first.
    pub(super) k_count: usize,
    pub(super) is_first: bool,
    /// Output channels.
    pub(super) m: usize,
    pub(super) m_end: usize,
    pub(super) bias: Option<*const T>,
    /// Of the output, if the pass finishes it.
    pub(super) limits: Option<Limits<T>>,
}

/// What the table of steps in memory was written for: rows and columns of the band, input channels, and the width and
/// kind of the block.
type TableKey = (usize, usize, usize, usize, bool);

/// One band of one image.
#[derive(Clone, Copy)]
struct SourceBand<T> {
    /// The padded copy, or the place in the source, and its extent: elements per channel and per row.
    cells: *const T,
    cells_k: usize,
    pitch: usize,
    /// Rows of the copy per phase, and phases of its columns.
    row_cells: usize,
    column_phases: usize,
    steps: usize,
    pass: Pass<T>,
    /// The first target channel of this image and group.
    target: *mut T,
    /// Output rows and columns.
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    /// The rows of the band that are asked for, and those that the band has if all are.
    first: usize,
    end: usize,
    whole: usize,
}

impl<T: Element, S: Simd<T>> Job<S> for TiledCorrelation<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let TiledCorrelation { correlation: c, plan, source, w, bias, target, mut scratch, then } = self;
        let memory = plan.memory::<T, S>(&c, &mut scratch);
        let (limits, then) = in_registers(then);
        let (source_plane, target_plane) = (c.rows.source * c.columns.source, c.rows.target * c.columns.target);
        let mut table_key = TableKey::default();
        for group in 0..c.groups {
            let w = w.wrapping_add(group * c.w_group());
            let bias = bias.map(|b| b.wrapping_add(group * c.m));
            let (mut m, mut m_end) = (0, 0);
            while m < c.m {
                for k in (0..c.k).step_by(plan.k) {
                    let k_count = plan.k.min(c.k - k);
                    // SAFETY: the blocks stay within the channels, and `weights` holds what `plan` reserved.
                    m_end = unsafe { pack(s, &c, &plan, w, m, k, k_count, memory.weights) };
                    let is_last = k + k_count == c.k;
                    let limits = limits.filter(|_| is_last);
                    let w = w.wrapping_add(k * c.w_k);
                    let pass = Pass { memory, w, k_count, is_first: k == 0, m, m_end, bias, limits };
                    let then = then.filter(|_| is_last);
                    for n in 0..c.n {
                        let source = source.wrapping_add(((n * c.groups + group) * c.k + k) * source_plane);
                        let target = target.wrapping_add((n * c.groups + group) * c.m * target_plane);
                        // SAFETY: the pointers are to the first channels of this image, group and block.
                        unsafe { tile_image(s, &c, &plan, &pass, source, target, &mut table_key, then) };
                    }
                }
                m = m_end;
            }
        }
    }
}

impl<T: Element, S: Simd<T>> Job<S> for TiledRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let TiledRows { tiled, rows, bands, sink } = self;
        let TiledCorrelation { correlation: c, plan, source, w, bias, target, mut scratch, .. } = tiled;
        let memory = plan.memory::<T, S>(&c, &mut scratch);
        let source_plane = c.rows.source * c.columns.source;
        let len = c.groups * c.m * rows * c.columns.target;
        // Where what is copied serves one band only, no more than that is copied.
        let is_shared = plan.source == 0 || c.groups == 1 && plan.k == c.k && plan.columns == c.columns.grid;
        // One band is all of the target.
        let c = Correlation { rows: Axis { target: rows, ..c.rows }, ..c };
        let mut table_key = TableKey::default();
        // What the weights and the copy are, and the channel after those of the weights.
        let (mut weights_key, mut m_end, mut copy_key) = (None, 0, None);
        // The last band of the source, and what it is one of.
        let mut source_band: Option<(_, SourceBand<T>)> = None;
        for n in 0..c.n {
            // Where the first band of the source begins that has rows of the target.
            let mut start = 0;
            for band in 0..bands {
                let (top, bottom) = (band * rows, (band + 1) * rows);
                while start + plan.rows <= top {
                    start += plan.rows;
                }
                let target = target.wrapping_sub(top * c.columns.target);
                for group in 0..c.groups {
                    let target = target.wrapping_add(group * c.m * rows * c.columns.target);
                    let mut m = 0;
                    while m < c.m {
                        for k in (0..c.k).step_by(plan.k) {
                            let k_count = plan.k.min(c.k - k);
                            let w = w.wrapping_add(group * c.w_group());
                            if weights_key != Some((group, m, k)) {
                                weights_key = Some((group, m, k));
                                // SAFETY: as for all rows.
                                m_end = unsafe { pack(s, &c, &plan, w, m, k, k_count, memory.weights) };
                            }
                            let bias = bias.map(|b| b.wrapping_add(group * c.m));
                            let w = w.wrapping_add(k * c.w_k);
                            let pass = Pass { memory, w, k_count, is_first: k == 0, m, m_end, bias, limits: None };
                            let source = source.wrapping_add(((n * c.groups + group) * c.k + k) * source_plane);
                            for row in (start..bottom).step_by(plan.rows) {
                                let whole = (row, plan.rows.min(c.rows.grid - row));
                                let asked = (top.max(row), bottom.min(row + whole.1));
                                let copied = if is_shared { whole } else { (asked.0, asked.1 - asked.0) };
                                for column in (0..c.columns.grid).step_by(plan.columns) {
                                    let columns = (column, plan.columns.min(c.columns.grid - column));
                                    let key = (n, group, k, m, copied, columns);
                                    let band = match &mut source_band {
                                        Some((is, band)) if *is == key => band,
                                        is => {
                                            &mut is
                                                .insert((
                                                    key,
                                                    SourceBand::new(&c, &plan, &pass, source, copied, columns),
                                                ))
                                                .1
                                        }
                                    };
                                    (band.target, band.whole) = (target, whole.1);
                                    (band.first, band.end) = (asked.0 - copied.0, asked.1 - copied.0);
                                    // SAFETY: as for all rows; the target is shifted to where its rows are.
                                    unsafe {
                                        if copy_key != Some((n, group, k, copied, column)) {
                                            copy_key = Some((n, group, k, copied, column));
                                            band.copy(s, &c, &plan, source);
                                        }
                                        tile_band(s, &c, &plan, band, &mut table_key, None);
                                    }
                                }
                            }
                        }
                        m = m_end;
                    }
                }
                // SAFETY: the target is one band, and nothing else refers to it here.
                sink(n, band, unsafe { slice::from_raw_parts_mut(target.wrapping_add(top * c.columns.target), len) });
            }
        }
    }
}

/// One image, band by band. `then` is for what is finished with this pass.
///
/// # Safety
/// `source` holds the input channels of the pass, `target` all output channels of the group; the weights are packed.
#[inline(always)]
unsafe fn tile_image<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    plan: &CorrelationPlan,
    pass: &Pass<T>,
    source: *const T,
    target: *mut T,
    table_key: &mut TableKey,
    then: Then<T>,
) {
    for row in (0..c.rows.grid).step_by(plan.rows) {
        for column in (0..c.columns.grid).step_by(plan.columns) {
            let rows = (row, plan.rows.min(c.rows.grid - row));
            let columns = (column, plan.columns.min(c.columns.grid - column));
            let band = SourceBand { target, ..SourceBand::new(c, plan, pass, source, rows, columns) };
            let then = then.filter(|_| column + columns.1 == c.columns.grid);
            // SAFETY: the caller vouches for all of it.
            unsafe {
                band.copy(s, c, plan, source);
                tile_band(s, c, plan, &band, table_key, then);
            }
        }
    }
}

impl<T: Element> SourceBand<T> {
    /// All rows of a band: the first one, and how many, and columns likewise. It has no target.
    #[inline(always)]
    fn new(
        c: &Correlation,
        plan: &CorrelationPlan,
        pass: &Pass<T>,
        source: *const T,
        (row, rows): (usize, usize),
        (column, columns): (usize, usize),
    ) -> Self {
        let (row_range, column_range) = (c.rows.range(row, rows), c.columns.range(column, columns));
        let (cells, cells_k, pitch) = if plan.source == 0 {
            let first = row_range.first as usize * c.columns.source + column_range.first as usize;
            (source.wrapping_add(first), c.rows.source * c.columns.source, c.columns.source)
        } else {
            (pass.memory.copy.cast_const(), row_range.len() * column_range.len(), column_range.cells)
        };
        let (row_cells, column_phases, steps) = (row_range.cells, column_range.phases, pass.k_count * c.taps());
        let (pass, target, first, end, whole) = (*pass, ptr::null_mut(), 0, rows, rows);
        Self {
            cells,
            cells_k,
            pitch,
            row_cells,
            column_phases,
            steps,
            pass,
            target,
            row,
            rows,
            column,
            columns,
            first,
            end,
            whole,
        }
    }

    /// Makes the padded copy, if the source is not read in place.
    ///
    /// # Safety
    /// `source` holds the input channels of the pass.
    #[inline(always)]
    unsafe fn copy<S: Simd<T>>(&self, s: S, c: &Correlation, plan: &CorrelationPlan, source: *const T) {
        if plan.source == 0 {
            return;
        }
        let Pass { memory, k_count, .. } = self.pass;
        let (row_range, column_range) = (c.rows.range(self.row, self.rows), c.columns.range(self.column, self.columns));
        // SAFETY: the copy has room for `plan.k` channels of a band of `plan.rows` × `plan.columns`, and for the slack,
        // which is at least one vector.
        unsafe {
            copy_planes(s, source, k_count, &row_range, &column_range, memory.copy);
            for i in (0..SLACK).step_by(S::LANES) {
                s.store(memory.copy.add(k_count * self.cells_k + i), s.zero());
            }
        }
    }
}

/// The output of one band: of the rows that are asked for, and all output channels of the pass. Compiled once for whole
/// images and for some rows at a time.
///
/// # Safety
/// The copy is made, or the source in place; the weights are packed, and the target has the rows.
#[inline(always)]
unsafe fn tile_band<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    plan: &CorrelationPlan,
    band: &SourceBand<T>,
    table_key: &mut TableKey,
    then: Then<T>,
) {
    s.call(TiledBand { c, plan, band, table_key, then });
}

/// The arguments of [`tile_band`], which vouches for them.
struct TiledBand<'a, T> {
    c: &'a Correlation,
    plan: &'a CorrelationPlan,
    band: &'a SourceBand<T>,
    table_key: &'a mut TableKey,
    then: Then<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for TiledBand<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let TiledBand { c, plan, band, table_key, then } = self;
        let (mut m, mut packed) = (band.pass.m, band.pass.memory.weights.cast_const());
        while m < band.pass.m_end {
            let block = c.block::<T, S>(plan, m);
            let key = (band.rows, band.columns, band.pass.k_count, block.width, block.by_pixel);
            // SAFETY: the table has room for all steps; these are the weights of this block; the caller vouches for
            // the band.
            unsafe {
                if *table_key != key {
                    *table_key = key;
                    write_table(c, plan, band, &block);
                }
                if block.by_pixel {
                    let (weights, spacing) =
                        if plan.reads_weights { (band.pass.w.wrapping_add(m * c.w_m), c.w_m) } else { (packed, 1) };
                    pixel_tiles(s, c, band, &block, weights, spacing);
                } else {
                    channel_tiles(s, c, band, &block, packed);
                }
                if let Some(then) = then {
                    band.finish(c, &block, then);
                }
            }
            packed = packed.wrapping_add(band.steps * block.width);
            m += block.count;
        }
    }
}

impl<T> SourceBand<T> {
    /// Passes on the rows of a block, in which all columns are finished.
    ///
    /// # Safety
    /// The target has no steps.
    #[inline(always)]
    unsafe fn finish(&self, c: &Correlation, block: &ChannelBlock, then: Epilogue<T>)
    where
        T: Element,
    {
        let (plane, row) = (c.rows.target * c.columns.target, c.columns.target);
        // All rows of several channels are one run.
        let is_whole = self.rows == c.rows.target;
        let (runs, len) = if is_whole { (1, block.count * plane) } else { (block.count, self.rows * row) };
        for m in block.m..block.m + runs {
            // SAFETY: these elements are in the target; they are initialised, and nothing else refers to them here.
            then.apply(unsafe { slice::from_raw_parts_mut(self.target.add(m * plane + self.row * row), len) });
        }
    }
}

/// Writes the offsets of all steps of a block, by kernel row, input channel and kernel column.
///
/// # Safety
/// The table has room for all steps.
#[inline(always)]
unsafe fn write_table<T>(c: &Correlation, plan: &CorrelationPlan, band: &SourceBand<T>, block: &ChannelBlock) {
    let SourceBand { row_cells, column_phases, .. } = *band;
    let (row_taps, column_taps, k_count) = (c.rows.taps, c.columns.taps, band.pass.k_count);
    let in_place = block.by_pixel && plan.reads_weights;
    let weights_k = if in_place { c.w_k } else { row_taps * column_taps * block.width };
    for u in 0..row_taps {
        let (row_phase, row) = c.rows.place(u);
        for v in 0..column_taps {
            let (column_phase, column) = c.columns.place(v);
            let phase = row_phase * column_phases + column_phase;
            let mut pixel = (phase * row_cells + row) * band.pitch + column;
            let mut weight = if in_place { c.weight(u, v) } else { (u * column_taps + v) * block.width };
            let mut step = band.pass.memory.table.wrapping_add(u * k_count * column_taps + v);
            for _ in 0..k_count {
                let (vector, scalar) = if block.by_pixel { (pixel, weight) } else { (weight, pixel) };
                // SAFETY: the caller vouches for the room.
                unsafe { *step = Step { vector: vector as u32, scalar: scalar as u32 } };
                step = step.wrapping_add(column_taps);
                (pixel, weight) = (pixel + band.cells_k, weight + weights_k);
            }
        }
    }
}

impl<T> SourceBand<T> {
    /// The steps whose kernel row lies inside of the source for some of the output rows `first..=last` of the band:
    /// others would only multiply padding.
    #[inline(always)]
    fn steps(&self, c: &Correlation, first: usize, last: usize) -> (*const Step, usize) {
        let (a, b) = (c.rows.taps_inside(self.row + first), c.rows.taps_inside(self.row + last));
        // From row to row the taps inside only move up or only move down, so that the ends enclose what is between
        // them, unless an end lies so far out that it has none.
        let has_unknown = first != last && (a.0 == a.1 || b.0 == b.1);
        let (from, to) = if has_unknown { (0, c.rows.taps) } else { (a.0.min(b.0), a.1.max(b.1)) };
        let per_row = self.steps / c.rows.taps;
        (self.pass.memory.table.wrapping_add(from * per_row), (to - from) * per_row)
    }
}

/// Whether the rows of the output follow each other in the target.
fn is_dense<T>(c: &Correlation, band: &SourceBand<T>) -> bool {
    band.columns == c.columns.target && c.columns.target_step == 1 && c.rows.target_step == 1
}

/// The output of one band and block, output channels in the lanes.
///
/// # Safety
/// The table, the copy and the packed weights belong together; the target holds the image and group.
#[inline(always)]
unsafe fn channel_tiles<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    band: &SourceBand<T>,
    block: &ChannelBlock,
    weights: *const T,
) {
    let vectors = block.width / S::LANES;
    let most = max_scalars(S::REGISTERS, vectors);
    // One tap, and no gap between the rows: all rows are one.
    let is_long = is_dense(c, band) && band.pitch == band.columns && c.taps() == 1;
    let rows_in_one = if is_long { band.end - band.first } else { 1 };
    let columns = rows_in_one * band.columns;
    // Where sums are short, what is brought to the target together should fill the lanes.
    let piece = if band.steps <= FEW_STEPS { MAX_LANES } else { columns.div_ceil(columns.div_ceil(most)) };
    // Rows that are short and follow each other in the target share a transpose.
    let together = if is_dense(c, band) && !is_long { (S::LANES / columns).max(1) } else { 1 };
    for first in (band.first..band.end).step_by(rows_in_one.max(together)) {
        let rows = together.min(band.end - first);
        for column in (0..columns).step_by(piece) {
            let count = piece.min(columns - column);
            let tiles = count.div_ceil(most);
            for row in 0..rows {
                let last = if is_long { band.end - 1 } else { first + row };
                let (steps, step_count) = band.steps(c, first + row, last);
                for tile_of_row in 0..tiles {
                    let (from, to) = (tile_of_row * count / tiles, (tile_of_row + 1) * count / tiles);
                    let operands = Tile {
                        steps,
                        step_count,
                        vectors: weights,
                        scalars: band.cells.wrapping_add((first + row) * band.pitch + column + from),
                        spacing: 1,
                        half: false,
                        sums: band.pass.memory.sums.wrapping_add((row * count + from) * block.width),
                        pitch: block.width,
                        start: Start::Zero,
                        limits: None,
                    };
                    // SAFETY: the pixels of the tile lie in one row of the output, for which all taps are in the copy.
                    // The sums are at most MAX_LANES pixels of two vectors: also those of several rows, which are at
                    // most LANES pixels.
                    unsafe { tile(s, vectors, to - from, operands) };
                }
            }
            s.call(ChannelFlush { c, band, block, row: first, column, count: rows * count });
        }
    }
}

/// Transposes the sums of a channel tile and brings them to the target.
struct ChannelFlush<'a, T> {
    c: &'a Correlation,
    band: &'a SourceBand<T>,
    block: &'a ChannelBlock,
    row: usize,
    column: usize,
    count: usize,
}

impl<T: Element, S: Simd<T>> Job<S> for ChannelFlush<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let ChannelFlush { c, band, block, row, column, count } = self;
        let (plane, step) = (c.rows.target * c.columns.target, c.columns.target_step);
        let row = c.rows.target_first + (band.row + row) * c.rows.target_step;
        let column = c.columns.target_first + (band.column + column) * step;
        let target = band.target.wrapping_add(row * c.columns.target + column);
        let turned = band.pass.memory.turned;
        let limits = band.pass.limits.unwrap_or(T::UNLIMITED);
        let [low, high] = each(limits, |limit| s.splat(limit));
        for pixel in (0..count).step_by(S::LANES) {
            let pixels = S::LANES.min(count - pixel);
            for lane in (0..block.count).step_by(S::LANES) {
                let lanes = S::LANES.min(block.count - lane);
                let sums = band.pass.memory.sums.wrapping_add(pixel * block.width + lane);
                let (first, to) = (block.m + lane, target.wrapping_add(pixel * step + (block.m + lane) * plane));
                // SAFETY: the sums are `count` rows of `block.width` elements; pixels and channels stay within the
                // target; `turned` has room for LANES vectors.
                unsafe {
                    let sums = transposed(s, pixels, |p| sums.wrapping_add(p * block.width), (0, S::LANES));
                    let finished = |i: usize| {
                        let bias = s.splat(band.pass.bias(first + i).unwrap_or(T::ZERO));
                        s.at_most(high, s.at_least(low, s.add(sums[i], bias)))
                    };
                    // In three loops, so that the index of a register is a constant.
                    if step != 1 || !band.pass.is_first {
                        for i in 0..S::LANES {
                            s.store(turned.add(i * S::LANES), sums[i]);
                        }
                        for i in 0..lanes {
                            let (bias, sums) = (band.pass.bias(first + i), turned.add(i * S::LANES));
                            put(s, step, bias, sums, pixels, to.add(i * plane), limits);
                        }
                    } else if pixels == S::LANES {
                        for i in 0..S::LANES {
                            if i < lanes {
                                s.store(to.add(i * plane), finished(i));
                            }
                        }
                    } else {
                        for i in 0..S::LANES {
                            if i < lanes {
                                s.store_part(to.add(i * plane), pixels, finished(i));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Brings `count` sums of one channel to the target: added to the bias, or (`None`) to what is there already, and within
/// limits.
///
/// # Safety
/// The sums are readable; the targets, at distance `step`, are readable and writable.
#[inline(always)]
pub(super) unsafe fn put<T: Element, S: Simd<T>>(
    s: S,
    step: usize,
    bias: Option<T>,
    sums: *const T,
    count: usize,
    to: *mut T,
    limits: Limits<T>,
) {
    // SAFETY: the caller vouches for sums and targets.
    unsafe {
        if step != 1 {
            let [low, high] = limits;
            for i in 0..count {
                let to = to.add(i * step);
                *to = clamp(*sums.add(i) + bias.unwrap_or(*to), low, high);
            }
            return;
        }
        let [low, high] = each(limits, |limit| s.splat(limit));
        let limited = |value| s.at_most(high, s.at_least(low, value));
        let base = s.splat(bias.unwrap_or(T::ZERO));
        let mut i = 0;
        while i + S::LANES <= count {
            let base = if bias.is_some() { base } else { s.load(to.add(i)) };
            s.store(to.add(i), limited(s.add(s.load(sums.add(i)), base)));
            i += S::LANES;
        }
        if i < count {
            let base = if bias.is_some() { base } else { s.load_part(to.add(i), 0, count - i) };
            s.store_part(to.add(i), count - i, limited(s.add(s.load_part(sums.add(i), 0, count - i), base)));
        }
    }
}

impl<T: Element> Pass<T> {
    /// What the sums of channel m are added to: see [`put`].
    #[inline(always)]
    pub(super) fn bias(&self, m: usize) -> Option<T> {
        // SAFETY: the bias has an element for each output channel of the group.
        self.is_first.then(|| self.bias.map_or(T::ZERO, |b| unsafe { *b.add(m) }))
    }
}

/// The output of one band and block, pixels in the lanes.
///
/// # Safety
/// As for [`channel_tiles`].
#[inline(always)]
unsafe fn pixel_tiles<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    band: &SourceBand<T>,
    block: &ChannelBlock,
    weights: *const T,
    spacing: usize,
) {
    let length = |rows: usize| (rows - 1) * band.pitch + band.columns;
    let plane = c.rows.target * c.columns.target;
    let first = (c.rows.target_first + band.row) * c.columns.target + c.columns.target_first + band.column;
    let target = band.target.wrapping_add(block.m * plane + first);
    // Without a gap between the rows, nor anything to add to, the sums are the output: whether all rows are asked for or
    // not, as a bias that comes first makes other bits. With a gap, they are if the rows are made of whole vectors.
    let is_long = is_dense(c, band) && band.pitch == band.columns;
    let is_by_row = is_dense(c, band) && !is_long && band.pass.is_first && band.columns.is_multiple_of(S::LANES);
    let is_final = is_by_row || is_long && band.pass.is_first && length(band.whole) >= S::LANES;
    let start = match band.pass.bias {
        Some(bias) if is_final => Start::Numbers(bias.wrapping_add(block.m)),
        _ => Start::Zero,
    };
    let rows = if is_by_row { 1 } else { band.end - band.first };
    for row in (band.first..band.end).step_by(rows) {
        let (begin, end) = (row * band.pitch, length(row + rows));
        let target = if is_by_row { target.wrapping_add(row * band.columns).wrapping_sub(begin) } else { target };
        let mut pixel = begin;
        while pixel < end {
            let left = (end - pixel).div_ceil(S::LANES);
            let fits = |&v: &usize| v <= left && v * S::LANES <= end && block.count <= max_scalars(S::REGISTERS, v);
            let vectors = [8, 4, 3, 2].into_iter().find(fits).unwrap_or(1);
            // Where half of the last vector would be empty, half a vector will do.
            let half = S::LEAST < S::LANES
                && vectors <= HALVED + 1
                && block.count <= SPACED
                && end - pixel + S::LEAST <= vectors * S::LANES;
            let (vectors, lanes) = (vectors - usize::from(half), vectors * S::LANES - if half { S::LEAST } else { 0 });
            // The last tile is moved back to end with the plane: what it computes again is not stored again, or is the
            // same.
            let from = pixel.min(end.saturating_sub(lanes));
            let in_place = is_final && from >= begin && from + lanes <= end;
            let last = (from + lanes).min(end) - 1;
            let (steps, step_count) = band.steps(c, from / band.pitch, last / band.pitch);
            let operands = Tile {
                steps,
                step_count,
                vectors: band.cells.wrapping_add(from),
                scalars: weights,
                spacing,
                half,
                sums: if in_place { target.wrapping_add(from) } else { band.pass.memory.sums },
                pitch: if in_place { plane } else { lanes },
                start,
                limits: band.pass.limits.filter(|_| in_place),
            };
            // SAFETY: the tile ends with the plane, or (if the plane is smaller than a vector) in the slack after the
            // copy.
            unsafe { tile(s, vectors, block.count, operands) };
            let to = end.min(pixel + lanes);
            if !in_place {
                s.call(PixelFlush { c, band, block, is_final, from, lanes, pixel, end: to });
            }
            pixel = to;
        }
    }
}

/// Brings the sums of a pixel tile to the target, row by row.
struct PixelFlush<'a, T> {
    c: &'a Correlation,
    band: &'a SourceBand<T>,
    block: &'a ChannelBlock,
    /// Whether the bias is in the sums.
    is_final: bool,
    /// Pixel of the first lane, and lanes of the tile.
    from: usize,
    lanes: usize,
    /// Pixels to store, counted along the long row of the copy.
    pixel: usize,
    end: usize,
}

impl<T: Element, S: Simd<T>> Job<S> for PixelFlush<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let PixelFlush { c, band, block, is_final, from, lanes, mut pixel, end } = self;
        let limits = band.pass.limits.unwrap_or(T::UNLIMITED);
        let plane = c.rows.target * c.columns.target;
        // Without a gap between the rows, all rows are one.
        let is_long = is_dense(c, band) && band.pitch == band.columns;
        let (pitch, columns) = if is_long { (usize::MAX, usize::MAX) } else { (band.pitch, band.columns) };
        let (mut row, mut column) = (pixel / pitch, pixel % pitch);
        let step = c.columns.target_step;
        while pixel < end {
            let count = columns.saturating_sub(column).min(end - pixel);
            let target_row = c.rows.target_first + (band.row + row) * c.rows.target_step;
            let target_column = c.columns.target_first + (band.column + column) * step;
            let target = band.target.wrapping_add(target_row * c.columns.target + target_column);
            for q in 0..block.count {
                let m = block.m + q;
                let sums = band.pass.memory.sums.wrapping_add(q * lanes + pixel - from);
                // The sums of a tile are not −0: adding 0 changes nothing.
                let bias = if is_final { Some(T::ZERO) } else { band.pass.bias(m) };
                // SAFETY: pixels and channels stay within the target, and their sums are there.
                unsafe { put(s, step, bias, sums, count, target.wrapping_add(m * plane), limits) };
            }
            pixel = pixel.saturating_add(pitch - column);
            (row, column) = (row + 1, 0);
        }
    }
}

/// Runs a correlation; `false`, having done nothing, if it does not fit into the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    target: &mut [T],
    then: Then<T>,
) -> bool {
    let Some(plan) = correlation.plan::<T, S>(base) else { return false };
    let (source, w, bias, target) = (source.as_ptr(), w.as_ptr(), bias.map(<[T]>::as_ptr), target.as_mut_ptr());
    with_scratch(plan.layout, &mut |scratch| {
        s.call(TiledCorrelation { correlation, plan, source, w, bias, target, scratch, then });
    });
    true
}

/// The same, for `bands` of `rows` rows of y, one after the other in the buffer.
pub(super) fn by_rows<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    [rows, bands]: [usize; 2],
    buffer: &mut [T],
    sink: &mut Sink<T>,
) -> bool {
    let c = correlation;
    let Some(plan) = c.plan::<T, S>(Layout::EMPTY) else { return false };
    let (source, w, bias) = (source.as_ptr(), w.as_ptr(), bias.map(<[T]>::as_ptr));
    let (plane, row) = (c.rows.target * c.columns.target, c.columns.target);
    let image = c.groups * c.m * plane;
    // Weights that would be packed for each band are packed for some images, if these fit; and bands of few cells would
    // leave tiles empty.
    let images = (IMAGES / size_of::<T>() / image).clamp(1, c.n);
    let layout = plan.layout.with::<T>(images * image).map(|layout| (layout, images));
    let layout = layout.or_else(|| Some((plan.layout.with::<T>(image)?, 1)));
    let is_short = rows * row < SHORT * S::LANES;
    let Some((layout, images)) = layout.filter(|_| c.groups > 1 || !plan.has_all_weights || is_short) else {
        let target = buffer.as_mut_ptr();
        with_scratch(plan.layout, &mut |scratch| {
            let tiled = TiledCorrelation { correlation, plan, source, w, bias, target, scratch, then: None };
            s.call(TiledRows { tiled, rows, bands, sink });
        });
        return true;
    };
    with_scratch(layout, &mut |mut scratch| {
        let target = scratch.take::<T>(images * image);
        for first in (0..c.n).step_by(images) {
            let correlation = Correlation { n: images.min(c.n - first), ..c };
            let source = source.wrapping_add(first * c.groups * c.k * c.rows.source * c.columns.source);
            let scratch = scratch.again();
            s.call(TiledCorrelation { correlation, plan, source, w, bias, target, scratch, then: None });
            // SAFETY: these images are initialised, and nothing else refers to them here.
            let y = unsafe { slice::from_raw_parts(target, correlation.n * image) };
            for (n, y) in y.chunks_exact(image).enumerate() {
                hand_out(first + n, y, plane, rows * row, bands, buffer, sink);
            }
        }
    });
    true
}
