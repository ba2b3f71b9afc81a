//! What a model costs, as constants.

use core::mem::size_of;

use super::Flow;
use super::stack::{INFERENCE, TRAINING};
use crate::module::sound::{AtDefinition, Checked, Sound};
use crate::module::{Backward, Gradient, Layer, Module, Nested, Output, Tape, Workspace};

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
/// fn run<M: Model<Input: Array> + Layer<M::Input>>(model: &M) -> Output<M, M::Input> {
///     model.forward(&M::Input::ZERO)
/// }
/// assert_eq!(run(&Net::BLANK).shape(), [1, 2, 4, 4]);
/// ```
pub trait Model: Nested {
    /// The input that was declared and checked.
    type Input;

    /// Where the input is checked.
    #[doc(hidden)]
    type Checked;

    /// Its name.
    const NAME: &'static str;

    /// The names of the layers, in order.
    const NAMES: &'static [&'static str];

    /// The types of the layers as they are written, in order.
    const KINDS: &'static [&'static str];
}

impl<M: Model<Checked: Checked<M>>> Sound for M {}

impl<M: Model<Input: Flow<M::Layers>>> Checked<M> for AtDefinition {}

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
/// // Input, output, and two of the convolution's four rows, which the pooling takes as they are made.
/// assert_eq!(Tiny::INFERENCE_RAM, (36 + 8 + 2 * 2 * 4) * 4);
/// // Input, output and its gradient, a copy of it that the ReLU may overwrite, two rows, a byte for each output of the
/// // pooling, the gradient of the model.
/// assert_eq!(Tiny::TRAINING_RAM, (36 + 8 + 8 + 8 + 2 * 2 * 4 + 20) * 4 + 8);
/// ```
pub trait Footprint: Model<Input: Sized> + Layer<<Self as Model>::Input> {
    /// Multiply-adds of one forward pass over the declared input.
    const MACS: usize = <Self as Layer<Self::Input>>::MULTIPLY_ADDS;

    /// Bytes of the parameters, frozen ones included: [`Module::PARAMETER_BYTES`]. Hyperparameters and running statistics
    /// are not counted.
    const WEIGHT_BYTES: usize = <Self as Module>::PARAMETER_BYTES;

    /// Bytes of the buffers of one forward pass over the declared input: input, output and [`Workspace`].
    const INFERENCE_RAM: usize =
        size_of::<Self::Input>() + size_of::<Output<Self, Self::Input>>() + size_of::<Workspace<Self, Self::Input>>();

    /// Bytes of stack that [`forward_with`](Module::forward_with) takes at most on a microcontroller. A measured
    /// bound for 32-bit Arm, optimised for speed with link-time optimisation, and the layers of this crate.
    const INFERENCE_STACK: usize = INFERENCE.bytes::<Output<Self, Self::Input>>(<Self as Layer<Self::Input>>::MODULES);

    /// The whole of inference in bytes: the model, [`INFERENCE_RAM`](Self::INFERENCE_RAM) and
    /// [`INFERENCE_STACK`](Self::INFERENCE_STACK). Where the model is a `static` in flash, the last two are its RAM.
    const INFERENCE_TOTAL: usize = size_of::<Self>() + Self::INFERENCE_RAM + Self::INFERENCE_STACK;
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
    /// Bytes of the buffers of one training step over the declared input: input, output, gradient of the output,
    /// [`Tape`] and gradient of the model; without the optimizer's state.
    const TRAINING_RAM: usize = Self::DESCENT_RAM + size_of::<Gradient<Self>>();

    /// The same without the gradient of the model: [`Sgd::descend`](crate::optim::Sgd::descend).
    const DESCENT_RAM: usize =
        size_of::<Self::Input>() + 2 * size_of::<Output<Self, Self::Input>>() + size_of::<Tape<Self, Self::Input>>();

    /// Bytes of stack that a training step takes at most on a microcontroller: passes, loss and update. A measured
    /// bound for 32-bit Arm, optimised for speed with link-time optimisation, and the layers of this crate.
    const TRAINING_STACK: usize = TRAINING.bytes::<Output<Self, Self::Input>>(<Self as Layer<Self::Input>>::MODULES);

    /// The whole of training in bytes: the model, [`TRAINING_RAM`](Self::TRAINING_RAM) and
    /// [`TRAINING_STACK`](Self::TRAINING_STACK).
    const TRAINING_TOTAL: usize = size_of::<Self>() + Self::TRAINING_RAM + Self::TRAINING_STACK;

    /// The same without the gradient of the model.
    const DESCENT_TOTAL: usize = size_of::<Self>() + Self::DESCENT_RAM + Self::TRAINING_STACK;
}

impl<M: Model + Backward<M::Input>> TrainingFootprint for M {}
