//! The header of a file: magic bytes, version, length and a Python dictionary with three keys.
//!
//! Everything is `const fn`, so that the same parser serves the compiler and the running program. It never panics.

use super::{Dtype, NpyError, Shape};

/// The first bytes of every file.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// An `.npy` file in its parts: what its header says, and the bytes after it.
///
/// It tells what a file holds before there is an array for it. To read the array, no `Npy` is needed: see
/// [`read_npy`](super::read_npy).
///
/// ```
/// use constconv::io::npy::Npy;
///
/// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// let npy = Npy::parse(file)?;
/// assert_eq!((npy.dtype(), npy.shape(), npy.is_fortran_order()), ("<f4", &[2, 3, 4, 4][..], false));
/// assert_eq!(npy.payload()[..8], [0, 0, 0, 0, 0, 0, 0x80, 0x3f]);
/// # Ok::<(), constconv::io::npy::NpyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Npy<'a> {
    pub(super) dtype: Dtype,
    pub(super) fortran_order: bool,
    pub(super) shape: Shape,
    pub(super) payload: &'a [u8],
}

impl<'a> Npy<'a> {
    /// Reads the header of a file, version 1.0, 2.0 or 3.0.
    ///
    /// The dictionary may be written in any way that Python reads as the same three keys with a string, a boolean and
    /// a tuple, as long as there are no comments and its strings have no prefixes or escapes. Lengths such as `2L`, as
    /// Python 2 wrote them, are read in versions 1.0 and 2.0. At most eight axes are read.
    ///
    /// ```
    /// use constconv::io::npy::{Npy, NpyError};
    /// assert!(matches!(Npy::parse(b"GIF89a"), Err(NpyError::Magic)));
    /// ```
    ///
    /// # Errors
    /// [`Magic`](NpyError::Magic), [`Truncated`](NpyError::Truncated), [`Version`](NpyError::Version),
    /// [`Header`](NpyError::Header). What the header says is not checked here: any type, order, shape and length pass.
    pub const fn parse(file: &'a [u8]) -> Result<Self, NpyError> {
        let mut i = 0;
        while i < file.len() && i < MAGIC.len() {
            if file[i] != MAGIC[i] {
                return Err(NpyError::Magic);
            }
            i += 1;
        }
        let Some((&[.., major, minor], rest)) = file.split_first_chunk::<8>() else {
            return Err(NpyError::Truncated { found: file.len(), expected: 10 });
        };
        let (start, length) = match ([major, minor], rest) {
            ([1, 0], &[a, b, ..]) => (10, u32::from_le_bytes([a, b, 0, 0])),
            ([2 | 3, 0], &[a, b, c, d, ..]) => (12, u32::from_le_bytes([a, b, c, d])),
            ([1, 0], _) => return Err(NpyError::Truncated { found: file.len(), expected: 10 }),
            ([2 | 3, 0], _) => return Err(NpyError::Truncated { found: file.len(), expected: 12 }),
            _ => return Err(NpyError::Version { major, minor }),
        };
        let end = start as u64 + length as u64;
        if (file.len() as u64) < end {
            return Err(NpyError::Truncated { found: file.len(), expected: end as usize });
        }
        let (head, payload) = file.split_at(end as usize);
        Cursor { head, at: start, is_python2: major < 3 }.dictionary(payload)
    }

    /// The type of the elements as NumPy writes it: byte order, kind, bytes.
    ///
    /// ```
    /// use constconv::io::npy::{Npy, write_npy};
    /// use constconv::prelude::*;
    /// let mut file = Vec::new();
    /// write_npy(&Vector::new([1_u16, 2]), &mut file).unwrap();
    /// assert_eq!(Npy::parse(&file).unwrap().dtype(), "<u2");
    /// ```
    #[must_use]
    pub const fn dtype(&self) -> &str {
        self.dtype.as_str()
    }

    /// The lengths of the axes.
    ///
    /// ```
    /// use constconv::io::npy::{Npy, write_npy};
    /// use constconv::prelude::*;
    /// let mut file = Vec::new();
    /// write_npy(&Matrix::<f32, 3, 5>::zeros(), &mut file).unwrap();
    /// assert_eq!(Npy::parse(&file).unwrap().shape(), [3, 5]);
    /// ```
    #[must_use]
    pub const fn shape(&self) -> &[usize] {
        self.shape.as_slice()
    }

    /// Whether the elements are stored column by column: the first axis runs fastest.
    ///
    /// ```
    /// use constconv::io::npy::{Npy, write_npy};
    /// use constconv::prelude::*;
    /// let mut file = Vec::new();
    /// write_npy(&Matrix::<f32, 3, 5>::zeros(), &mut file).unwrap();
    /// assert!(!Npy::parse(&file).unwrap().is_fortran_order());
    /// ```
    #[must_use]
    pub const fn is_fortran_order(&self) -> bool {
        self.fortran_order
    }

    /// All bytes after the header.
    ///
    /// ```
    /// use constconv::io::npy::{Npy, write_npy};
    /// use constconv::prelude::*;
    /// let mut file = Vec::new();
    /// write_npy(&Vector::new([1_u16, 2]), &mut file).unwrap();
    /// assert_eq!(Npy::parse(&file).unwrap().payload(), [1, 0, 2, 0]);
    /// ```
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// A place in the header; `head` is the file up to the header's end.
struct Cursor<'a> {
    head: &'a [u8],
    at: usize,
    /// Whether Python 2 may have written it, whose lengths can be `2L`.
    is_python2: bool,
}

impl<'a> Cursor<'a> {
    /// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, the keys in any order.
    const fn dictionary(mut self, payload: &'a [u8]) -> Result<Npy<'a>, NpyError> {
        const KEYS: &str = "one of the keys 'descr', 'fortran_order' and 'shape', each once";
        let (mut dtype, mut fortran_order, mut shape) = (None, None, None);
        attempt!(self.expect(b'{', "'{'"));
        while !self.accept(b'}') {
            let start = self.at;
            let key = attempt!(self.quoted(KEYS));
            match key {
                b"descr" if dtype.is_none() => {
                    attempt!(self.expect(b':', "':'"));
                    dtype = Some(attempt!(self.dtype()));
                }
                b"fortran_order" if fortran_order.is_none() => {
                    attempt!(self.expect(b':', "':'"));
                    fortran_order = Some(attempt!(self.boolean()));
                }
                b"shape" if shape.is_none() => {
                    attempt!(self.expect(b':', "':'"));
                    shape = Some(attempt!(self.tuple()));
                }
                _ => {
                    self.at = start;
                    return Err(self.error(KEYS));
                }
            }
            if !self.accept(b',') {
                attempt!(self.expect(b'}', "',' or '}'"));
                break;
            }
        }
        let (Some(dtype), Some(fortran_order), Some(shape)) = (dtype, fortran_order, shape) else {
            self.at -= 1;
            return Err(self.error("all of the keys 'descr', 'fortran_order' and 'shape'"));
        };
        self.skip_spaces();
        if self.at < self.head.len() {
            return Err(self.error("only spaces"));
        }
        Ok(Npy { dtype, fortran_order, shape, payload })
    }

    /// `'<f4'`.
    const fn dtype(&mut self) -> Result<Dtype, NpyError> {
        self.skip_spaces();
        let start = self.at;
        let text = attempt!(self.quoted("an element type in quotes, such as '<f4'"));
        if text.len() > Dtype::LONGEST {
            self.at = start + 1;
            return Err(self.error("an element type of at most 16 letters"));
        }
        Ok(Dtype::new(text))
    }

    /// `True` or `False`.
    const fn boolean(&mut self) -> Result<bool, NpyError> {
        self.skip_spaces();
        let (_, rest) = self.head.split_at(self.at);
        let (length, value) = match rest {
            [b'T', b'r', b'u', b'e', ..] => (4, true),
            [b'F', b'a', b'l', b's', b'e', ..] => (5, false),
            _ => return Err(self.error("True or False")),
        };
        self.at += length;
        Ok(value)
    }

    /// `()`, `(3,)`, `(3, 4)`.
    const fn tuple(&mut self) -> Result<Shape, NpyError> {
        let mut shape = Shape::EMPTY;
        attempt!(self.expect(b'(', "'('"));
        while !self.accept(b')') {
            let start = self.at;
            if !shape.push(attempt!(self.number())) {
                self.at = start;
                return Err(self.error("at most eight axes"));
            }
            if !self.accept(b',') {
                // Without a comma, `(3)` is a number and not a tuple.
                attempt!(if shape.as_slice().len() == 1 {
                    self.expect(b',', "','")
                } else {
                    self.expect(b')', "',' or ')'")
                });
                break;
            }
        }
        Ok(shape)
    }

    /// A length in decimal digits, and the `L` of Python 2.
    const fn number(&mut self) -> Result<usize, NpyError> {
        let mut number: usize = 0;
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = match number.checked_mul(10) {
                Some(tens) if tens <= usize::MAX - 9 => tens + (digit - b'0') as usize,
                _ => return Err(self.error("a smaller number")),
            };
            self.at += 1;
        }
        if self.at == start {
            return Err(self.error("a number or ')'"));
        }
        if number > 0 && self.head[start] == b'0' {
            self.at = start;
            return Err(self.error("a number without leading zeros"));
        }
        if self.is_python2
            && let Some(b'L') = self.peek()
        {
            self.at += 1;
        }
        Ok(number)
    }

    /// The printable text between two single or two double quotes; `expected` says what it stands for.
    const fn quoted(&mut self, expected: &'static str) -> Result<&'a [u8], NpyError> {
        let Some(quote @ (b'\'' | b'"')) = self.peek() else {
            return Err(self.error(expected));
        };
        let (_, text) = self.head.split_at(self.at + 1);
        let mut length = 0;
        loop {
            self.at += 1;
            match self.peek() {
                Some(byte) if byte == quote => break,
                Some(b' '..=b'~') if self.head[self.at] != b'\\' => length += 1,
                _ => return Err(self.error("printable text and a closing quote")),
            }
        }
        self.at += 1;
        Ok(text.split_at(length).0)
    }

    /// Skips spaces and then, if it comes next, `byte`.
    const fn accept(&mut self, byte: u8) -> bool {
        self.skip_spaces();
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                true
            }
            _ => false,
        }
    }

    const fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), NpyError> {
        if self.accept(byte) { Ok(()) } else { Err(self.error(expected)) }
    }

    const fn skip_spaces(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    const fn peek(&self) -> Option<u8> {
        if self.at < self.head.len() { Some(self.head[self.at]) } else { None }
    }

    const fn error(&self, expected: &'static str) -> NpyError {
        NpyError::Header { at: self.at, found: self.peek(), expected }
    }
}
