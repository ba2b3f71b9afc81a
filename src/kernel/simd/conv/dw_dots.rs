//! dw where few filters would leave most lanes empty: lanes are pixels, and each weight is the dot product of a plane of
//! dy with a window of the padded copy of x.

use super::dw::{span, window};
use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::copy::{Range, copy_planes};
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::block::tile::{DOTS, Dots, dots, max_dots};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::dw::{SOURCE, TERMS};
use crate::kernel::simd::{Element, Job, Simd, each, from_fn};

/// Elements after the copy that may be overwritten or read.
const SLACK: usize = MAX_LANES;

/// The blocks of dw, and the scratch memory they need.
#[derive(Clone, Copy)]
struct DotsPlan {
    /// Channels in a block.
    c: usize,
    /// Output rows and columns of a band.
    rows: usize,
    columns: usize,
    /// Elements of the copy of x.
    source: usize,
    layout: Layout,
}

/// What to copy of x for the outputs `from..from + count` of an axis, neighbouring outputs side by side.
fn phases(g: &Conv2dGeometry, axis: usize, from: usize, count: usize) -> Range {
    let (step, span) = (g.stride[axis], span(g, axis));
    Range { step, phases: step.min(span), cells: count + (span - 1) / step, ..window(g, axis, from, count) }
}

/// Chooses block sizes; `None` if not even the smallest blocks fit into the scratch memory.
fn plan<T>(base: Layout, g: &Conv2dGeometry) -> Option<DotsPlan> {
    let cells = |rows, columns| product([phases(g, 0, 0, rows).len(), phases(g, 1, 0, columns).len()]);
    let budget = base.share(SOURCE) / size_of::<T>() - SLACK;
    let fits = |rows, columns| cells(rows, columns).is_some_and(|cells| cells <= budget);
    let mut columns = g.output[1];
    while !fits(1, columns) && columns > 1 {
        columns = columns.div_ceil(2);
    }
    if !fits(1, columns) {
        return None;
    }
    let mut rows = g.output[0];
    while !fits(rows, columns) {
        rows = rows.div_ceil(2);
    }
    let cells = cells(rows, columns)?;
    let c = (g.c / g.groups).min(budget / cells);
    let source = product([cells, c])? + SLACK;
    Some(DotsPlan { c, rows, columns, source, layout: base.with::<T>(source)? })
}

/// dw with pixels in the lanes.
struct FilterDots<'a, T> {
    g: &'a Conv2dGeometry,
    plan: DotsPlan,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    scratch: Scratch,
}

impl<T: Element, S: Simd<T>> Job<S> for FilterDots<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let FilterDots { g, plan, x, dy, dw, mut scratch } = self;
        let copy = scratch.take::<T>(plan.source);
        let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
        let (x_plane, dy_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
        let taps = g.kernel[0] * g.kernel[1];

        for n in 0..g.n {
            for row in (0..g.output[0]).step_by(plan.rows) {
                for column in (0..g.output[1]).step_by(plan.columns) {
                    let rows = plan.rows.min(g.output[0] - row);
                    let columns = plan.columns.min(g.output[1] - column);
                    let (row_range, column_range) = (phases(g, 0, row, rows), phases(g, 1, column, columns));
                    for group in 0..g.groups {
                        let f = group * group_f;
                        let dy = dy.wrapping_add((n * g.f + f) * dy_plane + row * g.output[1] + column);
                        for c in (0..group_c).step_by(plan.c) {
                            let channels = plan.c.min(group_c - c);
                            let x = x.wrapping_add((n * g.c + group * group_c + c) * x_plane);
                            let dw = dw.wrapping_add((f * group_c + c) * taps);
                            // SAFETY: `plan` reserved room for this many channels of a band, and slack; dy has
                            // `group_f` planes with this window, and dw as many filters with these channels.
                            unsafe {
                                copy_planes(s, x, channels, &row_range, &column_range, copy);
                                add_dots(s, g, &row_range, &column_range, copy, dy, (rows, columns), channels, dw);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Adds the dot products of all filters of a group with all taps of `channels` channels to dw.
///
/// # Safety
/// `copy` holds the channels, `dy` is the window's corner in the group's first plane, dw has all the weights.
#[inline(always)]
unsafe fn add_dots<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    rows: &Range,
    columns: &Range,
    copy: *const T,
    dy: *const T,
    (lines, len): (usize, usize),
    channels: usize,
    dw: *mut T,
) {
    let taps = g.kernel[0] * g.kernel[1];
    let most = max_dots(S::REGISTERS);
    let filters = g.f / g.groups;
    let place = |weight: usize| {
        let (channel, tap) = (weight / taps, weight % taps);
        let (u, v) = (tap / g.kernel[1] * g.dilation[0], tap % g.kernel[1] * g.dilation[1]);
        let (row_phase, row) = (u % g.stride[0], u / g.stride[0]);
        let (column_phase, column) = (v % g.stride[1], v / g.stride[1]);
        let plane = (channel * rows.phases + row_phase) * columns.phases + column_phase;
        copy.wrapping_add((plane * rows.cells + row) * columns.cells + column)
    };
    let weights = channels * taps;
    let block = (TERMS / len.div_ceil(S::LANES)).max(1);
    for weight in (0..weights).step_by(most) {
        let b_count = most.min(weights - weight);
        let b: [_; DOTS] = from_fn(|i| if i < b_count { place(weight + i) } else { copy });
        for f in (0..filters).step_by(most) {
            let a_count = most.min(filters - f);
            let a: [_; DOTS] = from_fn(|i| dy.wrapping_add((f + i) * g.output[0] * g.output[1]));
            let mut totals = [[T::ZERO; DOTS]; DOTS];
            for line in (0..lines).step_by(block) {
                let (stride_a, stride_b) = (g.output[1], columns.cells);
                let operands = Dots {
                    a: each(a, |a| a.wrapping_add(line * stride_a)),
                    b: each(b, |b| b.wrapping_add(line * stride_b)),
                    lines: block.min(lines - line),
                    len,
                    stride_a,
                    stride_b,
                };
                // SAFETY: each plane of dy has these lines in the window, and so has the copy of x from each tap on.
                let sums = unsafe { dots(s, a_count, b_count, operands) };
                for (total, &sum) in totals.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
                    *total += sum;
                }
            }
            for (i, totals) in totals.iter().enumerate().take(a_count) {
                for (j, &total) in totals.iter().enumerate().take(b_count) {
                    // SAFETY: these filters and weights exist.
                    unsafe { *dw.add((f + i) * (g.c / g.groups) * taps + weight + j) += total };
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
    let Some(plan) = plan::<T>(base, g) else { return false };
    with_scratch(plan.layout, &mut |scratch| {
        s.call(FilterDots { g, plan, x: x.as_ptr(), dy: dy.as_ptr(), dw: dw.as_mut_ptr(), scratch });
    });
    true
}
