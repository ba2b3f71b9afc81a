//! Branches: modules side by side, as a tuple.

use super::mode::{Exclusive, Shared, WithGradient};
use super::role::Nest;
use super::sound::{Composite, Sound};
use super::{Cons, End, Initialize, List, Module, Named, Nested, OwnOutput, Parameters, Rule, Visitor, VisitorMut};
use crate::named;

/// Up to twelve modules as a tuple, the branches of a layer that combines their outputs, such as
/// [`Sum`](crate::layer::Sum).
///
/// Such a tuple is a module itself, whose gradient is the tuple of the gradients. Where a layer is asked for it is a row:
/// its modules one after the other.
///
/// ```
/// use constconv::module::Branches;
/// use constconv::prelude::*;
/// fn parameters_of_the_first<L: Branches>() -> usize {
///     L::First::PARAMETERS
/// }
/// assert_eq!(parameters_of_the_first::<(Linear<f32, 3, 2>, Relu)>(), 8);
/// assert_eq!(<(Linear<f32, 3, 2>, Linear<f32, 3, 2>)>::PARAMETERS, 2 * 8);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of branches",
    label = "expected a tuple of up to twelve layers or models here: `(A, B)`"
)]
pub trait Branches: Nested<Layers = Cons<Self::First, Self::Rest>> {
    /// The first one.
    type First: Module + 'static;
    /// The others.
    type Rest: List;
}

/// Lists of types, and nested pairs of borrows.
macro_rules! nested {
    (types) => { End };
    (types $first:ident $($rest:ident)*) => { Cons<$first, nested!(types $($rest)*)> };
    (values) => { () };
    (values { $first:expr } $($rest:tt)*) => { ($first, nested!(values $($rest)*)) };
}

/// What a tuple of modules is.
macro_rules! branches {
    ($(($first:ident $first_name:ident) $(($branch:ident $name:ident $index:tt))*;)*) => { $(
        impl<$first: Module, $($branch: Module),*> Module for ($first, $($branch),*) {
            type Gradient = ($first::Gradient, $($branch::Gradient),*);
            type Role = Nest;

            const BLANK: Self = ($first::BLANK, $($branch::BLANK),*);
            const PARAMETERS: usize = $first::PARAMETERS $(+ $branch::PARAMETERS)*;
            const PARAMETER_BYTES: usize = $first::PARAMETER_BYTES $(+ $branch::PARAMETER_BYTES)*;

            fn add(&mut self, gradient: &Self::Gradient) {
                self.0.add(&gradient.0);
                $(self.$index.add(&gradient.$index);)*
            }
        }

        impl<$first: Module + 'static, $($branch: Module + 'static),*> Branches for ($first, $($branch),*) {
            type First = $first;
            type Rest = nested!(types $($branch)*);
        }

        impl<$first: Sound, $($branch: Sound),*> Sound for ($first, $($branch),*) {}

        impl<$first, $($branch),*> OwnOutput for ($first, $($branch),*) {}

        impl<$first, $($branch),*> Composite for ($first, $($branch),*) {}

        impl<$first: Module + 'static, $($branch: Module + 'static),*> Nested for ($first, $($branch),*) {
            type Layers = nested!(types $first $($branch)*);

            fn layers(&self) -> <Self::Layers as List>::Borrows<'_, Shared> {
                nested!(values { &self.0 } $({ &self.$index })*)
            }

            fn layers_mut(&mut self) -> <Self::Layers as List>::Borrows<'_, Exclusive> {
                nested!(values { &mut self.0 } $({ &mut self.$index })*)
            }

            fn layers_with_gradient<'a>(
                &'a self,
                gradient: &'a mut Self::Gradient,
            ) -> <Self::Layers as List>::Borrows<'a, WithGradient> {
                nested!(values { (&self.0, &mut gradient.0) } $({ (&self.$index, &mut gradient.$index) })*)
            }
        }

        impl<$first: Parameters, $($branch: Parameters),*> Parameters for ($first, $($branch),*) {
            fn visit(&self, visitor: &mut impl Visitor) {
                let ($first_name, $($name),*) = self;
                $first_name.visit(visitor);
                $($name.visit(visitor);)*
            }

            fn visit_mut(&mut self, visitor: &mut impl VisitorMut) {
                let ($first_name, $($name),*) = self;
                $first_name.visit_mut(visitor);
                $($name.visit_mut(visitor);)*
            }

            fn update<const STATES: usize>(
                &mut self,
                gradient: &Self::Gradient,
                mut state: [&mut Self::Gradient; STATES],
                rule: &mut impl Rule<STATES>,
            ) {
                self.0.update(&gradient.0, state.each_mut().map(|state| &mut state.0), rule);
                $(self.$index.update(&gradient.$index, state.each_mut().map(|state| &mut state.$index), rule);)*
            }
        }

        named! { [$first: Named, $($branch: Named),*] ($first, $($branch),*) { 0: $first $(, $index: $branch)* } }

        impl<$first: Initialize, $($branch: Initialize),*> Initialize for ($first, $($branch),*) {
            fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
                let ($first_name, $($name),*) = self;
                $first_name.initialize(uniform);
                $($name.initialize(uniform);)*
            }
        }
    )* };
}

branches! {
    (A a);
    (A a) (B b 1);
    (A a) (B b 1) (C c 2);
    (A a) (B b 1) (C c 2) (D d 3);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4) (F f 5);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4) (F f 5) (G g 6);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4) (F f 5) (G g 6) (H h 7);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4) (F f 5) (G g 6) (H h 7) (I i 8);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4) (F f 5) (G g 6) (H h 7) (I i 8) (J j 9);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4) (F f 5) (G g 6) (H h 7) (I i 8) (J j 9) (K k 10);
    (A a) (B b 1) (C c 2) (D d 3) (E e 4) (F f 5) (G g 6) (H h 7) (I i 8) (J j 9) (K k 10) (L l 11);
}
