//! A layer and the way around it.

use crate::module;
use crate::module::{Backward, Layer, Module};
use crate::shape::SameShapeAs;
use crate::tensor::{Array, Scalar, Zeroed};

/// y = x + L(x). PyTorch: `x + block(x)`.
///
/// L is any layer or model that keeps the shape; y has the shape of x. dx = dy + what L makes of dy. The gradient is
/// `Residual` of the gradient of L, so that its fields are reached in the same way.
///
/// It does not compile where L changes the shape.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Block: Tensor<f32, 1, 8, 14, 14> => {
///         conv1: Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>,
///         relu: Relu,
///         conv2: Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>,
///     }
/// }
/// model! {
///     Net: Tensor<f32, 1, 8, 14, 14> => {
///         block1: Residual<Block>,
///         block2: Residual<Block>,
///         fc: Linear<f32, 1568, 10>,
///     }
/// }
///
/// let x = Tensor::<f32, 2, 8, 14, 14>::full(3.0);
/// assert_eq!(Residual::<Block>::BLANK.forward(&x), x); // a block of zeros hands x on
/// let (dx, gradient) = Net::BLANK.backward(&x, &Matrix::full(1.0));
/// assert_eq!(gradient.block1.body.conv1.weight.shape(), Net::BLANK.block1.body.conv1.weight.shape());
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "a residual block cannot add `Tensor<f32, 1, 8, 14, 14>` to a body's `Tensor<f32, 1, 8, 12, 12>`"
/// let block = Residual::<Conv2d<f32, 8, 8, Kernel<3>>>::ZERO;
/// let y = block.forward(&Tensor::<f32, 1, 8, 14, 14>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Residual<L> {
    /// The layer or model L.
    pub body: L,
}

impl<L> Residual<L> {
    /// Makes it from the layer or model that is gone around.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let block = Residual::new(LeakyRelu::new(0.5));
    /// assert_eq!(block.forward(&Vector::new([-4.0, 4.0])), Vector::new([-6.0, 8.0])); // x + f(x)
    /// ```
    #[must_use]
    pub const fn new(body: L) -> Self {
        Self { body }
    }
}

impl<L: Zeroed> Zeroed for Residual<L> {
    const ZERO: Self = Self { body: L::ZERO };
}

module! { [L: Module] Residual<L> {
    module body: L,
}; gradient: Residual<L::Gradient> }

impl<X: Array, L: Layer<X>> Layer<X> for Residual<L>
where
    L::Output: SameShapeAs<X>,
{
    // Not `L::Output`, the same type: after a body that changes the shape the layers after it are not blamed too.
    type Output = X;
    type Workspace = L::Workspace;

    const MULTIPLY_ADDS: usize = L::MULTIPLY_ADDS;

    fn forward_pass(&self, x: &X, y: &mut X, workspace: &mut L::Workspace) {
        self.body.forward_pass(x, L::Output::of_mut(y), workspace);
        add(y.as_mut_slice(), x.as_slice());
    }
}

impl<X: Array, L: Backward<X>> Backward<X> for Residual<L>
where
    L::Output: SameShapeAs<X>,
{
    /// The output of L, which its own backward pass may ask for, and its tape.
    type Tape = (X, L::Tape);

    const GIVES_DX: bool = L::GIVES_DX;
    const ONLY_DX: bool = L::ONLY_DX;

    fn forward_train_pass(&self, x: &X, y: &mut X, (body_y, tape): &mut Self::Tape) {
        self.body.forward_train_pass(x, L::Output::of_mut(body_y), tape);
        y.as_mut_slice().copy_from_slice(body_y.as_slice());
        add(y.as_mut_slice(), x.as_slice());
    }

    fn backward_pass(
        &self,
        x: &X,
        _y: &X,
        dy: &X,
        (body_y, tape): &mut Self::Tape,
        mut dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    ) {
        let (body_y, body_dy) = (L::Output::of(body_y), L::Output::of(dy));
        self.body.backward_pass(x, body_y, body_dy, tape, dx.as_deref_mut(), &mut gradient.body);
        if let Some(dx) = dx {
            add(dx.as_mut_slice(), dy.as_slice());
        }
    }
}

/// a += b, element by element.
fn add<T: Scalar>(a: &mut [T], b: &[T]) {
    a.iter_mut().zip(b).for_each(|(a, &b)| *a += b);
}
