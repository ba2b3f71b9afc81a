//! The free functions of pooling and flattening give what the layers give, by value and into memory of the caller.

mod support;

use constconv::functional as f;
use constconv::prelude::*;
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

#[test]
fn batch_normalisation() {
    let mut random = Random::new(7);
    let (x, dy): (X, X) = (random.array(), random.array());
    let mut layer = BatchNorm2d::<f64, 3>::new(random.array(), random.array(), random.array(), random.array());
    layer.running_var.apply(|a| a.abs() + 0.5);
    let (affine, eps) = ([&layer.weight, &layer.bias], layer.eps);

    let running = [&layer.running_mean, &layer.running_var];
    assert_eq!(f::batch_norm(&x, running, affine, eps), layer.forward(&x));
    let fixed = layer.clone().with_statistics::<FixedStatistics>();
    let (dx, gradient) = fixed.backward(&x, &dy);
    assert_eq!(f::batch_norm_backward(&x, running, &layer.weight, eps, &dy), (dx, gradient.weight, gradient.bias));

    let (mean, var) = f::batch_statistics(&x);
    let (mut y, mut tape) = (nan(), Zeroed::ZERO);
    layer.forward_train(&x, &mut y, &mut tape);
    assert_eq!((&mean, &var), (&tape.0, &tape.1));
    assert_eq!(f::batch_norm(&x, [&mean, &var], affine, eps), y);
    let (dx, gradient) = layer.backward(&x, &dy);
    let found = f::batch_norm_train_backward(&x, [&mean, &var], &layer.weight, eps, &dy);
    assert_eq!(found, (dx, gradient.weight, gradient.bias));
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
    let mut into: Matrix<f64, 2, 216> = nan();
    f::flatten_into(&x, &mut into);
    assert_eq!(into, f::flatten(&x));
}
