//! A layer that is not trained.

use crate::module::place::{GivesDx, OnlyFirst, Place};
use crate::module::sound::{Composite, Sound};
use crate::module::{
    Backward, Initialize, Layer, Map, Module, Named, OwnOutput, Parameters, Rule, Trains, Visitor, VisitorMut,
};
use crate::named;

/// y = L(x), and L is not trained. PyTorch: `requires_grad_(False)` and `eval()`.
///
/// L is any layer or model, or a `&'static` of one, which leaves its weights in flash. In training it runs as in inference: [`BatchNorm2d`](super::BatchNorm2d) with its running
/// statistics, [`Dropout`](super::Dropout) not at all. It has no gradient, the type `()`, and optimizers keep no state
/// for it; the tape is the working memory of inference. The backward pass ends at the layer after it.
///
/// Frozen layers come first in a model; several of them are one `Frozen` model. [`model!`](crate::model!) refuses them
/// after another layer. They give no dx: a backward pass that asks for it does not compile, so the model is trained
/// with [`backward_parameters`](Module::backward_parameters). As any layer, `L` is initialised with the model;
/// trained parameters are set afterwards.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Body: Tensor<f32, 1, 1, 8, 8> => {
///         conv: Conv2d<f32, 1, 4, Kernel<3>>,
///         relu: Relu,
///     }
/// }
/// model! {
///     Net: Tensor<f32, 1, 1, 8, 8> => {
///         body: Frozen<Body>,
///         fc: Linear<f32, 144, 10>,
///     }
/// }
///
/// let mut net = Net::BLANK;
/// net.body = Frozen::new(Body::BLANK); // a trained one
/// assert_eq!(Net::PARAMETERS, 1450); // of `fc`
///
/// let x = Tensor::<f32, 1, 1, 8, 8>::full(1.0);
/// let (mut y, mut tape, mut gradient) = (Matrix::zeros(), Zeroed::ZERO, Gradient::<Net>::ZERO);
/// net.forward_train(&x, &mut y, &mut tape);
/// net.backward_parameters(&x, &y, &Matrix::full(1.0), &mut tape, &mut gradient);
/// assert_eq!(gradient.body, ());
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "a `Frozen` layer gives no dx"
/// let layer = Frozen::new(Relu);
/// let (dx, ()) = layer.backward(&Vector::new([1.0]), &Vector::new([1.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frozen<L> {
    /// The layer or model L.
    pub body: L,
}

impl<L> Frozen<L> {
    /// Makes it from the layer or model that is not trained.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let frozen = Frozen::new(Linear::<f32, 2, 1>::new(Matrix::new([[10.0, 1.0]]), Vector::zeros()));
    /// assert_eq!(frozen.forward(&Matrix::new([[2.0, 3.0]])), Matrix::new([[23.0]]));
    /// assert_eq!(Frozen::<Linear<f32, 2, 1>>::PARAMETERS, 0);
    /// ```
    #[must_use]
    pub const fn new(body: L) -> Self {
        Self { body }
    }
}

/// In place of the methods of [`Module`], so that `cargo check` refuses them. Through the trait, as in a function that is
/// generic over modules, `cargo build` does.
#[doc(hidden)]
impl<L: Module> Frozen<L> {
    pub fn backward_into<X: Trains<Self>>(
        &self,
        _x: &X,
        _y: &X::Output,
        _dy: &X::Output,
        _tape: &mut X::Tape,
        _dx: &mut X,
        (): &mut (),
    ) where
        Self: GivesDx,
    {
        unreachable!("there is no such layer")
    }

    pub fn backward<X: Trains<Self>>(&self, _x: &X, _dy: &X::Output) -> (X, ())
    where
        Self: GivesDx,
    {
        unreachable!("there is no such layer")
    }
}

impl<L: Module> Module for Frozen<L> {
    type Gradient = ();
    type Role = Map;

    const BLANK: Self = Self::new(L::BLANK);
    const PARAMETERS: usize = 0;
    const PARAMETER_BYTES: usize = L::PARAMETER_BYTES;

    fn add(&mut self, (): &()) {}
}

impl<L> OwnOutput for Frozen<L> {}

impl<L: Sound> Sound for Frozen<L> {}

impl<L: Composite> Composite for Frozen<L> {}

impl<X, L: Layer<X>> Layer<X> for Frozen<L> {
    type Output = L::Output;
    type Workspace = L::Workspace;

    const MULTIPLY_ADDS: usize = L::MULTIPLY_ADDS;
    const MODULES: usize = 1 + L::MODULES;

    fn forward_pass(&self, x: &X, y: &mut L::Output, workspace: &mut L::Workspace) {
        self.body.forward_pass(x, y, workspace);
    }
}

impl<X, L: Layer<X>> Backward<X> for Frozen<L> {
    /// Nothing is kept: the working memory of inference.
    type Tape = L::Workspace;

    const GIVES_DX: bool = false;
    const ONLY_DX: bool = true;

    fn forward_train_pass(&self, x: &X, y: &mut L::Output, workspace: &mut L::Workspace) {
        self.body.forward_pass(x, y, workspace);
    }

    fn backward_pass(
        &self,
        _x: &X,
        _y: &L::Output,
        _dy: &L::Output,
        _: &mut L::Workspace,
        dx: Option<&mut X>,
        (): &mut (),
    ) {
        assert!(dx.is_none(), "a frozen layer gives no dx");
    }
}

impl<L: Module> Parameters for Frozen<L> {
    fn visit(&self, _: &mut impl Visitor) {}

    fn visit_mut(&mut self, _: &mut impl VisitorMut) {}

    fn update<const STATES: usize>(&mut self, (): &(), _: [&mut (); STATES], _: &mut impl Rule<STATES>) {}
}

named! { [L: Named] Frozen<L> { body as "": L } }

impl<L: Initialize> Initialize for Frozen<L> {
    fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
        self.body.initialize(uniform);
    }
}

impl<L> Place<Frozen<L>> {
    /// The first one.
    #[must_use]
    pub const fn place(self) -> OnlyFirst {
        OnlyFirst
    }
}
