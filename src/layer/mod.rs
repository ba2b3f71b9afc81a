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
mod borrowed;
mod branch;
mod branch_channels;
mod branches;
mod concat;
mod conv1d;
mod conv2d;
mod conv_rows;
mod conv_transpose2d;
mod convolution;
mod dropout;
mod flatten;
mod fold;
mod frozen;
mod global_pool1d;
mod global_pool2d;
mod identity;
mod linear;
mod norm;
mod parallel;
mod pool1d;
mod pool2d;
mod pool_rows;
mod product;
mod residual;
mod rewrite;
mod softmax;
mod sum;
mod tap;
mod upsample;
mod winograd;
mod zero_pad2d;

pub use activation::*;
pub use adaptive_pool2d::*;
pub use concat::*;
pub use conv_transpose2d::*;
pub use conv1d::*;
pub use conv2d::*;
pub use dropout::*;
pub use flatten::*;
pub use fold::*;
pub use frozen::*;
pub use global_pool1d::*;
pub use global_pool2d::*;
pub use identity::*;
pub use linear::*;
pub use norm::*;
pub use parallel::*;
pub use pool1d::*;
pub use pool2d::*;
pub use product::*;
pub use residual::*;
pub use rewrite::*;
pub use softmax::*;
pub use sum::*;
pub use tap::*;
pub use upsample::*;
pub use winograd::*;
pub use zero_pad2d::*;

/// `new`, with the example above it, `Default` and the module of a layer that is all types.
macro_rules! stateless {
    ($(#[$example:meta])+ $name:ident<$($parameter:ident),*>$(, where [$($bounds:tt)*])?, role: $role:ty) => {
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

        $crate::module! { [$($parameter),*] $name<$($parameter),*>, where [$($($bounds)*)?] {
            constant 0: ::core::marker::PhantomData<($($parameter,)*)> = ::core::marker::PhantomData,
        }; role: $role }
    };
}
use stateless;
