//! Pooling of whole planes.

use num_traits::FromPrimitive;

use super::pool2d::pooling;
use crate::functional::{
    global_avg_pool2d_backward_into, global_avg_pool2d_into, global_max_pool2d_backward_into, global_max_pool2d_into,
};
use crate::module;
use crate::module::{Backward, Layer, Pooling};
use crate::tensor::{Scalar, Tensor};

/// y\[n,c\] = max x\[n,c,i,j\] over the plane. PyTorch: `nn.AdaptiveMaxPool2d(1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, 1, 1) |
///
/// The first maximum in row-major order receives the gradient. A NaN on a plane gives NaN, and the last NaN receives
/// the gradient, as in PyTorch.
///
/// In the inference of a [`model!`](crate::model!) it takes rows of a [`Conv2d`](super::Conv2d) before it as they are made:
/// the fewest, up to 16, that divide H and have 16 cells or are all rows; where there is no such number, one row.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 2, 2, 2>::new([[[[1, 4], [4, 3]], [[-5, -6], [-7, -8]]]]);
/// assert_eq!(GlobalMaxPool2d.forward(&x), Tensor::new([[[[4]], [[-5]]]]));
///
/// let (dx, _) = GlobalMaxPool2d.backward(&x, &Tensor::full(1));
/// assert_eq!(dx, Tensor::new([[[[0, 1], [0, 0]], [[1, 0], [0, 0]]]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalMaxPool2d;

module! { [] GlobalMaxPool2d {}; role: Pooling }

pooling! {
    [T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize]
    GlobalMaxPool2d, where [],
    x: Tensor<T, N, C, H, W>, y: Tensor<T, N, C, 1, 1>,
    forward: global_max_pool2d_into,
    backward: global_max_pool2d_backward_into,
}

/// y\[n,c\] = 1/(H·W) · Σ x\[n,c,i,j\] over the plane. PyTorch: `nn.AdaptiveAvgPool2d(1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, 1, 1) |
///
/// [`Linear`](super::Linear) takes y as it is: C·1·1 features. Rows are summed one by one, and their sums in eights, sums of
/// eights in eights again, and so on; the primitive integers of up to 64 bits in wider ones.
///
/// In the inference of a [`model!`](crate::model!) it takes rows of a [`Conv2d`](super::Conv2d) before it, as
/// [`GlobalMaxPool2d`] does, beside four numbers for each channel.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<f32, 1, 2, 2, 2>::new([[[[1., 4.], [4., 3.]], [[-5., -6.], [-7., -8.]]]]);
/// assert_eq!(GlobalAvgPool2d.forward(&x), Tensor::new([[[[3.0]], [[-6.5]]]]));
///
/// let (dx, _) = GlobalAvgPool2d.backward(&x, &Tensor::full(1.0));
/// assert_eq!(dx, Tensor::full(0.25));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalAvgPool2d;

module! { [] GlobalAvgPool2d {}; role: Pooling }

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize]
    GlobalAvgPool2d, where [],
    x: Tensor<T, N, C, H, W>, y: Tensor<T, N, C, 1, 1>,
    forward: global_avg_pool2d_into,
    backward: |_x, dy, dx| global_avg_pool2d_backward_into(dy, dx),
}
