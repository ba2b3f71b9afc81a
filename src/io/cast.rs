//! Elements as the bytes they are made of. The only `unsafe` code of `io`.
//!
//! A file is copied into an array as one piece, which is what makes reading in a `const` fast: a million elements take
//! a fraction of a second, where decoding them one by one takes fifteen.

#![allow(unsafe_code)]

use core::slice;

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
