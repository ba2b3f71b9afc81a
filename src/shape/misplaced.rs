//! Markers in the wrong place: `Conv2d<f32, 3, 8, Kernel<3>, Padding<1>>`.
//!
//! A layer of them is still a type, and a window of them still has an output, both of which hang on a condition that names
//! the first marker that is wrong. So the one error comes where the layer meets an input, and nothing follows from it.

use super::axis::{Axis, Extent};
use super::counting::{ExcludePad, IncludePad};
use super::grouping::{Grouping, Groups, Ungrouped};
use super::marker::{Ceil, Dilation, Exact, Floor, Kernel, KernelSize, OutputPadding, OutputSize, Padding, Stride};
use super::pad::Sides;
use super::sealed::Sealed;
use super::tiling::{CutsNoWindow, PoolWindow};
use super::transposed::TransposedWindow;
use super::verdict::{Computed, Fails};
use super::window::{Line, Plane, Window};
use super::{Bias, BiasKind, NoBias};
use crate::tensor::{Scalar, Signal, Tensor};

/// Declares the places: for each the condition that a marker belongs there, which those that do not are asked for, and
/// an extent that hangs on it, asked of [`Computed`].
macro_rules! places {
    ($($(#[$attribute:meta])* $name:ident, $extent:ident;)*) => { $(
        $(#[$attribute])*
        pub trait $name {
            /// An axis.
            type Axis: Extent;
        }

        /// The extent of a window on `On` with the marker `M` in this place.
        pub trait $extent<M, On> {
            /// An axis.
            type Output: Extent;
        }

        impl<X, M: $name, On> $extent<M, On> for X {
            type Output = M::Axis;
        }
    )* };
}

places! {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` stands where the kernel belongs",
        label = "expected `Kernel<..>` in place of `{Self}`",
        note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding (of a transposed window OutputPadding), Dilation"
    )]
    InPlaceOfKernel, KernelPlace;

    #[diagnostic::on_unimplemented(
        message = "a pooling takes no number type: `{Self}` stands where the kernel belongs",
        label = "expected `Kernel<..>` in place of `{Self}`",
        note = "a pooling works on the numbers of its input, as in `MaxPool2d<Kernel<2>>`"
    )]
    InPlaceOfPoolingKernel, PoolingKernelPlace;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` stands where the stride belongs",
        label = "expected `Stride<..>` in place of `{Self}`",
        note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding (of a transposed window OutputPadding), Dilation"
    )]
    InPlaceOfStride, StridePlace;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` stands where the padding belongs",
        label = "expected `Padding<..>` in place of `{Self}`",
        note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding (of a transposed window OutputPadding), Dilation"
    )]
    InPlaceOfPadding, PaddingPlace;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` stands where the dilation belongs",
        label = "expected `Dilation<..>` in place of `{Self}`",
        note = "the parameters of a window come in the order Kernel, Stride, Padding, rounding (of a transposed window OutputPadding), Dilation"
    )]
    InPlaceOfDilation, DilationPlace;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` stands where the output padding belongs",
        label = "expected `OutputPadding<..>` in place of `{Self}`",
        note = "the parameters of a transposed window come in the order Kernel, Stride, Padding, OutputPadding, Dilation"
    )]
    InPlaceOfOutputPadding, OutputPaddingPlace;
}

/// A window whose output hangs on `$place`; a `Window` is one of planes and of lines.
macro_rules! window {
    (Window $($window:tt)*) => {
        window! { @plane Window $($window)* }
        window! { @line $($window)* }
    };
    (TransposedWindow $($window:tt)*) => {
        window! { @plane TransposedWindow $($window)* }
    };
    (@line [$($generics:tt)*] ($($parameter:ty),*) $place:ident of $marker:ty) => {
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        impl<$($generics)* const L: usize> Window<$($parameter),*> for Line<L>
        where
            Computed: $place<$marker, Self>,
        {
            window!(@constants);
            type Output<T: Scalar, const N: usize, const C: usize> =
                <<Computed as $place<$marker, Self>>::Output as Extent>::Signal<T, N, C>;
        }
    };
    (@constants) => {
        const INPUT: [usize; 2] = [1; 2];
        const KERNEL: [usize; 2] = [1; 2];
        const STRIDE: [usize; 2] = [1; 2];
        const PADDING: [usize; 2] = [0; 2];
        const DILATION: [usize; 2] = [1; 2];
        const OUTPUT: [usize; 2] = [1; 2];
    };
    (@plane $window:ident [$($generics:tt)*] ($($parameter:ty),*) $place:ident of $marker:ty) => {
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        impl<$($generics)* const H: usize, const W: usize> $window<$($parameter),*> for Plane<H, W>
        where
            Computed: $place<$marker, Self>,
        {
            window!(@constants);
            type Output<T: Scalar, const N: usize, const C: usize> =
                <<Computed as $place<$marker, Self>>::Output as Extent>::Tensor<T, N, C, Axis<1>>;
        }
    };
}

macro_rules! kernels {
    ([$($g:tt)*] $marker:ty) => {
        #[doc(hidden)]
        impl<$($g)*> KernelSize for $marker {
            const HEIGHT: usize = 1;
            const WIDTH: usize = 1;
            type Filters<T: Scalar, const F: usize, const C: usize> = Tensor<T, F, C, 1, 1>;
            type FlatFilters<T: Scalar, const F: usize, const C: usize> = Signal<T, F, C, 1>;
        }

        #[doc(hidden)]
        impl<$($g)* S, P, R, D> PoolWindow for ($marker, S, P, R, D) {
            type IsSmall = Fails;
            type IsTile = Fails;
        }

        window! { Window [$($g)* S: Sealed, P: Sealed, R: Sealed, D: Sealed,] ($marker, S, P, R, D) KernelPlace of $marker }
        window! {
            TransposedWindow [$($g)* S: Sealed, P: Sealed, O: Sealed, D: Sealed,] ($marker, S, P, O, D)
            KernelPlace of $marker
        }
    };
}

macro_rules! strides {
    ([$($g:tt)*] $marker:ty) => {
        #[doc(hidden)]
        impl<$($g)* const KH: usize, const KW: usize, P, R, D> PoolWindow for (Kernel<KH, KW>, $marker, P, R, D) {
            type IsSmall = Fails;
            type IsTile = Fails;
        }

        window! {
            Window [$($g)* const KH: usize, const KW: usize, P: Sealed, R: Sealed, D: Sealed,]
            (Kernel<KH, KW>, $marker, P, R, D) StridePlace of $marker
        }
        window! {
            TransposedWindow [$($g)* const KH: usize, const KW: usize, P: Sealed, O: Sealed, D: Sealed,]
            (Kernel<KH, KW>, $marker, P, O, D) StridePlace of $marker
        }
    };
}

macro_rules! paddings {
    ([$($g:tt)*] $marker:ty) => {
        // The stride of a pooling may be its kernel.
        paddings! { Stride [$($g)*] $marker }
        paddings! { Kernel [$($g)*] $marker }
    };
    ($stride:ident [$($g:tt)*] $marker:ty) => {
        #[doc(hidden)]
        impl<$($g)* const KH: usize, const KW: usize, const SH: usize, const SW: usize, R, D> PoolWindow
            for (Kernel<KH, KW>, $stride<SH, SW>, $marker, R, D)
        {
            type IsSmall = Fails;
            type IsTile = Fails;
        }

        window! {
            Window [$($g)* const KH: usize, const KW: usize, const SH: usize, const SW: usize, R: Sealed, D: Sealed,]
            (Kernel<KH, KW>, $stride<SH, SW>, $marker, R, D) PaddingPlace of $marker
        }
    };
}

macro_rules! transposed_paddings {
    ([$($g:tt)*] $marker:ty) => {
        window! {
            TransposedWindow [
                $($g)* const KH: usize, const KW: usize, const SH: usize, const SW: usize, O: Sealed, D: Sealed,
            ]
            (Kernel<KH, KW>, Stride<SH, SW>, $marker, O, D) PaddingPlace of $marker
        }
    };
}

macro_rules! output_paddings {
    ([$($g:tt)*] $marker:ty) => {
        window! {
            TransposedWindow [
                $($g)* const KH: usize, const KW: usize, const SH: usize, const SW: usize, const PH: usize,
                const PW: usize, D: Sealed,
            ]
            (Kernel<KH, KW>, Stride<SH, SW>, Padding<PH, PW>, $marker, D) OutputPaddingPlace of $marker
        }
    };
}

macro_rules! dilations {
    ([$($g:tt)*] $marker:ty) => {
        // The stride of a pooling may be its kernel.
        dilations! { Stride [$($g)*] $marker }
        dilations! { Kernel [$($g)*] $marker }
    };
    ($stride:ident [$($g:tt)*] $marker:ty) => {
        #[doc(hidden)]
        impl<
            $($g)* const KH: usize, const KW: usize, const SH: usize, const SW: usize, const PH: usize,
            const PW: usize, R,
        > PoolWindow for (Kernel<KH, KW>, $stride<SH, SW>, Padding<PH, PW>, R, $marker)
        {
            type IsSmall = Fails;
            type IsTile = Fails;
        }

        window! {
            Window [
                $($g)* const KH: usize, const KW: usize, const SH: usize, const SW: usize, const PH: usize,
                const PW: usize, R: Sealed,
            ]
            (Kernel<KH, KW>, $stride<SH, SW>, Padding<PH, PW>, R, $marker) DilationPlace of $marker
        }
    };
}

macro_rules! roundings {
    ([$($g:tt)*] $marker:ty) => {
        #[doc(hidden)]
        impl<$($g)*> CutsNoWindow for $marker {
            type Verdict = Fails;
        }
    };
}

macro_rules! groupings {
    ([$($g:tt)*] $marker:ty) => {
        #[doc(hidden)]
        impl<$($g)* const C: usize, const F: usize> Grouping<C, F> for $marker {
            const GROUPS: usize = 1;
            type Filters<T: Scalar, K: KernelSize> = K::Filters<T, F, C>;
        }
    };
}

macro_rules! biases {
    ([$($g:tt)*] $marker:ty) => {
        #[doc(hidden)]
        impl<$($g)*> BiasKind for $marker {
            type Of<T: Scalar, const F: usize> = ();
        }
    };
}

/// Hands each marker to the macros of the places where it is wrong.
macro_rules! wrong {
    (@ $generics:tt { $marker:ty } $($place:ident)*) => { $(
        $place! { $generics $marker }
    )* };
    ($($generics:tt $marker:ty: $($place:ident)*;)*) => { $(
        wrong! { @ $generics { $marker } $($place)* }
    )* };
}

wrong! {
    [const MH: usize, const MW: usize,] Kernel<MH, MW>:
        paddings transposed_paddings output_paddings dilations groupings roundings biases;
    [const MH: usize, const MW: usize,] Stride<MH, MW>:
        kernels paddings transposed_paddings output_paddings dilations groupings roundings biases;
    [const MH: usize, const MW: usize,] Padding<MH, MW>:
        kernels strides output_paddings dilations groupings roundings biases;
    [const MT: usize, const MB: usize, const ML: usize, const MR: usize,] Sides<MT, MB, ML, MR>:
        kernels strides biases;
    [const MH: usize, const MW: usize,] OutputPadding<MH, MW>:
        kernels strides paddings transposed_paddings dilations groupings roundings biases;
    [const MH: usize, const MW: usize,] Dilation<MH, MW>:
        kernels strides paddings transposed_paddings output_paddings groupings roundings biases;
    [const M: usize,] Groups<M>: kernels strides paddings transposed_paddings output_paddings dilations roundings biases;
    [] Ungrouped: kernels strides paddings transposed_paddings output_paddings dilations roundings biases;
    [] Exact: kernels strides paddings transposed_paddings output_paddings dilations groupings biases;
    [] Floor: kernels strides paddings transposed_paddings output_paddings dilations groupings biases;
    [] Ceil: kernels strides paddings transposed_paddings output_paddings dilations groupings biases;
    [] Bias: kernels strides paddings transposed_paddings output_paddings dilations groupings roundings;
    [] NoBias: kernels strides paddings transposed_paddings output_paddings dilations groupings roundings;
    [] IncludePad: kernels strides paddings transposed_paddings output_paddings dilations groupings roundings biases;
    [] ExcludePad: kernels strides paddings transposed_paddings output_paddings dilations groupings roundings biases;
    [const MH: usize, const MW: usize,] OutputSize<MH, MW>:
        kernels strides paddings transposed_paddings output_paddings dilations groupings roundings biases;
}

/// `MaxPool2d<f32, Kernel<2>>`.
macro_rules! numbers {
    ($($number:ty)*) => { $(
        #[doc(hidden)]
        impl<S, P, R, D> PoolWindow for ($number, S, P, R, D) {
            type IsSmall = Fails;
            type IsTile = Fails;
        }

        window! { Window [S: Sealed, P: Sealed, R: Sealed, D: Sealed,] ($number, S, P, R, D) PoolingKernelPlace of $number }
    )* };
}

numbers! { f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 }
