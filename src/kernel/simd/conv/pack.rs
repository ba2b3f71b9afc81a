//! The blocks of a correlation, and their weights packed for the tiles.

use super::axis::Correlation;
use crate::kernel::simd::block::balanced;
use crate::kernel::simd::block::copy::transpose;
use crate::kernel::simd::block::scratch::{Layout, product};
use crate::kernel::simd::block::tile::{MAX_SUMS, SPACED, Step};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::tiles::{ROWS, SOURCE, STEPS, WEIGHTS};
use crate::kernel::simd::{Element, Job, Simd};

/// Cycles per pixel and vector, about, that it costs to bring a tile to y.
const CHANNEL_FLUSH: usize = 10;
const PIXEL_FLUSH: usize = 3;
/// Cycles per step and vector, about, that it costs to pack weights.
const PACK: usize = 6;

/// The blocks of a correlation, and the scratch memory they need.
#[derive(Clone, Copy)]
pub(super) struct CorrelationPlan {
    /// Channels of the source in a block.
    pub(super) k: usize,
    /// Output rows and columns of a band.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The first of the output channels that go to pixel tiles.
    pub(super) pixel_m: usize,
    /// Scalars of a pixel tile.
    pub(super) pixel_width: usize,
    /// Elements of the padded copy; 0 if the source is read in place.
    pub(super) source: usize,
    /// Whether pixel tiles read the weights where they lie.
    pub(super) reads_weights: bool,
    /// Elements of packed weights, and whether these are all of a group that are packed.
    pub(super) weights: usize,
    pub(super) has_all_weights: bool,
    pub(super) layout: Layout,
}

/// Elements of the largest plane of which STEPS can be counted in the 32 bits of a [`Step`].
const MAX_PLANE: usize = (u32::MAX as usize - MAX_LANES) / STEPS;
/// Elements after the padded copy that the widest pixel tile may read, and the copy overwrite.
pub(super) const SLACK: usize = 8 * MAX_LANES;

impl Correlation {
    /// Chooses block sizes; `None` if not even the smallest blocks fit into the scratch memory.
    pub(super) fn plan<T, S: Simd<T>>(&self, base: Layout) -> Option<CorrelationPlan> {
        let most_weights = base.share(WEIGHTS) / size_of::<T>();
        let copy = |rows, columns| product([self.rows.range(0, rows).len(), self.columns.range(0, columns).len()]);
        let fits = |rows, columns, k: usize, budget| {
            copy(rows, columns).and_then(|cells| cells.checked_mul(k)).is_some_and(|cells| cells <= budget)
        };
        let budget = base.share(SOURCE) / size_of::<T>() - SLACK;
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
            .min(most_weights / taps.checked_mul(width)?)
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
        let by_channel = |m: usize| m.div_ceil(S::LANES) * (rows * columns * (steps + CHANNEL_FLUSH) + steps * PACK);
        // Where the weights of an output channel lie together, these are read in place: else each step would read other
        // cache lines.
        let reads_weights = self.w_k == taps && self.w_group() <= MAX_PLANE;
        let packing = |m: usize| if reads_weights { 0 } else { m.div_ceil(SPACED) * steps * PACK };
        let by_pixel =
            |m: usize| m * long_row.div_ceil(S::LEAST) * (steps + PIXEL_FLUSH) * S::LEAST / S::LANES + packing(m);
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
        let packed_pixels = if reads_weights { 0 } else { pixels.next_multiple_of(pixel_width) };
        let all_weights = (pixel_m.next_multiple_of(S::LANES) + packed_pixels).checked_mul(steps);
        let weights = all_weights.map_or(most_weights, |all| all.min(most_weights));
        let has_all_weights = all_weights == Some(weights) && k == self.k;

        let layout = base
            .with::<T>(weights + MAX_LANES)?
            .with::<T>(source + SLACK)?
            .with::<Step>(steps)?
            .with::<T>(MAX_SUMS * S::LANES)?
            .with::<T>(S::LANES * S::LANES)?;
        Some(CorrelationPlan {
            k,
            rows,
            columns,
            pixel_m,
            pixel_width,
            source,
            reads_weights,
            weights,
            has_all_weights,
            layout,
        })
    }
}

/// Output channels that share their tiles.
#[derive(Clone, Copy)]
pub(super) struct ChannelBlock {
    /// The first channel, and how many there are.
    pub(super) m: usize,
    pub(super) count: usize,
    /// Packed weights per step: whole vectors for channel tiles, `count` for pixel tiles.
    pub(super) width: usize,
    pub(super) by_pixel: bool,
}

impl Correlation {
    /// The block of output channels that starts at `m`.
    #[inline(always)]
    pub(super) fn block<T, S: Simd<T>>(&self, plan: &CorrelationPlan, m: usize) -> ChannelBlock {
        if m >= plan.pixel_m {
            let count = plan.pixel_width.min(self.m - m);
            return ChannelBlock { m, count, width: count, by_pixel: true };
        }
        let count = (2 * S::LANES).min(plan.pixel_m - m);
        ChannelBlock { m, count, width: count.next_multiple_of(S::LANES), by_pixel: false }
    }
}

/// Packs the weights of as many blocks as fit, from output channel `m` on; returns the channel after them. Compiled once
/// for whole images and for some rows at a time.
///
/// # Safety
/// `w` are the weights of the group, `packed` has room for `plan.weights` elements.
#[inline(always)]
pub(super) unsafe fn pack<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    plan: &CorrelationPlan,
    w: *const T,
    m: usize,
    k: usize,
    k_count: usize,
    packed: *mut T,
) -> usize {
    s.call(Pack { c, plan, w, m, k, k_count, packed })
}

/// The arguments of [`pack`], which vouches for them.
struct Pack<'a, T> {
    c: &'a Correlation,
    plan: &'a CorrelationPlan,
    w: *const T,
    m: usize,
    k: usize,
    k_count: usize,
    packed: *mut T,
}

impl<T: Element, S: Simd<T>> Job<S> for Pack<'_, T> {
    type Output = usize;
    #[inline(always)]
    fn run(self, s: S) -> usize {
        let Pack { c, plan, w, mut m, k, k_count, packed } = self;
        // The limit is the same for all blocks of k, also for a smaller last one, so that the chunks are the same.
        let (mut used, mut used_by_plan) = (0, 0);
        while m < c.m {
            let block = c.block::<T, S>(plan, m);
            if block.by_pixel && plan.reads_weights {
                return c.m;
            }
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
}

/// Packs the weights of one block: \[step\]\[channel\], zero in the lanes after the last channel of a channel tile.
///
/// # Safety
/// `w` are the weights of the block's first channel, `packed` has room for all steps and one vector more.
#[inline(always)]
pub(super) unsafe fn pack_block<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    w: *const T,
    block: &ChannelBlock,
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
                    for v in 0..c.columns.taps {
                        let from = w.wrapping_add(k * c.w_k + c.weight(u, v));
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
