//! Signals (N, C, L): what 1-D layers compute is what 2-D layers compute on planes of height 1, number by number.

mod support;

use constconv::loss::mse;
use constconv::prelude::*;
use support::Random;

/// A signal as planes of height 1.
fn planes<T: Scalar, const N: usize, const C: usize, const L: usize>(x: &Signal<T, N, C, L>) -> Tensor<T, N, C, 1, L> {
    Tensor::from_fn(|[n, c, _, l]| x[[n, c, l]])
}

/// test: signal, 1-D layer, plane, 2-D layer
macro_rules! agree {
    ($($name:ident: $x:ty => $layer:ty, as $flat:ty;)*) => { $(
        #[test]
        fn $name() {
            let mut random = Random::new(1);
            let (layer, mut flat): ($layer, $flat) = (random.module(), Module::BLANK);
            copy(&layer, &mut flat);
            let x: $x = random.array();
            let y = layer.forward(&x);
            assert_eq!(y.as_slice(), flat.forward(&planes(&x)).as_slice());

            let mut dy = y.clone();
            dy.apply(|a| a - 0.5);
            let (dx, gradient) = layer.backward(&x, &dy);
            let (flat_dx, flat_gradient) = flat.backward(&planes(&x), &planes(&dy));
            assert_eq!(dx.as_slice(), flat_dx.as_slice());
            let mut copied = Gradient::<$flat>::ZERO;
            copy(&gradient, &mut copied);
            assert_eq!(copied, flat_gradient);
        }
    )* };
}

/// Copies all parameters of a module to one with as many.
fn copy(from: &impl Parameters, to: &mut impl Parameters) {
    use constconv::module::{Visitor, VisitorMut};

    struct Read(Vec<f64>);
    impl Visitor for Read {
        fn tensor<T: Real>(&mut self, numbers: &[T]) {
            self.0.extend(numbers.iter().map(|a| a.to_f64().expect("a real number")));
        }
    }
    struct Write(std::vec::IntoIter<f64>);
    impl VisitorMut for Write {
        fn tensor<T: Real>(&mut self, numbers: &mut [T]) {
            numbers.iter_mut().for_each(|a| *a = support::real(self.0.next().expect("as many parameters")));
        }
    }
    let mut read = Read(Vec::new());
    from.visit(&mut read);
    let mut write = Write(read.0.into_iter());
    to.visit_mut(&mut write);
    assert_eq!(write.0.len(), 0, "as many parameters");
}

agree! {
    convolution: Signal<f32, 3, 4, 70> => Conv1d<f32, 4, 24, Kernel<5>, Stride<1>, Padding<2>>,
        as Conv2d<f32, 4, 24, Kernel<1, 5>, Stride<1>, Padding<0, 2>>;
    strided_convolution: Signal<f64, 2, 3, 40> => Conv1d<f64, 3, 5, Kernel<4>, Stride<3>, Padding<1>, Floor>,
        as Conv2d<f64, 3, 5, Kernel<1, 4>, Stride<3>, Padding<0, 1>, Floor>;
    dilated_convolution_in_groups:
        Signal<f32, 2, 4, 33> => Conv1d<f32, 4, 8, Kernel<3>, Stride<2>, Padding<1>, Ceil, Dilation<3>, Groups<2>, NoBias>,
        as Conv2d<f32, 4, 8, Kernel<1, 3>, Stride<2>, Padding<0, 1>, Ceil, Dilation<3>, Groups<2>, NoBias>;
    max_pooling: Signal<f64, 2, 3, 21> => MaxPool1d<Kernel<3>, Stride<2>, Padding<1>, Ceil, Dilation<2>>,
        as MaxPool2d<Kernel<1, 3>, Stride<2>, Padding<0, 1>, Ceil, Dilation<2>>;
    average_pooling: Signal<f64, 2, 3, 21> => AvgPool1d<Kernel<4>, Stride<2>, Padding<2>, Ceil, ExcludePad>,
        as AvgPool2d<Kernel<1, 4>, Stride<2>, Padding<0, 2>, Ceil, ExcludePad>;
    maximum_of_a_signal: Signal<f64, 2, 3, 21> => GlobalMaxPool1d, as GlobalMaxPool2d;
    average_of_a_signal: Signal<f64, 2, 3, 21> => GlobalAvgPool1d, as GlobalAvgPool2d;
}

#[test]
fn the_initial_filters_are_as_large_as_pytorchs() {
    type Conv = Conv1d<f64, 3, 50, Kernel<12>>;
    let conv: Conv = Random::new(2).module();
    let bound = 1.0 / 6.0; // of 3 channels of 12 samples: 1/√36
    let largest = conv.weight.iter().chain(&conv.bias).fold(0.0_f64, |a, b| a.max(b.abs()));
    assert!(largest <= bound && largest > 0.99 * bound, "{largest}");
    assert_eq!(Conv::PARAMETERS, 50 * 3 * 12 + 50);
    assert_eq!(<Conv as Layer<Signal<f64, 2, 3, 16>>>::MULTIPLY_ADDS, 2 * 50 * 5 * 36);
}

model! {
    Net: Signal<f32, 1, 1, 32> => {
        conv1: Conv1d<f32, 1, 6, Kernel<5>, Stride<2>, Padding<2>, Floor>,
        norm: BatchNorm1d<f32, 6>,
        tanh: Tanh,
        block: Residual<Conv1d<f32, 6, 6, Kernel<3>, Stride<1>, Padding<1>>>,
        branches: Concat<(MaxPool1d<Kernel<2>>, AvgPool1d<Kernel<2>>)>,
        flatten: Flatten,
        fc: Linear<f32, 96, 1>,
    }
}

/// A network on signals is trained: which of two frequencies is it?
#[test]
fn a_network_learns_a_frequency() {
    let mut random = Random::new(3);
    let mut net: Net = random.module();
    let x = Signal::<f32, 16, 1, 32>::from_fn(|[n, _, l]| {
        let frequency = if n % 2 == 0 { 0.4 } else { 0.9 };
        (frequency * l as f64 + random.uniform()).sin() as f32
    });
    let target = Matrix::from_fn(|[n, _]| if n % 2 == 0 { 1.0 } else { -1.0 });
    let (mut y, mut dy, mut tape, mut gradient) = (Zeroed::ZERO, Zeroed::ZERO, Zeroed::ZERO, Gradient::<Net>::ZERO);
    let mut losses = Vec::new();
    for _ in 0..40 {
        gradient.zero();
        net.forward_train(&x, &mut y, &mut tape);
        losses.push(mse(&y, &target, Reduction::Mean, &mut dy));
        net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
        Sgd::new(0.05).step(&mut net, &gradient, &mut ());
    }
    assert!(losses[39] < 0.05 * losses[0], "{losses:?}");
}
