//! Forward and dx are both correlations of a padded source with filters: the sizes of one.

use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::copy::Range;

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
        // They are at most a stride apart: the first two tell where all of them are.
        let mut fitting = (0..g.kernel[axis].min(2 * stride)).filter(fits);
        let (tap_first, tap_step, taps) = match (fitting.next(), fitting.next()) {
            (None, _) => (0, 1, 0),
            (Some(only), None) => (only, 1, 1),
            (Some(first), Some(second)) => (first, second - first, (g.kernel[axis] - first).div_ceil(second - first)),
        };
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

    /// The number of a tap in the kernel.
    #[inline(always)]
    fn number(&self, tap: usize) -> usize {
        self.tap_first + tap * self.tap_step
    }

    /// Offset of a tap from the lowest one.
    #[inline(always)]
    pub(super) fn offset(&self, tap: usize) -> usize {
        if self.mirrored { (self.taps - 1 - tap) * self.distance } else { tap * self.distance }
    }

    /// The taps `from..to` that lie inside of the source for output position `i`.
    #[inline(always)]
    pub(super) fn taps_inside(&self, i: usize) -> (usize, usize) {
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
    pub(super) fn range(&self, from: usize, count: usize) -> Range {
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
    pub(super) fn place(&self, tap: usize) -> (usize, usize) {
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

    pub(super) fn taps(&self) -> usize {
        self.rows.taps * self.columns.taps
    }

    /// Where in a kernel the weight of the taps u and v is.
    #[inline(always)]
    pub(super) fn weight(&self, u: usize, v: usize) -> usize {
        self.rows.number(u) * self.w_row + self.columns.number(v)
    }

    /// Whether all windows lie inside of the source and advance by one cell, so that no copy is needed.
    pub(super) fn is_inside(&self) -> bool {
        let axis = |a: &Axis| a.step == 1 && a.first >= 0 && a.first as usize + a.range(0, a.grid).cells <= a.source;
        axis(&self.rows) && axis(&self.columns)
    }

    /// Elements of the weights of one group.
    pub(super) fn w_group(&self) -> usize {
        // Filters are stored (F, C/G, KH, KW): a group is F/G of them, whichever of the two sides F is.
        (self.m * self.w_m).max(self.k * self.w_k)
    }
}
