//! Trains a convolutional network on real handwritten digits; every shape in it is checked by the compiler.
//!
//! ```text
//! cargo run --release --example digits
//! ```
//!
//! It prints loss and accuracy of each epoch, and of the best one the confusion matrix, some digits as they were read, and
//! the accuracy.
//!
//! The data is the test part of the UCI "Optical Recognition of Handwritten Digits" (see `data/README.md`): 1 797
//! grey images of 8×8, the first 1 437 for training and the last 360 for testing.

use std::error::Error;
use std::io::{ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use constconv::data::{gather, shuffle};
use constconv::io::npy::write_npy;
use constconv::loss::softmax_cross_entropy;
use constconv::metrics::{ConfusionMatrix, argmax};
use constconv::optim::Momentum;
use constconv::prelude::*;
use constconv::{for_each_batch, npy};
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::rngs::StdRng;

const SAMPLES: usize = 1_797;
const TRAINING: usize = 1_437;
const TESTING: usize = SAMPLES - TRAINING;
/// The last batch of an epoch is smaller; the model takes any batch size.
const BATCH: usize = 32;
const CLASSES: usize = 10;

static IMAGES: Tensor<u8, SAMPLES, 1, 8, 8> = npy!("data/digits_images.npy");
static LABELS: Vector<u8, SAMPLES> = npy!("data/digits_labels.npy");

model! {
    /// A small network for 8×8 images.
    pub Digits: Images<1> => {
        conv1: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 256, 32>,
        relu3: Relu,
        fc2: Linear<f32, 32, CLASSES>,
    }
}

type Images<const N: usize> = Tensor<f32, N, 1, 8, 8>;
type Scores<const N: usize> = Matrix<f32, N, CLASSES>;

const HELP: &str = "\
Trains a convolutional network on 8x8 handwritten digits.

Usage: digits [--epochs N] [--seed N] [--curve PATH] [--weights FOLDER]

  --epochs N    passes over the training data, at least 1 (default 30)
  --seed N      seed of the initial weights and of the order of the data (default 5)
  --curve PATH  where to write the learning curve (default target/digits.svg)
  --weights FOLDER
                where to write the weights as .npy files, which is nowhere by default
  --help        this text";

struct Arguments {
    epochs: usize,
    seed: u64,
    curve: PathBuf,
    weights: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            // Whoever closes the pipe has read enough.
            let _ = writeln!(stdout(), "{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("digits: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // `digits | head`: the reader has seen enough.
        Err(error) if error.downcast_ref().is_some_and(|e: &std::io::Error| e.kind() == ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("digits: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The command line; `None` asks for help.
fn arguments() -> Result<Option<Arguments>, lexopt::Error> {
    use lexopt::prelude::*;
    let curve = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/digits.svg");
    let mut arguments = Arguments { epochs: 30, seed: 5, curve, weights: None };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("epochs") => {
                arguments.epochs = parser.value()?.parse()?;
                if arguments.epochs == 0 {
                    return Err("--epochs must be at least 1".into());
                }
            }
            Long("seed") => arguments.seed = parser.value()?.parse()?,
            Long("curve") => arguments.curve = parser.value()?.into(),
            Long("weights") => arguments.weights = Some(parser.value()?.into()),
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(arguments))
}

/// What is known after an epoch.
struct Epoch {
    loss: f32,
    test_accuracy: f32,
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    writeln!(stdout(), "{}", Digits::LAYERS)?;
    writeln!(stdout(), "training on {TRAINING} digits, testing on {TESTING}; seed {}\n", arguments.seed)?;

    let mut source = StdRng::seed_from_u64(arguments.seed);
    let mut training = Training::new(&mut source);
    let mut order: [usize; TRAINING] = std::array::from_fn(|sample| sample);
    let mut history = Vec::with_capacity(arguments.epochs);
    let mut spent = Duration::ZERO;
    let mut best = Best { epoch: 0, confusion: ConfusionMatrix::new(), model: training.model.clone() };

    let bar = ProgressBar::new(arguments.epochs as u64).with_style(
        ProgressStyle::with_template("{bar:40.cyan/blue} epoch {pos}/{len}, {eta} left")?.progress_chars("━╸─"),
    );
    writeln!(stdout(), "epoch       loss   test accuracy")?;
    for epoch in 1..=arguments.epochs {
        let start = Instant::now();
        shuffle(&mut order, &mut source);
        let loss = training.epoch(&order);
        spent += start.elapsed();

        let confusion = test(&training.model);
        let test_accuracy = confusion.accuracy();
        history.push(Epoch { loss, test_accuracy });
        bar.suspend(|| writeln!(stdout(), "{epoch:5}  {loss:9.6}   {:5.1} %", 100.0 * test_accuracy))?;
        bar.inc(1);
        if confusion.correct() > best.confusion.correct() {
            (best.epoch, best.confusion) = (epoch, confusion);
            best.model.clone_from(&training.model);
        }
    }
    bar.finish_and_clear();

    let Best { epoch, confusion, model } = best;
    writeln!(
        stdout(),
        "\nconfusion matrix of epoch {epoch} (rows: what was written, columns: what was read)\n{confusion}"
    )?;
    print_digits(&model)?;
    draw_curve(&history, &arguments.curve)?;
    writeln!(stdout(), "learning curve: {}", arguments.curve.display())?;
    if let Some(folder) = &arguments.weights {
        write_weights(&model, folder)?;
        writeln!(stdout(), "weights of epoch {epoch}: {}", folder.display())?;
    }
    // The accuracy of the last epoch: that of the best one was chosen by these digits, and so is flattering.
    let last = test(&training.model);
    writeln!(
        stdout(),
        "test accuracy: {:.1} % ({}/{TESTING}), trained in {:.2} s",
        100.0 * last.accuracy(),
        last.correct(),
        spent.as_secs_f32()
    )?;
    Ok(())
}

/// The epoch after which most test digits were read right.
struct Best {
    epoch: usize,
    confusion: ConfusionMatrix<CLASSES>,
    model: Box<Digits>,
}

/// The model, its gradient and the optimizer with its state.
struct Training {
    model: Box<Digits>,
    gradient: Box<Gradient<Digits>>,
    sgd: Sgd<f32, Momentum<f32>>,
    velocity: Box<State<Sgd<f32, Momentum<f32>>, Digits>>,
}

impl Training {
    /// With a model whose parameters come from the source.
    fn new(source: &mut StdRng) -> Self {
        let mut model = Digits::boxed();
        model.randomize(source);
        let sgd = Sgd::new(0.05).momentum(0.9);
        Self { model, gradient: Zeroed::boxed_zeros(), sgd, velocity: Zeroed::boxed_zeros() }
    }

    /// One pass over the training data; the mean loss.
    fn epoch(&mut self, order: &[usize; TRAINING]) -> f32 {
        let mut loss = 0.0;
        for_each_batch!(samples in order, BATCH of TRAINING => {
            loss += samples.len() as f32 * self.step(samples);
        });
        loss / TRAINING as f32
    }

    /// Forward, backward and an update of the parameters; the loss before it.
    fn step<const N: usize>(&mut self, samples: &[usize; N]) -> f32
    where
        Digits: Backward<Images<N>, Output = Scores<N>>,
    {
        let Self { model, gradient, sgd, velocity } = self;
        let (model, gradient) = (model.as_mut(), gradient.as_mut());
        let mut tape = Tape::<Digits, Images<N>>::boxed_zeros();
        let (x, labels) = load(samples);
        let (mut y, mut dy) = (Scores::zeros(), Scores::zeros());
        model.forward_train(&x, &mut y, &mut tape);
        let loss = softmax_cross_entropy(&y, &labels, Reduction::Mean, &mut dy);
        gradient.zero();
        model.backward_parameters(&x, &y, &dy, &mut tape, gradient);
        sgd.step(model, gradient, velocity);
        loss
    }
}

/// Images and labels of some samples; grey values from 0..=16 become 0..=1.
fn load<const N: usize>(samples: &[usize; N]) -> (Images<N>, [usize; N]) {
    let mut x = Images::zeros();
    gather(&IMAGES, samples, &mut x, |grey| f32::from(grey) / 16.0);
    (x, samples.map(label))
}

fn label(sample: usize) -> usize {
    LABELS[[sample]].into()
}

/// How the test digits are read.
fn test(model: &Digits) -> ConfusionMatrix<CLASSES> {
    let mut confusion = ConfusionMatrix::new();
    let samples: [usize; TESTING] = std::array::from_fn(|sample| TRAINING + sample);
    for_each_batch!(samples in samples, BATCH of TESTING => {
        let (x, labels) = load(samples);
        confusion.record(&model.forward(&x), &labels);
    });
    confusion
}

/// What the model takes one digit for.
fn read(model: &Digits, sample: usize) -> usize {
    argmax(&model.forward(&load(&[sample]).0))[0]
}

/// Draws a few test digits side by side, the first wrong one among them.
fn print_digits(model: &Digits) -> std::io::Result<()> {
    let (wrong, right): (Vec<_>, Vec<_>) = (TRAINING..SAMPLES)
        .map(|sample| (sample, read(model, sample)))
        .partition(|&(sample, digit)| label(sample) != digit);
    let shown: Vec<_> = right.into_iter().step_by(70).take(3).chain(wrong.into_iter().take(2)).collect();
    let mut out = stdout().lock();
    for &(sample, digit) in &shown {
        let label = label(sample);
        let verdict =
            if digit == label { format!("{label}, read as {digit}") } else { format!("{label}, WRONG: {digit}") };
        write!(out, "  {verdict:16}")?;
    }
    writeln!(out)?;
    for row in 0..8 {
        for &(sample, _) in &shown {
            // 17 shades of grey in five characters, each twice as wide as a pixel is high.
            let shade = |&grey: &u8| [' ', '░', '▒', '▓', '█'][usize::from(grey).div_ceil(4)];
            let pixels = IMAGES.as_array()[sample][0][row].iter().flat_map(|grey| [shade(grey); 2]);
            write!(out, "  {}", pixels.collect::<String>())?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

/// Writes each weight and bias as an `.npy` file, which `npy!` reads into a program: see `examples/cortex_m`.
fn write_weights(model: &Digits, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let file = |name: &str| std::fs::File::create(folder.join(name));
    write_npy(&model.conv1.weight, &mut file("conv1.weight.npy")?)?;
    write_npy(&model.conv1.bias, &mut file("conv1.bias.npy")?)?;
    write_npy(&model.conv2.weight, &mut file("conv2.weight.npy")?)?;
    write_npy(&model.conv2.bias, &mut file("conv2.bias.npy")?)?;
    write_npy(&model.fc1.weight, &mut file("fc1.weight.npy")?)?;
    write_npy(&model.fc1.bias, &mut file("fc1.bias.npy")?)?;
    write_npy(&model.fc2.weight, &mut file("fc2.weight.npy")?)?;
    write_npy(&model.fc2.bias, &mut file("fc2.bias.npy")?)
}

/// Writes loss and test accuracy over the epochs as an SVG.
fn draw_curve(history: &[Epoch], path: &Path) -> Result<(), Box<dyn Error>> {
    use plotters::prelude::*;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let area = SVGBackend::new(path, (720, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let epochs = 0..history.len();
    let highest = history.iter().map(|epoch| epoch.loss).fold(0.1, f32::max);
    let mut chart = ChartBuilder::on(&area)
        .caption("digits: learning curve", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(48)
        .right_y_label_area_size(48)
        .build_cartesian_2d(epochs.clone(), 0.0..1.05 * highest)?
        .set_secondary_coord(epochs, 0.0_f32..100.0);
    chart.configure_mesh().x_desc("epoch").y_desc("training loss").draw()?;
    chart.configure_secondary_axes().y_desc("test accuracy in %").draw()?;

    let loss = history.iter().enumerate().map(|(i, epoch)| (i + 1, epoch.loss));
    chart
        .draw_series(LineSeries::new(loss, BLUE.stroke_width(2)))?
        .label("training loss")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], BLUE.stroke_width(2)));
    let accuracy = history.iter().enumerate().map(|(i, epoch)| (i + 1, 100.0 * epoch.test_accuracy));
    chart
        .draw_secondary_series(LineSeries::new(accuracy, RED.stroke_width(2)))?
        .label("test accuracy")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], RED.stroke_width(2)));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::Coordinate(430, 150)) // between the curves
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    area.present()?;
    Ok(())
}
