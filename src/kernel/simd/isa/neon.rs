//! NEON of aarch64: vectors of 128 bits, 32 registers.

use core::arch::aarch64::*;
use core::arch::asm;

use crate::kernel::simd::{Job, Simd, Token};

/// Proof that the processor has NEON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Neon(());

impl Neon {
    /// The token, if the crate is compiled for the instructions: with few exceptions, all of aarch64 has them.
    #[inline]
    pub(crate) fn detect() -> Option<Self> {
        cfg!(target_feature = "neon").then_some(Self(()))
    }
}

impl Token for Neon {
    #[inline(always)]
    fn call<J: Job<Self>>(self, job: J) -> J::Output {
        #[target_feature(enable = "neon")]
        fn entry<J: Job<Neon>>(token: Neon, job: J) -> J::Output {
            job.run(token)
        }
        // A function of its own, as on x86-64.
        #[inline(never)]
        fn outside<J: Job<Neon>>(token: Neon, job: J) -> J::Output {
            // SAFETY: the token proves that the processor has the feature.
            unsafe { entry(token, job) }
        }
        outside(self, job)
    }
}

/// Writes one `Simd` implementation: the instructions by name, and what one of `exchange` is for each size.
macro_rules! vectors {
    (
        $element:ident, $vector:ident, $lanes:literal lanes:
        $splat:ident $load:ident $store:ident $add:ident $fma:ident $less:ident $greater:ident $select:ident $sum:ident $unzip:ident $odd:ident $zip:ident $high:ident;
        $exchange:item
    ) => {
        impl Simd<$element> for Neon {
            type Vector = $vector;
            const LANES: usize = $lanes;
            const REGISTERS: usize = 32;

            type Half = Self;
            #[inline(always)]
            fn half(self) -> Self {
                self
            }
            #[inline(always)]
            fn zero(self) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $splat(0.0) }
            }
            #[inline(always)]
            fn splat(self, value: $element) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $splat(value) }
            }
            #[inline(always)]
            fn add(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $add(a, b) }
            }
            #[inline(always)]
            fn mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $fma(c, a, b) }
            }
            #[inline(always)]
            fn at_least(self, limit: $vector, value: $vector) -> $vector {
                // SAFETY: the token proves the instruction set. A comparison with NaN is false.
                unsafe { $select($less(value, limit), limit, value) }
            }
            #[inline(always)]
            fn at_most(self, limit: $vector, value: $vector) -> $vector {
                // SAFETY: as above.
                unsafe { $select($greater(value, limit), limit, value) }
            }
            #[inline(always)]
            fn sum(self, value: $vector) -> $element {
                // SAFETY: the token proves the instruction set.
                unsafe { $sum(value) }
            }
            #[inline(always)]
            fn unzip(self, a: $vector, b: $vector) -> ($vector, $vector) {
                // SAFETY: the token proves the instruction set.
                unsafe { ($unzip(a, b), $odd(a, b)) }
            }
            #[inline(always)]
            fn zip(self, a: $vector, b: $vector) -> ($vector, $vector) {
                // SAFETY: the token proves the instruction set.
                unsafe { ($zip(a, b), $high(a, b)) }
            }
            #[inline(always)]
            fn prefetch(self, at: *const $element) {
                // SAFETY: every aarch64 processor has the instruction, which reads nothing.
                unsafe { asm!("prfm pldl1keep, [{}]", in(reg) at, options(nostack, preserves_flags, readonly)) }
            }
            // SAFETY: the caller's promise is the trait's.
            #[inline(always)]
            unsafe fn load(self, from: *const $element) -> $vector {
                // SAFETY: the token proves the instruction set; the caller vouches for the memory.
                unsafe { $load(from) }
            }
            // SAFETY: the caller's promise is the trait's.
            #[inline(always)]
            unsafe fn store(self, to: *mut $element, value: $vector) {
                // SAFETY: the token proves the instruction set; the caller vouches for the memory.
                unsafe { $store(to, value) }
            }
            // SAFETY: the caller's promise is the trait's.
            #[inline(always)]
            unsafe fn load_part(self, at: *const $element, from: usize, to: usize) -> $vector {
                let mut lanes = [0.0; $lanes];
                for (i, lane) in lanes.iter_mut().enumerate() {
                    if from <= i && i < to {
                        // SAFETY: the caller vouches for the part.
                        *lane = unsafe { *at.add(i) };
                    }
                }
                // SAFETY: the token proves the instruction set; the array is a vector long.
                unsafe { $load(lanes.as_ptr()) }
            }
            // SAFETY: the caller's promise is the trait's.
            #[inline(always)]
            unsafe fn store_part(self, at: *mut $element, count: usize, value: $vector) {
                let mut lanes = [0.0; $lanes];
                // SAFETY: the token proves the instruction set; the array is a vector long.
                unsafe { $store(lanes.as_mut_ptr(), value) };
                for (i, &lane) in lanes.iter().enumerate().take(count) {
                    // SAFETY: the caller vouches for the part.
                    unsafe { *at.add(i) = lane };
                }
            }
            #[inline(always)]
            $exchange
        }
    };
}

vectors! {
    f32, float32x4_t, 4 lanes:
    vdupq_n_f32 vld1q_f32 vst1q_f32 vaddq_f32 vfmaq_f32 vcltq_f32 vcgtq_f32 vbslq_f32 vaddvq_f32 vuzp1q_f32 vuzp2q_f32 vzip1q_f32 vzip2q_f32;

    fn exchange<const SIZE: usize>(self, a: float32x4_t, b: float32x4_t) -> (float32x4_t, float32x4_t) {
        // SAFETY: the token proves the instruction set.
        unsafe {
            if SIZE == 1 {
                return (vtrn1q_f32(a, b), vtrn2q_f32(a, b));
            }
            let (a, b) = (vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b));
            (vreinterpretq_f32_f64(vtrn1q_f64(a, b)), vreinterpretq_f32_f64(vtrn2q_f64(a, b)))
        }
    }
}

vectors! {
    f64, float64x2_t, 2 lanes:
    vdupq_n_f64 vld1q_f64 vst1q_f64 vaddq_f64 vfmaq_f64 vcltq_f64 vcgtq_f64 vbslq_f64 vaddvq_f64 vuzp1q_f64 vuzp2q_f64 vzip1q_f64 vzip2q_f64;

    fn exchange<const SIZE: usize>(self, a: float64x2_t, b: float64x2_t) -> (float64x2_t, float64x2_t) {
        // SAFETY: the token proves the instruction set.
        unsafe { (vtrn1q_f64(a, b), vtrn2q_f64(a, b)) }
    }
}
