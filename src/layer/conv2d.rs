//! 2-D convolution.

use core::marker::PhantomData;

use super::parameters::{update_bias, visit_affine, visit_affine_mut};
use super::{
    Backward, Bias, BiasKind, BiasTerm, Initialize, Layer, Module, Parameters, Rule, Visitor, VisitorMut, init,
};
use crate::kernel::{self, Conv2dGeometry};
use crate::shape::{
    ConvOptions, Dilation, EvenGrouping, Exact, GroupedFilters, Grouping, Groups, Kernel, KernelSize, Padding, Plane,
    Stride, Ungrouped, Window,
};
use crate::tensor::{Array, Tensor, Zeroed};
use crate::{Real, Scalar};

/// 2-D convolution (cross-correlation). PyTorch: `nn.Conv2d`.
///
/// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n, c, i·SH + u·DH, j·SW + v·DW\] · w\[f,c,u,v\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | weight | (F, C/G, KH, KW) |
/// | bias | (F), or none with [`NoBias`](super::NoBias) |
/// | y | (N, F, HO, WO), HO = (H + 2·PH − DH·(KH − 1) − 1)/SH + 1 |
///
/// `K` is a [`Kernel`], `S` a [`Stride`], `P` a [`Padding`], `R` a rounding ([`Exact`],
/// [`Floor`](crate::shape::Floor) as in PyTorch, or [`Ceil`](crate::shape::Ceil), which appends zeros), `D` a
/// [`Dilation`], `G` is [`Ungrouped`] or [`Groups`](crate::shape::Groups), `B` is [`Bias`] or
/// [`NoBias`](super::NoBias).
///
/// It does not compile with another number of channels, a kernel larger than the padded input, a stride that does not
/// divide under `Exact`, groups that do not divide, or a kernel, stride,
/// dilation or number of groups of 0.
///
/// ```
/// use constconv::prelude::*;
///
/// let conv = Conv2d::<f32, 3, 2, Kernel<3>>::new(Tensor::full(1.0), Vector::new([1.0, 2.0]));
/// let x = Tensor::<f32, 2, 3, 4, 4>::full(1.0);
/// let y = conv.forward(&x);
/// assert_eq!(y, Tensor::<f32, 2, 2, 2, 2>::from_fn(|[_, f, _, _]| 28.0 + f as f32));
///
/// let (dx, gradient) = conv.backward(&x, &Tensor::full(1.0));
/// assert_eq!(dx[[0, 0, 1, 1]], 8.0);
/// assert_eq!(gradient.bias, Vector::new([8.0, 8.0]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "stride 2 does not divide L + 2*P - D*(K - 1) - 1 for L = 28, P = 0, D = 1, K = 3"
/// let conv = Conv2d::<f32, 1, 8, Kernel<3>, Stride<2>>::ZERO;
/// let y = conv.forward(&Tensor::<f32, 1, 1, 28, 28>::zeros());
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Conv2d<
    T: Scalar,
    const C: usize,
    const F: usize,
    K: KernelSize,
    S = Stride<1>,
    P = Padding<0>,
    R = Exact,
    D = Dilation<1>,
    G: Grouping<C, F> = Ungrouped,
    B: BiasKind = Bias,
> {
    /// Filters (F, C/G, KH, KW).
    pub weight: G::Filters<T, K>,
    /// Bias (F), or `()`.
    pub bias: B::Of<T, F>,
    window: PhantomData<(S, P, R, D)>,
}

/// 2-D depthwise convolution: a [`Conv2d`] in as many groups as channels. PyTorch: `nn.Conv2d(C, F, .., groups=C)`.
///
/// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n, f/M, i·SH + u·DH, j·SW + v·DW\] · w\[f,0,u,v\], where M = F/C is the multiplier:
/// each channel has M filters of its own.
///
/// The parameters are those of [`Conv2d`] without groups, and so are y's shape and the conditions; the weight is
/// (F, 1, KH, KW). It does not compile if F is not a multiple of C.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     /// A depthwise-separable convolution.
///     Separable: Tensor<f32, 1, 16, 14, 14> => {
///         depthwise: DepthwiseConv2d<f32, 16, 16, Kernel<3>, Stride<1>, Padding<1>>,
///         relu: Relu,
///         pointwise: Conv2d<f32, 16, 32, Kernel<1>>,
///     }
/// }
/// assert_eq!(DepthwiseConv2d::<f32, 16, 16, Kernel<3>>::PARAMETERS, 16 * 9 + 16);
/// assert_eq!(Separable::ZERO.forward(&Tensor::<f32, 1, 16, 14, 14>::zeros()).shape(), [1, 32, 14, 14]);
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "3 groups do not divide 4 channels": 4 is not a multiple of 3.
/// let conv = DepthwiseConv2d::<f32, 3, 4, Kernel<3>>::ZERO;
/// let y = conv.forward(&Tensor::<f32, 1, 3, 8, 8>::zeros());
/// ```
pub type DepthwiseConv2d<
    T,
    const C: usize,
    const F: usize,
    K,
    S = Stride<1>,
    P = Padding<0>,
    R = Exact,
    D = Dilation<1>,
    B = Bias,
> = Conv2d<T, C, F, K, S, P, R, D, Groups<C>, B>;

impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
    Conv2d<T, C, F, K, S, P, R, D, G, B>
{
    /// Makes it from filters and bias.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // Sobel's filter.
    /// static EDGE: Conv2d<i32, 1, 1, Kernel<3>> =
    ///     Conv2d::new(Tensor::new([[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]]]), Vector::new([0]));
    /// let x = Tensor::new([[[[0, 0, 5, 5], [0, 0, 5, 5], [0, 0, 5, 5]]]]);
    /// assert_eq!(EDGE.forward(&x), Tensor::new([[[[20, 20]]]]));
    /// ```
    #[must_use]
    pub const fn new(weight: G::Filters<T, K>, bias: B::Of<T, F>) -> Self {
        Self { weight, bias, window: PhantomData }
    }
}

/// What a convolution is besides its windows: zero, its gradient, how its parameters are visited and initialised.
macro_rules! convolution {
    ($name:ident, filters of $size:ty) => {
        impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Zeroed for $name<T, C, F, K, S, P, R, D, G, B>
        {
            const ZERO: Self = Self::new(Zeroed::ZERO, Zeroed::ZERO);
        }

        impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Module for $name<T, C, F, K, S, P, R, D, G, B>
        {
            type Gradient = Self;

            const PARAMETERS: usize = <G::Filters<T, $size> as Array>::LEN + <B::Of<T, F> as BiasTerm<T, F>>::LEN;
        }

        impl<T: Real, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Parameters for $name<T, C, F, K, S, P, R, D, G, B>
        {
            fn visit(&self, visitor: &mut impl Visitor) {
                visit_affine(&self.weight, &self.bias, visitor);
            }

            fn visit_mut(&mut self, visitor: &mut impl VisitorMut) {
                visit_affine_mut(&mut self.weight, &mut self.bias, visitor);
            }

            fn update<const STATES: usize>(
                &mut self,
                gradient: &Self,
                mut state: [&mut Self; STATES],
                rule: &mut impl Rule<STATES>,
            ) {
                let weights = state.each_mut().map(|state| state.weight.as_mut_slice());
                rule.update(self.weight.as_mut_slice(), gradient.weight.as_slice(), weights);
                update_bias(&mut self.bias, &gradient.bias, state.map(|state| &mut state.bias), rule);
            }
        }

        impl<T: Real, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Initialize for $name<T, C, F, K, S, P, R, D, G, B>
        {
            fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
                let fan_in = C / G::GROUPS * <$size>::HEIGHT * <$size>::WIDTH;
                init::uniform(self.weight.as_mut_slice(), fan_in, uniform);
                init::uniform(self.bias.numbers_mut().unwrap_or_default(), fan_in, uniform);
            }
        }
    };
}
pub(super) use convolution;

convolution! { Conv2d, filters of K }

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const F: usize,
    const H: usize,
    const W: usize,
    K: KernelSize,
    S,
    P,
    R,
    D,
    G: EvenGrouping<C, F>,
    B: BiasKind,
> Layer<Tensor<T, N, C, H, W>> for Conv2d<T, C, F, K, S, P, R, D, G, B>
where
    Plane<H, W>: Window<K, S, P, R, D>,
{
    type Output = <Plane<H, W> as Window<K, S, P, R, D>>::Output<T, N, F>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = geometry::<Plane<H, W>, K, S, P, R, D>(N, C, F, G::GROUPS).macs();

    fn apply(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        let g = &const { geometry::<Plane<H, W>, K, S, P, R, D>(N, C, F, G::GROUPS) };
        kernel::conv2d(g, x.as_slice(), self.weight.as_slice(), self.bias.numbers(), y.as_mut_slice());
    }
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const F: usize,
    const H: usize,
    const W: usize,
    K: KernelSize,
    S,
    P,
    R,
    D,
    G: EvenGrouping<C, F>,
    B: BiasKind,
> Backward<Tensor<T, N, C, H, W>> for Conv2d<T, C, F, K, S, P, R, D, G, B>
where
    Plane<H, W>: Window<K, S, P, R, D>,
{
    type Tape = ();

    fn record(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        self.apply(x, y, &mut ());
    }

    fn propagate(
        &self,
        x: &Tensor<T, N, C, H, W>,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut Tensor<T, N, C, H, W>>,
        gradient: &mut Self,
    ) {
        let g = &const { geometry::<Plane<H, W>, K, S, P, R, D>(N, C, F, G::GROUPS) };
        let (dw, db) = (gradient.weight.as_mut_slice(), gradient.bias.numbers_mut());
        backward(g, x.as_slice(), self.weight.as_slice(), dy.as_slice(), dx.map(Tensor::as_mut_slice), dw, db);
    }
}

/// The sizes of a convolution on a plane or a line `X`, for the kernels.
pub(super) const fn geometry<X: Window<K, S, P, R, D>, K, S, P, R, D>(
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

/// The backward pass on slices: overwrites dx, where it is asked for, and adds to dw and, where there is a bias, to db.
pub(super) fn backward<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    dy: &[T],
    dx: Option<&mut [T]>,
    dw: &mut [T],
    db: Option<&mut [T]>,
) {
    kernel::conv2d_backward_filter(g, x, dy, dw);
    if let Some(db) = db {
        kernel::conv2d_backward_bias(g, dy, db);
    }
    if let Some(dx) = dx {
        kernel::conv2d_backward_input(g, w, dy, dx);
    }
}

/// The output of a functional convolution: `Tensor<T, N, F, HO, WO>` on a plane, `Signal<T, N, F, LO>` on a line.
pub(super) type Convolved<T, const N: usize, const F: usize, X, K, O> = <X as Window<
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
                &geometry::<$on, $kernel, O::Stride, O::Padding, O::Rounding, O::Dilation>(N, C, F, groups)
            };
            $body
        }
    };
}
pub(super) use conv_function;

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
                    kernel::conv2d(g, x.as_slice(), w.as_slice(), b.numbers(), y.as_mut_slice());
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
                    let (dx, dw, db) = (dx.as_mut_slice(), dw.as_mut_slice(), db.numbers_mut());
                    backward(g, x.as_slice(), w.as_slice(), dy.as_slice(), Some(dx), dw, db);
                }
            }
        }
    };
}
pub(super) use conv_functions;

conv_functions! {
    x: Tensor<T, N, C, H, W>, w: Tensor<T, F, CG, KH, KW>, window: Kernel<KH, KW>, on: Plane<H, W>, [H, W, KH, KW];

    /// [`Conv2d`] as a function, by value. PyTorch: `functional.conv2d`.
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
