//! A convolution on several threads.

use crate::functional::{Convolves, convolve, convolve_backward, convolve_descend, convolve_parallel};
use crate::module;
use crate::module::{Backward, Layer, MapOfX, Module};
use crate::tensor::{Array, Zeroed};

/// y = L(x) for a convolution L, on several threads in inference, to the same bits. L is a [`Conv2d`](super::Conv2d) or a
/// [`Conv1d`](super::Conv1d).
///
/// It is for large convolutions of one image: with the feature `parallel`, the calling thread and those of the current
/// `rayon` pool share its rows or filters, or the images if there are several. A convolution of less than two million
/// multiply-adds stays on one thread, and so does training. Without the feature it is L. A batch is better divided as a
/// whole: [`forward_parts`](crate::model::forward_parts).
///
/// It does not compile around another layer.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Net: Tensor<f32, 1, 3, 32, 32> => {
///         conv1: Conv2d<f32, 3, 32, Kernel<3>, Stride<1>, Padding<1>>,
///         relu1: Relu,
///         conv2: Parallel<Conv2d<f32, 32, 32, Kernel<3>, Stride<1>, Padding<1>>>,
///         relu2: Relu,
///     }
/// }
/// let mut net = Net::BLANK;
/// net.conv2.body.weight.fill(0.25);
/// let x = Tensor::<f32, 1, 32, 32, 32>::full(1.0);
/// assert_eq!(net.conv2.forward(&x), net.conv2.body.forward(&x));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "`Relu` is not a convolution"
/// let y = Parallel::<Relu>::BLANK.forward(&Tensor::<f32, 1, 8, 14, 14>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parallel<L> {
    /// The convolution L.
    pub body: L,
}

impl<L> Parallel<L> {
    /// Makes it from the convolution.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let conv = Conv2d::<f32, 1, 1, Kernel<3>>::new(Tensor::full(1.0), Vector::zeros());
    /// assert_eq!(Parallel::new(conv).forward(&Tensor::<f32, 1, 1, 4, 4>::full(1.0)), Tensor::full(9.0));
    /// ```
    #[must_use]
    pub const fn new(body: L) -> Self {
        Self { body }
    }
}

impl<L: Zeroed> Zeroed for Parallel<L> {
    const ZERO: Self = Self { body: L::ZERO };
}

module! { [L: Module] Parallel<L> {
    module body: L,
}; gradient: Parallel<L::Gradient>; role: MapOfX }

impl<X: Array, L: Convolves<X, Scalar = X::Scalar> + Module> Layer<X> for Parallel<L> {
    type Output = <L as Convolves<X>>::Output;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = L::GEOMETRY.macs();

    fn forward_pass(&self, x: &X, y: &mut Self::Output, (): &mut ()) {
        convolve_parallel(&self.body, x, y);
    }
}

impl<X: Array, L: Convolves<X, Scalar = X::Scalar> + Module<Gradient = L>> Backward<X> for Parallel<L> {
    type Tape = ();

    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, (): &mut ()) {
        convolve(&self.body, x, y);
    }

    fn backward_pass(
        &self,
        x: &X,
        _y: &Self::Output,
        dy: &Self::Output,
        (): &mut (),
        dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    ) {
        convolve_backward(&self.body, x, dy, dx, &mut gradient.body);
    }

    fn descend_pass(&mut self, x: &X, _y: &Self::Output, dy: &Self::Output, (): &mut (), dx: Option<&mut X>) {
        convolve_descend(&mut self.body, x, dy, dx);
    }
}
