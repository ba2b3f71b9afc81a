//! NumPy's `.npz` archives of several arrays: [`npz!`](crate::npz!) at compile time, [`entry`] at run time.
//!
//! An archive is a ZIP file with one `.npy` file per array. `numpy.savez("x.npz", x=x, y=y)` writes them
//! uncompressed, so that an array need not be unpacked. An entry is read as any other file of [`npy`](super::npy):
//! the same types, shapes and errors.
//!
//! Of two arrays with one name the last one counts, as in NumPy.
//!
//! Archives written by `numpy.savez_compressed`, archives with a password and those of more than 4 GiB are an
//! [`NpzError`], and with `npz!` a compile error with the same text. Checksums are not verified.

mod error;

pub use error::{Names, NpzError};

use super::equal;

/// One array of an `.npz` archive, read at compile time.
///
/// The name is the one that the array has in Python: `numpy.savez("xy.npz", x=x, y=y)` writes the arrays `"x"` and
/// `"y"`. All else is as in [`npy!`](crate::npy!): the type is inferred from where the array goes, the path is
/// relative to the source file, and the program contains only the elements of this array.
///
/// ```
/// use constconv::npz;
/// use constconv::prelude::*;
///
/// // numpy.savez("xy.npz", x=numpy.arange(24, dtype="<f4").reshape(1, 2, 3, 4), y=numpy.array([1, 2, 3]))
/// static X: Tensor<f32, 1, 2, 3, 4> =
///     npz!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"), "x");
/// static Y: Vector<i64, 3> = npz!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"), "y");
/// assert_eq!(X[[0, 1, 2, 3]], 23.0);
/// assert_eq!(Y, Vector::new([1, 2, 3]));
/// ```
///
/// If the archive has no such array, the compile error says which ones it has:
///
/// ```compile_fail
/// # use constconv::npz;
/// # use constconv::prelude::*;
/// // npz: the archive holds no such array; its arrays are x, y
/// static Z: Vector<i64, 3> = npz!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"), "z");
/// ```
///
/// In the body of a function it is one of `cargo build`, as with [`npy!`](crate::npy!):
///
/// ```compile_fail
/// # use constconv::npz;
/// # use constconv::prelude::*;
/// let z: Vector<i64, 3> = npz!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"), "z");
/// ```
#[macro_export]
macro_rules! npz {
    ($path:expr, $name:expr $(,)?) => {
        const {
            const NPZ_ENTRY: ::core::result::Result<&[u8], $crate::io::npz::NpzError> =
                $crate::io::npz::entry(::core::include_bytes!($path), $name);
            struct File;
            impl $crate::io::npy::Bytes for File {
                const BYTES: &'static [u8] = match NPZ_ENTRY {
                    ::core::result::Result::Ok(file) => file,
                    ::core::result::Result::Err(_) => &[],
                };
            }
            if let ::core::result::Result::Err(error) = NPZ_ENTRY {
                error.fail();
            }
            match <_ as $crate::io::npy::Embed<File>>::VALUE {
                ::core::result::Result::Ok(array) => array,
                ::core::result::Result::Err(error) => error.fail(),
            }
        }
    };
}

/// The `.npy` file of one array in an `.npz` archive.
///
/// The result goes to [`read_npy`](super::npy::read_npy), `from_npy` or [`Npy::parse`](super::npy::Npy::parse).
///
/// ```
/// use constconv::io::{npy::read_npy, npz::entry};
/// use constconv::prelude::*;
///
/// let archive = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npz/data/xy.npz"));
/// let mut x = Tensor::<f32, 1, 2, 3, 4>::zeros();
/// read_npy(entry(archive, "x")?, &mut x)?;
/// assert_eq!(x[[0, 1, 2, 3]], 23.0);
/// assert_eq!(Vector::from_npy(entry(archive, "y")?), Ok(Vector::new([1_i64, 2, 3])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the archive holds no such array or is not one of `numpy.savez`: see [`NpzError`].
pub const fn entry<'a>(archive: &'a [u8], name: &str) -> Result<&'a [u8], NpzError> {
    let end = attempt!(end_of_directory(archive));
    let (archive, end) = archive.split_at(end);
    let (mut left, mut at) = (u16_at(end, 10), u32_at(end, 16));
    if left == u16::MAX as usize || at == u32::MAX as usize {
        return Err(NpzError::Zip64);
    }
    let (mut names, mut found) = (Names::EMPTY, None);
    while left > 0 {
        let (head, rest) = attempt!(record::<46>(archive, at, *b"PK\x01\x02", "an entry of the directory"));
        let length = u16_at(head, 28);
        let Some((file, _)) = rest.split_at_checked(length) else {
            return Err(NpzError::Damaged { at, expected: "the name of an array" });
        };
        if let Some((array, b".npy")) = file.split_last_chunk() {
            if equal(array, name.as_bytes()) {
                found = Some(head);
            }
            names.push(array);
        }
        at += head.len() + length + u16_at(head, 30) + u16_at(head, 32);
        left -= 1;
    }
    match found {
        Some(head) => stored(archive, head),
        None => Err(NpzError::Missing { names }),
    }
}

/// The place of the record after the directory: 22 bytes, the last two of them the length of a comment up to the end.
const fn end_of_directory(archive: &[u8]) -> Result<usize, NpzError> {
    let [b'P', b'K', ..] = archive else {
        return Err(NpzError::Magic);
    };
    let mut comment = 0;
    while comment <= u16::MAX as usize && comment + 22 <= archive.len() {
        let at = archive.len() - 22 - comment;
        // A look at two bytes first: there may be much to go through, and a compiler that runs this is slow.
        if archive[at] == b'P'
            && archive[at + 1] == b'K'
            && let Ok((head, _)) = record::<22>(archive, at, *b"PK\x05\x06", "")
            && u16_at(head, 20) == comment
        {
            return Ok(at);
        }
        comment += 1;
    }
    Err(NpzError::Truncated)
}

/// The bytes of the array that an entry of the directory describes.
///
/// Their place and count are taken from the directory: NumPy leaves the count open in the header before them.
const fn stored<'a>(archive: &'a [u8], entry: &[u8; 46]) -> Result<&'a [u8], NpzError> {
    let (flags, method, size, at) = (u16_at(entry, 8), u16_at(entry, 10), u32_at(entry, 20), u32_at(entry, 42));
    if flags & 1 != 0 {
        return Err(NpzError::Encrypted);
    }
    if method != 0 {
        return Err(NpzError::Compressed);
    }
    if size == u32::MAX as usize || at == u32::MAX as usize {
        return Err(NpzError::Zip64);
    }
    let (head, rest) = attempt!(record::<30>(archive, at, *b"PK\x03\x04", "the header of an array"));
    if let Some((_, rest)) = rest.split_at_checked(u16_at(head, 26) + u16_at(head, 28))
        && let Some((file, _)) = rest.split_at_checked(size)
    {
        return Ok(file);
    }
    Err(NpzError::Damaged { at, expected: "an array of the length that the directory says" })
}

/// The `N` bytes of a record that begins at `at` with these four, and what follows it.
const fn record<'a, const N: usize>(
    archive: &'a [u8],
    at: usize,
    first: [u8; 4],
    expected: &'static str,
) -> Result<(&'a [u8; N], &'a [u8]), NpzError> {
    if let Some((_, rest)) = archive.split_at_checked(at)
        && let Some((record, rest)) = rest.split_first_chunk::<N>()
        && u32_at(record, 0) == u32_at(&first, 0)
    {
        return Ok((record, rest));
    }
    Err(NpzError::Damaged { at, expected })
}

const fn u16_at(record: &[u8], at: usize) -> usize {
    u16::from_le_bytes([record[at], record[at + 1]]) as usize
}

const fn u32_at(record: &[u8], at: usize) -> usize {
    u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]) as usize
}
