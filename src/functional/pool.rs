//! Max and average pooling in one and two dimensions: the 1-D ones are those of planes of height 1.

use core::ops::Range;

use num_traits::FromPrimitive;

use crate::kernel::{self, Pool2dGeometry};
use crate::shape::{Band, Counting, Line, Plane, PoolOptions, Window};
use crate::tensor::{Array, Scalar, Signal, Tensor, Zeroed};

/// The sizes of a pooling with the options `O` on a plane or a line `X`, for the kernels.
const fn geometry<X, O: PoolOptions>(planes: usize) -> Pool2dGeometry
where
    X: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
{
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

/// Max pooling of N·C planes or lines `P`, for functions and layers; overwrites `y`.
pub(crate) fn max_pool<P, O: PoolOptions, const N: usize, const C: usize, X, Y>(x: &X, y: &mut Y)
where
    P: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
    X: Array,
    Y: Array<Scalar = X::Scalar>,
{
    let g = const { &geometry::<P, O>(N * C) };
    kernel::max_pool2d(g, x.as_slice(), y.as_mut_slice());
}

/// dx of [`max_pool`]; overwrites `dx`. The places of maxima are found again in x rather than kept: that costs no memory.
pub(crate) fn max_pool_backward<P, O: PoolOptions, const N: usize, const C: usize, X, Y>(x: &X, dy: &Y, dx: &mut X)
where
    P: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
    X: Array,
    Y: Array<Scalar = X::Scalar>,
{
    let g = const { &geometry::<P, O>(N * C) };
    kernel::max_pool2d_backward(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
}

/// As [`max_pool`], of the average.
pub(crate) fn avg_pool<P, O: PoolOptions, M: Counting, const N: usize, const C: usize, X, Y>(x: &X, y: &mut Y)
where
    P: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
    X: Array<Scalar: FromPrimitive>,
    Y: Array<Scalar = X::Scalar>,
{
    let g = const { &geometry::<P, O>(N * C) };
    kernel::avg_pool2d(g, M::COUNT_INCLUDE_PAD, x.as_slice(), y.as_mut_slice());
}

/// dx of [`avg_pool`]; overwrites `dx`.
pub(crate) fn avg_pool_backward<P, O: PoolOptions, M: Counting, const N: usize, const C: usize, X, Y>(
    dy: &Y,
    dx: &mut X,
) where
    P: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
    X: Array<Scalar: FromPrimitive>,
    Y: Array<Scalar = X::Scalar>,
{
    let g = const { &geometry::<P, O>(N * C) };
    kernel::avg_pool2d_backward(g, M::COUNT_INCLUDE_PAD, dy.as_slice(), dx.as_mut_slice());
}

/// Rows of the planes that windows have.
pub(crate) const fn rows_of_windows<X, O: PoolOptions>() -> usize
where
    X: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
{
    let reach = (X::OUTPUT[0] - 1) * X::STRIDE[0] + (X::KERNEL[0] - 1) * X::DILATION[0] + 1;
    let end = reach.saturating_sub(X::PADDING[0]);
    if end < X::INPUT[0] { end } else { X::INPUT[0] }
}

/// The sizes of one channel in a band of so many rows, if windows lie side by side and it is a row of them.
const fn row_of_tiles(g: &Pool2dGeometry, rows: usize) -> Option<Pool2dGeometry> {
    let [[kh, kw], [sh, sw], [ph, pw], [dh, dw]] = [g.kernel, g.stride, g.padding, g.dilation];
    if kh == sh && kw == sw && ph == 0 && pw == 0 && dh == 1 && dw == 1 && kh == rows {
        return Some(Pool2dGeometry { planes: 1, input: [kh, g.input[1]], output: [1, g.output[1]], ..*g });
    }
    None
}

/// Calls `pool(rows of the channel, row of y)` for each channel of a row of tiles: band `band` of an image, (C, KH, W).
#[inline(always)]
fn for_each_channel<T, const C: usize>(
    g: &Pool2dGeometry,
    rows: usize,
    [image, band]: [usize; 2],
    x: &[T],
    mut pool: impl FnMut(&[T], Range<usize>),
) {
    for (c, x) in x.chunks_exact(g.x_len()).take(C).enumerate() {
        let first = ((image * C + c) * rows + band) * g.y_len();
        pool(x, first..first + g.y_len());
    }
}

/// What of y belongs to an image.
#[inline(always)]
fn of_image(g: &Pool2dGeometry, image: usize) -> Range<usize> {
    image * g.y_len()..(image + 1) * g.y_len()
}

/// [`max_pool`] of one band of the rows of an image; overwrites or completes what of `y` has windows there.
pub(crate) fn max_pool_band<P, O: PoolOptions, B: Band, const C: usize, Y: Array>(
    image: usize,
    band: usize,
    x: &[Y::Scalar],
    y: &mut Y,
) where
    P: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
{
    let (g, y) = (const { &geometry::<P, O>(C) }, y.as_mut_slice());
    match const { &row_of_tiles(&geometry::<P, O>(C), B::ROWS) } {
        Some(g) => for_each_channel::<_, C>(g, P::OUTPUT[0], [image, band], x, |x, row| {
            // There are all of them: no panic is linked.
            if let Some(y) = y.get_mut(row) {
                kernel::max_pool2d(g, x, y);
            }
        }),
        None => {
            let rows = band * B::ROWS..(band + 1) * B::ROWS;
            kernel::max_pool2d_band(g, rows, x, &mut y[of_image(g, image)]);
        }
    }
}

/// [`max_pool_band`] that tells which cell of its window each output comes from.
pub(crate) fn max_pool_band_marked<P, O: PoolOptions, B: Band, const C: usize, Y: Array, M: Array<Scalar = u8>>(
    image: usize,
    band: usize,
    x: &[Y::Scalar],
    y: &mut Y,
    winners: &mut M,
) where
    P: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
{
    let (g, y, winners) = (const { &geometry::<P, O>(C) }, y.as_mut_slice(), winners.as_mut_slice());
    match const { &row_of_tiles(&geometry::<P, O>(C), B::ROWS) } {
        Some(g) => for_each_channel::<_, C>(g, P::OUTPUT[0], [image, band], x, |x, row| {
            if let (Some(y), Some(winners)) = (y.get_mut(row.clone()), winners.get_mut(row)) {
                kernel::max_pool2d_marked(g, x, y, winners);
            }
        }),
        None => {
            let (rows, image) = (band * B::ROWS..(band + 1) * B::ROWS, of_image(g, image));
            kernel::max_pool2d_band_marked(g, rows, x, &mut y[image.clone()], &mut winners[image]);
        }
    }
}

/// [`avg_pool`] of one band of the rows of an image, which is one row where windows do not lie side by side. Then `kept`
/// has the last KH rows (C, KH, W), to which it is added; overwrites what of `y` has windows that end there.
pub(crate) fn avg_pool_band<P, O: PoolOptions, M: Counting, B: Band, const C: usize, Y: Array<Scalar: FromPrimitive>>(
    image: usize,
    band: usize,
    x: &[Y::Scalar],
    kept: Option<&mut [Y::Scalar]>,
    y: &mut Y,
) where
    P: Window<O::Kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
{
    let y = y.as_mut_slice();
    if let Some(g) = const { &row_of_tiles(&geometry::<P, O>(C), B::ROWS) } {
        return for_each_channel::<_, C>(g, P::OUTPUT[0], [image, band], x, |x, row| {
            // There is no padding that could count.
            if let Some(y) = y.get_mut(row) {
                kernel::avg_pool2d(g, true, x, y);
            }
        });
    }
    let (g, ([height, _], width)) = (const { &geometry::<P, O>(1) }, (P::KERNEL, P::INPUT[1]));
    let rows = (band + 1).saturating_sub(height)..band + 1;
    let channels = kept.unwrap_or_default().chunks_exact_mut((height * width).max(1)).zip(x.chunks_exact(width.max(1)));
    for (c, (kept, x)) in channels.enumerate() {
        kept.copy_within(width.., 0);
        kept[(height - 1) * width..].copy_from_slice(x);
        let kept = &kept[(height - rows.len()) * width..];
        kernel::avg_pool2d_band(g, M::COUNT_INCLUDE_PAD, rows.clone(), kept, &mut y[of_image(g, image * C + c)]);
    }
}

/// The output of a functional pooling: `Tensor<T, N, C, HO, WO>` on a plane, `Signal<T, N, C, LO>` on a line.
type PoolOutput<T, const N: usize, const C: usize, X, O> = <X as Window<
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
        $body:block
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
        $body
    };
}

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
                let mut y = Zeroed::ZERO;
                $into(x, options, &mut y);
                y
            }
        }

        pool_function! {
            $(#[$into_doc])*
            pub fn $into[$on, $($size),+]<T: Scalar>(x: &$x, options: O, y: &mut PoolOutput<T, N, C, $on, O>) {
                let _ = options;
                max_pool::<$on, O, N, C, _, _>(x, y);
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
                let mut dx = Zeroed::ZERO;
                $backward_into(x, options, dy, &mut dx);
                dx
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
                let _ = options;
                max_pool_backward::<$on, O, N, C, _, _>(x, dy, dx);
            }
        }
    };
}

max_pool_functions! {
    x: Tensor<T, N, C, H, W>, on: Plane<H, W>, [H, W];

    /// [`MaxPool2d`](crate::layer::MaxPool2d) as a function, by value. PyTorch: `functional.max_pool2d`.
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

max_pool_functions! {
    x: Signal<T, N, C, L>, on: Line<L>, [L];

    /// [`MaxPool1d`](crate::layer::MaxPool1d) as a function, by value. PyTorch: `functional.max_pool1d`.
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
                let mut y = Zeroed::ZERO;
                $into(x, options, counting, &mut y);
                y
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
                let _ = (options, counting);
                avg_pool::<$on, O, M, N, C, _, _>(x, y);
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
                let mut dx = Zeroed::ZERO;
                $backward_into(dy, options, counting, &mut dx);
                dx
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
                let _ = (options, counting);
                avg_pool_backward::<$on, O, M, N, C, _, _>(dy, dx);
            }
        }
    };
}

avg_pool_functions! {
    x: Tensor<T, N, C, H, W>, on: Plane<H, W>, [H, W];

    /// [`AvgPool2d`](crate::layer::AvgPool2d) as a function, by value. PyTorch: `functional.avg_pool2d`.
    ///
    /// `counting` is [`IncludePad`](crate::shape::IncludePad) or [`ExcludePad`](crate::shape::ExcludePad).
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

avg_pool_functions! {
    x: Signal<T, N, C, L>, on: Line<L>, [L];

    /// [`AvgPool1d`](crate::layer::AvgPool1d) as a function, by value. PyTorch: `functional.avg_pool1d`.
    ///
    /// `counting` is [`IncludePad`](crate::shape::IncludePad) or [`ExcludePad`](crate::shape::ExcludePad).
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
