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
/// Output columns of a run: on a microcontroller two filters' sums, the cells and the weights of a row stay in registers.
const WIDE: usize = if IS_SMALL { 8 } else { 16 };
/// Output columns of a short run.
const NARROW: usize = 4;
/// Cells of a row that a run needs, at most: five taps.
const LONGEST: usize = WIDE + 4;
/// Cells of a copied row between zeros.
const ROW: usize = 3 * LONGEST;
/// Filters that are computed together.
const FILTERS: usize = if IS_SMALL { 2 } else { 4 };
/// Parts of a sum over a row.
const LANES: usize = 8;

/// A correlation: forward, or dx.
struct Correlation<'a, T> {
    /// Planes of the source, its height and width, and those of an output plane.
    k: usize,
    source: [usize; 2],
    target: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// For dx: the rows and columns of the source stand so far apart, and zeros between them.
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
    /// Computes all output planes. MIRRORED: the weights of a kernel are taken from the last to the first.
    fn run<const MIRRORED: bool>(&self, target: &mut [T]) {
        let plane = self.target[0] * self.target[1];
        let mut m = 0;
        let mut blocks = target.chunks_exact_mut(FILTERS * plane);
        for block in &mut blocks {
            self.planes::<MIRRORED, FILTERS>(m, block);
            m += FILTERS;
        }
        for plane in blocks.into_remainder().chunks_exact_mut(plane) {
            self.planes::<MIRRORED, 1>(m, plane);
            m += 1;
        }
    }

    /// Computes the output planes `m..m + M`, in strips of columns.
    fn planes<const MIRRORED: bool, const M: usize>(&self, m: usize, target: &mut [T]) {
        let width = self.target[1];
        let mut copy = [T::ZERO; ROW];
        for j in (0..width).step_by(WIDE) {
            match width - j {
                ..=NARROW => self.strip::<MIRRORED, M, NARROW>(m, j, &mut copy, target),
                _ => self.strip::<MIRRORED, M, WIDE>(m, j, &mut copy, target),
            }
        }
    }

    /// Computes the columns `j..j + P`: one piece of the kernel after the other.
    fn strip<const MIRRORED: bool, const M: usize, const P: usize>(
        &self,
        m: usize,
        j: usize,
        copy: &mut [T; ROW],
        target: &mut [T],
    ) {
        let [width, kernel] = [self.source[1], self.kernel[1]];
        let is_dense = self.stride[1] == 1 && self.dilation[1] == 1;
        let mut v = 0;
        while v < kernel {
            let first = (j * self.stride[1] + v * self.dilation[1]) as isize - self.padding[1];
            let part = Part { m, j, v };
            v += match kernel - v {
                5.. if is_dense => self.dense::<MIRRORED, M, P, 5>(part, first, copy, target),
                3.. if is_dense => self.dense::<MIRRORED, M, P, 3>(part, first, copy, target),
                _ if is_dense => self.dense::<MIRRORED, M, P, 1>(part, first, copy, target),
                _ if MIRRORED => self.dense::<MIRRORED, M, P, 1>(part, first, copy, target),
                _ => {
                    let cells = Apart::new(copy, first, P, self.stride[1], width);
                    self.add::<MIRRORED, M, P, 1>(part, cells, target)
                }
            };
        }
    }

    /// Adds KW kernel columns without stride and dilation, and returns KW. `first` is the column of the source that the
    /// first of them meets for the first output.
    fn dense<const MIRRORED: bool, const M: usize, const P: usize, const KW: usize>(
        &self,
        part: Part,
        first: isize,
        copy: &mut [T; ROW],
        target: &mut [T],
    ) -> usize {
        let (len, width) = (P + KW - 1, self.source[1]);
        if MIRRORED && self.spread[1] != 1 {
            return self.add::<MIRRORED, M, P, KW>(part, Spread::new(copy, first, len, self.spread[1], width), target);
        }
        match usize::try_from(first) {
            Ok(first) if first + len <= width => self.add::<MIRRORED, M, P, KW>(part, Inside(first), target),
            _ => self.add::<MIRRORED, M, P, KW>(part, Edge::new(copy, first, width), target),
        }
    }

    /// Adds KW kernel columns, and returns KW.
    #[inline(never)]
    fn add<const MIRRORED: bool, const M: usize, const P: usize, const KW: usize>(
        &self,
        Part { m, j, v }: Part,
        mut cells: impl Cells<T>,
        target: &mut [T],
    ) -> usize {
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
                    if MIRRORED && self.spread[0] != 1 {
                        if !x_row.is_multiple_of(self.spread[0]) {
                            continue;
                        }
                        x_row /= self.spread[0];
                    }
                    let x = cells.of(self.planes, (k * height + x_row) * width, P + KW - 1);
                    let tap = match MIRRORED {
                        true => (kernel_rows - u) * kernel_columns - v - KW,
                        false => u * kernel_columns + v,
                    };
                    let w = from_fn(|f| &self.w[(m + f) * self.w_m + k * self.w_k + tap..][..KW]);
                    add_row::<_, MIRRORED, M, P, KW>(&mut sums, x, w);
                }
            }
            for (f, sums) in sums.into_iter().enumerate() {
                store(sums, &mut target[f * plane + row..][..count]);
            }
        }
        KW
    }
}

/// A part of a correlation: the output planes from `m`, their columns from `j`, the kernel columns from `v`.
#[derive(Clone, Copy)]
struct Part {
    m: usize,
    j: usize,
    v: usize,
}

/// sums\[m\]\[p\] += Σ_v w\[m\]\[v\] · x\[p + v\], or w\[m\]\[KW − 1 − v\] if MIRRORED.
#[inline(always)]
fn add_row<T: Scalar, const MIRRORED: bool, const M: usize, const P: usize, const KW: usize>(
    sums: &mut [[T; P]; M],
    x: &[T],
    w: [&[T]; M],
) {
    for v in 0..KW {
        for (sums, w) in sums.iter_mut().zip(w) {
            let w = w[if MIRRORED { KW - 1 - v } else { v }];
            for (sum, &x) in sums.iter_mut().zip(&x[v..]) {
                *sum += x * w;
            }
        }
    }
}

/// What a piece of the kernel needs of a row of the source.
trait Cells<T> {
    /// The `len` cells of the row that begins at `row`.
    fn of<'a>(&'a mut self, planes: &'a [T], row: usize, len: usize) -> &'a [T];
}

/// Cells that lie in the row, from this column.
struct Inside(usize);

impl<T: Scalar> Cells<T> for Inside {
    #[inline(always)]
    fn of<'a>(&'a mut self, planes: &'a [T], row: usize, len: usize) -> &'a [T] {
        &planes[row + self.0..][..len]
    }
}

/// Cells of which some lie outside of the row: a copy between zeros.
struct Edge<'a, T> {
    /// [`LONGEST`] zeros, as many cells of the row (or all of it, if it is shorter), zeros.
    copy: &'a mut [T; ROW],
    /// The columns that are copied.
    column: usize,
    count: usize,
    /// Where the cells begin in the copy.
    begin: usize,
}

impl<'a, T: Scalar> Edge<'a, T> {
    fn new(copy: &'a mut [T; ROW], first: isize, width: usize) -> Self {
        let count = width.min(LONGEST);
        let column = first.clamp(0, (width - count) as isize);
        let begin = (LONGEST as isize + first - column).clamp(0, 2 * LONGEST as isize);
        Self { copy, column: column as usize, count, begin: begin as usize }
    }
}

impl<T: Scalar> Cells<T> for Edge<'_, T> {
    #[inline(always)]
    fn of<'a>(&'a mut self, planes: &'a [T], row: usize, len: usize) -> &'a [T] {
        let row = &planes[row + self.column..][..self.count];
        let copy = &mut self.copy[LONGEST..][..LONGEST];
        match <&[T; LONGEST]>::try_from(row) {
            Ok(row) => copy.copy_from_slice(row), // a known length: a handful of instructions
            Err(_) => copy[..row.len()].copy_from_slice(row),
        }
        &self.copy[self.begin..][..len]
    }
}

/// Cells that are a stride apart: a copy side by side.
struct Apart<'a, T> {
    copy: &'a mut [T; ROW],
    /// Which of the cells lie in the row, and the column of the first of these.
    from: usize,
    to: usize,
    column: usize,
    stride: usize,
}

impl<'a, T: Scalar> Apart<'a, T> {
    fn new(copy: &'a mut [T; ROW], first: isize, len: usize, stride: usize, width: usize) -> Self {
        copy[..len].fill(T::ZERO);
        let (from, to) = inside(len, stride, first, width);
        let column = if from < to { (first + (from * stride) as isize) as usize } else { 0 };
        Self { copy, from, to, column, stride }
    }
}

impl<T: Scalar> Cells<T> for Apart<'_, T> {
    #[inline(always)]
    fn of<'a>(&'a mut self, planes: &'a [T], row: usize, len: usize) -> &'a [T] {
        let cells = planes[row + self.column..].iter().step_by(self.stride);
        for (copy, &cell) in self.copy[self.from..self.to].iter_mut().zip(cells) {
            *copy = cell;
        }
        &self.copy[..len]
    }
}

/// Cells with zeros between them: a copy.
struct Spread<'a, T> {
    copy: &'a mut [T; ROW],
    /// Where the copied cells begin, in the copy and in the row, and how far they stand apart.
    begin: usize,
    column: usize,
    apart: usize,
    count: usize,
}

impl<'a, T: Scalar> Spread<'a, T> {
    fn new(copy: &'a mut [T; ROW], first: isize, len: usize, apart: usize, width: usize) -> Self {
        copy[..len].fill(T::ZERO);
        let column = first.max(0) as usize;
        let column = column.div_ceil(apart);
        let begin = (column * apart) as isize - first;
        let end = (first + len as isize).max(0) as usize;
        let count = end.div_ceil(apart).min(width).saturating_sub(column);
        Self { copy, begin: begin as usize, column, apart, count }
    }
}

impl<T: Scalar> Cells<T> for Spread<'_, T> {
    #[inline(always)]
    fn of<'a>(&'a mut self, planes: &'a [T], row: usize, len: usize) -> &'a [T] {
        if self.count != 0 {
            let cells = &planes[row + self.column..][..self.count];
            for (copy, &cell) in self.copy[self.begin..].iter_mut().step_by(self.apart).zip(cells) {
                *copy = cell;
            }
        }
        &self.copy[..len]
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
            spread: [1, 1],
            dilation,
            padding: g.padding.map(|p| p as isize),
            planes: &x[index * x_group..][..x_group],
            w: &w[f * group_c * taps..],
            w_m: group_c * taps,
            w_k: taps,
            bias: b.map(|b| &b[f..][..group_f]),
        }
        .run::<false>(y);
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
            spread: g.stride,
            dilation: g.dilation,
            padding: axes.map(|a| ((g.kernel[a] - 1) * g.dilation[a]) as isize - g.padding[a] as isize),
            planes: &dy[index * dy_group..][..dy_group],
            w: &w[group * group_f * group_c * taps..],
            w_m: taps,
            w_k: group_c * taps,
            bias: b.map(|b| &b[group * group_c..][..group_c]),
        }
        .run::<true>(dx);
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
        let (g, width) = (self.g, self.g.input[1]);
        let is_dense = g.stride[1] == 1 && g.dilation[1] == 1;
        let mut v = 0;
        while v < g.kernel[1] {
            let first = (self.j * g.stride[1] + v * g.dilation[1]) as isize - g.padding[1] as isize;
            v += match g.kernel[1] - v {
                5.. if is_dense => self.dense::<P, 5>(v, first, copy, dw),
                3.. if is_dense => self.dense::<P, 3>(v, first, copy, dw),
                _ if is_dense => self.dense::<P, 1>(v, first, copy, dw),
                _ => self.add::<P, 1>(v, Apart::new(copy, first, P, g.stride[1], width), dw),
            };
        }
        P
    }

    /// Adds to KW columns of the kernel, without stride and dilation, and returns KW.
    fn dense<const P: usize, const KW: usize>(
        &self,
        v: usize,
        first: isize,
        copy: &mut [T; ROW],
        dw: &mut [T],
    ) -> usize {
        match usize::try_from(first) {
            Ok(first) if first + P + KW - 1 <= self.g.input[1] => self.add::<P, KW>(v, Inside(first), dw),
            _ => self.add::<P, KW>(v, Edge::new(copy, first, self.g.input[1]), dw),
        }
    }

    /// Adds to KW columns of the kernel from `v`, and returns KW.
    #[inline(never)]
    fn add<const P: usize, const KW: usize>(&self, v: usize, mut cells: impl Cells<T>, dw: &mut [T]) -> usize {
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
        KW
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
