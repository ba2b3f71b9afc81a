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
//! Folders are in the order in which data flows: [`shape`] → [`tensor`] → [`kernel`] → [`layer`] → [`model`](mod@model)
//! → [`loss`], [`optim`] → [`io`]. `shape` knows types, `kernel` knows numbers, only `layer` knows both.
//! [`functional`] lists the operations as free functions.

#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod io;
pub mod kernel;
pub mod layer;
pub mod loss;
pub mod model;
pub mod optim;
pub mod shape;
pub mod tensor;

pub use tensor::{Real, Scalar};

/// What a program that defines and runs models needs.
pub mod prelude {
    pub use crate::layer::{
        AvgPool2d, Backward, Bias, Conv2d, ExcludePad, Flatten, Gradient, IncludePad, Initialize, Layer, Linear,
        MaxPool2d, Module, NoBias, Output, Parameters, Relu, Tape, Workspace,
    };
    pub use crate::loss::Reduction;
    pub use crate::model;
    pub use crate::model::{Footprint, Model, TrainingFootprint};
    pub use crate::optim::{Optimizer, Sgd, State};
    pub use crate::shape::{Ceil, Dilation, Exact, Floor, Groups, Kernel, Padding, Stride, Ungrouped};
    pub use crate::tensor::{Array, Matrix, Tensor, Vector, Zeroed};
    pub use crate::{Real, Scalar};
}

/// The operations as functions on tensors, for those who keep filters and biases themselves.
pub mod functional {
    pub use crate::layer::{
        conv2d, conv2d_backward, conv2d_backward_into, conv2d_into, linear, linear_backward, linear_backward_into,
        linear_into, relu, relu_backward, relu_backward_into, relu_into,
    };
}
