//! The seven networks of `tests/networks`, whole and layer by layer.
//!
//! ```text
//! cargo bench --bench networks                  a profile: each layer of each network, in µs and % of the peak
//! cargo bench --bench networks -- ds_cnn        of this network
//! cargo bench --bench networks -- --check       only looks whether the results are right
//! ```
//!
//! Before anything is measured, outputs, losses of three steps and gradients of each level are compared with those of the
//! portable one, and in a profile the outputs of the layers one by one with those of the network.
//!
//! `compare.py` beside this file compares the networks with other libraries. It starts this program with `--questions`, and
//! asks, one line each, over standard input and output:
//!
//! | question | answer |
//! |---|---|
//! | `write FOLDER` | `done`, after `FOLDER/NAME.parameters` and `FOLDER/NAME.x`, the input, are written: little-endian f32 |
//! | `outputs NAME 1\|32` | y |
//! | `losses NAME` | the losses of three steps of training, with a batch of 32 |
//! | `rate NAME` | the rate of these steps |
//! | `gradient NAME` | of that batch |
//! | `forward NAME 1\|32 SECONDS` | seconds of the fastest forward pass within about SECONDS |
//! | `step NAME SECONDS` | the same of a step of training: forward, loss, backward, update |
//! | `descend NAME SECONDS` | the same with `Sgd::descend`, which needs no gradient |

#[path = "../../tests/networks/models.rs"]
mod models;
#[path = "../support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::hint::black_box;
use std::io::BufRead;

use constconv::kernel::Level;
use constconv::loss::{mse, softmax_cross_entropy};
use constconv::module::{Initialize, Visitor, VisitorMut};
use constconv::prelude::*;
use models::*;
use support::agree::agree;
use support::fastest;
use support::peak::peak;
use support::profile::{Profile, Walk};

/// The numbers that the networks compute with.
type T = f32;

/// Rounds of a profile, and seconds of each measurement in it.
const ROUNDS: usize = 5;
const SECONDS: f64 = 0.003;

/// The rate of the steps that are measured: so small that the network stays what it is, however many there are.
const STANDSTILL: f32 = 1e-9;

/// A network, with parameters and input that are the same in every run.
trait Subject {
    /// Of the steps whose losses are compared.
    fn rate(&self) -> f32;
    fn parameters(&self) -> Vec<f32>;
    /// Of a batch of 32; that of a single sample is its first.
    fn input(&self) -> &[f32];
    fn outputs(&self, batch: usize) -> Vec<f32>;
    fn losses(&self) -> Vec<f32>;
    fn gradient(&self) -> Vec<f32>;
    fn forward(&self, batch: usize, seconds: f64) -> f64;
    fn step(&self, seconds: f64) -> f64;
    fn descend(&self, seconds: f64) -> f64;
    fn profile(&self);
}

/// Overwrites dy and returns the loss of x and y.
type Loss<X, Y> = fn(&X, &Y, &mut Y) -> f32;

/// Visits layers of a network which the walk over it does not reach, with one and with 32 samples.
type Inner<M> = fn(&M, &mut Profile, &mut Profile);

/// The network `M` and its input: a sample, and a batch.
struct Network<M: Layer<Batch>, Sample, Batch> {
    name: &'static str,
    model: Box<M>,
    sample: Box<Sample>,
    batch: Box<Batch>,
    rate: f32,
    loss: Loss<Batch, M::Output>,
    inner: Inner<M>,
}

/// Adds up what is visited.
#[derive(Default)]
struct Elements(Vec<f32>);

impl Visitor for Elements {
    fn tensor<T: Real>(&mut self, elements: &[T]) {
        self.0.extend(elements.iter().map(|a| a.to_f32().expect("a real number")));
    }
}

/// Multiplies every parameter.
struct Scale(f64);

impl VisitorMut for Scale {
    fn tensor<T: Real>(&mut self, elements: &mut [T]) {
        let factor = T::from_f64(self.0).expect("a number");
        elements.iter_mut().for_each(|a| *a *= factor);
    }
}

/// A model whose signals keep their size from layer to layer: ±√(6/fan_in), √6 times the default of PyTorch.
fn model<M: Initialize + Parameters>() -> Box<M> {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1_u64 << 24) as f64
    };
    let mut model = M::boxed();
    model.initialize(&mut uniform);
    model.visit_mut(&mut Scale(6_f64.sqrt()));
    model
}

/// An array of numbers within ±1; a smaller one begins with the same.
fn input<X: Array<Scalar = f32>>() -> Box<X> {
    let mut x = X::boxed_zeros();
    x.as_mut_slice().copy_from_slice(&support::values(X::LEN, 7));
    x
}

fn outputs<M: Layer<X, Output: Array<Scalar = f32>>, X>(model: &M, x: &X) -> Vec<f32> {
    let mut y = M::Output::boxed_zeros();
    model.forward_pass(x, &mut y, &mut Zeroed::boxed_zeros());
    y.as_slice().to_vec()
}

fn forward<M: Layer<X, Output: Array>, X>(model: &M, x: &X, seconds: f64) -> f64 {
    let (mut y, mut workspace) = (M::Output::boxed_zeros(), Zeroed::boxed_zeros());
    fastest(seconds, || model.forward_pass(black_box(x), black_box(&mut y), &mut workspace))
}

impl<M, Sample, Batch> Network<M, Sample, Batch>
where
    M: Backward<Batch, Output: Array<Scalar = f32>> + Initialize + Parameters<Gradient: Parameters>,
    Batch: Array<Scalar = f32>,
{
    /// Calls `run` with a step of training: model and rate → loss.
    fn with_step<R>(&self, run: impl FnOnce(&mut dyn FnMut(&mut M, f32) -> f32) -> R) -> R {
        let (mut y, mut dy) = (M::Output::boxed_zeros(), M::Output::boxed_zeros());
        let (mut tape, mut gradient) = (Tape::<M, Batch>::boxed_zeros(), M::Gradient::boxed_zeros());
        run(&mut |model, rate| {
            model.forward_train(black_box(&*self.batch), &mut y, &mut tape);
            let loss = (self.loss)(&self.batch, &y, &mut dy);
            gradient.zero();
            model.backward_parameters(&*self.batch, &y, &dy, &mut tape, &mut gradient);
            Sgd::new(rate).step(model, &gradient, &mut ());
            loss
        })
    }
}

impl<M, Sample, Batch> Subject for Network<M, Sample, Batch>
where
    M: Backward<Batch, Output: Array<Scalar = f32>> + Backward<Sample, Output: Array<Scalar = f32>>,
    M: Initialize + Parameters<Gradient: Parameters> + 'static,
    Sample: Array<Scalar = f32> + Walk<constconv::module::Cons<M, constconv::module::End>>,
    Batch: Array<Scalar = f32> + Walk<constconv::module::Cons<M, constconv::module::End>>,
{
    fn rate(&self) -> f32 {
        self.rate
    }

    fn parameters(&self) -> Vec<f32> {
        let mut elements = Elements::default();
        self.model.visit(&mut elements);
        elements.0
    }

    fn input(&self) -> &[f32] {
        self.batch.as_slice()
    }

    fn outputs(&self, batch: usize) -> Vec<f32> {
        if batch == 1 { outputs(&*self.model, &*self.sample) } else { outputs(&*self.model, &*self.batch) }
    }

    fn losses(&self) -> Vec<f32> {
        let mut model: Box<M> = model();
        self.with_step(|step| (0..3).map(|_| step(&mut model, self.rate)).collect())
    }

    fn gradient(&self) -> Vec<f32> {
        let (mut y, mut dy) = (Zeroed::boxed_zeros(), Zeroed::boxed_zeros());
        let (mut tape, mut gradient) = (Tape::<M, Batch>::boxed_zeros(), M::Gradient::boxed_zeros());
        self.model.forward_train(&*self.batch, &mut y, &mut tape);
        (self.loss)(&self.batch, &y, &mut dy);
        self.model.backward_parameters(&*self.batch, &y, &dy, &mut tape, &mut gradient);
        let mut elements = Elements::default();
        gradient.visit(&mut elements);
        elements.0
    }

    fn forward(&self, batch: usize, seconds: f64) -> f64 {
        if batch == 1 {
            forward(&*self.model, &*self.sample, seconds)
        } else {
            forward(&*self.model, &*self.batch, seconds)
        }
    }

    fn step(&self, seconds: f64) -> f64 {
        let mut model: Box<M> = model();
        self.with_step(|step| fastest(seconds, || _ = black_box(step(&mut model, STANDSTILL))))
    }

    fn descend(&self, seconds: f64) -> f64 {
        let mut model: Box<M> = model();
        let (mut y, mut dy, mut tape) = (Zeroed::boxed_zeros(), Zeroed::boxed_zeros(), Zeroed::boxed_zeros());
        let sgd = Sgd::new(STANDSTILL);
        fastest(seconds, || {
            model.forward_train(black_box(&*self.batch), &mut *y, &mut *tape);
            (self.loss)(&self.batch, &y, &mut dy);
            sgd.descend(&mut *model, &*self.batch, &y, &mut dy, &mut tape);
        })
    }

    fn profile(&self) {
        let level = Level::current().name();
        let (mut one, mut many, mut best) = (Profile::default(), Profile::default(), 0_f64);
        let mut whole = [f64::INFINITY; 2];
        for _ in 0..ROUNDS {
            one.round(SECONDS);
            one.visit("", &*self.model, &*self.sample);
            assert_eq!(one.output, self.outputs(1), "the layers one by one, and the network");
            many.round(SECONDS);
            many.visit("", &*self.model, &*self.batch);
            assert_eq!(many.output, self.outputs(32), "the layers one by one, and the network");
            (self.inner)(&self.model, &mut one, &mut many);
            for (whole, batch) in whole.iter_mut().zip([1, 32]) {
                *whole = whole.min(self.forward(batch, SECONDS));
            }
            best = best.max(peak(level, "f32"));
        }

        println!("\n### {}\n", self.name);
        println!(
            "| layer | multiply-adds | µs | % of peak | µs a sample of 32 | % of peak | backward µs | % of peak |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        let cells = |macs: usize, seconds: f64| {
            let share = match macs {
                0 => String::new(),
                _ => format!("{:.0}", 100.0 * 2.0 * macs as f64 / seconds / best),
            };
            format!("{:.2} | {share}", 1e6 * seconds)
        };
        for (row, batch) in one.rows.iter().zip(&many.rows) {
            let (macs, samples) = (row.macs, 32.0);
            let [one, many] = [cells(macs, row.forward), cells(macs, batch.forward / samples)];
            let backward = cells(row.backward_macs, batch.backward / samples);
            println!("| {} | {macs} | {one} | {many} | {backward} |", row.name);
        }
        let macs = <M as Layer<Sample>>::MULTIPLY_ADDS;
        let [one, many] = [cells(macs, whole[0]), cells(macs, whole[1] / 32.0)];
        println!("| the network | {macs} | {one} | {many} | | |");
        println!("\nPeak ({level}): {:.0} GFLOP/s.", best / 1e9);
    }
}

fn classes<X, const N: usize, const K: usize>(_x: &X, y: &Matrix<f32, N, K>, dy: &mut Matrix<f32, N, K>) -> f32 {
    let labels = std::array::from_fn(|sample| sample % K);
    softmax_cross_entropy(y, &labels, Reduction::Mean, dy)
}

/// The input again.
fn itself<const N: usize, const K: usize>(
    x: &Matrix<f32, N, K>,
    y: &Matrix<f32, N, K>,
    dy: &mut Matrix<f32, N, K>,
) -> f32 {
    mse(y, x, Reduction::Mean, dy)
}

/// name: network, input without its batch, rate, loss, layers within layers with their inputs
macro_rules! networks {
    ($($name:ident: $model:ident, $input:ident<$($axis:literal),+>, $rate:literal, $loss:ident
        $(, $($inner:ident).+: $inner_input:ident<$($inner_axis:literal),+>)*;)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        fn network(name: &str) -> Box<dyn Subject> {
            match name {
                $(stringify!($name) => Box::new(Network::<$model, $input<f32, 1, $($axis),+>, $input<f32, 32, $($axis),+>> {
                    name: stringify!($name),
                    model: model(),
                    sample: input(),
                    batch: input(),
                    rate: $rate,
                    loss: $loss,
                    inner: |_model, _one, _many| {
                        $(
                            let (name, layer) = (stringify!($($inner).+), &_model.$($inner).+);
                            _one.visit(name, layer, &*input::<$inner_input<f32, 1, $($inner_axis),+>>());
                            _many.visit(name, layer, &*input::<$inner_input<f32, 32, $($inner_axis),+>>());
                        )*
                    },
                }),)*
                _ => panic!("no network is called {name}"),
            }
        }
    };
}

networks! {
    digits:      Digits,      Tensor<1, 8, 8>,   0.05,  classes;
    lenet5:      LeNet5,      Tensor<1, 28, 28>, 0.01,  classes;
    ds_cnn:      DsCnn,       Tensor<1, 49, 10>, 0.01,  classes;
    mobilenet:   MobileNet,   Tensor<3, 96, 96>, 0.003, classes;
    resnet8:     ResNet8,     Tensor<3, 32, 32>, 0.003, classes,
                 block1.body: Tensor<16, 32, 32>,
                 block2.body: Tensor<16, 32, 32>, block2.shortcut: Tensor<16, 32, 32>,
                 block3.body: Tensor<32, 16, 16>, block3.shortcut: Tensor<32, 16, 16>;
    autoencoder: AutoEncoder, Matrix<640>,       0.5,   itself;
    wakeword:    WakeWord,    Signal<40, 30>,    0.05,  classes;
}

fn write(folder: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for name in NAMES {
        let network = network(name);
        let bytes = |numbers: &[f32]| numbers.iter().flat_map(|a| a.to_le_bytes()).collect::<Vec<_>>();
        std::fs::write(format!("{folder}/{name}.parameters"), bytes(&network.parameters()))?;
        std::fs::write(format!("{folder}/{name}.x"), bytes(network.input()))?;
    }
    Ok(())
}

/// Answers questions; keeps the networks that were asked for.
#[derive(Default)]
struct Answers(HashMap<String, Box<dyn Subject>>);

impl Answers {
    fn network(&mut self, name: &str) -> &dyn Subject {
        &**self.0.entry(name.into()).or_insert_with(|| network(name))
    }

    /// Questions about results.
    fn results(&mut self, question: &str) -> Option<Vec<f32>> {
        let words: Vec<&str> = question.split_whitespace().collect();
        Some(match words[..] {
            ["rate", name] => vec![self.network(name).rate()],
            ["outputs", name, batch] => self.network(name).outputs(batch.parse().ok()?),
            ["losses", name] => self.network(name).losses(),
            ["gradient", name] => self.network(name).gradient(),
            _ => return None,
        })
    }

    /// Questions about times.
    fn seconds(&mut self, question: &str) -> Option<f64> {
        let words: Vec<&str> = question.split_whitespace().collect();
        Some(match words[..] {
            ["forward", name, batch, seconds] => self.network(name).forward(batch.parse().ok()?, seconds.parse().ok()?),
            ["step", name, seconds] => self.network(name).step(seconds.parse().ok()?),
            ["descend", name, seconds] => self.network(name).descend(seconds.parse().ok()?),
            _ => return None,
        })
    }

    fn answer(&mut self, question: &str) -> Option<String> {
        if let Some(folder) = question.strip_prefix("write ") {
            write(folder).ok()?;
            return Some("done".into());
        }
        match self.results(question) {
            Some(results) => Some(results.iter().map(f32::to_string).collect::<Vec<_>>().join(" ")),
            None => Some(self.seconds(question)?.to_string()),
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |word: &str| arguments.iter().any(|argument| argument == word);
    if given("--test") {
        return println!("networks: run with `cargo bench`");
    }
    let chosen: Vec<&str> = NAMES.iter().copied().filter(|name| given(name)).collect();
    let names = if chosen.is_empty() { NAMES } else { &chosen };
    let mut answers = Answers::default();
    if given("--questions") {
        for question in std::io::stdin().lock().lines() {
            let question = question.expect("standard input is text");
            println!("{}", answers.answer(&question).unwrap_or_else(|| panic!("what is {question}?")));
        }
        return;
    }
    // The gradient of a ReLU jumps where rounding takes its input to the other side of zero.
    let results = [("outputs", " 1", 1e-5), ("outputs", " 32", 1e-5), ("losses", "", 1e-5), ("gradient", "", 1e-3)];
    let question = |name| results.map(|(what, batch, tolerance)| (format!("{what} {name}{batch}"), tolerance));
    let questions: Vec<_> = names.iter().flat_map(question).collect();
    agree(&questions, |question| answers.results(question).expect("a question about results"));
    if !given("--check") {
        names.iter().for_each(|name| network(name).profile());
    }
}
