//! Feature maps and signals as rows of features.

use super::{Backward, Feeds, Layer, Module, without_parameters};
use crate::Scalar;
use crate::shape::{FeatureMap, FeatureSignal, Flattened};
use crate::tensor::{Array, Signal, Tensor};

/// (N, C, H, W) → (N, C·H·W) or (N, C, L) → (N, C·L), row-major. PyTorch: `nn.Flatten`.
///
/// [`Linear`](super::Linear) takes feature maps and signals as they are and does not need it.
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

macro_rules! flattens {
    ($input:ident<T, N, $($axis:ident),+>, as $map:ty) => {
        impl<T: Scalar, const N: usize, $(const $axis: usize),+> Layer<$input<T, N, $($axis),+>> for Flatten
        where
            $map: Flattened,
        {
            type Output = <$map as Flattened>::Output<T, N>;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = 0;

            fn apply(&self, x: &$input<T, N, $($axis),+>, y: &mut Self::Output, (): &mut ()) {
                y.as_mut_slice().copy_from_slice(x.as_slice());
            }
        }

        impl<T: Scalar, const N: usize, $(const $axis: usize),+> Backward<$input<T, N, $($axis),+>> for Flatten
        where
            $map: Flattened,
        {
            type Tape = ();

            fn record(&self, x: &$input<T, N, $($axis),+>, y: &mut Self::Output, (): &mut ()) {
                self.apply(x, y, &mut ());
            }

            fn propagate(
                &self,
                _x: &$input<T, N, $($axis),+>,
                _y: &Self::Output,
                dy: &Self::Output,
                (): &mut (),
                dx: Option<&mut $input<T, N, $($axis),+>>,
                _: &mut Self,
            ) {
                if let Some(dx) = dx {
                    dx.as_mut_slice().copy_from_slice(dy.as_slice());
                }
            }
        }
    };
}

flattens! { Signal<T, N, C, L>, as FeatureSignal<C, L> }
flattens! { Tensor<T, N, C, H, W>, as FeatureMap<C, H, W> }

/// [`Flatten`] as a function, by value. PyTorch: `flatten(x, 1)`.
///
/// ```
/// use constconv::functional::flatten;
/// use constconv::prelude::*;
/// assert_eq!(flatten(&Tensor::<i32, 1, 2, 1, 1>::new([[[[3]], [[4]]]])), Matrix::new([[3, 4]]));
/// assert_eq!(flatten(&Signal::<i32, 1, 2, 1>::new([[[3], [4]]])), Matrix::new([[3, 4]]));
/// ```
#[must_use]
pub fn flatten<X: Feeds<Flatten>>(x: &X) -> X::Output {
    Flatten.forward(x)
}

/// As [`flatten()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::flatten_into;
/// let mut y = Matrix::zeros();
/// flatten_into(&Tensor::new([[[[1, 2]], [[3, 4]]]]), &mut y);
/// assert_eq!(y, Matrix::new([[1, 2, 3, 4]]));
/// ```
pub fn flatten_into<X: Feeds<Flatten>>(x: &X, y: &mut X::Output) {
    Flatten.forward_into(x, y);
}
