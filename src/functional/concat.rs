//! Channels after channels.

use crate::kernel::{self, View};
use crate::shape::{ConcatChannels, SplitChannels};
use crate::tensor::{Array, Scalar};

/// The channels of `a`, then those of `b`, by value. PyTorch: `torch.cat([a, b], dim=1)`.
///
/// | | shape |
/// |---|---|
/// | a, b | (N, C1, H, W), (N, C2, H, W), or signals (N, C1, L), (N, C2, L) |
/// | y | (N, C1 + C2, H, W) or (N, C1 + C2, L) |
///
/// The adjoint is [`split_channels`]. As a layer over branches: [`Concat`](crate::layer::Concat).
///
/// It does not compile where batch, height, width or length differ.
///
/// ```
/// use constconv::functional::concat_channels;
/// use constconv::prelude::*;
///
/// let (a, b) = (Tensor::<f32, 2, 1, 3, 3>::full(1.0), Tensor::<f32, 2, 4, 3, 3>::full(2.0));
/// let y = concat_channels(&a, &b);
/// assert_eq!(y, Tensor::<f32, 2, 5, 3, 3>::from_fn(|[_, c, _, _]| if c < 1 { 1.0 } else { 2.0 }));
/// ```
#[must_use]
pub fn concat_channels<A: ConcatChannels<B, Output = Y>, B: Array, Y: Array<Scalar = B::Scalar>>(a: &A, b: &B) -> Y {
    let mut y = Y::ZERO;
    concat_channels_into(a, b, &mut y);
    y
}

/// As [`concat_channels`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::concat_channels_into;
/// let mut y = Signal::zeros();
/// concat_channels_into(&Signal::new([[[1, 2]]]), &Signal::new([[[3, 4], [5, 6]]]), &mut y);
/// assert_eq!(y, Signal::<i32, 1, 3, 2>::new([[[1, 2], [3, 4], [5, 6]]]));
/// ```
pub fn concat_channels_into<A: ConcatChannels<B, Output = Y>, B: Array, Y: Array<Scalar = B::Scalar>>(
    a: &A,
    b: &B,
    y: &mut Y,
) {
    write_channels(A::IMAGES, a.as_slice(), 0, y.as_mut_slice());
    write_channels(A::IMAGES, b.as_slice(), A::LEN, y.as_mut_slice());
}

/// The first C1 channels and the C2 after them, by value. PyTorch: `x.split([C1, C2], dim=1)`.
///
/// | | shape |
/// |---|---|
/// | x | (N, C1 + C2, H, W) or (N, C1 + C2, L) |
/// | first, second | (N, C1, H, W), (N, C2, H, W), or signals (N, C1, L), (N, C2, L) |
///
/// `split` is a [`Split`](crate::shape::Split). The adjoint is [`concat_channels`].
///
/// It does not compile where C1 + C2 is not the number of channels.
///
/// ```
/// use constconv::functional::split_channels;
/// use constconv::prelude::*;
///
/// let x = Tensor::<i32, 1, 3, 1, 2>::new([[[[1, 2]], [[3, 4]], [[5, 6]]]]);
/// let (first, second) = split_channels(&x, Split::<1, 2>);
/// assert_eq!(first, Tensor::new([[[[1, 2]]]]));
/// assert_eq!(second, Tensor::new([[[[3, 4]], [[5, 6]]]]));
/// ```
///
/// ```compile_fail
/// use constconv::prelude::*;
/// // "8 channels cannot be split into 2 and 5"
/// constconv::functional::split_channels(&Tensor::<f32, 1, 8, 3, 3>::zeros(), Split::<2, 5>);
/// ```
#[must_use]
pub fn split_channels<S, X, A, B>(x: &X, split: S) -> (A, B)
where
    X: SplitChannels<S, First = A, Second = B>,
    A: Array<Scalar = X::Scalar>,
    B: Array<Scalar = X::Scalar>,
{
    let (mut first, mut second) = (A::ZERO, B::ZERO);
    split_channels_into(x, split, &mut first, &mut second);
    (first, second)
}

/// As [`split_channels`], overwriting `first` and `second`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::split_channels_into;
/// let (mut first, mut second) = (Tensor::zeros(), Tensor::zeros());
/// split_channels_into(&Tensor::new([[[[1]], [[2]], [[3]]]]), Split::<2, 1>, &mut first, &mut second);
/// assert_eq!((first, second), (Tensor::<i32, 1, 2, 1, 1>::new([[[[1]], [[2]]]]), Tensor::new([[[[3]]]])));
/// ```
pub fn split_channels_into<S, X, A, B>(x: &X, split: S, first: &mut A, second: &mut B)
where
    X: SplitChannels<S, First = A, Second = B>,
    A: Array<Scalar = X::Scalar>,
    B: Array<Scalar = X::Scalar>,
{
    let _ = split;
    read_channels(X::IMAGES, x.as_slice(), 0, first.as_mut_slice());
    read_channels(X::IMAGES, x.as_slice(), A::LEN, second.as_mut_slice());
}

/// Copies the channels of a part, image by image, into y; those of all images before them take `before` elements.
pub(crate) fn write_channels<T: Scalar>(images: usize, part: &[T], before: usize, y: &mut [T]) {
    let (lengths, whole, inner) = views(images, part.len(), before, y.len());
    kernel::rearrange(lengths, part, inner, y, whole);
}

/// The other way round.
pub(crate) fn read_channels<T: Scalar>(images: usize, y: &[T], before: usize, part: &mut [T]) {
    let (lengths, whole, inner) = views(images, part.len(), before, y.len());
    kernel::rearrange(lengths, y, whole, part, inner);
}

/// The elements of a part of each image: how many, where they are in the whole, and where in the part.
fn views(images: usize, part: usize, before: usize, whole: usize) -> ([usize; 4], View, View) {
    let [part, before, whole] = [part, before, whole].map(|elements| elements / images.max(1));
    let rows = |length| View::row_major([1, 1, images, length]);
    ([1, 1, images, part], rows(whole).from(before), rows(part))
}
