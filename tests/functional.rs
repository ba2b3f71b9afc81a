//! The free functions give what the layers give, by value and into memory of the caller.

mod support;

use constconv::functional as f;
use constconv::prelude::*;
use constconv::shape::Statistics;
use support::{Random, nan};

type X = Tensor<f64, 2, 3, 9, 8>;

#[test]
fn max_pooling() {
    let options = (Kernel::<3, 2>, Stride::<2>, Padding::<1>, Floor);
    let layer = MaxPool2d::<Kernel<3, 2>, Stride<2>, Padding<1>, Floor>::new();
    let x: X = Random::new(1).array();
    let y = layer.forward(&x);
    assert_eq!(f::max_pool2d(&x, options), y);
    let mut into = y.map(|_| f64::NAN);
    f::max_pool2d_into(&x, options, &mut into);
    assert_eq!(into, y);

    let dy = y.map(|a| a + 1.0);
    let (dx, _) = layer.backward(&x, &dy);
    assert_eq!(f::max_pool2d_backward(&x, options, &dy), dx);
    let mut into: X = nan();
    f::max_pool2d_backward_into(&x, options, &dy, &mut into);
    assert_eq!(into, dx);
}

#[test]
fn average_pooling() {
    let options = (Kernel::<3>, Stride::<2>, Padding::<1>, Ceil);
    let layer = AvgPool2d::<Kernel<3>, Stride<2>, Padding<1>, Ceil, ExcludePad>::new();
    let x: X = Random::new(2).array();
    let y = layer.forward(&x);
    assert_eq!(f::avg_pool2d(&x, options, ExcludePad), y);
    assert_ne!(f::avg_pool2d(&x, options, IncludePad), y);
    let mut into = y.map(|_| f64::NAN);
    f::avg_pool2d_into(&x, options, ExcludePad, &mut into);
    assert_eq!(into, y);

    let (dx, _) = layer.backward(&x, &y);
    let by_value: X = f::avg_pool2d_backward(&y, options, ExcludePad);
    assert_eq!(by_value, dx);
    let mut into: X = nan();
    f::avg_pool2d_backward_into(&y, options, ExcludePad, &mut into);
    assert_eq!(into, dx);
}

type S = Signal<f64, 2, 3, 10>;

#[test]
fn max_pooling_of_signals() {
    let options = (Kernel::<3>, Stride::<2>, Padding::<1>, Floor);
    let layer = MaxPool1d::<Kernel<3>, Stride<2>, Padding<1>, Floor>::new();
    let x: S = Random::new(4).array();
    let y = layer.forward(&x);
    assert_eq!(f::max_pool1d(&x, options), y);
    let mut into = y.map(|_| f64::NAN);
    f::max_pool1d_into(&x, options, &mut into);
    assert_eq!(into, y);

    let dy = y.map(|a| a + 1.0);
    let (dx, _) = layer.backward(&x, &dy);
    assert_eq!(f::max_pool1d_backward(&x, options, &dy), dx);
    let mut into: S = nan();
    f::max_pool1d_backward_into(&x, options, &dy, &mut into);
    assert_eq!(into, dx);
}

#[test]
fn average_pooling_of_signals() {
    let options = (Kernel::<3>, Stride::<2>, Padding::<1>, Ceil);
    let layer = AvgPool1d::<Kernel<3>, Stride<2>, Padding<1>, Ceil, ExcludePad>::new();
    let x: S = Random::new(5).array();
    let y = layer.forward(&x);
    assert_eq!(f::avg_pool1d(&x, options, ExcludePad), y);
    assert_ne!(f::avg_pool1d(&x, options, IncludePad), y);
    let mut into = y.map(|_| f64::NAN);
    f::avg_pool1d_into(&x, options, ExcludePad, &mut into);
    assert_eq!(into, y);

    let (dx, _) = layer.backward(&x, &y);
    let by_value: S = f::avg_pool1d_backward(&y, options, ExcludePad);
    assert_eq!(by_value, dx);
    let mut into: S = nan();
    f::avg_pool1d_backward_into(&y, options, ExcludePad, &mut into);
    assert_eq!(into, dx);
}

#[test]
fn adaptive_average_pooling() {
    let layer = AdaptiveAvgPool2d::<OutputSize<4, 3>>::new();
    let x: X = Random::new(12).array();
    let dy = layer.forward(&x);
    let (dx, _) = layer.backward(&x, &dy);
    let by_value: X = f::adaptive_avg_pool2d_backward(&dy, OutputSize::<4, 3>);
    assert_eq!(by_value, dx);
}

/// test: layer and its input; the functions; the names of x and dy, and which of them the backward functions take
macro_rules! global_pooling {
    ($(
        $name:ident: $layer:ident on $input:ty,
            $forward:ident $into:ident $backward:ident $backward_into:ident, $x:ident $dy:ident: $($from:ident)+;
    )*) => { $(
        #[test]
        fn $name() {
            let $x: $input = Random::new(6).array();
            let y = $layer.forward(&$x);
            assert_eq!(f::$forward(&$x), y);
            let mut into = nan();
            f::$into(&$x, &mut into);
            assert_eq!(into, y);

            let $dy = y.map(|a| a + 1.0);
            let (dx, _) = $layer.backward(&$x, &$dy);
            let by_value: $input = f::$backward($(&$from),+);
            assert_eq!(by_value, dx);
            let mut into: $input = nan();
            f::$backward_into($(&$from,)+ &mut into);
            assert_eq!(into, dx);
        }
    )* };
}

global_pooling! {
    maxima_of_planes: GlobalMaxPool2d on X,
        global_max_pool2d global_max_pool2d_into global_max_pool2d_backward global_max_pool2d_backward_into, x dy: x dy;
    averages_of_planes: GlobalAvgPool2d on X,
        global_avg_pool2d global_avg_pool2d_into global_avg_pool2d_backward global_avg_pool2d_backward_into, x dy: dy;
    maxima_of_signals: GlobalMaxPool1d on S,
        global_max_pool1d global_max_pool1d_into global_max_pool1d_backward global_max_pool1d_backward_into, x dy: x dy;
    averages_of_signals: GlobalAvgPool1d on S,
        global_avg_pool1d global_avg_pool1d_into global_avg_pool1d_backward global_avg_pool1d_backward_into, x dy: dy;
}

/// test: layer on an input; the functions with their parameter; the names of x and y, and which of them the backward
/// functions take
macro_rules! element_wise {
    ($(
        $name:ident: $layer:expr, on $input:ty,
            $into:ident $backward:ident $backward_into:ident $(($parameter:literal))?, $x:ident $y:ident: $from:ident;
    )*) => { $(
        #[test]
        fn $name() {
            let $x: $input = Random::new(9).scaled(3.0);
            let $y = $layer.forward(&$x);
            assert_eq!(f::$name(&$x $(, $parameter)?), $y);
            let mut into = nan();
            f::$into(&$x, $($parameter,)? &mut into);
            assert_eq!(into, $y);

            let dy: $input = Random::new(10).array();
            let (dx, _) = $layer.backward(&$x, &dy);
            assert_eq!(f::$backward(&$from, $($parameter,)? &dy), dx);
            let mut into = nan();
            f::$backward_into(&$from, $($parameter,)? &dy, &mut into);
            assert_eq!(into, dx);
        }
    )* };
}

element_wise! {
    relu: Relu, on S, relu_into relu_backward relu_backward_into, x y: y;
    relu6: Relu6, on X, relu6_into relu6_backward relu6_backward_into, x y: y;
    leaky_relu: LeakyRelu::new(0.25), on X,
        leaky_relu_into leaky_relu_backward leaky_relu_backward_into (0.25), x y: x;
    elu: Elu::new(0.5), on X, elu_into elu_backward elu_backward_into (0.5), x y: x;
    sigmoid: Sigmoid, on X, sigmoid_into sigmoid_backward sigmoid_backward_into, x y: x;
    tanh: Tanh, on S, tanh_into tanh_backward tanh_backward_into, x y: x;
    silu: Silu, on X, silu_into silu_backward silu_backward_into, x y: x;
    hardsigmoid: Hardsigmoid, on X, hardsigmoid_into hardsigmoid_backward hardsigmoid_backward_into, x y: x;
    hardswish: Hardswish, on X, hardswish_into hardswish_backward hardswish_backward_into, x y: x;
    gelu: Gelu, on X, gelu_into gelu_backward gelu_backward_into, x y: x;
    gelu_tanh: GeluTanh, on X, gelu_tanh_into gelu_tanh_backward gelu_tanh_backward_into, x y: x;
    softplus: Softplus, on X, softplus_into softplus_backward softplus_backward_into, x y: x;
    softmax: Softmax, on Matrix<f64, 3, 7>, softmax_into softmax_backward softmax_backward_into, x y: y;
    log_softmax: LogSoftmax, on Matrix<f64, 3, 7>,
        log_softmax_into log_softmax_backward log_softmax_backward_into, x y: y;
}

/// What a backward function adds to: dw and db are 1 before, as the gradient of the layer is 0.
fn plus_one<A: Array<Scalar = f64>>(gradient: &A) -> A {
    let mut sum = A::ZERO;
    sum.as_mut_slice().iter_mut().zip(gradient.as_slice()).for_each(|(sum, &a)| *sum = 1.0 + a);
    sum
}

/// test: layer on an input; the backward function with its options
macro_rules! affine {
    ($($name:ident: $layer:ty, on $input:ty, $backward_into:ident $(($options:expr))?;)*) => { $(
        #[test]
        fn $name() {
            let random = &mut Random::new(11);
            let (layer, x): ($layer, $input) = (random.module(), random.array());
            let dy = layer.forward(&x).map(|a| a - 0.5);
            let (dx, gradient) = layer.backward(&x, &dy);
            let (mut into, mut dw, mut db) = (nan(), support::filled(1.0), Vector::full(1.0));
            f::$backward_into(&x, &layer.weight, $($options,)? &dy, &mut into, &mut dw, &mut db);
            assert_eq!(into, dx);
            support::assert_close("dw", &dw, &plus_one(&gradient.weight), 9);
            support::assert_close("db", &db, &plus_one(&gradient.bias), 9);
        }
    )* };
}

affine! {
    conv2d: Conv2d<f64, 3, 4, Kernel<3>, Stride<1>, Padding<1>>, on X,
        conv2d_backward_into ((Stride::<1>, Padding::<1>));
    conv_transpose2d: ConvTranspose2d<f64, 3, 4, Kernel<3>, Stride<2>>, on X,
        conv_transpose2d_backward_into ((Stride::<2>,));
    conv_transpose2d_in_three_groups: ConvTranspose2d<
        f64, 3, 6, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<1>, Dilation<1>, Groups<3>,
    >, on X,
        conv_transpose2d_backward_into
            ((Stride::<2>, Padding::<1>, OutputPadding::<1>, Dilation::<1>, Groups::<3>));
    conv1d: Conv1d<f64, 3, 4, Kernel<3>, Stride<1>, Padding<1>>, on S,
        conv1d_backward_into ((Stride::<1>, Padding::<1>));
    linear: Linear<f64, 6, 4>, on Matrix<f64, 3, 6>, linear_backward_into;
}

#[test]
fn batch_normalisation() {
    let mut random = Random::new(7);
    let (x, dy): (X, X) = (random.array(), random.array());
    let mut layer = BatchNorm2d::<f64, 3>::new(random.array(), random.array(), random.array(), random.array());
    layer.running_var.apply(|a| a.abs() + 0.5);
    let (affine, eps) = ([&layer.weight, &layer.bias], <BatchStatistics>::EPS);

    let running = [&layer.running_mean, &layer.running_var];
    assert_eq!(f::batch_norm(&x, running, affine, eps), layer.forward(&x));
    let fixed = layer.clone().with_statistics::<FixedStatistics>();
    let (dx, gradient) = fixed.backward(&x, &dy);
    let found = f::batch_norm_backward(&x, running, &layer.weight, eps, &dy);
    assert_eq!(found, (dx.clone(), gradient.weight.clone(), gradient.bias.clone()));

    let ones = || (nan(), Vector::full(1.0), Vector::full(1.0));
    let (mut y, (mut into, mut dw, mut db)) = (nan(), ones());
    f::batch_norm_into(&x, running, affine, eps, &mut y);
    f::batch_norm_backward_into(&x, running, &layer.weight, eps, &dy, &mut into, [&mut dw, &mut db]);
    assert_eq!((y, &into), (layer.forward(&x), &dx));
    support::assert_close("dw", &dw, &plus_one(&gradient.weight), 9);
    support::assert_close("db", &db, &plus_one(&gradient.bias), 9);

    let (mean, var) = f::batch_statistics(&x);
    let (mut y, mut tape) = (nan(), Zeroed::ZERO);
    layer.forward_train(&x, &mut y, &mut tape);
    assert_eq!((&mean, &var), (&tape.0, &tape.1));
    assert_eq!(f::batch_norm(&x, [&mean, &var], affine, eps), y);
    let (dx, gradient) = layer.backward(&x, &dy);
    let found = f::batch_norm_train_backward(&x, [&mean, &var], &layer.weight, eps, &dy);
    assert_eq!(found, (dx.clone(), gradient.weight.clone(), gradient.bias.clone()));

    let (mut into_mean, mut into_var) = (nan(), nan());
    f::batch_statistics_into(&x, &mut into_mean, &mut into_var);
    assert_eq!((&into_mean, &into_var), (&mean, &var));
    let (mut into, mut dw, mut db) = ones();
    f::batch_norm_train_backward_into(&x, [&mean, &var], &layer.weight, eps, &dy, &mut into, [&mut dw, &mut db]);
    assert_eq!(into, dx);
    support::assert_close("dw", &dw, &plus_one(&gradient.weight), 9);
    support::assert_close("db", &db, &plus_one(&gradient.bias), 9);
}

#[test]
fn dropping() {
    let x: X = Random::new(8).array();
    let (y, mut into) = (f::dropout(&x, 0.5, 3), nan());
    f::dropout_into(&x, 0.5, 3, &mut into);
    assert_eq!(into, y);
    assert!(y.iter().zip(&x).all(|(&y, &x)| y == 0.0 || y == 2.0 * x));
    assert_ne!(f::dropout(&x, 0.5, 4), y);
    let (dx, mut into) = (f::dropout_backward(&x, 0.5, 3), nan());
    f::dropout_backward_into(&x, 0.5, 3, &mut into);
    assert_eq!((&dx, &into), (&y, &y));
}

#[test]
fn flattening() {
    let x: X = Random::new(3).array();
    assert_eq!(f::flatten(&x), Flatten.forward(&x));
    assert_eq!(f::flatten(&x).as_slice(), x.as_slice());
    let mut y: Matrix<f64, 2, 216> = nan();
    f::flatten_into(&x, &mut y);
    assert_eq!(y, f::flatten(&x));
    let (dx, mut into): (X, X) = (f::flatten_backward(&y), nan());
    f::flatten_backward_into(&y, &mut into);
    assert_eq!((&dx, &into), (&x, &x));
}

/// Windows side by side: each cell has its share of one dy, whatever the size of the windows.
#[test]
fn shares_of_a_mean_lie_side_by_side() {
    use constconv::kernel::{Pool2dGeometry, avg_pool2d_backward};
    for ([kh, kw], [ho, wo]) in
        [([1, 1], [2, 3]), ([4, 5], [1, 1]), ([2, 3], [3, 4]), ([4, 4], [2, 2]), ([25, 5], [1, 1])]
    {
        let (planes, [h, w]) = (3, [kh * ho, kw * wo]);
        let g = Pool2dGeometry::new(planes, [h, w], [kh, kw], [ho, wo]).stride([kh, kw]);
        let dy: Vec<f32> = (0..planes * ho * wo).map(|i| (i * 7 % 11) as f32 - 4.5).collect();
        let mut dx = vec![f32::NAN; planes * h * w];
        avg_pool2d_backward(&g, true, &dy, &mut dx);
        for (i, &dx) in dx.iter().enumerate() {
            let (plane, row, column) = (i / (h * w), i / w % h, i % w);
            let o = (plane * ho + row / kh) * wo + column / kw;
            assert_eq!(dx, dy[o] / (kh * kw) as f32, "{kh}×{kw}, {ho}×{wo}: {i}");
        }
    }
}
