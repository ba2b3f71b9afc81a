//! Plain, safe Rust without scratch memory: every element type, every processor. Microcontrollers run this.
//!
//! ```text
//! for each image, filter, output row, and run of P neighbouring output columns:
//!     sums = [bias; P]
//!     for each channel, kernel row inside of the input, kernel column v:
//!         sums += w · x[v..v + P]
//! ```
//!
//! What differs from the pseudo-code:
//! - The columns of a kernel come in pieces of 5, 3 and 1: constants, so that the cells of a row that a piece needs are
//!   loaded once and stay in registers.
//! - No tap asks whether it lies in the padding: rows are clipped, and where a run needs columns outside of the input, each
//!   row is first copied to a few zeros. With a stride or a dilation of columns, the cells of each tap are copied side by
//!   side. The last run of a row may reach beyond it.
//! - A run is [`WIDE`], or [`NARROW`] where that is enough.
//! - Where there are registers for it, [`FILTERS`] filters share a pass over the input.
//! - A 1×1 kernel is a kernel as high as there are channels, over one plane whose rows are the channels.
//! - dx is the same loop over dy, with mirrored filters. With a stride, the columns of dy are copied with zeros between
//!   them, and kernel rows that would meet the zeros between its rows are left out.
//! - The planes are walked in strips of P columns, from top to bottom: what a strip needs is worked out once.
//! - dw goes over the same cells, and sums products of dy and x for the taps of a piece.
//! - Long sums are kept in [`LANES`] parts, so that compilers can use vectors for them.

use core::array::from_fn;

use super::{Conv2dGeometry, LinearGeometry};
use crate::Scalar;

/// Whether the target is a microcontroller: 32 registers of one number each, and little room for code.
const IS_SMALL: bool = cfg!(target_arch = "arm");
/// Output columns of a run: on a microcontroller ten sums, the cells and the weights of a row stay in registers.
const WIDE: usize = if IS_SMALL { 10 } else { 16 };
/// Output columns of a short run.
const NARROW: usize = 4;
/// Cells of a row that a run needs, at most: five taps.
const LONGEST: usize = WIDE + 4;
/// Cells of a copied row between zeros.
const ROW: usize = 3 * LONGEST;
/// Filters that are computed together.
const FILTERS: usize = if IS_SMALL { 1 } else { 4 };
/// Parts of a sum over a row.
const LANES: usize = if IS_SMALL { 4 } else { 8 };

/// A correlation: forward, or dx.
struct Correlation<'a, T> {
    /// Planes of the source, its height and width, and those of an output plane.
    k: usize,
    source: [usize; 2],
    target: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// For dx: the weights of a kernel are taken from the last to the first, and the rows and columns of the source stand
    /// so far apart, with zeros between them.
    is_mirrored: bool,
    spread: [usize; 2],
    /// Zeros above and left of the source; negative if rows and columns of it are left out.
    padding: [isize; 2],
    /// The source planes, and the weights of the first output plane: output plane m and source plane k at
    /// `m·w_m + k·w_k`.
    planes: &'a [T],
    w: &'a [T],
    w_m: usize,
    w_k: usize,
    /// Of each output plane, if any.
    bias: Option<&'a [T]>,
}

/// The positions `from..to` of `0..len` for which `position·step + first` lies in `0..limit`.
fn inside(len: usize, step: usize, first: isize, limit: usize) -> (usize, usize) {
    let steps = |cells: usize| if step == 1 { cells } else { cells.div_ceil(step) };
    let below = |bound: isize| if bound <= first { 0 } else { steps((bound - first) as usize).min(len) };
    let to = below(limit as isize);
    (below(0).min(to), to)
}

/// The extent of an axis whose cells stand apart.
fn spread(len: usize, apart: usize) -> usize {
    (len * apart + 1).saturating_sub(apart)
}

impl<T: Scalar> Correlation<'_, T> {
    /// Computes all output planes.
    fn run(&self, target: &mut [T]) {
        let plane = self.target[0] * self.target[1];
        let mut m = 0;
        let mut blocks = target.chunks_exact_mut(FILTERS * plane);
        for block in &mut blocks {
            self.planes::<FILTERS>(m, block);
            m += FILTERS;
        }
        for plane in blocks.into_remainder().chunks_exact_mut(plane) {
            self.planes::<1>(m, plane);
            m += 1;
        }
    }

    /// Computes the output planes `m..m + M`, in strips of columns.
    fn planes<const M: usize>(&self, m: usize, target: &mut [T]) {
        let width = self.target[1];
        let mut copy = [T::ZERO; ROW];
        for j in (0..width).step_by(WIDE) {
            match width - j {
                ..=NARROW => self.strip::<M, NARROW>(m, j, &mut copy, target),
                _ => self.strip::<M, WIDE>(m, j, &mut copy, target),
            }
        }
    }

    /// Computes the columns `j..j + P`: one piece of the kernel after the other.
    fn strip<const M: usize, const P: usize>(&self, m: usize, j: usize, copy: &mut [T; ROW], target: &mut [T]) {
        let mut v = 0;
        while v < self.kernel[1] {
            let first = (j * self.stride[1] + v * self.dilation[1]) as isize - self.padding[1];
            let columns = piece(self.kernel[1] - v, self.stride[1], self.dilation[1]);
            let place = match self.spread[1] {
                1 => Place::new(first, P + columns - 1, self.stride[1], self.source[1]),
                apart => Place::spread(first, P + columns - 1, apart, self.source[1]),
            };
            let (part, mut cells) = (Part { m, j, v }, Cells::new(copy, place));
            match columns {
                5 => self.add::<M, P, 5>(part, &mut cells, target),
                3 => self.add::<M, P, 3>(part, &mut cells, target),
                _ => self.add::<M, P, 1>(part, &mut cells, target),
            }
            v += columns;
        }
    }

    /// Adds KW kernel columns.
    #[inline(never)]
    fn add<const M: usize, const P: usize, const KW: usize>(
        &self,
        Part { m, j, v }: Part,
        cells: &mut Cells<T>,
        target: &mut [T],
    ) {
        let ([height, width], [kernel_rows, kernel_columns]) = (self.source, self.kernel);
        let (plane, count) = (self.target[0] * self.target[1], P.min(self.target[1] - j));
        for (i, row) in (j..plane).step_by(self.target[1]).enumerate() {
            let mut sums = match v {
                0 => from_fn(|f| [self.bias.map_or(T::ZERO, |b| b[m + f]); P]),
                _ => from_fn(|f| load(&target[f * plane + row..][..count])),
            };
            let first_row = (i * self.stride[0]) as isize - self.padding[0];
            let (top, bottom) = inside(kernel_rows, self.dilation[0], first_row, spread(height, self.spread[0]));
            for k in 0..self.k {
                for u in top..bottom {
                    let mut x_row = (first_row + (u * self.dilation[0]) as isize) as usize;
                    if self.spread[0] != 1 {
                        if !x_row.is_multiple_of(self.spread[0]) {
                            continue;
                        }
                        x_row /= self.spread[0];
                    }
                    let x = cells.of(self.planes, (k * height + x_row) * width, P + KW - 1);
                    let tap = match self.is_mirrored {
                        true => (kernel_rows - u) * kernel_columns - v - KW,
                        false => u * kernel_columns + v,
                    };
                    let w = from_fn(|f| &self.w[(m + f) * self.w_m + k * self.w_k + tap..][..KW]);
                    add_row::<_, M, P, KW>(&mut sums, x, w, self.is_mirrored);
                }
            }
            for (f, sums) in sums.into_iter().enumerate() {
                store(sums, &mut target[f * plane + row..][..count]);
            }
        }
    }
}

/// The kernel columns of the next piece. With a stride or a dilation, each tap has cells of its own.
fn piece(left: usize, stride: usize, dilation: usize) -> usize {
    match left {
        _ if stride != 1 || dilation != 1 => 1,
        5.. => 5,
        3.. => 3,
        _ => 1,
    }
}

/// A part of a correlation: the output planes from `m`, their columns from `j`, the kernel columns from `v`.
#[derive(Clone, Copy)]
struct Part {
    m: usize,
    j: usize,
    v: usize,
}

/// sums\[m\]\[p\] += Σ_v w\[m\]\[v\] · x\[p + v\], or w\[m\]\[KW − 1 − v\] if mirrored.
#[inline(always)]
fn add_row<T: Scalar, const M: usize, const P: usize, const KW: usize>(
    sums: &mut [[T; P]; M],
    x: &[T],
    w: [&[T]; M],
    is_mirrored: bool,
) {
    for v in 0..KW {
        for (sums, w) in sums.iter_mut().zip(w) {
            let w = w[if is_mirrored { KW - 1 - v } else { v }];
            for (sum, &x) in sums.iter_mut().zip(&x[v..]) {
                *sum += x * w;
            }
        }
    }
}

/// What a piece of a kernel needs of a row of the source, for neighbouring outputs.
struct Cells<'a, T> {
    copy: &'a mut [T; ROW],
    place: Place,
}

/// Where those cells are.
#[derive(Clone, Copy)]
enum Place {
    /// Side by side in the row, from this column.
    Inside(usize),
    /// Some lie outside of the row. [`LONGEST`] cells from a column are copied between zeros: a known number, which takes a
    /// handful of instructions. They begin at `begin` of the copy.
    Edge { column: usize, begin: usize },
    /// A stride apart, or with zeros between them: `count` cells from a column, `step` apart in the row, are copied to
    /// places from `begin`, `apart` apart; the others are zero.
    Apart { column: usize, count: usize, step: usize, begin: usize, apart: usize },
}

impl Place {
    /// The place of `len` cells that are a stride apart, from column `first` of a row.
    fn new(first: isize, len: usize, stride: usize, width: usize) -> Self {
        match usize::try_from(first) {
            Ok(first) if stride == 1 && first + len <= width => Place::Inside(first),
            _ if stride == 1 && width >= LONGEST => {
                let column = first.clamp(0, (width - LONGEST) as isize);
                let begin = (LONGEST as isize + first - column).clamp(0, 2 * LONGEST as isize);
                Place::Edge { column: column as usize, begin: begin as usize }
            }
            _ => {
                let (from, to) = inside(len, stride, first, width);
                let column = if from < to { (first + (from * stride) as isize) as usize } else { 0 };
                Place::Apart { column, count: to - from, step: stride, begin: from, apart: 1 }
            }
        }
    }

    /// The place of `len` cells from column `first` of a row whose cells stand `apart`.
    fn spread(first: isize, len: usize, apart: usize, width: usize) -> Self {
        let column = (first.max(0) as usize).div_ceil(apart);
        let begin = ((column * apart) as isize - first) as usize;
        let end = (first + len as isize).max(0) as usize;
        Place::Apart { column, count: end.div_ceil(apart).min(width).saturating_sub(column), step: 1, begin, apart }
    }
}

impl<'a, T: Scalar> Cells<'a, T> {
    fn new(copy: &'a mut [T; ROW], place: Place) -> Self {
        if let Place::Apart { .. } = place {
            copy[..LONGEST].fill(T::ZERO);
        }
        Self { copy, place }
    }

    /// The `len` cells of the row that begins at `row`.
    #[inline(always)]
    fn of<'b>(&'b mut self, planes: &'b [T], row: usize, len: usize) -> &'b [T] {
        match self.place {
            Place::Inside(column) => &planes[row + column..][..len],
            _ => &self.copied(planes, row)[..len],
        }
    }

    /// Copies cells of the row that begins at `row`; returns them and what follows.
    #[inline(never)]
    fn copied(&mut self, planes: &[T], row: usize) -> &[T] {
        match self.place {
            Place::Inside(_) => {}
            Place::Edge { column, begin } => {
                let cells = &planes[row + column..][..LONGEST];
                self.copy[LONGEST..][..LONGEST].copy_from_slice(cells);
                return &self.copy[begin..];
            }
            Place::Apart { column, count, step, begin, apart } => {
                let (mut from, mut to) = (row + column, begin);
                for _ in 0..count {
                    self.copy[to] = planes[from];
                    (from, to) = (from + step, to + apart);
                }
            }
        }
        self.copy
    }
}

/// P outputs, of which the last ones may be missing.
#[inline(always)]
fn load<T: Scalar, const P: usize>(target: &[T]) -> [T; P] {
    from_fn(|p| target.get(p).copied().unwrap_or(T::ZERO))
}

/// Stores P outputs, or as many as there are.
#[inline(never)] // The sums of the caller have no address, and stay in registers.
fn store<T: Copy, const P: usize>(sums: [T; P], target: &mut [T]) {
    match <&mut [T; P]>::try_from(&mut *target) {
        Ok(target) => *target = sums,
        Err(_) => target.copy_from_slice(&sums[..target.len()]),
    }
}

/// sums += x · w.
#[inline(always)]
fn add_scaled<T: Scalar>(sums: &mut [T], x: &[T], w: T) {
    for (sum, &x) in sums.iter_mut().zip(x) {
        *sum += x * w;
    }
}

/// Σ a\[i\] · b\[i\].
#[inline(always)]
fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    let mut sums = [T::ZERO; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a.remainder().iter().zip(b.remainder());
    for (a, b) in a.zip(b) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    for (sum, (&a, &b)) in sums.iter_mut().zip(rest) {
        *sum += a * b;
    }
    total(sums)
}

/// The sum of the parts.
fn total<T: Scalar, const P: usize>(sums: [T; P]) -> T {
    sums.into_iter().fold(T::ZERO, |sum, part| sum + part)
}

/// y: see [`super::conv2d`].
pub(super) fn conv2d<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    if g.y_len() == 0 {
        return;
    }
    let taps = g.kernel[0] * g.kernel[1];
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    let (x_group, y_group) = (group_c * g.input[0] * g.input[1], group_f * g.output[0] * g.output[1]);
    let is_point = g.kernel == [1, 1] && g.stride == [1, 1] && g.padding == [0, 0] && g.input == g.output;
    let (source, target, kernel, dilation) = match is_point {
        true => ([group_c, g.input[0] * g.input[1]], [1, g.output[0] * g.output[1]], [group_c, 1], [1, 1]),
        false => (g.input, g.output, g.kernel, g.dilation),
    };
    for (index, y) in y.chunks_exact_mut(y_group).enumerate() {
        let f = index % g.groups * group_f;
        Correlation {
            k: if is_point { 1 } else { group_c },
            source,
            target,
            kernel,
            stride: g.stride,
            is_mirrored: false,
            spread: [1, 1],
            dilation,
            padding: g.padding.map(|p| p as isize),
            planes: &x[index * x_group..][..x_group],
            w: &w[f * group_c * taps..],
            w_m: group_c * taps,
            w_k: taps,
            bias: b.map(|b| &b[f..][..group_f]),
        }
        .run(y);
    }
}

/// dx: see [`super::conv2d_backward_input`].
pub(super) fn conv2d_backward_input<T: Scalar>(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    conv_transpose2d(g, dy, w, None, dx);
}

/// y: see [`super::conv_transpose2d`]. The names are those of dx, which this is.
pub(super) fn conv_transpose2d<T: Scalar>(g: &Conv2dGeometry, dy: &[T], w: &[T], b: Option<&[T]>, dx: &mut [T]) {
    let plane = g.input[0] * g.input[1];
    if g.macs() == 0 || dx.is_empty() {
        return fill_planes(b, plane, dx);
    }
    let taps = g.kernel[0] * g.kernel[1];
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    let dy_group = group_f * g.output[0] * g.output[1];
    for (index, dx) in dx.chunks_exact_mut(group_c * plane).enumerate() {
        let group = index % g.groups;
        let axes = [0, 1];
        Correlation {
            k: group_f,
            source: g.output,
            target: g.input,
            kernel: g.kernel,
            stride: [1, 1],
            is_mirrored: true,
            spread: g.stride,
            dilation: g.dilation,
            padding: axes.map(|a| ((g.kernel[a] - 1) * g.dilation[a]) as isize - g.padding[a] as isize),
            planes: &dy[index * dy_group..][..dy_group],
            w: &w[group * group_f * group_c * taps..],
            w_m: taps,
            w_k: group_c * taps,
            bias: b.map(|b| &b[group * group_c..][..group_c]),
        }
        .run(dx);
    }
}

/// Fills each plane with its bias, or with zeros; the biases are those of one image, or of one group of it.
pub(super) fn fill_planes<T: Scalar>(b: Option<&[T]>, plane: usize, y: &mut [T]) {
    match b {
        Some(b) if !y.is_empty() => y.chunks_exact_mut(plane).zip(b.iter().cycle()).for_each(|(y, &b)| y.fill(b)),
        _ => y.fill(T::ZERO),
    }
}

// There is no portable form of Winograd's algorithm: it needs scratch memory.
pub(super) use self::conv2d as conv2d_winograd;
pub(super) use self::conv2d_backward_input as conv2d_winograd_backward_input;

/// dw: see [`super::conv2d_backward_filter`].
pub(super) fn conv2d_backward_filter<T: Scalar>(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    let taps = g.kernel[0] * g.kernel[1];
    let mut copy = [T::ZERO; ROW];
    if g.macs() == 0 {
        return;
    }
    for (plane, dw) in dw.chunks_exact_mut(taps).enumerate() {
        let mut j = 0;
        // Unlike a run of outputs, a run of dy does not reach beyond its row: a NaN there would be added.
        while j < g.output[1] {
            let filter = Filter { g, plane, j, x, dy };
            j += match g.output[1] - j {
                LANES.. => filter.run::<LANES>(&mut copy, dw),
                NARROW.. => filter.run::<NARROW>(&mut copy, dw),
                _ => filter.run::<1>(&mut copy, dw),
            };
        }
    }
}

/// What output columns from `j` add to one kernel of dw.
struct Filter<'a, T> {
    g: &'a Conv2dGeometry,
    /// The number of the kernel: f·C/G + c.
    plane: usize,
    j: usize,
    x: &'a [T],
    dy: &'a [T],
}

impl<T: Scalar> Filter<'_, T> {
    /// Adds what P columns give, one piece of the kernel after the other, and returns P.
    fn run<const P: usize>(&self, copy: &mut [T; ROW], dw: &mut [T]) -> usize {
        let g = self.g;
        let mut v = 0;
        while v < g.kernel[1] {
            let first = (self.j * g.stride[1] + v * g.dilation[1]) as isize - g.padding[1] as isize;
            let columns = piece(g.kernel[1] - v, g.stride[1], g.dilation[1]);
            let place = Place::new(first, P + columns - 1, g.stride[1], g.input[1]);
            let mut cells = Cells::new(copy, place);
            match columns {
                5 => self.add::<P, 5>(v, &mut cells, dw),
                3 => self.add::<P, 3>(v, &mut cells, dw),
                _ => self.add::<P, 1>(v, &mut cells, dw),
            }
            v += columns;
        }
        P
    }

    /// Adds to KW columns of the kernel from `v`.
    #[inline(never)]
    fn add<const P: usize, const KW: usize>(&self, v: usize, cells: &mut Cells<T>, dw: &mut [T]) {
        let (g, [height, width], [rows, columns]) = (self.g, self.g.input, self.g.output);
        let (f, c) = (self.plane / (g.c / g.groups), self.plane % (g.c / g.groups));
        let channel = f / (g.f / g.groups) * (g.c / g.groups) + c;
        for u in 0..g.kernel[0] {
            let first_row = (u * g.dilation[0]) as isize - g.padding[0] as isize;
            let (top, bottom) = inside(rows, g.stride[0], first_row, height);
            // A microcontroller keeps one sum for each tap, others a vector.
            let mut sums = [[T::ZERO; P]; KW];
            for n in 0..g.n {
                for i in top..bottom {
                    let x_row = (first_row + (i * g.stride[0]) as isize) as usize;
                    let x = cells.of(self.x, ((n * g.c + channel) * height + x_row) * width, P + KW - 1);
                    let dy = &self.dy[((n * g.f + f) * rows + i) * columns + self.j..][..P];
                    for (v, sums) in sums.iter_mut().enumerate() {
                        for p in 0..P {
                            sums[if IS_SMALL { 0 } else { p }] += dy[p] * x[p + v];
                        }
                    }
                }
            }
            let dw = &mut dw[u * g.kernel[1] + v..][..KW];
            for (dw, sums) in dw.iter_mut().zip(sums) {
                *dw += total(sums);
            }
        }
    }
}

/// db: see [`super::conv2d_backward_bias`].
pub(super) fn conv2d_backward_bias<T: Scalar>(g: &Conv2dGeometry, dy: &[T], db: &mut [T]) {
    let plane = g.output[0] * g.output[1];
    if plane == 0 {
        return;
    }
    for (index, dy) in dy.chunks_exact(plane).enumerate() {
        db[index % g.f] += dy.iter().fold(T::ZERO, |sum, &dy| sum + dy);
    }
}

/// y: see [`super::linear`].
pub(super) fn linear<T: Scalar>(g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    for n in 0..g.n {
        let x = &x[n * g.inputs..][..g.inputs];
        for (o, y) in y[n * g.outputs..][..g.outputs].iter_mut().enumerate() {
            *y = b.map_or(T::ZERO, |b| b[o]) + dot(x, &w[o * g.inputs..][..g.inputs]);
        }
    }
}

/// dx: see [`super::linear_backward_input`].
pub(super) fn linear_backward_input<T: Scalar>(g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for n in 0..g.n {
        let dx = &mut dx[n * g.inputs..][..g.inputs];
        for (o, &dy) in dy[n * g.outputs..][..g.outputs].iter().enumerate() {
            add_scaled(dx, &w[o * g.inputs..][..g.inputs], dy);
        }
    }
}

/// dw: see [`super::linear_backward_weight`].
pub(super) fn linear_backward_weight<T: Scalar>(g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    for n in 0..g.n {
        let x = &x[n * g.inputs..][..g.inputs];
        for (o, &dy) in dy[n * g.outputs..][..g.outputs].iter().enumerate() {
            add_scaled(&mut dw[o * g.inputs..][..g.inputs], x, dy);
        }
    }
}

/// db: see [`super::linear_backward_bias`].
pub(super) fn linear_backward_bias<T: Scalar>(g: &LinearGeometry, dy: &[T], db: &mut [T]) {
    for n in 0..g.n {
        for (db, &dy) in db.iter_mut().zip(&dy[n * g.outputs..][..g.outputs]) {
            *db += dy;
        }
    }
}
