//! AVX2 and AVX-512: the only file that knows their instructions.

use core::arch::x86_64::*;

use super::{Job, Simd, Token};

/// Proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx2(());

/// Proof that the processor has AVX-512F, AVX2 and FMA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx512(());

/// Writes, per row of the table, how to get the token and how to enter code that is compiled for it.
macro_rules! entries {
    ($($token:ident needs [$($feature:tt)+];)*) => { $(
        impl $token {
            /// The token, if the processor has the instructions: asked at run time.
            #[cfg(feature = "std")]
            #[inline]
            pub(crate) fn detect() -> Option<Self> {
                ($(std::arch::is_x86_feature_detected!($feature))&&+).then_some(Self(()))
            }

            /// The token, if the crate is compiled for the instructions.
            #[cfg(not(feature = "std"))]
            #[inline]
            pub(crate) fn detect() -> Option<Self> {
                ($(cfg!(target_feature = $feature))&&+).then_some(Self(()))
            }
        }

        impl Token for $token {
            #[inline(always)]
            fn call<J: Job<Self>>(self, job: J) -> J::Output {
                $(#[target_feature(enable = $feature)])+
                fn entry<J: Job<$token>>(token: $token, job: J) -> J::Output {
                    job.run(token)
                }
                // `inline(never)` has no effect beside `target_feature`. A function without the features in between is
                // not inlined into the caller, nor can `entry` be inlined into it.
                #[inline(never)]
                fn outside<J: Job<$token>>(token: $token, job: J) -> J::Output {
                    // SAFETY: the token proves that the processor has the features.
                    unsafe { entry(token, job) }
                }
                outside(self, job)
            }
        }
    )* };
}

entries! {
    Avx2 needs ["avx2" "fma"];
    Avx512 needs ["avx512f" "avx2" "fma"];
}

/// Writes one `Simd` implementation: the instructions that are called by name, then what needs more than a name.
macro_rules! simd {
    ($token:ident, $element:ident, $vector:ident, $lanes:literal lanes, $registers:literal registers:
     $zero:ident $splat:ident $load:ident $store:ident $add:ident $fma:ident; $($rest:item)*) => {
        impl Simd<$element> for $token {
            type Vector = $vector;
            const LANES: usize = $lanes;
            const REGISTERS: usize = $registers;

            #[inline(always)]
            fn zero(self) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $zero() }
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
                unsafe { $fma(a, b, c) }
            }
            #[inline(always)]
            fn prefetch(self, at: *const $element) {
                // SAFETY: every x86-64 processor has the instruction, which reads nothing.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
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
            $($rest)*
        }
    };
}

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

simd! {
    Avx512, f32, __m512, 16 lanes, 32 registers:
    _mm512_setzero_ps _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_add_ps _mm512_fmadd_ps;

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
    fn exchange<const SIZE: usize>(self, a: __m512, b: __m512) -> (__m512, __m512) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let first = _mm512_loadu_si512((const { &exchange_16(SIZE, 0) }).as_ptr().cast());
            let second = _mm512_loadu_si512((const { &exchange_16(SIZE, 1) }).as_ptr().cast());
            (_mm512_permutex2var_ps(a, first, b), _mm512_permutex2var_ps(a, second, b))
        }
    }
}

simd! {
    Avx512, f64, __m512d, 8 lanes, 32 registers:
    _mm512_setzero_pd _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_fmadd_pd;

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
    fn exchange<const SIZE: usize>(self, a: __m512d, b: __m512d) -> (__m512d, __m512d) {
        // SAFETY: the token proves the instruction set; the loads are from constants of the vector's size.
        unsafe {
            let first = _mm512_loadu_si512((const { &exchange_8(SIZE, 0) }).as_ptr().cast());
            let second = _mm512_loadu_si512((const { &exchange_8(SIZE, 1) }).as_ptr().cast());
            (_mm512_permutex2var_pd(a, first, b), _mm512_permutex2var_pd(a, second, b))
        }
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

simd! {
    Avx2, f32, __m256, 8 lanes, 16 registers:
    _mm256_setzero_ps _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_add_ps _mm256_fmadd_ps;

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

simd! {
    Avx2, f64, __m256d, 4 lanes, 16 registers:
    _mm256_setzero_pd _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_fmadd_pd;

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
