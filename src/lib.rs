//! constconv
#![no_std]
#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;
pub mod kernel;
pub mod layer;
pub mod loss;
pub mod model;
pub mod optim;
pub mod shape;
pub mod tensor;
pub use tensor::{Real, Scalar};
/// prelude
pub mod prelude { pub use crate::shape::*; pub use crate::tensor::*; pub use crate::layer::*; pub use crate::model; }
/// functional
pub mod functional { pub use crate::layer::{conv2d, conv2d_into, conv2d_backward, conv2d_backward_into, linear, linear_into, linear_backward, linear_backward_into, relu, relu_into, relu_backward, relu_backward_into}; }
