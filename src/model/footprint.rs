//! What a model costs, as constants.

use core::mem::size_of;

use super::List;
use crate::module::{Backward, Gradient, Layer, Module, Output, Tape, Workspace};

/// What [`model!`](crate::model!) defines.
///
/// ```
/// use constconv::prelude::*;
/// model! {
///     Net: Tensor<f32, 1, 1, 6, 6> => {
///         conv: Conv2d<f32, 1, 2, Kernel<3>>,
///         relu: Relu,
///     }
/// }
/// fn run<M: Model<Input: Zeroed> + Layer<M::Input>>(model: &M) -> Output<M, M::Input> {
///     model.forward(&M::Input::ZERO)
/// }
/// assert_eq!(run(&Net::BLANK).shape(), [1, 2, 4, 4]);
/// ```
pub trait Model: Module {
    /// The input that was declared and checked.
    type Input;

    /// The layers, in order.
    type Layers: List;
}

/// What inference costs, for every model.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Tiny: Tensor<f32, 1, 1, 6, 6> => {
///         conv: Conv2d<f32, 1, 2, Kernel<3>>,
///         relu: Relu,
///         pool: MaxPool2d<Kernel<2>>,
///     }
/// }
///
/// assert_eq!(Tiny::MACS, 2 * 4 * 4 * 9);
/// assert_eq!(Tiny::WEIGHT_BYTES, (2 * 9 + 2) * 4);
/// // Input, output, and two buffers: the convolution's output and the ReLU's.
/// assert_eq!(Tiny::INFERENCE_RAM, (36 + 8 + 32 + 32) * 4);
/// // Input, output and its gradient, two outputs on the tape, two buffers for gradients, the gradient of the model.
/// assert_eq!(Tiny::TRAINING_RAM, (36 + 8 + 8 + 32 + 32 + 32 + 32 + 20) * 4);
/// ```
pub trait Footprint: Model<Input: Sized> + Layer<<Self as Model>::Input> {
    /// Multiply-adds of one forward pass over the declared input.
    const MACS: usize = <Self as Layer<Self::Input>>::MULTIPLY_ADDS;

    /// Bytes of the parameters, frozen ones included: [`Module::PARAMETER_BYTES`]. Hyperparameters and running statistics
    /// are not counted.
    const WEIGHT_BYTES: usize = <Self as Module>::PARAMETER_BYTES;

    /// Bytes of input, output and [`Workspace`] for one forward pass over the declared input. What a kernel puts on
    /// the stack is not counted.
    const INFERENCE_RAM: usize =
        size_of::<Self::Input>() + size_of::<Output<Self, Self::Input>>() + size_of::<Workspace<Self, Self::Input>>();
}

impl<M: Model + Layer<M::Input>> Footprint for M {}

/// What training costs, for every model that can be trained.
///
/// ```
/// use constconv::prelude::*;
/// model! {
///     Net: Matrix<f32, 1, 4> => {
///         fc1: Linear<f32, 4, 3>,
///         fc2: Linear<f32, 3, 2>,
///     }
/// }
/// // Input, output and its gradient, fc1's output, a buffer for its gradient, the gradient of the model.
/// assert_eq!(Net::TRAINING_RAM, (4 + 2 * 2 + 3 + 3 + (15 + 8)) * 4);
/// ```
pub trait TrainingFootprint: Model<Input: Sized> + Backward<<Self as Model>::Input> {
    /// Bytes of input, output, gradient of the output, [`Tape`] and gradient of the model for one training step over
    /// the declared input; without the parameters and the optimizer's state.
    const TRAINING_RAM: usize = size_of::<Self::Input>()
        + 2 * size_of::<Output<Self, Self::Input>>()
        + size_of::<Tape<Self, Self::Input>>()
        + size_of::<Gradient<Self>>();
}

impl<M: Model + Backward<M::Input>> TrainingFootprint for M {}
