//! The arithmetic, on slices and plain numbers. Nothing here knows a tensor or a shape type.
//!
//! [`reference`] holds the definitions loop by loop. Slices must be as long as the geometry says; this is the layer's
//! promise, and a kernel panics where it is broken.

mod activation;
mod geometry;
pub mod math;
mod pool2d;
pub mod reference;
mod softmax;

pub use activation::{
    elu, elu_backward, gelu, gelu_backward, gelu_tanh, gelu_tanh_backward, hardsigmoid, hardsigmoid_backward,
    hardswish, hardswish_backward, leaky_relu, leaky_relu_backward, relu, relu_backward, relu6, relu6_backward,
    sigmoid, sigmoid_backward, silu, silu_backward, softplus, softplus_backward, tanh, tanh_backward,
};
pub use geometry::{Conv2dGeometry, LinearGeometry, Pool2dGeometry};
pub use pool2d::{avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward};
pub use reference::{
    conv2d, conv2d_backward_bias, conv2d_backward_filter, conv2d_backward_input, linear, linear_backward_bias,
    linear_backward_input, linear_backward_weight,
};
pub use softmax::{log_softmax, log_softmax_backward, softmax, softmax_backward};
