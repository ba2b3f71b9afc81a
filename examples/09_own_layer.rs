//! A layer of your own, in the middle of a model that is trained.
//!
//! ```text
//! cargo run --release --example 09_own_layer
//! ```
//!
//! The layer scales and shifts each channel, y = scale · x + shift (the affine half of a normalisation). A model with it
//! learns to do what a model with other scales does. The program prints the loss and the scales, and compares the gradient
//! of the layer with a quotient of differences. The page `constconv::guide::own_layer` explains the parts.

use std::io::{self, Write, stdout};

use constconv::loss::mse;
use constconv::module;
use constconv::prelude::*;

/// y = scale · x + shift, with two numbers for each channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine<const C: usize> {
    /// What a channel is multiplied by (C).
    pub scale: Vector<f64, C>,
    /// What is added to it (C).
    pub shift: Vector<f64, C>,
}

// The table: from it follow optimizers, initialisation, files and the count of parameters.
module! { [const C: usize] Affine<C>, of f64 {
    parameter scale: Vector<f64, C>,
    parameter shift: Vector<f64, C>,
}; initialize: by hand }

impl<const C: usize> Initialize for Affine<C> {
    fn initialize(&mut self, _: &mut impl FnMut() -> f64) {
        self.scale.fill(1.0);
    }
}

type Planes<const N: usize, const C: usize, const H: usize, const W: usize> = Tensor<f64, N, C, H, W>;

impl<const N: usize, const C: usize, const H: usize, const W: usize> Layer<Planes<N, C, H, W>> for Affine<C> {
    type Output = Planes<N, C, H, W>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = N * C * H * W;

    fn forward_pass(&self, x: &Planes<N, C, H, W>, y: &mut Planes<N, C, H, W>, (): &mut ()) {
        for (i, (y, x)) in y.iter_mut().zip(x).enumerate() {
            let c = i / (H * W) % C;
            *y = self.scale[[c]] * x + self.shift[[c]];
        }
    }
}

impl<const N: usize, const C: usize, const H: usize, const W: usize> Backward<Planes<N, C, H, W>> for Affine<C> {
    type Tape = ();

    fn forward_train_pass(&self, x: &Planes<N, C, H, W>, y: &mut Planes<N, C, H, W>, (): &mut ()) {
        self.forward_pass(x, y, &mut ());
    }

    fn backward_pass(
        &self,
        x: &Planes<N, C, H, W>,
        _y: &Planes<N, C, H, W>,
        dy: &Planes<N, C, H, W>,
        (): &mut (),
        dx: Option<&mut Planes<N, C, H, W>>, // not asked for where nobody needs it
        gradient: &mut Self,
    ) {
        for (i, (x, dy)) in x.iter().zip(dy).enumerate() {
            let c = i / (H * W) % C;
            gradient.scale[[c]] += x * dy; // added to
            gradient.shift[[c]] += dy;
        }
        if let Some(dx) = dx {
            for (i, (dx, dy)) in dx.iter_mut().zip(dy).enumerate() {
                *dx = self.scale[[i / (H * W) % C]] * dy; // overwritten
            }
        }
    }
}

model! {
    /// The layer between two of the library's.
    pub Net: Images => {
        conv: Conv2d<f64, 1, 3, Kernel<3>>,
        affine: Affine<3>,
        relu: Relu,
        fc: Linear<f64, 48, 2>,
    }
}

type Images = Tensor<f64, 32, 1, 6, 6>;

fn main() -> io::Result<()> {
    match run(&mut stdout().lock()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()), // `| head`
        result => result,
    }
}

fn run(out: &mut impl Write) -> io::Result<()> {
    let mut seed = 1_u64;
    let mut uniform = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut net = Net::BLANK;
    net.initialize(&mut uniform);
    let mut teacher = net.clone();
    teacher.affine.scale = Vector::new([2.0, 0.5, -1.0]);
    teacher.affine.shift = Vector::new([0.1, -0.1, 0.3]);
    let x = Images::from_fn(|_| uniform());
    let target = teacher.forward(&x);
    let loss = |net: &Net| mse(&net.forward(&x), &target, Reduction::Mean, &mut Matrix::zeros());

    let (mut y, mut dy) = (Matrix::zeros(), Matrix::zeros());
    let (mut tape, mut gradient) = (Tape::<Net, Images>::ZERO, Gradient::<Net>::ZERO);
    let (mut adam, mut state) = (Adam::new(0.01), Zeroed::ZERO);
    let first = loss(&net);
    for step in 0..=1_000 {
        net.forward_train(&x, &mut y, &mut tape);
        let value = mse(&y, &target, Reduction::Mean, &mut dy);
        gradient.zero();
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
        if step == 0 {
            // The gradient of the layer is the quotient of differences.
            let [mut more, mut less] = [net.clone(), net.clone()];
            more.affine.scale[[1]] += 1e-6;
            less.affine.scale[[1]] -= 1e-6;
            let quotient = (loss(&more) - loss(&less)) / 2e-6;
            writeln!(out, "gradient {:.6}, quotient of differences {quotient:.6}", gradient.affine.scale[[1]])?;
            assert!((gradient.affine.scale[[1]] - quotient).abs() < 1e-6 + 1e-4 * quotient.abs());
        }
        if step % 250 == 0 {
            writeln!(out, "step {step:4}: loss {value:.2e}")?;
        }
        adam.step(&mut net, &gradient, &mut state);
    }
    writeln!(out, "scales [1.00, 1.00, 1.00] → {:.2?}", net.affine.scale.as_array())?;
    let last = loss(&net);
    assert!(last < 0.01 * first, "the model does not learn: {last} after {first}");
    Ok(())
}
