//! Branches whose outputs are taken element by element: what a sum and a product have in common.
//!
//! The traits are those of the input, as in `branch.rs`, with the branches after the first one as a list.

use super::branch::{Branch, TrainBranch};
use crate::module::{Back, Cons, End, List, Module, Shared};
use crate::shape::SameBranchAs;
use crate::tensor::{Array, Either, Scalar, Storage};

/// An input of the branches `L`, which make what those before them make, `Y`.
pub trait Taken<L: List, Y: Array>: Array {
    /// `Y`. It hangs on all branches making the same.
    type Output: Array<Scalar = Y::Scalar>;
    /// Output and working memory of one branch after the other.
    type Memory: Storage;

    /// Multiply-adds of one forward pass.
    const MULTIPLY_ADDS: usize;
    const MODULES: usize;

    /// The output by the name of what the branches before make.
    fn before(y: &Self::Output) -> &Y;

    /// The output by the name of what the branches before make.
    fn before_mut(y: &mut Self::Output) -> &mut Y;

    /// Takes the output of each branch into y.
    fn take(
        &self,
        branches: L::Borrows<'_, Shared>,
        y: &mut [Y::Scalar],
        memory: &mut Self::Memory,
        operation: impl Fn(&mut Y::Scalar, Y::Scalar) + Copy,
    );
}

/// An input on which they can be trained.
pub trait TrainTaken<L: List, Y: Array>: Taken<L, Y> {
    /// Outputs and tapes.
    type Tape: Storage;
    /// Room for the dx of one branch after the other.
    type Room: Storage;

    /// Whether all give dx.
    const GIVES_DX: bool;
    /// Whether all only compute dx.
    const ONLY_DX: bool;

    /// Takes the output of each branch into y, and keeps it.
    fn record(
        &self,
        branches: L::Borrows<'_, Shared>,
        y: &mut [Y::Scalar],
        tape: &mut Self::Tape,
        operation: impl Fn(&mut Y::Scalar, Y::Scalar) + Copy,
    );

    /// Multiplies by the output of each branch.
    fn multiply(&self, dy: &mut [Y::Scalar], tape: &Self::Tape);

    /// Of a sum: adds to dx, where it is asked for, and to what is borrowed.
    fn add_back_of_sum<M: Back>(
        &self,
        branches: L::Borrows<'_, M>,
        dy: &Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut Self>,
        room: &mut Self::Room,
    );

    /// The same of a product. `product` is dy times the outputs of the branches before; `branch_dy` is overwritten.
    #[allow(clippy::too_many_arguments)]
    fn add_back_of_product<M: Back>(
        &self,
        branches: L::Borrows<'_, M>,
        product: &mut Self::Output,
        branch_dy: &mut Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut Self>,
        room: &mut Self::Room,
    );
}

impl<X: Array, Y: Array> Taken<End, Y> for X {
    type Output = Y;
    type Memory = ();

    const MULTIPLY_ADDS: usize = 0;
    const MODULES: usize = 0;

    fn before(y: &Y) -> &Y {
        y
    }

    fn before_mut(y: &mut Y) -> &mut Y {
        y
    }

    fn take(&self, (): (), _: &mut [Y::Scalar], (): &mut (), _: impl Fn(&mut Y::Scalar, Y::Scalar) + Copy) {}
}

impl<X: Array, Y: Array> TrainTaken<End, Y> for X {
    type Tape = ();
    type Room = ();

    const GIVES_DX: bool = true;
    const ONLY_DX: bool = true;

    fn record(&self, (): (), _: &mut [Y::Scalar], (): &mut (), _: impl Fn(&mut Y::Scalar, Y::Scalar) + Copy) {}

    fn multiply(&self, _: &mut [Y::Scalar], (): &()) {}

    fn add_back_of_sum<M: Back>(&self, (): (), _: &Y, (): &mut (), _: Option<&mut X>, (): &mut ()) {}

    fn add_back_of_product<M: Back>(&self, (): (), _: &mut Y, _: &mut Y, (): &mut (), _: Option<&mut X>, (): &mut ()) {}
}

/// The type of `Y` and of what the branch `A` makes.
type Both<X, A, Y> = <<X as Branch<A>>::Output as SameBranchAs<Y>>::Sum;

impl<X, Y, A, R> Taken<Cons<A, R>, Y> for X
where
    Y: Array,
    A: Module + 'static,
    R: List,
    X: Branch<A, Output: SameBranchAs<Y>> + Taken<R, Both<X, A, Y>>,
{
    type Output = <X as Taken<R, Both<X, A, Y>>>::Output;
    type Memory = Either<<X as Branch<A>>::Memory, <X as Taken<R, Both<X, A, Y>>>::Memory>;

    const MULTIPLY_ADDS: usize = <X as Branch<A>>::MULTIPLY_ADDS + <X as Taken<R, Both<X, A, Y>>>::MULTIPLY_ADDS;
    const MODULES: usize = <X as Branch<A>>::MODULES + <X as Taken<R, Both<X, A, Y>>>::MODULES;

    fn before(y: &Self::Output) -> &Y {
        <X as Branch<A>>::Output::other(<X as Taken<R, Both<X, A, Y>>>::before(y))
    }

    fn before_mut(y: &mut Self::Output) -> &mut Y {
        <X as Branch<A>>::Output::other_mut(<X as Taken<R, Both<X, A, Y>>>::before_mut(y))
    }

    fn take(
        &self,
        (branch, rest): (&A, R::Borrows<'_, Shared>),
        y: &mut [Y::Scalar],
        memory: &mut Self::Memory,
        operation: impl Fn(&mut Y::Scalar, Y::Scalar) + Copy,
    ) {
        each(y, self.run(branch, memory.left_mut()).as_slice(), operation);
        <X as Taken<R, Both<X, A, Y>>>::take(self, rest, y, memory.right_mut(), operation);
    }
}

impl<X, Y, A, R> TrainTaken<Cons<A, R>, Y> for X
where
    Y: Array,
    A: Module + 'static,
    R: List,
    X: TrainBranch<A> + Branch<A, Output: SameBranchAs<Y>> + TrainTaken<R, Both<X, A, Y>>,
{
    type Tape = (<X as TrainBranch<A>>::Tape, <X as TrainTaken<R, Both<X, A, Y>>>::Tape);
    type Room = Either<<X as TrainBranch<A>>::Room, <X as TrainTaken<R, Both<X, A, Y>>>::Room>;

    const GIVES_DX: bool = <X as TrainBranch<A>>::GIVES_DX && <X as TrainTaken<R, Both<X, A, Y>>>::GIVES_DX;
    const ONLY_DX: bool = <X as TrainBranch<A>>::ONLY_DX && <X as TrainTaken<R, Both<X, A, Y>>>::ONLY_DX;

    fn record(
        &self,
        (branch, rest): (&A, R::Borrows<'_, Shared>),
        y: &mut [Y::Scalar],
        (tape, tapes): &mut Self::Tape,
        operation: impl Fn(&mut Y::Scalar, Y::Scalar) + Copy,
    ) {
        each(y, TrainBranch::record(self, branch, tape).as_slice(), operation);
        <X as TrainTaken<R, Both<X, A, Y>>>::record(self, rest, y, tapes, operation);
    }

    fn multiply(&self, dy: &mut [Y::Scalar], (tape, tapes): &Self::Tape) {
        each(dy, <X as TrainBranch<A>>::recorded(self, tape).as_slice(), |dy, y| *dy *= y);
        <X as TrainTaken<R, Both<X, A, Y>>>::multiply(self, dy, tapes);
    }

    fn add_back_of_sum<M: Back>(
        &self,
        (branch, rest): (M::Of<'_, A>, R::Borrows<'_, M>),
        dy: &Self::Output,
        (tape, tapes): &mut Self::Tape,
        mut dx: Option<&mut X>,
        room: &mut Self::Room,
    ) {
        let branch_dy = <X as Branch<A>>::Output::of(<X as Taken<R, Both<X, A, Y>>>::before(dy));
        self.add_back::<M>(branch, branch_dy, tape, dx.as_deref_mut(), room.left_mut());
        <X as TrainTaken<R, Both<X, A, Y>>>::add_back_of_sum::<M>(self, rest, dy, tapes, dx, room.right_mut());
    }

    fn add_back_of_product<M: Back>(
        &self,
        (branch, rest): (M::Of<'_, A>, R::Borrows<'_, M>),
        product: &mut Self::Output,
        branch_dy: &mut Self::Output,
        (tape, tapes): &mut Self::Tape,
        mut dx: Option<&mut X>,
        room: &mut Self::Room,
    ) {
        branch_dy.as_mut_slice().copy_from_slice(product.as_slice());
        <X as TrainTaken<R, Both<X, A, Y>>>::multiply(self, branch_dy.as_mut_slice(), tapes);
        each(product.as_mut_slice(), <X as TrainBranch<A>>::recorded(self, tape).as_slice(), |dy, y| *dy *= y);
        let dy = <X as Branch<A>>::Output::of(<X as Taken<R, Both<X, A, Y>>>::before(branch_dy));
        self.add_back::<M>(branch, dy, tape, dx.as_deref_mut(), room.left_mut());
        <X as TrainTaken<R, Both<X, A, Y>>>::add_back_of_product::<M>(
            self,
            rest,
            product,
            branch_dy,
            tapes,
            dx,
            room.right_mut(),
        );
    }
}

/// `operation` on each element of `a` and that of `b` at its place.
pub(super) fn each<T: Scalar>(a: &mut [T], b: &[T], operation: impl Fn(&mut T, T)) {
    a.iter_mut().zip(b).for_each(|(a, &b)| operation(a, b));
}
