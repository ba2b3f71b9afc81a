//! Two branches side by side.

use crate::functional::{read_channels, write_channels};
use crate::module;
use crate::module::{Backward, Layer, Module};
use crate::shape::ConcatChannels;
use crate::tensor::{Array, Either, Zeroed};

/// y = the channels of A(x), then those of B(x). PyTorch: `torch.cat([a(x), b(x)], dim=1)`.
///
/// | | shape |
/// |---|---|
/// | x | what A and B accept |
/// | A(x), B(x) | (N, C1, H, W), (N, C2, H, W), or signals (N, C1, L), (N, C2, L) |
/// | y | (N, C1 + C2, H, W) or (N, C1 + C2, L) |
///
/// A and B are any layers or models; more than two branches are branches of a branch. dx is the sum of both. The
/// gradient is `Concat` of the two gradients.
///
/// It does not compile where the heights, widths or lengths of the branches differ.
///
/// ```
/// use constconv::prelude::*;
///
/// type Narrow = Conv2d<f32, 4, 2, Kernel<1>>;
/// type Wide = Conv2d<f32, 4, 6, Kernel<3>, Stride<1>, Padding<1>>;
/// let layer = Concat::<Narrow, Wide>::new(Conv2d::ZERO, Conv2d::new(Tensor::full(0.5), Vector::full(1.0)));
/// let y = layer.forward(&Tensor::<f32, 3, 4, 8, 8>::full(2.0)); // Tensor<f32, 3, 8, 8, 8>
/// assert_eq!(y.shape(), [3, 8, 8, 8]);
/// assert_eq!((y[[2, 1, 4, 4]], y[[2, 2, 4, 4]]), (0.0, 37.0));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "one branch makes `Tensor<f32, 1, 2, 8, 8>`, the other one `Tensor<f32, 1, 6, 6, 6>`"
/// let layer = Concat::<Conv2d<f32, 4, 2, Kernel<1>>, Conv2d<f32, 4, 6, Kernel<3>>>::ZERO;
/// let y = layer.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concat<A, B> {
    /// The branch whose channels come first.
    pub first: A,
    /// The branch whose channels come after them.
    pub second: B,
}

impl<A, B> Concat<A, B> {
    /// Makes it from its branches.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let both = Concat::new(Relu, LeakyRelu::new(0.5)).forward(&Tensor::new([[[[-4.0]]]]));
    /// assert_eq!(both, Tensor::new([[[[0.0]], [[-2.0]]]]));
    /// ```
    #[must_use]
    pub const fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: Zeroed, B: Zeroed> Zeroed for Concat<A, B> {
    const ZERO: Self = Self { first: A::ZERO, second: B::ZERO };
}

module! { [A: Module, B: Module] Concat<A, B> {
    module first: A,
    module second: B,
}; gradient: Concat<A::Gradient, B::Gradient> }

impl<X, A: Layer<X>, B: Layer<X>> Layer<X> for Concat<A, B>
where
    A::Output: ConcatChannels<B::Output>,
{
    type Output = <A::Output as ConcatChannels<B::Output>>::Output;
    /// Output and working memory of one branch after the other.
    type Workspace = Either<(A::Output, A::Workspace), (B::Output, B::Workspace)>;

    const MULTIPLY_ADDS: usize = A::MULTIPLY_ADDS + B::MULTIPLY_ADDS;

    fn forward_pass(&self, x: &X, y: &mut Self::Output, workspace: &mut Self::Workspace) {
        let images = <A::Output as ConcatChannels<B::Output>>::IMAGES;
        let (first, inner) = workspace.left_mut();
        self.first.forward_pass(x, first, inner);
        write_channels(images, first.as_slice(), 0, y.as_mut_slice());
        let (second, inner) = workspace.right_mut();
        self.second.forward_pass(x, second, inner);
        write_channels(images, second.as_slice(), A::Output::LEN, y.as_mut_slice());
    }
}

impl<X: Array, A: Backward<X>, B: Backward<X>> Backward<X> for Concat<A, B>
where
    A::Output: ConcatChannels<B::Output>,
{
    /// Output and tape of each branch; room for dy of one branch after the other; dx of the second branch.
    type Tape = (((A::Output, A::Tape), (B::Output, B::Tape)), (Either<A::Output, B::Output>, X));

    const GIVES_DX: bool = A::GIVES_DX && B::GIVES_DX;
    const ONLY_DX: bool = A::ONLY_DX && B::ONLY_DX;

    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, (((first, a), (second, b)), _): &mut Self::Tape) {
        let images = <A::Output as ConcatChannels<B::Output>>::IMAGES;
        self.first.forward_train_pass(x, first, a);
        write_channels(images, first.as_slice(), 0, y.as_mut_slice());
        self.second.forward_train_pass(x, second, b);
        write_channels(images, second.as_slice(), A::Output::LEN, y.as_mut_slice());
    }

    fn backward_pass(
        &self,
        x: &X,
        _y: &Self::Output,
        dy: &Self::Output,
        (((first, a), (second, b)), (branch_dy, second_dx)): &mut Self::Tape,
        mut dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    ) {
        let images = <A::Output as ConcatChannels<B::Output>>::IMAGES;
        let first_dy = branch_dy.left_mut();
        read_channels(images, dy.as_slice(), 0, first_dy.as_mut_slice());
        self.first.backward_pass(x, first, first_dy, a, dx.as_deref_mut(), &mut gradient.first);

        let second_dy = branch_dy.right_mut();
        read_channels(images, dy.as_slice(), A::Output::LEN, second_dy.as_mut_slice());
        let of_second = dx.is_some().then_some(&mut *second_dx);
        self.second.backward_pass(x, second, second_dy, b, of_second, &mut gradient.second);
        if let Some(dx) = dx {
            dx.as_mut_slice().iter_mut().zip(second_dx.as_slice()).for_each(|(dx, &second)| *dx += second);
        }
    }
}
