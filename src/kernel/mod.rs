//! The arithmetic, on slices and plain numbers. Nothing here knows a tensor or a shape type.
//!
//! [`reference`] holds the definitions loop by loop. Slices must be as long as the geometry says; this is the layer's
//! promise, and a kernel panics where it is broken.

mod activation;
mod geometry;
mod pool2d;
pub mod reference;

pub use activation::{relu, relu_backward};
pub use geometry::{Conv2dGeometry, LinearGeometry, Pool2dGeometry};
pub use pool2d::{avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward};
pub use reference::{
    conv2d, conv2d_backward_bias, conv2d_backward_filter, conv2d_backward_input, linear, linear_backward_bias,
    linear_backward_input, linear_backward_weight,
};
