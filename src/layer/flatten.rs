//! Feature maps as rows of features.

use super::{Backward, Layer, without_parameters};
use crate::Scalar;
use crate::shape::{FeatureMap, Flattened};
use crate::tensor::{Array, Tensor};

/// (N, C, H, W) → (N, C·H·W), row-major. PyTorch: `nn.Flatten`.
///
/// [`Linear`](super::Linear) takes feature maps as they are and does not need it.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 2, 1, 2>::new([[[[1, 2]], [[3, 4]]]]);
/// assert_eq!(Flatten.forward(&x), Matrix::new([[1, 2, 3, 4]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;

without_parameters! { Flatten = Self }

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> Layer<Tensor<T, N, C, H, W>> for Flatten
where
    FeatureMap<C, H, W>: Flattened,
{
    type Output = <FeatureMap<C, H, W> as Flattened>::Output<T, N>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn apply(&self, x: &Tensor<T, N, C, H, W>, y: &mut Self::Output, (): &mut ()) {
        y.as_mut_slice().copy_from_slice(x.as_slice());
    }
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> Backward<Tensor<T, N, C, H, W>>
    for Flatten
where
    FeatureMap<C, H, W>: Flattened,
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
            dx.as_mut_slice().copy_from_slice(dy.as_slice());
        }
    }
}
