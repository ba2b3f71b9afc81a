//! Batch normalisation: each channel is shifted and scaled by its mean and variance.

use core::ops::Range;

use super::ChannelGeometry;
use super::check::check_lengths;
use super::math::{sum, sum_of};
use crate::tensor::Real;

impl ChannelGeometry {
    /// Where the planes of a channel lie.
    fn planes(&self, channel: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let (c, plane) = (self.c, self.plane);
        (0..self.n).map(move |n| (n * c + channel) * plane..(n * c + channel + 1) * plane)
    }

    /// N·H·W as a `T`.
    fn count<T: Real>(&self) -> T {
        // A batch that fits into memory has a count that every real type can hold, if rounded.
        T::from_usize(self.n * self.plane).unwrap_or(T::ONE)
    }

    /// The sum over a channel, given those of its planes.
    fn sum<T: Real>(&self, channel: usize, of_plane: impl Fn(Range<usize>) -> T) -> T {
        sum(self.planes(channel).map(of_plane))
    }
}

/// mean\[c\] and var\[c\] = Σ (x − mean\[c\])² / (N·H·W) of each channel; overwrites both.
///
/// ```
/// use constconv::kernel::{ChannelGeometry, batch_statistics};
/// // Two channels of two elements each.
/// let g = ChannelGeometry::new(1, 2, 2);
/// let (mut mean, mut var) = ([0.0; 2], [0.0; 2]);
/// batch_statistics(&g, &[1.0, 3.0, 5.0, 5.0], &mut mean, &mut var);
/// assert_eq!((mean, var), ([2.0, 5.0], [1.0, 0.0]));
/// ```
pub fn batch_statistics<T: Real>(g: &ChannelGeometry, x: &[T], mean: &mut [T], var: &mut [T]) {
    check_lengths!(g.x_len(); x);
    check_lengths!(g.c; mean var);
    for (c, (mean, var)) in mean.iter_mut().zip(var).enumerate() {
        *mean = g.sum(c, |plane| sum_of([&x[plane]], |[x]| x)) / g.count();
        let mean = *mean;
        *var = g.sum(c, |plane| sum_of([&x[plane]], |[x]| (x - mean) * (x - mean))) / g.count();
    }
}

/// y = (x − mean\[c\]) / √(var\[c\] + eps) · w\[c\] + b\[c\]; overwrites `y`.
///
/// ```
/// use constconv::kernel::{ChannelGeometry, batch_norm};
/// let g = ChannelGeometry::new(1, 1, 3);
/// let mut y = [0.0; 3];
/// // mean 2, variance 4, w 10, b 1, eps 0
/// batch_norm(&g, 0.0, &[0.0, 2.0, 4.0], [&[2.0], &[4.0]], [&[10.0], &[1.0]], &mut y);
/// assert_eq!(y, [-9.0, 1.0, 11.0]);
/// ```
pub fn batch_norm<T: Real>(
    g: &ChannelGeometry,
    eps: T,
    x: &[T],
    [mean, var]: [&[T]; 2],
    [w, b]: [&[T]; 2],
    y: &mut [T],
) {
    check_lengths!(g.x_len(); x y);
    check_lengths!(g.c; mean var w b);
    for c in 0..g.c {
        let scale = w[c] / (var[c] + eps).sqrt();
        for plane in g.planes(c) {
            for (y, &x) in y[plane.clone()].iter_mut().zip(&x[plane]) {
                *y = (x - mean[c]) * scale + b[c];
            }
        }
    }
}

/// [`batch_norm`] where x lies: the same bits.
pub(crate) fn batch_norm_in_place<T: Real>(
    g: &ChannelGeometry,
    eps: T,
    [mean, var]: [&[T]; 2],
    [w, b]: [&[T]; 2],
    y: &mut [T],
) {
    check_lengths!(g.x_len(); y);
    check_lengths!(g.c; mean var w b);
    for c in 0..g.c {
        let scale = w[c] / (var[c] + eps).sqrt();
        for plane in g.planes(c) {
            for y in &mut y[plane] {
                *y = (*y - mean[c]) * scale + b[c];
            }
        }
    }
}

/// Adds the gradients of the parameters, dw\[c\] += Σ dy · x̂ and db\[c\] += Σ dy with x̂ = (x − mean) / √(var + eps),
/// and hands each channel to `dx` with 1/√(var + eps) and the two sums.
#[allow(clippy::too_many_arguments)]
fn for_each_channel<T: Real>(
    g: &ChannelGeometry,
    eps: T,
    x: &[T],
    [mean, var]: [&[T]; 2],
    dy: &[T],
    [dw, db]: [&mut [T]; 2],
    mut dx: impl FnMut(usize, T, [T; 2]),
) {
    check_lengths!(g.x_len(); x dy);
    check_lengths!(g.c; mean var dw db);
    for c in 0..g.c {
        let inverse = T::ONE / (var[c] + eps).sqrt();
        let of_dy = g.sum(c, |plane| sum_of([&dy[plane]], |[dy]| dy));
        let of_products = g.sum(c, |plane| {
            let mean = mean[c];
            sum_of([&dy[plane.clone()], &x[plane]], |[dy, x]| dy * ((x - mean) * inverse))
        });
        db[c] += of_dy;
        dw[c] += of_products;
        dx(c, inverse, [of_dy, of_products]);
    }
}

/// The gradients of [`batch_norm`] where mean and var are those of `x`, with x̂ = (x − mean) / √(var + eps):
///
/// dw\[c\] += Σ dy · x̂, db\[c\] += Σ dy,
/// dx = w / √(var + eps) · (dy − (Σ dy + x̂ · Σ dy · x̂) / (N·H·W)); overwrites `dx`.
///
/// ```
/// use constconv::kernel::{ChannelGeometry, batch_norm_train_backward};
/// let g = ChannelGeometry::new(1, 1, 4);
/// let (x, mean, var, w) = ([0.0, 0.0, 2.0, 2.0], [1.0], [1.0], [1.0]); // x̂ is −1, −1, 1, 1
/// let (dy, mut dx, mut dw, mut db) = ([4.0, 0.0, 0.0, 0.0], [9.0; 4], [0.0], [0.0]);
/// batch_norm_train_backward(&g, 0.0, &x, [&mean, &var], &w, &dy, Some(&mut dx), [&mut dw, &mut db]);
/// assert_eq!((dw, db), ([-4.0], [4.0]));
/// assert_eq!(dx, [2.0, -2.0, 0.0, 0.0]);
/// ```
#[allow(clippy::too_many_arguments)]
pub fn batch_norm_train_backward<T: Real>(
    g: &ChannelGeometry,
    eps: T,
    x: &[T],
    [mean, var]: [&[T]; 2],
    w: &[T],
    dy: &[T],
    mut dx: Option<&mut [T]>,
    parameters: [&mut [T]; 2],
) {
    check_lengths!(g.c; w);
    check_lengths!(g.x_len(); dx);
    for_each_channel(g, eps, x, [mean, var], dy, parameters, |c, inverse, [sum, product]| {
        if let Some(dx) = dx.as_deref_mut() {
            let (mean_sum, mean_product) = (sum / g.count(), product / g.count());
            for i in g.planes(c).flatten() {
                dx[i] = w[c] * inverse * (dy[i] - mean_sum - (x[i] - mean[c]) * inverse * mean_product);
            }
        }
    });
}

/// The gradients of [`batch_norm`] where mean and var do not depend on `x`: dw and db as in
/// [`batch_norm_train_backward`], dx = w / √(var + eps) · dy; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{ChannelGeometry, batch_norm_backward};
/// let g = ChannelGeometry::new(1, 1, 2);
/// let (x, mean, var, w) = ([1.0, 3.0], [2.0], [4.0], [10.0]);
/// let (mut dx, mut dw, mut db) = ([0.0; 2], [0.0], [0.0]);
/// batch_norm_backward(&g, 0.0, &x, [&mean, &var], &w, &[5.0, 9.0], Some(&mut dx), [&mut dw, &mut db]);
/// assert_eq!((dw, db), ([2.0], [14.0])); // x̂ is −½, ½
/// assert_eq!(dx, [25.0, 45.0]); // dy · 10/2
/// ```
#[allow(clippy::too_many_arguments)]
pub fn batch_norm_backward<T: Real>(
    g: &ChannelGeometry,
    eps: T,
    x: &[T],
    statistics: [&[T]; 2],
    w: &[T],
    dy: &[T],
    mut dx: Option<&mut [T]>,
    parameters: [&mut [T]; 2],
) {
    check_lengths!(g.c; w);
    check_lengths!(g.x_len(); dx);
    for_each_channel(g, eps, x, statistics, dy, parameters, |c, inverse, _| {
        if let Some(dx) = dx.as_deref_mut() {
            for i in g.planes(c).flatten() {
                dx[i] = w[c] * inverse * dy[i];
            }
        }
    });
}
