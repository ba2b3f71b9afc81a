//! Shapes as types: the only place that computes with them, and the only one that knows `typenum`.
//!
//! A user writes [`Kernel`], [`Stride`], [`Padding`], [`Dilation`], a rounding and [`Groups`]; the compiler does the
//! rest. Axis lengths go from const generics to `typenum` and back through a table ([`Axis`]), [`Window`] knows the
//! formula of the output extent on a [`Plane`] or, for signals, on a [`Line`], [`TransposedWindow`] that of a
//! transposed convolution, [`FeatureMap`] and [`FeatureSignal`] the product of what is flattened. What
//! [`functional`](crate::functional) does to a tensor has a trait with the type of the result: [`Columns`],
//! [`Permute`], [`Pad`], [`Crop`], [`InsertZeros`], [`Upsample`], [`ConcatChannels`], [`SplitChannels`], [`Reshape`],
//! [`ToRows`]. Each condition is a trait of its own with a message in the user's numbers. Most traits of this folder are
//! sealed: they are for bounds.
//!
//! ```compile_fail
//! struct Mine;
//! impl constconv::shape::Order for Mine {
//!     type Inverse = ();
//! }
//! ```
//!
//! ```
//! use constconv::prelude::*;
//!
//! // The compiler computes (28 + 2·2 − 5)/1 + 1 = 28 rows and (28 − 4)/4 + 1 = 7 columns.
//! type Conv = Conv2d<f32, 1, 6, Kernel<5, 4>, Stride<1, 4>, Padding<2, 0>>;
//! let y: Tensor<f32, 1, 6, 28, 7> = Conv::ZERO.forward(&Tensor::<f32, 1, 1, 28, 28>::zeros());
//! ```

mod adaptive;
mod axis;
mod bands;
mod bias;
mod channels;
mod columns;
mod compose;
mod concat;
mod counting;
mod extent;
mod flatten;
mod grouping;
mod insert_zeros;
mod marker;
mod misplaced;
mod options;
mod pad;
mod permute;
mod reshape;
mod rows;
mod same_shape;
pub(crate) mod sealed;
mod sided;
mod statistics;
mod tiling;
mod transposed;
mod transposed_grouping;
mod upsample;
pub(crate) mod verdict;
mod window;
mod winograd;

pub use adaptive::AdaptiveOutput;
pub use axis::{Axis, Extent, Known, LONGEST_AXIS, LONGEST_ROUND_AXIS, ToAxis};
pub(crate) use bands::{Band, PlaneBands, WindowBands};
pub use bias::{Bias, BiasInPlace, BiasKind, BiasTerm, NoBias};
pub use channels::HasChannels;
pub(crate) use channels::{SameChannels, SameFeatures};
pub use columns::Columns;
pub use compose::{Composed, Decomposed};
pub use concat::{ConcatChannels, Split, SplitChannels};
pub use counting::{Counting, ExcludePad, IncludePad};
pub use extent::{Rounding, output_extent, sided_extent, transposed_extent};
pub use flatten::{FeatureMap, FeatureSignal, Flattened, HasFeatures};
pub use grouping::{EvenGrouping, GroupedFilters, Grouping, Groups, Ungrouped};
pub use insert_zeros::{InsertZeros, InsertZerosAxis};
pub use marker::{
    Ceil, Dilation, Exact, Flat, Floor, Kernel, KernelSize, OneDimensional, OutputPadding, OutputSize, Padding, Pooled,
    Stride, WindowParameter,
};
pub use options::{ConvOptions, ConvTransposeOptions, PoolOptions};
pub use pad::{Crop, Pad, Sides};
pub use permute::{Axes, Order, Permute};
pub use reshape::Reshape;
pub use rows::ToRows;
pub use same_shape::{SameBranchAs, SameShapeAs};
pub use sided::SidedSlide;
pub use statistics::{
    BatchNormConstants, BatchNormDefaults, BatchStatistics, FixedStatistics, HasStatistics, Statistics, TrainableBy,
};
pub use tiling::PoolWindow;
pub use transposed::{TransposedSlide, TransposedWindow};
pub use transposed_grouping::{OutputChannels, TransposedFilters};
pub use upsample::{Scale, Upsample};
pub use window::{Line, Plane, Slide, Window};
pub use winograd::{SuitsWinograd, WinogradWindow};
