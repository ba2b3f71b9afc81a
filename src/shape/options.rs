//! The options of a window in functional forms: a tuple of markers, of which the last ones may be left out.

use super::grouping::Ungrouped;
use super::marker::{Dilation, Exact, Padding, Stride};

/// The options of a convolution in its functional form: a tuple of the markers that differ from the defaults, in the
/// order stride, padding, rounding, dilation, groups.
///
/// `()`, `(Stride::<2>,)`, `(Stride::<2>, Padding::<1>)`, `(Stride::<2>, Padding::<1>, Floor)`,
/// `(Stride::<1>, Padding::<2>, Exact, Dilation::<2>)` or `(Stride::<1>, Padding::<1>, Exact, Dilation::<1>, Groups::<4>)`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::conv2d;
/// let (x, w) = (Tensor::<i32, 1, 1, 5, 5>::full(1), Tensor::<i32, 1, 1, 3, 3>::full(1));
/// assert_eq!(conv2d(&x, &w, &(), ()).shape(), [1, 1, 3, 3]);
/// assert_eq!(conv2d(&x, &w, &(), (Stride::<2>, Padding::<1>)).shape(), [1, 1, 3, 3]);
/// assert_eq!(conv2d(&x, &w, &(), (Stride::<1>, Padding::<1>)).shape(), [1, 1, 5, 5]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the options of a convolution",
    note = "options are a tuple of markers in the order (Stride, Padding, rounding, Dilation, Groups); the last ones may be left out"
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
    /// The groups.
    type Groups;
}

macro_rules! conv_options {
    ($(($($marker:ident),*): $stride:ty, $padding:ty, $rounding:ty, $dilation:ty, $groups:ty;)*) => { $(
        impl<$($marker),*> ConvOptions for ($($marker,)*) {
            type Stride = $stride;
            type Padding = $padding;
            type Rounding = $rounding;
            type Dilation = $dilation;
            type Groups = $groups;
        }
    )* };
}

conv_options! {
    ():              Stride<1>, Padding<0>, Exact, Dilation<1>, Ungrouped;
    (S):             S,         Padding<0>, Exact, Dilation<1>, Ungrouped;
    (S, P):          S,         P,          Exact, Dilation<1>, Ungrouped;
    (S, P, R):       S,         P,          R,     Dilation<1>, Ungrouped;
    (S, P, R, D):    S,         P,          R,     D,           Ungrouped;
    (S, P, R, D, G): S,         P,          R,     D,           G;
}
