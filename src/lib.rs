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
//! let y = Net::BLANK.forward(&Tensor::<f32, 32, 1, 8, 8>::zeros()); // Matrix<f32, 32, 10>
//! assert_eq!(y.shape(), [32, 10]);
//! ```
//!
//! The [`guide`] starts with a [first model](guide::first_model) and goes on, page by page, to [training](guide::training),
//! [files of weights](guide::saving), [microcontrollers](guide::microcontroller), [layers of your own](guide::own_layer) and
//! [what compiler errors mean](guide::errors). If you know PyTorch, [`guide::pytorch`] is a table of names.
//!
//! # Where things live
//!
//! Each floor adds one thing: numbers, then types at the door, then state. A folder knows those in the last column and
//! no others; `tests/house.rs` reads the source and fails where one does.
//!
//! | folder | what it adds | knows |
//! |---|---|---|
//! | [`tensor`] | arrays whose shape is their type | nothing |
//! | [`io`] | tensors from and to bytes | `tensor` |
//! | [`shape`] | types that compute: the only place of `typenum` | `tensor` |
//! | [`kernel`] | the arithmetic, on slices and plain sizes; intrinsics only in `simd/isa` | `tensor` |
//! | [`functional`] | one file per operation: where shapes meet slices | `kernel`, `shape`, `tensor` |
//! | [`module`](mod@module) | what layers and models have in common; no operation | `io`, `tensor` |
//! | [`layer`] | an operation with a state; no kernel | `functional`, `module`, `shape`, `tensor` |
//! | [`model`](mod@model) | layers in a row: which run together, and where; none by name | `io`, `module`, `tensor` |
//! | [`weights`] | models from and to files | `io`, `module`, `tensor` |
//! | [`optim`] | steps that change a module | `io`, `kernel`, `module`, `tensor` |
//! | [`loss`] | what is minimised | `kernel`, `optim`, `tensor` |
//! | [`data`] | samples in random order, batch by batch | `module`, `tensor` |
//! | [`metrics`] | how good a classifier is | `tensor` |
//!
//! `unsafe` is where it is the purpose: vector kernels, memory that is cleared, shared or read as bytes, and models that are filled at
//! compile time.
//! [`guide`] has no code. [`systems`] lists the published systems that are covered, and the tests that prove it.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))] // items that need a feature say so

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod data;
pub mod functional;
pub mod guide;
pub mod io;
pub mod kernel;
pub mod layer;
pub mod loss;
pub mod metrics;
pub mod model;
pub mod module;
pub mod optim;
pub mod shape;
pub mod tensor;
pub mod weights;

pub use tensor::{Real, Scalar};

/// What a program that defines and runs models needs.
///
/// ```
/// use constconv::prelude::*;
/// let y = MaxPool2d::<Kernel<2>>::new().forward(&Tensor::<f32, 1, 8, 28, 28>::zeros());
/// assert_eq!(y.shape(), [1, 8, 14, 14]);
/// ```
pub mod prelude {
    pub use crate::layer::*;
    pub use crate::loss::Reduction;
    pub use crate::model;
    pub use crate::model::{Footprint, InSteps, LayerFootprint, LayerFootprints, Model, TrainingFootprint};
    pub use crate::module::{Backward, Gradient, Initialize, Layer, Module, Output, Parameters, Tape, Workspace};
    pub use crate::optim::{Adam, AdamW, Optimizer, RmsProp, Sgd, State};
    pub use crate::shape::{Axes, Scale, Sides, Split};
    pub use crate::shape::{BatchStatistics, Bias, ExcludePad, FixedStatistics, IncludePad, NoBias};
    pub use crate::shape::{Ceil, Dilation, Exact, Floor, Groups, Kernel, Padding, Stride, Ungrouped};
    pub use crate::shape::{OutputPadding, OutputSize};
    pub use crate::tensor::{Array, Matrix, Signal, Tensor, Vector, Zeroed};
    pub use crate::{Real, Scalar};
}

#[doc = include_str!("systems.md")]
pub mod systems {}

/// The programs of the README compile, and its wrong one does not.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
