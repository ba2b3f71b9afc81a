//! The options of functional forms: a tuple of markers, of which the last ones may be left out.

use super::grouping::Ungrouped;
use super::marker::{Dilation, Exact, OutputPadding, Padding, Pooled, Stride};
use super::sealed::Sealed;

/// The tuples that a trait of options takes, and what each of its types is then.
macro_rules! options {
    (@row $options:ident [$($name:ident),*] [$($marker:ident),*] [$($value:ty),*]) => {
        impl<$($marker),*> $options for ($($marker,)*) {
            $(type $name = $value;)*
        }
    };
    ($options:ident $names:tt: $(($($marker:ident),*): $($value:ty),*;)*) => {
        $(options! { @row $options $names [$($marker),*] [$($value),*] })*
    };
}

/// The options of a convolution in its functional form: a tuple of the markers that differ from the defaults, in the
/// order stride, padding ([`Padding`] or [`Sides`](super::Sides)), rounding, dilation, groups.
///
/// `()`, `(Stride::<2>,)`, `(Stride::<2>, Padding::<1>)`, `(Stride::<2>, Padding::<1>, Floor)`,
/// `(Stride::<1>, Padding::<2>, Exact, Dilation::<2>)` or `(Stride::<1>, Padding::<1>, Exact, Dilation::<1>,
/// Groups::<4>)`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::conv2d;
/// let (x, w) = (Tensor::<i32, 1, 1, 7, 7>::full(1), Tensor::<i32, 1, 1, 3, 3>::full(1));
/// assert_eq!(conv2d(&x, &w, &(), ()).shape(), [1, 1, 5, 5]);
/// assert_eq!(conv2d(&x, &w, &(), (Stride::<2>, Padding::<1>)).shape(), [1, 1, 4, 4]);
/// assert_eq!(conv2d(&x, &w, &(), (Stride::<1>, Padding::<1>)).shape(), [1, 1, 7, 7]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the options of a convolution",
    note = "options are a tuple of markers in the order (Stride, Padding, rounding, Dilation, Groups); the last ones may be left out"
)]
pub trait ConvOptions: Sealed {
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

options! {
    ConvOptions [Stride, Padding, Rounding, Dilation, Groups]:
    ():              Stride<1>, Padding<0>, Exact, Dilation<1>, Ungrouped;
    (S):             S,         Padding<0>, Exact, Dilation<1>, Ungrouped;
    (S, P):          S,         P,          Exact, Dilation<1>, Ungrouped;
    (S, P, R):       S,         P,          R,     Dilation<1>, Ungrouped;
    (S, P, R, D):    S,         P,          R,     D,           Ungrouped;
    (S, P, R, D, G): S,         P,          R,     D,           G;
}

/// The options of a transposed convolution in its functional form: a tuple of the markers that differ from the
/// defaults, in the order stride, padding, output padding, dilation, groups.
///
/// `()`, `(Stride::<2>,)`, `(Stride::<2>, Padding::<1>)`, `(Stride::<2>, Padding::<1>, OutputPadding::<1>)`,
/// `(Stride::<1>, Padding::<2>, OutputPadding::<0>, Dilation::<2>)` or `(Stride::<2>, Padding::<1>, OutputPadding::<1>,
/// Dilation::<1>, Groups::<4>)`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::conv_transpose2d;
/// let (x, w) = (Tensor::<f32, 1, 1, 7, 7>::zeros(), Tensor::<f32, 1, 1, 3, 3>::zeros());
/// assert_eq!(conv_transpose2d(&x, &w, &(), ()).shape(), [1, 1, 9, 9]);
/// assert_eq!(conv_transpose2d(&x, &w, &(), (Stride::<2>,)).shape(), [1, 1, 15, 15]);
/// assert_eq!(conv_transpose2d(&x, &w, &(), (Stride::<2>, Padding::<1>, OutputPadding::<1>)).shape(), [1, 1, 14, 14]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the options of a transposed convolution",
    note = "options are a tuple of markers in the order (Stride, Padding, OutputPadding, Dilation, Groups); the last ones may be left out"
)]
pub trait ConvTransposeOptions: Sealed {
    /// The stride.
    type Stride;
    /// The padding.
    type Padding;
    /// The output padding.
    type OutputPadding;
    /// The dilation.
    type Dilation;
    /// The groups.
    type Groups;
}

options! {
    ConvTransposeOptions [Stride, Padding, OutputPadding, Dilation, Groups]:
    ():              Stride<1>, Padding<0>, OutputPadding<0>, Dilation<1>, Ungrouped;
    (S):             S,         Padding<0>, OutputPadding<0>, Dilation<1>, Ungrouped;
    (S, P):          S,         P,          OutputPadding<0>, Dilation<1>, Ungrouped;
    (S, P, O):       S,         P,          O,                Dilation<1>, Ungrouped;
    (S, P, O, D):    S,         P,          O,                D,           Ungrouped;
    (S, P, O, D, G): S,         P,          O,                D,           G;
}

/// The options of a pooling in its functional form: a tuple of the kernel and the markers that differ from the
/// defaults, in the order kernel, stride (by default the kernel's size), padding, rounding, dilation.
///
/// `(Kernel::<2>,)`, `(Kernel::<3>, Stride::<2>)`, `(Kernel::<3>, Stride::<2>, Padding::<1>)` and so on.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::max_pool2d;
/// let x = Tensor::<f32, 1, 1, 7, 7>::zeros();
/// assert_eq!(max_pool2d(&x, (Kernel::<7>,)).shape(), [1, 1, 1, 1]);
/// assert_eq!(max_pool2d(&x, (Kernel::<3>, Stride::<2>)).shape(), [1, 1, 3, 3]);
/// assert_eq!(max_pool2d(&x, (Kernel::<3>, Stride::<2>, Padding::<1>)).shape(), [1, 1, 4, 4]);
/// assert_eq!(max_pool2d(&x, (Kernel::<2>, Stride::<2>, Padding::<0>, Floor)).shape(), [1, 1, 3, 3]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the options of a pooling",
    note = "options are a tuple of markers in the order (Kernel, Stride, Padding, rounding, Dilation); the last ones may be left out"
)]
pub trait PoolOptions: Sealed {
    /// The kernel.
    type Kernel;
    /// The stride.
    type Stride;
    /// The padding.
    type Padding;
    /// The rounding, [`Pooled`].
    type Rounding;
    /// The dilation.
    type Dilation;
}

options! {
    PoolOptions [Kernel, Stride, Padding, Rounding, Dilation]:
    (K):             K, K, Padding<0>, Pooled<Exact>, Dilation<1>;
    (K, S):          K, S, Padding<0>, Pooled<Exact>, Dilation<1>;
    (K, S, P):       K, S, P,          Pooled<Exact>, Dilation<1>;
    (K, S, P, R):    K, S, P,          Pooled<R>,     Dilation<1>;
    (K, S, P, R, D): K, S, P,          Pooled<R>,     D;
}
