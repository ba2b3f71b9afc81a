//! Seven published networks (`networks/models.rs`): their costs, which are asserted there; outputs and all gradients as
//! PyTorch computes them (`fixtures/networks.py`), in f32 and most in f64; and that they learn.
#![allow(clippy::duplicate_mod)] // Once for each type of numbers.

mod support;

use constconv::loss::{mse, softmax_cross_entropy};
use constconv::module::{Visitor, VisitorMut};
use constconv::prelude::*;
use support::{Approximate, load, real};

#[path = "networks"]
mod single {
    type T = f32;

    #[path = "models.rs"]
    pub mod models;
}

#[path = "networks"]
mod double {
    type T = f64;

    #[path = "models.rs"]
    pub mod models;
}

/// The salts of dy and of projections, as in the script. Parameter p has p.
const DY: u32 = 2001;
const PROJECTION: u32 = 3001;

/// The numbers of the script: 12 bits of a hash of salt and index, in ±1.
fn numbers(salt: u32) -> impl Iterator<Item = f64> {
    (0_u32..).map(move |i| {
        let mut h = i.wrapping_add(salt.wrapping_mul(0x9E37_79B9));
        h = (h ^ (h >> 16)).wrapping_mul(0x21F0_AAAD);
        h = (h ^ (h >> 15)).wrapping_mul(0x735A_2D97);
        h ^= h >> 15;
        (f64::from(h >> 20) - 2047.5) / 2048.0
    })
}

fn fill<T: Real>(elements: &mut [T], salt: u32, scale: f64) {
    elements.iter_mut().zip(numbers(salt)).for_each(|(a, number)| *a = real(scale * number));
}

/// An array of numbers on the heap.
fn filled<A: Array<Scalar: Real>>(salt: u32) -> Box<A> {
    let mut array = A::boxed_zeros();
    fill(array.as_mut_slice(), salt, 1.0);
    array
}

/// Sets each parameter to its numbers, times its scale.
struct Fill {
    parameter: usize,
    scales: Vec<f64>,
}

impl VisitorMut for Fill {
    fn tensor<T: Real>(&mut self, elements: &mut [T]) {
        fill(elements, self.parameter as u32, self.scales[self.parameter]);
        self.parameter += 1;
    }
}

/// What is expected of an array: its projection and norm, and samples of it, which are taken off the front.
fn compare<T: Real>(what: &str, salt: u32, found: &[T], check: &[f64], samples: &mut &[f64], tolerance: f64) {
    let found: Vec<f64> = found.iter().map(|a| a.to_f64().expect("a real number")).collect();
    let [projection, norm] = *check else { panic!("{what}: {check:?}") };
    let close = |part: &str, a: f64, b: f64, size: f64| {
        assert!((a - b).abs() <= tolerance * size, "{what}, {part}: {a} instead of {b}, {:.1e}", (a - b).abs() / size);
    };
    close("norm", found.iter().map(|a| a * a).sum::<f64>().sqrt(), norm, norm);
    close("projection", found.iter().zip(numbers(PROJECTION + salt)).map(|(a, b)| a * b).sum(), projection, norm);
    let mean = norm / (found.len() as f64).sqrt();
    for (i, &a) in found.iter().enumerate().step_by((found.len() / 16) | 1) {
        let b = samples.split_off_first().expect("a sample");
        close(&format!("[{i}]"), a, *b, mean + b.abs());
    }
}

/// Compares the gradient of each parameter.
struct Compare<'a> {
    parameter: usize,
    checks: &'a [f64],
    samples: &'a [f64],
    tolerance: f64,
}

impl Visitor for Compare<'_> {
    fn tensor<T: Real>(&mut self, elements: &[T]) {
        let Self { parameter: p, checks, samples, tolerance } = self;
        compare(&format!("gradient {p}"), *p as u32, elements, &checks[2 * *p..][..2], samples, *tolerance);
        *p += 1;
    }
}

/// The network with the parameters of the script.
fn network<M: Parameters>(name: &str) -> Box<M> {
    let scales = load::<f64>(&format!("network/{name}"), "scales");
    let (mut network, count) = (M::boxed(), scales.len());
    let mut fill = Fill { parameter: 0, scales };
    network.visit_mut(&mut fill);
    assert_eq!(fill.parameter, count, "{name}: parameters");
    network
}

/// Outputs in inference and in training, dx and all gradients. The error is at most `tolerance` times the norm of an
/// array, for an element the root of the mean of the squares. The tolerances are ten times what was found at any level.
fn agrees<M, X>(name: &str, tolerance: f64)
where
    M: Backward<X, Output: Array<Scalar = X::Scalar>> + Parameters<Gradient: Parameters>,
    X: Array<Scalar: Approximate>,
{
    let expected = |array| load::<f64>(&format!("network/{name}"), array);
    let network: Box<M> = network(name);
    let salt = expected("salt")[0] as u32;
    let (x, mut y): (Box<X>, Box<M::Output>) = (filled(salt), filled(DY));
    network.forward_with(&*x, &mut y, &mut Zeroed::boxed_zeros());
    let check_y = |y: &M::Output| {
        let expected = expected("y");
        let norm = expected.iter().map(|y| y * y).sum::<f64>().sqrt();
        assert_eq!(y.as_slice().len(), expected.len());
        for (i, (&y, &expected)) in y.as_slice().iter().zip(&expected).enumerate() {
            let error = (y.into() - expected).abs() / norm;
            assert!(error <= tolerance, "y[{i}]: {y:?} instead of {expected}, {error:.1e}");
        }
    };
    check_y(&y);

    let (dy, mut dx): (Box<M::Output>, Box<X>) = (filled(DY), filled(DY));
    let (mut tape, mut gradient) = (Tape::<M, X>::boxed_zeros(), M::Gradient::boxed_zeros());
    network.forward_train(&*x, &mut y, &mut tape);
    check_y(&y);
    network.backward_into(&*x, &y, &dy, &mut tape, &mut dx, &mut gradient);
    let (dx_expected, checks, samples) = (expected("dx"), expected("checks"), expected("samples"));
    let (check, mut dx_samples) = dx_expected.split_at(2);
    compare("dx", salt, dx.as_slice(), check, &mut dx_samples, tolerance);
    let mut compare = Compare { parameter: 0, checks: &checks, samples: &samples, tolerance };
    gradient.visit(&mut compare);
    assert_eq!((compare.parameter, compare.samples, dx_samples), (checks.len() / 2, &[][..], &[][..]));
}

/// Forty steps on one batch of random numbers; `loss` overwrites dy.
fn learns<M, X>(name: &str, rate: f32, loss: impl Fn(&X, &M::Output, &mut M::Output) -> f32)
where
    M: Backward<X, Output: Array<Scalar = f32>> + Parameters<Gradient: Parameters>,
    X: Array<Scalar = f32>,
{
    let mut network: Box<M> = network(name);
    let (x, mut y, mut dy): (Box<X>, Box<M::Output>, Box<M::Output>) = (filled(1001), filled(DY), filled(DY));
    let (mut tape, mut gradient) = (Tape::<M, X>::boxed_zeros(), M::Gradient::boxed_zeros());
    let mut sgd = Sgd::new(rate);
    let losses: Vec<f32> = (0..40)
        .map(|_| {
            network.forward_train(&*x, &mut y, &mut tape);
            let loss = loss(&x, &y, &mut dy);
            gradient.zero();
            network.backward_parameters(&*x, &y, &dy, &mut tape, &mut gradient);
            sgd.step(&mut *network, &gradient, &mut ());
            loss
        })
        .collect();
    assert!(losses[39] < 0.8 * losses[0], "{losses:?}");
}

/// name: network, input of a batch of 2, rate of learning, loss, and whether f64 is compared, too: not where all layers are
/// of kinds that the other networks have.
macro_rules! networks {
    ($($name:ident: $network:ident, $input:ident<$($axis:literal),+>, $rate:literal, $loss:expr, $types:ident;)*) => { $(
        mod $name {
            use super::*;

            #[test]
            fn f32_as_pytorch() {
                agrees::<single::models::$network, $input<f32, 2, $($axis),+>>(stringify!($name), 2e-5);
            }

            networks!(@$types $name $network $input<$($axis),+>);

            #[test]
            fn learns() {
                super::learns::<single::models::$network, $input<f32, 2, $($axis),+>>(stringify!($name), $rate, $loss);
            }
        }
    )* };
    (@both $name:ident $network:ident $input:ident<$($axis:literal),+>) => {
        #[test]
        fn f64_as_pytorch() {
            agrees::<double::models::$network, $input<f64, 2, $($axis),+>>(stringify!($name), 1e-13);
        }
    };
    (@single $name:ident $network:ident $input:ident<$($axis:literal),+>) => {};
}

/// Two samples of different classes.
fn classes<X, const K: usize>(_x: &X, y: &Matrix<f32, 2, K>, dy: &mut Matrix<f32, 2, K>) -> f32 {
    softmax_cross_entropy(y, &[0, 1], Reduction::Mean, dy)
}

/// The input again.
fn itself<const K: usize>(x: &Matrix<f32, 2, K>, y: &Matrix<f32, 2, K>, dy: &mut Matrix<f32, 2, K>) -> f32 {
    mse(y, x, Reduction::Mean, dy)
}

networks! {
    digits:      Digits,      Tensor<1, 8, 8>,   0.05,  classes, both;
    lenet5:      LeNet5,      Tensor<1, 28, 28>, 0.01,  classes, both;
    ds_cnn:      DsCnn,       Tensor<1, 49, 10>, 0.01,  classes, both;
    mobilenet:   MobileNet,   Tensor<3, 96, 96>, 0.03,  classes, single;
    resnet8:     ResNet8,     Tensor<3, 32, 32>, 0.003, classes, both;
    autoencoder: AutoEncoder, Matrix<640>,       0.5,   itself, both;
    wakeword:    WakeWord,    Signal<40, 30>,    0.05,  classes, both;
}
