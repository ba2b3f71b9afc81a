//! Optimizers, schedules and clipping: PyTorch's numbers, step by step.

mod support;

use constconv::layer::Parameters;
use constconv::optim::{AdamState, Anneal, CosineAnnealingLr, OneCycleLr, StepLr, clip_grad_norm, clip_grad_value};
use constconv::prelude::*;
use support::{Approximate, Random, assert_all_close, load};

/// A module of five parameters.
type Five<T> = Linear<T, 5, 1, NoBias>;

fn five<T: Real>(numbers: &[T]) -> Five<T> {
    Linear::new(Matrix::from_fn(|[_, i]| numbers[i]), ())
}

/// Six steps of an optimizer.
fn steps<T: Approximate>(case: &str, mut optimizer: impl Optimizer<Five<T>>) {
    let array = |array| load::<T>(case, array);
    let (mut model, mut state) = (five(&array("p0")), Zeroed::ZERO);
    for (step, (g, p)) in array("g").chunks(5).zip(array("p").chunks(5)).enumerate() {
        optimizer.step(&mut model, &five(g), &mut state);
        assert_all_close(&format!("{case}, step {step}"), model.weight.as_slice(), p);
    }
}

fn optimizers<T: Approximate>() {
    let adam = Adam::new(0.1).betas(0.9, 0.999).eps(1e-8);
    steps::<T>("adam/plain", adam);
    steps::<T>("adam/weight_decay", adam.weight_decay(0.1));
    steps::<T>("adamw/weight_decay", AdamW::new(0.1).betas(0.9, 0.999).eps(1e-8).weight_decay(0.1));

    let rms_prop = RmsProp::new(0.01).alpha(0.99).eps(1e-8);
    steps::<T>("rmsprop/plain", rms_prop);
    steps::<T>("rmsprop/momentum", rms_prop.momentum(0.9));
    steps::<T>("rmsprop/centered", rms_prop.centered());
    steps::<T>("rmsprop/weight_decay", rms_prop.weight_decay(0.1));
    steps::<T>("rmsprop/momentum_centered_weight_decay", rms_prop.momentum(0.9).centered().weight_decay(0.1));
}

#[test]
fn optimizers_agree_with_pytorch() {
    optimizers::<f32>();
    optimizers::<f64>();
}

#[test]
fn hyperparameters_may_be_of_the_type_of_the_model() {
    steps::<f32>("adam/weight_decay", Adam::<f32>::new(0.1).weight_decay(0.1));
    steps::<f32>("adamw/weight_decay", AdamW::<f32>::new(0.1).weight_decay(0.1));
    steps::<f32>("rmsprop/momentum", RmsProp::<f32>::new(0.01).momentum(0.9));
}

#[test]
fn state_is_as_large_as_the_optimizer_says() {
    const P: usize = size_of::<Five<f32>>();
    fn state_size<O: Optimizer<Five<f32>>>(_: &O) -> usize {
        size_of::<State<O, Five<f32>>>()
    }
    let (adam, rms_prop) = (Adam::new(0.1_f32), RmsProp::new(0.1_f32));
    assert_eq!(state_size(&adam), size_of::<AdamState<Five<f32>>>());
    assert_eq!(state_size(&rms_prop), P);
    assert_eq!([state_size(&rms_prop.centered()), state_size(&rms_prop.momentum(0.5))], [2 * P, 2 * P]);
    assert_eq!(state_size(&rms_prop.centered().momentum(0.5)), 3 * P);
}

#[test]
fn schedules_agree_with_pytorch() {
    fn check<T: Approximate>() {
        let step = StepLr { learning_rate: 0.1, step_size: 3, gamma: 0.5 };
        let cosine = CosineAnnealingLr { learning_rate: 0.1, minimum: 0.001, steps: 10 };
        let one_cycle = OneCycleLr::new(0.1, 20);
        let linear = OneCycleLr { anneal: Anneal::Linear, ..one_cycle };
        let rates: [(&str, &dyn Fn(usize) -> f64); 4] = [
            ("step", &|t| step.rate(t)),
            ("cosine", &|t| cosine.rate(t)),
            ("one_cycle_cos", &|t| one_cycle.rate(t)),
            ("one_cycle_linear", &|t| linear.rate(t)),
        ];
        for (case, rate) in rates {
            let expected = load::<T>(&format!("schedule/{case}"), "lr");
            let found: Vec<T> = (0..expected.len()).map(|t| T::from(rate(t)).unwrap()).collect();
            assert_all_close(case, &found, &expected);
        }
    }
    check::<f32>();
    check::<f64>();
}

#[test]
fn schedules_at_their_ends() {
    let cycle = OneCycleLr::new(1.0_f32, 10);
    assert_eq!(cycle.rate(9), cycle.rate(1_000));
    let no_rise = OneCycleLr { rise: 0.1, ..cycle };
    assert_eq!(no_rise.rate(0), 1.0);
    let nothing_but_rise = OneCycleLr { rise: 1.0, ..cycle };
    assert_eq!(nothing_but_rise.rate(9), 1.0);
    let cosine = CosineAnnealingLr { learning_rate: 1.0_f32, minimum: 0.0, steps: 10 };
    assert_eq!(cosine.rate(7), cosine.rate(13));
}

/// Two tensors of five and seven numbers.
macro_rules! two_tensors {
    ($name:ident, $type:ty, $check:ident) => {
        model! {
            $name: Matrix<$type, 1, 5> => {
                a: Linear<$type, 5, 1, NoBias>,
                b: Linear<$type, 1, 7, NoBias>,
            }
        }

        /// Loads the gradients, clips them and compares; returns what `clip` does.
        fn $check<R>(case: &str, clip: impl Fn(&mut Gradient<$name>) -> R) -> R {
            let array = |array: &str| load::<$type>(&format!("clip/{case}"), array);
            let mut gradient = Gradient::<$name>::ZERO;
            gradient.a.weight.as_mut_slice().copy_from_slice(&array("g1"));
            gradient.b.weight.as_mut_slice().copy_from_slice(&array("g2"));
            let result = clip(&mut gradient);
            assert_all_close(case, gradient.a.weight.as_slice(), &array("clipped1"));
            assert_all_close(case, gradient.b.weight.as_slice(), &array("clipped2"));
            result
        }
    };
}

two_tensors! { Narrow, f32, narrow }
two_tensors! { Wide, f64, wide }

#[test]
fn clipping_agrees_with_pytorch() {
    for (case, limit) in [("by_norm", 1.0), ("by_norm_within_limit", 100.0)] {
        let found = narrow(case, |gradient| clip_grad_norm(gradient, limit));
        assert_all_close(case, &[found as f32], &load(&format!("clip/{case}"), "total_norm"));
        let found = wide(case, |gradient| clip_grad_norm(gradient, limit));
        assert_all_close(case, &[found], &load(&format!("clip/{case}"), "total_norm"));
    }
    narrow("by_value", |gradient| clip_grad_value(gradient, 0.5));
    wide("by_value", |gradient| clip_grad_value(gradient, 0.5));
}

#[test]
fn clipping_does_not_hide_nan() {
    let mut gradient = five(&[1.0, f64::NAN, 3.0, 4.0, 5.0]);
    assert!(clip_grad_norm(&mut gradient, 1.0).is_nan());
    assert!(gradient.weight.iter().all(|g| g.is_nan()));
    let mut gradient = five(&[f64::NEG_INFINITY, f64::NAN, 3.0, 0.5, -0.0]);
    clip_grad_value(&mut gradient, 1.0);
    assert!(gradient.weight[[0, 1]].is_nan());
    assert_eq!([0, 2, 3].map(|i| gradient.weight[[0, i]]), [-1.0, 1.0, 0.5]);
}

#[test]
fn a_constant_gradient_moves_centered_rms_prop_to_finite_places() {
    // The variance is 0 but for rounding, which may make it negative.
    let (mut model, mut state) = (five(&[1.0_f32; 5]), Zeroed::ZERO);
    let mut rms_prop = RmsProp::new(1e-6_f32).alpha(0.5).centered();
    for _ in 0..200 {
        rms_prop.step(&mut model, &five(&[0.1, 0.3, 0.7, -1.1, 0.0]), &mut state);
    }
    assert!(model.weight.iter().all(|w| w.is_finite()), "{}", model.weight);
}

model! {
    Net: Matrix<f64, 4, 2> => {
        hidden: Linear<f64, 2, 8>,
        tanh: Tanh,
        out: Linear<f64, 8, 1>,
    }
}

/// Learns exclusive or with a schedule and clipping; returns the last loss.
fn learns_xor<O: Optimizer<Net>>(mut optimizer: O, set_rate: fn(&mut O, f64)) -> f64 {
    let x = Matrix::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let target = Matrix::new([[0.0], [1.0], [1.0], [0.0]]);
    let schedule = OneCycleLr::new(0.05, 500);
    let mut net: Net = Random::new(7).module();
    let mut state = Zeroed::ZERO;
    let mut loss = f64::NAN;
    for t in 0..500 {
        let mut dy = Matrix::zeros();
        loss = constconv::loss::binary_cross_entropy_with_logits(&net.forward(&x), &target, Reduction::Mean, &mut dy);
        let (_, mut gradient) = net.backward(&x, &dy);
        clip_grad_norm(&mut gradient, 1.0);
        set_rate(&mut optimizer, schedule.rate(t));
        optimizer.step(&mut net, &gradient, &mut state);
    }
    assert!(net.squared_norm().is_finite());
    loss
}

#[test]
fn training_works() {
    let adam = learns_xor(Adam::new(0.0), |adam, rate| adam.learning_rate = rate);
    let adam_w = learns_xor(AdamW::new(0.0), |adam, rate| adam.learning_rate = rate);
    let rms_prop = learns_xor(RmsProp::new(0.0), |rms_prop, rate| rms_prop.learning_rate = rate);
    assert!([adam, adam_w, rms_prop].iter().all(|&loss| loss < 0.05), "{adam} {adam_w} {rms_prop}");
}
