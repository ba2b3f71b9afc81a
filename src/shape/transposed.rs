//! Transposed windows on planes, and the conditions on them; `extent.rs` computes.

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::extent::TransposedArithmetic;
use super::marker::{Dilation, Kernel, OutputPadding, Padding, Stride};
use super::sealed::{Sealed, SealedWindow};
use super::verdict::Computed;
use super::verdict::verdicts;
use super::window::{DilationIsPositive, KernelIsPositive, Plane, StrideIsPositive};
use crate::tensor::{Array, Scalar};

/// A transposed window that fits on a plane: the one bound that a transposed convolution needs.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::shape::{Plane, TransposedWindow};
/// // (7 − 1)·2 − 2 + 2 + 1 + 1 rows, and as many columns.
/// type Doubled = <Plane<7, 7> as TransposedWindow<
///     Kernel<3>, Stride<2>, Padding<1>, OutputPadding<1>, Dilation<1>,
/// >>::Output<f32, 1, 8>;
/// let y: Doubled = Tensor::<f32, 1, 8, 14, 14>::zeros();
/// ```
#[diagnostic::on_unimplemented(
    message = "the transposed window (`{K}`, `{S}`, `{P}`, `{O}`, `{D}`) does not fit on `{Self}`",
    note = "the parameters of a transposed window come in the order Kernel, Stride, Padding, OutputPadding, Dilation"
)]
pub trait TransposedWindow<K, S, P, O, D>: SealedWindow<K, S, P, O, D> {
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
    /// `Tensor<T, N, C, HO, WO>`.
    type Output<T: Scalar, const N: usize, const C: usize>: Array<Scalar = T>;
}

impl<
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const PH: usize,
    const PW: usize,
    const OH: usize,
    const OW: usize,
    const DH: usize,
    const DW: usize,
> TransposedWindow<Kernel<KH, KW>, Stride<SH, SW>, Padding<PH, PW>, OutputPadding<OH, OW>, Dilation<DH, DW>>
    for Plane<H, W>
where
    Axis<H>: TransposedSlide<KH, SH, PH, OH, DH>,
    Axis<W>: TransposedSlide<KW, SW, PW, OW, DW>,
{
    const INPUT: [usize; 2] = [H, W];
    const KERNEL: [usize; 2] = [KH, KW];
    const STRIDE: [usize; 2] = [SH, SW];
    const PADDING: [usize; 2] = [PH, PW];
    const DILATION: [usize; 2] = [DH, DW];
    const OUTPUT: [usize; 2] = [
        <<Axis<H> as TransposedSlide<KH, SH, PH, OH, DH>>::Output as Extent>::LENGTH,
        <<Axis<W> as TransposedSlide<KW, SW, PW, OW, DW>>::Output as Extent>::LENGTH,
    ];
    type Output<T: Scalar, const N: usize, const C: usize> =
        <<Axis<H> as TransposedSlide<KH, SH, PH, OH, DH>>::Output as Extent>::Tensor<
            T,
            N,
            C,
            <Axis<W> as TransposedSlide<KW, SW, PW, OW, DW>>::Output,
        >;
}

/// A transposed window's extent along one axis.
///
/// ```
/// use constconv::shape::{Axis, Extent, TransposedSlide};
/// // K 2, S 2, P 0, O 0, D 1: every cell becomes two.
/// assert_eq!(<<Axis<7> as TransposedSlide<2, 2, 0, 0, 1>>::Output as Extent>::LENGTH, 14);
/// ```
pub trait TransposedSlide<const K: usize, const S: usize, const P: usize, const O: usize, const D: usize>:
    Sealed
{
    /// The output axis.
    type Output: Extent;
}

/// L, K, S, P, O, D for `typenum`.
type Numbers<const L: usize, const K: usize, const S: usize, const P: usize, const O: usize, const D: usize> =
    (Number<L>, Number<K>, Number<S>, Number<P>, Number<O>, Number<D>);

impl<const L: usize, const K: usize, const S: usize, const P: usize, const O: usize, const D: usize>
    TransposedSlide<K, S, P, O, D> for Axis<L>
where
    Computed: TransposedExtent<L, K, S, P, O, D>,
{
    type Output = <Computed as TransposedExtent<L, K, S, P, O, D>>::Output;
}

/// The extent of [`TransposedSlide`], asked of [`Computed`].
pub trait TransposedExtent<
    const L: usize,
    const K: usize,
    const S: usize,
    const P: usize,
    const O: usize,
    const D: usize,
>
{
    /// The output axis.
    type Output: Extent;
}

impl<X, const L: usize, const K: usize, const S: usize, const P: usize, const O: usize, const D: usize>
    TransposedExtent<L, K, S, P, O, D> for X
where
    Axis<L>: Known,
    Axis<K>: Known,
    Axis<S>: Known,
    Axis<P>: Known,
    Axis<O>: Known,
    Axis<D>: Known,
    Numbers<L, K, S, P, O, D>: TransposedArithmetic<
            KernelIsPositive: KernelIsPositive,
            StrideIsPositive: StrideIsPositive,
            DilationIsPositive: DilationIsPositive,
            OutputPaddingIsSmall: OutputPaddingIsSmall<O, S, D>,
            OutputIsLeft: OutputIsLeft<L, K, S, P, O, D>,
            Output: ToAxis,
        >,
{
    // As for `Slide`: the extent hangs on every condition.
    type Output = <KernelPositive<L, K, S, P, O, D> as KernelIsPositive>::Then<
        <StridePositive<L, K, S, P, O, D> as StrideIsPositive>::Then<
            <DilationPositive<L, K, S, P, O, D> as DilationIsPositive>::Then<
                <Small<L, K, S, P, O, D> as OutputPaddingIsSmall<O, S, D>>::Then<
                    <Left<L, K, S, P, O, D> as OutputIsLeft<L, K, S, P, O, D>>::Then<
                        <<Numbers<L, K, S, P, O, D> as TransposedArithmetic>::Output as ToAxis>::Axis,
                    >,
                >,
            >,
        >,
    >;
}

/// Names for the conditions of the numbers.
macro_rules! conditions {
    ($($name:ident = $condition:ident;)*) => { $(
        type $name<
            const L: usize,
            const K: usize,
            const S: usize,
            const P: usize,
            const O: usize,
            const D: usize,
        > = <Numbers<L, K, S, P, O, D> as TransposedArithmetic>::$condition;
    )* };
}

conditions! {
    KernelPositive = KernelIsPositive;
    StridePositive = StrideIsPositive;
    DilationPositive = DilationIsPositive;
    Small = OutputPaddingIsSmall;
    Left = OutputIsLeft;
}

verdicts! {
    /// O < S or O < D.
    #[diagnostic::on_unimplemented(
        message = "output padding {O} is smaller neither than the stride nor than the dilation: O >= S and O >= D for O = {O}, S = {S}, D = {D}",
        label = "an output padding of {O} needs a stride or a dilation of more than {O}"
    )]
    OutputPaddingIsSmall<const O, const S, const D>;

    /// (L − 1)·S + D·(K − 1) + O + 1 > 2·P.
    #[diagnostic::on_unimplemented(
        message = "the padding crops the whole output: 2*P >= (L - 1)*S + D*(K - 1) + O + 1 for P = {P}, L = {L}, S = {S}, D = {D}, K = {K}, O = {O}",
        label = "a padding of {P} leaves nothing of the output"
    )]
    OutputIsLeft<const L, const K, const S, const P, const O, const D>;
}
