//! Window parameters as types: `Kernel<5>`, `Stride<2, 1>`, `Padding<1>`, `Dilation<2>`, and the three roundings.

use typenum::{Eq, IsEqual};

use super::axis::{Axis, Known, Number};
use super::sealed::Sealed;
use super::verdict::{Answer, Holds, Verdict};
use crate::tensor::{Array, Scalar, Signal, Tensor};

macro_rules! pair {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name<const H: usize, const W: usize = H>;

        impl<const H: usize, const W: usize> WindowParameter for $name<H, W>
        where
            Axis<H>: Known,
            Axis<W>: Known,
            Number<H>: IsEqual<Number<W>, Output: Answer>,
        {
            type IsOneDimensional = Verdict<Eq<Number<H>, Number<W>>>;
        }
    };
}

pair! {
    /// Height and width of a window; the width defaults to the height.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let y = MaxPool2d::<Kernel<2, 3>>::new().forward(&Tensor::<f32, 1, 1, 4, 6>::zeros());
    /// assert_eq!(y.shape(), [1, 1, 2, 2]);
    /// ```
    Kernel
}
pair! {
    /// Steps of a window, downwards and to the right.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // Every second row, every column.
    /// let conv = Conv2d::<f32, 1, 1, Kernel<1>, Stride<2, 1>>::ZERO;
    /// assert_eq!(conv.forward(&Tensor::<f32, 1, 1, 5, 5>::zeros()).shape(), [1, 1, 3, 5]);
    /// ```
    Stride
}
pair! {
    /// Rows added at the top and at the bottom, columns added on the left and on the right.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // One row at the top and one at the bottom: the height stays as it is.
    /// let conv = Conv2d::<f32, 1, 1, Kernel<3>, Stride<1>, Padding<1, 0>>::ZERO;
    /// assert_eq!(conv.forward(&Tensor::<f32, 1, 1, 5, 5>::zeros()).shape(), [1, 1, 5, 3]);
    /// ```
    Padding
}
pair! {
    /// Rows added at the bottom and columns added on the right of a transposed convolution's output.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// type Up<O> = ConvTranspose2d<f32, 1, 1, Kernel<3>, Stride<2>, Padding<1>, O>;
    /// let x = Tensor::<f32, 1, 1, 7, 7>::zeros();
    /// assert_eq!(Up::<OutputPadding<0>>::ZERO.forward(&x).shape(), [1, 1, 13, 13]);
    /// assert_eq!(Up::<OutputPadding<1>>::ZERO.forward(&x).shape(), [1, 1, 14, 14]);
    /// ```
    OutputPadding
}
pair! {
    /// Height and width of an adaptive pooling's output; the width defaults to the height.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let x = Tensor::new([[[[1.0, 5.0, 2.0, 8.0]]]]);
    /// let y = AdaptiveMaxPool2d::<OutputSize<1, 2>>::new().forward(&x);
    /// assert_eq!(y, Tensor::new([[[[5.0, 8.0]]]]));
    /// ```
    OutputSize
}
pair! {
    /// Distance of the cells of a window; 1 is a dense window.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // Cells 0, 2 and 4 of the row.
    /// let mut conv = Conv2d::<i32, 1, 1, Kernel<1, 3>, Stride<1>, Padding<0>, Exact, Dilation<2>>::ZERO;
    /// conv.weight.fill(1);
    /// assert_eq!(conv.forward(&Tensor::new([[[[1, 20, 300, 4_000, 50_000]]]])), Tensor::new([[[[50_301]]]]));
    /// ```
    Dilation
}

/// A parameter of a window: two numbers, of which a 1-D layer allows one.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{OneDimensional, WindowParameter};
/// // What a 1-D layer asks of its parameters.
/// fn is_flat<M: WindowParameter<IsOneDimensional: OneDimensional<M>>>() {}
/// is_flat::<Kernel<5>>();
/// is_flat::<Stride<2>>();
/// ```
pub trait WindowParameter: Sealed {
    /// Whether the two are the same.
    type IsOneDimensional;
}

/// The two numbers of the parameter `M` are the same.
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // a window on a signal has one dimension, `Kernel<3, 5>` has two
/// let y = MaxPool1d::<Kernel<3, 5>>::new().forward(&Signal::<f32, 1, 1, 15>::zeros());
/// ```
#[diagnostic::on_unimplemented(
    message = "a window on a signal has one dimension, `{M}` has two",
    label = "`{M}` belongs to a 2-D layer",
    note = "a 1-D layer takes parameters of one number: `Kernel<5>`, `Stride<2>`, `Padding<2>`, `Dilation<1>`; with sides of their own `Sides<0, 0, 2, 1>`"
)]
pub trait OneDimensional<M>: Sealed {
    /// `A`, if the condition holds: an axis that hangs on the condition.
    type Then<A>;
}

#[diagnostic::do_not_recommend]
impl<M> OneDimensional<M> for Holds {
    type Then<A> = A;
}

/// Rounding: the stride must divide L + 2·P − K′, otherwise the program does not compile. The default.
///
/// ```
/// use constconv::prelude::*;
/// let x = Tensor::<f32, 1, 1, 7, 7>::zeros();
/// // (7 − 3)/2 + 1
/// let y = Conv2d::<f32, 1, 1, Kernel<3>, Stride<2>, Padding<0>, Exact>::ZERO.forward(&x);
/// assert_eq!(y.shape(), [1, 1, 3, 3]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact;

/// Rounding: trailing rows and columns that no window reaches are ignored. PyTorch's rule.
///
/// ```
/// use constconv::prelude::*;
/// let x = Tensor::<f32, 1, 1, 8, 8>::zeros();
/// // ⌊(8 − 3)/2⌋ + 1: the last row and the last column are left out.
/// let y = Conv2d::<f32, 1, 1, Kernel<3>, Stride<2>, Padding<0>, Floor>::ZERO.forward(&x);
/// assert_eq!(y.shape(), [1, 1, 3, 3]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Floor;

/// Rounding: cells are appended at the bottom and on the right until the stride divides.
///
/// A convolution reads the appended cells as zeros. A pooling does not count them, and drops a window that would
/// start in them (PyTorch's `ceil_mode`).
///
/// ```
/// use constconv::prelude::*;
/// let x = Tensor::<f32, 1, 1, 8, 8>::zeros();
/// // ⌈(8 − 3)/2⌉ + 1: a row and a column of zeros are appended.
/// let y = Conv2d::<f32, 1, 1, Kernel<3>, Stride<2>, Padding<0>, Ceil>::ZERO.forward(&x);
/// assert_eq!(y.shape(), [1, 1, 4, 4]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceil;

/// The rounding `R` as a pooling understands it: appended cells are not zeros but nothing, and padding is at most half
/// of the kernel, so that each window has a cell of the input.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Plane, Pooled, Window};
/// // A second window would start after the 2 rows: a convolution has it, a pooling does not.
/// fn rows<R>() -> usize
/// where
///     Plane<2, 2>: Window<Kernel<1>, Stride<2>, Padding<0>, R, Dilation<1>>,
/// {
///     <Plane<2, 2> as Window<Kernel<1>, Stride<2>, Padding<0>, R, Dilation<1>>>::OUTPUT[0]
/// }
/// assert_eq!((rows::<Ceil>(), rows::<Pooled<Ceil>>()), (2, 1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pooled<R>(core::marker::PhantomData<R>);

/// A type that states the size of a window: [`Kernel`].
///
/// The other markers are one, too, so that a layer with a marker in the wrong place is a type: what is wrong with it is
/// said where it meets an input.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::KernelSize;
/// fn cells<K: KernelSize>() -> usize {
///     K::HEIGHT * K::WIDTH
/// }
/// assert_eq!(cells::<Kernel<3, 5>>(), 15);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kernel size",
    label = "expected `Kernel<H, W>` here",
    note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding, Dilation"
)]
pub trait KernelSize: 'static + Sealed {
    /// Height KH.
    const HEIGHT: usize;
    /// Width KW.
    const WIDTH: usize;
    /// The filters of this size, `Tensor<T, F, C, KH, KW>`.
    type Filters<T: Scalar, const F: usize, const C: usize>: Array<Scalar = T>;
    /// The filters of this length in a 1-D layer, `Signal<T, F, C, K>`.
    type FlatFilters<T: Scalar, const F: usize, const C: usize>: Array<Scalar = T>;
}

impl<const H: usize, const W: usize> KernelSize for Kernel<H, W> {
    const HEIGHT: usize = H;
    const WIDTH: usize = W;
    type Filters<T: Scalar, const F: usize, const C: usize> = Tensor<T, F, C, H, W>;
    type FlatFilters<T: Scalar, const F: usize, const C: usize> = Signal<T, F, C, W>;
}

/// The kernel `K` of a 1-D layer as a size: its height is 1, its filters are signals.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Flat, KernelSize};
/// let w: <Flat<Kernel<5>> as KernelSize>::Filters<f32, 8, 2> = Signal::<f32, 8, 2, 5>::zeros();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flat<K>(core::marker::PhantomData<K>);

impl<K: KernelSize> KernelSize for Flat<K> {
    const HEIGHT: usize = 1;
    const WIDTH: usize = K::WIDTH;
    type Filters<T: Scalar, const F: usize, const C: usize> = K::FlatFilters<T, F, C>;
    type FlatFilters<T: Scalar, const F: usize, const C: usize> = K::FlatFilters<T, F, C>;
}
