//! Answers `compare.py`'s questions about convolutions with another Rust library: `candle`, `burn-flex` or
//! `burn-ndarray`, named by the first argument. The questions are those of `../main.rs`, of which it knows
//! `conv2d LEVEL f32 fwd|bwd N C H W F K S P G SECONDS`. LEVEL is ignored: these libraries choose for themselves.
//!
//! Backward is what a user of the library has: a forward pass that records, and its gradients. The time of the
//! recording forward pass is part of it.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

use burn_autodiff::Autodiff;
use burn_flex::Flex;
use burn_ndarray::NdArray;
use burn_tensor::backend::{AutodiffBackend, Backend};
use burn_tensor::ops::ConvOptions;
use burn_tensor::{Distribution, Tensor, module};

/// N C H W F K S P G.
type Sizes = [usize; 9];

/// Seconds of the fastest call within about `seconds`.
fn fastest(seconds: f64, mut call: impl FnMut()) -> f64 {
    call();
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < seconds {
        let start = Instant::now();
        call();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

fn candle(backward: bool, [n, c, h, w, f, k, s, p, g]: Sizes, seconds: f64) -> candle_core::Result<f64> {
    use candle_core::{Device::Cpu, Tensor, Var};
    let x = Var::from_tensor(&Tensor::randn(0_f32, 1.0, (n, c, h, w), &Cpu)?)?;
    let weight = Var::from_tensor(&Tensor::randn(0_f32, 1.0, (f, c / g, k, k), &Cpu)?)?;
    let bias = Var::from_tensor(&Tensor::randn(0_f32, 1.0, (1, f, 1, 1), &Cpu)?)?;
    if !backward {
        let (x, weight, bias) = (x.as_detached_tensor(), weight.as_detached_tensor(), bias.as_detached_tensor());
        let call = || x.conv2d(&weight, p, s, 1, g)?.broadcast_add(&bias);
        call()?;
        return Ok(fastest(seconds, || drop(black_box(call()))));
    }
    let dy = x.conv2d(&weight, p, s, 1, g)?.randn_like(0.0, 1.0)?.detach();
    let call = || {
        let y = x.conv2d(&weight, p, s, 1, g)?.broadcast_add(&bias)?;
        (y * &dy)?.sum_all()?.backward()
    };
    call()?;
    Ok(fastest(seconds, || drop(black_box(call()))))
}

fn burn<B: Backend>(sizes: Sizes, seconds: f64) -> f64 {
    let (call, _) = burn_forward::<B>(sizes, false);
    fastest(seconds, || drop(black_box(call().into_data())))
}

fn burn_backward<B: AutodiffBackend>(sizes: Sizes, seconds: f64) -> f64 {
    let (call, dy) = burn_forward::<B>(sizes, true);
    fastest(seconds, || drop(black_box((call() * dy.clone()).sum().backward())))
}

/// A convolution to call, and a random tensor like its result.
fn burn_forward<B: Backend>(
    [n, c, h, w, f, k, s, p, g]: Sizes,
    gradients: bool,
) -> (impl Fn() -> Tensor<B, 4>, Tensor<B, 4>) {
    let device = Default::default();
    let x = Tensor::<B, 4>::random([n, c, h, w], Distribution::Default, &device).set_require_grad(gradients);
    let weight = Tensor::<B, 4>::random([f, c / g, k, k], Distribution::Default, &device).set_require_grad(gradients);
    let bias = Tensor::<B, 1>::random([f], Distribution::Default, &device).set_require_grad(gradients);
    let call = move || {
        let options = ConvOptions::new([s; 2], [p; 2], [1; 2], g);
        module::conv2d(x.clone(), weight.clone(), Some(bias.clone()), options)
    };
    let dy = Tensor::random(call().dims(), Distribution::Default, &device);
    (call, dy)
}

fn main() {
    let library = std::env::args().nth(1).expect("candle, burn-flex or burn-ndarray");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input is text");
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["conv2d", _, "f32", direction, ref sizes @ .., seconds] = words[..] else { panic!("what is {line}?") };
        let sizes: Vec<usize> = sizes.iter().map(|size| size.parse().expect("a size")).collect();
        let sizes = sizes.try_into().expect("N C H W F K S P G");
        let seconds: f64 = seconds.parse().expect("seconds");
        let answer = match (library.as_str(), direction == "bwd") {
            ("candle", backward) => candle(backward, sizes, seconds).expect("a convolution"),
            ("burn-flex", false) => burn::<Flex>(sizes, seconds),
            ("burn-flex", true) => burn_backward::<Autodiff<Flex>>(sizes, seconds),
            ("burn-ndarray", false) => burn::<NdArray>(sizes, seconds),
            ("burn-ndarray", true) => burn_backward::<Autodiff<NdArray>>(sizes, seconds),
            _ => panic!("no library {library}"),
        };
        println!("{answer}");
        std::io::stdout().flush().expect("somebody listens");
    }
}
