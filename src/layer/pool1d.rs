//! 1-D max and average pooling: the 2-D ones on planes of height 1.

use core::marker::PhantomData;

use num_traits::FromPrimitive;

use super::pool2d::pooling;
use super::stateless;
use crate::functional::{avg_pool, avg_pool_backward, max_pool, max_pool_backward};
use crate::module::{Backward, Layer, MapOfX};
use crate::shape::{Counting, Dilation, Exact, IncludePad, Line, Padding, Pooled, Window};
use crate::tensor::{Scalar, Signal};

/// 1-D max pooling. PyTorch: `nn.MaxPool1d`.
///
/// y\[n,c,i\] = max x\[n, c, i·S + u·D − P\] over the window's cells on the signal
///
/// | | shape |
/// |---|---|
/// | x | (N, C, L) |
/// | y | (N, C, LO), LO = (L + 2·P − D·(K − 1) − 1)/S + 1 |
///
/// The parameters are those of [`MaxPool2d`](super::MaxPool2d), each of one number, and so are padding, equal maxima
/// and NaN.
///
/// It does not compile with a parameter of two different numbers, and where [`MaxPool2d`](super::MaxPool2d) does not.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Signal::<i32, 1, 1, 6>::new([[[1, 5, 3, 3, 2, 4]]]);
/// let pool = MaxPool1d::<Kernel<2>>::new();
/// assert_eq!(pool.forward(&x), Signal::new([[[5, 3, 4]]]));
///
/// let (dx, _) = pool.backward(&x, &Signal::new([[[10, 20, 30]]]));
/// assert_eq!(dx, Signal::new([[[0, 10, 20, 0, 0, 30]]]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "a window on a signal has one dimension, `Kernel<2, 3>` has two"
/// MaxPool1d::<Kernel<2, 3>>::new().forward(&Signal::<f32, 1, 1, 6>::zeros());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool1d<K, S = K, P = Padding<0>, R = Exact, D = Dilation<1>>(PhantomData<(K, S, P, R, D)>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = MaxPool1d::<Kernel<3>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Signal::new([[[1, 9, 2, 3]]])), Signal::new([[[9, 9]]]));
    /// ```
    MaxPool1d<K, S, P, R, D>, role: MapOfX
}

pooling! {
    [T: Scalar, const N: usize, const C: usize, const L: usize, K, S, P, R, D]
    MaxPool1d<K, S, P, R, D>, where [Line<L>: Window<K, S, P, Pooled<R>, D>],
    x: Signal<T, N, C, L>, y: <Line<L> as Window<K, S, P, Pooled<R>, D>>::Output<T, N, C>,
    forward: max_pool::<Line<L>, (K, S, P, R, D), N, C, _, _>,
    backward: max_pool_backward::<Line<L>, (K, S, P, R, D), N, C, _, _>,
}

/// 1-D average pooling. PyTorch: `nn.AvgPool1d`.
///
/// y\[n,c,i\] = 1/count · Σ x\[n, c, i·S + u − P\] over the window's cells on the signal
///
/// Shapes and window parameters as for [`MaxPool1d`], count as for [`AvgPool2d`](super::AvgPool2d).
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Signal::<f32, 1, 1, 6>::new([[[1., 5., 3., 3., 2., 4.]]]);
/// assert_eq!(AvgPool1d::<Kernel<3>>::new().forward(&x), Signal::new([[[3.0, 3.0]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool1d<K, S = K, P = Padding<0>, R = Exact, M = IncludePad>(PhantomData<(K, S, P, R, M)>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AvgPool1d::<Kernel<2>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Signal::new([[[1.0, 3.0, 7.0]]])), Signal::new([[[2.0, 5.0]]]));
    /// ```
    AvgPool1d<K, S, P, R, M>, role: MapOfX
}

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const L: usize, K, S, P, R, M: Counting]
    AvgPool1d<K, S, P, R, M>, where [Line<L>: Window<K, S, P, Pooled<R>, Dilation<1>>],
    x: Signal<T, N, C, L>, y: <Line<L> as Window<K, S, P, Pooled<R>, Dilation<1>>>::Output<T, N, C>,
    forward: avg_pool::<Line<L>, (K, S, P, R), M, N, C, _, _>,
    backward: |_x, dy, dx| avg_pool_backward::<Line<L>, (K, S, P, R), M, N, C, _, _>(dy, dx),
}
