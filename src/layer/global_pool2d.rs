//! Pooling of whole planes.

use num_traits::FromPrimitive;

use super::pool2d::pooling;
use super::{Backward, Layer, without_parameters};
use crate::Scalar;
use crate::kernel::{self, Pool2dGeometry};
use crate::tensor::{Tensor, Zeroed};

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

without_parameters! { GlobalMaxPool2d = Self }

/// The maps of a layer that takes the maximum of whole planes, and its four functions with their docs.
macro_rules! global_max_pool {
    (
        $layer:ident, x: $x:ty, y: $y:ty, plane: $plane:expr, [$($size:ident),+];
        $(#[$doc:meta])* $name:ident;
        $(#[$into_doc:meta])* $into:ident;
        $(#[$backward_doc:meta])* $backward:ident;
        $(#[$backward_into_doc:meta])* $backward_into:ident;
    ) => {
        pooling! {
            [T: Scalar, const N: usize, const C: usize, $(const $size: usize),+]
            $layer, where [],
            x: $x, y: $y, sizes: whole_planes(N * C, $plane),
            forward: kernel::max_pool2d,
            backward: kernel::max_pool2d_backward,
        }

        $(#[$doc])*
        #[must_use]
        pub fn $name<T: Scalar, const N: usize, const C: usize, $(const $size: usize),+>(x: &$x) -> $y {
            let mut y = Zeroed::ZERO;
            $into(x, &mut y);
            y
        }

        $(#[$into_doc])*
        pub fn $into<T: Scalar, const N: usize, const C: usize, $(const $size: usize),+>(x: &$x, y: &mut $y) {
            kernel::max_pool2d(&whole_planes(N * C, $plane), x.as_slice(), y.as_mut_slice());
        }

        $(#[$backward_doc])*
        #[must_use]
        pub fn $backward<T: Scalar, const N: usize, const C: usize, $(const $size: usize),+>(x: &$x, dy: &$y) -> $x {
            let mut dx = Zeroed::ZERO;
            $backward_into(x, dy, &mut dx);
            dx
        }

        $(#[$backward_into_doc])*
        pub fn $backward_into<T: Scalar, const N: usize, const C: usize, $(const $size: usize),+>(
            x: &$x,
            dy: &$y,
            dx: &mut $x,
        ) {
            let g = &whole_planes(N * C, $plane);
            kernel::max_pool2d_backward(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
        }
    };
}
pub(super) use global_max_pool;

global_max_pool! {
    GlobalMaxPool2d, x: Tensor<T, N, C, H, W>, y: Tensor<T, N, C, 1, 1>, plane: [H, W], [H, W];

    /// [`GlobalMaxPool2d`] as a function, by value. PyTorch: `functional.adaptive_max_pool2d(x, 1)`.
    ///
    /// ```
    /// use constconv::functional::global_max_pool2d;
    /// use constconv::prelude::*;
    /// assert_eq!(global_max_pool2d(&Tensor::new([[[[1, 4], [4, 3]]]])), Tensor::new([[[[4]]]]));
    /// ```
    global_max_pool2d;

    /// As [`global_max_pool2d`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_max_pool2d_into;
    /// let mut y = Tensor::zeros();
    /// global_max_pool2d_into(&Tensor::new([[[[1, 4], [4, 3]]]]), &mut y);
    /// assert_eq!(y, Tensor::new([[[[4]]]]));
    /// ```
    global_max_pool2d_into;

    /// dx of [`global_max_pool2d`], by value.
    ///
    /// ```
    /// use constconv::functional::global_max_pool2d_backward;
    /// use constconv::prelude::*;
    /// let dx = global_max_pool2d_backward(&Tensor::new([[[[1, 4], [4, 3]]]]), &Tensor::new([[[[7]]]]));
    /// assert_eq!(dx, Tensor::new([[[[0, 7], [0, 0]]]]));
    /// ```
    global_max_pool2d_backward;

    /// As [`global_max_pool2d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_max_pool2d_backward_into;
    /// let mut dx = Tensor::zeros();
    /// global_max_pool2d_backward_into(&Tensor::new([[[[1, 4], [4, 3]]]]), &Tensor::new([[[[7]]]]), &mut dx);
    /// assert_eq!(dx, Tensor::new([[[[0, 7], [0, 0]]]]));
    /// ```
    global_max_pool2d_backward_into;
}

/// y\[n,c\] = 1/(H·W) · Σ x\[n,c,i,j\] over the plane. PyTorch: `nn.AdaptiveAvgPool2d(1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, 1, 1) |
///
/// [`Linear`](super::Linear) takes y as it is: C·1·1 features.
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

without_parameters! { GlobalAvgPool2d = Self }

/// As [`global_max_pool`], of the average.
macro_rules! global_avg_pool {
    (
        $layer:ident, x: $x:ty, y: $y:ty, plane: $plane:expr, [$($size:ident),+];
        $(#[$doc:meta])* $name:ident;
        $(#[$into_doc:meta])* $into:ident;
        $(#[$backward_doc:meta])* $backward:ident;
        $(#[$backward_into_doc:meta])* $backward_into:ident;
    ) => {
        pooling! {
            [T: Scalar + FromPrimitive, const N: usize, const C: usize, $(const $size: usize),+]
            $layer, where [],
            x: $x, y: $y, sizes: whole_planes(N * C, $plane),
            forward: |g, x, y| kernel::avg_pool2d(g, true, x, y),
            backward: |g, _x, dy, dx| kernel::avg_pool2d_backward(g, true, dy, dx),
        }

        $(#[$doc])*
        #[must_use]
        pub fn $name<T: Scalar + FromPrimitive, const N: usize, const C: usize, $(const $size: usize),+>(x: &$x) -> $y {
            let mut y = Zeroed::ZERO;
            $into(x, &mut y);
            y
        }

        $(#[$into_doc])*
        pub fn $into<T: Scalar + FromPrimitive, const N: usize, const C: usize, $(const $size: usize),+>(
            x: &$x,
            y: &mut $y,
        ) {
            kernel::avg_pool2d(&whole_planes(N * C, $plane), true, x.as_slice(), y.as_mut_slice());
        }

        $(#[$backward_doc])*
        #[must_use]
        pub fn $backward<T: Scalar + FromPrimitive, const N: usize, const C: usize, $(const $size: usize),+>(
            dy: &$y,
        ) -> $x {
            let mut dx = Zeroed::ZERO;
            $backward_into(dy, &mut dx);
            dx
        }

        $(#[$backward_into_doc])*
        pub fn $backward_into<T: Scalar + FromPrimitive, const N: usize, const C: usize, $(const $size: usize),+>(
            dy: &$y,
            dx: &mut $x,
        ) {
            kernel::avg_pool2d_backward(&whole_planes(N * C, $plane), true, dy.as_slice(), dx.as_mut_slice());
        }
    };
}
pub(super) use global_avg_pool;

global_avg_pool! {
    GlobalAvgPool2d, x: Tensor<T, N, C, H, W>, y: Tensor<T, N, C, 1, 1>, plane: [H, W], [H, W];

    /// [`GlobalAvgPool2d`] as a function, by value. PyTorch: `functional.adaptive_avg_pool2d(x, 1)`.
    ///
    /// ```
    /// use constconv::functional::global_avg_pool2d;
    /// use constconv::prelude::*;
    /// assert_eq!(global_avg_pool2d(&Tensor::new([[[[1.0, 4.0], [4.0, 3.0]]]])), Tensor::new([[[[3.0]]]]));
    /// ```
    global_avg_pool2d;

    /// As [`global_avg_pool2d`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_avg_pool2d_into;
    /// let mut y = Tensor::zeros();
    /// global_avg_pool2d_into(&Tensor::new([[[[1.0, 4.0], [4.0, 3.0]]]]), &mut y);
    /// assert_eq!(y, Tensor::new([[[[3.0]]]]));
    /// ```
    global_avg_pool2d_into;

    /// dx of [`global_avg_pool2d`], by value; the size of x is taken from the result.
    ///
    /// ```
    /// use constconv::functional::global_avg_pool2d_backward;
    /// use constconv::prelude::*;
    /// let dx: Tensor<f32, 1, 1, 2, 2> = global_avg_pool2d_backward(&Tensor::new([[[[8.0]]]]));
    /// assert_eq!(dx, Tensor::full(2.0));
    /// ```
    global_avg_pool2d_backward;

    /// As [`global_avg_pool2d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::global_avg_pool2d_backward_into;
    /// let mut dx = Tensor::zeros();
    /// global_avg_pool2d_backward_into(&Tensor::new([[[[8.0]]]]), &mut dx);
    /// assert_eq!(dx, Tensor::new([[[[2.0, 2.0], [2.0, 2.0]]]]));
    /// ```
    global_avg_pool2d_backward_into;
}

/// One window over each plane, for the kernels.
pub(super) const fn whole_planes(planes: usize, plane: [usize; 2]) -> Pool2dGeometry {
    Pool2dGeometry {
        planes,
        input: plane,
        output: [1, 1],
        kernel: plane,
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
    }
}
