//! Weights from PyTorch: read a `state_dict`, train on, write it again.
//!
//! ```text
//! cargo run --release --example 04_from_pytorch
//! ```
//!
//! It reads `tests/ui/safetensors/data/net.safetensors`, prints the tensors of the file, trains the model on a task of
//! its own, and writes `target/fine_tuned.safetensors`. In PyTorch, such files are made and read by
//!
//! ```text
//! safetensors.torch.save_file(net.state_dict(), "net.safetensors")
//! net.load_state_dict(safetensors.torch.load_file("fine_tuned.safetensors"), strict=True)
//! ```

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

use constconv::io::safetensors::SafeTensors;
use constconv::loss::softmax_cross_entropy;
use constconv::prelude::*;
use constconv::weights::{problems, read_safetensors, write_safetensors};

model! {
    /// The layers have the names of the file: `conv.weight`, `norm.running_mean`, and so on.
    ///
    /// ```text
    /// nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 3), norm=nn.BatchNorm2d(2), relu=nn.ReLU(), flat=nn.Flatten(),
    ///                           fc=nn.Linear(8, 3)))
    /// ```
    pub Net: Images<1> => {
        conv: Conv2d<f32, 1, 2, Kernel<3>>,
        norm: BatchNorm2d<f32, 2>,
        relu: Relu,
        fc: Linear<f32, 8, 3>,
    }
}

model! {
    /// Another head: the names of the file do not fit.
    pub Other: Images<1> => {
        conv: Conv2d<f32, 1, 2, Kernel<3>>,
        relu: Relu,
        head: Linear<f32, 8, 3>,
    }
}

type Images<const N: usize> = Tensor<f32, N, 1, 4, 4>;
const BATCH: usize = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = fs::read(root.join("tests/ui/safetensors/data/net.safetensors"))?;
    let mut out = stdout().lock();
    if list(&file, &mut out).is_err() {
        return Ok(()); // nobody reads on
    }

    // In. A file of another model changes nothing, and says what is wrong.
    let mut net = Net::BLANK;
    read_safetensors(&file, &mut net)?;
    let mut other = Other::BLANK;
    assert!(read_safetensors(&file, &mut other).is_err());
    let wrong: Vec<String> = problems(&file, &other)?.map(|problem| problem.to_string()).collect();
    assert!(wrong.contains(&"missing: head.weight: F32 (3, 8)".to_owned()), "{wrong:?}");

    // A task of its own: which of three rows is bright.
    let x = Images::<BATCH>::from_fn(|[n, _, row, column]| {
        let bright = if row == n % 3 { 1.0 } else { 0.0 };
        bright + 0.1 * ((7 * n + 3 * row + 5 * column) % 11) as f32 / 11.0
    });
    let labels: [usize; BATCH] = std::array::from_fn(|n| n % 3);
    let (mut y, mut dy) = (Matrix::zeros(), Matrix::zeros());
    let (mut tape, mut gradient, mut state) = (Zeroed::ZERO, Gradient::<Net>::ZERO, Zeroed::ZERO);
    let mut adam = Adam::new(0.02);
    let mut losses = Vec::new();
    for _ in 0..=300 {
        net.forward_train(&x, &mut y, &mut tape);
        losses.push(softmax_cross_entropy(&y, &labels, Reduction::Mean, &mut dy));
        gradient.zero();
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
        adam.step(&mut net, &gradient, &mut state);
    }
    let _ = writeln!(out, "\nloss {:.4} → {:.4}", losses[0], losses[300]);
    assert!(losses[300] < 0.1 * losses[0], "the model does not learn");

    // Out, and in again.
    let path = root.join("target/fine_tuned.safetensors");
    fs::create_dir_all(root.join("target"))?;
    write_safetensors(&net, &mut fs::File::create(&path)?)?;
    let mut same = Net::BLANK;
    read_safetensors(&fs::read(&path)?, &mut same)?;
    assert_eq!(same, net);
    let _ = writeln!(out, "written: {}", path.display());
    Ok(())
}

/// The tensors of a file.
fn list(file: &[u8], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    for entry in SafeTensors::parse(file)?.iter() {
        writeln!(out, "{:25} {:?}", entry.name, entry.shape())?;
    }
    Ok(())
}
