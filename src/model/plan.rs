//! The layers of a model as they are written, seen from an input: what [`model!`](crate::model!) asks for. Only here the
//! lists of groups are known; bounds on them in the macro would have the compiler search for an unknown input.

use core::any::Any;

use super::chain::{Sequence, TrainSequence};
use super::fuse::{Fuse, Inference, Ordered, Training};
use super::memory::{ModelTape, ModelWorkspace};
use super::summary::{Costs, GroupCosts, LayerFootprint};
use crate::module::{Back, Cons, End, Layer, List, Module, Shared};
use crate::tensor::{Array, Storage};

/// The groups of the layers `L` for `U`.
type Groups<L, U> = <L as Fuse<U>>::Ordered;

/// An input of the layers `L` of a model.
///
/// ```
/// use constconv::model::Accepted;
/// use constconv::module::Nested;
/// use constconv::prelude::*;
/// model! {
///     Net: Tensor<f32, 1, 1, 4, 4> => {
///         flatten: Flatten,
///         fc: Linear<f32, 16, 10>,
///     }
/// }
/// fn macs<X: Accepted<M::Layers>, M: Nested>() -> usize {
///     X::MULTIPLY_ADDS
/// }
/// assert_eq!(macs::<Tensor<f32, 2, 1, 4, 4>, Net>(), 320);
/// ```
#[diagnostic::on_unimplemented(message = "the layers of a model do not accept `{Self}`")]
pub trait Accepted<L: List>: Array {
    /// The output of the last layer.
    type Output: Array;
    /// The working memory of inference.
    type Workspace: Storage;

    /// Multiply-adds of one forward pass.
    const MULTIPLY_ADDS: usize;

    /// [`Layer::MODULES`] of all layers.
    #[doc(hidden)]
    const MODULES: usize;

    /// What each group costs.
    #[doc(hidden)]
    const GROUPS: GroupCosts;

    /// The number of groups, which run one after the other.
    #[doc(hidden)]
    const STEPS: usize;

    #[doc(hidden)]
    fn infer(&self, layers: L::Borrows<'_, Shared>, y: &mut Self::Output, workspace: &mut Self::Workspace);

    /// The group with this index; false if that cannot be done.
    #[doc(hidden)]
    fn infer_at(
        &self,
        at: usize,
        layers: L::Borrows<'_, Shared>,
        y: &mut Self::Output,
        workspace: &mut Self::Workspace,
    ) -> bool;
}

/// An input that flows through the layers as they are written, one by one. It is asked first, so that a layer that does
/// not fit is what the compiler speaks of, and not a group.
#[doc(hidden)]
pub trait Flow<L: List>: Array {
    /// `S`. What is asked of the groups hangs on it: nothing, if a layer does not fit.
    type Same<S: Array>: Array;

    /// What each layer costs.
    const COSTS: Option<&'static Costs>;
}

impl<X: Array> Flow<End> for X {
    type Same<S: Array> = S;

    const COSTS: Option<&'static Costs> = None;
}

impl<X: Array, A: Layer<X, Output: Flow<R>> + 'static, R: List> Flow<Cons<A, R>> for X {
    type Same<S: Array> = <A::Output as Flow<R>>::Same<S>;

    const COSTS: Option<&'static Costs> = Some(&Costs {
        layer: LayerFootprint {
            name: "",
            kind: "",
            output_shape: <A::Output as Array>::SHAPE,
            macs: A::MULTIPLY_ADDS,
            parameters: A::PARAMETERS,
            parameter_bytes: A::PARAMETER_BYTES,
            output_bytes: size_of::<A::Output>(),
            ram: 0,
        },
        next: <A::Output as Flow<R>>::COSTS,
    });
}

/// A list of layers, each with the number of layers that it stands for: those of a model within.
#[doc(hidden)]
pub trait Counted: List {
    const COUNTS: Option<&'static Counts>;
}

/// The number of layers that a layer stands for, and those of the layers after it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Counts {
    pub(super) layers: usize,
    pub(super) next: Option<&'static Self>,
}

impl Counted for End {
    const COUNTS: Option<&'static Counts> = None;
}

impl<A: Module + 'static, R: Counted> Counted for Cons<A, R>
where
    Cons<A, End>: Fuse<Inference>,
{
    const COUNTS: Option<&'static Counts> =
        Some(&Counts { layers: <<Cons<A, End> as Fuse<Inference>>::Ordered as Ordered>::LAYERS, next: R::COUNTS });
}

/// X, if it flows through the layers `L`.
type Same<X, L> = <X as Flow<L>>::Same<X>;

/// `x`, as what it is. `Y` is `X`, which the compiler knows only where it knows both; a function of each layer that says so
/// takes a tenth of the time of building a model.
#[inline(always)]
fn same<X: 'static, Y: 'static>(x: &X) -> &Y {
    (x as &dyn Any).downcast_ref().expect("`Flow::Same` is the identity")
}

/// The same of `&mut`.
#[inline(always)]
fn same_mut<X: 'static, Y: 'static>(x: &mut X) -> &mut Y {
    (x as &mut dyn Any).downcast_mut().expect("`Flow::Same` is the identity")
}

impl<X: Flow<L>, L: Fuse<Inference>> Accepted<L> for X
where
    Same<X, L>: Sequence<Groups<L, Inference>>,
{
    type Output = <Same<X, L> as Sequence<Groups<L, Inference>>>::Output;
    type Workspace = ModelWorkspace<
        <Same<X, L> as Sequence<Groups<L, Inference>>>::Front,
        <Same<X, L> as Sequence<Groups<L, Inference>>>::Back,
        <Same<X, L> as Sequence<Groups<L, Inference>>>::Inner,
    >;

    const MULTIPLY_ADDS: usize = <Same<X, L> as Sequence<Groups<L, Inference>>>::MULTIPLY_ADDS;
    const MODULES: usize = <Same<X, L> as Sequence<Groups<L, Inference>>>::MODULES;
    const GROUPS: GroupCosts = <Same<X, L> as Sequence<Groups<L, Inference>>>::COSTS;
    const STEPS: usize = <Groups<L, Inference> as Ordered>::GROUPS;

    fn infer(
        &self,
        layers: L::Borrows<'_, Shared>,
        y: &mut Self::Output,
        ModelWorkspace { front, back, inner }: &mut Self::Workspace,
    ) {
        same::<X, Same<X, L>>(self).start(L::fuse::<Shared>(layers), y, front, back, inner);
    }

    fn infer_at(
        &self,
        at: usize,
        layers: L::Borrows<'_, Shared>,
        y: &mut Self::Output,
        ModelWorkspace { front, back, inner }: &mut Self::Workspace,
    ) -> bool {
        same::<X, Same<X, L>>(self).start_at(at, L::fuse::<Shared>(layers), y, front, back, inner)
    }
}

/// An input on which the layers `L` of a model can be trained.
///
/// ```
/// use constconv::model::Trained;
/// use constconv::module::Nested;
/// use constconv::prelude::*;
/// model! {
///     Net: Vector<f32, 8> => {
///         relu: Relu,
///         tanh: Tanh,
///     }
/// }
/// fn gives_dx<X: Trained<M::Layers>, M: Nested>() -> bool {
///     X::GIVES_DX
/// }
/// assert!(gives_dx::<Vector<f32, 3>, Net>());
/// ```
#[diagnostic::on_unimplemented(message = "the layers of a model cannot be trained on `{Self}`")]
pub trait Trained<L: List>: Accepted<L> {
    /// What a forward pass keeps for the backward pass.
    type Tape: Storage;

    /// [`Backward::GIVES_DX`](crate::module::Backward::GIVES_DX) of the first layer.
    const GIVES_DX: bool;

    /// [`Backward::ONLY_DX`](crate::module::Backward::ONLY_DX) of all layers.
    const ONLY_DX: bool;

    #[doc(hidden)]
    fn record(&self, layers: L::Borrows<'_, Shared>, y: &mut Self::Output, tape: &mut Self::Tape);

    #[doc(hidden)]
    fn back<M: Back>(
        &self,
        layers: L::Borrows<'_, M>,
        y: &Self::Output,
        dy: &Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut Self>,
    );
}

impl<X, L> Trained<L> for X
where
    L: Fuse<Training>,
    X: Accepted<L> + Flow<L>,
    Same<X, L>: TrainSequence<Groups<L, Training>, Output = <X as Accepted<L>>::Output>,
{
    type Tape = ModelTape<
        <Same<X, L> as TrainSequence<Groups<L, Training>>>::Record,
        <Same<X, L> as Sequence<Groups<L, Training>>>::Front,
        <Same<X, L> as Sequence<Groups<L, Training>>>::Back,
    >;

    const GIVES_DX: bool = <Same<X, L> as TrainSequence<Groups<L, Training>>>::GIVES_DX;
    const ONLY_DX: bool = <Same<X, L> as TrainSequence<Groups<L, Training>>>::ONLY_DX;

    fn record(&self, layers: L::Borrows<'_, Shared>, y: &mut <X as Accepted<L>>::Output, tape: &mut Self::Tape) {
        TrainSequence::<Groups<L, Training>>::record(
            same::<X, Same<X, L>>(self),
            L::fuse::<Shared>(layers),
            y,
            &mut tape.record,
        );
    }

    fn back<M: Back>(
        &self,
        layers: L::Borrows<'_, M>,
        y: &<X as Accepted<L>>::Output,
        dy: &<X as Accepted<L>>::Output,
        ModelTape { record, front, back }: &mut Self::Tape,
        dx: Option<&mut Self>,
    ) {
        let dx = dx.map(same_mut::<X, Same<X, L>>);
        same::<X, Same<X, L>>(self).start_back::<M>(L::fuse::<M>(layers), y, dy, record, dx, front, back);
    }
}
