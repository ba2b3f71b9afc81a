//! Element-wise activations.
//!
//! Bounds of errors are in ε, the distance from 1 to the next number of the type.

use crate::functional;
use crate::module;
use crate::module::{Backward, Layer, Module, cast};
use crate::tensor::{Array, Real, Scalar};

/// The two maps of an element-wise layer: the functions, and whether the derivative is taken from x or from y.
macro_rules! element_wise {
    // The layer is generic over the type of its hyperparameter.
    ($name:ident<S> of Real = $parameter:ident: $default:literal, $f_into:ident, $backward_into:ident from $from:ident) => {
        module! { [] $name<f32> { constant $parameter: f32 = $default } }
        module! { [] $name<f64> { constant $parameter: f64 = $default } }

        element_wise! {
            @maps $name<S>, [S: Real, X: Array<Scalar: Real>] where [$name<S>: Module<Gradient = ()>],
            $f_into, $backward_into from $from, $parameter
        }
    };
    ($name:ident of $bound:ident, $f_into:ident, $backward_into:ident from $from:ident) => {
        module! { [] $name {} }

        element_wise! { @maps $name, [X: Array<Scalar: $bound>] where [], $f_into, $backward_into from $from }
    };
    (
        @maps $type:ty, [$($generics:tt)*] where [$($condition:tt)*],
        $f_into:ident, $backward_into:ident from $from:ident $(, $parameter:ident)?
    ) => {
        impl<$($generics)*> Layer<X> for $type
        where
            $($condition)*
        {
            type Output = X;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = 0;

            fn forward_pass(&self, x: &X, y: &mut X, (): &mut ()) {
                functional::$f_into(x, $(cast(self.$parameter),)? y);
            }
        }

        impl<$($generics)*> Backward<X> for $type
        where
            $($condition)*
        {
            type Tape = ();

            const ONLY_DX: bool = true;

            fn forward_train_pass(&self, x: &X, y: &mut X, (): &mut ()) {
                self.forward_pass(x, y, &mut ());
            }

            fn backward_pass(&self, x: &X, y: &X, dy: &X, (): &mut (), dx: Option<&mut X>, (): &mut ()) {
                if let Some(dx) = dx {
                    let $from = element_wise!(@$from x y);
                    functional::$backward_into($from, $(cast(self.$parameter),)? dy, dx);
                }
            }
        }
    };
    (@x $x:ident $y:ident) => {{ let _ = $y; $x }};
    (@y $x:ident $y:ident) => {{ let _ = $x; $y }};
}

/// y = max(x, 0) for each number. PyTorch: `nn.ReLU`; the derivative at 0 is 0, and NaN stays NaN.
///
/// Accepts every array; y has the shape of x.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-1.0, 0.0, 2.0]]);
/// assert_eq!(Relu.forward(&x), Matrix::new([[0.0, 0.0, 2.0]]));
/// let (dx, ()) = Relu.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.0, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu;

element_wise! { Relu of Scalar, relu_into, relu_backward_into from y }

/// y = min(max(x, 0), 6) for each number, exactly. PyTorch: `nn.ReLU6`; the derivative at 0 and at 6 is 0.
///
/// Accepts every array of real numbers; y has the shape of x. NaN stays NaN.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-1.0, 2.0, 7.0]]);
/// assert_eq!(Relu6.forward(&x), Matrix::new([[0.0, 2.0, 6.0]]));
/// let (dx, ()) = Relu6.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 1.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu6;

element_wise! { Relu6 of Real, relu6_into, relu6_backward_into from y }

/// y = x where x > 0, else slope · x, for each number. PyTorch: `nn.LeakyReLU`; the derivative at 0 is the slope.
///
/// Accepts every array of real numbers; y has the shape of x. NaN stays NaN. [`ZERO`](crate::tensor::Zeroed::ZERO) and
/// the default have PyTorch's slope, 0.01; it is not trained.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-2.0, 0.0, 3.0]]);
/// let layer = LeakyRelu::new(0.25);
/// assert_eq!(layer.forward(&x), Matrix::new([[-0.5, 0.0, 3.0]]));
/// let (dx, _) = layer.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.25, 0.25, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu<S = f32> {
    /// The slope of negative numbers.
    pub negative_slope: S,
}

impl<S> LeakyRelu<S> {
    /// With a slope of negative numbers.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(LeakyRelu::new(0.5).forward(&Vector::new([-4.0, 4.0])), Vector::new([-2.0, 4.0]));
    /// ```
    #[must_use]
    pub const fn new(negative_slope: S) -> Self
    where
        S: Copy,
    {
        Self { negative_slope }
    }
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self::BLANK
    }
}

element_wise! { LeakyRelu<S> of Real = negative_slope: 0.01, leaky_relu_into, leaky_relu_backward_into from x }

/// y = x where x > 0, else alpha · (exp x − 1), for each number, within 1.5 ε. PyTorch: `nn.ELU`.
///
/// Accepts every array of real numbers; y has the shape of x. The derivative at 0 is alpha. NaN stays NaN, −∞ gives
/// −alpha. [`ZERO`](crate::tensor::Zeroed::ZERO) and the default have PyTorch's alpha, 1; it is not trained.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f32::NEG_INFINITY, 0.0, 3.0]]);
/// let layer = Elu::new(0.5);
/// assert_eq!(layer.forward(&x), Matrix::new([[-0.5, 0.0, 3.0]]));
/// let (dx, _) = layer.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu<S = f32> {
    /// The size of the limit at −∞.
    pub alpha: S,
}

impl<S> Elu<S> {
    /// With the size of the limit at −∞.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(Elu::new(2.0).forward(&Vector::new([f64::NEG_INFINITY, 4.0])), Vector::new([-2.0, 4.0]));
    /// ```
    #[must_use]
    pub const fn new(alpha: S) -> Self
    where
        S: Copy,
    {
        Self { alpha }
    }
}

impl Default for Elu {
    fn default() -> Self {
        Self::BLANK
    }
}

element_wise! { Elu<S> of Real = alpha: 1.0, elu_into, elu_backward_into from x }

/// y = σ(x) = 1 / (1 + exp −x) for each number, within 1.5 ε. PyTorch: `nn.Sigmoid`.
///
/// dx = dy · y · (1 − y). Accepts every array of real numbers; y has the shape of x. NaN stays NaN, −∞ gives 0 and ∞
/// gives 1.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f32::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(Sigmoid.forward(&x), Matrix::new([[0.0, 0.5, 1.0]]));
/// let (dx, ()) = Sigmoid.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.25, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sigmoid;

element_wise! { Sigmoid of Real, sigmoid_into, sigmoid_backward_into from y }

/// y = tanh x for each number, within 1.5 ε. PyTorch: `nn.Tanh`.
///
/// dx = dy · (1 − y²). Accepts every array of real numbers; y has the shape of x. NaN stays NaN, ±∞ give ±1.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f32::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(Tanh.forward(&x), Matrix::new([[-1.0, 0.0, 1.0]]));
/// let (dx, ()) = Tanh.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 1.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tanh;

element_wise! { Tanh of Real, tanh_into, tanh_backward_into from x }

/// y = x · σ(x) for each number, σ as in [`Sigmoid`], within 2 ε · max(1, |y|). PyTorch: `nn.SiLU`.
///
/// dx = dy · σ(x) · (1 + x · σ(−x)). Accepts every array of real numbers; y has the shape of x. NaN stays NaN; −∞ gives
/// the limit 0 (PyTorch: NaN).
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f32::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(Silu.forward(&x), Matrix::new([[0.0, 0.0, 1000.0]]));
/// let (dx, ()) = Silu.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silu;

element_wise! { Silu of Real, silu_into, silu_backward_into from x }

/// y = min(max(x + 3, 0), 6) / 6 for each number, within 1 ε. PyTorch: `nn.Hardsigmoid`; the derivative at ±3 is 0.
///
/// Accepts every array of real numbers; y has the shape of x. NaN stays NaN.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-4.0, 0.0, 3.0]]);
/// assert_eq!(Hardsigmoid.forward(&x), Matrix::new([[0.0, 0.5, 1.0]]));
/// let (dx, ()) = Hardsigmoid.backward(&x, &Matrix::full(6.0));
/// assert_eq!(dx, Matrix::new([[0.0, 1.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hardsigmoid;

element_wise! { Hardsigmoid of Real, hardsigmoid_into, hardsigmoid_backward_into from x }

/// y = x · min(max(x + 3, 0), 6) / 6 for each number, within 1.5 ε · max(1, |y|). PyTorch: `nn.Hardswish`.
///
/// dx = dy · (x/3 + 1/2) between −3 and 3; the derivative is 0 at −3 and 1 at 3. Accepts every array of real numbers; y
/// has the shape of x. NaN stays NaN; −∞ gives the limit 0 (PyTorch: NaN).
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-3.0, 0.0, 1.5, 3.0]]);
/// assert_eq!(Hardswish.forward(&x), Matrix::new([[0.0, 0.0, 1.125, 3.0]]));
/// let (dx, ()) = Hardswish.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hardswish;

element_wise! { Hardswish of Real, hardswish_into, hardswish_backward_into from x }

/// y = x · Φ(x) for each number, within 2 ε · max(1, |y|). PyTorch: `nn.GELU`.
///
/// Φ(x) = (1 + erf(x/√2))/2 is the normal distribution function, φ its derivative; dx = dy · (Φ(x) + x · φ(x)). Accepts
/// every array of real numbers; y has the shape of x. NaN stays NaN; −∞ gives the limit 0 (PyTorch: NaN).
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f32::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(Gelu.forward(&x), Matrix::new([[0.0, 0.0, 1000.0]]));
/// let (dx, ()) = Gelu.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gelu;

element_wise! { Gelu of Real, gelu_into, gelu_backward_into from x }

/// y = x · (1 + tanh u)/2, u = √(2/π) · (x + 0.044715 · x³), for each number, within 2 ε · max(1, |y|). PyTorch:
/// `nn.GELU(approximate="tanh")`.
///
/// Differs from [`Gelu`] by less than 5e-4 and takes half the time. Accepts every array of real numbers; y has the
/// shape of x. NaN stays NaN; −∞ gives the limit 0 (PyTorch: NaN).
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f32::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(GeluTanh.forward(&x), Matrix::new([[0.0, 0.0, 1000.0]]));
/// let (dx, ()) = GeluTanh.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GeluTanh;

element_wise! { GeluTanh of Real, gelu_tanh_into, gelu_tanh_backward_into from x }

/// y = ln(1 + exp x) where x ≤ 20, else x, for each number, within 2 ε. PyTorch: `nn.Softplus`, beta 1, threshold 20.
///
/// dx = dy · σ(x) where x ≤ 20, else dy. Accepts every array of real numbers; y has the shape of x. NaN stays NaN.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f64::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(Softplus.forward(&x), Matrix::new([[0.0, 2.0_f64.ln(), 1000.0]]));
/// let (dx, ()) = Softplus.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softplus;

element_wise! { Softplus of Real, softplus_into, softplus_backward_into from x }
