//! Arrays whose shape is part of their type.
//!
//! [`Tensor<T, N, C, H, W>`](Tensor) holds activations and filters, [`Signal<T, N, C, L>`](Signal) those in
//! one dimension, [`Matrix<T, R, C>`](Matrix) rows of features and the weights of linear layers,
//! [`Vector<T, N>`](Vector) biases. In memory they are their elements, row-major:
//! what `as_slice` returns.
//!
//! ```
//! use constconv::prelude::*;
//!
//! let x = Tensor::<f32, 1, 2, 1, 3>::new([[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]]);
//! assert_eq!(x[[0, 1, 0, 2]], 6.0);
//! assert_eq!(x.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
//! assert_eq!(size_of_val(&x), 6 * 4);
//! ```

mod array;
mod arrays;
mod batch;
mod display;
mod epilogue;
mod interop;
mod scalar;
mod storage;
mod zeroed;

pub use array::{Array, Elements};
pub use arrays::{Matrix, Signal, Tensor, Vector};
pub use batch::Batch;
pub use epilogue::Epilogue;
pub(crate) use scalar::is_plain;
pub use scalar::{Real, Scalar};
pub use storage::{Either, Left, Storage};
pub(crate) use storage::{memory, or_either};
pub use zeroed::Zeroed;
#[cfg(feature = "alloc")]
pub(crate) use zeroed::{Constant, boxed};
