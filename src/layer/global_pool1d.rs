//! Pooling of whole signals.

use num_traits::FromPrimitive;

use super::global_pool2d::{global_avg_pool, global_max_pool, whole_planes};
use super::pool2d::pooling;
use super::{Backward, Layer, without_parameters};
use crate::Scalar;
use crate::kernel;
use crate::tensor::{Signal, Zeroed};

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

without_parameters! { GlobalMaxPool1d = Self }

global_max_pool! {
    GlobalMaxPool1d, x: Signal<T, N, C, L>, y: Signal<T, N, C, 1>, plane: [1, L], [L];

    /// [`GlobalMaxPool1d`] as a function, by value. PyTorch: `functional.adaptive_max_pool1d(x, 1)`.
    ///
    /// ```
    /// use constconv::functional::global_max_pool1d;
    /// use constconv::prelude::*;
    /// assert_eq!(global_max_pool1d(&Signal::new([[[1, 4, 4]]])), Signal::new([[[4]]]));
    /// ```
    global_max_pool1d;

    /// As [`global_max_pool1d`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_max_pool1d_into;
    /// let mut y = Signal::zeros();
    /// global_max_pool1d_into(&Signal::new([[[1, 4, 4], [7, 2, 3]]]), &mut y);
    /// assert_eq!(y, Signal::new([[[4], [7]]]));
    /// ```
    global_max_pool1d_into;

    /// dx of [`global_max_pool1d`], by value.
    ///
    /// ```
    /// use constconv::functional::global_max_pool1d_backward;
    /// use constconv::prelude::*;
    /// let dx = global_max_pool1d_backward(&Signal::new([[[1, 4, 4]]]), &Signal::new([[[7]]]));
    /// assert_eq!(dx, Signal::new([[[0, 7, 0]]]));
    /// ```
    global_max_pool1d_backward;

    /// As [`global_max_pool1d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_max_pool1d_backward_into;
    /// let mut dx = Signal::zeros();
    /// global_max_pool1d_backward_into(&Signal::new([[[1, 4, 4]]]), &Signal::new([[[7]]]), &mut dx);
    /// assert_eq!(dx, Signal::new([[[0, 7, 0]]]));
    /// ```
    global_max_pool1d_backward_into;
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

without_parameters! { GlobalAvgPool1d = Self }

global_avg_pool! {
    GlobalAvgPool1d, x: Signal<T, N, C, L>, y: Signal<T, N, C, 1>, plane: [1, L], [L];

    /// [`GlobalAvgPool1d`] as a function, by value. PyTorch: `functional.adaptive_avg_pool1d(x, 1)`.
    ///
    /// ```
    /// use constconv::functional::global_avg_pool1d;
    /// use constconv::prelude::*;
    /// assert_eq!(global_avg_pool1d(&Signal::new([[[1.0, 4.0, 4.0]]])), Signal::new([[[3.0]]]));
    /// ```
    global_avg_pool1d;

    /// As [`global_avg_pool1d`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_avg_pool1d_into;
    /// let mut y = Signal::zeros();
    /// global_avg_pool1d_into(&Signal::new([[[1.0, 4.0, 4.0], [0.0, 0.0, 6.0]]]), &mut y);
    /// assert_eq!(y, Signal::new([[[3.0], [2.0]]]));
    /// ```
    global_avg_pool1d_into;

    /// dx of [`global_avg_pool1d`], by value; the size of x is taken from the result.
    ///
    /// ```
    /// use constconv::functional::global_avg_pool1d_backward;
    /// use constconv::prelude::*;
    /// let dx: Signal<f32, 1, 1, 4> = global_avg_pool1d_backward(&Signal::new([[[8.0]]]));
    /// assert_eq!(dx, Signal::full(2.0));
    /// ```
    global_avg_pool1d_backward;

    /// As [`global_avg_pool1d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_avg_pool1d_backward_into;
    /// let mut dx = Signal::zeros();
    /// global_avg_pool1d_backward_into(&Signal::new([[[8.0]]]), &mut dx);
    /// assert_eq!(dx, Signal::new([[[4.0, 4.0]]]));
    /// ```
    global_avg_pool1d_backward_into;
}
