//! A layer that lies somewhere else.

use crate::module::{Initialize, Layer, Map, Module, OwnOutput, Parameters, Rule, Visitor, VisitorMut};

/// y = L(x) of a layer or model L that is borrowed: weights in flash, which many models can share.
///
/// A model with `&'static L` in it holds a pointer in place of L. L is not trained; for a model that is trained, it
/// stands in [`Frozen`](super::Frozen): body in flash, head in RAM. There is no `BLANK` of it, as nobody can know which
/// L is meant: make the model by its fields.
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
///         body: Frozen<&'static Body>,
///         fc: Linear<f32, 144, 10>,
///     }
/// }
///
/// static BODY: Body = Body::BLANK; // trained elsewhere
/// let mut net = Net { body: Frozen::new(&BODY), fc: Linear::BLANK };
/// assert_eq!(size_of::<Net>(), size_of::<&Body>() + 1_450 * 4);
/// ```
impl<L: Module> Module for &'static L {
    type Gradient = ();
    type Role = Map;

    const BLANK: Self = panic!(
        "a layer behind a reference has no `BLANK`: make the model by its fields, `Net {{ body: Frozen::new(&BODY), .. }}`"
    );
    const PARAMETERS: usize = 0;
    const PARAMETER_BYTES: usize = L::PARAMETER_BYTES;

    fn add(&mut self, (): &()) {}
}

impl<L> OwnOutput for &'static L {}

impl<X, L: Layer<X>> Layer<X> for &'static L {
    type Output = L::Output;
    type Workspace = L::Workspace;

    const MULTIPLY_ADDS: usize = L::MULTIPLY_ADDS;
    const MODULES: usize = 1 + L::MODULES;

    fn forward_pass(&self, x: &X, y: &mut L::Output, workspace: &mut L::Workspace) {
        (**self).forward_pass(x, y, workspace);
    }
}

/// Nothing can be changed.
impl<L: Module> Parameters for &'static L {
    fn visit(&self, _: &mut impl Visitor) {}

    fn visit_mut(&mut self, _: &mut impl VisitorMut) {}

    fn update<const STATES: usize>(&mut self, (): &(), _: [&mut (); STATES], _: &mut impl Rule<STATES>) {}
}

impl<L: Module> Initialize for &'static L {
    fn initialize(&mut self, _: &mut impl FnMut() -> f64) {}
}
