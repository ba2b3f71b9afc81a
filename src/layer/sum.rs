//! A sum of branches.

use super::branch::{Branch, FirstOutput, TrainBranch};
use super::branches::{Taken, TrainTaken};
use crate::module;
use crate::module::{Back, Backward, Branches, Exclusive, Layer, List, MapOfX, Module, WithGradient};
use crate::tensor::{Array, Either, Zeroed};

/// y = A(x) + B(x) + …. PyTorch: `a(x) + b(x)`.
///
/// `L` is a tuple of branches, up to twelve, `Sum<(A, B)>`, which are any layers or models whose outputs have the same
/// shape; [`Identity`](super::Identity) is x itself. dx is the sum of what all make of dy. The gradient is `Sum` of the
/// tuple of their gradients. A sum of a body and the way around it is a [`Residual`](super::Residual).
///
/// It does not compile where the shapes differ.
///
/// ```
/// use constconv::prelude::*;
///
/// type Narrow = Conv2d<f32, 4, 8, Kernel<1>>;
/// type Wide = Conv2d<f32, 4, 8, Kernel<3>, Stride<1>, Padding<1>>;
/// let x = Tensor::<f32, 2, 4, 8, 8>::full(2.0);
/// let mut layer = Sum::<(Narrow, Wide)>::ZERO;
/// layer.branches.0.weight.fill(0.5);
/// layer.branches.1.bias.fill(1.0);
/// assert_eq!(layer.forward(&x), Tensor::<f32, 2, 8, 8, 8>::full(4.0 + 1.0));
/// let (dx, gradient) = layer.backward(&x, &Tensor::full(1.0));
/// assert_eq!(dx, Tensor::full(4.0));
/// assert_eq!(gradient.branches.1.bias, Vector::full(128.0));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "this branch makes `Tensor<f32, 1, 8, 6, 6>`, those before it `Tensor<f32, 1, 8, 8, 8>`"
/// let layer = Sum::<(Conv2d<f32, 4, 8, Kernel<1>>, Conv2d<f32, 4, 8, Kernel<3>>)>::ZERO;
/// let y = layer.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum<L> {
    /// The branches, a tuple.
    pub branches: L,
}

impl<L> Sum<L> {
    /// Makes it from the tuple of its branches.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let layer = Sum::new((Relu, LeakyRelu::new(0.5), Identity));
    /// assert_eq!(layer.forward(&Vector::new([-4.0, 4.0])), Vector::new([-6.0, 12.0]));
    /// ```
    #[must_use]
    pub const fn new(branches: L) -> Self {
        Self { branches }
    }
}

impl<L: Zeroed> Zeroed for Sum<L> {
    const ZERO: Self = Self::new(L::ZERO);
}

module! { [L: Module] Sum<L> {
    module branches as "": L,
}; gradient: Sum<L::Gradient>; role: MapOfX }

impl<X, L: Branches> Layer<X> for Sum<L>
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
        x.take(rest, y.as_mut_slice(), workspace.right_mut(), |y, branch| *y += branch);
    }
}

impl<X, L: Branches> Backward<X> for Sum<L>
where
    X: TrainBranch<L::First> + TrainTaken<L::Rest, FirstOutput<X, L>>,
{
    /// Outputs and tapes; room for the dx of one branch after the other.
    type Tape = (
        (<X as TrainBranch<L::First>>::Tape, <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::Tape),
        <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::Room,
    );

    const GIVES_DX: bool =
        <X as TrainBranch<L::First>>::GIVES_DX && <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::GIVES_DX;
    const ONLY_DX: bool =
        <X as TrainBranch<L::First>>::ONLY_DX && <X as TrainTaken<L::Rest, FirstOutput<X, L>>>::ONLY_DX;

    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, ((tape, tapes), _): &mut Self::Tape) {
        let (first, rest) = self.branches.layers();
        y.as_mut_slice().copy_from_slice(TrainBranch::record(x, first, tape).as_slice());
        TrainTaken::record(x, rest, y.as_mut_slice(), tapes, |y, branch| *y += branch);
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
    dy: &<Sum<L> as Layer<X>>::Output,
    ((tape, tapes), room): &mut <Sum<L> as Backward<X>>::Tape,
    mut dx: Option<&mut X>,
) where
    X: TrainBranch<L::First> + TrainTaken<L::Rest, FirstOutput<X, L>>,
{
    TrainBranch::back::<M>(x, first, X::before(dy), tape, dx.as_deref_mut());
    x.add_back_of_sum::<M>(rest, dy, tapes, dx, room);
}
