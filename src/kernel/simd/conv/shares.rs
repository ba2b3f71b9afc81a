//! Forward by tiles, of one image and group, on several threads: each computes some rows of y, or some of its filters.
//!
//! A share is a correlation of its own, with the blocks of the whole: the same input channels are summed up together, and
//! the same kind of tile computes an output. So each output has the bits that one thread gives it. Each share makes its
//! own copy of the rows that it reads, or packs its own weights; what it does not need it leaves to the others.

use super::axis::{Axis, Correlation};
use super::pack::CorrelationPlan;
use super::tiles::TiledCorrelation;
use crate::kernel::simd::block::balanced;
use crate::kernel::simd::block::scratch::{Layout, with_scratch};
use crate::kernel::simd::{Element, Run, Simd};

/// What the shares have in common.
struct Whole<T, S> {
    s: S,
    correlation: Correlation,
    plan: CorrelationPlan,
    source: *const T,
    w: *const T,
    bias: Option<*const T>,
    target: *mut T,
}

// SAFETY: source, weights and bias are only read, and two shares write to different elements of the target. A token is a
// fact about the processor.
unsafe impl<T: Sync, S> Sync for Whole<T, S> {}

/// Rows of y, or filters: from one to another.
#[derive(Clone, Copy)]
enum Share {
    Rows(usize, usize),
    Filters(usize, usize),
}

impl<T: Element, S: Simd<T>> Whole<T, S> {
    /// Computes a share.
    fn run(&self, share: Share) {
        let (c, whole) = (self.correlation, self.plan);
        let Self { s, source, w, bias, target, .. } = *self;
        let (correlation, plan, w, bias, target) = match share {
            Share::Rows(from, to) => {
                let rows = Axis {
                    first: c.rows.first + (from * c.rows.step) as isize,
                    grid: to - from,
                    target_first: c.rows.target_first + from * c.rows.target_step,
                    ..c.rows
                };
                let plan = CorrelationPlan { rows: balanced(to - from, whole.rows), ..whole };
                (Correlation { rows, ..c }, plan, w, bias, target)
            }
            Share::Filters(from, to) => {
                let pixel_m = whole.pixel_m.clamp(from, to) - from;
                let bias = bias.map(|bias| bias.wrapping_add(from));
                let target = target.wrapping_add(from * c.rows.target * c.columns.target);
                let w = w.wrapping_add(from * c.w_m);
                (Correlation { m: to - from, ..c }, CorrelationPlan { pixel_m, ..whole }, w, bias, target)
            }
        };
        with_scratch(plan.layout, &mut |scratch| {
            s.call(TiledCorrelation { correlation, plan, source, w, bias, target, scratch, then: None });
        });
    }
}

/// The smallest of the pieces of at most `most` that `balanced` cuts.
fn smallest(total: usize, most: usize) -> usize {
    total - (total.div_ceil(most) - 1) * most
}

/// Runs a forward correlation of one image and group in up to `most` shares; `false`, having done nothing, where it does
/// not fit into the scratch memory, or cannot be divided.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    c: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    target: &mut [T],
    most: usize,
    run: &Run,
) -> bool {
    let Some(plan) = c.plan::<T, S>(Layout::EMPTY) else { return false };
    // Filters by whole tiles.
    let width = if plan.pixel_m > 0 { S::LANES } else { plan.pixel_width };
    let filters = most.min(c.m.div_ceil(width));
    let filter_shares = |i: usize| (i * c.m.div_ceil(width) / filters * width).min(c.m);
    // Rows such that all bands, here and in the whole, have at least one vector: short ones take up their bias elsewhere.
    let rows = most.min(c.rows.grid);
    let row_shares = |i: usize| i * c.rows.grid / rows;
    let is_long =
        |rows: usize| smallest(rows, balanced(rows, plan.rows)) * c.columns.grid.min(plan.columns) >= S::LANES;
    let keeps_rows = plan.pixel_m == c.m
        || smallest(c.columns.grid, plan.columns) == plan.columns
            && smallest(c.rows.grid, plan.rows) * plan.columns >= S::LANES
            && (0..rows).all(|i| is_long(row_shares(i + 1) - row_shares(i)));
    // What each share would do again: copy the source, or pack the weights.
    let by_filters = filters >= rows.min(most) && w.len() > source.len() || !keeps_rows || rows < 2;
    let shares = if by_filters { filters } else { rows };
    if shares < 2 {
        return false;
    }
    let (source, w, bias) = (source.as_ptr(), w.as_ptr(), bias.map(<[T]>::as_ptr));
    let whole = Whole { s, correlation: c, plan, source, w, bias, target: target.as_mut_ptr() };
    run(shares, &|i| {
        whole.run(if by_filters {
            Share::Filters(filter_shares(i), filter_shares(i + 1))
        } else {
            Share::Rows(row_shares(i), row_shares(i + 1))
        });
    });
    true
}
