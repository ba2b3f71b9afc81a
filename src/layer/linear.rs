//! Fully connected layer.

use super::parameters::{update_bias, visit_affine, visit_affine_mut};
use super::{
    Backward, Bias, BiasKind, BiasTerm, Initialize, Layer, Module, Parameters, Rule, Visitor, VisitorMut, init,
};
use crate::kernel::{self, LinearGeometry};
use crate::shape::{FeatureMap, FeatureSignal, HasFeatures};
use crate::tensor::{Matrix, Signal, Tensor, Zeroed};
use crate::{Real, Scalar};

/// Fully connected layer. PyTorch: `nn.Linear`.
///
/// y\[n,o\] = b\[o\] + Σ x\[n,i\] · w\[o,i\]
///
/// | | shape |
/// |---|---|
/// | x | (N, IN), or a feature map (N, C, H, W) with C·H·W = IN, or a signal (N, C, L) with C·L = IN |
/// | weight | (OUT, IN) |
/// | bias | (OUT), or none with [`NoBias`](super::NoBias) |
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
/// // "a linear layer of 400 inputs does not fit after a feature map of 16*4*4 values"
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

    const fn geometry(n: usize) -> LinearGeometry {
        LinearGeometry { n, inputs: IN, outputs: OUT }
    }

    /// The backward pass on slices, for both kinds of input.
    fn propagate_slices(&self, n: usize, x: &[T], dy: &[T], dx: Option<&mut [T]>, gradient: &mut Self) {
        let g = &Self::geometry(n);
        kernel::linear_backward_weight(g, x, dy, gradient.weight.as_mut_slice());
        if let Some(db) = gradient.bias.numbers_mut() {
            kernel::linear_backward_bias(g, dy, db);
        }
        if let Some(dx) = dx {
            kernel::linear_backward_input(g, self.weight.as_slice(), dy, dx);
        }
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
                let g = &Self::geometry(N);
                kernel::linear(g, x.as_slice(), self.weight.as_slice(), self.bias.numbers(), y.as_mut_slice());
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
                self.propagate_slices(N, x.as_slice(), dy.as_slice(), dx.map(|dx| dx.as_mut_slice()), gradient);
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

/// [`Linear`] as a function, by value. PyTorch: `functional.linear`.
///
/// `b` is `&Vector<T, OUT>`, or `&()` for no bias.
///
/// ```
/// use constconv::functional::linear;
/// use constconv::prelude::*;
/// let y = linear(&Matrix::new([[1.0, 2.0]]), &Matrix::new([[3.0, 4.0], [5.0, 6.0], [0.0, 1.0]]), &());
/// assert_eq!(y, Matrix::new([[11.0, 17.0, 2.0]]));
/// ```
#[must_use]
pub fn linear<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    b: &B,
) -> Matrix<T, N, OUT> {
    let mut y = Matrix::zeros();
    linear_into(x, w, b, &mut y);
    y
}

/// As [`linear()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::linear_into;
/// let mut y = Matrix::zeros();
/// linear_into(&Matrix::new([[2, 3]]), &Matrix::new([[10, 1], [1, 10]]), &Vector::new([100, 200]), &mut y);
/// assert_eq!(y, Matrix::new([[123, 232]]));
/// ```
pub fn linear_into<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    b: &B,
    y: &mut Matrix<T, N, OUT>,
) {
    let g = &LinearGeometry { n: N, inputs: IN, outputs: OUT };
    kernel::linear(g, x.as_slice(), w.as_slice(), b.numbers(), y.as_mut_slice());
}

/// The gradients (dx, dw, db) of [`linear()`], by value; sums over the batch. `b` only says whether there is a bias.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::linear_backward;
/// let (x, w, dy) = (Matrix::new([[2, 3]]), Matrix::new([[10, 1]]), Matrix::new([[5]]));
/// let (dx, dw, db) = linear_backward(&x, &w, &Vector::zeros(), &dy);
/// assert_eq!((dx, dw, db), (Matrix::new([[50, 5]]), Matrix::new([[10, 15]]), Vector::new([5])));
/// ```
#[must_use]
pub fn linear_backward<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    b: &B,
    dy: &Matrix<T, N, OUT>,
) -> (Matrix<T, N, IN>, Matrix<T, OUT, IN>, B) {
    let _ = b;
    let (mut dx, mut dw, mut db) = (Matrix::zeros(), Matrix::zeros(), B::ZERO);
    linear_backward_into(x, w, dy, &mut dx, &mut dw, &mut db);
    (dx, dw, db)
}

/// As [`linear_backward`]: overwrites `dx`, adds to `dw` and `db`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::linear_backward_into;
/// let (x, w, dy) = (Matrix::new([[2, 3]]), Matrix::new([[10, 1]]), Matrix::new([[5]]));
/// let (mut dx, mut dw, mut db) = (Matrix::full(9), Matrix::full(100), Vector::full(100));
/// linear_backward_into(&x, &w, &dy, &mut dx, &mut dw, &mut db);
/// assert_eq!((dx, dw, db), (Matrix::new([[50, 5]]), Matrix::new([[110, 115]]), Vector::new([105])));
/// ```
pub fn linear_backward_into<T: Scalar, B: BiasTerm<T, OUT>, const N: usize, const IN: usize, const OUT: usize>(
    x: &Matrix<T, N, IN>,
    w: &Matrix<T, OUT, IN>,
    dy: &Matrix<T, N, OUT>,
    dx: &mut Matrix<T, N, IN>,
    dw: &mut Matrix<T, OUT, IN>,
    db: &mut B,
) {
    let g = &LinearGeometry { n: N, inputs: IN, outputs: OUT };
    kernel::linear_backward_weight(g, x.as_slice(), dy.as_slice(), dw.as_mut_slice());
    if let Some(db) = db.numbers_mut() {
        kernel::linear_backward_bias(g, dy.as_slice(), db);
    }
    kernel::linear_backward_input(g, w.as_slice(), dy.as_slice(), dx.as_mut_slice());
}
