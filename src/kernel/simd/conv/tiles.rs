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
//! - Without padding and stride the source is read in place.
//! - Where rows are short, the tiles of several rows are transposed together.
//! - Kernel rows that lie in the padding are left out: the table of steps is sorted by kernel row.
//! - All block sizes are bounded by the scratch memory; see `pack`.

use super::axis::Correlation;
use super::pack::{ChannelBlock, CorrelationPlan, SLACK, pack};
use crate::kernel::simd::block::copy::{copy_planes, transpose};
use crate::kernel::simd::block::scratch::{Scratch, with_scratch};
use crate::kernel::simd::block::tile::{MAX_SUMS, Start, Step, Tile, max_scalars, tile};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::{Element, Job, Simd};

/// The slices of a correlation, as pointers.
struct TiledCorrelation<T> {
    correlation: Correlation,
    plan: CorrelationPlan,
    source: *const T,
    w: *const T,
    /// `None`: zero.
    bias: Option<*const T>,
    target: *mut T,
    scratch: Scratch,
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
    /// Input channels, and whether they are the first.
    pub(super) k_count: usize,
    pub(super) is_first: bool,
    /// Output channels.
    pub(super) m: usize,
    pub(super) m_end: usize,
    pub(super) bias: Option<*const T>,
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
    steps: usize,
    pass: Pass<T>,
    /// The first target channel of this image and group.
    target: *mut T,
    /// Output rows and columns.
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
}

impl<T: Element, S: Simd<T>> Job<S> for TiledCorrelation<T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let TiledCorrelation { correlation: c, plan, source, w, bias, target, mut scratch } = self;
        let memory = CorrelationMemory {
            weights: scratch.take(plan.weights + MAX_LANES),
            copy: scratch.take(plan.source + SLACK),
            table: scratch.take(plan.k * c.taps()),
            sums: scratch.take(MAX_SUMS * S::LANES),
            turned: scratch.take(S::LANES * S::LANES),
        };
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
                    let pass = Pass { memory, k_count, is_first: k == 0, m, m_end, bias };
                    for n in 0..c.n {
                        let source = source.wrapping_add(((n * c.groups + group) * c.k + k) * source_plane);
                        let target = target.wrapping_add((n * c.groups + group) * c.m * target_plane);
                        // SAFETY: the pointers are to the first channels of this image, group and block.
                        unsafe { tile_image(s, &c, &plan, &pass, source, target, &mut table_key) };
                    }
                }
                m = m_end;
            }
        }
    }
}

/// One image, band by band.
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
) {
    let Pass { memory, k_count, m, m_end, .. } = *pass;
    for row in (0..c.rows.grid).step_by(plan.rows) {
        for column in (0..c.columns.grid).step_by(plan.columns) {
            let (rows, columns) = (plan.rows.min(c.rows.grid - row), plan.columns.min(c.columns.grid - column));
            let (row_range, column_range) = (c.rows.range(row, rows), c.columns.range(column, columns));
            let (cells, cells_k, pitch) = if plan.source == 0 {
                let first = row_range.first as usize * c.columns.source + column_range.first as usize;
                (source.wrapping_add(first), c.rows.source * c.columns.source, c.columns.source)
            } else {
                let cells_k = row_range.len() * column_range.len();
                // SAFETY: the copy has room for `plan.k` channels of a band of `plan.rows` × `plan.columns`, and for
                // the slack, which is at least one vector.
                unsafe {
                    copy_planes(s, source, k_count, &row_range, &column_range, memory.copy);
                    for i in (0..SLACK).step_by(S::LANES) {
                        s.store(memory.copy.add(k_count * cells_k + i), s.zero());
                    }
                }
                (memory.copy.cast_const(), cells_k, column_range.cells)
            };
            let steps = k_count * c.taps();
            let band = SourceBand { cells, cells_k, pitch, steps, pass: *pass, target, row, rows, column, columns };
            let (mut m, mut packed) = (m, memory.weights.cast_const());
            while m < m_end {
                let block = c.block::<T, S>(plan, m);
                let key = (rows, columns, k_count, block.width, block.by_pixel);
                // SAFETY: the table has room for all steps; `packed` are the weights of this block; the band is as
                // above.
                unsafe {
                    if *table_key != key {
                        *table_key = key;
                        write_table(c, &band, &block, row_range.cells, column_range.phases, k_count);
                    }
                    if block.by_pixel {
                        pixel_tiles(s, c, &band, &block, packed);
                    } else {
                        channel_tiles(s, c, &band, &block, packed);
                    }
                }
                packed = packed.wrapping_add(steps * block.width);
                m += block.count;
            }
        }
    }
}

/// Writes the offsets of all steps of a block, by kernel row, input channel and kernel column.
///
/// # Safety
/// The table has room for all steps.
#[inline(always)]
unsafe fn write_table<T>(
    c: &Correlation,
    band: &SourceBand<T>,
    block: &ChannelBlock,
    row_cells: usize,
    column_phases: usize,
    k_count: usize,
) {
    let mut step = band.pass.memory.table;
    for u in 0..c.rows.taps {
        let (row_phase, row) = c.rows.place(u);
        for k in 0..k_count {
            for v in 0..c.columns.taps {
                let (column_phase, column) = c.columns.place(v);
                let phase = row_phase * column_phases + column_phase;
                let pixel = (k * band.cells_k + (phase * row_cells + row) * band.pitch + column) as u32;
                let weight = (((k * c.rows.taps + u) * c.columns.taps + v) * block.width) as u32;
                let (vector, scalar) = if block.by_pixel { (pixel, weight) } else { (weight, pixel) };
                // SAFETY: the caller vouches for the room.
                unsafe { *step = Step { vector, scalar } };
                step = step.wrapping_add(1);
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
    let pieces = band.columns.div_ceil(max_scalars(S::REGISTERS, vectors));
    // Rows that are short and follow each other in the target share a transpose.
    let together = if is_dense(c, band) { (S::LANES / band.columns).max(1) } else { 1 };
    for first in (0..band.rows).step_by(together) {
        let rows = together.min(band.rows - first);
        for piece in 0..pieces {
            let (from, to) = (piece * band.columns / pieces, (piece + 1) * band.columns / pieces);
            for row in 0..rows {
                let (steps, step_count) = band.steps(c, first + row, first + row);
                let operands = Tile {
                    steps,
                    step_count,
                    vectors: weights,
                    scalars: band.cells.wrapping_add((first + row) * band.pitch + from),
                    sums: band.pass.memory.sums.wrapping_add(row * (to - from) * block.width),
                    pitch: block.width,
                    start: Start::Zero,
                };
                // SAFETY: the pixels of the tile lie in one row of the output, for which all taps are in the copy. If
                // there are more rows than one, their sums are at most LANES pixels.
                unsafe { tile(s, vectors, to - from, operands) };
            }
            s.call(ChannelFlush { c, band, block, row: first, column: from, count: rows * (to - from) });
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
        let plane = c.rows.target * c.columns.target;
        let row = c.rows.target_first + (band.row + row) * c.rows.target_step;
        let column = c.columns.target_first + (band.column + column) * c.columns.target_step;
        let target = band.target.wrapping_add(row * c.columns.target + column);
        for pixel in (0..count).step_by(S::LANES) {
            let pixels = S::LANES.min(count - pixel);
            let target = target.wrapping_add(pixel * c.columns.target_step);
            for lane in (0..block.count).step_by(S::LANES) {
                let lanes = S::LANES.min(block.count - lane);
                let sums = band.pass.memory.sums.wrapping_add(pixel * block.width + lane);
                // SAFETY: the sums are `count` rows of `block.width` elements; pixels and channels stay within the
                // target.
                unsafe {
                    transpose(
                        s,
                        pixels,
                        |p| sums.wrapping_add(p * block.width),
                        (0, S::LANES),
                        band.pass.memory.turned,
                        S::LANES,
                    );
                    for i in 0..lanes {
                        let m = block.m + lane + i;
                        let at = target.add(m * plane);
                        put(
                            s,
                            c.columns.target_step,
                            band.pass.bias(m),
                            band.pass.memory.turned.add(i * S::LANES),
                            pixels,
                            at,
                        );
                    }
                }
            }
        }
    }
}

/// Brings `count` sums of one channel to the target: added to the bias, or (`None`) to what is there already.
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
) {
    // SAFETY: the caller vouches for sums and targets.
    unsafe {
        if step != 1 {
            for i in 0..count {
                let to = to.add(i * step);
                *to = *sums.add(i) + bias.unwrap_or(*to);
            }
            return;
        }
        let base = s.splat(bias.unwrap_or(T::ZERO));
        let mut i = 0;
        while i + S::LANES <= count {
            let base = if bias.is_some() { base } else { s.load(to.add(i)) };
            s.store(to.add(i), s.add(s.load(sums.add(i)), base));
            i += S::LANES;
        }
        if i < count {
            let base = if bias.is_some() { base } else { s.load_part(to.add(i), 0, count - i) };
            s.store_part(to.add(i), count - i, s.add(s.load_part(sums.add(i), 0, count - i), base));
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
) {
    let end = (band.rows - 1) * band.pitch + band.columns;
    let plane = c.rows.target * c.columns.target;
    let first = (c.rows.target_first + band.row) * c.columns.target + c.columns.target_first + band.column;
    let target = band.target.wrapping_add(block.m * plane + first);
    // Without a gap between the rows, nor anything to add to, the sums are the output.
    let is_long = is_dense(c, band) && band.pitch == band.columns;
    let is_final = is_long && band.pass.is_first && end >= S::LANES;
    let start = match band.pass.bias {
        Some(bias) if is_final => Start::Numbers(bias.wrapping_add(block.m)),
        _ => Start::Zero,
    };
    let mut pixel = 0;
    while pixel < end {
        let left = (end - pixel).div_ceil(S::LANES);
        let fits = |&v: &usize| v <= left && v * S::LANES <= end && block.count <= max_scalars(S::REGISTERS, v);
        let vectors = [8, 4, 3, 2].into_iter().find(fits).unwrap_or(1);
        // The last tile is moved back to end with the plane: what it computes again is not stored again.
        let from = pixel.min(end.saturating_sub(vectors * S::LANES));
        let last = (from + vectors * S::LANES).min(end) - 1;
        let (steps, step_count) = band.steps(c, from / band.pitch, last / band.pitch);
        let operands = Tile {
            steps,
            step_count,
            vectors: band.cells.wrapping_add(from),
            scalars: weights,
            sums: if is_final { target.wrapping_add(from) } else { band.pass.memory.sums },
            pitch: if is_final { plane } else { vectors * S::LANES },
            start,
        };
        // SAFETY: the tile ends with the plane, or (if the plane is smaller than a vector) in the slack after the
        // copy.
        unsafe { tile(s, vectors, block.count, operands) };
        let to = end.min(pixel + vectors * S::LANES);
        if !is_final {
            s.call(PixelFlush { c, band, block, from, vectors, pixel, end: to });
        }
        pixel = to;
    }
}

/// Brings the sums of a pixel tile to the target, row by row.
struct PixelFlush<'a, T> {
    c: &'a Correlation,
    band: &'a SourceBand<T>,
    block: &'a ChannelBlock,
    /// Pixel of the first lane, and vectors of the tile.
    from: usize,
    vectors: usize,
    /// Pixels to store, counted along the long row of the copy.
    pixel: usize,
    end: usize,
}

impl<T: Element, S: Simd<T>> Job<S> for PixelFlush<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let PixelFlush { c, band, block, from, vectors, mut pixel, end } = self;
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
                let sums = band.pass.memory.sums.wrapping_add(q * vectors * S::LANES + pixel - from);
                // SAFETY: pixels and channels stay within the target, and their sums are there.
                unsafe { put(s, step, band.pass.bias(m), sums, count, target.wrapping_add(m * plane)) };
            }
            pixel = pixel.saturating_add(pitch - column);
            (row, column) = (row + 1, 0);
        }
    }
}

/// Runs a correlation; `false`, having done nothing, if it does not fit into the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    target: &mut [T],
) -> bool {
    let Some(plan) = correlation.plan::<T, S>() else { return false };
    with_scratch(plan.layout, &mut |scratch| {
        s.call(TiledCorrelation {
            correlation,
            plan,
            source: source.as_ptr(),
            w: w.as_ptr(),
            bias: bias.map(<[T]>::as_ptr),
            target: target.as_mut_ptr(),
            scratch,
        });
    });
    true
}
