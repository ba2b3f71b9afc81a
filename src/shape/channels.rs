//! Arrays with a given number of channels.

use crate::tensor::{Array, Matrix, Scalar, Signal, Tensor};

/// An array of C channels with elements of type `T`: `Tensor<T, N, C, H, W>`, `Signal<T, N, C, L>` or `Matrix<T, N, C>`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::batch_statistics;
/// use constconv::shape::HasChannels;
/// /// The channel means of a feature map, a signal or rows of features.
/// fn means<X: HasChannels<f32, 2>>(x: &X) -> Vector<f32, 2> {
///     batch_statistics(x).0
/// }
/// assert_eq!(means(&Matrix::new([[1.0, 10.0], [3.0, 30.0]])), Vector::new([2.0, 20.0]));
/// assert_eq!(means(&Signal::new([[[1.0, 3.0], [10.0, 30.0]]])), Vector::new([2.0, 20.0]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not have {C} channels of `{T}`",
    label = "the normalisation has {C} channels of `{T}`"
)]
pub trait HasChannels<T: Scalar, const C: usize>: Array<Scalar = T> + sealed::Channels<T, C> {
    /// Images, signals or rows (N).
    const BATCH: usize;
    /// Elements of one channel of one of them: H·W, L or 1.
    const PLANE: usize;
}

/// Cannot be named outside of the crate.
mod sealed {
    pub trait Channels<T, const C: usize> {}
}

macro_rules! channels {
    ($($name:ident<T, N, C $(, $axis:ident)*>)*) => { $(
        impl<T: Scalar, const N: usize, const C: usize, $(const $axis: usize),*> HasChannels<T, C>
            for $name<T, N, C, $($axis),*>
        {
            const BATCH: usize = N;
            const PLANE: usize = 1 $(* $axis)*;
        }

        impl<T, const N: usize, const C: usize, $(const $axis: usize),*> sealed::Channels<T, C>
            for $name<T, N, C, $($axis),*>
        {
        }
    )* };
}

channels! { Tensor<T, N, C, H, W> Signal<T, N, C, L> Matrix<T, N, C> }

/// Declares conditions on two numbers, asked of [`Computed`](super::verdict::Computed): the second trait has the message,
/// the first, for every type, keeps rustc from listing the implementations of a layer below it.
macro_rules! same {
    ($($(#[$attribute:meta])* $name:ident, $are:ident;)*) => { $(
        /// A layer takes `TAKEN` of what the input has `GIVEN`.
        pub trait $name<const TAKEN: usize, const GIVEN: usize> {
            /// `Y`: what the layer makes of them.
            type Then<Y: Array>: Array<Scalar = Y::Scalar>;
        }

        impl<X: $are<TAKEN, GIVEN>, const TAKEN: usize, const GIVEN: usize> $name<TAKEN, GIVEN> for X {
            type Then<Y: Array> = X::Then<Y>;
        }

        /// The two are the same.
        $(#[$attribute])*
        pub trait $are<const TAKEN: usize, const GIVEN: usize> {
            /// `Y`.
            type Then<Y: Array>: Array<Scalar = Y::Scalar>;
        }

        #[diagnostic::do_not_recommend]
        impl<X, const C: usize> $are<C, C> for X {
            type Then<Y: Array> = Y;
        }
    )* };
}

same! {
    #[diagnostic::on_unimplemented(
        message = "the layer takes {TAKEN} channels, the tensor before it has {GIVEN}",
        label = "expected {TAKEN} channels, found {GIVEN}"
    )]
    SameChannels, ChannelsAre;

    #[diagnostic::on_unimplemented(
        message = "the layer takes {TAKEN} features, the matrix before it has {GIVEN}",
        label = "expected {TAKEN} features, found {GIVEN}"
    )]
    SameFeatures, RowIs;
}
