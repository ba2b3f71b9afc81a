//! Products of axes: a feature map or a signal as a row of features.

use core::ops::Mul;

use typenum::{Eq, IsEqual, Prod};

use super::axis::{Axis, Extent, InTable, Known, Listed, Number, ToAxis};
use super::sealed::Sealed;
use super::verdict::{Answer, Computed, Fails, Holds, Verdict, fits};
use crate::tensor::{Array, Scalar};

/// C·H·W for `typenum`.
pub(super) type Features<const C: usize, const H: usize, const W: usize> = Prod<Prod<Number<C>, Number<H>>, Number<W>>;

/// The channels, height and width of a feature map, as a type.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{FeatureMap, Flattened};
/// let x: <FeatureMap<16, 5, 5> as Flattened>::Output<f32, 1> = Matrix::<f32, 1, 400>::zeros();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureMap<const C: usize, const H: usize, const W: usize>;

/// The channels and the length of a signal, as a type.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{FeatureSignal, Flattened};
/// let x: <FeatureSignal<16, 24> as Flattened>::Output<f32, 1> = Matrix::<f32, 1, 384>::zeros();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureSignal<const C: usize, const L: usize>;

/// A feature map or signal whose number of features is an axis.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{FeatureMap, Flattened};
/// let x: <FeatureMap<8, 7, 7> as Flattened>::Output<f32, 32> = Matrix::<f32, 32, 392>::zeros();
/// ```
pub trait Flattened: Sealed {
    /// `Matrix<T, N, C·H·W>` or `Matrix<T, N, C·L>`.
    type Output<T: Scalar, const N: usize>: Array<Scalar = T>;
}

/// A feature map or signal of `IN` features.
///
/// ```
/// use constconv::shape::{FeatureMap, HasFeatures};
/// fn fits<X: HasFeatures<400>>() {}
/// fits::<FeatureMap<16, 5, 5>>();
/// ```
pub trait HasFeatures<const IN: usize>: Sealed {
    /// `Y`: what a layer that takes `IN` features makes of it.
    type Then<Y: Array>: Array<Scalar = Y::Scalar>;
}

/// In place of the axis of a product that the table does not have.
#[derive(Debug)]
pub struct Beyond;

/// What both of them are for each kind of input: its product, and the conditions on it.
macro_rules! features {
    ($($map:ident<$($axis:ident),+>: $product:ty where [$($bounds:tt)*], $extent:ident, $fit:ident, $for:ident, $matches:ident, $named:ident, $count:ident, $are:ident, $exceed:ident;)*) => { $(
        impl<$(const $axis: usize),+> Flattened for $map<$($axis),+>
        where
            Computed: $extent<$($axis),+>,
        {
            type Output<T: Scalar, const N: usize> = <<Computed as $extent<$($axis),+>>::Output as Extent>::Matrix<T, N>;
        }

        /// The extent of [`Flattened`], asked of [`Computed`].
        pub trait $extent<$(const $axis: usize),+> {
            /// The axis of all features.
            type Output: Extent;
        }

        impl<X, $(const $axis: usize),+> $extent<$($axis),+> for X
        where
            $(Axis<$axis>: Known,)+
            $($bounds)*
            $product: InTable,
            Listed<$product>: $fit<$($axis),+>,
        {
            type Output = <Listed<$product> as $fit<$($axis),+>>::Axis;
        }

        impl<$(const $axis: usize,)+ const IN: usize> HasFeatures<IN> for $map<$($axis),+>
        where
            Computed: $for<IN, $($axis),+>,
        {
            type Then<Y: Array> = <Computed as $for<IN, $($axis),+>>::Then<Y>;
        }

        /// [`HasFeatures`], asked of [`Computed`].
        pub trait $for<const IN: usize, $(const $axis: usize),+> {
            /// `Y`, if there are IN features.
            type Then<Y: Array>: Array<Scalar = Y::Scalar>;
        }

        impl<X, const IN: usize, $(const $axis: usize),+> $for<IN, $($axis),+> for X
        where
            $(Axis<$axis>: Known,)+
            Axis<IN>: Known,
            $($bounds)*
            $product: IsEqual<Number<IN>, Output: Answer>,
            Verdict<Eq<$product, Number<IN>>>: $matches<IN, $($axis),+>,
        {
            type Then<Y: Array> = <Verdict<Eq<$product, Number<IN>>> as $matches<IN, $($axis),+>>::Then<Y>;
        }

        /// There are IN features. If not, how many there are is computed for the message.
        pub trait $matches<const IN: usize, $(const $axis: usize),+> {
            /// `Y`.
            type Then<Y: Array>: Array<Scalar = Y::Scalar>;
        }

        #[diagnostic::do_not_recommend]
        impl<const IN: usize, $(const $axis: usize),+> $matches<IN, $($axis),+> for Holds {
            type Then<Y: Array> = Y;
        }

        impl<const IN: usize, $(const $axis: usize),+> $matches<IN, $($axis),+> for Fails
        where
            $(Axis<$axis>: Known,)+
            $($bounds)*
            $product: InTable,
            Listed<$product>: $named<IN, $($axis),+>,
        {
            type Then<Y: Array> = <Listed<$product> as $named<IN, $($axis),+>>::Then<Y>;
        }

        /// The message with or without the product, which may have no axis.
        pub trait $named<const IN: usize, $(const $axis: usize),+> {
            /// Not a type.
            type Then<Y: Array>: Array<Scalar = Y::Scalar>;
        }

        impl<const IN: usize, $(const $axis: usize),+> $named<IN, $($axis),+> for Holds
        where
            $(Axis<$axis>: Known,)+
            $($bounds)*
            $product: ToAxis,
            Computed: $count<<$product as ToAxis>::Axis, IN, $($axis),+>,
        {
            type Then<Y: Array> = <Computed as $count<<$product as ToAxis>::Axis, IN, $($axis),+>>::Then<Y>;
        }

        impl<const IN: usize, $(const $axis: usize),+> $named<IN, $($axis),+> for Fails
        where
            Computed: $count<Beyond, IN, $($axis),+>,
        {
            type Then<Y: Array> = <Computed as $count<Beyond, IN, $($axis),+>>::Then<Y>;
        }

        impl<X, const IN: usize, $(const $axis: usize),+> $count<Beyond, IN, $($axis),+> for X
        where
            Computed: $exceed<IN, $($axis),+>,
        {
            type Then<Y: Array> = <Computed as $exceed<IN, $($axis),+>>::Then<Y>;
        }

        /// The product as a number.
        pub trait $count<Product, const IN: usize, $(const $axis: usize),+> {
            /// Not a type.
            type Then<Y: Array>: Array<Scalar = Y::Scalar>;
        }

        impl<X, const COUNT: usize, const IN: usize, $(const $axis: usize),+> $count<Axis<COUNT>, IN, $($axis),+> for X
        where
            Computed: $are<COUNT, IN, $($axis),+>,
        {
            type Then<Y: Array> = <Computed as $are<COUNT, IN, $($axis),+>>::Then<Y>;
        }
    )* };
}

features! {
    FeatureMap<C, H, W>: Features<C, H, W>
        where [Number<C>: Mul<Number<H>>, Prod<Number<C>, Number<H>>: Mul<Number<W>>,], FeaturesExtent, FeaturesFit,
        FeaturesFor, FeaturesMatch, FeaturesNamed, FeaturesCount, FeaturesAre, FeaturesExceed;
    FeatureSignal<C, L>: Prod<Number<C>, Number<L>> where [Number<C>: Mul<Number<L>>,], SamplesExtent, SamplesFit,
        SamplesFor, SamplesMatch, SamplesNamed, SamplesCount, SamplesAre, SamplesExceed;
}

fits! {
    /// There is an axis of C·H·W.
    #[diagnostic::on_unimplemented(
        message = "a feature map of {C}*{H}*{W} values is too long for an axis",
        label = "{C}*{H}*{W} is not a length in the table of axes"
    )]
    FeaturesFit<const C, const H, const W>: Features<C, H, W>
    where [Number<C>: Mul<Number<H>>, Prod<Number<C>, Number<H>>: Mul<Number<W>>,];

    /// There is an axis of C·L.
    #[diagnostic::on_unimplemented(
        message = "a signal of {C}*{L} values is too long for an axis",
        label = "{C}*{L} is not a length in the table of axes"
    )]
    SamplesFit<const C, const L>: Prod<Number<C>, Number<L>> where [Number<C>: Mul<Number<L>>,];
}

/// C·H·W = COUNT, which is not IN: of no type.
#[diagnostic::on_unimplemented(
    message = "a linear layer of {IN} inputs does not fit after a feature map of {C}*{H}*{W} = {COUNT} values",
    label = "{C}*{H}*{W} is {COUNT}, not {IN}"
)]
pub trait FeaturesAre<const COUNT: usize, const IN: usize, const C: usize, const H: usize, const W: usize> {
    /// Not a type.
    type Then<Y: Array>: Array<Scalar = Y::Scalar>;
}

/// C·H·W is not IN, and not in the table: of no type.
#[diagnostic::on_unimplemented(
    message = "a linear layer of {IN} inputs does not fit after a feature map of {C}*{H}*{W} values",
    label = "{C}*{H}*{W} is not {IN}"
)]
pub trait FeaturesExceed<const IN: usize, const C: usize, const H: usize, const W: usize> {
    /// Not a type.
    type Then<Y: Array>: Array<Scalar = Y::Scalar>;
}

/// C·L = COUNT, which is not IN: of no type.
#[diagnostic::on_unimplemented(
    message = "a linear layer of {IN} inputs does not fit after a signal of {C}*{L} = {COUNT} values",
    label = "{C}*{L} is {COUNT}, not {IN}"
)]
pub trait SamplesAre<const COUNT: usize, const IN: usize, const C: usize, const L: usize> {
    /// Not a type.
    type Then<Y: Array>: Array<Scalar = Y::Scalar>;
}

/// C·L is not IN, and not in the table: of no type.
#[diagnostic::on_unimplemented(
    message = "a linear layer of {IN} inputs does not fit after a signal of {C}*{L} values",
    label = "{C}*{L} is not {IN}"
)]
pub trait SamplesExceed<const IN: usize, const C: usize, const L: usize> {
    /// Not a type.
    type Then<Y: Array>: Array<Scalar = Y::Scalar>;
}
