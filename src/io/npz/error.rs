//! What can be wrong with an archive, in plain text.

use core::fmt::{self, Debug, Display, Formatter};

use super::super::text::Text;

/// Why an array could not be read from an archive.
///
/// [`npz!`](crate::npz!) has the same text as a compile error.
///
/// ```
/// use constconv::io::npz::{NpzError, entry};
///
/// let archive = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"));
/// let error = entry(archive, "z").unwrap_err();
/// assert!(matches!(error, NpzError::Missing { names } if names.as_str() == "x, y"));
/// assert_eq!(error.to_string(), "npz: the archive holds no such array; its arrays are x, y");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NpzError {
    /// The first two bytes are not those of a ZIP archive.
    Magic,
    /// There is no directory at the end: the archive is truncated, or something follows it.
    Truncated,
    /// Something is not where another part of the archive says it is.
    Damaged {
        /// The place in the archive, in bytes.
        at: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// There is no array of this name.
    Missing {
        /// The names of the arrays in the archive.
        names: Names,
    },
    /// The array is compressed.
    Compressed,
    /// The array is encrypted.
    Encrypted,
    /// The archive has sizes or offsets of 64 bits, or more than 65 534 arrays.
    Zip64,
}

impl NpzError {
    /// The text of the error.
    const fn message(&self) -> Text<192> {
        let mut text = Text::new();
        text.str("npz: ");
        match *self {
            Self::Magic => text.str("the file is not a ZIP archive: it does not begin with PK"),
            Self::Truncated => {
                text.str("the archive does not end with its directory: it is cut off, or something follows it")
            }
            Self::Damaged { at, expected } => {
                text.str("the archive is damaged, expected ");
                text.str(expected);
                text.str(" at byte ");
                text.number(at);
            }
            Self::Missing { names } if names.as_str().is_empty() => text.str("the archive holds no array"),
            Self::Missing { names } => {
                text.str("the archive holds no such array; its arrays are ");
                text.str(names.as_str());
            }
            Self::Compressed => text.str("the array is compressed: write it with numpy.savez and not savez_compressed"),
            Self::Encrypted => text.str("the array is encrypted: write it without a password"),
            Self::Zip64 => text.str("the archive is in the ZIP64 format, for more than 4 GiB or 65 534 arrays"),
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

impl Display for NpzError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().as_str())
    }
}

impl core::error::Error for NpzError {}

/// The names of the arrays in an archive, as many as fit in 96 bytes.
///
/// ```
/// use constconv::io::npz::{NpzError, entry};
/// let archive = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"));
/// let Err(NpzError::Missing { names }) = entry(archive, "z") else { unreachable!() };
/// assert_eq!(format!("{names:?}"), r#""x, y""#);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Names(Text<{ Self::ROOM }>);

impl Names {
    const ROOM: usize = 96;

    pub(super) const EMPTY: Self = Self(Text::new());

    /// Adds a name, or an ellipsis where it does not fit.
    pub(super) const fn push(&mut self, name: &[u8]) {
        let shown = self.0.as_bytes();
        if let [.., b'.', b'.', b'.'] = shown {
            return;
        }
        let separator = if shown.is_empty() { "" } else { ", " };
        let has_room = shown.len() + separator.len() + name.len() + ", ...".len() <= Self::ROOM;
        self.0.str(separator);
        if !has_room {
            return self.0.str("...");
        }
        let mut i = 0;
        while i < name.len() {
            self.0.byte(if name[i].is_ascii_graphic() { name[i] } else { b'?' });
            i += 1;
        }
    }

    /// The names, separated by commas. Characters outside of ASCII are shown as question marks; an ellipsis at the end
    /// stands for further names.
    ///
    /// ```
    /// use constconv::io::npz::{NpzError, entry};
    /// let archive = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"));
    /// let Err(NpzError::Missing { names }) = entry(archive, "z") else { unreachable!() };
    /// assert_eq!(names.as_str(), "x, y");
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Debug for Names {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self.as_str(), f)
    }
}
