//! A residual network on colour images of 32×32, with batch normalisation, a schedule and weight decay.
//!
//! ```text
//! cargo run --release --example 08_residual
//! ```
//!
//! The images are made here: discs, rings, squares and crosses of any colour, size and place, on noise. It prints loss
//! and learning rate, and the part of 200 new images that is recognised.

use std::io::{self, Write, stdout};

use constconv::loss::softmax_cross_entropy;
use constconv::optim::CosineAnnealingLr;
use constconv::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A 3×3 convolution that keeps the size, and its normalisation. The normalisation has a bias, so the convolution has none.
type Unit<const C: usize, const F: usize> =
    (Conv2d<f32, C, F, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, NoBias>, BatchNorm2d<f32, F>);

/// The same, which halves height and width.
type Half<const C: usize, const F: usize> =
    (Conv2d<f32, C, F, Kernel<3>, Stride<2>, Padding<1>, Floor, Dilation<1>, Ungrouped, NoBias>, BatchNorm2d<f32, F>);

/// The way around a block that halves.
type Shortcut<const C: usize, const F: usize> = Conv2d<f32, C, F, Kernel<1>, Stride<2>, Padding<0>, Floor>;

model! {
    /// Four kinds of images.
    pub ResNet: Images<1> => {
        stem: Half<3, 8>,                                                  // 3×32×32 → 8×16×16
        relu1: Relu,
        block1: Residual<(Unit<8, 8>, Relu, Unit<8, 8>)>,
        relu2: Relu,
        block2: Residual<(Half<8, 16>, Relu, Unit<16, 16>), Shortcut<8, 16>>, // → 16×8×8
        relu3: Relu,
        pool: GlobalAvgPool2d,
        fc: Linear<f32, 16, 4>,
    }
}

type Images<const N: usize> = Tensor<f32, N, 3, 32, 32>;
const BATCH: usize = 32;
const STEPS: usize = 300;
const TESTED: usize = 200;

/// Draws images, and says of which kind they are.
fn draw<const N: usize>(source: &mut StdRng, x: &mut Images<N>) -> [usize; N] {
    let kinds: [usize; N] = std::array::from_fn(|_| source.random_range(0..4));
    for (image, kind) in x.as_mut_slice().chunks_exact_mut(3 * 32 * 32).zip(kinds) {
        let [row, column] = [(); 2].map(|()| source.random_range(11.0..21.0));
        let size: f32 = source.random_range(6.0..10.0);
        for plane in image.chunks_exact_mut(32 * 32) {
            let colour: f32 = source.random_range(0.3..1.0);
            for (at, x) in plane.iter_mut().enumerate() {
                let (i, j) = ((at / 32) as f32 - row, (at % 32) as f32 - column);
                let (far, wide) = (i.hypot(j), i.abs().max(j.abs()));
                let inside = match kind {
                    0 => far < size,                                // a disc
                    1 => far < size && far > size - 2.5,            // a ring
                    2 => wide < size,                               // a square
                    _ => wide < size && i.abs().min(j.abs()) < 1.5, // a cross
                };
                *x = if inside { colour } else { 0.0 } + source.random_range(-0.2..0.2);
            }
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
    let mut net = ResNet::boxed();
    net.randomize(&mut source);
    writeln!(out, "{} parameters, {} multiply-adds an image", ResNet::PARAMETERS, ResNet::MACS)?;

    let (mut x, mut y, mut dy) = (Images::<BATCH>::boxed_zeros(), Matrix::zeros(), Matrix::zeros());
    let mut tape: Box<Tape<ResNet, Images<BATCH>>> = Zeroed::boxed_zeros();
    let mut gradient: Box<Gradient<ResNet>> = Zeroed::boxed_zeros();
    let (mut sgd, mut velocity) = (Sgd::new(0.0).momentum(0.9).weight_decay(1e-4), Zeroed::boxed_zeros());
    let schedule = CosineAnnealingLr { learning_rate: 0.1, minimum: 0.0, steps: STEPS };
    let (mut first, mut mean) = (0.0, 0.0);
    for step in 0..STEPS {
        let kinds = draw(&mut source, &mut *x);
        net.forward_train(&*x, &mut y, &mut *tape);
        let loss = softmax_cross_entropy(&y, &kinds, Reduction::Mean, &mut dy);
        gradient.zero();
        net.backward_parameters(&*x, &y, &dy, &mut *tape, &mut *gradient);
        sgd.learning_rate = schedule.rate(step);
        sgd.step(&mut *net, &gradient, &mut *velocity); // moves the running statistics, too
        if step % 50 == 0 {
            mean = 0.0;
        }
        mean += loss / 50.0;
        if step % 50 == 49 {
            writeln!(out, "step {:3}: loss {mean:.4}, learning rate {:.3}", step + 1, sgd.learning_rate)?;
            first = if step == 49 { mean } else { first };
        }
    }

    // Evaluation: with the running statistics, one image at a time.
    let mut x = Images::<1>::zeros();
    let mut right = 0;
    for _ in 0..TESTED {
        let [kind] = draw(&mut source, &mut x);
        let scores = net.forward(&x);
        right += usize::from((0..4).all(|other| scores[[0, other]] <= scores[[0, kind]]));
    }
    writeln!(out, "recognised: {:.1} %", 100.0 * right as f32 / TESTED as f32)?;
    assert!(mean < 0.5 * first, "the loss did not fall: {mean} after {first}");
    assert!(right * 10 > TESTED * 8, "{right} of {TESTED} are recognised");
    Ok(())
}
