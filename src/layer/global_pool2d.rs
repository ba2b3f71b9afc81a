//! Pooling of whole planes.

use num_traits::FromPrimitive;

use super::{Backward, Layer, without_parameters};
use crate::Scalar;
use crate::kernel::{self, Pool2dGeometry};
use crate::tensor::Tensor;

/// y\[n,c\] = max x\[n,c,i,j\] over the plane. PyTorch: `nn.AdaptiveMaxPool2d(1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, 1, 1) |
///
/// The first maximum in row-major order receives the gradient. A NaN on a plane gives NaN, and the last NaN receives
/// the gradient, as in PyTorch.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 2, 2, 2>::new([[[[1, 4], [4, 3]], [[-5, -6], [-7, -8]]]]);
/// assert_eq!(GlobalMaxPool2d.forward(&x), Tensor::new([[[[4]], [[-5]]]]));
///
/// let (dx, _) = GlobalMaxPool2d.backward(&x, &Tensor::full(1));
/// assert_eq!(dx, Tensor::new([[[[0, 1], [0, 0]], [[1, 0], [0, 0]]]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalMaxPool2d;

without_parameters! { GlobalMaxPool2d = Self }

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> Layer<Tensor<T, N, C, H, W>>
    for GlobalMaxPool2d
{
    type Output = Tensor<T, N, C, 1, 1>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn apply(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        kernel::max_pool2d(&whole_planes(N * C, [H, W]), x.as_slice(), y.as_mut_slice());
    }
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> Backward<Tensor<T, N, C, H, W>>
    for GlobalMaxPool2d
{
    type Tape = ();

    fn record(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        self.apply(x, y, &mut ());
    }

    fn propagate(
        &self,
        x: &Tensor<T, N, C, H, W>,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut Tensor<T, N, C, H, W>>,
        _: &mut Self,
    ) {
        if let Some(dx) = dx {
            let g = &whole_planes(N * C, [H, W]);
            kernel::max_pool2d_backward(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
        }
    }
}

/// y\[n,c\] = 1/(H·W) · Σ x\[n,c,i,j\] over the plane. PyTorch: `nn.AdaptiveAvgPool2d(1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, 1, 1) |
///
/// [`Linear`](super::Linear) takes y as it is: C·1·1 features.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<f32, 1, 2, 2, 2>::new([[[[1., 4.], [4., 3.]], [[-5., -6.], [-7., -8.]]]]);
/// assert_eq!(GlobalAvgPool2d.forward(&x), Tensor::new([[[[3.0]], [[-6.5]]]]));
///
/// let (dx, _) = GlobalAvgPool2d.backward(&x, &Tensor::full(1.0));
/// assert_eq!(dx, Tensor::full(0.25));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalAvgPool2d;

without_parameters! { GlobalAvgPool2d = Self }

impl<T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize>
    Layer<Tensor<T, N, C, H, W>> for GlobalAvgPool2d
{
    type Output = Tensor<T, N, C, 1, 1>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn apply(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        kernel::avg_pool2d(&whole_planes(N * C, [H, W]), true, x.as_slice(), y.as_mut_slice());
    }
}

impl<T: Scalar + FromPrimitive, const N: usize, const C: usize, const H: usize, const W: usize>
    Backward<Tensor<T, N, C, H, W>> for GlobalAvgPool2d
{
    type Tape = ();

    fn record(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        self.apply(x, y, &mut ());
    }

    fn propagate(
        &self,
        _x: &Tensor<T, N, C, H, W>,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut Tensor<T, N, C, H, W>>,
        _: &mut Self,
    ) {
        if let Some(dx) = dx {
            let g = &whole_planes(N * C, [H, W]);
            kernel::avg_pool2d_backward(g, true, dy.as_slice(), dx.as_mut_slice());
        }
    }
}

/// One window over each plane, for the kernels.
const fn whole_planes(planes: usize, plane: [usize; 2]) -> Pool2dGeometry {
    Pool2dGeometry {
        planes,
        input: plane,
        output: [1, 1],
        kernel: plane,
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
    }
}
