//! What a model costs, and how a limit becomes a compile error.
//!
//! ```text
//! cargo run --release --example 05_budgets
//! ```
//!
//! It prints the table of the layers and the constants of a model, then the same for a model in whose middle a layer runs
//! alone. Nothing is measured: the compiler knows all of it.

use std::io::{self, Write, stdout};

use constconv::assert_budget;
use constconv::prelude::*;

model! {
    /// LeNet-5.
    pub LeNet: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>>,
        relu2: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 400, 120>,
        relu3: Relu,
        fc2: Linear<f32, 120, 84>,
        relu4: Relu,
        fc3: Linear<f32, 84, 10>,
    }
}

model! {
    /// The same, but the first pooling does not take the rows of the convolution as they are made.
    pub Apart: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
        relu1: Relu,
        pool1: Tap<MaxPool2d<Kernel<2>>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>>,
        relu2: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 400, 120>,
        relu3: Relu,
        fc2: Linear<f32, 120, 84>,
        relu4: Relu,
        fc3: Linear<f32, 84, 10>,
    }
}

// What a board has. With `inference <= 8 * 1024` this is a compile error that says how much is needed.
assert_budget!(LeNet: inference <= 16 * 1024, flash <= 256 * 1024, macs <= 500_000, parameters <= 62_000);

// Any constant can be asserted, for a single layer, too.
const _: () = assert!(LeNet::LAYERS.get(3).unwrap().macs == 240_000);

/// 32 samples of training.
type Batch = Tensor<f32, 32, 1, 28, 28>;

fn main() -> io::Result<()> {
    match run(&mut stdout().lock()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()), // `| head`
        result => result,
    }
}

fn run(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", LeNet::LAYERS)?;
    writeln!(out, "parameters                       {:8}", LeNet::PARAMETERS)?;
    writeln!(out, "multiply-adds of a sample        {:8}", LeNet::MACS)?;
    writeln!(out, "bytes of the model               {:8}", size_of::<LeNet>())?;
    writeln!(out, "bytes of RAM for inference       {:8}", LeNet::INFERENCE_RAM)?;
    writeln!(out, "  of which working memory        {:8}", size_of::<Workspace<LeNet, Tensor<f32, 1, 1, 28, 28>>>())?;
    writeln!(out, "bytes of RAM for a step          {:8}", LeNet::TRAINING_RAM)?;
    writeln!(out, "bytes of a tape for 32 samples   {:8}", size_of::<Tape<LeNet, Batch>>())?;
    writeln!(out, "\nWith the first pooling apart, inference takes {} bytes of RAM.", Apart::INFERENCE_RAM)?;
    const { assert!(Apart::INFERENCE_RAM > LeNet::INFERENCE_RAM) };

    // The layer that takes most of the multiply-adds.
    let most = LeNet::LAYERS.iter().max_by_key(|layer| layer.macs).expect("a model has layers");
    writeln!(out, "Most is computed in {}: {} multiply-adds.", most.name, most.macs)?;
    assert_eq!(most.name, "conv2");
    Ok(())
}
