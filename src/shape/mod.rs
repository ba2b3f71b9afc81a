//! Shapes as types: the only place that computes with them, and the only one that knows `typenum`.
//!
//! A user writes [`Kernel`], [`Stride`], [`Padding`], [`Dilation`], a rounding and [`Groups`]; the compiler does the
//! rest. Axis lengths go from const generics to `typenum` and back through a table ([`Axis`]), [`Window`] knows the
//! formula of the output extent on a [`Plane`] or, for signals, on a [`Line`], [`FeatureMap`] the product of a flattened
//! feature map. Each condition is a trait of its own with a message in the user's numbers.

mod axis;
mod concat;
mod flatten;
mod grouping;
mod marker;
mod spread;
mod window;

pub use axis::{Axis, Extent, Known, LONGEST_AXIS, ToAxis};
pub use concat::Beside;
pub use flatten::{FeatureMap, Flattened, HasFeatures};
pub use grouping::{Grouping, Groups, Ungrouped};
pub use marker::{Ceil, Dilation, Exact, Flat, Floor, Kernel, KernelSize, OneNumber, Padding, Pair, Pooled, Stride};
pub use spread::{Spread, SpreadAxis};
pub use window::{Line, Plane, Rounding, Slide, Window, output_extent};
