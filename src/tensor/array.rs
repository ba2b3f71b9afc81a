//! What all arrays have in common.

use super::{Scalar, Storage, Zeroed};

/// An array whose shape is part of its type: [`Tensor`](super::Tensor), [`Signal`](super::Signal),
/// [`Matrix`](super::Matrix) or [`Vector`](super::Vector). Sealed.
///
/// ```
/// use constconv::prelude::*;
/// fn sum<A: Array<Scalar = f32>>(a: &A) -> f32 {
///     a.as_slice().iter().sum()
/// }
/// assert_eq!(sum(&Matrix::new([[1.0, 2.0], [3.0, 4.0]])), 10.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tensor",
    label = "expected a `Tensor`, `Signal`, `Matrix` or `Vector`",
    note = "nested arrays become one by `Tensor::new(..)`, and one in a `Box` is passed as `&*x`"
)]
pub trait Array: Storage + Send + Sync + sealed::Sealed<Itself = Self> {
    /// The type of the elements.
    type Scalar: Scalar;

    /// How many elements there are.
    const LEN: usize;

    /// The extents of the axes.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(<Matrix<f32, 2, 3> as Array>::SHAPE, [2, 3]);
    /// ```
    const SHAPE: &'static [usize];

    /// All elements, row-major.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// fn largest<A: Array<Scalar = i32>>(a: &A) -> Option<i32> {
    ///     a.as_slice().iter().copied().max()
    /// }
    /// assert_eq!(largest(&Signal::new([[[3, 9, 4]]])), Some(9));
    /// ```
    fn as_slice(&self) -> &[Self::Scalar];

    /// All elements, row-major.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// fn negate<A: Array<Scalar = i32>>(a: &mut A) {
    ///     a.as_mut_slice().iter_mut().for_each(|a| *a = -*a);
    /// }
    /// let mut b = Vector::new([1, -2]);
    /// negate(&mut b);
    /// assert_eq!(b, Vector::new([-1, 2]));
    /// ```
    fn as_mut_slice(&mut self) -> &mut [Self::Scalar];
}

/// An array with elements of type `T`, or none: an [`Array`], or `()`. Sealed.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::tensor::Elements;
/// fn sum(bias: &impl Elements<f32>) -> f32 {
///     bias.elements().unwrap_or_default().iter().sum()
/// }
/// assert_eq!((sum(&Vector::new([1.0, 2.0])), sum(&())), (3.0, 0.0));
/// ```
pub trait Elements<T: Scalar>: Zeroed + sealed::Elements<T> {
    /// How many elements there are.
    const LEN: usize;

    /// The lengths of the axes, if there is an array.
    const SHAPE: Option<&'static [usize]>;

    /// All elements, row-major, if there is an array.
    ///
    /// ```
    /// use constconv::tensor::{Elements, Vector};
    /// assert_eq!(Vector::new([1, 2]).elements(), Some(&[1, 2][..]));
    /// ```
    fn elements(&self) -> Option<&[T]>;

    /// All elements, row-major, if there is an array.
    ///
    /// ```
    /// use constconv::tensor::Elements;
    /// assert_eq!(Elements::<f32>::elements_mut(&mut ()), None);
    /// ```
    fn elements_mut(&mut self) -> Option<&mut [T]>;
}

impl<T: Scalar, A: Array<Scalar = T>> Elements<T> for A {
    const LEN: usize = A::LEN;
    const SHAPE: Option<&'static [usize]> = Some(A::SHAPE);

    #[inline(always)]
    fn elements(&self) -> Option<&[T]> {
        Some(self.as_slice())
    }

    #[inline(always)]
    fn elements_mut(&mut self) -> Option<&mut [T]> {
        Some(self.as_mut_slice())
    }
}

impl<T: Scalar> Elements<T> for () {
    const LEN: usize = 0;
    const SHAPE: Option<&'static [usize]> = None;

    #[inline(always)]
    fn elements(&self) -> Option<&[T]> {
        None
    }

    #[inline(always)]
    fn elements_mut(&mut self) -> Option<&mut [T]> {
        None
    }
}

pub(super) mod sealed {
    pub trait Sealed {
        /// The array. A condition on it hangs on there being one: of what is no array, nothing else is said.
        type Itself;
    }

    /// [`Elements`](super::Elements) and the type of its elements belong together.
    pub trait Elements<T> {}

    impl<A: super::Array> Elements<A::Scalar> for A {}

    impl<T> Elements<T> for () {}
}
