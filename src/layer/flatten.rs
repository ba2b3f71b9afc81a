//! Feature maps as rows of features.

use super::{Backward, Layer, without_parameters};
use crate::Scalar;
use crate::shape::{FeatureMap, Flattened};
use crate::tensor::{Array, Tensor, Zeroed};

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

/// [`Flatten`] as a function, by value. PyTorch: `flatten(x, 1)`.
///
/// ```
/// use constconv::functional::flatten;
/// use constconv::prelude::*;
/// assert_eq!(flatten(&Tensor::<i32, 1, 2, 1, 1>::new([[[[3]], [[4]]]])), Matrix::new([[3, 4]]));
/// ```
#[must_use]
pub fn flatten<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
) -> <FeatureMap<C, H, W> as Flattened>::Output<T, N>
where
    FeatureMap<C, H, W>: Flattened,
{
    let mut y: <FeatureMap<C, H, W> as Flattened>::Output<T, N> = Zeroed::ZERO;
    flatten_into(x, &mut y);
    y
}

/// As [`flatten()`], overwriting `y`.
pub fn flatten_into<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<T, N, C, H, W>,
    y: &mut <FeatureMap<C, H, W> as Flattened>::Output<T, N>,
) where
    FeatureMap<C, H, W>: Flattened,
{
    y.as_mut_slice().copy_from_slice(x.as_slice());
}
