//! Transposed convolution.

use crate::kernel::{self, Conv2dGeometry};
use crate::shape::{
    BiasTerm, ConvTransposeOptions, Kernel, OutputChannels, Plane, TransposedFilters, TransposedWindow,
};
use crate::tensor::{Array, Epilogue, Scalar, Tensor, Zeroed};

/// The sizes of the convolution from y to x, whose adjoint this is, for the kernels.
pub(crate) const fn adjoint_geometry<X: TransposedWindow<K, S, P, O, D>, K, S, P, O, D>(
    n: usize,
    c: usize,
    f: usize,
    groups: usize,
) -> Conv2dGeometry {
    Conv2dGeometry {
        n,
        c: f,
        input: X::OUTPUT,
        f: c,
        output: X::INPUT,
        kernel: X::KERNEL,
        stride: X::STRIDE,
        padding: X::PADDING,
        dilation: X::DILATION,
        groups,
    }
}

/// y = L(x), the adjoint of the convolution `g`, on slices; overwrites `y`.
pub(crate) fn convolve_transposed<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    kernel::conv_transpose2d(g, x, w, b, y);
}

/// The same, then `then` on each element of y.
pub(crate) fn convolve_transposed_then<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Epilogue<T>,
) {
    kernel::conv_transpose2d_then(g, x, w, b, y, then);
}

/// The backward pass on slices: overwrites dx, where it is asked for, and adds to dw and, where there is a bias, to db.
///
/// The convolution `g` reads dy and gives dx: its output takes the place of x, its input that of dy.
pub(crate) fn convolve_transposed_backward<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    dy: &[T],
    dx: Option<&mut [T]>,
    dw: &mut [T],
    db: Option<&mut [T]>,
) {
    if let Some(dx) = dx {
        kernel::conv2d(g, dy, w, None, dx);
    }
    parameter_gradients(g, x, dy, dw, db);
}

/// The same that adds to the parameters themselves: dx is that of the parameters before.
pub(crate) fn convolve_transposed_descend<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &mut [T],
    b: Option<&mut [T]>,
    dy: &[T],
    dx: Option<&mut [T]>,
) {
    if let Some(dx) = dx {
        kernel::conv2d(g, dy, w, None, dx);
    }
    parameter_gradients(g, x, dy, w, b);
}

/// Adds to dw and, where there is a bias, to db.
fn parameter_gradients<T: Scalar>(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T], db: Option<&mut [T]>) {
    kernel::conv2d_backward_filter(g, dy, x, dw);
    if let Some(db) = db {
        kernel::conv2d_backward_bias(&with_y_as_output(g), dy, db);
    }
}

/// The same with y where the kernel of db expects it.
const fn with_y_as_output(g: &Conv2dGeometry) -> Conv2dGeometry {
    Conv2dGeometry { f: g.c, output: g.input, ..*g }
}

/// The output of a functional transposed convolution: `Tensor<T, N, F, HO, WO>`.
type Transposed<T, const N: usize, const F: usize, X, K, O> = <X as TransposedWindow<
    K,
    <O as ConvTransposeOptions>::Stride,
    <O as ConvTransposeOptions>::Padding,
    <O as ConvTransposeOptions>::OutputPadding,
    <O as ConvTransposeOptions>::Dilation,
>>::Output<T, N, F>;

/// Declares a function that is generic over all sizes of a transposed convolution.
macro_rules! conv_transpose_function {
    ($(#[$doc:meta])* pub fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? { $g:ident => $body:expr }) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub fn $name<
            T: Scalar,
            O: ConvTransposeOptions<Groups: TransposedFilters<C, FG, Outputs: OutputChannels<F>>>,
            B: BiasTerm<T, F>,
            const N: usize,
            const C: usize,
            const F: usize,
            const FG: usize,
            const H: usize,
            const W: usize,
            const KH: usize,
            const KW: usize,
        >($($argument: $type),*) $(-> $result)?
        where
            Plane<H, W>: TransposedWindow<Kernel<KH, KW>, O::Stride, O::Padding, O::OutputPadding, O::Dilation>,
        {
            let $g = const {
                let groups = <O::Groups as TransposedFilters<C, FG>>::GROUPS;
                &adjoint_geometry::<Plane<H, W>, Kernel<KH, KW>, O::Stride, O::Padding, O::OutputPadding, O::Dilation>(
                    N, C, F, groups,
                )
            };
            $body
        }
    };
}

conv_transpose_function! {
    /// [`ConvTranspose2d`](crate::layer::ConvTranspose2d) as a function, by value. PyTorch: `functional.conv_transpose2d`.
    ///
    /// `w` is (C, F/G, KH, KW), `b` is `&Vector<T, F>`, or `&()` for no bias; `options` as in [`ConvTransposeOptions`].
    ///
    /// It does not compile with groups that do not divide C, and where the layer does not.
    ///
    /// ```
    /// use constconv::functional::conv_transpose2d;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f64, 1, 8, 14, 14>::full(1.0);
    /// let w = Tensor::<f64, 8, 3, 3, 3>::full(1.0);
    /// let y = conv_transpose2d(&x, &w, &(), (Stride::<2>, Padding::<1>, OutputPadding::<1>));
    /// assert_eq!(y.shape(), [1, 3, 28, 28]);
    ///
    /// // Two groups of 4 channels, each of which makes 3.
    /// let options = (Stride::<2>, Padding::<1>, OutputPadding::<1>, Dilation::<1>, Groups::<2>);
    /// assert_eq!(conv_transpose2d(&x, &w, &(), options).shape(), [1, 6, 28, 28]);
    /// ```
    #[must_use]
    pub fn conv_transpose2d(
        x: &Tensor<T, N, C, H, W>,
        w: &Tensor<T, C, FG, KH, KW>,
        b: &B,
        options: O,
    ) -> Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O> {
        _g => {
            let mut y = Zeroed::ZERO;
            conv_transpose2d_into(x, w, b, options, &mut y);
            y
        }
    }
}

conv_transpose_function! {
    /// As [`conv_transpose2d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::conv_transpose2d_into;
    /// let (x, w) = (Tensor::new([[[[1, 2]]]]), Tensor::new([[[[10, 1]]]]));
    /// let mut y = Tensor::zeros();
    /// conv_transpose2d_into(&x, &w, &Vector::new([100]), (Stride::<1, 2>,), &mut y);
    /// assert_eq!(y, Tensor::<i32, 1, 1, 1, 4>::new([[[[110, 101, 120, 102]]]]));
    /// ```
    pub fn conv_transpose2d_into(
        x: &Tensor<T, N, C, H, W>,
        w: &Tensor<T, C, FG, KH, KW>,
        b: &B,
        options: O,
        y: &mut Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O>,
    ) {
        g => {
            let _ = options;
            convolve_transposed(g, x.as_slice(), w.as_slice(), b.elements(), y.as_mut_slice());
        }
    }
}

conv_transpose_function! {
    /// The gradients (dx, dw, db) of [`conv_transpose2d()`], by value; sums over the batch.
    ///
    /// `b` only says whether there is a bias.
    ///
    /// ```
    /// use constconv::functional::conv_transpose2d_backward;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f32, 2, 1, 2, 2>::full(1.0);
    /// let w = Tensor::<f32, 1, 1, 2, 2>::new([[[[1.0, 2.0], [3.0, 4.0]]]]);
    /// let dy = Tensor::<f32, 2, 1, 4, 4>::full(1.0);
    /// let (dx, dw, db) = conv_transpose2d_backward(&x, &w, &Vector::zeros(), (Stride::<2>,), &dy);
    /// assert_eq!((dx, dw, db), (Tensor::full(10.0), Tensor::full(8.0), Vector::new([32.0])));
    /// ```
    #[must_use]
    pub fn conv_transpose2d_backward(
        x: &Tensor<T, N, C, H, W>,
        w: &Tensor<T, C, FG, KH, KW>,
        b: &B,
        options: O,
        dy: &Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O>,
    ) -> (Tensor<T, N, C, H, W>, Tensor<T, C, FG, KH, KW>, B) {
        _g => {
            let _ = b;
            let (mut dx, mut dw, mut db) = (Tensor::zeros(), Tensor::zeros(), B::ZERO);
            conv_transpose2d_backward_into(x, w, options, dy, &mut dx, &mut dw, &mut db);
            (dx, dw, db)
        }
    }
}

conv_transpose_function! {
    /// As [`conv_transpose2d_backward`]: overwrites `dx`, adds to `dw` and `db`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::conv_transpose2d_backward_into;
    /// let (x, w, dy) = (Tensor::new([[[[1, 2]]]]), Tensor::new([[[[10, 1]]]]), Tensor::new([[[[1, 2, 3, 4]]]]));
    /// let (mut dx, mut dw, mut db) = (Tensor::full(9), Tensor::full(100), Vector::full(100));
    /// conv_transpose2d_backward_into(&x, &w, (Stride::<1, 2>,), &dy, &mut dx, &mut dw, &mut db);
    /// assert_eq!((dx, dw, db), (Tensor::new([[[[12, 34]]]]), Tensor::new([[[[107, 110]]]]), Vector::new([110])));
    /// ```
    pub fn conv_transpose2d_backward_into(
        x: &Tensor<T, N, C, H, W>,
        w: &Tensor<T, C, FG, KH, KW>,
        options: O,
        dy: &Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O>,
        dx: &mut Tensor<T, N, C, H, W>,
        dw: &mut Tensor<T, C, FG, KH, KW>,
        db: &mut B,
    ) {
        g => {
            let _ = options;
            let (dx, dw, db) = (dx.as_mut_slice(), dw.as_mut_slice(), db.elements_mut());
            convolve_transposed_backward(g, x.as_slice(), w.as_slice(), dy.as_slice(), Some(dx), dw, db);
        }
    }
}
