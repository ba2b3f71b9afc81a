//! Branches whose channels stand one after the other. The traits are those of the input, as in `branch.rs`.

use super::branch::{Branch, TrainBranch};
use crate::functional::{read_channels, write_channels};
use crate::module::{Back, Cons, End, List, Module, Shared};
use crate::shape::ConcatChannels;
use crate::tensor::{Array, Either, Storage};

/// An input of the branches `L`, whose channels can follow those of `Y`, which the branches before make together.
pub trait Channels<L: List, Y: Array>: Array {
    /// All channels.
    type Output: Array<Scalar = Y::Scalar>;
    /// Output and working memory of one branch after the other.
    type Memory: Storage;

    /// Multiply-adds of one forward pass.
    const MULTIPLY_ADDS: usize;
    const MODULES: usize;
    /// Images in the batch (N).
    const IMAGES: usize;

    /// Writes the channels of each branch.
    fn write(&self, branches: L::Borrows<'_, Shared>, y: &mut [Y::Scalar], memory: &mut Self::Memory);
}

/// An input on which they can be trained.
pub trait TrainChannels<L: List, Y: Array>: Channels<L, Y> {
    /// Outputs and tapes.
    type Tape: Storage;
    /// Room for dy and dx of one branch after the other.
    type Room: Storage;

    /// Whether all give dx.
    const GIVES_DX: bool;
    /// Whether all only compute dx.
    const ONLY_DX: bool;

    /// Writes the channels of each branch, and keeps them.
    fn record(&self, branches: L::Borrows<'_, Shared>, y: &mut [Y::Scalar], tape: &mut Self::Tape);

    /// Adds to dx, where it is asked for, and to what is borrowed.
    fn add_back<M: Back>(
        &self,
        branches: L::Borrows<'_, M>,
        dy: &[Y::Scalar],
        tape: &mut Self::Tape,
        dx: Option<&mut Self>,
        room: &mut Self::Room,
    );
}

impl<X: Array, Y: Array> Channels<End, Y> for X {
    type Output = Y;
    type Memory = ();

    const MULTIPLY_ADDS: usize = 0;
    const MODULES: usize = 0;
    const IMAGES: usize = 1; // nobody asks

    fn write(&self, (): (), _: &mut [Y::Scalar], (): &mut ()) {}
}

impl<X: Array, Y: Array> TrainChannels<End, Y> for X {
    type Tape = ();
    type Room = ();

    const GIVES_DX: bool = true;
    const ONLY_DX: bool = true;

    fn record(&self, (): (), _: &mut [Y::Scalar], (): &mut ()) {}

    fn add_back<M: Back>(&self, (): (), _: &[Y::Scalar], (): &mut (), _: Option<&mut X>, (): &mut ()) {}
}

/// The channels of `Y` and those of the branch `A`.
type Both<X, A, Y> = <Y as ConcatChannels<<X as Branch<A>>::Output>>::Output;

impl<X, Y, A, R> Channels<Cons<A, R>, Y> for X
where
    Y: ConcatChannels<<X as Branch<A>>::Output>,
    A: Module + 'static,
    R: List,
    X: Branch<A> + Channels<R, Both<X, A, Y>>,
{
    type Output = <X as Channels<R, Both<X, A, Y>>>::Output;
    type Memory = Either<<X as Branch<A>>::Memory, <X as Channels<R, Both<X, A, Y>>>::Memory>;

    const MULTIPLY_ADDS: usize = <X as Branch<A>>::MULTIPLY_ADDS + <X as Channels<R, Both<X, A, Y>>>::MULTIPLY_ADDS;
    const MODULES: usize = <X as Branch<A>>::MODULES + <X as Channels<R, Both<X, A, Y>>>::MODULES;
    const IMAGES: usize = <Y as ConcatChannels<<X as Branch<A>>::Output>>::IMAGES;

    fn write(&self, (branch, rest): (&A, R::Borrows<'_, Shared>), y: &mut [Y::Scalar], memory: &mut Self::Memory) {
        write_channels(
            <X as Channels<Cons<A, R>, Y>>::IMAGES,
            self.run(branch, memory.left_mut()).as_slice(),
            Y::LEN,
            y,
        );
        <X as Channels<R, Both<X, A, Y>>>::write(self, rest, y, memory.right_mut());
    }
}

impl<X, Y, A, R> TrainChannels<Cons<A, R>, Y> for X
where
    Y: ConcatChannels<<X as Branch<A>>::Output>,
    A: Module + 'static,
    R: List,
    X: TrainBranch<A> + TrainChannels<R, Both<X, A, Y>>,
{
    type Tape = (<X as TrainBranch<A>>::Tape, <X as TrainChannels<R, Both<X, A, Y>>>::Tape);
    type Room =
        Either<(<X as Branch<A>>::Output, <X as TrainBranch<A>>::Room), <X as TrainChannels<R, Both<X, A, Y>>>::Room>;

    const GIVES_DX: bool = <X as TrainBranch<A>>::GIVES_DX && <X as TrainChannels<R, Both<X, A, Y>>>::GIVES_DX;
    const ONLY_DX: bool = <X as TrainBranch<A>>::ONLY_DX && <X as TrainChannels<R, Both<X, A, Y>>>::ONLY_DX;

    fn record(
        &self,
        (branch, rest): (&A, R::Borrows<'_, Shared>),
        y: &mut [Y::Scalar],
        (tape, tapes): &mut Self::Tape,
    ) {
        write_channels(
            <X as Channels<Cons<A, R>, Y>>::IMAGES,
            TrainBranch::record(self, branch, tape).as_slice(),
            Y::LEN,
            y,
        );
        <X as TrainChannels<R, Both<X, A, Y>>>::record(self, rest, y, tapes);
    }

    fn add_back<M: Back>(
        &self,
        (branch, rest): (M::Of<'_, A>, R::Borrows<'_, M>),
        dy: &[Y::Scalar],
        (tape, tapes): &mut Self::Tape,
        mut dx: Option<&mut X>,
        room: &mut Self::Room,
    ) {
        let (branch_dy, branch_room) = room.left_mut();
        read_channels(<X as Channels<Cons<A, R>, Y>>::IMAGES, dy, Y::LEN, branch_dy.as_mut_slice());
        TrainBranch::add_back::<M>(self, branch, branch_dy, tape, dx.as_deref_mut(), branch_room);
        <X as TrainChannels<R, Both<X, A, Y>>>::add_back::<M>(self, rest, dy, tapes, dx, room.right_mut());
    }
}
