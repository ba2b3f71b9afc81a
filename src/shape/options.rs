//! The options of a window in functional forms: a tuple of markers, of which the last ones may be left out.

use super::marker::{Dilation, Exact, Padding, Stride};

/// The options of a convolution in its functional form: a tuple of the markers that differ from the defaults, in the
/// order stride, padding, rounding, dilation.
///
/// `()`, `(Stride::<2>,)`, `(Stride::<2>, Padding::<1>)`, `(Stride::<2>, Padding::<1>, Floor)` or
/// `(Stride::<1>, Padding::<2>, Exact, Dilation::<2>)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the options of a convolution",
    note = "options are a tuple of markers in the order (Stride, Padding, rounding, Dilation); the last ones may be left out"
)]
pub trait ConvOptions {
    /// The stride.
    type Stride;
    /// The padding.
    type Padding;
    /// The rounding.
    type Rounding;
    /// The dilation.
    type Dilation;
}

macro_rules! conv_options {
    ($(($($marker:ident),*): $stride:ty, $padding:ty, $rounding:ty, $dilation:ty;)*) => { $(
        impl<$($marker),*> ConvOptions for ($($marker,)*) {
            type Stride = $stride;
            type Padding = $padding;
            type Rounding = $rounding;
            type Dilation = $dilation;
        }
    )* };
}

conv_options! {
    ():           Stride<1>, Padding<0>, Exact, Dilation<1>;
    (S):          S,         Padding<0>, Exact, Dilation<1>;
    (S, P):       S,         P,          Exact, Dilation<1>;
    (S, P, R):    S,         P,          R,     Dilation<1>;
    (S, P, R, D): S,         P,          R,     D;
}
