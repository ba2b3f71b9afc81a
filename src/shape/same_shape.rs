//! Arrays of the same shape.

use crate::tensor::Array;

/// An array of the type `X`: the output of a layer that keeps the shape, to which its input can be added.
///
/// Where a computed output and `X` are the same, the compiler must be told so; the methods hand an `X` over as that
/// output.
///
/// ```
/// use constconv::module::Feeds;
/// use constconv::prelude::*;
/// use constconv::shape::SameShapeAs;
/// /// x + L(x)
/// fn block<L: Module, X: Array<Scalar = f32> + Feeds<L>>(layer: &L, x: &X) -> X::Output
/// where
///     X::Output: SameShapeAs<X> + Array<Scalar = f32>,
/// {
///     let mut y = layer.forward(x);
///     y.as_mut_slice().iter_mut().zip(X::Output::of(x).as_slice()).for_each(|(y, x)| *y += x);
///     y
/// }
/// assert_eq!(block(&Relu, &Vector::new([-4.0, 4.0])), Vector::new([-4.0, 8.0]));
/// ```
#[diagnostic::on_unimplemented(
    message = "a residual block cannot add `{X}` to a body's `{Self}`",
    label = "the body turns `{X}` into `{Self}`",
    note = "inside of a residual block channels, height and width must stay the same: `Conv2d` keeps them with C = F and `Padding` of half of the kernel"
)]
pub trait SameShapeAs<X: Array>: Array {
    /// The same array, by the name of this type.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::shape::SameShapeAs;
    /// let x = Vector::new([1.0, 2.0]);
    /// assert_eq!(<Vector<f32, 2> as SameShapeAs<_>>::of(&x), &x);
    /// ```
    fn of(x: &X) -> &Self;

    /// The same array, by the name of this type.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::shape::SameShapeAs;
    /// let mut x = Vector::new([1.0, 2.0]);
    /// <Vector<f32, 2> as SameShapeAs<_>>::of_mut(&mut x).fill(3.0);
    /// assert_eq!(x, Vector::full(3.0));
    /// ```
    fn of_mut(x: &mut X) -> &mut Self;
}

impl<X: Array> SameShapeAs<X> for X {
    fn of(x: &X) -> &X {
        x
    }

    fn of_mut(x: &mut X) -> &mut X {
        x
    }
}
