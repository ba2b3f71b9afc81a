//! The fully connected layer.
//!
//! ```text
//! y:   for each block of inputs, outputs o, rows n:   y[n, o] = b[o] + dots of rows of x and rows of w
//! dx:  for each block of outputs, panel of inputs:    tile: lanes are inputs, steps are outputs, scalars are rows of dy
//! dw:  for each panel of inputs:                      tile: lanes are inputs, steps are rows, scalars are outputs of dy
//! ```
//!
//! What differs from the pseudo-code:
//! - The lanes of the dot products of a row are summed together: of as many outputs as a vector has lanes.
//! - dx and dw are one product of matrices. Its operands are packed, block by block, because in the tensors what one
//!   tile reads lies far apart.
//! - A product with few rows, or with few terms, reads its operands about once. It uses them in place, row by row,
//!   without a tile.

use core::mem::MaybeUninit;

use super::block::copy::{sum_vectors, transpose};
use super::block::scratch::{Layout, Scratch, with_scratch};
use super::block::sums::Pairs;
use super::block::tile::{
    DOTS, Dots, MAX_SUMS, Start, Step, Tile, UnsummedDots, max_dots, max_scalars, tile, unsummed_dots,
};
use super::thresholds::MAX_LANES;
use super::thresholds::linear::{FEW, INPUTS, ROWS, STEPS, TILES};
use super::{Element, Job, Simd, Then, each, from_fn, in_registers};
use crate::kernel::{Epilogue, LinearGeometry};

/// y.
struct Forward<'a, T> {
    g: &'a LinearGeometry,
    x: &'a [T],
    w: &'a [T],
    b: Option<&'a [T]>,
    y: &'a mut [T],
    then: Then<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Forward { g, x, w, b, y, then } = self;
        let (limits, then) = in_registers(then);
        let most = max_dots(S::REGISTERS);
        // The unsummed products of some rows with LANES outputs.
        let mut sums = MaybeUninit::<[[S::Vector; MAX_LANES]; DOTS]>::uninit();
        let sums = sums.as_mut_ptr().cast::<S::Vector>();
        let vector = |row: usize, output: usize| sums.wrapping_add(row * MAX_LANES + output).cast::<T>();
        // With few rows, longer runs of w.
        let block = INPUTS * (most / g.n).max(1);
        for input in (0..g.inputs).step_by(block) {
            let len = block.min(g.inputs - input);
            let is_last = input + len == g.inputs;
            let limits = limits.filter(|_| is_last).unwrap_or(T::UNLIMITED);
            let [low, high] = each(limits, |limit| s.splat(limit));
            for first in (0..g.outputs).step_by(S::LANES) {
                let lanes = S::LANES.min(g.outputs - first);
                for n in (0..g.n).step_by(most) {
                    let rows = most.min(g.n - n);
                    let a: [_; DOTS] = from_fn(|i| x.as_ptr().wrapping_add((n + i) * g.inputs + input));
                    for o in (0..lanes).step_by(most) {
                        let outputs = most.min(lanes - o);
                        let b = from_fn(|i| w.as_ptr().wrapping_add((first + o + i) * g.inputs + input));
                        let to = vector(0, o);
                        let dots = Dots { a, b, lines: 1, len, stride_a: 0, stride_b: 0 };
                        let (step_a, step_b) = (MAX_LANES * S::LANES, S::LANES);
                        // SAFETY: the first `rows` rows of x and `outputs` rows of w have `len` elements from `input`
                        // on, and there is a vector for each product.
                        unsafe {
                            unsummed_dots(s, rows, outputs, UnsummedDots { dots, start: None, to, step_a, step_b })
                        };
                    }
                    for i in 0..rows {
                        let row = y[(n + i) * g.outputs + first..][..lanes].as_mut_ptr();
                        // SAFETY: the row and the bias have so many lanes; all LANES vectors are initialised here or
                        // above.
                        unsafe {
                            for lane in lanes..S::LANES {
                                s.store(vector(i, lane), s.zero());
                            }
                            let before = match b {
                                _ if input > 0 => s.load_part(row, 0, lanes),
                                Some(b) => s.load_part(b[first..][..lanes].as_ptr(), 0, lanes),
                                None => s.zero(),
                            };
                            let sum = s.add(before, sum_vectors(s, vector(i, 0).cast_const()));
                            s.store_part(row, lanes, s.at_most(high, s.at_least(low, sum)));
                        }
                    }
                }
            }
        }
        if let Some(then) = then {
            then.apply(y);
        }
    }
}

/// target\[a, i\] (+)= Σ_step scalars\[step, a\] · panel\[step, i\]: what dx and dw have in common.
struct Product<'a, T> {
    /// Rows and columns of the target.
    rows: usize,
    columns: usize,
    /// Terms of each sum.
    steps: usize,
    /// \[steps\]\[columns\].
    panel: &'a [T],
    /// Element (step, row) is at `step·scalar_step + row·scalar_row`.
    scalars: &'a [T],
    scalar_step: usize,
    scalar_row: usize,
    target: &'a mut [T],
    /// Whether to add to the target; otherwise it is overwritten.
    adds: bool,
    scratch: Scratch,
}

/// Vectors of a panel.
const PANEL: usize = 2;

impl<T: Element, S: Simd<T>> Job<S> for Product<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        if self.rows.min(self.steps) <= FEW {
            for step in (0..self.steps).step_by(FEW) {
                self.in_place(s, step, FEW.min(self.steps - step));
            }
            return;
        }
        let most = max_scalars(S::REGISTERS, PANEL);
        let block = self.steps.min(STEPS / size_of::<T>());
        let panel = self.scratch.take::<T>(block * PANEL * S::LANES);
        let packed = self.scratch.take::<T>(block * most * TILES + S::LANES);
        let table = self.scratch.take::<Step>(block);
        let sums = self.scratch.take::<T>(MAX_SUMS * S::LANES);
        let memory = PanelMemory { panel, packed, table, sums };
        for step in (0..self.steps).step_by(block) {
            // SAFETY: the scratch memory holds this many steps.
            unsafe { self.packed(s, memory, step, block.min(self.steps - step)) };
        }
    }
}

/// The pieces of the scratch memory of a product.
#[derive(Clone, Copy)]
struct PanelMemory<T> {
    panel: *mut T,
    packed: *mut T,
    table: *mut Step,
    sums: *mut T,
}

impl<T: Element> Product<'_, T> {
    /// The terms `step..step + count` of all sums, row by row. `count` is at most [`FEW`].
    #[inline(always)]
    fn in_place<S: Simd<T>>(&mut self, s: S, step: usize, count: usize) {
        let panel = &self.panel[step * self.columns..][..count * self.columns];
        let adds = self.adds || step > 0;
        for (row, target) in self.target.chunks_exact_mut(self.columns).enumerate() {
            let scalars = |i: usize| self.scalars[(step + i) * self.scalar_step + row * self.scalar_row];
            match count {
                1 => s.call(Combine::<T, 1> { scalars: from_fn(scalars), panel, target, adds }),
                2 => s.call(Combine::<T, 2> { scalars: from_fn(scalars), panel, target, adds }),
                3 => s.call(Combine::<T, 3> { scalars: from_fn(scalars), panel, target, adds }),
                _ => s.call(Combine::<T, FEW> { scalars: from_fn(scalars), panel, target, adds }),
            }
        }
    }

    /// The terms `step..step + count` of all sums, with both operands packed.
    ///
    /// # Safety
    /// The memory has room for `count` steps.
    #[inline(always)]
    unsafe fn packed<S: Simd<T>>(&mut self, s: S, memory: PanelMemory<T>, step: usize, count: usize) {
        let most = max_scalars(S::REGISTERS, PANEL);
        let tiles = self.rows.div_ceil(most);
        let tile_row = |tile: usize, rows: usize| tile * rows / tiles;
        for first in (0..tiles).step_by(TILES) {
            let end = tiles.min(first + TILES);
            let rows = self.rows;
            for tile in first..end {
                let (row, row_end) = (tile_row(tile, rows), tile_row(tile + 1, rows));
                // SAFETY: the tile has at most `most` rows, and TILES of them have room, with a vector more after
                // them.
                unsafe {
                    self.pack_scalars(
                        s,
                        (step, count),
                        (row, row_end - row),
                        memory.packed.add((tile - first) * count * most),
                    )
                };
            }
            for column in (0..self.columns).step_by(PANEL * S::LANES) {
                let used = (PANEL * S::LANES).min(self.columns - column);
                let vectors = used.div_ceil(S::LANES);
                for i in 0..count {
                    let from = self.panel[(step + i) * self.columns + column..][..used].as_ptr();
                    for v in 0..vectors {
                        let lanes = S::LANES.min(used - v * S::LANES);
                        // SAFETY: `lanes` elements of this row exist; the panel has room for `vectors` in each step.
                        unsafe {
                            let part = s.load_part(from.add(v * S::LANES), 0, lanes);
                            s.store(memory.panel.add((i * vectors + v) * S::LANES), part);
                        }
                    }
                }
                let mut table_of = 0;
                for tile in first..end {
                    let (row, row_end) = (tile_row(tile, rows), tile_row(tile + 1, rows));
                    let q = row_end - row;
                    // SAFETY: panel and scalars are packed for all steps.
                    unsafe {
                        if table_of != q {
                            table_of = q;
                            for i in 0..count {
                                let (vector, scalar) = ((i * vectors * S::LANES) as u32, (i * q) as u32);
                                *memory.table.add(i) = Step { vector, scalar };
                            }
                        }
                        let scalars = memory.packed.add((tile - first) * count * most);
                        self.tile(s, memory, (step, count), (memory.panel, vectors), (scalars, q), (row, column, used));
                    }
                }
            }
        }
    }

    /// Packs the scalars of the rows `row..row + q` to \[step\]\[row\].
    ///
    /// # Safety
    /// `to` has room for them and for a vector more.
    #[inline(always)]
    unsafe fn pack_scalars<S: Simd<T>>(
        &self,
        s: S,
        (step, count): (usize, usize),
        (row, q): (usize, usize),
        to: *mut T,
    ) {
        let from = self.scalars[step * self.scalar_step + row * self.scalar_row..].as_ptr();
        // Whole vectors are stored, which overrun into the next step: in ascending order of steps, and the last lanes
        // first.
        for lane in (0..q).step_by(S::LANES).rev() {
            let lanes = S::LANES.min(q - lane);
            let (from, to) = (from.wrapping_add(lane * self.scalar_row), to.wrapping_add(lane));
            // SAFETY: the scalars of these steps and rows exist; the caller vouches for the room.
            unsafe {
                if self.scalar_row == 1 {
                    for i in 0..count {
                        s.store(to.add(i * q), s.load_part(from.add(i * self.scalar_step), 0, lanes));
                    }
                } else {
                    for i in (0..count).step_by(S::LANES) {
                        let row = |r: usize| from.wrapping_add(i + r * self.scalar_row);
                        transpose(s, lanes, row, (0, S::LANES.min(count - i)), to.add(i * q), q);
                    }
                }
            }
        }
    }

    /// One tile, and its way to `used` columns of the target from `column` on.
    ///
    /// # Safety
    /// The table's steps lead to readable vectors and scalars; the target has these rows and columns.
    #[inline(always)]
    unsafe fn tile<S: Simd<T>>(
        &mut self,
        s: S,
        memory: PanelMemory<T>,
        (step, count): (usize, usize),
        (vectors_at, vectors): (*const T, usize),
        (scalars, q): (*const T, usize),
        (row, column, used): (usize, usize, usize),
    ) {
        let PanelMemory { table, sums, .. } = memory;
        let operands = Tile {
            steps: table,
            step_count: count,
            vectors: vectors_at,
            scalars,
            spacing: 1,
            half: false,
            sums,
            pitch: vectors * S::LANES,
            start: Start::Zero,
            limits: None,
        };
        // The rows of the target lie far apart: they are on their way while the tile computes.
        for i in 0..q {
            let target = self.target.as_ptr().wrapping_add((row + i) * self.columns + column);
            for v in 0..vectors {
                s.prefetch(target.wrapping_add(v * S::LANES));
            }
        }
        // SAFETY: the caller vouches for all of it.
        unsafe {
            tile(s, vectors, q, operands);
            for i in 0..q {
                let target = self.target.as_mut_ptr().add((row + i) * self.columns + column);
                for v in 0..vectors {
                    let lanes = S::LANES.min(used - v * S::LANES);
                    let (at, mut sum) = (target.add(v * S::LANES), s.load(sums.add((i * vectors + v) * S::LANES)));
                    if self.adds || step > 0 {
                        sum = s.add(sum, s.load_part(at, 0, lanes));
                    }
                    s.store_part(at, lanes, sum);
                }
            }
        }
    }
}

/// target (+)= Σ scalars\[i\] · panel\[i\], where the panel is N rows as long as the target.
struct Combine<'a, T, const N: usize> {
    scalars: [T; N],
    panel: &'a [T],
    target: &'a mut [T],
    /// Whether to add to the target; otherwise it is overwritten.
    adds: bool,
}

impl<T: Element, S: Simd<T>, const N: usize> Job<S> for Combine<'_, T, N> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Combine { scalars, panel, target, adds } = self;
        let len = target.len();
        let factors = each(scalars, |scalar| s.splat(scalar));
        let rows: [_; N] = from_fn(|i| panel[i * len..][..len].as_ptr());
        let target = target.as_mut_ptr();
        let whole = len - len % S::LANES;
        let mut column = 0;
        while column < whole {
            // SAFETY: each row and the target have a whole vector here.
            unsafe {
                let at = target.add(column);
                let mut sum = if adds { s.load(at) } else { s.zero() };
                for i in 0..N {
                    sum = s.mul_add(s.load(rows[i].add(column)), factors[i], sum);
                }
                s.store(at, sum);
            }
            column += S::LANES;
        }
        if whole < len {
            // SAFETY: only columns of the rows and of the target are touched.
            unsafe {
                let (at, count) = (target.add(whole), len - whole);
                let mut sum = if adds { s.load_part(at, 0, count) } else { s.zero() };
                for i in 0..N {
                    sum = s.mul_add(s.load_part(rows[i].add(whole), 0, count), factors[i], sum);
                }
                s.store_part(at, count, sum);
            }
        }
    }
}

/// Scratch memory for a product with so many rows and steps.
fn product_layout<T, S: Simd<T>>(rows: usize, steps: usize) -> Option<Layout> {
    if rows.min(steps) <= FEW {
        return Some(Layout::EMPTY);
    }
    let steps = steps.min(STEPS / size_of::<T>());
    let most = max_scalars(S::REGISTERS, PANEL);
    Layout::EMPTY
        .with::<T>(steps * PANEL * S::LANES)?
        .with::<T>(steps * most * TILES + S::LANES)?
        .with::<Step>(steps)?
        .with::<T>(MAX_SUMS * S::LANES)
}

/// Whether anything is multiplied.
fn has_terms(g: &LinearGeometry) -> bool {
    ![g.n, g.inputs, g.outputs].contains(&0)
}

/// y: see [`crate::kernel::linear`].
pub(in crate::kernel) fn linear<T: Element, S: Simd<T>>(
    s: S,
    g: &LinearGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) -> bool {
    forward(s, g, x, w, b, y, None)
}

/// y: see [`crate::kernel::linear_then`].
pub(in crate::kernel) fn linear_then<T: Element, S: Simd<T>>(
    s: S,
    g: &LinearGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Epilogue<T>,
) -> bool {
    forward(s, g, x, w, b, y, Some(then))
}

/// y, and what is done with it.
fn forward<T: Element, S: Simd<T>>(
    s: S,
    g: &LinearGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Then<T>,
) -> bool {
    if !has_terms(g) {
        return false;
    }
    s.call(Forward { g, x, w, b, y, then });
    true
}

/// dx: see [`crate::kernel::linear_backward_input`].
pub(in crate::kernel) fn linear_backward_input<T: Element, S: Simd<T>>(
    s: S,
    g: &LinearGeometry,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
) -> bool {
    if !has_terms(g) {
        return false;
    }
    let Some(layout) = product_layout::<T, S>(g.n, g.outputs) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(Product {
            rows: g.n,
            columns: g.inputs,
            steps: g.outputs,
            panel: w,
            scalars: dy,
            scalar_step: 1,
            scalar_row: g.outputs,
            target: dx,
            adds: false,
            scratch,
        });
    });
    true
}

/// dw: see [`crate::kernel::linear_backward_weight`].
pub(in crate::kernel) fn linear_backward_weight<T: Element, S: Simd<T>>(
    s: S,
    g: &LinearGeometry,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
) -> bool {
    if !has_terms(g) {
        return false;
    }
    let Some(layout) = product_layout::<T, S>(g.outputs, g.n) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(Product {
            rows: g.outputs,
            columns: g.inputs,
            steps: g.n,
            panel: x,
            scalars: dy,
            scalar_step: g.outputs,
            scalar_row: 1,
            target: dw,
            adds: true,
            scratch,
        });
    });
    true
}

/// Vectors of a row of dy that are added up side by side.
const COLUMNS: usize = 4;

/// Rows of dy, added to db.
struct Rows<'a, T> {
    dy: &'a [T],
    db: &'a mut [T],
}

impl<T: Element, S: Simd<T>> Job<S> for Rows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Rows { dy, db } = self;
        let outputs = db.len();
        for column in (0..outputs).step_by(COLUMNS * S::LANES) {
            let left = outputs - column;
            let lanes: [_; COLUMNS] = from_fn(|v| left.saturating_sub(v * S::LANES).min(S::LANES));
            // Whole vectors are not masked.
            let total = match left >= COLUMNS * S::LANES {
                true => sum_columns::<T, S, true>(s, dy, outputs, column, lanes),
                false => sum_columns::<T, S, false>(s, dy, outputs, column, lanes),
            };
            let db = db.as_mut_ptr().wrapping_add(column);
            for v in 0..COLUMNS {
                let at = db.wrapping_add(v * S::LANES);
                // SAFETY: so has db.
                unsafe { s.store_part(at, lanes[v], s.add(s.load_part(at, 0, lanes[v]), total[v])) };
            }
        }
    }
}

/// As `sum_rows`, in blocks of rows.
#[inline(always)]
fn sum_columns<T: Element, S: Simd<T>, const WHOLE: bool>(
    s: S,
    dy: &[T],
    outputs: usize,
    column: usize,
    lanes: [usize; COLUMNS],
) -> [S::Vector; COLUMNS] {
    if dy.len() <= ROWS * outputs {
        return sum_rows::<T, S, WHOLE>(s, dy, outputs, column, lanes);
    }
    let mut sums = Pairs::<_, COLUMNS>::new(s);
    for rows in dy.chunks(ROWS * outputs) {
        sums.add(s, sum_rows::<T, S, WHOLE>(s, rows, outputs, column, lanes));
    }
    sums.total(s)
}

/// The sums of some columns, so many of each vector of them, or all of them if `WHOLE`.
#[inline(always)]
fn sum_rows<T: Element, S: Simd<T>, const WHOLE: bool>(
    s: S,
    rows: &[T],
    outputs: usize,
    column: usize,
    lanes: [usize; COLUMNS],
) -> [S::Vector; COLUMNS] {
    let mut sums = [s.zero(); COLUMNS];
    for row in rows.chunks_exact(outputs) {
        let row = row[column..].as_ptr();
        for v in 0..COLUMNS {
            let at = row.wrapping_add(v * S::LANES);
            // SAFETY: the row has as many columns left as there are lanes, whole vectors of them if `WHOLE`.
            sums[v] = s.add(sums[v], unsafe { if WHOLE { s.load(at) } else { s.load_part(at, 0, lanes[v]) } });
        }
    }
    sums
}

/// db: see [`crate::kernel::linear_backward_bias`].
pub(in crate::kernel) fn linear_backward_bias<T: Element, S: Simd<T>>(
    s: S,
    g: &LinearGeometry,
    dy: &[T],
    db: &mut [T],
) -> bool {
    if g.outputs == 0 {
        return false;
    }
    s.call(Rows { dy, db });
    true
}
