//! What each layer of a model costs: a table in constants, and the summary that is printed of it.

use core::fmt::{self, Write};

use super::Footprint;
use super::plan::{Accepted, Counted, Counts, Flow};
use crate::module::Output;
use crate::tensor::Array;

/// What each layer of a model costs, for every model: a table that can be read in constants and printed.
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
///     Tiny::BLANK.to_string(), // the same as `Tiny::LAYERS.to_string()`
///     "\
/// Tiny of 1×1×6×6
/// layer  type    output   parameters  MACs  RAM
/// conv   Conv2d  1×2×4×4          20   288  272
/// relu   Relu    1×2×4×4           0     0  272
/// fc     Linear  1×10            330   320  168
/// total                          350   608  312
/// "
/// );
/// ```
pub trait LayerFootprints: Footprint<Input: Flow<Self::Layers> + Accepted<Self::Layers>, Layers: Counted> {
    /// The table, for the declared input.
    const LAYERS: FootprintTable = FootprintTable {
        model: Self::NAME,
        names: Self::NAMES,
        kinds: Self::KINDS,
        input_shape: <Self::Input as Array>::SHAPE,
        first: <Self::Input as Flow<Self::Layers>>::COSTS,
        counts: <Self::Layers as Counted>::COUNTS,
        groups: <Self::Input as Accepted<Self::Layers>>::GROUPS,
        total: LayerFootprint {
            name: "total",
            kind: "",
            output_shape: &[],
            macs: Self::MACS,
            parameters: Self::PARAMETERS,
            parameter_bytes: Self::PARAMETER_BYTES,
            output_bytes: size_of::<Output<Self, Self::Input>>(),
            ram: Self::INFERENCE_RAM,
        },
    };

    /// Writes the table to a serial port, a log, a `String`: what [`Display`](fmt::Display) of the model writes as well.
    /// torchinfo: `summary(model, input_size)`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// model! {
    ///     Net: Matrix<f32, 1, 4> => {
    ///         fc: Linear<f32, 4, 3>,
    ///     }
    /// }
    /// let mut text = String::new();
    /// Net::summary(&mut text)?;
    /// assert!(text.contains("fc     Linear  1×3             15    12   28"), "{text}");
    /// # Ok::<(), core::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `out`.
    fn summary(out: &mut impl Write) -> fmt::Result {
        write!(out, "{}", Self::LAYERS)
    }
}

impl<M> LayerFootprints for M where M: Footprint<Input: Flow<M::Layers> + Accepted<M::Layers>, Layers: Counted> {}

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
/// assert_eq!((fc.name, fc.kind, fc.output_shape), ("fc", "Linear<f32, 4, 3>", &[1, 3][..]));
/// assert_eq!((fc.macs, fc.parameters, fc.output_bytes, fc.ram), (12, 15, 12, 16 + 12));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerFootprint {
    /// Its name in the model.
    pub name: &'static str,
    /// Its type, as it is written.
    pub kind: &'static str,
    /// The shape of its output.
    pub output_shape: &'static [usize],
    /// Multiply-adds of one forward pass.
    pub macs: usize,
    /// Elements that are trained.
    pub parameters: usize,
    /// Bytes of the parameters, frozen ones included.
    pub parameter_bytes: usize,
    /// Bytes of the output. A model stores less of it where layers run together.
    pub output_bytes: usize,
    /// Bytes that inference reads and writes while the layer runs, without the parameters: input, output and working
    /// memory of the layers that run together with it. The largest says where to save; the whole, with the places that
    /// are free at this time, is [`INFERENCE_RAM`](Footprint::INFERENCE_RAM).
    pub ram: usize,
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
    model: &'static str,
    names: &'static [&'static str],
    kinds: &'static [&'static str],
    input_shape: &'static [usize],
    first: Option<&'static Costs>,
    counts: Option<&'static Counts>,
    groups: GroupCosts,
    total: LayerFootprint,
}

/// The costs of a layer and of those after it: a list, as constants cannot append to an array.
#[doc(hidden)]
#[derive(Debug)]
pub struct Costs {
    pub(super) layer: LayerFootprint,
    pub(super) next: Option<&'static Self>,
}

/// The costs of the layers that run together, and of the groups after them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct GroupCosts {
    layers: usize,
    ram: usize,
    next: Option<&'static Self>,
}

impl GroupCosts {
    /// Those of a group from an `X` to a `Y`, with the working memory `W`.
    pub(super) const fn of<X, Y, W>(layers: usize, next: Option<&'static Self>) -> Self {
        Self { layers, ram: size_of::<X>() + size_of::<Y>() + size_of::<W>(), next }
    }

    /// The largest of those that the layers from `start` to `end` run in.
    const fn largest(&self, start: usize, end: usize) -> usize {
        let (mut group, mut at, mut largest) = (Some(self), 0, 0);
        while let Some(costs) = group {
            if at < end && at + costs.layers > start && costs.ram > largest {
                largest = costs.ram;
            }
            (group, at) = (costs.next, at + costs.layers);
        }
        largest
    }
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
        let (mut costs, mut counts, mut left, mut at) = (self.first, self.counts, index, 0);
        while let (Some(layer), Some(count)) = (costs, counts) {
            if left == 0 {
                let ram = self.groups.largest(at, at + count.layers);
                return Some(LayerFootprint { name: self.names[index], kind: self.kinds[index], ram, ..layer.layer });
            }
            (costs, counts, left, at) = (layer.next, count.next, left - 1, at + count.layers);
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

/// The summary: a line for each layer with its name, type, shape of the output, parameters, multiply-adds and bytes of RAM,
/// and their totals. Bytes of RAM are [`LayerFootprint::ram`], in total [`INFERENCE_RAM`](Footprint::INFERENCE_RAM).
impl fmt::Display for FootprintTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEAD: [&str; 6] = ["layer", "type", "output", "parameters", "MACs", "RAM"];
        let mut widths = HEAD.map(str::len);
        for layer in self.iter().chain([self.total]) {
            for (column, width) in widths.iter_mut().enumerate() {
                let mut length = Length(0);
                cell(&layer, column, &mut length)?;
                *width = length.0.max(*width);
            }
        }

        write!(f, "{} of ", self.model)?;
        shape(self.input_shape, f)?;
        writeln!(f)?;
        row(f, widths, |column, out| out.write_str(HEAD[column]))?;
        for layer in self.iter().chain([self.total]) {
            row(f, widths, |column, out| cell(&layer, column, out))?;
        }
        Ok(())
    }
}

/// Writes a line: text to the left, numbers to the right.
fn row(
    f: &mut fmt::Formatter<'_>,
    widths: [usize; 6],
    cell: impl Fn(usize, &mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    for (column, width) in widths.into_iter().enumerate() {
        let mut length = Length(0);
        cell(column, &mut length)?;
        let space = width - length.0;
        let (before, after) = if column < 3 { (0, space) } else { (space, 0) };
        f.write_str(if column == 0 { "" } else { "  " })?;
        write!(f, "{:before$}", "")?;
        cell(column, f)?;
        write!(f, "{:after$}", "")?;
    }
    writeln!(f)
}

/// Writes what stands in a column.
fn cell(layer: &LayerFootprint, column: usize, out: &mut dyn Write) -> fmt::Result {
    match column {
        0 => out.write_str(layer.name),
        1 => kind(layer.kind, out),
        2 => shape(layer.output_shape, out),
        3 => write!(out, "{}", layer.parameters),
        4 => write!(out, "{}", layer.macs),
        _ => write!(out, "{}", layer.ram),
    }
}

/// Writes a type without its path and its parameters.
fn kind(text: &str, out: &mut dyn Write) -> fmt::Result {
    let mut depth = 0_usize;
    for piece in text.split_inclusive(['<', '>', '(', ',', ' ', ')']) {
        let (word, end) = match piece.char_indices().next_back() {
            Some((at, end)) if "<>(, )".contains(end) => (&piece[..at], &piece[at..]),
            _ => (piece, ""),
        };
        if depth == 0 {
            out.write_str(word.rsplit("::").next().unwrap_or_default())?;
        }
        match end {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.write_str(end)?,
            _ => {}
        }
    }
    Ok(())
}

/// Writes `1×6×28×28`.
fn shape(extents: &[usize], out: &mut dyn Write) -> fmt::Result {
    extents
        .iter()
        .enumerate()
        .try_for_each(|(axis, extent)| write!(out, "{}{extent}", if axis == 0 { "" } else { "×" }))
}

/// Counts the characters that are written to it.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.chars().count();
        Ok(())
    }
}

/// A model with a summary: what `Display` asks for.
#[doc(hidden)]
pub trait Summarize {
    fn summarize(f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<M: LayerFootprints> Summarize for M {
    fn summarize(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&M::LAYERS, f)
    }
}

/// Every type as a type of its own. A condition on this one is searched where it is used; one on `Self`, of which the
/// compiler knows all, already where a model is defined, and for each model anew.
#[doc(hidden)]
pub trait Itself {
    type Itself;
}

impl<M> Itself for M {
    type Itself = M;
}
