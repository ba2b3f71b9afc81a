//! Branches side by side.

use super::branch::{Branch, FirstOutput, TrainBranch};
use super::branch_channels::{Channels, TrainChannels};
use crate::functional::{read_channels, write_channels};
use crate::module;
use crate::module::{Back, Backward, Branches, Exclusive, Layer, List, MapOfX, Module, WithGradient};
use crate::tensor::{Array, Either, Zeroed};

/// y = the channels of A(x), then those of B(x), …. PyTorch: `torch.cat([a(x), b(x)], dim=1)`.
///
/// | | shape |
/// |---|---|
/// | x | what all branches accept |
/// | A(x), B(x), … | (N, C1, H, W), (N, C2, H, W), …, or signals (N, C1, L), (N, C2, L), … |
/// | y | (N, C1 + C2 + …, H, W) or (N, C1 + C2 + …, L) |
///
/// `L` is a tuple of branches, up to twelve, `Concat<(A, B)>`, which are any layers or models;
/// [`Identity`](super::Identity) is x itself. dx is the sum of what all make of their part of dy. The gradient is
/// `Concat` of the tuple of their gradients.
///
/// It does not compile where the heights, widths or lengths of the branches differ.
///
/// ```
/// use constconv::prelude::*;
///
/// type Narrow = Conv2d<f32, 4, 2, Kernel<1>>;
/// type Wide = Conv2d<f32, 4, 6, Kernel<3>, Stride<1>, Padding<1>>;
/// type Pool = MaxPool2d<Kernel<3>, Stride<1>, Padding<1>>;
/// let mut layer = Concat::<(Narrow, Wide, Pool)>::BLANK;
/// layer.branches.1.weight.fill(0.5);
/// let y = layer.forward(&Tensor::<f32, 3, 4, 8, 8>::full(2.0)); // Tensor<f32, 3, 12, 8, 8>
/// assert_eq!(y.shape(), [3, 12, 8, 8]);
/// assert_eq!((y[[2, 1, 4, 4]], y[[2, 2, 4, 4]], y[[2, 8, 4, 4]]), (0.0, 36.0, 2.0));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "the branches so far make `Tensor<f32, 1, 2, 8, 8>`, the next one `Tensor<f32, 1, 6, 6, 6>`"
/// let layer = Concat::<(Conv2d<f32, 4, 2, Kernel<1>>, Conv2d<f32, 4, 6, Kernel<3>>)>::ZERO;
/// let y = layer.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concat<L> {
    /// The branches, a tuple: the channels of the first one come first.
    pub branches: L,
}

impl<L> Concat<L> {
    /// Makes it from the tuple of its branches.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let all = Concat::new((Relu, LeakyRelu::new(0.5), Identity)).forward(&Tensor::new([[[[-4.0]]]]));
    /// assert_eq!(all, Tensor::new([[[[0.0]], [[-2.0]], [[-4.0]]]]));
    /// ```
    #[must_use]
    pub const fn new(branches: L) -> Self {
        Self { branches }
    }
}

impl<L: Zeroed> Zeroed for Concat<L> {
    const ZERO: Self = Self::new(L::ZERO);
}

module! { [L: Module] Concat<L> {
    module branches as "": L,
}; gradient: Concat<L::Gradient>; role: MapOfX }

impl<X, L: Branches> Layer<X> for Concat<L>
where
    X: Branch<L::First> + Channels<L::Rest, FirstOutput<X, L>>,
{
    type Output = <X as Channels<L::Rest, FirstOutput<X, L>>>::Output;
    /// Output and working memory of one branch after the other.
    type Workspace = Either<<X as Branch<L::First>>::Memory, <X as Channels<L::Rest, FirstOutput<X, L>>>::Memory>;

    const MULTIPLY_ADDS: usize =
        <X as Branch<L::First>>::MULTIPLY_ADDS + <X as Channels<L::Rest, FirstOutput<X, L>>>::MULTIPLY_ADDS;
    const MODULES: usize = 1 + <X as Branch<L::First>>::MODULES + <X as Channels<L::Rest, FirstOutput<X, L>>>::MODULES;

    fn forward_pass(&self, x: &X, y: &mut Self::Output, workspace: &mut Self::Workspace) {
        let (first, rest) = self.branches.layers();
        write_channels(X::IMAGES, x.run(first, workspace.left_mut()).as_slice(), 0, y.as_mut_slice());
        x.write(rest, y.as_mut_slice(), workspace.right_mut());
    }
}

impl<X, L: Branches> Backward<X> for Concat<L>
where
    X: TrainBranch<L::First> + TrainChannels<L::Rest, FirstOutput<X, L>>,
{
    /// Outputs and tapes; room for dy and dx of one branch after the other.
    type Tape = (
        (<X as TrainBranch<L::First>>::Tape, <X as TrainChannels<L::Rest, FirstOutput<X, L>>>::Tape),
        Either<FirstOutput<X, L>, <X as TrainChannels<L::Rest, FirstOutput<X, L>>>::Room>,
    );

    const GIVES_DX: bool =
        <X as TrainBranch<L::First>>::GIVES_DX && <X as TrainChannels<L::Rest, FirstOutput<X, L>>>::GIVES_DX;
    const ONLY_DX: bool =
        <X as TrainBranch<L::First>>::ONLY_DX && <X as TrainChannels<L::Rest, FirstOutput<X, L>>>::ONLY_DX;

    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, ((tape, tapes), _): &mut Self::Tape) {
        let (first, rest) = self.branches.layers();
        write_channels(X::IMAGES, TrainBranch::record(x, first, tape).as_slice(), 0, y.as_mut_slice());
        TrainChannels::record(x, rest, y.as_mut_slice(), tapes);
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
    dy: &<Concat<L> as Layer<X>>::Output,
    ((tape, tapes), room): &mut <Concat<L> as Backward<X>>::Tape,
    mut dx: Option<&mut X>,
) where
    X: TrainBranch<L::First> + TrainChannels<L::Rest, FirstOutput<X, L>>,
{
    let first_dy = room.left_mut();
    read_channels(X::IMAGES, dy.as_slice(), 0, first_dy.as_mut_slice());
    TrainBranch::back::<M>(x, first, first_dy, tape, dx.as_deref_mut());
    TrainChannels::add_back::<M>(x, rest, dy.as_slice(), tapes, dx, room.right_mut());
}
