//! A 1-D network, trained on signals: is it a sine, a square or a saw?
//!
//! ```text
//! cargo run --release --example 06_signals
//! ```
//!
//! It prints the loss and the part of 300 new signals that is recognised. The signals are made here: of any frequency
//! and phase, with noise.

use std::f32::consts::TAU;
use std::io::{self, Write, stdout};

use constconv::loss::softmax_cross_entropy;
use constconv::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

model! {
    /// Three kinds of signals.
    pub Waves: Signals<1> => {
        conv1: Conv1d<f32, 1, 8, Kernel<9>, Stride<2>, Padding<4>, Floor>, // 1×128 → 8×64
        relu1: Relu,
        conv2: Conv1d<f32, 8, 16, Kernel<9>, Stride<2>, Padding<4>, Floor>, // → 16×32
        relu2: Relu,
        pool: GlobalAvgPool1d,                                              // → 16×1
        fc: Linear<f32, 16, 3>,
    }
}

/// N signals of 128 numbers.
type Signals<const N: usize> = Signal<f32, N, 1, 128>;
const BATCH: usize = 32;

/// Signals, each of a kind: 0 is a sine, 1 a square, 2 a saw.
fn draw<const N: usize>(source: &mut StdRng, x: &mut Signals<N>) -> [usize; N] {
    let kinds: [usize; N] = std::array::from_fn(|_| source.random_range(0..3));
    for (signal, kind) in x.as_mut_slice().chunks_exact_mut(128).zip(kinds) {
        let (periods, phase) = (source.random_range(3.0..8.0), source.random::<f32>());
        for (t, x) in signal.iter_mut().enumerate() {
            let turn = (phase + periods * t as f32 / 128.0).fract();
            let wave = match kind {
                0 => (TAU * turn).sin(),
                1 => {
                    if turn < 0.5 {
                        1.0
                    } else {
                        -1.0
                    }
                }
                _ => 2.0 * turn - 1.0,
            };
            *x = wave + source.random_range(-0.6..0.6);
        }
    }
    kinds
}

fn main() -> io::Result<()> {
    match run(&mut stdout().lock()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()), // `| head`
        result => result,
    }
}

fn run(out: &mut impl Write) -> io::Result<()> {
    let mut source = StdRng::seed_from_u64(1);
    let mut net = Waves::random(&mut source);
    let (mut x, mut y, mut dy) = (Signals::<BATCH>::zeros(), Matrix::zeros(), Matrix::zeros());
    let mut tape: Box<Tape<Waves, Signals<BATCH>>> = Zeroed::boxed_zeros();
    let (mut gradient, mut state, mut adam) = (Gradient::<Waves>::ZERO, Zeroed::ZERO, Adam::new(0.01));

    let (mut first, mut mean) = (0.0, 0.0);
    for step in 1..=600 {
        let kinds = draw(&mut source, &mut x);
        net.forward_train(&x, &mut y, &mut tape);
        let loss = softmax_cross_entropy(&y, &kinds, Reduction::Mean, &mut dy);
        gradient.zero();
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
        adam.step(&mut net, &gradient, &mut state);
        mean += loss / 100.0;
        if step % 100 == 0 {
            writeln!(out, "step {step:3}: loss {mean:.4}")?;
            first = if first == 0.0 { mean } else { first };
            if step < 600 {
                mean = 0.0;
            }
        }
    }

    // New signals.
    let mut x = Signals::<300>::boxed_zeros();
    let kinds = draw(&mut source, &mut *x);
    let scores = net.forward(&*x);
    let right = (0..300).filter(|&n| (0..3).all(|kind| scores[[n, kind]] <= scores[[n, kinds[n]]])).count();
    writeln!(out, "recognised: {:.1} %", right as f32 / 3.0)?;
    assert!(mean < 0.5 * first, "the loss did not fall: {mean} after {first}");
    assert!(right >= 270, "{right} of 300 are recognised");
    Ok(())
}
