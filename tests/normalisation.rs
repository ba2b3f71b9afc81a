//! Batch normalisation: PyTorch's numbers through the ordinary training loop, and folding into a convolution.

mod support;

use constconv::kernel::{
    ChannelGeometry, batch_norm, batch_norm_backward, batch_norm_train_backward, batch_statistics,
};
use constconv::optim::{clip_grad_norm, clip_grad_value};
use constconv::prelude::*;
use constconv::shape::Statistics;
use support::{Random, assert_close, assert_within, fixture, nan};

macro_rules! pytorch {
    ($($t:ident)*) => { $(
        mod $t {
            use super::*;

            model! {
                Net: Tensor<$t, 3, 4, 5, 6> => {
                    norm: BatchNorm2d<$t, 4>,
                }
            }

            #[test]
            fn evaluation() {
                static X: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" eval $t "x");
                static Y: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" eval $t "y");
                static LAYER: BatchNorm2d<$t, 4> = BatchNorm2d::new(
                    fixture!("batch_norm2d" eval $t "weight"),
                    fixture!("batch_norm2d" eval $t "bias"),
                    fixture!("batch_norm2d" eval $t "running_mean0"),
                    fixture!("batch_norm2d" eval $t "running_var0"),
                );
                let mut y = nan();
                LAYER.forward_into(&X, &mut y);
                assert_close("y", &y, &Y, 1);
                static DY: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" eval $t "dy");
                static DX: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" eval $t "dx");
                static DW: Vector<$t, 4> = fixture!("batch_norm2d" eval $t "dweight");
                static DB: Vector<$t, 4> = fixture!("batch_norm2d" eval $t "dbias");
                // With fixed statistics it is trained as it is evaluated, and the statistics stay.
                let mut fixed: BatchNorm2d<$t, 4, FixedStatistics> = LAYER.clone().with_statistics();
                let (mut y, mut dx, mut tape, mut gradient) = (nan(), nan(), Zeroed::ZERO, Zeroed::ZERO);
                fixed.forward_train(&X, &mut y, &mut tape);
                assert_close("y in training", &y, &Y, 1);
                fixed.backward_into(&X, &y, &DY, &mut tape, &mut dx, &mut gradient);
                assert_close("dx", &dx, &DX, 1);
                assert_close("dweight", &gradient.weight, &DW, 90);
                assert_close("dbias", &gradient.bias, &DB, 90);
                Sgd::new(0.25).step(&mut fixed, &gradient, &mut ());
                assert_eq!((&fixed.running_mean, &fixed.running_var), (&LAYER.running_mean, &LAYER.running_var));
                assert_ne!(fixed.weight, LAYER.weight);

                // Frozen, it is evaluation in training too.
                let (mut y, frozen) = (nan(), Frozen::new(LAYER.clone()));
                frozen.forward_train(&X, &mut y, &mut ());
                assert_close("y of the frozen layer in training", &y, &Y, 1);
            }

            #[test]
            fn a_step_of_the_ordinary_loop() {
                static X: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" training $t "x");
                static DY: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" training $t "dy");
                static Y: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" training $t "y");
                static DX: Tensor<$t, 3, 4, 5, 6> = fixture!("batch_norm2d" training $t "dx");
                static DW: Vector<$t, 4> = fixture!("batch_norm2d" training $t "dweight");
                static DB: Vector<$t, 4> = fixture!("batch_norm2d" training $t "dbias");
                static MEAN: Vector<$t, 4> = fixture!("batch_norm2d" training $t "running_mean1");
                static VAR: Vector<$t, 4> = fixture!("batch_norm2d" training $t "running_var1");
                let start: BatchNorm2d<$t, 4> = BatchNorm2d::new(
                    fixture!("batch_norm2d" training $t "weight"),
                    fixture!("batch_norm2d" training $t "bias"),
                    fixture!("batch_norm2d" training $t "running_mean0"),
                    fixture!("batch_norm2d" training $t "running_var0"),
                );
                let mut net = Net { norm: start.clone() };

                let (mut y, mut dx, mut tape) = (nan(), nan(), Zeroed::ZERO);
                let (mut gradient, mut velocity) = (Gradient::<Net>::ZERO, Zeroed::ZERO);
                net.forward_train(&X, &mut y, &mut tape);
                assert_close("y", &y, &Y, 90);
                gradient.zero();
                net.backward_into(&X, &y, &DY, &mut tape, &mut dx, &mut gradient);
                assert_close("dx", &dx, &DX, 90);
                assert_close("dweight", &gradient.norm.weight, &DW, 90);
                assert_close("dbias", &gradient.norm.bias, &DB, 90);
                // Clipped or not, with momentum or not: the running statistics are the same.
                clip_grad_value(&mut gradient, 0.5);
                clip_grad_norm(&mut gradient, 0.5);
                Sgd::new(0.25).momentum(0.9).step(&mut net, &gradient, &mut velocity);
                assert_close("running mean", &net.norm.running_mean, &MEAN, 90);
                assert_close("running var", &net.norm.running_var, &VAR, 90);
                let moved = start.weight.zip(&gradient.norm.weight, |w, dw| w - 0.25 * dw);
                assert_close("weight", &net.norm.weight, &moved, 1);
                assert_ne!(net.norm.bias, start.bias);

                // Zeroed, it has seen nothing; the momentum has no statistics.
                gradient.zero();
                assert_eq!(gradient, Zeroed::ZERO);
                Sgd::new(0.25).momentum(0.9).step(&mut net, &gradient, &mut velocity);
                assert_close("running mean", &net.norm.running_mean, &MEAN, 90);
            }
        }
    )* };
}

pytorch! { f32 f64 }

/// Signals and rows of features. case in evaluation, case in training: x, numbers of a channel
macro_rules! one_dimension {
    ($($name:ident: $eval:ident $training:ident, $t:ident $x:ty, $count:literal;)*) => { $(
        #[test]
        fn $name() {
            macro_rules! array {
                ($case:ident $array:literal) => {
                    fixture!("batch_norm1d" $case $t $array)
                };
            }
            macro_rules! layer {
                ($case:ident) => {
                    BatchNorm1d::<$t, 4>::new(
                        array!($case "weight"),
                        array!($case "bias"),
                        array!($case "running_mean0"),
                        array!($case "running_var0"),
                    )
                };
            }
            macro_rules! check {
                ($case:ident $layer:expr) => {{
                    let (x, dy): ($x, $x) = (array!($case "x"), array!($case "dy"));
                    let (mut y, mut dx, mut tape, mut gradient) = (nan::<$x>(), nan::<$x>(), Zeroed::ZERO, Zeroed::ZERO);
                    $layer.forward_train(&x, &mut y, &mut tape);
                    assert_close("y", &y, &array!($case "y"), $count);
                    $layer.backward_into(&x, &y, &dy, &mut tape, &mut dx, &mut gradient);
                    assert_close("dx", &dx, &array!($case "dx"), $count);
                    assert_close("dweight", &gradient.weight, &array!($case "dweight"), $count);
                    assert_close("dbias", &gradient.bias, &array!($case "dbias"), $count);
                    gradient
                }};
            }
            let x: $x = array!($eval "x");
            assert_close("y in evaluation", &layer!($eval).forward(&x), &array!($eval "y"), 1);
            let fixed: BatchNorm1d<$t, 4, FixedStatistics> = layer!($eval).with_statistics();
            check!($eval fixed);

            let mut layer = layer!($training);
            let gradient = check!($training layer);
            Sgd::new(0.0).step(&mut layer, &gradient, &mut ());
            assert_close("running mean", &layer.running_mean, &array!($training "running_mean1"), $count);
            assert_close("running var", &layer.running_var, &array!($training "running_var1"), $count);
        }
    )* };
}

one_dimension! {
    signals_in_f32: signals_eval signals_training, f32 Signal<f32, 3, 4, 7>, 21;
    signals_in_f64: signals_eval signals_training, f64 Signal<f64, 3, 4, 7>, 21;
    rows_in_f32: rows_eval rows_training, f32 Matrix<f32, 6, 4>, 6;
    rows_in_f64: rows_eval rows_training, f64 Matrix<f64, 6, 4>, 6;
}

/// Two batches in one gradient, two gradients added, and a step after each batch (with a learning rate of 0): PyTorch
/// moves the statistics in each forward pass, whatever the optimizer does.
#[test]
fn running_statistics_follow_every_batch() {
    type Layer = BatchNorm2d<f64, 3>;
    let mut random = Random::new(1);
    let start: Layer = random.module();
    let batches: [Tensor<f64, 2, 3, 4, 4>; 3] = std::array::from_fn(|_| random.array());
    let dy: Tensor<f64, 2, 3, 4, 4> = random.array();
    let gradients = batches.each_ref().map(|x| start.backward(x, &dy).1);
    let mut still = Sgd::new(0.0);

    let mut one_by_one = start.clone();
    for gradient in &gradients {
        still.step(&mut one_by_one, gradient, &mut ());
    }
    assert_ne!(one_by_one.running_mean, start.running_mean);

    let mut gradient = Gradient::<Layer>::ZERO;
    for x in &batches {
        let (mut y, mut tape) = (nan(), Zeroed::ZERO);
        start.forward_train(x, &mut y, &mut tape);
        start.backward_parameters(x, &y, &dy, &mut tape, &mut gradient);
    }
    let mut at_once = start.clone();
    still.step(&mut at_once, &gradient, &mut ());

    let mut sum = gradients[0].clone();
    sum.add(&gradients[1]);
    sum.add(&gradients[2]);
    let mut added = start.clone();
    still.step(&mut added, &sum, &mut ());

    for (what, found) in [("in one gradient", &at_once), ("added", &added)] {
        assert_within(what, &found.running_mean, &one_by_one.running_mean, 1e-14);
        assert_within(what, &found.running_var, &one_by_one.running_var, 1e-14);
    }
    assert_within("gradient", &sum.weight, &gradient.weight, 1e-13);
}

/// A convolution and the normalisation after it, as one convolution.
#[test]
fn a_folded_convolution_agrees() {
    let mut random = Random::new(2);
    let mut norm = BatchNorm2d::<f64, 6>::new(random.array(), random.array(), random.array(), random.array());
    norm.running_var.apply(|a| a.abs() + 0.5);
    let x: Tensor<f64, 2, 4, 7, 7> = random.array();

    let conv: Conv2d<f64, 4, 6, Kernel<3>, Stride<2>, Padding<1>> = random.module();
    let expected = norm.forward(&conv.forward(&x));
    assert_close("with bias", &norm.fold(&conv).forward(&x), &expected, 40);

    type Grouped = Conv2d<f64, 4, 6, Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<2>, Groups<2>, NoBias>;
    let conv: Grouped = random.module();
    let expected = norm.forward(&conv.forward(&x));
    assert_close("grouped, dilated, without bias", &norm.fold(&conv).forward(&x), &expected, 20);
}

#[test]
fn a_folded_convolution_of_signals_agrees() {
    let mut random = Random::new(2);
    let mut norm = BatchNorm1d::<f64, 6>::new(random.array(), random.array(), random.array(), random.array());
    norm.running_var.apply(|a| a.abs() + 0.5);
    let x: Signal<f64, 2, 4, 9> = random.array();
    let conv: Conv1d<f64, 4, 6, Kernel<3>, Stride<2>, Padding<1>> = random.module();
    let expected = norm.forward(&conv.forward(&x));
    assert_close("signals", &norm.fold(&conv).forward(&x), &expected, 13);
}

/// Signals and rows of features are normalised as feature maps with the same elements in their channels.
#[test]
fn signals_and_features_are_normalised_as_feature_maps() {
    let mut random = Random::new(5);
    let layer: BatchNorm1d<f64, 3> = random.module();
    let signal: Signal<f64, 4, 3, 6> = random.array();
    let plane = Tensor::<f64, 4, 3, 2, 3>::from_fn(|[n, c, h, w]| signal[[n, c, 3 * h + w]]);
    let (dx, gradient) = layer.backward(&signal, &signal);
    let (plane_dx, plane_gradient) = layer.backward(&plane, &plane);
    assert_eq!((dx.as_slice(), gradient), (plane_dx.as_slice(), plane_gradient));

    let rows: Matrix<f64, 4, 3> = random.array();
    let plane = Tensor::<f64, 4, 3, 1, 1>::from_fn(|[n, c, _, _]| rows[[n, c]]);
    let (dx, gradient) = layer.backward(&rows, &rows);
    let (plane_dx, plane_gradient) = layer.backward(&plane, &plane);
    assert_eq!((dx.as_slice(), gradient), (plane_dx.as_slice(), plane_gradient));
}

/// Statistics that are fixed need no second value.
#[test]
fn fixed_statistics_are_trained_on_a_single_value() {
    let layer: BatchNorm1d<f64, 2, FixedStatistics> = Random::new(6).module();
    let (dx, gradient) = layer.backward(&Matrix::new([[3.0, -1.0]]), &Matrix::new([[1.0, 2.0]]));
    let scale = 1.0 / (1.0 + 1e-5_f64).sqrt();
    assert_within("dx", &dx, &Matrix::new([[scale, 2.0 * scale]]), 1e-15);
    assert_within("dw", &gradient.weight, &Vector::new([3.0 * scale, -2.0 * scale]), 1e-15);
}

/// A large mean does not wipe out the variance.
#[test]
fn the_variance_of_numbers_far_from_zero_is_kept() {
    let layer: BatchNorm2d<f32, 1> = Random::new(3).module();
    let x = Tensor::<f32, 4, 1, 8, 8>::from_fn(|[n, _, h, w]| 4096.0 + ((n + h + w) % 2) as f32);
    let (mut y, mut tape) = (nan(), Zeroed::ZERO);
    layer.forward_train(&x, &mut y, &mut tape);
    let expected = x.map(|x| 2.0 * (x - 4096.5));
    assert_within("y", &y, &expected, 1e-4);
}

#[test]
fn pytorchs_initial_values() {
    let layer: BatchNorm2d<f32, 2> = Random::new(4).module();
    assert_eq!(layer, BatchNorm2d::new(Vector::full(1.0), Vector::zeros(), Vector::zeros(), Vector::full(1.0)));
    assert_eq!((<BatchStatistics>::MOMENTUM, <FixedStatistics>::MOMENTUM, <BatchStatistics>::EPS), (0.1, 0.1, 1e-5));
    assert_eq!(BatchNorm2d::<f32, 2>::PARAMETERS, 4);
}

/// A channel of a matrix is a plane of the same numbers, to the bit.
#[test]
fn columns_of_a_matrix_are_normalised_as_planes() {
    let numbers = |len: usize, factor: usize| -> Vec<f32> {
        (1..=len).map(|i| (i * factor % 1013) as f32 / 337.0 - 1.4).collect()
    };
    let bits = |a: &[f32]| a.iter().map(|a| a.to_bits()).collect::<Vec<_>>();
    for (n, c) in [(1, 1), (2, 7), (7, 8), (8, 9), (33, 16), (64, 3), (65, 20), (200, 17), (300, 1)] {
        let matrix = ChannelGeometry::new(n, c, 1);
        let (x, dy) = (numbers(n * c, 7919), numbers(n * c, 6007));
        let (w, b) = (numbers(c, 331), numbers(c, 577));
        let (mut mean, mut var) = (vec![f32::NAN; c], vec![f32::NAN; c]);
        batch_statistics(&matrix, &x, &mut mean, &mut var);
        let statistics = [&mean[..], &var[..]];
        let (mut y, mut dx, mut dx_fixed) = (vec![f32::NAN; n * c], vec![f32::NAN; n * c], vec![f32::NAN; n * c]);
        let (mut dw, mut db, mut dw_fixed, mut db_fixed) = (w.clone(), b.clone(), b.clone(), w.clone());
        batch_norm(&matrix, 1e-5, &x, statistics, [&w, &b], &mut y);
        batch_norm_train_backward(&matrix, 1e-5, &x, statistics, &w, &dy, Some(&mut dx), [&mut dw, &mut db]);
        let fixed = [&mut dw_fixed[..], &mut db_fixed[..]];
        batch_norm_backward(&matrix, 1e-5, &x, statistics, &w, &dy, Some(&mut dx_fixed), fixed);

        let plane = ChannelGeometry::new(1, 1, n);
        for k in 0..c {
            let column = |of: &[f32]| of.iter().skip(k).step_by(c).copied().collect::<Vec<_>>();
            let (x, dy, w, b) = (column(&x), column(&dy), [w[k]], [b[k]]);
            let (mut mean_k, mut var_k) = ([f32::NAN], [f32::NAN]);
            batch_statistics(&plane, &x, &mut mean_k, &mut var_k);
            assert_eq!(bits(&[mean[k], var[k]]), bits(&[mean_k[0], var_k[0]]), "{n} × {c}, statistics of {k}");
            let (mut y_k, mut dx_k) = (vec![f32::NAN; n], vec![f32::NAN; n]);
            batch_norm(&plane, 1e-5, &x, [&mean_k, &var_k], [&w, &b], &mut y_k);
            assert_eq!(bits(&column(&y)), bits(&y_k), "{n} × {c}, y of {k}");
            let (mut dw_k, mut db_k) = (w, b);
            let parameters = [&mut dw_k[..], &mut db_k[..]];
            batch_norm_train_backward(&plane, 1e-5, &x, [&mean_k, &var_k], &w, &dy, Some(&mut dx_k), parameters);
            assert_eq!(bits(&column(&dx)), bits(&dx_k), "{n} × {c}, dx of {k}");
            assert_eq!(bits(&[dw[k], db[k]]), bits(&[dw_k[0], db_k[0]]), "{n} × {c}, dw and db of {k}");
            let (mut dw_k, mut db_k) = (b, w);
            let parameters = [&mut dw_k[..], &mut db_k[..]];
            batch_norm_backward(&plane, 1e-5, &x, [&mean_k, &var_k], &w, &dy, Some(&mut dx_k), parameters);
            assert_eq!(bits(&column(&dx_fixed)), bits(&dx_k), "{n} × {c}, dx of {k} with fixed statistics");
            assert_eq!(bits(&[dw_fixed[k], db_fixed[k]]), bits(&[dw_k[0], db_k[0]]), "{n} × {c}, fixed, of {k}");
        }
    }
}
