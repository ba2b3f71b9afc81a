//! The layers of a model, each by itself, forward and backward.
//!
//! [`Profile::visit`] walks over the types of the layers, so it takes any model as it is. It goes into models within the
//! model; a layer that holds others by other means, such as `Residual`, is one row, and its parts can be visited after
//! it. In a model layers run together, so the whole takes less time than the rows together.

use std::hint::black_box;

use constconv::model::Model;
use constconv::module::role::Nest;
use constconv::module::{
    Backward, ByRows, Cons, End, Layer, List, Map, MapOfX, MaxPooling, Module, Nested, PerChannel, PerElement, Pooling,
    Shared, SlopeFrom,
};
use constconv::prelude::*;

use super::{fastest, values};

/// The times of a layer.
pub struct Row {
    /// Its name, after those of the models that it is in: `block1.conv`.
    pub name: String,
    /// Multiply-adds of the forward pass.
    pub macs: usize,
    /// Of the backward pass: twice as many, and as many where no dx is asked for.
    pub backward_macs: usize,
    /// Seconds of the forward pass in inference.
    pub forward: f64,
    /// Seconds of the backward pass: the gradient, and dx but for the first layer.
    pub backward: f64,
}

/// A profile that is made in rounds: each round visits the same layers, and the fastest counts.
#[derive(Default)]
pub struct Profile {
    /// A row for each layer, in order.
    pub rows: Vec<Row>,
    /// The output of the layer that was visited last.
    pub output: Vec<f32>,
    seconds: f64,
    next: usize,
    path: String,
}

impl Profile {
    /// Begins a round, which measures for about `seconds` in each direction of each layer.
    pub fn round(&mut self, seconds: f64) {
        (self.seconds, self.next) = (seconds, 0);
    }

    /// Measures the layers of a model, or a layer of one by the name `name`.
    pub fn visit<A: Module + 'static, X: Walk<Cons<A, End>>>(&mut self, name: &str, layer: &A, x: &X) {
        x.walk((layer, ()), &[name], self);
    }

    fn measure<A: Backward<X, Output: Array<Scalar = f32>>, X: Array<Scalar = f32>>(
        &mut self,
        name: &str,
        layer: &A,
        x: &X,
        y: &mut A::Output,
    ) {
        let mut workspace = Zeroed::boxed_zeros();
        let forward = fastest(self.seconds, || layer.forward_pass(black_box(x), black_box(y), &mut workspace));

        let (mut dy, mut dx) = (A::Output::boxed_zeros(), X::boxed_zeros());
        let (mut tape, mut gradient) = (Zeroed::boxed_zeros(), Zeroed::boxed_zeros());
        dy.as_mut_slice().copy_from_slice(&values(A::Output::LEN, 1));
        layer.forward_train_pass(x, y, &mut tape);
        let first = self.next == 0;
        let backward = fastest(self.seconds, || {
            let dx = (!first).then_some(black_box(&mut *dx));
            layer.backward_pass(black_box(x), y, black_box(&dy), &mut tape, dx, &mut gradient);
        });

        if self.next == self.rows.len() {
            let name = [&self.path, name].concat();
            let (forward, backward) = (f64::INFINITY, f64::INFINITY);
            let (macs, backward_macs) = (A::MULTIPLY_ADDS, A::MULTIPLY_ADDS * if first { 1 } else { 2 });
            self.rows.push(Row { name, macs, backward_macs, forward, backward });
        }
        let row = &mut self.rows[self.next];
        (row.forward, row.backward) = (row.forward.min(forward), row.backward.min(backward));
        self.next += 1;
    }
}

/// An input of the layers `L`.
pub trait Walk<L: List>: Array<Scalar = f32> {
    fn walk(&self, layers: L::Borrows<'_, Shared>, names: &[&str], profile: &mut Profile);
}

impl<X: Array<Scalar = f32>> Walk<End> for X {
    fn walk(&self, (): (), _names: &[&str], profile: &mut Profile) {
        profile.output = self.as_slice().to_vec();
    }
}

impl<X, A, R> Walk<Cons<A, R>> for X
where
    X: Array<Scalar = f32>,
    A: Layer<X, Output: Walk<R>> + Module<Role: Rows<A, X>> + 'static,
    R: List,
{
    fn walk(&self, (layer, rest): (&A, R::Borrows<'_, Shared>), names: &[&str], profile: &mut Profile) {
        let mut y = A::Output::boxed_zeros();
        A::Role::rows(layer, names[0], self, &mut y, profile);
        y.walk(rest, &names[1..], profile);
    }
}

/// What is measured of a layer `A`, by its role.
pub trait Rows<A: Layer<X>, X> {
    /// Adds to the profile, and overwrites y.
    fn rows(layer: &A, name: &str, x: &X, y: &mut A::Output, profile: &mut Profile);
}

/// Itself.
macro_rules! itself {
    ($($role:ident $(<$from:ident: $bound:ident>)?)*) => { $(
        impl<A, X, $($from: $bound)?> Rows<A, X> for $role $(<$from>)?
        where
            A: Backward<X, Output: Array<Scalar = f32>>,
            X: Array<Scalar = f32>,
        {
            fn rows(layer: &A, name: &str, x: &X, y: &mut A::Output, profile: &mut Profile) {
                profile.measure(name, layer, x, y);
            }
        }
    )* };
}

itself! { Map MapOfX PerElement<F: SlopeFrom> PerChannel ByRows Pooling MaxPooling }

/// The layers of a model.
impl<A: Model + Layer<X>, X: Walk<<A as Nested>::Layers>> Rows<A, X> for Nest {
    fn rows(model: &A, name: &str, x: &X, y: &mut A::Output, profile: &mut Profile) {
        let around = profile.path.len();
        if !name.is_empty() {
            profile.path += name;
            profile.path += ".";
        }
        x.walk(model.layers(), A::NAMES, profile);
        profile.path.truncate(around);
        model.forward_pass(x, y, &mut Zeroed::boxed_zeros());
    }
}
