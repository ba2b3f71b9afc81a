//! Larger planes of the same cells.

use core::marker::PhantomData;

use super::stateless;
use crate::functional::{upsample_nearest2d_backward_into, upsample_nearest2d_into};
use crate::module::{Backward, Layer, MapOfX};
use crate::shape::Upsample;

/// Each cell becomes a block of SH×SW cells. PyTorch: `nn.UpsamplingNearest2d`, `nn.Upsample(scale_factor)`.
///
/// y\[n, c, i, j\] = x\[n, c, ⌊i/SH⌋, ⌊j/SW⌋\]
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, H·SH, W·SW) |
///
/// `S` is a [`Scale`](crate::shape::Scale); a scale of 0 does not compile. As a function:
/// [`upsample_nearest2d`](crate::functional::upsample_nearest2d).
///
/// ```
/// use constconv::prelude::*;
///
/// let upsample = UpsampleNearest2d::<Scale<1, 3>>::new();
/// let x = Tensor::<i32, 1, 1, 1, 2>::new([[[[1, 2]]]]);
/// let y = upsample.forward(&x);
/// assert_eq!(y, Tensor::new([[[[1, 1, 1, 2, 2, 2]]]]));
///
/// let (dx, _) = upsample.backward(&x, &y);
/// assert_eq!(dx, Tensor::new([[[[3, 6]]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpsampleNearest2d<S>(PhantomData<S>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let y = UpsampleNearest2d::<Scale<2>>::new().forward(&Tensor::new([[[[7]]]]));
    /// assert_eq!(y, Tensor::new([[[[7, 7], [7, 7]]]]));
    /// ```
    UpsampleNearest2d<S>, role: MapOfX
}

impl<S: Default, X: Upsample<S>> Layer<X> for UpsampleNearest2d<S> {
    type Output = X::Output;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &X, y: &mut X::Output, (): &mut ()) {
        upsample_nearest2d_into(x, S::default(), y);
    }
}

impl<S: Default, X: Upsample<S>> Backward<X> for UpsampleNearest2d<S> {
    type Tape = ();

    const ONLY_DX: bool = true;

    fn forward_train_pass(&self, x: &X, y: &mut X::Output, (): &mut ()) {
        self.forward_pass(x, y, &mut ());
    }

    fn backward_pass(&self, _x: &X, _y: &X::Output, dy: &X::Output, (): &mut (), dx: Option<&mut X>, (): &mut ()) {
        if let Some(dx) = dx {
            upsample_nearest2d_backward_into(dy, S::default(), dx);
        }
    }
}
