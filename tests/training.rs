//! Training works: a small network learns, along a recorded loss curve, the same at every run, and a batch may be
//! taken in parts.

mod support;

use constconv::loss::softmax_cross_entropy;
use constconv::prelude::*;
use support::{Random, assert_within};

model! {
    Net: Tensor<f64, 1, 1, 8, 8> => {
        conv: Conv2d<f64, 1, 3, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc1: Linear<f64, 48, 12>,
        relu2: Relu,
        fc2: Linear<f64, 12, 3>,
    }
}

/// Images of three kinds with noise: a horizontal bar, a vertical bar, a diagonal.
fn images<const N: usize>(random: &mut Random) -> (Tensor<f64, N, 1, 8, 8>, [usize; N]) {
    let labels = std::array::from_fn(|n| n % 3);
    let places: [usize; N] = std::array::from_fn(|_| (random.bits() % 8) as usize);
    let x = Tensor::from_fn(|[n, _, h, w]| {
        let lit = [h == places[n], w == places[n], h == w][labels[n]];
        f64::from(lit) + 0.2 * random.normal()
    });
    (x, labels)
}

/// Trains on one batch of 12 and returns the loss before each step and the network.
fn train(steps: usize) -> (Vec<f64>, Net) {
    let mut random = Random::new(7);
    let mut net: Net = random.module();
    let (x, labels) = images::<12>(&mut random);
    let (mut sgd, mut state) = (Sgd::new(0.1).momentum(0.9).weight_decay(1e-3), Zeroed::ZERO);
    let (mut y, mut dy, mut tape) = (Matrix::zeros(), Matrix::zeros(), Zeroed::ZERO);
    let mut gradient: Gradient<Net> = Zeroed::ZERO;
    let mut losses = Vec::new();
    for _ in 0..steps {
        net.forward_train(&x, &mut y, &mut tape);
        losses.push(softmax_cross_entropy(&y, &labels, Reduction::Mean, &mut dy));
        gradient.zero();
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
        sgd.step(&mut net, &gradient, &mut state);
    }
    (losses, net)
}

/// Recorded from this library's reference loops, every third step. In f64 another order of summation moves them by
/// far less than the tolerance of 1e-9.
const RECORDED: [f64; 10] = [
    1.1168226255720177,
    1.0672571098411625,
    1.0014552888744854,
    0.861849077538373,
    0.6314610562149373,
    0.4574769681541467,
    0.30518920502741476,
    0.16378268482320407,
    0.055133941466205136,
    0.01168277554463073,
];

#[test]
fn the_loss_follows_the_recorded_curve_and_falls() {
    let (losses, _) = train(30);
    let every_third: [f64; 10] = std::array::from_fn(|i| losses[3 * i]);
    assert_within(&format!("{every_third:?}"), &Vector::new(every_third), &Vector::new(RECORDED), 1e-9);
    assert!(losses[29] < losses[0] / 10.0, "{losses:?}");
}

#[test]
fn a_trained_network_tells_new_images_apart() {
    let (_, net) = train(60);
    let (x, labels) = images::<12>(&mut Random::new(7));
    let y: Matrix<f64, 12, 3> = net.forward(&x);
    let right = y.as_array().iter().zip(labels).filter(|(y, label)| y.iter().all(|a| *a <= y[*label])).count();
    assert!(right >= 10, "{right} of 12");
}

#[test]
fn training_is_deterministic() {
    assert_eq!(train(10), train(10));
}

#[test]
fn a_seed_gives_the_same_parameters_again() {
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    let net = |seed| Net::random(&mut StdRng::seed_from_u64(seed));
    assert_eq!(net(1), net(1));
    assert_ne!(net(1), net(2));
    // PyTorch's bound: 1/√fan_in.
    assert!(net(1).conv.weight.iter().all(|w| w.abs() <= 1.0 / 3.0));
    assert!(net(1).fc1.bias.iter().all(|b| b.abs() <= 48.0_f64.sqrt().recip()));
    assert!(net(1).fc1.weight.iter().any(|w| w.abs() > 0.9 * 48.0_f64.sqrt().recip()));
}

/// Gradients are added to: two halves of a batch, with the sum as reduction, leave what the whole batch leaves.
#[test]
fn two_halves_of_a_batch_add_up_to_the_whole() {
    let mut random = Random::new(11);
    let net: Net = random.module();
    let (x, labels) = images::<8>(&mut random);

    let mut dy = Matrix::zeros();
    softmax_cross_entropy(&net.forward(&x), &labels, Reduction::Sum, &mut dy);
    let (_, whole) = net.backward(&x, &dy);

    let mut halves: Gradient<Net> = Zeroed::ZERO;
    for start in [0, 4] {
        let x = Tensor::<f64, 4, 1, 8, 8>::from_fn(|[n, c, h, w]| x[[start + n, c, h, w]]);
        let labels = std::array::from_fn(|n| labels[start + n]);
        let (mut y, mut dy, mut tape) = (Matrix::zeros(), Matrix::zeros(), Zeroed::ZERO);
        net.forward_train(&x, &mut y, &mut tape);
        softmax_cross_entropy(&y, &labels, Reduction::Sum, &mut dy);
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut halves);
    }
    assert_within("conv.weight", &halves.conv.weight, &whole.conv.weight, 1e-12);
    assert_within("conv.bias", &halves.conv.bias, &whole.conv.bias, 1e-12);
    assert_within("fc1.weight", &halves.fc1.weight, &whole.fc1.weight, 1e-12);
    assert_within("fc2.bias", &halves.fc2.bias, &whole.fc2.bias, 1e-12);
    // And as one: the difference of the gradients.
    halves.scale(-1.0);
    halves.add(&whole);
    assert!(halves.squared_norm() < 1e-24 * whole.squared_norm());
}
