//! One of several ways from x: a layer whose output is read once, or `Identity`, whose output is x where it is.
//!
//! The traits are those of the input, because the compiler does not search the implementations of a type that it does
//! not know yet; see [`Feeds`](crate::module::Feeds).

use super::Identity;
use crate::module::{Back, Backward, Branches, Layer, Module, OwnOutput, add};
use crate::tensor::{Array, Storage};

/// An input of the branch `L`.
pub trait Branch<L>: Array {
    /// What the branch makes of it.
    type Output: Array;
    /// The working memory of the layer.
    type Workspace: Storage;
    /// The output and the working memory of the layer; none for `Identity`.
    type Memory: Storage;

    /// Multiply-adds of one forward pass.
    const MULTIPLY_ADDS: usize;
    const MODULES: usize;

    /// y = L(x); overwrites `y`.
    fn run_into(&self, branch: &L, y: &mut Self::Output, workspace: &mut Self::Workspace);

    /// L(x).
    fn run<'a>(&'a self, branch: &L, memory: &'a mut Self::Memory) -> &'a Self::Output;
}

/// What the first one of the branches `L` makes of an `X`.
pub type FirstOutput<X, L> = <X as Branch<<L as Branches>::First>>::Output;

/// An input on which the branch `L` can be trained.
pub trait TrainBranch<L: Module + 'static>: Branch<L> {
    /// The output, which the layer's backward pass may ask for, and the layer's tape.
    type Tape: Storage;
    /// Room for a dx that is added to another one.
    type Room: Storage;

    /// [`Backward::GIVES_DX`].
    const GIVES_DX: bool;
    /// [`Backward::ONLY_DX`].
    const ONLY_DX: bool;

    /// L(x) in training.
    fn record<'a>(&'a self, branch: &L, tape: &'a mut Self::Tape) -> &'a Self::Output;

    /// The output that was recorded.
    fn recorded<'a>(&'a self, tape: &'a Self::Tape) -> &'a Self::Output;

    /// Overwrites dx, where it is asked for, and adds to what is borrowed: the gradient, or the parameters.
    fn back<M: Back>(&self, branch: M::Of<'_, L>, dy: &Self::Output, tape: &mut Self::Tape, dx: Option<&mut Self>);

    /// The same, and adds to dx.
    fn add_back<M: Back>(
        &self,
        branch: M::Of<'_, L>,
        dy: &Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut Self>,
        room: &mut Self::Room,
    );
}

impl<X: Array> Branch<Identity> for X {
    type Output = X;
    type Workspace = ();
    type Memory = ();

    const MULTIPLY_ADDS: usize = 0;
    const MODULES: usize = 0;

    fn run_into(&self, branch: &Identity, y: &mut X, (): &mut ()) {
        branch.forward_pass(self, y, &mut ());
    }

    fn run<'a>(&'a self, _: &Identity, (): &'a mut ()) -> &'a X {
        self
    }
}

impl<X: Array> TrainBranch<Identity> for X {
    type Tape = ();
    type Room = ();

    const GIVES_DX: bool = true;
    const ONLY_DX: bool = true;

    fn record<'a>(&'a self, _: &Identity, (): &'a mut ()) -> &'a X {
        self
    }

    fn recorded<'a>(&'a self, (): &'a ()) -> &'a X {
        self
    }

    fn back<M: Back>(&self, _: M::Of<'_, Identity>, dy: &X, (): &mut (), dx: Option<&mut X>) {
        if let Some(dx) = dx {
            dx.as_mut_slice().copy_from_slice(dy.as_slice());
        }
    }

    fn add_back<M: Back>(&self, _: M::Of<'_, Identity>, dy: &X, (): &mut (), dx: Option<&mut X>, (): &mut ()) {
        if let Some(dx) = dx {
            add(dx.as_mut_slice(), dy.as_slice());
        }
    }
}

impl<X: Array, L: Layer<X> + OwnOutput> Branch<L> for X {
    type Output = L::Output;
    type Workspace = L::Workspace;
    type Memory = (L::Output, L::Workspace);

    const MULTIPLY_ADDS: usize = L::MULTIPLY_ADDS;
    const MODULES: usize = L::MODULES;

    fn run_into(&self, branch: &L, y: &mut L::Output, workspace: &mut L::Workspace) {
        branch.forward_pass(self, y, workspace);
    }

    fn run<'a>(&'a self, branch: &L, (y, workspace): &'a mut Self::Memory) -> &'a L::Output {
        branch.forward_pass(self, y, workspace);
        y
    }
}

impl<X: Array, L: Backward<X> + OwnOutput + 'static> TrainBranch<L> for X {
    type Tape = (L::Output, L::Tape);
    type Room = X;

    const GIVES_DX: bool = L::GIVES_DX;
    const ONLY_DX: bool = L::ONLY_DX;

    fn record<'a>(&'a self, branch: &L, (y, tape): &'a mut Self::Tape) -> &'a L::Output {
        branch.forward_train_pass(self, y, tape);
        y
    }

    fn recorded<'a>(&'a self, (y, _): &'a Self::Tape) -> &'a L::Output {
        y
    }

    fn back<M: Back>(&self, branch: M::Of<'_, L>, dy: &L::Output, (y, tape): &mut Self::Tape, dx: Option<&mut X>) {
        if dx.is_some() || !L::ONLY_DX {
            M::backward(branch, self, y, dy, tape, dx);
        }
    }

    fn add_back<M: Back>(
        &self,
        branch: M::Of<'_, L>,
        dy: &L::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut X>,
        room: &mut X,
    ) {
        TrainBranch::back::<M>(self, branch, dy, tape, dx.is_some().then_some(&mut *room));
        if let Some(dx) = dx {
            add(dx.as_mut_slice(), room.as_slice());
        }
    }
}
