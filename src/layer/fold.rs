//! Batch normalisations that become part of the convolutions before them.

use super::{BatchNorm2d, Identity, Residual};
use crate::functional::Convolution;
use crate::shape::{Axis, Statistics};
use crate::tensor::Real;

/// Layers in a row of which a batch normalisation can be folded into the convolution before it, for inference. PyTorch:
/// `nn.utils.fusion.fuse_conv_bn_eval`.
///
/// | | folded |
/// |---|---|
/// | `(conv, norm)` | a convolution with a bias: [`BatchNorm2d::fold`] |
/// | `(conv, norm, L)` | `(conv, L)` |
/// | `(A, B)`, `(A, B, C)`, of rows that fold | the rows, folded |
/// | `Residual<A>`, `Residual<A, B>` | the same of the rows, folded |
///
/// A model is folded by its layers, into a model of another type:
///
/// ```
/// use constconv::prelude::*;
///
/// type Unit<const C: usize, const F: usize> =
///     (Conv2d<f32, C, F, Kernel<3>, Stride<1>, Padding<1>>, BatchNorm2d<f32, F>, Relu);
///
/// model! {
///     Net: Tensor<f32, 1, 2, 8, 8> => {
///         stem: Unit<2, 4>,
///         block: Residual<(Unit<4, 4>, Unit<4, 4>)>,
///         fc: Linear<f32, 256, 10>,
///     }
/// }
/// model! {
///     Deployed: Tensor<f32, 1, 2, 8, 8> => {
///         stem: Folded<Unit<2, 4>>,
///         block: Folded<Residual<(Unit<4, 4>, Unit<4, 4>)>>,
///         fc: Linear<f32, 256, 10>,
///     }
/// }
///
/// let net = Net::BLANK; // a trained one
/// let deployed = Deployed { stem: net.stem.fold(), block: net.block.fold(), fc: net.fc.clone() };
/// let x = Tensor::<f32, 1, 2, 8, 8>::full(1.0);
/// assert_eq!(deployed.forward(&x), net.forward(&x));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no batch normalisation to fold",
    label = "expected a row `(convolution, batch normalisation)`, with a layer after it or without, or a row of such rows"
)]
pub trait Fold {
    /// The layers without the batch normalisation.
    type Folded;

    /// Folds it.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let norm = BatchNorm2d::<f64, 1>::new(Vector::full(3.0), Vector::full(1.0), Vector::full(5.0), Vector::full(4.0));
    /// let row = (Conv2d::<f64, 1, 1, Kernel<1>>::new(Tensor::full(1.0), Vector::zeros()), norm);
    /// let y = row.fold().forward(&Tensor::new([[[[9.0]]]]));
    /// assert!((y[[0; 4]] - 7.0).abs() < 1e-4); // (9 − 5)/2 · 3 + 1
    /// ```
    #[must_use]
    fn fold(&self) -> Self::Folded;
}

/// What becomes of `L` where its batch normalisations are folded: see [`Fold`].
///
/// ```
/// use constconv::prelude::*;
/// type Conv<B> = Conv1d<f32, 3, 8, Kernel<5>, Stride<1>, Padding<0>, Exact, Dilation<1>, Ungrouped, B>;
/// let conv: Folded<(Conv<NoBias>, BatchNorm1d<f32, 8>)> = Conv::<Bias>::ZERO;
/// ```
pub type Folded<L> = <L as Fold>::Folded;

impl<T: Real, const C: usize, M: Statistics, L: Convolution<Scalar = T, Filters = Axis<C>>> Fold
    for (L, BatchNorm2d<T, C, M>)
{
    type Folded = L::WithBias;

    fn fold(&self) -> L::WithBias {
        self.1.fold(&self.0)
    }
}

impl<T: Real, const C: usize, M: Statistics, L: Convolution<Scalar = T, Filters = Axis<C>>, E: Clone> Fold
    for (L, BatchNorm2d<T, C, M>, E)
{
    type Folded = (L::WithBias, E);

    fn fold(&self) -> (L::WithBias, E) {
        (self.1.fold(&self.0), self.2.clone())
    }
}

impl<A: Fold, B: Fold> Fold for (A, B) {
    type Folded = (A::Folded, B::Folded);

    fn fold(&self) -> Self::Folded {
        (self.0.fold(), self.1.fold())
    }
}

impl<A: Fold, B: Fold, C: Fold> Fold for (A, B, C) {
    type Folded = (A::Folded, B::Folded, C::Folded);

    fn fold(&self) -> Self::Folded {
        (self.0.fold(), self.1.fold(), self.2.fold())
    }
}

impl Fold for Identity {
    type Folded = Self;

    fn fold(&self) -> Self {
        Self
    }
}

impl<L: Fold, S: Fold> Fold for Residual<L, S> {
    type Folded = Residual<L::Folded, S::Folded>;

    fn fold(&self) -> Self::Folded {
        Residual::with_shortcut(self.body.fold(), self.shortcut.fold())
    }
}
