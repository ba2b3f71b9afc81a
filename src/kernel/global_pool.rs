//! Means of whole planes, of which all rows are there, or some at a time.
//!
//! ```text
//! for each row:   parts[0] += sum of the row
//!                 after 8 rows:   parts[1] += parts[0],  parts[0] = 0
//!                 after 64 rows:  parts[2] += parts[1],  parts[1] = 0
//!                 after 512 rows: parts[3] += parts[2],  parts[2] = 0
//! mean = sum of the parts / count
//! ```
//!
//! So the order depends on the plane alone, and not on how many rows come at a time, and no part takes up so many terms
//! that its rounding adds up. Of the primitive integers of up to 64 bits the parts are the digits of a wider sum.

use core::mem;
use core::ops::Range;

use num_traits::FromPrimitive;

use super::check::check_lengths;
use super::math;
use super::pool::{integer_mean, quotient, widened};
use crate::tensor::Scalar;

/// Numbers that hold the sum of a plane, while its rows come: see [`sum_rows`].
///
/// ```
/// use constconv::kernel::{PARTS, sum_rows};
/// let mut sums = [0.0; PARTS];
/// sum_rows(2, 0..1, &[3.0, 4.0], &mut sums);
/// assert_eq!(sums.iter().sum::<f64>(), 7.0);
/// ```
pub const PARTS: usize = 4;

/// Rows of which the sums are one part, and so on.
const ROWS: usize = 8;

/// y = mean of each plane; overwrites `y`. An empty plane gives zero.
///
/// The primitive integers of up to 64 bits are summed in wider ones, and the quotient is rounded towards zero.
///
/// ```
/// use constconv::kernel::global_avg_pool2d;
/// let mut y = [0.0; 2];
/// global_avg_pool2d([2, 2], &[1.0, 4.0, 4.0, 3.0, -5.0, -6.0, -7.0, -8.0], &mut y);
/// assert_eq!(y, [3.0, -6.5]);
/// ```
#[inline]
pub fn global_avg_pool2d<T: Scalar + FromPrimitive>([height, width]: [usize; 2], x: &[T], y: &mut [T]) {
    let count = height * width;
    check_lengths!(y.len() * count; x);
    if count == 0 {
        return y.fill(T::ZERO);
    }
    for (x, y) in x.chunks_exact(count).zip(y) {
        *y = integer_mean(x.iter().copied(), count).unwrap_or_else(|| {
            let mut parts = [T::ZERO; PARTS];
            x.chunks_exact(width).enumerate().for_each(|(row, x)| add_row(row, x, &mut parts));
            mean(&parts, count)
        });
    }
}

/// Adds a band of rows to the sums of planes, of each of which `x` has only the rows `rows`: (N·C, rows, W). The sums are
/// [`PARTS`] numbers for each plane; row 0 overwrites them.
///
/// Of [`mean_of_sums`] the bits are those of [`global_avg_pool2d`], however many rows a band has. Planes of one-byte
/// integers have at most 2²⁴ cells.
///
/// ```
/// use constconv::kernel::{PARTS, mean_of_sums, sum_rows};
/// let (mut sums, mut y) = ([0; PARTS], [0]);
/// sum_rows(2, 0..1, &[100_i8, 120], &mut sums);
/// sum_rows(2, 1..2, &[80, 100], &mut sums);
/// mean_of_sums(4, &sums, &mut y);
/// assert_eq!(y, [100]);
/// ```
pub fn sum_rows<T: Scalar + FromPrimitive>(width: usize, rows: Range<usize>, x: &[T], sums: &mut [T]) {
    let (planes, rest) = sums.as_chunks_mut::<PARTS>();
    assert!(rest.is_empty(), "a sum has {PARTS} parts");
    check_lengths!(planes.len() * rows.len() * width; x);
    if rows.start == 0 {
        planes.fill([T::ZERO; PARTS]);
    }
    for (x, parts) in x.chunks_exact((rows.len() * width).max(1)).zip(planes) {
        if widened(T::ZERO).is_some() {
            write(x.iter().copied().filter_map(widened).fold(read(parts), |sum, a| sum + a), parts);
            continue;
        }
        for (row, x) in rows.clone().zip(x.chunks_exact(width)) {
            add_row(row, x, parts);
        }
    }
}

/// y = mean of each plane of `count` cells, whose rows [`sum_rows`] has added; overwrites `y`.
///
/// ```
/// use constconv::kernel::{PARTS, mean_of_sums, sum_rows};
/// let (mut sums, mut y) = ([0.0; 2 * PARTS], [0.0; 2]);
/// sum_rows(3, 0..1, &[1.0, 2.0, 6.0, 4.0, 5.0, 9.0], &mut sums);
/// mean_of_sums(3, &sums, &mut y);
/// assert_eq!(y, [3.0, 6.0]);
/// ```
pub fn mean_of_sums<T: Scalar + FromPrimitive>(count: usize, sums: &[T], y: &mut [T]) {
    check_lengths!(y.len() * PARTS; sums);
    for (parts, y) in sums.as_chunks::<PARTS>().0.iter().zip(y) {
        *y = match widened(T::ZERO) {
            Some(_) if count == 0 => T::ZERO,
            Some(_) => T::from_i128(read(parts) / count as i128).unwrap_or(T::ZERO),
            None => mean(parts, count),
        };
    }
}

/// Adds row number `row` of a plane.
#[inline(always)]
fn add_row<T: Scalar>(row: usize, x: &[T], parts: &mut [T; PARTS]) {
    parts[0] += math::sum_of([x], |[a]| a);
    let mut rows = row + 1;
    for part in 1..PARTS {
        if !rows.is_multiple_of(ROWS) {
            break;
        }
        rows /= ROWS;
        let below = mem::replace(&mut parts[part - 1], T::ZERO);
        parts[part] += below;
    }
}

/// The mean of a plane of `count` cells.
#[inline(always)]
fn mean<T: Scalar + FromPrimitive>(parts: &[T; PARTS], count: usize) -> T {
    quotient(parts.iter().fold(T::ZERO, |sum, &part| sum + part), count)
}

/// The bits of a digit.
const fn mask<T>() -> i128 {
    (1 << (8 * size_of::<T>())) - 1
}

/// The sum of integers whose digits, of all the bits that a `T` has, are the parts: the lowest one is the first, and the
/// last one has the sign.
fn read<T: Scalar>(parts: &[T; PARTS]) -> i128 {
    let mut digits = parts.iter().rev().map(|&part| widened(part).unwrap_or_default());
    let sign = digits.next().unwrap_or_default();
    digits.fold(sign, |sum, digit| sum << (8 * size_of::<T>()) | digit & mask::<T>())
}

/// Its digits.
fn write<T: Scalar + FromPrimitive>(mut sum: i128, parts: &mut [T; PARTS]) {
    let is_signed = T::from_i8(-1).is_some();
    for part in parts {
        let digit = sum & mask::<T>();
        let is_negative = is_signed && digit > mask::<T>() >> 1;
        let digit = if is_negative { digit - mask::<T>() - 1 } else { digit };
        *part = T::from_i128(digit).unwrap_or(T::ZERO);
        sum >>= 8 * size_of::<T>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_hold_every_sum() {
        fn check<T: Scalar + FromPrimitive>(sums: &[i128]) {
            for &sum in sums {
                let mut parts = [T::ZERO; PARTS];
                write(sum, &mut parts);
                assert_eq!(read(&parts), sum);
            }
        }
        check::<i8>(&[0, -1, 127, 128, -128, -129, 127 << 24, -128 << 24]);
        check::<u8>(&[0, 127, 128, 255 << 24]);
        check::<i16>(&[0, -1, i128::from(i16::MIN) << 32, i128::from(i16::MAX) << 32]);
        check::<u32>(&[0, i128::from(u32::MAX) << 32]);
        check::<i64>(&[0, -1, i128::from(i64::MIN) << 32, i128::from(i64::MAX) << 32]);
        check::<u64>(&[0, i128::from(u64::MAX) << 32]);
    }
}
