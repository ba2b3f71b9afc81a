//! The layer that does nothing.

use crate::module::sound::Sound;
use crate::module::{
    Backward, ElementWise, FromTape, Initialize, Layer, Module, Parameters, PerElement, Rule, Visitor, VisitorMut,
};
use crate::named;
use crate::tensor::{Array, Zeroed};

/// y = x. PyTorch: `nn.Identity`.
///
/// x and y are any array. As the way around a [`Residual`](super::Residual), its default, or as another branch it is
/// read where it is: it needs no memory, forward or backward.
///
/// ```
/// use constconv::prelude::*;
/// let x = Vector::new([-1.0, 2.0]);
/// assert_eq!(Identity.forward(&x), x);
/// let (dx, ()) = Identity.backward(&x, &Vector::new([5.0, 7.0]));
/// assert_eq!(dx, Vector::new([5.0, 7.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity;

// Not by `module!`, which says that a layer makes an output of its own.
impl Module for Identity {
    type Gradient = ();
    type Role = PerElement<FromTape>;

    const BLANK: Self = Self;
    const PARAMETERS: usize = 0;
    const PARAMETER_BYTES: usize = 0;

    fn add(&mut self, (): &()) {}
}

impl Sound for Identity {}

named! { [] Identity {} }

impl Zeroed for Identity {
    const ZERO: Self = Self;
}

impl<T> ElementWise<T> for Identity {
    type State = ();

    fn map(&self, _: &mut [T]) {}

    fn slope(&self, _: &[T], _: &mut [T], (): &mut ()) {}
}

impl<X: Array> Layer<X> for Identity {
    type Output = X;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &X, y: &mut X, (): &mut ()) {
        y.as_mut_slice().copy_from_slice(x.as_slice());
    }
}

impl<X: Array> Backward<X> for Identity {
    type Tape = ();

    const ONLY_DX: bool = true;

    fn forward_train_pass(&self, x: &X, y: &mut X, (): &mut ()) {
        self.forward_pass(x, y, &mut ());
    }

    fn backward_pass(&self, _x: &X, _y: &X, dy: &X, (): &mut (), dx: Option<&mut X>, (): &mut ()) {
        if let Some(dx) = dx {
            self.forward_pass(dy, dx, &mut ());
        }
    }
}

impl Parameters for Identity {
    fn visit(&self, _: &mut impl Visitor) {}

    fn visit_mut(&mut self, _: &mut impl VisitorMut) {}

    fn update<const STATES: usize>(&mut self, (): &(), _: [&mut (); STATES], _: &mut impl Rule<STATES>) {}
}

impl Initialize for Identity {
    fn initialize(&mut self, _: &mut impl FnMut() -> f64) {}
}
