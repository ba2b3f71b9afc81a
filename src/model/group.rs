//! What groups do: run forward, keep what training needs, and go back.

use super::fuse::{Banded, ElementRole, From, Group, Scaled, Then};
use crate::module::role::{
    BackwardAtWinners, Bit, ChannelWise, ElementWise, RowPooling, RowWise, Sink, SlopeFrom, Winners,
};
use crate::module::{Back, Backward, Layer, Module, Shared};
use crate::tensor::{Array, Epilogue, Scalar, Storage};

type Own<'a, G, M> = <G as Group>::Own<'a, M>;

/// The elements of the output of a group.
type Element<G, X> = <<G as Run<X>>::Output as Array>::Scalar;

/// A group that accepts an `X`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(message = "layers of a model do not accept `{X}`")]
pub trait Run<X>: Group {
    type Output: Array;
    type Workspace: Storage;

    const MULTIPLY_ADDS: usize;
    const MODULES: usize;

    /// y = f(x), and `then` on all elements of y.
    fn run(
        own: Own<'_, Self, Shared>,
        x: &X,
        y: &mut Self::Output,
        workspace: &mut Self::Workspace,
        then: Option<Epilogue<'_, Element<Self, X>>>,
    );
}

/// A group that can be trained on an `X`.
#[doc(hidden)]
pub trait Learn<X>: Run<X> {
    type Tape: Storage;
    /// Room for a copy of a dy that is the caller's, if the group would overwrite it.
    type DyCopy: Storage;

    const GIVES_DX: bool;
    const ONLY_DX: bool;

    fn record(own: Own<'_, Self, Shared>, x: &X, y: &mut Self::Output, tape: &mut Self::Tape);

    /// May overwrite dy.
    fn back<M: Back>(
        own: Own<'_, Self, M>,
        x: &X,
        y: &Self::Output,
        dy: &mut Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut X>,
    );

    /// The same for a dy that is the caller's: a group that would overwrite it works on a copy.
    fn back_from<M: Back>(
        own: Own<'_, Self, M>,
        x: &X,
        y: &Self::Output,
        dy: &Self::Output,
        copy: &mut Self::DyCopy,
        tape: &mut Self::Tape,
        dx: Option<&mut X>,
    );
}

// A layer.

impl<X, A: Layer<X> + 'static> Run<X> for A {
    type Output = A::Output;
    type Workspace = A::Workspace;

    const MULTIPLY_ADDS: usize = A::MULTIPLY_ADDS;
    const MODULES: usize = A::MODULES;

    fn run(
        layer: &A,
        x: &X,
        y: &mut A::Output,
        workspace: &mut A::Workspace,
        then: Option<Epilogue<'_, Element<A, X>>>,
    ) {
        match then {
            None => layer.forward_pass(x, y, workspace),
            Some(then) => layer.forward_then(x, y, workspace, then),
        }
    }
}

impl<X, A: Backward<X> + 'static> Learn<X> for A {
    type Tape = A::Tape;
    type DyCopy = ();

    const GIVES_DX: bool = A::GIVES_DX;
    const ONLY_DX: bool = A::ONLY_DX;

    fn record(layer: &A, x: &X, y: &mut A::Output, tape: &mut A::Tape) {
        layer.forward_train_pass(x, y, tape);
    }

    fn back<M: Back>(
        layer: M::Of<'_, A>,
        x: &X,
        y: &A::Output,
        dy: &mut A::Output,
        tape: &mut A::Tape,
        dx: Option<&mut X>,
    ) {
        M::backward(layer, x, y, dy, tape, dx);
    }

    fn back_from<M: Back>(
        layer: M::Of<'_, A>,
        x: &X,
        y: &A::Output,
        dy: &A::Output,
        (): &mut (),
        tape: &mut A::Tape,
        dx: Option<&mut X>,
    ) {
        M::backward(layer, x, y, dy, tape, dx);
    }
}

// An element-wise layer where the output of a group lies.

impl<X, G: Run<X>, E> Run<X> for Then<G, E>
where
    E: ElementWise<Element<G, X>> + Layer<G::Output> + Module<Role: ElementRole> + 'static,
{
    type Output = G::Output;
    type Workspace = G::Workspace;

    const MULTIPLY_ADDS: usize = G::MULTIPLY_ADDS + E::MULTIPLY_ADDS;
    const MODULES: usize = G::MODULES + E::MODULES;

    fn run(
        (own, layer): Own<'_, Self, Shared>,
        x: &X,
        y: &mut G::Output,
        workspace: &mut G::Workspace,
        then: Option<Epilogue<'_, Element<G, X>>>,
    ) {
        let both = |y: &mut [Element<G, X>]| {
            layer.map(y);
            if let Some(then) = then {
                then.apply(y);
            }
        };
        let then = match (layer.limits(), then) {
            (Some((low, high)), None) => Epilogue::Limits { low, high },
            _ => Epilogue::Map(&both),
        };
        G::run(own, x, y, workspace, Some(then));
    }
}

/// Whether the output of `G` is kept apart from that of `E`: the slope of `E` needs it, or the backward pass of `G`.
type Kept<G, E> = <<G as Group>::ReadsY as Bit>::Or<<From<E> as SlopeFrom>::X>;

impl<X, G: Learn<X>, E> Learn<X> for Then<G, E>
where
    E: ElementWise<Element<G, X>> + Backward<G::Output> + Module<Role: ElementRole> + 'static,
{
    type Tape = (G::Tape, (<Kept<G, E> as Bit>::Keep<G::Output>, E::State));
    type DyCopy = G::Output;

    const GIVES_DX: bool = G::GIVES_DX;
    const ONLY_DX: bool = G::ONLY_DX && E::ONLY_DX;

    fn record((own, layer): Own<'_, Self, Shared>, x: &X, y: &mut G::Output, (tape, (kept, state)): &mut Self::Tape) {
        G::record(own, x, y, tape);
        <Kept<G, E> as Bit>::keep(y, kept);
        layer.map_train(y.as_mut_slice(), state);
    }

    fn back<M: Back>(
        (own, layer): Own<'_, Self, M>,
        x: &X,
        y: &G::Output,
        dy: &mut G::Output,
        (tape, (kept, state)): &mut Self::Tape,
        dx: Option<&mut X>,
    ) {
        let before = <Kept<G, E> as Bit>::kept(kept, y);
        let from = if <From<E> as SlopeFrom>::X::SET { before } else { y };
        M::layer::<E>(&layer).slope(from.as_slice(), dy.as_mut_slice(), state);
        G::back::<M>(own, x, before, dy, tape, dx);
    }

    fn back_from<M: Back>(
        own: Own<'_, Self, M>,
        x: &X,
        y: &G::Output,
        dy: &G::Output,
        copy: &mut G::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut X>,
    ) {
        copy.as_mut_slice().copy_from_slice(dy.as_slice());
        Self::back::<M>(own, x, y, copy, tape, dx);
    }
}

// A channel-wise layer where the output of a group lies: inference only.

impl<X, G: Run<X>, E: ChannelWise<G::Output> + 'static> Run<X> for Scaled<G, E> {
    type Output = G::Output;
    type Workspace = G::Workspace;

    const MULTIPLY_ADDS: usize = G::MULTIPLY_ADDS + E::MULTIPLY_ADDS;
    const MODULES: usize = G::MODULES + E::MODULES;

    fn run(
        (own, layer): Own<'_, Self, Shared>,
        x: &X,
        y: &mut G::Output,
        workspace: &mut G::Workspace,
        then: Option<Epilogue<'_, Element<G, X>>>,
    ) {
        G::run(own, x, y, workspace, None);
        for image in y.as_mut_slice().chunks_exact_mut((E::CHANNELS * E::PLANE).max(1)) {
            layer.map_planes(E::PLANE, image);
            if let Some(then) = then {
                then.apply(image);
            }
        }
    }
}

// A pooling over bands of rows.

/// A group that hands out bands of rows: a convolution, and what is done to each of its elements.
#[doc(hidden)]
pub trait RunByRows<X>: Run<X> {
    /// For a max pooling the limits of the last layer may be left out: [`Self::limit`] applies them to the maxima, which are
    /// fewer.
    fn run_by_rows(
        own: &Own<'_, Self, Shared>,
        x: &X,
        rows: usize,
        bands: usize,
        buffer: &mut [Element<Self, X>],
        is_for_max: bool,
        sink: Sink<'_, Element<Self, X>>,
    );

    /// What [`Self::run_by_rows`] left out for a max pooling.
    fn limit(_: &Own<'_, Self, Shared>, _maxima: &mut [Element<Self, X>]) {}
}

impl<X, A: RowWise<X> + 'static> RunByRows<X> for A {
    fn run_by_rows(
        layer: &&A,
        x: &X,
        rows: usize,
        bands: usize,
        buffer: &mut [Element<A, X>],
        _is_for_max: bool,
        sink: Sink<'_, Element<A, X>>,
    ) {
        layer.forward_by_rows(x, rows, bands, buffer, sink);
    }
}

impl<X, G: RunByRows<X>, E> RunByRows<X> for Then<G, E>
where
    E: ElementWise<Element<G, X>> + Layer<G::Output> + Module<Role: ElementRole> + 'static,
{
    fn run_by_rows(
        (own, layer): &Own<'_, Self, Shared>,
        x: &X,
        rows: usize,
        bands: usize,
        buffer: &mut [Element<G, X>],
        is_for_max: bool,
        sink: Sink<'_, Element<G, X>>,
    ) {
        if is_for_max && limits_hold_zero(*layer) {
            return G::run_by_rows(own, x, rows, bands, buffer, false, sink);
        }
        G::run_by_rows(own, x, rows, bands, buffer, false, &mut |image, band, rows| {
            layer.map(rows);
            sink(image, band, rows);
        });
    }

    fn limit((_, layer): &Own<'_, Self, Shared>, maxima: &mut [Element<G, X>]) {
        if limits_hold_zero(*layer) {
            layer.map(maxima);
        }
    }
}

/// Whether a layer only limits its elements, and not a zero, which is what a window without a cell has for its maximum.
fn limits_hold_zero<T: Scalar, E: ElementWise<T>>(layer: &E) -> bool {
    layer.limits().is_some_and(|(least, most)| least <= T::ZERO && most.is_none_or(|most| most >= T::ZERO))
}

impl<X, G: RunByRows<X>, E: ChannelWise<G::Output> + 'static> RunByRows<X> for Scaled<G, E> {
    fn run_by_rows(
        (own, layer): &Own<'_, Self, Shared>,
        x: &X,
        rows: usize,
        bands: usize,
        buffer: &mut [Element<G, X>],
        _is_for_max: bool,
        sink: Sink<'_, Element<G, X>>,
    ) {
        G::run_by_rows(own, x, rows, bands, buffer, false, &mut |image, band, rows| {
            layer.map_planes(rows.len() / E::CHANNELS.max(1), rows);
            sink(image, band, rows);
        });
    }
}

impl<X, G: RunByRows<X>, P: RowPooling<G::Output> + 'static> Run<X> for Banded<G, P> {
    type Output = P::Output;
    /// One band, and what the pooling keeps of others.
    type Workspace = (P::Band, P::State);

    const MULTIPLY_ADDS: usize = G::MULTIPLY_ADDS + P::MULTIPLY_ADDS;
    const MODULES: usize = G::MODULES + P::MODULES;

    fn run(
        (own, pool): Own<'_, Self, Shared>,
        x: &X,
        y: &mut P::Output,
        (band, state): &mut Self::Workspace,
        then: Option<Epilogue<'_, <P::Output as Array>::Scalar>>,
    ) {
        G::run_by_rows(&own, x, P::ROWS, P::BANDS, band.as_mut_slice(), P::IS_MAX, &mut |image, band, rows| {
            pool.pool_band(image, band, rows, state, y);
        });
        if P::IS_MAX {
            G::limit(&own, y.as_mut_slice());
        }
        if let Some(then) = then {
            then.apply(y.as_mut_slice());
        }
    }
}

/// A group under a max pooling in training: a convolution, and at most one element-wise layer, whose slope is taken from
/// y and so is that of the winner.
#[doc(hidden)]
pub trait LearnAtWinners<X>: RunByRows<X> {
    type Conv: BackwardAtWinners<X, Output = Self::Output> + 'static;

    fn slope<M: Back>(own: &Own<'_, Self, M>, y: &[Element<Self, X>], dy: &mut [Element<Self, X>]);

    fn conv<'a, M: Back>(own: Own<'a, Self, M>) -> M::Of<'a, Self::Conv>;
}

impl<X, A: BackwardAtWinners<X> + 'static> LearnAtWinners<X> for A {
    type Conv = A;

    fn slope<M: Back>(_: &Own<'_, A, M>, _: &[Element<A, X>], _: &mut [Element<A, X>]) {}

    fn conv<'a, M: Back>(own: Own<'a, A, M>) -> M::Of<'a, A> {
        own
    }
}

impl<X, A: BackwardAtWinners<X> + 'static, E> LearnAtWinners<X> for Then<A, E>
where
    E: ElementWise<Element<A, X>, State = ()> + Layer<A::Output> + Module<Role: ElementRole> + 'static,
{
    type Conv = A;

    fn slope<M: Back>((_, layer): &Own<'_, Self, M>, y: &[Element<A, X>], dy: &mut [Element<A, X>]) {
        M::layer::<E>(layer).slope(y, dy, &mut ());
    }

    fn conv<'a, M: Back>((own, _): Own<'a, Self, M>) -> M::Of<'a, A> {
        own
    }
}

impl<X, G: LearnAtWinners<X>, P: Winners<G::Output> + 'static> Learn<X> for Banded<G, P>
where
    P::Output: Array<Scalar = Element<G, X>>,
{
    /// One band, and the winners.
    type Tape = (P::Band, P::Winners);
    type DyCopy = <G::ChangesDy as Bit>::Keep<P::Output>;

    const GIVES_DX: bool = <G::Conv as Backward<X>>::GIVES_DX;
    const ONLY_DX: bool = <G::Conv as Backward<X>>::ONLY_DX;

    fn record((own, pool): Own<'_, Self, Shared>, x: &X, y: &mut P::Output, (band, winners): &mut Self::Tape) {
        G::run_by_rows(&own, x, P::ROWS, P::BANDS, band.as_mut_slice(), true, &mut |image, band, rows| {
            pool.pool_band_marked(image, band, rows, y, winners);
        });
        G::limit(&own, y.as_mut_slice());
    }

    fn back<M: Back>(
        (own, _): Own<'_, Self, M>,
        x: &X,
        y: &P::Output,
        dy: &mut P::Output,
        (_, winners): &mut Self::Tape,
        dx: Option<&mut X>,
    ) {
        G::slope::<M>(&own, y.as_slice(), dy.as_mut_slice());
        let conv = G::conv::<M>(own);
        M::backward_at_winners(conv, x, &P::WINDOWS, winners.as_slice(), dy.as_slice(), dx);
    }

    fn back_from<M: Back>(
        (own, _): Own<'_, Self, M>,
        x: &X,
        y: &P::Output,
        dy: &P::Output,
        copy: &mut Self::DyCopy,
        (_, winners): &mut Self::Tape,
        dx: Option<&mut X>,
    ) {
        let slope = |dy: &mut P::Output| G::slope::<M>(&own, y.as_slice(), dy.as_mut_slice());
        let dy = <G::ChangesDy as Bit>::changed(dy, copy, slope);
        let conv = G::conv::<M>(own);
        M::backward_at_winners(conv, x, &P::WINDOWS, winners.as_slice(), dy.as_slice(), dx);
    }
}
