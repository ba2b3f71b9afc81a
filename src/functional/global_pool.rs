//! Pooling of whole planes and of whole signals.

use num_traits::FromPrimitive;

use crate::kernel::{self, Pool2dGeometry};
use crate::shape::Band;
use crate::tensor::{Array, Matrix, Scalar, Signal, Tensor, Zeroed};

/// One window over each plane, for the kernels.
const fn whole_planes(planes: usize, plane: [usize; 2]) -> Pool2dGeometry {
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

/// The four functions of the maximum of whole planes, and their docs.
macro_rules! global_max_pool {
    (
        x: $x:ty, y: $y:ty, plane: $plane:expr, [$($size:ident),+];
        $(#[$doc:meta])* $name:ident;
        $(#[$into_doc:meta])* $into:ident;
        $(#[$backward_doc:meta])* $backward:ident;
        $(#[$backward_into_doc:meta])* $backward_into:ident;
    ) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name<T: Scalar, const N: usize, const C: usize, $(const $size: usize),+>(x: &$x) -> $y {
            let mut y = Zeroed::ZERO;
            $into(x, &mut y);
            y
        }

        $(#[$into_doc])*
        pub fn $into<T: Scalar, const N: usize, const C: usize, $(const $size: usize),+>(x: &$x, y: &mut $y) {
            kernel::max_pool2d(const { &whole_planes(N * C, $plane) }, x.as_slice(), y.as_mut_slice());
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
            let g = const { &whole_planes(N * C, $plane) };
            kernel::max_pool2d_backward(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
        }
    };
}

/// The maxima of the planes of an image, of which one band of rows comes after the other: overwrites or completes what of
/// `y` belongs to it.
pub(crate) fn global_max_pool_band<B: Band, const C: usize, const H: usize, const W: usize, Y: Array>(
    image: usize,
    band: usize,
    x: &[Y::Scalar],
    y: &mut Y,
) {
    let (g, rows) = (const { &whole_planes(C, [H, W]) }, band * B::ROWS..(band + 1) * B::ROWS);
    kernel::max_pool2d_band(g, rows, x, &mut y.as_mut_slice()[image * C..(image + 1) * C]);
}

/// As [`global_max_pool_band`], of the means. `sums` are those of the planes so far.
pub(crate) fn global_avg_pool_band<B: Band, const C: usize, const H: usize, const W: usize, Y>(
    image: usize,
    band: usize,
    x: &[Y::Scalar],
    sums: &mut PlaneSums<Y::Scalar, C>,
    y: &mut Y,
) where
    Y: Array<Scalar: FromPrimitive>,
{
    const { assert!(size_of::<Y::Scalar>() > 1 || H * W <= 1 << 24, "planes of bytes have at most 2^24 cells") };
    let rows = band * B::ROWS..(band + 1) * B::ROWS;
    let is_last = rows.end == H;
    kernel::sum_rows(W, rows, x, sums.as_mut_slice());
    if is_last {
        kernel::mean_of_sums(H * W, sums.as_slice(), &mut y.as_mut_slice()[image * C..(image + 1) * C]);
    }
}

/// Sums of C planes whose rows come one after the other.
pub(crate) type PlaneSums<T, const C: usize> = Matrix<T, C, { kernel::PARTS }>;

global_max_pool! {
    x: Tensor<T, N, C, H, W>, y: Tensor<T, N, C, 1, 1>, plane: [H, W], [H, W];

    /// [`GlobalMaxPool2d`](crate::layer::GlobalMaxPool2d) as a function, by value. PyTorch: `functional.adaptive_max_pool2d(x, 1)`.
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

global_max_pool! {
    x: Signal<T, N, C, L>, y: Signal<T, N, C, 1>, plane: [1, L], [L];

    /// [`GlobalMaxPool1d`](crate::layer::GlobalMaxPool1d) as a function, by value. PyTorch: `functional.adaptive_max_pool1d(x, 1)`.
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

/// As [`global_max_pool`], of the average.
macro_rules! global_avg_pool {
    (
        x: $x:ty, y: $y:ty, plane: $plane:expr, [$($size:ident),+];
        $(#[$doc:meta])* $name:ident;
        $(#[$into_doc:meta])* $into:ident;
        $(#[$backward_doc:meta])* $backward:ident;
        $(#[$backward_into_doc:meta])* $backward_into:ident;
    ) => {
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
            kernel::global_avg_pool2d($plane, x.as_slice(), y.as_mut_slice());
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
            let g = const { &whole_planes(N * C, $plane) };
            kernel::avg_pool2d_backward(g, true, dy.as_slice(), dx.as_mut_slice());
        }
    };
}

global_avg_pool! {
    x: Tensor<T, N, C, H, W>, y: Tensor<T, N, C, 1, 1>, plane: [H, W], [H, W];

    /// [`GlobalAvgPool2d`](crate::layer::GlobalAvgPool2d) as a function, by value. PyTorch: `functional.adaptive_avg_pool2d(x, 1)`.
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

global_avg_pool! {
    x: Signal<T, N, C, L>, y: Signal<T, N, C, 1>, plane: [1, L], [L];

    /// [`GlobalAvgPool1d`](crate::layer::GlobalAvgPool1d) as a function, by value. PyTorch: `functional.adaptive_avg_pool1d(x, 1)`.
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
