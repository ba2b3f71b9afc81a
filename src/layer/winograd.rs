//! Convolutions with fewer multiplications.

use crate::functional::{
    Convolution, Convolves, convolve_backward, convolve_descend, convolve_winograd, convolve_winograd_backward_input,
    convolve_winograd_stored, transform_filters,
};
use crate::module;
use crate::module::sound::Sound;
use crate::module::{Backward, Layer, MapOfX, Module, OwnOutput};
use crate::shape::SuitsWinograd;
use crate::tensor::{Array, Tensor, Zeroed};

/// y = L(x) for a 3×3 convolution L, by Winograd's F(4×4, 3×3): a quarter of the multiplications for y and dx.
///
/// L is a [`Conv2d`](super::Conv2d) with `Kernel<3>`, `Stride<1>`, `Dilation<1>` and without groups; padding, rounding and bias are as
/// you like. Weights, gradient and optimizer state are those of L. dw and db are computed as L does.
///
/// It pays with 32 and more channels on planes of 28×28 and more, where it takes about half of the time, and with 256
/// channels on 14×14, two thirds. A NaN or infinity in x reaches the outputs of all 4×4 tiles whose 6×6 cells hold it,
/// not only those whose window does. The price is a rounding error about ten times that of L: of f32 it stays below
/// 1e-5 · max(1, |y|) · √(9·C + 1), of f64 below 1e-12 times the same (dx: √(9·F)), for inputs and weights of ordinary
/// size. Without `f32` or `f64`, or without vector instructions that the library knows, it is L.
///
/// A whole model for inference is made by [`Forms::winograd`](super::Forms::winograd), with weights that are transformed
/// once ([`Transformed`]).
///
/// It does not compile around another layer.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Net: Tensor<f32, 1, 3, 32, 32> => {
///         conv1: Conv2d<f32, 3, 32, Kernel<3>, Stride<1>, Padding<1>>,
///         relu1: Relu,
///         conv2: Winograd<Conv2d<f32, 32, 32, Kernel<3>, Stride<1>, Padding<1>>>,
///         relu2: Relu,
///         pool: MaxPool2d<Kernel<4>>,
///         fc: Linear<f32, 2048, 10>,
///     }
/// }
///
/// let mut net = Net::BLANK;
/// net.conv2.body.weight.fill(0.25);
/// let x = Tensor::<f32, 1, 32, 32, 32>::full(1.0);
/// let (fast, direct) = (net.conv2.forward(&x), net.conv2.body.forward(&x));
/// assert!(fast.zip(&direct, |a, b| (a - b).abs()).iter().all(|&error| error < 1e-3));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "Winograd's algorithm does not suit `Conv2d<f32, 8, 8, Kernel<5>>`"
/// let y = Winograd::<Conv2d<f32, 8, 8, Kernel<5>>>::BLANK.forward(&Tensor::<f32, 1, 8, 14, 14>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Winograd<L> {
    /// The convolution L.
    pub body: L,
}

impl<L> Winograd<L> {
    /// Makes it from the convolution.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let conv = Conv2d::<f32, 1, 1, Kernel<3>>::new(Tensor::full(1.0), Vector::zeros());
    /// let y = Winograd::new(conv).forward(&Tensor::<f32, 1, 1, 6, 6>::full(1.0));
    /// assert!(y.iter().all(|y| (y - 9.0).abs() < 1e-4));
    /// ```
    #[must_use]
    pub const fn new(body: L) -> Self {
        Self { body }
    }
}

impl<L: Zeroed> Zeroed for Winograd<L> {
    const ZERO: Self = Self { body: L::ZERO };
}

module! { [L: Module] Winograd<L> {
    module body as "": L,
}; gradient: Winograd<L::Gradient>; role: MapOfX }

/// L, if it is a convolution that suits: an L that is none is reported, and nothing that follows from it.
type Suitable<L> = <<L as Convolution>::Window as SuitsWinograd<L>>::Convolution;

impl<X, L> Layer<X> for Winograd<L>
where
    X: Array,
    L: Convolution<Window: SuitsWinograd<L, Convolution = L>> + Module,
    Suitable<L>: Convolves<X, Scalar = X::Scalar>,
{
    type Output = <Suitable<L> as Convolves<X>>::Output;
    type Workspace = ();

    /// Those of the direct algorithm.
    const MULTIPLY_ADDS: usize = <Suitable<L> as Convolves<X>>::GEOMETRY.macs();

    fn forward_pass(&self, x: &X, y: &mut Self::Output, (): &mut ()) {
        convolve_winograd(&self.body, x, y);
    }
}

impl<X, L> Backward<X> for Winograd<L>
where
    X: Array,
    L: Convolution<Window: SuitsWinograd<L, Convolution = L>> + Module<Gradient = L>,
    Suitable<L>: Convolves<X, Scalar = X::Scalar>,
{
    type Tape = ();

    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, (): &mut ()) {
        convolve_winograd(&self.body, x, y);
    }

    fn backward_pass(
        &self,
        x: &X,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    ) {
        convolve_backward(&self.body, x, dy, None, &mut gradient.body);
        if let Some(dx) = dx {
            convolve_winograd_backward_input(&self.body, dy, dx);
        }
    }

    fn descend_pass(&mut self, x: &X, _y: &Self::Output, dy: &Self::Output, (): &mut (), dx: Option<&mut X>) {
        if let Some(dx) = dx {
            convolve_winograd_backward_input(&self.body, dy, dx);
        }
        convolve_descend(&mut self.body, x, dy, None);
    }
}

/// [`Winograd`] for inference: the convolution L, and beside its weights the transformed ones, `U`, so that they are
/// transformed once and not with each call. A whole model of such layers is made by [`Forms::winograd`](super::Forms).
///
/// `U` is a `Tensor<T, 6, 6, C, F>`. It pays with 16 and more channels; with fewer it is L, and so it is where [`Winograd`]
/// is. The rounding error is that of [`Winograd`], 5 to 12 times that of L. Weights cannot be changed: make it anew.
///
/// ```
/// use constconv::prelude::*;
/// let mut conv = Conv2d::<f32, 16, 16, Kernel<3>, Stride<1>, Padding<1>>::BLANK;
/// conv.weight.fill(0.5);
/// let fast: Transformed<_, Tensor<f32, 6, 6, 16, 16>> = conv.clone().into();
/// let x = Tensor::<f32, 1, 16, 8, 8>::full(1.0);
/// assert!(fast.forward(&x).zip(&conv.forward(&x), |a, b| (a - b).abs()).iter().all(|&error| error < 1e-3));
/// assert_eq!(fast.body(), &conv);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Transformed<L, U> {
    body: L,
    weights: U,
}

impl<L, U> Transformed<L, U> {
    /// The convolution L.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// type Conv = Conv2d<f64, 1, 1, Kernel<3>>;
    /// assert_eq!(Transformed::<Conv, Tensor<f64, 6, 6, 1, 1>>::BLANK.body(), &Conv::BLANK);
    /// ```
    #[must_use]
    pub const fn body(&self) -> &L {
        &self.body
    }
}

impl<L: Convolution, const C: usize, const F: usize> From<L> for Transformed<L, Tensor<L::Scalar, 6, 6, C, F>> {
    fn from(body: L) -> Self {
        let mut weights = Tensor::zeros();
        transform_filters(&body, &mut weights);
        Self { body, weights }
    }
}

impl<L: Module, U: Zeroed> Module for Transformed<L, U> {
    type Gradient = ();
    type Role = MapOfX;

    const BLANK: Self = Self { body: L::BLANK, weights: U::ZERO };
    const PARAMETERS: usize = 0;
    const PARAMETER_BYTES: usize = L::PARAMETER_BYTES + size_of::<U>();

    fn add(&mut self, (): &()) {}
}

impl<L, U> OwnOutput for Transformed<L, U> {}

impl<L: Sound, U> Sound for Transformed<L, U> {}

impl<X, L, U> Layer<X> for Transformed<L, U>
where
    X: Array,
    L: Convolution<Window: SuitsWinograd<L, Convolution = L>> + Module,
    Suitable<L>: Convolves<X, Scalar = X::Scalar>,
    U: Array<Scalar = X::Scalar>,
{
    type Output = <Suitable<L> as Convolves<X>>::Output;
    type Workspace = ();

    /// Those of the direct algorithm.
    const MULTIPLY_ADDS: usize = <Suitable<L> as Convolves<X>>::GEOMETRY.macs();

    fn forward_pass(&self, x: &X, y: &mut Self::Output, (): &mut ()) {
        convolve_winograd_stored(&self.body, self.weights.as_slice(), x, y);
    }
}
