//! Arrays in files: read at compile time or run time, written to any sink of bytes.
//!
//! Bytes come in as a slice and go out through a [`Sink`]; opening a file is the caller's business. [`npy`] is NumPy's
//! format for one array, [`npz`] its archive of several.

/// `?` for `const fn`.
macro_rules! attempt {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}
mod cast;
pub mod npy;
pub mod npz;
mod sink;
mod text;

pub use sink::{Buffer, Full, Sink};
