//! Feature maps and signals as rows of features.

use crate::functional::{flatten_backward_into, flatten_into};
use crate::module;
use crate::module::{Backward, Layer, MapOfX};
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

module! { [] Flatten {}; role: MapOfX }

impl<X: ToRows> Layer<X> for Flatten {
    type Output = X::Rows;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &X, y: &mut X::Rows, (): &mut ()) {
        flatten_into(x, y);
    }
}

impl<X: ToRows> Backward<X> for Flatten {
    type Tape = ();

    const ONLY_DX: bool = true;

    fn forward_train_pass(&self, x: &X, y: &mut X::Rows, (): &mut ()) {
        flatten_into(x, y);
    }

    fn backward_pass(&self, _x: &X, _y: &X::Rows, dy: &X::Rows, (): &mut (), dx: Option<&mut X>, (): &mut ()) {
        if let Some(dx) = dx {
            flatten_backward_into(dy, dx);
        }
    }
}
