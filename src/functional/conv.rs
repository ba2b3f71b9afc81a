//! Convolution in one and two dimensions: the 1-D one is that of planes of height 1.

use core::marker::PhantomData;

use crate::kernel;
pub(crate) use crate::kernel::Conv2dGeometry;
pub(crate) use crate::kernel::Pool2dGeometry;
use crate::kernel::known::{self, Known};
use crate::shape::sealed::Sealed;
use crate::shape::{BiasTerm, ConvOptions, GroupedFilters, Kernel, Line, Plane, Window};
use crate::tensor::{Array, Epilogue, Scalar, Signal, Tensor, Zeroed};

/// A layer that is a convolution: its filters and its bias. [`Conv2d`](crate::layer::Conv2d) and
/// [`Conv1d`](crate::layer::Conv1d).
///
/// It is what is needed to make another layer of a convolution: [`Winograd`](crate::layer::Winograd) runs its filters in
/// another way, [`BatchNorm2d::fold`](crate::layer::BatchNorm2d::fold) scales them.
///
/// ```
/// use constconv::functional::Convolution;
/// use constconv::prelude::*;
/// /// The largest weight of a convolution of any dimension, by its absolute value.
/// fn largest<L: Convolution<Scalar = f32>>(conv: &L) -> f32 {
///     conv.filters().iter().fold(0.0, |largest, w| largest.max(w.abs()))
/// }
/// let conv = Conv1d::<f32, 1, 1, Kernel<3>>::new(Signal::new([[[1.0, -5.0, 2.0]]]), Vector::zeros());
/// assert_eq!(largest(&conv), 5.0);
/// assert_eq!(largest(&Conv2d::<f32, 3, 8, Kernel<3>>::ZERO), 0.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a convolution",
    label = "expected a `Conv2d` or a `Conv1d` here"
)]
pub trait Convolution: Sealed {
    /// The elements.
    type Scalar: Scalar;
    /// [`Axis<F>`](crate::shape::Axis), where F is the number of filters.
    type Filters;
    /// Kernel, stride, dilation and groups.
    type Window;
    /// The same convolution with a bias.
    type WithBias: Convolution<Scalar = Self::Scalar> + Zeroed;

    /// The filters (F, C/G, KH, KW) or (F, C/G, K), row-major.
    ///
    /// ```
    /// use constconv::functional::Convolution;
    /// use constconv::prelude::*;
    /// let conv = Conv1d::<f32, 1, 2, Kernel<2>>::new(Signal::new([[[1.0, 2.0]], [[3.0, 4.0]]]), Vector::zeros());
    /// assert_eq!(conv.filters(), [1.0, 2.0, 3.0, 4.0]);
    /// ```
    fn filters(&self) -> &[Self::Scalar];

    /// The bias (F), where there is one.
    ///
    /// ```
    /// use constconv::functional::Convolution;
    /// use constconv::prelude::*;
    /// let conv = Conv1d::<f32, 1, 1, Kernel<2>>::new(Signal::zeros(), Vector::new([7.0]));
    /// assert_eq!(conv.bias(), Some(&[7.0][..]));
    /// ```
    fn bias(&self) -> Option<&[Self::Scalar]>;

    /// The filters and, where there is one, the bias, to change them.
    ///
    /// ```
    /// use constconv::functional::Convolution;
    /// use constconv::prelude::*;
    /// let mut conv = Conv1d::<f32, 1, 1, Kernel<2>>::ZERO;
    /// let (filters, bias) = conv.parameters_mut();
    /// filters.copy_from_slice(&[1.0, 2.0]);
    /// bias.into_iter().flatten().for_each(|b| *b = 7.0);
    /// assert_eq!(conv, Conv1d::new(Signal::new([[[1.0, 2.0]]]), Vector::new([7.0])));
    /// ```
    fn parameters_mut(&mut self) -> (&mut [Self::Scalar], Option<&mut [Self::Scalar]>);
}

/// A [`Convolution`] that accepts an `X`: its sizes there.
///
/// ```
/// use constconv::functional::Convolves;
/// use constconv::prelude::*;
/// type Conv = Conv2d<f32, 3, 8, Kernel<3>, Stride<2>, Padding<1>, Floor>;
/// let g = <Conv as Convolves<Tensor<f32, 1, 3, 28, 28>>>::GEOMETRY;
/// assert_eq!((g.input, g.output, g.groups), ([28, 28], [14, 14], 1));
/// ```
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` does not accept `{X}`",
    label = "this layer does not accept `{X}`"
)]
pub trait Convolves<X: Array>: Convolution {
    /// The output, `Tensor<T, N, F, HO, WO>` or `Signal<T, N, F, LO>`.
    type Output: Array<Scalar = Self::Scalar>;
    /// The sizes, for the kernels.
    const GEOMETRY: Conv2dGeometry;
}

/// The geometry of a convolution on X, as a constant for kernels.
struct At<L, X>(PhantomData<(L, X)>);

impl<X: Array, L: Convolves<X>> Known for At<L, X> {
    const GEOMETRY: Conv2dGeometry = L::GEOMETRY;
}

/// y = L(x); overwrites `y`.
pub(crate) fn convolve<X: Array, L: Convolves<X, Scalar = X::Scalar>>(conv: &L, x: &X, y: &mut L::Output) {
    known::conv2d::<_, At<L, X>>(x.as_slice(), conv.filters(), conv.bias(), y.as_mut_slice());
}

/// y = L(x) on several threads; overwrites `y`.
pub(crate) fn convolve_parallel<X: Array, L: Convolves<X, Scalar = X::Scalar>>(conv: &L, x: &X, y: &mut L::Output) {
    let g = const { &L::GEOMETRY };
    kernel::conv2d_parallel(g, x.as_slice(), conv.filters(), conv.bias(), y.as_mut_slice());
}

/// y = L(x), then `then` on each element of y; overwrites `y`.
pub(crate) fn convolve_then<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &L,
    x: &X,
    y: &mut L::Output,
    then: Epilogue<X::Scalar>,
) {
    known::conv2d_then::<_, At<L, X>>(x.as_slice(), conv.filters(), conv.bias(), y.as_mut_slice(), then);
}

/// Bands of rows of L(x), handed to `sink`.
#[allow(clippy::type_complexity)] // The kernel's own.
pub(crate) fn convolve_by_rows<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &L,
    x: &X,
    rows: usize,
    bands: usize,
    buffer: &mut [X::Scalar],
    sink: &mut dyn FnMut(usize, usize, &mut [X::Scalar]),
) {
    known::conv2d_by_rows::<_, At<L, X>>(x.as_slice(), conv.filters(), conv.bias(), rows, bands, buffer, sink);
}

/// Windows on the output of a convolution.
const fn pool_after(g: &Conv2dGeometry, windows: &Pool2dGeometry) -> Pool2dGeometry {
    Pool2dGeometry { planes: g.n * g.f, input: g.output, ..*windows }
}

/// [`convolve_backward`] for a dy that is 0 but at one place of each window of a pooling after the convolution.
#[allow(clippy::too_many_arguments)]
pub(crate) fn convolve_backward_at_winners<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &L,
    x: &X,
    windows: &Pool2dGeometry,
    winners: &[u8],
    dy: &[X::Scalar],
    dx: Option<&mut X>,
    gradient: &mut L,
) {
    let dx = dx.map(|dx| (conv.filters(), dx.as_mut_slice()));
    let (dw, db) = gradient.parameters_mut();
    known::conv2d_backward_at_winners::<_, At<L, X>>(
        &pool_after(&L::GEOMETRY, windows),
        winners,
        x.as_slice(),
        dy,
        dx,
        Some(dw),
        db,
    );
}

/// [`convolve_descend`] for such a dy.
pub(crate) fn convolve_descend_at_winners<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &mut L,
    x: &X,
    windows: &Pool2dGeometry,
    winners: &[u8],
    dy: &[X::Scalar],
    dx: Option<&mut X>,
) {
    let pool = pool_after(&L::GEOMETRY, windows);
    if let Some(dx) = dx {
        let dx = Some((conv.filters(), dx.as_mut_slice()));
        known::conv2d_backward_at_winners::<_, At<L, X>>(&pool, winners, x.as_slice(), dy, dx, None, None);
    }
    let (w, b) = conv.parameters_mut();
    known::conv2d_backward_at_winners::<_, At<L, X>>(&pool, winners, x.as_slice(), dy, None, Some(w), b);
}

/// Overwrites dx, where it is asked for, and adds to `gradient`.
pub(crate) fn convolve_backward<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &L,
    x: &X,
    dy: &L::Output,
    dx: Option<&mut X>,
    gradient: &mut L,
) {
    let (dw, db) = gradient.parameters_mut();
    if let Some(dx) = dx {
        known::conv2d_backward_input::<_, At<L, X>>(conv.filters(), dy.as_slice(), dx.as_mut_slice());
    }
    known::conv2d_backward_parameters::<_, At<L, X>>(x.as_slice(), dy.as_slice(), dw, db);
}

/// [`convolve_backward`] that adds to the parameters themselves: dx is that of the parameters before.
pub(crate) fn convolve_descend<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &mut L,
    x: &X,
    dy: &L::Output,
    dx: Option<&mut X>,
) {
    if let Some(dx) = dx {
        known::conv2d_backward_input::<_, At<L, X>>(conv.filters(), dy.as_slice(), dx.as_mut_slice());
    }
    let (w, b) = conv.parameters_mut();
    known::conv2d_backward_parameters::<_, At<L, X>>(x.as_slice(), dy.as_slice(), w, b);
}

/// y = L(x) by Winograd's algorithm; overwrites `y`.
pub(crate) fn convolve_winograd<X: Array, L: Convolves<X, Scalar = X::Scalar>>(conv: &L, x: &X, y: &mut L::Output) {
    let g = const { &L::GEOMETRY };
    kernel::conv2d_winograd(g, x.as_slice(), conv.filters(), conv.bias(), y.as_mut_slice());
}

/// y = L(x) by Winograd's algorithm, where `u` are its transformed filters; overwrites `y`.
pub(crate) fn convolve_winograd_stored<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &L,
    u: &[X::Scalar],
    x: &X,
    y: &mut L::Output,
) {
    let g = const { &L::GEOMETRY };
    kernel::Level::current().conv2d_winograd_stored(g, x.as_slice(), conv.filters(), u, conv.bias(), y.as_mut_slice());
}

/// The transformed filters (6, 6, C, F) of a convolution that suits Winograd's algorithm.
pub(crate) fn transform_filters<L: Convolution, const C: usize, const F: usize>(
    conv: &L,
    u: &mut Tensor<L::Scalar, 6, 6, C, F>,
) {
    // As of one window: a filter does not depend on what it slides over.
    let g = Conv2dGeometry::new([1, C, 3, 3], [F, 3, 3], [1, 1]);
    kernel::Level::current().winograd_filters(&g, conv.filters(), u.as_mut_slice());
}

/// dx by Winograd's algorithm; overwrites `dx`.
pub(crate) fn convolve_winograd_backward_input<X: Array, L: Convolves<X, Scalar = X::Scalar>>(
    conv: &L,
    dy: &L::Output,
    dx: &mut X,
) {
    let g = const { &L::GEOMETRY };
    kernel::conv2d_winograd_backward_input(g, conv.filters(), dy.as_slice(), dx.as_mut_slice());
}

/// The sizes of a convolution on a plane or a line `X`, for the kernels.
pub(crate) const fn convolution_geometry<X: Window<K, S, P, R, D>, K, S, P, R, D>(
    n: usize,
    c: usize,
    f: usize,
    groups: usize,
) -> Conv2dGeometry {
    Conv2dGeometry {
        n,
        c,
        input: X::INPUT,
        f,
        output: X::OUTPUT,
        kernel: X::KERNEL,
        stride: X::STRIDE,
        padding: X::PADDING,
        dilation: X::DILATION,
        groups,
    }
}

/// The backward pass on slices, which does not grow with the shapes that a program uses: overwrites dx, where it is asked
/// for, and adds to dw and, where there is a bias, to db.
fn backward<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    dy: &[T],
    dx: Option<&mut [T]>,
    dw: &mut [T],
    db: Option<&mut [T]>,
) {
    if let Some(dx) = dx {
        kernel::conv2d_backward_input(g, w, dy, dx);
    }
    parameter_gradients(g, x, dy, dw, db);
}

/// Adds to dw and, where there is a bias, to db.
fn parameter_gradients<T: Scalar>(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T], db: Option<&mut [T]>) {
    kernel::conv2d_backward_filter(g, x, dy, dw);
    if let Some(db) = db {
        kernel::conv2d_backward_bias(g, dy, db);
    }
}

/// The output of a functional convolution: `Tensor<T, N, F, HO, WO>` on a plane, `Signal<T, N, F, LO>` on a line.
type Convolved<T, const N: usize, const F: usize, X, K, O> = <X as Window<
    K,
    <O as ConvOptions>::Stride,
    <O as ConvOptions>::Padding,
    <O as ConvOptions>::Rounding,
    <O as ConvOptions>::Dilation,
>>::Output<T, N, F>;

/// Declares a function that is generic over all sizes of a convolution.
macro_rules! conv_function {
    (
        $(#[$doc:meta])*
        pub fn $name:ident[$kernel:ty, $on:ty, $($size:ident),+]($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?
        { $g:ident => $body:expr }
    ) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub fn $name<
            T: Scalar,
            O: ConvOptions<Groups: GroupedFilters<CG, C, F>>,
            B: BiasTerm<T, F>,
            const N: usize,
            const C: usize,
            const F: usize,
            const CG: usize,
            $(const $size: usize),+
        >($($argument: $type),*) $(-> $result)?
        where
            $on: Window<$kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>,
        {
            let $g = const {
                let groups = <O::Groups as GroupedFilters<CG, C, F>>::GROUPS;
                &convolution_geometry::<$on, $kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>(N, C, F, groups)
            };
            $body
        }
    };
}

/// The four functions of a convolution: what x and w are, on what the windows slide, their names and docs.
macro_rules! conv_functions {
    (
        x: $x:ty, w: $w:ty, window: $kernel:ty, on: $on:ty, [$($size:ident),+];
        $(#[$doc:meta])* $name:ident;
        $(#[$into_doc:meta])* $into:ident;
        $(#[$backward_doc:meta])* $backward:ident;
        $(#[$backward_into_doc:meta])* $backward_into:ident;
    ) => {
        conv_function! {
            $(#[$doc])*
            #[must_use]
            pub fn $name[$kernel, $on, $($size),+](
                x: &$x,
                w: &$w,
                b: &B,
                options: O,
            ) -> Convolved<T, N, F, $on, $kernel, O> {
                _g => {
                    let mut y = Zeroed::ZERO;
                    $into(x, w, b, options, &mut y);
                    y
                }
            }
        }

        conv_function! {
            $(#[$into_doc])*
            pub fn $into[$kernel, $on, $($size),+](
                x: &$x,
                w: &$w,
                b: &B,
                options: O,
                y: &mut Convolved<T, N, F, $on, $kernel, O>,
            ) {
                g => {
                    let _ = options;
                    kernel::conv2d(g, x.as_slice(), w.as_slice(), b.elements(), y.as_mut_slice());
                }
            }
        }

        conv_function! {
            $(#[$backward_doc])*
            #[must_use]
            pub fn $backward[$kernel, $on, $($size),+](
                x: &$x,
                w: &$w,
                b: &B,
                options: O,
                dy: &Convolved<T, N, F, $on, $kernel, O>,
            ) -> ($x, $w, B) {
                _g => {
                    let _ = b;
                    let (mut dx, mut dw, mut db) = (Zeroed::ZERO, Zeroed::ZERO, B::ZERO);
                    $backward_into(x, w, options, dy, &mut dx, &mut dw, &mut db);
                    (dx, dw, db)
                }
            }
        }

        conv_function! {
            $(#[$backward_into_doc])*
            pub fn $backward_into[$kernel, $on, $($size),+](
                x: &$x,
                w: &$w,
                options: O,
                dy: &Convolved<T, N, F, $on, $kernel, O>,
                dx: &mut $x,
                dw: &mut $w,
                db: &mut B,
            ) {
                g => {
                    let _ = options;
                    let (dx, dw, db) = (dx.as_mut_slice(), dw.as_mut_slice(), db.elements_mut());
                    backward(g, x.as_slice(), w.as_slice(), dy.as_slice(), Some(dx), dw, db);
                }
            }
        }
    };
}

conv_functions! {
    x: Tensor<T, N, C, H, W>, w: Tensor<T, F, CG, KH, KW>, window: Kernel<KH, KW>, on: Plane<H, W>, [H, W, KH, KW];

    /// [`Conv2d`](crate::layer::Conv2d) as a function, by value. PyTorch: `functional.conv2d`.
    ///
    /// `w` is (F, C/G, KH, KW), `b` is `&Vector<T, F>`, or `&()` for no bias; `options` as in [`ConvOptions`].
    ///
    /// ```
    /// use constconv::functional::conv2d;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f64, 1, 3, 28, 28>::full(1.0);
    /// let w = Tensor::<f64, 8, 3, 3, 3>::full(1.0);
    /// let y = conv2d(&x, &w, &(), (Stride::<2>, Padding::<1>, Floor));
    /// assert_eq!(y.shape(), [1, 8, 14, 14]);
    ///
    /// let depthwise = Tensor::<f64, 3, 1, 3, 3>::full(1.0);
    /// let y = conv2d(&x, &depthwise, &(), (Stride::<1>, Padding::<1>, Exact, Dilation::<1>, Groups::<3>));
    /// assert_eq!(y.shape(), [1, 3, 28, 28]);
    /// ```
    conv2d;

    /// As [`conv2d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::conv2d_into;
    /// let mut y = Tensor::zeros();
    /// let (x, w) = (Tensor::new([[[[1, 2], [3, 4]]]]), Tensor::new([[[[1, 10], [100, 1_000]]]]));
    /// conv2d_into(&x, &w, &Vector::new([50_000]), (), &mut y);
    /// assert_eq!(y, Tensor::<i32, 1, 1, 1, 1>::new([[[[54_321]]]]));
    /// ```
    conv2d_into;

    /// The gradients (dx, dw, db) of [`conv2d()`], by value; sums over the batch.
    ///
    /// `b` only says whether there is a bias.
    ///
    /// ```
    /// use constconv::functional::conv2d_backward;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f32, 2, 3, 4, 4>::full(1.0);
    /// let w = Tensor::<f32, 2, 3, 3, 3>::full(1.0);
    /// let dy = Tensor::<f32, 2, 2, 2, 2>::full(1.0);
    /// let (dx, dw, db) = conv2d_backward(&x, &w, &Vector::zeros(), (), &dy);
    /// assert_eq!(dx.as_array()[0][0], [[2., 4., 4., 2.], [4., 8., 8., 4.], [4., 8., 8., 4.], [2., 4., 4., 2.]]);
    /// assert_eq!((dw, db), (Tensor::full(8.0), Vector::full(8.0)));
    /// ```
    conv2d_backward;

    /// As [`conv2d_backward`]: overwrites `dx`, adds to `dw` and `db`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::conv2d_backward_into;
    /// let (x, w, dy) = (Tensor::new([[[[1, 2, 3]]]]), Tensor::new([[[[4, 5]]]]), Tensor::new([[[[1, 10]]]]));
    /// let (mut dx, mut dw, mut db) = (Tensor::full(9), Tensor::full(100), Vector::full(100));
    /// conv2d_backward_into(&x, &w, (), &dy, &mut dx, &mut dw, &mut db);
    /// assert_eq!((dx, dw, db), (Tensor::new([[[[4, 45, 50]]]]), Tensor::new([[[[121, 132]]]]), Vector::new([111])));
    /// ```
    conv2d_backward_into;
}

conv_functions! {
    x: Signal<T, N, C, L>, w: Signal<T, F, CG, K>, window: Kernel<K>, on: Line<L>, [L, K];

    /// [`Conv1d`](crate::layer::Conv1d) as a function, by value. PyTorch: `functional.conv1d`.
    ///
    /// `b` is `&Vector<T, F>`, or `&()` for no bias; `options` as in [`ConvOptions`].
    ///
    /// ```
    /// use constconv::functional::conv1d;
    /// use constconv::prelude::*;
    ///
    /// let x = Signal::<f64, 1, 3, 28>::full(1.0);
    /// let w = Signal::<f64, 8, 3, 3>::full(1.0);
    /// let y = conv1d(&x, &w, &(), (Stride::<2>, Padding::<1>, Floor));
    /// assert_eq!(y.shape(), [1, 8, 14]);
    /// ```
    conv1d;

    /// As [`conv1d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::conv1d_into;
    /// let mut y = Signal::zeros();
    /// conv1d_into(&Signal::new([[[1, 2, 3]]]), &Signal::new([[[10, 1]]]), &Vector::new([100]), (), &mut y);
    /// assert_eq!(y, Signal::<i32, 1, 1, 2>::new([[[112, 123]]]));
    /// ```
    conv1d_into;

    /// The gradients (dx, dw, db) of [`conv1d()`], by value; sums over the batch.
    ///
    /// `b` only says whether there is a bias.
    ///
    /// ```
    /// use constconv::functional::conv1d_backward;
    /// use constconv::prelude::*;
    ///
    /// let (x, w) = (Signal::new([[[1, 2, 3]]]), Signal::new([[[4, 5]]]));
    /// let (dx, dw, db) = conv1d_backward(&x, &w, &Vector::zeros(), (), &Signal::new([[[1, 10]]]));
    /// assert_eq!((dx, dw), (Signal::new([[[4, 45, 50]]]), Signal::new([[[21, 32]]])));
    /// assert_eq!(db, Vector::new([11]));
    /// ```
    conv1d_backward;

    /// As [`conv1d_backward`]: overwrites `dx`, adds to `dw` and `db`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::conv1d_backward_into;
    /// let (x, w, dy) = (Signal::new([[[1, 2, 3]]]), Signal::new([[[4, 5]]]), Signal::new([[[1, 10]]]));
    /// let (mut dx, mut dw, mut db) = (Signal::full(9), Signal::full(100), Vector::full(100));
    /// conv1d_backward_into(&x, &w, (), &dy, &mut dx, &mut dw, &mut db);
    /// assert_eq!((dx, dw, db), (Signal::new([[[4, 45, 50]]]), Signal::new([[[121, 132]]]), Vector::new([111])));
    /// ```
    conv1d_backward_into;
}

conv_function! {
    /// [`conv2d_into`] on several threads, to the same bits.
    ///
    /// With the feature `parallel`, the calling thread and those of the current `rayon` pool share the images of a batch,
    /// or rows or filters of one image; without it, this is [`conv2d_into`]. A convolution of less than two million
    /// multiply-adds stays on one thread. As a layer: [`Parallel`](crate::layer::Parallel).
    ///
    /// ```
    /// use constconv::functional::{conv2d, conv2d_parallel_into};
    /// use constconv::prelude::*;
    /// let (x, w) = (Tensor::<f32, 1, 32, 32, 32>::full(0.5), Tensor::<f32, 32, 32, 3, 3>::full(0.1));
    /// let mut y = Tensor::zeros();
    /// conv2d_parallel_into(&x, &w, &(), (Stride::<1>, Padding::<1>), &mut y);
    /// assert_eq!(y, conv2d(&x, &w, &(), (Stride::<1>, Padding::<1>)));
    /// ```
    pub fn conv2d_parallel_into[Kernel<KH, KW>, Plane<H, W>, H, W, KH, KW](
        x: &Tensor<T, N, C, H, W>,
        w: &Tensor<T, F, CG, KH, KW>,
        b: &B,
        options: O,
        y: &mut Convolved<T, N, F, Plane<H, W>, Kernel<KH, KW>, O>,
    ) {
        g => {
            let _ = options;
            kernel::conv2d_parallel(g, x.as_slice(), w.as_slice(), b.elements(), y.as_mut_slice());
        }
    }
}
