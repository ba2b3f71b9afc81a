//! 2-D max and average pooling.

use core::marker::PhantomData;

use num_traits::FromPrimitive;

use super::{Backward, Layer, without_parameters};
use crate::Scalar;
use crate::kernel::{self, Pool2dGeometry};
use crate::shape::{Dilation, Exact, Padding, Plane, PoolOptions, Pooled, Window};
use crate::tensor::{Array, Tensor, Zeroed};

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
/// `P` a [`Padding`], `R` a rounding, `D` a [`Dilation`]. Padding is −∞, never a maximum; zeros are had by padding
/// first. The first maximum of a window in row-major order receives the gradient; overlapping windows add up. A NaN in
/// a window gives NaN, and the last NaN receives the gradient, as in PyTorch.
/// [`Ceil`](crate::shape::Ceil) is PyTorch's `ceil_mode`.
///
/// It does not compile with a stride that does not divide under `Exact`, a kernel larger than the padded input, or
/// padding of more than half of the kernel.
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

without_parameters! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = MaxPool2d::<Kernel<1, 3>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Tensor::new([[[[1, 9, 2, 3]]]])), Tensor::new([[[[9, 9]]]]));
    /// ```
    marker MaxPool2d<K, S, P, R, D>
}

/// The two maps of a pooling layer: its generics and conditions, what x and y are, its sizes and its kernels.
macro_rules! pooling {
    (
        [$($generics:tt)*] $layer:ty, where [$($condition:tt)*],
        x: $x:ty, y: $y:ty, sizes: $geometry:expr,
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

            fn apply(&self, x: &$x, y: &mut $y, (): &mut ()) {
                let g = const { &$geometry };
                ($forward)(g, x.as_slice(), y.as_mut_slice());
            }
        }

        impl<$($generics)*> Backward<$x> for $layer
        where
            $($condition)*
        {
            type Tape = ();

            fn record(&self, x: &$x, y: &mut $y, (): &mut ()) {
                self.apply(x, y, &mut ());
            }

            fn propagate(&self, x: &$x, _y: &$y, dy: &$y, (): &mut (), dx: Option<&mut $x>, _: &mut Self) {
                // The places of maxima are found again in x rather than kept: that costs no memory.
                if let Some(dx) = dx {
                    let g = const { &$geometry };
                    ($backward)(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
                }
            }
        }
    };
}
pub(super) use pooling;

pooling! {
    [T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, K, S, P, R, D]
    MaxPool2d<K, S, P, R, D>, where [Plane<H, W>: Window<K, S, P, Pooled<R>, D>],
    x: Tensor<T, N, C, H, W>, y: <Plane<H, W> as Window<K, S, P, Pooled<R>, D>>::Output<T, N, C>,
    sizes: geometry::<Plane<H, W>, K, S, P, Pooled<R>, D>(N * C),
    forward: kernel::max_pool2d,
    backward: kernel::max_pool2d_backward,
}

/// Average pooling: cells of the declared padding count as zeros. PyTorch: `count_include_pad=True`. The default.
///
/// ```
/// use constconv::prelude::*;
/// let pool = AvgPool2d::<Kernel<1, 2>, Stride<1, 2>, Padding<0, 1>, Exact, IncludePad>::new();
/// assert_eq!(pool.forward(&Tensor::new([[[[8.0, 4.0]]]])), Tensor::new([[[[4.0, 2.0]]]])); // (0 + 8)/2, (4 + 0)/2
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IncludePad;

/// Average pooling: only cells of the input count. PyTorch: `count_include_pad=False`.
///
/// ```
/// use constconv::prelude::*;
/// let pool = AvgPool2d::<Kernel<1, 2>, Stride<1, 2>, Padding<0, 1>, Exact, ExcludePad>::new();
/// assert_eq!(pool.forward(&Tensor::new([[[[8.0, 4.0]]]])), Tensor::new([[[[8.0, 4.0]]]])); // 8/1, 4/1
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExcludePad;

/// What an average counts: [`IncludePad`] or [`ExcludePad`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::layer::Counting;
/// fn divisor<M: Counting>(padding: usize, cells: usize) -> usize {
///     if M::COUNT_INCLUDE_PAD { padding + cells } else { cells }
/// }
/// assert_eq!((divisor::<IncludePad>(5, 4), divisor::<ExcludePad>(5, 4)), (9, 4));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what an average counts",
    label = "expected `IncludePad` or `ExcludePad` here"
)]
pub trait Counting {
    /// Whether cells of the declared padding count.
    const COUNT_INCLUDE_PAD: bool;
}

impl Counting for IncludePad {
    const COUNT_INCLUDE_PAD: bool = true;
}

impl Counting for ExcludePad {
    const COUNT_INCLUDE_PAD: bool = false;
}

/// 2-D average pooling. PyTorch: `nn.AvgPool2d`.
///
/// y\[n,c,i,j\] = 1/count · Σ x\[n, c, i·SH + u − PH, j·SW + v − PW\] over the window's cells on the plane
///
/// Shapes and window parameters as for [`MaxPool2d`]. With [`IncludePad`] (the default) count is the number of cells
/// on the plane and its declared padding, KH·KW but at an edge that [`Ceil`](crate::shape::Ceil) appended; with
/// [`ExcludePad`] it is the number of cells on the plane.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<f32, 1, 1, 2, 4>::new([[[[1., 5., 3., 3.], [2., 4., 3., 0.]]]]);
/// assert_eq!(AvgPool2d::<Kernel<2>>::new().forward(&x), Tensor::new([[[[3.0, 2.25]]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool2d<K, S = K, P = Padding<0>, R = Exact, M = IncludePad>(PhantomData<(K, S, P, R, M)>);

without_parameters! {
    /// ```
    /// use constconv::prelude::*;
    /// let pool = AvgPool2d::<Kernel<1, 2>, Stride<1>>::new();
    /// assert_eq!(pool.forward(&Tensor::new([[[[1.0, 3.0, 7.0]]]])), Tensor::new([[[[2.0, 5.0]]]]));
    /// ```
    marker AvgPool2d<K, S, P, R, M>
}

pooling! {
    [T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize, K, S, P, R, M: Counting]
    AvgPool2d<K, S, P, R, M>, where [Plane<H, W>: Window<K, S, P, Pooled<R>, Dilation<1>>],
    x: Tensor<T, N, C, H, W>, y: <Plane<H, W> as Window<K, S, P, Pooled<R>, Dilation<1>>>::Output<T, N, C>,
    sizes: geometry::<Plane<H, W>, K, S, P, Pooled<R>, Dilation<1>>(N * C),
    forward: |g, x, y| kernel::avg_pool2d(g, M::COUNT_INCLUDE_PAD, x, y),
    backward: |g, _x, dy, dx| kernel::avg_pool2d_backward(g, M::COUNT_INCLUDE_PAD, dy, dx),
}

/// The sizes of a pooling on a plane or a line `X`, for the kernels.
pub(super) const fn geometry<X: Window<K, S, P, R, D>, K, S, P, R, D>(planes: usize) -> Pool2dGeometry {
    Pool2dGeometry {
        planes,
        input: X::INPUT,
        output: X::OUTPUT,
        kernel: X::KERNEL,
        stride: X::STRIDE,
        padding: X::PADDING,
        dilation: X::DILATION,
    }
}

/// The output of a functional pooling: `Tensor<T, N, C, HO, WO>` on a plane, `Signal<T, N, C, LO>` on a line.
pub(super) type PoolOutput<T, const N: usize, const C: usize, X, O> = <X as Window<
    <O as PoolOptions>::Kernel,
    <O as PoolOptions>::Stride,
    <O as PoolOptions>::Padding,
    <O as PoolOptions>::Rounding,
    <O as PoolOptions>::Dilation,
>>::Output<T, N, C>;

/// Declares a function that is generic over all sizes of a pooling.
macro_rules! pool_function {
    (
        $(#[$doc:meta])*
        pub fn $name:ident[$on:ty, $($size:ident),+]<T: $bound:path $(, $counting:ident)?>
        ($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?
        { $g:ident => $body:expr }
    ) => {
        $(#[$doc])*
        pub fn $name<
            T: Scalar + $bound,
            O: PoolOptions,
            $($counting: Counting,)?
            const N: usize,
            const C: usize,
            $(const $size: usize),+
        >($($argument: $type),*) $(-> $result)?
        where
            $on: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
        {
            let $g = const { &geometry::<$on, O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>(N * C) };
            $body
        }
    };
}
pub(super) use pool_function;

/// The four functions of a max pooling: what x is, on what the windows slide, their names and docs.
macro_rules! max_pool_functions {
    (
        x: $x:ty, on: $on:ty, [$($size:ident),+];
        $(#[$doc:meta])* $name:ident;
        $(#[$into_doc:meta])* $into:ident;
        $(#[$backward_doc:meta])* $backward:ident;
        $(#[$backward_into_doc:meta])* $backward_into:ident;
    ) => {
        pool_function! {
            $(#[$doc])*
            #[must_use]
            pub fn $name[$on, $($size),+]<T: Scalar>(x: &$x, options: O) -> PoolOutput<T, N, C, $on, O> {
                _g => {
                    let mut y = Zeroed::ZERO;
                    $into(x, options, &mut y);
                    y
                }
            }
        }

        pool_function! {
            $(#[$into_doc])*
            pub fn $into[$on, $($size),+]<T: Scalar>(x: &$x, options: O, y: &mut PoolOutput<T, N, C, $on, O>) {
                g => {
                    let _ = options;
                    kernel::max_pool2d(g, x.as_slice(), y.as_mut_slice());
                }
            }
        }

        pool_function! {
            $(#[$backward_doc])*
            #[must_use]
            pub fn $backward[$on, $($size),+]<T: Scalar>(
                x: &$x,
                options: O,
                dy: &PoolOutput<T, N, C, $on, O>,
            ) -> $x {
                _g => {
                    let mut dx = Zeroed::ZERO;
                    $backward_into(x, options, dy, &mut dx);
                    dx
                }
            }
        }

        pool_function! {
            $(#[$backward_into_doc])*
            pub fn $backward_into[$on, $($size),+]<T: Scalar>(
                x: &$x,
                options: O,
                dy: &PoolOutput<T, N, C, $on, O>,
                dx: &mut $x,
            ) {
                g => {
                    let _ = options;
                    kernel::max_pool2d_backward(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
                }
            }
        }
    };
}
pub(super) use max_pool_functions;

max_pool_functions! {
    x: Tensor<T, N, C, H, W>, on: Plane<H, W>, [H, W];

    /// [`MaxPool2d`] as a function, by value. PyTorch: `functional.max_pool2d`.
    ///
    /// ```
    /// use constconv::functional::max_pool2d;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f32, 2, 3, 28, 28>::full(1.0);
    /// assert_eq!(max_pool2d(&x, (Kernel::<2>,)).shape(), [2, 3, 14, 14]);
    /// assert_eq!(max_pool2d(&x, (Kernel::<3>, Stride::<2>, Padding::<1>, Floor)).shape(), [2, 3, 14, 14]);
    /// ```
    max_pool2d;

    /// As [`max_pool2d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::max_pool2d_into;
    /// let mut y = Tensor::zeros();
    /// max_pool2d_into(&Tensor::new([[[[1, 5], [2, 4]]]]), (Kernel::<2, 1>,), &mut y);
    /// assert_eq!(y, Tensor::<i32, 1, 1, 1, 2>::new([[[[2, 5]]]]));
    /// ```
    max_pool2d_into;

    /// dx of [`max_pool2d()`], by value.
    ///
    /// ```
    /// use constconv::functional::max_pool2d_backward;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<i32, 1, 1, 2, 2>::new([[[[1, 5], [2, 4]]]]);
    /// let dx = max_pool2d_backward(&x, (Kernel::<2>,), &Tensor::full(7));
    /// assert_eq!(dx, Tensor::new([[[[0, 7], [0, 0]]]]));
    /// ```
    max_pool2d_backward;

    /// As [`max_pool2d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::max_pool2d_backward_into;
    /// let (x, dy) = (Tensor::new([[[[1, 5], [2, 4]]]]), Tensor::new([[[[7, 8]]]]));
    /// let mut dx = Tensor::zeros();
    /// max_pool2d_backward_into(&x, (Kernel::<2, 1>,), &dy, &mut dx);
    /// assert_eq!(dx, Tensor::new([[[[0, 8], [7, 0]]]]));
    /// ```
    max_pool2d_backward_into;
}

/// As [`max_pool_functions`], of an average pooling.
macro_rules! avg_pool_functions {
    (
        x: $x:ty, on: $on:ty, [$($size:ident),+];
        $(#[$doc:meta])* $name:ident;
        $(#[$into_doc:meta])* $into:ident;
        $(#[$backward_doc:meta])* $backward:ident;
        $(#[$backward_into_doc:meta])* $backward_into:ident;
    ) => {
        pool_function! {
            $(#[$doc])*
            #[must_use]
            pub fn $name[$on, $($size),+]<T: FromPrimitive, M>(
                x: &$x,
                options: O,
                counting: M,
            ) -> PoolOutput<T, N, C, $on, O> {
                _g => {
                    let mut y = Zeroed::ZERO;
                    $into(x, options, counting, &mut y);
                    y
                }
            }
        }

        pool_function! {
            $(#[$into_doc])*
            pub fn $into[$on, $($size),+]<T: FromPrimitive, M>(
                x: &$x,
                options: O,
                counting: M,
                y: &mut PoolOutput<T, N, C, $on, O>,
            ) {
                g => {
                    let _ = (options, counting);
                    kernel::avg_pool2d(g, M::COUNT_INCLUDE_PAD, x.as_slice(), y.as_mut_slice());
                }
            }
        }

        pool_function! {
            $(#[$backward_doc])*
            #[must_use]
            pub fn $backward[$on, $($size),+]<T: FromPrimitive, M>(
                dy: &PoolOutput<T, N, C, $on, O>,
                options: O,
                counting: M,
            ) -> $x {
                _g => {
                    let mut dx = Zeroed::ZERO;
                    $backward_into(dy, options, counting, &mut dx);
                    dx
                }
            }
        }

        pool_function! {
            $(#[$backward_into_doc])*
            pub fn $backward_into[$on, $($size),+]<T: FromPrimitive, M>(
                dy: &PoolOutput<T, N, C, $on, O>,
                options: O,
                counting: M,
                dx: &mut $x,
            ) {
                g => {
                    let _ = (options, counting);
                    kernel::avg_pool2d_backward(g, M::COUNT_INCLUDE_PAD, dy.as_slice(), dx.as_mut_slice());
                }
            }
        }
    };
}
pub(super) use avg_pool_functions;

avg_pool_functions! {
    x: Tensor<T, N, C, H, W>, on: Plane<H, W>, [H, W];

    /// [`AvgPool2d`] as a function, by value. PyTorch: `functional.avg_pool2d`.
    ///
    /// `counting` is [`IncludePad`] or [`ExcludePad`].
    ///
    /// ```
    /// use constconv::functional::avg_pool2d;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f32, 1, 1, 2, 2>::new([[[[1.0, 5.0], [2.0, 4.0]]]]);
    /// assert_eq!(avg_pool2d(&x, (Kernel::<2>,), IncludePad), Tensor::full(3.0));
    /// ```
    avg_pool2d;

    /// As [`avg_pool2d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::avg_pool2d_into;
    /// let mut y = Tensor::zeros();
    /// avg_pool2d_into(&Tensor::new([[[[1.0, 5.0], [3.0, 7.0]]]]), (Kernel::<2, 1>,), IncludePad, &mut y);
    /// assert_eq!(y, Tensor::<f32, 1, 1, 1, 2>::new([[[[2.0, 6.0]]]]));
    /// ```
    avg_pool2d_into;

    /// dx of [`avg_pool2d()`], by value; the size of x is taken from the result.
    ///
    /// ```
    /// use constconv::functional::avg_pool2d_backward;
    /// use constconv::prelude::*;
    ///
    /// let dy = Tensor::<f32, 1, 1, 1, 1>::full(8.0);
    /// let dx: Tensor<f32, 1, 1, 2, 2> = avg_pool2d_backward(&dy, (Kernel::<2>,), IncludePad);
    /// assert_eq!(dx, Tensor::full(2.0));
    /// ```
    avg_pool2d_backward;

    /// As [`avg_pool2d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::avg_pool2d_backward_into;
    /// let mut dx = Tensor::<f32, 1, 1, 2, 2>::zeros();
    /// avg_pool2d_backward_into(&Tensor::new([[[[2.0, 6.0]]]]), (Kernel::<2, 1>,), IncludePad, &mut dx);
    /// assert_eq!(dx, Tensor::new([[[[1.0, 3.0], [1.0, 3.0]]]]));
    /// ```
    avg_pool2d_backward_into;
}
