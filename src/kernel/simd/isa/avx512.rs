//! AVX-512F: vectors of 512 bits, 32 registers.

use core::arch::x86_64::*;

use super::Avx2;
use crate::kernel::simd::{Job, Simd, Token};

/// Proof that the processor has AVX-512F, AVX2 and FMA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx512(());

token! { Avx512 needs "avx512f" "avx2" "fma" }

/// Lane `l` of the first (`second == 0`) or second result of `exchange`, as an index into the 2·LANES lanes of both
/// operands one after the other.
const fn exchanged(lanes: usize, size: usize, second: usize, l: usize) -> i64 {
    let odd = (l / size) % 2;
    let within = if odd == second {
        l
    } else if odd == 1 {
        l - size
    } else {
        l + size
    };
    (within + lanes * odd) as i64
}

/// The index vector of `exchanged` for 16 lanes.
const fn exchange_16(size: usize, second: usize) -> [i32; 16] {
    let mut index = [0; 16];
    let mut l = 0;
    while l < 16 {
        index[l] = exchanged(16, size, second, l) as i32;
        l += 1;
    }
    index
}

/// The index vector of `exchanged` for 8 lanes.
const fn exchange_8(size: usize, second: usize) -> [i64; 8] {
    let mut index = [0; 8];
    let mut l = 0;
    while l < 8 {
        index[l] = exchanged(8, size, second, l);
        l += 1;
    }
    index
}

/// Every other number from `first` on: an index vector of `unzip`.
const fn every_other_16(first: i32) -> [i32; 16] {
    let mut index = [0; 16];
    let mut l = 0;
    while l < 16 {
        index[l] = first + 2 * l as i32;
        l += 1;
    }
    index
}

/// As `every_other_16`, for 8 lanes.
const fn every_other_8(first: i64) -> [i64; 8] {
    let mut index = [0; 8];
    let mut l = 0;
    while l < 8 {
        index[l] = first + 2 * l as i64;
        l += 1;
    }
    index
}

/// Numbers from `first` on, each followed by the one 16 above it: an index vector of `zip`.
const fn in_turns_16(first: i32) -> [i32; 16] {
    let mut index = [0; 16];
    let mut l = 0;
    while l < 16 {
        index[l] = first + l as i32 / 2 + l as i32 % 2 * 16;
        l += 1;
    }
    index
}

/// As `in_turns_16`, for 8 lanes.
const fn in_turns_8(first: i64) -> [i64; 8] {
    let mut index = [0; 8];
    let mut l = 0;
    while l < 8 {
        index[l] = first + l as i64 / 2 + l as i64 % 2 * 8;
        l += 1;
    }
    index
}

/// Bits `from..to`, none if the range is empty.
#[inline(always)]
fn bits(from: usize, to: usize) -> u32 {
    ((1_u32 << to) - 1) & !((1_u32 << from) - 1)
}

vectors! {
    Avx512, Avx2, f32, __m512, 16 lanes, 32 registers:
    _mm512_setzero_ps _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_add_ps _mm512_fmadd_ps
    _mm512_max_ps _mm512_min_ps;

    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn load_part(self, at: *const f32, from: usize, to: usize) -> __m512 {
        // SAFETY: the token proves the instruction set; masked lanes are not read, the caller vouches for the others.
        unsafe { _mm512_maskz_loadu_ps(bits(from, to) as __mmask16, at) }
    }
    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn store_part(self, at: *mut f32, count: usize, value: __m512) {
        // SAFETY: the token proves the instruction set; masked lanes are not written, the caller vouches for the
        // others.
        unsafe { _mm512_mask_storeu_ps(at, bits(0, count) as __mmask16, value) }
    }
    #[inline(always)]
    fn sum(self, value: __m512) -> f32 {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm512_reduce_add_ps(value) }
    }
    #[inline(always)]
    fn unzip(self, a: __m512, b: __m512) -> (__m512, __m512) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let even = _mm512_loadu_si512((const { &every_other_16(0) }).as_ptr().cast());
            let odd = _mm512_loadu_si512((const { &every_other_16(1) }).as_ptr().cast());
            (_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b))
        }
    }
    #[inline(always)]
    fn zip(self, a: __m512, b: __m512) -> (__m512, __m512) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let first = _mm512_loadu_si512((const { &in_turns_16(0) }).as_ptr().cast());
            let second = _mm512_loadu_si512((const { &in_turns_16(8) }).as_ptr().cast());
            (_mm512_permutex2var_ps(a, first, b), _mm512_permutex2var_ps(a, second, b))
        }
    }
    #[inline(always)]
    fn join_last(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let (a, b) = (_mm512_castps_si512(a), _mm512_castps_si512(b));
            _mm512_castsi512_ps(_mm512_alignr_epi32::<15>(b, a))
        }
    }
    #[inline(always)]
    fn join_first(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let (a, b) = (_mm512_castps_si512(a), _mm512_castps_si512(b));
            _mm512_castsi512_ps(_mm512_alignr_epi32::<1>(b, a))
        }
    }
    const PICKS: bool = true;
    #[inline(always)]
    fn pick(self, a: __m512, b: __m512, index: __m512) -> __m512 {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm512_permutex2var_ps(a, _mm512_castps_si512(index), b) }
    }
    #[inline(always)]
    fn keep(self, value: __m512, mask: __m512) -> __m512 {
        // SAFETY: the token proves the instruction set.
        unsafe {
            _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(value), _mm512_castps_si512(mask)))
        }
    }
    #[inline(always)]
    fn exchange<const SIZE: usize>(self, a: __m512, b: __m512) -> (__m512, __m512) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let first = _mm512_loadu_si512((const { &exchange_16(SIZE, 0) }).as_ptr().cast());
            let second = _mm512_loadu_si512((const { &exchange_16(SIZE, 1) }).as_ptr().cast());
            (_mm512_permutex2var_ps(a, first, b), _mm512_permutex2var_ps(a, second, b))
        }
    }
}

vectors! {
    Avx512, Avx2, f64, __m512d, 8 lanes, 32 registers:
    _mm512_setzero_pd _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_fmadd_pd
    _mm512_max_pd _mm512_min_pd;

    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn load_part(self, at: *const f64, from: usize, to: usize) -> __m512d {
        // SAFETY: the token proves the instruction set; masked lanes are not read, the caller vouches for the others.
        unsafe { _mm512_maskz_loadu_pd(bits(from, to) as __mmask8, at) }
    }
    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn store_part(self, at: *mut f64, count: usize, value: __m512d) {
        // SAFETY: the token proves the instruction set; masked lanes are not written, the caller vouches for the
        // others.
        unsafe { _mm512_mask_storeu_pd(at, bits(0, count) as __mmask8, value) }
    }
    #[inline(always)]
    fn sum(self, value: __m512d) -> f64 {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm512_reduce_add_pd(value) }
    }
    #[inline(always)]
    fn unzip(self, a: __m512d, b: __m512d) -> (__m512d, __m512d) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let even = _mm512_loadu_si512((const { &every_other_8(0) }).as_ptr().cast());
            let odd = _mm512_loadu_si512((const { &every_other_8(1) }).as_ptr().cast());
            (_mm512_permutex2var_pd(a, even, b), _mm512_permutex2var_pd(a, odd, b))
        }
    }
    #[inline(always)]
    fn zip(self, a: __m512d, b: __m512d) -> (__m512d, __m512d) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let first = _mm512_loadu_si512((const { &in_turns_8(0) }).as_ptr().cast());
            let second = _mm512_loadu_si512((const { &in_turns_8(4) }).as_ptr().cast());
            (_mm512_permutex2var_pd(a, first, b), _mm512_permutex2var_pd(a, second, b))
        }
    }
    #[inline(always)]
    fn join_last(self, a: __m512d, b: __m512d) -> __m512d {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let (a, b) = (_mm512_castpd_si512(a), _mm512_castpd_si512(b));
            _mm512_castsi512_pd(_mm512_alignr_epi64::<7>(b, a))
        }
    }
    #[inline(always)]
    fn join_first(self, a: __m512d, b: __m512d) -> __m512d {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let (a, b) = (_mm512_castpd_si512(a), _mm512_castpd_si512(b));
            _mm512_castsi512_pd(_mm512_alignr_epi64::<1>(b, a))
        }
    }
    const PICKS: bool = true;
    #[inline(always)]
    fn pick(self, a: __m512d, b: __m512d, index: __m512d) -> __m512d {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm512_permutex2var_pd(a, _mm512_castpd_si512(index), b) }
    }
    #[inline(always)]
    fn keep(self, value: __m512d, mask: __m512d) -> __m512d {
        // SAFETY: the token proves the instruction set.
        unsafe {
            _mm512_castsi512_pd(_mm512_and_si512(_mm512_castpd_si512(value), _mm512_castpd_si512(mask)))
        }
    }
    #[inline(always)]
    fn exchange<const SIZE: usize>(self, a: __m512d, b: __m512d) -> (__m512d, __m512d) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let first = _mm512_loadu_si512((const { &exchange_8(SIZE, 0) }).as_ptr().cast());
            let second = _mm512_loadu_si512((const { &exchange_8(SIZE, 1) }).as_ptr().cast());
            (_mm512_permutex2var_pd(a, first, b), _mm512_permutex2var_pd(a, second, b))
        }
    }
}
