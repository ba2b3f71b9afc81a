//! A forward pass in pieces, with something else between.

use super::Accepted;
use crate::module::Nested;

/// A forward pass of a model that runs in steps, so that a program can do something else between two of them: answer an
/// interrupt's flag, feed a watchdog, let other tasks run (`yield_now().await`).
///
/// A step is a layer, or the few layers that run together: a convolution, its activation and the pooling after it. What
/// was computed so far lies in the workspace, which is borrowed as long as the pass is not over. The outputs are those
/// of [`forward_with`](crate::module::Module::forward_with), to the bit.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Net: Tensor<f32, 1, 1, 8, 8> => {
///         conv: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
///         relu1: Relu,
///         pool: MaxPool2d<Kernel<2>>,
///         fc1: Linear<f32, 128, 32>,
///         relu2: Relu,
///         fc2: Linear<f32, 32, 10>,
///     }
/// }
///
/// let (net, x) = (Net::BLANK, Tensor::<f32, 1, 1, 8, 8>::full(1.0));
/// let (mut y, mut workspace) = (Matrix::zeros(), Zeroed::ZERO);
/// let mut steps = net.steps(&x, &mut y, &mut workspace);
/// assert_eq!(steps.len(), 3); // conv to pool, fc1 with its ReLU, fc2
/// while steps.step() {
///     // other work
/// }
/// assert_eq!(y, net.forward(&x));
/// ```
#[derive(Debug)]
#[must_use = "nothing runs but in `step`"]
pub struct Steps<'a, M: Nested, X: Accepted<M::Layers>> {
    model: &'a M,
    x: &'a X,
    y: &'a mut X::Output,
    workspace: &'a mut X::Workspace,
    next: usize,
}

impl<M: Nested, X: Accepted<M::Layers>> Steps<'_, M, X> {
    /// Runs the next step. Returns false when there is nothing more to do, and y is the output.
    ///
    /// A model of elements that are not primitive numbers (those of the crate `fixed`) runs in one step.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let (x, mut y, mut workspace) = (Vector::new([-1.0, 2.0]), Vector::zeros(), Zeroed::ZERO);
    /// let mut steps = (Relu, Softplus).steps(&x, &mut y, &mut workspace);
    /// assert!(!steps.step());
    /// ```
    pub fn step(&mut self) -> bool {
        let Self { model, x, y, workspace, next } = self;
        if *next < X::STEPS {
            let is_done = x.infer_at(*next, model.layers(), y, workspace);
            *next += 1;
            if !is_done {
                x.infer(model.layers(), y, workspace);
                *next = X::STEPS;
            }
        }
        *next < X::STEPS
    }

    /// How many steps are left.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let (x, mut y, mut workspace) = (Vector::new([-1.0, 2.0]), Vector::zeros(), Zeroed::ZERO);
    /// let mut steps = (Relu, Sigmoid).steps(&x, &mut y, &mut workspace);
    /// assert_eq!(steps.len(), 1); // the sigmoid works where the ReLU does
    /// steps.step();
    /// assert!(steps.is_empty());
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        X::STEPS - self.next
    }

    /// Whether the pass is over.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let (mut y, mut workspace) = (Vector::zeros(), Zeroed::ZERO);
    /// assert!(!(Relu,).steps(&Vector::new([-1.0, 2.0]), &mut y, &mut workspace).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Models, and tuples of layers, run in steps.
///
/// ```
/// use constconv::prelude::*;
/// let (mut y, mut workspace) = (Vector::zeros(), Zeroed::ZERO);
/// (Relu,).steps(&Vector::new([-1.0, 2.0]), &mut y, &mut workspace).step();
/// assert_eq!(y, Vector::new([0.0, 2.0]));
/// ```
pub trait InSteps: Nested {
    /// A forward pass in steps, none of which has run. See [`Steps`].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let (x, mut y, mut workspace) = (Vector::new([-1.0, 2.0]), Vector::zeros(), Zeroed::ZERO);
    /// let steps = (Relu,).steps(&x, &mut y, &mut workspace);
    /// assert_eq!(steps.len(), 1);
    /// ```
    fn steps<'a, X: Accepted<Self::Layers>>(
        &'a self,
        x: &'a X,
        y: &'a mut X::Output,
        workspace: &'a mut X::Workspace,
    ) -> Steps<'a, Self, X> {
        Steps { model: self, x, y, workspace, next: 0 }
    }
}

impl<M: Nested> InSteps for M {}
