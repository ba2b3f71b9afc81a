//! 2-D convolution.

use core::marker::PhantomData;

use super::convolution::convolution;
use crate::functional::{
    Conv2dGeometry, Convolution, Convolves, convolution_geometry, convolve, convolve_backward, convolve_descend,
    convolve_then,
};
use crate::module;
use crate::module::{Backward, ByRows, Epilogue, Layer};
use crate::shape::sealed::Sealed;
use crate::shape::verdict::Computed;
use crate::shape::{
    Axis, Bias, BiasInPlace, BiasKind, Dilation, EvenGrouping, Exact, Grouping, Groups, KernelSize, Padding, Plane,
    SameChannels, Stride, Ungrouped, Window,
};
use crate::tensor::{Array, Elements, Scalar, Tensor};

/// 2-D convolution (cross-correlation). PyTorch: `nn.Conv2d`.
///
/// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n, c, i·SH + u·DH, j·SW + v·DW\] · w\[f,c,u,v\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | weight | (F, C/G, KH, KW) |
/// | bias | (F), or none with [`NoBias`](crate::shape::NoBias) |
/// | y | (N, F, HO, WO), HO = (H + 2·PH − DH·(KH − 1) − 1)/SH + 1 |
///
/// `K` is a [`Kernel`](crate::shape::Kernel), `S` a [`Stride`], `P` a [`Padding`] or [`Sides`](crate::shape::Sides),
/// `R` a rounding ([`Exact`], [`Floor`](crate::shape::Floor) as in PyTorch, or [`Ceil`](crate::shape::Ceil), which
/// appends zeros), `D` a [`Dilation`], `G` is [`Ungrouped`] or [`Groups`], `B` is [`Bias`] or
/// [`NoBias`](crate::shape::NoBias).
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
/// assert_eq!(Separable::BLANK.forward(&Tensor::<f32, 1, 16, 14, 14>::zeros()).shape(), [1, 32, 14, 14]);
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

module! {
    [T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind]
    Conv2d<T, C, F, K, S, P, R, D, G, B>, of T {
        parameter weight: G::Filters<T, K>,
        parameter bias: B::Of<T, F>,
        constant window: PhantomData<(S, P, R, D)> = PhantomData,
    };
    fan_in: C / G::GROUPS * <K>::HEIGHT * <K>::WIDTH;
    role: ByRows
}

convolution! { Conv2d, filters of K, on Tensor<T, N, C, H, W>, whose windows slide on Plane<H, W> }
