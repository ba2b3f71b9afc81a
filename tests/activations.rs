//! Activations: PyTorch's numbers, finite differences, the stated bounds of errors, limits and kinks.

mod support;

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use constconv::functional::{log_softmax_backward, softmax_backward};
use constconv::kernel::math;
use constconv::module::Backward;
use constconv::prelude::*;
use support::{Approximate, assert_all_close, load};

fn vector<T: Real, const N: usize>(numbers: &[T]) -> Vector<T, N> {
    assert_eq!(numbers.len(), N);
    Vector::from_fn(|[n]| numbers[n])
}

/// Calls `$check(layer, name)` for each element-wise layer.
macro_rules! for_each_layer {
    ($check:ident $(::<$type:ty>)?) => {
        $check$(::<$type>)?(Relu, "relu");
        $check$(::<$type>)?(Relu6, "relu6");
        $check$(::<$type>)?(LeakyRelu::<f64>::BLANK, "leaky_relu");
        $check$(::<$type>)?(Sigmoid, "sigmoid");
        $check$(::<$type>)?(Tanh, "tanh");
        $check$(::<$type>)?(Silu, "silu");
        $check$(::<$type>)?(Hardswish, "hardswish");
        $check$(::<$type>)?(Hardsigmoid, "hardsigmoid");
        $check$(::<$type>)?(Gelu, "gelu");
        $check$(::<$type>)?(GeluTanh, "gelu_tanh");
        $check$(::<$type>)?(Softplus, "softplus");
        $check$(::<$type>)?(Elu::<f64>::BLANK, "elu");
    };
}

#[test]
fn element_wise_layers_agree_with_pytorch() {
    fn check<T: Approximate>(layer: impl Backward<Vector<T, 40>, Output = Vector<T, 40>>, name: &str) {
        let input = |array| vector(&load("activation/input", array));
        let (x, dy) = (input("x"), input("dy"));
        let (dx, _) = layer.backward(&x, &dy);
        let expected = |array| load::<T>(&format!("activation/{name}"), array);
        assert_all_close(&format!("{name} y"), layer.forward(&x).as_slice(), &expected("y"));
        assert_all_close(&format!("{name} dx"), dx.as_slice(), &expected("dx"));
    }
    for_each_layer!(check::<f32>);
    for_each_layer!(check::<f64>);
}

#[test]
fn softmax_agrees_with_pytorch() {
    fn check<T: Approximate>(layer: impl Backward<Matrix<T, 4, 5>, Output = Matrix<T, 4, 5>>, name: &str) {
        let array = |array| {
            let numbers = load::<T>(&format!("activation/{name}"), array);
            Matrix::<T, 4, 5>::from_fn(|[n, k]| numbers[5 * n + k])
        };
        let x = array("x");
        let (dx, _) = layer.backward(&x, &array("dy"));
        assert_all_close(&format!("{name} y"), layer.forward(&x).as_slice(), array("y").as_slice());
        assert_all_close(&format!("{name} dx"), dx.as_slice(), array("dx").as_slice());
    }
    check::<f32>(Softmax, "softmax");
    check::<f64>(Softmax, "softmax");
    check::<f32>(LogSoftmax, "log_softmax");
    check::<f64>(LogSoftmax, "log_softmax");
}

const H: f64 = 1e-6;

#[test]
fn derivatives_agree_with_finite_differences() {
    fn check(layer: impl Backward<Vector<f64, 1>, Output = Vector<f64, 1>>, name: &str) {
        let f = |x: f64| layer.forward(&Vector::new([x]))[[0]];
        // Between the kinks, which are at multiples of 1.
        for x in (-200..200).map(|i| f64::from(i) / 16.0 + 0.03) {
            let found = layer.backward(&Vector::new([x]), &Vector::new([2.0])).0[[0]];
            let expected = (f(x + H) - f(x - H)) / H;
            assert!((found - expected).abs() <= 1e-7 * expected.abs().max(1.0), "{name} at {x}: {found}, {expected}");
        }
    }
    for_each_layer!(check);
    check(LeakyRelu::new(0.3), "leaky_relu 0.3");
    check(Elu::new(0.7), "elu 0.7");
}

#[test]
fn derivatives_of_softmax_agree_with_finite_differences() {
    fn check(layer: impl Backward<Matrix<f64, 2, 3>, Output = Matrix<f64, 2, 3>>, name: &str) {
        let x = Matrix::new([[0.3, -1.2, 2.0], [0.1, 0.2, -0.4]]);
        let dy = Matrix::new([[1.0, -0.5, 2.0], [0.0, 3.0, -1.0]]);
        let (dx, _) = layer.backward(&x, &dy);
        let value = |place, step| {
            let mut x = x.clone();
            x[place] += step;
            layer.forward(&x).iter().zip(&dy).map(|(y, dy)| y * dy).sum::<f64>()
        };
        for place in (0..2).flat_map(|n| (0..3).map(move |k| [n, k])) {
            let expected = (value(place, H) - value(place, -H)) / (2.0 * H);
            assert!((dx[place] - expected).abs() <= 1e-7 * expected.abs().max(1.0), "{name} at {place:?}");
        }
    }
    check(Softmax, "softmax");
    check(LogSoftmax, "log_softmax");
}

#[test]
fn kinks_are_those_of_pytorch() {
    fn slope(layer: impl Backward<Vector<f64, 1>, Output = Vector<f64, 1>>, x: f64) -> f64 {
        layer.backward(&Vector::new([x]), &Vector::new([1.0])).0[[0]]
    }
    assert_eq!(slope(Relu, 0.0), 0.0);
    assert_eq!([0.0, 6.0].map(|x| slope(Relu6, x)), [0.0, 0.0]);
    assert_eq!(slope(LeakyRelu::<f64>::BLANK, 0.0), 0.01);
    assert_eq!([slope(Elu::<f64>::BLANK, 0.0), slope(Elu::new(0.5), 0.0)], [1.0, 0.5]);
    assert_eq!([-3.0, 3.0].map(|x| slope(Hardsigmoid, x)), [0.0, 0.0]);
    assert_eq!([-3.0, 3.0].map(|x| slope(Hardswish, x)), [0.0, 1.0]);
    let y = Softplus.forward(&Vector::new([20.5]));
    assert_eq!((y, slope(Softplus, 20.5)), (Vector::new([20.5]), 1.0));
}

/// The output near a limit does not say any more where the input was.
#[test]
fn slopes_near_saturation() {
    fn slope(layer: impl Backward<Vector<f32, 1>, Output = Vector<f32, 1>>, x: f32) -> f32 {
        layer.backward(&Vector::new([x]), &Vector::new([1.0])).0[[0]]
    }
    let sixth = 1.0 / 6.0;
    assert_eq!([2.999_999_8, -2.999_999_8, 3.0, -3.0].map(|x| slope(Hardsigmoid, x)), [sixth, sixth, 0.0, 0.0]);
    assert_eq!(slope(Hardsigmoid, f32::NAN), 0.0); // as PyTorch
    for x in [2.9_f32, 3.0, 3.1, -3.0, 8.0] {
        let right = f64::from(x).cosh().powi(-2);
        let error = (f64::from(slope(Tanh, x)) / right - 1.0).abs();
        assert!(error < 4e-7, "tanh' at {x} is wrong by {error}");
    }
    for x in [0.0_f32, 1.5, 6.0, 12.0, 20.0, 80.0, -6.0, -20.0] {
        let e = (-f64::from(x).abs()).exp();
        let error = (f64::from(slope(Sigmoid, x)) / (e / (1.0 + e).powi(2)) - 1.0).abs();
        assert!(error < 4e-7, "the slope of σ at {x} is wrong by {error}");
    }
    assert_eq!([f32::INFINITY, f32::NEG_INFINITY].map(|x| slope(Sigmoid, x)), [0.0, 0.0]);
    assert!(slope(Sigmoid, f32::NAN).is_nan());
    assert_eq!(Hardswish.forward(&Vector::new([1e38_f32])), Vector::new([1e38]));
}

/// dx is 0 where the slope is, and dy where it is 1.
#[test]
fn an_infinite_gradient_stops_where_the_slope_is_zero() {
    fn check(layer: impl Backward<Vector<f32, 2>, Output = Vector<f32, 2>>, x: [f32; 2], dx: [f32; 2]) {
        for dy in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let (found, _) = layer.backward(&Vector::new(x), &Vector::full(dy));
            let expected = dx.map(|slope| if slope == 0.0 { 0.0 } else { dy });
            let is_right = found.iter().zip(expected).all(|(a, b)| *a == b || (a.is_nan() && b.is_nan()));
            assert!(is_right, "{}: dy = {dy} gives {found}", std::any::type_name_of_val(&layer));
        }
    }
    check(Relu, [-1.0, 1.0], [0.0, 1.0]);
    check(Relu6, [-1.0, 7.0], [0.0, 0.0]);
    check(Relu6, [6.0, 5.0], [0.0, 1.0]);
    check(Hardsigmoid, [-4.0, 4.0], [0.0, 0.0]);
    check(Hardswish, [-4.0, 4.0], [0.0, 1.0]);
    check(LeakyRelu::<f64>::BLANK, [1.0, 2.0], [1.0, 1.0]);
    check(Elu::<f64>::BLANK, [1.0, 200.0], [1.0, 1.0]);
    check(Softplus, [21.0, 200.0], [1.0, 1.0]);
    // What dropout drops is gone.
    let mut y = [f32::NAN; 64];
    constconv::kernel::dropout(0.5, 7, &[f32::INFINITY; 64], &mut y);
    assert!(y.contains(&0.0) && y.contains(&f32::INFINITY) && !y.iter().any(|y| y.is_nan()), "{y:?}");
}

#[test]
fn limits_and_nan() {
    fn check<T: Real>(
        layer: impl Backward<Vector<T, 5>, Output = Vector<T, 5>>,
        [low, high]: [f64; 2],
        [slope_low, slope_high]: [f64; 2],
    ) {
        let name = format!("{layer:?}", layer = std::any::type_name_of_val(&layer));
        let big = T::max_value();
        let x = Vector::new([T::neg_infinity(), -big, T::nan(), big, T::infinity()]);
        let y = layer.forward(&x).map(|y| y.to_f64().unwrap());
        let (dx, _) = layer.backward(&x, &Vector::full(T::one()));
        let dx = dx.map(|dx| dx.to_f64().unwrap());
        assert_eq!([y[[0]], y[[4]]], [low, high], "{name}");
        assert!(y[[2]].is_nan(), "{name}");
        for (far, limit) in [(y[[1]], low), (y[[3]], high)] {
            // At the largest number: at the limit, or as far on the way as there are numbers.
            assert!(
                far == limit || (limit.is_infinite() && far.abs() >= 0.009 * big.to_f64().unwrap()),
                "{name} {far}"
            );
        }
        let close = |a: f64, b: f64| (a - b).abs() < 1e-7;
        assert!([dx[[0]], dx[[1]]].iter().all(|&dx| close(dx, slope_low)), "{name} {dx}");
        assert!([dx[[3]], dx[[4]]].iter().all(|&dx| close(dx, slope_high)), "{name} {dx}");
    }
    const INFINITY: f64 = f64::INFINITY;
    fn all<T: Real>() {
        check::<T>(Relu, [0.0, INFINITY], [0.0, 1.0]);
        check::<T>(Relu6, [0.0, 6.0], [0.0, 0.0]);
        check::<T>(LeakyRelu::<f64>::BLANK, [-INFINITY, INFINITY], [0.01, 1.0]);
        check::<T>(Sigmoid, [0.0, 1.0], [0.0, 0.0]);
        check::<T>(Tanh, [-1.0, 1.0], [0.0, 0.0]);
        check::<T>(Silu, [0.0, INFINITY], [0.0, 1.0]);
        check::<T>(Hardswish, [0.0, INFINITY], [0.0, 1.0]);
        check::<T>(Hardsigmoid, [0.0, 1.0], [0.0, 0.0]);
        check::<T>(Gelu, [0.0, INFINITY], [0.0, 1.0]);
        check::<T>(GeluTanh, [0.0, INFINITY], [0.0, 1.0]);
        check::<T>(Softplus, [0.0, INFINITY], [0.0, 1.0]);
        check::<T>(Elu::<f64>::BLANK, [-1.0, INFINITY], [0.0, 1.0]);
    }
    all::<f32>();
    all::<f64>();
}

#[test]
fn rows_of_softmax_that_have_no_answer_are_nan() {
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    let x =
        Matrix::new([[0.0, nan, 1.0], [0.0, inf, 1.0], [-inf; 3], [0.0, -inf, 0.0], [f32::MAX, f32::MIN, f32::MAX]]);
    let half = 0.5_f32;
    for y in [Softmax.forward(&x), LogSoftmax.forward(&x).map(f32::exp)] {
        let rows = y.as_array();
        assert!(rows[..3].iter().flatten().all(|y| y.is_nan()), "{y}");
        assert!(rows[3..].iter().flatten().zip([half, 0.0, half, half, 0.0, half]).all(|(y, e)| (y - e).abs() < 1e-7));
    }
    // A masked class takes no part in the backward pass.
    let (y, dy) = (Matrix::new([[0.25, 0.75, 0.0_f32]]), Matrix::new([[1.0, 1.0, 5.0]]));
    assert_eq!(softmax_backward(&y, &dy), Matrix::zeros());
    assert_eq!(
        log_softmax_backward(&y.map(f32::ln), &Matrix::new([[0.5, -0.5, 0.0]])),
        Matrix::new([[0.5, -0.5, 0.0]])
    );
}

/// Checks |f − g| ≤ bound · ε · size(g) on a dense grid from `low` to `high` and on numbers near 0. `slack` is for the
/// error of g.
fn within<T: Real>(
    what: &str,
    [low, high]: [f64; 2],
    bound: f64,
    size: fn(f64) -> f64,
    f: impl Fn(T) -> T,
    g: impl Fn(f64) -> f64,
) {
    // Against f64, f32 is measured exactly; f64 itself is held against functions that err by up to 1.5 ε as well.
    let slack = if size_of::<T>() == 4 { 0.0 } else { 1.5 };
    let epsilon = T::epsilon().to_f64().unwrap();
    let smallest = T::min_positive_value().to_f64().unwrap();
    let dense = (0..=100_000).map(|i| low + (high - low) * f64::from(i) / 100_000.0);
    let small = (1..100).flat_map(|i| [0.71_f64, -0.71].map(|sign| sign * 0.5_f64.powi(i)));
    for x in dense.chain(small.filter(|x| (low..=high).contains(x))) {
        let x = T::from(x).unwrap();
        let (found, expected) = (f(x).to_f64().unwrap(), g(x.to_f64().unwrap()));
        let error = (found - expected).abs() / epsilon / size(expected).max(smallest);
        assert!(error <= bound + slack, "{what} at {x:?}: {found} instead of {expected}, {error} ε");
    }
}

fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

fn cdf(x: f64) -> f64 {
    erfc(-x * FRAC_1_SQRT_2) / 2.0
}

fn pdf(x: f64) -> f64 {
    (-x * x / 2.0).exp() / (2.0 * PI).sqrt()
}

fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

fn gelu_tanh_argument(x: f64) -> f64 {
    2.0 * (2.0 / PI).sqrt() * (x + 0.044715 * x * x * x)
}

fn relative(y: f64) -> f64 {
    y.abs()
}

fn mixed(y: f64) -> f64 {
    y.abs().max(1.0)
}

fn functions<T: Real>(lowest: f64, highest: f64) {
    within::<T>("exp", [lowest, highest], 0.8, relative, math::exp, f64::exp);
    within::<T>("exp_m1", [lowest, highest], 1.0, relative, math::exp_m1, f64::exp_m1);
    within::<T>("ln_1p", [0.0, 1.0], 1.5, relative, math::ln_1p, f64::ln_1p);
    within::<T>("ln", [1.0, 4.0], 1.5, relative, math::ln, f64::ln);
    within::<T>("ln", [1.0, 1e30], 1.5, relative, math::ln, f64::ln);
    within::<T>("sigmoid", [lowest, 50.0], 1.5, relative, math::sigmoid, sigmoid);
    within::<T>("tanh", [-20.0, 20.0], 1.5, relative, math::tanh, f64::tanh);
    within::<T>("normal cdf", [-45.0, 45.0], 1.3, mixed, |x| math::normal(x).0, cdf);
    within::<T>("normal pdf", [-45.0, 45.0], 1.3, mixed, |x| math::normal(x).1, pdf);
}

#[test]
fn functions_are_as_accurate_as_stated() {
    functions::<f32>(-103.0, 88.7);
    functions::<f64>(-744.0, 709.7);
}

fn layers<T: Real>() {
    fn y<T: Real>(layer: impl Layer<Vector<T, 1>, Output = Vector<T, 1>>) -> impl Fn(T) -> T {
        move |x| layer.forward(&Vector::new([x]))[[0]]
    }
    fn slope<T: Real>(layer: impl Backward<Vector<T, 1>, Output = Vector<T, 1>>) -> impl Fn(T) -> T {
        move |x| layer.backward(&Vector::new([x]), &Vector::new([T::one()])).0[[0]]
    }
    let range = [-60.0, 60.0];
    within::<T>("sigmoid", range, 1.5, relative, y(Sigmoid), sigmoid);
    within::<T>("tanh", range, 1.5, relative, y(Tanh), f64::tanh);
    within::<T>("elu", range, 1.5, relative, y(Elu::<f64>::BLANK), |x| if x > 0.0 { x } else { x.exp_m1() });
    within::<T>("softplus", [-60.0, 20.0], 2.0, relative, y(Softplus), |x| x.exp().ln_1p());
    within::<T>("hardsigmoid", range, 1.0, relative, y(Hardsigmoid), |x| (x + 3.0).clamp(0.0, 6.0) / 6.0);
    within::<T>("hardswish", range, 1.5, mixed, y(Hardswish), |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0);
    within::<T>("silu", range, 2.0, mixed, y(Silu), |x| x * sigmoid(x));
    within::<T>("gelu", range, 2.0, mixed, y(Gelu), |x| x * cdf(x));
    within::<T>("gelu_tanh", range, 2.0, mixed, y(GeluTanh), |x| x * sigmoid(gelu_tanh_argument(x)));

    within::<T>("silu'", range, 2.0, mixed, slope(Silu), |x| sigmoid(x) * (1.0 + x * sigmoid(-x)));
    within::<T>("gelu'", range, 2.0, mixed, slope(Gelu), |x| cdf(x) + x * pdf(x));
    within::<T>("softplus'", range, 1.5, mixed, slope(Softplus), |x| if x > 20.0 { 1.0 } else { sigmoid(x) });
    within::<T>("elu'", range, 1.5, relative, slope(Elu::<f64>::BLANK), |x| if x > 0.0 { 1.0 } else { x.exp() });
    within::<T>("sigmoid'", range, 2.0, mixed, slope(Sigmoid), |x| sigmoid(x) * sigmoid(-x));
    within::<T>("tanh'", range, 3.0, relative, slope(Tanh), |x| 1.0 / x.cosh().powi(2));
    within::<T>("gelu_tanh'", range, 2.0, mixed, slope(GeluTanh), |x| {
        let s = sigmoid(gelu_tanh_argument(x));
        let inner = 2.0 * (2.0 / PI).sqrt() * (1.0 + 3.0 * 0.044715 * x * x);
        s + x * s * sigmoid(-gelu_tanh_argument(x)) * inner
    });
}

#[test]
fn layers_are_as_accurate_as_stated() {
    layers::<f32>();
    layers::<f64>();
}

#[test]
fn softmax_is_as_accurate_as_stated() {
    const K: usize = 64;
    let bound = (3.0 + K as f64 / 2.0) * f64::from(f32::EPSILON);
    for shift in [0.0, 3.0, -50.0, 1000.0] {
        let x = Matrix::<f32, 1, K>::from_fn(|[_, k]| (0.5 * (1.7 * k as f64).sin() + shift) as f32);
        let wide = x.map(f64::from);
        let sum: f64 = wide.iter().map(|&x| (x - shift).exp()).sum();
        let y = Softmax.forward(&x).map(f64::from);
        let log_y = LogSoftmax.forward(&x).map(f64::from);
        for ((&x, y), log_y) in wide.iter().zip(&y).zip(&log_y) {
            let expected = (x - shift).exp() / sum;
            assert!((y - expected).abs() <= bound * expected, "{y} instead of {expected}");
            assert!((log_y - expected.ln()).abs() <= bound * expected.ln().abs().max(1.0), "{log_y}");
        }
    }
}

model! {
    /// A model of layers from this file.
    Classifier: Tensor<f32, 2, 1, 4, 4> => {
        conv: Conv2d<f32, 1, 3, Kernel<3>>,
        relu6: Relu6,
        leaky: LeakyRelu,
        fc: Linear<f32, 12, 4>,
        silu: Silu,
        elu: Elu,
        head: Linear<f32, 4, 2>,
        softmax: Softmax,
    }
}

#[test]
fn layers_take_their_place_in_a_model() {
    static NET: Classifier = Classifier::BLANK;
    assert_eq!((NET.leaky, NET.elu), (LeakyRelu::new(0.01), Elu::new(1.0)));
    let x = Tensor::<f32, 2, 1, 4, 4>::full(1.0);
    assert_eq!(NET.forward(&x), Matrix::full(0.5));
    let mut net = Classifier::BLANK;
    let mut numbers = [0.9, 0.2, 0.7].into_iter().cycle();
    net.initialize(&mut || numbers.next().unwrap());
    let (_, gradient) = net.backward(&x, &Matrix::new([[1.0, 0.0], [1.0, 0.0]]));
    assert!(gradient.head.bias[[0]] > 0.0 && gradient.conv.weight.iter().any(|&dw| dw != 0.0));
}
