//! Depthwise convolutions with 3×3 kernels and any stride, where an instruction picks lanes from two vectors: pixels that
//! are a stride apart are picked from two vectors of the source, and nothing is copied.
//!
//! ```text
//! for each image, channel, block of output pixels: some whole rows, or a piece of a row
//!     for each kernel row u:
//!         a, b = the source from the block's first cell on, and up to its last one; zero above and below the plane
//!         for each kernel column v:  t[v] += the cells of a and b under v · w[u][v]
//!     y = bias + t[0] + t[1] + t[2], without those on the left and right of the plane
//! ```
//!
//! Where cells lie in a and b is the same for all kernel rows and for all blocks that begin in the same column: a table
//! of a [`Pattern`] for each piece of a row. Of y, some rows at a time can be asked for ([`by_rows`]).

use super::axis::Correlation;
use super::flat::operands;
use crate::kernel::simd::block::scratch::{Layout, Scratch, with_scratch};
use crate::kernel::simd::thresholds::depthwise::KERNEL as K;
use crate::kernel::simd::{Element, Job, Simd, Sink, Then, finish, indices};

/// How the output is cut into blocks.
#[derive(Clone, Copy)]
struct Plan {
    /// Rows of a block, or pieces of a row, one of which is 1; columns of a piece.
    rows: usize,
    pieces: usize,
    columns: usize,
    /// Elements from a block's first cell to the second vector.
    apart: usize,
}

impl Plan {
    /// The largest blocks whose cells lie in two vectors.
    fn new(c: &Correlation, lanes: usize) -> Option<Self> {
        let (width, grid) = (c.columns.source, c.columns.grid);
        let most = (lanes / grid).min(c.rows.grid);
        let whole = (2..=most).rev().map(|rows| (rows, 1, grid));
        let parts = (grid.div_ceil(lanes)..=grid)
            .map(|pieces| (1, pieces, grid.div_ceil(pieces)))
            .filter(|part| part.2 <= lanes);
        whole.chain(parts).find_map(|(rows, pieces, columns)| {
            let reach = (columns - 1) * c.columns.step + c.columns.span();
            let last = (rows - 1) * c.rows.step * width;
            let apart = (last + reach).saturating_sub(lanes);
            // Each row of the block lies in one of the vectors, or in both without a gap.
            let fits = (0..rows).all(|row| {
                let first = row * c.rows.step * width;
                apart <= lanes || first + reach <= lanes || first >= apart
            });
            fits.then_some(Self { rows, pieces, columns, apart })
        })
    }

    /// The first column of a piece; the last one is moved back to end with the row.
    #[inline(always)]
    fn column(&self, c: &Correlation, piece: usize) -> usize {
        (piece * self.columns).min(c.columns.grid - self.columns)
    }
}

/// Which lanes of the two vectors are under the kernel columns, and a mask of those that lie in the plane.
#[derive(Clone, Copy)]
struct Pattern<V> {
    index: [V; K],
    mask: [V; K],
}

impl<V: Copy> Pattern<V> {
    /// That of a piece.
    ///
    /// # Safety
    /// `lanes` has room for a vector.
    #[inline(always)]
    unsafe fn new<T: Element, S: Simd<T, Vector = V>>(
        s: S,
        c: &Correlation,
        plan: &Plan,
        piece: usize,
        lanes: *mut T,
    ) -> Self {
        let width = c.columns.source;
        let place = |v: usize, l: usize| {
            let (row, column) = (l / plan.columns, plan.column(c, piece) + l % plan.columns);
            let cell = c.columns.first + (column * c.columns.step + v * c.columns.distance) as isize;
            let is_inside = row < plan.rows && (0..width as isize).contains(&cell);
            let at = row * c.rows.step * width + l % plan.columns * c.columns.step + v * c.columns.distance;
            (is_inside, at)
        };
        let (mut index, mut mask) = ([s.zero(); K], [s.zero(); K]);
        for v in 0..K {
            index[v] = indices(s, |l| match place(v, l) {
                (false, _) => 0,
                (true, at) if at < S::LANES => at,
                (true, at) => at - plan.apart + S::LANES,
            });
            // SAFETY: the caller vouches for the room.
            mask[v] = unsafe {
                lanes.write_bytes(0xff, S::LANES);
                for l in 0..S::LANES {
                    if !place(v, l).0 {
                        *lanes.add(l) = T::ZERO;
                    }
                }
                s.load(lanes)
            };
        }
        Self { index, mask }
    }
}

/// How the source of a block is read.
const WHOLE: usize = 0;
const MASKED: usize = 1;
const PART: usize = 2;

/// The output rows whose windows lie in the plane.
fn inside(c: &Correlation) -> (usize, usize) {
    let above = (-c.rows.first).max(0) as usize;
    let room = c.rows.source as isize - c.rows.first - c.rows.span() as isize;
    (above.div_ceil(c.rows.step), usize::try_from(room).map_or(0, |room| room / c.rows.step + 1))
}

/// The first rows of the blocks of a plane that are not all inside.
fn outside(c: &Correlation, plan: &Plan) -> impl Iterator<Item = usize> + use<> {
    let (rows, grid, (from, to)) = (plan.rows, c.rows.grid, inside(c));
    (0..grid).step_by(rows).filter(move |&row| row < from || row + rows.min(grid - row) > to)
}

/// A correlation, and the patterns of its pieces.
struct Picked<'a, T, V> {
    c: &'a Correlation,
    plan: Plan,
    source: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
    patterns: *const Pattern<V>,
    /// For the blocks of a plane that leave it, and their kernel rows: masks of the lanes that do not.
    edges: *const V,
    /// The output rows whose windows lie in the plane.
    inside: (usize, usize),
}

impl<'a, T: Element, V: Copy> Picked<'a, T, V> {
    /// Writes the patterns.
    #[inline(always)]
    fn new<S: Simd<T, Vector = V>>(
        s: S,
        c: &'a Correlation,
        plan: Plan,
        [source, w]: [&'a [T]; 2],
        bias: Option<&'a [T]>,
        scratch: &mut Scratch,
    ) -> Self {
        let patterns = scratch.take::<Pattern<V>>(plan.pieces);
        let lanes = scratch.take::<T>(S::LANES);
        for piece in 0..plan.pieces {
            // SAFETY: there is room for a pattern of each piece, and for a vector.
            unsafe { *patterns.add(piece) = Pattern::new(s, c, &plan, piece, lanes) };
        }
        let edges = scratch.take::<V>(outside(c, &plan).count() * K);
        let mut edge = edges;
        for first in outside(c, &plan) {
            for u in 0..K {
                // SAFETY: there is room for the masks, and for a vector.
                unsafe {
                    lanes.write_bytes(0xff, S::LANES);
                    for l in 0..S::LANES {
                        let row =
                            c.rows.first + ((first + l / plan.columns) * c.rows.step + u * c.rows.distance) as isize;
                        if !(0..c.rows.source as isize).contains(&row) {
                            *lanes.add(l) = T::ZERO;
                        }
                    }
                    *edge = s.load(lanes);
                    edge = edge.add(1);
                }
            }
        }
        Self { c, plan, source, w, bias, patterns, edges, inside: inside(c) }
    }

    /// The output rows `first..end` of a plane: ALL of them, or some.
    ///
    /// # Safety
    /// The source has the plane, and the target room for the rows.
    #[inline(always)]
    unsafe fn run<const ALL: bool, S: Simd<T, Vector = V>>(
        &self,
        s: S,
        n: usize,
        channel: usize,
        (first, end): (usize, usize),
        target: *mut T,
    ) {
        let (c, Plan { rows: most, pieces, columns, apart }) = (self.c, self.plan);
        let (width, grid, step) = (c.columns.source, c.columns.grid, c.rows.step);
        let (taps, bias) = operands(s, c, self.w, self.bias, channel);
        let source = self.source.as_ptr().wrapping_add((n * c.groups + channel) * c.rows.source * width);
        let start = ((n * c.groups + channel) * c.rows.source * width) as isize;
        let below = c.rows.distance * width;
        // The cells of a plane at which a block can begin so that all that it reads exists.
        let readable = (-start, self.source.len() as isize - start - ((K - 1) * below + apart + S::LANES) as isize);
        let inside = self.inside;
        for piece in 0..pieces {
            // SAFETY: the pattern was written.
            let pattern = unsafe { *self.patterns.add(piece) };
            let column = self.plan.column(c, piece);
            // The cell of the plane under the first lane, which may be outside of it.
            let mut at = (c.rows.first + (first * step) as isize) * width as isize;
            at += c.columns.first + (column * c.columns.step) as isize;
            let (mut row, mut to, mut edges) = (first, target.wrapping_add(column), self.edges);
            while row < end {
                let rows = most.min(end - row);
                let (is_inside, is_readable) =
                    (row >= inside.0 && row + rows <= inside.1, at >= readable.0 && at <= readable.1);
                let block = Block { source, at, below, apart, taps: &taps, bias, pattern: &pattern, edges };
                // SAFETY: what is not readable is read in part, and what is not inside is masked or not read; the target
                // has room for these rows.
                unsafe {
                    let y = if is_readable && is_inside {
                        block.run::<WHOLE, S>(s, c)
                    } else if ALL && is_readable {
                        block.run::<MASKED, S>(s, c)
                    } else {
                        block.run::<PART, S>(s, c)
                    };
                    if ALL && !is_inside {
                        edges = edges.add(K);
                    }
                    let count = rows * columns;
                    if count == S::LANES {
                        s.store(to, y);
                    } else {
                        s.store_part(to, count, y);
                    }
                }
                row += most;
                at += (most * step * width) as isize;
                to = to.wrapping_add(most * grid);
            }
        }
    }
}

/// A block, from cell `at` of a plane on.
struct Block<'a, T, V> {
    source: *const T,
    at: isize,
    /// Elements to the next kernel row, and to the second vector.
    below: usize,
    apart: usize,
    taps: &'a [[V; K]; K],
    bias: V,
    pattern: &'a Pattern<V>,
    edges: *const V,
}

impl<T: Element, V: Copy> Block<'_, T, V> {
    /// Its sums.
    ///
    /// # Safety
    /// Its vectors are readable, unless they are read in PART; if MASKED, there are masks.
    #[inline(always)]
    unsafe fn run<const READ: usize, S: Simd<T, Vector = V>>(&self, s: S, c: &Correlation) -> V {
        let load = |first: isize| {
            let at = self.source.wrapping_offset(first);
            // SAFETY: the caller vouches for it; else these lanes are those that lie in the plane.
            unsafe {
                if READ == PART {
                    let cells = (c.rows.source * c.columns.source) as isize;
                    let from = (-first).clamp(0, S::LANES as isize);
                    let to = (cells - first).clamp(from, S::LANES as isize);
                    s.load_part(at, from as usize, to as usize)
                } else {
                    s.load(at)
                }
            }
        };
        let mut sums = [s.zero(); K];
        for u in 0..K {
            let first = self.at + (u * self.below) as isize;
            let (a, b) = (load(first), load(first + self.apart as isize));
            for v in 0..K {
                let mut x = s.pick(a, b, self.pattern.index[v]);
                if READ == MASKED {
                    // SAFETY: the caller vouches for the masks.
                    x = s.keep(x, unsafe { *self.edges.add(u) });
                }
                sums[v] = s.mul_add(x, self.taps[u][v], sums[v]);
            }
        }
        let mut y = self.bias;
        for v in 0..K {
            y = s.add(y, s.keep(sums[v], self.pattern.mask[v]));
        }
        y
    }
}

/// y or dx, and its slices.
struct PickedCorrelation<'a, T> {
    correlation: Correlation,
    plan: Plan,
    operands: [&'a [T]; 2],
    bias: Option<&'a [T]>,
    target: &'a mut [T],
    then: Then<'a, T>,
    scratch: Scratch,
}

impl<T: Element, S: Simd<T>> Job<S> for PickedCorrelation<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let c = &self.correlation;
        let picked = Picked::new(s, c, self.plan, self.operands, self.bias, &mut self.scratch);
        let plane = c.rows.grid * c.columns.grid;
        for n in 0..c.n {
            for channel in 0..c.groups {
                let target = &mut self.target[(n * c.groups + channel) * plane..][..plane];
                // SAFETY: each plane of the target has one of the source.
                unsafe { picked.run::<true, S>(s, n, channel, (0, c.rows.grid), target.as_mut_ptr()) };
                if let Some(then) = self.then {
                    finish(s, then, target);
                }
            }
        }
    }
}

/// Some rows of it at a time: `bands` of `rows` of them, of which the target has one.
struct PickedRows<'a, T> {
    correlation: Correlation,
    plan: Plan,
    operands: [&'a [T]; 2],
    bias: Option<&'a [T]>,
    rows: usize,
    bands: usize,
    target: &'a mut [T],
    scratch: Scratch,
    sink: &'a mut Sink<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for PickedRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let (c, rows) = (&self.correlation, self.rows);
        let picked = Picked::new(s, c, self.plan, self.operands, self.bias, &mut self.scratch);
        for n in 0..c.n {
            for band in 0..self.bands {
                for (channel, target) in self.target.chunks_exact_mut(rows * c.columns.grid).enumerate() {
                    let asked = (band * rows, (band + 1) * rows);
                    // SAFETY: the source has the plane, and the target room for these rows.
                    unsafe { picked.run::<false, S>(s, n, channel, asked, target.as_mut_ptr()) };
                }
                (self.sink)(n, band, self.target);
            }
        }
    }
}

/// The plan, and the scratch memory for it; `None` if lanes cannot be picked, or not from two vectors.
fn plan<T, S: Simd<T>>(base: Layout, c: &Correlation) -> Option<(Plan, Layout)> {
    let plan = Plan::new(c, S::LANES)?;
    let edges = outside(c, &plan).count() * K;
    let layout = base.with::<Pattern<S::Vector>>(plan.pieces)?.with::<T>(S::LANES)?.with::<S::Vector>(edges)?;
    Some((plan, layout))
}

/// y or dx; `false`, having done nothing, if this is not a way for it.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    correlation: Correlation,
    operands: [&[T]; 2],
    bias: Option<&[T]>,
    target: &mut [T],
    then: Then<T>,
) -> bool {
    // A condition on a constant: without picks nothing of this is compiled.
    if !S::PICKS {
        return false;
    }
    let Some((plan, layout)) = plan::<T, S>(base, &correlation) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(PickedCorrelation { correlation, plan, operands, bias, target, then, scratch });
    });
    true
}

/// `bands` of `rows` rows of y, one after the other in the buffer; `false`, having done nothing, if all of y would not go
/// this way either.
pub(super) fn by_rows<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    operands: [&[T]; 2],
    bias: Option<&[T]>,
    [rows, bands]: [usize; 2],
    target: &mut [T],
    sink: &mut Sink<T>,
) -> bool {
    if !S::PICKS {
        return false;
    }
    let Some((plan, layout)) = plan::<T, S>(Layout::EMPTY, &correlation) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(PickedRows { correlation, plan, operands, bias, rows, bands, target, scratch, sink });
    });
    true
}
