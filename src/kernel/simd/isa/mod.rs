//! The instruction sets: the only place with intrinsics, or with a `cfg` of an architecture.
//!
//! A new one is a file here, with a token and its vectors (see [`Token`](super::Token) and [`Simd`](super::Simd)), and a
//! row of the table.

#[cfg(target_arch = "x86_64")]
#[macro_use]
mod x86;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(all(target_arch = "aarch64", feature = "std"))]
mod neon;

#[cfg(all(target_arch = "aarch64", feature = "std"))]
pub(in crate::kernel) use neon::Neon;
#[cfg(target_arch = "x86_64")]
pub(in crate::kernel) use {avx2::Avx2, avx512::Avx512};

/// The table: calls a macro with a row for each instruction set of this architecture, slowest first, then `=>` and what
/// is in its braces. A row is the token, the name of the level, and names for what is compiled for it with f32 and f64.
#[cfg(target_arch = "x86_64")]
macro_rules! for_each {
    ($callback:ident! { $($arguments:tt)* }) => {
        $callback! {
            Avx2 "avx2" avx2_f32 avx2_f64;
            Avx512 "avx512" avx512_f32 avx512_f64;
            => $($arguments)*
        }
    };
}

/// The table of aarch64. All of its processors have NEON, so that the compiler's features do not tell those where code
/// and stack are short from the others: without an operating system it has no rows.
#[cfg(all(target_arch = "aarch64", feature = "std"))]
macro_rules! for_each {
    ($callback:ident! { $($arguments:tt)* }) => {
        $callback! {
            Neon "neon" neon_f32 neon_f64;
            => $($arguments)*
        }
    };
}

/// The table, of an architecture without rows.
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", feature = "std"))))]
macro_rules! for_each {
    ($callback:ident! { $($arguments:tt)* }) => {
        $callback! { => $($arguments)* }
    };
}

pub(in crate::kernel) use for_each;
