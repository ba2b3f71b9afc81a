//! Depthwise convolutions of any kernel, stride and dilation, and groups of few channels and filters: there are too few
//! products per pixel to pay for the tables and tiles of the other ways. Here are y and dx.
//!
//! ```text
//! for each band of output rows, image, group:
//!     copy the band of the source, padded
//!     for each output channel, vector of output columns, some output rows:
//!         sums[..] = bias
//!         for each source channel, kernel row u, kernel column v:  sums[row] += copy[row + u][column + v] · w[u][v]
//!         store sums
//! ```
//!
//! What differs from the pseudo-code:
//! - Kernel rows that are as far apart as output rows share what they read, up to three of them.
//! - The columns of the copy are split by their residue of the stride (a *phase*), so that a vector of output columns
//!   reads neighbours.
//! - dx with a stride has phases of its own, each with its own taps. Their sums are interleaved on the way to dx.
//! - Of y, some rows at a time can be asked for ([`by_rows`]): several bands of them are computed together where they
//!   are low, because the sums of few rows would wait for each other.
//! - The last vector of a row of y is moved back to end with the row: what it computes again is the same.

use core::slice;

use super::axis::Axis;
use super::bands::{Bands, together};
use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::copy::{Range, copy_planes_here};
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::narrow::{MAX_SOURCE, ROWS, SHARED, SOURCE, TOGETHER};
use crate::kernel::simd::{Element, Job, Simd, Sink, Then, each, finish, from_fn};

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
pub(super) struct Side {
    pub(super) source: usize,
    pub(super) target: usize,
    /// Phases, and the positions of the longest one.
    pub(super) phases: usize,
    pub(super) grid: usize,
    /// Source cells from one position to the next; those that position 0 reads in any phase.
    pub(super) step: usize,
    pub(super) first: isize,
    pub(super) span: usize,
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
    pub(super) fn rows(&self, from: usize, count: usize) -> Range {
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
    pub(super) fn columns(&self, lanes: usize) -> Range {
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
pub(super) struct NarrowPlan {
    pub(super) rows: Side,
    pub(super) columns: Side,
    /// Positions of the rows in a band.
    pub(super) band: usize,
    /// Elements of the copy of one channel.
    pub(super) plane: usize,
}

impl NarrowPlan {
    /// For this many channels of the source; `None` if not even a few rows fit into the scratch memory.
    pub(super) fn new<T, S: Simd<T>>(rows: Side, columns: Side, channels: usize) -> Option<Self> {
        let range = columns.columns(S::LANES);
        let row = product([range.cells, range.phases, channels, size_of::<T>()])?;
        let fit = (SOURCE / row).saturating_sub(rows.span) / rows.step + 1;
        let band = fit.max(ROWS).min(rows.grid);
        let cells = rows.rows(0, band).cells;
        let plane = product([cells, range.cells, range.phases])?;
        (product([cells, row])? <= MAX_SOURCE).then_some(Self { rows, columns, band, plane })
    }
}

/// The axes of y from x.
pub(super) fn forward(g: &Conv2dGeometry) -> [Side; 2] {
    [0, 1].map(|axis| Side::new(1, |_| Axis::forward(g, axis)))
}

/// The axes of dx from dy.
pub(super) fn backward(g: &Conv2dGeometry) -> [Side; 2] {
    [0, 1].map(|axis| Side::new(g.stride[axis].min(g.input[axis]), |phase| Axis::backward(g, axis, phase)))
}

/// y or dx, and its slices.
struct NarrowCorrelation<'a, T> {
    g: &'a Conv2dGeometry,
    is_forward: bool,
    plan: NarrowPlan,
    source: *const T,
    w: *const T,
    bias: Option<&'a [T]>,
    target: *mut T,
    scratch: Scratch,
    then: Then<'a, T>,
}

/// Elements of the sums of some rows in two phases.
const fn spread(lanes: usize) -> usize {
    2 * ROWS * lanes
}

impl<T> NarrowCorrelation<'_, T> {
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

/// The pieces of the scratch memory.
#[derive(Clone, Copy)]
struct NarrowMemory<T> {
    copy: *mut T,
    sums: *mut T,
    row_phases: *mut Phase,
    column_phases: *mut Phase,
    row_taps: *mut Tap,
    column_taps: *mut Tap,
    /// Elements of the plane of the copy that the table of columns was written for.
    table_cells: usize,
}

impl<T: Element> NarrowCorrelation<'_, T> {
    /// Takes the scratch memory, and writes the table of rows.
    #[inline(always)]
    fn memory<S: Simd<T>>(&mut self) -> NarrowMemory<T> {
        let (g, NarrowPlan { rows, columns, plane, .. }) = (self.g, self.plan);
        let sources = if self.is_forward { g.c } else { g.f } / g.groups;
        let memory = NarrowMemory {
            copy: self.scratch.take(sources * plane + MAX_LANES),
            sums: self.scratch.take(spread(S::LANES)),
            row_phases: self.scratch.take(rows.phases),
            column_phases: self.scratch.take(columns.phases),
            row_taps: self.scratch.take(g.kernel[0]),
            column_taps: self.scratch.take(g.kernel[1]),
            table_cells: 0,
        };
        let pitch = columns.columns(S::LANES).cells;
        // SAFETY: the tables have room.
        unsafe { self.write_phases(0, memory.row_phases, memory.row_taps, |cell| cell * pitch) };
        memory
    }

    /// The positions `row..row + count` of the rows of one group of one image: no more than a band. The target is that
    /// of the group. `then` gets what is finished. Compiled once for whole images and for some rows at a time.
    ///
    /// # Safety
    /// The target has these rows.
    #[inline(always)]
    unsafe fn band<S: Simd<T>>(
        &self,
        s: S,
        memory: &mut NarrowMemory<T>,
        image: usize,
        rows: (usize, usize),
        target: Bands<T>,
        then: Then<T>,
    ) {
        s.call(NarrowBand { of: self, memory, image, rows, target, then });
    }
}

/// The arguments of [`NarrowCorrelation::band`], which vouches for them.
struct NarrowBand<'a, T> {
    of: &'a NarrowCorrelation<'a, T>,
    memory: &'a mut NarrowMemory<T>,
    image: usize,
    rows: (usize, usize),
    target: Bands<T>,
    then: Then<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for NarrowBand<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let NarrowBand { of, memory, image, rows: (row, count), target, then } = self;
        let (g, NarrowPlan { rows, columns, .. }) = (of.g, of.plan);
        let (channels, filters) = (g.c / g.groups, g.f / g.groups);
        let (sources, targets) = if of.is_forward { (channels, filters) } else { (filters, channels) };
        let taps = g.kernel[0] * g.kernel[1];
        let (w_source, w_target) = if of.is_forward { (taps, channels * taps) } else { (channels * taps, taps) };
        let (row_range, column_range) = (rows.rows(row, count), columns.columns(S::LANES));
        let pitch = column_range.cells;
        let copy_plane = row_range.cells * pitch;
        if memory.table_cells != copy_plane {
            memory.table_cells = copy_plane;
            let place = |cell: usize| cell % columns.step * copy_plane + cell / columns.step;
            // SAFETY: the tables have room.
            unsafe { of.write_phases(1, memory.column_phases, memory.column_taps, place) };
        }
        let group = image % g.groups;
        let source = of.source.wrapping_add(image * sources * rows.source * columns.source);
        let cells_k = column_range.phases * copy_plane;
        // SAFETY: these are the channels of the group; `plan` reserved room for them and for a vector more.
        unsafe {
            copy_planes_here(s, source, sources, &row_range, &column_range, memory.copy);
            s.store(memory.copy.add(sources * cells_k), s.zero());
        }
        for m in 0..targets {
            let target = target.channel(m);
            let strip = NarrowStrip {
                plan: &of.plan,
                copy: memory.copy,
                sources,
                cells_k,
                pitch,
                w: of.w.wrapping_add(group * filters * channels * taps + m * w_target),
                w_source,
                bias: of.bias.map_or(T::ZERO, |b| b[group * targets + m]),
                sums: memory.sums,
                columns: memory.column_phases,
                target,
            };
            for phase in 0..rows.phases {
                // SAFETY: the phase was written.
                let taps = unsafe { *memory.row_phases.add(phase) };
                let count = count.min(taps.grid.saturating_sub(row));
                for column in (0..columns.grid).step_by(S::LANES) {
                    let column = column.min(columns.grid.saturating_sub(S::LANES));
                    // SAFETY: the copy holds the band, and the tables lead to its cells.
                    unsafe { strip.run(s, &taps, phase, row, count, column) };
                }
            }
            if let Some(then) = then {
                let (from, to) = (row * rows.phases, rows.target.min((row + count) * rows.phases));
                let (first, len) = (target.row(from), (to - from) * columns.target);
                // SAFETY: these rows are in the target; they are initialised, and nothing else refers to them here.
                finish(s, then, unsafe { slice::from_raw_parts_mut(first, len) });
            }
        }
    }
}

impl<T: Element, S: Simd<T>> Job<S> for NarrowCorrelation<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let (g, NarrowPlan { rows, columns, band, .. }) = (self.g, self.plan);
        let targets = if self.is_forward { g.f } else { g.c } / g.groups;
        let mut memory = self.memory::<S>();
        let plane = rows.target * columns.target;
        for row in (0..rows.grid).step_by(band) {
            for image in 0..g.n * g.groups {
                let first = self.target.wrapping_add(image * targets * plane);
                let target = Bands::planes(first, rows.target, columns.target);
                // SAFETY: the target is that of the image and group.
                unsafe { self.band(s, &mut memory, image, (row, band.min(rows.grid - row)), target, self.then) };
            }
        }
    }
}

/// Some rows of y at a time: `bands` of `rows` of them, of which `together` are computed one after the other in the
/// target, or, if these are several, in scratch memory.
struct NarrowRows<'a, T> {
    narrow: NarrowCorrelation<'a, T>,
    rows: usize,
    bands: usize,
    together: usize,
    sink: &'a mut Sink<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for NarrowRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let NarrowRows { mut narrow, rows, bands, together, sink } = self;
        let (g, NarrowPlan { columns, band: most, .. }) = (narrow.g, narrow.plan);
        let mut memory = narrow.memory::<S>();
        let plane = rows * columns.target;
        let len = g.f * plane;
        let first = if together > 1 { narrow.scratch.take(together * len) } else { narrow.target };
        for n in 0..g.n {
            for band in (0..bands).step_by(together) {
                let end = bands.min(band + together);
                for row in (band * rows..end * rows).step_by(most) {
                    let count = most.min(end * rows - row);
                    for group in 0..g.groups {
                        let first = first.wrapping_add(group * g.f / g.groups * plane).wrapping_sub(band * len);
                        let target = Bands { first, width: columns.target, plane, rows, apart: len };
                        // SAFETY: the target has the bands from `band` on, and `first` is where the first one of all
                        // would be.
                        unsafe { narrow.band(s, &mut memory, n * g.groups + group, (row, count), target, None) };
                    }
                }
                for (place, band) in (band..end).enumerate() {
                    // SAFETY: the band is initialised, and nothing else refers to it here.
                    sink(n, band, unsafe { slice::from_raw_parts_mut(first.wrapping_add(place * len), len) });
                }
            }
        }
    }
}

/// One plane of the target.
struct NarrowStrip<'a, T> {
    plan: &'a NarrowPlan,
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
    target: Bands<T>,
}

impl<T: Element> NarrowStrip<'_, T> {
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
        let first = (row + i) * rows.phases + phase;
        // SAFETY: the caller vouches for the copy. Rows of the target hold what is stored: `left` elements from `to`
        // on.
        unsafe {
            let (to, pitch) = (self.target.row(first).add(column * columns.phases), rows.phases * columns.target);
            if columns.phases == 1 {
                let sums = self.sums::<R, S>(s, taps, &*self.columns, at);
                if self.target.apart == 0 {
                    for r in 0..R {
                        self.store(s, to.add(r * pitch), sums[r]);
                    }
                    return;
                }
                let mut to = self.target.cursor(first, rows.phases);
                for r in 0..R {
                    self.store(s, to.at.add(column), sums[r]);
                    to.advance();
                }
                return;
            }
            // Of y there is one phase: this is dx, which has no bands.
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

    /// Stores a vector of a row, or all of the row if it is shorter.
    ///
    /// # Safety
    /// They are in the target.
    #[inline(always)]
    unsafe fn store<S: Simd<T>>(&self, s: S, to: *mut T, sums: S::Vector) {
        // SAFETY: the caller vouches for it.
        unsafe {
            if self.plan.columns.grid >= S::LANES {
                s.store(to, sums);
            } else {
                s.store_part(to, self.plan.columns.grid, sums);
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
            let (mut at, w) = (at.wrapping_add(tap.cell), each(w, |w| s.splat(*w.add(tap.weight))));
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

/// What an operation needs: the plan, and the scratch memory for it; `None` if it does not fit.
fn plan<T, S: Simd<T>>(base: Layout, g: &Conv2dGeometry, is_forward: bool) -> Option<(NarrowPlan, Layout)> {
    let [rows, columns] = if is_forward { forward(g) } else { backward(g) };
    let sources = if is_forward { g.c } else { g.f } / g.groups;
    let plan = NarrowPlan::new::<T, S>(rows, columns, sources)?;
    let layout = base
        .with::<T>(product([sources, plan.plane])?.checked_add(MAX_LANES)?)?
        .with::<T>(spread(S::LANES))?
        .with::<Phase>(rows.phases)?
        .with::<Phase>(columns.phases)?
        .with::<Tap>(g.kernel[0])?
        .with::<Tap>(g.kernel[1])?;
    Some((plan, layout))
}

/// y or dx; `false`, having done nothing, if it does not fit into the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    g: &Conv2dGeometry,
    is_forward: bool,
    [source, w]: [&[T]; 2],
    bias: Option<&[T]>,
    target: &mut [T],
    then: Then<T>,
) -> bool {
    let Some((plan, layout)) = plan::<T, S>(base, g, is_forward) else { return false };
    let (source, w, target) = (source.as_ptr(), w.as_ptr(), target.as_mut_ptr());
    with_scratch(layout, &mut |scratch| {
        s.call(NarrowCorrelation { g, is_forward, plan, source, w, bias, target, scratch, then });
    });
    true
}

/// `bands` of `rows` rows of y, one after the other in the buffer or in scratch memory; `false`, having done nothing, if
/// all of y would not fit either.
pub(super) fn by_rows<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    [x, w]: [&[T]; 2],
    bias: Option<&[T]>,
    [rows, bands]: [usize; 2],
    buffer: &mut [T],
    sink: &mut Sink<T>,
) -> bool {
    let Some((plan, layout)) = plan::<T, S>(Layout::EMPTY, g, true) else { return false };
    let together = together::<T>(rows, bands, ROWS, TOGETHER, buffer.len());
    let (together, layout) = match layout.with::<T>(together * buffer.len()) {
        Some(layout) if together > 1 => (together, layout),
        _ => (1, layout),
    };
    let (source, w, target) = (x.as_ptr(), w.as_ptr(), buffer.as_mut_ptr());
    with_scratch(layout, &mut |scratch| {
        let narrow = NarrowCorrelation { g, is_forward: true, plan, source, w, bias, target, scratch, then: None };
        s.call(NarrowRows { narrow, rows, bands, together, sink });
    });
    true
}
