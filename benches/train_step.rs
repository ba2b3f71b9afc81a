//! A training step, whole and layer by layer: `cargo bench --bench train_step`.
//!
//! The networks are that of `examples/digits.rs` on a batch of 32, and one of CIFAR's size on a batch of 8, with direct
//! convolutions and with Winograd's. Groups:
//! - `digits`, `cifar`, `cifar_winograd`: forward, backward, update of the parameters, and all of it;
//! - `digits_layers`, `cifar_layers`, `cifar_winograd_layers`: each layer alone, forward and backward (dx and the parameters' gradient), and
//!   what else a step does: the loss, zeroing the gradient, the optimizer;
//! - `digits_parts`, `cifar_parts`: forward, loss and backward of the batch in one part and in two; with
//!   `--features parallel` these run on several threads.
//!
//! Before anything is measured, the gradient of each network is compared with that of the portable level.

mod support;

use std::hint::black_box;

use constconv::loss::softmax_cross_entropy;
use constconv::model::{Part, train_parts};
use constconv::module::{Feeds, Initialize, Trains, Visitor};
use constconv::optim::Momentum;
use constconv::prelude::*;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group};
use support::agree::agree;

model! {
    /// The network of `examples/digits.rs`.
    pub Digits: Tensor<f32, 1, 1, 8, 8> => {
        conv1: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 256, 32>,
        relu3: Relu,
        fc2: Linear<f32, 32, 10>,
    }
}

model! {
    /// A network for 32×32 colour images.
    pub Cifar: Tensor<f32, 1, 3, 32, 32> => {
        conv1: Conv2d<f32, 3, 32, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f32, 32, 32, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv3: Conv2d<f32, 32, 64, Kernel<3>, Stride<1>, Padding<1>>,
        relu3: Relu,
        conv4: Conv2d<f32, 64, 64, Kernel<3>, Stride<1>, Padding<1>>,
        relu4: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 4096, 10>,
    }
}

model! {
    /// The same with Winograd's algorithm where there are enough channels.
    pub CifarWinograd: Tensor<f32, 1, 3, 32, 32> => {
        conv1: Conv2d<f32, 3, 32, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Winograd<Conv2d<f32, 32, 32, Kernel<3>, Stride<1>, Padding<1>>>,
        relu2: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv3: Winograd<Conv2d<f32, 32, 64, Kernel<3>, Stride<1>, Padding<1>>>,
        relu3: Relu,
        conv4: Winograd<Conv2d<f32, 64, 64, Kernel<3>, Stride<1>, Padding<1>>>,
        relu4: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 4096, 10>,
    }
}

/// Overwrites `array` with numbers in -1..1 without a pattern.
fn scatter(array: &mut impl Array<Scalar = f32>) {
    for (i, a) in array.as_mut_slice().iter_mut().enumerate() {
        *a = (i as u32 + 1).wrapping_mul(2_654_435_761) as i32 as f32 / i32::MAX as f32;
    }
}

/// Numbers for `Initialize`: uniform in 0..1, without a pattern.
fn uniform() -> impl FnMut() -> f64 {
    let mut state = 1_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX)
    }
}

/// The gradient of a network in its first step.
fn gradient<M, X, const N: usize, const K: usize>() -> Vec<f32>
where
    M: Backward<X, Output = Matrix<f32, N, K>> + Initialize + Parameters<Gradient: Parameters>,
    X: Array<Scalar = f32>,
{
    struct Elements(Vec<f32>);
    impl Visitor for Elements {
        fn tensor<T: Real>(&mut self, elements: &[T]) {
            self.0.extend(elements.iter().map(|a| a.to_f32().expect("a real number")));
        }
    }

    let (mut model, mut x) = (M::boxed(), X::boxed_zeros());
    model.initialize(&mut uniform());
    scatter(&mut *x);
    let (mut y, mut dy, mut tape, mut gradient) =
        (Matrix::zeros(), Matrix::zeros(), Tape::<M, X>::boxed_zeros(), M::Gradient::boxed_zeros());
    model.forward_train(&*x, &mut y, &mut tape);
    softmax_cross_entropy(&y, &std::array::from_fn(|sample| sample % 10), Reduction::Mean, &mut dy);
    model.backward_parameters(&*x, &y, &dy, &mut tape, &mut gradient);
    let mut elements = Elements(Vec::new());
    gradient.visit(&mut elements);
    elements.0
}

/// Measures one layer forward and backward and returns its output, the input of the next layer.
fn layer<L, X>(group: &mut BenchmarkGroup<WallTime>, name: &str, layer: &L, x: &X) -> Box<<X as Feeds<L>>::Output>
where
    L: Module,
    X: Trains<L> + Zeroed,
    X::Output: Array<Scalar = f32>,
{
    let (mut y, mut dy) = (Zeroed::boxed_zeros(), X::Output::boxed_zeros());
    let (mut tape, mut dx, mut gradient) = (Zeroed::boxed_zeros(), Zeroed::boxed_zeros(), Zeroed::boxed_zeros());
    scatter(&mut *dy);
    group.bench_function(format!("{name}/forward"), |b| {
        b.iter(|| layer.forward_train(black_box(x), &mut y, &mut tape));
    });
    group.bench_function(format!("{name}/backward"), |b| {
        b.iter(|| layer.backward_into(black_box(x), &y, &dy, &mut tape, &mut dx, &mut gradient));
    });
    y
}

/// Measures a network: `$name` as a whole, `$layers` layer by layer.
macro_rules! network {
    ($c:ident, $model:ident, $x:ty, $batch:literal, $name:literal, $layers:literal, $($field:ident)+) => {{
        let mut model = $model::boxed();
        model.initialize(&mut uniform());
        let mut part = Part::<$model, $x>::boxed_zeros();
        scatter(&mut part.x);
        let Part { x, y, dy, tape, gradient, .. } = &mut *part;
        let labels: [usize; $batch] = std::array::from_fn(|sample| sample % 10);
        // A rate of zero: the network stays as it is, however often it is trained.
        let mut sgd: Sgd<f32, Momentum<f32>> = Sgd::new(0.0).momentum(0.9);
        let mut velocity = Gradient::<$model>::boxed_zeros();

        let mut group = $c.benchmark_group($name);
        group.bench_function("forward", |b| b.iter(|| model.forward_train(black_box(x), y, tape)));
        softmax_cross_entropy(y, &labels, Reduction::Mean, dy);
        group.bench_function("backward", |b| {
            b.iter(|| model.backward_parameters(black_box(x), y, dy, tape, gradient));
        });
        gradient.zero();
        group.bench_function("step", |b| {
            b.iter(|| {
                model.forward_train(black_box(x), y, tape);
                let loss = softmax_cross_entropy(y, &labels, Reduction::Mean, dy);
                gradient.zero();
                model.backward_parameters(x, y, dy, tape, gradient);
                sgd.step(&mut *model, gradient, &mut *velocity);
                loss
            });
        });
        group.finish();

        let mut group = $c.benchmark_group($layers);
        let input = x;
        $(let input = layer(&mut group, stringify!($field), &model.$field, &*input);)+
        group.bench_function("loss", |b| {
            b.iter(|| softmax_cross_entropy(black_box(&input), &labels, Reduction::Mean, dy));
        });
        group.bench_function("zero", |b| b.iter(|| black_box(&mut *gradient).zero()));
        group.bench_function("sgd", |b| b.iter(|| sgd.step(&mut *model, black_box(gradient), &mut *velocity)));
        group.finish();
    }};
}

fn digits(c: &mut Criterion) {
    network!(c, Digits, Tensor<f32, 32, 1, 8, 8>, 32, "digits", "digits_layers",
        conv1 relu1 conv2 relu2 pool fc1 relu3 fc2);
}

fn cifar(c: &mut Criterion) {
    network!(c, Cifar, Tensor<f32, 8, 3, 32, 32>, 8, "cifar", "cifar_layers",
        conv1 relu1 conv2 relu2 pool1 conv3 relu3 conv4 relu4 pool2 fc);
}

fn cifar_winograd(c: &mut Criterion) {
    network!(c, CifarWinograd, Tensor<f32, 8, 3, 32, 32>, 8, "cifar_winograd", "cifar_winograd_layers",
        conv1 relu1 conv2 relu2 pool1 conv3 relu3 conv4 relu4 pool2 fc);
}

/// Forward, loss and backward of the same batch in one part and in two.
macro_rules! parts {
    ($c:ident, $model:ident, $name:literal, $([$x:ty; $parts:literal] of $size:literal)+) => {{
        let mut model = $model::boxed();
        model.initialize(&mut uniform());
        let mut gradient = Gradient::<$model>::boxed_zeros();
        let mut group = $c.benchmark_group($name);
        $(
            let mut parts = <[Part<$model, $x>; $parts]>::boxed_zeros();
            parts.iter_mut().for_each(|part| scatter(&mut part.x));
            let labels: [usize; $size] = std::array::from_fn(|sample| sample % 10);
            group.bench_function(concat!($parts, "x", $size), |b| {
                b.iter(|| {
                    let loss = |_, y: &_, dy: &mut _| softmax_cross_entropy(y, &labels, Reduction::Mean, dy);
                    gradient.zero();
                    train_parts(&*model, &mut *parts, loss, &mut gradient)
                });
            });
        )+
        group.finish();
    }};
}

fn parts(c: &mut Criterion) {
    parts!(c, Digits, "digits_parts", [Tensor<f32, 32, 1, 8, 8>; 1] of 32 [Tensor<f32, 16, 1, 8, 8>; 2] of 16);
    parts!(c, Cifar, "cifar_parts", [Tensor<f32, 8, 3, 32, 32>; 1] of 8 [Tensor<f32, 4, 3, 32, 32>; 2] of 4);
}

criterion_group!(benches, digits, cifar, cifar_winograd, parts);

fn main() {
    let run = || {
        // The gradient of a maximum jumps where rounding moves its place; Winograd's rounding error is larger.
        let networks = [("digits".into(), 1e-3), ("cifar".into(), 1e-3), ("cifar_winograd".into(), 1e-2)];
        agree(&networks, |network| match network {
            "digits" => gradient::<Digits, Tensor<f32, 32, 1, 8, 8>, _, _>(),
            "cifar" => gradient::<Cifar, Tensor<f32, 8, 3, 32, 32>, _, _>(),
            _ => gradient::<CifarWinograd, Tensor<f32, 8, 3, 32, 32>, _, _>(),
        });
        benches();
        Criterion::default().configure_from_args().final_summary();
    };
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread");
    thread.join().expect("benchmarks that end");
}
