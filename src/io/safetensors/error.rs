//! What can be wrong with a file, in plain text.

use core::fmt::{self, Display, Formatter};

use crate::io::Text;

/// Why a file is no safetensors file.
///
/// [`safetensors!`](crate::safetensors!) has the same text as a compile error.
///
/// ```
/// use constconv::io::safetensors::{FormatError, SafeTensors};
/// let error = SafeTensors::parse(b"\x93NUMPY\x01\x00").unwrap_err();
/// assert!(matches!(error, FormatError::HeaderLength { .. }));
/// let error = SafeTensors::parse(b"\x02\0\0\0\0\0\0\0{]").unwrap_err();
/// assert_eq!(error, FormatError::Header { at: 9, expected: "a name in quotes" });
/// assert_eq!(error.to_string(), "safetensors: expected a name in quotes at byte 9");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatError {
    /// There are fewer than the eight bytes of the header's length.
    Truncated,
    /// The header is longer than the file, or than the 100 MB that the format allows.
    HeaderLength {
        /// What the first eight bytes say.
        length: u64,
    },
    /// The header is not UTF-8.
    Utf8,
    /// Something else belongs at this place of the header.
    Header {
        /// The place in the file, in bytes.
        at: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// The offsets of a tensor do not fit its shape and type.
    Size {
        /// The place of the tensor in the header.
        at: usize,
    },
    /// The tensors overlap, leave bytes between them, or more than 1 024 of them are not in the order of their bytes.
    Offsets,
    /// There are fewer or more bytes after the header than the tensors have.
    Length {
        /// How many there are.
        found: usize,
        /// How many the tensors have.
        expected: usize,
    },
}

impl FormatError {
    pub(crate) const fn write_to<const N: usize>(self, text: &mut Text<N>) {
        text.str("safetensors: ");
        match self {
            Self::Truncated => text.str("the file is shorter than the length of its header"),
            Self::HeaderLength { length } => {
                text.str("the first eight bytes say that the header has ");
                text.number(length as usize);
                text.str(" bytes: the file is cut off, or it is another format");
            }
            Self::Utf8 => text.str("the header is not UTF-8"),
            Self::Header { at, expected } => {
                text.str("expected ");
                text.str(expected);
                text.str(" at byte ");
                text.number(at);
            }
            Self::Size { at } => {
                text.str("the tensor at byte ");
                text.number(at);
                text.str(" has offsets that do not fit its shape and type");
            }
            Self::Offsets => text.str("the tensors overlap, or there are bytes between them"),
            Self::Length { found, expected } => {
                text.number(found);
                text.str(" bytes follow the header, the tensors have ");
                text.number(expected);
            }
        }
    }
}

impl Display for FormatError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = Text::<160>::new();
        self.write_to(&mut text);
        f.write_str(text.as_str())
    }
}

impl core::error::Error for FormatError {}
