//! Element-wise activations.
//!
//! Bounds of errors are in ε, the distance from 1 to the next number of the type.

use super::{Backward, Layer, without_parameters};
use crate::Real;
use crate::kernel::{self, math};
use crate::tensor::Array;

/// [`Layer`] and [`Backward`] of an element-wise function, and the same as free functions. The derivative is taken from
/// `x` or from `y`.
macro_rules! element_wise {
    (
        $name:ident = $value:expr, from $from:ident $(, $parameter:ident = $default:literal)?:
        $f:ident, $f_into:ident, $backward:ident, $backward_into:ident;
        $x:literal gives $y:literal with slopes $slope:literal
    ) => {
        without_parameters! { $name = $value }

        impl<X: Array<Scalar: Real>> Layer<X> for $name {
            type Output = X;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = 0;

            fn apply(&self, x: &X, y: &mut X, (): &mut ()) {
                $f_into(x, $(math::number(self.$parameter),)? y);
            }
        }

        impl<X: Array<Scalar: Real>> Backward<X> for $name {
            type Tape = ();

            fn record(&self, x: &X, y: &mut X, (): &mut ()) {
                self.apply(x, y, &mut ());
            }

            fn propagate(&self, x: &X, y: &X, dy: &X, (): &mut (), dx: Option<&mut X>, _: &mut Self) {
                if let Some(dx) = dx {
                    let $from = element_wise!(@$from x y);
                    $backward_into($from, $(math::number(self.$parameter),)? dy, dx);
                }
            }
        }

        #[doc = concat!("[`", stringify!($name), "`] as a function, by value.")]
        #[doc = concat!("PyTorch: `functional.", stringify!($f), "`.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($f), ";")]
        /// use constconv::prelude::*;
        #[doc = concat!("let x = Vector::new([", $x, "]);")]
        #[doc = concat!("let y = ", stringify!($f), "(&x", $(", ", stringify!($default),)? ");")]
        #[doc = concat!("assert_eq!(y, Vector::new([", $y, "]));")]
        #[doc = concat!("assert_eq!(y, ", stringify!($name), "::ZERO.forward(&x));")]
        /// ```
        #[must_use]
        pub fn $f<X: Array<Scalar: Real>>(x: &X $(, $parameter: X::Scalar)?) -> X {
            let mut y = X::ZERO;
            $f_into(x, $($parameter,)? &mut y);
            y
        }

        #[doc = concat!("As [`", stringify!($f), "()`], overwriting `y`.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($f_into), ";")]
        /// use constconv::prelude::*;
        /// let mut y = Vector::zeros();
        #[doc = concat!(stringify!($f_into), "(&Vector::new([", $x, "]), ", $(stringify!($default), ", ",)? "&mut y);")]
        #[doc = concat!("assert_eq!(y, Vector::new([", $y, "]));")]
        /// ```
        pub fn $f_into<X: Array<Scalar: Real>>(x: &X, $($parameter: X::Scalar,)? y: &mut X) {
            kernel::$f(x.as_slice(), $($parameter,)? y.as_mut_slice());
        }

        #[doc = concat!("dx of [`", stringify!($f), "()`] from its ", element_wise!(@name $from), ", by value.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($backward), ";")]
        /// use constconv::prelude::*;
        #[doc = concat!("let ", stringify!($from), " = Vector::new([", element_wise!(@one $from $x $y), "]);")]
        #[doc = concat!(
            "let dx = ", stringify!($backward), "(&", stringify!($from), ", ", $(stringify!($default), ", ",)?
            "&Vector::full(1.0));"
        )]
        #[doc = concat!("assert_eq!(dx, Vector::new([", $slope, "]));")]
        /// ```
        #[must_use]
        pub fn $backward<X: Array<Scalar: Real>>($from: &X, $($parameter: X::Scalar,)? dy: &X) -> X {
            let mut dx = X::ZERO;
            $backward_into($from, $($parameter,)? dy, &mut dx);
            dx
        }

        #[doc = concat!("As [`", stringify!($backward), "`], overwriting `dx`.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($backward_into), ";")]
        /// use constconv::prelude::*;
        #[doc = concat!("let ", stringify!($from), " = Vector::new([", element_wise!(@one $from $x $y), "]);")]
        /// let mut dx = Vector::zeros();
        #[doc = concat!(
            stringify!($backward_into), "(&", stringify!($from), ", ", $(stringify!($default), ", ",)?
            "&Vector::full(1.0), &mut dx);"
        )]
        #[doc = concat!("assert_eq!(dx, Vector::new([", $slope, "]));")]
        /// ```
        pub fn $backward_into<X: Array<Scalar: Real>>($from: &X, $($parameter: X::Scalar,)? dy: &X, dx: &mut X) {
            kernel::$backward($from.as_slice(), $($parameter,)? dy.as_slice(), dx.as_mut_slice());
        }
    };
    (@x $x:ident $y:ident) => {{ let _ = $y; $x }};
    (@y $x:ident $y:ident) => {{ let _ = $x; $y }};
    (@one x $x:literal $y:literal) => { $x };
    (@one y $x:literal $y:literal) => { $y };
    (@name x) => { "input x" };
    (@name y) => { "output y" };
}

/// y = min(max(x, 0), 6) for each number, exactly. PyTorch: `nn.ReLU6`; the derivative at 0 and at 6 is 0.
///
/// Accepts every array of real numbers; y has the shape of x. NaN stays NaN.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-1.0, 2.0, 7.0]]);
/// assert_eq!(Relu6.forward(&x), Matrix::new([[0.0, 2.0, 6.0]]));
/// let (dx, Relu6) = Relu6.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 1.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu6;

element_wise! {
    Relu6 = Self, from y:
    relu6, relu6_into, relu6_backward, relu6_backward_into;
    "-1.0, 2.0, 7.0" gives "0.0, 2.0, 6.0" with slopes "0.0, 1.0, 0.0"
}

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
pub struct LeakyRelu {
    /// The slope of negative numbers.
    pub negative_slope: f64,
}

impl LeakyRelu {
    /// With a slope of negative numbers.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(LeakyRelu::new(0.5).forward(&Vector::new([-4.0, 4.0])), Vector::new([-2.0, 4.0]));
    /// ```
    #[must_use]
    pub const fn new(negative_slope: f64) -> Self {
        Self { negative_slope }
    }
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self::new(0.01)
    }
}

element_wise! {
    LeakyRelu = Self::new(0.01), from x, negative_slope = 0.01:
    leaky_relu, leaky_relu_into, leaky_relu_backward, leaky_relu_backward_into;
    "-2.0, 0.0, 3.0" gives "-0.02, 0.0, 3.0" with slopes "0.01, 0.01, 1.0"
}

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
pub struct Elu {
    /// The size of the limit at −∞.
    pub alpha: f64,
}

impl Elu {
    /// With the size of the limit at −∞.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(Elu::new(2.0).forward(&Vector::new([f64::NEG_INFINITY, 4.0])), Vector::new([-2.0, 4.0]));
    /// ```
    #[must_use]
    pub const fn new(alpha: f64) -> Self {
        Self { alpha }
    }
}

impl Default for Elu {
    fn default() -> Self {
        Self::new(1.0)
    }
}

element_wise! {
    Elu = Self::new(1.0), from x, alpha = 1.0:
    elu, elu_into, elu_backward, elu_backward_into;
    "f64::NEG_INFINITY, 0.0, 3.0" gives "-1.0, 0.0, 3.0" with slopes "0.0, 1.0, 1.0"
}

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
/// let (dx, Sigmoid) = Sigmoid.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.25, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sigmoid;

element_wise! {
    Sigmoid = Self, from y:
    sigmoid, sigmoid_into, sigmoid_backward, sigmoid_backward_into;
    "-1000.0, 0.0, 1000.0" gives "0.0, 0.5, 1.0" with slopes "0.0, 0.25, 0.0"
}

/// y = tanh x for each number, within 1.5 ε. PyTorch: `nn.Tanh`.
///
/// dx = dy · (1 − y²). Accepts every array of real numbers; y has the shape of x. NaN stays NaN, ±∞ give ±1.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f32::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(Tanh.forward(&x), Matrix::new([[-1.0, 0.0, 1.0]]));
/// let (dx, Tanh) = Tanh.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 1.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tanh;

element_wise! {
    Tanh = Self, from x:
    tanh, tanh_into, tanh_backward, tanh_backward_into;
    "-1000.0, 0.0, 1000.0" gives "-1.0, 0.0, 1.0" with slopes "0.0, 1.0, 0.0"
}

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
/// let (dx, Silu) = Silu.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silu;

element_wise! {
    Silu = Self, from x:
    silu, silu_into, silu_backward, silu_backward_into;
    "-1000.0, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0"
}

/// y = min(max(x + 3, 0), 6) / 6 for each number, within 1 ε. PyTorch: `nn.Hardsigmoid`; the derivative at ±3 is 0.
///
/// Accepts every array of real numbers; y has the shape of x. NaN stays NaN.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-4.0, 0.0, 3.0]]);
/// assert_eq!(Hardsigmoid.forward(&x), Matrix::new([[0.0, 0.5, 1.0]]));
/// let (dx, Hardsigmoid) = Hardsigmoid.backward(&x, &Matrix::full(6.0));
/// assert_eq!(dx, Matrix::new([[0.0, 1.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hardsigmoid;

element_wise! {
    Hardsigmoid = Self, from x:
    hardsigmoid, hardsigmoid_into, hardsigmoid_backward, hardsigmoid_backward_into;
    "-4.0, 0.0, 3.0" gives "0.0, 0.5, 1.0" with slopes "0.0, 1.0 / 6.0, 0.0"
}

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
/// let (dx, Hardswish) = Hardswish.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hardswish;

element_wise! {
    Hardswish = Self, from x:
    hardswish, hardswish_into, hardswish_backward, hardswish_backward_into;
    "-3.0, 0.0, 3.0" gives "0.0, 0.0, 3.0" with slopes "0.0, 0.5, 1.0"
}

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
/// let (dx, Gelu) = Gelu.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gelu;

element_wise! {
    Gelu = Self, from x:
    gelu, gelu_into, gelu_backward, gelu_backward_into;
    "-1000.0_f32, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0"
}

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
/// let (dx, GeluTanh) = GeluTanh.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GeluTanh;

element_wise! {
    GeluTanh = Self, from x:
    gelu_tanh, gelu_tanh_into, gelu_tanh_backward, gelu_tanh_backward_into;
    "-1000.0, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0"
}

/// y = ln(1 + exp x) where x ≤ 20, else x, for each number, within 2 ε. PyTorch: `nn.Softplus`, beta 1, threshold 20.
///
/// dx = dy · σ(x) where x ≤ 20, else dy. Accepts every array of real numbers; y has the shape of x. NaN stays NaN.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[f64::NEG_INFINITY, 0.0, 1000.0]]);
/// assert_eq!(Softplus.forward(&x), Matrix::new([[0.0, 2.0_f64.ln(), 1000.0]]));
/// let (dx, Softplus) = Softplus.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.5, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softplus;

element_wise! {
    Softplus = Self, from x:
    softplus, softplus_into, softplus_backward, softplus_backward_into;
    "-1000.0, 30.0" gives "0.0, 30.0" with slopes "0.0, 1.0"
}
