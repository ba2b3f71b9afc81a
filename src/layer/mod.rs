//! Layers: operations with a state.
//!
//! Every file here has the same rhythm: the layer's struct, the table of its parts ([`module!`](crate::module!)), its
//! [`Layer`](crate::module::Layer) (forward), its [`Backward`](crate::module::Backward) right below. A body hands its
//! parameters to the operation in [`functional`](crate::functional); a layer knows no kernel.
//!
//! ```
//! use constconv::prelude::*;
//!
//! let conv = Conv1d::<f32, 1, 1, Kernel<2>>::new(Signal::new([[[-1.0, 1.0]]]), Vector::zeros());
//! let x = Signal::new([[[1.0, 4.0, 2.0]]]);
//! let y = conv.forward(&x); // Signal<f32, 1, 1, 2>
//! assert_eq!(Relu.forward(&y), Signal::new([[[3.0, 0.0]]]));
//!
//! // Backward: what the second layer gives as dx is dy of the first one.
//! let (dy, ()) = Relu.backward(&y, &Signal::full(1.0));
//! let (dx, gradient) = conv.backward(&x, &dy);
//! assert_eq!(dx, Signal::new([[[-1.0, 1.0, 0.0]]]));
//! assert_eq!(gradient.weight, Signal::new([[[1.0, 4.0]]]));
//! ```

mod activation;
mod adaptive_pool2d;
mod batch_norm;
mod concat;
mod conv1d;
mod conv2d;
mod conv_transpose2d;
mod convolution;
mod dropout;
mod flatten;
mod frozen;
mod global_pool1d;
mod global_pool2d;
mod linear;
mod pool1d;
mod pool2d;
mod residual;
mod softmax;
mod upsample;
mod winograd;
mod zero_pad2d;

pub use crate::functional::{Convolution, Convolves};
pub use crate::shape::{
    BatchStatistics, Bias, BiasKind, BiasTerm, Channels, ConvOptions, ConvTransposeOptions, Counting, ExcludePad,
    FixedStatistics, IncludePad, NoBias, PoolOptions, Statistics,
};
pub use activation::{
    Elu, Gelu, GeluTanh, Hardsigmoid, Hardswish, LeakyRelu, Relu, Relu6, Sigmoid, Silu, Softplus, Tanh,
};
pub use adaptive_pool2d::{AdaptiveAvgPool2d, AdaptiveMaxPool2d};
pub use batch_norm::{BatchNorm1d, BatchNorm2d, BatchNorm2dGradient};
pub use concat::Concat;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv1d::Conv1d;
pub use conv2d::{Conv2d, DepthwiseConv2d};
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use frozen::Frozen;
pub use global_pool1d::{GlobalAvgPool1d, GlobalMaxPool1d};
pub use global_pool2d::{GlobalAvgPool2d, GlobalMaxPool2d};
pub use linear::Linear;
pub use pool1d::{AvgPool1d, MaxPool1d};
pub use pool2d::{AvgPool2d, MaxPool2d};
pub use residual::{AddsTo, Residual};
pub use softmax::{LogSoftmax, Softmax};
pub use upsample::UpsampleNearest2d;
pub use winograd::Winograd;
pub use zero_pad2d::ZeroPad2d;

/// `new`, with the example above it, `Default` and the module of a layer that is all types.
macro_rules! type_only {
    ($(#[$example:meta])+ $name:ident<$($parameter:ident),*>) => {
        impl<$($parameter),*> $name<$($parameter),*> {
            /// The layer; it holds nothing.
            ///
            $(#[$example])+
            #[must_use]
            pub const fn new() -> Self {
                Self(::core::marker::PhantomData)
            }
        }

        impl<$($parameter),*> Default for $name<$($parameter),*> {
            fn default() -> Self {
                Self::new()
            }
        }

        $crate::module! { [$($parameter),*] $name<$($parameter),*> {
            constant 0: ::core::marker::PhantomData<($($parameter,)*)> = ::core::marker::PhantomData,
        } }
    };
}
use type_only;
