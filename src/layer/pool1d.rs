//! 1-D max and average pooling: the 2-D ones on planes of height 1.

use core::marker::PhantomData;

use num_traits::FromPrimitive;

use super::pool2d::{PoolOutput, avg_pool_functions, geometry, max_pool_functions, pool_function, pooling};
use super::{Backward, Counting, IncludePad, Layer, PoolOptions, without_parameters};
use crate::Scalar;
use crate::kernel;
use crate::shape::{Dilation, Exact, Line, Padding, Pooled, Window};
use crate::tensor::{Array, Signal, Zeroed};

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

without_parameters! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = MaxPool1d::<Kernel<3>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Signal::new([[[1, 9, 2, 3]]])), Signal::new([[[9, 9]]]));
    /// ```
    marker MaxPool1d<K, S, P, R, D>
}

pooling! {
    [T: Scalar, const N: usize, const C: usize, const L: usize, K, S, P, R, D]
    MaxPool1d<K, S, P, R, D>, where [Line<L>: Window<K, S, P, Pooled<R>, D>],
    x: Signal<T, N, C, L>, y: <Line<L> as Window<K, S, P, Pooled<R>, D>>::Output<T, N, C>,
    sizes: geometry::<Line<L>, K, S, P, Pooled<R>, D>(N * C),
    forward: kernel::max_pool2d,
    backward: kernel::max_pool2d_backward,
}

max_pool_functions! {
    x: Signal<T, N, C, L>, on: Line<L>, [L];

    /// [`MaxPool1d`] as a function, by value. PyTorch: `functional.max_pool1d`.
    ///
    /// ```
    /// use constconv::functional::max_pool1d;
    /// use constconv::prelude::*;
    ///
    /// let x = Signal::<f32, 2, 3, 28>::full(1.0);
    /// assert_eq!(max_pool1d(&x, (Kernel::<2>,)).shape(), [2, 3, 14]);
    /// assert_eq!(max_pool1d(&x, (Kernel::<3>, Stride::<2>, Padding::<1>, Floor)).shape(), [2, 3, 14]);
    /// ```
    max_pool1d;

    /// As [`max_pool1d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::max_pool1d_into;
    /// let mut y = Signal::zeros();
    /// max_pool1d_into(&Signal::new([[[1, 5, 2, 4]]]), (Kernel::<2>,), &mut y);
    /// assert_eq!(y, Signal::<i32, 1, 1, 2>::new([[[5, 4]]]));
    /// ```
    max_pool1d_into;

    /// dx of [`max_pool1d()`], by value.
    ///
    /// ```
    /// use constconv::functional::max_pool1d_backward;
    /// use constconv::prelude::*;
    ///
    /// let x = Signal::<i32, 1, 1, 4>::new([[[1, 5, 2, 4]]]);
    /// let dx = max_pool1d_backward(&x, (Kernel::<2>,), &Signal::new([[[7, 8]]]));
    /// assert_eq!(dx, Signal::new([[[0, 7, 0, 8]]]));
    /// ```
    max_pool1d_backward;

    /// As [`max_pool1d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::max_pool1d_backward_into;
    /// let mut dx = Signal::zeros();
    /// max_pool1d_backward_into(&Signal::new([[[1, 5, 2, 4]]]), (Kernel::<2>,), &Signal::new([[[7, 8]]]), &mut dx);
    /// assert_eq!(dx, Signal::new([[[0, 7, 0, 8]]]));
    /// ```
    max_pool1d_backward_into;
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

without_parameters! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AvgPool1d::<Kernel<2>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Signal::new([[[1.0, 3.0, 7.0]]])), Signal::new([[[2.0, 5.0]]]));
    /// ```
    marker AvgPool1d<K, S, P, R, M>
}

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const L: usize, K, S, P, R, M: Counting]
    AvgPool1d<K, S, P, R, M>, where [Line<L>: Window<K, S, P, Pooled<R>, Dilation<1>>],
    x: Signal<T, N, C, L>, y: <Line<L> as Window<K, S, P, Pooled<R>, Dilation<1>>>::Output<T, N, C>,
    sizes: geometry::<Line<L>, K, S, P, Pooled<R>, Dilation<1>>(N * C),
    forward: |g, x, y| kernel::avg_pool2d(g, M::COUNT_INCLUDE_PAD, x, y),
    backward: |g, _x, dy, dx| kernel::avg_pool2d_backward(g, M::COUNT_INCLUDE_PAD, dy, dx),
}

avg_pool_functions! {
    x: Signal<T, N, C, L>, on: Line<L>, [L];

    /// [`AvgPool1d`] as a function, by value. PyTorch: `functional.avg_pool1d`.
    ///
    /// `counting` is [`IncludePad`] or [`ExcludePad`](super::ExcludePad).
    ///
    /// ```
    /// use constconv::functional::avg_pool1d;
    /// use constconv::prelude::*;
    ///
    /// let x = Signal::<f32, 1, 1, 4>::new([[[1.0, 5.0, 2.0, 4.0]]]);
    /// assert_eq!(avg_pool1d(&x, (Kernel::<2>,), IncludePad), Signal::full(3.0));
    /// ```
    avg_pool1d;

    /// As [`avg_pool1d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::avg_pool1d_into;
    /// let mut y = Signal::zeros();
    /// avg_pool1d_into(&Signal::new([[[1.0, 5.0, 2.0, 4.0]]]), (Kernel::<2>,), IncludePad, &mut y);
    /// assert_eq!(y, Signal::<f32, 1, 1, 2>::full(3.0));
    /// ```
    avg_pool1d_into;

    /// dx of [`avg_pool1d()`], by value; the size of x is taken from the result.
    ///
    /// ```
    /// use constconv::functional::avg_pool1d_backward;
    /// use constconv::prelude::*;
    ///
    /// let dy = Signal::<f32, 1, 1, 1>::full(8.0);
    /// let dx: Signal<f32, 1, 1, 2> = avg_pool1d_backward(&dy, (Kernel::<2>,), IncludePad);
    /// assert_eq!(dx, Signal::full(4.0));
    /// ```
    avg_pool1d_backward;

    /// As [`avg_pool1d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::avg_pool1d_backward_into;
    /// let mut dx = Signal::<f32, 1, 1, 2>::zeros();
    /// avg_pool1d_backward_into(&Signal::new([[[8.0]]]), (Kernel::<2>,), IncludePad, &mut dx);
    /// assert_eq!(dx, Signal::new([[[4.0, 4.0]]]));
    /// ```
    avg_pool1d_backward_into;
}
