//! Convolutional networks whose shapes are types.
//!
//! Tensors carry N, C, H, W as const generics; kernel size, stride and padding are const generics too. The compiler
//! computes the shape of every output, and a model whose shapes do not fit does not compile. Kernels run forward and
//! backward on stack or `static` storage: no heap, and no `std` where there is none.
//!
//! ```
//! use constconv::prelude::*;
//!
//! model! {
//!     pub Net: Tensor<f32, 1, 1, 8, 8> => {
//!         conv: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
//!         relu: Relu,
//!         pool: MaxPool2d<Kernel<2>>,
//!         fc: Linear<f32, 128, 10>,
//!     }
//! }
//!
//! let y = Net::ZERO.forward(&Tensor::<f32, 32, 1, 8, 8>::zeros()); // Matrix<f32, 32, 10>
//! assert_eq!(y.shape(), [32, 10]);
//! ```
//!
//! # Where things live
//!
//! Folders are in the order in which data flows: [`shape`] → [`tensor`] → [`kernel`] → [`ops`] → [`layer`] →
//! [`model`](mod@model) → [`loss`], [`optim`] → [`io`]. `shape` knows types, `kernel` knows numbers, only `ops` and
//! `layer` know both.
//! [`functional`] lists the operations as free functions, [`systems`] the published systems that are covered and the
//! tests that prove it.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))] // items that need a feature say so

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod io;
pub mod kernel;
pub mod layer;
pub mod loss;
pub mod model;
pub mod ops;
pub mod optim;
pub mod shape;
pub mod tensor;

pub use tensor::{Real, Scalar};

/// What a program that defines and runs models needs.
///
/// ```
/// use constconv::prelude::*;
/// let y = MaxPool2d::<Kernel<2>>::new().forward(&Tensor::<f32, 1, 8, 28, 28>::zeros());
/// assert_eq!(y.shape(), [1, 8, 14, 14]);
/// ```
pub mod prelude {
    pub use crate::layer::{AdaptiveAvgPool2d, AdaptiveMaxPool2d, ConvTranspose2d, DepthwiseConv2d};
    pub use crate::layer::{
        AvgPool1d, BatchNorm1d, BatchStatistics, Conv1d, FixedStatistics, GlobalAvgPool1d, GlobalMaxPool1d, MaxPool1d,
    };
    pub use crate::layer::{
        AvgPool2d, Backward, Bias, Conv2d, ExcludePad, Flatten, Gradient, IncludePad, Initialize, Layer, Linear,
        MaxPool2d, Module, NoBias, Output, Parameters, Relu, Tape, Workspace,
    };
    pub use crate::layer::{
        BatchNorm2d, Concat, Dropout, Frozen, GlobalAvgPool2d, GlobalMaxPool2d, Residual, Winograd,
    };
    pub use crate::layer::{
        Elu, Gelu, GeluTanh, Hardsigmoid, Hardswish, LeakyRelu, LogSoftmax, Relu6, Sigmoid, Silu, Softmax, Softplus,
        Tanh,
    };
    pub use crate::layer::{UpsampleNearest2d, ZeroPad2d};
    pub use crate::loss::Reduction;
    pub use crate::model;
    pub use crate::model::{Footprint, Model, TrainingFootprint};
    pub use crate::optim::{Adam, AdamW, Optimizer, RmsProp, Sgd, State};
    pub use crate::shape::{Axes, Scale, Sides, Split};
    pub use crate::shape::{Ceil, Dilation, Exact, Floor, Groups, Kernel, Padding, Stride, Ungrouped};
    pub use crate::shape::{OutputPadding, OutputSize};
    pub use crate::tensor::{Array, Matrix, Signal, Tensor, Vector, Zeroed};
    pub use crate::{Real, Scalar};
}

/// The operations as functions on tensors, for those who keep filters and biases themselves.
///
/// Each has a form `_into`, which overwrites memory of the caller; backward passes are called `_backward` and
/// `_backward_into`, or the operation's adjoint does it (see [`ops`]).
///
/// ```
/// use constconv::functional::{conv1d, relu};
/// use constconv::prelude::*;
///
/// let (x, w) = (Signal::new([[[1, 4, 2]]]), Signal::new([[[-1, 1]]]));
/// assert_eq!(relu(&conv1d(&x, &w, &(), ())), Signal::new([[[3, 0]]]));
/// ```
pub mod functional {
    pub use crate::layer::{
        adaptive_avg_pool2d, adaptive_avg_pool2d_backward, adaptive_avg_pool2d_backward_into, adaptive_avg_pool2d_into,
        adaptive_max_pool2d, adaptive_max_pool2d_backward, adaptive_max_pool2d_backward_into, adaptive_max_pool2d_into,
    };
    pub use crate::layer::{
        avg_pool1d, avg_pool1d_backward, avg_pool1d_backward_into, avg_pool1d_into, conv1d, conv1d_backward,
        conv1d_backward_into, conv1d_into, max_pool1d, max_pool1d_backward, max_pool1d_backward_into, max_pool1d_into,
    };
    pub use crate::layer::{
        avg_pool2d, avg_pool2d_backward, avg_pool2d_backward_into, avg_pool2d_into, flatten, flatten_into, max_pool2d,
        max_pool2d_backward, max_pool2d_backward_into, max_pool2d_into,
    };
    pub use crate::layer::{
        batch_norm, batch_norm_backward, batch_norm_backward_into, batch_norm_into, batch_norm_train_backward,
        batch_norm_train_backward_into, batch_statistics, batch_statistics_into, dropout, dropout_backward,
        dropout_backward_into, dropout_into,
    };
    pub use crate::layer::{
        conv_transpose2d, conv_transpose2d_backward, conv_transpose2d_backward_into, conv_transpose2d_into,
    };
    pub use crate::layer::{
        conv2d, conv2d_backward, conv2d_backward_into, conv2d_into, linear, linear_backward, linear_backward_into,
        linear_into, relu, relu_backward, relu_backward_into, relu_into,
    };
    pub use crate::layer::{
        elu, elu_backward, elu_backward_into, elu_into, gelu, gelu_backward, gelu_backward_into, gelu_into, gelu_tanh,
        gelu_tanh_backward, gelu_tanh_backward_into, gelu_tanh_into, hardsigmoid, hardsigmoid_backward,
        hardsigmoid_backward_into, hardsigmoid_into, hardswish, hardswish_backward, hardswish_backward_into,
        hardswish_into, leaky_relu, leaky_relu_backward, leaky_relu_backward_into, leaky_relu_into, log_softmax,
        log_softmax_backward, log_softmax_backward_into, log_softmax_into, relu6, relu6_backward, relu6_backward_into,
        relu6_into, sigmoid, sigmoid_backward, sigmoid_backward_into, sigmoid_into, silu, silu_backward,
        silu_backward_into, silu_into, softmax, softmax_backward, softmax_backward_into, softmax_into, softplus,
        softplus_backward, softplus_backward_into, softplus_into, tanh, tanh_backward, tanh_backward_into, tanh_into,
    };
    pub use crate::layer::{
        global_avg_pool1d, global_avg_pool1d_backward, global_avg_pool1d_backward_into, global_avg_pool1d_into,
        global_avg_pool2d, global_avg_pool2d_backward, global_avg_pool2d_backward_into, global_avg_pool2d_into,
        global_max_pool1d, global_max_pool1d_backward, global_max_pool1d_backward_into, global_max_pool1d_into,
        global_max_pool2d, global_max_pool2d_backward, global_max_pool2d_backward_into, global_max_pool2d_into,
    };
    pub use crate::ops::{
        col2im, col2im_into, compose, compose_into, concat_channels, concat_channels_into, crop2d, crop2d_into,
        flip_horizontal, flip_horizontal_into, flip_vertical, flip_vertical_into, im2col, im2col_into, insert_zeros,
        insert_zeros_into, matmul, matmul_backward, matmul_backward_into, matmul_into, max_mask, max_mask_into,
        permute, permute_backward, permute_backward_into, permute_into, reshape, reshape_into, split_channels,
        split_channels_into, subsample, subsample_into, swap_first_axes, swap_first_axes_into, transpose,
        transpose_into, upsample_nearest2d, upsample_nearest2d_backward, upsample_nearest2d_backward_into,
        upsample_nearest2d_into, zero_pad2d, zero_pad2d_into,
    };
}

#[doc = include_str!("systems.md")]
pub mod systems {}

/// The programs of the README compile, and its wrong one does not.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
