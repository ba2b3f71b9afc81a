//! Arrays of floats of 16 bits: half of the memory for what is stored, converted to `f32` for computing.

use half::{bf16, f16};

use super::for_all_arrays;
use crate::tensor::{Matrix, Signal, Tensor, Vector};

macro_rules! halves {
    ($name:ident [$($axis:ident),+] $inner:ty) => {
        halves! { @of f16 $name [$($axis),+] }
        halves! { @of bf16 $name [$($axis),+] }
    };
    (@of $half:ident $name:ident [$($axis:ident),+]) => {
        impl<$(const $axis: usize),+> From<&$name<f32, $($axis),+>> for $name<$half, $($axis),+> {
            /// Each number rounded to the nearest one.
            fn from(numbers: &$name<f32, $($axis),+>) -> Self {
                let mut halves = Self::full($half::ZERO);
                halves.iter_mut().zip(numbers).for_each(|(half, &number)| *half = $half::from_f32(number));
                halves
            }
        }

        impl<$(const $axis: usize),+> From<&$name<$half, $($axis),+>> for $name<f32, $($axis),+> {
            fn from(halves: &$name<$half, $($axis),+>) -> Self {
                let mut numbers = Self::zeros();
                numbers.iter_mut().zip(halves).for_each(|(number, &half)| *number = half.to_f32());
                numbers
            }
        }
    };
}

for_all_arrays! { halves }
