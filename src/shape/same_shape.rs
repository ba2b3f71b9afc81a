//! Arrays of the same shape.

use crate::tensor::Array;

/// Conditions on two arrays that are taken element by element: each a trait with a message of its own.
macro_rules! same_shape {
    ($($(#[$attribute:meta])* $name:ident;)*) => { $(
        $(#[$attribute])*
        pub trait $name<X: Array>: Array<Scalar = X::Scalar> {
            /// The type of both, and of their sum: what hangs on this condition.
            type Sum: Array<Scalar = X::Scalar>;

            /// A sum by the name of this type.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("use constconv::shape::", stringify!($name), ";")]
            /// let sum = Vector::new([1.0, 2.0]);
            #[doc = concat!("assert_eq!(<Vector<f32, 2> as ", stringify!($name), "<Vector<f32, 2>>>::of(&sum), &sum);")]
            /// ```
            fn of(sum: &Self::Sum) -> &Self;

            /// A sum by the name of this type.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("use constconv::shape::", stringify!($name), ";")]
            /// let mut sum = Vector::new([1.0, 2.0]);
            #[doc = concat!("<Vector<f32, 2> as ", stringify!($name), "<Vector<f32, 2>>>::of_mut(&mut sum).fill(3.0);")]
            /// assert_eq!(sum, Vector::full(3.0));
            /// ```
            fn of_mut(sum: &mut Self::Sum) -> &mut Self;

            /// A sum by the name of the other type.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("use constconv::shape::", stringify!($name), ";")]
            /// let sum = Vector::new([1.0, 2.0]);
            #[doc = concat!("assert_eq!(<Vector<f32, 2> as ", stringify!($name), "<Vector<f32, 2>>>::other(&sum), &sum);")]
            /// ```
            fn other(sum: &Self::Sum) -> &X;

            /// A sum by the name of the other type.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("use constconv::shape::", stringify!($name), ";")]
            /// let mut sum = Vector::new([1.0, 2.0]);
            #[doc = concat!("<Vector<f32, 2> as ", stringify!($name), "<Vector<f32, 2>>>::other_mut(&mut sum).fill(3.0);")]
            /// assert_eq!(sum, Vector::full(3.0));
            /// ```
            fn other_mut(sum: &mut Self::Sum) -> &mut X;
        }

        impl<X: Array> $name<X> for X {
            type Sum = X;

            fn of(sum: &X) -> &X {
                sum
            }

            fn of_mut(sum: &mut X) -> &mut X {
                sum
            }

            fn other(sum: &X) -> &X {
                sum
            }

            fn other_mut(sum: &mut X) -> &mut X {
                sum
            }
        }
    )* };
}

same_shape! {
    /// An array of the type `X`: what the body of a residual block makes, where the way around it makes an `X`.
    ///
    /// Where two computed types are the same, the compiler must be told so: the methods hand over one for another.
    ///
    /// ```
    /// use constconv::module::Feeds;
    /// use constconv::prelude::*;
    /// use constconv::shape::SameShapeAs;
    /// /// x + L(x)
    /// fn block<L: Module, X: Array + Feeds<L, Output: SameShapeAs<X>>>(
    ///     layer: &L,
    ///     x: &X,
    /// ) -> <X::Output as SameShapeAs<X>>::Sum {
    ///     let mut y = Zeroed::ZERO;
    ///     layer.forward_into(x, X::Output::of_mut(&mut y));
    ///     y.as_mut_slice().iter_mut().zip(x.as_slice()).for_each(|(y, &x)| *y += x);
    ///     y
    /// }
    /// assert_eq!(block(&Relu, &Vector::new([-4.0, 4.0])), Vector::new([-4.0, 8.0]));
    /// ```
    #[diagnostic::on_unimplemented(
        message = "a residual block cannot add `{X}` to a body's `{Self}`",
        label = "the body makes `{Self}`, the way around it `{X}`",
        note = "both ways of a residual block make the same shape: without a shortcut of its own that of the input, which `Conv2d` keeps with C = F and `Padding` of half of the kernel",
        note = "a body of another shape takes a projection as its shortcut: `Residual<Body, Conv2d<f32, C, F, Kernel<1>, Stride<2>, Padding<0>, Floor>>`"
    )]
    SameShapeAs;
    /// An array of the type `X`: what a branch of a sum or a product makes, where the branches before it make an `X`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::shape::SameBranchAs;
    /// fn are_branches<X: Array, Y: SameBranchAs<X>>() {}
    /// are_branches::<Tensor<f32, 1, 8, 4, 4>, Tensor<f32, 1, 8, 4, 4>>();
    /// ```
    #[diagnostic::on_unimplemented(
        message = "`{Self}` of one branch cannot be combined with `{X}` of the others",
        label = "this branch makes `{Self}`, those before it `{X}`",
        note = "the branches of a sum or a product make the same shape"
    )]
    SameBranchAs;
}
