//! Arrays in files: read at compile time or run time, written to any sink of bytes.
//!
//! Bytes come in as a slice and go out through a [`Sink`]; opening a file is the caller's business. [`npy`] is NumPy's
//! format for one array.

mod cast;
pub mod npy;
mod sink;
mod text;

pub use sink::{Buffer, Full, Sink};
