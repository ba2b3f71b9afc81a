//! Fully connected layer.

use super::parameters::{update_bias, visit_affine, visit_affine_mut};
use super::{Backward, Initialize, Layer, Module, Parameters, Rule, Visitor, VisitorMut, init};
use crate::functional::{linear_rows, linear_rows_backward};
use crate::shape::{Bias, BiasKind, BiasTerm, FeatureMap, FeatureSignal, HasFeatures};
use crate::tensor::{Matrix, Real, Scalar, Signal, Tensor, Zeroed};

/// Fully connected layer. PyTorch: `nn.Linear`.
///
/// y\[n,o\] = b\[o\] + Σ x\[n,i\] · w\[o,i\]
///
/// | | shape |
/// |---|---|
/// | x | (N, IN), or a feature map (N, C, H, W) with C·H·W = IN, or a signal (N, C, L) with C·L = IN |
/// | weight | (OUT, IN) |
/// | bias | (OUT), or none with [`NoBias`](crate::shape::NoBias) |
/// | y | (N, OUT) |
///
/// It does not compile behind a feature map of another size.
///
/// ```
/// use constconv::prelude::*;
///
/// let layer = Linear::<f32, 4, 2>::new(Matrix::new([[1., 2., 3., 4.], [0., 0., 0., 1.]]), Vector::new([0.5, 0.0]));
/// let y = layer.forward(&Matrix::new([[1.0, 1.0, 1.0, 2.0]]));
/// assert_eq!(y, Matrix::new([[14.5, 2.0]]));
/// // The same numbers as a 1×2×2 feature map:
/// assert_eq!(layer.forward(&Tensor::new([[[[1.0, 1.0], [1.0, 2.0]]]])), y);
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "a linear layer of 400 inputs does not fit behind a feature map of 16*4*4 values"
/// Linear::<f32, 400, 120>::ZERO.forward(&Tensor::<f32, 1, 16, 4, 4>::zeros());
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Linear<T: Scalar, const IN: usize, const OUT: usize, B: BiasKind = Bias> {
    /// Weight (OUT, IN).
    pub weight: Matrix<T, OUT, IN>,
    /// Bias (OUT), or `()`.
    pub bias: B::Of<T, OUT>,
}

impl<T: Scalar, const IN: usize, const OUT: usize, B: BiasKind> Linear<T, IN, OUT, B> {
    /// Makes it from weight and bias.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let layer = Linear::<f32, 2, 1>::new(Matrix::new([[10.0, 1.0]]), Vector::new([100.0]));
    /// assert_eq!(layer.forward(&Matrix::new([[2.0, 3.0]])), Matrix::new([[123.0]]));
    /// ```
    #[must_use]
    pub const fn new(weight: Matrix<T, OUT, IN>, bias: B::Of<T, OUT>) -> Self {
        Self { weight, bias }
    }
}

impl<T: Scalar, const IN: usize, const OUT: usize, B: BiasKind> Zeroed for Linear<T, IN, OUT, B> {
    const ZERO: Self = Self::new(Zeroed::ZERO, Zeroed::ZERO);
}

impl<T: Scalar, const IN: usize, const OUT: usize, B: BiasKind> Module for Linear<T, IN, OUT, B> {
    type Gradient = Self;

    const PARAMETERS: usize = IN * OUT + <B::Of<T, OUT> as BiasTerm<T, OUT>>::LEN;
}

macro_rules! accepts {
    ($input:ident<T, N $(, $axis:ident)*>, where $($condition:tt)*) => {
        impl<T: Scalar, const N: usize, $(const $axis: usize,)* const IN: usize, const OUT: usize, B: BiasKind>
            Layer<accepts!(@input $input N IN $($axis)*)> for Linear<T, IN, OUT, B>
        where
            $($condition)*
        {
            type Output = Matrix<T, N, OUT>;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = N * IN * OUT;

            fn apply(&self, x: &accepts!(@input $input N IN $($axis)*), y: &mut Self::Output, (): &mut ()) {
                linear_rows(x, &self.weight, &self.bias, y);
            }
        }

        impl<T: Scalar, const N: usize, $(const $axis: usize,)* const IN: usize, const OUT: usize, B: BiasKind>
            Backward<accepts!(@input $input N IN $($axis)*)> for Linear<T, IN, OUT, B>
        where
            $($condition)*
        {
            type Tape = ();

            fn record(&self, x: &accepts!(@input $input N IN $($axis)*), y: &mut Self::Output, (): &mut ()) {
                self.apply(x, y, &mut ());
            }

            fn propagate(
                &self,
                x: &accepts!(@input $input N IN $($axis)*),
                _y: &Self::Output,
                dy: &Self::Output,
                (): &mut (),
                dx: Option<&mut accepts!(@input $input N IN $($axis)*)>,
                gradient: &mut Self,
            ) {
                linear_rows_backward(x, &self.weight, dy, dx, &mut gradient.weight, &mut gradient.bias);
            }
        }
    };
    (@input Matrix $n:ident $in:ident) => { Matrix<T, $n, $in> };
    (@input Signal $n:ident $in:ident $($axis:ident)*) => { Signal<T, $n, $($axis),*> };
    (@input Tensor $n:ident $in:ident $($axis:ident)*) => { Tensor<T, $n, $($axis),*> };
}

accepts! { Matrix<T, N>, where }
accepts! { Signal<T, N, C, L>, where FeatureSignal<C, L>: HasFeatures<IN> }
accepts! { Tensor<T, N, C, H, W>, where FeatureMap<C, H, W>: HasFeatures<IN> }

impl<T: Real, const IN: usize, const OUT: usize, B: BiasKind> Parameters for Linear<T, IN, OUT, B> {
    fn visit(&self, visitor: &mut impl Visitor) {
        visit_affine(&self.weight, &self.bias, visitor);
    }

    fn visit_mut(&mut self, visitor: &mut impl VisitorMut) {
        visit_affine_mut(&mut self.weight, &mut self.bias, visitor);
    }

    fn update<const K: usize>(&mut self, gradient: &Self, mut state: [&mut Self; K], rule: &mut impl Rule<K>) {
        let weights = state.each_mut().map(|state| state.weight.as_mut_slice());
        rule.update(self.weight.as_mut_slice(), gradient.weight.as_slice(), weights);
        update_bias(&mut self.bias, &gradient.bias, state.map(|state| &mut state.bias), rule);
    }
}

impl<T: Real, const IN: usize, const OUT: usize, B: BiasKind> Initialize for Linear<T, IN, OUT, B> {
    fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
        init::uniform(self.weight.as_mut_slice(), IN, uniform);
        init::uniform(self.bias.numbers_mut().unwrap_or_default(), IN, uniform);
    }
}
