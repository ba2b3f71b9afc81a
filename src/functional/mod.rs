//! The operations as functions on tensors, for those who keep filters and biases themselves: where shapes meet slices.
//!
//! One file per operation, with its forms `f`, `f_into`, `f_backward` and `f_backward_into`: by value, or overwriting
//! memory of the caller. A body takes the geometry as constants, takes the slices, and calls the kernel. What layers need
//! besides (a filter whose type is computed, a dx that is not asked for) is private to the crate and stands in the same
//! file.
//!
//! ```
//! use constconv::functional::{conv1d, relu};
//! use constconv::prelude::*;
//!
//! let (x, w) = (Signal::new([[[1, 4, 2]]]), Signal::new([[[-1, 1]]]));
//! assert_eq!(relu(&conv1d(&x, &w, &(), ())), Signal::new([[[3, 0]]]));
//! ```
//!
//! Operations whose backward pass has a name of its own: an adjoint takes dy and gives dx.
//!
//! | | operation | adjoint | PyTorch |
//! |---|---|---|---|
//! | windows | [`im2col`] | [`col2im`] | `functional.unfold`, `functional.fold` |
//! | | [`max_mask`] | | `one_hot(columns.argmax(0))` |
//! | matrices | [`matmul()`] | [`matmul_backward`] | `a @ b` |
//! | | [`transpose`] | itself | `a.T` |
//! | order of axes | [`permute()`] | [`permute_backward`] | `x.permute` |
//! | | [`swap_first_axes`] | itself | `x.transpose(0, 1)` |
//! | sides | [`zero_pad2d`] | [`crop2d`] | `functional.pad` |
//! | cells | [`insert_zeros()`] | [`subsample`] | `x[:, :, ::SH, ::SW]` |
//! | | [`upsample_nearest2d`] | [`upsample_nearest2d_backward`] | `functional.interpolate` |
//! | | [`flip_horizontal`], [`flip_vertical`] | themselves | `x.flip(3)`, `x.flip(2)` |
//! | channels | [`concat_channels`] | [`split_channels`] | `cat`, `x.split` |
//! | shape | [`reshape()`] | itself | `x.reshape` |
//! | filters | [`compose()`] | | |
//!
//! [`matmul()`] and [`compose()`] are linear in each argument, all others but [`max_mask`] are linear, and all work for
//! every [`Scalar`](crate::Scalar). [`ZeroPad2d`](crate::layer::ZeroPad2d),
//! [`UpsampleNearest2d`](crate::layer::UpsampleNearest2d) and [`Concat`](crate::layer::Concat) are layers made of them.
//!
//! A second way to compute a convolution, one matrix product for each:
//!
//! ```
//! use constconv::functional::{col2im, im2col, matmul, permute, reshape, transpose};
//! use constconv::prelude::*;
//!
//! let x = Tensor::<i64, 2, 3, 5, 5>::from_fn(|[n, c, h, w]| (n + 2 * c + 3 * h * w) as i64 % 7 - 3);
//! let w = Tensor::<i64, 4, 3, 3, 3>::from_fn(|[f, c, u, v]| (f + c * u + v) as i64 % 5 - 2);
//! let conv = Conv2d::<_, 3, 4, Kernel<3>, Stride<2>, Padding<1>>::new(w.clone(), Vector::zeros());
//!
//! let options = (Stride::<2>, Padding::<1>);
//! let columns = im2col(&x, Kernel::<3>, options); // Matrix<i64, 27, 18>
//! let rows: Matrix<i64, 4, 27> = reshape(&w);
//! let y: Tensor<i64, 4, 2, 3, 3> = reshape(&matmul(&rows, &columns));
//! let y = permute(&y, Axes::<1, 0, 2, 3>);
//! assert_eq!(y, conv.forward(&x));
//!
//! let dy: Matrix<i64, 4, 18> = reshape(&permute(&y, Axes::<1, 0, 2, 3>));
//! let dw: Tensor<i64, 4, 3, 3, 3> = reshape(&matmul(&dy, &transpose(&columns)));
//! let dx: Tensor<i64, 2, 3, 5, 5> = col2im(&matmul(&transpose(&rows), &dy), Kernel::<3>, options);
//! let (expected_dx, gradient) = conv.backward(&x, &y);
//! assert_eq!((dx, dw), (expected_dx, gradient.weight));
//! ```

mod activation;
mod adaptive_pool;
mod columns;
mod compose;
mod concat;
mod conv;
mod conv_transpose;
#[cfg(feature = "decompose")]
mod decompose;
mod dropout;
mod flatten;
mod flip;
mod global_pool;
mod insert_zeros;
mod linear;
mod matmul;
mod norm;
mod pad;
mod permute;
mod pool;
mod reshape;
mod softmax;
mod upsample;

pub use activation::*;
pub use adaptive_pool::*;
pub use columns::*;
pub use compose::*;
pub use concat::*;
pub use conv::*;
pub use conv_transpose::*;
#[cfg(feature = "decompose")]
pub use decompose::*;
pub use dropout::*;
pub use flatten::*;
pub use flip::*;
pub use global_pool::*;
pub use insert_zeros::*;
pub use linear::*;
pub use matmul::*;
pub use norm::*;
pub use pad::*;
pub use permute::*;
pub use pool::*;
pub use reshape::*;
pub use softmax::*;
pub use upsample::*;
