//! How many rows of a feature map a pooling takes at a time, as types.

use core::marker::PhantomData;
use core::ops::{Add, BitAnd, BitOr, Mul, Rem};

use typenum::{Add1, And, B0, B1, Eq, GrEq, IsEqual, IsGreaterOrEqual, Mod, Or, Prod, U0, U1, U16};

use super::axis::{Axis, Extent, Known, Number, ToAxis};
use super::verdict::{Fails, Holds};
use super::window::Plane;
use crate::tensor::{Array, Elements, Scalar, Storage, Tensor};

/// Some rows of a feature map.
pub trait Band {
    /// How many rows.
    const ROWS: usize;
    /// `Tensor<T, 1, C, ROWS, W>`.
    type Of<T: Scalar, const C: usize>: Array<Scalar = T>;
}

/// R rows of W cells.
#[derive(Debug)]
pub struct Rows<R, W>(PhantomData<(R, W)>);

impl<R: Extent, W: Extent> Band for Rows<R, W> {
    const ROWS: usize = R::LENGTH;
    type Of<T: Scalar, const C: usize> = R::Tensor<T, 1, C, W>;
}

/// The bands of a pooling with windows of KH rows. Where these lie side by side, a band is a row of windows; otherwise it
/// is one row.
pub trait WindowBands<const KH: usize, const W: usize> {
    /// One band.
    type Band: Band;
    /// The rows of earlier bands that a sum needs: `Tensor<T, 1, C, KH, W>`, or `()`.
    type Kept<T: Scalar, const C: usize>: Storage + Elements<T>;
}

impl<const KH: usize, const W: usize> WindowBands<KH, W> for Holds {
    type Band = Rows<Axis<KH>, Axis<W>>;
    type Kept<T: Scalar, const C: usize> = ();
}

impl<const KH: usize, const W: usize> WindowBands<KH, W> for Fails {
    type Band = Rows<Axis<1>, Axis<W>>;
    type Kept<T: Scalar, const C: usize> = Tensor<T, 1, C, KH, W>;
}

/// The bands of a pooling of whole planes: of the fewest rows, up to 16, that divide the height and have 16 cells or are
/// all rows, or else of one row. Shorter bands would leave the tiles of a 1×1 convolution empty.
pub trait PlaneBands {
    /// One band.
    type Band: Band;
}

impl<const H: usize, const W: usize> PlaneBands for Plane<H, W>
where
    Axis<H>: Known,
    Axis<W>: Known,
    U1: FewestRows<Number<H>, Number<W>, Rows: ToAxis>,
{
    type Band = Rows<<<U1 as FewestRows<Number<H>, Number<W>>>::Rows as ToAxis>::Axis, Axis<W>>;
}

/// The fewest rows of a plane of H×W cells, of this number or more.
pub trait FewestRows<H, W> {
    /// The number of rows.
    type Rows;
}

/// Whether a band may have R rows.
type Suits<R, H, W> = And<Or<GrEq<Prod<R, W>, U16>, Eq<R, H>>, Eq<Mod<H, R>, U0>>;

impl<R, H, W> FewestRows<H, W> for R
where
    R: Mul<W> + IsEqual<H> + IsGreaterOrEqual<U16>,
    H: Rem<R, Output: IsEqual<U0>>,
    Prod<R, W>: IsGreaterOrEqual<U16, Output: BitOr<Eq<R, H>, Output: BitAnd<Eq<Mod<H, R>, U0>>>>,
    (Suits<R, H, W>, GrEq<R, U16>): Choose<R, H, W>,
{
    type Rows = <(Suits<R, H, W>, GrEq<R, U16>) as Choose<R, H, W>>::Rows;
}

/// R, if it suits; the next number, or one row if it is the last.
pub trait Choose<R, H, W> {
    /// The number of rows.
    type Rows;
}

impl<IsLast, R, H, W> Choose<R, H, W> for (B1, IsLast) {
    type Rows = R;
}

impl<R, H, W> Choose<R, H, W> for (B0, B1) {
    type Rows = U1;
}

impl<R: Add<B1, Output: FewestRows<H, W>>, H, W> Choose<R, H, W> for (B0, B0) {
    type Rows = <Add1<R> as FewestRows<H, W>>::Rows;
}
