//! Element-wise activations.

use crate::kernel;
pub(crate) use crate::kernel::in_place;
use crate::tensor::{Array, Real, Scalar};

/// Hands the table of element-wise activations to a macro: what the functions here and the layers are made from, so
/// that a new one is a row here and its arithmetic in `kernel`.
///
/// A row: the documentation of the layer, its name, what the elements are, whether the derivative is taken from x or
/// from y, the limits of y if the function does nothing else, and the hyperparameter with PyTorch's default; the names
/// of the four functions; numbers for their examples.
macro_rules! activations {
    ($callback:ident) => {
        $callback! {
            /// y = max(x, 0) for each element. PyTorch: `nn.ReLU`; the derivative at 0 is 0, and NaN stays NaN.
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
            Relu of Scalar, from y within [T::ZERO]:
            relu, relu_into, relu_backward, relu_backward_into;
            "-3.0, 0.0, 4.0" gives "0.0, 0.0, 4.0" with slopes "0.0, 0.0, 1.0";

            /// y = min(max(x, 0), 6) for each element, exactly. PyTorch: `nn.ReLU6`; the derivative at 0 and at 6 is 0.
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
            Relu6 of Real, from y within [T::ZERO, cast(6.0_f32)]:
            relu6, relu6_into, relu6_backward, relu6_backward_into;
            "-1.0, 2.0, 7.0" gives "0.0, 2.0, 6.0" with slopes "0.0, 1.0, 0.0";

            /// y = x where x > 0, else slope · x, for each element. PyTorch: `nn.LeakyReLU`; the derivative at 0 is the slope.
            ///
            /// Accepts every array of real numbers; y has the shape of x. NaN stays NaN. [`BLANK`](Module::BLANK) and
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
            LeakyRelu of Real, from x, negative_slope = 0.01 ("The slope of negative elements"):
            leaky_relu, leaky_relu_into, leaky_relu_backward, leaky_relu_backward_into;
            "-2.0, 0.0, 3.0" gives "-0.02, 0.0, 3.0" with slopes "0.01, 0.01, 1.0";

            /// y = x where x > 0, else alpha · (exp x − 1), for each element, within 1.5 ε. PyTorch: `nn.ELU`.
            ///
            /// Accepts every array of real numbers; y has the shape of x. The derivative at 0 is alpha. NaN stays NaN, −∞ gives
            /// −alpha. [`BLANK`](Module::BLANK) and the default have PyTorch's alpha, 1; it is not trained.
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
            Elu of Real, from x, alpha = 1.0 ("The size of the limit at −∞"):
            elu, elu_into, elu_backward, elu_backward_into;
            "f64::NEG_INFINITY, 0.0, 3.0" gives "-1.0, 0.0, 3.0" with slopes "0.0, 1.0, 1.0";

            /// y = σ(x) = 1 / (1 + exp −x) for each element, within 1.5 ε. PyTorch: `nn.Sigmoid`.
            ///
            /// dx = dy · σ(x) · σ(−x). Accepts every array of real numbers; y has the shape of x. NaN stays NaN, −∞ gives 0 and ∞
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
            Sigmoid of Real, from x:
            sigmoid, sigmoid_into, sigmoid_backward, sigmoid_backward_into;
            "-1000.0, 0.0, 1000.0" gives "0.0, 0.5, 1.0" with slopes "0.0, 0.25, 0.0";

            /// y = tanh x for each element, within 1.5 ε. PyTorch: `nn.Tanh`.
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
            Tanh of Real, from x:
            tanh, tanh_into, tanh_backward, tanh_backward_into;
            "-1000.0, 0.0, 1000.0" gives "-1.0, 0.0, 1.0" with slopes "0.0, 1.0, 0.0";

            /// y = x · σ(x) for each element, σ as in [`Sigmoid`], within 2 ε · max(1, |y|). PyTorch: `nn.SiLU`.
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
            Silu of Real, from x:
            silu, silu_into, silu_backward, silu_backward_into;
            "-1000.0, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0";

            /// y = min(max(x + 3, 0), 6) / 6 for each element, within 1 ε. PyTorch: `nn.Hardsigmoid`; the derivative at ±3 is 0.
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
            Hardsigmoid of Real, from x:
            hardsigmoid, hardsigmoid_into, hardsigmoid_backward, hardsigmoid_backward_into;
            "-4.0, 0.0, 3.0" gives "0.0, 0.5, 1.0" with slopes "0.0, 1.0 / 6.0, 0.0";

            /// y = x · min(max(x + 3, 0), 6) / 6 for each element, within 1.5 ε · max(1, |y|). PyTorch: `nn.Hardswish`.
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
            Hardswish of Real, from x:
            hardswish, hardswish_into, hardswish_backward, hardswish_backward_into;
            "-3.0, 0.0, 3.0" gives "0.0, 0.0, 3.0" with slopes "0.0, 0.5, 1.0";

            /// y = x · Φ(x) for each element, within 2 ε · max(1, |y|). PyTorch: `nn.GELU`.
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
            Gelu of Real, from x:
            gelu, gelu_into, gelu_backward, gelu_backward_into;
            "-1000.0_f32, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0";

            /// y = x · (1 + tanh u)/2, u = √(2/π) · (x + 0.044715 · x³), for each element, within 2 ε · max(1, |y|). PyTorch:
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
            GeluTanh of Real, from x:
            gelu_tanh, gelu_tanh_into, gelu_tanh_backward, gelu_tanh_backward_into;
            "-1000.0, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0";

            /// y = ln(1 + exp x) where x ≤ 20, else x, for each element, within 2 ε. PyTorch: `nn.Softplus`, beta 1, threshold 20.
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
            Softplus of Real, from x:
            softplus, softplus_into, softplus_backward, softplus_backward_into;
            "-1000.0, 30.0" gives "0.0, 30.0" with slopes "0.0, 1.0";
        }
    };
}
pub(crate) use activations;

/// The four functions of each row.
macro_rules! functions {
    ($(
        $(#[$doc:meta])+
        $layer:ident of $bound:ident, from $from:ident $(within [$($limit:expr),+])? $(, $parameter:ident = $default:literal ($what:literal))?:
        $f:ident, $f_into:ident, $backward:ident, $backward_into:ident;
        $x:literal gives $y:literal with slopes $slope:literal;
    )*) => { $(
            #[doc = concat!("[`", stringify!($layer), "`](crate::layer::", stringify!($layer), ") as a function, by value.")]
            #[doc = concat!("PyTorch: `functional.", stringify!($f), "`.")]
            ///
            /// ```
            #[doc = concat!("use constconv::functional::", stringify!($f), ";")]
            /// use constconv::prelude::*;
            #[doc = concat!("let x = Vector::new([", $x, "]);")]
            #[doc = concat!("let y = ", stringify!($f), "(&x", $(", ", stringify!($default),)? ");")]
            #[doc = concat!("assert_eq!(y, Vector::new([", $y, "]));")]
            #[doc = concat!("assert_eq!(y, ", functions!(@layer $layer $(, $default)?), ".forward(&x));")]
            /// ```
            #[must_use]
            pub fn $f<X: Array<Scalar: $bound>>(x: &X $(, $parameter: X::Scalar)?) -> X {
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
            pub fn $f_into<X: Array<Scalar: $bound>>(x: &X, $($parameter: X::Scalar,)? y: &mut X) {
                kernel::$f(x.as_slice(), $($parameter,)? y.as_mut_slice());
            }

            #[doc = concat!("dx of [`", stringify!($f), "()`] from its ", functions!(@name $from), ", by value.")]
            ///
            /// ```
            #[doc = concat!("use constconv::functional::", stringify!($backward), ";")]
            /// use constconv::prelude::*;
            #[doc = concat!("let ", stringify!($from), " = Vector::new([", functions!(@one $from $x $y), "]);")]
            #[doc = concat!(
                "let dx = ", stringify!($backward), "(&", stringify!($from), ", ", $(stringify!($default), ", ",)?
                "&Vector::full(1.0));"
            )]
            #[doc = concat!("assert_eq!(dx, Vector::new([", $slope, "]));")]
            /// ```
            #[must_use]
            pub fn $backward<X: Array<Scalar: $bound>>($from: &X, $($parameter: X::Scalar,)? dy: &X) -> X {
                let mut dx = X::ZERO;
                $backward_into($from, $($parameter,)? dy, &mut dx);
                dx
            }

            #[doc = concat!("As [`", stringify!($backward), "`], overwriting `dx`.")]
            ///
            /// ```
            #[doc = concat!("use constconv::functional::", stringify!($backward_into), ";")]
            /// use constconv::prelude::*;
            #[doc = concat!("let ", stringify!($from), " = Vector::new([", functions!(@one $from $x $y), "]);")]
            /// let mut dx = Vector::zeros();
            #[doc = concat!(
                stringify!($backward_into), "(&", stringify!($from), ", ", $(stringify!($default), ", ",)?
                "&Vector::full(1.0), &mut dx);"
            )]
            #[doc = concat!("assert_eq!(dx, Vector::new([", $slope, "]));")]
            /// ```
            pub fn $backward_into<X: Array<Scalar: $bound>>($from: &X, $($parameter: X::Scalar,)? dy: &X, dx: &mut X) {
                kernel::$backward($from.as_slice(), $($parameter,)? dy.as_slice(), dx.as_mut_slice());
            }
    )* };
    (@layer $layer:ident) => { concat!(stringify!($layer), "::default()") };
    (@layer $layer:ident, $parameter:literal) => { concat!(stringify!($layer), "::new(", stringify!($parameter), ")") };
    (@one x $x:literal $y:literal) => { $x };
    (@one y $x:literal $y:literal) => { $y };
    (@name x) => { "input x" };
    (@name y) => { "output y" };
}

activations! { functions }
