//! 1-D convolution: the 2-D one on planes of height 1.

use core::marker::PhantomData;

use super::convolution::convolution;
use crate::functional::{
    Conv2dGeometry, Convolution, Convolves, convolution_geometry, convolve, convolve_backward, convolve_descend,
    convolve_then,
};
use crate::module;
use crate::module::{Backward, Epilogue, Layer, MapOfX};
use crate::shape::sealed::Sealed;
use crate::shape::verdict::Computed;
use crate::shape::{
    Axis, Bias, BiasInPlace, BiasKind, Dilation, EvenGrouping, Exact, Flat, Grouping, KernelSize, Line, Padding,
    SameChannels, Stride, Ungrouped, Window,
};
use crate::tensor::{Array, Elements, Scalar, Signal};

/// 1-D convolution (cross-correlation). PyTorch: `nn.Conv1d`.
///
/// y\[n,f,i\] = b\[f\] + Σ xpad\[n, c, i·S + u·D\] · w\[f,c,u\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, L) |
/// | weight | (F, C/G, K) |
/// | bias | (F), or none with [`NoBias`](crate::shape::NoBias) |
/// | y | (N, F, LO), LO = (L + 2·P − D·(K − 1) − 1)/S + 1 |
///
/// The parameters are those of [`Conv2d`](super::Conv2d), each of one number: `Kernel<5>`, `Stride<2>`, `Padding<2>`; for
/// zeros on one side [`Sides<0, 0, LEFT, RIGHT>`](crate::shape::Sides).
///
/// It does not compile with a parameter of two different numbers, and where [`Conv2d`](super::Conv2d) does not.
///
/// ```
/// use constconv::prelude::*;
///
/// let conv = Conv1d::<f32, 1, 2, Kernel<3>>::new(Signal::new([[[1., 1., 1.]], [[-1., 0., 1.]]]), Vector::zeros());
/// let x = Signal::<f32, 1, 1, 5>::new([[[1., 2., 4., 8., 16.]]]);
/// assert_eq!(conv.forward(&x), Signal::new([[[7., 14., 28.], [3., 6., 12.]]]));
///
/// let (dx, gradient) = conv.backward(&x, &Signal::full(1.0));
/// assert_eq!(dx, Signal::new([[[0., 1., 3., 3., 2.]]]));
/// assert_eq!(gradient.weight, Signal::new([[[7., 14., 28.]], [[7., 14., 28.]]]));
/// ```
///
/// A network on a signal of 128 samples:
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Net: Signal<f32, 1, 1, 128> => {
///         conv1: Conv1d<f32, 1, 8, Kernel<5>, Stride<2>, Padding<2>, Floor>, // 8 channels of 64
///         relu1: Relu,
///         pool: MaxPool1d<Kernel<2>>,                                        // of 32
///         conv2: Conv1d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
///         relu2: Relu,
///         mean: GlobalAvgPool1d,
///         fc: Linear<f32, 16, 4>,
///     }
/// }
///
/// let y = Net::BLANK.forward(&Signal::<f32, 32, 1, 128>::zeros()); // Matrix<f32, 32, 4>
/// assert_eq!(y.shape(), [32, 4]);
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "a window on a signal has one dimension, `Kernel<3, 5>` has two"
/// let conv = Conv1d::<f32, 1, 8, Kernel<3, 5>>::ZERO;
/// let y = conv.forward(&Signal::<f32, 1, 1, 128>::zeros());
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Conv1d<
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
    /// Filters (F, C/G, K).
    pub weight: G::Filters<T, Flat<K>>,
    /// Bias (F), or `()`.
    pub bias: B::Of<T, F>,
    window: PhantomData<(S, P, R, D)>,
}

impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
    Conv1d<T, C, F, K, S, P, R, D, G, B>
{
    /// Makes it from filters and bias.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // The difference of neighbours.
    /// static EDGE: Conv1d<i32, 1, 1, Kernel<2>> = Conv1d::new(Signal::new([[[-1, 1]]]), Vector::new([0]));
    /// assert_eq!(EDGE.forward(&Signal::new([[[1, 4, 9, 16]]])), Signal::new([[[3, 5, 7]]]));
    /// ```
    #[must_use]
    pub const fn new(weight: G::Filters<T, Flat<K>>, bias: B::Of<T, F>) -> Self {
        Self { weight, bias, window: PhantomData }
    }
}

module! {
    [T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind]
    Conv1d<T, C, F, K, S, P, R, D, G, B>, of T {
        parameter weight: G::Filters<T, Flat<K>>,
        parameter bias: B::Of<T, F>,
        constant window: PhantomData<(S, P, R, D)> = PhantomData,
    };
    fan_in: C / G::GROUPS * <Flat<K>>::HEIGHT * <Flat<K>>::WIDTH;
    role: MapOfX
}

convolution! { Conv1d, filters of Flat<K>, on Signal<T, N, C, L>, whose windows slide on Line<L> }
