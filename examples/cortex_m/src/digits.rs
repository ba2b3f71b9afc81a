//! What the program does, on the microcontroller and on the host: a network classifies, and is trained.

use core::fmt::{self, Write};

use constconv::io::Buffer;
use constconv::loss::softmax_cross_entropy;
use constconv::model::image;
use constconv::module::Visitor;
use constconv::prelude::*;
use constconv::{assert_budget, npy};
use static_cell::ConstStaticCell;

use crate::meter::{Meter, Work};

type Image = Tensor<f32, 1, 1, 8, 8>;
type Scores = Matrix<f32, 1, 10>;

model! {
    /// What the host has trained, and the device need not.
    pub Body: Image => {
        conv1: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool: MaxPool2d<Kernel<2>>,
    }
}

model! {
    /// The network of `examples/digits.rs`.
    pub Digits: Image => {
        body: Body,
        fc1: Linear<f32, 256, 32>,
        relu: Relu,
        fc2: Linear<f32, 32, 10>,
    }
}

model! {
    /// The same network, of which only the head is trained: the body stays in flash.
    pub Head: Image => {
        body: Frozen<&'static Body>,
        fc1: Linear<f32, 256, 32>,
        relu: Relu,
        fc2: Linear<f32, 32, 10>,
    }
}

// In every build for any processor, `cargo check` included.
assert_budget!(Digits: inference <= 6 * 1024, descent <= 54 * 1024, flash <= 40 * 1024);
assert_budget!(Head: descent <= 48 * 1024);

/// The network in flash: weights that `cargo run --release --example digits -- --seed 4 --weights ..` wrote.
pub static NET: Digits = Digits {
    body: Body {
        conv1: Conv2d::new(npy!("../weights/conv1.weight.npy"), npy!("../weights/conv1.bias.npy")),
        relu1: Relu,
        conv2: Conv2d::new(npy!("../weights/conv2.weight.npy"), npy!("../weights/conv2.bias.npy")),
        relu2: Relu,
        pool: MaxPool2d::new(),
    },
    fc1: Linear::new(npy!("../weights/fc1.weight.npy"), npy!("../weights/fc1.bias.npy")),
    relu: Relu,
    fc2: Linear::new(npy!("../weights/fc2.weight.npy"), npy!("../weights/fc2.bias.npy")),
};

// The data, in flash as well. The network has learnt from the first ones.
const SAMPLES: usize = 1_797;
const TRAINING: usize = 1_437;
static IMAGES: Tensor<u8, SAMPLES, 1, 8, 8> = npy!("../../data/digits_images.npy");
static LABELS: Vector<u8, SAMPLES> = npy!("../../data/digits_labels.npy");

/// The memory of inference: what `INFERENCE_RAM` counts, to the byte.
pub struct Inference {
    x: Image,
    y: Scores,
    workspace: Workspace<Digits, Image>,
}

/// The memory of training: a network, and what `DESCENT_RAM` counts.
pub struct Training<M: Backward<Image>> {
    net: M,
    x: Image,
    y: Scores,
    dy: Scores,
    tape: Tape<M, Image>,
}

const _: () = assert!(size_of::<Inference>() == Digits::INFERENCE_RAM);
const _: () = assert!(size_of::<Training<Digits>>() == size_of::<Digits>() + Digits::DESCENT_RAM);

/// Statics that are borrowed once, for ever. Zeros take no flash.
static INFERENCE: ConstStaticCell<Inference> =
    ConstStaticCell::new(Inference { x: Zeroed::ZERO, y: Zeroed::ZERO, workspace: Zeroed::ZERO });
static TRAINING_OF_ALL: ConstStaticCell<Training<Digits>> = ConstStaticCell::new(Training::of(Digits::BLANK));
static TRAINING_OF_HEAD: ConstStaticCell<Training<Head>> = ConstStaticCell::new(Training::of(Head {
    body: Frozen::new(&NET.body),
    fc1: Linear::BLANK,
    relu: Relu,
    fc2: Linear::BLANK,
}));
/// Stands for the pages of flash where weights are saved.
static PAGES: ConstStaticCell<[u8; PAGES_LEN]> = ConstStaticCell::new([0xFF; PAGES_LEN]);
const PAGES_LEN: usize = 40 * 1024;

impl Inference {
    /// Classifies a sample.
    fn digit(&mut self, sample: usize) -> usize {
        load(&mut self.x, sample);
        NET.forward_with(&self.x, &mut self.y, &mut self.workspace);
        largest(&self.y)
    }
}

impl<M: Backward<Image, Output = Scores> + Parameters + Initialize> Training<M> {
    const fn of(net: M) -> Self {
        Self { net, x: Zeroed::ZERO, y: Zeroed::ZERO, dy: Zeroed::ZERO, tape: Zeroed::ZERO }
    }

    /// How many of the test samples are read right. The tape is memory enough.
    fn test(&mut self) -> usize {
        (TRAINING..SAMPLES)
            .filter(|&sample| {
                load(&mut self.x, sample);
                self.net.forward_train(&self.x, &mut self.y, &mut self.tape);
                largest(&self.y) == usize::from(LABELS[[sample]])
            })
            .count()
    }

    /// A step of gradient descent on one sample, without a gradient.
    fn step(&mut self, sample: usize) {
        load(&mut self.x, sample);
        let Self { net, x, y, dy, tape } = self;
        net.forward_train(x, y, tape);
        softmax_cross_entropy(y, &[LABELS[[sample]].into()], Reduction::Mean, dy);
        Sgd::new(0.03).descend(net, x, y, dy, tape);
    }

    /// Trains on each sample once.
    fn learn(&mut self) {
        (0..TRAINING).for_each(|sample| self.step(sample));
    }
}

/// Puts a sample into the input, with grey values from 0 to 1.
fn load(x: &mut Image, sample: usize) {
    let from = &IMAGES.as_slice()[64 * sample..][..64];
    for (to, &from) in x.as_mut_slice().iter_mut().zip(from) {
        *to = f32::from(from) / 16.0;
    }
}

fn largest(y: &Scores) -> usize {
    let (mut index, mut largest) = (0, f32::NEG_INFINITY);
    for (i, &y) in y.iter().enumerate() {
        if y > largest {
            (index, largest) = (i, y);
        }
    }
    index
}

/// Everything, with a line for each result. The lines are the same on every processor, to the bit.
pub fn run(out: &mut impl Write, meter: &mut impl Meter) -> fmt::Result {
    write!(out, "{NET}")?;

    let inference = INFERENCE.take();
    let mut bits = Bits::NEW;
    let mut right = 0;
    for sample in TRAINING..SAMPLES {
        right += usize::from(inference.digit(sample) == usize::from(LABELS[[sample]]));
        bits.add(inference.y.as_slice());
    }
    writeln!(out, "weights of the host: {right} of {} right, scores {:016x}", SAMPLES - TRAINING, bits.0)?;
    inference.digit(TRAINING);
    let mut work = || NET.forward_with(&inference.x, &mut inference.y, &mut inference.workspace);
    let (stack, buffers) = (Digits::INFERENCE_STACK, Digits::INFERENCE_RAM);
    meter.measure(Work { name: "inference", stack, buffers, model: 0 }, &mut work)?;

    let head = TRAINING_OF_HEAD.take();
    head.net.initialize(&mut uniform());
    let before = head.test();
    head.learn();
    let after = head.test();
    writeln!(out, "head trained here: {before} right before, {after} after, weights {:016x}", Bits::of(&head.net))?;
    let (stack, buffers) = (Head::TRAINING_STACK, Head::DESCENT_RAM);
    let work = Work { name: "step of the head", stack, buffers, model: size_of::<Head>() };
    let mut samples = 0..TRAINING;
    meter.measure(work, &mut || samples.next().into_iter().for_each(|sample| head.step(sample)))?;

    let all = TRAINING_OF_ALL.take();
    all.net.initialize(&mut uniform());
    let before = all.test();
    all.learn();
    let after = all.test();
    writeln!(out, "all trained here: {before} right before, {after} after, weights {:016x}", Bits::of(&all.net))?;

    let pages = PAGES.take();
    let mut flash = Buffer::new(pages);
    image::write(&all.net, &mut flash).map_err(|_| fmt::Error)?;
    let saved = flash.written().len();
    all.net.zero();
    let forgotten = all.test();
    let read = image::read(&mut all.net, pages);
    let again = all.test();
    writeln!(out, "saved {saved} bytes, forgotten {forgotten} right, reloaded {again} right: {read:?}")?;
    pages[saved / 2] ^= 1;
    if let Err(error) = image::read(&mut all.net, pages) {
        writeln!(out, "one bit of them lost: {error}")?;
    }
    let (stack, buffers) = (Digits::TRAINING_STACK, Digits::DESCENT_RAM);
    let work = Work { name: "step of all", stack, buffers, model: size_of::<Digits>() };
    let mut samples = 0..TRAINING;
    meter.measure(work, &mut || samples.next().into_iter().for_each(|sample| all.step(sample)))
}

/// Numbers in [0, 1) from a linear congruence.
fn uniform() -> impl FnMut() -> f64 {
    let mut state = 1_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    }
}

/// FNV-1a over the bits of numbers.
struct Bits(u64);

impl Bits {
    const NEW: Self = Self(0xCBF2_9CE4_8422_2325);

    fn add(&mut self, numbers: &[f32]) {
        for byte in numbers.iter().flat_map(|number| number.to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    /// Those of all parameters.
    fn of(net: &impl Parameters) -> u64 {
        let mut bits = Self::NEW;
        net.visit(&mut bits);
        bits.0
    }
}

impl Visitor for Bits {
    fn tensor<T: Real>(&mut self, elements: &[T]) {
        elements.iter().for_each(|element| self.add(&[element.to_f32().unwrap_or(f32::NAN)]));
    }
}
