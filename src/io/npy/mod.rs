//! NumPy's `.npy` files: [`npy!`](crate::npy!) at compile time, [`read_npy`] and [`write_npy`] at run time.
//!
//! | | |
//! |---|---|
//! | versions | reads 1.0, 2.0 and 3.0; writes 1.0, the same bytes as `numpy.save` |
//! | elements | `f32`, `f64`, `i8` to `i64`, `u8` to `u64`, little-endian; the file's type must be the array's, nothing is converted |
//! | order | C (row-major), `numpy.ascontiguousarray`; Fortran where that is the same: at most one axis is longer than 1 |
//! | shape | the array's; a file may leave out axes that are 1 in the array, so that (1797, 8, 8) is read as `Tensor<u8, 1797, 1, 8, 8>` |
//!
//! Everything else is an [`NpyError`] at run time and, with `npy!`, a compile error with the same text.
//!
//! ```
//! use constconv::io::npy::{NpyError, read_npy, write_npy};
//! use constconv::prelude::*;
//!
//! let mut file = Vec::new(); // any `Sink`
//! write_npy(&Matrix::new([[1_u8, 2, 3], [4, 5, 6]]), &mut file).unwrap();
//! let mut x = Tensor::<u8, 1, 1, 2, 3>::zeros(); // axes of length 1 may be left out in the file
//! read_npy(&file, &mut x)?;
//! assert_eq!(x[[0, 0, 1, 2]], 6);
//! # Ok::<(), NpyError>(())
//! ```

mod error;
mod header;
mod write;

pub use error::{Dtype, NpyError, Shape};
pub use header::Npy;
pub use write::write_npy;
pub(crate) use write::{header, put_numbers};

use super::Element;
use super::cast;
use crate::tensor::{Array, Matrix, Signal, Tensor, Vector};

/// The array in an `.npy` file, read at compile time.
///
/// The type is inferred from where the array goes: a [`Tensor`], [`Signal`], [`Matrix`] or [`Vector`] of `f32`, `f64`
/// or an integer of 8 to 64 bits. The path is relative to the source file, as in [`include_bytes!`]. The program
/// contains only the elements, not the file.
///
/// ```
/// use constconv::npy;
/// use constconv::prelude::*;
///
/// static X: Tensor<f32, 2, 3, 4, 4> =
///     npy!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// assert_eq!(X[[0, 0, 0, 1]], 1.0);
/// ```
///
/// A file that does not hold such an array is a compile error that says what it holds instead:
///
/// ```compile_fail
/// # use constconv::npy;
/// # use constconv::prelude::*;
/// // npy: the file holds shape (2, 3, 4, 4), expected (2, 3, 4, 5)
/// static X: Tensor<f32, 2, 3, 4, 5> =
///     npy!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// ```
///
/// In a `static` or `const`, `cargo check` reports it, and so does the editor. In the body of a function,
/// `let x: Tensor<…> = npy!(…)` is an error only in `cargo build`, because there the compiler does not read the file
/// before it generates code. Write `const X: Tensor<…> = npy!(…);` in the body, and `cargo check` sees it too. A large
/// array belongs in a `static`: a value in a function lies on the stack. `&npy!(…)` is a `&'static` reference.
///
/// ```compile_fail
/// # use constconv::npy;
/// # use constconv::prelude::*;
/// let x: Tensor<f32, 2, 3, 4, 5> = npy!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// ```
///
/// A million elements take the compiler less than a tenth of a second. For a big-endian target it swaps their bytes,
/// which takes about five seconds and, from half a million elements on, needs `#![allow(long_running_const_eval)]` at
/// the top of your crate.
#[macro_export]
macro_rules! npy {
    ($path:expr $(,)?) => {
        const {
            struct File;
            impl $crate::io::npy::Bytes for File {
                const BYTES: &'static [u8] = ::core::include_bytes!($path);
            }
            match <_ as $crate::io::npy::Embed<File>>::VALUE {
                ::core::result::Result::Ok(array) => array,
                ::core::result::Result::Err(error) => error.fail(),
            }
        }
    };
}

/// A file in the source tree, as a type.
#[doc(hidden)]
pub trait Bytes {
    /// What is in it.
    const BYTES: &'static [u8];
}

/// An array that is read from the file `F` at compile time.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`npy!` and `npz!` do not read a `{Self}`",
    label = "the type of the array that is read here",
    note = "they read a `Tensor`, `Signal`, `Matrix` or `Vector` of `f32`, `f64` or an integer of 8 to 64 bits"
)]
pub trait Embed<F: Bytes>: Sized {
    /// The array, or what is wrong with the file.
    const VALUE: Result<Self, NpyError>;
}

/// An element type that is stored in `.npy` files: `f32`, `f64` and the integers of 8 to 64 bits. Sealed.
///
/// ```
/// use constconv::io::npy::NpyScalar;
/// assert_eq!((f32::DTYPE, u8::DTYPE), ("<f4", "|u1"));
/// ```
pub trait NpyScalar: Element {
    /// How NumPy writes the type: byte order, kind, bytes.
    const DTYPE: &'static str;
}

macro_rules! dtypes {
    ($($number:ident $dtype:literal)*) => { $(
        impl NpyScalar for $number {
            const DTYPE: &'static str = $dtype;
        }
    )* };
}

dtypes! {
    f32 "<f4"  f64 "<f8"
    i8  "|i1"  i16 "<i2"  i32 "<i4"  i64 "<i8"
    u8  "|u1"  u16 "<u2"  u32 "<u4"  u64 "<u8"
}

/// An array whose elements can be stored in `.npy` files: [`Tensor`], [`Signal`], [`Matrix`], [`Vector`].
///
/// ```
/// use constconv::io::npy::{NpyArray, NpyScalar};
/// use constconv::prelude::*;
/// fn elements<A: NpyArray>() -> (&'static str, &'static [usize]) {
///     (A::Scalar::DTYPE, A::SHAPE)
/// }
/// assert_eq!(elements::<Matrix<f32, 2, 3>>(), ("<f4", &[2, 3][..]));
/// ```
pub trait NpyArray: Array<Scalar: NpyScalar> {}

impl<A: Array<Scalar: NpyScalar>> NpyArray for A {}

macro_rules! arrays {
    ($($name:ident<$($axis:ident),+>)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: NpyScalar, F: Bytes, $(const $axis: usize),+> Embed<F> for $name<T, $($axis),+> {
            const VALUE: Result<Self, NpyError> = Self::from_npy(F::BYTES);
        }

        impl<T: NpyScalar, $(const $axis: usize),+> $name<T, $($axis),+> {
            /// The array in an `.npy` file. A large one is better read in place, by
            /// [`read_npy`](crate::io::npy::read_npy).
            ///
            /// ```
            /// use constconv::prelude::*;
            ///
            /// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/i2.npy"));
            /// assert_eq!(Vector::from_npy(file), Ok(Vector::new([i16::MIN, 0, 1, 42, i16::MAX])));
            /// ```
            ///
            /// # Errors
            /// If the file does not hold an array of this type and shape: see [`NpyError`].
            pub const fn from_npy(file: &[u8]) -> Result<Self, NpyError> {
                let mut array = Self::zeros();
                attempt!(read(file, <Self as Array>::SHAPE, array.as_mut_slice()));
                Ok(array)
            }

            /// The array as an `.npy` file. [`write_npy`](crate::io::npy::write_npy) needs no heap.
            ///
            /// ```
            /// use constconv::prelude::*;
            ///
            /// let x = Matrix::new([[1.0_f32, 2.0], [3.0, 4.0]]);
            /// assert_eq!(Matrix::from_npy(&x.to_npy()), Ok(x));
            /// ```
            #[cfg(feature = "alloc")]
            #[must_use]
            pub fn to_npy(&self) -> alloc::vec::Vec<u8> {
                let mut file = alloc::vec::Vec::new();
                let Ok(()) = write::write(self.as_slice(), <Self as Array>::SHAPE, |bytes| {
                    file.extend_from_slice(bytes);
                    Ok::<(), core::convert::Infallible>(())
                });
                file
            }
        }
    )* };
}

arrays! {
    Tensor<N, C, H, W>
    Signal<N, C, L>
    Matrix<R, C>
    Vector<N>
}

/// Reads the array in an `.npy` file into `array`, without a move through the stack.
///
/// ```
/// use constconv::io::npy::{NpyError, read_npy};
/// use constconv::prelude::*;
///
/// let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/npy/data/right.npy"));
/// let mut x = Tensor::<f32, 2, 3, 4, 4>::zeros();
/// read_npy(file, &mut x)?;
/// assert_eq!(x[[1, 2, 3, 3]], 95.0);
/// # Ok::<(), NpyError>(())
/// ```
///
/// # Errors
/// If the file does not hold an array of this type and shape: see [`NpyError`]. `array` is unchanged then.
pub fn read_npy<A: NpyArray>(file: &[u8], array: &mut A) -> Result<(), NpyError> {
    read(file, A::SHAPE, array.as_mut_slice())
}

/// Reads elements of the given shape.
const fn read<T: NpyScalar>(file: &[u8], shape: &'static [usize], numbers: &mut [T]) -> Result<(), NpyError> {
    let npy = attempt!(Npy::parse(file));
    if !npy.dtype.is(T::DTYPE) {
        return Err(NpyError::Dtype { found: npy.dtype, expected: T::DTYPE });
    }
    if npy.fortran_order && !npy.shape.has_one_order() {
        return Err(NpyError::FortranOrder);
    }
    if !npy.shape.fits(shape) {
        return Err(NpyError::Shape { found: npy.shape, expected: shape });
    }
    if npy.payload.len() != size_of_val(numbers) {
        return Err(NpyError::Length { found: npy.payload.len(), expected: size_of_val(numbers) });
    }
    cast::copy_from_le(numbers, npy.payload);
    Ok(())
}
