//! Pooling of whole signals.

use num_traits::FromPrimitive;

use super::pool2d::pooling;
use crate::functional::{
    global_avg_pool1d_backward_into, global_avg_pool1d_into, global_max_pool1d_backward_into, global_max_pool1d_into,
};
use crate::module;
use crate::module::{Backward, Layer};
use crate::tensor::{Scalar, Signal};

/// y\[n,c\] = max x\[n,c,i\] over the signal. PyTorch: `nn.AdaptiveMaxPool1d(1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, L) |
/// | y | (N, C, 1) |
///
/// Equal maxima and NaN as for [`GlobalMaxPool2d`](super::GlobalMaxPool2d).
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Signal::<i32, 1, 2, 3>::new([[[1, 4, 4], [-5, -6, -7]]]);
/// assert_eq!(GlobalMaxPool1d.forward(&x), Signal::new([[[4], [-5]]]));
///
/// let (dx, _) = GlobalMaxPool1d.backward(&x, &Signal::full(1));
/// assert_eq!(dx, Signal::new([[[0, 1, 0], [1, 0, 0]]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalMaxPool1d;

module! { [] GlobalMaxPool1d {} }

pooling! {
    [T: Scalar, const N: usize, const C: usize, const L: usize]
    GlobalMaxPool1d, where [],
    x: Signal<T, N, C, L>, y: Signal<T, N, C, 1>,
    forward: global_max_pool1d_into,
    backward: global_max_pool1d_backward_into,
}

/// y\[n,c\] = 1/L · Σ x\[n,c,i\] over the signal. PyTorch: `nn.AdaptiveAvgPool1d(1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, L) |
/// | y | (N, C, 1) |
///
/// [`Linear`](super::Linear) takes y as it is: C·1 features.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Signal::<f32, 1, 2, 2>::new([[[1., 4.], [-5., -6.]]]);
/// assert_eq!(GlobalAvgPool1d.forward(&x), Signal::new([[[2.5], [-5.5]]]));
///
/// let (dx, _) = GlobalAvgPool1d.backward(&x, &Signal::full(1.0));
/// assert_eq!(dx, Signal::full(0.5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalAvgPool1d;

module! { [] GlobalAvgPool1d {} }

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const L: usize]
    GlobalAvgPool1d, where [],
    x: Signal<T, N, C, L>, y: Signal<T, N, C, 1>,
    forward: global_avg_pool1d_into,
    backward: |_x, dy, dx| global_avg_pool1d_backward_into(dy, dx),
}
