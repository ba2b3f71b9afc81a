//! Window parameters as types: `Kernel<5>`, `Stride<2, 1>`, `Padding<1>`, `Dilation<2>`, and the three roundings.

use typenum::{B1, Eq, IsEqual};

use super::axis::{Axis, Known, Number};
use crate::Scalar;
use crate::tensor::{Array, Signal, Tensor};

macro_rules! pair {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name<const H: usize, const W: usize = H>;

        impl<const H: usize, const W: usize> Pair for $name<H, W>
        where
            Axis<H>: Known,
            Axis<W>: Known,
            Number<H>: IsEqual<Number<W>>,
        {
            type IsOneNumber = Eq<Number<H>, Number<W>>;
        }
    };
}

pair! {
    /// Height and width of a window; the width defaults to the height.
    Kernel
}
pair! {
    /// Steps of a window, downwards and to the right.
    Stride
}
pair! {
    /// Rows added at the top and at the bottom, columns added on the left and on the right.
    Padding
}
pair! {
    /// Rows added at the bottom and columns added on the right of a transposed convolution's output.
    OutputPadding
}
pair! {
    /// Height and width of an adaptive pooling's output; the width defaults to the height.
    OutputSize
}
pair! {
    /// Distance of the cells of a window; 1 is a dense window.
    Dilation
}

/// A parameter of a window: two numbers, of which a 1-D layer allows one.
pub trait Pair {
    /// Whether the two are the same.
    type IsOneNumber;
}

/// The two numbers of the parameter `M` are the same.
#[diagnostic::on_unimplemented(
    message = "a window on a signal has one dimension, `{M}` has two",
    label = "`{M}` belongs to a 2-D layer",
    note = "a 1-D layer takes parameters of one number: `Kernel<5>`, `Stride<2>`, `Padding<2>`, `Dilation<1>`"
)]
pub trait OneNumber<M> {
    /// `A`, if the condition holds: an axis that hangs on the condition.
    type On<A>;
}

#[diagnostic::do_not_recommend]
impl<M> OneNumber<M> for B1 {
    type On<A> = A;
}

/// Rounding: the stride must divide L + 2·P − K′, otherwise the program does not compile. The default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact;

/// Rounding: trailing rows and columns that no window reaches are ignored. PyTorch's rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Floor;

/// Rounding: cells are appended at the bottom and on the right until the stride divides.
///
/// A convolution reads the appended cells as zeros. A pooling does not count them, and drops a window that would
/// start in them (PyTorch's `ceil_mode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceil;

/// The rounding `R` as a pooling understands it: appended cells are not zeros but nothing, and padding is at most half
/// of the kernel, so that each window has a cell of the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pooled<R>(core::marker::PhantomData<R>);

/// A type that states the size of a window: [`Kernel`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kernel size",
    label = "expected `Kernel<H, W>` here",
    note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding, Dilation"
)]
pub trait KernelSize: 'static {
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flat<K>(core::marker::PhantomData<K>);

impl<K: KernelSize> KernelSize for Flat<K> {
    const HEIGHT: usize = 1;
    const WIDTH: usize = K::WIDTH;
    type Filters<T: Scalar, const F: usize, const C: usize> = K::FlatFilters<T, F, C>;
    type FlatFilters<T: Scalar, const F: usize, const C: usize> = K::FlatFilters<T, F, C>;
}
