//! Sums; exp and what is made of it, without branches, tables and calls, so that loops over slices vectorise.
//!
//! ```text
//! exp x = 2ⁿ · exp r,  n = x / ln 2 rounded, r = x − n · ln 2, exp r − 1 by its power series
//! ```
//!
//! Nothing here calls the system's math library, so the bits are the same on every processor, with and without `std`.
//! The formulas run in `f32` for `f32` and in `f64` for every other [`Real`]. Bounds are in ε, the distance from 1 to
//! the next number (2⁻²³ or 2⁻⁵²), relative to the result where it is a normal number; they were measured against 30
//! digits and are tested against other implementations. Results that are too small for a normal number are right to
//! the last bit or two of the format.

use core::any::TypeId;

use super::portable::IS_SMALL;
use crate::tensor::{Real, Scalar};

/// Terms of a block of [`sum`], and sums that grow side by side within it.
const BLOCK: usize = 64;
const LANES: usize = 8;

/// Σ of the terms, in an order that depends on their number alone: in blocks of 64, whose sums are added in pairs.
///
/// For n terms of one sign, the result is within (6 + log₂ n) · ε/2: a million equal terms give a million times the
/// term. The bits are the same on every processor.
///
/// ```
/// use constconv::kernel::math::sum;
/// let x = [0.1_f32; 250_000];
/// assert!((sum(x) / 25_000.0 - 1.0).abs() < 3e-7);
/// assert!((x.iter().sum::<f32>() / 25_000.0 - 1.0).abs() > 1e-3);
/// ```
#[inline]
pub fn sum<T: Scalar>(terms: impl IntoIterator<Item = T>) -> T {
    let mut terms = terms.into_iter();
    let (mut sum, mut is_last, mut depth) = (T::ZERO, false, 0_u32);
    while !is_last {
        let more;
        (more, is_last) = sum_of_blocks(&mut terms, depth.saturating_sub(1));
        sum += more;
        depth += 1;
    }
    sum
}

/// Σ f(a\[i\], b\[i\], …) of slices of one length, in the order of [`sum`].
#[inline(always)] // of a few numbers
pub(crate) fn sum_of<T: Scalar, const N: usize>(of: [&[T]; N], f: impl Fn([T; N]) -> T + Copy) -> T {
    if of[0].len() > BLOCK { sum_of_many(of, f) } else { sum_of_block(of, f) }
}

/// [`sum_of`] more than one block: as many blocks as a power of two, and the rest.
fn sum_of_many<T: Scalar, const N: usize>(of: [&[T]; N], f: impl Fn([T; N]) -> T + Copy) -> T {
    let len = of[0].len();
    if len <= BLOCK {
        return sum_of_block(of, f);
    }
    let middle = BLOCK << ((len - 1) / BLOCK).ilog2();
    sum_of_many(each(of, |of| &of[..middle]), f) + sum_of_many(each(of, |of| &of[middle..len]), f)
}

/// [`sum_of`] a block.
#[inline(always)]
fn sum_of_block<T: Scalar, const N: usize>(of: [&[T]; N], f: impl Fn([T; N]) -> T) -> T {
    // Where compilers see the loop and the sum of its lanes together, they shuffle each chunk for the latter's sake.
    if IS_SMALL || of[0].len() < 2 * LANES { total(lanes_of_block(of, f)) } else { total_apart(&lanes_of_block(of, f)) }
}

/// The sums of every eighth term of a block.
#[inline(always)]
fn lanes_of_block<T: Scalar, const N: usize>(of: [&[T]; N], f: impl Fn([T; N]) -> T) -> [T; LANES] {
    let len = of[0].len();
    let (mut sums, chunks) = ([T::ZERO; LANES], each(of, |of| of.as_chunks::<LANES>()));
    for chunk in 0..len / LANES {
        let chunk = each(chunks, |(chunks, _)| chunks[chunk]);
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += f(each(chunk, |chunk| chunk[lane]));
        }
    }
    for (lane, sum) in sums.iter_mut().enumerate().take(len % LANES) {
        *sum += f(each(chunks, |(_, rest)| rest[lane]));
    }
    sums
}

/// For each of up to C columns from `first`, its sum over all rows, in the order of [`sum`].
pub(crate) fn sum_of_rows<T: Scalar, const C: usize>(rows: &[T], width: usize, first: usize) -> [T; C] {
    sum_of_rows_of([rows], width, first, |_, [a]| a)
}

/// For each of up to C columns from `first`, Σ f(column − first, [a, b, …]) over all rows of matrices of one size, in the
/// order of [`sum`].
#[inline(always)]
pub(crate) fn sum_of_rows_of<T: Scalar, const N: usize, const C: usize>(
    of: [&[T]; N],
    width: usize,
    first: usize,
    f: impl Fn(usize, [T; N]) -> T + Copy,
) -> [T; C] {
    if of[0].len() / width > BLOCK { many_rows(of, width, first, f) } else { block_of_rows(of, width, first, f) }
}

/// [`sum_of_rows_of`] more than one block of rows.
fn many_rows<T: Scalar, const N: usize, const C: usize>(
    of: [&[T]; N],
    width: usize,
    first: usize,
    f: impl Fn(usize, [T; N]) -> T + Copy,
) -> [T; C] {
    let len = of[0].len() / width;
    if len <= BLOCK {
        return block_of_rows(of, width, first, f);
    }
    let middle = (BLOCK << ((len - 1) / BLOCK).ilog2()) * width;
    let left: [T; C] = many_rows(each(of, |of| &of[..middle]), width, first, f);
    let right: [T; C] = many_rows(each(of, |of| &of[middle..]), width, first, f);
    from_fn(|c| left[c] + right[c])
}

/// [`sum_of_rows_of`] a block of rows.
#[inline(always)]
fn block_of_rows<T: Scalar, const N: usize, const C: usize>(
    of: [&[T]; N],
    width: usize,
    first: usize,
    f: impl Fn(usize, [T; N]) -> T + Copy,
) -> [T; C] {
    let (len, columns) = (of[0].len() / width, C.min(width - first));
    let mut sums = [[T::ZERO; C]; LANES];
    for (lane, sums) in sums.iter_mut().enumerate().take(len) {
        for row in (lane..len).step_by(LANES) {
            let rows = each(of, |of| &of[row * width + first..][..columns]);
            if columns == C {
                // A known number of columns, in registers.
                *sums = from_fn(|c| sums[c] + f(c, each(rows, |row| row[c])));
            } else {
                sums.iter_mut().enumerate().take(columns).for_each(|(c, sum)| *sum += f(c, each(rows, |row| row[c])));
            }
        }
    }
    from_fn(|c| total(each(sums, |sums| sums[c])))
}

/// The sum of the lanes of a block.
#[inline(always)]
fn total<T: Scalar>([a, b, c, d, e, f, g, h]: [T; LANES]) -> T {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// [`total`], out of line.
#[inline(never)]
fn total_apart<T: Scalar>(lanes: &[T; LANES]) -> T {
    total(*lanes)
}

/// The sum of up to 2^depth blocks, and whether they are the last ones.
#[inline(never)]
fn sum_of_blocks<T: Scalar>(terms: &mut impl Iterator<Item = T>, depth: u32) -> (T, bool) {
    if depth > 0 {
        let (left, is_last) = sum_of_blocks(terms, depth - 1);
        if is_last {
            return (left, true);
        }
        let (right, is_last) = sum_of_blocks(terms, depth - 1);
        return (left + right, is_last);
    }
    let (mut sums, mut count) = ([T::ZERO; LANES], 0);
    if IS_SMALL {
        for term in terms.take(BLOCK) {
            sums[count % LANES] += term;
            count += 1;
        }
    } else {
        // A copy, with zeros after the last term: the loop over it has vectors.
        let mut block = [T::ZERO; BLOCK];
        for (to, term) in block.iter_mut().zip(terms) {
            *to = term;
            count += 1;
        }
        for chunk in block.as_chunks::<LANES>().0.iter().take(count.div_ceil(LANES)) {
            sums.iter_mut().zip(chunk).for_each(|(sum, &term)| *sum += term);
        }
    }
    (total(sums), count < BLOCK)
}

/// exp x within 0.8 ε; ∞ on overflow, 0 on underflow, NaN for NaN.
///
/// ```
/// use constconv::kernel::math::exp;
/// assert_eq!(exp(f32::NEG_INFINITY), 0.0);
/// assert!((exp(1.0_f64) - core::f64::consts::E).abs() < 1e-15);
/// ```
#[inline]
pub fn exp<T: Real>(x: T) -> T {
    in_format(x, exp_of::<f32>, exp_of::<f64>)
}

/// exp x − 1 within 1 ε, also near 0.
///
/// ```
/// use constconv::kernel::math::exp_m1;
/// assert_eq!(exp_m1(1e-30_f32), 1e-30);
/// assert_eq!(exp_m1(f32::NEG_INFINITY), -1.0);
/// ```
#[inline]
pub fn exp_m1<T: Real>(x: T) -> T {
    in_format(x, exp_m1_of::<f32>, exp_m1_of::<f64>)
}

/// ln(1 + x) within 1.5 ε for x in \[0, 1\]; not meant for other x.
///
/// ```
/// use constconv::kernel::math::ln_1p;
/// assert!((ln_1p(1.0_f64) - core::f64::consts::LN_2).abs() < 1e-15);
/// ```
#[inline]
pub fn ln_1p<T: Real>(x: T) -> T {
    in_format(x, ln_1p_of::<f32>, ln_1p_of::<f64>)
}

/// ln x within 1.5 ε for x ≥ 1, and NaN of NaN; not meant for other x.
///
/// ```
/// use constconv::kernel::math::ln;
/// assert_eq!([1.0, f32::INFINITY].map(ln), [0.0, f32::INFINITY]);
/// assert!((ln(1000.0_f64) - 6.907755278982137).abs() < 1e-15);
/// ```
#[inline]
pub fn ln<T: Real>(x: T) -> T {
    in_format(x, ln_of::<f32>, ln_of::<f64>)
}

/// 1 / (1 + exp −x) within 1.5 ε.
///
/// ```
/// use constconv::kernel::math::sigmoid;
/// assert_eq!([0.0, f64::INFINITY, f64::NEG_INFINITY].map(sigmoid), [0.5, 1.0, 0.0]);
/// ```
#[inline]
pub fn sigmoid<T: Real>(x: T) -> T {
    // Of a negative number only: nothing overflows, and small results are exact too.
    let e = exp(-x.abs());
    (if x < T::ZERO { e } else { T::ONE }) / (T::ONE + e)
}

/// tanh x within 1.5 ε.
///
/// ```
/// use constconv::kernel::math::tanh;
/// assert_eq!([1e-20, f32::INFINITY, f32::NEG_INFINITY].map(tanh), [1e-20, 1.0, -1.0]);
/// ```
#[inline]
pub fn tanh<T: Real>(x: T) -> T {
    let e = exp_m1(-(x.abs() + x.abs()));
    (-e / (number::<T>(2.0) + e)).copysign(x)
}

/// The distribution function Φ and the density φ of the standard normal distribution; absolute error below 1.3 ε.
///
/// ```text
/// φ(x) = exp(−x²/2) / √(2π),  Φ(−x) = φ(x) · M(x) for x ≥ 0,  Φ(x) = 1 − Φ(−x)
/// ```
///
/// erf z = 2 · Φ(√2 · z) − 1. Mills' ratio M is smooth: (1 + x) · M(x) is a Chebyshev series in (x − 4)/(x + 4).
///
/// ```
/// use constconv::kernel::math::normal;
/// let (cdf, pdf) = normal(1.0_f64);
/// assert!((cdf - 0.841344746068543).abs() < 1e-15 && (pdf - 0.241970724519143).abs() < 1e-15);
/// assert_eq!(normal(f32::NEG_INFINITY), (0.0, 0.0));
/// ```
#[inline]
pub fn normal<T: Real>(x: T) -> (T, T) {
    // Above 40 the density is 0 in both formats.
    let z = clamp(x.abs(), T::ZERO, number(40.0));
    let pdf = exp(z * z * number(-0.5)) * number(0.398_942_280_401_432_7);
    let tail = pdf * in_format(z, mills_ratio::<f32>, mills_ratio::<f64>);
    (if x < T::ZERO { tail } else { T::ONE - tail }, pdf)
}

/// x within limits; NaN stays NaN. (`Float::max` would give the limit, and cannot be one instruction.)
#[inline(always)]
pub(crate) fn clamp<T: Scalar>(x: T, low: T, high: T) -> T {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// A constant as a `T`.
#[inline(always)]
pub(crate) fn number<T: Real>(a: f64) -> T {
    // `Real` is `f32` or `f64` (or a type that behaves like them), to which conversion cannot fail.
    T::from_f64(a).unwrap_or_else(T::nan)
}

/// The formula for `f32` where `T` is `f32`, else that for `f64`. The choice is a constant after monomorphisation.
#[inline(always)]
fn in_format<T: Real>(x: T, narrow: impl Fn(f32) -> f32, wide: impl Fn(f64) -> f64) -> T {
    if TypeId::of::<T>() == TypeId::of::<f32>() {
        x.to_f32().map(narrow).and_then(T::from_f32).unwrap_or_else(T::nan)
    } else {
        number(x.to_f64().map_or(f64::NAN, wide))
    }
}

/// What the formulas have to know of a format.
trait Format: Real {
    /// 1/k! for as many k as matter in the series of exp at ± ln 2 / 2.
    const EXP_TERMS: usize;
    /// Terms of the series of ln 1p at 1.
    const LN_TERMS: usize;
    /// Coefficients of Mills' ratio.
    const MILLS_TERMS: usize;
    /// ln 2: a short number, whose multiples are exact, and the rest.
    const LN_2: [Self; 2];
    /// Where exp is 0 and ∞.
    const EXP_RANGE: [Self; 2];
    /// Where exp − 1 is −1.
    const MINUS_ONE: Self;
    /// 1.5 times the number whose last bit is 1: a sum with it is rounded to an integer, which its last bits hold.
    const ROUND: Self;

    /// 2 to the power of an integer, for a normal result.
    fn power_of_two(self) -> Self;
    /// n and m, where x = 2ⁿ · m with 1 ≤ m < 2, of a normal number.
    fn split(self) -> (Self, Self);
}

macro_rules! format {
    ($type:ident, $exp:literal, $ln:literal, $mills:literal, $ln_2:expr, $range:expr, $minus_one:literal) => {
        impl Format for $type {
            const EXP_TERMS: usize = $exp;
            const LN_TERMS: usize = $ln;
            const MILLS_TERMS: usize = $mills;
            const LN_2: [Self; 2] = $ln_2;
            const EXP_RANGE: [Self; 2] = $range;
            const MINUS_ONE: Self = $minus_one;
            const ROUND: Self = 1.5 / Self::EPSILON;

            #[inline(always)]
            fn power_of_two(self) -> Self {
                // The integer plus the exponent's bias, shifted to where the exponent stands.
                let biased = self + (Self::ROUND + (Self::MAX_EXP - 1) as Self);
                Self::from_bits(biased.to_bits() << (Self::MANTISSA_DIGITS - 1))
            }

            #[inline(always)]
            fn split(self) -> (Self, Self) {
                let (bits, one) = (self.to_bits(), Self::to_bits(1.0));
                let mantissa = (1 << (Self::MANTISSA_DIGITS - 1)) - 1;
                let exponent = (bits >> (Self::MANTISSA_DIGITS - 1)) as i32 - (Self::MAX_EXP - 1);
                (exponent as Self, Self::from_bits(bits & mantissa | one))
            }
        }
    };
}

format! { f32, 8, 8, 12, [355.0 / 512.0, -2.121_944_4e-4], [-104.0, 89.0], -20.0 }
format! { f64, 14, 17, 25, [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10], [-746.0, 710.0], -40.0 }

/// The nearest integer.
#[inline(always)]
fn round<F: Format>(x: F) -> F {
    (x + F::ROUND) - F::ROUND
}

/// n and exp(r) − 1, where x = n · ln 2 + r.
#[inline(always)]
fn reduce<F: Format>(x: F) -> (F, F) {
    let n = round(x * number(core::f64::consts::LOG2_E));
    let r = x - n * F::LN_2[0] - n * F::LN_2[1];
    let mut series = number(INVERSE_FACTORIALS[F::EXP_TERMS - 1]);
    for k in (2..F::EXP_TERMS - 1).rev() {
        series = series * r + number(INVERSE_FACTORIALS[k]);
    }
    (n, r + r * r * series)
}

#[inline(always)]
fn exp_of<F: Format>(x: F) -> F {
    let (n, e) = reduce(clamp(x, F::EXP_RANGE[0], F::EXP_RANGE[1]));
    // In two steps, each a normal number.
    let half = round(n * number(0.5));
    (F::ONE + e) * half.power_of_two() * (n - half).power_of_two()
}

#[inline(always)]
fn exp_m1_of<F: Format>(x: F) -> F {
    let (n, e) = reduce(clamp(x, F::MINUS_ONE, F::EXP_RANGE[1]));
    // Half of the result, since 2ⁿ may be too large.
    let power = (n - F::ONE).power_of_two();
    let half = power * e + (power - number(0.5));
    half + half
}

#[inline(always)]
fn ln_1p_of<F: Format>(x: F) -> F {
    // ln(1 + x) = 2 artanh(x / (2 + x))
    let s = x / (x + number(2.0));
    let mut series = F::ZERO;
    for k in (1..F::LN_TERMS).rev() {
        series = (series + number(1.0 / (2 * k + 1) as f64)) * (s * s);
    }
    (s + s) + (s + s) * series
}

#[inline(always)]
fn ln_of<F: Format>(x: F) -> F {
    let (n, m) = x.split();
    let ln = n * F::LN_2[0] + (n * F::LN_2[1] + ln_1p_of(m - F::ONE));
    if x < F::infinity() { ln } else { x }
}

/// M(x) = Φ(−x) / φ(x) for x from 0 to 40, by Clenshaw's recurrence.
#[inline(always)]
fn mills_ratio<F: Format>(x: F) -> F {
    let t = (x - number(4.0)) / (x + number(4.0));
    let (mut a, mut b) = (F::ZERO, F::ZERO);
    for &c in MILLS[1..F::MILLS_TERMS].iter().rev() {
        // c − b first: only the product has to wait for a.
        (a, b) = ((t + t) * a + (number::<F>(c) - b), a);
    }
    (t * a + (number::<F>(MILLS[0]) - b)) / (x + F::ONE)
}

/// 1/k!
const INVERSE_FACTORIALS: [f64; 14] = {
    let mut terms = [1.0; 14];
    let mut k = 1;
    while k < 14 {
        terms[k] = terms[k - 1] / k as f64;
        k += 1;
    }
    terms
};

/// Chebyshev coefficients of (1 + x) · M(x) over x in \[0, ∞), in t = (x − 4)/(x + 4): interpolation at 60 nodes,
/// computed with 60 digits. The next one is 3e-17; the first twelve are enough for `f32`.
const MILLS: [f64; 25] = [
    1.1670525350882472,
    -0.1610195767134654,
    -0.028002821825452974,
    0.03167452189239266,
    -0.012103231162345369,
    0.0027056129762167095,
    -0.00029931636202703166,
    -1.716686526879361e-05,
    1.0178489264109868e-05,
    -4.894829570004192e-07,
    -2.844006500151048e-07,
    3.0766283713811506e-08,
    9.180378674469537e-09,
    -1.2756102213808737e-09,
    -3.660279376104134e-10,
    4.5926359348595205e-11,
    1.7189314687646526e-11,
    -1.2726833698700693e-12,
    -8.668081913316188e-13,
    1.1061557204136741e-15,
    4.2750210770103334e-14,
    3.790937692263904e-15,
    -1.8474103010592332e-15,
    -4.0419094130708177e-16,
    5.340854385017358e-17,
];

/// `[f(0), f(1), ..]`, of one item at least. As `core::array::from_fn`, but inlined without the help of link-time optimization,
/// which builds with incremental compilation lack.
#[inline(always)]
pub(super) fn from_fn<V: Copy, const N: usize, F: FnMut(usize) -> V>(mut f: F) -> [V; N] {
    let mut all = [f(0); N];
    for (i, item) in all.iter_mut().enumerate().skip(1) {
        *item = f(i);
    }
    all
}

/// `f` of each item, of one at least. As `array.map(f)`, but inlined: see [`from_fn`].
#[inline(always)]
pub(super) fn each<V: Copy, W: Copy, const N: usize>(array: [V; N], mut f: impl FnMut(V) -> W) -> [W; N] {
    from_fn(|i| f(array[i]))
}
