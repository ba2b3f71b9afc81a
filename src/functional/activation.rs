//! Element-wise activations.

use crate::kernel;
use crate::tensor::{Array, Real, Scalar};

/// Per row, the four functions of an element-wise activation: the layer, what its elements are, whether its derivative
/// is taken from x or from y, the names, and the numbers of the examples.
macro_rules! element_wise {
    ($(
        $layer:ident of $bound:ident, from $from:ident $(, $parameter:ident = $default:literal)?:
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
            #[doc = concat!("assert_eq!(y, ", element_wise!(@layer $layer $(, $default)?), ".forward(&x));")]
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
            #[doc = concat!("let ", stringify!($from), " = Vector::new([", element_wise!(@one $from $x $y), "]);")]
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

element_wise! {
    Relu of Scalar, from y:
    relu, relu_into, relu_backward, relu_backward_into;
    "-3.0, 0.0, 4.0" gives "0.0, 0.0, 4.0" with slopes "0.0, 0.0, 1.0";

    Relu6 of Real, from y:
    relu6, relu6_into, relu6_backward, relu6_backward_into;
    "-1.0, 2.0, 7.0" gives "0.0, 2.0, 6.0" with slopes "0.0, 1.0, 0.0";

    LeakyRelu of Real, from x, negative_slope = 0.01:
    leaky_relu, leaky_relu_into, leaky_relu_backward, leaky_relu_backward_into;
    "-2.0, 0.0, 3.0" gives "-0.02, 0.0, 3.0" with slopes "0.01, 0.01, 1.0";

    Elu of Real, from x, alpha = 1.0:
    elu, elu_into, elu_backward, elu_backward_into;
    "f64::NEG_INFINITY, 0.0, 3.0" gives "-1.0, 0.0, 3.0" with slopes "0.0, 1.0, 1.0";

    Sigmoid of Real, from y:
    sigmoid, sigmoid_into, sigmoid_backward, sigmoid_backward_into;
    "-1000.0, 0.0, 1000.0" gives "0.0, 0.5, 1.0" with slopes "0.0, 0.25, 0.0";

    Tanh of Real, from x:
    tanh, tanh_into, tanh_backward, tanh_backward_into;
    "-1000.0, 0.0, 1000.0" gives "-1.0, 0.0, 1.0" with slopes "0.0, 1.0, 0.0";

    Silu of Real, from x:
    silu, silu_into, silu_backward, silu_backward_into;
    "-1000.0, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0";

    Hardsigmoid of Real, from x:
    hardsigmoid, hardsigmoid_into, hardsigmoid_backward, hardsigmoid_backward_into;
    "-4.0, 0.0, 3.0" gives "0.0, 0.5, 1.0" with slopes "0.0, 1.0 / 6.0, 0.0";

    Hardswish of Real, from x:
    hardswish, hardswish_into, hardswish_backward, hardswish_backward_into;
    "-3.0, 0.0, 3.0" gives "0.0, 0.0, 3.0" with slopes "0.0, 0.5, 1.0";

    Gelu of Real, from x:
    gelu, gelu_into, gelu_backward, gelu_backward_into;
    "-1000.0_f32, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0";

    GeluTanh of Real, from x:
    gelu_tanh, gelu_tanh_into, gelu_tanh_backward, gelu_tanh_backward_into;
    "-1000.0, 0.0, 1000.0" gives "0.0, 0.0, 1000.0" with slopes "0.0, 0.5, 1.0";

    Softplus of Real, from x:
    softplus, softplus_into, softplus_backward, softplus_backward_into;
    "-1000.0, 30.0" gives "0.0, 30.0" with slopes "0.0, 1.0";
}
