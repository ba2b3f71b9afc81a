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
//! # Where things live
//!
//! Each floor adds one thing: numbers → types at the door → state. Folders are in the order in which data flows, and
//! know those before them: [`tensor`] → [`io`], [`shape`] → [`kernel`] → [`functional`] → [`module`](mod@module) →
//! [`layer`] → [`model`](mod@model) → [`loss`], [`optim`]. `shape` computes types, `kernel` computes numbers, and only `functional`
//! knows both: there each operation has one file, and its functions have their one address. `module` says what
//! layers and models have in common and knows no operation; a `layer` is an operation with a state and knows no kernel. [`systems`] lists the published systems that are covered and the tests that prove it.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))] // items that need a feature say so

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod functional;
pub mod io;
pub mod kernel;
pub mod layer;
pub mod loss;
pub mod model;
pub mod module;
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
    pub use crate::layer::*;
    pub use crate::loss::Reduction;
    pub use crate::model;
    pub use crate::model::{Footprint, Model, TrainingFootprint};
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
