//! A tuple of layers is a row: the layers one after the other, without a name of their own.

use super::{Accepted, Trained};
use crate::module::{Backward, Exclusive, Layer, Module, Nested, WithGradient};

/// The maps of a tuple.
macro_rules! rows {
    ($(($($layer:ident)+))*) => { $(
        impl<X: Accepted<<Self as Nested>::Layers>, $($layer: Module + 'static),+> Layer<X> for ($($layer,)+) {
            type Output = X::Output;
            type Workspace = X::Workspace;

            const MULTIPLY_ADDS: usize = X::MULTIPLY_ADDS;
            const MODULES: usize = 1 + X::MODULES;

            fn forward_pass(&self, x: &X, y: &mut X::Output, workspace: &mut X::Workspace) {
                x.infer(self.layers(), y, workspace);
            }
        }

        impl<X: Trained<<Self as Nested>::Layers>, $($layer: Module + 'static),+> Backward<X> for ($($layer,)+) {
            type Tape = X::Tape;

            const GIVES_DX: bool = X::GIVES_DX;
            const ONLY_DX: bool = X::ONLY_DX;

            fn forward_train_pass(&self, x: &X, y: &mut Self::Output, tape: &mut X::Tape) {
                x.record(self.layers(), y, tape);
            }

            fn backward_pass(
                &self,
                x: &X,
                y: &Self::Output,
                dy: &Self::Output,
                tape: &mut X::Tape,
                dx: Option<&mut X>,
                gradient: &mut Self::Gradient,
            ) {
                x.back::<WithGradient>(self.layers_with_gradient(gradient), y, dy, tape, dx);
            }

            fn descend_pass(
                &mut self,
                x: &X,
                y: &Self::Output,
                dy: &Self::Output,
                tape: &mut X::Tape,
                dx: Option<&mut X>,
            ) {
                x.back::<Exclusive>(self.layers_mut(), y, dy, tape, dx);
            }
        }
    )* };
}

rows! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
}
