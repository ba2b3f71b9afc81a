//! A product of branches.

use super::branch::{Branch, FirstOutput, TrainBranch};
use super::branches::{Taken, TrainTaken, each};
use crate::module;
use crate::module::{Back, Backward, Branches, Exclusive, Layer, List, MapOfX, Module, WithGradient};
use crate::tensor::{Array, Either, Zeroed};

/// y = A(x) · B(x) · …, element by element. PyTorch: `a(x) * b(x)`.
///
/// `L` is a tuple of branches, up to twelve, `Product<(A, B)>`, which are any layers or models whose outputs have the
/// same shape; [`Identity`](super::Identity) is x itself. The dy of a branch is dy times the outputs of all others:
/// nothing is divided, so zeros are as good as other numbers. dx is the sum of what all make of theirs. The gradient is
/// `Product` of the tuple of their gradients.
///
/// It does not compile where the shapes differ.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     /// Between 0 and 1.
///     Gate: Tensor<f64, 1, 4, 8, 8> => {
///         conv: Conv2d<f64, 4, 8, Kernel<1>>,
///         sigmoid: Sigmoid,
///     }
/// }
/// type Wide = Conv2d<f64, 4, 8, Kernel<3>, Stride<1>, Padding<1>>;
///
/// let x = Tensor::<f64, 2, 4, 8, 8>::full(2.0);
/// let mut gated = Product::<(Wide, Gate)>::BLANK;
/// gated.branches.0.bias.fill(3.0);
/// assert_eq!(gated.forward(&x), Tensor::<f64, 2, 8, 8, 8>::full(1.5)); // half open
/// let (_, gradient) = gated.backward(&x, &Tensor::full(1.0));
/// assert_eq!(gradient.branches.0.bias, Vector::full(64.0));
/// assert_eq!(gradient.branches.1.conv.bias, Vector::full(128.0 * 3.0 / 4.0));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "this branch makes `Tensor<f32, 1, 8, 6, 6>`, those before it `Tensor<f32, 1, 8, 8, 8>`"
/// let layer = Product::<(Conv2d<f32, 4, 8, Kernel<1>>, Conv2d<f32, 4, 8, Kernel<3>>)>::ZERO;
/// let y = layer.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Product<L> {
    /// The branches, a tuple.
    pub branches: L,
}

impl<L> Product<L> {
    /// Makes it from the tuple of its branches.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let swish = Product::new((Identity, Sigmoid));
    /// assert_eq!(swish.forward(&Vector::new([0.0, 800.0])), Vector::new([0.0, 800.0]));
    /// ```
    #[must_use]
    pub const fn new(branches: L) -> Self {
        Self { branches }
    }
}

impl<L: Zeroed> Zeroed for Product<L> {
    const ZERO: Self = Self::new(L::ZERO);
}

module! { [L: Module] Product<L> {
    module branches as "": L,
}; gradient: Product<L::Gradient>; role: MapOfX }

impl<X, L: Branches> Layer<X> for Product<L>
where
    X: Branch<L::First> + Taken<L::Rest, FirstOutput<X, L>>,
{
    type Output = <X as Taken<L::Rest, FirstOutput<X, L>>>::Output;
    /// The working memory of the first branch; then output and working memory of one after the other.
    type Workspace = Either<X::Workspace, <X as Taken<L::Rest, FirstOutput<X, L>>>::Memory>;

    const MULTIPLY_ADDS: usize =
        <X as Branch<L::First>>::MULTIPLY_ADDS + <X as Taken<L::Rest, FirstOutput<X, L>>>::MULTIPLY_ADDS;
    const MODULES: usize = 1 + <X as Branch<L::First>>::MODULES + <X as Taken<L::Rest, FirstOutput<X, L>>>::MODULES;

    fn forward_pass(&self, x: &X, y: &mut Self::Output, workspace: &mut Self::Workspace) {
        let (first, rest) = self.branches.layers();
        x.run_into(first, X::before_mut(y), workspace.left_mut());
        x.take(rest, y.as_mut_slice(), workspace.right_mut(), |y, branch| *y *= branch);
    }
}

impl<X, L: Branches> Backward<X> for Product<L>
where
    X: TrainBranch<L::First> + TrainTaken<L::Rest, FirstOutput<X, L>>,
{
    /// Outputs and tapes; dy times the outputs of some branches and of all but one; room for the dx of one branch after
    /// the other.
    type Tape = (
        (<X as TrainBranch<L::First>>::Tape, <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::Tape),
        ((Self::Output, Self::Output), <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::Room),
    );

    const GIVES_DX: bool =
        <X as TrainBranch<L::First>>::GIVES_DX && <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::GIVES_DX;
    const ONLY_DX: bool =
        <X as TrainBranch<L::First>>::ONLY_DX && <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::ONLY_DX;

    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, ((tape, tapes), _): &mut Self::Tape) {
        let (first, rest) = self.branches.layers();
        y.as_mut_slice().copy_from_slice(TrainBranch::record(x, first, tape).as_slice());
        TrainTaken::record(x, rest, y.as_mut_slice(), tapes, |y, branch| *y *= branch);
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
        back::<WithGradient, X, L>(self.branches.layers_with_gradient(&mut gradient.branches), x, dy, tape, dx);
    }

    fn descend_pass(&mut self, x: &X, _y: &Self::Output, dy: &Self::Output, tape: &mut Self::Tape, dx: Option<&mut X>) {
        back::<Exclusive, X, L>(self.branches.layers_mut(), x, dy, tape, dx);
    }
}

/// The backward pass: overwrites dx, where it is asked for, and adds to what is borrowed.
fn back<M: Back, X, L: Branches>(
    (first, rest): (M::Of<'_, L::First>, <L::Rest as List>::Borrows<'_, M>),
    x: &X,
    dy: &<Product<L> as Layer<X>>::Output,
    ((tape, tapes), ((product, branch_dy), room)): &mut <Product<L> as Backward<X>>::Tape,
    mut dx: Option<&mut X>,
) where
    X: TrainBranch<L::First> + TrainTaken<L::Rest, FirstOutput<X, L>>,
{
    branch_dy.as_mut_slice().copy_from_slice(dy.as_slice());
    x.multiply(branch_dy.as_mut_slice(), tapes);
    product.as_mut_slice().copy_from_slice(dy.as_slice());
    each(product.as_mut_slice(), x.recorded(tape).as_slice(), |dy, y| *dy *= y);
    TrainBranch::back::<M>(x, first, X::before(branch_dy), tape, dx.as_deref_mut());
    x.add_back_of_product::<M>(rest, product, branch_dy, tapes, dx, room);
}
