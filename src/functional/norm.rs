//! Batch normalisation of feature maps, signals and rows of features.

use super::Convolution;
use crate::kernel::{self, ChannelGeometry, math::number};
use crate::shape::HasChannels;
use crate::tensor::{Real, Vector};

/// The sizes of a normalisation, for the kernels.
const fn geometry<T: Real, const C: usize, X: HasChannels<T, C>>() -> ChannelGeometry {
    ChannelGeometry { n: X::BATCH, c: C, plane: X::PLANE }
}

/// Writes to `folded` the convolution that does what `conv` and the [`batch_norm()`] after it do.
pub(crate) fn fold_batch_norm<T: Real, const C: usize, L: Convolution<Scalar = T>>(
    conv: &L,
    [mean, var]: [&Vector<T, C>; 2],
    [w, b]: [&Vector<T, C>; 2],
    eps: f64,
    folded: &mut L::WithBias,
) {
    let scale = |f: usize| w[[f]] / (var[[f]] + number(eps)).sqrt();
    let filter = conv.filters().len() / C.max(1);
    let from = conv.filters().chunks_exact(filter.max(1));
    let (filters, bias) = folded.parameters_mut();
    for (f, (folded, from)) in filters.chunks_exact_mut(filter.max(1)).zip(from).enumerate() {
        let scale = scale(f);
        folded.iter_mut().zip(from).for_each(|(folded, &w)| *folded = w * scale);
    }
    for (f, folded) in bias.into_iter().flatten().enumerate() {
        let of_conv = conv.bias().map_or(T::ZERO, |b| b[f]);
        *folded = (of_conv - mean[[f]]) * scale(f) + b[[f]];
    }
}

/// The backward pass for functions and layers; `FIXED` says that the statistics do not depend on x. Overwrites dx, where it
/// is asked for, and adds to the gradients of the parameters.
pub(crate) fn batch_norm_backward_by<const FIXED: bool, T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    statistics: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
    dx: Option<&mut X>,
    parameters: [&mut Vector<T, C>; 2],
) {
    let kernel = if FIXED { kernel::batch_norm_backward } else { kernel::batch_norm_train_backward };
    kernel(
        const { &geometry::<T, C, X>() },
        number(eps),
        x.as_slice(),
        statistics.map(Vector::as_slice),
        w.as_slice(),
        dy.as_slice(),
        dx.map(X::as_mut_slice),
        parameters.map(Vector::as_mut_slice),
    );
}

/// Mean and variance of each channel of a feature map, a signal or rows of features, by value: what [`BatchNorm2d`](crate::layer::BatchNorm2d)
/// normalises by in training. var\[c\] = Σ (x − mean\[c\])² / (N·H·W). PyTorch: `var_mean(x, (0, 2, 3), correction=0)`.
///
/// ```
/// use constconv::functional::{batch_norm, batch_statistics};
/// use constconv::prelude::*;
///
/// let x = Tensor::new([[[[1.0, 3.0], [5.0, 7.0]]]]);
/// let (mean, var) = batch_statistics(&x);
/// assert_eq!((&mean, &var), (&Vector::new([4.0]), &Vector::new([5.0])));
/// // BatchNorm2d in training, with momentum and the running statistics left to the caller:
/// let y = batch_norm(&x, [&mean, &var], [&Vector::full(1.0), &Vector::zeros()], 0.0);
/// assert!((y[[0, 0, 1, 1]] - 3.0 / 5.0_f64.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn batch_statistics<T: Real, const C: usize, X: HasChannels<T, C>>(x: &X) -> (Vector<T, C>, Vector<T, C>) {
    let (mut mean, mut var) = (Vector::zeros(), Vector::zeros());
    batch_statistics_into(x, &mut mean, &mut var);
    (mean, var)
}

/// As [`batch_statistics`], overwriting `mean` and `var`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_statistics_into;
/// let (mut mean, mut var) = (Vector::zeros(), Vector::zeros());
/// batch_statistics_into(&Tensor::new([[[[1.0, 3.0], [5.0, 7.0]]]]), &mut mean, &mut var);
/// assert_eq!((mean, var), (Vector::new([4.0]), Vector::new([5.0])));
/// ```
pub fn batch_statistics_into<T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    mean: &mut Vector<T, C>,
    var: &mut Vector<T, C>,
) {
    kernel::batch_statistics(const { &geometry::<T, C, X>() }, x.as_slice(), mean.as_mut_slice(), var.as_mut_slice());
}

/// [`BatchNorm2d`](crate::layer::BatchNorm2d) as a function, by value: y = (x − mean) / √(var + eps) · w + b. PyTorch: `functional.batch_norm`.
///
/// ```
/// use constconv::functional::batch_norm;
/// use constconv::prelude::*;
///
/// let (mean, var) = (Vector::new([3.0]), Vector::new([4.0]));
/// let y = batch_norm(&Signal::new([[[3.0, 5.0]]]), [&mean, &var], [&Vector::full(2.0), &Vector::full(1.0)], 0.0);
/// assert_eq!(y, Signal::new([[[1.0, 3.0]]]));
/// ```
#[must_use]
pub fn batch_norm<T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    [w, b]: [&Vector<T, C>; 2],
    eps: f64,
) -> X {
    let mut y = X::ZERO;
    batch_norm_into(x, [mean, var], [w, b], eps, &mut y);
    y
}

/// As [`batch_norm()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_norm_into;
/// let [mean, var, w, b] = [3.0, 4.0, 2.0, 1.0].map(Vector::full);
/// let mut y = Signal::zeros();
/// batch_norm_into(&Signal::new([[[3.0, 5.0]]]), [&mean, &var], [&w, &b], 0.0, &mut y);
/// assert_eq!(y, Signal::new([[[1.0, 3.0]]]));
/// ```
pub fn batch_norm_into<T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    [w, b]: [&Vector<T, C>; 2],
    eps: f64,
    y: &mut X,
) {
    let (statistics, affine) = ([mean.as_slice(), var.as_slice()], [w.as_slice(), b.as_slice()]);
    kernel::batch_norm(
        const { &geometry::<T, C, X>() },
        number(eps),
        x.as_slice(),
        statistics,
        affine,
        y.as_mut_slice(),
    );
}

/// [`batch_norm_into`] where x lies: planes of `plane` elements, the first of which is of channel 0.
pub(crate) fn batch_norm_in_place<T: Real, const C: usize>(
    plane: usize,
    [mean, var]: [&Vector<T, C>; 2],
    [w, b]: [&Vector<T, C>; 2],
    eps: f64,
    y: &mut [T],
) {
    let (statistics, affine) = ([mean.as_slice(), var.as_slice()], [w.as_slice(), b.as_slice()]);
    let g = ChannelGeometry::new(y.len() / (plane * C).max(1), C, plane);
    kernel::batch_norm_in_place(&g, number(eps), statistics, affine, y);
}

/// The gradients (dx, dw, db) of [`batch_norm()`] where mean and variance do not depend on x, by value; as
/// [`FixedStatistics`](crate::shape::FixedStatistics).
///
/// ```
/// use constconv::functional::batch_norm_backward;
/// use constconv::prelude::*;
///
/// let (x, dy) = (Signal::new([[[3.0, 5.0]]]), Signal::new([[[1.0, 10.0]]]));
/// let (mean, var, w) = (Vector::new([3.0]), Vector::new([4.0]), Vector::new([2.0]));
/// let (dx, dw, db) = batch_norm_backward(&x, [&mean, &var], &w, 0.0, &dy);
/// assert_eq!((dx, dw, db), (dy, Vector::new([10.0]), Vector::new([11.0])));
/// ```
#[must_use]
pub fn batch_norm_backward<T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
) -> (X, Vector<T, C>, Vector<T, C>) {
    let (mut dx, mut dw, mut db) = (X::ZERO, Vector::zeros(), Vector::zeros());
    batch_norm_backward_into(x, [mean, var], w, eps, dy, &mut dx, [&mut dw, &mut db]);
    (dx, dw, db)
}

/// As [`batch_norm_backward`]: overwrites `dx`, adds to `dw` and `db`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_norm_backward_into;
/// let (x, dy) = (Signal::new([[[3.0, 5.0]]]), Signal::new([[[1.0, 10.0]]]));
/// let [mean, var, w] = [3.0, 4.0, 6.0].map(Vector::full);
/// let (mut dx, mut dw, mut db) = (Signal::zeros(), Vector::zeros(), Vector::full(100.0));
/// batch_norm_backward_into(&x, [&mean, &var], &w, 0.0, &dy, &mut dx, [&mut dw, &mut db]);
/// assert_eq!((dx, dw, db), (Signal::new([[[3.0, 30.0]]]), Vector::new([10.0]), Vector::new([111.0])));
/// ```
pub fn batch_norm_backward_into<T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
    dx: &mut X,
    [dw, db]: [&mut Vector<T, C>; 2],
) {
    batch_norm_backward_by::<true, _, C, _>(x, [mean, var], w, eps, dy, Some(dx), [dw, db]);
}

/// The gradients (dx, dw, db) of [`batch_norm()`] where mean and variance are those of x, by value; as
/// [`BatchStatistics`](crate::shape::BatchStatistics).
///
/// ```
/// use constconv::functional::{batch_norm_train_backward, batch_statistics};
/// use constconv::prelude::*;
///
/// let x = Signal::new([[[3.0, 5.0]]]);
/// let (mean, var) = batch_statistics(&x);
/// let dy = Signal::full(7.0); // a gradient that is the same for all elements moves nothing
/// let (dx, dw, db) = batch_norm_train_backward(&x, [&mean, &var], &Vector::full(2.0), 0.0, &dy);
/// assert_eq!((dx, dw, db), (Signal::zeros(), Vector::zeros(), Vector::full(14.0)));
/// ```
#[must_use]
pub fn batch_norm_train_backward<T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
) -> (X, Vector<T, C>, Vector<T, C>) {
    let (mut dx, mut dw, mut db) = (X::ZERO, Vector::zeros(), Vector::zeros());
    batch_norm_train_backward_into(x, [mean, var], w, eps, dy, &mut dx, [&mut dw, &mut db]);
    (dx, dw, db)
}

/// As [`batch_norm_train_backward`]: overwrites `dx`, adds to `dw` and `db`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_norm_train_backward_into;
/// // x̂ is −1, 1; any dy is a sum of multiples of 1 and of x̂, and neither gives a dx.
/// let (x, dy) = (Signal::new([[[3.0, 5.0]]]), Signal::new([[[1.0, 10.0]]]));
/// let [mean, var, w] = [4.0, 1.0, 6.0].map(Vector::full);
/// let (mut dx, mut dw, mut db) = (Signal::full(9.0), Vector::zeros(), Vector::full(100.0));
/// batch_norm_train_backward_into(&x, [&mean, &var], &w, 0.0, &dy, &mut dx, [&mut dw, &mut db]);
/// assert_eq!((dx, dw, db), (Signal::zeros(), Vector::new([9.0]), Vector::new([111.0])));
/// ```
pub fn batch_norm_train_backward_into<T: Real, const C: usize, X: HasChannels<T, C>>(
    x: &X,
    [mean, var]: [&Vector<T, C>; 2],
    w: &Vector<T, C>,
    eps: f64,
    dy: &X,
    dx: &mut X,
    [dw, db]: [&mut Vector<T, C>; 2],
) {
    batch_norm_backward_by::<false, _, C, _>(x, [mean, var], w, eps, dy, Some(dx), [dw, db]);
}
