//! The arithmetic, on slices and plain sizes. Nothing here knows a tensor or a shape type.
//!
//! Convolution and `Linear` exist three times:
//! - [`mod@reference`] is the definition, loop by loop;
//! - `portable` is plain Rust with a small block of elements on the stack, for every
//!   [`Scalar`](crate::tensor::Scalar) and every processor;
//! - `simd` is fast: `f32` and `f64` on processors with vector instructions that it knows.
//!
//! The way in: `dispatch` has a plain function for each operation. It checks what it is given (`check`), and runs the
//! vector kernel of the level (`entry`) or the portable one. The functions here run the fastest level
//! ([`Level::current`]); the methods of [`Level`] run a chosen one. Pooling, activations, softmax, batch normalisation
//! and dropout are plain loops that the compiler vectorises, and so is what moves elements: [`rearrange`] between two
//! [`View`]s, [`im2col`] and [`col2im`].
//!
//! All functions here except those of [`mod@reference`] panic, and say why, if a slice does not have the length that
//! the geometry or the other slices ask for.
//!
//! Where windows reach into the padding, its zeros are multiplied like other numbers, as PyTorch does it: an infinity or
//! NaN in w gives NaN in y there, and one in dy gives NaN in dw. What falls outside of dx is cropped, so dx is a sum of
//! real products only. Kernels may also compute products that are part of no output. Where overflow panics, as with
//! integers in debug builds, they may panic too.
//!
//! The portable kernels, and the operations without vector kernels, give the same bits on every processor, with and
//! without `std`. The vector kernels sum in other orders and fuse products and sums: their results agree up to
//! rounding.
//!
//! ```
//! use constconv::kernel::{Conv2dGeometry, conv2d, reference};
//!
//! // A window of two cells on a row of four: HO and WO are given, not computed.
//! let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
//! let (x, w, mut y, mut same) = ([1.0, 2.0, 3.0, 4.0], [10.0, 1.0], [0.0; 3], [0.0; 3]);
//! conv2d(&g, &x, &w, None, &mut y);
//! reference::conv2d(&g, &x, &w, None, &mut same);
//! assert_eq!((y, same), ([12.0, 23.0, 34.0], y));
//! ```

mod activation;
mod check;
mod columns;
#[cfg(feature = "decompose")]
pub(crate) mod decompose;
mod dispatch;
mod dropout;
mod entry;
mod geometry;
mod global_pool;
pub(crate) mod known;
mod level;
pub mod math;
mod norm;
mod parallel;
mod pool;
mod portable;
pub mod reference;
mod simd;
mod softmax;
mod view;

pub use activation::*;
pub use columns::*;
#[cfg(feature = "decompose")]
pub use decompose::Solvable;
pub use dispatch::*;
pub use dropout::*;
pub use geometry::*;
pub use global_pool::*;
pub use level::*;
pub use norm::*;
pub use parallel::conv2d_parallel;
pub use pool::*;
#[doc(hidden)]
pub use simd::thresholds;
pub use softmax::*;
pub use view::*;

pub use crate::tensor::Epilogue;
