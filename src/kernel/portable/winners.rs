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

use crate::kernel::{Conv2dGeometry, Pool2dGeometry};
use crate::tensor::Scalar;

/// Winners that are visited together, the same everywhere, as the bits depend on it.
const COUNT: usize = 32;

/// Where the window of an output of the convolution begins, in cells of x that wrap around if they are none, and dy.
#[derive(Clone, Copy)]
struct Winner<T> {
    row: usize,
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
        for row in 0..self.g.c / self.g.groups * kh {
            let (plane, u) = (row / kh * height * width, row % kh);
            let w: [T; KW] = self.w.get(row * kw + v..).and_then(|w| w.first_chunk()).copied().unwrap_or([T::ZERO; KW]);
            let (zeros, mut sums) = ([T::ZERO; KW], [T::ZERO; KW]);
            for &Winner { row, column, dy } in winners {
                let row = row.wrapping_add(u * self.g.dilation[0]);
                let column = column.wrapping_add(v * self.g.dilation[1]);
                let is_inside = row < height && column < width;
                let at = if is_inside { plane + row * width + column } else { usize::MAX };
                // The padding is zeros, which are multiplied.
                let x = self.x.get(at..).and_then(|x| x.first_chunk()).unwrap_or(&zeros);
                sums.iter_mut().zip(x).for_each(|(sum, &x)| *sum += dy * x);
                if let Some(dx) = self.dx.get_mut(at..).and_then(|dx| dx.first_chunk_mut::<KW>()) {
                    dx.iter_mut().zip(w).for_each(|(dx, w)| *dx += dy * w);
                }
            }
            if let Some(dw) = self.dw.get_mut(row * kw + v..) {
                dw.iter_mut().zip(sums).for_each(|(dw, sum)| *dw += sum);
            }
        }
    }
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
    if g.macs() == 0 || windows == 0 {
        return;
    }
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    let (len, taps) = (group_c * g.input[0] * g.input[1], group_c * g.kernel[0] * g.kernel[1]);
    for (plane, (marks, dy)) in marks.chunks_exact(windows).zip(dy.chunks_exact(windows)).enumerate() {
        let (images, f) = (plane / group_f, plane % g.f);
        let mut filter = Filter {
            g,
            x: &x[images * len..][..len],
            dx: dx.get_mut(images * len..(images + 1) * len).unwrap_or_default(),
            w: w.get(f * taps..(f + 1) * taps).unwrap_or_default(),
            dw: dw.get_mut(f * taps..(f + 1) * taps).unwrap_or_default(),
        };
        // Those whose columns lie on the plane from the front, the others from the back.
        let mut winners = [Winner { row: 0, column: 0, dy: T::ZERO }; COUNT];
        let (mut whole, mut clipped) = (0, COUNT);
        for (window, (&mark, &dy)) in marks.iter().zip(dy).enumerate() {
            let Some([i, j]) = pool.place([window / pool.output[1], window % pool.output[1]], mark.into()) else {
                continue;
            };
            if dy == T::ZERO {
                continue;
            }
            let [row, column] = [(0, i), (1, j)].map(|(axis, o)| (o * g.stride[axis]).wrapping_sub(g.padding[axis]));
            let last = column.wrapping_add((g.kernel[1] - 1) * g.dilation[1]);
            let is_whole = column <= last && last < g.input[1];
            clipped -= usize::from(!is_whole);
            winners[if is_whole { whole } else { clipped }] = Winner { row, column, dy };
            whole += usize::from(is_whole);
            if whole == clipped {
                filter.visit(&winners[..whole], true);
                filter.visit(&winners[clipped..], false);
                (whole, clipped) = (0, COUNT);
            }
        }
        filter.visit(&winners[..whole], true);
        filter.visit(&winners[clipped..], false);
    }
}
