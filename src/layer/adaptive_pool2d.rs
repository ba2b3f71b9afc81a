//! Pooling to a given output size.

use core::marker::PhantomData;

use num_traits::FromPrimitive;

use super::pool2d::pooling;
use super::{Backward, Layer, without_parameters};
use crate::Scalar;
use crate::kernel::{self, AdaptivePool2dGeometry};
use crate::shape::AdaptiveOutput;
use crate::tensor::{Array, Tensor, Zeroed};

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

without_parameters! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AdaptiveMaxPool2d::<OutputSize<1>>::new(); // the largest number of each plane
    /// assert_eq!(pool.forward(&Tensor::new([[[[1, 7], [3, 4]]]])), Tensor::new([[[[7]]]]));
    /// ```
    marker AdaptiveMaxPool2d<O>
}

pooling! {
    [T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, O: AdaptiveOutput]
    AdaptiveMaxPool2d<O>, where [],
    x: Tensor<T, N, C, H, W>, y: O::Output<T, N, C>, sizes: geometry::<O>(N * C, [H, W]),
    forward: kernel::adaptive_max_pool2d,
    backward: kernel::adaptive_max_pool2d_backward,
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

without_parameters! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AdaptiveAvgPool2d::<OutputSize<2, 1>>::new(); // the mean of each row
    /// assert_eq!(pool.forward(&Tensor::new([[[[1.0, 3.0], [5.0, 9.0]]]])), Tensor::new([[[[2.0], [7.0]]]]));
    /// ```
    marker AdaptiveAvgPool2d<O>
}

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize, O: AdaptiveOutput]
    AdaptiveAvgPool2d<O>, where [],
    x: Tensor<T, N, C, H, W>, y: O::Output<T, N, C>, sizes: geometry::<O>(N * C, [H, W]),
    forward: kernel::adaptive_avg_pool2d,
    backward: |g, _x, dy, dx| kernel::adaptive_avg_pool2d_backward(g, dy, dx),
}

/// The sizes of an adaptive pooling, for the kernels.
const fn geometry<O: AdaptiveOutput>(planes: usize, input: [usize; 2]) -> AdaptivePool2dGeometry {
    AdaptivePool2dGeometry { planes, input, output: O::OUTPUT }
}

/// [`AdaptiveMaxPool2d`] as a function, by value. PyTorch: `functional.adaptive_max_pool2d`.
///
/// ```
/// use constconv::functional::adaptive_max_pool2d;
/// use constconv::prelude::*;
///
/// let x = Tensor::<f32, 2, 3, 13, 28>::full(1.0);
/// assert_eq!(adaptive_max_pool2d(&x, OutputSize::<6, 7>).shape(), [2, 3, 6, 7]);
/// ```
#[must_use]
pub fn adaptive_max_pool2d<
    T: Scalar,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    x: &Tensor<T, N, C, H, W>,
    output_size: O,
) -> O::Output<T, N, C> {
    let mut y: O::Output<T, N, C> = Zeroed::ZERO;
    adaptive_max_pool2d_into(x, output_size, &mut y);
    y
}

/// As [`adaptive_max_pool2d()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::adaptive_max_pool2d_into;
/// let mut y = Tensor::zeros();
/// adaptive_max_pool2d_into(&Tensor::new([[[[1, 7, 4]]]]), OutputSize::<1, 2>, &mut y);
/// assert_eq!(y, Tensor::new([[[[7, 7]]]])); // the middle cell lies in both bins
/// ```
pub fn adaptive_max_pool2d_into<
    T: Scalar,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    x: &Tensor<T, N, C, H, W>,
    output_size: O,
    y: &mut O::Output<T, N, C>,
) {
    let _ = output_size;
    kernel::adaptive_max_pool2d(&geometry::<O>(N * C, [H, W]), x.as_slice(), y.as_mut_slice());
}

/// dx of [`adaptive_max_pool2d()`], by value.
///
/// ```
/// use constconv::functional::adaptive_max_pool2d_backward;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 2>::new([[[[1, 5], [2, 4]]]]);
/// let dx = adaptive_max_pool2d_backward(&x, OutputSize::<2, 1>, &Tensor::full(7));
/// assert_eq!(dx, Tensor::new([[[[0, 7], [0, 7]]]]));
/// ```
#[must_use]
pub fn adaptive_max_pool2d_backward<
    T: Scalar,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    x: &Tensor<T, N, C, H, W>,
    output_size: O,
    dy: &O::Output<T, N, C>,
) -> Tensor<T, N, C, H, W> {
    let mut dx = Tensor::zeros();
    adaptive_max_pool2d_backward_into(x, output_size, dy, &mut dx);
    dx
}

/// As [`adaptive_max_pool2d_backward`], overwriting `dx`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::adaptive_max_pool2d_backward_into;
/// let (x, dy) = (Tensor::new([[[[1, 7, 4]]]]), Tensor::new([[[[10, 100]]]]));
/// let mut dx = Tensor::zeros();
/// adaptive_max_pool2d_backward_into(&x, OutputSize::<1, 2>, &dy, &mut dx);
/// assert_eq!(dx, Tensor::new([[[[0, 110, 0]]]]));
/// ```
pub fn adaptive_max_pool2d_backward_into<
    T: Scalar,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    x: &Tensor<T, N, C, H, W>,
    output_size: O,
    dy: &O::Output<T, N, C>,
    dx: &mut Tensor<T, N, C, H, W>,
) {
    let _ = output_size;
    let g = &geometry::<O>(N * C, [H, W]);
    kernel::adaptive_max_pool2d_backward(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
}

/// [`AdaptiveAvgPool2d`] as a function, by value. PyTorch: `functional.adaptive_avg_pool2d`.
///
/// ```
/// use constconv::functional::adaptive_avg_pool2d;
/// use constconv::prelude::*;
///
/// let x = Tensor::<f32, 1, 1, 2, 2>::new([[[[1.0, 5.0], [2.0, 4.0]]]]);
/// assert_eq!(adaptive_avg_pool2d(&x, OutputSize::<2, 1>), Tensor::full(3.0));
/// ```
#[must_use]
pub fn adaptive_avg_pool2d<
    T: Scalar + FromPrimitive,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    x: &Tensor<T, N, C, H, W>,
    output_size: O,
) -> O::Output<T, N, C> {
    let mut y: O::Output<T, N, C> = Zeroed::ZERO;
    adaptive_avg_pool2d_into(x, output_size, &mut y);
    y
}

/// As [`adaptive_avg_pool2d()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::adaptive_avg_pool2d_into;
/// let mut y = Tensor::zeros();
/// adaptive_avg_pool2d_into(&Tensor::new([[[[1.0, 7.0, 4.0]]]]), OutputSize::<1, 2>, &mut y);
/// assert_eq!(y, Tensor::new([[[[4.0, 5.5]]]]));
/// ```
pub fn adaptive_avg_pool2d_into<
    T: Scalar + FromPrimitive,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    x: &Tensor<T, N, C, H, W>,
    output_size: O,
    y: &mut O::Output<T, N, C>,
) {
    let _ = output_size;
    kernel::adaptive_avg_pool2d(&geometry::<O>(N * C, [H, W]), x.as_slice(), y.as_mut_slice());
}

/// dx of [`adaptive_avg_pool2d()`], by value; the size of x is taken from the result.
///
/// ```
/// use constconv::functional::adaptive_avg_pool2d_backward;
/// use constconv::prelude::*;
///
/// let dy = Tensor::<f32, 1, 1, 1, 1>::full(8.0);
/// let dx: Tensor<f32, 1, 1, 2, 2> = adaptive_avg_pool2d_backward(&dy, OutputSize::<1>);
/// assert_eq!(dx, Tensor::full(2.0));
/// ```
#[must_use]
pub fn adaptive_avg_pool2d_backward<
    T: Scalar + FromPrimitive,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    dy: &O::Output<T, N, C>,
    output_size: O,
) -> Tensor<T, N, C, H, W> {
    let mut dx = Tensor::zeros();
    adaptive_avg_pool2d_backward_into(dy, output_size, &mut dx);
    dx
}

/// As [`adaptive_avg_pool2d_backward`], overwriting `dx`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::adaptive_avg_pool2d_backward_into;
/// let mut dx = Tensor::zeros();
/// adaptive_avg_pool2d_backward_into(&Tensor::new([[[[10.0, 100.0]]]]), OutputSize::<1, 2>, &mut dx);
/// assert_eq!(dx, Tensor::new([[[[5.0, 55.0, 50.0]]]]));
/// ```
pub fn adaptive_avg_pool2d_backward_into<
    T: Scalar + FromPrimitive,
    O: AdaptiveOutput,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
>(
    dy: &O::Output<T, N, C>,
    output_size: O,
    dx: &mut Tensor<T, N, C, H, W>,
) {
    let _ = output_size;
    kernel::adaptive_avg_pool2d_backward(&geometry::<O>(N * C, [H, W]), dy.as_slice(), dx.as_mut_slice());
}
