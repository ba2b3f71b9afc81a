//! A model: its layers by name, what it costs, how it runs and how it is trained.
//!
//! ```text
//! cargo run --release --example 02_model
//! ```
//!
//! It prints a table of the layers, and the loss while the model learns in which quarter of a picture there is a dot.

use std::io::{self, Write, stdout};

use constconv::loss::softmax_cross_entropy;
use constconv::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

model! {
    /// Says in which quarter of a picture of 12×12 there is a dot.
    ///
    /// The compiler computes the shape after each layer. See what it says about `Linear<f32, 100, 4>`.
    pub Quarters: Images<1> => {
        conv1: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>, // 1×12×12 → 8×12×12
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,                                // → 8×6×6
        conv2: Conv2d<f32, 8, 8, Kernel<3>>,                        // → 8×4×4
        relu2: Relu,
        fc: Linear<f32, 128, 4>,                                    // → 4
    }
}

/// N pictures.
type Images<const N: usize> = Tensor<f32, N, 1, 12, 12>;

/// All places where a dot can be.
const PLACES: usize = 144;

fn main() -> io::Result<()> {
    match run(&mut stdout().lock()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()), // `| head`
        result => result,
    }
}

fn run(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", Quarters::LAYERS)?; // known to the compiler
    const _: () = assert!(Quarters::PARAMETERS == (8 * 9 + 8) + (8 * 8 * 9 + 8) + (4 * 128 + 4));

    // Random weights. `boxed` makes the model on the heap.
    let mut net = Quarters::boxed();
    net.randomize(&mut StdRng::seed_from_u64(1));
    assert_eq!(net.conv2.weight.shape(), [8, 8, 3, 3]); // a layer is a field

    // A picture for each place of the dot, and the quarter that it lies in.
    let x = Images::<PLACES>::from_fn(|[n, _, row, column]| if n == 12 * row + column { 1.0 } else { 0.0 });
    let labels: [usize; PLACES] = std::array::from_fn(|n| 2 * (n / 12 / 6) + n % 12 / 6);

    let (mut y, mut dy) = (Matrix::zeros(), Matrix::zeros());
    let mut tape: Box<Tape<Quarters, Images<PLACES>>> = Zeroed::boxed_zeros();
    let mut gradient: Box<Gradient<Quarters>> = Zeroed::boxed_zeros();
    let (mut adam, mut state) = (Adam::new(0.01), Zeroed::boxed_zeros());
    let mut losses = Vec::new();
    for step in 0..=60 {
        net.forward_train(&x, &mut y, &mut tape);
        losses.push(softmax_cross_entropy(&y, &labels, Reduction::Mean, &mut dy));
        gradient.zero();
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
        adam.step(&mut *net, &gradient, &mut *state);
        if step % 20 == 0 {
            writeln!(out, "step {step:2}: loss {:.4}", losses[step])?;
        }
    }

    // One picture at a time: the same model with another batch size.
    let right = (0..PLACES).filter(|&place| {
        let x = Images::<1>::from_fn(|[_, _, row, column]| if place == 12 * row + column { 1.0 } else { 0.0 });
        let scores = net.forward(&x);
        (0..4).all(|class| scores[[0, class]] <= scores[[0, labels[place]]])
    });
    let right = right.count();
    writeln!(out, "{right} of {PLACES} dots are in the quarter that the model says")?;
    assert!(losses[60] < 0.1 * losses[0] && right > 140, "the model does not learn");
    Ok(())
}
