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

use crate::kernel::Epilogue;
pub(in crate::kernel) use crate::kernel::math::{each, from_fn};
use crate::tensor::Scalar;

/// Proof that the processor has an instruction set.
pub(crate) trait Token: Copy {
    /// Runs `job` in a function of its own that is compiled for the instruction set.
    fn call<J: Job<Self>>(self, job: J) -> J::Output;
}

/// What is done with finished elements.
pub(crate) type Then<'a, T> = Option<Epilogue<'a, T>>;

/// The least and the greatest value of finished elements.
pub(crate) type Limits<T> = [T; 2];

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

    /// Vectors with half as many lanes, if the processor takes half the time for them; else this itself.
    type Half: Simd<T>;
    /// Half vectors.
    fn half(self) -> Self::Half;
    /// Lanes of the shortest vectors.
    const LEAST: usize = <Self::Half as Simd<T>>::LANES;

    /// Zero in all lanes.
    fn zero(self) -> Self::Vector;
    /// `value` in all lanes.
    fn splat(self, value: T) -> Self::Vector;
    /// a + b.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a·b + c, rounded once.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The greater of the limit and the value; the value, if it is NaN or they are equal.
    fn at_least(self, limit: Self::Vector, value: Self::Vector) -> Self::Vector;
    /// The lesser of the limit and the value; the value, if it is NaN or they are equal.
    fn at_most(self, limit: Self::Vector, value: Self::Vector) -> Self::Vector;
    /// The sum of all lanes.
    fn sum(self, value: Self::Vector) -> T;
    /// Seen as 2·LANES/SIZE pieces: the even pieces of `a` and `b` in turns, and their odd pieces in turns.
    fn exchange<const SIZE: usize>(self, a: Self::Vector, b: Self::Vector) -> (Self::Vector, Self::Vector);

    /// The even lanes of `a`, then those of `b`; and their odd lanes likewise.
    fn unzip(self, a: Self::Vector, b: Self::Vector) -> (Self::Vector, Self::Vector);

    /// The reverse of `unzip`: lanes of `a` and `b` in turns, of their first halves and of their second halves.
    fn zip(self, a: Self::Vector, b: Self::Vector) -> (Self::Vector, Self::Vector);

    /// The last lane of `a`, then all lanes of `b` but the last.
    #[inline(always)]
    fn join_last(self, a: Self::Vector, b: Self::Vector) -> Self::Vector
    where
        T: Element,
    {
        joined(self, a, b, Self::LANES - 1)
    }

    /// All lanes of `a` but the first, then the first lane of `b`.
    #[inline(always)]
    fn join_first(self, a: Self::Vector, b: Self::Vector) -> Self::Vector
    where
        T: Element,
    {
        joined(self, a, b, 1)
    }

    /// The lanes of `value` where `mask` has only ones, zero where it has only zeros.
    #[inline(always)]
    fn keep(self, value: Self::Vector, mask: Self::Vector) -> Self::Vector
    where
        T: Element,
    {
        let (mut values, mut masks) = ([T::ZERO; thresholds::MAX_LANES], [T::ZERO; thresholds::MAX_LANES]);
        // SAFETY: the arrays have room for a vector.
        unsafe {
            self.store(values.as_mut_ptr(), value);
            self.store(masks.as_mut_ptr(), mask);
            for (value, mask) in values.iter_mut().zip(masks) {
                // Ones are a NaN.
                if mask == T::ZERO {
                    *value = T::ZERO;
                }
            }
            self.load(values.as_ptr())
        }
    }

    /// Whether `pick` is an instruction.
    const PICKS: bool = false;

    /// Lane `l` of the result is lane `index[l]` of `a` and `b`, one after the other; see [`indices`].
    #[inline(always)]
    fn pick(self, a: Self::Vector, b: Self::Vector, index: Self::Vector) -> Self::Vector
    where
        T: Element,
    {
        let (mut both, mut picked) = ([T::ZERO; 2 * thresholds::MAX_LANES], [T::ZERO; thresholds::MAX_LANES]);
        let (mut short, mut long) = ([0_u32; thresholds::MAX_LANES], [0_u64; thresholds::MAX_LANES]);
        let is_short = size_of::<T>() == 4;
        // SAFETY: there is room for two vectors, for one, and for one of integers.
        unsafe {
            self.store(both.as_mut_ptr(), a);
            self.store(both.as_mut_ptr().add(Self::LANES), b);
            self.store(if is_short { short.as_mut_ptr().cast() } else { long.as_mut_ptr().cast() }, index);
            for l in 0..Self::LANES {
                picked[l] = both[if is_short { short[l] as usize } else { long[l] as usize }];
            }
            self.load(picked.as_ptr())
        }
    }

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

/// The index of [`Simd::pick`]: for each lane the number of another one, as an integer as long as a lane.
#[inline(always)]
pub(crate) fn indices<T: Element, S: Simd<T>>(s: S, number: impl Fn(usize) -> usize) -> S::Vector {
    let (mut short, mut long) = ([0_u32; thresholds::MAX_LANES], [0_u64; thresholds::MAX_LANES]);
    for l in 0..S::LANES {
        (short[l], long[l]) = (number(l) as u32, number(l) as u64);
    }
    // SAFETY: there is room for a vector of either, and all bits are elements.
    unsafe { s.load(if size_of::<T>() == 4 { short.as_ptr().cast() } else { long.as_ptr().cast() }) }
}

/// LANES lanes of `a` and `b`, one after the other, from lane `from` on.
#[inline(always)]
fn joined<T: Element, S: Simd<T>>(s: S, a: S::Vector, b: S::Vector, from: usize) -> S::Vector {
    let mut both = [T::ZERO; 2 * thresholds::MAX_LANES];
    // SAFETY: there is room for two vectors, and `from` is at most LANES.
    unsafe {
        s.store(both.as_mut_ptr(), a);
        s.store(both.as_mut_ptr().add(S::LANES), b);
        s.load(both.as_ptr().add(from))
    }
}

/// The element types with kernels of their own.
pub(crate) trait Element: Scalar + From<i8> {
    /// The limits of every number.
    const UNLIMITED: Limits<Self>;
}
impl Element for f32 {
    const UNLIMITED: Limits<Self> = [Self::NEG_INFINITY, Self::INFINITY];
}
impl Element for f64 {
    const UNLIMITED: Limits<Self> = [Self::NEG_INFINITY, Self::INFINITY];
}

/// Does `then` to a run of finished elements.
#[inline(always)]
pub(crate) fn finish<T: Element, S: Simd<T>>(s: S, then: Epilogue<T>, run: &mut [T]) {
    let (Some(limits), None) = in_registers(Some(then)) else { return then.apply(run) };
    let [low, high] = each(limits, |limit| s.splat(limit));
    let limited = |value| s.at_most(high, s.at_least(low, value));
    let (whole, rest) = (run.len() - run.len() % S::LANES, run.len() % S::LANES);
    let at = run.as_mut_ptr();
    // SAFETY: the run has so many whole vectors, and the rest after them.
    unsafe {
        for i in (0..whole).step_by(S::LANES) {
            s.store(at.add(i), limited(s.load(at.add(i))));
        }
        s.store_part(at.add(whole), rest, limited(s.load_part(at.add(whole), 0, rest)));
    }
}

/// What of `then` is done in registers, and what with runs.
pub(crate) fn in_registers<T: Element>(then: Then<T>) -> (Option<Limits<T>>, Then<T>) {
    match then {
        Some(Epilogue::Limits { low, high }) => (Some([low, high.unwrap_or(T::UNLIMITED[1])]), None),
        then => (None, then),
    }
}
