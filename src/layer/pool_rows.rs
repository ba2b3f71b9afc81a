//! Poolings that take rows of a convolution as they are made.

use num_traits::FromPrimitive;

use super::{AvgPool2d, GlobalAvgPool2d, GlobalMaxPool2d, MaxPool2d};
use crate::functional::{
    PlaneSums, avg_pool_band, global_avg_pool_band, global_max_pool_band, max_pool_band, max_pool_band_marked,
    rows_of_windows,
};
use crate::module::{MapOfX, MaxPooling, Pooling, Role, RowPooling, Windows, Winners};
use crate::shape::verdict::{Fails, Holds};
use crate::shape::{Band, Counting, Dilation, Kernel, Plane, PlaneBands, PoolWindow, Pooled, Window, WindowBands};
use crate::tensor::{Elements, Scalar, Tensor};

/// The role of a pooling: `R`, if a byte can tell the cells of its windows.
pub trait TakesRows<R: Role> {
    /// The role.
    type Role: Role;
}

impl<R: Role> TakesRows<R> for Holds {
    type Role = R;
}

impl<R: Role> TakesRows<R> for Fails {
    type Role = MapOfX;
}

/// The bands of the pooling with the options `O` and KH rows in a window, on a plane of width W.
type Bands<O, const KH: usize, const W: usize> = <<O as PoolWindow>::IsTile as WindowBands<KH, W>>::Band;

/// The same of an average pooling.
type MeanBands<K, S, P, R, const KH: usize, const W: usize> = Bands<(K, S, P, R, Dilation<1>), KH, W>;

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    S,
    P,
    R,
    D,
> RowPooling<Tensor<T, N, C, H, W>> for MaxPool2d<Kernel<KH, KW>, S, P, R, D>
where
    Plane<H, W>: Window<Kernel<KH, KW>, S, P, Pooled<R>, D>,
    (Kernel<KH, KW>, S, P, R, D): PoolWindow<IsSmall: TakesRows<MaxPooling>, IsTile: WindowBands<KH, W>>,
{
    type Band = <Bands<(Kernel<KH, KW>, S, P, R, D), KH, W> as Band>::Of<T, C>;
    type State = ();

    const ROWS: usize = Bands::<(Kernel<KH, KW>, S, P, R, D), KH, W>::ROWS;
    const BANDS: usize = rows_of_windows::<Plane<H, W>, (Kernel<KH, KW>, S, P, R, D)>()
        / <Self as RowPooling<Tensor<T, N, C, H, W>>>::ROWS;
    const IS_MAX: bool = true;

    fn pool_band(&self, image: usize, band: usize, rows: &[T], (): &mut (), y: &mut Self::Output) {
        max_pool_band::<Plane<H, W>, (Kernel<KH, KW>, S, P, R, D), Bands<(Kernel<KH, KW>, S, P, R, D), KH, W>, C, _>(
            image, band, rows, y,
        );
    }
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    S,
    P,
    R,
    D,
> Winners<Tensor<T, N, C, H, W>> for MaxPool2d<Kernel<KH, KW>, S, P, R, D>
where
    Plane<H, W>: Window<Kernel<KH, KW>, S, P, Pooled<R>, D>,
    (Kernel<KH, KW>, S, P, R, D): PoolWindow<IsSmall: TakesRows<MaxPooling>, IsTile: WindowBands<KH, W>>,
{
    type Winners = <Plane<H, W> as Window<Kernel<KH, KW>, S, P, Pooled<R>, D>>::Output<u8, N, C>;

    const WINDOWS: Windows = Windows {
        kernel: Plane::<H, W>::KERNEL,
        stride: Plane::<H, W>::STRIDE,
        padding: Plane::<H, W>::PADDING,
        dilation: Plane::<H, W>::DILATION,
        output: Plane::<H, W>::OUTPUT,
    };

    fn pool_band_marked(
        &self,
        image: usize,
        band: usize,
        rows: &[T],
        y: &mut Self::Output,
        winners: &mut Self::Winners,
    ) {
        max_pool_band_marked::<
            Plane<H, W>,
            (Kernel<KH, KW>, S, P, R, D),
            Bands<(Kernel<KH, KW>, S, P, R, D), KH, W>,
            C,
            _,
            _,
        >(image, band, rows, y, winners);
    }
}

impl<
    T: Scalar + FromPrimitive,
    const N: usize,
    const C: usize,
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    S,
    P,
    R,
    M: Counting,
> RowPooling<Tensor<T, N, C, H, W>> for AvgPool2d<Kernel<KH, KW>, S, P, R, M>
where
    Plane<H, W>: Window<Kernel<KH, KW>, S, P, Pooled<R>, Dilation<1>>,
    (Kernel<KH, KW>, S, P, R, Dilation<1>): PoolWindow<IsSmall: TakesRows<Pooling>, IsTile: WindowBands<KH, W>>,
{
    type Band = <MeanBands<Kernel<KH, KW>, S, P, R, KH, W> as Band>::Of<T, C>;
    type State = <<(Kernel<KH, KW>, S, P, R, Dilation<1>) as PoolWindow>::IsTile as WindowBands<KH, W>>::Kept<T, C>;

    const ROWS: usize = MeanBands::<Kernel<KH, KW>, S, P, R, KH, W>::ROWS;
    const BANDS: usize =
        rows_of_windows::<Plane<H, W>, (Kernel<KH, KW>, S, P, R)>() / <Self as RowPooling<Tensor<T, N, C, H, W>>>::ROWS;

    fn pool_band(&self, image: usize, band: usize, rows: &[T], kept: &mut Self::State, y: &mut Self::Output) {
        avg_pool_band::<Plane<H, W>, (Kernel<KH, KW>, S, P, R), M, MeanBands<Kernel<KH, KW>, S, P, R, KH, W>, C, _>(
            image,
            band,
            rows,
            kept.elements_mut(),
            y,
        );
    }
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> RowPooling<Tensor<T, N, C, H, W>>
    for GlobalMaxPool2d
where
    Plane<H, W>: PlaneBands,
{
    type Band = <<Plane<H, W> as PlaneBands>::Band as Band>::Of<T, C>;
    type State = ();

    const ROWS: usize = <Plane<H, W> as PlaneBands>::Band::ROWS;
    const BANDS: usize = H / <Plane<H, W> as PlaneBands>::Band::ROWS;
    const IS_MAX: bool = true;

    fn pool_band(&self, image: usize, band: usize, rows: &[T], (): &mut (), y: &mut Self::Output) {
        global_max_pool_band::<<Plane<H, W> as PlaneBands>::Band, C, H, W, _>(image, band, rows, y);
    }
}

impl<T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize>
    RowPooling<Tensor<T, N, C, H, W>> for GlobalAvgPool2d
where
    Plane<H, W>: PlaneBands,
{
    type Band = <<Plane<H, W> as PlaneBands>::Band as Band>::Of<T, C>;
    type State = PlaneSums<T, C>;

    const ROWS: usize = <Plane<H, W> as PlaneBands>::Band::ROWS;
    const BANDS: usize = H / <Plane<H, W> as PlaneBands>::Band::ROWS;

    fn pool_band(&self, image: usize, band: usize, rows: &[T], sums: &mut Self::State, y: &mut Self::Output) {
        global_avg_pool_band::<<Plane<H, W> as PlaneBands>::Band, C, H, W, _>(image, band, rows, sums, y);
    }
}
