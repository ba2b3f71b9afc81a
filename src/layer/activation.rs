//! Element-wise activations: the rows of the table in `functional/activation.rs` as layers.
//!
//! Bounds of errors are in ε, the distance from 1 to the next number of the type.

use crate::functional::{self, activations, in_place};
use crate::module;
use crate::module::{Backward, ElementWise, FromX, FromY, Layer, Module, PerElement, cast};
use crate::tensor::{Array, Real, Scalar};

/// The layer of each row.
macro_rules! layers {
    ($(
        $(#[$doc:meta])+
        $layer:ident of $bound:ident, from $from:ident $(within [$($limit:expr),+])? $(, $parameter:ident = $default:literal ($what:literal))?:
        $f:ident, $f_into:ident, $backward:ident, $backward_into:ident;
        $x:literal gives $y:literal with slopes $slope:literal;
    )*) => { $(
        layers! { @struct [$(#[$doc])+] $layer from $from $($parameter = $default, $what, $x gives $y)? }
        layers! {
            @maps $layer of $bound, $f, $f_into, $backward, $backward_into from $from within [$($($limit),+)?]
            $(, $parameter)?
        }
    )* };

    (@struct [$($doc:tt)+] $layer:ident from $from:ident) => {
        $($doc)+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $layer;

        module! { [] $layer {}; role: layers!(@role $from) }
    };
    (
        @struct [$($doc:tt)+] $layer:ident from $from:ident
        $parameter:ident = $default:literal, $what:literal, $x:literal gives $y:literal
    ) => {
        $($doc)+
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $layer<S = f32> {
            #[doc = concat!($what, ".")]
            pub $parameter: S,
        }

        impl<S> $layer<S> {
            #[doc = concat!("The layer with this hyperparameter. ", $what, ".")]
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("let layer = ", stringify!($layer), "::new(", stringify!($default), ");")]
            #[doc = concat!("assert_eq!(layer.forward(&Vector::new([", $x, "])), Vector::new([", $y, "]));")]
            /// ```
            #[must_use]
            pub const fn new($parameter: S) -> Self
            where
                S: Copy,
            {
                Self { $parameter }
            }
        }

        impl Default for $layer {
            fn default() -> Self {
                Self::BLANK
            }
        }

        module! { [] $layer<f32> { constant $parameter: f32 = $default }; role: layers!(@role $from) }
        module! { [] $layer<f64> { constant $parameter: f64 = $default }; role: layers!(@role $from) }
    };

    (@role x) => { PerElement<FromX> };
    (@role y) => { PerElement<FromY> };

    (
        @maps $layer:ident of $bound:ident, $f:ident, $f_into:ident, $backward:ident, $backward_into:ident
        from $from:ident within $limits:tt
    ) => {
        layers! {
            @maps $layer, of $bound, [] where [], $f, $f_into, $backward, $backward_into from $from within $limits,
        }
    };
    // The layer is generic over the type of its hyperparameter.
    (
        @maps $layer:ident of $bound:ident, $f:ident, $f_into:ident, $backward:ident, $backward_into:ident
        from $from:ident within $limits:tt, $parameter:ident
    ) => {
        layers! {
            @maps $layer<S>, of $bound, [S: Real,] where [$layer<S>: Module<Gradient = ()>],
            $f, $f_into, $backward, $backward_into from $from within $limits, $parameter
        }
    };
    (
        @maps $type:ty, of $bound:ident, [$($generics:tt)*] where [$($condition:tt)*],
        $f:ident, $f_into:ident, $backward:ident, $backward_into:ident
        from $from:ident within $limits:tt, $($parameter:ident)?
    ) => {
        impl<$($generics)* T: $bound> ElementWise<T> for $type
        where
            $($condition)*
        {
            type State = ();

            fn map(&self, y: &mut [T]) {
                in_place::$f($(cast(self.$parameter),)? y);
            }

            fn limits(&self) -> Option<(T, Option<T>)> {
                layers!(@limits $limits)
            }

            fn slope(&self, from: &[T], dy: &mut [T], (): &mut ()) {
                in_place::$backward(from, $(cast(self.$parameter),)? dy);
            }
        }

        impl<$($generics)* X: Array<Scalar: $bound>> Layer<X> for $type
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

        impl<$($generics)* X: Array<Scalar: $bound>> Backward<X> for $type
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
                    let $from = layers!(@$from x y);
                    functional::$backward_into($from, $(cast(self.$parameter),)? dy, dx);
                }
            }
        }
    };
    (@limits []) => { None };
    (@limits [$low:expr]) => { Some(($low, None)) };
    (@limits [$low:expr, $high:expr]) => { Some(($low, Some($high))) };
    (@x $x:ident $y:ident) => {{ let _ = $y; $x }};
    (@y $x:ident $y:ident) => {{ let _ = $x; $y }};
}

activations! { layers }
