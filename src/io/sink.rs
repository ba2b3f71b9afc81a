//! Where bytes are written to.

use core::fmt::{self, Display, Formatter};

/// Takes bytes, one piece after another: a file, a serial port, a [`Buffer`].
///
/// With feature `std`, every [`std::io::Write`](https://doc.rust-lang.org/std/io/trait.Write.html) is a sink. Without
/// it, a sink takes three lines:
///
/// ```
/// use constconv::io::{Sink, npy::write_npy};
/// use constconv::prelude::*;
///
/// struct Uart(u32);
///
/// impl Sink for Uart {
///     type Error = core::convert::Infallible;
///
///     fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
///         self.0 += bytes.len() as u32; // sends them
///         Ok(())
///     }
/// }
///
/// let mut uart = Uart(0);
/// write_npy(&Vector::new([1.0_f32, 2.0]), &mut uart)?;
/// assert_eq!(uart.0, 128 + 8);
/// # Ok::<(), core::convert::Infallible>(())
/// ```
pub trait Sink {
    /// Why bytes could not be written.
    type Error;

    /// Writes all of `bytes`, after those written before.
    ///
    /// ```
    /// use constconv::io::{Buffer, Full, Sink};
    ///
    /// fn put_length<S: Sink>(length: u16, sink: &mut S) -> Result<(), S::Error> {
    ///     sink.put(&length.to_le_bytes())
    /// }
    /// let mut memory = [0; 2];
    /// put_length(0x0102, &mut Buffer::new(&mut memory))?;
    /// assert_eq!(memory, [2, 1]);
    /// # Ok::<(), Full>(())
    /// ```
    ///
    /// # Errors
    /// If not all of them could be written.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

#[cfg(feature = "std")]
impl<W: std::io::Write + ?Sized> Sink for W {
    type Error = std::io::Error;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.write_all(bytes)
    }
}

/// A [`Sink`] that fills a slice from its start.
///
/// ```
/// use constconv::io::{Buffer, Full, Sink};
///
/// let mut memory = [0; 4];
/// let mut buffer = Buffer::new(&mut memory);
/// buffer.put(&[1, 2, 3])?;
/// assert_eq!(buffer.written(), [1, 2, 3]);
/// assert_eq!(buffer.put(&[4, 5]), Err(Full { needed: 2, room: 1 }));
/// # Ok::<(), Full>(())
/// ```
#[derive(Debug)]
pub struct Buffer<'a> {
    memory: &'a mut [u8],
    written: usize,
}

impl<'a> Buffer<'a> {
    /// An empty buffer in `memory`.
    ///
    /// ```
    /// use constconv::io::Buffer;
    /// let mut memory = [0; 4];
    /// assert_eq!(Buffer::new(&mut memory).written(), [0_u8; 0]);
    /// ```
    #[must_use]
    pub const fn new(memory: &'a mut [u8]) -> Self {
        Self { memory, written: 0 }
    }

    /// What was written so far.
    ///
    /// ```
    /// use constconv::io::{Buffer, Sink};
    /// let mut memory = [0; 4];
    /// let mut buffer = Buffer::new(&mut memory);
    /// buffer.put(b"abc").unwrap();
    /// assert_eq!(buffer.written(), b"abc");
    /// ```
    #[must_use]
    pub fn written(&self) -> &[u8] {
        &self.memory[..self.written]
    }
}

impl Sink for Buffer<'_> {
    type Error = Full;

    /// Writes all of `bytes` or, if there is no room for them, none.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let free = &mut self.memory[self.written..];
        let room = free.len();
        let target = free.get_mut(..bytes.len()).ok_or(Full { needed: bytes.len(), room })?;
        target.copy_from_slice(bytes);
        self.written += bytes.len();
        Ok(())
    }
}

/// A [`Buffer`] has less room than is needed. Both are in bytes.
///
/// ```
/// use constconv::io::{Buffer, Full, Sink};
/// let error = Buffer::new(&mut [0; 3]).put(&[1, 2, 3, 4]).unwrap_err();
/// assert_eq!(error, Full { needed: 4, room: 3 });
/// assert_eq!(error.to_string(), "the buffer has room for 3 bytes, but 4 are needed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// How many bytes were to be written.
    pub needed: usize,
    /// How many bytes were free.
    pub room: usize,
}

impl Display for Full {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the buffer has room for {} bytes, but {} are needed", self.room, self.needed)
    }
}

impl core::error::Error for Full {}
