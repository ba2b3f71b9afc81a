//! Pooling to a given output size.

use core::marker::PhantomData;

use num_traits::FromPrimitive;

use super::pool2d::pooling;
use super::stateless;
use crate::functional::{adaptive_avg_pool, adaptive_avg_pool_backward, adaptive_max_pool, adaptive_max_pool_backward};
use crate::module::{Backward, Layer, MapOfX};
use crate::shape::AdaptiveOutput;
use crate::tensor::{Scalar, Tensor};

/// 2-D max pooling to a given output size. PyTorch: `nn.AdaptiveMaxPool2d`.
///
/// y\[n,c,i,j\] = max x\[n,c,r,s\] over ⌊i·H/HO⌋ ≤ r < ⌈(i + 1)·H/HO⌉ and ⌊j·W/WO⌋ ≤ s < ⌈(j + 1)·W/WO⌉
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, HO, WO), O = [`OutputSize<HO, WO>`](crate::shape::OutputSize) |
///
/// The output may be larger than the input; its cells are repeated then. The first maximum of a bin in row-major order
/// receives the gradient; overlapping bins add up. A NaN in a bin gives NaN, and the last NaN receives the gradient, as
/// in PyTorch. [`GlobalMaxPool2d`](super::GlobalMaxPool2d) is the same with `OutputSize<1>`.
///
/// It does not compile with an output height or width of 0.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 3>::new([[[[1, 5, 3], [2, 4, 9]]]]);
/// let pool = AdaptiveMaxPool2d::<OutputSize<1, 2>>::new(); // bins of columns 0..2 and 1..3
/// assert_eq!(pool.forward(&x), Tensor::new([[[[5, 9]]]]));
///
/// let (dx, _) = pool.backward(&x, &Tensor::new([[[[10, 20]]]]));
/// assert_eq!(dx, Tensor::new([[[[0, 10, 0], [0, 0, 20]]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveMaxPool2d<O>(PhantomData<O>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AdaptiveMaxPool2d::<OutputSize<1>>::new(); // the largest number of each plane
    /// assert_eq!(pool.forward(&Tensor::new([[[[1, 7], [3, 4]]]])), Tensor::new([[[[7]]]]));
    /// ```
    AdaptiveMaxPool2d<O>, role: MapOfX
}

pooling! {
    [T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, O: AdaptiveOutput]
    AdaptiveMaxPool2d<O>, where [],
    x: Tensor<T, N, C, H, W>, y: O::Output<T, N, C>,
    forward: adaptive_max_pool::<T, O, N, C, H, W>,
    backward: adaptive_max_pool_backward::<T, O, N, C, H, W>,
}

/// 2-D average pooling to a given output size. PyTorch: `nn.AdaptiveAvgPool2d`.
///
/// y\[n,c,i,j\] = mean of x\[n,c,r,s\] over ⌊i·H/HO⌋ ≤ r < ⌈(i + 1)·H/HO⌉ and ⌊j·W/WO⌋ ≤ s < ⌈(j + 1)·W/WO⌉
///
/// Shapes and conditions as for [`AdaptiveMaxPool2d`]. [`GlobalAvgPool2d`](super::GlobalAvgPool2d) is the same with
/// `OutputSize<1>`.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<f32, 1, 1, 2, 3>::new([[[[1., 5., 3.], [2., 4., 9.]]]]);
/// let pool = AdaptiveAvgPool2d::<OutputSize<1, 2>>::new(); // bins of columns 0..2 and 1..3
/// assert_eq!(pool.forward(&x), Tensor::new([[[[3.0, 5.25]]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAvgPool2d<O>(PhantomData<O>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AdaptiveAvgPool2d::<OutputSize<2, 1>>::new(); // the mean of each row
    /// assert_eq!(pool.forward(&Tensor::new([[[[1.0, 3.0], [5.0, 9.0]]]])), Tensor::new([[[[2.0], [7.0]]]]));
    /// ```
    AdaptiveAvgPool2d<O>, role: MapOfX
}

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize, O: AdaptiveOutput]
    AdaptiveAvgPool2d<O>, where [],
    x: Tensor<T, N, C, H, W>, y: O::Output<T, N, C>,
    forward: adaptive_avg_pool::<T, O, N, C, H, W>,
    backward: |_x, dy, dx| adaptive_avg_pool_backward::<T, O, N, C, H, W>(dy, dx),
}
