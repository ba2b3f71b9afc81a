//! The traits of other crates, each behind a feature of the crate's name.

#[cfg(feature = "bytemuck")]
mod bytemuck;
#[cfg(feature = "defmt")]
mod defmt;
#[cfg(feature = "half")]
mod half;
#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "serde")]
mod serde;

/// Calls a macro once for each type of arrays: its name, its axes, and the nested arrays that it is made of.
#[cfg(any(feature = "bytemuck", feature = "defmt", feature = "half", feature = "ndarray", feature = "serde"))]
macro_rules! for_all_arrays {
    ($macro:ident) => {
        $macro! { Tensor [N, C, H, W] [[[[T; W]; H]; C]; N] }
        $macro! { Signal [N, C, L] [[[T; L]; C]; N] }
        $macro! { Matrix [R, C] [[T; C]; R] }
        $macro! { Vector [N] [T; N] }
    };
}
#[cfg(any(feature = "bytemuck", feature = "defmt", feature = "half", feature = "ndarray", feature = "serde"))]
use for_all_arrays;
