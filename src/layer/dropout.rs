//! Dropout.

use crate::functional::dropout_of_pass;
use crate::module;
use crate::module::{Backward, ElementWise, FromTape, Initialize, Layer, Module, PerElement};
use crate::tensor::{Array, Real, Vector};

/// In training y = x · m for each number, where m is 0 with probability p, else 1/(1 − p); otherwise y = x. PyTorch:
/// `nn.Dropout`.
///
/// Accepts every array of real numbers; y has the shape of x. dx = dy · m. [`forward`](Module::forward) and its
/// siblings are evaluation, [`forward_train`](Module::forward_train) is training.
///
/// The mask takes no memory: it is computed from the seed and from the number of the pass, which the tape counts. So
/// keep the tape from step to step; a new one begins with the first mask again, and parts of a batch, which have a tape
/// each, are masked alike. [`Initialize`] draws a seed from the
/// random source of the model, for each layer its own. [`BLANK`](Module::BLANK) and the default have PyTorch's p, 0.5,
/// and the seed 0. The gradient is `()`.
///
/// ```
/// use constconv::prelude::*;
///
/// let layer = Dropout { p: 0.25, seed: 1 };
/// let x = Vector::<f32, 1000>::full(3.0);
/// assert_eq!(layer.forward(&x), x);
///
/// let (mut y, mut dx, mut tape) = (Vector::zeros(), Vector::zeros(), Zeroed::ZERO);
/// layer.forward_train(&x, &mut y, &mut tape);
/// assert!(y.iter().all(|y| *y == 0.0 || *y == 4.0));
/// layer.backward_into(&x, &y, &x, &mut tape, &mut dx, &mut ());
/// assert_eq!(dx, y); // the same mask
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// The part that is dropped, from 0 to 1.
    pub p: f32,
    /// What the masks are computed from.
    pub seed: u32,
}

impl Dropout {
    /// With the part that is dropped, from 0 to 1.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let layer = Dropout::new(0.5);
    /// let x = Vector::<f32, 8>::full(1.0);
    /// assert_eq!(layer.forward(&x), x); // in evaluation nothing is dropped
    /// ```
    ///
    /// # Panics
    /// If `p` does not lie between 0 and 1; in a constant this is an error of the compiler.
    #[must_use]
    pub const fn new(p: f32) -> Self {
        assert!(p >= 0.0 && p <= 1.0, "the part that dropout drops lies between 0 and 1");
        Self { p, seed: 0 }
    }
}

impl Default for Dropout {
    fn default() -> Self {
        Self::BLANK
    }
}

module! { [] Dropout, of f32 {
    constant p: f32 = 0.5,
    constant seed: u32 = 0,
}; initialize: by hand; role: PerElement<FromTape> }

impl<T: Real> ElementWise<T> for Dropout {
    /// How many passes there were.
    type State = Vector<u64, 1>;

    fn map(&self, _: &mut [T]) {}

    fn map_train(&self, y: &mut [T], passes: &mut Self::State) {
        passes.apply(|pass| pass.wrapping_add(1));
        dropout_of_pass(self.p.into(), self.seed.into(), passes[[0]], y);
    }

    fn slope(&self, _: &[T], dy: &mut [T], passes: &mut Self::State) {
        dropout_of_pass(self.p.into(), self.seed.into(), passes[[0]], dy);
    }
}

impl<X: Array<Scalar: Real>> Layer<X> for Dropout {
    type Output = X;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &X, y: &mut X, (): &mut ()) {
        y.as_mut_slice().copy_from_slice(x.as_slice());
    }
}

impl<X: Array<Scalar: Real>> Backward<X> for Dropout {
    /// How many passes there were.
    type Tape = Vector<u64, 1>;

    const ONLY_DX: bool = true;

    fn forward_train_pass(&self, x: &X, y: &mut X, passes: &mut Self::Tape) {
        y.as_mut_slice().copy_from_slice(x.as_slice());
        self.map_train(y.as_mut_slice(), passes);
    }

    fn backward_pass(&self, _x: &X, _y: &X, dy: &X, passes: &mut Self::Tape, dx: Option<&mut X>, (): &mut ()) {
        if let Some(dx) = dx {
            dx.as_mut_slice().copy_from_slice(dy.as_slice());
            self.slope(&[], dx.as_mut_slice(), passes);
        }
    }
}

impl Initialize for Dropout {
    /// Draws one number from the source, for the seed.
    fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
        self.seed = (uniform() * (1_u64 << 32) as f64) as u32;
    }
}
