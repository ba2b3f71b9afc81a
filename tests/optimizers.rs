//! Optimizers, schedules and clipping: PyTorch's numbers, step by step.

mod support;

use constconv::module::Parameters;
use constconv::optim::{AdamState, Anneal, CosineAnnealingLr, OneCycleLr, StepLr, clip_grad_norm, clip_grad_value};
use constconv::prelude::*;
use support::{Approximate, Random, assert_all_close, load, refusal};

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

/// The rates of f32 are those of f64, rounded: no digits are lost where a rate is small beside the largest one.
#[test]
fn schedules_in_f32_are_those_of_f64() {
    fn check(case: &str, steps: usize, narrow: impl Fn(usize) -> f32, wide: impl Fn(usize) -> f64) {
        for t in 0..steps {
            let (narrow, wide) = (f64::from(narrow(t)), wide(t));
            assert!((narrow - wide).abs() <= 2e-7 * wide, "{case}, step {t}: {narrow} instead of {wide}");
        }
    }
    for anneal in [Anneal::Linear, Anneal::Cosine] {
        let (narrow, wide) = (OneCycleLr::new(1.0_f32, 100), OneCycleLr::new(1.0_f64, 100));
        let (narrow, wide) = (OneCycleLr { anneal, ..narrow }, OneCycleLr { anneal, ..wide });
        check("one cycle", 102, |t| narrow.rate(t), |t| wide.rate(t));
        assert_eq!((narrow.rate(99), wide.rate(99)), (4e-6, 1.0 / 25.0 / 1e4));
    }
    let narrow = CosineAnnealingLr { learning_rate: 0.5_f32, minimum: 1e-6, steps: 50 };
    let wide = CosineAnnealingLr { learning_rate: 0.5, minimum: f64::from(1e-6_f32), steps: 50 };
    check("cosine", 120, |t| narrow.rate(t), |t| wide.rate(t));
    assert_eq!(narrow.rate(50), 1e-6);
    assert_eq!(wide.rate(100_000_000_000_050), wide.rate(50));
    let narrow = StepLr { learning_rate: 0.5_f32, step_size: 1, gamma: 0.999 };
    let wide = StepLr { learning_rate: 0.5, step_size: 1, gamma: f64::from(0.999_f32) };
    check("step", 5_000, |t| narrow.rate(t), |t| wide.rate(t));
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

/// The squares of these are beyond the type, of the last ones beyond f64.
#[test]
fn norms_of_any_size() {
    let mut gradient = Linear::<f32, 2, 1, NoBias>::new(Matrix::new([[3e20, 4e20]]), ());
    let norm = clip_grad_norm(&mut gradient, 1.0);
    assert!((norm / 5e20 - 1.0).abs() < 1e-6, "{norm}");
    assert_all_close("3e20, 4e20", gradient.weight.as_slice(), &[0.6, 0.8]);

    // The factor is no f32.
    let mut gradient = Linear::<f32, 2, 1, NoBias>::new(Matrix::new([[1.8e38, 2.4e38]]), ());
    clip_grad_norm(&mut gradient, 1e-8);
    assert_all_close("1.8e38, 2.4e38", gradient.weight.as_slice(), &[0.6e-8, 0.8e-8]);

    for unit in [1e200, 1e-200, 1e-308, 1.0] {
        let mut gradient = Linear::<f64, 2, 1, NoBias>::new(Matrix::new([[3.0 * unit, -4.0 * unit]]), ());
        let norm = clip_grad_norm(&mut gradient, 2.5);
        assert!((norm / (5.0 * unit) - 1.0).abs() < 1e-12, "{norm}");
        if unit >= 1.0 {
            assert!((gradient.weight[[0, 0]] - 1.5).abs() < 1e-6 && (gradient.weight[[0, 1]] + 2.0).abs() < 1e-6);
        } else {
            assert_eq!(gradient.weight, Matrix::new([[3.0 * unit, -4.0 * unit]]));
        }
    }
    let mut gradient = Five::<f64>::ZERO;
    assert_eq!(clip_grad_norm(&mut gradient, 0.0), 0.0);
    let mut gradient = five(&[1.0, f64::INFINITY, 3.0, 4.0, 5.0]);
    assert_eq!(clip_grad_norm(&mut gradient, 1.0), f64::INFINITY);
    assert!(gradient.weight[[0, 1]].is_nan() && gradient.weight[[0, 0]] == 0.0);
}

#[test]
fn squares_are_taken_in_f64() {
    let squares = five(&[1e25_f32, 0.0, 0.0, 0.0, 0.0]).squared_norm();
    assert!((squares / 1e50 - 1.0).abs() < 1e-6, "{squares}");
    let squares = five(&[1e-30_f32, 0.0, 0.0, 0.0, 0.0]).squared_norm();
    assert!((squares / 1e-60 - 1.0).abs() < 1e-6, "{squares}");
}

/// Without weight decay an optimizer does not read the weights: a gradient of −0 is one, and ∞ · 0 is not asked for.
#[test]
fn no_weight_decay_is_no_arithmetic() {
    fn velocity<O: Optimizer<Five<f32>>>(mut optimizer: O) -> (Five<f32>, O::State) {
        let (mut model, mut state) = (five(&[f32::INFINITY, f32::MAX, 1.0, -1.0, 0.0]), O::State::ZERO);
        optimizer.step(&mut model, &five(&[-0.0; 5]), &mut state);
        (model, state)
    }
    let weights = Matrix::new([[f32::INFINITY, f32::MAX, 1.0, -1.0, 0.0]]);
    for sgd in [Sgd::new(0.5).momentum(0.5), Sgd::new(0.5).nesterov(0.5)] {
        assert_eq!(velocity(sgd).0.weight, weights);
    }
    assert_eq!(velocity(Sgd::new(0.5)).0.weight, weights);
    assert_eq!(velocity(RmsProp::new(0.5)).0.weight, weights);
    assert_eq!(velocity(RmsProp::new(0.5).centered().momentum(0.5)).0.weight, weights);
    assert_eq!(velocity(Adam::new(0.5)).0.weight, weights);
    assert_eq!(velocity(AdamW::new(0.5).weight_decay(0.0)).0.weight, weights);
}

/// 1 − 1e-6 is no number of f32: what decay takes is small beside the weights and must not be rounded with them.
#[test]
fn a_small_weight_decay_is_not_rounded() {
    let mut adam_w = AdamW::new(1e-5_f32).weight_decay(0.1);
    let (mut model, mut state) = (Linear::<f64, 1, 1, NoBias>::new(Matrix::full(1.0), ()), Zeroed::ZERO);
    adam_w.step(&mut model, &Zeroed::ZERO, &mut state);
    let taken = 1.0 - model.weight[[0, 0]];
    assert!((taken / 1e-6 - 1.0).abs() < 1e-6, "{taken}");
}

#[test]
fn values_are_checked_where_they_are_given() {
    const _: Adam = Adam::new(0.0).betas(0.0, 0.5).eps(0.0).weight_decay(1.0);
    const _: RmsProp<f32, constconv::optim::Centered> = RmsProp::new(0.1).alpha(0.5).centered();
    for bad in [-0.1, -f64::MIN_POSITIVE, f64::NAN, f64::INFINITY] {
        let rate = "the learning rate must be finite and at least 0";
        assert_eq!(refusal(move || Sgd::new(bad)), rate);
        assert_eq!(refusal(move || Adam::new(bad)), rate);
        assert_eq!(refusal(move || AdamW::new(bad)), rate);
        assert_eq!(refusal(move || RmsProp::new(bad)), rate);
        assert_eq!(refusal(move || OneCycleLr::new(bad, 10)), rate);
        assert_eq!(refusal(move || StepLr { learning_rate: bad, step_size: 1, gamma: 0.5 }.rate(0)), rate);
        for (learning_rate, minimum) in [(bad, 0.1), (0.1, bad)] {
            assert_eq!(refusal(move || CosineAnnealingLr { learning_rate, minimum, steps: 10 }.rate(0)), rate);
        }
        let decay = "the weight decay must be finite and at least 0";
        assert_eq!(refusal(move || Sgd::new(0.1).weight_decay(bad)), decay);
        assert_eq!(refusal(move || Adam::new(0.1).weight_decay(bad)), decay);
        assert_eq!(refusal(move || AdamW::new(0.1).weight_decay(bad)), decay);
        assert_eq!(refusal(move || RmsProp::new(0.1).weight_decay(bad)), decay);
        assert_eq!(refusal(move || Adam::new(0.1).eps(bad)), "eps must be finite and at least 0");
        assert_eq!(refusal(move || RmsProp::new(0.1).eps(bad)), "eps must be finite and at least 0");
        let gamma = StepLr { learning_rate: 0.1, step_size: 1, gamma: bad };
        assert_eq!(refusal(move || gamma.rate(0)), "gamma must be finite and at least 0");
    }
    for bad in [-0.1, 1.0, 1.5, f64::NAN] {
        let momentum = "the momentum must be at least 0 and less than 1";
        assert_eq!(refusal(move || Sgd::new(0.1).momentum(bad)), momentum);
        assert_eq!(refusal(move || Sgd::new(0.1).nesterov(bad)), momentum);
        assert_eq!(refusal(move || RmsProp::new(0.1).momentum(bad)), momentum);
        assert_eq!(refusal(move || RmsProp::new(0.1).alpha(bad)), "alpha must be at least 0 and less than 1");
        for (beta1, beta2) in [(bad, 0.5), (0.5, bad)] {
            let betas = "betas must be at least 0 and less than 1";
            assert_eq!(refusal(move || Adam::new(0.1).betas(beta1, beta2)), betas);
            assert_eq!(refusal(move || AdamW::new(0.1).betas(beta1, beta2)), betas);
        }
    }
    for limit in [-1.0, f64::NAN] {
        let refused = "a limit must be at least 0";
        assert_eq!(refusal(move || clip_grad_norm(&mut five(&[1.0_f64; 5]), limit)), refused);
        assert_eq!(refusal(move || clip_grad_value(&mut five(&[1.0_f64; 5]), limit)), refused);
    }
    let cycle = OneCycleLr::new(0.1, 10);
    let refused = "a schedule must have at least 1 step";
    assert_eq!(refusal(|| OneCycleLr::new(0.1, 0)), refused);
    assert_eq!(refusal(move || OneCycleLr { steps: 0, ..cycle }.rate(0)), refused);
    assert_eq!(refusal(|| CosineAnnealingLr { learning_rate: 0.1, minimum: 0.0, steps: 0 }.rate(0)), refused);
    for rise in [-0.1, 1.1, f64::NAN] {
        let refused = "the part of the steps that rises must be from 0 to 1";
        assert_eq!(refusal(move || OneCycleLr { rise, ..cycle }.rate(0)), refused);
    }
    for divisor in [0.0, -1.0, f64::NAN] {
        let refused = "the divisors of a schedule must be positive";
        assert_eq!(refusal(move || OneCycleLr { initial_divisor: divisor, ..cycle }.rate(0)), refused);
        assert_eq!(refusal(move || OneCycleLr { final_divisor: divisor, ..cycle }.rate(0)), refused);
    }
    let refused = refusal(|| StepLr { learning_rate: 0.1, step_size: 0, gamma: 0.5 }.rate(0));
    assert_eq!(refused, "the step size must be at least 1");
}

/// The variance of the gradient goes to 0 while its mean stays: a difference of the two means of squares is rounding
/// alone. PyTorch's formula in exact arithmetic ends at 46 206.
#[test]
fn centered_rms_prop_of_a_constant_gradient() {
    fn run<T: Real>(rate: T, gradient: T) -> T {
        let (mut model, mut state) = (five(&[T::ZERO; 5]), Zeroed::ZERO);
        let mut rms_prop = RmsProp::new(rate.to_f64().unwrap()).centered();
        for _ in 0..2_000 {
            rms_prop.step(&mut model, &five(&[gradient; 5]), &mut state);
        }
        model.weight[[0, 0]]
    }
    let (narrow, wide) = (run(0.01_f32, -1.1), run(0.01_f64, -1.1));
    assert!((wide / 46_205.998 - 1.0).abs() < 1e-6, "{wide}");
    assert!((f64::from(narrow) / wide - 1.0).abs() < 0.02, "{narrow}");
}

#[test]
fn a_constant_gradient_moves_centered_rms_prop_to_finite_places() {
    // The variance goes to 0, and must not become negative.
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
