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
//! - The columns of a kernel come in pieces of 5, 3 and 1: a constant, so that the sums stay in registers. Where the
//!   columns reach into the padding, or stand apart, they come one by one.

use super::{after, after_mut, part, stay_rolled};
use crate::kernel::{Conv2dGeometry, Pool2dGeometry};
use crate::tensor::Scalar;

/// Winners that are visited together, the same everywhere, as the bits depend on it.
const COUNT: usize = 32;

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
        let (mut v, columns) = (0, self.g.kernel[1]);
        if is_whole && self.g.dilation[1] == 1 {
            while v + 5 <= columns {
                self.add::<5>(v, winners);
                v += 5;
            }
            if v + 3 <= columns {
                self.add::<3>(v, winners);
                v += 3;
            }
        }
        while v < columns {
            self.add::<1>(v, winners);
            v += 1;
        }
    }

    /// The columns `v..v + KW`: neighbours, which lie on the plane or, if it is one, may not.
    #[inline(never)]
    fn add<const KW: usize>(&mut self, v: usize, winners: &[Winner<T>]) {
        let ([height, width], [kh, kw]) = (self.g.input, self.g.kernel);
        let (mut plane, mut row) = (0, 0);
        for _ in 0..self.g.c.checked_div(self.g.groups).unwrap_or(0) {
            for u in 0..kh {
                let right = v * self.g.dilation[1];
                let apart = (u * self.g.dilation[0] * width).wrapping_add(right);
                // The first cell of a winner in this row, on the plane: beyond it if the row or the column is.
                let at = |winner: &Winner<T>| match KW > 1 || winner.column.wrapping_add(right) < width {
                    true => winner.cell.wrapping_add(apart),
                    false => usize::MAX,
                };
                if let Some(dw) = after_mut(self.dw, row * kw + v).first_chunk_mut::<KW>() {
                    let (x, zeros, mut sums) = (after(self.x, plane), [T::ZERO; KW], [T::ZERO; KW]);
                    let x = x.get(..height * width).unwrap_or_default();
                    for winner in winners {
                        stay_rolled();
                        // The padding is zeros, which are multiplied.
                        let x = x.get(at(winner)..).and_then(|x| x.first_chunk()).unwrap_or(&zeros);
                        add_scaled(&mut sums, x, winner.dy);
                    }
                    add(dw, &sums);
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

/// sums += x, written out.
#[inline(always)]
fn add<T: Scalar, const KW: usize>(sums: &mut [T; KW], x: &[T; KW]) {
    macro_rules! columns {
        ($($v:literal)*) => { $(
            if $v < KW {
                sums[$v] += x[$v];
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
