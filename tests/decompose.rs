//! Filters taken apart into two (S5 of the specification), and put together again.

mod support;

use std::sync::Mutex;

use constconv::functional::conv2d;
use constconv::functional::{
    DecomposeError, DecomposeOptions, DecomposeWorkspace, Fit, compose, compose_into, decompose, decompose_into,
};
use constconv::prelude::*;
use constconv::shape::{Axis, Composed, Decomposed};
use support::{Random, assert_close, assert_within, fixture, nan};

/// W with zeros around it.
fn padded<const C2: usize, const C1: usize, const K: usize, const SIDE: usize>(
    w: &Tensor<f64, C2, C1, K, K>,
) -> Tensor<f64, C2, C1, SIDE, SIDE> {
    let inside = |i: usize| i.checked_sub((K - 1) / 2).filter(|&i| i < K);
    Tensor::from_fn(|[o, c, i, j]| inside(i).zip(inside(j)).map_or(0.0, |(i, j)| w[[o, c, i, j]]))
}

/// The definition of a composition, loop by loop.
fn check_composition<const C2: usize, const M: usize, const C1: usize, const K: usize, const SIDE: usize>()
where
    Axis<K>: Composed<Filters<f64, C2, C1> = Tensor<f64, C2, C1, SIDE, SIDE>>,
{
    let mut random = Random::new(SIDE as u64);
    let (f1, f2): (Tensor<f64, M, C1, K, K>, Tensor<f64, C2, M, K, K>) = (random.array(), random.array());
    let mut expected = Tensor::<f64, C2, C1, SIDE, SIDE>::zeros();
    for (o, c, m) in (0..C2 * C1 * M).map(|i| (i / (C1 * M), i / M % C1, i % M)) {
        for (a, b) in (0..K.pow(4)).map(|i| (i / (K * K), i % (K * K))) {
            expected[[o, c, a / K + b / K, a % K + b % K]] += f2[[o, m, a / K, a % K]] * f1[[m, c, b / K, b % K]];
        }
    }
    let mut found = nan();
    compose_into(&f1, &f2, &mut found);
    assert_close("a composition", &found, &expected, M * K * K);
    assert_eq!(compose(&f1, &f2), found);
}

#[test]
fn the_defaults_are_those_of_the_published_code() {
    let options = DecomposeOptions::<f64>::default();
    assert_eq!(options, DecomposeOptions { ridge: 1e-4, sweeps: 10, tolerance: 1e-7 });
}

#[test]
fn a_composition_is_a_sum_of_full_convolutions() {
    check_composition::<2, 3, 4, 1, 1>();
    check_composition::<3, 2, 1, 2, 3>();
    check_composition::<2, 3, 4, 3, 5>();
    check_composition::<1, 4, 2, 4, 7>();
    check_composition::<5, 1, 2, 5, 9>();
}

/// Two layers are one with the composition, for each stride-1 padding in front; no filter is turned.
#[test]
fn two_layers_are_one_with_the_composition() {
    let mut random = Random::new(1);
    let conv1 = random.module::<Conv2d<f64, 3, 4, Kernel<3>, Stride<1>, Padding<2>>>();
    let conv2 = random.module::<Conv2d<f64, 4, 2, Kernel<3>>>();
    let x: Tensor<f64, 2, 3, 9, 7> = random.array();
    let both = compose(&conv1.weight, &conv2.weight);
    // The bias of the first layer goes through the second one.
    let bias = Vector::from_fn(|[o]| {
        let through = |m: usize| conv2.weight.as_array()[o][m].as_flattened().iter().sum::<f64>() * conv1.bias[[m]];
        conv2.bias[[o]] + (0..4).map(through).sum::<f64>()
    });
    let one = Conv2d::<f64, 3, 2, Kernel<5>, Stride<1>, Padding<2>>::new(both, bias);
    assert_close("two layers", &conv2.forward(&conv1.forward(&x)), &one.forward(&x), 27 * 36);
}

/// One search from random filters; checks that nothing of it goes up, and that what is reported is true.
fn search<const C2: usize, const M: usize, const C1: usize, const K: usize, const SIDE: usize>(
    w: &Tensor<f64, C2, C1, K, K>,
    options: &DecomposeOptions<f64>,
    seed: u64,
) -> (Tensor<f64, M, C1, K, K>, Tensor<f64, C2, M, K, K>, Fit<f64>)
where
    Axis<K>: Decomposed<M> + Composed<Filters<f64, C2, C1> = Tensor<f64, C2, C1, SIDE, SIDE>>,
{
    let start: Tensor<f64, M, C1, K, K> = Random::new(seed).scaled(0.3);
    let (mut f1, mut f2) = (start.clone(), nan());
    let mut workspace = Box::new(DecomposeWorkspace::<f64, C2, M, C1, K>::ZERO);
    let (mut halves, mut last) = (0, f64::INFINITY);
    let fit = decompose_into(w, options, &mut f1, &mut f2, &mut workspace, |fit| {
        assert_eq!(fit.sweep, halves / 2 + 1);
        assert!(fit.objective <= last * (1.0 + 1e-12), "half {halves}: {} after {last}", fit.objective);
        (halves, last) = (halves + 1, fit.objective);
    })
    .expect("finite numbers");
    assert_eq!((halves, last), (2 * fit.sweep, fit.objective));

    let norm = |numbers: &[f64]| numbers.iter().map(|a| a * a).sum::<f64>();
    let apart = compose(&f1, &f2).zip(&padded(w), |a, b| a - b);
    let (residual, penalty) = (norm(apart.as_slice()), norm(f1.as_slice()) + norm(f2.as_slice()));
    assert!((fit.residual - residual).abs() <= 1e-12 * (1.0 + norm(w.as_slice())), "{fit:?}: {residual}");
    assert!((fit.objective - residual - options.ridge * penalty).abs() <= 1e-12 * (1.0 + fit.objective));
    assert_eq!(decompose(w, &start, options), Ok((f1.clone(), f2.clone(), fit)));
    (f1, f2, fit)
}

#[test]
fn the_objective_never_grows() {
    for seed in 0..10 {
        let mut random = Random::new(seed);
        let options = DecomposeOptions::new();
        search::<4, 3, 2, 3, 5>(&random.array(), &options, seed);
        search::<1, 1, 1, 3, 5>(&random.array(), &options, seed);
        search::<2, 5, 3, 1, 1>(&random.array(), &options, seed);
        search::<3, 2, 3, 5, 9>(&random.array(), &options, seed);
        search::<2, 3, 4, 3, 5>(&random.array(), &options.ridge(1.0).sweeps(30), seed);
        search::<2, 3, 4, 3, 5>(&random.array(), &options.ridge(1e-9), seed);
    }
}

/// Filters with numbers in the middle cell alone: a mixture of the channels.
fn centred<const M: usize, const C1: usize>(random: &mut Random) -> Tensor<f64, M, C1, 3, 3> {
    Tensor::from_fn(|[_, _, i, j]| if (i, j) == (1, 1) { random.normal() } else { 0.0 })
}

#[test]
fn an_exact_composition_is_recovered() {
    for seed in 0..10 {
        let mut random = Random::new(seed);
        let squares = |w: &Tensor<f64, 6, 3, 3, 3>| w.iter().map(|a| a * a).sum::<f64>();

        // Columns, then rows.
        let f1 = Tensor::<f64, 2, 3, 3, 3>::from_fn(|[_, _, _, j]| if j == 1 { random.normal() } else { 0.0 });
        let f2 = Tensor::<f64, 6, 2, 3, 3>::from_fn(|[_, _, i, _]| if i == 1 { random.normal() } else { 0.0 });
        let both = compose(&f1, &f2);
        let w = Tensor::from_fn(|[o, c, i, j]| both[[o, c, i + 1, j + 1]]);
        assert_eq!(padded(&w), both);
        // From one of the factors the other one follows at once; what remains is due to the ridge.
        let (_, _, fit) = decompose(&w, &f1, &DecomposeOptions::new()).unwrap();
        assert!(fit.sweep == 1 && fit.residual < 1e-7, "{fit:?}");
        // From its neighbourhood it takes a while.
        let near = f1.map(|a| a + 0.1 * random.normal());
        let (_, _, fit) = decompose(&w, &near, &DecomposeOptions::new().sweeps(100)).unwrap();
        assert!(fit.residual < 1e-4 * squares(&w), "{fit:?} of {}", squares(&w));

        // With as many channels between as there are in front, any filters are a composition: of a mixture of the
        // channels and what undoes it.
        let w: Tensor<f64, 6, 3, 3, 3> = random.array();
        let options = DecomposeOptions::new().ridge(1e-9);
        let (_, _, fit) = decompose(&w, &centred::<3, 3>(&mut random), &options).unwrap();
        assert!(fit.residual < 1e-7, "{fit:?}");
    }
}

/// In place of one layer two: apart by no more than the reported residual allows.
#[test]
fn two_layers_are_one_within_the_residual() {
    let mut random = Random::new(5);
    let (w, x): (Tensor<f64, 4, 3, 3, 3>, Tensor<f64, 2, 3, 8, 9>) = (random.array(), random.array());
    let one = conv2d(&x, &w, &(), (Stride::<1>, Padding::<1>));
    // √Σ x², over the inputs of each output.
    let ones = Tensor::<f64, 1, 3, 5, 5>::full(1.0);
    let inputs = conv2d(&x.map(|x| x * x), &ones, &(), (Stride::<1>, Padding::<2>)).map(f64::sqrt);
    let mut largest = 0.0_f64;
    for sweeps in [1, 10, 100] {
        let start = centred::<2, 3>(&mut random).map(|a| a + 0.1 * random.normal());
        let (f1, f2, fit) = decompose(&w, &start, &DecomposeOptions::new().sweeps(sweeps)).unwrap();
        let two = conv2d(&conv2d(&x, &f1, &(), (Stride::<1>, Padding::<2>)), &f2, &(), ());
        for (i, (&a, &b)) in two.iter().zip(&one).enumerate() {
            let (image, pixel) = (i / (4 * 72), i % 72);
            let bound = fit.residual.sqrt() * inputs.as_slice()[image * 72 + pixel];
            assert!((a - b).abs() <= bound + 1e-12, "{a} and {b} are more than {bound} apart");
            largest = largest.max((a - b).abs() / bound);
        }
    }
    assert!(largest > 0.1, "the bound is of no use: {largest}");
}

/// Both halves of a sweep against PyTorch's `lstsq`, on the whole design matrix with the ridge as further rows.
#[test]
fn a_sweep_is_what_least_squares_finds() {
    static W: Tensor<f64, 2, 3, 3, 3> = fixture!("operation" sweep f64 "w");
    static START: Tensor<f64, 2, 3, 3, 3> = fixture!("operation" sweep f64 "start");
    static F2: Tensor<f64, 2, 2, 3, 3> = fixture!("operation" sweep f64 "f2");
    static F1: Tensor<f64, 2, 3, 3, 3> = fixture!("operation" sweep f64 "f1");
    static RESIDUAL: Vector<f64, 1> = fixture!("operation" sweep f64 "residual");
    let (f1, f2, fit) = decompose(&W, &START, &DecomposeOptions::new().ridge(0.25).sweeps(1)).unwrap();
    assert_within("f2", &f2, &F2, 1e-12);
    assert_within("f1", &f1, &F1, 1e-12);
    assert_within("residual", &Vector::new([fit.residual]), &RESIDUAL, 1e-12);
}

#[test]
fn single_precision_finds_the_same() {
    let mut random = Random::new(3);
    let (w, start): (Tensor<f64, 4, 2, 3, 3>, Tensor<f64, 3, 2, 3, 3>) = (random.array(), random.array());
    let options = DecomposeOptions::new().ridge(1e-2).sweeps(5);
    let (_, _, double) = decompose(&w, &start, &options).unwrap();
    let narrow = |a: f64| a as f32;
    let options = DecomposeOptions::new().ridge(1e-2).sweeps(5);
    let (_, _, single) = decompose(&w.map(narrow), &start.map(narrow), &options).unwrap();
    assert!((f64::from(single.residual) - double.residual).abs() < 1e-3 * double.residual, "{single:?} {double:?}");
}

#[test]
fn degenerate_filters_end_with_a_result_or_an_error() {
    type W = Tensor<f64, 2, 2, 3, 3>;
    type Start = Tensor<f64, 3, 2, 3, 3>;
    let mut random = Random::new(4);
    let options = DecomposeOptions::new();
    let (w, start): (W, Start) = (random.array(), random.array());

    // Zeros are a composition of zeros.
    let (f1, f2, fit) = decompose(&W::zeros(), &start, &options).unwrap();
    assert_eq!((f1, f2), (Tensor::zeros(), Tensor::zeros()));
    assert_eq!(fit, Fit { sweep: 1, residual: 0.0, objective: 0.0 });
    // A start of zeros leads nowhere, and stays finite.
    let (f1, _, fit) = decompose(&w, &Start::zeros(), &options).unwrap();
    assert_eq!(f1, Start::zeros());
    assert_eq!(fit.sweep, 10);

    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200] {
        let mut bad = w.clone();
        bad[[1, 0, 2, 2]] = wrong;
        assert_eq!(decompose(&bad, &start, &options).unwrap_err(), DecomposeError::NotFinite, "{wrong} in w");
        let mut bad = start.clone();
        bad[[2, 1, 0, 0]] = wrong;
        assert_eq!(decompose(&w, &bad, &options).unwrap_err(), DecomposeError::NotFinite, "{wrong} in the start");
    }

    // Two equal channels between: without a ridge there are many solutions.
    let twice = Start::from_fn(|[m, c, i, j]| ((m % 2 + c + i) * (j + 1)) as f64);
    assert_eq!(decompose(&w, &twice, &options.ridge(0.0)).unwrap_err(), DecomposeError::NotDefinite);
    assert!(decompose(&w, &twice, &options).is_ok());
    assert_eq!(decompose(&w, &start, &options.ridge(f64::NAN)).unwrap_err(), DecomposeError::NotFinite);
    // There is always one sweep.
    assert_eq!(decompose(&w, &start, &options.sweeps(0)).unwrap().2.sweep, 1);
}

#[test]
fn the_workspace_can_be_static() {
    static WORKSPACE: Mutex<DecomposeWorkspace<f64, 3, 4, 2, 3>> = Mutex::new(Zeroed::ZERO);
    let mut random = Random::new(6);
    let (w, start): (Tensor<f64, 3, 2, 3, 3>, Tensor<f64, 4, 2, 3, 3>) = (random.array(), random.array());
    let (mut f1, mut f2) = (start.clone(), nan());
    let workspace = &mut *WORKSPACE.lock().unwrap();
    let fit = decompose_into(&w, &DecomposeOptions::new(), &mut f1, &mut f2, workspace, |_| ()).unwrap();
    assert_eq!(decompose(&w, &start, &DecomposeOptions::new()), Ok((f1, f2, fit)));
    assert_eq!(size_of_val(workspace), 8 * (36 * 37 + 3 * 2 * 25));
}

/// One mistake, one error, at a line of the program.
#[test]
fn wrong_programs_are_refused_with_the_pinned_message() {
    trybuild::TestCases::new().compile_fail("tests/ui/decompose/*.rs");
    for entry in std::fs::read_dir("tests/ui/decompose").expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let message = std::fs::read_to_string(&path).expect("a message");
            let errors = message.lines().filter(|line| line.starts_with("error"));
            assert_eq!(errors.count(), 1, "{}:\n{message}", path.display());
            assert!(!message.contains("UInt<"), "{}:\n{message}", path.display());
        }
    }
}
