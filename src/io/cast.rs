//! Elements as the bytes they are made of. The only `unsafe` code of `io`.
//!
//! A file is copied into an array as one piece, which is what makes reading in a `const` fast: a million elements take
//! a fraction of a second, where decoding them one by one takes fifteen.

#![allow(unsafe_code)]

use core::slice;

use super::half::f16_bits;
use crate::tensor::Scalar;

/// An element type that is nothing but its bits: `f32`, `f64` and the integers of 8 to 64 bits. Not nameable outside of
/// the crate, so that traits that require it are sealed.
///
/// # Safety
/// Every bit pattern is a value, there is no padding, and the size is 1, 2, 4 or 8 bytes.
pub unsafe trait Plain: Scalar {}

macro_rules! plain {
    ($($number:ty)*) => { $(
        // SAFETY: a primitive number has no padding and no invalid bit pattern; its size is 1, 2, 4 or 8.
        unsafe impl Plain for $number {}
    )* };
}

plain! { f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 }

/// The bytes of the elements, in the byte order of this machine.
pub(crate) const fn bytes_of<T: Plain>(numbers: &[T]) -> &[u8] {
    // SAFETY: the bytes are those of `numbers`, borrowed for as long; without padding all of them are initialised, and
    // a byte needs no alignment.
    unsafe { slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) }
}

/// Sets the elements to those that are stored in `bytes`, little-endian.
///
/// # Panics
/// If there are more or fewer bytes than the elements have.
pub(crate) const fn copy_from_le<T: Plain>(numbers: &mut [T], bytes: &[u8]) {
    // SAFETY: as in `bytes_of`; the borrow is exclusive, and whatever bytes are written, they make valid numbers.
    let target = unsafe { slice::from_raw_parts_mut(numbers.as_mut_ptr().cast::<u8>(), size_of_val(numbers)) };
    target.copy_from_slice(bytes);
    if cfg!(target_endian = "big") {
        reverse_each(target, size_of::<T>());
    }
}

/// Sets the elements, of four bytes, to the `f32` of the floats of two bytes, little-endian: IEEE halves, or the upper
/// halves of `f32`. Almost without calls, too.
///
/// # Panics
/// If there are fewer floats than elements.
pub(crate) const fn widen_from_le<T: Plain>(numbers: &mut [T], bytes: &[u8], are_ieee: bool) {
    // SAFETY: as in `copy_from_le`.
    let target = unsafe { slice::from_raw_parts_mut(numbers.as_mut_ptr().cast::<u8>(), size_of_val(numbers)) };
    let ((target, _), (halves, _)) = (target.as_chunks_mut(), bytes.as_chunks());
    let mut i = 0;
    while i < target.len() {
        let [low, high] = halves[i];
        let half = low as u16 | (high as u16) << 8;
        let bits = if are_ieee { f16_bits(half) } else { (half as u32) << 16 };
        target[i] = [bits as u8, (bits >> 8) as u8, (bits >> 16) as u8, (bits >> 24) as u8];
        i += 1;
    }
    if cfg!(target_endian = "big") {
        let bytes = target.as_flattened_mut();
        reverse_each(bytes, 4);
    }
}

/// Reverses the bytes of each element of `size` bytes. Written out, because calls take a compiler that runs this much
/// time.
const fn reverse_each(bytes: &mut [u8], size: usize) {
    let mut i = 0;
    match size {
        2 => {
            let (numbers, _) = bytes.as_chunks_mut();
            while i < numbers.len() {
                let [a, b] = numbers[i];
                numbers[i] = [b, a];
                i += 1;
            }
        }
        4 => {
            let (numbers, _) = bytes.as_chunks_mut();
            while i < numbers.len() {
                let [a, b, c, d] = numbers[i];
                numbers[i] = [d, c, b, a];
                i += 1;
            }
        }
        8 => {
            let (numbers, _) = bytes.as_chunks_mut();
            while i < numbers.len() {
                let [a, b, c, d, e, f, g, h] = numbers[i];
                numbers[i] = [h, g, f, e, d, c, b, a];
                i += 1;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_in_as_numbers_and_come_out_again() {
        let mut numbers = [0_u16; 2];
        copy_from_le(&mut numbers, &[1, 2, 3, 4]);
        assert_eq!(numbers, [0x0201, 0x0403]);
        assert_eq!(bytes_of(&numbers.map(u16::to_le)), [1, 2, 3, 4]);
    }

    #[test]
    fn floats_of_two_bytes_become_longer() {
        let mut numbers = [0.0_f32; 2];
        widen_from_le(&mut numbers, &[0x80, 0x3f, 0x49, 0xc0], false);
        assert_eq!(numbers, [1.0, -3.140625]);
        widen_from_le(&mut numbers, &[0x00, 0xc2, 0x01, 0x00], true);
        assert_eq!(numbers, [-3.0, 1.0 / 16_777_216.0]);
    }

    #[test]
    fn each_number_is_reversed() {
        for (size, expected) in [
            (1, [1, 2, 3, 4, 5, 6, 7, 8]),
            (2, [2, 1, 4, 3, 6, 5, 8, 7]),
            (4, [4, 3, 2, 1, 8, 7, 6, 5]),
            (8, [8, 7, 6, 5, 4, 3, 2, 1]),
        ] {
            let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8];
            reverse_each(&mut bytes, size);
            assert_eq!(bytes, expected);
        }
    }
}
