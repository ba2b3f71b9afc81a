//! What a model costs, as constants.

use core::fmt;
use core::mem::size_of;

use super::Flow;
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
/// fn run<M: Model<Input: Zeroed> + Layer<M::Input>>(model: &M) -> Output<M, M::Input> {
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

    /// The names of the layers, in order.
    const NAMES: &'static [&'static str];
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

    /// Bytes of input, output and [`Workspace`] for one forward pass over the declared input. What a kernel puts on
    /// the stack is not counted.
    const INFERENCE_RAM: usize =
        size_of::<Self::Input>() + size_of::<Output<Self, Self::Input>>() + size_of::<Workspace<Self, Self::Input>>();
}

impl<M: Model + Layer<M::Input>> Footprint for M {}

/// What each layer of a model costs, for every model: a table that can be read in constants.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     Tiny: Tensor<f32, 1, 1, 6, 6> => {
///         conv: Conv2d<f32, 1, 2, Kernel<3>>,
///         relu: Relu,
///         fc: Linear<f32, 32, 10>,
///     }
/// }
///
/// const CONV: LayerFootprint = Tiny::LAYERS.get(0).unwrap();
/// const _: () = assert!(CONV.macs == 2 * 4 * 4 * 9 && CONV.output_bytes == 2 * 4 * 4 * 4);
/// assert_eq!(
///     Tiny::LAYERS.to_string(),
///     "\
/// layer       MACs   parameters        bytes
/// conv         288           20          128
/// relu           0            0          128
/// fc           320          330           40
/// "
/// );
/// ```
pub trait LayerFootprints: Model<Input: Flow<Self::Layers>> {
    /// The table, for the declared input.
    const LAYERS: FootprintTable =
        FootprintTable { names: Self::NAMES, first: <Self::Input as Flow<Self::Layers>>::COSTS };
}

impl<M: Model<Input: Flow<M::Layers>>> LayerFootprints for M {}

/// What one layer of a model costs, for the declared input.
///
/// ```
/// use constconv::prelude::*;
/// model! {
///     Net: Matrix<f32, 1, 4> => {
///         fc: Linear<f32, 4, 3>,
///     }
/// }
/// let fc = Net::LAYERS.get(0).unwrap();
/// assert_eq!((fc.name, fc.macs, fc.parameters, fc.output_bytes), ("fc", 12, 15, 12));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerFootprint {
    /// Its name in the model.
    pub name: &'static str,
    /// Multiply-adds of one forward pass.
    pub macs: usize,
    /// Elements that are trained.
    pub parameters: usize,
    /// Bytes of the parameters, frozen ones included.
    pub parameter_bytes: usize,
    /// Bytes of the output. A model stores less of it where layers run together: see
    /// [`INFERENCE_RAM`](Footprint::INFERENCE_RAM).
    pub output_bytes: usize,
}

/// [`LayerFootprint`]s, one after the other.
///
/// ```
/// use constconv::prelude::*;
/// model! {
///     Net: Matrix<f32, 1, 4> => {
///         fc: Linear<f32, 4, 3>,
///         relu: Relu,
///     }
/// }
/// let macs: usize = Net::LAYERS.iter().map(|layer| layer.macs).sum();
/// assert_eq!((Net::LAYERS.len(), macs), (2, Net::MACS));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FootprintTable {
    names: &'static [&'static str],
    first: Option<&'static Costs>,
}

/// The costs of a layer and of those after it: a list, as constants cannot append to an array.
#[doc(hidden)]
#[derive(Debug)]
pub struct Costs {
    pub(super) layer: LayerFootprint,
    pub(super) next: Option<&'static Self>,
}

impl FootprintTable {
    /// The number of layers.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// model! {
    ///     Net: Matrix<f32, 1, 4> => {
    ///         fc: Linear<f32, 4, 3>,
    ///     }
    /// }
    /// assert_eq!(Net::LAYERS.len(), 1);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no layers; a model has some.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// model! {
    ///     Net: Matrix<f32, 1, 4> => {
    ///         fc: Linear<f32, 4, 3>,
    ///     }
    /// }
    /// assert!(!Net::LAYERS.is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The layer with this index.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// model! {
    ///     Net: Matrix<f32, 1, 4> => {
    ///         fc: Linear<f32, 4, 3>,
    ///     }
    /// }
    /// const _: () = assert!(Net::LAYERS.get(0).unwrap().macs == 12);
    /// assert_eq!(Net::LAYERS.get(1), None);
    /// ```
    #[must_use]
    pub const fn get(&self, index: usize) -> Option<LayerFootprint> {
        let (mut costs, mut left) = (self.first, index);
        while let Some(layer) = costs {
            if left == 0 {
                return Some(LayerFootprint { name: self.names[index], ..layer.layer });
            }
            (costs, left) = (layer.next, left - 1);
        }
        None
    }

    /// All layers.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// model! {
    ///     Net: Matrix<f32, 1, 4> => {
    ///         fc: Linear<f32, 4, 3>,
    ///     }
    /// }
    /// assert!(Net::LAYERS.iter().all(|layer| layer.name == "fc"));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = LayerFootprint> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

/// A line for each layer: its name, multiply-adds, parameters, and bytes of its output.
impl fmt::Display for FootprintTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.names.iter().map(|name| name.len()).max().unwrap_or(0).max(5);
        writeln!(f, "{:width$} {:>10} {:>12} {:>12}", "layer", "MACs", "parameters", "bytes")?;
        for LayerFootprint { name, macs, parameters, output_bytes, .. } in self.iter() {
            writeln!(f, "{name:width$} {macs:>10} {parameters:>12} {output_bytes:>12}")?;
        }
        Ok(())
    }
}

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
