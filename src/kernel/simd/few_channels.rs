//! Depthwise convolutions of any kernel, stride and dilation, and groups of few channels and filters: there are too few
//! products per pixel to pay for the tables and tiles of the other ways.
//!
//! ```text
//! y, dx:  for each band of output rows, image, group:
//!             copy the band of the source, padded
//!             for each output channel, vector of output columns, some output rows:
//!                 sums[..] = bias
//!                 for each source channel, kernel row u, kernel column v:  sums[row] += copy[row + u][column + v] · w[u][v]
//!                 store sums
//!
//! dw:     for each channel:
//!             for each image, band of rows of dy:
//!                 copy the band of x, padded
//!                 for each filter of the group, block of the kernel, vector of columns of dy, row of dy:
//!                     sums[u][v] += copy[row + u][column + v] · dy[row][column]
//!             dw += the sum of the lanes of sums
//! ```
//!
//! What differs from the pseudo-code:
//! - Kernel rows that are as far apart as output rows share what they read, up to three of them.
//! - The columns of the copy are split by their residue of the stride (a *phase*), so that a vector of output columns
//!   reads neighbours.
//! - dx with a stride has phases of its own, each with its own taps. Their sums are interleaved on the way to dx.
//! - The last vector of a row of y is moved back to end with the row: what it computes again is the same.

use core::array::from_fn;

use super::copy::{Range, copy_planes, sum_vectors};
use super::correlate::Axis;
use super::scratch::{Layout, Scratch, product, with_scratch};
use super::thresholds::narrow::{MAX_SOURCE, PAIRS, ROWS, SHARED, SOURCE, SUMS, TERMS};
use super::{Element, Job, MAX_LANES, Simd, depthwise};
use crate::kernel::Conv2dGeometry;

/// A kernel row or column: its place in the copy for position 0, and in the weights.
#[derive(Clone, Copy)]
struct Tap {
    cell: usize,
    weight: usize,
    /// How many taps from here on are as far apart as neighbouring positions, up to SHARED.
    run: usize,
}

/// The kernel rows or columns of one phase, and its positions.
#[derive(Clone, Copy)]
struct Phase {
    taps: *const Tap,
    count: usize,
    grid: usize,
}

/// One axis of a correlation, with all phases of its target.
#[derive(Clone, Copy)]
struct Side {
    source: usize,
    target: usize,
    /// Phases, and the positions of the longest one.
    phases: usize,
    grid: usize,
    /// Source cells from one position to the next; those that position 0 reads in any phase.
    step: usize,
    first: isize,
    span: usize,
}

impl Side {
    fn new(phases: usize, axis: impl Fn(usize) -> Axis) -> Self {
        let Axis { source, target, grid, step, .. } = axis(0);
        let used = || (0..phases).map(&axis).filter(|axis| axis.taps > 0);
        let first = used().map(|axis| axis.first).min().unwrap_or(0);
        let end = used().map(|axis| axis.first + axis.span() as isize).max().unwrap_or(1);
        Self { source, target, phases, grid, step, first, span: (end - first) as usize }
    }

    /// Source rows for the positions `from..from + count`.
    #[inline(always)]
    fn rows(&self, from: usize, count: usize) -> Range {
        Range {
            source: self.source,
            first: self.first + (from * self.step) as isize,
            step: 1,
            phases: 1,
            cells: (count - 1) * self.step + self.span,
        }
    }

    /// Source columns for all positions, neighbouring positions side by side. Rows of the copy are whole vectors.
    #[inline(always)]
    fn columns(&self, lanes: usize) -> Range {
        let cells = self.grid + (self.span - 1) / self.step;
        Range {
            source: self.source,
            first: self.first,
            step: self.step,
            phases: self.step.min(self.span),
            cells: cells.next_multiple_of(lanes),
        }
    }
}

/// What the copy looks like.
#[derive(Clone, Copy)]
struct Plan {
    rows: Side,
    columns: Side,
    /// Positions of the rows in a band.
    band: usize,
    /// Elements of the copy of one channel.
    plane: usize,
}

impl Plan {
    /// For this many channels of the source; `None` if not even a few rows fit into the scratch memory.
    fn new<T, S: Simd<T>>(rows: Side, columns: Side, channels: usize) -> Option<Self> {
        let range = columns.columns(S::LANES);
        let row = product([range.cells, range.phases, channels, size_of::<T>()])?;
        let fit = (SOURCE / row).saturating_sub(rows.span) / rows.step + 1;
        let band = fit.max(ROWS).min(rows.grid);
        let cells = rows.rows(0, band).cells;
        let plane = product([cells, range.cells, range.phases])?;
        (product([cells, row])? <= MAX_SOURCE).then_some(Self { rows, columns, band, plane })
    }
}

/// Whether a convolution is of this kind.
fn suits(g: &Conv2dGeometry) -> bool {
    g.c / g.groups * (g.f / g.groups) <= PAIRS && g.x_len() > 0 && !depthwise::suits_filter(g)
}

/// The axes of y from x.
fn forward(g: &Conv2dGeometry) -> [Side; 2] {
    [0, 1].map(|axis| Side::new(1, |_| Axis::forward(g, axis)))
}

/// The axes of dx from dy.
fn backward(g: &Conv2dGeometry) -> [Side; 2] {
    [0, 1].map(|axis| Side::new(g.stride[axis].min(g.input[axis]), |phase| Axis::backward(g, axis, phase)))
}

/// y or dx, and its slices.
struct Run<'a, T> {
    g: &'a Conv2dGeometry,
    is_forward: bool,
    plan: Plan,
    source: *const T,
    w: *const T,
    bias: Option<&'a [T]>,
    target: *mut T,
    scratch: Scratch,
}

/// Elements of the sums of some rows in two phases.
const fn spread(lanes: usize) -> usize {
    2 * ROWS * lanes
}

impl<T> Run<'_, T> {
    /// Writes the phases of an axis and their taps. `place` is where a cell of the source is in the copy.
    ///
    /// # Safety
    /// There is room for the phases, and for as many taps as the kernel has.
    #[inline(always)]
    unsafe fn write_phases(
        &self,
        index: usize,
        phases: *mut Phase,
        mut taps: *mut Tap,
        place: impl Fn(usize) -> usize,
    ) {
        let (side, w_step) = if index == 0 { (&self.plan.rows, self.g.kernel[1]) } else { (&self.plan.columns, 1) };
        for phase in 0..side.phases {
            let axis =
                if self.is_forward { Axis::forward(self.g, index) } else { Axis::backward(self.g, index, phase) };
            let Axis { taps: count, grid, .. } = axis;
            // SAFETY: the caller vouches for the room: the phases share the taps of the kernel among themselves.
            unsafe { *phases.add(phase) = Phase { taps, count, grid } };
            // Taps that are a step apart follow each other.
            let apart = if axis.step.checked_rem(axis.distance) == Some(0) { axis.step / axis.distance } else { count };
            for first in 0..apart.min(count) {
                for i in (first..count).step_by(apart) {
                    let tap = if axis.mirrored { count - 1 - i } else { i };
                    let cell = (axis.first - side.first) as usize + i * axis.distance;
                    let weight = (axis.tap_first + tap * axis.tap_step) * w_step;
                    let run = ((count - 1 - i) / apart + 1).min(SHARED);
                    // SAFETY: as above.
                    unsafe { *taps = Tap { cell: place(cell), weight, run } };
                    taps = taps.wrapping_add(1);
                }
            }
        }
    }
}

impl<T: Element, S: Simd<T>> Job<S> for Run<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let (g, Plan { rows, columns, band, plane }) = (self.g, self.plan);
        let (channels, filters) = (g.c / g.groups, g.f / g.groups);
        let (sources, targets) = if self.is_forward { (channels, filters) } else { (filters, channels) };
        let copy = self.scratch.take::<T>(sources * plane + MAX_LANES);
        let sums = self.scratch.take::<T>(spread(S::LANES));
        let row_phases = self.scratch.take::<Phase>(rows.phases);
        let column_phases = self.scratch.take::<Phase>(columns.phases);
        let row_taps = self.scratch.take::<Tap>(g.kernel[0]);
        let column_taps = self.scratch.take::<Tap>(g.kernel[1]);
        let (source_plane, target_plane) = (rows.source * columns.source, rows.target * columns.target);
        let taps = g.kernel[0] * g.kernel[1];
        let (w_source, w_target) = if self.is_forward { (taps, channels * taps) } else { (channels * taps, taps) };
        let column_range = columns.columns(S::LANES);
        let pitch = column_range.cells;
        // SAFETY: the tables have room.
        unsafe { self.write_phases(0, row_phases, row_taps, |cell| cell * pitch) };
        let mut table_cells = 0;
        for row in (0..rows.grid).step_by(band) {
            let count = band.min(rows.grid - row);
            let row_range = rows.rows(row, count);
            let copy_plane = row_range.cells * pitch;
            if table_cells != copy_plane {
                table_cells = copy_plane;
                let place = |cell: usize| cell % columns.step * copy_plane + cell / columns.step;
                // SAFETY: the tables have room.
                unsafe { self.write_phases(1, column_phases, column_taps, place) };
            }
            for image in 0..g.n * g.groups {
                let group = image % g.groups;
                let source = self.source.wrapping_add(image * sources * source_plane);
                let cells_k = column_range.phases * copy_plane;
                // SAFETY: these are the channels of the group; `plan` reserved room for them and for a vector more.
                unsafe {
                    copy_planes(s, source, sources, &row_range, &column_range, copy);
                    s.store(copy.add(sources * cells_k), s.zero());
                }
                for m in 0..targets {
                    let channel = group * targets + m;
                    let strip = Strip {
                        plan: &self.plan,
                        copy,
                        sources,
                        cells_k,
                        pitch,
                        w: self.w.wrapping_add(group * filters * channels * taps + m * w_target),
                        w_source,
                        bias: self.bias.map_or(T::ZERO, |b| b[channel]),
                        sums,
                        columns: column_phases,
                        target: self.target.wrapping_add((image * targets + m) * target_plane),
                    };
                    for phase in 0..rows.phases {
                        // SAFETY: the phase was written.
                        let taps = unsafe { *row_phases.add(phase) };
                        let count = count.min(taps.grid.saturating_sub(row));
                        for column in (0..columns.grid).step_by(S::LANES) {
                            let column = column.min(columns.grid.saturating_sub(S::LANES));
                            // SAFETY: the copy holds the band, and the tables lead to its cells.
                            unsafe { strip.run(s, &taps, phase, row, count, column) };
                        }
                    }
                }
            }
        }
    }
}

/// One plane of the target.
struct Strip<'a, T> {
    plan: &'a Plan,
    /// The copies of the source's channels, and their distance; elements per row.
    copy: *const T,
    sources: usize,
    cells_k: usize,
    pitch: usize,
    /// The weights of the first channel of the source, and the elements to the next one.
    w: *const T,
    w_source: usize,
    bias: T,
    sums: *mut T,
    columns: *const Phase,
    target: *mut T,
}

impl<T: Element> Strip<'_, T> {
    /// A vector of columns of `count` rows of a phase, from position `row` on, which is the first row of the copy.
    ///
    /// # Safety
    /// The copy holds all that the taps lead to, and a vector more; the target is a plane.
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(&self, s: S, rows: &Phase, phase: usize, row: usize, count: usize, column: usize) {
        let rest = count - count % ROWS;
        // SAFETY: so many rows are left.
        unsafe {
            for i in (0..rest).step_by(ROWS) {
                self.rows::<ROWS, S>(s, rows, (phase, row, i, column));
            }
            // The binary digits of what is left.
            if count & 4 != 0 {
                self.rows::<4, S>(s, rows, (phase, row, rest, column));
            }
            if count & 2 != 0 {
                self.rows::<2, S>(s, rows, (phase, row, rest + (count & 4), column));
            }
            if count & 1 != 0 {
                self.rows::<1, S>(s, rows, (phase, row, count - 1, column));
            }
        }
    }

    /// R rows of it, from the copy's position `i` on.
    ///
    /// # Safety
    /// As for `run`.
    #[inline(always)]
    unsafe fn rows<const R: usize, S: Simd<T>>(
        &self,
        s: S,
        taps: &Phase,
        (phase, row, i, column): (usize, usize, usize, usize),
    ) {
        let (rows, columns) = (&self.plan.rows, &self.plan.columns);
        let at = self.copy.wrapping_add(i * rows.step * self.pitch + column);
        let to = ((row + i) * rows.phases + phase) * columns.target + column * columns.phases;
        let (to, pitch) = (self.target.wrapping_add(to), rows.phases * columns.target);
        // SAFETY: the caller vouches for the copy. Rows of the target hold what is stored: `left` elements from `to`
        // on.
        unsafe {
            if columns.phases == 1 {
                let sums = self.sums::<R, S>(s, taps, &*self.columns, at);
                for r in 0..R {
                    let to = to.add(r * pitch);
                    if columns.grid >= S::LANES {
                        s.store(to, sums[r]);
                    } else {
                        s.store_part(to, columns.grid, sums[r]);
                    }
                }
                return;
            }
            let left = columns.target - column * columns.phases;
            for b in 0..columns.phases {
                let sums = self.sums::<R, S>(s, taps, &*self.columns.add(b), at);
                let place = self.sums.wrapping_add(b % 2 * R * S::LANES);
                for r in 0..R {
                    s.store(place.add(r * S::LANES), sums[r]);
                }
                if columns.phases > 2 {
                    for r in 0..R {
                        for (lane, j) in (b..left).step_by(columns.phases).take(S::LANES).enumerate() {
                            *to.add(r * pitch + j) = *place.add(r * S::LANES + lane);
                        }
                    }
                }
            }
            if columns.phases == 2 {
                for r in 0..R {
                    let (to, even) = (to.add(r * pitch), self.sums.wrapping_add(r * S::LANES));
                    let (first, second) = s.zip(s.load(even), s.load(even.add(R * S::LANES)));
                    if left >= 2 * S::LANES {
                        s.store(to, first);
                        s.store(to.add(S::LANES), second);
                    } else {
                        s.store_part(to, left.min(S::LANES), first);
                        s.store_part(to.wrapping_add(S::LANES), left.saturating_sub(S::LANES), second);
                    }
                }
            }
        }
    }

    /// The sums of R rows of one phase.
    ///
    /// # Safety
    /// As for `run`; `at` is the copy under the first lane of the first row.
    #[inline(always)]
    unsafe fn sums<const R: usize, S: Simd<T>>(
        &self,
        s: S,
        rows: &Phase,
        columns: &Phase,
        at: *const T,
    ) -> [S::Vector; R] {
        let mut sums = [s.splat(self.bias); R];
        let distance = self.plan.rows.step * self.pitch;
        for k in 0..self.sources {
            let (at, w) = (at.wrapping_add(k * self.cells_k), self.w.wrapping_add(k * self.w_source));
            let (mut tap, end) = (rows.taps, rows.taps.wrapping_add(rows.count));
            while tap < end {
                // SAFETY: the taps exist.
                unsafe {
                    let run = (*tap).run;
                    match run {
                        SHARED => add_taps::<SHARED, R, T, S>(s, &mut sums, tap, columns, at, distance, w),
                        2 => add_taps::<2, R, T, S>(s, &mut sums, tap, columns, at, distance, w),
                        _ => add_taps::<1, R, T, S>(s, &mut sums, tap, columns, at, distance, w),
                    }
                    tap = tap.add(run);
                }
            }
        }
        sums
    }
}

/// Adds the products of U kernel rows from `rows` on, which are `distance` elements apart if there are several.
///
/// # Safety
/// The taps lead to readable vectors around `at` and to weights around `w`.
#[inline(always)]
unsafe fn add_taps<const U: usize, const R: usize, T: Element, S: Simd<T>>(
    s: S,
    sums: &mut [S::Vector; R],
    rows: *const Tap,
    columns: &Phase,
    at: *const T,
    distance: usize,
    w: *const T,
) {
    // SAFETY: the caller vouches for all of it.
    unsafe {
        let at = at.wrapping_add((*rows).cell);
        let w: [_; U] = from_fn(|u| w.wrapping_add((*rows.add(u)).weight));
        for v in 0..columns.count {
            let tap = *columns.taps.add(v);
            let (mut at, w) = (at.wrapping_add(tap.cell), w.map(|w| s.splat(*w.add(tap.weight))));
            for r in 0..R + U - 1 {
                let x = s.load(at);
                for u in 0..U {
                    if r >= u && r - u < R {
                        sums[r - u] = s.mul_add(x, w[u], sums[r - u]);
                    }
                }
                at = at.wrapping_add(distance);
            }
        }
    }
}

/// dw, and its slices.
struct Filter<'a, T> {
    g: &'a Conv2dGeometry,
    plan: Plan,
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

impl<T: Element, S: Simd<T>> Job<S> for Filter<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Filter { g, plan: Plan { rows, columns, band, plane }, x, dy, dw, per_filter, mut scratch } = self;
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
                    unsafe { copy_planes(s, x, 1, &row_range, &column_range, copy) };
                    for m in 0..filters {
                        let filter = channel / channels * filters + m;
                        let dy = dy.wrapping_add((n * g.f + filter) * dy_plane + row * g.output[1]);
                        let sums = sums.wrapping_add(m * per_filter);
                        let block = Block {
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
struct Block<'a, T> {
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

impl<T: Element> Block<'_, T> {
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
                let block = Block { tap, skip: [u - tap[0], v - tap[1]], ..self };
                match sizes {
                    [1, 1] => s.call(BlockOf::<T, 1, 1>(block)),
                    [_, 1] => s.call(BlockOf::<T, SHARED, 1>(block)),
                    [1, _] if S::REGISTERS >= 32 => s.call(BlockOf::<T, 1, SHARED>(block)),
                    [1, _] => s.call(BlockOf::<T, 1, 2>(block)),
                    _ if S::REGISTERS >= 32 => s.call(BlockOf::<T, SHARED, SHARED>(block)),
                    _ => s.call(BlockOf::<T, SHARED, 2>(block)),
                }
            }
        }
    }
}

/// [`Block`] of U rows and V columns.
struct BlockOf<'a, T, const U: usize, const V: usize>(Block<'a, T>);

impl<T: Element, S: Simd<T>, const U: usize, const V: usize> Job<S> for BlockOf<'_, T, U, V> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Block { g, copy, plane, pitch, sums, tap, skip, .. } = self.0;
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

impl<T: Element, const U: usize, const V: usize> BlockOf<'_, T, U, V> {
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
        let Block { g, pitch, dy, rows, .. } = self.0;
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

/// Runs y or dx; `false` if it is not of this kind or does not fit into the scratch memory.
fn run<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    is_forward: bool,
    [source, w]: [&[T]; 2],
    bias: Option<&[T]>,
    target: &mut [T],
) -> bool {
    if !suits(g) {
        return false;
    }
    let [rows, columns] = if is_forward { forward(g) } else { backward(g) };
    let sources = if is_forward { g.c } else { g.f } / g.groups;
    let Some(plan) = Plan::new::<T, S>(rows, columns, sources) else { return false };
    let layout = |plan: &Plan| {
        Layout::EMPTY
            .with::<T>(product([sources, plan.plane])?.checked_add(MAX_LANES)?)?
            .with::<T>(spread(S::LANES))?
            .with::<Phase>(rows.phases)?
            .with::<Phase>(columns.phases)?
            .with::<Tap>(g.kernel[0])?
            .with::<Tap>(g.kernel[1])
    };
    let Some(layout) = layout(&plan) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(Run {
            g,
            is_forward,
            plan,
            source: source.as_ptr(),
            w: w.as_ptr(),
            bias,
            target: target.as_mut_ptr(),
            scratch,
        });
    });
    true
}

/// y: see [`crate::kernel::conv2d`]. Returns `false` if it is not of this kind.
pub(super) fn conv2d<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) -> bool {
    run(s, g, true, [x, w], b, y)
}

/// dx: see [`crate::kernel::conv_transpose2d`], whose y it is. Returns `false` if it is not of this kind.
pub(super) fn conv_transpose2d<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
) -> bool {
    run(s, g, false, [dy, w], b, dx)
}

/// dw: see [`crate::kernel::conv2d_backward_filter`]. Returns `false` if it is not of this kind.
pub(super) fn conv2d_backward_filter<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
) -> bool {
    let filters = g.f / g.groups;
    // Filters that fill the lanes should have them.
    if !suits(g) || filters >= S::LANES {
        return false;
    }
    let plan = || {
        let per_filter = filter_sums(g, S::LANES)?;
        let sums = product([filters, per_filter]).filter(|&sums| sums <= SUMS / size_of::<T>())?;
        let [rows, columns] = forward(g);
        let plan = Plan::new::<T, S>(rows, columns, 1)?;
        let layout = Layout::EMPTY.with::<T>(plan.plane + MAX_LANES)?.with::<T>(sums)?;
        Some((plan, per_filter, layout))
    };
    let Some((plan, per_filter, layout)) = plan() else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(Filter { g, plan, x: x.as_ptr(), dy: dy.as_ptr(), dw: dw.as_mut_ptr(), per_filter, scratch });
    });
    true
}
