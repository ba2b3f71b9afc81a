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
//! and is a correlation of its own, whose results are scattered over dx. `few_channels` and `scatter`
//! have other ways, which go first.
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
//! - All block sizes are bounded by the scratch memory; see `Plan`.
//! - Depthwise convolutions and those of few channels have loops of their own, in `depthwise` and `few_channels`.

use super::copy::{Range, copy_planes, transpose};
use super::scatter;
use super::scratch::{Layout, Scratch, product, with_scratch};
use super::thresholds::correlation::{ROWS, SOURCE, STEPS, WEIGHTS};
use super::tile::{MAX_SUMS, Start, Step, Tile, max_scalars, tile};
use super::{Element, Job, MAX_LANES, Simd, balanced, depthwise, edges, few_channels, has_terms};
use crate::kernel::Conv2dGeometry;
use crate::kernel::portable::fill_planes;

/// Cycles per pixel and vector, about, that it costs to bring a tile to y.
const CHANNEL_FLUSH: usize = 10;
const PIXEL_FLUSH: usize = 3;

/// One axis of a correlation. Output position `i` reads source cells `first + i·step + offset(tap)`.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// Cells of the source.
    pub(super) source: usize,
    /// Output positions.
    pub(super) grid: usize,
    /// Source cells from one output position to the next.
    pub(super) step: usize,
    /// The lowest source cell that position 0 reads.
    pub(super) first: isize,
    /// Number of taps; tap t is number `tap_first + t·tap_step` of the kernel.
    pub(super) taps: usize,
    pub(super) tap_first: usize,
    pub(super) tap_step: usize,
    /// Source cells between taps, and whether the last tap is the lowest.
    pub(super) distance: usize,
    pub(super) mirrored: bool,
    /// Extent of the target, and the place of output position i in it: `target_first + i·target_step`.
    pub(super) target: usize,
    pub(super) target_first: usize,
    pub(super) target_step: usize,
}

impl Axis {
    /// The axis of a forward convolution.
    pub(super) fn forward(g: &Conv2dGeometry, axis: usize) -> Self {
        Self {
            source: g.input[axis],
            grid: g.output[axis],
            step: g.stride[axis],
            first: -(g.padding[axis] as isize),
            taps: g.kernel[axis],
            tap_first: 0,
            tap_step: 1,
            distance: g.dilation[axis],
            mirrored: false,
            target: g.output[axis],
            target_first: 0,
            target_step: 1,
        }
    }

    /// The axis of dx, for the inputs `phase + i·S`: input r has tap u from output (r + P − u·D) / S where that is
    /// whole.
    pub(super) fn backward(g: &Conv2dGeometry, axis: usize, phase: usize) -> Self {
        let (stride, dilation) = (g.stride[axis], g.dilation[axis]);
        let reach = (phase + g.padding[axis]) as isize;
        let cell = |u: usize| reach - (u * dilation) as isize;
        let fits = |u: &usize| cell(*u) % stride as isize == 0;
        let mut taps = (0..g.kernel[axis]).filter(fits);
        let tap_first = taps.next();
        let tap_step = taps.next().map_or(1, |second| second - tap_first.unwrap_or(0));
        let taps = (0..g.kernel[axis]).filter(fits).count();
        let tap_first = tap_first.unwrap_or(0);
        let last = tap_first + taps.saturating_sub(1) * tap_step;
        Self {
            source: g.output[axis],
            grid: (g.input[axis] + stride - 1 - phase) / stride,
            step: 1,
            first: cell(last).div_euclid(stride as isize),
            taps,
            tap_first,
            tap_step,
            distance: tap_step * dilation / stride,
            mirrored: true,
            target: g.input[axis],
            target_first: phase,
            target_step: stride,
        }
    }

    /// Offset of a tap from the lowest one.
    #[inline(always)]
    fn offset(&self, tap: usize) -> usize {
        if self.mirrored { (self.taps - 1 - tap) * self.distance } else { tap * self.distance }
    }

    /// The taps `from..to` that lie inside of the source for output position `i`.
    #[inline(always)]
    fn taps_inside(&self, i: usize) -> (usize, usize) {
        let cell = self.first + (i * self.step) as isize;
        let is_inside = |&tap: &usize| (0..self.source as isize).contains(&(cell + self.offset(tap) as isize));
        let from = (0..self.taps).find(is_inside).unwrap_or(0);
        let to = (from..self.taps).rev().find(is_inside).map_or(from, |last| last + 1);
        (from, to)
    }

    /// Cells from the lowest to the highest tap, both included.
    pub(super) fn span(&self) -> usize {
        (self.taps - 1) * self.distance + 1
    }

    /// What to copy for the output positions `from..from + count`.
    #[inline(always)]
    fn range(&self, from: usize, count: usize) -> Range {
        Range {
            source: self.source,
            first: self.first + (from * self.step) as isize,
            step: self.step,
            phases: self.step.min(self.span()),
            cells: count + (self.span() - 1) / self.step,
        }
    }

    /// Phase of the copy that a tap reads, and the cell for output position 0.
    #[inline(always)]
    fn place(&self, tap: usize) -> (usize, usize) {
        let offset = self.offset(tap);
        if self.step == 1 { (0, offset) } else { (offset % self.step, offset / self.step) }
    }
}

/// One correlation.
#[derive(Clone, Copy)]
pub(super) struct Correlation {
    pub(super) n: usize,
    pub(super) groups: usize,
    /// Channels per group, of the source and of the target.
    pub(super) k: usize,
    pub(super) m: usize,
    pub(super) rows: Axis,
    pub(super) columns: Axis,
    /// Elements of the weights between output channels and between input channels; of one kernel and of its rows.
    pub(super) w_m: usize,
    pub(super) w_k: usize,
    pub(super) w_taps: usize,
    pub(super) w_row: usize,
}

/// The blocks of a correlation, and the scratch memory they need.
#[derive(Clone, Copy)]
struct Plan {
    /// Channels of the source in a block.
    k: usize,
    /// Output rows and columns of a band.
    rows: usize,
    columns: usize,
    /// The first of the output channels that go to pixel tiles.
    pixel_m: usize,
    /// Scalars of a pixel tile.
    pixel_width: usize,
    /// Elements of the padded copy; 0 if the source is read in place.
    source: usize,
    /// Elements of packed weights.
    weights: usize,
    layout: Layout,
}

/// Elements of the largest plane of which STEPS can be counted in the 32 bits of a [`Step`].
const MAX_PLANE: usize = (u32::MAX as usize - MAX_LANES) / STEPS;
/// Elements behind the padded copy that the widest pixel tile may read, and the copy overwrite.
const SLACK: usize = 8 * MAX_LANES;

impl Correlation {
    /// y from x.
    pub(super) fn forward(g: &Conv2dGeometry) -> Self {
        let taps = g.kernel[0] * g.kernel[1];
        Self {
            n: g.n,
            groups: g.groups,
            k: g.c / g.groups,
            m: g.f / g.groups,
            rows: Axis::forward(g, 0),
            columns: Axis::forward(g, 1),
            w_m: g.c / g.groups * taps,
            w_k: taps,
            w_taps: taps,
            w_row: g.kernel[1],
        }
    }

    /// One phase of dx from dy.
    pub(super) fn backward(g: &Conv2dGeometry, [row, column]: [usize; 2]) -> Self {
        let taps = g.kernel[0] * g.kernel[1];
        Self {
            n: g.n,
            groups: g.groups,
            k: g.f / g.groups,
            m: g.c / g.groups,
            rows: Axis::backward(g, 0, row),
            columns: Axis::backward(g, 1, column),
            w_m: taps,
            w_k: g.c / g.groups * taps,
            w_taps: taps,
            w_row: g.kernel[1],
        }
    }

    fn taps(&self) -> usize {
        self.rows.taps * self.columns.taps
    }

    /// Whether all windows lie inside of the source and advance by one cell, so that no copy is needed.
    fn is_inside(&self) -> bool {
        let axis = |a: &Axis| a.step == 1 && a.first >= 0 && a.first as usize + a.range(0, a.grid).cells <= a.source;
        axis(&self.rows) && axis(&self.columns)
    }

    /// Chooses block sizes; `None` if not even the smallest blocks fit into the scratch memory.
    fn plan<T, S: Simd<T>>(&self) -> Option<Plan> {
        let copy = |rows, columns| product([self.rows.range(0, rows).len(), self.columns.range(0, columns).len()]);
        let fits = |rows, columns, k: usize, budget| {
            copy(rows, columns).and_then(|cells| cells.checked_mul(k)).is_some_and(|cells| cells <= budget)
        };
        let budget = SOURCE / size_of::<T>() - SLACK;
        let taps = self.taps();
        let width = 2 * S::LANES;

        let mut columns = self.columns.grid;
        while !fits(1, columns, 1, budget) && columns > 1 {
            columns = columns.div_ceil(2);
        }
        if !fits(1, columns, 1, budget) {
            return None;
        }
        let rows = ROWS.min(self.rows.grid);
        let k = self
            .k
            .min(STEPS / taps)
            .min(WEIGHTS / size_of::<T>() / taps.checked_mul(width)?)
            .min(copy(rows, columns).map_or(0, |cells| budget / cells).max(1));
        if k == 0 {
            return None;
        }
        let k = balanced(self.k, k);
        // No band has more rows than the budget has elements.
        let mut rows = self.rows.grid.min(budget);
        while !fits(rows, columns, k, budget) && rows > 1 {
            rows -= 1;
        }
        let rows = balanced(self.rows.grid, rows);

        // Vector multiply-adds of both kinds of tile, for all channels and for what is left of whole vectors.
        let steps = k * taps;
        let long_row = (rows - 1) * self.columns.range(0, columns).cells + columns;
        let by_channel = |m: usize| m.div_ceil(S::LANES) * rows * columns * (steps + CHANNEL_FLUSH);
        let by_pixel = |m: usize| m * long_row.div_ceil(S::LANES) * (steps + PIXEL_FLUSH);
        let rest = self.m % S::LANES;
        let pixel_m = if by_pixel(self.m) <= by_channel(self.m) {
            0
        } else if by_pixel(rest) < by_channel(rest) {
            self.m - rest
        } else {
            self.m
        };
        let pixels = self.m - pixel_m;
        let widest = if S::REGISTERS >= 32 { 8 } else { 6 };
        let pixel_width = balanced(pixels, widest.min(pixels).max(1));

        // Pixel tiles read whole vectors, so that a band in place, also the last one, must have at least one.
        let last = |len: usize, block: usize| len - (len.div_ceil(block) - 1) * block;
        let least = (last(self.rows.grid, rows) - 1) * self.columns.source + last(self.columns.grid, columns);
        let fits_table = self.rows.source * self.columns.source <= MAX_PLANE;
        let in_place = self.is_inside() && fits_table && (pixels == 0 || least >= S::LANES);
        let source = if in_place { 0 } else { product([copy(rows, columns)?, k])? };
        let all_weights =
            (pixel_m.next_multiple_of(S::LANES) + pixels.next_multiple_of(pixel_width)).checked_mul(steps);
        let most_weights = WEIGHTS / size_of::<T>();
        let weights = all_weights.map_or(most_weights, |all| all.min(most_weights));

        let layout = Layout::EMPTY
            .with::<T>(weights + MAX_LANES)?
            .with::<T>(source + SLACK)?
            .with::<Step>(steps)?
            .with::<T>(MAX_SUMS * S::LANES)?
            .with::<T>(S::LANES * S::LANES)?;
        Some(Plan { k, rows, columns, pixel_m, pixel_width, source, weights, layout })
    }
}

/// Output channels that share their tiles.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// The first channel, and how many there are.
    pub(super) m: usize,
    pub(super) count: usize,
    /// Packed weights per step: whole vectors for channel tiles, `count` for pixel tiles.
    pub(super) width: usize,
    pub(super) by_pixel: bool,
}

/// The slices of a correlation, as pointers.
struct Run<T> {
    correlation: Correlation,
    plan: Plan,
    source: *const T,
    w: *const T,
    /// `None`: zero.
    bias: Option<*const T>,
    target: *mut T,
    scratch: Scratch,
}

/// The pieces of the scratch memory.
#[derive(Clone, Copy)]
pub(super) struct Memory<T> {
    pub(super) weights: *mut T,
    pub(super) copy: *mut T,
    pub(super) table: *mut Step,
    pub(super) sums: *mut T,
    pub(super) turned: *mut T,
}

/// One block of input channels and some blocks of output channels, whose weights are packed.
#[derive(Clone, Copy)]
pub(super) struct Pass<T> {
    pub(super) memory: Memory<T>,
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
struct Band<T> {
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

impl<T: Element, S: Simd<T>> Job<S> for Run<T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Run { correlation: c, plan, source, w, bias, target, mut scratch } = self;
        let memory = Memory {
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
                        unsafe { correlate_image(s, &c, &plan, &pass, source, target, &mut table_key) };
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
unsafe fn correlate_image<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    plan: &Plan,
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
            let band = Band { cells, cells_k, pitch, steps, pass: *pass, target, row, rows, column, columns };
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

impl Correlation {
    /// Elements of the weights of one group.
    pub(super) fn w_group(&self) -> usize {
        // Filters are stored (F, C/G, KH, KW): a group is F/G of them, whichever of the two sides F is.
        (self.m * self.w_m).max(self.k * self.w_k)
    }

    /// The block of output channels that starts at `m`.
    #[inline(always)]
    fn block<T, S: Simd<T>>(&self, plan: &Plan, m: usize) -> Block {
        if m >= plan.pixel_m {
            let count = plan.pixel_width.min(self.m - m);
            return Block { m, count, width: count, by_pixel: true };
        }
        let count = (2 * S::LANES).min(plan.pixel_m - m);
        Block { m, count, width: count.next_multiple_of(S::LANES), by_pixel: false }
    }
}

/// Packs the weights of as many blocks as fit, from output channel `m` on; returns the channel behind them.
///
/// # Safety
/// `w` are the weights of the group, `packed` has room for `plan.weights` elements.
#[inline(always)]
unsafe fn pack<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    plan: &Plan,
    w: *const T,
    m: usize,
    k: usize,
    k_count: usize,
    packed: *mut T,
) -> usize {
    let (mut m, mut used) = (m, 0);
    // The limit is the same for all blocks of k, also for a smaller last one, so that the chunks are the same.
    let mut used_by_plan = 0;
    while m < c.m {
        let block = c.block::<T, S>(plan, m);
        used_by_plan += plan.k * c.taps() * block.width;
        if used_by_plan > plan.weights {
            break;
        }
        let w = w.wrapping_add(block.m * c.w_m + k * c.w_k);
        // SAFETY: the block fits, as just checked.
        unsafe { pack_block(s, c, w, &block, k_count, packed.add(used)) };
        used += k_count * c.taps() * block.width;
        m += block.count;
    }
    m
}

/// Packs the weights of one block: \[step\]\[channel\], zero in the lanes behind the last channel of a channel tile.
///
/// # Safety
/// `w` are the weights of the block's first channel, `packed` has room for all steps and one vector more.
#[inline(always)]
pub(super) unsafe fn pack_block<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    w: *const T,
    block: &Block,
    k_count: usize,
    packed: *mut T,
) {
    let taps = c.taps();
    // Whole vectors are stored, which overrun into the next step: in ascending order of steps, and the last lanes
    // first.
    for lane in (0..block.count).step_by(S::LANES).rev() {
        let w = w.wrapping_add(lane * c.w_m);
        let packed = packed.wrapping_add(lane);
        let count = S::LANES.min(block.count - lane);
        if c.taps() != c.w_taps {
            let mut to = packed;
            for k in 0..k_count {
                for u in 0..c.rows.taps {
                    let row = (c.rows.tap_first + u * c.rows.tap_step) * c.w_row;
                    for v in 0..c.columns.taps {
                        let from = w.wrapping_add(k * c.w_k + row + c.columns.tap_first + v * c.columns.tap_step);
                        // SAFETY: the caller vouches for the weights and for the room.
                        unsafe {
                            s.store(to, s.zero());
                            for m in 0..count {
                                *to.add(m) = *from.add(m * c.w_m);
                            }
                        }
                        to = to.wrapping_add(block.width);
                    }
                }
            }
            continue;
        }
        // Runs of weights that are contiguous in memory and in steps.
        let (runs, run) = if c.w_k == taps { (1, k_count * taps) } else { (k_count, taps) };
        for k in 0..runs {
            for step in (0..run).step_by(S::LANES) {
                let w = w.wrapping_add(k * c.w_k + step);
                let to = packed.wrapping_add((k * taps + step) * block.width);
                let steps = S::LANES.min(run - step);
                // SAFETY: `steps` weights of `count` channels exist, and the steps have room.
                unsafe {
                    if c.w_m == 1 && steps == 1 {
                        s.store(to, s.load_part(w, 0, count));
                    } else {
                        transpose(s, count, |m| w.wrapping_add(m * c.w_m), (0, steps), to, block.width);
                    }
                }
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
    band: &Band<T>,
    block: &Block,
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

impl<T> Band<T> {
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
fn is_dense<T>(c: &Correlation, band: &Band<T>) -> bool {
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
    band: &Band<T>,
    block: &Block,
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
    band: &'a Band<T>,
    block: &'a Block,
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
unsafe fn pixel_tiles<T: Element, S: Simd<T>>(s: S, c: &Correlation, band: &Band<T>, block: &Block, weights: *const T) {
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
        // SAFETY: the tile ends with the plane, or (if the plane is smaller than a vector) in the slack behind the
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
    band: &'a Band<T>,
    block: &'a Block,
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

/// y: see [`crate::kernel::conv2d`]. Returns `false`, having done nothing, if there is nothing to do or the geometry
/// does not fit.
pub(in crate::kernel) fn conv2d<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) -> bool {
    let has_run =
        has_terms(g) && (few_channels::conv2d(s, g, x, w, b, y) || run(s, Correlation::forward(g), x, w, b, y));
    if has_run {
        edges::settle_y(s, g, w, y);
    }
    has_run
}

/// dx: see [`crate::kernel::conv2d_backward_input`]. Returns `false` if the geometry does not fit.
pub(in crate::kernel) fn conv2d_backward_input<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
) -> bool {
    if !has_terms(g) {
        return false;
    }
    conv_transpose2d(s, g, dy, w, None, dx)
}

/// y: see [`crate::kernel::conv_transpose2d`]. The names are those of dx, which this is.
pub(in crate::kernel) fn conv_transpose2d<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
) -> bool {
    let has_run = has_terms(g) && scatter_to(s, g, dy, w, b, dx);
    if has_run {
        edges::settle_dx(s, g, w, dy, b, dx);
    }
    has_run
}

/// dx, with a bias, in one of the ways there are.
fn scatter_to<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
) -> bool {
    if few_channels::conv_transpose2d(s, g, dy, w, b, dx) {
        return true;
    }
    if scatter::conv2d_backward_input(s, g, w, dy, dx) {
        let plane = (g.input[0] * g.input[1]).max(1);
        if let Some(b) = b {
            for (dx, &b) in dx.chunks_exact_mut(plane).zip(b.iter().cycle()) {
                dx.iter_mut().for_each(|dx| *dx += b);
            }
        }
        return true;
    }
    let [phase_rows, phase_columns] = [0, 1].map(|axis| g.stride[axis].min(g.input[axis]));
    let phases = || {
        (0..phase_rows).flat_map(|row| (0..phase_columns).map(move |column| Correlation::backward(g, [row, column])))
    };
    // Inputs that no tap reaches.
    if phases().any(|phase| phase.taps() == 0) {
        fill_planes(b, g.input[0] * g.input[1], dx);
    }
    phases().filter(|phase| phase.taps() > 0).all(|phase| run(s, phase, dy, w, b, dx))
}

/// Runs a correlation; `false` if it does not fit into the scratch memory.
fn run<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    target: &mut [T],
) -> bool {
    if depthwise::suits(&correlation) {
        s.call(depthwise::Run { correlation, source, w, bias, target });
        return true;
    }
    let Some(plan) = correlation.plan::<T, S>() else { return false };
    with_scratch(plan.layout, &mut |scratch| {
        s.call(Run {
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
