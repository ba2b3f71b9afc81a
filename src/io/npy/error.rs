//! What can be wrong with a file, in plain text.

use core::fmt::{self, Debug, Display, Formatter};

use super::super::text::Text;

/// Why a file could not be read as an array: what was found and what was expected.
///
/// [`npy!`](crate::npy!) has the same text as a compile error.
///
/// ```
/// use constconv::io::npy::NpyError;
/// use constconv::prelude::*;
///
/// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// let error = Tensor::<f64, 2, 3, 4, 4>::from_npy(file).unwrap_err();
/// assert!(matches!(error, NpyError::Dtype { found, expected: "<f8" } if found.as_str() == "<f4"));
/// assert_eq!(error.to_string(), "npy: the file holds f32, expected f64");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NpyError {
    /// The first six bytes are not those of an `.npy` file.
    Magic,
    /// A version other than 1.0, 2.0 or 3.0.
    Version {
        /// The first part of the file's version.
        major: u8,
        /// The second part.
        minor: u8,
    },
    /// The file ends inside its header.
    Truncated {
        /// The length of the file, in bytes.
        found: usize,
        /// The least length that the file must have, in bytes.
        expected: usize,
    },
    /// The header is not the dictionary that NumPy writes.
    Header {
        /// The place in the file, in bytes.
        at: usize,
        /// The byte there; `None` at the end of the header.
        found: Option<u8>,
        /// What belongs there.
        expected: &'static str,
    },
    /// The elements have another type or byte order.
    Dtype {
        /// The type in the file.
        found: Dtype,
        /// The type that is read, as NumPy writes it.
        expected: &'static str,
    },
    /// The elements are stored column by column, and there is more than one column.
    FortranOrder,
    /// The array has another shape.
    Shape {
        /// The axes in the file.
        found: Shape,
        /// The axes of the array that is read.
        expected: &'static [usize],
    },
    /// There are too few or too many elements after the header.
    Length {
        /// How many bytes there are.
        found: usize,
        /// How many bytes the array has.
        expected: usize,
    },
}

impl NpyError {
    /// The text of the error.
    pub(super) const fn message(&self) -> Text<384> {
        let mut text = Text::new();
        text.str("npy: ");
        match *self {
            Self::Magic => text.str("the file is not an .npy file: it does not begin with \\x93NUMPY"),
            Self::Version { major, minor } => {
                text.str("the file holds version ");
                text.number(major as usize);
                text.str(".");
                text.number(minor as usize);
                text.str(", expected 1.0, 2.0 or 3.0");
            }
            Self::Truncated { found, expected } => {
                text.str("the file ends after ");
                text.number(found);
                text.str(" bytes, but its header needs ");
                text.number(expected);
            }
            Self::Header { at, found, expected } => {
                match found {
                    Some(byte @ b' '..=b'~') => {
                        text.str("the header holds '");
                        text.byte(byte);
                        text.str("'");
                    }
                    Some(byte) => {
                        text.str("the header holds byte 0x");
                        text.hex(byte);
                    }
                    None => text.str("the header ends"),
                }
                text.str(" at byte ");
                text.number(at);
                text.str(" of the file, expected ");
                text.str(expected);
            }
            Self::Dtype { found, expected } => {
                text.str("the file holds ");
                number_type(&mut text, found.as_str());
                text.str(", expected ");
                number_type(&mut text, expected);
            }
            Self::FortranOrder => text.str("the file holds 'fortran_order': True, expected False"),
            Self::Shape { found, expected } => {
                text.str("the file holds shape ");
                text.tuple(found.as_slice());
                text.str(", expected ");
                text.tuple(expected);
            }
            Self::Length { found, expected } => {
                text.str("the file holds ");
                text.number(found);
                text.str(" bytes of elements, expected ");
                text.number(expected);
            }
        }
        text
    }

    /// Makes it a compile error at the place of the caller.
    #[doc(hidden)]
    #[track_caller]
    pub const fn fail(&self) -> ! {
        panic!("{}", self.message().as_str())
    }
}

impl Display for NpyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().as_str())
    }
}

impl core::error::Error for NpyError {}

/// NumPy's `<f4` as Rust's `f32`; what is no number of Rust's as NumPy writes it.
const fn number_type<const N: usize>(text: &mut Text<N>, dtype: &str) {
    match *dtype.as_bytes() {
        [order @ (b'<' | b'>'), kind @ (b'f' | b'i' | b'u'), size @ (b'2' | b'4' | b'8')] => {
            text.str(if order == b'>' { "big-endian " } else { "" });
            text.byte(kind);
            text.number(8 * (size - b'0') as usize);
        }
        [b'|', kind @ (b'i' | b'u'), b'1'] => {
            text.byte(kind);
            text.number(8);
        }
        _ => {
            text.str("'");
            text.str(dtype);
            text.str("'");
        }
    }
}

/// An element type as NumPy writes it, such as `<f4`: byte order, kind, bytes.
///
/// ```
/// use constconv::io::npy::{NpyError, read_npy};
/// use constconv::prelude::*;
/// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// match read_npy(file, &mut Vector::<f64, 96>::zeros()) {
///     Err(NpyError::Dtype { found, .. }) => assert_eq!(found.as_str(), "<f4"),
///     _ => unreachable!(),
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dtype(Text<{ Self::LONGEST }>);

impl Dtype {
    pub(super) const LONGEST: usize = 16;

    pub(super) const fn new(text: &[u8]) -> Self {
        let mut dtype = Text::new();
        dtype.bytes(text);
        Self(dtype)
    }

    /// Whether it is `expected`. A single byte, `|` in `expected`, has no byte order: NumPy reads any there.
    pub(super) const fn is(&self, expected: &str) -> bool {
        let (found, expected) = (self.0.as_bytes(), expected.as_bytes());
        if found.len() != expected.len() {
            return false;
        }
        let mut i = 0;
        while i < found.len() {
            let is_any_order = i == 0 && expected[i] == b'|' && matches!(found[i], b'|' | b'<' | b'>' | b'=');
            if found[i] != expected[i] && !is_any_order {
                return false;
            }
            i += 1;
        }
        true
    }

    /// The text between the quotes.
    ///
    /// ```
    /// use constconv::io::npy::{NpyError, read_npy};
    /// use constconv::prelude::*;
    /// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
    /// let Err(NpyError::Dtype { found, expected }) = read_npy(file, &mut Vector::<i16, 96>::zeros()) else {
    ///     unreachable!()
    /// };
    /// assert_eq!((found.as_str(), expected), ("<f4", "<i2"));
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Debug for Dtype {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.as_str())
    }
}

/// The lengths of the axes in a file, at most eight.
///
/// ```
/// use constconv::io::npy::{NpyError, read_npy};
/// use constconv::prelude::*;
/// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// match read_npy(file, &mut Vector::<f32, 96>::zeros()) {
///     Err(NpyError::Shape { found, .. }) => assert_eq!(found.as_slice(), [2, 3, 4, 4]),
///     _ => unreachable!(),
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    axes: [usize; Self::MOST],
    rank: u8,
}

impl Shape {
    pub(super) const MOST: usize = 8;
    pub(super) const EMPTY: Self = Self { axes: [0; Self::MOST], rank: 0 };

    /// The lengths of the axes.
    ///
    /// ```
    /// use constconv::io::npy::{NpyError, read_npy};
    /// use constconv::prelude::*;
    /// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
    /// let Err(NpyError::Shape { found, expected }) = read_npy(file, &mut Matrix::<f32, 8, 12>::zeros()) else {
    ///     unreachable!()
    /// };
    /// assert_eq!((found.as_slice(), expected), (&[2, 3, 4, 4][..], &[8, 12][..]));
    /// ```
    #[must_use]
    pub const fn as_slice(&self) -> &[usize] {
        self.axes.split_at(self.rank as usize).0
    }

    /// Adds an axis, if there is room for it.
    pub(super) const fn push(&mut self, axis: usize) -> bool {
        let has_room = (self.rank as usize) < Self::MOST;
        if has_room {
            self.axes[self.rank as usize] = axis;
            self.rank += 1;
        }
        has_room
    }

    /// Whether row by row and column by column are the same: at most one axis is longer than 1, or one is empty.
    pub(super) const fn has_one_order(&self) -> bool {
        let axes = self.as_slice();
        let (mut i, mut long, mut empty) = (0, 0, false);
        while i < axes.len() {
            long += (axes[i] > 1) as usize;
            empty |= axes[i] == 0;
            i += 1;
        }
        long <= 1 || empty
    }

    /// Whether the axes are those of `expected`, of which any of length 1 may be left out.
    pub(super) const fn fits(&self, expected: &[usize]) -> bool {
        let found = self.as_slice();
        let (mut i, mut j) = (0, 0);
        while j < expected.len() {
            if i < found.len() && found[i] == expected[j] {
                i += 1;
            } else if expected[j] != 1 {
                return false;
            }
            j += 1;
        }
        i == found.len()
    }
}

impl Debug for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self.as_slice(), f)
    }
}
