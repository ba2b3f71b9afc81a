//! Arrays as what they are made of. They are not `Pod`, as they are not `Copy`; their slices can be cast.
#![allow(unsafe_code)] // Promises about memory.

use bytemuck::{TransparentWrapper, Zeroable};

use super::for_all_arrays;
use crate::tensor::{Matrix, Signal, Tensor, Vector};

macro_rules! memory {
    ($name:ident [$($axis:ident),+] $inner:ty) => {
        // SAFETY: an array is nothing but its elements, of which zeros are values.
        unsafe impl<T: Zeroable, $(const $axis: usize),+> Zeroable for $name<T, $($axis),+> {}

        // SAFETY: the struct is `repr(transparent)` over this type, and takes any value of it.
        unsafe impl<T, $(const $axis: usize),+> TransparentWrapper<$inner> for $name<T, $($axis),+> {}
    };
}

for_all_arrays! { memory }
