//! A small U-Net that takes noise out of handwritten digits, and draws what it does.
//!
//! ```text
//! cargo run --release --example 07_autoencoder
//! ```
//!
//! It trains on the images of `data` (see `data/README.md`), prints the loss, and writes `target/denoised.pgm`: above
//! digits that it has not seen, with noise; in the middle what it makes of them; below the digits without noise.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

use constconv::loss::mse;
use constconv::npy;
use constconv::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const SAMPLES: usize = 1_797;
const TRAINING: usize = 1_437;
static IMAGES: Tensor<u8, SAMPLES, 1, 8, 8> = npy!("data/digits_images.npy");

/// A convolution that keeps the size, and its activation.
type Unit<const C: usize, const F: usize> = (Conv2d<f32, C, F, Kernel<3>, Stride<1>, Padding<1>>, Relu);

model! {
    /// Half of the size and back: what the picture looks like from afar.
    pub Afar: Tensor<f32, 1, 8, 8, 8> => {
        down: MaxPool2d<Kernel<2>>,          // 8×8×8 → 8×4×4
        unit1: Unit<8, 16>,
        unit2: Unit<16, 8>,
        up: UpsampleNearest2d<Scale<2>>,     // → 8×8×8
    }
}

model! {
    /// The picture from afar beside the picture itself: a U-Net of one level.
    pub UNet: Images<1> => {
        unit1: Unit<1, 8>,
        levels: Concat<(Identity, Afar)>,    // 8×8×8 → 16×8×8
        unit2: Unit<16, 8>,
        out: Conv2d<f32, 8, 1, Kernel<1>>,
    }
}

type Images<const N: usize> = Tensor<f32, N, 1, 8, 8>;
const BATCH: usize = 32;
const SHOWN: usize = 12;

/// Copies digits, and the same with noise.
fn load<const N: usize>(
    source: &mut StdRng,
    sample: impl Fn(&mut StdRng, usize) -> usize,
    clean: &mut Images<N>,
    noisy: &mut Images<N>,
) {
    let pairs = clean.as_mut_slice().chunks_exact_mut(64).zip(noisy.as_mut_slice().chunks_exact_mut(64));
    for (n, (clean, noisy)) in pairs.enumerate() {
        let digit = IMAGES.as_array()[sample(source, n)].as_flattened().as_flattened();
        for ((clean, noisy), &grey) in clean.iter_mut().zip(noisy).zip(digit) {
            *clean = f32::from(grey) / 16.0;
            *noisy = *clean + source.random_range(-0.5..0.5);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut source = StdRng::seed_from_u64(1);
    let mut net = UNet::boxed();
    net.randomize(&mut source);

    let (mut clean, mut noisy) = (Images::<BATCH>::boxed_zeros(), Images::<BATCH>::boxed_zeros());
    let (mut y, mut dy) = (Images::<BATCH>::boxed_zeros(), Images::<BATCH>::boxed_zeros());
    let mut tape: Box<Tape<UNet, Images<BATCH>>> = Zeroed::boxed_zeros();
    let mut gradient: Box<Gradient<UNet>> = Zeroed::boxed_zeros();
    let (mut adam, mut state) = (Adam::new(0.005), Zeroed::boxed_zeros());
    for step in 0..=800 {
        load(&mut source, |source, _| source.random_range(0..TRAINING), &mut clean, &mut noisy);
        net.forward_train(&*noisy, &mut *y, &mut *tape);
        let loss = mse(&*y, &*clean, Reduction::Mean, &mut *dy);
        gradient.zero();
        net.backward_parameters(&*noisy, &*y, &*dy, &mut *tape, &mut *gradient);
        adam.step(&mut *net, &gradient, &mut *state);
        if step % 200 == 0 && writeln!(stdout(), "step {step:3}: loss {loss:.4}").is_err() {
            return Ok(()); // nobody reads on
        }
    }

    // Digits that the model has not seen.
    let (mut clean, mut noisy) = (Images::<SHOWN>::zeros(), Images::<SHOWN>::zeros());
    load(&mut source, |_, n| TRAINING + n, &mut clean, &mut noisy);
    let denoised = net.forward(&noisy);
    let [before, after] = [&noisy, &denoised].map(|x| mse(x, &clean, Reduction::Mean, &mut Images::zeros()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/denoised.pgm");
    fs::create_dir_all(path.parent().expect("a folder"))?;
    fs::write(&path, picture(&[&noisy, &denoised, &clean]))?;
    let _ =
        writeln!(stdout(), "mean squared error of new digits: {before:.4} → {after:.4}\npicture: {}", path.display());
    assert!(after < 0.4 * before, "the noise is still there: {after} after {before}");
    Ok(())
}

/// Rows of digits as a grey picture in the format PGM, each pixel as a block of 8×8.
fn picture(rows: &[&Images<SHOWN>]) -> Vec<u8> {
    const BLOCK: usize = 8;
    const CELL: usize = 10; // with a margin
    let (height, width) = (BLOCK * CELL * rows.len(), BLOCK * CELL * SHOWN);
    let mut file = format!("P5\n{width} {height}\n255\n").into_bytes();
    for i in 0..height {
        for j in 0..width {
            let (row, digit) = (i / BLOCK / CELL, j / BLOCK / CELL);
            let (i, j) = (i / BLOCK % CELL, j / BLOCK % CELL);
            let grey = if i < 8 && j < 8 { rows[row][[digit, 0, i, j]] } else { 0.0 };
            file.push((255.0 * grey.clamp(0.0, 1.0)) as u8);
        }
    }
    file
}
