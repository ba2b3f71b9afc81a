//! dx without padding: products of all pixels with all weights, which are then added up where they belong.
//!
//! ```text
//! for each group, image, pixel p of dy, tap t, channel c:
//!     product = Σ_f dy[f, p] · w[f, c, t]
//!     dx[c, p·S + t·D − P] += product
//! ```
//!
//! A correlation with padded dy (see `tiles`) multiplies zeros where windows lie in the padding, which on a small
//! plane is most of the time; and with a stride it falls apart into phases. Here nothing is multiplied in vain, but
//! each product goes through memory once. A cost estimate chooses.
//!
//! What differs from the pseudo-code:
//! - [`ScatterByChannel`], for channels that fill the lanes: the products of some pixels and two vectors of (tap, channel) are
//!   one tile. They are added to a plane \[row\]\[column\]\[lane\] that has the padding around it, so that all targets
//!   exist; dx is cut out of it and transposed.
//! - [`ScatterByPixel`], for few channels: lanes are the pixels of dy, which are read in place, and so are the weights. The
//!   products of one channel are a plane per tap. Each row of dx is the sum of rows of these planes.

use super::axis::Correlation;
use super::pack::{ChannelBlock, pack_block};
use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::copy::transpose;
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::block::tile::{MAX_SUMS, Start, Step, Tile, max_scalars, tile};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::{Element, Job, Simd, from_fn};

/// Vectors of a tile.
const VECTORS: usize = 2;

/// The slices of dx, as pointers.
struct ScatterSlices<'a, T> {
    g: &'a Conv2dGeometry,
    w: *const T,
    dy: *const T,
    dx: *mut T,
    scratch: Scratch,
}

/// Extent of the padded plane, which has all cells of dx and all that windows reach.
fn padded(g: &Conv2dGeometry, axis: usize) -> usize {
    let reach = (g.output[axis] - 1) * g.stride[axis] + (g.kernel[axis] - 1) * g.dilation[axis] + 1;
    reach.max(g.padding[axis] + g.input[axis])
}

/// dx with channels in the lanes.
struct ScatterByChannel<'a, T>(ScatterSlices<'a, T>);

/// Scratch memory of [`ScatterByChannel`]; `None` if that is too much.
///
/// Places are counted in 32 bits, which is plenty for what fits. Steps count elements of dy, which may not fit: `None`,
/// too.
fn channel_layout<T, S: Simd<T>>(base: Layout, g: &Conv2dGeometry) -> Option<Layout> {
    let filters = g.f / g.groups;
    u32::try_from(product([filters, product(g.output)?])?).ok()?;
    base.with::<T>(product([filters, g.kernel[0], g.kernel[1], S::LANES])?.checked_add(MAX_LANES)?)?
        .with::<T>(product([padded(g, 0), padded(g, 1), S::LANES])?)?
        .with::<u32>(product(g.output)?)?
        .with::<u32>(product(g.input)?)?
        .with::<Step>(filters)?
        .with::<T>(MAX_SUMS * S::LANES)?
        .with::<T>(S::LANES * S::LANES)
}

impl<T: Element, S: Simd<T>> Job<S> for ScatterByChannel<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let ScatterSlices { g, w, dy, dx, mut scratch } = self.0;
        let (channels, filters, taps) = (g.c / g.groups, g.f / g.groups, g.kernel[0] * g.kernel[1]);
        let (x_plane, y_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
        let [height, pitch] = [padded(g, 0), padded(g, 1)];
        let weights = scratch.take::<T>(filters * taps * S::LANES + MAX_LANES);
        let sums = scratch.take::<T>(height * pitch * S::LANES);
        let windows = scratch.take::<u32>(y_plane);
        let cells = scratch.take::<u32>(x_plane);
        let table = scratch.take::<Step>(filters);
        let products = scratch.take::<T>(MAX_SUMS * S::LANES);
        let turned = scratch.take::<T>(S::LANES * S::LANES);
        // SAFETY: the tables have room for all pixels and filters.
        unsafe {
            write_places(windows, g.output, g.stride, [0, 0], pitch * S::LANES, S::LANES);
            write_places(cells, g.input, [1, 1], g.padding, pitch * S::LANES, S::LANES);
            for f in 0..filters {
                *table.add(f) = Step { vector: (f * taps * S::LANES) as u32, scalar: (f * y_plane) as u32 };
            }
        }
        // The weights of all taps are packed as for a correlation without stride.
        let whole = Correlation::backward(&Conv2dGeometry { stride: [1, 1], ..*g }, [0, 0]);
        let most = max_scalars(S::REGISTERS, VECTORS);
        for group in 0..g.groups {
            for m in (0..channels).step_by(S::LANES) {
                let block = ChannelBlock { m, count: S::LANES.min(channels - m), width: S::LANES, by_pixel: false };
                let w = w.wrapping_add((group * filters * channels + m) * taps);
                // SAFETY: these are the weights of the block, of which there are `filters` times `taps` vectors.
                unsafe { pack_block(s, &whole, w, &block, filters, weights) };
                for n in 0..g.n {
                    let dy = dy.wrapping_add((n * g.groups + group) * filters * y_plane);
                    let dx = dx.wrapping_add(((n * g.groups + group) * channels + m) * x_plane);
                    for cell in 0..height * pitch {
                        // SAFETY: the plane has room.
                        unsafe { s.store(sums.add(cell * S::LANES), s.zero()) };
                    }
                    for tap in (0..taps).step_by(VECTORS) {
                        let vectors = VECTORS.min(taps - tap);
                        let offsets: [_; VECTORS] = from_fn(|v| {
                            let (u, v) = ((tap + v) / g.kernel[1], (tap + v) % g.kernel[1]);
                            (u * g.dilation[0] * pitch + v * g.dilation[1]) * S::LANES
                        });
                        let pieces = y_plane.div_ceil(most);
                        for piece in 0..pieces {
                            let (from, to) = (piece * y_plane / pieces, (piece + 1) * y_plane / pieces);
                            let operands = Tile {
                                steps: table,
                                step_count: filters,
                                vectors: weights.wrapping_add(tap * S::LANES),
                                scalars: dy.wrapping_add(from),
                                spacing: 1,
                                half: false,
                                sums: products,
                                pitch: vectors * S::LANES,
                                start: Start::Zero,
                                limits: None,
                            };
                            // SAFETY: the steps lead to the weights of these taps and to the pixels of each filter.
                            // Their windows lie in the plane of sums, the padding included.
                            unsafe {
                                tile(s, vectors, to - from, operands);
                                for pixel in from..to {
                                    let window = sums.add(*windows.add(pixel) as usize);
                                    let products = products.wrapping_add((pixel - from) * vectors * S::LANES);
                                    for v in 0..vectors {
                                        let at = window.add(offsets[v]);
                                        s.store(at, s.add(s.load(at), s.load(products.add(v * S::LANES))));
                                    }
                                }
                            }
                        }
                    }
                    // SAFETY: the table leads to the cells of dx in the plane; these channels of dx exist.
                    unsafe { crop(s, sums, cells, x_plane, block.count, turned, dx) };
                }
            }
        }
    }
}

/// The places of all positions of a grid in a plane: row `first + i·step`, and columns likewise.
///
/// # Safety
/// `to` has room for the grid.
#[inline(always)]
unsafe fn write_places(
    mut to: *mut u32,
    [rows, columns]: [usize; 2],
    step: [usize; 2],
    first: [usize; 2],
    row_distance: usize,
    distance: usize,
) {
    for i in 0..rows {
        for j in 0..columns {
            let place = (first[0] + i * step[0]) * row_distance + (first[1] + j * step[1]) * distance;
            // SAFETY: the caller vouches for the room.
            unsafe { *to = place as u32 };
            to = to.wrapping_add(1);
        }
    }
}

/// Transposes the cells of a plane \[cell\]\[lane\] to `channels` planes of dx.
///
/// # Safety
/// Each of the `plane` entries of `cells` is the place of a vector; dx has these channels, `turned` room for a square
/// of LANES.
#[inline(always)]
unsafe fn crop<T: Element, S: Simd<T>>(
    s: S,
    sums: *const T,
    cells: *const u32,
    plane: usize,
    channels: usize,
    turned: *mut T,
    dx: *mut T,
) {
    for cell in (0..plane).step_by(S::LANES) {
        // The last block is moved back to end with the plane.
        let from = cell.min(plane.saturating_sub(S::LANES));
        let count = S::LANES.min(plane - from);
        // SAFETY: the caller vouches for the cells. The rows of the target have a whole vector each, or go through
        // `turned`.
        unsafe {
            let row = |r: usize| sums.wrapping_add(*cells.add(from + r) as usize);
            if count == S::LANES && channels == S::LANES {
                transpose(s, count, row, (0, S::LANES), dx.add(from), plane);
                continue;
            }
            transpose(s, count, row, (0, S::LANES), turned, S::LANES);
            for c in 0..channels {
                s.store_part(dx.add(c * plane + from), count, s.load(turned.add(c * S::LANES)));
            }
        }
    }
}

/// dx with pixels in the lanes, without stride.
struct ScatterByPixel<'a, T>(ScatterSlices<'a, T>);

/// Elements of the products of one tap: whole vectors.
fn product_plane<T, S: Simd<T>>(g: &Conv2dGeometry) -> Option<usize> {
    product(g.output)?.checked_next_multiple_of(S::LANES)
}

/// Scratch memory of [`ScatterByPixel`]; `None` if that is too much, or if dy or w has more elements than a step can count.
fn pixel_layout<T, S: Simd<T>>(base: Layout, g: &Conv2dGeometry) -> Option<Layout> {
    let (channels, filters) = (g.c / g.groups, g.f / g.groups);
    u32::try_from(product([filters, product(g.output)?])?).ok()?;
    u32::try_from(product([filters, channels, product(g.kernel)?])?).ok()?;
    base.with::<T>(product([product_plane::<T, S>(g)?, g.kernel[0], g.kernel[1]])?)?
        .with::<Step>(filters)?
        .with::<RowTaps>(g.input[0])?
        .with::<T>(product([g.input[0], S::LANES])?)
}

impl<T: Element, S: Simd<T>> Job<S> for ScatterByPixel<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let ScatterSlices { g, w, dy, dx, mut scratch } = self.0;
        let (channels, filters, taps) = (g.c / g.groups, g.f / g.groups, g.kernel[0] * g.kernel[1]);
        let (x_plane, y_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
        let pitch = y_plane.next_multiple_of(S::LANES);
        let products = scratch.take::<T>(pitch * taps);
        let table = scratch.take::<Step>(filters);
        let row_taps = scratch.take::<RowTaps>(g.input[0]);
        let sums = scratch.take::<T>(g.input[0] * S::LANES);
        for i in 0..g.input[0] {
            // SAFETY: the table has room.
            unsafe { *row_taps.add(i) = RowTaps::new(g, i) };
        }
        for f in 0..filters {
            // SAFETY: the table has room.
            unsafe { *table.add(f) = Step { vector: (f * y_plane) as u32, scalar: (f * channels * taps) as u32 } };
        }
        let tiles = taps.div_ceil(max_scalars(S::REGISTERS, VECTORS));
        for n in 0..g.n {
            for c in 0..g.c {
                let group = c / channels;
                let dy = dy.wrapping_add((n * g.groups + group) * filters * y_plane);
                let w = w.wrapping_add((group * filters * channels + c % channels) * taps);
                let mut pixel = 0;
                while pixel < y_plane {
                    let left = (y_plane - pixel).div_ceil(S::LANES);
                    let vectors = if left >= VECTORS && y_plane >= VECTORS * S::LANES { VECTORS } else { 1 };
                    // The last tile is moved back to end with the plane.
                    let from = pixel.min(y_plane - vectors * S::LANES);
                    for index in 0..tiles {
                        let (tap, end) = (index * taps / tiles, (index + 1) * taps / tiles);
                        let operands = Tile {
                            steps: table,
                            step_count: filters,
                            vectors: dy.wrapping_add(from),
                            scalars: w.wrapping_add(tap),
                            spacing: 1,
                            half: false,
                            sums: products.wrapping_add(tap * pitch + from),
                            pitch,
                            start: Start::Zero,
                            limits: None,
                        };
                        // SAFETY: the pixels of the tile exist in each plane of dy, these taps in each filter, and both
                        // in the products.
                        unsafe { tile(s, vectors, end - tap, operands) };
                    }
                    pixel = from + vectors * S::LANES;
                }
                s.call(AddRows { g, products, pitch, row_taps, sums, dx: dx.wrapping_add((n * g.c + c) * x_plane) });
            }
        }
    }
}

/// The kernel rows that lead from a row of dx to a row of dy.
struct RowTaps {
    first: usize,
    count: usize,
    /// Row of dy for the first.
    row: usize,
}

impl RowTaps {
    /// Those of row `i`.
    #[inline(always)]
    fn new(g: &Conv2dGeometry, i: usize) -> Self {
        let row = |u: usize| (i + g.padding[0]).wrapping_sub(u * g.dilation[0]);
        let first = (0..g.kernel[0]).find(|&u| row(u) < g.output[0]).unwrap_or(0);
        let count = (first..g.kernel[0]).take_while(|&u| row(u) < g.output[0]).count();
        Self { first, count, row: if count == 0 { 0 } else { row(first) } }
    }
}

/// One plane of dx from the products of its channel.
struct AddRows<'a, T> {
    g: &'a Conv2dGeometry,
    /// \[tap\]\[row of dy\]\[column of dy\], and the elements per tap.
    products: *const T,
    pitch: usize,
    row_taps: *const RowTaps,
    /// A vector for each row.
    sums: *mut T,
    dx: *mut T,
}

impl<T: Element, S: Simd<T>> Job<S> for AddRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let AddRows { g, products, pitch, row_taps, sums, dx } = self;
        let ([height, width], columns) = (g.input, g.output[1]);
        for j in (0..width).step_by(S::LANES) {
            let count = S::LANES.min(width - j);
            for v in 0..g.kernel[1] {
                // Column of dy under the first lane, and the lanes over a column of dy.
                let column = (j + g.padding[1]) as isize - (v * g.dilation[1]) as isize;
                let from = (-column).clamp(0, count as isize) as usize;
                let to = (columns as isize - column).clamp(from as isize, count as isize) as usize;
                let products = products.wrapping_add(v * pitch).wrapping_offset(column);
                for i in 0..height {
                    // SAFETY: there is an entry and a vector for each row. The part lies in a row of dy.
                    unsafe {
                        let taps = &*row_taps.add(i);
                        let mut from_row = products.wrapping_add(taps.first * g.kernel[1] * pitch + taps.row * columns);
                        let sum = sums.add(i * S::LANES);
                        let mut acc = if v == 0 { s.zero() } else { s.load(sum) };
                        for _ in 0..taps.count {
                            acc = s.add(acc, s.load_part(from_row, from, to));
                            from_row = from_row.wrapping_add(g.kernel[1] * pitch).wrapping_sub(g.dilation[0] * columns);
                        }
                        s.store(sum, acc);
                    }
                }
            }
            for i in 0..height {
                // SAFETY: these columns of dx exist.
                unsafe { s.store_part(dx.add(i * width + j), count, s.load(sums.add(i * S::LANES))) };
            }
        }
    }
}

/// dx with channels in the lanes, if that `pays`; `false`, having done nothing, if not, or if it does not fit into the
/// scratch memory. What fits is small: only then are costs counted.
pub(super) fn by_channel<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    g: &Conv2dGeometry,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
    pays: fn(&Conv2dGeometry) -> bool,
) -> bool {
    let Some(layout) = channel_layout::<T, S>(base, g).filter(|_| pays(g)) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(ScatterByChannel(ScatterSlices { g, w: w.as_ptr(), dy: dy.as_ptr(), dx: dx.as_mut_ptr(), scratch }));
    });
    true
}

/// dx with pixels in the lanes, if that `pays`; `false`, having done nothing, if not, or if it does not fit into the
/// scratch memory. What fits is small: only then are costs counted.
pub(super) fn by_pixel<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    g: &Conv2dGeometry,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
    pays: fn(&Conv2dGeometry) -> bool,
) -> bool {
    let Some(layout) = pixel_layout::<T, S>(base, g).filter(|_| pays(g)) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(ScatterByPixel(ScatterSlices { g, w: w.as_ptr(), dy: dy.as_ptr(), dx: dx.as_mut_ptr(), scratch }));
    });
    true
}
