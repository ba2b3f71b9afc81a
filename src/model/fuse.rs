//! From the list of layers as it is written to the list of groups that run together.
//!
//! ```text
//! Conv, Relu, Pool, Linear   →   Snoc<Snoc<NoGroups, Banded<Then<Conv, Relu>, Pool>>, Linear>   (fold)
//!                            →   Chain<Banded<Then<Conv, Relu>, Pool>, Last<Linear>>            (order)
//! ```
//!
//! It is a left fold over types, done once for each model and purpose and not for each input: no shape is needed.
//! `Join<U, S, A>` says what the role of the layer A makes of the groups S before it. The layers of a model within the
//! model are folded where it stands, so that groups cross its border. The list that comes out is turned around for those
//! who walk through it from the first group on.

use core::marker::PhantomData;

use crate::module::role::{
    Bit, ByRows, Kind, Map, MapOfX, MappedRows, MaxPooling, Nest, No, PerChannel, PerElement, Pooling, Role, Rows,
    SlopeFrom, Whole, Yes,
};
use crate::module::{Cons, End, List, Mode, Module, Nested};

/// The group `G`, then the element-wise layer `E` where the output of `G` lies.
#[doc(hidden)]
#[derive(Debug)]
pub struct Then<G, E>(PhantomData<(G, E)>);

/// The same of a channel-wise layer `E`, in inference.
#[doc(hidden)]
#[derive(Debug)]
pub struct Scaled<G, E>(PhantomData<(G, E)>);

/// The pooling `P` over bands of rows of the group `G`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Banded<G, P>(PhantomData<(G, P)>);

/// What a list is fused for.
#[doc(hidden)]
pub trait Purpose: 'static {
    /// The kind of a group of kind `K` with an element-wise layer after it.
    type Then<K: Kind, FromY: Bit>: Kind;
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Inference;

#[doc(hidden)]
#[derive(Debug)]
pub struct Training;

impl Purpose for Inference {
    type Then<K: Kind, FromY: Bit> = K;
}

impl Purpose for Training {
    type Then<K: Kind, FromY: Bit> = K::Trained<FromY>;
}

/// Layers that run together: a layer, or [`Then`], [`Scaled`], [`Banded`].
#[doc(hidden)]
pub trait Group: 'static {
    type Kind<U: Purpose>: Kind;
    /// Whether the backward pass reads y.
    type ReadsY: Bit;
    /// Whether the backward pass overwrites dy.
    type ChangesDy: Bit;
    /// Borrows of its layers.
    type Own<'a, M: Mode>;

    /// The number of its layers.
    const LAYERS: usize;
}

impl<A: Module + 'static> Group for A {
    type Kind<U: Purpose> = <A::Role as Role>::Kind;
    type ReadsY = <A::Role as Role>::ReadsY;
    type ChangesDy = No;
    type Own<'a, M: Mode> = M::Of<'a, A>;

    const LAYERS: usize = 1;
}

/// Where the slope of an element-wise role is taken from.
#[doc(hidden)]
pub trait ElementRole: Role {
    type From: SlopeFrom;
}

impl<F: SlopeFrom> ElementRole for PerElement<F> {
    type From = F;
}

/// Where the slope of the layer `E` is taken from.
pub(super) type From<E> = <<E as Module>::Role as ElementRole>::From;

impl<G: Group, E: Module<Role: ElementRole> + 'static> Group for Then<G, E> {
    type Kind<U: Purpose> = U::Then<G::Kind<U>, <From<E> as SlopeFrom>::Y>;
    type ReadsY = <From<E> as SlopeFrom>::Y;
    type ChangesDy = Yes;
    type Own<'a, M: Mode> = (G::Own<'a, M>, M::Of<'a, E>);

    const LAYERS: usize = G::LAYERS + 1;
}

impl<G: Group, E: Module + 'static> Group for Scaled<G, E> {
    type Kind<U: Purpose> = G::Kind<U>;
    type ReadsY = No;
    type ChangesDy = No;
    type Own<'a, M: Mode> = (G::Own<'a, M>, M::Of<'a, E>);

    const LAYERS: usize = G::LAYERS + 1;
}

impl<G: Group, P: Module + 'static> Group for Banded<G, P> {
    type Kind<U: Purpose> = Whole;
    type ReadsY = Yes; // if there is an element-wise layer before the pooling
    type ChangesDy = G::ChangesDy;
    type Own<'a, M: Mode> = (G::Own<'a, M>, M::Of<'a, P>);

    const LAYERS: usize = G::LAYERS + 1;
}

/// A list of groups: [`NoGroups`] or [`Snoc`].
#[doc(hidden)]
pub trait Groups {
    /// Borrows of all layers, group by group.
    type Own<'a, M: Mode>;
}

/// The borrows of the groups `L`.
pub(super) type Own<'a, L, M> = <L as Groups>::Own<'a, M>;

/// No groups yet.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoGroups;

/// The groups `D`, and after them `G`, which may still grow.
#[doc(hidden)]
#[derive(Debug)]
pub struct Snoc<D, G>(PhantomData<(D, G)>);

impl Groups for NoGroups {
    type Own<'a, M: Mode> = ();
}

impl<D: Groups, G: Group> Groups for Snoc<D, G> {
    type Own<'a, M: Mode> = (D::Own<'a, M>, G::Own<'a, M>);
}

/// Groups from the first one on: [`Chain`] or [`Last`].
#[doc(hidden)]
pub trait Ordered {
    /// Borrows of all layers, group by group.
    type Own<'a, M: Mode>;

    /// The number of groups, and of their layers.
    const GROUPS: usize;
    const LAYERS: usize;
}

/// The group `G` and the list `R` of those after it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Chain<G, R>(PhantomData<(G, R)>);

/// The last group of a list.
#[doc(hidden)]
#[derive(Debug)]
pub struct Last<G>(PhantomData<G>);

impl<G: Group> Ordered for Last<G> {
    type Own<'a, M: Mode> = G::Own<'a, M>;

    const GROUPS: usize = 1;
    const LAYERS: usize = G::LAYERS;
}

impl<G: Group, R: Ordered> Ordered for Chain<G, R> {
    type Own<'a, M: Mode> = (G::Own<'a, M>, R::Own<'a, M>);

    const GROUPS: usize = 1 + R::GROUPS;
    const LAYERS: usize = G::LAYERS + R::LAYERS;
}

/// Groups that can be put in order before the groups `R`.
#[doc(hidden)]
pub trait Before<R: Ordered>: Groups {
    type Ordered: Ordered;

    fn order<'a, M: Mode>(groups: Self::Own<'a, M>, rest: R::Own<'a, M>) -> <Self::Ordered as Ordered>::Own<'a, M>;
}

impl<R: Ordered> Before<R> for NoGroups {
    type Ordered = R;

    fn order<'a, M: Mode>(_: Self::Own<'a, M>, rest: R::Own<'a, M>) -> R::Own<'a, M> {
        rest
    }
}

impl<R: Ordered, G: Group, D: Before<Chain<G, R>>> Before<R> for Snoc<D, G> {
    type Ordered = D::Ordered;

    fn order<'a, M: Mode>(
        (before, group): Self::Own<'a, M>,
        rest: R::Own<'a, M>,
    ) -> <Self::Ordered as Ordered>::Own<'a, M> {
        D::order::<M>(before, (group, rest))
    }
}

/// A list of layers whose groups, for the purpose `U`, are in order.
#[doc(hidden)]
pub trait Fuse<U>: List {
    type Ordered: Ordered;

    fn fuse<'a, M: Mode>(layers: Self::Borrows<'a, M>) -> <Self::Ordered as Ordered>::Own<'a, M>;
}

impl<U, L: Fold<U, NoGroups, Groups: Order>> Fuse<U> for L {
    type Ordered = <L::Groups as Order>::Ordered;

    fn fuse<'a, M: Mode>(layers: Self::Borrows<'a, M>) -> <Self::Ordered as Ordered>::Own<'a, M> {
        <L::Groups as Order>::order_all::<M>(L::fold::<M>((), layers))
    }
}

/// At least one group.
#[doc(hidden)]
pub trait Order: Groups {
    type Ordered: Ordered;

    fn order_all<'a, M: Mode>(groups: Self::Own<'a, M>) -> <Self::Ordered as Ordered>::Own<'a, M>;
}

impl<D: Before<Last<G>>, G: Group> Order for Snoc<D, G> {
    type Ordered = D::Ordered;

    fn order_all<'a, M: Mode>((before, group): Self::Own<'a, M>) -> <Self::Ordered as Ordered>::Own<'a, M> {
        D::order::<M>(before, group)
    }
}

/// A list of layers that can be added to the groups `S`, for the purpose `U`.
#[doc(hidden)]
pub trait Fold<U, S: Groups>: List {
    type Groups: Groups;

    fn fold<'a, M: Mode>(groups: S::Own<'a, M>, layers: Self::Borrows<'a, M>) -> Own<'a, Self::Groups, M>;
}

impl<U, S: Groups> Fold<U, S> for End {
    type Groups = S;

    fn fold<'a, M: Mode>(groups: S::Own<'a, M>, _: Self::Borrows<'a, M>) -> Own<'a, Self::Groups, M> {
        groups
    }
}

/// The groups `S` with the layer `A`.
type With<U, S, A> = <<A as Module>::Role as Join<U, S, A>>::Groups;

impl<U, S: Groups, A, R> Fold<U, S> for Cons<A, R>
where
    A: Module<Role: Join<U, S, A>> + 'static,
    R: Fold<U, With<U, S, A>>,
{
    type Groups = R::Groups;

    fn fold<'a, M: Mode>(groups: S::Own<'a, M>, (layer, rest): Self::Borrows<'a, M>) -> Own<'a, Self::Groups, M> {
        R::fold::<M>(<A::Role as Join<U, S, A>>::join::<M>(groups, layer), rest)
    }
}

/// What a role makes of the groups `S` and its layer `A`.
#[doc(hidden)]
pub trait Join<U, S: Groups, A: Module + 'static>: Role {
    type Groups: Groups;

    fn join<'a, M: Mode>(groups: S::Own<'a, M>, layer: M::Of<'a, A>) -> Own<'a, Self::Groups, M>;
}

/// It opens a group of its own.
macro_rules! opens {
    ($([$($generics:tt)*] $role:ty, for $purpose:ty, after $groups:ty;)*) => { $(
        impl<$($generics)* A: Module + 'static> Join<$purpose, $groups, A> for $role {
            type Groups = Snoc<$groups, A>;

            fn join<'a, M: Mode>(
                groups: Own<'a, $groups, M>,
                layer: M::Of<'a, A>,
            ) -> Own<'a, Self::Groups, M> {
                (groups, layer)
            }
        }
    )* };
}

opens! {
    [U, S: Groups,] Map, for U, after S;
    [U, S: Groups,] MapOfX, for U, after S;
    [U, S: Groups,] ByRows, for U, after S;
    [S: Groups,] PerChannel, for Training, after S;
    [S: Groups,] Pooling, for Training, after S;
    [] PerChannel, for Inference, after NoGroups;
    [] Pooling, for Inference, after NoGroups;
    [U,] MaxPooling, for U, after NoGroups;
    [U, F: SlopeFrom,] PerElement<F>, for U, after NoGroups;
}

/// It joins the open group.
macro_rules! joins {
    ($([$($generics:tt)*] $role:ty, for $purpose:ty: $group:ident<G, A $(: $bound:ident)?>;)*) => { $(
        impl<$($generics)* D: Groups, G: Group, A: Module $(<Role: $bound>)? + 'static>
            Join<$purpose, Snoc<D, G>, A> for $role
        {
            type Groups = Snoc<D, $group<G, A>>;

            fn join<'a, M: Mode>(
                (before, open): Own<'a, Snoc<D, G>, M>,
                layer: M::Of<'a, A>,
            ) -> Own<'a, Self::Groups, M> {
                (before, (open, layer))
            }
        }
    )* };
}

joins! {
    [U, F: SlopeFrom,] PerElement<F>, for U: Then<G, A: ElementRole>;
    [] PerChannel, for Inference: Scaled<G, A>;
}

impl<U, S: Groups, A: Nested<Layers: Fold<U, S>> + 'static> Join<U, S, A> for Nest {
    type Groups = <A::Layers as Fold<U, S>>::Groups;

    fn join<'a, M: Mode>(groups: S::Own<'a, M>, model: M::Of<'a, A>) -> Own<'a, Self::Groups, M> {
        A::Layers::fold::<M>(groups, M::layers_of(model))
    }
}

/// It joins the open group or not, which the kind of the group decides.
macro_rules! pools {
    ($([$($generics:tt)*] $role:ty, for $purpose:ty;)*) => { $(
        impl<$($generics)* D: Groups, G: Group<Kind<$purpose>: Pool<D, G, A>>, A: Module + 'static>
            Join<$purpose, Snoc<D, G>, A> for $role
        {
            type Groups = <G::Kind<$purpose> as Pool<D, G, A>>::Groups;

            fn join<'a, M: Mode>(
                groups: Own<'a, Snoc<D, G>, M>,
                layer: M::Of<'a, A>,
            ) -> Own<'a, Self::Groups, M> {
                <G::Kind<$purpose> as Pool<D, G, A>>::pool::<M>(groups, layer)
            }
        }
    )* };
}

pools! {
    [U: Purpose,] MaxPooling, for U;
    [] Pooling, for Inference;
}

/// What the kind of the open group `G` makes of a pooling `A` after it.
#[doc(hidden)]
pub trait Pool<D: Groups, G: Group, A: Module + 'static>: Kind {
    type Groups: Groups;

    fn pool<'a, M: Mode>(groups: Own<'a, Snoc<D, G>, M>, layer: M::Of<'a, A>) -> Own<'a, Self::Groups, M>;
}

impl<D: Groups, G: Group, A: Module + 'static> Pool<D, G, A> for Whole {
    type Groups = Snoc<Snoc<D, G>, A>;

    fn pool<'a, M: Mode>(groups: Own<'a, Snoc<D, G>, M>, layer: M::Of<'a, A>) -> Own<'a, Self::Groups, M> {
        (groups, layer)
    }
}

macro_rules! takes_rows {
    ($($kind:ident)*) => { $(
        impl<D: Groups, G: Group, A: Module + 'static> Pool<D, G, A> for $kind {
            type Groups = Snoc<D, Banded<G, A>>;

            fn pool<'a, M: Mode>(
                (before, open): Own<'a, Snoc<D, G>, M>,
                layer: M::Of<'a, A>,
            ) -> Own<'a, Self::Groups, M> {
                (before, (open, layer))
            }
        }
    )* };
}

takes_rows! { Rows MappedRows }
