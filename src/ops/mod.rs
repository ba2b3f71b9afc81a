//! Operations on tensors that have no parameters: every result type is computed.
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
//! Each has a by-value form and an `_into` form that overwrites memory of the caller. [`matmul()`] and [`compose()`]
//! are linear in each argument, all others but [`max_mask`] are linear, and all work for every
//! [`Scalar`](crate::Scalar). An adjoint is the backward pass: it takes dy and gives dx. A body here takes the geometry
//! as constants, takes the slices, and calls the kernel. [`ZeroPad2d`](crate::layer::ZeroPad2d),
//! [`UpsampleNearest2d`](crate::layer::UpsampleNearest2d) and [`Concat`](crate::layer::Concat) are layers made of them.
//!
//! A second way to the numbers of a convolution, one matrix product for each:
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

mod columns;
mod compose;
mod concat;
#[cfg(feature = "decompose")]
mod decompose;
mod flip;
mod insert_zeros;
mod matmul;
mod pad;
mod permute;
mod reshape;
mod upsample;

pub use columns::{col2im, col2im_into, im2col, im2col_into, max_mask, max_mask_into};
pub use compose::{compose, compose_into};
pub use concat::{concat_channels, concat_channels_into, split_channels, split_channels_into};
pub(crate) use concat::{put, take};
#[cfg(feature = "decompose")]
pub use decompose::{DecomposeError, DecomposeOptions, DecomposeWorkspace, Fit, decompose, decompose_into};
pub use flip::{flip_horizontal, flip_horizontal_into, flip_vertical, flip_vertical_into};
pub use insert_zeros::{insert_zeros, insert_zeros_into, subsample, subsample_into};
pub use matmul::{matmul, matmul_backward, matmul_backward_into, matmul_into, transpose, transpose_into};
pub use pad::{crop2d, crop2d_into, zero_pad2d, zero_pad2d_into};
pub use permute::{
    permute, permute_backward, permute_backward_into, permute_into, swap_first_axes, swap_first_axes_into,
};
pub use reshape::{reshape, reshape_into};
pub use upsample::{
    upsample_nearest2d, upsample_nearest2d_backward, upsample_nearest2d_backward_into, upsample_nearest2d_into,
};
