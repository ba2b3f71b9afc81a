//! The backward pass of a convolution whose output goes to a max pooling: dy is zero but where a window's winner is.
//!
//! ```text
//! for each image and filter:
//!     for each channel, kernel row u:
//!         sums = 0
//!         for each winner:
//!             sums += dy · x[row + u][column..column + KW]
//!             dx[row + u][column..column + KW] += dy · w[u]
//!         dw[u] += sums
//! ```
//!
//! What differs from the pseudo-code:
//! - Winners are looked up once for all channels, up to [`COUNT`] of them at a time.
//! - The columns of a kernel come in pieces of 5, 3 and 1: a constant, so that the sums stay in registers. Where columns
//!   stand apart, they come one by one. Winners whose columns reach into the padding come after the others, and for each
//!   of their columns it is asked whether it does.

use super::{after, after_mut, part, stay_rolled};
use crate::kernel::{Conv2dGeometry, Pool2dGeometry};
use crate::tensor::Scalar;

/// Winners that are visited together, the same everywhere, as the bits depend on it.
const COUNT: usize = 32;

/// Columns of the longest piece of a kernel.
const MOST: usize = 5;

/// Where the window of an output of the convolution begins: a cell of a plane of x and its column, which wrap around if
/// there is no such cell, and dy.
#[derive(Clone, Copy)]
struct Winner<T> {
    cell: usize,
    column: usize,
    dy: T,
}

/// One filter on one image: the planes of x and of dx, and the weights of the filter and their gradient. There may be no dx
/// and w, and no dw.
struct Filter<'a, T> {
    g: &'a Conv2dGeometry,
    x: &'a [T],
    dx: &'a mut [T],
    w: &'a [T],
    dw: &'a mut [T],
}

impl<T: Scalar> Filter<'_, T> {
    /// All columns of the kernel.
    fn visit(&mut self, winners: &[Winner<T>], is_whole: bool) {
        if winners.is_empty() {
            return;
        }
        let (mut v, columns) = (0, self.g.kernel[1]);
        while v < columns {
            let piece = match columns - v {
                _ if self.g.dilation[1] != 1 => 1,
                5.. => 5,
                3.. => 3,
                _ => 1,
            };
            match piece {
                5 if is_whole => self.add::<5>(v, winners),
                3 if is_whole => self.add::<3>(v, winners),
                _ => self.add_clipped(v, piece, winners),
            }
            v += piece;
        }
    }

    /// The columns `v..v + KW`: neighbours, which lie on the plane.
    #[inline(never)]
    fn add<const KW: usize>(&mut self, v: usize, winners: &[Winner<T>]) {
        let ([height, width], [kh, kw]) = (self.g.input, self.g.kernel);
        let (mut plane, mut row) = (0, 0);
        for _ in 0..self.g.c.checked_div(self.g.groups).unwrap_or(0) {
            for u in 0..kh {
                // The first cell of a winner in this row: beyond the plane if the row is.
                let apart = (u * self.g.dilation[0] * width).wrapping_add(v);
                let at = |winner: &Winner<T>| winner.cell.wrapping_add(apart);
                if let Some(dw) = after_mut(self.dw, row * kw + v).first_chunk_mut::<KW>() {
                    let x = after(self.x, plane).get(..height * width).unwrap_or_default();
                    let mut sums = [T::ZERO; KW];
                    for winner in winners {
                        stay_rolled();
                        if let Some(x) = x.get(at(winner)..).and_then(|x| x.first_chunk()) {
                            add_scaled(&mut sums, x, winner.dy);
                            continue;
                        }
                        // The padding is zeros, which are multiplied: that makes a difference if dy is no number.
                        let product = winner.dy * T::ZERO;
                        if product != T::ZERO {
                            stay_rolled();
                            add_scaled(&mut sums, &[T::ZERO; KW], product);
                        }
                    }
                    add_scaled(dw, &sums, T::ONE);
                }
                let dx = after_mut(self.dx, plane).get_mut(..height * width);
                if let (Some(dx), Some(w)) = (dx, after(self.w, row * kw + v).first_chunk::<KW>()) {
                    let w = *w;
                    for winner in winners {
                        stay_rolled();
                        if let Some(dx) = dx.get_mut(at(winner)..).and_then(|dx| dx.first_chunk_mut::<KW>()) {
                            add_scaled(dx, &w, winner.dy);
                        }
                    }
                }
                row += 1;
            }
            plane += height * width;
        }
    }

    /// Up to [`MOST`] columns from v on, any of which may lie in the padding.
    #[inline(never)]
    fn add_clipped(&mut self, v: usize, columns: usize, winners: &[Winner<T>]) {
        let ([height, width], [kh, kw]) = (self.g.input, self.g.kernel);
        let (mut plane, mut row, right) = (0, 0, v * self.g.dilation[1]);
        for _ in 0..self.g.c.checked_div(self.g.groups).unwrap_or(0) {
            for u in 0..kh {
                let apart = (u * self.g.dilation[0] * width).wrapping_add(right);
                // A cell of a winner in this row: beyond the plane if it is in the padding.
                let at = |winner: &Winner<T>, k: usize| match winner.column.wrapping_add(right + k) < width {
                    true => winner.cell.wrapping_add(apart + k),
                    false => usize::MAX,
                };
                if let Some(dw) = after_mut(self.dw, row * kw + v).get_mut(..columns) {
                    let x = after(self.x, plane).get(..height * width).unwrap_or_default();
                    let mut sums = [T::ZERO; MOST];
                    for winner in winners {
                        for (k, sum) in sums.iter_mut().enumerate().take(columns) {
                            stay_rolled();
                            *sum += winner.dy * x.get(at(winner, k)).map_or(T::ZERO, |&x| x);
                        }
                    }
                    for (dw, &sum) in dw.iter_mut().zip(&sums) {
                        stay_rolled();
                        *dw += sum;
                    }
                }
                let dx = after_mut(self.dx, plane).get_mut(..height * width);
                if let (Some(dx), Some(w)) = (dx, after(self.w, row * kw + v).get(..columns)) {
                    for winner in winners {
                        for (k, &w) in w.iter().enumerate() {
                            stay_rolled();
                            if let Some(dx) = dx.get_mut(at(winner, k)) {
                                *dx += winner.dy * w;
                            }
                        }
                    }
                }
                row += 1;
            }
            plane += height * width;
        }
    }
}

/// sums += x · w, written out.
#[inline(always)]
fn add_scaled<T: Scalar, const KW: usize>(sums: &mut [T; KW], x: &[T; KW], w: T) {
    macro_rules! columns {
        ($($v:literal)*) => { $(
            if $v < KW {
                sums[$v] += w * x[$v];
            }
        )* };
    }
    columns! { 0 1 2 3 4 }
}

/// dx and dw, of which dw may be empty, and w where there is no dx: see [`crate::kernel::conv2d_backward_at_winners`].
pub(in crate::kernel) fn conv2d_backward_at_winners<T: Scalar>(
    g: &Conv2dGeometry,
    pool: &Pool2dGeometry,
    marks: &[u8],
    x: &[T],
    w: &[T],
    dy: &[T],
    dx: Option<&mut [T]>,
    dw: &mut [T],
) {
    let dx = dx.unwrap_or_default();
    dx.fill(T::ZERO);
    let windows = pool.output[0] * pool.output[1];
    if super::conv::is_empty(g) || windows == 0 {
        return;
    }
    let (Some(group_c), Some(group_f)) = (g.c.checked_div(g.groups), g.f.checked_div(g.groups)) else { return };
    let (len, taps) = (group_c * g.input[0] * g.input[1], group_c * g.kernel[0] * g.kernel[1]);
    for (plane, (marks, dy)) in marks.chunks_exact(windows).zip(dy.chunks_exact(windows)).enumerate() {
        let (Some(images), Some(f)) = (plane.checked_div(group_f), plane.checked_rem(g.f)) else { return };
        let mut filter = Filter {
            g,
            x: part(x, images * len, len),
            dx: dx.get_mut(images * len..(images + 1) * len).unwrap_or_default(),
            w: w.get(f * taps..(f + 1) * taps).unwrap_or_default(),
            dw: dw.get_mut(f * taps..(f + 1) * taps).unwrap_or_default(),
        };
        // Those whose columns lie on the plane from the front, the others from the back.
        let mut winners = [Winner { cell: 0, column: 0, dy: T::ZERO }; COUNT];
        let (mut whole, mut clipped) = (0, COUNT);
        for (window, (&mark, &dy)) in marks.iter().zip(dy).enumerate() {
            let columns = pool.output[1].max(1);
            let Some([i, j]) = pool.place([window / columns, window % columns], mark.into()) else {
                continue;
            };
            if dy == T::ZERO {
                continue;
            }
            let row = (i * g.stride[0]).wrapping_sub(g.padding[0]);
            let column = (j * g.stride[1]).wrapping_sub(g.padding[1]);
            let last = column.wrapping_add((g.kernel[1] - 1) * g.dilation[1]);
            let is_whole = column <= last && last < g.input[1];
            clipped -= usize::from(!is_whole);
            if let Some(winner) = winners.get_mut(if is_whole { whole } else { clipped }) {
                *winner = Winner { cell: row.wrapping_mul(g.input[1]).wrapping_add(column), column, dy };
            }
            whole += usize::from(is_whole);
            if whole == clipped {
                filter.visit(winners.get(..whole).unwrap_or_default(), true);
                filter.visit(winners.get(clipped..).unwrap_or_default(), false);
                (whole, clipped) = (0, COUNT);
            }
        }
        filter.visit(winners.get(..whole).unwrap_or_default(), true);
        filter.visit(winners.get(clipped..).unwrap_or_default(), false);
    }
}
