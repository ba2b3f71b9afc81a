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

#[test]
fn flattening() {
    let x: X = Random::new(3).array();
    assert_eq!(f::flatten(&x), Flatten.forward(&x));
    assert_eq!(f::flatten(&x).as_slice(), x.as_slice());
}
