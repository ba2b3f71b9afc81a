//! 2-D transposed convolution.

use core::marker::PhantomData;

use crate::functional::{
    adjoint_geometry, convolve_transposed, convolve_transposed_backward, convolve_transposed_descend,
    convolve_transposed_then,
};
use crate::module;
use crate::module::{Backward, Epilogue, Layer, MapOfX};
use crate::shape::verdict::Computed;
use crate::shape::{
    Bias, BiasInPlace, BiasKind, Dilation, EvenGrouping, Grouping, KernelSize, OutputPadding, Padding, Plane,
    SameChannels, Stride, TransposedWindow, Ungrouped,
};
use crate::tensor::{Array, Elements, Scalar, Tensor};

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
/// | bias | (F), or none with [`NoBias`](crate::shape::NoBias) |
/// | y | (N, F, HO, WO), HO = (H − 1)·SH − 2·PH + DH·(KH − 1) + OH + 1 |
///
/// `K` is a [`Kernel`](crate::shape::Kernel), `S` a [`Stride`], `P` a [`Padding`], which crops y, `O` an [`OutputPadding`] (OH, OW), which
/// adds rows at the bottom and columns on the right, `D` a [`Dilation`], `G` is [`Ungrouped`] or
/// [`Groups`](crate::shape::Groups), `B` is [`Bias`] or [`NoBias`](crate::shape::NoBias).
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

module! {
    [T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, O, D, G: Grouping<F, C>, B: BiasKind]
    ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>, of T {
        parameter weight: G::Filters<T, K>,
        parameter bias: B::Of<T, F>,
        constant window: PhantomData<(S, P, O, D)> = PhantomData,
    };
    // PyTorch's fan_in of this layer is that of the convolution it is the adjoint of.
    fan_in: F / G::GROUPS * K::HEIGHT * K::WIDTH;
    role: MapOfX
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const CX: usize,
    const F: usize,
    const H: usize,
    const W: usize,
    K: KernelSize,
    S,
    P,
    O,
    D,
    G: EvenGrouping<F, C>,
    B: BiasInPlace,
> Layer<Tensor<T, N, CX, H, W>> for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
where
    Computed: SameChannels<C, CX>,
    Plane<H, W>: TransposedWindow<K, S, P, O, D>,
{
    type Output =
        <Computed as SameChannels<C, CX>>::Then<<Plane<H, W> as TransposedWindow<K, S, P, O, D>>::Output<T, N, F>>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = adjoint_geometry::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS).macs();

    fn forward_pass(&self, x: &Tensor<T, N, CX, H, W>, y: &mut Self::Output, (): &mut ()) {
        let g = const { &adjoint_geometry::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS) };
        convolve_transposed(g, x.as_slice(), self.weight.as_slice(), self.bias.elements(), y.as_mut_slice());
    }

    fn forward_then(&self, x: &Tensor<T, N, CX, H, W>, y: &mut Self::Output, (): &mut (), then: Epilogue<'_, T>) {
        let g = const { &adjoint_geometry::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS) };
        let (w, b) = (self.weight.as_slice(), self.bias.elements());
        convolve_transposed_then(g, x.as_slice(), w, b, y.as_mut_slice(), then);
    }
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const CX: usize,
    const F: usize,
    const H: usize,
    const W: usize,
    K: KernelSize,
    S,
    P,
    O,
    D,
    G: EvenGrouping<F, C>,
    B: BiasInPlace,
> Backward<Tensor<T, N, CX, H, W>> for ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>
where
    Computed: SameChannels<C, CX>,
    Plane<H, W>: TransposedWindow<K, S, P, O, D>,
{
    type Tape = ();

    fn forward_train_pass(&self, x: &Tensor<T, N, CX, H, W>, y: &mut Self::Output, (): &mut ()) {
        self.forward_pass(x, y, &mut ());
    }

    fn backward_pass(
        &self,
        x: &Tensor<T, N, CX, H, W>,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut Tensor<T, N, CX, H, W>>,
        gradient: &mut Self,
    ) {
        let g = const { &adjoint_geometry::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS) };
        let (x, dy, dx) = (x.as_slice(), dy.as_slice(), dx.map(Tensor::as_mut_slice));
        let (dw, db) = (gradient.weight.as_mut_slice(), gradient.bias.elements_mut());
        convolve_transposed_backward(g, x, self.weight.as_slice(), dy, dx, dw, db);
    }

    fn descend_pass(
        &mut self,
        x: &Tensor<T, N, CX, H, W>,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut Tensor<T, N, CX, H, W>>,
    ) {
        let g = const { &adjoint_geometry::<Plane<H, W>, K, S, P, O, D>(N, C, F, G::GROUPS) };
        let (x, dy, dx) = (x.as_slice(), dy.as_slice(), dx.map(Tensor::as_mut_slice));
        let (w, b) = (self.weight.as_mut_slice(), self.bias.elements_mut());
        convolve_transposed_descend(g, x, w, b, dy, dx);
    }
}
