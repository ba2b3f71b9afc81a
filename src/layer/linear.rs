//! Fully connected layer.

use crate::functional::{linear_rows, linear_rows_backward, linear_rows_descend, linear_rows_then};
use crate::module;
use crate::module::{Backward, Epilogue, Layer, MapOfX};
use crate::shape::verdict::Computed;
use crate::shape::{Bias, BiasInPlace, BiasKind, FeatureMap, FeatureSignal, HasFeatures, SameFeatures};
use crate::tensor::{Matrix, Scalar, Signal, Tensor};

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
/// It does not compile after a feature map of another size.
///
/// ```
/// use constconv::prelude::*;
///
/// let layer = Linear::<f32, 4, 2>::new(Matrix::new([[1., 2., 3., 4.], [0., 0., 0., 1.]]), Vector::new([0.5, 0.0]));
/// let y = layer.forward(&Matrix::new([[1.0, 1.0, 1.0, 2.0]]));
/// assert_eq!(y, Matrix::new([[14.5, 2.0]]));
/// // The same elements as a 1×2×2 feature map:
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
}

module! { [T: Scalar, const IN: usize, const OUT: usize, B: BiasKind] Linear<T, IN, OUT, B>, of T {
    parameter weight: Matrix<T, OUT, IN>,
    parameter bias: B::Of<T, OUT>,
}; fan_in: IN; role: MapOfX }

macro_rules! accepts {
    ($input:ident<T, N $(, $axis:ident)*>, where $on:ty: $takes:path) => {
        impl<T: Scalar, const N: usize, $(const $axis: usize,)* const IN: usize, const OUT: usize, B: BiasInPlace>
            Layer<accepts!(@input $input N IN $($axis)*)> for Linear<T, IN, OUT, B>
        where
            $on: $takes,
        {
            type Output = <$on as $takes>::Then<Matrix<T, N, OUT>>;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = N * IN * OUT;

            fn forward_pass(&self, x: &accepts!(@input $input N IN $($axis)*), y: &mut Self::Output, (): &mut ()) {
                linear_rows::<_, _, _, N, IN, OUT>(x, &self.weight, &self.bias, y);
            }

            fn forward_then(
                &self,
                x: &accepts!(@input $input N IN $($axis)*),
                y: &mut Self::Output,
                (): &mut (),
                then: Epilogue<'_, T>,
            ) {
                linear_rows_then::<_, _, _, N, IN, OUT>(x, &self.weight, &self.bias, y, then);
            }
        }

        impl<T: Scalar, const N: usize, $(const $axis: usize,)* const IN: usize, const OUT: usize, B: BiasInPlace>
            Backward<accepts!(@input $input N IN $($axis)*)> for Linear<T, IN, OUT, B>
        where
            $on: $takes,
        {
            type Tape = ();

            fn forward_train_pass(&self, x: &accepts!(@input $input N IN $($axis)*), y: &mut Self::Output, (): &mut ()) {
                self.forward_pass(x, y, &mut ());
            }

            fn backward_pass(
                &self,
                x: &accepts!(@input $input N IN $($axis)*),
                _y: &Self::Output,
                dy: &Self::Output,
                (): &mut (),
                dx: Option<&mut accepts!(@input $input N IN $($axis)*)>,
                gradient: &mut Self,
            ) {
                linear_rows_backward::<_, _, _, N, IN, OUT>(x, &self.weight, dy, dx, &mut gradient.weight, &mut gradient.bias);
            }

            fn descend_pass(
                &mut self,
                x: &accepts!(@input $input N IN $($axis)*),
                _y: &Self::Output,
                dy: &Self::Output,
                (): &mut (),
                dx: Option<&mut accepts!(@input $input N IN $($axis)*)>,
            ) {
                linear_rows_descend::<_, _, _, N, IN, OUT>(x, &mut self.weight, &mut self.bias, dy, dx);
            }
        }
    };
    (@input Matrix $n:ident $in:ident $inx:ident) => { Matrix<T, $n, $inx> };
    (@input Signal $n:ident $in:ident $($axis:ident)*) => { Signal<T, $n, $($axis),*> };
    (@input Tensor $n:ident $in:ident $($axis:ident)*) => { Tensor<T, $n, $($axis),*> };
}

accepts! { Matrix<T, N, INX>, where Computed: SameFeatures<IN, INX> }
accepts! { Signal<T, N, C, L>, where FeatureSignal<C, L>: HasFeatures<IN> }
accepts! { Tensor<T, N, C, H, W>, where FeatureMap<C, H, W>: HasFeatures<IN> }
