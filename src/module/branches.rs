//! Branches: modules side by side, as a tuple.

use super::{Initialize, Module, Parameters, Rule, Visitor, VisitorMut};

/// Up to twelve modules as a tuple, the branches of a layer that combines their outputs, such as
/// [`Sum`](crate::layer::Sum).
///
/// Such a tuple is a module itself, whose gradient is the tuple of the gradients.
///
/// ```
/// use constconv::module::Branches;
/// use constconv::prelude::*;
/// fn first<L: Branches>(branches: &L) -> &L::First {
///     branches.split().0
/// }
/// assert_eq!(first(&(LeakyRelu::new(0.5), Relu)).negative_slope, 0.5);
/// assert_eq!(<(Linear<f32, 3, 2>, Linear<f32, 3, 2>)>::PARAMETERS, 2 * 8);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of branches",
    label = "expected a tuple of up to twelve layers or models here: `(A, B)`"
)]
pub trait Branches: Module {
    /// The first one.
    type First: Module;
    /// The others.
    type Rest: Rest;

    /// The first one and the others.
    ///
    /// ```
    /// use constconv::module::Branches;
    /// use constconv::prelude::*;
    /// let branches = (LeakyRelu::new(0.5), Relu);
    /// let (first, (second, ())) = branches.split();
    /// assert_eq!((first, second), (&LeakyRelu::new(0.5), &Relu));
    /// ```
    fn split(&self) -> (&Self::First, <Self::Rest as Rest>::Layers<'_>);

    /// The gradients of the first one and of the others.
    ///
    /// ```
    /// use constconv::module::Branches;
    /// use constconv::prelude::*;
    /// let mut gradient = ((), Linear::<f32, 1, 1>::ZERO);
    /// let ((), (linear, ())) = <(Relu, Linear<f32, 1, 1>)>::split_gradient(&mut gradient);
    /// linear.bias.fill(1.0);
    /// assert_eq!(gradient.1.bias, Vector::new([1.0]));
    /// ```
    fn split_gradient(
        gradient: &mut Self::Gradient,
    ) -> (&mut <Self::First as Module>::Gradient, <Self::Rest as Rest>::Gradients<'_>);
}

/// The branches after the first one, as nested pairs: `(B, (C, ()))`.
///
/// ```
/// use constconv::module::Rest;
/// use constconv::prelude::*;
/// let layers: <(LeakyRelu, (Relu, ())) as Rest>::Layers<'_> = (&LeakyRelu::new(0.5), (&Relu, ()));
/// assert_eq!(layers.1, (&Relu, ()));
/// ```
pub trait Rest: 'static {
    /// References to them.
    type Layers<'a>;
    /// References to their gradients.
    type Gradients<'a>;
}

impl Rest for () {
    type Layers<'a> = ();
    type Gradients<'a> = ();
}

impl<A: Module + 'static, R: Rest> Rest for (A, R) {
    type Layers<'a> = (&'a A, R::Layers<'a>);
    type Gradients<'a> = (&'a mut A::Gradient, R::Gradients<'a>);
}

/// Nested pairs of types, references and so on.
macro_rules! nested {
    ($what:ident ()) => { () };
    ($what:ident ($first:tt $($rest:tt)*)) => { (nested!(@$what $first), nested!($what ($($rest)*))) };
    (@types ($branch:ident $name:ident)) => { $branch };
    (@values ($branch:ident $name:ident)) => { $name };
}

/// What a tuple of modules is.
macro_rules! branches {
    ($(($first:ident $first_name:ident) $(($branch:ident $name:ident $index:tt))*;)*) => { $(
        impl<$first: Module, $($branch: Module),*> Module for ($first, $($branch),*) {
            type Gradient = ($first::Gradient, $($branch::Gradient),*);

            const BLANK: Self = ($first::BLANK, $($branch::BLANK),*);
            const PARAMETERS: usize = $first::PARAMETERS $(+ $branch::PARAMETERS)*;
            const PARAMETER_BYTES: usize = $first::PARAMETER_BYTES $(+ $branch::PARAMETER_BYTES)*;
        }

        impl<$first: Module + 'static, $($branch: Module + 'static),*> Branches for ($first, $($branch),*) {
            type First = $first;
            type Rest = nested!(types ($(($branch $name))*));

            fn split(&self) -> (&$first, <Self::Rest as Rest>::Layers<'_>) {
                let ($first_name, $($name),*) = self;
                ($first_name, nested!(values ($(($branch $name))*)))
            }

            fn split_gradient(
                gradient: &mut Self::Gradient,
            ) -> (&mut $first::Gradient, <Self::Rest as Rest>::Gradients<'_>) {
                let ($first_name, $($name),*) = gradient;
                ($first_name, nested!(values ($(($branch $name))*)))
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
