//! The backward pass of a convolution that a max pooling follows: dx and dw where dy is zero but at the winners.
//!
//! ```text
//! for each group, block of filters, image, window of the pooling:
//!     sort the filters by the cell that is their winner
//!     for each cell that is one:
//!         patch = the cells of x under the convolution's window there, zero outside
//!         for each filter f whose winner it is:
//!             sums[f] += dy · patch
//!             dpatch += dy · w[f]
//!         add dpatch to dx
//! dw += sums
//! ```
//!
//! Where some images of a dense dy fit into the scratch memory beside that of the other ways, these are faster: then it is
//! made there ([`spread`]), zero but at the winners. The above is for larger planes.
//!
//! The filters of a pixel share its patch, in which all channels and taps of the window are neighbours, as they are in
//! the filters: lanes are taps, and there is no dense dy. What differs from the pseudo-code:
//! - The patch stays in registers, some vectors at a time, for all filters of the pixel, and so does dpatch.
//! - The sums are added to dw after every few images: a sum of sums is more exact than one long sum.

use core::array::from_fn;
use core::ops::Range;
use core::slice;

use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::thresholds::winners::{DENSE, LISTS, MOST, SUMS, TERMS};
use crate::kernel::simd::{Element, Job, Simd};
use crate::kernel::{Conv2dGeometry, Pool2dGeometry};

/// A filter of the block, and its dy.
#[derive(Clone, Copy)]
struct Winner<T> {
    filter: usize,
    dy: T,
}

/// The sizes of the scratch memory.
#[derive(Clone, Copy)]
struct Plan {
    /// Filters of a block.
    filters: usize,
    /// Elements of a patch, and from the sums of a filter to those of the next one.
    patch: usize,
    pitch: usize,
    /// Cells of a window of the pooling.
    cells: usize,
    layout: Layout,
}

impl Plan {
    /// `None` if not even one filter fits into the scratch memory.
    fn new<T, S: Simd<T>>(g: &Conv2dGeometry, pool: &Pool2dGeometry) -> Option<Self> {
        let (patch, cells) = (product([g.c / g.groups, g.kernel[0], g.kernel[1]])?, pool.kernel[0] * pool.kernel[1]);
        let pitch = patch.next_multiple_of(S::LANES);
        let fit = (SUMS / size_of::<T>() / pitch).min(LISTS / size_of::<Winner<T>>() / cells);
        let filters = fit.clamp(1, g.f / g.groups);
        let layout = Layout::EMPTY
            .with::<T>(product([filters, pitch])?)?
            .with::<T>(pitch + S::LANES)?
            .with::<T>(pitch + S::LANES)?
            .with::<Winner<T>>(product([cells, filters])?)?
            .with::<usize>(cells)?;
        Some(Self { filters, patch, pitch, cells, layout })
    }
}

/// The operands.
struct AtWinners<'a, T> {
    g: &'a Conv2dGeometry,
    pool: &'a Pool2dGeometry,
    plan: Plan,
    marks: &'a [u8],
    x: &'a [T],
    w: &'a [T],
    dy: &'a [T],
    dx: Option<&'a mut [T]>,
    dw: &'a mut [T],
    scratch: Scratch,
}

impl<T: Element, S: Simd<T>> Job<S> for AtWinners<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let AtWinners { g, pool, plan, marks, x, w, dy, mut dx, dw, mut scratch } = self;
        let sums = scratch.take::<T>(plan.filters * plan.pitch);
        let patch = scratch.take::<T>(plan.pitch + S::LANES);
        let dpatch = scratch.take::<T>(plan.pitch + S::LANES);
        let lists = scratch.take::<Winner<T>>(plan.cells * plan.filters);
        let counts = scratch.take::<usize>(plan.cells);
        let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
        let (plane, windows) = (g.input[0] * g.input[1], pool.output[0] * pool.output[1]);
        if let Some(dx) = dx.as_deref_mut() {
            dx.fill(T::ZERO);
        }
        for first in
            (0..g.f).step_by(group_f).flat_map(|group| (0..group_f).step_by(plan.filters).map(move |f| group + f))
        {
            let group = first / group_f;
            let filters = plan.filters.min((group + 1) * group_f - first);
            let range = first * plan.patch..(first + filters) * plan.patch;
            let w = w.get(range.clone()).unwrap_or_default().as_ptr();
            let dw = dw.get_mut(range).unwrap_or_default();
            let clear = || {
                for at in (0..filters * plan.pitch).step_by(S::LANES) {
                    // SAFETY: the sums are whole vectors.
                    unsafe { s.store(sums.add(at), s.zero()) };
                }
            };
            clear();
            let mut terms = 0;
            for n in 0..g.n {
                let (from, len) = ((n * g.c + group * group_c) * plane, group_c * plane);
                let x = x[from..][..len].as_ptr();
                let dx = dx.as_deref_mut().map(|dx| dx[from..][..len].as_mut_ptr());
                let planes = (n * g.f + first) * windows..(n * g.f + first + filters) * windows;
                let (marks, dy) = (&marks[planes.clone()], &dy[planes]);
                for window in 0..windows {
                    for cell in 0..plan.cells {
                        // SAFETY: there is a count for each cell.
                        unsafe { *counts.add(cell) = 0 };
                    }
                    let of_window = marks.iter().zip(dy).skip(window).step_by(windows);
                    for (filter, (&mark, &dy)) in of_window.enumerate() {
                        let cell = usize::from(mark);
                        if cell >= plan.cells {
                            continue;
                        }
                        // SAFETY: the cell has a count, and in its list there is room for each filter.
                        unsafe {
                            let count = counts.add(cell);
                            *lists.add(cell * plan.filters + *count) = Winner { filter, dy };
                            *count += usize::from(dy != T::ZERO);
                        }
                    }
                    let output = [window / pool.output[1], window % pool.output[1]];
                    for cell in 0..plan.cells {
                        // SAFETY: as above.
                        let count = unsafe { *counts.add(cell) };
                        let Some(pixel) = pool.place(output, cell).filter(|_| count > 0) else { continue };
                        let pixel = Pixel {
                            g,
                            channels: group_c,
                            row: (pixel[0] * g.stride[0]) as isize - g.padding[0] as isize,
                            column: (pixel[1] * g.stride[1]) as isize - g.padding[1] as isize,
                        };
                        let winners = Winners { plan: &plan, list: lists.wrapping_add(cell * plan.filters), count };
                        // SAFETY: the list is written; the sums are those of its filters, and so is w if there is a dx; x,
                        // and dx if there is one, are the channels of the group.
                        unsafe {
                            pixel.gather(s, x, patch);
                            if let Some(dx) = dx {
                                winners.visit::<true, S>(s, patch, w, sums, dpatch);
                                pixel.scatter(s, dpatch, dx);
                            } else {
                                winners.visit::<false, S>(s, patch, w, sums, dpatch);
                            }
                        }
                    }
                }
                terms += windows;
                if terms >= TERMS || n + 1 == g.n {
                    for (filter, dw) in dw.chunks_exact_mut(plan.patch).enumerate() {
                        for (tap, dw) in dw.iter_mut().enumerate() {
                            // SAFETY: the filter has a sum for each tap.
                            *dw += unsafe { *sums.add(filter * plan.pitch + tap) };
                        }
                    }
                    clear();
                    terms = 0;
                }
            }
        }
    }
}

/// A window of the convolution: its first cell, inside of x or not.
struct Pixel<'a> {
    g: &'a Conv2dGeometry,
    channels: usize,
    row: isize,
    column: isize,
}

impl Pixel<'_> {
    /// Calls `visit(place in the patch, first cell of the row if it is inside of x)` for each row of each channel.
    #[inline(always)]
    fn for_each_row(&self, mut visit: impl FnMut(usize, Option<isize>)) {
        let ([height, width], [kh, kw]) = (self.g.input, self.g.kernel);
        let mut place = 0;
        for c in 0..self.channels {
            for u in 0..kh {
                let row = self.row + (u * self.g.dilation[0]) as isize;
                let is_inside = (0..height as isize).contains(&row);
                let first = ((c * height) as isize + row) * width as isize + self.column;
                visit(place, is_inside.then_some(first));
                place += kw;
            }
        }
    }

    /// The lanes of the vector of taps from `v` on that lie inside of a row.
    #[inline(always)]
    fn lanes(&self, v: usize, lanes: usize) -> (usize, usize) {
        let [width, taps] = [self.g.input[1], self.g.kernel[1]].map(|len| len as isize);
        let clip = |tap: isize| (tap.min(taps) - v as isize).clamp(0, lanes as isize) as usize;
        let from = clip((-self.column).max(0));
        (from, clip(width - self.column).max(from))
    }

    /// patch = the cells of the window, zero outside.
    ///
    /// # Safety
    /// `x` are the channels; the patch has room for a vector more.
    #[inline(always)]
    unsafe fn gather<T: Element, S: Simd<T>>(&self, s: S, x: *const T, patch: *mut T) {
        let (taps, dilation) = (self.g.kernel[1], self.g.dilation[1]);
        let is_dense = dilation == 1;
        self.for_each_row(|place, first| {
            // Whole vectors are stored, which the next row overwrites.
            for v in (0..taps).step_by(if is_dense { S::LANES } else { 1 }) {
                let to = patch.wrapping_add(place + v);
                // SAFETY: only cells inside of x are read; the caller vouches for the room.
                unsafe {
                    match first {
                        Some(first) if is_dense => {
                            let (from, end) = self.lanes(v, S::LANES);
                            s.store(to, s.load_part(x.wrapping_offset(first).wrapping_add(v), from, end));
                        }
                        Some(first) => {
                            let column = self.column + (v * dilation) as isize;
                            let is_inside = (0..self.g.input[1] as isize).contains(&column);
                            *to = if is_inside { *x.offset(first + (v * dilation) as isize) } else { T::ZERO };
                        }
                        None if is_dense => s.store(to, s.zero()),
                        None => *to = T::ZERO,
                    }
                }
            }
        });
        // SAFETY: as above.
        unsafe { s.store(patch.add(self.channels * self.g.kernel[0] * taps), s.zero()) };
    }

    /// Adds a patch to the cells of the window.
    ///
    /// # Safety
    /// `dx` are the channels; a vector after the patch is readable.
    #[inline(always)]
    unsafe fn scatter<T: Element, S: Simd<T>>(&self, s: S, patch: *const T, dx: *mut T) {
        let (taps, dilation) = (self.g.kernel[1], self.g.dilation[1]);
        let is_dense = dilation == 1;
        self.for_each_row(|place, first| {
            let Some(first) = first else { return };
            for v in (0..taps).step_by(if is_dense { S::LANES } else { 1 }) {
                let from = patch.wrapping_add(place + v);
                // SAFETY: only cells inside of dx are touched; the caller vouches for the patch.
                unsafe {
                    if is_dense {
                        let (begin, end) = self.lanes(v, S::LANES);
                        let at = dx.wrapping_offset(first).wrapping_add(v + begin);
                        let sum = s.add(s.load_part(at, 0, end - begin), s.load(from.add(begin)));
                        s.store_part(at, end - begin, sum);
                    } else {
                        let column = self.column + (v * dilation) as isize;
                        if (0..self.g.input[1] as isize).contains(&column) {
                            *dx.offset(first + (v * dilation) as isize) += *from;
                        }
                    }
                }
            }
        });
    }
}

/// The filters that have one pixel as their winner.
struct Winners<'a, T> {
    plan: &'a Plan,
    list: *const Winner<T>,
    count: usize,
}

impl<T: Element> Winners<'_, T> {
    /// Adds the products of dy and the patch to the sums, and dpatch = Σ dy · w if `DX`.
    ///
    /// # Safety
    /// The list is written; the sums are those of its filters, and so is w if `DX`; patches have room for whole vectors.
    #[inline(always)]
    unsafe fn visit<const DX: bool, S: Simd<T>>(
        &self,
        s: S,
        patch: *const T,
        w: *const T,
        sums: *mut T,
        dpatch: *mut T,
    ) {
        let (mut at, end) = (0, self.plan.patch);
        // SAFETY: the caller vouches for all of it; the last vector of w may be part of one.
        unsafe {
            while at + 4 * S::LANES <= end {
                self.vectors::<4, DX, S>(s, at, S::LANES, patch, w, sums, dpatch);
                at += 4 * S::LANES;
            }
            if at + 2 * S::LANES <= end {
                self.vectors::<2, DX, S>(s, at, S::LANES, patch, w, sums, dpatch);
                at += 2 * S::LANES;
            }
            while at < end {
                self.vectors::<1, DX, S>(s, at, S::LANES.min(end - at), patch, w, sums, dpatch);
                at += S::LANES;
            }
        }
    }

    /// The same of V vectors from `at` on, of the last of which w has so many lanes.
    ///
    /// # Safety
    /// As for `visit`.
    #[inline(always)]
    unsafe fn vectors<const V: usize, const DX: bool, S: Simd<T>>(
        &self,
        s: S,
        at: usize,
        lanes: usize,
        patch: *const T,
        w: *const T,
        sums: *mut T,
        dpatch: *mut T,
    ) {
        let (mut x, mut dx) = ([s.zero(); V], [s.zero(); V]);
        // SAFETY: the caller vouches for all of it.
        unsafe {
            for v in 0..V {
                x[v] = s.load(patch.add(at + v * S::LANES));
            }
            let (mut winner, end) = (self.list, self.list.add(self.count));
            while winner < end {
                let (filter, dy) = ((*winner).filter, s.splat((*winner).dy));
                let sums = sums.add(filter * self.plan.pitch + at);
                let w = w.wrapping_add(filter * self.plan.patch + at);
                for v in 0..V {
                    let sum = sums.add(v * S::LANES);
                    s.store(sum, s.mul_add(x[v], dy, s.load(sum)));
                    if DX {
                        let w = w.add(v * S::LANES);
                        let w = if V == 1 { s.load_part(w, 0, lanes) } else { s.load(w) };
                        dx[v] = s.mul_add(w, dy, dx[v]);
                    }
                }
                winner = winner.add(1);
            }
            if DX {
                for v in 0..V {
                    s.store(dpatch.add(at + v * S::LANES), dx[v]);
                }
            }
        }
    }
}

/// What is called with the rest of the scratch memory, images, and their dense dy.
type Visit<'a, T> = dyn FnMut(Layout, Range<usize>, &[T]) + 'a;

/// Calls `visit` with images and their dense dy, which is zero but at the winners, a few at a time, and with what is left
/// of the scratch memory; `false`, having done nothing, if not even one image fits.
pub(super) fn spread<T: Element>(
    g: &Conv2dGeometry,
    pool: &Pool2dGeometry,
    marks: &[u8],
    dy: &[T],
    visit: &mut Visit<T>,
) -> bool {
    let (plane, windows) = (g.output[0] * g.output[1], pool.output[0] * pool.output[1]);
    let Some(image) = product([g.f, plane]).filter(|&image| image <= MOST / size_of::<T>()) else { return false };
    let images = (DENSE / size_of::<T>() / image).clamp(1, g.n);
    let Some(layout) = Layout::EMPTY.with::<T>(images * image) else { return false };
    // Where a cell lies from the first one of its window, if all windows lie on the plane.
    let is_inside = [0, 1].into_iter().all(|axis| {
        let reach = pool.output[axis].saturating_sub(1) * pool.stride[axis];
        pool.padding[axis] == 0 && reach + (pool.kernel[axis] - 1) * pool.dilation[axis] < pool.input[axis]
    });
    let mut offsets = [plane; 256];
    for (u, offsets) in offsets.chunks_mut(pool.kernel[1]).enumerate().take(pool.kernel[0]) {
        for (v, offset) in offsets.iter_mut().enumerate() {
            *offset = u * pool.dilation[0] * g.output[1] + v * pool.dilation[1];
        }
    }
    with_scratch(layout, &mut |mut scratch| {
        let dense = scratch.take::<T>(images * image);
        for first in (0..g.n).step_by(images) {
            let end = g.n.min(first + images);
            let len = (end - first) * image;
            for at in 0..len {
                // SAFETY: there is room for `images` of them.
                unsafe { dense.add(at).write(T::ZERO) };
            }
            // SAFETY: these elements are initialised, and nothing else refers to them.
            let dense = unsafe { slice::from_raw_parts_mut(dense, len) };
            for (index, dense) in dense.chunks_exact_mut(plane).enumerate() {
                let mut window = (first * g.f + index) * windows;
                for i in 0..pool.output[0] {
                    for j in 0..pool.output[1] {
                        let cell = usize::from(marks[window]);
                        let at = match is_inside {
                            true => offsets[cell] + i * pool.stride[0] * g.output[1] + j * pool.stride[1],
                            false => pool.place([i, j], cell).map_or(plane, |[i, j]| i * g.output[1] + j),
                        };
                        if let Some(dense) = dense.get_mut(at) {
                            *dense += dy[window];
                        }
                        window += 1;
                    }
                }
            }
            visit(layout.beside(), first..end, dense);
        }
    });
    true
}

/// dx and dw, of which dw may be empty, and w where there is no dx; `false`, having done nothing, if they do not fit into
/// the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    pool: &Pool2dGeometry,
    marks: &[u8],
    [x, w, dy]: [&[T]; 3],
    mut dx: Option<&mut [T]>,
    dw: &mut [T],
) -> bool {
    let Some(plan) = Plan::new::<T, S>(g, pool) else { return false };
    with_scratch(plan.layout, &mut |scratch| {
        let dx = dx.as_deref_mut();
        s.call(AtWinners { g, pool, plan, marks, x, w, dy, dx, dw, scratch });
    });
    true
}
