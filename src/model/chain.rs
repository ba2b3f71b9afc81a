//! Groups one after the other: `Chain<A, Chain<B, Last<C>>>`.
//!
//! ```text
//! inference   x ─A→ front ─B→ back ─C→ front ─D→ y            each step overwrites what is no longer needed
//! training    x ─A→ y₁ ─B→ y₂ ─C→ y₃ ─D→ y                    the outputs of all groups are kept
//!             dx ←A─ front ←B─ back ←C─ front ←D─ dy          the gradients take turns again
//! ```
//!
//! The two buffers are unions: `front` of the whole is `Either` the output of the first group or what the groups
//! after the second one call their `back`, and so on to the end of the list. Nothing here knows what a group is.
//!
//! [`Sequence`] is a trait of the input, with the list as its parameter, because the compiler does not search the
//! implementations of a type that it does not know yet: the time to check a model is linear in its layers.

use super::fuse::{Chain, Last, Ordered};
use super::group::{Learn, Run};
use super::memory::Record;
use super::summary::GroupCosts;
use crate::module::{Back, Shared, asks_for_dx};
use crate::tensor::{Array, Either, Left, Storage};

/// Borrows of the layers of the groups `L`.
type Own<'a, L, M> = <L as Ordered>::Own<'a, M>;

/// An input of the groups `L`: the first one accepts it, and each of the others accepts the output of the one before.
#[doc(hidden)]
pub trait Sequence<L: Ordered>: Array {
    /// The output of the last group.
    type Output: Array;
    /// The buffer that the first group writes to.
    type Front: Storage;
    /// The buffer that the second group writes to.
    type Back: Storage;
    /// Working memory of the groups, one at a time.
    type Inner: Storage;

    const MULTIPLY_ADDS: usize;
    const MODULES: usize;

    /// What each group costs.
    const COSTS: GroupCosts;

    /// y = f(x); the input belongs to the caller.
    fn start(
        &self,
        layers: Own<'_, L, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        back: &mut Self::Back,
        inner: &mut Self::Inner,
    );

    /// y = f(x); the input lies in a buffer, which is free once the first group has read it.
    fn resume(
        x: Left<'_, Self, Self::Back>,
        layers: Own<'_, L, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    );

    /// The part of [`start`](Self::start) that is the group with this index, if the outputs of those before it are still
    /// where they were put. Returns false if they cannot be found there.
    fn start_at(
        &self,
        at: usize,
        layers: Own<'_, L, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        back: &mut Self::Back,
        inner: &mut Self::Inner,
    ) -> bool;

    /// The same part of [`resume`](Self::resume).
    fn resume_at(
        at: usize,
        x: Left<'_, Self, Self::Back>,
        layers: Own<'_, L, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    ) -> bool;
}

impl<X: Array, G: Run<X>> Sequence<Last<G>> for X {
    type Output = G::Output;
    type Front = ();
    type Back = ();
    type Inner = G::Workspace;

    const MULTIPLY_ADDS: usize = G::MULTIPLY_ADDS;
    const MODULES: usize = G::MODULES;

    const COSTS: GroupCosts = GroupCosts::of::<X, G::Output, G::Workspace>(G::LAYERS, None);

    fn start(
        &self,
        group: Own<'_, Last<G>, Shared>,
        y: &mut G::Output,
        (): &mut (),
        (): &mut (),
        inner: &mut G::Workspace,
    ) {
        G::run(group, self, y, inner, None);
    }

    fn resume(
        x: Left<'_, X, ()>,
        group: Own<'_, Last<G>, Shared>,
        y: &mut G::Output,
        (): &mut (),
        inner: &mut G::Workspace,
    ) {
        G::run(group, &x, y, inner, None);
    }

    fn start_at(
        &self,
        _: usize,
        group: Own<'_, Last<G>, Shared>,
        y: &mut G::Output,
        (): &mut (),
        (): &mut (),
        inner: &mut G::Workspace,
    ) -> bool {
        G::run(group, self, y, inner, None);
        true
    }

    fn resume_at(
        _: usize,
        x: Left<'_, X, ()>,
        group: Own<'_, Last<G>, Shared>,
        y: &mut G::Output,
        (): &mut (),
        inner: &mut G::Workspace,
    ) -> bool {
        G::run(group, &x, y, inner, None);
        true
    }
}

impl<X: Array, G: Run<X, Output: Sequence<R>>, R: Ordered> Sequence<Chain<G, R>> for X {
    type Output = <G::Output as Sequence<R>>::Output;
    type Front = Either<G::Output, <G::Output as Sequence<R>>::Back>;
    type Back = <G::Output as Sequence<R>>::Front;
    type Inner = <G::Workspace as Storage>::Or<<G::Output as Sequence<R>>::Inner>;

    const MULTIPLY_ADDS: usize = G::MULTIPLY_ADDS + <G::Output as Sequence<R>>::MULTIPLY_ADDS;
    const MODULES: usize = G::MODULES + <G::Output as Sequence<R>>::MODULES;

    const COSTS: GroupCosts =
        GroupCosts::of::<X, G::Output, G::Workspace>(G::LAYERS, Some(&<G::Output as Sequence<R>>::COSTS));

    fn start(
        &self,
        (group, rest): Own<'_, Chain<G, R>, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        back: &mut Self::Back,
        inner: &mut Self::Inner,
    ) {
        let mut front = front.write_left();
        G::run(group, self, &mut front, G::Workspace::or_left(inner), None);
        G::Output::resume(front, rest, y, back, G::Workspace::or_right(inner));
    }

    fn resume(
        x: Left<'_, X, Self::Back>,
        (group, rest): Own<'_, Chain<G, R>, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    ) {
        let mut front = front.write_left();
        G::run(group, &x, &mut front, G::Workspace::or_left(inner), None);
        G::Output::resume(front, rest, y, x.into_right(), G::Workspace::or_right(inner));
    }

    fn start_at(
        &self,
        at: usize,
        (group, rest): Own<'_, Chain<G, R>, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        back: &mut Self::Back,
        inner: &mut Self::Inner,
    ) -> bool {
        let Some(mut front) = front.left_again() else { return false };
        if at > 0 {
            return G::Output::resume_at(at - 1, front, rest, y, back, G::Workspace::or_right(inner));
        }
        G::run(group, self, &mut front, G::Workspace::or_left(inner), None);
        true
    }

    fn resume_at(
        at: usize,
        x: Left<'_, X, Self::Back>,
        (group, rest): Own<'_, Chain<G, R>, Shared>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    ) -> bool {
        let Some(mut front) = front.left_again() else { return false };
        if at > 0 {
            return G::Output::resume_at(at - 1, front, rest, y, x.into_right(), G::Workspace::or_right(inner));
        }
        G::run(group, &x, &mut front, G::Workspace::or_left(inner), None);
        true
    }
}

/// A [`Sequence`] that can be trained.
#[doc(hidden)]
pub trait TrainSequence<L: Ordered>: Sequence<L> {
    /// What a forward pass keeps for the backward pass.
    type Record: Storage;

    /// Whether the first group gives dx.
    const GIVES_DX: bool;

    /// Whether the backward passes of all groups only compute dx.
    const ONLY_DX: bool;

    /// y = f(x); keeps the outputs of all groups.
    fn record(&self, layers: Own<'_, L, Shared>, y: &mut Self::Output, record: &mut Self::Record);

    /// Overwrites dx, where it is asked for, and adds to the gradients; dy belongs to the caller.
    #[allow(clippy::too_many_arguments)]
    fn start_back<M: Back>(
        &self,
        layers: Own<'_, L, M>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: Option<&mut Self>,
        front: &mut Self::Front,
        back: &mut Self::Back,
    );

    /// The same with dx in a buffer, which is returned.
    fn resume_back<'a, M: Back>(
        &self,
        layers: Own<'_, L, M>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: &'a mut Either<Self, Self::Back>,
        front: &mut Self::Front,
    ) -> Left<'a, Self, Self::Back>;
}

impl<X: Array, G: Learn<X>> TrainSequence<Last<G>> for X {
    /// Room for a copy of dy, if the group needs one, and its tape.
    type Record = (G::DyCopy, G::Tape);

    const GIVES_DX: bool = G::GIVES_DX;
    const ONLY_DX: bool = G::ONLY_DX;

    fn record(&self, group: Own<'_, Last<G>, Shared>, y: &mut G::Output, (_, tape): &mut Self::Record) {
        G::record(group, self, y, tape);
    }

    fn start_back<M: Back>(
        &self,
        group: Own<'_, Last<G>, M>,
        y: &G::Output,
        dy: &G::Output,
        (copy, tape): &mut Self::Record,
        dx: Option<&mut X>,
        (): &mut (),
        (): &mut (),
    ) {
        G::back_from::<M>(group, self, y, dy, copy, tape, dx);
    }

    fn resume_back<'a, M: Back>(
        &self,
        group: Own<'_, Last<G>, M>,
        y: &G::Output,
        dy: &G::Output,
        (copy, tape): &mut Self::Record,
        dx: &'a mut Either<X, ()>,
        (): &mut (),
    ) -> Left<'a, X, ()> {
        const { asks_for_dx(G::GIVES_DX) };
        let mut dx = dx.write_left();
        G::back_from::<M>(group, self, y, dy, copy, tape, Some(&mut dx));
        dx
    }
}

impl<X: Array, G: Learn<X, Output: TrainSequence<R>>, R: Ordered> TrainSequence<Chain<G, R>> for X {
    type Record = Record<G::Output, G::Tape, <G::Output as TrainSequence<R>>::Record>;

    const GIVES_DX: bool = G::GIVES_DX;
    const ONLY_DX: bool = G::ONLY_DX && <G::Output as TrainSequence<R>>::ONLY_DX;

    fn record(&self, (group, rest): Own<'_, Chain<G, R>, Shared>, y: &mut Self::Output, record: &mut Self::Record) {
        G::record(group, self, &mut record.y, &mut record.tape);
        record.y.record(rest, y, &mut record.rest);
    }

    fn start_back<M: Back>(
        &self,
        (group, rest): Own<'_, Chain<G, R>, M>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: Option<&mut X>,
        front: &mut Self::Front,
        back: &mut Self::Back,
    ) {
        let Record { y: x1, tape, rest: record } = record;
        if G::ONLY_DX && dx.is_none() {
            // Nobody needs the gradient of this group's output: `Frozen` costs nothing, here or in what follows.
            return x1.start_back::<M>(rest, y, dy, record, None, back, front.right_mut());
        }
        let mut dx1 = x1.resume_back::<M>(rest, y, dy, record, front, back);
        G::back::<M>(group, self, x1, &mut dx1, tape, dx);
    }

    fn resume_back<'a, M: Back>(
        &self,
        (group, rest): Own<'_, Chain<G, R>, M>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: &'a mut Either<X, Self::Back>,
        front: &mut Self::Front,
    ) -> Left<'a, X, Self::Back> {
        const { asks_for_dx(G::GIVES_DX) };
        let Record { y: x1, tape, rest: record } = record;
        let mut dx1 = x1.resume_back::<M>(rest, y, dy, record, front, dx.right_mut());
        let mut dx = dx.write_left();
        G::back::<M>(group, self, x1, &mut dx1, tape, Some(&mut dx));
        dx
    }
}
