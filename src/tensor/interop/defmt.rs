//! Arrays in logs of small machines: their name, and their elements.

use defmt::{Format, Formatter, write};

use super::for_all_arrays;
use crate::tensor::{Matrix, Signal, Tensor, Vector};

macro_rules! logged {
    ($name:ident [$($axis:ident),+] $inner:ty) => {
        impl<T: Format, $(const $axis: usize),+> Format for $name<T, $($axis),+> {
            fn format(&self, f: Formatter<'_>) {
                write!(f, "{=str}{} {=[?]}", stringify!($name), [$($axis),+], self.as_slice());
            }
        }
    };
}

for_all_arrays! { logged }
