//! Feature maps and signals as rows of features.

use super::{Backward, Layer, without_parameters};
use crate::functional::{flatten_backward_into, flatten_into};
use crate::shape::ToRows;

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

impl<X: ToRows> Layer<X> for Flatten {
    type Output = X::Rows;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn apply(&self, x: &X, y: &mut X::Rows, (): &mut ()) {
        flatten_into(x, y);
    }
}

impl<X: ToRows> Backward<X> for Flatten {
    type Tape = ();

    fn record(&self, x: &X, y: &mut X::Rows, (): &mut ()) {
        flatten_into(x, y);
    }

    fn propagate(&self, _x: &X, _y: &X::Rows, dy: &X::Rows, (): &mut (), dx: Option<&mut X>, _: &mut Self) {
        if let Some(dx) = dx {
            flatten_backward_into(dy, dx);
        }
    }
}
