//! A 2-D convolution whose rows go to a pooling as they are made, and which goes back from the winners alone.

use super::Conv2d;
use crate::functional::{Pool2dGeometry, convolve_backward_at_winners, convolve_by_rows, convolve_descend_at_winners};
use crate::module::{BackwardAtWinners, RowWise, Sink, Windows};
use crate::shape::{BiasInPlace, EvenGrouping, KernelSize, Plane, Window};
use crate::tensor::{Scalar, Tensor};

/// The sizes of windows, for functions that know on what they slide.
const fn geometry(windows: &Windows) -> Pool2dGeometry {
    let &Windows { kernel, stride, padding, dilation, output } = windows;
    Pool2dGeometry::new(0, [0, 0], kernel, output).stride(stride).padding(padding).dilation(dilation)
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const F: usize,
    const H: usize,
    const W: usize,
    K: KernelSize,
    S,
    P,
    R,
    D,
    G: EvenGrouping<C, F>,
    B: BiasInPlace,
> RowWise<Tensor<T, N, C, H, W>> for Conv2d<T, C, F, K, S, P, R, D, G, B>
where
    Plane<H, W>: Window<K, S, P, R, D>,
{
    fn forward_by_rows(
        &self,
        x: &Tensor<T, N, C, H, W>,
        rows: usize,
        bands: usize,
        buffer: &mut [T],
        sink: Sink<'_, T>,
    ) {
        convolve_by_rows(self, x, rows, bands, buffer, sink);
    }
}

impl<
    T: Scalar,
    const N: usize,
    const C: usize,
    const F: usize,
    const H: usize,
    const W: usize,
    K: KernelSize,
    S,
    P,
    R,
    D,
    G: EvenGrouping<C, F>,
    B: BiasInPlace,
> BackwardAtWinners<Tensor<T, N, C, H, W>> for Conv2d<T, C, F, K, S, P, R, D, G, B>
where
    Plane<H, W>: Window<K, S, P, R, D>,
{
    fn backward_at_winners(
        &self,
        x: &Tensor<T, N, C, H, W>,
        windows: &Windows,
        winners: &[u8],
        dy: &[T],
        dx: Option<&mut Tensor<T, N, C, H, W>>,
        gradient: &mut Self,
    ) {
        convolve_backward_at_winners(self, x, &geometry(windows), winners, dy, dx, gradient);
    }

    fn descend_at_winners(
        &mut self,
        x: &Tensor<T, N, C, H, W>,
        windows: &Windows,
        winners: &[u8],
        dy: &[T],
        dx: Option<&mut Tensor<T, N, C, H, W>>,
    ) {
        convolve_descend_at_winners(self, x, &geometry(windows), winners, dy, dx);
    }
}
