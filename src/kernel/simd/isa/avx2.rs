//! AVX2 and FMA: vectors of 256 bits, 16 registers.

use core::arch::x86_64::*;

use super::Avx512;
use crate::kernel::simd::{Job, Simd, Token};

/// Proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx2(());

token! { Avx2 needs "avx2" "fma" }

/// What has AVX-512 here has these, too.
impl From<Avx512> for Avx2 {
    #[inline(always)]
    fn from(_: Avx512) -> Self {
        Self(())
    }
}

/// Eight ones, then zeros and ones to slide a window over: lanes `from..to` are ones where both windows agree.
static ONES: [i32; 24] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1];

/// The AVX2 mask of 32-bit lanes `from..to`.
///
/// # Safety
/// The processor has AVX2; `from` and `to` are at most 8.
#[inline(always)]
unsafe fn mask_32(from: usize, to: usize) -> __m256i {
    // SAFETY: 8 - to and 16 - from are at most 16, so that 8 elements of ONES follow.
    unsafe {
        let below_to = _mm256_loadu_si256(ONES.as_ptr().add(8 - to).cast());
        let from_on = _mm256_loadu_si256(ONES.as_ptr().add(16 - from).cast());
        _mm256_and_si256(below_to, from_on)
    }
}

vectors! {
    Avx2, Avx2, f32, __m256, 8 lanes, 16 registers:
    _mm256_setzero_ps _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_add_ps _mm256_fmadd_ps
    _mm256_max_ps _mm256_min_ps;

    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn load_part(self, at: *const f32, from: usize, to: usize) -> __m256 {
        // SAFETY: the token proves the instruction set; masked lanes are not read, the caller vouches for the others.
        unsafe { _mm256_maskload_ps(at, mask_32(from, to)) }
    }
    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn store_part(self, at: *mut f32, count: usize, value: __m256) {
        // Masked stores of this width are slow on several processors: store the binary digits of `count`.
        // SAFETY: the token proves the instruction set; exactly lanes 0..count are written.
        unsafe {
            let (mut at, mut half) = (at, _mm256_castps256_ps128(value));
            if count >= 8 {
                return _mm256_storeu_ps(at, value);
            }
            if count & 4 != 0 {
                _mm_storeu_ps(at, half);
                (at, half) = (at.add(4), _mm256_extractf128_ps::<1>(value));
            }
            if count & 2 != 0 {
                _mm_storel_pd(at.cast(), _mm_castps_pd(half));
                (at, half) = (at.add(2), _mm_movehl_ps(half, half));
            }
            if count & 1 != 0 {
                _mm_store_ss(at, half);
            }
        }
    }
    #[inline(always)]
    fn sum(self, value: __m256) -> f32 {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(value), _mm256_extractf128_ps::<1>(value));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }
    #[inline(always)]
    fn unzip(self, a: __m256, b: __m256) -> (__m256, __m256) {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let even = _mm256_castps_pd(_mm256_shuffle_ps::<0b10_00_10_00>(a, b));
            let odd = _mm256_castps_pd(_mm256_shuffle_ps::<0b11_01_11_01>(a, b));
            (
                _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(even)),
                _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(odd)),
            )
        }
    }
    #[inline(always)]
    fn zip(self, a: __m256, b: __m256) -> (__m256, __m256) {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            (_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high))
        }
    }
    #[inline(always)]
    fn join_last(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let between = _mm256_castps_si256(_mm256_permute2f128_ps::<0x21>(a, b));
            _mm256_castsi256_ps(_mm256_alignr_epi8::<12>(_mm256_castps_si256(b), between))
        }
    }
    #[inline(always)]
    fn join_first(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let between = _mm256_castps_si256(_mm256_permute2f128_ps::<0x21>(a, b));
            _mm256_castsi256_ps(_mm256_alignr_epi8::<4>(between, _mm256_castps_si256(a)))
        }
    }
    #[inline(always)]
    fn keep(self, value: __m256, mask: __m256) -> __m256 {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm256_and_ps(value, mask) }
    }
    #[inline(always)]
    fn exchange<const SIZE: usize>(self, a: __m256, b: __m256) -> (__m256, __m256) {
        // SAFETY: the token proves the instruction set.
        unsafe {
            match SIZE {
                1 => (
                    _mm256_blend_ps::<0b10101010>(a, _mm256_moveldup_ps(b)),
                    _mm256_blend_ps::<0b10101010>(_mm256_movehdup_ps(a), b),
                ),
                2 => (_mm256_shuffle_ps::<0b01_00_01_00>(a, b), _mm256_shuffle_ps::<0b11_10_11_10>(a, b)),
                _ => (_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b)),
            }
        }
    }
}

vectors! {
    Avx2, Avx2, f64, __m256d, 4 lanes, 16 registers:
    _mm256_setzero_pd _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_fmadd_pd
    _mm256_max_pd _mm256_min_pd;

    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn load_part(self, at: *const f64, from: usize, to: usize) -> __m256d {
        // SAFETY: the token proves the instruction set; masked lanes are not read, the caller vouches for the others.
        unsafe { _mm256_maskload_pd(at, mask_32(2 * from, 2 * to)) }
    }
    // SAFETY: the caller's promise is the trait's.
    #[inline(always)]
    unsafe fn store_part(self, at: *mut f64, count: usize, value: __m256d) {
        // As for f32: the binary digits of `count`.
        // SAFETY: the token proves the instruction set; exactly lanes 0..count are written.
        unsafe {
            let (mut at, mut half) = (at, _mm256_castpd256_pd128(value));
            if count >= 4 {
                return _mm256_storeu_pd(at, value);
            }
            if count & 2 != 0 {
                _mm_storeu_pd(at, half);
                (at, half) = (at.add(2), _mm256_extractf128_pd::<1>(value));
            }
            if count & 1 != 0 {
                _mm_store_sd(at, half);
            }
        }
    }
    #[inline(always)]
    fn sum(self, value: __m256d) -> f64 {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let two = _mm_add_pd(_mm256_castpd256_pd128(value), _mm256_extractf128_pd::<1>(value));
            _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)))
        }
    }
    #[inline(always)]
    fn unzip(self, a: __m256d, b: __m256d) -> (__m256d, __m256d) {
        // SAFETY: the token proves the instruction set.
        unsafe {
            (
                _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_unpacklo_pd(a, b)),
                _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_unpackhi_pd(a, b)),
            )
        }
    }
    #[inline(always)]
    fn zip(self, a: __m256d, b: __m256d) -> (__m256d, __m256d) {
        // SAFETY: the token proves the instruction set.
        unsafe {
            let (low, high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            (_mm256_permute2f128_pd::<0x20>(low, high), _mm256_permute2f128_pd::<0x31>(low, high))
        }
    }
    #[inline(always)]
    fn join_last(self, a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm256_shuffle_pd::<0b0101>(_mm256_permute2f128_pd::<0x21>(a, b), b) }
    }
    #[inline(always)]
    fn join_first(self, a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm256_shuffle_pd::<0b0101>(a, _mm256_permute2f128_pd::<0x21>(a, b)) }
    }
    #[inline(always)]
    fn keep(self, value: __m256d, mask: __m256d) -> __m256d {
        // SAFETY: the token proves the instruction set.
        unsafe { _mm256_and_pd(value, mask) }
    }
    #[inline(always)]
    fn exchange<const SIZE: usize>(self, a: __m256d, b: __m256d) -> (__m256d, __m256d) {
        // SAFETY: the token proves the instruction set.
        unsafe {
            match SIZE {
                1 => (_mm256_shuffle_pd::<0b0000>(a, b), _mm256_shuffle_pd::<0b1111>(a, b)),
                _ => (_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b)),
            }
        }
    }
}
