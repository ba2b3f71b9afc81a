//! Forward and dx of 3×3 kernels without stride, by Winograd's minimal filtering F(4×4, 3×3): a quarter of the
//! multiplications, and a rounding error about ten times that of the direct kernels.
//!
//! ```text
//! for each block of output channels m, block of input channels k:
//!     u[36][k][m] = G · w[m, k] · Gᵀ
//!     for each image, band of rows of tiles (4×4 outputs that 6×6 inputs determine):
//!         v[36][k][tile] = Bᵀ · x[k, tile] · B
//!         for each of the 36:  products[tile][m] = Σ_k v[k][tile] · u[k][m]
//!         y[m, tile] = Aᵀ · products[m, tile] · A
//! ```
//!
//! The matrices are those of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), section 4.3.
//!
//! What differs from the pseudo-code:
//! - Each transform works on whole vectors: its lanes are output channels for u and y, and tiles for v. For the latter
//!   the copy of the input is split into 4×4 phases, so that neighbouring tiles are neighbouring elements, and the
//!   tiles of a band follow each other as one long row; what falls between two rows of tiles is computed and not used.
//! - The products are the microkernel `tile`: lanes are output channels, steps are input channels, scalars are tiles.
//! - Where the products of a whole plane fit into the scratch memory, they are summed up over the blocks of input
//!   channels and transformed back once; images are then the outermost loop, and the blocks of output channels are
//!   larger, so that the input is transformed less often.

use core::slice;

use super::axis::{Axis, Correlation};
use super::pack::{ChannelBlock, pack_block};
use super::tiles::{CorrelationMemory, Pass, put};
use super::winograd_points::{WINDOW, filter_points, input_points, output_points};
use crate::kernel::simd::block::balanced;
use crate::kernel::simd::block::copy::{Range, copy_planes, transpose};
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::block::tile::{Start, Step, Tile, max_scalars, tile};
use crate::kernel::simd::thresholds::winograd::{CHANNELS, COLUMNS, MOST_STORED, TILE, WHOLE_CHANNELS, WHOLE_TILES};
use crate::kernel::simd::thresholds::{CAPACITY, MAX_LANES};
use crate::kernel::simd::{Element, Job, Simd, from_fn};

/// Elements of a transformed tile.
const POINTS: usize = WINDOW * WINDOW;
/// Taps of a kernel.
const TAPS: usize = 9;
/// Elements after the copy that whole vectors may reach.
const SLACK: usize = 2 * MAX_LANES;

/// The blocks, and the scratch memory they need.
#[derive(Clone, Copy)]
struct WinogradPlan {
    /// Input and output channels of a block.
    k: usize,
    width: usize,
    /// Rows and columns of tiles in a band.
    rows: usize,
    columns: usize,
    /// Tiles of the long row, in whole vectors.
    tiles: usize,
    /// Whether a band is a whole plane, whose products are added up over all blocks of input channels.
    is_whole: bool,
}

impl WinogradPlan {
    /// The largest blocks that fit, of weights that are transformed already or not.
    fn new<T, S: Simd<T>>(c: &Correlation, is_stored: bool) -> Option<(WinogradPlan, Layout)> {
        // A row of a tile is at most a vector.
        if S::LANES < TILE {
            return None;
        }
        let [rows, columns] = [&c.rows, &c.columns].map(|axis| axis.grid.div_ceil(TILE));
        let most_k = CHANNELS / size_of::<T>();
        let plan = |is_whole: bool, k: usize, width: usize, rows: usize, columns: usize| {
            let width = (width * S::LANES).min(c.m.next_multiple_of(S::LANES));
            // One less than a whole number of the long row's rows.
            let tiles = (product([rows, columns + 1])? - 1).checked_next_multiple_of(S::LANES)?;
            let plan = WinogradPlan { k: balanced(c.k, k), width, rows, columns, tiles, is_whole };
            Some((plan, plan.layout::<T, S>(is_stored)?))
        };
        let whole = |k: usize| plan(true, k, 4, rows, columns);
        // Each image transforms the weights again, which a few tiles do not repay.
        if (c.n == 1 || rows * columns >= WHOLE_TILES)
            && let Some(whole) = (WHOLE_CHANNELS..=most_k).rev().find_map(whole)
        {
            return Some(whole);
        }
        let columns = balanced(columns, COLUMNS);
        let band = |rows: usize| plan(false, most_k, 2, rows, columns);
        // No band has more rows of tiles than the scratch memory has bytes.
        let (most, _) = (1..=rows.min(CAPACITY)).rev().find_map(band)?;
        band(balanced(rows, most.rows))
    }

    /// Elements of the copy of one channel.
    fn cells(&self) -> usize {
        TILE * TILE * (self.rows + 1) * (self.columns + 1)
    }

    /// Scratch memory; `None` if that is too much.
    fn layout<T, S: Simd<T>>(&self, is_stored: bool) -> Option<Layout> {
        let weights = if is_stored { 0 } else { product([self.k, self.width])? };
        // The tiles first: after them the other products are small.
        let tiles = product([POINTS, self.k, self.tiles])?;
        Layout::EMPTY.with::<T>(tiles)?;
        Layout::EMPTY
            .with::<T>(product([TAPS, weights])? + MAX_LANES)?
            .with::<T>(product([POINTS, weights])?)?
            .with::<T>(product([self.k, self.cells()])? + SLACK)?
            .with::<T>(tiles)?
            .with::<T>(product([POINTS, self.rows, self.columns, self.width])?)?
            .with::<Step>(self.k)?
            .with::<T>(TILE * S::LANES * S::LANES)?
            .with::<T>(S::LANES * S::LANES)
    }
}

/// The slices of a correlation, as pointers.
struct WinogradCorrelation<T> {
    correlation: Correlation,
    plan: WinogradPlan,
    source: *const T,
    w: *const T,
    /// All weights, transformed: \[POINTS\]\[input channel\]\[output channel\].
    stored: Option<*const T>,
    bias: Option<*const T>,
    target: *mut T,
    scratch: Scratch,
}

/// The transformed operands.
#[derive(Clone, Copy)]
struct Spectra<T> {
    /// \[POINTS\]\[k\]\[width\], at these distances from point to point and from channel to channel.
    u: *const T,
    u_point: usize,
    u_pitch: usize,
    /// \[POINTS\]\[k\]\[tiles\].
    v: *mut T,
    /// \[POINTS\]\[vectors of a tile\]\[tile without gaps\]\[vector of these\].
    products: *mut T,
    /// Whether the products are added to those of input channels before, and whether no input channels follow.
    continued: bool,
    complete: bool,
    /// Pixels of a few tiles: \[TILE rows\]\[LANES pixels\]\[LANES channels\].
    pixels: *mut T,
}

/// Vectors of output channels in a tile of products.
const fn together<T, S: Simd<T>>() -> usize {
    if S::REGISTERS >= 32 { 4 } else { 2 }
}

impl<T: Element> Spectra<T> {
    /// Where the product of a point and tile for one vector of output channels stands.
    #[inline(always)]
    fn product<S: Simd<T>>(
        &self,
        block: &ChannelBlock,
        band: TileBand,
        point: usize,
        tile: usize,
        vector: usize,
    ) -> usize {
        let (all, tiles) = (block.width / S::LANES, band.rows * band.columns);
        let first = vector - vector % together::<T, S>();
        let vectors = together::<T, S>().min(all - first);
        (point * tiles * all + first * tiles + tile * vectors + vector - first) * S::LANES
    }
}

impl<T: Element, S: Simd<T>> Job<S> for WinogradCorrelation<T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let WinogradCorrelation { correlation: c, plan, source, w, stored, bias, target, mut scratch } = self;
        let block_weights = if stored.is_some() { 0 } else { plan.k * plan.width };
        let weights = scratch.take::<T>(TAPS * block_weights + MAX_LANES);
        let transformed = scratch.take::<T>(POINTS * block_weights);
        let copy = scratch.take(plan.k * plan.cells() + SLACK);
        let v = scratch.take(POINTS * plan.k * plan.tiles);
        let products = scratch.take(POINTS * plan.rows * plan.columns * plan.width);
        let table = scratch.take(plan.k);
        let pixels = scratch.take(TILE * S::LANES * S::LANES);
        let turned = scratch.take(S::LANES * S::LANES);
        let memory = CorrelationMemory { weights, copy, table, sums: products, turned };
        let (source_plane, target_plane) = (c.rows.source * c.columns.source, c.rows.target * c.columns.target);
        // Products that wait for more input channels are those of one image.
        let images = if plan.is_whole { 1 } else { c.n.max(1) };
        for image in (0..c.n).step_by(images) {
            for group in 0..c.groups {
                let bias = bias.map(|b| b.wrapping_add(group * c.m));
                for m in (0..c.m).step_by(plan.width) {
                    let count = plan.width.min(c.m - m);
                    let block = ChannelBlock { m, count, width: count.next_multiple_of(S::LANES), by_pixel: false };
                    for k in (0..c.k).step_by(plan.k) {
                        let k_count = plan.k.min(c.k - k);
                        let (continued, complete) = (plan.is_whole && k > 0, !plan.is_whole || k + k_count == c.k);
                        let (u, u_point, u_pitch) = match stored {
                            Some(all) => (all.wrapping_add(k * c.m + m), c.k * c.m, c.m),
                            None => (transformed.cast_const(), k_count * block.width, block.width),
                        };
                        let spectra = Spectra { u, u_point, u_pitch, v, products, continued, complete, pixels };
                        let is_first = k == 0 || plan.is_whole;
                        let w = w.wrapping_add(group * c.w_group() + k * c.w_k);
                        let pass = Pass { memory, w, k_count, is_first, m, m_end: m + count, bias, limits: None };
                        let w = w.wrapping_add(m * c.w_m);
                        // SAFETY: the blocks stay within the channels, and the scratch memory is as `plan` says.
                        unsafe {
                            if stored.is_none() {
                                pack_block(s, &c, w, &block, k_count, weights);
                                transform_weights(s, &c, weights, k_count, block.width, transformed);
                            }
                            for i in 0..k_count {
                                let (vector, scalar) = ((i * u_pitch) as u32, (i * plan.tiles) as u32);
                                *pass.memory.table.add(i) = Step { vector, scalar };
                            }
                        }
                        for n in image..image + images {
                            let source = source.wrapping_add(((n * c.groups + group) * c.k + k) * source_plane);
                            let target = target.wrapping_add((n * c.groups + group) * c.m * target_plane);
                            // SAFETY: the pointers are to the first channels of this image, group and block.
                            unsafe { winograd_image(s, &c, &plan, &pass, &block, &spectra, source, target) };
                        }
                    }
                }
            }
        }
    }
}

/// u = G · w · Gᵀ for each input channel, lanes are output channels.
///
/// # Safety
/// `weights` are \[k\]\[tap\]\[width\], and `u` has room for \[POINTS\]\[k\]\[width\].
#[inline(always)]
unsafe fn transform_weights<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    weights: *const T,
    k_count: usize,
    width: usize,
    u: *mut T,
) {
    for k in 0..k_count {
        for lane in (0..width).step_by(S::LANES) {
            let mut rows = [[s.zero(); 3]; WINDOW];
            for column in 0..3 {
                let tap = |row: usize| {
                    let place = 3 * row + column;
                    let tap = if c.rows.mirrored { TAPS - 1 - place } else { place };
                    // SAFETY: the caller vouches for the weights.
                    unsafe { s.load(weights.add((k * TAPS + tap) * width + lane)) }
                };
                let transformed = filter_points::<T, S>(s, [tap(0), tap(1), tap(2)]);
                for row in 0..WINDOW {
                    rows[row][column] = transformed[row];
                }
            }
            for row in 0..WINDOW {
                let points = filter_points::<T, S>(s, rows[row]);
                for column in 0..WINDOW {
                    let at = ((row * WINDOW + column) * k_count + k) * width + lane;
                    // SAFETY: the caller vouches for the room.
                    unsafe { s.store(u.add(at), points[column]) };
                }
            }
        }
    }
}

/// One image, band by band.
///
/// # Safety
/// `source` holds the input channels of the pass, `target` all output channels of the group; u is complete.
#[inline(always)]
unsafe fn winograd_image<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    plan: &WinogradPlan,
    pass: &Pass<T>,
    block: &ChannelBlock,
    spectra: &Spectra<T>,
    source: *const T,
    target: *mut T,
) {
    let [all_rows, all_columns] = [&c.rows, &c.columns].map(|axis| axis.grid.div_ceil(TILE));
    for row in (0..all_rows).step_by(plan.rows) {
        for column in (0..all_columns).step_by(plan.columns) {
            let (rows, columns) = (plan.rows.min(all_rows - row), plan.columns.min(all_columns - column));
            let range = |axis: &Axis, from: usize, count: usize| Range {
                source: axis.source,
                first: axis.first + (TILE * from) as isize,
                step: TILE,
                phases: TILE,
                cells: count + 1,
            };
            let (row_range, column_range) = (range(&c.rows, row, rows), range(&c.columns, column, columns));
            let band = TileBand { row, rows, column, columns, pitch: columns + 1 };
            let copy = pass.memory.copy;
            let len = pass.k_count * row_range.len() * column_range.len();
            // SAFETY: the scratch memory holds a band of `plan.rows` × `plan.columns` tiles.
            unsafe {
                copy_planes(s, source, pass.k_count, &row_range, &column_range, copy);
                for i in (0..SLACK).step_by(S::LANES) {
                    s.store(copy.add(len + i), s.zero());
                }
                s.call(InputTransform { plan, pass, spectra, band });
                multiply(s, plan, pass, block, spectra, band);
                if spectra.complete {
                    s.call(OutputTransform { c, pass, block, spectra, band, target });
                }
            }
        }
    }
}

/// Rows and columns of tiles.
#[derive(Clone, Copy)]
struct TileBand {
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    /// Tiles from row to row in the long row.
    pitch: usize,
}

/// v = Bᵀ · x · B for each channel of a band, lanes are tiles.
struct InputTransform<'a, T> {
    plan: &'a WinogradPlan,
    pass: &'a Pass<T>,
    spectra: &'a Spectra<T>,
    band: TileBand,
}

impl<T: Element, S: Simd<T>> Job<S> for InputTransform<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let InputTransform { plan, pass, spectra, band } = self;
        let phase = (band.rows + 1) * band.pitch;
        let len = (band.rows - 1) * band.pitch + band.columns;
        for k in 0..pass.k_count {
            let cells = pass.memory.copy.wrapping_add(k * TILE * TILE * phase);
            for first in (0..len).step_by(S::LANES) {
                let mut rows = [[s.zero(); WINDOW]; WINDOW];
                for column in 0..WINDOW {
                    let cell = |row: usize| {
                        let phase = (row % TILE * TILE + column % TILE) * phase;
                        let at = phase + row / TILE * band.pitch + column / TILE + first;
                        // SAFETY: the vector starts inside of the copy, and ends at most in the slack after it.
                        unsafe { s.load(cells.add(at)) }
                    };
                    let points = input_points::<T, S>(s, [cell(0), cell(1), cell(2), cell(3), cell(4), cell(5)]);
                    for row in 0..WINDOW {
                        rows[row][column] = points[row];
                    }
                }
                for row in 0..WINDOW {
                    let points = input_points::<T, S>(s, rows[row]);
                    for column in 0..WINDOW {
                        let at = ((row * WINDOW + column) * plan.k + k) * plan.tiles + first;
                        // SAFETY: v has whole vectors for all tiles of the long row.
                        unsafe { s.store(spectra.v.add(at), points[column]) };
                    }
                }
            }
        }
    }
}

/// products = v · u for each of the points, summed up over the input channels.
///
/// # Safety
/// u and v are complete, and the products have room for all tiles of the band.
#[inline(always)]
unsafe fn multiply<T: Element, S: Simd<T>>(
    s: S,
    plan: &WinogradPlan,
    pass: &Pass<T>,
    block: &ChannelBlock,
    spectra: &Spectra<T>,
    band: TileBand,
) {
    let all = block.width / S::LANES;
    for first in (0..all).step_by(together::<T, S>()) {
        let vectors = together::<T, S>().min(all - first);
        let pieces = band.columns.div_ceil(max_scalars(S::REGISTERS, vectors));
        for point in 0..POINTS {
            for row in 0..band.rows {
                for piece in 0..pieces {
                    let (from, to) = (piece * band.columns / pieces, (piece + 1) * band.columns / pieces);
                    let product = spectra.product::<S>(block, band, point, row * band.columns + from, first);
                    let operands = Tile {
                        steps: pass.memory.table,
                        step_count: pass.k_count,
                        vectors: spectra.u.wrapping_add(point * spectra.u_point + first * S::LANES),
                        scalars: spectra.v.wrapping_add(point * plan.k * plan.tiles + row * band.pitch + from),
                        spacing: 1,
                        half: false,
                        sums: spectra.products.wrapping_add(product),
                        pitch: vectors * S::LANES,
                        start: if spectra.continued { Start::Sums } else { Start::Zero },
                        limits: None,
                    };
                    // SAFETY: the steps lead to the channels of this point, and the tiles exist in v and in the
                    // products.
                    unsafe { tile(s, vectors, to - from, operands) };
                }
            }
        }
    }
}

/// y = Aᵀ · products · A for each tile of a band, lanes are output channels; then y is transposed and stored.
struct OutputTransform<'a, T> {
    c: &'a Correlation,
    pass: &'a Pass<T>,
    block: &'a ChannelBlock,
    spectra: &'a Spectra<T>,
    band: TileBand,
    target: *mut T,
}

impl<T: Element, S: Simd<T>> Job<S> for OutputTransform<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let OutputTransform { c, pass, block, spectra, band, target } = self;
        let (plane, width) = (c.rows.target * c.columns.target, c.columns.target);
        let together = S::LANES / TILE;
        for lane in (0..block.count).step_by(S::LANES) {
            let lanes = S::LANES.min(block.count - lane);
            for row in 0..band.rows {
                for first in (0..band.columns).step_by(together) {
                    let count = together.min(band.columns - first);
                    for i in 0..count {
                        let tile = row * band.columns + first + i;
                        let product = |point: usize| {
                            let at = spectra.product::<S>(block, band, point, tile, lane / S::LANES);
                            // SAFETY: the products of all points and tiles are complete.
                            unsafe { s.load(spectra.products.add(at)) }
                        };
                        let mut half = [[s.zero(); WINDOW]; TILE];
                        for column in 0..WINDOW {
                            let points = from_fn(|row| product(row * WINDOW + column));
                            let points = output_points::<T, S>(s, points);
                            for row in 0..TILE {
                                half[row][column] = points[row];
                            }
                        }
                        for row in 0..TILE {
                            let points = output_points::<T, S>(s, half[row]);
                            for column in 0..TILE {
                                let at = (row * S::LANES + i * TILE + column) * S::LANES;
                                // SAFETY: `pixels` has room for LANES pixels in each of the rows.
                                unsafe { s.store(spectra.pixels.add(at), points[column]) };
                            }
                        }
                    }
                    let (y, x) = ((band.row + row) * TILE, (band.column + first) * TILE);
                    let columns = (count * TILE).min(width - x);
                    for i in 0..TILE.min(c.rows.target - y) {
                        let pixels = spectra.pixels.wrapping_add(i * S::LANES * S::LANES);
                        let turned = pass.memory.turned;
                        // SAFETY: the row has `count` tiles of pixels; rows, columns and channels stay within the
                        // target.
                        unsafe {
                            transpose(
                                s,
                                columns,
                                |p| pixels.wrapping_add(p * S::LANES),
                                (0, S::LANES),
                                turned,
                                S::LANES,
                            );
                            for channel in 0..lanes {
                                let m = block.m + lane + channel;
                                let to = target.add(m * plane + (y + i) * width + x);
                                put(s, 1, pass.bias(m), turned.add(channel * S::LANES), columns, to, T::UNLIMITED);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Runs a correlation with 3×3 taps; `false`, having done nothing, if it does not fit into the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    stored: Option<&[T]>,
    bias: Option<&[T]>,
    target: &mut [T],
) -> bool {
    // In place the weights are read by whole vectors.
    let stored =
        stored.filter(|u| (correlation.groups, correlation.m % S::LANES) == (1, 0) && size_of_val(*u) <= MOST_STORED);
    let Some((plan, layout)) = WinogradPlan::new::<T, S>(&correlation, stored.is_some()) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(WinogradCorrelation {
            correlation,
            plan,
            source: source.as_ptr(),
            w: w.as_ptr(),
            stored: stored.map(<[T]>::as_ptr),
            bias: bias.map(<[T]>::as_ptr),
            target: target.as_mut_ptr(),
            scratch,
        });
    });
    true
}

/// The weights of a group, transformed as [`apply`] takes them.
struct Filters<'a, T> {
    correlation: Correlation,
    w: &'a [T],
    u: &'a mut [T],
    scratch: Scratch,
}

impl<T: Element, S: Simd<T>> Job<S> for Filters<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Filters { correlation: c, w, u, mut scratch } = self;
        let weights = scratch.take::<T>(TAPS * S::LANES + MAX_LANES);
        let points = scratch.take::<T>(POINTS * S::LANES);
        for m in (0..c.m).step_by(S::LANES) {
            let count = S::LANES.min(c.m - m);
            let block = ChannelBlock { m, count, width: S::LANES, by_pixel: false };
            for k in 0..c.k {
                let w = w.as_ptr().wrapping_add(m * c.w_m + k * c.w_k);
                // SAFETY: the block stays within the channels, and there is scratch memory for one channel of it.
                let points = unsafe {
                    pack_block(s, &c, w, &block, 1, weights);
                    transform_weights(s, &c, weights, 1, S::LANES, points);
                    slice::from_raw_parts(points, POINTS * S::LANES)
                };
                for (point, lanes) in points.chunks_exact(S::LANES).enumerate() {
                    u[(point * c.k + k) * c.m + m..][..count].copy_from_slice(&lanes[..count]);
                }
            }
        }
    }
}

/// Transforms all weights: \[POINTS\]\[input channel\]\[output channel\].
pub(super) fn filters<T: Element, S: Simd<T>>(s: S, correlation: Correlation, w: &[T], u: &mut [T]) -> bool {
    let layout = Layout::EMPTY.with::<T>(TAPS * S::LANES + MAX_LANES);
    let Some(layout) = layout.and_then(|layout| layout.with::<T>(POINTS * S::LANES)) else { return false };
    with_scratch(layout, &mut |scratch| s.call(Filters { correlation, w, u: &mut *u, scratch }));
    true
}
