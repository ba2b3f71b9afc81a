//! The windows of a batch as the columns of a matrix: C·KH·KW rows, N·HO·WO columns.

use core::ops::Mul;

use typenum::Prod;

use super::axis::{Axis, Extent, InTable, Known, Listed, Number, ToAxis};
use super::flatten::Features as Product;
use super::marker::Kernel;
use super::options::ConvOptions;
use super::sealed::SealedWith;
use super::verdict::fits;
use super::window::{Plane, Window};
use crate::tensor::{Array, Scalar, Tensor};

/// A tensor (N, C, H, W) whose windows can stand as the columns of a matrix.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::Columns;
/// // Windows of 3·2·2 cells, 4·4 of them in each of two images.
/// type X = Tensor<f32, 2, 3, 5, 5>;
/// let columns: <X as Columns<Kernel<2>, ()>>::Output = Matrix::<f32, 12, 32>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no windows that could be the columns of a matrix",
    label = "expected a `Tensor`, a `Kernel` and the options of a convolution"
)]
pub trait Columns<K, O>: Array + SealedWith<K> + SealedWith<O> {
    /// Images in the batch (N) and channels (C).
    const PLANES: [usize; 2];
    /// Input height H and width W.
    const INPUT: [usize; 2];
    /// Kernel height KH and width KW.
    const KERNEL: [usize; 2];
    /// Stride (SH, SW).
    const STRIDE: [usize; 2];
    /// Padding (PH, PW).
    const PADDING: [usize; 2];
    /// Dilation (DH, DW).
    const DILATION: [usize; 2];
    /// Output height HO and width WO.
    const OUTPUT: [usize; 2];
    /// `Matrix<T, C·KH·KW, N·HO·WO>`.
    type Output: Array<Scalar = Self::Scalar>;
}

/// `Tensor<T, N, C, HO, WO>`: of N, HO and WO the matrix takes the product.
type Places<T, const N: usize, const C: usize, X, K, O> = <X as Window<
    K,
    <O as ConvOptions>::Stride,
    <O as ConvOptions>::Padding,
    <O as ConvOptions>::Rounding,
    <O as ConvOptions>::Dilation,
>>::Output<T, N, C>;

/// A constant of the window with the options `O`.
macro_rules! sizes {
    ($plane:ty, $kernel:ty, $o:ident, $name:ident) => {
        <$plane as Window<$kernel, $o::Stride, $o::Padding, $o::Rounding, $o::Dilation>>::$name
    };
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    O: ConvOptions,
> Columns<Kernel<KH, KW>, O> for Tensor<T, N, C, H, W>
where
    Plane<H, W>: Window<Kernel<KH, KW>, O::Stride, O::Padding, O::Rounding, O::Dilation>,
    Tensor<T, 1, C, KH, KW>: WindowRows,
    Places<T, N, C, Plane<H, W>, Kernel<KH, KW>, O>: WindowColumns,
{
    const PLANES: [usize; 2] = [N, C];
    const INPUT: [usize; 2] = [H, W];
    const KERNEL: [usize; 2] = [KH, KW];
    const STRIDE: [usize; 2] = sizes!(Plane<H, W>, Kernel<KH, KW>, O, STRIDE);
    const PADDING: [usize; 2] = sizes!(Plane<H, W>, Kernel<KH, KW>, O, PADDING);
    const DILATION: [usize; 2] = sizes!(Plane<H, W>, Kernel<KH, KW>, O, DILATION);
    const OUTPUT: [usize; 2] = sizes!(Plane<H, W>, Kernel<KH, KW>, O, OUTPUT);
    type Output = <<Tensor<T, 1, C, KH, KW> as WindowRows>::Axis as Extent>::Rows<
        T,
        <Places<T, N, C, Plane<H, W>, Kernel<KH, KW>, O> as WindowColumns>::Axis,
    >;
}

/// A tensor of which the product of three axes is an axis.
macro_rules! product {
    ($(#[$doc:meta])* $name:ident: $a:ident * $b:ident * $c:ident, $fits:ident) => {
        $(#[$doc])*
        pub trait $name {
            /// The axis that is as long as the product.
            type Axis: Extent;
        }

        impl<T, const N: usize, const C: usize, const H: usize, const W: usize> $name for Tensor<T, N, C, H, W>
        where
            Axis<$a>: Known,
            Axis<$b>: Known,
            Axis<$c>: Known,
            Number<$a>: Mul<Number<$b>>,
            Prod<Number<$a>, Number<$b>>: Mul<Number<$c>>,
            Product<$a, $b, $c>: InTable,
            Listed<Product<$a, $b, $c>>: $fits<$a, $b, $c>,
        {
            type Axis = <Listed<Product<$a, $b, $c>> as $fits<$a, $b, $c>>::Axis;
        }
    };
}

product! {
    /// Filters (1, C, KH, KW) whose cells can be the rows of a matrix.
    WindowRows: C * H * W, RowsFit
}

product! {
    /// An output (N, C, HO, WO) whose places can be the columns of a matrix.
    WindowColumns: N * H * W, ColumnsFit
}

fits! {
    /// There is an axis of C·KH·KW.
    #[diagnostic::on_unimplemented(
        message = "{C}*{H}*{W} rows of a matrix of columns are too many for an axis",
        label = "{C} channels of {H}*{W} cells are not a length in the table of axes"
    )]
    RowsFit<const C, const H, const W>: Product<C, H, W>
    where [Number<C>: Mul<Number<H>>, Prod<Number<C>, Number<H>>: Mul<Number<W>>,];

    /// There is an axis of N·HO·WO.
    #[diagnostic::on_unimplemented(
        message = "{N}*{H}*{W} columns of a matrix of columns are too many for an axis",
        label = "a batch of {N} with {H}*{W} windows each is not a length in the table of axes"
    )]
    ColumnsFit<const N, const H, const W>: Product<N, H, W>
    where [Number<N>: Mul<Number<H>>, Prod<Number<N>, Number<H>>: Mul<Number<W>>,];
}
