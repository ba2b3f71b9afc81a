//! Arrays in files: read at compile time or run time, written to any sink of bytes.
//!
//! Bytes come in as a slice and go out through a [`Sink`]; opening files is left to the caller. [`npy`] is NumPy's
//! format for one array, [`npz`] its archive of several arrays.
//!
//! ```
//! use constconv::io::Buffer;
//! use constconv::io::npy::{read_npy, write_npy};
//! use constconv::prelude::*;
//!
//! let mut memory = [0; 256];
//! let mut file = Buffer::new(&mut memory);
//! write_npy(&Vector::new([1.0_f32, 2.0]), &mut file).unwrap();
//! let mut x = Vector::<f32, 2>::zeros();
//! read_npy(file.written(), &mut x).unwrap();
//! assert_eq!(x, Vector::new([1.0, 2.0]));
//! ```

/// `?` for `const fn`.
macro_rules! attempt {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}

/// Whether both hold the same bytes.
pub(crate) const fn equal(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

mod cast;
mod element;
mod half;
pub mod npy;
pub mod npz;
pub mod safetensors;
mod sink;
mod text;

pub use element::{Element, ElementType};
pub use sink::{Buffer, Full, Sink};

pub(crate) use cast::{Plain, bytes_of, copy_from_le};
pub(crate) use text::Text;
