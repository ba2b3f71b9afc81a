//! Batch normalisation: each channel is shifted and scaled by its mean and variance.
//!
//! ```text
//! planes:                            for each channel: visit its planes
//! single cells, x a matrix (N, C):   for each few columns: visit all rows
//! ```

use super::math::from_fn;
use core::ops::Range;

use super::ChannelGeometry;
use super::check::check_lengths;
use super::math::{sum, sum_of, sum_of_rows_of};
use super::portable::IS_SMALL;
use crate::tensor::Real;

/// Columns that are visited together where channels are single cells.
const COLUMNS: usize = 8;

impl ChannelGeometry {
    /// Where the planes of a channel lie.
    fn planes(&self, channel: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let (c, plane) = (self.c, self.plane);
        (0..self.n).map(move |n| (n * c + channel) * plane..(n * c + channel + 1) * plane)
    }

    /// Whether channels are visited as columns; on microcontrollers they are planes of one cell, which is less code.
    fn is_matrix(&self) -> bool {
        self.plane == 1 && !IS_SMALL
    }

    /// The channels, a few columns at a time.
    fn columns(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let c = self.c;
        (0..c).step_by(COLUMNS).map(move |first| first..c.min(first + COLUMNS))
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
    if g.is_matrix() {
        for columns in g.columns() {
            let means: [T; COLUMNS] = sum_of_rows_of([x], g.c, columns.start, |_, [x]| x).map(|sum| sum / g.count());
            let squares = |c: usize, [x]: [T; 1]| (x - means[c]) * (x - means[c]);
            let vars: [T; COLUMNS] = sum_of_rows_of([x], g.c, columns.start, squares).map(|sum| sum / g.count());
            mean[columns.clone()].copy_from_slice(&means[..columns.len()]);
            var[columns.clone()].copy_from_slice(&vars[..columns.len()]);
        }
        return;
    }
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
    if g.is_matrix() {
        y.copy_from_slice(x);
        return norm_columns(g, eps, [mean, var], [w, b], y);
    }
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
    if g.is_matrix() {
        return norm_columns(g, eps, [mean, var], [w, b], y);
    }
    for c in 0..g.c {
        let scale = w[c] / (var[c] + eps).sqrt();
        for plane in g.planes(c) {
            for y in &mut y[plane] {
                *y = (*y - mean[c]) * scale + b[c];
            }
        }
    }
}

/// [`batch_norm_in_place`] of a matrix.
fn norm_columns<T: Real>(g: &ChannelGeometry, eps: T, [mean, var]: [&[T]; 2], [w, b]: [&[T]; 2], y: &mut [T]) {
    for columns in g.columns() {
        let [mean, var, w, b] = [mean, var, w, b].map(|of| &of[columns.clone()]);
        let scales: [T; COLUMNS] = from_fn(|k| if k < w.len() { w[k] / (var[k] + eps).sqrt() } else { T::ZERO });
        for row in y.chunks_exact_mut(g.c) {
            for (((y, &mean), &scale), &b) in row[columns.clone()].iter_mut().zip(mean).zip(&scales).zip(b) {
                *y = (*y - mean) * scale + b;
            }
        }
    }
}

/// What dx takes from a channel.
#[derive(Clone, Copy)]
struct Channel<T> {
    mean: T,
    /// 1/√(var + eps)
    inverse: T,
    /// w/√(var + eps)
    scale: T,
    /// Σ dy / (N·H·W)
    mean_dy: T,
    /// Σ dy · x̂ / (N·H·W)
    mean_product: T,
}

/// Adds the gradients of the parameters, dw\[c\] += Σ dy · x̂ and db\[c\] += Σ dy with x̂ = (x − mean) / √(var + eps), and
/// overwrites dx, where it is asked for, with `f(channel, dy, x)`.
#[allow(clippy::too_many_arguments)]
fn backward<T: Real>(
    g: &ChannelGeometry,
    eps: T,
    x: &[T],
    [mean, var]: [&[T]; 2],
    w: &[T],
    dy: &[T],
    mut dx: Option<&mut [T]>,
    [dw, db]: [&mut [T]; 2],
    f: impl Fn(&Channel<T>, T, T) -> T,
) {
    check_lengths!(g.x_len(); x dy dx);
    check_lengths!(g.c; mean var w dw db);
    let (inverse, count) = (|c: usize| T::ONE / (var[c] + eps).sqrt(), g.count::<T>());
    let channel = |c: usize, inverse: T, sum: T, product: T| Channel {
        mean: mean[c],
        inverse,
        scale: w[c] * inverse,
        mean_dy: sum / count,
        mean_product: product / count,
    };
    if g.is_matrix() {
        for columns in g.columns() {
            let first = columns.start;
            // Columns that are not there are those of the last channel.
            let at = |k: usize| (first + k).min(g.c - 1);
            let (means, inverses): ([T; COLUMNS], [T; COLUMNS]) =
                (from_fn(|k| mean[at(k)]), from_fn(|k| inverse(at(k))));
            let sums: [T; COLUMNS] = sum_of_rows_of([dy], g.c, first, |_, [dy]| dy);
            let of_x = |k: usize, [dy, x]: [T; 2]| dy * ((x - means[k]) * inverses[k]);
            let products: [T; COLUMNS] = sum_of_rows_of([dy, x], g.c, first, of_x);
            db[columns.clone()].iter_mut().zip(sums).for_each(|(db, sum)| *db += sum);
            dw[columns.clone()].iter_mut().zip(products).for_each(|(dw, product)| *dw += product);
            let Some(dx) = dx.as_deref_mut() else { continue };
            let channels: [_; COLUMNS] = from_fn(|k| channel(at(k), inverses[k], sums[k], products[k]));
            let rows = dx.chunks_exact_mut(g.c).zip(dy.chunks_exact(g.c).zip(x.chunks_exact(g.c)));
            for (dx, (dy, x)) in rows {
                let [dy, x] = [dy, x].map(|of| &of[columns.clone()]);
                for (((dx, &dy), &x), of) in dx[columns.clone()].iter_mut().zip(dy).zip(x).zip(&channels) {
                    *dx = f(of, dy, x);
                }
            }
        }
        return;
    }
    for c in 0..g.c {
        let (mean, inverse) = (mean[c], inverse(c));
        let sum = g.sum(c, |plane| sum_of([&dy[plane]], |[dy]| dy));
        let of_x = |[dy, x]: [T; 2]| dy * ((x - mean) * inverse);
        let product = g.sum(c, |plane| sum_of([&dy[plane.clone()], &x[plane]], of_x));
        db[c] += sum;
        dw[c] += product;
        let Some(dx) = dx.as_deref_mut() else { continue };
        let channel = channel(c, inverse, sum, product);
        for plane in g.planes(c) {
            for ((dx, &dy), &x) in dx[plane.clone()].iter_mut().zip(&dy[plane.clone()]).zip(&x[plane]) {
                *dx = f(&channel, dy, x);
            }
        }
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
    statistics: [&[T]; 2],
    w: &[T],
    dy: &[T],
    dx: Option<&mut [T]>,
    parameters: [&mut [T]; 2],
) {
    backward(g, eps, x, statistics, w, dy, dx, parameters, |of, dy, x| {
        of.scale * (dy - of.mean_dy - (x - of.mean) * of.inverse * of.mean_product)
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
    dx: Option<&mut [T]>,
    parameters: [&mut [T]; 2],
) {
    backward(g, eps, x, statistics, w, dy, dx, parameters, |of, dy, _| of.scale * dy);
}
