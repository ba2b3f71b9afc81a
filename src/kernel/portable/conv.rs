//! Convolutions in plain Rust.
//!
//! ```text
//! y = bias
//! for each image, strip of P neighbouring output columns, and output row:
//!     block = the cells that the strip needs: a row for each channel and kernel row, with zeros where the padding is
//!     for each pair of filters:
//!         sums = y
//!         for each row x of the block, kernel column v:
//!             sums += w · x[v..v + P]
//!         y = sums
//! ```
//!
//! What differs from the pseudo-code:
//! - The columns of a kernel come in pieces of 5, 3 and 1, and a block serves one piece: a constant, so that the cells
//!   of a row that it needs are loaded once and stay in registers. With a stride or a dilation, each kernel column has
//!   cells of its own, which stand side by side in the block.
//! - A block is a few hundred elements on the stack, whatever the sizes are: if there are more rows, one block follows
//!   another.
//! - The innermost loop, over the rows of a block ([`tile`]), has only slices of known length in it: no bounds are
//!   checked.
//! - Strips are as wide as it takes to leave few columns over: see [`strip`]. Where outputs of a strip are not side by
//!   side, or fewer than P, the sums go through a copy.
//! - A 1×1 kernel is a kernel as high as there are channels, over one plane whose rows are the channels.
//! - dx is the same loop over dy, with mirrored filters. With a stride, columns of dx that meet the same kernel columns
//!   make a strip, and kernel rows come one by one.
//! - Rows of padding are left out, and zeros around dy are multiplied for dx. That makes a difference to infinite
//!   weights and NaN only: if there is one, the definition runs instead ([`by_definition`]).
//! - dw is the same loop over x, with dy as the filters: a kernel as large as a plane of dy. As its sums may be long,
//!   they are cut into pieces.

use core::array::from_fn;
use core::hint::black_box;

use super::{IS_SMALL, after, after_mut, part, part_mut, stay_rolled};
use crate::kernel::math::sum;
use crate::kernel::{Conv2dGeometry, Epilogue};
use crate::tensor::Scalar;

/// Columns of a strip for pairs of filters: on a microcontroller 16 sums, the cells and the weights stay in registers.
const WIDE: usize = if IS_SMALL { 8 } else { 16 };
/// Columns of a strip for single filters.
const LONG: usize = if IS_SMALL { 10 } else { 16 };
/// Columns of a short strip for pairs of filters.
const NARROW: usize = 4;
/// Cells of the longest row of a block, what five taps of a strip need, and of a shorter one: of these many are copied.
const PITCH: usize = LONG + 4;
const SHORT: usize = WIDE + 2;
/// Elements of a block, forward and backward. Its rows have just the cells that a strip needs.
const BLOCK: usize = if IS_SMALL { 12 * SHORT } else { 64 * PITCH };
const BACKWARD_BLOCK: usize = if IS_SMALL { 15 * PITCH } else { 64 * PITCH };
/// Terms of a sum that one accumulator takes up, the same everywhere, as the bits depend on it; and such sums on the
/// stack.
const TERMS: usize = 1024;
const TARGETS: usize = if IS_SMALL { 64 } else { 1024 };

/// A correlation: forward, dx, or dw. It is added to the target.
struct Correlation<'a, T: 'static> {
    /// What multiplies.
    tiles: &'a Tiles<T>,
    /// Planes of the source, and planes of the target: channels and filters, or whatever plays their role.
    planes: [usize; 2],
    /// Height and width of a source plane, of a target plane, and of a kernel.
    source: [usize; 2],
    target: [usize; 2],
    kernel: [usize; 2],
    /// Which cells the kernel meets: rows and columns.
    axes: [Axis; 2],
    /// The source, and how far its planes, rows and columns stand apart.
    x: &'a [T],
    x_apart: [usize; 3],
    /// The weights: for target plane m, source plane k and kernel row u, those of a kernel row begin at
    /// `w_first + m·w_m + k·w_k + u·w_u`. They lie in rows of `w_u`, these in planes of `w_k`.
    w: &'a [T],
    w_first: usize,
    w_m: usize,
    w_k: usize,
    w_u: usize,
    /// How far the planes of the target stand apart.
    y_apart: usize,
}

/// Along one axis, output `position` and tap `t` meet in cell `(position·stride + t·tap + offset) / apart`, if that is
/// a whole number.
#[derive(Clone, Copy)]
struct Axis {
    stride: usize,
    tap: isize,
    offset: isize,
    apart: usize,
}

impl Axis {
    /// The axis of a correlation.
    fn forward(stride: usize, padding: usize, dilation: usize) -> Self {
        Self { stride, tap: dilation as isize, offset: -(padding as isize), apart: 1 }
    }

    /// The axis of its adjoint.
    fn adjoint(stride: usize, padding: usize, dilation: usize) -> Self {
        Self { stride: 1, tap: -(dilation as isize), offset: padding as isize, apart: stride }
    }

    /// The cell that a position and a tap meet, inside of the source or not.
    fn cell(&self, position: usize, tap: usize) -> Option<isize> {
        let at = (position * self.stride) as isize + tap as isize * self.tap + self.offset;
        let apart = self.apart as isize;
        match apart {
            1 => Some(at),
            _ if at.checked_rem(apart)? == 0 => at.checked_div(apart),
            _ => None,
        }
    }

    /// The taps, of `taps`, that meet one of `len` cells from a position. The cells of the source are not apart.
    fn taps(&self, position: usize, taps: usize, len: usize) -> (usize, usize) {
        let first = (position * self.stride) as isize + self.offset;
        if self.tap > 0 {
            return inside(taps, self.tap as usize, first, len);
        }
        let (from, to) = inside(taps, -self.tap as usize, first + (taps - 1) as isize * self.tap, len);
        (taps - to, taps - from)
    }

    /// Whether neighbouring taps of neighbouring positions meet neighbouring cells.
    fn is_dense(&self) -> bool {
        self.stride == 1 && self.apart == 1 && self.tap.abs() == 1
    }
}

/// Both axes.
#[inline(always)]
fn axes(
    of: impl Fn(usize, usize, usize) -> Axis,
    [sh, sw]: [usize; 2],
    [ph, pw]: [usize; 2],
    [dh, dw]: [usize; 2],
) -> [Axis; 2] {
    [of(sh, ph, dh), of(sw, pw, dw)]
}

/// The positions `from..to` of `0..len` for which `position·step + first` lies in `0..limit`.
fn inside(len: usize, step: usize, first: isize, limit: usize) -> (usize, usize) {
    let steps = |cells: usize| if step == 1 { cells } else { ceil(cells, step) };
    let below = |bound: isize| if bound <= first { 0 } else { steps((bound - first) as usize).min(len) };
    let to = below(limit as isize);
    (below(0).min(to), to)
}

/// a / b, rounded up; b is not 0.
#[inline(always)]
fn ceil(a: usize, b: usize) -> usize {
    (a + b - 1).checked_div(b).unwrap_or(0)
}

/// As much of three lengths as has no more than `room` elements: of the last one first.
const fn fit([a, b, c]: [usize; 3], room: usize) -> [usize; 3] {
    let c = least(c, room);
    let b = least(b, room / at_least_1(c));
    [least(a, room / at_least_1(b * c)), b, c]
}

const fn least(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn at_least_1(a: usize) -> usize {
    if a == 0 { 1 } else { a }
}

/// The kinds of strips: how wide they are, and how many filters they take together.
const KINDS: [[usize; 2]; 3] = [[NARROW, 2], [WIDE, 2], [LONG, 1]];

/// The kind of the first strip of `left` columns: of the fewest strips, the narrowest ones. Single filters fill a long
/// strip; many filters gain from it if they have several columns.
#[allow(clippy::manual_div_ceil)] // A call of `div_ceil` that is not inlined can panic.
const fn kind_of_strip(left: usize, filters: usize, columns: usize) -> usize {
    match left {
        _ if filters == 1 => 2,
        ..=NARROW => 0,
        _ if columns > 1 && left > (left + LONG - 1) / LONG * WIDE => 2,
        _ => 1,
    }
}

/// Columns of the target that are computed together, as far as one piece of the kernel reaches.
struct Strip {
    /// How many there are of those that are computed, for how many filters together, which they are, and how far apart.
    count: usize,
    width: usize,
    together: usize,
    column: usize,
    every: usize,
    /// The first kernel column of the piece.
    v: usize,
    /// The cells of a row of the block that lie inside of the source: `begin..end` of `len`, from `cell` of a row of
    /// the source, `step` apart.
    len: usize,
    begin: usize,
    end: usize,
    cell: usize,
    step: usize,
}

impl<T: Scalar> Correlation<'_, T> {
    /// Adds all of it to the target: one piece of the kernel after the other. What is in the block does not matter.
    ///
    /// What it calls is inlined, so that there is one frame on the stack.
    #[inline(never)]
    fn run(&self, block: &mut [T], y: &mut [T]) {
        let (this, mut v) = (opaque(self), 0);
        for (&columns, tiles) in PIECES.iter().zip(&this.tiles.0) {
            stay_rolled();
            while (columns == 1 || this.axes[1].is_dense()) && v + columns <= this.kernel[1] {
                this.strips(v, columns, tiles, block, y);
                v += columns;
            }
        }
    }

    /// [`Self::run`] without an accumulator that takes up more than [`TERMS`] terms: piece by piece of the sums, for a few
    /// targets at a time. The source must not be apart.
    #[inline(never)]
    fn run_in_pieces(&self, block: &mut [T], y: &mut [T]) {
        let [[k, m], [h, w], [kh, kw]] = [self.planes, self.target, self.kernel];
        let steps = [fit([m, h, w], TARGETS), fit([k, kh, kw], TERMS)];
        let (ends, mut at) = ([m, h, w, k, kh, kw], [0; 6]);
        while at[0] < m {
            let lengths: [usize; 6] = from_fn(|n| steps[n / 3][n % 3].min(ends[n] - at[n]).max(1));
            let [m, i, j, k, u, v] = at;
            let mut sums = [T::ZERO; TARGETS];
            let part = Correlation {
                planes: [lengths[3], lengths[0]],
                target: [lengths[1], lengths[2]],
                kernel: [lengths[4], lengths[5]],
                axes: from_fn(|a| {
                    let axis = self.axes[a];
                    let first = (at[1 + a] * axis.stride) as isize + at[4 + a] as isize * axis.tap;
                    Axis { offset: axis.offset + first, ..axis }
                }),
                x: after(self.x, k * self.x_apart[0]),
                w_first: self.w_first + m * self.w_m + k * self.w_k + u * self.w_u + v,
                y_apart: lengths[1] * lengths[2],
                ..*self
            };
            part.run(block, &mut sums);
            let mut sums = sums.iter();
            for (m, i) in (m..m + lengths[0]).flat_map(|m| (i..i + lengths[1]).map(move |i| (m, i))) {
                let y = after_mut(y, m * self.y_apart + i * w + j);
                for (y, &sum) in y.iter_mut().take(lengths[2]).zip(&mut sums) {
                    stay_rolled();
                    *y += sum;
                }
            }
            // The next piece, or the first one of the next targets.
            for n in (0..6).rev() {
                at[n] += lengths[n];
                if n == 0 || at[n] < ends[n] {
                    break;
                }
                at[n] = 0;
            }
        }
    }

    /// Adds what a piece gives, strip by strip.
    #[inline(always)]
    fn strips(&self, v: usize, columns: usize, tiles: &[Option<Tile<T>>; 3], block: &mut [T], y: &mut [T]) {
        let axis = &self.axes[1];
        for phase in 0..axis.apart.min(self.target[1]) {
            // Mirrored columns: the last one meets the first cell.
            let last = if axis.tap < 0 { v + columns - 1 } else { v };
            let Some(first) = axis.cell(phase, last) else { continue };
            let positions = ceil(self.target[1] - phase, axis.apart);
            let mut j = 0;
            while j < positions {
                let kind = kind_of_strip(positions - j, self.planes[1], columns);
                let (Some(&[width, together]), Some(&tile)) = (KINDS.get(kind), tiles.get(kind)) else { return };
                let (first, len) = (first + (j * axis.stride) as isize, width + columns - 1);
                let (begin, end) = inside(len, axis.stride, first, self.source[1]);
                let strip = Strip {
                    count: width.min(positions - j),
                    width,
                    together,
                    column: phase + j * axis.apart,
                    every: axis.apart,
                    v,
                    len,
                    begin,
                    end,
                    cell: (first as usize).wrapping_mul(self.x_apart[2]),
                    step: axis.stride * self.x_apart[2],
                };
                match tile {
                    Some(tile) if begin < end => self.rows(&strip, tile, block, y),
                    tile => debug_assert!(tile.is_some(), "a tile was not chosen"),
                }
                j += width;
            }
        }
    }

    /// Adds what a piece gives to a strip, row by row of the target.
    #[inline(always)]
    fn rows(&self, strip: &Strip, tile: Tile<T>, block: &mut [T], y: &mut [T]) {
        let (strip, axis) = (opaque(strip), &self.axes[0]);
        for i in 0..self.target[0] {
            stay_rolled();
            let (height, taps) = (self.source[0], self.kernel[0]);
            let y = after_mut(y, strip.column + i * self.target[1]);
            let (from, to) = if axis.apart == 1 { axis.taps(i, taps, height) } else { (0, taps) };
            // The weights of a block lie in rows of one length: those of a kernel row, or of a source plane.
            let is_even = axis.apart == 1 && (self.planes[0] == 1 || (to - from) * self.w_u == self.w_k);
            let (taps, step) = if is_even { (to - from, self.w_u) } else { (1, self.w_k) };
            let mut u = from;
            while u < to {
                if let Some(cell) = axis.cell(i, u)
                    && (cell as usize) < height
                {
                    self.blocks(strip, tile, cell as usize, [u, taps, step], block, y);
                }
                u += taps;
            }
        }
    }

    /// Adds what `taps` kernel rows from `u` give to a row of a strip, block by block.
    #[inline(always)]
    fn blocks(
        &self,
        strip: &Strip,
        tile: Tile<T>,
        cell: usize,
        [u, taps, step]: [usize; 3],
        block: &mut [T],
        y: &mut [T],
    ) {
        let [plane, down] = [self.x_apart[0], self.x_apart[1].wrapping_mul(self.axes[0].tap as usize)];
        let mut source = Rows {
            first: (cell * self.x_apart[1]).wrapping_add(strip.cell),
            left: taps,
            taps,
            down,
            next: plane.wrapping_sub(taps.wrapping_mul(down)),
        };
        // A row may be copied with more cells than it has.
        let copied = if strip.len <= SHORT { SHORT } else { PITCH };
        let room = block.len().saturating_sub(copied).checked_div(strip.len).unwrap_or(0) + 1;
        let mut left = self.planes[0] * taps;
        let mut first = self.w_first + u * self.w_u + strip.v;
        while left > 0 {
            stay_rolled();
            let count = room.min(left);
            pack(strip, self.x, &mut source, count, block);
            let x = part(block, 0, count * strip.len);
            self.multiply(strip, tile, Job { x, w: self.w, first, step, w_m: self.w_m, y_apart: self.y_apart }, y);
            first += count * step;
            left -= count;
        }
    }

    /// Multiplies a block with the weights of all target planes.
    #[inline(always)]
    fn multiply(&self, strip: &Strip, tile: Tile<T>, mut job: Job<T>, y: &mut [T]) {
        let is_whole = strip.every == 1 && strip.count == strip.width;
        // A power of two.
        let m = if is_whole { self.planes[1] & strip.together.wrapping_neg() } else { 0 };
        tile(&job, m, y);
        if m < self.planes[1] {
            job.first += m * self.w_m;
            multiply_copies(strip, tile, job, self.planes[1] - m, after_mut(y, m * self.y_apart));
        }
    }
}

/// Multiplies a block with the weights of some target planes, whose outputs in the strip are not side by side, or not all
/// of those of a tile, or which are fewer than a tile takes together: it gets a copy of them.
#[inline(never)]
fn multiply_copies<T: Scalar>(strip: &Strip, tile: Tile<T>, mut job: Job<T>, mut planes: usize, mut y: &mut [T]) {
    let apart = core::mem::replace(&mut job.y_apart, strip.width);
    while planes > 0 {
        let (count, mut copy) = (strip.together.min(planes), [T::ZERO; 2 * LONG]);
        for n in 0..count {
            gather(after(y, n * apart), strip.every, part_mut(&mut copy, n * strip.width, strip.count));
        }
        if count < strip.together {
            // One filter stands for both of a pair.
            job.w_m = 0;
        }
        tile(&job, strip.together, &mut copy);
        for n in 0..count {
            scatter(part(&copy, n * strip.width, strip.count), strip.every, after_mut(y, n * apart));
        }
        job.first += count * job.w_m;
        y = after_mut(y, count * apart);
        planes -= count;
    }
}

/// What a compiler for a microcontroller takes from memory where it is used: otherwise it makes a copy on the stack of all
/// that does not change, before a loop.
#[inline(always)]
fn opaque<A>(a: &A) -> &A {
    if IS_SMALL { black_box(a) } else { a }
}

/// Where rows of the source begin: the next one at `first`. A plane has `taps` of them, `down` later each, of which
/// `left` are left; from its last one to the next plane it is `next`.
struct Rows {
    first: usize,
    left: usize,
    taps: usize,
    down: usize,
    next: usize,
}

/// Copies the cells of a strip from `count` rows of the source to those of a block, and takes these rows away.
#[inline(never)] // The compiler knows that the arguments of a function do not overlap.
fn pack<T: Scalar>(strip: &Strip, x: &[T], rows: &mut Rows, mut count: usize, block: &mut [T]) {
    let (strip, mut block) = (opaque(strip), block);
    while count > 0 {
        let of_plane = rows.left.min(count);
        let (mut first, down) = (rows.first, rows.down);
        for _ in 0..of_plane {
            stay_rolled();
            // A known number of cells takes a handful of instructions. What lies outside is cleared afterwards, and what
            // is too much becomes the next row.
            let is_copied = strip.step == 1
                && match strip.len <= SHORT {
                    true => copy::<T, SHORT>(x, first, block),
                    false => copy::<T, PITCH>(x, first, block),
                };
            if !is_copied {
                let from = first.wrapping_add(strip.begin * strip.step);
                gather(after(x, from), strip.step, block.get_mut(strip.begin..strip.end).unwrap_or_default());
            }
            if strip.end - strip.begin < strip.len {
                clear(block, 0, strip.begin);
                clear(block, strip.end, strip.len);
            }
            let Some(next) = block.get_mut(strip.len..) else { return };
            block = next;
            first = first.wrapping_add(down);
        }
        count -= of_plane;
        rows.left -= of_plane;
        rows.first = first;
        if rows.left == 0 {
            rows.first = first.wrapping_add(rows.next);
            rows.left = rows.taps;
        }
    }
}

/// Copies N elements from `first` on, if there are so many.
#[inline(always)]
fn copy<T: Scalar, const N: usize>(x: &[T], first: usize, to: &mut [T]) -> bool {
    let (Some(x), Some(to)) = (x.get(first..).and_then(|x| x.first_chunk::<N>()), to.first_chunk_mut::<N>()) else {
        return false;
    };
    *to = *x;
    true
}

/// Clears the cells `from..to`, which are few.
#[inline(always)]
fn clear<T: Scalar>(row: &mut [T], from: usize, to: usize) {
    let mut n = from;
    while n < to {
        stay_rolled();
        if let Some(cell) = row.get_mut(n) {
            *cell = T::ZERO;
        }
        n += 1;
    }
}

/// Copies cells that stand `step` apart.
#[inline(never)]
fn gather<T: Scalar>(from: &[T], step: usize, to: &mut [T]) {
    if step == 1 && !IS_SMALL {
        return to.copy_from_slice(part(from, 0, to.len()));
    }
    let mut at = 0;
    for cell in to {
        stay_rolled();
        if let Some(&from) = from.get(at) {
            *cell = from;
        }
        at += step;
    }
}

/// Copies cells to where they stand `step` apart.
#[inline(never)]
fn scatter<T: Scalar>(from: &[T], step: usize, to: &mut [T]) {
    if step == 1 && !IS_SMALL {
        return part_mut(to, 0, from.len()).copy_from_slice(from);
    }
    let mut at = 0;
    for &cell in from {
        stay_rolled();
        if let Some(to) = to.get_mut(at) {
            *to = cell;
        }
        at += step;
    }
}

/// The columns of the pieces of a kernel.
const PIECES: [usize; 3] = [5, 3, 1];

/// Adds to so many planes of the target.
type Tile<T> = fn(&Job<T>, usize, &mut [T]);

/// What multiplies the rows of a block: for each of the [`PIECES`] and each kind of strip. Where the geometry is a constant,
/// only those that it needs are there, and so only they are linked.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Tiles<T: 'static>([[Option<Tile<T>>; 3]; 3]);

/// All tiles: as they are, and mirrored.
pub(in crate::kernel) struct Table<T: 'static>([[[Tile<T>; 3]; 3]; 2]);

/// A table of tiles, each by the macro `$tile`.
macro_rules! table {
    ($tile:ident $t:ty) => {
        Table([
            [table!($tile $t, 5, false), table!($tile $t, 3, false), table!($tile $t, 1, false)],
            [table!($tile $t, 5, true), table!($tile $t, 3, true), table!($tile $t, 1, false)],
        ])
    };
    ($tile:ident $t:ty, $columns:literal, $mirrored:literal) => {
        [
            $tile!($t, 2, NARROW, $columns, $mirrored),
            $tile!($t, 2, WIDE, $columns, $mirrored),
            $tile!($t, 1, LONG, $columns, $mirrored),
        ]
    };
}

/// A tile of any type, compiled with the program.
macro_rules! generic {
    ($t:ty, $m:literal, $p:ident, $kw:literal, $mirrored:literal) => {
        tile::<$t, $m, $p, $kw, { $p + $kw - 1 }, $mirrored>
    };
}

/// A tile that is compiled with this crate.
macro_rules! compiled {
    ($t:ty, $m:literal, $p:ident, $kw:literal, $mirrored:literal) => {{
        fn compiled(job: &Job<$t>, count: usize, y: &mut [$t]) {
            tile::<$t, $m, $p, $kw, { $p + $kw - 1 }, $mirrored>(job, count, y);
        }
        compiled
    }};
}

impl<T: Scalar> Table<T> {
    pub(in crate::kernel) const GENERIC: Self = table!(generic T);
}

pub(in crate::kernel) const SINGLE: Table<f32> = table!(compiled f32);
pub(in crate::kernel) const DOUBLE: Table<f64> = table!(compiled f64);

impl<T: Scalar> Tiles<T> {
    /// Those that are needed.
    pub(in crate::kernel) const fn of(needs: Needs, table: &Table<T>) -> Self {
        let table = &table.0[needs.mirrored as usize];
        let (mut tiles, mut n) = ([[None; 3]; 3], 0);
        while n < 9 {
            if needs.tiles[n / 3][n % 3] {
                tiles[n / 3][n % 3] = Some(table[n / 3][n % 3]);
            }
            n += 1;
        }
        Self(tiles)
    }
}

/// Which tiles a convolution needs, for each of the [`PIECES`] and each kind of strip, and whether they are mirrored.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Needs {
    tiles: [[bool; 3]; 3],
    mirrored: bool,
}

impl Needs {
    const NONE: Self = Self { tiles: [[false; 3]; 3], mirrored: false };

    /// All of y and of dw.
    pub(in crate::kernel) const ALL: Self = Self { tiles: [[true; 3]; 3], mirrored: false };

    /// All of dx.
    pub(in crate::kernel) const ALL_MIRRORED: Self = Self { tiles: [[true; 3]; 3], mirrored: true };

    /// Those of y. Of a convolution by rows it is not known how many there are at a time.
    pub(in crate::kernel) const fn forward(g: &Conv2dGeometry, by_rows: bool) -> Self {
        let group_f = g.f / g.groups;
        match is_point(g) {
            true if by_rows => Self { tiles: [[false; 3], [false; 3], [true; 3]], mirrored: false },
            true => Self::NONE.and(group_f, g.output[0] * g.output[1], 1, 1, true),
            false => Self::NONE.and(group_f, g.output[1], 1, g.kernel[1], is_dense(g)),
        }
    }

    /// Those of dx.
    pub(in crate::kernel) const fn adjoint(g: &Conv2dGeometry) -> Self {
        let group_c = g.c / g.groups;
        match is_point(g) {
            true => Self::NONE.and(group_c, g.output[0] * g.output[1], 1, 1, true),
            false => {
                Self { mirrored: true, ..Self::NONE.and(group_c, g.input[1], g.stride[1], g.kernel[1], is_dense(g)) }
            }
        }
    }

    /// Those of dw.
    pub(in crate::kernel) const fn filter(g: &Conv2dGeometry) -> Self {
        let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
        let (target, columns) = match is_point(g) {
            true => ([1, group_c], 1),
            false => (g.kernel, g.output[1]),
        };
        if g.n * g.output[0] * g.output[1] <= TERMS {
            return Self::NONE.and(group_f, target[1], 1, columns, is_dense(g));
        }
        // In pieces, of which the last one has fewer filters.
        let [filters, _, width] = fit([group_f, target[0], target[1]], TARGETS);
        if width < target[1] || columns > TERMS {
            return Self::ALL;
        }
        let needs = Self::NONE.and(filters, target[1], 1, columns, is_dense(g));
        match group_f % at_least_1(filters) {
            0 => needs,
            rest => needs.and(rest, target[1], 1, columns, is_dense(g)),
        }
    }

    /// These and those of a correlation with so many planes and columns of the target, which stand apart, and so many
    /// columns of the kernel.
    const fn and(mut self, filters: usize, target: usize, apart: usize, mut columns: usize, is_dense: bool) -> Self {
        let mut piece = 0;
        while piece < PIECES.len() {
            if (PIECES[piece] == 1 || is_dense) && columns >= PIECES[piece] {
                columns %= PIECES[piece];
                let mut phase = 0;
                while phase < least(apart, target) {
                    let mut left = (target - phase).div_ceil(apart);
                    while left > 0 {
                        let kind = kind_of_strip(left, filters, PIECES[piece]);
                        self.tiles[piece][kind] = true;
                        left -= least(left, KINDS[kind][0]);
                    }
                    phase += 1;
                }
            }
            piece += 1;
        }
        self
    }
}

/// Whether neighbouring columns of the kernel meet neighbouring cells.
const fn is_dense(g: &Conv2dGeometry) -> bool {
    g.stride[1] == 1 && g.dilation[1] == 1
}

/// A block, its weights, and where the outputs are.
struct Job<'a, T> {
    /// The rows of the block.
    x: &'a [T],
    /// The weights, in rows of `step`, and where those of the first row and the first plane of the target begin.
    w: &'a [T],
    first: usize,
    step: usize,
    /// How far the weights of the planes of the target stand apart, and these planes.
    w_m: usize,
    y_apart: usize,
}

/// y\[m\]\[p\] += Σ w\[m\]\[v\] · x\[p + v\], or w\[m\]\[KW − 1 − v\] if mirrored, over all rows, which have LEN = P + KW − 1
/// cells: for P outputs of each of `count` planes, one or two of them together.
#[inline(always)] // into the function that the table has
fn tile<T: Scalar, const M: usize, const P: usize, const KW: usize, const LEN: usize, const MIRRORED: bool>(
    job: &Job<T>,
    count: usize,
    mut y: &mut [T],
) {
    let (mut first, step, rows) = (job.first, job.step, job.x.as_chunks::<LEN>().0);
    // From the first plane to the end of the last one: one slice each, so that bounds are checked once.
    let (reach, y_len) = ((M - 1) * job.w_m, (M - 1) * job.y_apart + P);
    for _ in (0..count).step_by(M) {
        let Some(planes) = y.get_mut(..y_len) else { return };
        let (Some(a), Some(b)) = (planes.first_chunk::<P>(), planes.last_chunk::<P>()) else { return };
        // Arrays, not slices: compilers then keep the sums in registers.
        let mut sums = [*a, *b];
        // A row of weights, from where it really begins: the weights of both planes lie in one, or in rows of their own.
        let Some(at) = first.checked_rem(step) else { return };
        let w_len = if at + reach + KW <= step { step } else { step + reach };
        let Some(mut weights) = job.w.get(first - at..) else { return };
        for x in rows {
            let Some(row) = weights.get(..w_len) else { return };
            let w = row.get(at..).and_then(|w| w.first_chunk::<KW>());
            let v = row.get(at + reach..).and_then(|w| w.first_chunk::<KW>());
            let (Some(w), Some(v)) = (w, v) else { return };
            match IS_SMALL {
                true => multiply_written_out::<T, M, P, KW, LEN, MIRRORED>(&mut sums, x, [w, v]),
                false => multiply::<T, M, P, KW, LEN, MIRRORED>(&mut sums, x, [w, v]),
            }
            weights = after(weights, step);
        }
        if let Some(b) = planes.last_chunk_mut()
            && M > 1
        {
            *b = sums[1];
        }
        if let Some(a) = planes.first_chunk_mut() {
            *a = sums[0];
        }
        first += M * job.w_m;
        y = after_mut(y, M * job.y_apart);
    }
}

/// A row of a block.
#[inline(always)]
fn multiply<T: Scalar, const M: usize, const P: usize, const KW: usize, const LEN: usize, const MIRRORED: bool>(
    sums: &mut [[T; P]; 2],
    x: &[T; LEN],
    w: [&[T; KW]; 2],
) {
    if KW == 1 {
        for p in 0..P {
            for (sums, w) in sums.iter_mut().zip(w).take(M) {
                sums[p] += x[p] * w[0];
            }
        }
        return;
    }
    for v in 0..KW {
        for (sums, w) in sums.iter_mut().zip(w).take(M) {
            let w = w[if MIRRORED { KW - 1 - v } else { v }];
            for (sum, &x) in sums.iter_mut().zip(&x[v..]) {
                *sum += x * w;
            }
        }
    }
}

/// The same without a loop: also compilers that are asked for little code keep the sums in registers.
#[inline(always)]
fn multiply_written_out<
    T: Scalar,
    const M: usize,
    const P: usize,
    const KW: usize,
    const LEN: usize,
    const MIRRORED: bool,
>(
    sums: &mut [[T; P]; 2],
    x: &[T; LEN],
    w: [&[T; KW]; 2],
) {
    macro_rules! columns {
        ($v:literal: $($p:literal)*) => {
            if $v < KW {
                let v = if MIRRORED { KW - 1 - $v } else { $v };
                $(
                    if $p < P {
                        sums[0][$p] += x[$p + $v] * w[0][v];
                    }
                )*
                $(
                    if $p < P && M > 1 {
                        sums[1][$p] += x[$p + $v] * w[1][v];
                    }
                )*
            }
        };
    }
    columns! { 0: 0 1 2 3 4 5 6 7 8 9 }
    columns! { 1: 0 1 2 3 4 5 6 7 8 9 }
    columns! { 2: 0 1 2 3 4 5 6 7 8 9 }
    columns! { 3: 0 1 2 3 4 5 6 7 8 9 }
    columns! { 4: 0 1 2 3 4 5 6 7 8 9 }
}

/// y: see [`crate::kernel::conv2d`].
pub(in crate::kernel) fn conv2d<T: Scalar>(
    g: &Conv2dGeometry,
    tiles: &Tiles<T>,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) {
    conv2d_then(g, tiles, x, w, b, y, Epilogue::Map(&|_| {}));
}

/// y: see [`crate::kernel::conv2d_then`].
pub(in crate::kernel) fn conv2d_then<T: Scalar>(
    g: &Conv2dGeometry,
    tiles: &Tiles<T>,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Epilogue<T>,
) {
    // Of images without elements there may be very many.
    if y.is_empty() {
        return;
    }
    let forward = Forward { g, tiles, kind: Kind::of(g, w), x, w, b };
    let mut block = [T::ZERO; BLOCK];
    for (n, y) in y.chunks_exact_mut((g.f * g.output[0] * g.output[1]).max(1)).enumerate() {
        // All rows of an image are one band.
        forward.run(n, 0, g.output[0], &mut block, y);
        then.apply(y);
    }
}

/// y, band by band: see [`crate::kernel::conv2d_by_rows`].
pub(in crate::kernel) fn conv2d_by_rows<T: Scalar>(
    g: &Conv2dGeometry,
    tiles: &Tiles<T>,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    rows: usize,
    bands: usize,
    buffer: &mut [T],
    sink: &mut dyn FnMut(usize, usize, &mut [T]),
) {
    let forward = Forward { g, tiles, kind: Kind::of(g, w), x, w, b };
    let mut block = [T::ZERO; BLOCK];
    for n in 0..g.n {
        for k in 0..bands {
            forward.run(n, k * rows, rows, &mut block, buffer);
            sink(n, k, buffer);
        }
    }
}

/// How a convolution is computed, also if it is in bands.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// As a product of matrices.
    Point,
    /// By its definition.
    Wild,
    /// As any other.
    General,
}

impl Kind {
    #[inline(always)]
    fn of<T: Scalar>(g: &Conv2dGeometry, w: &[T]) -> Self {
        match is_point(g) {
            true => Self::Point,
            false if is_wild(w) => Self::Wild,
            false => Self::General,
        }
    }
}

/// What makes y, all of it or a band.
struct Forward<'a, T: 'static> {
    g: &'a Conv2dGeometry,
    tiles: &'a Tiles<T>,
    kind: Kind,
    x: &'a [T],
    w: &'a [T],
    b: Option<&'a [T]>,
}

impl<T: Scalar> Forward<'_, T> {
    /// Some rows of image n, from `row` on. A block is what [`Correlation::run`] needs.
    #[inline(never)]
    fn run(&self, n: usize, row: usize, rows: usize, block: &mut [T], y: &mut [T]) {
        let g = self.g;
        let plane = rows * g.output[1];
        fill_planes(self.b, plane, y);
        if is_empty(g) {
            return;
        }
        if self.kind == Kind::Wild {
            return self.run_wild(n, row, rows, y);
        }
        let y_len = of_a_group(g)[1] * plane;
        for group in 0..g.groups {
            let y = part_mut(y, group * y_len, y_len);
            self.correlation([n, group], row, rows).run(block, y);
        }
    }

    /// What makes some rows of a group of an image.
    #[inline(never)] // Its frame is not to lie below that of the correlation.
    fn correlation(&self, [n, group]: [usize; 2], row: usize, rows: usize) -> Correlation<'_, T> {
        let &Self { g, tiles, kind, x, w, .. } = self;
        let [group_c, group_f] = of_a_group(g);
        let (taps, cells) = (g.kernel[0] * g.kernel[1], g.input[0] * g.input[1]);
        let mut correlation = Correlation {
            tiles,
            planes: [group_c, group_f],
            source: g.input,
            target: [rows, g.output[1]],
            kernel: g.kernel,
            axes: axes(Axis::forward, g.stride, self.padding(row), g.dilation),
            x: part(x, (n * g.c + group * group_c) * cells, group_c * cells),
            x_apart: [cells, g.input[1], 1],
            w,
            w_first: group * group_f * group_c * taps,
            w_m: group_c * taps,
            w_k: taps,
            w_u: g.kernel[1],
            y_apart: rows * g.output[1],
        };
        if kind == Kind::Point {
            let plane = rows * g.output[1];
            correlation.planes[0] = 1;
            correlation.source = [group_c, plane];
            correlation.target = [1, plane];
            correlation.kernel = [group_c, 1];
            correlation.axes = [Axis::forward(1, 0, 1); 2];
            correlation.x = after(correlation.x, row * g.input[1]);
            correlation.x_apart = [0, cells, 1];
            correlation.w_u = 1;
        }
        correlation
    }

    /// The padding of rows from a later one on: less, none, less than none.
    fn padding(&self, row: usize) -> [usize; 2] {
        let g = self.g;
        [g.padding[0].wrapping_sub(row * g.stride[0]), g.padding[1]]
    }

    /// The same by the definition.
    #[cold]
    #[inline(never)]
    fn run_wild(&self, n: usize, row: usize, rows: usize, y: &mut [T]) {
        let (output, image) = ([rows, self.g.output[1]], self.g.c * self.g.input[0] * self.g.input[1]);
        let g = Conv2dGeometry { n: 1, output, padding: self.padding(row), ..*self.g };
        by_definition(&g, [OF_Y, OF_X, OF_W], part(self.x, n * image, image), self.w, y);
    }
}

/// Whether a weight is infinite or NaN: its product with zero is not zero.
#[inline(never)]
pub(in crate::kernel) fn is_wild<T: Scalar>(w: &[T]) -> bool {
    // Without an exit: one sum, or what there are vectors for. Behind black boxes loops are not written out.
    match IS_SMALL {
        true => {
            let (runs, rest) = w.as_chunks::<4>();
            let sum = runs.iter().fold(T::ZERO, |sum, w| black_box(w).iter().fold(sum, |sum, &w| sum + w * T::ZERO));
            rest.iter().fold(sum, |sum, w| sum + *black_box(w) * T::ZERO) != T::ZERO
        }
        false => w.iter().fold(false, |found, &w| found | (w * T::ZERO != T::ZERO)),
    }
}

/// Where an element of y, of x and of w is in the arguments of [`by_definition`].
const OF_Y: usize = 0;
const OF_X: usize = 1;
const OF_W: usize = 2;

/// Adds the products of a correlation to the sums, one by one. `roles` says what the sums are and what is multiplied.
///
/// It is for rare cases, so it has little code: one loop for all three correlations, over all seven axes.
#[cold]
#[inline(never)]
fn by_definition<T: Scalar>(g: &Conv2dGeometry, roles: [usize; 3], a: &[T], b: &[T], sums: &mut [T]) {
    let ([h, w], [ho, wo], [kh, kw]) = (g.input, g.output, g.kernel);
    let [group_c, group_f] = of_a_group(g);
    let lengths = [g.n, g.f, ho, wo, group_c, kh, kw];
    let mut at = [0; 7];
    'terms: loop {
        let [n, f, i, j, c, u, v] = at;
        // In the padding at the top and on the left they are very large.
        let cell =
            |axis: usize, o: usize, k: usize| (o * g.stride[axis] + k * g.dilation[axis]).wrapping_sub(g.padding[axis]);
        let (row, column) = (cell(0, i, u), cell(1, j, v));
        let x = ((n * g.c + f.checked_div(group_f).unwrap_or(0) * group_c + c) * h)
            .wrapping_add(row)
            .wrapping_mul(w)
            .wrapping_add(column);
        let places = [
            ((n * g.f + f) * ho + i) * wo + j,
            if row < h && column < w { x } else { usize::MAX },
            ((f * group_c + c) * kh + u) * kw + v,
        ];
        let [sum, a_at, b_at] = roles.map(|role| places.get(role).copied().unwrap_or(usize::MAX));
        if let Some(sum) = sums.get_mut(sum) {
            let [a, b] = [a.get(a_at), b.get(b_at)].map(|cell| cell.copied().unwrap_or(T::ZERO));
            *sum += a * b;
        }
        for axis in (0..lengths.len()).rev() {
            let (Some(at), Some(&length)) = (at.get_mut(axis), lengths.get(axis)) else { return };
            *at += 1;
            if *at < length {
                continue 'terms;
            }
            *at = 0;
        }
        return;
    }
}

/// Whether a convolution is a product of matrices.
const fn is_point(g: &Conv2dGeometry) -> bool {
    let ([1, 1], [1, 1], [0, 0]) = (g.kernel, g.stride, g.padding) else { return false };
    g.input[0] == g.output[0] && g.input[1] == g.output[1]
}

/// Whether there is nothing to add up.
pub(super) fn is_empty(g: &Conv2dGeometry) -> bool {
    let [group_c, _] = of_a_group(g);
    [g.n, g.f, g.output[0], g.output[1], group_c, g.kernel[0], g.kernel[1]].contains(&0)
}

/// Channels and filters of a group.
#[inline(always)]
fn of_a_group(g: &Conv2dGeometry) -> [usize; 2] {
    [g.c, g.f].map(|channels| channels.checked_div(g.groups).unwrap_or(0))
}

/// y: see [`crate::kernel::conv_transpose2d`].
pub(in crate::kernel) fn conv_transpose2d<T: Scalar>(
    g: &Conv2dGeometry,
    tiles: &Tiles<T>,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) {
    transposed(g, tiles, x, w, b, &mut [T::ZERO; BLOCK], y);
}

/// dx: see [`crate::kernel::conv2d_backward_input`].
pub(in crate::kernel) fn conv2d_backward_input<T: Scalar>(
    g: &Conv2dGeometry,
    tiles: &Tiles<T>,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
) {
    transposed(g, tiles, dy, w, None, &mut [T::ZERO; BACKWARD_BLOCK], dx);
}

/// The transposed convolution. The names are those of dx, which this is.
fn transposed<T: Scalar>(
    g: &Conv2dGeometry,
    tiles: &Tiles<T>,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    block: &mut [T],
    dx: &mut [T],
) {
    let (plane, cells) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
    fill_planes(b, plane, dx);
    if is_empty(g) || dx.is_empty() {
        return;
    }
    let taps = g.kernel[0] * g.kernel[1];
    let [group_c, group_f] = of_a_group(g);
    if !is_point(g) && is_wild(w) {
        return by_definition(g, [OF_X, OF_Y, OF_W], dy, w, dx);
    }
    for (index, dx) in dx.chunks_exact_mut((group_c * plane).max(1)).enumerate() {
        let mut correlation = Correlation {
            tiles,
            planes: [group_f, group_c],
            source: g.output,
            target: g.input,
            kernel: g.kernel,
            axes: axes(Axis::adjoint, g.stride, g.padding, g.dilation),
            x: part(dy, index * group_f * cells, group_f * cells),
            x_apart: [cells, g.output[1], 1],
            w,
            w_first: index.checked_rem(g.groups).unwrap_or(0) * group_f * group_c * taps,
            w_m: taps,
            w_k: group_c * taps,
            w_u: g.kernel[1],
            y_apart: plane,
        };
        if is_point(g) {
            correlation.planes[0] = 1;
            correlation.source = [group_f, cells];
            correlation.target = [1, cells];
            correlation.kernel = [group_f, 1];
            correlation.axes = [Axis::forward(1, 0, 1); 2];
            correlation.x_apart = [0, cells, 1];
            correlation.w_u = group_c;
        }
        correlation.run(block, dx);
    }
}

/// Fills each plane with its bias, or with zeros; the biases are those of one image, or of one group of it.
#[inline(never)] // Its frame is not to lie below those of what comes after.
pub(in crate::kernel) fn fill_planes<T: Scalar>(b: Option<&[T]>, plane: usize, y: &mut [T]) {
    match b {
        Some(b) if !y.is_empty() => {
            y.chunks_exact_mut(plane.max(1)).zip(b.iter().cycle()).for_each(|(y, &b)| fill(y, b))
        }
        _ => fill(y, T::ZERO),
    }
}

/// Sets all elements to one value, with half of the instructions that a microcontroller needs for `fill` alone.
#[inline(never)]
fn fill<T: Copy>(y: &mut [T], value: T) {
    let (runs, rest) = y.as_chunks_mut::<4>();
    for run in runs {
        stay_rolled();
        *run = [value; 4];
    }
    for y in rest {
        stay_rolled();
        *y = value;
    }
}

/// dw: see [`crate::kernel::conv2d_backward_filter`].
pub(in crate::kernel) fn conv2d_backward_filter<T: Scalar>(
    g: &Conv2dGeometry,
    tiles: &Tiles<T>,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
) {
    if is_empty(g) {
        return;
    }
    let (taps, cells, plane) = (g.kernel[0] * g.kernel[1], g.input[0] * g.input[1], g.output[0] * g.output[1]);
    let [group_c, group_f] = of_a_group(g);
    if !is_point(g) && is_wild(dy) {
        return by_definition(g, [OF_W, OF_X, OF_Y], x, dy, dw);
    }
    let mut block = [T::ZERO; BACKWARD_BLOCK];
    for (group, dw) in dw.chunks_exact_mut((group_f * group_c * taps).max(1)).enumerate() {
        for c in 0..if is_point(g) { 1 } else { group_c } {
            let mut correlation = Correlation {
                tiles,
                planes: [g.n, group_f],
                source: g.input,
                target: g.kernel,
                kernel: g.output,
                // Taps and outputs change roles.
                axes: axes(Axis::forward, g.dilation, g.padding, g.stride),
                x: after(x, (group * group_c + c) * cells),
                x_apart: [g.c * cells, g.input[1], 1],
                w: dy,
                w_first: group * group_f * plane,
                w_m: plane,
                w_k: g.f * plane,
                w_u: g.output[1],
                y_apart: group_c * taps,
            };
            if is_point(g) {
                correlation.source = [cells, group_c];
                correlation.target = [1, group_c];
                correlation.kernel = [cells, 1];
                correlation.axes = [Axis::forward(1, 0, 1); 2];
                correlation.x_apart = [g.c * cells, 1, cells];
                correlation.w_u = 1;
            }
            let dw = after_mut(dw, c * taps);
            match correlation.planes[0] * correlation.kernel[0] * correlation.kernel[1] <= TERMS {
                true => correlation.run(&mut block, dw),
                false => correlation.run_in_pieces(&mut block, dw),
            }
        }
    }
}

/// db: see [`crate::kernel::conv2d_backward_bias`].
pub(in crate::kernel) fn conv2d_backward_bias<T: Scalar>(g: &Conv2dGeometry, dy: &[T], db: &mut [T]) {
    let plane = g.output[0] * g.output[1];
    if plane == 0 {
        return;
    }
    for (f, db) in db.iter_mut().enumerate() {
        let planes = dy.chunks_exact(plane.max(1)).skip(f).step_by(g.f.max(1));
        *db += sum(planes.flatten().copied());
    }
}
