//! Prints the `model!` whose layers have the tensors of a safetensors file, such as a `state_dict` of PyTorch.
//!
//! ```text
//! cargo run --example state_dict -- net.safetensors
//! ```
//!
//! What is not in such a file is to be checked and added by hand: strides, paddings (taken as those that keep the size),
//! the size of the input, activations, poolings, and the order where names do not say it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;

use constconv::io::safetensors::{Entry, FormatError, SafeTensors};

/// The tensors of each layer, by their own names. Numbers in the names of layers count as numbers, so that `fc10` comes
/// after `fc9`.
type Layers<'a> = BTreeMap<Vec<Part<'a>>, BTreeMap<&'a str, Entry<'a>>>;

/// A piece of a name: text, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part<'a> {
    /// The number, and its digits as they are written.
    Number(u64, &'a str),
    /// All else.
    Text(&'a str),
}

fn parts(name: &str) -> Vec<Part<'_>> {
    name.split_inclusive('.')
        .flat_map(|part| {
            let digits = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
            let (text, number) = part.split_at(digits);
            [
                Part::Text(text),
                number.trim_end_matches('.').parse().map_or(Part::Text(number), |n| Part::Number(n, number)),
            ]
        })
        .collect()
}

/// The text of the model.
///
/// # Errors
/// If the file is no safetensors file.
pub fn model(file: &[u8]) -> Result<String, FormatError> {
    let file = SafeTensors::parse(file)?;
    let (mut layers, mut names) = (Layers::new(), BTreeMap::new());
    for tensor in &file {
        let (layer, own) = tensor.name.rsplit_once('.').unwrap_or(("", tensor.name));
        names.insert(parts(layer), layer);
        layers.entry(parts(layer)).or_default().insert(own, tensor);
    }

    // How many channels come from the layer before: with these a convolution of one channel for each filter is depthwise.
    let (mut channels, mut input, mut lines) = (None, None, String::new());
    for (key, tensors) in &layers {
        let name = names[key];
        let field = name.replace(|c: char| !c.is_alphanumeric() && c != '_', "_");
        let field = if field.starts_with(|c: char| c.is_ascii_digit()) { format!("layer{field}") } else { field };
        let renamed = if field == name { String::new() } else { format!(" as \"{name}\"") };
        match layer(tensors, channels) {
            Some((kind, ins, outs)) => {
                let shape = tensors["weight"].shape();
                input.get_or_insert(match shape.len() {
                    4 => format!("Tensor<f32, 1, {ins}, 28, 28>"),
                    3 => format!("Signal<f32, 1, {ins}, 128>"),
                    _ => format!("Matrix<f32, 1, {ins}>"),
                });
                channels = Some(outs);
                writeln!(lines, "        {field}{renamed}: {kind},").expect("text");
            }
            None => {
                for tensor in tensors.values() {
                    let (name, shape) = (tensor.name, tensor.shape());
                    writeln!(lines, "        // no layer for {name}: {} {shape:?}", tensor.element).expect("text");
                }
            }
        }
    }
    let input = input.unwrap_or_else(|| "Tensor<f32, 1, 1, 28, 28>".to_owned());
    Ok(format!("model! {{\n    pub Net: {input} => {{\n{lines}    }}\n}}\n"))
}

/// The layer that has these tensors, with the channels that go in and out.
fn layer(tensors: &BTreeMap<&str, Entry<'_>>, channels: Option<usize>) -> Option<(String, usize, usize)> {
    let number = match tensors.get("weight")?.element.name() {
        "F64" => "f64",
        "F32" | "F16" | "BF16" => "f32",
        _ => return None,
    };
    let mut own: Vec<_> = tensors.keys().copied().filter(|&name| name != "num_batches_tracked").collect();
    own.sort_unstable();
    let has_bias = match own[..] {
        ["weight"] => false,
        ["bias", "weight"] => true,
        ["bias", "running_mean", "running_var", "weight"] => {
            let [c] = *tensors["weight"].shape() else { return None };
            return Some((format!("BatchNorm2d<{number}, {c}>"), c, c));
        }
        _ => return None,
    };
    let kernel = |lengths: &[usize]| {
        let text: Vec<_> = lengths.iter().map(ToString::to_string).collect();
        if lengths.iter().all(|&length| length == lengths[0]) { text[0].clone() } else { text.join(", ") }
    };
    let padding = |lengths: &[usize]| kernel(&lengths.iter().map(|length| length / 2).collect::<Vec<_>>());
    match *tensors["weight"].shape() {
        [outs, ins] => {
            let bias = if has_bias { "" } else { ", NoBias" };
            Some((format!("Linear<{number}, {ins}, {outs}{bias}>"), ins, outs))
        }
        [filters, 1, ref window @ ..] if window.len() <= 2 && channels == Some(filters) && filters > 1 => {
            let bias = if has_bias { "" } else { ", NoBias" };
            let (kernel, padding, rank) = (kernel(window), padding(window), window.len());
            let groups = format!(", Exact, Dilation<1>, Groups<{filters}>{bias}");
            let kind = format!(
                "Conv{rank}d<{number}, {filters}, {filters}, Kernel<{kernel}>, Stride<1>, Padding<{padding}>{groups}>"
            );
            Some((kind, filters, filters))
        }
        [filters, ins, ref window @ ..] if (1..=2).contains(&window.len()) => {
            let bias = if has_bias { "" } else { ", Exact, Dilation<1>, Ungrouped, NoBias" };
            let (kernel, padding, rank) = (kernel(window), padding(window), window.len());
            let kind = format!(
                "Conv{rank}d<{number}, {ins}, {filters}, Kernel<{kernel}>, Stride<1>, Padding<{padding}>{bias}>"
            );
            Some((kind, ins, filters))
        }
        _ => None,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which file? cargo run --example state_dict -- net.safetensors")?;
    let file = std::fs::read(path)?;
    println!("// Strides, paddings, the size of the input, activations and poolings are not in the file: check them.");
    print!("{}", model(&file)?);
    Ok(())
}
