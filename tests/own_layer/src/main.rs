//! A layer of your own, trained in the middle of a model: a struct, the table of its parts, and its two maps.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use constconv::loss::mse;
use constconv::module;
use constconv::prelude::*;

/// y = x where x > 0, and slope · x elsewhere, with a trained slope for each channel. PyTorch: `nn.PReLU`.
#[derive(Clone, Debug, PartialEq)]
pub struct PRelu<T: Scalar, const C: usize> {
    /// The slopes.
    pub slope: Vector<T, C>,
}

module! { [T: Scalar, const C: usize] PRelu<T, C>, of T {
    parameter slope: Vector<T, C>,
}; initialize: by hand }

impl<T: Real, const C: usize> Initialize for PRelu<T, C> {
    /// All slopes are ¼, as in PyTorch.
    fn initialize(&mut self, _: &mut impl FnMut() -> f64) {
        self.slope.fill(T::from_f64(0.25).unwrap());
    }
}

/// The planes of an image, and for each of them its channel.
fn planes<T, const C: usize>(elements: &[T], plane: usize) -> impl Iterator<Item = (usize, &[T])> {
    (0..C).cycle().zip(elements.chunks_exact(plane))
}

impl<T: Real, const N: usize, const C: usize, const H: usize, const W: usize> Layer<Tensor<T, N, C, H, W>>
    for PRelu<T, C>
{
    type Output = Tensor<T, N, C, H, W>;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &Tensor<T, N, C, H, W>, y: &mut Tensor<T, N, C, H, W>, (): &mut ()) {
        for ((c, x), y) in planes::<_, C>(x.as_slice(), H * W).zip(y.as_mut_slice().chunks_exact_mut(H * W)) {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = if x > T::ZERO { x } else { self.slope[[c]] * x };
            }
        }
    }
}

impl<T: Real, const N: usize, const C: usize, const H: usize, const W: usize> Backward<Tensor<T, N, C, H, W>>
    for PRelu<T, C>
{
    type Tape = ();

    fn forward_train_pass(&self, x: &Tensor<T, N, C, H, W>, y: &mut Tensor<T, N, C, H, W>, (): &mut ()) {
        self.forward_pass(x, y, &mut ());
    }

    fn backward_pass(
        &self,
        x: &Tensor<T, N, C, H, W>,
        _y: &Tensor<T, N, C, H, W>,
        dy: &Tensor<T, N, C, H, W>,
        (): &mut (),
        dx: Option<&mut Tensor<T, N, C, H, W>>,
        gradient: &mut Self,
    ) {
        let planes = || planes::<_, C>(x.as_slice(), H * W).zip(dy.as_slice().chunks_exact(H * W));
        for ((c, x), dy) in planes() {
            for (&x, &dy) in x.iter().zip(dy) {
                gradient.slope[[c]] += if x > T::ZERO { T::ZERO } else { x * dy };
            }
        }
        if let Some(dx) = dx {
            for (((c, x), dy), dx) in planes().zip(dx.as_mut_slice().chunks_exact_mut(H * W)) {
                for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
                    *dx = if x > T::ZERO { dy } else { self.slope[[c]] * dy };
                }
            }
        }
    }
}

model! {
    /// A layer of your own between two of the library's.
    pub Net: Images<1> => {
        /// Gives the layer its x, and is trained by its dx.
        conv: Conv2d<f64, 1, 2, Kernel<3>>,
        /// The layer of your own.
        prelu: PRelu<f64, 2>,
        /// Gives the layer its dy.
        fc: Linear<f64, 18, 2>,
    }
}

type Images<const N: usize> = Tensor<f64, N, 1, 5, 5>;
const BATCH: usize = 32;

/// Numbers uniform in [0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

/// The mean squared error of the model on a batch.
fn loss(net: &Net, x: &Images<BATCH>, target: &Matrix<f64, BATCH, 2>) -> f64 {
    mse(&net.forward(x), target, Reduction::Mean, &mut Matrix::zeros())
}

fn main() {
    let mut state = 1;
    let mut teacher = Net::BLANK;
    teacher.initialize(&mut || uniform(&mut state));
    assert_eq!(teacher.prelu.slope, Vector::full(0.25));
    let mut net = teacher.clone();
    // A model that differs in its slopes alone teaches another one.
    teacher.prelu.slope = Vector::new([-0.5, 0.9]);
    let x = Images::from_fn(|_| 2.0 * uniform(&mut state) - 1.0);
    let target = teacher.forward(&x);

    let (mut y, mut dy) = (Matrix::zeros(), Matrix::zeros());
    let (mut tape, mut gradient) = (Tape::<Net, Images<BATCH>>::ZERO, Gradient::<Net>::ZERO);
    let (mut adam, mut state) = (Adam::new(0.02), Zeroed::ZERO);
    let first = loss(&net, &x, &target);
    // A rate that falls to 0: the last steps find the minimum and do not jump over it.
    const STEPS: usize = 4_000;
    for step in 0..STEPS {
        adam.learning_rate = 0.02 * (1.0 - step as f64 / STEPS as f64);
        net.forward_train(&x, &mut y, &mut tape);
        let value = mse(&y, &target, Reduction::Mean, &mut dy);
        gradient.zero();
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);

        if step == 0 {
            assert_eq!(value, first);
            let quotient = |change: fn(&mut Net) -> &mut f64| {
                let [mut more, mut less] = [net.clone(), net.clone()];
                *change(&mut more) += 1e-5;
                *change(&mut less) -= 1e-5;
                (loss(&more, &x, &target) - loss(&less, &x, &target)) / 2e-5
            };
            for (got, expected) in [
                (gradient.prelu.slope[[0]], quotient(|net| &mut net.prelu.slope[[0]])),
                (gradient.prelu.slope[[1]], quotient(|net| &mut net.prelu.slope[[1]])),
                (gradient.conv.bias[[0]], quotient(|net| &mut net.conv.bias[[0]])), // by way of dx
                (gradient.conv.weight[[1, 0, 2, 1]], quotient(|net| &mut net.conv.weight[[1, 0, 2, 1]])),
            ] {
                assert!(expected.abs() > 1e-4, "{expected} says nothing");
                assert!((got - expected).abs() < 1e-6 + 1e-3 * expected.abs(), "{got} is not {expected}");
            }
        }
        adam.step(&mut net, &gradient, &mut state);
    }

    let last = loss(&net, &x, &target);
    println!("loss {first:.2e} → {last:.2e}, slopes {:?} → {:?}", [0.25; 2], net.prelu.slope.as_array());
    assert!(last < 1e-4 * first, "the model does not learn: {last} after {first}");
    for (got, expected) in net.prelu.slope.iter().zip(&teacher.prelu.slope) {
        assert!((got - expected).abs() < 0.1, "the slopes are {:?}", net.prelu.slope.as_array());
    }
}
