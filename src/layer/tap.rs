//! A layer that runs alone.

use crate::module;
use crate::module::{Backward, Layer, Module};
use crate::tensor::Zeroed;

/// y = L(x), and a model does not join L with its neighbours: its input and its output have places of their own, as if
/// it were called by hand.
///
/// A [`model!`](crate::model!) runs layers together where it can; the outputs are the same to the bit, but for the sign of
/// a zero. With a tap it does not, which costs memory. That is of use to compare the two, to see each layer in a profiler,
/// to have the gradients of a convolution under a max pooling summed over all of its output, and for a depthwise 3×3
/// convolution right before a pooling, or any before an average pooling whose windows overlap, which are faster apart on
/// the vector levels.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Joined: Tensor<f32, 1, 1, 8, 8> => {
///         conv: Conv2d<f32, 1, 4, Kernel<3>>,
///         relu: Relu,
///         pool: MaxPool2d<Kernel<2>>,
///         fc: Linear<f32, 36, 10>,
///     }
/// }
/// model! {
///     Apart: Tensor<f32, 1, 1, 8, 8> => {
///         conv: Conv2d<f32, 1, 4, Kernel<3>>,
///         relu: Tap<Relu>,
///         pool: MaxPool2d<Kernel<2>>,
///         fc: Linear<f32, 36, 10>,
///     }
/// }
/// // The output of the pooling, and two rows of the convolution; or the outputs of conv, relu and pool.
/// assert_eq!(size_of::<Workspace<Joined, Tensor<f32, 1, 1, 8, 8>>>(), (4 * 9 + 4 * 2 * 6) * 4);
/// assert_eq!(size_of::<Workspace<Apart, Tensor<f32, 1, 1, 8, 8>>>(), (4 * 36 + 4 * 36) * 4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tap<L> {
    /// The layer or model L.
    pub body: L,
}

impl<L> Tap<L> {
    /// Makes it from the layer or model.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(Tap::new(Relu).forward(&Vector::new([-1.0, 2.0])), Vector::new([0.0, 2.0]));
    /// ```
    #[must_use]
    pub const fn new(body: L) -> Self {
        Self { body }
    }
}

impl<L: Zeroed> Zeroed for Tap<L> {
    const ZERO: Self = Self { body: L::ZERO };
}

// With the role `Map`.
module! { [L: Module] Tap<L> {
    module body as "": L,
}; gradient: Tap<L::Gradient> }

impl<X, L: Layer<X>> Layer<X> for Tap<L> {
    type Output = L::Output;
    type Workspace = L::Workspace;

    const MULTIPLY_ADDS: usize = L::MULTIPLY_ADDS;
    const MODULES: usize = 1 + L::MODULES;

    fn forward_pass(&self, x: &X, y: &mut L::Output, workspace: &mut L::Workspace) {
        self.body.forward_pass(x, y, workspace);
    }
}

impl<X, L: Backward<X>> Backward<X> for Tap<L> {
    type Tape = L::Tape;

    const GIVES_DX: bool = L::GIVES_DX;
    const ONLY_DX: bool = L::ONLY_DX;

    fn forward_train_pass(&self, x: &X, y: &mut L::Output, tape: &mut L::Tape) {
        self.body.forward_train_pass(x, y, tape);
    }

    fn backward_pass(
        &self,
        x: &X,
        y: &L::Output,
        dy: &L::Output,
        tape: &mut L::Tape,
        dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    ) {
        self.body.backward_pass(x, y, dy, tape, dx, &mut gradient.body);
    }

    fn descend_pass(&mut self, x: &X, y: &L::Output, dy: &L::Output, tape: &mut L::Tape, dx: Option<&mut X>) {
        self.body.descend_pass(x, y, dy, tape, dx);
    }
}
