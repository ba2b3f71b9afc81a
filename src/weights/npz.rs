//! Writing archives of NumPy.

use core::fmt::{self, Write};

use super::write::{format, names_are_unique};
use crate::io::npy::{header, put_numbers};
use crate::io::{Element, Sink};
use crate::module::{Named, NamedVisitor, TensorInfo};

/// Writes a model, or anything else that is [`Named`], as an `.npz` archive: `numpy.load` gives its arrays by name.
///
/// The tensors are written from where they are, and read three times: for their checksum, for themselves, and for the
/// directory at the end.
///
/// ```
/// use constconv::io::npz::entry;
/// use constconv::prelude::*;
/// use constconv::weights::write_npz;
///
/// let layer = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([3.0]));
/// let mut archive = Vec::new();
/// write_npz(&layer, &mut archive).unwrap();
/// assert_eq!(Matrix::from_npy(entry(&archive, "weight")?), Ok(layer.weight));
/// # Ok::<(), constconv::io::npz::NpzError>(())
/// ```
///
/// It does not compile for a model of more than 2 GiB, and where two tensors have one name.
///
/// # Errors
/// Those of the sink.
pub fn write_npz<M: Named, S: Sink + ?Sized>(model: &M, sink: &mut S) -> Result<(), S::Error> {
    const { assert!(size_of::<M>() < 1 << 31, "an archive holds less than 2 GiB") };
    const { assert!(names_are_unique::<M>(), "two tensors have one name: give a field another one, `field as \"name\"`") };
    let mut archive = Archive { sink, at: 0, result: Ok(()), directory: None, entries: 0 };
    model.visit_named(&mut archive);
    let start = archive.at;
    archive.directory = Some(0);
    model.visit_named(&mut archive);
    archive.result?;
    let (length, entries) = (archive.at - start, archive.entries.to_le_bytes());
    sink.put(b"PK\x05\x06\0\0\0\0")?;
    sink.put(&entries)?;
    sink.put(&entries)?;
    sink.put(&length.to_le_bytes())?;
    sink.put(&start.to_le_bytes())?;
    sink.put(&[0, 0])
}

/// Writes the arrays, or, with the place of the next array, the directory.
struct Archive<'a, S: Sink + ?Sized> {
    sink: &'a mut S,
    at: u32,
    result: Result<(), S::Error>,
    directory: Option<u32>,
    entries: u16,
}

impl<S: Sink + ?Sized> Archive<'_, S> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        self.at += bytes.len() as u32;
        self.sink.put(bytes)
    }

    fn array<T: Element>(&mut self, tensor: &TensorInfo, numbers: &[T]) -> Result<(), S::Error> {
        let npy = header(tensor.element.numpy(), tensor.shape);
        let size = (npy.as_bytes().len() + size_of_val(numbers)) as u32;
        let mut length = Length(0);
        let _ = write!(length, "{}.npy", tensor.name); // It cannot fail.
        let mut crc = Crc(u32::MAX);
        crc.add(npy.as_bytes());
        let Ok(()) = put_numbers(numbers, |bytes| {
            crc.add(bytes);
            Ok::<(), core::convert::Infallible>(())
        });

        // Version 2.0, name in UTF-8, not compressed, 1 January 1980.
        let mut common = [0; 26];
        common[..10].copy_from_slice(&[20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0]);
        common[10..14].copy_from_slice(&(!crc.0).to_le_bytes());
        common[14..18].copy_from_slice(&size.to_le_bytes());
        common[18..22].copy_from_slice(&size.to_le_bytes());
        common[22..24].copy_from_slice(&length.0.to_le_bytes());
        let Some(place) = self.directory else {
            self.put(b"PK\x03\x04")?;
            self.put(&common)?;
            format(&mut |bytes| self.put(bytes), format_args!("{}.npy", tensor.name))?;
            self.put(npy.as_bytes())?;
            return put_numbers(numbers, |bytes| self.put(bytes));
        };
        self.directory = Some(place + 4 + 26 + u32::from(length.0) + size);
        self.entries += 1;
        self.put(b"PK\x01\x02\x14\0")?;
        self.put(&common)?;
        self.put(&[0; 10])?;
        self.put(&place.to_le_bytes())?;
        format(&mut |bytes| self.put(bytes), format_args!("{}.npy", tensor.name))
    }
}

impl<S: Sink + ?Sized> NamedVisitor for Archive<'_, S> {
    fn tensor<T: Element>(&mut self, tensor: &TensorInfo, numbers: &[T]) {
        if self.result.is_ok() {
            self.result = self.array(tensor, numbers);
        }
    }
}

/// The length of text.
struct Length(u16);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u16;
        Ok(())
    }
}

/// The checksum of ZIP, reflected, as it is before the last inversion.
struct Crc(u32);

impl Crc {
    fn add(&mut self, bytes: &[u8]) {
        /// What four bits become.
        const TABLE: [u32; 16] = {
            let mut table = [0; 16];
            let mut i = 0;
            while i < 16 {
                let (mut crc, mut bit) = (i as u32, 0);
                while bit < 4 {
                    crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
                    bit += 1;
                }
                table[i] = crc;
                i += 1;
            }
            table
        };
        for &byte in bytes {
            self.0 ^= u32::from(byte);
            self.0 = self.0 >> 4 ^ TABLE[self.0 as usize & 15];
            self.0 = self.0 >> 4 ^ TABLE[self.0 as usize & 15];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zip() {
        let mut crc = Crc(u32::MAX);
        crc.add(b"123456789");
        assert_eq!(!crc.0, 0xcbf4_3926);
    }
}
