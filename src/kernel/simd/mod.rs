//! The fast kernels: one generic body per operation, compiled for each instruction set.
//!
//! | place | what |
//! |---|---|
//! | `isa` | the table of instruction sets, and a file for each: the only place with intrinsics |
//! | `block` | scratch memory, copies, microkernels: what every way is built from |
//! | `conv` | convolutions, and the one decision which way they go |
//! | `linear` | the fully connected layer |
//! | `thresholds` | every size at which a kernel changes its way |
//!
//! A [`Token`] proves an instruction set. [`Token::call`] compiles a [`Job`] for it: everything in the job is inlined
//! into one function that has the instructions enabled.
#![allow(unsafe_code)]
// Vector instructions, and loops without bounds checks over raw memory.
// A kernel's arguments are its operands and their strides: naming each is clearer than bundling them.
#![allow(clippy::too_many_arguments)]
// Indices name vectors, lanes and rows as in the pseudo-code; all of these loops are unrolled.
#![allow(clippy::needless_range_loop)]
// A processor of which `isa` knows no instruction set calls nothing of this.
#![allow(dead_code, unused_imports)]

mod block;
pub(super) mod conv;
pub(super) mod isa;
pub(super) mod linear;
pub mod thresholds;

use crate::tensor::Scalar;

/// Proof that the processor has an instruction set.
pub(crate) trait Token: Copy {
    /// Runs `job` in a function of its own that is compiled for the instruction set.
    fn call<J: Job<Self>>(self, job: J) -> J::Output;
}

/// What is called with runs of finished elements.
pub(crate) type Then<'a, T> = Option<&'a dyn Fn(&mut [T])>;

/// What is called with an image, a band, and its elements.
pub(crate) type Sink<'a, T> = dyn FnMut(usize, usize, &mut [T]) + 'a;

/// What runs the shares of an operation: `run(count, share)` calls `share(i)` once for each i in `0..count`, at the same
/// time or one after the other.
pub(super) type Run<'a> = dyn Fn(usize, &(dyn Fn(usize) + Sync)) + 'a;

/// Code to be compiled for an instruction set, together with its arguments.
pub(crate) trait Job<S> {
    /// What the job returns.
    type Output;
    /// Does it. Must be `#[inline(always)]`, and so must be all that it calls (or go through [`Token::call`]).
    fn run(self, token: S) -> Self::Output;
}

/// Vectors of `T`, as an instruction set has them.
///
/// A *part* of a vector are lanes `from..to` or `0..count`; memory of the other lanes is not touched and need not
/// exist.
pub(crate) trait Simd<T>: Token {
    /// A vector register.
    type Vector: Copy;
    /// Elements in a vector; a power of two, at most 16.
    const LANES: usize;
    /// Vector registers of the processor.
    const REGISTERS: usize;

    /// Zero in all lanes.
    fn zero(self) -> Self::Vector;
    /// `value` in all lanes.
    fn splat(self, value: T) -> Self::Vector;
    /// a + b.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a·b + c, rounded once.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The sum of all lanes.
    fn sum(self, value: Self::Vector) -> T;
    /// Seen as 2·LANES/SIZE pieces: the even pieces of `a` and `b` in turns, and their odd pieces in turns.
    fn exchange<const SIZE: usize>(self, a: Self::Vector, b: Self::Vector) -> (Self::Vector, Self::Vector);

    /// The even lanes of `a`, then those of `b`; and their odd lanes likewise.
    fn unzip(self, a: Self::Vector, b: Self::Vector) -> (Self::Vector, Self::Vector);

    /// The reverse of `unzip`: lanes of `a` and `b` in turns, of their first halves and of their second halves.
    fn zip(self, a: Self::Vector, b: Self::Vector) -> (Self::Vector, Self::Vector);

    /// Asks for the cache line of `at`, which need not exist.
    fn prefetch(self, at: *const T);

    /// LANES elements from memory.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn load(self, from: *const T) -> Self::Vector;
    /// LANES elements to memory.
    ///
    /// # Safety
    /// They are writable.
    unsafe fn store(self, to: *mut T, value: Self::Vector);
    /// Lanes `from..to` from `at + from..at + to`, zero in the others.
    ///
    /// # Safety
    /// `from` and `to` are at most LANES, and the part is readable.
    unsafe fn load_part(self, at: *const T, from: usize, to: usize) -> Self::Vector;
    /// Lanes `0..count` to memory.
    ///
    /// # Safety
    /// `count` is at most LANES, and the part is writable.
    unsafe fn store_part(self, at: *mut T, count: usize, value: Self::Vector);
}

/// The element types with kernels of their own.
pub(crate) trait Element: Scalar + From<i8> {}
impl Element for f32 {}
impl Element for f64 {}
