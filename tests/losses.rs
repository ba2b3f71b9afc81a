//! Losses: PyTorch's numbers, finite differences, edge values.

mod support;

use constconv::loss::{
    CrossEntropy, Nll, binary_cross_entropy_with_logits, huber, l1, mse, nll, softmax_cross_entropy,
};
use constconv::prelude::*;
use support::{Approximate, assert_all_close, load, refusal};

fn matrix<T: Approximate, const R: usize, const C: usize>(case: &str, array: &str) -> Matrix<T, R, C> {
    let numbers = load::<T>(&format!("loss/{case}"), array);
    assert_eq!(numbers.len(), R * C);
    Matrix::from_fn(|[r, c]| numbers[C * r + c])
}

/// Both reductions of a case; `loss(reduction, gradient)` starts with NaN in the gradient.
fn check<T: Approximate, const R: usize, const C: usize>(
    case: &str,
    loss: impl Fn(&Matrix<T, R, C>, Reduction, &mut Matrix<T, R, C>) -> T,
) {
    let prediction = matrix(case, "prediction");
    for (reduction, name) in [(Reduction::Mean, "mean"), (Reduction::Sum, "sum")] {
        let mut gradient = Matrix::full(T::nan());
        let value = loss(&prediction, reduction, &mut gradient);
        let expected = matrix::<T, 1, 1>(case, &format!("loss_{name}"));
        assert_all_close(&format!("{case} {name}"), &[value], expected.as_slice());
        let expected = matrix::<T, R, C>(case, &format!("gradient_{name}"));
        assert_all_close(&format!("{case} gradient, {name}"), gradient.as_slice(), expected.as_slice());
    }
}

fn regressions<T: Approximate>() {
    let target = |case| matrix::<T, 4, 5>(case, "target");
    let half = T::from(0.5).unwrap();
    check("mse", |y, reduction, dy| mse(y, &target("mse"), reduction, dy));
    check("l1", |y, reduction, dy| l1(y, &target("l1"), reduction, dy));
    check("huber_delta1", |y, reduction, dy| huber(y, &target("huber_delta1"), T::one(), reduction, dy));
    check("huber_delta0_5", |y, reduction, dy| huber(y, &target("huber_delta0_5"), half, reduction, dy));
    check("bce_with_logits", |x, reduction, dx| {
        binary_cross_entropy_with_logits(x, &target("bce_with_logits"), reduction, dx)
    });
}

#[test]
fn regressions_agree_with_pytorch() {
    regressions::<f32>();
    regressions::<f64>();
}

const LABELS: [usize; 6] = [3, 1, 0, 4, 1, 2];

fn classifications<T: Approximate>() {
    for case in ["softmax_cross_entropy", "softmax_cross_entropy_large"] {
        check::<T, 6, 5>(case, |x, reduction, dx| softmax_cross_entropy(x, &LABELS, reduction, dx));
    }
    check::<T, 6, 5>("nll", |x, reduction, dx| nll(x, &[0, 4, 2, 2, 1, 3], reduction, dx));

    let weights = Vector::new([0.5, 2.0, 1.0, 0.25, 1.5].map(|w| T::from(w).unwrap()));
    let plain = Nll::<T, 5>::new();
    for (case, loss) in [
        ("class_weights", plain.class_weights(&weights)),
        ("ignore_index", plain.ignore_index(2)),
        ("all", plain.class_weights(&weights).ignore_index(2)),
    ] {
        check::<T, 6, 5>(&format!("nll_{case}"), |x, reduction, dx| {
            loss.reduction(reduction).loss(x, &[0, 4, 2, 2, 1, 3], dx)
        });
    }

    let smoothing = T::from(0.1).unwrap();
    let plain = CrossEntropy::<T, 5>::new();
    for (case, loss) in [
        ("class_weights", plain.class_weights(&weights)),
        ("label_smoothing", plain.label_smoothing(smoothing)),
        ("ignore_index", plain.ignore_index(1)),
        ("all", plain.class_weights(&weights).label_smoothing(smoothing).ignore_index(1)),
    ] {
        check::<T, 6, 5>(&format!("softmax_cross_entropy_{case}"), |x, reduction, dx| {
            loss.reduction(reduction).loss(x, &LABELS, dx)
        });
    }
}

#[test]
fn classifications_agree_with_pytorch() {
    classifications::<f32>();
    classifications::<f64>();
}

/// The gradient against central differences, at points away from kinks.
fn differences<const R: usize, const C: usize>(
    what: &str,
    x: Matrix<f64, R, C>,
    loss: impl Fn(&Matrix<f64, R, C>, Reduction, &mut Matrix<f64, R, C>) -> f64,
) {
    const H: f64 = 1e-6;
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let (mut gradient, mut unused) = (Matrix::full(f64::NAN), Matrix::zeros());
        loss(&x, reduction, &mut gradient);
        for place in (0..R).flat_map(|r| (0..C).map(move |c| [r, c])) {
            let mut value = |step| {
                let mut x = x.clone();
                x[place] += step;
                loss(&x, reduction, &mut unused)
            };
            let expected = (value(H) - value(-H)) / (2.0 * H);
            let error = (gradient[place] - expected).abs();
            assert!(error <= 1e-7 * expected.abs().max(1.0), "{what} at {place:?}: {} {expected}", gradient[place]);
        }
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    let y = Matrix::new([[0.3, -1.7, 2.5], [0.9, 0.4, -0.2]]);
    let target = Matrix::new([[0.1, 0.8, 0.5], [1.0, 0.0, 0.6]]);
    let weights = Vector::new([0.5, 2.0, 1.25]);
    let all = CrossEntropy::new().class_weights(&weights).label_smoothing(0.2).ignore_index(7);
    differences("mse", y.clone(), |y, reduction, dy| mse(y, &target, reduction, dy));
    differences("l1", y.clone(), |y, reduction, dy| l1(y, &target, reduction, dy));
    differences("huber", y.clone(), |y, reduction, dy| huber(y, &target, 0.45, reduction, dy));
    differences("bce", y.clone(), |x, reduction, dx| binary_cross_entropy_with_logits(x, &target, reduction, dx));
    differences("cross entropy", y.clone(), |x, reduction, dx| softmax_cross_entropy(x, &[2, 0], reduction, dx));
    differences("cross entropy, all", y.clone(), |x, reduction, dx| all.reduction(reduction).loss(x, &[1, 0], dx));
    differences("cross entropy, ignored", y.clone(), |x, reduction, dx| all.reduction(reduction).loss(x, &[7, 2], dx));
    let likelihood = Nll::new().class_weights(&weights).ignore_index(7);
    differences("nll, all", y.clone(), |x, reduction, dx| likelihood.reduction(reduction).loss(x, &[1, 0], dx));
    differences("nll, ignored", y.clone(), |x, reduction, dx| likelihood.reduction(reduction).loss(x, &[7, 2], dx));
    differences("nll", y, |x, reduction, dx| nll(x, &[2, 0], reduction, dx));
}

#[test]
fn nll_of_log_softmax_is_cross_entropy() {
    let x = Matrix::new([[0.3_f64, -1.7, 2.5], [0.9, 0.4, -0.2]]);
    let (mut of_scores, mut of_log) = (Matrix::zeros(), Matrix::zeros());
    let expected = softmax_cross_entropy(&x, &[2, 0], Reduction::Mean, &mut of_scores);
    let found = nll(&LogSoftmax.forward(&x), &[2, 0], Reduction::Mean, &mut of_log);
    let (dx, _) = LogSoftmax.backward(&x, &of_log);
    assert!((found - expected).abs() < 1e-15);
    assert!(dx.iter().zip(&of_scores).all(|(a, b)| (a - b).abs() < 1e-15));
}

/// With class weights and an ignored label too; the numbers of `CrossEntropy` are PyTorch's.
#[test]
fn weighted_nll_of_log_softmax_is_weighted_cross_entropy() {
    let scores = matrix::<f64, 6, 5>("softmax_cross_entropy_all", "prediction");
    let weights = Vector::new([0.5, 2.0, 1.0, 0.25, 1.5]);
    for reduction in [Reduction::Mean, Reduction::Sum] {
        for ignored in [1, 3, 99] {
            let (mut expected_dx, mut of_log) = (Matrix::full(f64::NAN), Matrix::full(f64::NAN));
            let loss = CrossEntropy::new().class_weights(&weights).ignore_index(ignored).reduction(reduction);
            let expected = loss.loss(&scores, &LABELS, &mut expected_dx);
            let loss = Nll::new().class_weights(&weights).ignore_index(ignored).reduction(reduction);
            let found = loss.loss(&LogSoftmax.forward(&scores), &LABELS, &mut of_log);
            let (dx, _) = LogSoftmax.backward(&scores, &of_log);
            assert_all_close("loss", &[found], &[expected]);
            assert_all_close("dx", dx.as_slice(), expected_dx.as_slice());
        }
    }
    let value = Nll::new().ignore_index(1).loss(&Matrix::<f64, 1, 2>::zeros(), &[1], &mut Matrix::zeros());
    assert!(value.is_nan());
}

#[test]
fn errors_of_any_size_are_finite() {
    let (y, target) = (Vector::new([f32::MAX, -1e30, f32::INFINITY]), Vector::zeros());
    let mut dy = Vector::zeros();
    let loss = huber(&y, &target, 1.0, Reduction::Sum, &mut dy);
    assert_eq!((loss, &dy), (f32::INFINITY, &Vector::new([1.0, -1.0, 1.0])));

    let (x, target) = (Vector::new([f32::MAX, f32::MIN, 1e-30]), Vector::new([1.0, 0.0, 0.5]));
    let loss = binary_cross_entropy_with_logits(&x, &target, Reduction::Sum, &mut dy);
    assert_eq!((loss, &dy), (2.0_f32.ln(), &Vector::zeros()));
}

#[test]
fn a_nan_is_not_hidden() {
    let (y, target) = (Vector::new([1.0, f64::NAN]), Vector::zeros());
    type WindowParameter = Vector<f64, 2>;
    let losses: [fn(&WindowParameter, &WindowParameter, &mut WindowParameter) -> f64; 4] = [
        |y, t, dy| mse(y, t, Reduction::Mean, dy),
        |y, t, dy| l1(y, t, Reduction::Mean, dy),
        |y, t, dy| huber(y, t, 1.0, Reduction::Mean, dy),
        |y, t, dy| binary_cross_entropy_with_logits(y, t, Reduction::Mean, dy),
    ];
    for loss in losses {
        let mut dy = Vector::zeros();
        assert!(loss(&y, &target, &mut dy).is_nan());
        assert!(dy[[0]].is_finite() && dy[[1]].is_nan());
    }
    let mut dx = Matrix::zeros();
    assert!(softmax_cross_entropy(&Matrix::new([[0.0, f64::NAN]]), &[0], Reduction::Mean, &mut dx).is_nan());
}

#[test]
fn a_masked_class_costs_nothing() {
    let mut dx = Matrix::zeros();
    let x = Matrix::new([[0.0, f64::NEG_INFINITY, 0.0]]);
    let loss = softmax_cross_entropy(&x, &[0], Reduction::Mean, &mut dx);
    assert_eq!((loss, dx), (2.0_f64.ln(), Matrix::new([[-0.5, 0.0, 0.5]])));
}

#[test]
fn ignored_samples_have_no_gradient_and_the_mean_of_none_is_nan() {
    let loss = CrossEntropy::<f32, 2>::new().ignore_index(usize::MAX);
    let mut dx = Matrix::full(f32::NAN);
    let value = loss.loss(&Matrix::full(f32::NAN), &[usize::MAX; 3], &mut dx);
    assert!(value.is_nan() && dx == Matrix::zeros());
    let sum = loss.reduction(Reduction::Sum).loss(&Matrix::zeros(), &[usize::MAX; 3], &mut dx);
    assert_eq!((sum, dx), (0.0, Matrix::zeros()));
}

/// A million terms: one f32 accumulator makes 0.10099 of a mean of 0.1.
#[test]
fn long_sums_are_exact() {
    type Long = Matrix<f32, 4096, 256>;
    let (mut y, zeros, mut dy) = (Long::boxed_zeros(), Long::boxed_zeros(), Long::boxed_zeros());
    y.fill(0.1);
    let mut check = |name, expected: f64, terms: f64, loss: &dyn Fn(&Long, Reduction, &mut Long) -> f32| {
        let mean = f64::from(loss(&y, Reduction::Mean, &mut dy));
        assert!((mean / expected - 1.0).abs() < 1e-6, "mean of {name}: {mean} instead of {expected}");
        let sum = f64::from(loss(&y, Reduction::Sum, &mut dy));
        assert!((sum / (expected * terms) - 1.0).abs() < 1e-6, "sum of {name}: {sum} instead of {}", expected * terms);
    };
    let (rows, terms) = (4096.0, 4096.0 * 256.0);
    check("l1", 0.1, terms, &|y, reduction, dy| l1(y, &zeros, reduction, dy));
    check("mse", 0.01, terms, &|y, reduction, dy| mse(y, &zeros, reduction, dy));
    check("huber", 0.005, terms, &|y, reduction, dy| huber(y, &zeros, 1.0, reduction, dy));
    check("bce", 0.1_f64.exp().ln_1p(), terms, &|y, reduction, dy| {
        binary_cross_entropy_with_logits(y, &zeros, reduction, dy)
    });
    let entropy = 256_f64.ln();
    check("cross entropy", entropy, rows, &|y, reduction, dy| softmax_cross_entropy(y, &[3; 4096], reduction, dy));
    check("label smoothing", entropy, rows, &|y, reduction, dy| {
        CrossEntropy::new().label_smoothing(0.7).reduction(reduction).loss(y, &[3; 4096], dy)
    });
    check("nll", -0.1, rows, &|y, reduction, dy| nll(y, &[3; 4096], reduction, dy));
    let weights = Vector::full(0.1);
    check("weighted nll", -0.1, rows * 0.1, &|y, reduction, dy| {
        Nll::new().class_weights(&weights).reduction(reduction).loss(y, &[3; 4096], dy)
    });
}

/// Many classes are a long sum too.
#[test]
fn long_rows_are_exact() {
    type Long = Matrix<f32, 1, 262_144>;
    let (x, mut dx, mut weights) = (Long::boxed_zeros(), Long::boxed_zeros(), Vector::<f32, 262_144>::boxed_zeros());
    weights.fill(0.1);
    let expected = 262_144_f64.ln();
    let loss = softmax_cross_entropy(&x, &[5], Reduction::Sum, &mut dx);
    assert!((f64::from(loss) / expected - 1.0).abs() < 1e-6, "{loss}");
    let smooth = CrossEntropy::new().class_weights(&weights).label_smoothing(1.0).reduction(Reduction::Sum);
    let loss = f64::from(smooth.loss(&x, &[5], &mut dx));
    assert!((loss / (0.1 * expected) - 1.0).abs() < 1e-6, "{loss}");
    // Σ dx = 0: softmax · Σ weights − weights, in which the sums of weights have to be the same.
    let largest = dx.iter().fold(0.0_f32, |largest, dx| largest.max(dx.abs()));
    assert!(largest < 1e-6 / 262_144.0, "{largest}");
}

#[test]
fn values_are_checked_where_they_are_given() {
    const _: CrossEntropy<f32, 2> = CrossEntropy::new().label_smoothing(1.0).ignore_index(3);
    for smoothing in [1.5, -0.1, f32::NAN, f32::INFINITY] {
        let message = refusal(move || CrossEntropy::<f32, 2>::new().label_smoothing(smoothing));
        assert_eq!(message, "label smoothing must be from 0 to 1", "{smoothing}");
    }
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let message = refusal(move || CrossEntropy::new().class_weights(&Vector::new([1.0, weight])).reduction);
        assert_eq!(message, "class weights must be finite and at least 0", "{weight}");
        let message = refusal(move || Nll::new().class_weights(&Vector::new([weight, 0.0])).reduction);
        assert_eq!(message, "class weights must be finite and at least 0", "{weight}");
    }
    for delta in [0.0, -1.0, f64::NAN] {
        let [y, target, mut dy] = [Vector::new([1.0]), Vector::new([2.0]), Vector::zeros()];
        let message = refusal(move || huber(&y, &target, delta, Reduction::Mean, &mut dy));
        assert_eq!(message, "delta must be positive", "{delta}");
    }
}

#[test]
#[should_panic(expected = "label 2 is not one of 2 classes")]
fn a_wrong_label_is_named() {
    let _ = CrossEntropy::new().ignore_index(7).loss(&Matrix::<f32, 1, 2>::zeros(), &[2], &mut Matrix::zeros());
}
