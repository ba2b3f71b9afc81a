//! Arrays as views of `ndarray`, and back.

use ndarray::{ArrayView, ArrayViewMut, Dim, Ix, ShapeError};

use super::for_all_arrays;
use crate::tensor::{Matrix, Scalar, Signal, Tensor, Vector};

macro_rules! views {
    ($name:ident [$($axis:ident),+] $inner:ty) => {
        impl<'a, T, $(const $axis: usize),+> From<&'a $name<T, $($axis),+>>
            for ArrayView<'a, T, Dim<[Ix; [$(stringify!($axis)),+].len()]>>
        {
            /// The same elements, where they are.
            fn from(array: &'a $name<T, $($axis),+>) -> Self {
                ArrayView::from_shape([$($axis),+], array.as_slice()).expect("as many elements as the shape has")
            }
        }

        impl<'a, T, $(const $axis: usize),+> From<&'a mut $name<T, $($axis),+>>
            for ArrayViewMut<'a, T, Dim<[Ix; [$(stringify!($axis)),+].len()]>>
        {
            /// The same elements, where they are.
            fn from(array: &'a mut $name<T, $($axis),+>) -> Self {
                ArrayViewMut::from_shape([$($axis),+], array.as_mut_slice()).expect("as many elements as the shape has")
            }
        }

        impl<T: Scalar, $(const $axis: usize),+>
            TryFrom<ArrayView<'_, T, Dim<[Ix; [$(stringify!($axis)),+].len()]>>> for $name<T, $($axis),+>
        {
            type Error = ShapeError;

            /// A copy, if the shape is this one.
            fn try_from(
                view: ArrayView<'_, T, Dim<[Ix; [$(stringify!($axis)),+].len()]>>,
            ) -> Result<Self, ShapeError> {
                if view.shape() != [$($axis),+] {
                    return Err(ShapeError::from_kind(ndarray::ErrorKind::IncompatibleShape));
                }
                let mut array = Self::zeros();
                array.iter_mut().zip(view).for_each(|(a, &b)| *a = b);
                Ok(array)
            }
        }
    };
}

for_all_arrays! { views }
