//! Poolings that take rows of a convolution as they are made: those whose windows lie side by side.

use num_traits::FromPrimitive;

use super::{AvgPool2d, MaxPool2d};
use crate::functional::{avg_pool_band, max_pool_band, max_pool_band_marked};
use crate::module::{MapOfX, MaxPooling, MeanPooling, Role, RowPooling, Winners};
use crate::shape::verdict::{Fails, Holds};
use crate::shape::{Counting, Dilation, Kernel, Padding, Plane, PoolWindow, Pooled, Window};
use crate::tensor::{Scalar, Tensor};

/// The role of a pooling: `Tiled`, if its windows lie side by side.
pub trait Tiles<Tiled: Role> {
    /// The role.
    type Role: Role;
}

impl<Tiled: Role> Tiles<Tiled> for Holds {
    type Role = Tiled;
}

impl<Tiled: Role> Tiles<Tiled> for Fails {
    type Role = MapOfX;
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, const KH: usize, const KW: usize, S, R>
    RowPooling<Tensor<T, N, C, H, W>> for MaxPool2d<Kernel<KH, KW>, S, Padding<0>, R, Dilation<1>>
where
    Plane<H, W>: Window<Kernel<KH, KW>, S, Padding<0>, Pooled<R>, Dilation<1>>,
    (Kernel<KH, KW>, S, Padding<0>, R, Dilation<1>): PoolWindow<IsTile: Tiles<MaxPooling>>,
{
    type Band = Tensor<T, 1, C, KH, W>;

    const ROWS: usize = KH;
    const BANDS: usize = Plane::<H, W>::OUTPUT[0];

    fn pool_band(&self, image: usize, band: usize, rows: &[T], y: &mut Self::Output) {
        max_pool_band::<Plane<H, W>, (Kernel<KH, KW>, S, Padding<0>, R, Dilation<1>), C, _>(image, band, rows, y);
    }
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize, const KH: usize, const KW: usize, S, R>
    Winners<Tensor<T, N, C, H, W>> for MaxPool2d<Kernel<KH, KW>, S, Padding<0>, R, Dilation<1>>
where
    Plane<H, W>: Window<Kernel<KH, KW>, S, Padding<0>, Pooled<R>, Dilation<1>>,
    (Kernel<KH, KW>, S, Padding<0>, R, Dilation<1>): PoolWindow<IsTile: Tiles<MaxPooling>>,
{
    type Winners = <Plane<H, W> as Window<Kernel<KH, KW>, S, Padding<0>, Pooled<R>, Dilation<1>>>::Output<u8, N, C>;

    const WINDOW: [usize; 2] = [KH, KW];
    const OUTPUT: [usize; 2] = Plane::<H, W>::OUTPUT;

    fn pool_band_marked(
        &self,
        image: usize,
        band: usize,
        rows: &[T],
        y: &mut Self::Output,
        winners: &mut Self::Winners,
    ) {
        max_pool_band_marked::<Plane<H, W>, (Kernel<KH, KW>, S, Padding<0>, R, Dilation<1>), C, _, _>(
            image, band, rows, y, winners,
        );
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
    R,
    M: Counting,
> RowPooling<Tensor<T, N, C, H, W>> for AvgPool2d<Kernel<KH, KW>, S, Padding<0>, R, M>
where
    Plane<H, W>: Window<Kernel<KH, KW>, S, Padding<0>, Pooled<R>, Dilation<1>>,
    (Kernel<KH, KW>, S, Padding<0>, R, Dilation<1>): PoolWindow<IsTile: Tiles<MeanPooling>>,
{
    type Band = Tensor<T, 1, C, KH, W>;

    const ROWS: usize = KH;
    const BANDS: usize = Plane::<H, W>::OUTPUT[0];

    fn pool_band(&self, image: usize, band: usize, rows: &[T], y: &mut Self::Output) {
        avg_pool_band::<Plane<H, W>, (Kernel<KH, KW>, S, Padding<0>, R), C, _>(image, band, rows, y);
    }
}
