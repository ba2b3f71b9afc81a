//! A whole model in another form: by Winograd's algorithm, or on several threads.

use super::*;
use crate::functional::Convolution;
use crate::module::{Module, Rewrite};
use crate::shape::verdict::{Fails, Holds};
use crate::shape::{BiasKind, Grouping, KernelSize, WinogradWindow};
use crate::tensor::{Array, Scalar, Tensor};

/// What [`Rewrite`] is asked for: convolutions by Winograd's algorithm, with weights that are transformed once. See
/// [`Forms::winograd`].
///
/// ```
/// use constconv::module::Rewrite;
/// use constconv::prelude::*;
/// fn deploy<M: Rewrite<ByWinograd>>(net: &M) -> M::Output {
///     net.rewrite()
/// }
/// assert_eq!(deploy(&Relu), Relu);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByWinograd;

/// What [`Rewrite`] is asked for: convolutions on several threads. See [`Forms::parallel`].
///
/// ```
/// use constconv::module::Rewrite;
/// use constconv::prelude::*;
/// let conv = Conv1d::<f32, 1, 1, Kernel<3>>::BLANK;
/// assert_eq!(Rewrite::<OnThreads>::rewrite(&conv), Parallel::new(conv));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnThreads;

/// The other forms of a whole model, for inference: models of another type that compute the same.
///
/// ```
/// use constconv::prelude::*;
///
/// type Conv<const C: usize, const F: usize> = Conv2d<f32, C, F, Kernel<3>, Stride<1>, Padding<1>>;
/// model! {
///     Block: Tensor<f32, 1, 16, 16, 16> => {
///         conv1: Conv<16, 16>,
///         relu: Relu,
///         conv2: Conv<16, 16>,
///     }
/// }
/// model! {
///     Net: Tensor<f32, 1, 3, 16, 16> => {
///         stem: Conv<3, 16>,
///         block: Residual<Block>,
///         relu: Relu,
///         pool: MaxPool2d<Kernel<2>>,
///         fc: Linear<f32, 1024, 10>,
///     }
/// }
///
/// let mut net = Net::BLANK; // a trained one
/// net.stem.weight.fill(0.1);
/// net.block.body.conv1.weight.fill(0.1);
/// net.block.body.conv2.weight.fill(0.1);
/// net.fc.weight.fill(0.01);
/// let x = Tensor::<f32, 1, 3, 16, 16>::full(1.0);
/// let y = net.forward(&x);
/// let fast = net.winograd(); // once
/// assert!(fast.forward(&x).zip(&y, |a, b| (a / b - 1.0).abs()).iter().all(|&error| error < 1e-4));
/// assert_eq!(net.parallel().forward(&x), y);
/// ```
pub trait Forms: Module {
    /// The model with [`Transformed`] convolutions wherever Winograd's algorithm suits: 3×3, stride 1, no dilation, no
    /// groups; everything else is as it was. Models within it, rows, branches and residual blocks are looked into. Later
    /// changes of this model's weights do not reach the other one.
    ///
    /// The rounding error of such a convolution is 5 to 12 times that of the direct one: see [`Winograd`]. Its weights
    /// take five times the memory.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// type Conv<K> = Conv2d<f32, 16, 16, K>;
    /// let row = (Conv::<Kernel<3>>::BLANK, Relu, Conv::<Kernel<5>>::BLANK);
    /// let (first, Relu, second) = row.winograd();
    /// assert_eq!(size_of_val(&first), size_of_val(&row.0) + 36 * 16 * 16 * 4); // transformed weights beside
    /// assert_eq!(second, row.2);
    /// ```
    #[must_use]
    fn winograd(&self) -> <Self as Rewrite<ByWinograd>>::Output
    where
        Self: Rewrite<ByWinograd>,
    {
        self.rewrite()
    }

    /// The model with [`Parallel`] convolutions: to the same bits.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let row = (Conv2d::<f32, 1, 1, Kernel<3>>::BLANK, Relu);
    /// assert_eq!(row.parallel(), (Parallel::new(row.0.clone()), Relu));
    /// ```
    #[must_use]
    fn parallel(&self) -> <Self as Rewrite<OnThreads>>::Output
    where
        Self: Rewrite<OnThreads>,
    {
        self.rewrite()
    }
}

impl<M: Module> Forms for M {}

/// A convolution whose weights may be transformed, kept in a `U`: it becomes [`Transformed`] if that suits.
#[doc(hidden)]
pub trait Suited<L, U> {
    type Form;

    fn form(conv: &L) -> Self::Form;
}

impl<L: Convolution + Clone, U: Array<Scalar = L::Scalar>> Suited<L, U> for Holds
where
    Transformed<L, U>: From<L>,
{
    type Form = Transformed<L, U>;

    fn form(conv: &L) -> Transformed<L, U> {
        conv.clone().into()
    }
}

impl<L: Clone, U> Suited<L, U> for Fails {
    type Form = L;

    fn form(conv: &L) -> L {
        conv.clone()
    }
}

impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
    Rewrite<ByWinograd> for Conv2d<T, C, F, K, S, P, R, D, G, B>
where
    (K, S, D, G): WinogradWindow<Suits: Suited<Self, Tensor<T, 6, 6, C, F>>>,
{
    type Output = <<(K, S, D, G) as WinogradWindow>::Suits as Suited<Self, Tensor<T, 6, 6, C, F>>>::Form;

    fn rewrite(&self) -> Self::Output {
        <(K, S, D, G) as WinogradWindow>::Suits::form(self)
    }
}

/// What becomes of the layers that are of use for a purpose, and of those that hold others; the rest stays.
macro_rules! forms {
    ($([$($generics:tt)*] $type:ty $(, for $purpose:ty)?;)*) => { $(
        forms!(@unchanged [$($generics)*] { $type } $($purpose)?);
    )* };
    (@unchanged [$($generics:tt)*] { $type:ty }) => {
        forms!(@unchanged [$($generics)* Purpose] { $type } Purpose);
    };
    (@unchanged [$($generics:tt)*] { $type:ty } $purpose:ty) => {
        impl<$($generics)*> Rewrite<$purpose> for $type
        where
            Self: Clone,
        {
            type Output = Self;

            fn rewrite(&self) -> Self {
                self.clone()
            }
        }
    };
}

forms! {
    [T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind]
        Conv1d<T, C, F, K, S, P, R, D, G, B>, for ByWinograd;
    [T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, O, D, G: Grouping<F, C>, B: BiasKind,]
        ConvTranspose2d<T, C, F, K, S, P, O, D, G, B>;
    [L,] Winograd<L>;
    [L, U,] Transformed<L, U>;
    [L,] Parallel<L>;
    [K, S, P, R, D,] MaxPool2d<K, S, P, R, D>;
    [K, S, P, R, M,] AvgPool2d<K, S, P, R, M>;
    [K, S, P, R, D,] MaxPool1d<K, S, P, R, D>;
    [K, S, P, R, M,] AvgPool1d<K, S, P, R, M>;
    [O,] AdaptiveMaxPool2d<O>;
    [O,] AdaptiveAvgPool2d<O>;
    [] GlobalMaxPool2d;
    [] GlobalAvgPool2d;
    [] GlobalMaxPool1d;
    [] GlobalAvgPool1d;
    [T: Scalar, const C: usize, M,] BatchNorm2d<T, C, M>;
    [P,] ZeroPad2d<P>;
    [S,] UpsampleNearest2d<S>;
    [T: Scalar, const IN: usize, const OUT: usize, B: BiasKind,] Linear<T, IN, OUT, B>;
    [] Flatten;
    [] Relu;
    [] Relu6;
    [S,] LeakyRelu<S>;
    [S,] Elu<S>;
    [] Sigmoid;
    [] Tanh;
    [] Silu;
    [] Gelu;
    [] GeluTanh;
    [] Hardsigmoid;
    [] Hardswish;
    [] Softplus;
    [] Softmax;
    [] LogSoftmax;
    [] Dropout;
    [] Identity;
}

/// Convolutions on several threads.
macro_rules! on_threads {
    ($($conv:ident)*) => { $(
        impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Rewrite<OnThreads> for $conv<T, C, F, K, S, P, R, D, G, B>
        where
            Self: Clone,
        {
            type Output = Parallel<Self>;

            fn rewrite(&self) -> Parallel<Self> {
                Parallel::new(self.clone())
            }
        }
    )* };
}

on_threads! { Conv2d Conv1d }

/// Layers that hold others, in a field.
macro_rules! around {
    ($($layer:ident: $field:ident;)*) => { $(
        impl<Purpose, L: Rewrite<Purpose>> Rewrite<Purpose> for $layer<L> {
            type Output = $layer<L::Output>;

            fn rewrite(&self) -> Self::Output {
                $layer::new(self.$field.rewrite())
            }
        }
    )* };
}

around! {
    Sum: branches;
    Product: branches;
    Concat: branches;
    Tap: body;
    Frozen: body;
}

impl<Purpose, L: Rewrite<Purpose>, S: Rewrite<Purpose>> Rewrite<Purpose> for Residual<L, S> {
    type Output = Residual<L::Output, S::Output>;

    fn rewrite(&self) -> Self::Output {
        Residual::with_shortcut(self.body.rewrite(), self.shortcut.rewrite())
    }
}
