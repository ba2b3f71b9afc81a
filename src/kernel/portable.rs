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
//! - No tap asks whether it lies in the padding: rows are clipped, and where a run needs columns outside of the input, each
//!   row is first copied to a few zeros ([`ROW`]). The last run of a row may reach beyond it.
//! - A run is [`WIDE`], or [`NARROW`] where that is enough. If what it needs of a row is longer than [`ROW`], it is one column,
//!   and its kernel columns are clipped too.
//! - Where there are registers for it, [`FILTERS`] filters share a pass over the input.
//! - dx without stride is the same loop over dy, with mirrored filters. With a stride it scatters rows of dy.
//! - Sums over long rows are kept in [`LANES`] parts, so that compilers can use vectors for them.

use core::array::from_fn;

use super::{Conv2dGeometry, LinearGeometry};
use crate::Scalar;

/// Whether the target is a microcontroller: 32 registers of one number each, and little room for code.
const IS_SMALL: bool = cfg!(target_arch = "arm");
/// Output columns of a run: on a microcontroller ten sums, ten inputs and a weight stay in registers.
const WIDE: usize = if IS_SMALL { 10 } else { 16 };
/// Output columns of a short run.
const NARROW: usize = 4;
/// Elements of an input row that a run may need.
const ROW: usize = 32;
/// Filters that are computed together.
const FILTERS: usize = if IS_SMALL { 1 } else { 4 };
/// Parts of a sum over a row.
const LANES: usize = 8;

/// A correlation: forward, or dx without stride.
struct Correlation<'a, T> {
    /// Planes of the source per output plane, and its extent.
    k: usize,
    source: [usize; 2],
    target: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Zeros above and left of the source; negative if rows and columns of it are left out.
    padding: [isize; 2],
    /// The `k` source planes, and the weights of the first output plane: output plane m and source plane k at
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
    let below = |bound: isize| if bound <= first { 0 } else { ((bound - first) as usize).div_ceil(step).min(len) };
    let to = below(limit as isize);
    (below(0).min(to), to)
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

    /// Computes the output planes `m..m + M`.
    fn planes<const MIRRORED: bool, const M: usize>(&self, m: usize, target: &mut [T]) {
        let [height, width] = self.target;
        let span = (self.kernel[1] - 1) * self.dilation[1] + 1;
        let is_long = (WIDE - 1) * self.stride[1] + span > ROW;
        for i in 0..height {
            let mut j = 0;
            while j < width {
                let target = &mut target[i * width + j..];
                let left = width - j;
                if is_long {
                    put(target, height * width, left, self.pixels::<MIRRORED, M, 1>(m, i, j));
                    j += 1;
                } else if left > NARROW {
                    put(target, height * width, left, self.pixels::<MIRRORED, M, WIDE>(m, i, j));
                    j += WIDE;
                } else {
                    put(target, height * width, left, self.pixels::<MIRRORED, M, NARROW>(m, i, j));
                    j += NARROW;
                }
            }
        }
    }

    /// Outputs (i, j..j + P) of the planes `m..m + M`.
    #[inline]
    fn pixels<const MIRRORED: bool, const M: usize, const P: usize>(
        &self,
        m: usize,
        i: usize,
        j: usize,
    ) -> [[T; P]; M] {
        let mut sums = from_fn(|f| [self.bias.map_or(T::ZERO, |b| b[m + f]); P]);
        let [kernel_rows, kernel_columns] = self.kernel;
        let [height, width] = self.source;
        let first_row = (i * self.stride[0]) as isize - self.padding[0];
        let (top, bottom) = inside(kernel_rows, self.dilation[0], first_row, height);
        let mut first_column = (j * self.stride[1]) as isize - self.padding[1];
        // Only a single column clips its taps: it needs no copy.
        let (from, to) = match P {
            1 => inside(kernel_columns, self.dilation[1], first_column, width),
            _ => (0, kernel_columns),
        };
        if from == to {
            return sums;
        }
        first_column += (from * self.dilation[1]) as isize;
        let cells = (P - 1) * self.stride[1] + (to - from - 1) * self.dilation[1] + 1;
        let (left, right) = inside(cells, 1, first_column, width);
        if left == right {
            return sums;
        }
        let column = (first_column + left as isize) as usize;
        // What lies outside of the source stays zero in all rows.
        let mut row = [T::ZERO; ROW];
        for k in 0..self.k {
            for u in top..bottom {
                let i = (first_row + (u * self.dilation[0]) as isize) as usize;
                let mut x = &self.planes[(k * height + i) * width + column..][..right - left];
                if x.len() < cells {
                    for (cell, &x) in row[left..right].iter_mut().zip(x) {
                        *cell = x;
                    }
                    x = &row[..cells];
                }
                let u = if MIRRORED { kernel_rows - 1 - u } else { u };
                let w: [_; M] = from_fn(|f| {
                    let row = (m + f) * self.w_m + k * self.w_k + u * kernel_columns;
                    &self.w[row..][..kernel_columns]
                });
                if MIRRORED {
                    self.add_row(&mut sums, x, w.map(|w| w[kernel_columns - to..kernel_columns - from].iter().rev()));
                } else {
                    self.add_row(&mut sums, x, w.map(|w| w[from..to].iter()));
                }
            }
        }
        sums
    }

    /// sums\[m\]\[p\] += Σ_v w\[m\]\[v\] · x\[p·S + v·D\].
    #[inline(always)]
    fn add_row<'w, const M: usize, const P: usize>(
        &self,
        sums: &mut [[T; P]; M],
        x: &[T],
        mut w: [impl Iterator<Item = &'w T>; M],
    ) {
        if self.stride[1] == 1 || P == 1 {
            if self.dilation[1] == 1 {
                x.windows(P).for_each(|x| add_tap(sums, &mut w, x.iter()));
            } else {
                x.windows(P).step_by(self.dilation[1]).for_each(|x| add_tap(sums, &mut w, x.iter()));
            }
        } else {
            let windows = x.windows((P - 1) * self.stride[1] + 1).step_by(self.dilation[1]);
            windows.for_each(|x| add_tap(sums, &mut w, x.iter().step_by(self.stride[1])));
        }
    }
}

/// Adds x, times the next weight of each plane, to its sums.
#[inline(always)]
fn add_tap<'w, 'x, T: Scalar, const M: usize, const P: usize>(
    sums: &mut [[T; P]; M],
    w: &mut [impl Iterator<Item = &'w T>; M],
    x: impl Iterator<Item = &'x T> + Clone,
) {
    for (sums, w) in sums.iter_mut().zip(w) {
        if let Some(&w) = w.next() {
            for (sum, &x) in sums.iter_mut().zip(x.clone()) {
                *sum += x * w;
            }
        }
    }
}

/// Stores the first `count` of P pixels, if there are so many, at the beginning of each of M planes.
#[inline(always)]
fn put<T: Copy, const M: usize, const P: usize>(target: &mut [T], plane: usize, count: usize, sums: [[T; P]; M]) {
    for (f, sums) in sums.iter().enumerate() {
        for (y, &sum) in target[f * plane..][..count.min(P)].iter_mut().zip(sums) {
            *y = sum;
        }
    }
}

/// sums += x · w.
#[inline(always)]
fn add_scaled<T: Scalar>(sums: &mut [T], x: &[T], w: T) {
    for (sum, &x) in sums.iter_mut().zip(x) {
        *sum += x * w;
    }
}

/// The parts of Σ a\[i\] · b\[i·step\], added to `sums`.
#[inline(always)]
fn add_products<T: Scalar>(sums: &mut [T; LANES], a: &[T], b: &[T], step: usize) {
    if step != 1 {
        let mut b = b.iter().step_by(step);
        for a in a.chunks(LANES) {
            for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(&mut b)) {
                *sum += a * b;
            }
        }
        return;
    }
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
}

/// The sum of the parts.
fn total<T: Scalar>(sums: [T; LANES]) -> T {
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
    for (index, y) in y.chunks_exact_mut(y_group).enumerate() {
        let f = index % g.groups * group_f;
        Correlation {
            k: group_c,
            source: g.input,
            target: g.output,
            kernel: g.kernel,
            stride: g.stride,
            dilation: g.dilation,
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
    let plane = g.input[0] * g.input[1];
    if g.macs() == 0 {
        return dx.fill(T::ZERO);
    }
    let taps = g.kernel[0] * g.kernel[1];
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    let dy_group = group_f * g.output[0] * g.output[1];
    for (index, dx) in dx.chunks_exact_mut(group_c * plane).enumerate() {
        let group = index % g.groups;
        let dy = &dy[index * dy_group..][..dy_group];
        let w = &w[group * group_f * group_c * taps..];
        if g.stride == [1, 1] {
            let axes = [0, 1];
            Correlation {
                k: group_f,
                source: g.output,
                target: g.input,
                kernel: g.kernel,
                stride: [1, 1],
                dilation: g.dilation,
                padding: axes.map(|a| ((g.kernel[a] - 1) * g.dilation[a]) as isize - g.padding[a] as isize),
                planes: dy,
                w,
                w_m: taps,
                w_k: group_c * taps,
                bias: None,
            }
            .run::<true>(dx);
        } else {
            for (c, dx) in dx.chunks_exact_mut(plane).enumerate() {
                scatter(g, &w[c * taps..], group_c * taps, dy, dx);
            }
        }
    }
}

/// One plane of dx: every row of dy, times each weight, is added to the row of dx that it came from.
fn scatter<T: Scalar>(g: &Conv2dGeometry, w: &[T], w_f: usize, dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for (f, dy) in dy.chunks_exact(g.output[0] * g.output[1]).enumerate() {
        for u in 0..g.kernel[0] {
            for v in 0..g.kernel[1] {
                let w = w[f * w_f + u * g.kernel[1] + v];
                for_each_row(g, u, v, |y_at, x_at, count| {
                    let dx = dx[x_at..].iter_mut().step_by(g.stride[1]);
                    for (dx, &dy) in dx.zip(&dy[y_at..][..count]) {
                        *dx += dy * w;
                    }
                });
            }
        }
    }
}

/// For each output row: where in the planes of y and x the pairs begin that tap (u, v) joins, and how many there are.
#[inline(always)]
fn for_each_row(g: &Conv2dGeometry, u: usize, v: usize, mut row: impl FnMut(usize, usize, usize)) {
    let first = [u * g.dilation[0], v * g.dilation[1]];
    let first = [0, 1].map(|axis| first[axis] as isize - g.padding[axis] as isize);
    let (top, bottom) = inside(g.output[0], g.stride[0], first[0], g.input[0]);
    let (from, to) = inside(g.output[1], g.stride[1], first[1], g.input[1]);
    if from == to {
        return;
    }
    let column = ((from * g.stride[1]) as isize + first[1]) as usize;
    for i in top..bottom {
        let x_row = ((i * g.stride[0]) as isize + first[0]) as usize;
        row(i * g.output[1] + from, x_row * g.input[1] + column, to - from);
    }
}

// There is no portable form of Winograd's algorithm: it needs scratch memory.
pub(super) use self::conv2d as conv2d_winograd;
pub(super) use self::conv2d_backward_input as conv2d_winograd_backward_input;

/// dw: see [`super::conv2d_backward_filter`].
pub(super) fn conv2d_backward_filter<T: Scalar>(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    let (x_plane, y_plane) = (g.input[0] * g.input[1], g.output[0] * g.output[1]);
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    let mut dw = dw.iter_mut();
    for f in 0..g.f {
        for c in 0..group_c {
            let channel = f / group_f * group_c + c;
            for u in 0..g.kernel[0] {
                for v in 0..g.kernel[1] {
                    let mut sums = [T::ZERO; LANES];
                    for n in 0..g.n {
                        let x = &x[(n * g.c + channel) * x_plane..][..x_plane];
                        let dy = &dy[(n * g.f + f) * y_plane..][..y_plane];
                        for_each_row(g, u, v, |y_at, x_at, count| {
                            let x = &x[x_at..][..(count - 1) * g.stride[1] + 1];
                            add_products(&mut sums, &dy[y_at..][..count], x, g.stride[1]);
                        });
                    }
                    if let Some(dw) = dw.next() {
                        *dw += total(sums);
                    }
                }
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
            let mut sums = [T::ZERO; LANES];
            add_products(&mut sums, x, &w[o * g.inputs..][..g.inputs], 1);
            *y = b.map_or(T::ZERO, |b| b[o]) + total(sums);
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
