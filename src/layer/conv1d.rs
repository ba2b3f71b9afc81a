//! 1-D convolution: the 2-D one on planes of height 1.

use core::marker::PhantomData;

use super::conv2d::{Convolved, backward, conv_function, conv_functions, convolution, geometry};
use super::parameters::{update_bias, visit_affine, visit_affine_mut};
use super::{
    Backward, Bias, BiasKind, BiasTerm, ConvOptions, Initialize, Layer, Module, Parameters, Rule, Visitor, VisitorMut,
    init,
};
use crate::kernel;
use crate::shape::{
    Dilation, EvenGrouping, Exact, Flat, GroupedFilters, Grouping, Kernel, KernelSize, Line, Padding, Stride,
    Ungrouped, Window,
};
use crate::tensor::{Array, Signal, Zeroed};
use crate::{Real, Scalar};

/// 1-D convolution (cross-correlation). PyTorch: `nn.Conv1d`.
///
/// y\[n,f,i\] = b\[f\] + Σ xpad\[n, c, i·S + u·D\] · w\[f,c,u\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, L) |
/// | weight | (F, C/G, K) |
/// | bias | (F), or none with [`NoBias`](super::NoBias) |
/// | y | (N, F, LO), LO = (L + 2·P − D·(K − 1) − 1)/S + 1 |
///
/// The parameters are those of [`Conv2d`](super::Conv2d), each of one number: `Kernel<5>`, `Stride<2>`, `Padding<2>`.
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
/// let y = Net::ZERO.forward(&Signal::<f32, 32, 1, 128>::zeros()); // Matrix<f32, 32, 4>
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

convolution! { Conv1d, filters of Flat<K> }

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const F: usize,
    const L: usize,
    K: KernelSize,
    S,
    P,
    R,
    D,
    G: EvenGrouping<C, F>,
    B: BiasKind,
> Layer<Signal<T, N, C, L>> for Conv1d<T, C, F, K, S, P, R, D, G, B>
where
    Line<L>: Window<K, S, P, R, D>,
{
    type Output = <Line<L> as Window<K, S, P, R, D>>::Output<T, N, F>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = geometry::<Line<L>, K, S, P, R, D>(N, C, F, G::GROUPS).macs();

    fn apply(&self, x: &Signal<T, N, C, L>, y: &mut Self::Output, (): &mut ()) {
        let g = &const { geometry::<Line<L>, K, S, P, R, D>(N, C, F, G::GROUPS) };
        kernel::conv2d(g, x.as_slice(), self.weight.as_slice(), self.bias.numbers(), y.as_mut_slice());
    }
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const F: usize,
    const L: usize,
    K: KernelSize,
    S,
    P,
    R,
    D,
    G: EvenGrouping<C, F>,
    B: BiasKind,
> Backward<Signal<T, N, C, L>> for Conv1d<T, C, F, K, S, P, R, D, G, B>
where
    Line<L>: Window<K, S, P, R, D>,
{
    type Tape = ();

    fn record(&self, x: &Signal<T, N, C, L>, y: &mut Self::Output, (): &mut ()) {
        self.apply(x, y, &mut ());
    }

    fn propagate(
        &self,
        x: &Signal<T, N, C, L>,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut Signal<T, N, C, L>>,
        gradient: &mut Self,
    ) {
        let g = &const { geometry::<Line<L>, K, S, P, R, D>(N, C, F, G::GROUPS) };
        let (dw, db) = (gradient.weight.as_mut_slice(), gradient.bias.numbers_mut());
        backward(g, x.as_slice(), self.weight.as_slice(), dy.as_slice(), dx.map(Signal::as_mut_slice), dw, db);
    }
}

conv_functions! {
    x: Signal<T, N, C, L>, w: Signal<T, F, CG, K>, window: Kernel<K>, on: Line<L>, [L, K];

    /// [`Conv1d`] as a function, by value. PyTorch: `functional.conv1d`.
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
