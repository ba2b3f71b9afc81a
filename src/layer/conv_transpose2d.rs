//! 2-D transposed convolution.

use core::marker::PhantomData;

use super::parameters::{update_bias, visit_affine, visit_affine_mut};
use super::{
    Backward, Bias, BiasKind, BiasTerm, Initialize, Layer, Module, Parameters, Rule, Visitor, VisitorMut, init,
};
use crate::kernel::{self, Conv2dGeometry};
use crate::shape::{
    ConvTransposeOptions, Dilation, EvenGrouping, Grouping, Kernel, KernelSize, OutputPadding, Padding, Plane, Stride,
    TransposedWindow, Ungrouped,
};
use crate::tensor::{Array, Tensor, Zeroed};
use crate::{Real, Scalar};

/// 2-D transposed convolution: the adjoint of [`Conv2d`](super::Conv2d), which makes planes larger. PyTorch:
/// `nn.ConvTranspose2d`.
///
/// y\[n, f, i·SH + u·DH − PH, j·SW + v·DW − PW\] = b\[f\] + Σ x\[n,c,i,j\] · w\[c,f,u,v\] over all c, i, j, u, v that
/// meet there
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | weight | (C, F/G, KH, KW) |
/// | bias | (F), or none with [`NoBias`](super::NoBias) |
/// | y | (N, F, HO, WO), HO = (H − 1)·SH − 2·PH + DH·(KH − 1) + OH + 1 |
///
/// `K` is a [`Kernel`], `S` a [`Stride`], `P` a [`Padding`], which crops y, `O` an [`OutputPadding`] (OH, OW), which
/// adds rows at the bottom and columns on the right, `D` a [`Dilation`], `G` is [`Ungrouped`] or
/// [`Groups`](crate::shape::Groups), `B` is [`Bias`] or [`NoBias`](super::NoBias).
///
/// The convolution with the same weight, stride, padding and dilation, from y's shape to x's, is its backward pass:
/// ⟨convolution(y), x⟩ = ⟨y, transposed convolution(x)⟩ without bias. A convolution that
/// rounds down makes planes of several sizes the same; the output padding says which of them comes back.
///
/// It does not compile with another number of channels, an output padding that is smaller neither than the stride nor
/// than the dilation, a padding that crops everything, groups that do not divide, or a kernel, stride,
/// dilation or number of groups of 0.
///
/// ```
/// use constconv::prelude::*;
///
/// let up = ConvTranspose2d::<f32, 1, 1, Kernel<3>, Stride<2>>::new(Tensor::full(1.0), Vector::zeros());
/// let x = Tensor::<f32, 1, 1, 2, 2>::new([[[[1.0, 2.0], [3.0, 4.0]]]]);
/// let y = up.forward(&x);
/// assert_eq!(y.as_array()[0][0], [
///     [1.0, 1.0, 3.0, 2.0, 2.0],
///     [1.0, 1.0, 3.0, 2.0, 2.0],
///     [4.0, 4.0, 10.0, 6.0, 6.0],
///     [3.0, 3.0, 7.0, 4.0, 4.0],
///     [3.0, 3.0, 7.0, 4.0, 4.0],
/// ]);
///
/// let (dx, gradient) = up.backward(&x, &Tensor::full(1.0));
/// assert_eq!((dx, gradient.bias), (Tensor::full(9.0), Vector::new([25.0])));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "output padding 2 is smaller neither than the stride nor than the dilation"
/// type Up = ConvTranspose2d<f32, 1, 1, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<2>>;
/// let y = Up::ZERO.forward(&Tensor::<f32, 1, 1, 14, 14>::zeros());
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct ConvTranspose2d<
    T: Scalar,
    const C: usize,
    const F: usize,
    K: KernelSize,
    S = Stride<1>,
    P = Padding<0>,
    O = OutputPadding<0>,
    D = Dilation<1>,
    G: Grouping<F, C> = Ungrouped,
    B: BiasKind = Bias,
> {
    /// Filters (C, F/G, KH, KW): those of the convolution that it is the adjoint of.
    pub weight: G::Filters<T, K>,
    /// Bias (F), or `()`.
    pub bias: B::Of<T, F>,
    window: PhantomData<(S, P, O, D)>,
}

impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, O, D, G: Grouping<F, C>, B: BiasKind>
    ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
{
    /// Makes it from filters and bias.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // Each number becomes a block of 2×2.
    /// let up = ConvTranspose2d::<i32, 1, 1, Kernel<2>, Stride<2>>::new(Tensor::full(1), Vector::new([0]));
    /// assert_eq!(up.forward(&Tensor::new([[[[3, 7]]]])), Tensor::new([[[[3, 3, 7, 7], [3, 3, 7, 7]]]]));
    /// ```
    #[must_use]
    pub const fn new(weight: G::Filters<T, K>, bias: B::Of<T, F>) -> Self {
        Self { weight, bias, window: PhantomData }
    }
}

impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, O, D, G: Grouping<F, C>, B: BiasKind> Zeroed
    for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
{
    const ZERO: Self = Self::new(Zeroed::ZERO, Zeroed::ZERO);
}

impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, O, D, G: Grouping<F, C>, B: BiasKind> Module
    for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
{
    type Gradient = Self;

    const PARAMETERS: usize = <G::Filters<T, K> as Array>::LEN + <B::Of<T, F> as BiasTerm<T, F>>::LEN;
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
    O,
    D,
    G: EvenGrouping<F, C>,
    B: BiasKind,
> Layer<Tensor<T, N, C, H, W>> for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
where
    Plane<H, W>: TransposedWindow<K, S, P, O, D>,
{
    type Output = <Plane<H, W> as TransposedWindow<K, S, P, O, D>>::Output<T, N, F>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = adjoint::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS).macs();

    fn apply(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        let g = &const { adjoint::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS) };
        kernel::conv_transpose2d(g, x.as_slice(), self.weight.as_slice(), self.bias.numbers(), y.as_mut_slice());
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
    O,
    D,
    G: EvenGrouping<F, C>,
    B: BiasKind,
> Backward<Tensor<T, N, C, H, W>> for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
where
    Plane<H, W>: TransposedWindow<K, S, P, O, D>,
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
        let g = &const { adjoint::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS) };
        let (dw, db) = (gradient.weight.as_mut_slice(), gradient.bias.numbers_mut());
        backward(g, x.as_slice(), self.weight.as_slice(), dy.as_slice(), dx.map(Tensor::as_mut_slice), dw, db);
    }
}

impl<T: Real, const C: usize, const F: usize, K: KernelSize, S, P, O, D, G: Grouping<F, C>, B: BiasKind> Parameters
    for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
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

impl<T: Real, const C: usize, const F: usize, K: KernelSize, S, P, O, D, G: Grouping<F, C>, B: BiasKind> Initialize
    for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
{
    fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
        // PyTorch's fan_in of this layer is that of the convolution it is the adjoint of.
        let fan_in = F / G::GROUPS * K::HEIGHT * K::WIDTH;
        init::uniform(self.weight.as_mut_slice(), fan_in, uniform);
        init::uniform(self.bias.numbers_mut().unwrap_or_default(), fan_in, uniform);
    }
}

/// The sizes of the convolution from y to x, whose adjoint this is, for the kernels.
const fn adjoint<X: TransposedWindow<K, S, P, O, D>, K, S, P, O, D>(
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

/// The backward pass on slices: overwrites dx, where it is asked for, and adds to dw and, where there is a bias, to db.
///
/// The convolution `g` reads dy and gives dx: its output takes the place of x, its input that of dy.
fn backward<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    dy: &[T],
    dx: Option<&mut [T]>,
    dw: &mut [T],
    db: Option<&mut [T]>,
) {
    kernel::conv2d_backward_filter(g, dy, x, dw);
    if let Some(db) = db {
        kernel::conv2d_backward_bias(&with_y_as_output(g), dy, db);
    }
    if let Some(dx) = dx {
        kernel::conv2d(g, dy, w, None, dx);
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
            O: ConvTransposeOptions,
            B: BiasTerm<T, F>,
            const N: usize,
            const C: usize,
            const F: usize,
            const H: usize,
            const W: usize,
            const KH: usize,
            const KW: usize,
        >($($argument: $type),*) $(-> $result)?
        where
            Plane<H, W>: TransposedWindow<Kernel<KH, KW>, O::Stride, O::Padding, O::OutputPadding, O::Dilation>,
        {
            let $g = const {
                &adjoint::<Plane<H, W>, Kernel<KH, KW>, O::Stride, O::Padding, O::OutputPadding, O::Dilation>(N, C, F, 1)
            };
            $body
        }
    };
}

conv_transpose_function! {
    /// [`ConvTranspose2d`] as a function, by value. PyTorch: `functional.conv_transpose2d`.
    ///
    /// `b` is `&Vector<T, F>`, or `&()` for no bias; `options` as in [`ConvTransposeOptions`]. Groups exist in the
    /// layer.
    ///
    /// ```
    /// use constconv::functional::conv_transpose2d;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f64, 1, 8, 14, 14>::full(1.0);
    /// let w = Tensor::<f64, 8, 3, 3, 3>::full(1.0);
    /// let y = conv_transpose2d(&x, &w, &(), (Stride::<2>, Padding::<1>, OutputPadding::<1>));
    /// assert_eq!(y.shape(), [1, 3, 28, 28]);
    /// ```
    #[must_use]
    pub fn conv_transpose2d(
        x: &Tensor<T, N, C, H, W>,
        w: &Tensor<T, C, F, KH, KW>,
        b: &B,
        options: O,
    ) -> Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O> {
        g => {
            let _ = options;
            let mut y: Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O> = Zeroed::ZERO;
            kernel::conv_transpose2d(g, x.as_slice(), w.as_slice(), b.numbers(), y.as_mut_slice());
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
        w: &Tensor<T, C, F, KH, KW>,
        b: &B,
        options: O,
        y: &mut Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O>,
    ) {
        g => {
            let _ = options;
            kernel::conv_transpose2d(g, x.as_slice(), w.as_slice(), b.numbers(), y.as_mut_slice());
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
        w: &Tensor<T, C, F, KH, KW>,
        b: &B,
        options: O,
        dy: &Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O>,
    ) -> (Tensor<T, N, C, H, W>, Tensor<T, C, F, KH, KW>, B) {
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
        w: &Tensor<T, C, F, KH, KW>,
        options: O,
        dy: &Transposed<T, N, F, Plane<H, W>, Kernel<KH, KW>, O>,
        dx: &mut Tensor<T, N, C, H, W>,
        dw: &mut Tensor<T, C, F, KH, KW>,
        db: &mut B,
    ) {
        g => {
            let _ = options;
            let (dx, dw, db) = (dx.as_mut_slice(), dw.as_mut_slice(), db.numbers_mut());
            backward(g, x.as_slice(), w.as_slice(), dy.as_slice(), Some(dx), dw, db);
        }
    }
}
