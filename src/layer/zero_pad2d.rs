//! Zeros around planes.

use core::marker::PhantomData;

use super::stateless;
use crate::functional::{crop2d_into, zero_pad2d_into};
use crate::module::{Backward, Layer, MapOfX};
use crate::shape::{Crop, Pad};

/// Zeros around each plane. PyTorch: `nn.ZeroPad2d`, whose four numbers come in another order.
///
/// y\[n, c, TOP + i, LEFT + j\] = x\[n, c, i, j\], all other cells are 0.
///
/// | | shape |
/// |---|---|
/// | x | (N, C, H, W) |
/// | y | (N, C, TOP + H + BOTTOM, LEFT + W + RIGHT) |
///
/// `P` is a [`Padding`](crate::shape::Padding), the same on opposite sides, or [`Sides`](crate::shape::Sides). Before a
/// max pooling it makes padding take part as zeros. As a function: [`zero_pad2d`](crate::functional::zero_pad2d).
///
/// It does not compile where a padded axis is not in the table of [`Known`](crate::shape::Known) lengths.
///
/// ```
/// use constconv::prelude::*;
///
/// let pad = ZeroPad2d::<Sides<0, 1, 2, 0>>::new();
/// let y = pad.forward(&Tensor::<i32, 1, 1, 1, 2>::new([[[[1, 2]]]]));
/// assert_eq!(y, Tensor::new([[[[0, 0, 1, 2], [0, 0, 0, 0]]]]));
///
/// let (dx, _) = pad.backward(&Tensor::zeros(), &Tensor::new([[[[1, 2, 3, 4], [5, 6, 7, 8]]]]));
/// assert_eq!(dx, Tensor::<i32, 1, 1, 1, 2>::new([[[[3, 4]]]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroPad2d<P>(PhantomData<P>);

stateless! {
    /// ```
    /// use constconv::prelude::*;
    /// let y = ZeroPad2d::<Padding<0, 1>>::new().forward(&Tensor::new([[[[7]]]]));
    /// assert_eq!(y, Tensor::new([[[[0, 7, 0]]]]));
    /// ```
    ZeroPad2d<P>, role: MapOfX
}

impl<P: Default, X: Pad<P>> Layer<X> for ZeroPad2d<P> {
    type Output = X::Output;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &X, y: &mut X::Output, (): &mut ()) {
        zero_pad2d_into(x, P::default(), y);
    }
}

impl<P: Default, X: Pad<P, Output: Crop<P, Output = X>>> Backward<X> for ZeroPad2d<P> {
    type Tape = ();

    const ONLY_DX: bool = true;

    fn forward_train_pass(&self, x: &X, y: &mut X::Output, (): &mut ()) {
        self.forward_pass(x, y, &mut ());
    }

    fn backward_pass(&self, _x: &X, _y: &X::Output, dy: &X::Output, (): &mut (), dx: Option<&mut X>, (): &mut ()) {
        if let Some(dx) = dx {
            crop2d_into(dy, P::default(), dx);
        }
    }
}
