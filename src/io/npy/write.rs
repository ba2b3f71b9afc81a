//! Writing: what `numpy.save` writes, byte for byte.

use super::super::{Plain, Sink, Text, cast};
use super::header::MAGIC;
use super::{NpyArray, NpyScalar};

/// Writes an array as an `.npy` file, version 1.0: the same bytes as `numpy.save` for the same array.
///
/// A shape of rank r makes a file of rank r: axes of length 1 are kept. The header is built on the stack (192
/// bytes); the elements are written from where they are.
///
/// ```
/// use constconv::io::{Buffer, Full, npy::write_npy};
/// use constconv::prelude::*;
///
/// let mut memory = [0; 256];
/// let mut buffer = Buffer::new(&mut memory);
/// write_npy(&Vector::new([1_u8, 2, 3]), &mut buffer)?;
/// assert!(buffer.written()[10..].starts_with(b"{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }  "));
/// assert_eq!(buffer.written()[128..], [1, 2, 3]);
/// # Ok::<(), Full>(())
/// ```
///
/// # Errors
/// Those of the sink.
pub fn write_npy<A: NpyArray, S: Sink + ?Sized>(array: &A, sink: &mut S) -> Result<(), S::Error> {
    write(array.as_slice(), A::SHAPE, |bytes| sink.put(bytes))
}

/// Writes the header and the elements.
pub(super) fn write<T: NpyScalar, E>(
    numbers: &[T],
    shape: &[usize],
    mut put: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    put(header(T::DTYPE, shape).as_bytes())?;
    put_numbers(numbers, put)
}

/// Writes the elements, little-endian.
pub(crate) fn put_numbers<T: Plain, E>(numbers: &[T], mut put: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    if cfg!(target_endian = "little") {
        put(cast::bytes_of(numbers))
    } else {
        cast::bytes_of(numbers).chunks_exact(size_of::<T>()).try_for_each(|number| put(reversed(number, &mut [0; 8])))
    }
}

/// The bytes of one element, reversed.
fn reversed<'a>(number: &[u8], room: &'a mut [u8; 8]) -> &'a [u8] {
    let reversed = &mut room[..number.len()];
    reversed.copy_from_slice(number);
    reversed.reverse();
    reversed
}

/// Everything before the elements: 128 bytes, or 192 if the axes have very many digits.
///
/// As in NumPy, the first axis, if there is one, has room to grow to 21 digits, and one to 64 spaces follow, so that the elements begin at
/// a multiple of 64 bytes.
pub(crate) fn header(dtype: &str, shape: &[usize]) -> Text<192> {
    let mut dictionary = Text::<192>::new();
    dictionary.str("{'descr': '");
    dictionary.str(dtype);
    dictionary.str("', 'fortran_order': False, 'shape': ");
    dictionary.tuple(shape);
    dictionary.str(", }");

    let prefix = MAGIC.len() + 4;
    let room = shape.first().map_or(0, |&length| {
        let mut first_axis = Text::<20>::new();
        first_axis.number(length);
        21 - first_axis.as_bytes().len()
    });
    let used = prefix + dictionary.as_bytes().len() + room + 1;
    let end = used + 64 - used % 64;

    let mut header = Text::new();
    header.bytes(MAGIC);
    header.bytes(&[1, 0]);
    header.bytes(&((end - prefix) as u16).to_le_bytes());
    header.bytes(dictionary.as_bytes());
    while header.as_bytes().len() < end - 1 {
        header.byte(b' ');
    }
    header.byte(b'\n');
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_header_has_room() {
        let header = header("<f4", &[usize::MAX; 4]);
        assert_eq!(header.as_bytes().len(), 192);
        assert!(header.as_bytes().ends_with(b"), }                                        \n"));
    }

    #[test]
    fn a_number_is_reversed() {
        assert_eq!(reversed(&[1, 2, 3, 4], &mut [0; 8]), [4, 3, 2, 1]);
    }
}
