//! Walks over what is trained: parameters, gradients and optimizer state, which all have the same shape.

use core::fmt::Debug;

use super::Module;
use crate::tensor::{Array, Vector, Zeroed};
use crate::{Real, Scalar};

/// Reads tensor after tensor.
pub trait Visitor {
    /// One weight or bias, row-major.
    fn tensor<T: Real>(&mut self, numbers: &[T]);

    /// Numbers that follow the data and are not trained, such as running means; they stand behind the weights and
    /// biases of their layer. By default they are passed over.
    fn statistics<T: Real>(&mut self, numbers: &[T]) {
        let _ = numbers;
    }
}

/// Changes tensor after tensor.
pub trait VisitorMut {
    /// One weight or bias, row-major.
    fn tensor<T: Real>(&mut self, numbers: &mut [T]);

    /// As [`Visitor::statistics`].
    fn statistics<T: Real>(&mut self, numbers: &mut [T]) {
        let _ = numbers;
    }
}

/// What an optimizer does with one tensor, its gradient and its `K` tensors of state.
pub trait Rule<const K: usize> {
    /// Changes `w` and `state`; all slices have the same length.
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], state: [&mut [T]; K]);
}

/// A module whose numbers can be visited: all of them in the order in which the fields are declared, weights before
/// biases.
///
/// ```
/// use constconv::prelude::*;
///
/// let mut gradient = Gradient::<Linear<f32, 3, 2>>::ZERO;
/// gradient.weight.fill(2.0);
/// gradient.scale(0.5);
/// assert_eq!(gradient.squared_norm(), 6.0);
/// gradient.zero();
/// assert_eq!(gradient.squared_norm(), 0.0);
/// ```
pub trait Parameters: Module {
    /// Shows each tensor to `visitor`.
    fn visit(&self, visitor: &mut impl Visitor);

    /// Gives each tensor to `visitor`.
    fn visit_mut(&mut self, visitor: &mut impl VisitorMut);

    /// Applies `rule` to each tensor together with its gradient and state. Statistics follow what the gradient has seen
    /// of the data, without the rule.
    fn update<const K: usize>(
        &mut self,
        gradient: &Self::Gradient,
        state: [&mut Self::Gradient; K],
        rule: &mut impl Rule<K>,
    );

    /// Sets all numbers to zero. PyTorch: `zero_grad`.
    fn zero(&mut self) {
        struct Zero;
        impl VisitorMut for Zero {
            fn tensor<T: Real>(&mut self, numbers: &mut [T]) {
                numbers.fill(T::ZERO);
            }

            fn statistics<T: Real>(&mut self, numbers: &mut [T]) {
                numbers.fill(T::ZERO);
            }
        }
        self.visit_mut(&mut Zero);
    }

    /// Multiplies all numbers but statistics by `factor`.
    fn scale(&mut self, factor: impl Real) {
        struct Scale<S>(S);
        impl<S: Real> VisitorMut for Scale<S> {
            fn tensor<T: Real>(&mut self, numbers: &mut [T]) {
                let factor = cast::<S, T>(self.0);
                numbers.iter_mut().for_each(|a| *a *= factor);
            }
        }
        self.visit_mut(&mut Scale(factor));
    }

    /// Adds all numbers of `gradient`; statistics follow it.
    fn add(&mut self, gradient: &Self::Gradient) {
        struct Add;
        impl Rule<0> for Add {
            fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], []: [&mut [T]; 0]) {
                w.iter_mut().zip(dw).for_each(|(w, &dw)| *w += dw);
            }
        }
        self.update(gradient, [], &mut Add);
    }

    /// The sum of all squares.
    fn squared_norm(&self) -> f64 {
        struct Squares(f64);
        impl Visitor for Squares {
            fn tensor<T: Real>(&mut self, numbers: &[T]) {
                self.0 += numbers.iter().map(|&a| cast::<T, f64>(a * a)).sum::<f64>();
            }
        }
        let mut squares = Squares(0.0);
        self.visit(&mut squares);
        squares.0
    }
}

/// A real number as one of another type.
pub(crate) fn cast<S: Real, T: Real>(a: S) -> T {
    // `Real` is `f32` or `f64` (or a type that behaves like them), between which conversion cannot fail.
    T::from(a).unwrap_or_else(T::nan)
}

/// The layer has a bias. The default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bias;

/// The layer has no bias. PyTorch: `bias=False`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoBias;

/// Whether a layer has a bias: [`Bias`] or [`NoBias`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether there is a bias",
    label = "expected `Bias` or `NoBias` here"
)]
pub trait BiasKind: Debug + 'static {
    /// `Vector<T, F>` or `()`.
    type Of<T: Scalar, const F: usize>: BiasTerm<T, F>;
}

impl BiasKind for Bias {
    type Of<T: Scalar, const F: usize> = Vector<T, F>;
}

impl BiasKind for NoBias {
    type Of<T: Scalar, const F: usize> = ();
}

/// A bias that may not be there: `Vector<T, F>` or `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a bias of {F} outputs",
    label = "expected a `Vector` of {F} numbers, or `()` for no bias"
)]
pub trait BiasTerm<T: Scalar, const F: usize>: Zeroed + Clone + PartialEq + Debug {
    /// F or 0.
    const LEN: usize;

    /// The numbers, where there is a bias.
    fn numbers(&self) -> Option<&[T]>;

    /// The numbers, where there is a bias.
    fn numbers_mut(&mut self) -> Option<&mut [T]>;
}

impl<T: Scalar, const F: usize> BiasTerm<T, F> for Vector<T, F> {
    const LEN: usize = F;

    fn numbers(&self) -> Option<&[T]> {
        Some(self.as_slice())
    }

    fn numbers_mut(&mut self) -> Option<&mut [T]> {
        Some(self.as_mut_slice())
    }
}

impl<T: Scalar, const F: usize> BiasTerm<T, F> for () {
    const LEN: usize = 0;

    fn numbers(&self) -> Option<&[T]> {
        None
    }

    fn numbers_mut(&mut self) -> Option<&mut [T]> {
        None
    }
}

/// Visits a weight and the bias that may stand beside it; what convolutions and `Linear` have in common.
pub(super) fn visit_affine<T: Real, const F: usize>(
    weight: &impl Array<Scalar = T>,
    bias: &impl BiasTerm<T, F>,
    visitor: &mut impl Visitor,
) {
    visitor.tensor(weight.as_slice());
    if let Some(bias) = bias.numbers() {
        visitor.tensor(bias);
    }
}

/// As [`visit_affine`], to change them.
pub(super) fn visit_affine_mut<T: Real, const F: usize>(
    weight: &mut impl Array<Scalar = T>,
    bias: &mut impl BiasTerm<T, F>,
    visitor: &mut impl VisitorMut,
) {
    visitor.tensor(weight.as_mut_slice());
    if let Some(bias) = bias.numbers_mut() {
        visitor.tensor(bias);
    }
}

/// Applies a rule to a bias that may not be there.
pub(super) fn update_bias<T: Real, const F: usize, B: BiasTerm<T, F>, const K: usize>(
    bias: &mut B,
    gradient: &B,
    state: [&mut B; K],
    rule: &mut impl Rule<K>,
) {
    if let (Some(b), Some(db)) = (bias.numbers_mut(), gradient.numbers()) {
        // An empty slice where there is no bias; there is one here.
        rule.update(b, db, state.map(|state| state.numbers_mut().unwrap_or_default()));
    }
}
