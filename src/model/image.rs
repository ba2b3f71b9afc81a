//! The parameters of a model as bytes: for the flash of a microcontroller, or a file.
//!
//! An image holds the parameters and running statistics in the order in which [`Parameters`] visits them, and nothing that
//! the type of the model says: no names, no shapes, no hyperparameters, no frozen layers.
//!
//! | bytes | |
//! |---|---|
//! | 4 | `CCWI` |
//! | 4 | version of the format, 1 |
//! | 4 | fingerprint of the model: which numbers, and how many of them, in each tensor |
//! | 4 | length of the numbers in bytes, N |
//! | N | the numbers |
//! | 4 | CRC-32 of all bytes before |
//!
//! All numbers are little-endian.
//!
//! ```
//! use constconv::io::Buffer;
//! use constconv::model::image;
//! use constconv::prelude::*;
//!
//! let trained = Linear::<f32, 2, 1>::new(Matrix::new([[1.5, -2.0]]), Vector::new([0.25]));
//! let mut page = [0xFF; 64]; // a page of flash
//! image::write(&trained, &mut Buffer::new(&mut page)).unwrap();
//!
//! let mut net = Linear::<f32, 2, 1>::BLANK; // after a restart
//! image::read(&mut net, &page).unwrap();
//! assert_eq!(net, trained);
//! ```

use core::fmt::{self, Display, Formatter};

use crate::io::Sink;
use crate::module::{Parameters, Visitor, VisitorMut};
use crate::tensor::Real;

const MAGIC: [u8; 4] = *b"CCWI";
const VERSION: u32 = 1;
const HEADER: usize = 16;
const CHECKSUM: usize = 4;

/// The bytes of an image of `model`.
///
/// ```
/// use constconv::model::image;
/// use constconv::prelude::*;
/// assert_eq!(image::len(&Linear::<f32, 2, 1>::BLANK), 16 + 3 * 4 + 4);
/// ```
pub fn len(model: &impl Parameters) -> usize {
    HEADER + Contents::of(model).bytes + CHECKSUM
}

/// Writes the parameters and running statistics of `model`.
///
/// ```
/// use constconv::model::image;
/// use constconv::prelude::*;
/// let mut file = Vec::new();
/// image::write(&BatchNorm2d::<f32, 4>::BLANK, &mut file)?;
/// assert_eq!(file.len(), 16 + 4 * 4 * 4 + 4); // weight, bias, running mean and variance
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the sink. What was written before stays there.
pub fn write<S: Sink>(model: &impl Parameters, sink: &mut S) -> Result<(), S::Error> {
    let contents = Contents::of(model);
    let mut writer = Writer { sink, checksum: Crc::NEW, result: Ok(()) };
    writer.put(&MAGIC);
    writer.put(&VERSION.to_le_bytes());
    writer.put(&contents.fingerprint.get().to_le_bytes());
    writer.put(&(contents.bytes as u32).to_le_bytes());
    model.visit(&mut writer);
    let checksum = writer.checksum.get();
    writer.put(&checksum.to_le_bytes());
    writer.result
}

/// Overwrites the parameters and running statistics of `model` by those of an image. The bytes after the image, the rest of
/// a page of flash, may be anything. If there is an error, nothing is changed.
///
/// ```
/// use constconv::model::image::{self, ImageError};
/// use constconv::prelude::*;
/// let mut file = Vec::new();
/// image::write(&Linear::<f32, 2, 1>::BLANK, &mut file)?;
/// file[20] ^= 1;
/// let mut net = Linear::<f32, 2, 1>::BLANK;
/// let error = image::read(&mut net, &file).unwrap_err();
/// assert!(matches!(error, ImageError::Damaged { .. }));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the bytes are not an image, or one of another version or model, or damaged.
pub fn read(model: &mut impl Parameters, bytes: &[u8]) -> Result<(), ImageError> {
    let contents = Contents::of(model);
    let needed = HEADER + contents.bytes + CHECKSUM;
    let word = |at: usize| match bytes.get(at..at + 4) {
        Some(&[a, b, c, d]) => Ok(u32::from_le_bytes([a, b, c, d])),
        _ => Err(ImageError::Short { needed, found: bytes.len() }),
    };
    if word(0)? != u32::from_le_bytes(MAGIC) {
        return Err(ImageError::NoImage);
    }
    let (version, fingerprint, length) = (word(4)?, word(8)?, word(12)?);
    if version != VERSION {
        return Err(ImageError::Version { found: version });
    }
    let expected = contents.fingerprint.get();
    if fingerprint != expected || length != contents.bytes as u32 {
        return Err(ImageError::OtherModel { expected, found: fingerprint });
    }
    let found = word(HEADER + contents.bytes)?;
    let Some((image, _)) = bytes.split_at_checked(needed - CHECKSUM) else {
        return Err(ImageError::Short { needed, found: bytes.len() });
    };
    let mut checksum = Crc::NEW;
    checksum.add(image);
    if checksum.get() != found {
        return Err(ImageError::Damaged { expected: checksum.get(), found });
    }
    model.visit_mut(&mut Reader(image.get(HEADER..).unwrap_or_default()));
    Ok(())
}

/// Why bytes are not an image of a model.
///
/// ```
/// use constconv::model::image::{self, ImageError};
/// use constconv::prelude::*;
/// let mut net = Linear::<f32, 2, 1>::BLANK;
/// let error = image::read(&mut net, &[0xFF; 1024]).unwrap_err(); // erased flash
/// assert_eq!(error, ImageError::NoImage);
/// assert_eq!(error.to_string(), "there is no image of a model: it would begin with `CCWI`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// It does not begin as an image does.
    NoImage,
    /// There are fewer bytes than an image of the model has.
    Short {
        /// The bytes of an image of the model.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// It is of another version of the format.
    Version {
        /// Its version.
        found: u32,
    },
    /// It is of a model with other tensors.
    OtherModel {
        /// The fingerprint of the model.
        expected: u32,
        /// That of the image.
        found: u32,
    },
    /// Its bytes are not those that were written.
    Damaged {
        /// The checksum of the bytes.
        expected: u32,
        /// That in the image.
        found: u32,
    },
}

impl Display for ImageError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoImage => write!(f, "there is no image of a model: it would begin with `CCWI`"),
            Self::Short { needed, found } => write!(f, "an image of this model has {needed} bytes, found {found}"),
            Self::Version { found } => write!(f, "the image has version {found}, expected {VERSION}"),
            Self::OtherModel { expected, found } => write!(
                f,
                "the image is of another model: its tensors have the fingerprint {found:08x}, expected {expected:08x}"
            ),
            Self::Damaged { expected, found } => {
                write!(f, "the image is damaged: the checksum of its bytes is {expected:08x}, expected {found:08x}")
            }
        }
    }
}

impl core::error::Error for ImageError {}

/// What is in an image: the bytes of its numbers, and a checksum of the kind, width and length of each tensor.
struct Contents {
    bytes: usize,
    fingerprint: Crc,
}

impl Contents {
    fn of(model: &impl Parameters) -> Self {
        let mut contents = Self { bytes: 0, fingerprint: Crc::NEW };
        model.visit(&mut contents);
        contents
    }

    fn add<T>(&mut self, kind: u8, elements: &[T]) {
        self.bytes += size_of_val(elements);
        self.fingerprint.add(&[kind, size_of::<T>() as u8]);
        self.fingerprint.add(&(elements.len() as u32).to_le_bytes());
    }
}

impl Visitor for Contents {
    fn tensor<T: Real>(&mut self, elements: &[T]) {
        self.add(b'w', elements);
    }

    fn statistics<T: Real>(&mut self, elements: &[T]) {
        self.add(b's', elements);
    }
}

/// Writes until there is an error.
struct Writer<'a, S: Sink> {
    sink: &'a mut S,
    checksum: Crc,
    result: Result<(), S::Error>,
}

impl<S: Sink> Writer<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        if self.result.is_ok() {
            self.checksum.add(bytes);
            self.result = self.sink.put(bytes);
        }
    }
}

impl<S: Sink> Visitor for Writer<'_, S> {
    fn tensor<T: Real>(&mut self, elements: &[T]) {
        for &element in elements {
            // The bits of a number stay as they are, as it is converted to its own type.
            match size_of::<T>() {
                4 => self.put(&element.to_f32().unwrap_or_default().to_le_bytes()),
                _ => self.put(&element.to_f64().unwrap_or_default().to_le_bytes()),
            }
        }
    }

    fn statistics<T: Real>(&mut self, elements: &[T]) {
        self.tensor(elements);
    }
}

/// The bytes that were not read yet.
struct Reader<'a>(&'a [u8]);

impl VisitorMut for Reader<'_> {
    fn tensor<T: Real>(&mut self, elements: &mut [T]) {
        for element in elements {
            let number = match size_of::<T>() {
                4 => self.0.split_first_chunk().and_then(|(&bytes, rest)| {
                    self.0 = rest;
                    T::from_f32(f32::from_le_bytes(bytes))
                }),
                _ => self.0.split_first_chunk().and_then(|(&bytes, rest)| {
                    self.0 = rest;
                    T::from_f64(f64::from_le_bytes(bytes))
                }),
            };
            *element = number.unwrap_or(T::ZERO);
        }
    }

    fn statistics<T: Real>(&mut self, elements: &mut [T]) {
        self.tensor(elements);
    }
}

/// CRC-32 of ISO-HDLC, that of Ethernet, gzip and PNG: four bits at a time, so that its table takes 64 bytes of flash.
#[derive(Clone, Copy)]
struct Crc(u32);

impl Crc {
    const NEW: Self = Self(u32::MAX);

    const TABLE: [u32; 16] = {
        let (mut table, mut i) = ([0; 16], 0);
        while i < 16 {
            let (mut remainder, mut bit) = (i as u32, 0);
            while bit < 4 {
                remainder = (remainder >> 1) ^ if remainder & 1 == 1 { 0xEDB8_8320 } else { 0 };
                bit += 1;
            }
            table[i] = remainder;
            i += 1;
        }
        table
    };

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 ^= u32::from(byte);
            for _ in 0..2 {
                self.0 = (self.0 >> 4) ^ Self::TABLE[self.0 as usize % 16];
            }
        }
    }

    fn get(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Crc;

    #[test]
    fn the_checksum_is_that_of_everybody_else() {
        let mut crc = Crc::NEW;
        crc.add(b"1234");
        crc.add(b"56789");
        assert_eq!(crc.get(), 0xCBF4_3926); // the check value of CRC-32/ISO-HDLC
        assert_eq!(Crc::NEW.get(), 0);
    }
}
