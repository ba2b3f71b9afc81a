//! Tensors, and a convolution by hand: forward, backward, and steps against the gradient.
//!
//! ```text
//! cargo run --release --example 01_tensors
//! ```
//!
//! It prints a small picture, its edges as a convolution finds them, and the loss while another filter of 3×3 learns to find
//! the same edges.

use std::io::{self, Write, stdout};

use constconv::functional::conv2d;
use constconv::loss::mse;
use constconv::prelude::*;

fn main() -> io::Result<()> {
    // The output may be cut off, as by `| head`: then `writeln!` is an error, which ends the program quietly.
    match run(&mut stdout().lock()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn run(out: &mut impl Write) -> io::Result<()> {
    // One picture, one channel, 6×8: a bright square on the right. The shape is the type.
    let x = Tensor::<f32, 1, 1, 6, 8>::from_fn(|[_, _, _, column]| if column < 4 { 0.0 } else { 1.0 });
    assert_eq!(x.shape(), [1, 1, 6, 8]);
    assert_eq!(x[[0, 0, 2, 5]], 1.0);
    writeln!(out, "x of 1×1×6×8:\n{x}")?;

    // A filter that is large where the picture gets brighter from left to right. F, C, KH, KW as in PyTorch.
    let edges = Tensor::<f32, 1, 1, 3, 3>::new([[[[-1.0, 0.0, 1.0]; 3]]]);

    // The options are a tuple of types; `()` stands for none of them, as it does for no bias.
    let y = conv2d(&x, &edges, &(), ()); // Tensor<f32, 1, 1, 4, 6>: (6 − 3)/1 + 1 rows, (8 − 3)/1 + 1 columns
    assert_eq!(y.shape(), [1, 1, 4, 6]);
    assert_eq!(y[[0, 0, 0, 2]], 3.0);
    writeln!(out, "its edges, 1×1×4×6:\n{y}")?;

    // The same as a layer, which holds its weights. `backward` gives the gradient of x and that of the weights.
    let layer = Conv2d::<f32, 1, 1, Kernel<3>>::new(edges.clone(), Vector::zeros());
    assert_eq!(layer.forward(&x), y);
    let (dx, gradient) = layer.backward(&x, &Tensor::full(1.0));
    assert_eq!(dx.shape(), x.shape());
    writeln!(out, "how much each weight changes the sum of the output:\n{}", gradient.weight)?;

    // A filter that starts at zero and goes against its gradient until it finds the same edges in 8 pictures of noise.
    let mut noise = 1_u32;
    let pictures = Tensor::<f32, 8, 1, 6, 8>::from_fn(|_| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 8) as f32 / (1 << 24) as f32
    });
    let target = layer.forward(&pictures);
    let mut learner = Conv2d::<f32, 1, 1, Kernel<3>>::BLANK;
    let mut losses = Vec::new();
    for step in 0..=400 {
        let mut dy = Tensor::zeros();
        let loss = mse(&learner.forward(&pictures), &target, Reduction::Mean, &mut dy);
        let (_, gradient) = learner.backward(&pictures, &dy);
        for (w, dw) in learner.weight.iter_mut().zip(&gradient.weight) {
            *w -= 0.1 * dw;
        }
        if step % 100 == 0 {
            writeln!(out, "step {step:3}: loss {loss:.6}")?;
        }
        losses.push(loss);
    }
    write!(out, "\nwhat it learned:\n{:.2}", learner.weight)?;
    assert!(losses[400] < 0.01 * losses[0], "the loss did not fall: {} after {}", losses[400], losses[0]);
    Ok(())
}
