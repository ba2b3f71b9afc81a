//! How layers are borrowed, and what a backward pass does with each.

use super::{Backward, BackwardAtWinners, List, Module, Nested, Windows};
use crate::tensor::Array;

/// A way of borrowing layers.
#[doc(hidden)]
pub trait Mode: Sized + 'static {
    type Of<'a, A: Module + 'static>;

    /// Borrows of the layers of a module that is made of layers.
    fn layers_of<A: Nested + 'static>(model: Self::Of<'_, A>) -> <A::Layers as List>::Borrows<'_, Self>;
}

/// Layers that run forward.
#[doc(hidden)]
#[derive(Debug)]
pub struct Shared;

/// Layers and their gradients.
#[doc(hidden)]
#[derive(Debug)]
pub struct WithGradient;

/// Layers that are updated on the way back.
#[doc(hidden)]
#[derive(Debug)]
pub struct Exclusive;

impl Mode for Shared {
    type Of<'a, A: Module + 'static> = &'a A;

    fn layers_of<A: Nested + 'static>(model: Self::Of<'_, A>) -> <A::Layers as List>::Borrows<'_, Self> {
        model.layers()
    }
}

impl Mode for WithGradient {
    type Of<'a, A: Module + 'static> = (&'a A, &'a mut A::Gradient);

    fn layers_of<A: Nested + 'static>((model, gradient): Self::Of<'_, A>) -> <A::Layers as List>::Borrows<'_, Self> {
        model.layers_with_gradient(gradient)
    }
}

impl Mode for Exclusive {
    type Of<'a, A: Module + 'static> = &'a mut A;

    fn layers_of<A: Nested + 'static>(model: Self::Of<'_, A>) -> <A::Layers as List>::Borrows<'_, Self> {
        model.layers_mut()
    }
}

/// The way back: where gradients go.
#[doc(hidden)]
pub trait Back: Mode {
    fn layer<'b, A: Module>(of: &'b Self::Of<'_, A>) -> &'b A;

    fn backward<X, A: Backward<X>>(
        of: Self::Of<'_, A>,
        x: &X,
        y: &A::Output,
        dy: &A::Output,
        tape: &mut A::Tape,
        dx: Option<&mut X>,
    );

    fn backward_at_winners<X, A: BackwardAtWinners<X>>(
        of: Self::Of<'_, A>,
        x: &X,
        windows: &Windows,
        winners: &[u8],
        dy: &[<A::Output as Array>::Scalar],
        dx: Option<&mut X>,
    );
}

impl Back for WithGradient {
    fn layer<'b, A: Module>((layer, _): &'b (&A, &mut A::Gradient)) -> &'b A {
        layer
    }

    fn backward<X, A: Backward<X>>(
        (layer, gradient): (&A, &mut A::Gradient),
        x: &X,
        y: &A::Output,
        dy: &A::Output,
        tape: &mut A::Tape,
        dx: Option<&mut X>,
    ) {
        layer.backward_pass(x, y, dy, tape, dx, gradient);
    }

    fn backward_at_winners<X, A: BackwardAtWinners<X>>(
        (layer, gradient): (&A, &mut A::Gradient),
        x: &X,
        windows: &Windows,
        winners: &[u8],
        dy: &[<A::Output as Array>::Scalar],
        dx: Option<&mut X>,
    ) {
        layer.backward_at_winners(x, windows, winners, dy, dx, gradient);
    }
}

impl Back for Exclusive {
    fn layer<'b, A: Module>(layer: &'b &mut A) -> &'b A {
        layer
    }

    fn backward<X, A: Backward<X>>(
        layer: &mut A,
        x: &X,
        y: &A::Output,
        dy: &A::Output,
        tape: &mut A::Tape,
        dx: Option<&mut X>,
    ) {
        layer.descend_pass(x, y, dy, tape, dx);
    }

    fn backward_at_winners<X, A: BackwardAtWinners<X>>(
        layer: &mut A,
        x: &X,
        windows: &Windows,
        winners: &[u8],
        dy: &[<A::Output as Array>::Scalar],
        dx: Option<&mut X>,
    ) {
        layer.descend_at_winners(x, windows, winners, dy, dx);
    }
}
