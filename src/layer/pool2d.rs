//! 2-D max and average pooling.

use core::marker::PhantomData;

use num_traits::FromPrimitive;

use super::pool_rows::TakesRows;
use super::stateless;
use crate::functional::{avg_pool, avg_pool_backward, max_pool, max_pool_backward};
use crate::module::{Backward, Layer, MaxPooling, Pooling};
use crate::shape::{Counting, Dilation, Exact, IncludePad, Padding, Plane, PoolWindow, Pooled, Window};
use crate::tensor::{Scalar, Tensor};

/// 2-D max pooling. PyTorch: `nn.MaxPool2d`.
///
/// y\[n,c,i,j\] = max x\[n, c, i·SH + u·DH − PH, j·SW + v·DW − PW\] over the window's cells on the plane
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, HO, WO), HO = (H + 2·PH − DH·(KH − 1) − 1)/SH + 1 |
///
/// `K` is a [`Kernel`](crate::shape::Kernel), `S` a [`Stride`](crate::shape::Stride) (by default the kernel's size),
/// `P` a [`Padding`], `R` a rounding, `D` a [`Dilation`]. Padding is −∞, never a maximum; for zeros, pad
/// first with [`ZeroPad2d`](super::ZeroPad2d). The first maximum of a window in row-major order receives the gradient; overlapping windows add up. A NaN in
/// a window gives NaN, and the last NaN receives the gradient, as in PyTorch.
/// [`Ceil`](crate::shape::Ceil) is PyTorch's `ceil_mode`.
///
/// It does not compile with a stride that does not divide under `Exact`, a kernel larger than the padded input, or
/// padding of more than half of the kernel.
///
/// In a [`model!`](crate::model!) it takes rows of a [`Conv2d`](super::Conv2d) before it as they are made, if a window has
/// at most 256 cells: KH of them where windows lie side by side, else one. Then training keeps a byte for each output.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 1, 2, 4>::new([[[[1, 5, 3, 3], [2, 4, 3, 0]]]]);
/// let pool = MaxPool2d::<Kernel<2>>::new();
/// assert_eq!(pool.forward(&x), Tensor::new([[[[5, 3]]]]));
///
/// let (dx, _) = pool.backward(&x, &Tensor::new([[[[10, 20]]]]));
/// assert_eq!(dx, Tensor::new([[[[0, 10, 20, 0], [0, 0, 0, 0]]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2d<K, S = K, P = Padding<0>, R = Exact, D = Dilation<1>>(PhantomData<(K, S, P, R, D)>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = MaxPool2d::<Kernel<1, 3>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Tensor::new([[[[1, 9, 2, 3]]]])), Tensor::new([[[[9, 9]]]]));
    /// ```
    MaxPool2d<K, S, P, R, D>,
    where [(K, S, P, R, D): PoolWindow<IsSmall: TakesRows<MaxPooling>>],
    role: <<(K, S, P, R, D) as PoolWindow>::IsSmall as TakesRows<MaxPooling>>::Role
}

/// The two maps of a pooling layer: its generics and conditions, what x and y are, and the functions.
macro_rules! pooling {
    (
        [$($generics:tt)*] $layer:ty, where [$($condition:tt)*],
        x: $x:ty, y: $y:ty,
        forward: $forward:expr,
        backward: $backward:expr $(,)?
    ) => {
        impl<$($generics)*> Layer<$x> for $layer
        where
            $($condition)*
        {
            type Output = $y;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = 0;

            fn forward_pass(&self, x: &$x, y: &mut $y, (): &mut ()) {
                ($forward)(x, y);
            }
        }

        impl<$($generics)*> Backward<$x> for $layer
        where
            $($condition)*
        {
            type Tape = ();

            const ONLY_DX: bool = true;

            fn forward_train_pass(&self, x: &$x, y: &mut $y, (): &mut ()) {
                self.forward_pass(x, y, &mut ());
            }

            fn backward_pass(&self, x: &$x, _y: &$y, dy: &$y, (): &mut (), dx: Option<&mut $x>, (): &mut ()) {
                if let Some(dx) = dx {
                    ($backward)(x, dy, dx);
                }
            }
        }
    };
}
pub(super) use pooling;

pooling! {
    [T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, K, S, P, R, D]
    MaxPool2d<K, S, P, R, D>, where [
        Plane<H, W>: Window<K, S, P, Pooled<R>, D>,
        (K, S, P, R, D): PoolWindow<IsSmall: TakesRows<MaxPooling>>,
    ],
    x: Tensor<T, N, C, H, W>, y: <Plane<H, W> as Window<K, S, P, Pooled<R>, D>>::Output<T, N, C>,
    forward: max_pool::<Plane<H, W>, (K, S, P, R, D), N, C, _, _>,
    backward: max_pool_backward::<Plane<H, W>, (K, S, P, R, D), N, C, _, _>,
}

/// 2-D average pooling. PyTorch: `nn.AvgPool2d`.
///
/// y\[n,c,i,j\] = 1/count · Σ x\[n, c, i·SH + u − PH, j·SW + v − PW\] over the window's cells on the plane
///
/// Shapes and window parameters as for [`MaxPool2d`]. With [`IncludePad`] (the default) count is the number of cells
/// on the plane and its declared padding, KH·KW but at an edge that [`Ceil`](crate::shape::Ceil) appended; with
/// [`ExcludePad`](crate::shape::ExcludePad) it is the number of cells on the plane.
///
/// In the inference of a [`model!`](crate::model!) it takes rows of a [`Conv2d`](super::Conv2d) before it as they are made, if
/// a window has at most 256 cells: KH of them where windows lie side by side, else one, beside the last KH.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<f32, 1, 1, 2, 4>::new([[[[1., 5., 3., 3.], [2., 4., 3., 0.]]]]);
/// assert_eq!(AvgPool2d::<Kernel<2>>::new().forward(&x), Tensor::new([[[[3.0, 2.25]]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool2d<K, S = K, P = Padding<0>, R = Exact, M = IncludePad>(PhantomData<(K, S, P, R, M)>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AvgPool2d::<Kernel<1, 2>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Tensor::new([[[[1.0, 3.0, 7.0]]]])), Tensor::new([[[[2.0, 5.0]]]]));
    /// ```
    AvgPool2d<K, S, P, R, M>,
    where [(K, S, P, R, Dilation<1>): PoolWindow<IsSmall: TakesRows<Pooling>>],
    role: <<(K, S, P, R, Dilation<1>) as PoolWindow>::IsSmall as TakesRows<Pooling>>::Role
}

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize, K, S, P, R, M: Counting]
    AvgPool2d<K, S, P, R, M>, where [
        Plane<H, W>: Window<K, S, P, Pooled<R>, Dilation<1>>,
        (K, S, P, R, Dilation<1>): PoolWindow<IsSmall: TakesRows<Pooling>>,
    ],
    x: Tensor<T, N, C, H, W>, y: <Plane<H, W> as Window<K, S, P, Pooled<R>, Dilation<1>>>::Output<T, N, C>,
    forward: avg_pool::<Plane<H, W>, (K, S, P, R), M, N, C, _, _>,
    backward: |_x, dy, dx| avg_pool_backward::<Plane<H, W>, (K, S, P, R), M, N, C, _, _>(dy, dx),
}
