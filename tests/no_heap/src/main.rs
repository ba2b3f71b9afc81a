//! Runs and trains on a machine without a heap: a program of `core` alone. It would not link if anything in the library
//! asked for memory, because it neither has the `alloc` crate nor a `#[global_allocator]`.
//!
//! It prints nothing. Exit code: 0, or the number of the first check that failed.
#![no_std]
#![no_main]

use constconv::loss::mse;
use constconv::prelude::*;

model! {
    Net: Tensor<f32, 1, 1, 6, 6> => {
        conv: Conv2d<f32, 1, 2, Kernel<3>>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 8, 2>,
    }
}

static X: Tensor<f64, 2, 3, 4, 4> = Tensor::full(1.0);
static CONV: Conv2d<f64, 3, 2, Kernel<3>> = Conv2d::new(Tensor::full(1.0), Vector::new([1.0, 2.0]));

/// S2 forward: 28 and 29.
fn forward() -> bool {
    CONV.forward(&X) == Tensor::<f64, 2, 2, 2, 2>::from_fn(|[_, f, _, _]| 28.0 + f as f64)
}

/// S2 backward: each cell of dx counts its windows, twice.
fn backward() -> bool {
    let (dx, gradient) = CONV.backward(&X, &Tensor::full(1.0));
    let count = [2.0, 4.0, 4.0, 2.0];
    gradient.weight == Tensor::full(8.0)
        && gradient.bias == Vector::full(8.0)
        && dx == Tensor::from_fn(|[_, _, h, w]| count[h] * count[w] / 2.0)
}

/// One step of a model lowers its loss; its parameters come from a source of random numbers.
fn training() -> bool {
    let mut net = Net::BLANK;
    let mut state = 1_u64;
    net.initialize(&mut || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    });
    let x = Tensor::<f32, 4, 1, 6, 6>::from_fn(|[n, _, h, w]| ((n + 2 * h + 3 * w) % 5) as f32 - 2.0);
    let target = Matrix::from_fn(|[n, k]| if n % 2 == k { 1.0 } else { -1.0 });

    let (mut y, mut dy, mut tape) = (Matrix::zeros(), Matrix::zeros(), Zeroed::ZERO);
    let mut gradient = Zeroed::ZERO;
    net.forward_train(&x, &mut y, &mut tape);
    let before = mse(&y, &target, Reduction::Mean, &mut dy);
    net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
    Sgd::new(0.01).step(&mut net, &gradient, &mut ());
    mse(&net.forward(&x), &target, Reduction::Mean, &mut dy) < before
}

/// The C library's start-up code calls it: there is no run time of Rust either.
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    match [forward(), backward(), training()] {
        [false, _, _] => 1,
        [_, false, _] => 2,
        [_, _, false] => 3,
        [true, true, true] => 0,
    }
}

#[link(name = "c")]
unsafe extern "C" {
    safe fn abort() -> !;
}

/// The `core` that comes with the compiler was built to unwind and asks for this symbol; nothing unwinds here.
/// Remove when `core` is built with the program (`-Z build-std` becomes stable).
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    abort()
}
