//! dw: the sum over all pixels of dy · x, per filter, channel and tap.
//!
//! ```text
//! for each group, block of channels c, some blocks of filters f:
//!     for each image, band of output rows:
//!         copy x to [pixel][channel], padded
//!         for each block of filters f:
//!             copy dy to [pixel][filter]
//!             for each kernel row u, tile of (v, c):
//!                 tile: sums over the pixels of the band, lanes are filters, scalars are x
//!     dw += sums
//! ```
//!
//! A pixel's channels, and those of its right neighbours, are contiguous in the copy of x, so that the scalars of a
//! tile are: the steps of a tile are pixels, and stride and dilation are only distances in the table of steps.
//!
//! What differs from the pseudo-code:
//! - Small images share the steps of a tile.
//! - Kernel rows that lie in the padding are left out.
//! - The sums of all tiles stay in scratch memory for many bands; then they are transposed and added to dw.

use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::balanced;
use crate::kernel::simd::block::copy::{Range, copy_pixels, transpose};
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::block::tile::{Start, Step, Tile, max_scalars, tile};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::dw::{GRADIENT, ROWS, SOURCE, STEPS, SUMMED, SUMS};
use crate::kernel::simd::{Element, Job, Simd};

/// Elements after each copy that may be overwritten or read.
const SLACK: usize = MAX_LANES;

/// The blocks of dw, and the scratch memory they need.
#[derive(Clone, Copy)]
struct FilterPlan {
    /// Channels in a block.
    c: usize,
    /// Filters in a block, and in the blocks that share a copy of x.
    f: usize,
    together: usize,
    /// Images that share the tiles; more than one only if a band is a whole plane.
    images: usize,
    /// Output rows and columns of a band.
    rows: usize,
    columns: usize,
    /// Elements of the sums, of the copy of x, of the copy of dy.
    sums: usize,
    source: usize,
    gradient: usize,
    layout: Layout,
}

/// Extent of the dilated kernel.
pub(super) fn span(g: &Conv2dGeometry, axis: usize) -> usize {
    (g.kernel[axis] - 1) * g.dilation[axis] + 1
}

/// What to copy of x for the outputs `from..from + count` of an axis, in their order.
pub(super) fn window(g: &Conv2dGeometry, axis: usize, from: usize, count: usize) -> Range {
    Range {
        source: g.input[axis],
        first: (from * g.stride[axis]) as isize - g.padding[axis] as isize,
        step: 1,
        phases: 1,
        cells: (count - 1) * g.stride[axis] + span(g, axis),
    }
}

/// Blocks for lanes that are filters.
fn plan<T, S: Simd<T>>(base: Layout, g: &Conv2dGeometry) -> Option<FilterPlan> {
    let [most_sums, source, gradient] = [SUMS, SOURCE, GRADIENT].map(|bytes| base.share(bytes) / size_of::<T>());
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    let taps = g.kernel[0] * g.kernel[1];
    let f = (2 * S::LANES).min(group_f.next_multiple_of(S::LANES));
    // A copy of x serves all filters of a chunk, a copy of dy all channels: chunks of about as many of both.
    let square = |f: usize| product([taps, f, f.min(group_c)]).is_some_and(|sums| sums <= most_sums);
    let mut together = f;
    while together < group_f && square(together + f) {
        together += f;
    }
    let cells = |rows, columns| product([window(g, 0, 0, rows).cells, window(g, 1, 0, columns).cells]);
    let budget = source - SLACK;
    let fits = |rows, columns, c: usize| {
        cells(rows, columns).and_then(|cells| cells.checked_mul(c)).is_some_and(|cells| cells <= budget)
    };
    let steps = STEPS.min(gradient / f - 1);

    let mut columns = balanced(g.output[1], steps);
    while !fits(1, columns, 1) && columns > 1 {
        columns = columns.div_ceil(2);
    }
    if !fits(1, columns, 1) {
        return None;
    }
    let rows = ROWS.min(g.output[0]).min(steps / columns);
    let most = most_sums / product([taps, together])?;
    let c = group_c.min(most).min(cells(rows, columns).map_or(0, |cells| budget / cells).max(1));
    if c == 0 {
        return None;
    }
    let c = balanced(group_c, c);
    let mut rows = g.output[0].min(steps / columns);
    while !fits(rows, columns, c) && rows > 1 {
        rows -= 1;
    }
    let rows = balanced(g.output[0], rows);
    let is_whole = rows == g.output[0] && columns == g.output[1];
    let cells = product([cells(rows, columns)?, c])?;
    let images = if is_whole { g.n.min(steps / (rows * columns)).min(budget / cells) } else { 1 };
    let sums = product([taps, c, together])?;
    let source = product([images, cells])? + SLACK;
    let gradient = product([images, rows, columns, f])? + SLACK;
    let layout = base
        .with::<T>(sums)?
        .with::<T>(source)?
        .with::<T>(gradient)?
        .with::<Step>(images * rows * columns)?
        .with::<T>(S::LANES * S::LANES)?;
    Some(FilterPlan { c, f, together, images, rows, columns, sums, source, gradient, layout })
}

/// dw with filters in the lanes.
struct FilterTiles<'a, T> {
    g: &'a Conv2dGeometry,
    plan: FilterPlan,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    scratch: Scratch,
}

impl<T: Element, S: Simd<T>> Job<S> for FilterTiles<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let FilterTiles { g, plan, x, dy, dw, mut scratch } = self;
        let sums = scratch.take::<T>(plan.sums);
        let pixels = scratch.take::<T>(plan.source);
        let gradient = scratch.take::<T>(plan.gradient);
        let table = scratch.take::<Step>(plan.images * plan.rows * plan.columns);
        let turned = scratch.take::<T>(S::LANES * S::LANES);
        let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
        let (x_plane, dy_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
        let taps = g.kernel[0] * g.kernel[1];

        for group in 0..g.groups {
            for c in (0..group_c).step_by(plan.c) {
                let channels = plan.c.min(group_c - c);
                for chunk in (0..group_f).step_by(plan.together) {
                    let chunk_end = group_f.min(chunk + plan.together);
                    // A block of filters, their number rounded up to whole vectors, and their sums.
                    let blocks = (chunk..chunk_end).step_by(plan.f).map(|f| {
                        let filters = plan.f.min(chunk_end - f);
                        let sums = sums.wrapping_add((f - chunk) * taps * channels);
                        (f, filters, filters.next_multiple_of(S::LANES), sums)
                    });
                    let mut summed = 0;
                    for n in (0..g.n).step_by(plan.images) {
                        let images = plan.images.min(g.n - n);
                        let x = x.wrapping_add((n * g.c + group * group_c + c) * x_plane);
                        let dy = dy.wrapping_add((n * g.f + group * group_f) * dy_plane);
                        for row in (0..g.output[0]).step_by(plan.rows) {
                            for column in (0..g.output[1]).step_by(plan.columns) {
                                let rows = plan.rows.min(g.output[0] - row);
                                let columns = plan.columns.min(g.output[1] - column);
                                let window = (window(g, 0, row, rows), window(g, 1, column, columns));
                                let (cells, pitch) = (window.0.cells * window.1.cells, window.1.cells);
                                for i in 0..images {
                                    let x = x.wrapping_add(i * g.c * x_plane);
                                    let pixels = pixels.wrapping_add(i * cells * channels);
                                    // SAFETY: `plan` reserved room for a band of this many images and channels.
                                    unsafe { copy_pixels(s, x, channels, &window.0, &window.1, pixels) };
                                }
                                let mut table_width = 0;
                                for (f, filters, width, sums) in blocks.clone() {
                                    let band = PixelBand {
                                        pixels,
                                        pitch,
                                        cells,
                                        gradient,
                                        table,
                                        sums,
                                        images,
                                        row,
                                        rows,
                                        columns,
                                        channels,
                                        width,
                                    };
                                    // SAFETY: `plan` reserved room for a block of this many filters and pixels, too;
                                    // the tiles read pixels of the copies that the band's windows reach.
                                    unsafe {
                                        for i in 0..images {
                                            let dy = dy.wrapping_add((i * g.f + f) * dy_plane);
                                            let gradient = gradient.add(i * rows * columns * width);
                                            copy_gradient(s, g, dy, filters, (row, rows), (column, columns), gradient);
                                        }
                                        if table_width != width {
                                            table_width = width;
                                            write_table(g, &band);
                                        }
                                        multiply_band(s, g, &band, summed > 0);
                                    }
                                }
                                summed += 1;
                                let is_last =
                                    n + images == g.n && (row + rows, column + columns) == (g.output[0], g.output[1]);
                                if summed < SUMMED && !is_last {
                                    continue;
                                }
                                summed = 0;
                                for (f, filters, width, sums) in blocks.clone() {
                                    let dw = dw.wrapping_add(((group * group_f + f) * group_c + c) * taps);
                                    // SAFETY: there are sums of all taps, and dw has all of `filters` and `channels`.
                                    unsafe {
                                        add_sums(s, sums, width, channels, taps, filters, group_c * taps, turned, dw);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Copies a window of `filters` planes of dy to \[pixel\]\[filter\], with zeros in the lanes after the last filter.
///
/// # Safety
/// `dy` holds the planes; `to` has room for whole vectors per pixel.
#[inline(always)]
unsafe fn copy_gradient<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: *const T,
    filters: usize,
    rows: (usize, usize),
    columns: (usize, usize),
    to: *mut T,
) {
    let width = filters.next_multiple_of(S::LANES);
    let plane = g.output[0] * g.output[1];
    // Whole rows are contiguous: copy them as one.
    let (count, len) = if columns.1 == g.output[1] { (1, rows.1 * columns.1) } else { (rows.1, columns.1) };
    for i in 0..count {
        for filter in (0..filters).step_by(S::LANES) {
            let dy = dy.wrapping_add(filter * plane + (rows.0 + i) * g.output[1] + columns.0);
            let to = to.wrapping_add(i * len * width + filter);
            for j in (0..len).step_by(S::LANES) {
                let pixels = S::LANES.min(len - j);
                let dy = dy.wrapping_add(j);
                // SAFETY: the pixels of the existing filters are read; the caller vouches for the copy.
                unsafe {
                    let lanes = S::LANES.min(filters - filter);
                    transpose(s, lanes, |r| dy.wrapping_add(r * plane), (0, pixels), to.add(j * width), width);
                }
            }
        }
    }
}

/// The copies of one band of some images.
struct PixelBand<T> {
    /// x, its elements per row of pixels, and its pixels per image.
    pixels: *const T,
    pitch: usize,
    cells: usize,
    gradient: *const T,
    table: *mut Step,
    sums: *mut T,
    images: usize,
    row: usize,
    rows: usize,
    columns: usize,
    channels: usize,
    width: usize,
}

/// Writes the places of all pixels of a band: by row, image and column.
///
/// # Safety
/// The table has room for them.
#[inline(always)]
unsafe fn write_table<T>(g: &Conv2dGeometry, band: &PixelBand<T>) {
    let mut step = band.table;
    for i in 0..band.rows {
        for image in 0..band.images {
            for j in 0..band.columns {
                let vector = (((image * band.rows + i) * band.columns + j) * band.width) as u32;
                let cell = image * band.cells + i * g.stride[0] * band.pitch + j * g.stride[1];
                // SAFETY: the caller vouches for the room.
                unsafe { *step = Step { vector, scalar: (cell * band.channels) as u32 } };
                step = step.wrapping_add(1);
            }
        }
    }
}

/// Adds the products of one band to the sums \[u\]\[v\]\[channel\]\[filter\].
///
/// # Safety
/// The copies and the table belong to the geometry and the sums have room.
#[inline(always)]
unsafe fn multiply_band<T: Element, S: Simd<T>>(s: S, g: &Conv2dGeometry, band: &PixelBand<T>, continued: bool) {
    let start = if continued { Start::Sums } else { Start::Zero };
    let per_row = band.images * band.columns;
    let vectors = band.width / S::LANES;
    // Without dilation the scalars of all taps in a row are one contiguous run.
    let (runs, run) = if g.dilation[1] == 1 { (1, g.kernel[1] * band.channels) } else { (g.kernel[1], band.channels) };
    let tiles = run.div_ceil(max_scalars(S::REGISTERS, vectors));
    for u in 0..g.kernel[0] {
        // Rows in which this kernel row lies inside of x: others would only multiply padding.
        let is_inside = |i: &usize| {
            let padded = (band.row + i) * g.stride[0] + u * g.dilation[0];
            (g.padding[0]..g.padding[0] + g.input[0]).contains(&padded)
        };
        let top = (0..band.rows).find(is_inside).unwrap_or(0);
        let bottom = (top..band.rows).rev().find(is_inside).map_or(top, |last| last + 1);
        for v in 0..runs {
            let cells = (u * g.dilation[0] * band.pitch + v * g.dilation[1]) * band.channels;
            let sums = (u * g.kernel[1] + v) * band.channels * band.width;
            for index in 0..tiles {
                let (from, to) = (index * run / tiles, (index + 1) * run / tiles);
                let operands = Tile {
                    steps: band.table.wrapping_add(top * per_row),
                    step_count: (bottom - top) * per_row,
                    vectors: band.gradient,
                    scalars: band.pixels.wrapping_add(cells + from),
                    spacing: 1,
                    half: false,
                    sums: band.sums.wrapping_add(sums + from * band.width),
                    pitch: band.width,
                    start,
                    limits: None,
                };
                // SAFETY: all pixels of the window, and as many vectors of dy, are in the copies; the sums exist for
                // all taps.
                unsafe { tile(s, vectors, to - from, operands) };
            }
        }
    }
}

/// dw += sums, which are \[tap\]\[channel\]\[filter\], while dw is \[filter\]\[channel\]\[tap\].
///
/// # Safety
/// Sums and dw have these extents; `turned` has room for a square of LANES.
#[inline(always)]
unsafe fn add_sums<T: Element, S: Simd<T>>(
    s: S,
    sums: *const T,
    width: usize,
    channels: usize,
    taps: usize,
    filters: usize,
    dw_f: usize,
    turned: *mut T,
    dw: *mut T,
) {
    let len = channels * taps;
    let mut at = [(0, 0); MAX_LANES];
    // One vector of filters at a time: rows of dw are often so far apart that many of them share few places in the
    // cache.
    for f in (0..filters).step_by(S::LANES) {
        let (mut channel, mut tap) = (0, 0);
        for i in (0..len).step_by(S::LANES) {
            let count = S::LANES.min(len - i);
            for at in &mut at[..count] {
                *at = (channel, tap);
                tap += 1;
                if tap == taps {
                    (channel, tap) = (channel + 1, 0);
                }
            }
            let row = |r: usize| sums.wrapping_add((at[r].1 * channels + at[r].0) * width + f);
            // SAFETY: the rows are sums of existing channels and taps; LANES.min(filters − f) filters of dw exist.
            unsafe {
                transpose(s, count, row, (0, S::LANES), turned, S::LANES);
                for lane in 0..S::LANES.min(filters - f) {
                    let dw = dw.add((f + lane) * dw_f + i);
                    s.store_part(dw, count, s.add(s.load_part(dw, 0, count), s.load(turned.add(lane * S::LANES))));
                }
            }
        }
    }
}

/// dw; `false`, having done nothing, if it does not fit into the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    g: &Conv2dGeometry,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
) -> bool {
    let Some(plan) = plan::<T, S>(base, g) else { return false };
    with_scratch(plan.layout, &mut |scratch| {
        s.call(FilterTiles { g, plan, x: x.as_ptr(), dy: dy.as_ptr(), dw: dw.as_mut_ptr(), scratch });
    });
    true
}
