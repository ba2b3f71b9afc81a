//! dw of narrow groups; see `narrow`.
//!
//! ```text
//! for each channel:
//!     for each image, band of rows of dy:
//!         copy the band of x, padded
//!         for each filter of the group, block of the kernel, vector of columns of dy, row of dy:
//!             sums[u][v] += copy[row + u][column + v] · dy[row][column]
//!     dw += the sum of the lanes of sums
//! ```
//!
//! Long sums are added to dw more than once, because a sum of sums is more exact.

use super::narrow::{NarrowPlan, forward};
use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::copy::{copy_planes_here, sum_vectors};
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::narrow::{SHARED, SUMS, TERMS};
use crate::kernel::simd::{Element, Job, Simd, from_fn};

/// dw, and its slices.
struct NarrowFilter<'a, T> {
    g: &'a Conv2dGeometry,
    plan: NarrowPlan,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    /// See [`filter_sums`].
    per_filter: usize,
    scratch: Scratch,
}

/// Elements of the sums of all taps of one filter: whole squares of LANES.
fn filter_sums(g: &Conv2dGeometry, lanes: usize) -> Option<usize> {
    product([product(g.kernel)?.checked_next_multiple_of(lanes)?, lanes])
}

impl<T: Element, S: Simd<T>> Job<S> for NarrowFilter<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let NarrowFilter { g, plan: NarrowPlan { rows, columns, band, plane }, x, dy, dw, per_filter, mut scratch } =
            self;
        let (channels, filters) = (g.c / g.groups, g.f / g.groups);
        let copy = scratch.take::<T>(plane + MAX_LANES);
        let sums = scratch.take::<T>(filters * per_filter);
        let (x_plane, dy_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
        let taps = g.kernel[0] * g.kernel[1];
        let column_range = columns.columns(S::LANES);
        for channel in 0..g.c {
            let mut terms = 0;
            for n in 0..g.n {
                for row in (0..rows.grid).step_by(band) {
                    if terms == 0 {
                        for i in (0..filters * per_filter).step_by(S::LANES) {
                            // SAFETY: there is room for this many sums.
                            unsafe { s.store(sums.add(i), s.zero()) };
                        }
                    }
                    let count = band.min(rows.grid - row);
                    let row_range = rows.rows(row, count);
                    let x = x.wrapping_add((n * g.c + channel) * x_plane);
                    // SAFETY: x has this plane, and `plan` reserved room for its copy.
                    unsafe { copy_planes_here(s, x, 1, &row_range, &column_range, copy) };
                    for m in 0..filters {
                        let filter = channel / channels * filters + m;
                        let dy = dy.wrapping_add((n * g.f + filter) * dy_plane + row * g.output[1]);
                        let sums = sums.wrapping_add(m * per_filter);
                        let block = KernelBlock {
                            g,
                            copy,
                            plane: row_range.cells * column_range.cells,
                            pitch: column_range.cells,
                            dy,
                            rows: count,
                            sums,
                            tap: [0; 2],
                            skip: [0; 2],
                        };
                        // SAFETY: the copy holds what the window of these rows of dy reaches; there are sums for all
                        // taps.
                        unsafe { block.run_all(s) };
                    }
                    terms += count * g.output[1].div_ceil(S::LANES);
                    let is_last = n + 1 == g.n && row + count == rows.grid;
                    if terms < TERMS && !is_last {
                        continue;
                    }
                    terms = 0;
                    for m in 0..filters {
                        for tap in (0..taps).step_by(S::LANES) {
                            let count = S::LANES.min(taps - tap);
                            // SAFETY: the sums are whole squares; `count` taps of the filter are left.
                            unsafe {
                                let sum = sum_vectors(s, sums.add(m * per_filter + tap * S::LANES));
                                let filter = channel / channels * filters + m;
                                let dw = dw.add((filter * channels + channel % channels) * taps + tap);
                                s.store_part(dw, count, s.add(s.load_part(dw, 0, count), sum));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Some rows of a plane of dy, with the copy of x, and a block of the kernel.
#[derive(Clone, Copy)]
struct KernelBlock<'a, T> {
    g: &'a Conv2dGeometry,
    /// The copy, its elements per phase and per row.
    copy: *const T,
    plane: usize,
    pitch: usize,
    dy: *const T,
    rows: usize,
    /// A vector for each tap.
    sums: *mut T,
    /// The first kernel row and column, and how many of the block are known from the block before.
    tap: [usize; 2],
    skip: [usize; 2],
}

impl<T: Element> KernelBlock<'_, T> {
    /// Adds the products for all taps.
    ///
    /// # Safety
    /// The copy holds all that the window reaches; there are sums for all taps.
    #[inline(always)]
    unsafe fn run_all<S: Simd<T>>(self, s: S) {
        // The last block is moved back to end with the kernel, unless the kernel is smaller.
        let most = [SHARED, if S::REGISTERS >= 32 { SHARED } else { 2 }];
        let sizes = [0, 1].map(|axis| if self.g.kernel[axis] >= most[axis] { most[axis] } else { 1 });
        let place = |axis: usize, at: usize| at.min(self.g.kernel[axis] - sizes[axis]);
        for u in (0..self.g.kernel[0]).step_by(sizes[0]) {
            for v in (0..self.g.kernel[1]).step_by(sizes[1]) {
                let tap = [place(0, u), place(1, v)];
                let block = KernelBlock { tap, skip: [u - tap[0], v - tap[1]], ..self };
                match sizes {
                    [1, 1] => s.call(KernelBlockOf::<T, 1, 1>(block)),
                    [_, 1] => s.call(KernelBlockOf::<T, SHARED, 1>(block)),
                    [1, _] if S::REGISTERS >= 32 => s.call(KernelBlockOf::<T, 1, SHARED>(block)),
                    [1, _] => s.call(KernelBlockOf::<T, 1, 2>(block)),
                    _ if S::REGISTERS >= 32 => s.call(KernelBlockOf::<T, SHARED, SHARED>(block)),
                    _ => s.call(KernelBlockOf::<T, SHARED, 2>(block)),
                }
            }
        }
    }
}

/// [`KernelBlock`] of U rows and V columns.
struct KernelBlockOf<'a, T, const U: usize, const V: usize>(KernelBlock<'a, T>);

impl<T: Element, S: Simd<T>, const U: usize, const V: usize> Job<S> for KernelBlockOf<'_, T, U, V> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let KernelBlock { g, copy, plane, pitch, sums, tap, skip, .. } = self.0;
        let at = |u: usize, v: usize| sums.wrapping_add(((tap[0] + u) * g.kernel[1] + tap[1] + v) * S::LANES);
        let x: [[_; V]; U] = from_fn(|u| {
            from_fn(|v| {
                let (row, column) = ((tap[0] + u) * g.dilation[0], (tap[1] + v) * g.dilation[1]);
                copy.wrapping_add(column % g.stride[1] * plane + row * pitch + column / g.stride[1])
            })
        });
        // SAFETY: there are sums for all taps.
        let mut acc: [[_; V]; U] = from_fn(|u| from_fn(|v| unsafe { s.load(at(u, v)) }));
        for column in (0..g.output[1]).step_by(S::LANES) {
            let count = S::LANES.min(g.output[1] - column);
            // SAFETY: the caller vouches for the copy.
            unsafe {
                if count == S::LANES {
                    self.add_rows::<true, S>(s, &x, column, count, &mut acc);
                } else {
                    self.add_rows::<false, S>(s, &x, column, count, &mut acc);
                }
            }
        }
        for u in skip[0]..U {
            for v in skip[1]..V {
                // SAFETY: as above.
                unsafe { s.store(at(u, v), acc[u][v]) };
            }
        }
    }
}

impl<T: Element, const U: usize, const V: usize> KernelBlockOf<'_, T, U, V> {
    /// Adds the products of `count` columns of dy from `column` on, a WHOLE vector or fewer.
    ///
    /// Lanes that no column of dy meets are left out, not multiplied by zero: x may hold a NaN there.
    ///
    /// # Safety
    /// `x` are the places of the taps in the copy, which holds what they reach.
    #[inline(always)]
    unsafe fn add_rows<const WHOLE: bool, S: Simd<T>>(
        &self,
        s: S,
        x: &[[*const T; V]; U],
        column: usize,
        count: usize,
        acc: &mut [[S::Vector; V]; U],
    ) {
        let KernelBlock { g, pitch, dy, rows, .. } = self.0;
        // SAFETY: the caller vouches for the memory.
        let load = |at: *const T| unsafe { if WHOLE { s.load(at) } else { s.load_part(at, 0, count) } };
        let dy = |row: usize| load(dy.wrapping_add(row * g.output[1] + column));
        let distance = g.stride[0] * pitch;
        // Rows of x that a row of dy meets in each kernel row of the block. A row of x that none meets is left out,
        // too.
        let shares = U > 1 && g.stride[0] == g.dilation[0] && rows >= U;
        if shares {
            let mut dys = from_fn(|u| if u + 1 < U { dy(U - 2 - u) } else { s.zero() });
            for row in U - 1..rows {
                let next = dy(row);
                dys = from_fn::<_, U, _>(|u| if u == 0 { next } else { dys[u - 1] });
                for v in 0..V {
                    let x = load(x[0][v].wrapping_add(row * distance + column));
                    for u in 0..U {
                        acc[u][v] = s.mul_add(x, dys[u], acc[u][v]);
                    }
                }
            }
        }
        for row in 0..rows {
            if shares && row + 1 >= U && row + U <= rows {
                continue;
            }
            let dy = dy(row);
            for u in 0..U {
                if !shares || row + u + 1 < U || row + u >= rows {
                    for v in 0..V {
                        acc[u][v] = s.mul_add(load(x[u][v].wrapping_add(row * distance + column)), dy, acc[u][v]);
                    }
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
    let filters = g.f / g.groups;
    let plan = || {
        let per_filter = filter_sums(g, S::LANES)?;
        let sums = product([filters, per_filter]).filter(|&sums| sums <= SUMS / size_of::<T>())?;
        let [rows, columns] = forward(g);
        let plan = NarrowPlan::new::<T, S>(rows, columns, 1)?;
        let layout = base.with::<T>(plan.plane + MAX_LANES)?.with::<T>(sums)?;
        Some((plan, per_filter, layout))
    };
    let Some((plan, per_filter, layout)) = plan() else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(NarrowFilter { g, plan, x: x.as_ptr(), dy: dy.as_ptr(), dw: dw.as_mut_ptr(), per_filter, scratch });
    });
    true
}
