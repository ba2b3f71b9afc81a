//! A layer and the way around it.

use super::Identity;
use super::branch::{Branch, TrainBranch};
use crate::module;
use crate::module::{Back, Backward, Exclusive, Layer, MapOfX, Module, WithGradient, add};
use crate::shape::SameShapeAs;
use crate::tensor::{Array, Either, Zeroed};

/// y = S(x) + L(x). PyTorch: `shortcut(x) + block(x)`.
///
/// L and S are any layers or models whose outputs have the same shape. By default S is [`Identity`], y = x + L(x),
/// which takes no memory; then L keeps the shape. Where L changes it, S is a projection, most often a convolution of one
/// cell with the stride of L. dx is the sum of what both make of dy. The gradient is `Residual` of the gradients of L
/// and S, so that its fields are reached in the same way.
///
/// It does not compile where the shapes differ.
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
/// type Halve<const K: usize, const P: usize> = Conv2d<f32, 8, 16, Kernel<K>, Stride<2>, Padding<P>, Floor>;
/// model! {
///     Net: Tensor<f32, 1, 8, 14, 14> => {
///         block: Residual<Block>,
///         down: Residual<Halve<3, 1>, Halve<1, 0>>, // 16 channels of 7×7 on both ways
///         fc: Linear<f32, 784, 10>,
///     }
/// }
///
/// let x = Tensor::<f32, 2, 8, 14, 14>::full(3.0);
/// assert_eq!(Residual::<Block>::BLANK.forward(&x), x); // a block of zeros hands x on
/// let (dx, gradient) = Net::BLANK.backward(&x, &Matrix::full(1.0));
/// assert_eq!(gradient.block.body.conv1.weight.shape(), [8, 8, 3, 3]);
/// assert_eq!(gradient.down.shortcut.weight.shape(), [16, 8, 1, 1]);
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "a residual block cannot add `Tensor<f32, 1, 8, 14, 14>` to a body's `Tensor<f32, 1, 8, 12, 12>`"
/// let block = Residual::<Conv2d<f32, 8, 8, Kernel<3>>>::ZERO;
/// let y = block.forward(&Tensor::<f32, 1, 8, 14, 14>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Residual<L, S = Identity> {
    /// The layer or model L.
    pub body: L,
    /// The way around it, S.
    pub shortcut: S,
}

impl<L> Residual<L> {
    /// Makes it from the layer or model that x itself goes around.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let block = Residual::new(LeakyRelu::new(0.5));
    /// assert_eq!(block.forward(&Vector::new([-4.0, 4.0])), Vector::new([-6.0, 8.0])); // x + f(x)
    /// ```
    #[must_use]
    pub const fn new(body: L) -> Self {
        Self::with_shortcut(body, Identity)
    }
}

impl<L, S> Residual<L, S> {
    /// Makes it from the layer or model and the one on the way around it.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let block = Residual::with_shortcut(LeakyRelu::new(0.5), Relu);
    /// assert_eq!(block.forward(&Vector::new([-4.0, 4.0])), Vector::new([-2.0, 8.0]));
    /// ```
    #[must_use]
    pub const fn with_shortcut(body: L, shortcut: S) -> Self {
        Self { body, shortcut }
    }
}

impl<L: Zeroed, S: Zeroed> Zeroed for Residual<L, S> {
    const ZERO: Self = Self::with_shortcut(L::ZERO, S::ZERO);
}

module! { [L: Module, S: Module] Residual<L, S> {
    module body as "": L,
    module shortcut: S,
}; gradient: Residual<L::Gradient, S::Gradient>; role: MapOfX }

/// The type of both outputs. It hangs on their being the same, so that after a body of another shape the layers behind
/// it are not blamed too.
type Sum<X, L, S> = <<X as Branch<L>>::Output as SameShapeAs<<X as Branch<S>>::Output>>::Sum;

impl<X, L: Module, S: Module> Layer<X> for Residual<L, S>
where
    X: Branch<S> + Branch<L, Output: SameShapeAs<<X as Branch<S>>::Output>>,
{
    type Output = Sum<X, L, S>;
    /// The working memory of L; then that of S and, but for [`Identity`], its output.
    type Workspace = Either<<X as Branch<L>>::Workspace, <X as Branch<S>>::Memory>;

    const MULTIPLY_ADDS: usize = <X as Branch<L>>::MULTIPLY_ADDS + <X as Branch<S>>::MULTIPLY_ADDS;
    const MODULES: usize = 1 + <X as Branch<L>>::MODULES + <X as Branch<S>>::MODULES;

    fn forward_pass(&self, x: &X, y: &mut Self::Output, workspace: &mut Self::Workspace) {
        x.run_into(&self.body, SameShapeAs::of_mut(y), workspace.left_mut());
        add(y.as_mut_slice(), x.run(&self.shortcut, workspace.right_mut()).as_slice());
    }
}

impl<X, L: Module + 'static, S: Module + 'static> Backward<X> for Residual<L, S>
where
    X: TrainBranch<S> + TrainBranch<L> + Branch<L, Output: SameShapeAs<<X as Branch<S>>::Output>>,
{
    /// Output and tape of L; the same of S, but for [`Identity`], and room for its dx.
    type Tape = (<X as TrainBranch<L>>::Tape, (<X as TrainBranch<S>>::Tape, <X as TrainBranch<S>>::Room));

    const GIVES_DX: bool = <X as TrainBranch<L>>::GIVES_DX && <X as TrainBranch<S>>::GIVES_DX;
    const ONLY_DX: bool = <X as TrainBranch<L>>::ONLY_DX && <X as TrainBranch<S>>::ONLY_DX;

    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, (body, (around, _)): &mut Self::Tape) {
        let body_y = <X as Branch<L>>::Output::of_mut(y);
        body_y.as_mut_slice().copy_from_slice(x.record(&self.body, body).as_slice());
        add(y.as_mut_slice(), x.record(&self.shortcut, around).as_slice());
    }

    fn backward_pass(
        &self,
        x: &X,
        _y: &Self::Output,
        dy: &Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    ) {
        let (body, around) = ((&self.body, &mut gradient.body), (&self.shortcut, &mut gradient.shortcut));
        back::<WithGradient, X, L, S>(body, around, x, dy, tape, dx);
    }

    fn descend_pass(&mut self, x: &X, _y: &Self::Output, dy: &Self::Output, tape: &mut Self::Tape, dx: Option<&mut X>) {
        back::<Exclusive, X, L, S>(&mut self.body, &mut self.shortcut, x, dy, tape, dx);
    }
}

/// The backward pass: overwrites dx, where it is asked for, and adds to what is borrowed.
fn back<M: Back, X, L: Module + 'static, S: Module + 'static>(
    body: M::Of<'_, L>,
    around: M::Of<'_, S>,
    x: &X,
    dy: &Sum<X, L, S>,
    (body_tape, (around_tape, room)): &mut <Residual<L, S> as Backward<X>>::Tape,
    mut dx: Option<&mut X>,
) where
    X: TrainBranch<S> + TrainBranch<L> + Branch<L, Output: SameShapeAs<<X as Branch<S>>::Output>>,
{
    let (body_dy, around_dy) = (<X as Branch<L>>::Output::of(dy), <X as Branch<L>>::Output::other(dy));
    TrainBranch::<L>::back::<M>(x, body, body_dy, body_tape, dx.as_deref_mut());
    TrainBranch::<S>::add_back::<M>(x, around, around_dy, around_tape, dx, room);
}
