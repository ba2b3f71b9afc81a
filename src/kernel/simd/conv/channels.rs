//! Depthwise convolutions with channels in the lanes: any kernel, stride and dilation, for planes that are too small to
//! fill vectors with their rows.
//!
//! ```text
//! for each block of LANES channels, image, band of output rows:
//!     copy the band of the source, padded, as [row][column][lane]
//!     for each LANES output pixels, one after the other, whatever their rows:
//!         for each pixel:  sums[pixel] = bias + Σ copy[pixel + tap] · w[tap]
//!         transpose the sums, and store them: a vector of pixels for each channel
//! ```
//!
//! What differs from the pseudo-code:
//! - Where a pixel of the source is in the copy, and where the window of a pixel of the target begins, are tables.
//! - The padding is written once, and again only where a band of other rows had been.
//! - Of y, some rows at a time can be asked for ([`by_rows`]): the copy serves several bands.

use core::slice;

use super::axis::Correlation;
use crate::kernel::simd::block::copy::{transpose_block, transpose_to};
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::channels::{MAX_SOURCE, SOURCE};
use crate::kernel::simd::{Element, Job, Simd, Sink, Then, finish, from_fn};

/// What one tap of a window reads, in elements from its beginning, and its weights.
#[derive(Clone, Copy)]
struct Tap {
    cell: usize,
    weight: usize,
}

/// What the copy looks like.
#[derive(Clone, Copy)]
struct Plan {
    /// Output rows of a band, and source rows of its copy.
    band: usize,
    height: usize,
    /// Pixels of a row of the copy, those on the left of the source, and of the windows of the first column.
    width: usize,
    left: usize,
    first: usize,
}

impl Plan {
    /// `None` if not even one row fits into the scratch memory.
    fn new<T, S: Simd<T>>(c: &Correlation) -> Option<Self> {
        let (rows, columns) = (&c.rows, &c.columns);
        let reach = columns.first + ((columns.grid - 1) * columns.step + columns.span()) as isize;
        let left = (-columns.first).max(0) as usize;
        let width = left + columns.source.max(reach.max(0) as usize);
        let row = product([width, S::LANES, size_of::<T>()])?;
        let fit = (SOURCE / row).saturating_sub(rows.span()) / rows.step + 1;
        let band = fit.min(rows.grid);
        let height = (band - 1) * rows.step + rows.span();
        let first = (columns.first + left as isize) as usize;
        (product([height, row])? <= MAX_SOURCE).then_some(Self { band, height, width, left, first })
    }
}

/// Elements of the weights of a block of channels.
fn weights(c: &Correlation, lanes: usize) -> usize {
    c.w_taps.next_multiple_of(lanes) * lanes
}

/// Pixels of the target in a band, as whole vectors.
fn pixels(c: &Correlation, plan: &Plan, lanes: usize) -> usize {
    (plan.band * c.columns.grid).next_multiple_of(lanes)
}

/// The scratch memory for it; `None` if it does not fit.
fn layout<T, S: Simd<T>>(base: Layout, c: &Correlation, plan: &Plan) -> Option<Layout> {
    base.with::<T>(product([plan.height, plan.width, S::LANES])?)?
        .with::<T>(weights(c, S::LANES))?
        .with::<Tap>(c.taps())?
        .with::<u32>(product([plan.height, c.columns.source])?)?
        .with::<u32>(pixels(c, plan, S::LANES))
}

/// A correlation, with the memory for a block of channels.
struct Channels<'a, T> {
    c: &'a Correlation,
    plan: Plan,
    source: *const T,
    w: &'a [T],
    bias: Option<&'a [T]>,
    copy: *mut T,
    weights: *mut T,
    taps: *mut Tap,
    /// Elements from the beginning of the copy to the pixels of the source in it,
    places: *mut u32,
    /// and to the windows of the target's pixels.
    windows: *mut u32,
    /// The output rows that the padding of the copy is for.
    padded_for: (usize, usize),
}

/// A block of channels: the first one, and how many.
#[derive(Clone, Copy)]
struct Block<V> {
    first: usize,
    count: usize,
    bias: V,
}

impl<'a, T: Element> Channels<'a, T> {
    /// Takes the scratch memory, and writes what is the same for all channels.
    #[inline(always)]
    fn new<S: Simd<T>>(
        s: S,
        c: &'a Correlation,
        plan: Plan,
        source: &'a [T],
        w: &'a [T],
        bias: Option<&'a [T]>,
        scratch: &mut Scratch,
    ) -> Self {
        let (cells, width) = (plan.height * plan.width, c.columns.source);
        let (places, windows) = (plan.height * width, pixels(c, &plan, S::LANES));
        let this = Self {
            c,
            plan,
            source: source.as_ptr(),
            w,
            bias,
            copy: scratch.take(cells * S::LANES),
            weights: scratch.take(weights(c, S::LANES)),
            taps: scratch.take(c.taps()),
            places: scratch.take(places),
            windows: scratch.take(windows),
            padded_for: (0, 0),
        };
        // SAFETY: this is the room that was taken.
        unsafe {
            for cell in 0..cells {
                s.store(this.copy.add(cell * S::LANES), s.zero());
            }
            let (rows, columns) = (&c.rows, &c.columns);
            let mut tap = this.taps;
            for u in 0..rows.taps {
                for v in 0..columns.taps {
                    let cell = (rows.offset(u) * plan.width + columns.offset(v)) * S::LANES;
                    let weight = c.weight(u, v) * S::LANES;
                    *tap = Tap { cell, weight };
                    tap = tap.add(1);
                }
            }
            let mut place = this.places;
            for row in 0..plan.height {
                for column in 0..width {
                    *place = ((row * plan.width + plan.left + column) * S::LANES) as u32;
                    place = place.add(1);
                }
            }
            let (mut window, mut last) = (this.windows, 0);
            for row in 0..plan.band {
                for column in 0..columns.grid {
                    let cell = row * rows.step * plan.width + plan.first + column * columns.step;
                    last = (cell * S::LANES) as u32;
                    *window = last;
                    window = window.add(1);
                }
            }
            // What is left of the last vector.
            while window < this.windows.add(windows) {
                *window = last;
                window = window.add(1);
            }
        }
        this
    }

    /// The block of channels from `first` on: brings its weights into place.
    #[inline(always)]
    fn block<S: Simd<T>>(&self, s: S, first: usize) -> Block<S::Vector> {
        let (count, taps) = (S::LANES.min(self.c.groups - first), self.c.w_taps);
        for tap in (0..taps).step_by(S::LANES) {
            let w = self.w[first * taps + tap..].as_ptr();
            let to = self.weights.wrapping_add(tap * S::LANES);
            let row = |channel: usize| w.wrapping_add(channel * taps);
            let here = S::LANES.min(taps - tap);
            // SAFETY: the channels have so many weights, and there is room for whole blocks of them.
            unsafe { transpose_to(s, count, row, (0, here), |tap| to.wrapping_add(tap * S::LANES)) };
        }
        // SAFETY: there is a bias for each channel.
        let bias = self.bias.map_or(s.zero(), |b| unsafe { s.load_part(b[first..].as_ptr(), 0, count) });
        Block { first, count, bias }
    }

    /// Copies what the output rows `from..to` of a block of an image read: no more than a band.
    ///
    /// # Safety
    /// The image exists.
    #[inline(always)]
    unsafe fn copy<S: Simd<T>>(&mut self, s: S, n: usize, block: &Block<S::Vector>, (from, to): (usize, usize)) {
        let (c, plan) = (self.c, &self.plan);
        let (height, width) = (c.rows.source, c.columns.source);
        let first = c.rows.first + (from * c.rows.step) as isize;
        let cells = (to - from - 1) * c.rows.step + c.rows.span();
        let top = (-first).clamp(0, cells as isize) as usize;
        let bottom = (height as isize - first).clamp(top as isize, cells as isize) as usize;
        if self.padded_for != (from, to) {
            self.padded_for = (from, to);
            for cell in (0..top * plan.width).chain(bottom * plan.width..cells * plan.width) {
                // SAFETY: these rows are in the copy.
                unsafe { s.store(self.copy.add(cell * S::LANES), s.zero()) };
            }
        }
        let plane = height * width;
        let source = self.source.wrapping_add((n * c.groups + block.first) * plane);
        let source = source.wrapping_offset((first + top as isize) * width as isize);
        let copy = self.copy.wrapping_add(top * plan.width * S::LANES);
        let pixels = (bottom - top) * width;
        for pixel in (0..pixels).step_by(S::LANES) {
            let row = |channel: usize| source.wrapping_add(channel * plane + pixel);
            // SAFETY: these rows are in the planes and have places in the copy.
            unsafe {
                let to = |i: usize| copy.wrapping_add(*self.places.add(pixel + i) as usize);
                transpose_to(s, block.count, row, (0, S::LANES.min(pixels - pixel)), to);
            }
        }
    }

    /// The output rows `row..end` of a block, of which the copy has those from `copied` on. The target has them in planes
    /// that are `plane` elements apart.
    ///
    /// # Safety
    /// It is so.
    #[inline(always)]
    #[allow(clippy::manual_memcpy)] // Like all loops over vectors these are unrolled.
    unsafe fn rows<S: Simd<T>>(
        &self,
        s: S,
        block: &Block<S::Vector>,
        copied: usize,
        (row, end): (usize, usize),
        target: *mut T,
        plane: usize,
    ) {
        let columns = self.c.columns.grid;
        let count = (end - row) * columns;
        let copy = self.copy.wrapping_add((row - copied) * self.c.rows.step * self.plan.width * S::LANES);
        for pixel in (0..count).step_by(S::LANES) {
            let here = S::LANES.min(count - pixel);
            let mut sums = [s.zero(); MAX_LANES];
            for q in (0..S::LANES).step_by(8) {
                if q >= here {
                    continue;
                }
                // SAFETY: the windows of a vector exist, and their cells are in the copy.
                unsafe {
                    let windows = self.windows.wrapping_add(pixel + q);
                    if S::LANES >= 8 && here > q + 4 {
                        let eight = self.pixels::<8, S>(s, copy, windows, block.bias);
                        for i in 0..8 {
                            sums[q + i] = eight[i];
                        }
                    } else {
                        let four = self.pixels::<4, S>(s, copy, windows, block.bias);
                        for i in 0..4 {
                            sums[q + i] = four[i];
                        }
                    }
                }
            }
            transpose_block(s, &mut sums);
            for channel in 0..S::LANES {
                if channel < block.count {
                    let to = target.wrapping_add(channel * plane + pixel);
                    // SAFETY: the caller vouches for the target.
                    unsafe {
                        if here == S::LANES {
                            s.store(to, sums[channel]);
                        } else {
                            s.store_part(to, here, sums[channel]);
                        }
                    }
                }
            }
        }
    }

    /// The sums of Q pixels.
    ///
    /// # Safety
    /// They have windows, whose cells are in the copy.
    #[inline(always)]
    unsafe fn pixels<const Q: usize, S: Simd<T>>(
        &self,
        s: S,
        copy: *const T,
        windows: *const u32,
        bias: S::Vector,
    ) -> [S::Vector; Q] {
        let mut sums = [bias; Q];
        // SAFETY: the caller vouches for the windows; taps and weights exist.
        unsafe {
            let at: [_; Q] = from_fn(|q| copy.add(*windows.add(q) as usize));
            let (mut tap, end) = (self.taps.cast_const(), self.taps.add(self.c.taps()).cast_const());
            while tap < end {
                let (cell, w) = ((*tap).cell, s.load(self.weights.add((*tap).weight)));
                for q in 0..Q {
                    sums[q] = s.mul_add(s.load(at[q].add(cell)), w, sums[q]);
                }
                tap = tap.add(1);
            }
        }
        sums
    }
}

/// y or dx, and its slices.
struct ChannelCorrelation<'a, T> {
    correlation: Correlation,
    plan: Plan,
    source: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
    target: &'a mut [T],
    scratch: Scratch,
    then: Then<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for ChannelCorrelation<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let (c, plan) = (&self.correlation, self.plan);
        let mut channels = Channels::new(s, c, plan, self.source, self.w, self.bias, &mut self.scratch);
        let plane = c.rows.grid * c.columns.grid;
        for first in (0..c.groups).step_by(S::LANES) {
            let block = channels.block(s, first);
            for n in 0..c.n {
                let target = &mut self.target[(n * c.groups + first) * plane..][..block.count * plane];
                for row in (0..c.rows.grid).step_by(plan.band) {
                    let rows = (row, c.rows.grid.min(row + plan.band));
                    let to = target.as_mut_ptr().wrapping_add(row * c.columns.grid);
                    // SAFETY: the image exists, and the target has its planes.
                    unsafe {
                        channels.copy(s, n, &block, rows);
                        channels.rows(s, &block, row, rows, to, plane);
                    }
                }
                if let Some(then) = self.then {
                    finish(s, then, target);
                }
            }
        }
    }
}

/// Some rows of y at a time: `bands` of `rows` of them, of which `together` are computed one after the other in the
/// target, or, if these are several, in scratch memory.
struct ChannelRows<'a, T> {
    correlation: Correlation,
    plan: Plan,
    source: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
    rows: usize,
    bands: usize,
    together: usize,
    target: *mut T,
    scratch: Scratch,
    sink: &'a mut Sink<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for ChannelRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let (c, plan, rows) = (&self.correlation, self.plan, self.rows);
        let mut channels = Channels::new(s, c, plan, self.source, self.w, self.bias, &mut self.scratch);
        let plane = rows * c.columns.grid;
        let len = c.groups * plane;
        let target = if self.together > 1 { self.scratch.take(self.together * len) } else { self.target };
        for n in 0..c.n {
            for first_band in (0..self.bands).step_by(self.together) {
                let end_band = self.bands.min(first_band + self.together);
                for first in (0..c.groups).step_by(S::LANES) {
                    let block = channels.block(s, first);
                    // Of a band with more rows than the plan's, so many at a time.
                    let most = if self.together > 1 { (end_band - first_band) * rows } else { plan.band };
                    for copied in (first_band * rows..end_band * rows).step_by(most) {
                        let end = (end_band * rows).min(copied + most);
                        // SAFETY: the image exists, and the target has room for the rows of these bands.
                        unsafe {
                            channels.copy(s, n, &block, (copied, end));
                            for row in (copied..end).step_by(rows) {
                                let (band, of_band) = (row / rows - first_band, row % rows);
                                let to = target.wrapping_add(band * len + first * plane + of_band * c.columns.grid);
                                channels.rows(s, &block, copied, (row, end.min(row + rows)), to, plane);
                            }
                        }
                    }
                }
                for (place, band) in (first_band..end_band).enumerate() {
                    // SAFETY: the band is initialised, and nothing else refers to it here.
                    (self.sink)(n, band, unsafe { slice::from_raw_parts_mut(target.wrapping_add(place * len), len) });
                }
            }
        }
    }
}

/// y or dx; `false`, having done nothing, if it does not fit into the scratch memory.
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
    let Some(plan) = Plan::new::<T, S>(&correlation) else { return false };
    let Some(layout) = layout::<T, S>(base, &correlation, &plan) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(ChannelCorrelation { correlation, plan, source, w, bias, target, scratch, then });
    });
    true
}

/// `bands` of `rows` rows of y, one after the other in the buffer or in scratch memory; `false`, having done nothing, if
/// all of y would not fit either.
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
    let Some(plan) = Plan::new::<T, S>(&correlation) else { return false };
    let Some(layout) = layout::<T, S>(Layout::EMPTY, &correlation, &plan) else { return false };
    let together = (plan.band / rows).min(bands);
    let (together, layout) = match layout.with::<T>(together * buffer.len()) {
        Some(layout) if together > 1 => (together, layout),
        _ => (1, layout),
    };
    let target = buffer.as_mut_ptr();
    with_scratch(layout, &mut |scratch| {
        s.call(ChannelRows { correlation, plan, source, w, bias, rows, bands, together, target, scratch, sink });
    });
    true
}
