//! One large convolution on several threads, with the bits of one thread.
//!
//! | | shares |
//! |---|---|
//! | several images | images |
//! | groups | groups of filters |
//! | else, at a vector level | rows of y, or filters, with the blocks of the whole: see `simd/conv/tiles` |
//! | else, at the portable level | filters |

use super::check::check_lengths;
use super::portable::conv::is_wild;
use super::{Conv2dGeometry, Level, entry};
use crate::tensor::Scalar;

/// Multiply-adds of a share, at least: below, waking a thread takes longer than the arithmetic.
const LEAST: usize = 1 << 20;

impl Level {
    /// [`conv2d`](super::conv2d) on several threads, to the same bits; overwrites `y`. See [`conv2d_parallel`].
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut y = [0; 3];
    /// Level::PORTABLE.conv2d_parallel(&g, &[1, 2, 3, 4], &[10, 1], Some(&[100]), &mut y);
    /// assert_eq!(y, [112, 123, 134]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_parallel<T: Scalar>(self, g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
        let shares = threads().min(g.macs() / LEAST);
        self.conv2d_in_shares(shares, g, x, w, b, y);
    }

    /// [`conv2d_parallel`] in as many shares as asked for, if there are so many images, rows or filters.
    #[doc(hidden)]
    pub fn conv2d_in_shares<T: Scalar>(
        self,
        shares: usize,
        g: &Conv2dGeometry,
        x: &[T],
        w: &[T],
        b: Option<&[T]>,
        y: &mut [T],
    ) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.f; b);
        check_lengths!(g.y_len(); y);
        let (c, f, plane) = (g.c / g.groups, g.f / g.groups, g.output[0] * g.output[1]);
        let (x_image, y_image, w_filter) = (g.x_len() / g.n.max(1), g.y_len() / g.n.max(1), w.len() / g.f.max(1));
        if shares < 2 || g.macs() == 0 || x_image == 0 {
            self.conv2d(g, x, w, b, y);
        } else if g.n > 1 {
            let n = g.n.div_ceil(shares);
            for_each(x.chunks(n * x_image).zip(y.chunks_mut(n * y_image)), |(x, y)| {
                self.conv2d(&Conv2dGeometry { n: x.len() / x_image, ..*g }, x, w, b, y);
            });
        } else if (g.groups > 1 || self == Level::PORTABLE) && is_wild(w) {
            // What is infinite decides about the way of all filters.
            self.conv2d(g, x, w, b, y);
        } else if g.groups > 1 {
            let groups = g.groups.div_ceil(shares);
            let x = x.chunks(groups * c * g.input[0] * g.input[1]);
            let (w, y) = (w.chunks(groups * f * w_filter), y.chunks_mut(groups * f * plane));
            for_each(x.zip(w).zip(y).enumerate(), |(i, ((x, w), y))| {
                let groups = w.len() / (f * w_filter);
                let b = b.map(|b| &b[i * f * g.groups.div_ceil(shares)..][..groups * f]);
                self.conv2d(&Conv2dGeometry { c: groups * c, f: groups * f, groups, ..*g }, x, w, b, y);
            });
        } else if self == Level::PORTABLE {
            let filters = f.div_ceil(shares);
            let (w, y) = (w.chunks(filters * w_filter), y.chunks_mut(filters * plane));
            for_each(w.zip(y).enumerate(), |(i, (w, y))| {
                let f = w.len() / w_filter;
                let b = b.map(|b| &b[i * filters..][..f]);
                self.conv2d(&Conv2dGeometry { f, ..*g }, x, w, b, y);
            });
        } else if !entry::conv2d_in_shares(self, g, x, w, b, y, shares, &|count, share| for_each(0..count, share)) {
            self.conv2d(g, x, w, b, y);
        }
    }
}

/// [`conv2d`](super::conv2d) on several threads, to the same bits; overwrites `y`.
///
/// With the feature `parallel`, the calling thread and those of the current `rayon` pool share images, groups, rows or
/// filters, if there is work for them: a convolution of less than two million multiply-adds stays on one thread. Without
/// it, this is [`conv2d`](super::conv2d).
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d, conv2d_parallel};
///
/// let g = Conv2dGeometry::new([1, 16, 34, 34], [32, 3, 3], [32, 32]);
/// let (x, w) = (vec![0.5_f32; 16 * 34 * 34], vec![0.1; 32 * 16 * 9]);
/// let (mut y, mut same) = (vec![0.0; 32 * 32 * 32], vec![1.0; 32 * 32 * 32]);
/// conv2d(&g, &x, &w, None, &mut y);
/// conv2d_parallel(&g, &x, &w, None, &mut same);
/// assert_eq!(y, same);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d_parallel<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    Level::current().conv2d_parallel(g, x, w, b, y);
}

/// How many threads there are.
#[cfg(feature = "parallel")]
fn threads() -> usize {
    rayon::current_num_threads()
}

/// Runs `f` on each share: the first one here, the others on the threads of the current pool.
#[cfg(feature = "parallel")]
fn for_each<I: Send>(mut shares: impl Iterator<Item = I>, f: impl Fn(I) + Sync) {
    rayon::in_place_scope(|scope| {
        let (own, f) = (shares.next(), &f);
        shares.for_each(|share| scope.spawn(move |_| f(share)));
        own.into_iter().for_each(f);
    });
}

#[cfg(not(feature = "parallel"))]
fn threads() -> usize {
    1
}

#[cfg(not(feature = "parallel"))]
fn for_each<I>(shares: impl Iterator<Item = I>, f: impl Fn(I)) {
    shares.for_each(f);
}
