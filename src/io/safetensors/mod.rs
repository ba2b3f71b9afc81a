//! The `safetensors` format: tensors with names, as PyTorch and others write them.
//!
//! A file is the length of its header (8 bytes, little-endian), the header, a JSON object with the name, type, shape
//! and place of each tensor, and the numbers. [`SafeTensors`] checks it and finds tensors in it, without a heap;
//! [`weights`](crate::weights) reads whole models from it and writes them.
//!
//! | | |
//! |---|---|
//! | header | up to 100 MB; begins with `{`; spaces may follow it |
//! | names | any; one with an escape (`\"`, `\n`, …) is refused |
//! | `__metadata__` | strings, which are checked and skipped |
//! | types | those of [`ElementType`] |
//! | axes | up to eight |
//! | numbers | each tensor at its place, nothing between them, nothing after them |

mod error;

pub use error::FormatError;

use super::cast::widen_from_le;
use super::{Element, ElementType, copy_from_le, equal};

/// A file whose header was checked.
///
/// ```
/// use constconv::io::safetensors::SafeTensors;
/// use constconv::prelude::*;
/// use constconv::weights::write_safetensors;
///
/// let mut bytes = Vec::new();
/// write_safetensors(&Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([3.0])), &mut bytes).unwrap();
/// let file = SafeTensors::parse(&bytes)?;
/// let weight = file.iter().find(|tensor| tensor.name == "weight").unwrap();
/// assert_eq!((weight.shape(), weight.bytes.len()), (&[1, 2][..], 8));
/// # Ok::<(), constconv::io::safetensors::FormatError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SafeTensors<'a> {
    file: &'a [u8],
    header_end: usize,
    tensors: usize,
}

impl<'a> SafeTensors<'a> {
    /// Checks the header of a file. Names are not compared with each other; who reads a tensor by its name refuses two.
    ///
    /// ```
    /// use constconv::io::safetensors::SafeTensors;
    /// let empty = b"\x08\0\0\0\0\0\0\0{}      ";
    /// assert_eq!(SafeTensors::parse(empty).unwrap().len(), 0);
    /// ```
    ///
    /// # Errors
    /// If it is not in the format: see [`FormatError`].
    pub const fn parse(file: &'a [u8]) -> Result<Self, FormatError> {
        let Some((length, rest)) = file.split_first_chunk() else {
            return Err(FormatError::Truncated);
        };
        let length = u64::from_le_bytes(*length);
        if length > 100_000_000 || length > rest.len() as u64 {
            return Err(FormatError::HeaderLength { length });
        }
        let header_end = 8 + length as usize;
        if str::from_utf8(rest.split_at(length as usize).0).is_err() {
            return Err(FormatError::Utf8);
        }
        let mut parsed = Self { file, header_end, tensors: 0 };
        let (mut scan, mut in_order, mut at, mut sum) = (parsed.iter(), true, 0, 0_usize);
        while let Some(tensor) = attempt!(scan.step()) {
            in_order &= tensor.begin == at;
            at = tensor.end;
            sum = match sum.checked_add(tensor.end - tensor.begin) {
                Some(sum) => sum,
                None => return Err(FormatError::Offsets),
            };
            parsed.tensors += 1;
        }
        if sum != file.len() - header_end {
            return Err(FormatError::Length { found: file.len() - header_end, expected: sum });
        }
        if in_order || parsed.lie_side_by_side() { Ok(parsed) } else { Err(FormatError::Offsets) }
    }

    /// Whether the tensors, whose lengths have the right sum, lie side by side in any order: each begins where one ends.
    const fn lie_side_by_side(&self) -> bool {
        if self.tensors > 1024 {
            return false;
        }
        let (mut at, end) = (0, self.file.len() - self.header_end);
        while at < end {
            let (mut next, mut scan) = (at, self.iter());
            while let Some(tensor) = scan.advance() {
                if tensor.begin == at && tensor.end > at {
                    if next > at {
                        return false;
                    }
                    next = tensor.end;
                }
            }
            if next == at {
                return false;
            }
            at = next;
        }
        at == end
    }

    /// How many tensors there are.
    ///
    /// ```
    /// use constconv::io::safetensors::SafeTensors;
    /// assert_eq!(SafeTensors::parse(b"\x02\0\0\0\0\0\0\0{}").unwrap().len(), 0);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.tensors
    }

    /// Whether there are none.
    ///
    /// ```
    /// use constconv::io::safetensors::SafeTensors;
    /// assert!(SafeTensors::parse(b"\x02\0\0\0\0\0\0\0{}").unwrap().is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.tensors == 0
    }

    /// The tensors, in the order of the header.
    ///
    /// ```
    /// use constconv::io::safetensors::SafeTensors;
    /// let file = b"\x3a\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}     \x07\x09";
    /// let a = SafeTensors::parse(file).unwrap().iter().next().unwrap();
    /// assert_eq!((a.name, a.bytes), ("a", &[7, 9][..]));
    /// ```
    #[must_use]
    pub const fn iter(&self) -> Entries<'a> {
        Entries { file: self.file, header_end: self.header_end, at: 8, is_done: false }
    }
}

impl<'a> IntoIterator for SafeTensors<'a> {
    type Item = Entry<'a>;
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &SafeTensors<'a> {
    type Item = Entry<'a>;
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        self.iter()
    }
}

/// How many axes a tensor can have.
const AXES: usize = 8;

/// A tensor in a file.
///
/// ```
/// use constconv::io::ElementType;
/// use constconv::io::safetensors::SafeTensors;
/// let file = b"\x3a\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"I16\",\"shape\":[],\"data_offsets\":[0,2]}}     \x07\x01";
/// let a = SafeTensors::parse(file).unwrap().iter().next().unwrap();
/// assert_eq!((a.element, a.shape(), a.bytes), (ElementType::I16, &[][..], &[7, 1][..]));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type of the numbers.
    pub element: ElementType,
    /// The numbers, row-major, little-endian.
    pub bytes: &'a [u8],
    axes: [usize; AXES],
    rank: usize,
    begin: usize,
    end: usize,
}

impl<'a> Entry<'a> {
    pub(crate) const EMPTY: Self =
        Self { name: "", element: ElementType::U8, bytes: &[], axes: [0; AXES], rank: 0, begin: 0, end: 0 };

    /// The lengths of the axes; none for a single number.
    ///
    /// ```
    /// use constconv::io::safetensors::SafeTensors;
    /// let file = b"\x3a\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}     \x07\x09";
    /// assert_eq!(SafeTensors::parse(file).unwrap().iter().next().unwrap().shape(), [2]);
    /// ```
    #[must_use]
    pub const fn shape(&self) -> &[usize] {
        self.axes.split_at(self.rank).0
    }

    /// Sets the numbers to those of this tensor, of a type that [`reads_as`](ElementType::reads_as) theirs. There must be
    /// as many.
    pub(crate) const fn read_into<T: Element>(&self, numbers: &mut [T]) {
        if self.element as u8 == T::TYPE as u8 {
            return copy_from_le(numbers, self.bytes);
        }
        widen_from_le(numbers, self.bytes, matches!(self.element, ElementType::F16));
    }
}

/// The tensors of a file: [`SafeTensors::iter`].
///
/// ```
/// use constconv::io::safetensors::SafeTensors;
/// let file = SafeTensors::parse(b"\x02\0\0\0\0\0\0\0{}").unwrap();
/// assert!(file.iter().next().is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Entries<'a> {
    file: &'a [u8],
    header_end: usize,
    /// In the header; its start, before the first tensor.
    at: usize,
    is_done: bool,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        self.advance()
    }
}

impl<'a> Entries<'a> {
    /// `next` for constants, of a header that was checked.
    pub(crate) const fn advance(&mut self) -> Option<Entry<'a>> {
        match self.step() {
            Ok(entry) => entry,
            Err(_) => None,
        }
    }

    const fn error<T>(&self, expected: &'static str) -> Result<T, FormatError> {
        Err(FormatError::Header { at: self.at, expected })
    }

    const fn peek(&self) -> u8 {
        // A zero belongs nowhere in a header.
        if self.at < self.header_end { self.file[self.at] } else { 0 }
    }

    const fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// The byte, which may follow spaces.
    const fn eat(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is = self.peek() == byte;
        if is {
            self.at += 1;
        }
        is
    }

    const fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), FormatError> {
        if self.eat(byte) { Ok(()) } else { self.error(expected) }
    }

    /// A string. In a tensor's name escapes are refused.
    const fn string(&mut self, escapes: bool, expected: &'static str) -> Result<&'a str, FormatError> {
        attempt!(self.expect(b'"', expected));
        let start = self.at;
        loop {
            match self.peek() {
                b'"' => break,
                0..b' ' => return self.error("the end of a string"),
                b'\\' if !escapes => return self.error("a name without escapes"),
                b'\\' => {
                    self.at += 1;
                    match self.peek() {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => attempt!(self.hex_digits()),
                        _ => return self.error("an escape of JSON"),
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        let text = self.file.split_at(self.at).0.split_at(start).1;
        self.at += 1;
        match str::from_utf8(text) {
            Ok(text) => Ok(text),
            Err(_) => Err(FormatError::Utf8),
        }
    }

    /// Moves to the last of four digits after the `u`; two such escapes make one character beyond 65 535.
    const fn hex_digits(&mut self) -> Result<(), FormatError> {
        let first = attempt!(self.hex_number());
        if first >= 0xdc00 && first < 0xe000 {
            return self.error("the first half of a character");
        }
        if first >= 0xd800 && first < 0xdc00 {
            self.at += 1;
            if self.peek() != b'\\' {
                return self.error("the second half of a character");
            }
            self.at += 1;
            if self.peek() != b'u' {
                return self.error("the second half of a character");
            }
            let second = attempt!(self.hex_number());
            if second < 0xdc00 || second >= 0xe000 {
                return self.error("the second half of a character");
            }
        }
        Ok(())
    }

    const fn hex_number(&mut self) -> Result<u32, FormatError> {
        let (mut digits, mut number) = (0, 0);
        while digits < 4 {
            self.at += 1;
            let digit = match self.peek() {
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'f' => digit - b'a' + 10,
                digit @ b'A'..=b'F' => digit - b'A' + 10,
                _ => return self.error("a hexadecimal digit"),
            };
            number = number * 16 + digit as u32;
            digits += 1;
        }
        Ok(number)
    }

    const fn number(&mut self) -> Result<usize, FormatError> {
        self.skip_space();
        let start = self.at;
        let mut number = 0_usize;
        while let digit @ b'0'..=b'9' = self.peek() {
            number = match number.checked_mul(10) {
                Some(tens) => match tens.checked_add((digit - b'0') as usize) {
                    Some(number) => number,
                    None => return self.error("a smaller number"),
                },
                None => return self.error("a smaller number"),
            };
            self.at += 1;
        }
        if self.at == start || self.file[start] == b'0' && self.at > start + 1 {
            return self.error("a whole number");
        }
        Ok(number)
    }

    /// `__metadata__`: strings.
    const fn metadata(&mut self) -> Result<(), FormatError> {
        attempt!(self.expect(b'{', "the metadata in braces"));
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            attempt!(self.string(true, "the name of metadata in quotes"));
            attempt!(self.expect(b':', "a colon"));
            attempt!(self.string(true, "metadata in quotes"));
            if self.eat(b'}') {
                return Ok(());
            }
            attempt!(self.expect(b',', "a comma or a brace"));
        }
    }

    /// The tensor at this place of the header, or what is wrong with it.
    pub(crate) const fn step(&mut self) -> Result<Option<Entry<'a>>, FormatError> {
        loop {
            if self.at == 8 {
                if self.peek() != b'{' {
                    return self.error("a header that begins with a brace");
                }
                self.at += 1;
                if self.eat(b'}') {
                    return self.end();
                }
            } else if self.is_done {
                return Ok(None);
            } else if self.eat(b'}') {
                return self.end();
            } else {
                attempt!(self.expect(b',', "a comma or a brace"));
            }
            let name = attempt!(self.string(false, "a name in quotes"));
            attempt!(self.expect(b':', "a colon"));
            if !equal(name.as_bytes(), b"__metadata__") {
                return match self.tensor(name) {
                    Ok(tensor) => Ok(Some(tensor)),
                    Err(error) => Err(error),
                };
            }
            attempt!(self.metadata());
        }
    }

    /// Nothing but spaces follows.
    const fn end(&mut self) -> Result<Option<Entry<'a>>, FormatError> {
        self.skip_space();
        self.is_done = true;
        if self.at == self.header_end { Ok(None) } else { self.error("the end of the header") }
    }

    const fn tensor(&mut self, name: &'a str) -> Result<Entry<'a>, FormatError> {
        self.skip_space();
        let start = self.at;
        let mut entry = Entry { name, ..Entry::EMPTY };
        let (mut has_element, mut has_shape, mut has_offsets) = (false, false, false);
        attempt!(self.expect(b'{', "a tensor in braces"));
        loop {
            let key = attempt!(self.string(false, "dtype, shape or data_offsets")).as_bytes();
            attempt!(self.expect(b':', "a colon"));
            if equal(key, b"dtype") && !has_element {
                let at = self.at;
                entry.element = match ElementType::from_name(attempt!(self.string(false, "a type in quotes"))) {
                    Some(element) => element,
                    None => return Err(FormatError::Header { at, expected: "a type of numbers that is known" }),
                };
                has_element = true;
            } else if equal(key, b"shape") && !has_shape {
                attempt!(self.shape(&mut entry));
                has_shape = true;
            } else if equal(key, b"data_offsets") && !has_offsets {
                attempt!(self.expect(b'[', "offsets in brackets"));
                entry.begin = attempt!(self.number());
                attempt!(self.expect(b',', "a comma"));
                entry.end = attempt!(self.number());
                attempt!(self.expect(b']', "the bracket after two offsets"));
                has_offsets = true;
            } else {
                return self.error("dtype, shape and data_offsets, once each");
            }
            if self.eat(b'}') {
                break;
            }
            attempt!(self.expect(b',', "a comma or a brace"));
        }
        if !(has_element && has_shape && has_offsets) {
            return self.error("dtype, shape and data_offsets, once each");
        }
        let (mut size, mut i) = (Some(entry.element.size()), 0);
        while i < entry.rank {
            if let Some(product) = size {
                size = product.checked_mul(entry.axes[i]);
            }
            i += 1;
        }
        let data = self.file.split_at(self.header_end).1;
        if let Some(size) = size
            && entry.begin <= entry.end
            && size == entry.end - entry.begin
        {
            if entry.end <= data.len() {
                entry.bytes = data.split_at(entry.end).0.split_at(entry.begin).1;
                return Ok(entry);
            }
            return Err(FormatError::Length { found: data.len(), expected: entry.end });
        }
        Err(FormatError::Size { at: start })
    }

    const fn shape(&mut self, entry: &mut Entry<'a>) -> Result<(), FormatError> {
        attempt!(self.expect(b'[', "a shape in brackets"));
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            if entry.rank == AXES {
                return self.error("a shape of up to eight axes");
            }
            entry.axes[entry.rank] = attempt!(self.number());
            entry.rank += 1;
            if self.eat(b']') {
                return Ok(());
            }
            attempt!(self.expect(b',', "a comma or a bracket"));
        }
    }
}
