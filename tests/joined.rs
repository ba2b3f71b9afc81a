//! Layers that a model runs together, against the same layers one by one: every layer of the twin is behind a `Tap`.

mod support;

use constconv::module;
use constconv::module::role::{ElementWise, FromX, PerElement};
use constconv::prelude::*;
use num_traits::ToPrimitive;
use support::Random;

/// Two models of the same layers, the second of which joins nothing.
macro_rules! twins {
    ($joined:ident, $apart:ident: $input:ty => { $($field:ident: $layer:ty,)+ }) => {
        model! { $joined: $input => { $($field: $layer,)+ } }
        model! { $apart: $input => { $($field: Tap<$layer>,)+ } }

        impl $joined {
            fn apart(&self) -> $apart {
                $apart { $($field: Tap::new(self.$field.clone()),)+ }
            }
        }
    };
}

/// Random numbers of both signs, some of them zero.
fn input<X: Array<Scalar: Real>>(random: &mut Random) -> X {
    let mut x: X = random.array();
    for x in x.as_mut_slice().iter_mut().filter(|x| x.to_f64().unwrap().abs() < 0.1) {
        *x = num_traits::zero();
    }
    x
}

fn bits<T: Real>(a: &[T]) -> Vec<u64> {
    a.iter().map(|a| a.to_f64().unwrap().to_bits()).collect()
}

/// The largest difference, in terms of the largest element.
fn difference<T: Real>(a: &[T], b: &[T]) -> f64 {
    let of = |a: T| a.to_f64().unwrap();
    let largest = b.iter().map(|&b| of(b).abs()).fold(1e-30, f64::max);
    a.iter().zip(b).map(|(&a, &b)| (of(a) - of(b)).abs()).fold(0.0, f64::max) / largest
}

/// All parameters or gradients, one after the other.
fn elements(module: &impl Parameters) -> Vec<f64> {
    struct All(Vec<f64>);
    impl constconv::module::Visitor for All {
        fn tensor<T: Real>(&mut self, elements: &[T]) {
            self.0.extend(elements.iter().map(|a| a.to_f64().unwrap()));
        }
        fn statistics<T: Real>(&mut self, elements: &[T]) {
            self.tensor(elements);
        }
    }
    let mut all = All(Vec::new());
    module.visit(&mut all);
    all.0
}

/// Inference, the forward pass of training and all gradients; a step without a gradient against one with it.
///
/// Inference has the same bits. So has training, unless a pooling is joined: its backward pass sums in another order.
macro_rules! agree {
    ($joined:ident, $apart:ident, $x:ty, within $tolerance:expr) => {{
        let mut random = Random::new(7);
        for _ in 0..3 {
            let mut one: $joined = random.module();
            one.visit_mut(&mut Statistics);
            let two = one.apart();
            let x: $x = input(&mut random);
            assert_eq!(bits(one.forward(&x).as_slice()), bits(two.forward(&x).as_slice()));

            let (mut y1, mut y2) = (Output::<$joined, $x>::ZERO, Output::<$joined, $x>::ZERO);
            let (mut tape1, mut tape2) = (Tape::<$joined, $x>::boxed_zeros(), Tape::<$apart, $x>::boxed_zeros());
            one.forward_train(&x, &mut y1, &mut tape1);
            two.forward_train(&x, &mut y2, &mut tape2);
            assert_eq!(bits(y1.as_slice()), bits(y2.as_slice()));

            let mut dy = input::<Output<$joined, $x>>(&mut random);
            let kept = dy.clone();
            let (mut dx1, mut dx2) = (<$x>::ZERO, <$x>::ZERO);
            let (mut gradient1, mut gradient2) = (Gradient::<$joined>::ZERO, Gradient::<$apart>::ZERO);
            one.backward_into(&x, &y1, &dy, &mut tape1, &mut dx1, &mut gradient1);
            assert_eq!(dy, kept); // it belongs to the caller
            two.backward_into(&x, &y2, &dy, &mut tape2, &mut dx2, &mut gradient2);
            assert!(dx2.iter().any(|dx| *dx != 0.0));
            let (of_one, of_two) = (elements(&gradient1), elements(&gradient2));
            if $tolerance == 0.0 {
                assert_eq!(bits(dx1.as_slice()), bits(dx2.as_slice()));
                assert_eq!(bits(&of_one), bits(&of_two));
            }
            let error = difference(dx1.as_slice(), dx2.as_slice()).max(difference(&of_one, &of_two));
            assert!(error <= $tolerance, "{error}");

            // dx is not asked for.
            let mut alone = Gradient::<$joined>::ZERO;
            one.forward_train(&x, &mut y1, &mut tape1);
            one.backward_parameters(&x, &y1, &dy, &mut tape1, &mut alone);
            assert!(difference(&elements(&alone), &of_one) <= $tolerance);

            let mut sgd = Sgd::new(0.125).weight_decay(0.5);
            let mut step = one.clone();
            sgd.step(&mut step, &alone, &mut ());
            one.forward_train(&x, &mut y1, &mut tape1);
            sgd.descend(&mut one, &x, &y1, &mut dy, &mut tape1);
            let error = difference(&elements(&one), &elements(&step));
            assert!(error < 2e-6, "a step differs by {error}");
        }
    }};
}

/// Statistics as after some training.
struct Statistics;
impl constconv::module::VisitorMut for Statistics {
    fn tensor<T: Real>(&mut self, _: &mut [T]) {}
    fn statistics<T: Real>(&mut self, elements: &mut [T]) {
        for (i, a) in elements.iter_mut().enumerate() {
            *a = T::from_f64(0.5 + i as f64 / 8.0).unwrap();
        }
    }
}

twins! {
    LeNet, LeNetApart: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>>,
        relu2: Relu,
        pool2: MaxPool2d<Kernel<2>, Stride<2>>,
        fc1: Linear<f32, 400, 120>,
        relu3: Relu,
        fc2: Linear<f32, 120, 84>,
        relu4: Relu,
        fc3: Linear<f32, 84, 10>,
    }
}

#[test]
fn lenet() {
    const _: () = assert!(size_of::<Workspace<LeNet, Tensor<f32, 1, 1, 28, 28>>>() == 7_648);
    const _: () = assert!(size_of::<Tape<LeNet, Tensor<f32, 1, 1, 28, 28>>>() == 17_624);
    agree!(LeNet, LeNetApart, Tensor<f32, 5, 1, 28, 28>, within 2e-6);
}

twins! {
    Digits, DigitsApart: Tensor<f32, 1, 1, 8, 8> => {
        conv1: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 256, 32>,
        relu3: Relu,
        fc2: Linear<f32, 32, 10>,
    }
}

#[test]
fn digits() {
    const _: () = assert!(size_of::<Workspace<Digits, Tensor<f32, 1, 1, 8, 8>>>() == 4_096);
    const _: () = assert!(size_of::<Tape<Digits, Tensor<f32, 1, 1, 8, 8>>>() == 7_552);
    agree!(Digits, DigitsApart, Tensor<f32, 1, 1, 8, 8>, within 2e-6);
}

// Every element-wise layer, after layers of each kind, one after the other, first and last.
twins! {
    Activations, ActivationsApart: Tensor<f64, 1, 2, 6, 5> => {
        first: Tanh,
        second: LeakyRelu<f64>,
        conv: Conv2d<f64, 2, 4, Kernel<3>, Stride<1>, Padding<1>>,
        silu: Silu,
        relu6: Relu6,
        transposed: ConvTranspose2d<f64, 4, 2, Kernel<2>>,
        gelu: Gelu,
    }
}
twins! {
    Flattened, FlattenedApart: Tensor<f64, 1, 2, 7, 6> => {
        gelu: Gelu,
        flatten: Flatten,
        sigmoid: Sigmoid,
        fc: Linear<f64, 84, 7>,
        elu: Elu<f64>,
        identity: Identity,
        softmax: Softmax,
        softplus: Softplus,
        hardswish: Hardswish,
        hardsigmoid: Hardsigmoid,
        gelu_tanh: GeluTanh,
    }
}

#[test]
fn activations() {
    agree!(Activations, ActivationsApart, Tensor<f64, 3, 2, 6, 5>, within 0.0);
    agree!(Flattened, FlattenedApart, Tensor<f64, 3, 2, 7, 6>, within 0.0);
}

// Normalisation is in place in inference only; a pooling takes its rows.
twins! {
    Norms, NormsApart: Tensor<f32, 2, 3, 9, 7> => {
        conv1: Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>>,
        norm1: BatchNorm2d<f32, 8>,
        relu1: Relu,
        average: AvgPool2d<Kernel<2>, Stride<2>, Padding<0>, Floor>,
        conv2: Conv2d<f32, 8, 6, Kernel<1>>,
        norm2: BatchNorm2d<f32, 6>,
        max: MaxPool2d<Kernel<2, 1>>,
        conv3: Conv2d<f32, 6, 5, Kernel<2>>,
        relu2: Relu,
        global: GlobalAvgPool2d,
        fc: Linear<f32, 5, 4>,
        norm3: BatchNorm1d<f32, 4>,
    }
}

#[test]
fn norms() {
    agree!(Norms, NormsApart, Tensor<f32, 5, 3, 9, 7>, within 0.0);
}

// Poolings of all kinds after convolutions of all kinds, with and without what is between.
twins! {
    Pools, PoolsApart: Tensor<f64, 2, 2, 25, 24> => {
        conv1: Conv2d<f64, 2, 4, Kernel<3>, Stride<1>, Padding<1>>,
        max1: MaxPool2d<Kernel<3, 2>, Stride<3, 2>, Padding<0>, Floor>,
        conv2: DepthwiseConv2d<f64, 4, 8, Kernel<3>, Stride<1>, Padding<1>>,
        tanh: Tanh,
        max2: MaxPool2d<Kernel<2>, Stride<1>>,
    }
}
twins! {
    SmallPools, SmallPoolsApart: Tensor<f64, 2, 8, 7, 11> => {
        conv3: Conv2d<f64, 8, 3, Kernel<2>, Stride<1>, Padding<1>, Exact, Dilation<2>>,
        silu: Silu,
        max3: MaxPool2d<Kernel<2>, Stride<2>, Padding<0>, Ceil>,
        conv4: Conv2d<f64, 3, 4, Kernel<1>, Stride<1>, Padding<0>, Exact, Dilation<1>, Ungrouped, NoBias>,
        relu: Relu,
        relu_again: Relu,
        max4: MaxPool2d<Kernel<2, 3>, Kernel<2, 3>, Padding<0>, Floor>,
        global: GlobalMaxPool2d,
    }
}

#[test]
fn pools() {
    agree!(Pools, PoolsApart, Tensor<f64, 2, 2, 25, 24>, within 1e-14);
    agree!(SmallPools, SmallPoolsApart, Tensor<f64, 2, 8, 7, 11>, within 1e-14);
}

// Windows that overlap, that reach over the edge, and of which rows are left over.
twins! {
    Windows, WindowsApart: Tensor<f32, 1, 3, 30, 27> => {
        stem: Conv2d<f32, 3, 8, Kernel<7>, Stride<2>, Padding<3>, Floor>,
        norm: BatchNorm2d<f32, 8>,
        relu1: Relu,
        max1: MaxPool2d<Kernel<3>, Stride<2>, Padding<1>, Floor>,
        conv2: Conv2d<f32, 8, 6, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        max2: MaxPool2d<Kernel<3, 2>, Stride<1>, Padding<1>>,
    }
}
twins! {
    MoreWindows, MoreWindowsApart: Tensor<f32, 1, 6, 8, 8> => {
        conv3: Conv2d<f32, 6, 5, Kernel<1>>,
        average1: AvgPool2d<Kernel<3>, Stride<1>, Padding<1>>,
        conv4: DepthwiseConv2d<f32, 5, 5, Kernel<3>, Stride<1>, Padding<1>>,
        tanh: Tanh,
        max3: MaxPool2d<Kernel<2>, Stride<1>, Padding<0>, Exact, Dilation<2>>,
        conv5: Conv2d<f32, 5, 4, Kernel<3>, Stride<1>, Padding<2>>,
        average2: AvgPool2d<Kernel<3, 2>, Stride<2>, Padding<1, 0>, Ceil, ExcludePad>,
        conv6: Conv2d<f32, 4, 4, Kernel<2>, Stride<1>, Padding<1>>,
        max4: MaxPool2d<Kernel<2>, Stride<3>, Padding<1>, Ceil>,
    }
}

#[test]
fn windows() {
    agree!(Windows, WindowsApart, Tensor<f32, 3, 3, 30, 27>, within 3e-6);
    agree!(MoreWindows, MoreWindowsApart, Tensor<f32, 1, 6, 8, 8>, within 3e-6);
}

// Poolings of whole planes: of wide rows, of narrow ones in bands of several, of one row.
twins! {
    Wide, WideApart: Tensor<f32, 1, 2, 21, 20> => {
        conv: Conv2d<f32, 2, 9, Kernel<3>, Stride<1>, Padding<1>>,
        norm: BatchNorm2d<f32, 9>,
        relu: Relu,
        global: GlobalAvgPool2d,
        fc: Linear<f32, 9, 4>,
    }
}
twins! {
    Narrow, NarrowApart: Tensor<f64, 1, 3, 25, 5> => {
        conv: Conv2d<f64, 3, 4, Kernel<1>>,
        silu: Silu,
        global: GlobalAvgPool2d,
        sigmoid: Sigmoid,
    }
}
twins! {
    Largest, LargestApart: Tensor<f32, 1, 3, 12, 9> => {
        conv: Conv2d<f32, 3, 20, Kernel<3>>,
        relu: Relu,
        global: GlobalMaxPool2d,
        softplus: Softplus,
    }
}

#[test]
fn whole_planes() {
    agree!(Wide, WideApart, Tensor<f32, 4, 2, 21, 20>, within 0.0);
    agree!(Narrow, NarrowApart, Tensor<f64, 3, 3, 25, 5>, within 0.0);
    agree!(Largest, LargestApart, Tensor<f32, 2, 3, 12, 9>, within 0.0);

    // The output of the pooling; a row of the convolution, and the sums.
    const _: () = assert!(size_of::<Workspace<Wide, Tensor<f32, 1, 2, 21, 20>>>() == 4 * (9 + 9 * 20 + 9 * 4));
    const _: () = assert!(size_of::<Workspace<WideApart, Tensor<f32, 1, 2, 21, 20>>>() == 4 * 2 * 9 * 21 * 20);
    // The same of five rows: a row has less than 16 cells.
    const _: () = assert!(size_of::<Workspace<Narrow, Tensor<f64, 1, 3, 25, 5>>>() == 8 * (4 * 5 * 5 + 4 * 4));
    // A maximum needs a band only: two rows of 7 are not enough, 3 do not divide 10, so it is five.
    const _: () = assert!(size_of::<Workspace<Largest, Tensor<f32, 1, 3, 12, 9>>>() == 4 * 20 * 5 * 7);
}

/// y in 1..=5: limits that do not hold zero.
#[derive(Debug)]
struct Clamp;

module! { [] Clamp {}; role: PerElement<FromX> }

impl ElementWise<f32> for Clamp {
    type State = ();

    fn map(&self, y: &mut [f32]) {
        y.iter_mut().for_each(|y| *y = y.clamp(1.0, 5.0));
    }

    fn limits(&self) -> Option<(f32, Option<f32>)> {
        Some((1.0, Some(5.0)))
    }

    fn slope(&self, _: &[f32], _: &mut [f32], (): &mut ()) {}
}

impl<X: Array<Scalar = f32> + Clone> Layer<X> for Clamp {
    type Output = X;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &X, y: &mut X, (): &mut ()) {
        y.as_mut_slice().copy_from_slice(x.as_slice());
        self.map(y.as_mut_slice());
    }
}

// The one window has its cells before and after the two columns. Its maximum is zero, which limits must not change.
model! {
    Clamped: Tensor<f32, 1, 1, 3, 2> => {
        conv: Conv2d<f32, 1, 2, Kernel<1>>,
        clamp: Clamp,
        pool: MaxPool2d<Kernel<1, 2>, Stride<1>, Padding<0, 1>, Exact, Dilation<1, 3>>,
    }
}

#[test]
fn limits_are_not_applied_to_windows_without_a_cell() {
    let net: Clamped = Clamped { conv: Random::new(1).module(), clamp: Clamp, pool: MaxPool2d::new() };
    assert_eq!(net.forward(&Tensor::<f32, 1, 1, 3, 2>::full(1.0)), Tensor::<f32, 1, 2, 3, 1>::zeros());
}

// The memory of windows that overlap: a row of the convolution and, for a mean, the rows of a window.
model! {
    Overlapping: Tensor<f32, 1, 3, 32, 32> => {
        conv: Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>>,
        pool: MaxPool2d<Kernel<3>, Stride<2>, Padding<1>, Floor>,
    }
}
model! {
    OverlappingMeans: Tensor<f32, 1, 3, 32, 32> => {
        conv: Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>>,
        pool: AvgPool2d<Kernel<3>, Stride<2>, Padding<1>, Floor>,
    }
}

#[test]
fn memory_of_windows_that_overlap() {
    type X = Tensor<f32, 1, 3, 32, 32>;
    const _: () = assert!(size_of::<Workspace<Overlapping, X>>() == 4 * 8 * 32);
    const _: () = assert!(size_of::<Workspace<OverlappingMeans, X>>() == 4 * 8 * 32 * (1 + 3));
    // A row, and a byte for each output; without a pooling y of the convolution and its gradient.
    const _: () = assert!(size_of::<Tape<Overlapping, X>>() == 4 * 8 * 32 + 8 * 16 * 16);
    const _: () = assert!(Overlapping::INFERENCE_RAM == 4 * (3 * 32 * 32 + 8 * 16 * 16 + 8 * 32));
}

// Models in models: what is joined crosses their borders.
model! {
    Inner: Tensor<f32, 1, 1, 8, 8> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>>,
    }
}
model! {
    Middle: Tensor<f32, 1, 1, 8, 8> => {
        inner: Inner,
        relu: Relu,
    }
}
model! {
    Outer: Tensor<f32, 1, 1, 8, 8> => {
        middle: Middle,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 36, 10>,
    }
}
twins! {
    Flat, FlatApart: Tensor<f32, 1, 1, 8, 8> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 36, 10>,
    }
}

#[test]
fn models_in_models_are_planned_as_one() {
    type X = Tensor<f32, 3, 1, 8, 8>;
    const _: () = assert!(size_of::<Workspace<Outer, X>>() == size_of::<Workspace<Flat, X>>());
    const _: () = assert!(size_of::<Tape<Outer, X>>() == size_of::<Tape<Flat, X>>());
    agree!(Flat, FlatApart, X, within 2e-6);
    let mut random = Random::new(3);
    let flat: Flat = random.module();
    let outer = Outer {
        middle: Middle { inner: Inner { conv: flat.conv.clone() }, relu: Relu },
        pool: MaxPool2d::new(),
        fc: flat.fc.clone(),
    };
    let x: X = input(&mut random);
    assert_eq!(outer.forward(&x), flat.forward(&x));
    let dy = input(&mut random);
    let ((dx, of_outer), (right, of_flat)) = (outer.backward(&x, &dy), flat.backward(&x, &dy));
    assert_eq!((dx, elements(&of_outer)), (right, elements(&of_flat)));
}

// Dropout masks where its input lies; the mask of each pass is the same.
twins! {
    Dropped, DroppedApart: Matrix<f32, 4, 6> => {
        fc1: Linear<f32, 6, 9>,
        relu: Relu,
        dropout: Dropout,
        fc2: Linear<f32, 9, 3>,
        last: Dropout,
    }
}

#[test]
fn dropout() {
    let mut random = Random::new(5);
    let mut one: Dropped = random.module();
    one.dropout.seed = 3;
    let two = one.apart();
    let x: Matrix<f32, 4, 6> = input(&mut random);
    assert_eq!(one.forward(&x), two.forward(&x));
    let (mut tape1, mut tape2) = (Zeroed::ZERO, Zeroed::ZERO);
    for _ in 0..3 {
        let (mut y1, mut y2) = (Matrix::zeros(), Matrix::zeros());
        one.forward_train(&x, &mut y1, &mut tape1);
        two.forward_train(&x, &mut y2, &mut tape2);
        assert_eq!(y1, y2);
        let dy = input(&mut random);
        let (mut dx1, mut dx2, mut of_one, mut of_two) = (Matrix::zeros(), Matrix::zeros(), Zeroed::ZERO, Zeroed::ZERO);
        one.backward_into(&x, &y1, &dy, &mut tape1, &mut dx1, &mut of_one);
        two.backward_into(&x, &y2, &dy, &mut tape2, &mut dx2, &mut of_two);
        assert_eq!((dx1, elements(&of_one)), (dx2, elements(&of_two)));
    }
}

// What is not joined, and what is, of integers.
twins! {
    Integers, IntegersApart: Tensor<i32, 1, 1, 6, 6> => {
        conv: Conv2d<i32, 1, 3, Kernel<3>>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<i32, 12, 4>,
        last: Relu,
    }
}
twins! {
    Means, MeansApart: Tensor<i32, 1, 1, 6, 6> => {
        conv1: Conv2d<i32, 1, 3, Kernel<3>, Stride<1>, Padding<1>>,
        relu: Relu,
        average: AvgPool2d<Kernel<3>, Stride<1>, Padding<1>>,
        conv2: Conv2d<i32, 3, 4, Kernel<1>>,
        max: MaxPool2d<Kernel<3>, Stride<2>, Padding<1>, Floor>,
        conv3: Conv2d<i32, 4, 4, Kernel<2>>,
        global: GlobalAvgPool2d,
    }
}

#[test]
fn integers() {
    let mut net = Integers::BLANK;
    let mut numbers = (-9..9).cycle();
    net.conv.weight.apply(|_| numbers.next().unwrap());
    net.fc.weight.apply(|_| numbers.next().unwrap());
    let x = Tensor::<i32, 3, 1, 6, 6>::from_fn(|[n, _, h, w]| (n * 7 + h * 5 + w) as i32 % 11 - 5);
    let y = net.forward(&x);
    assert!(y.iter().any(|&y| y != 0));
    assert_eq!(y, net.apart().forward(&x));

    let mut net = Means::BLANK;
    net.conv1.weight.apply(|_| 100_000 * numbers.next().unwrap());
    let mut signs = [1, -1, 0, 1].into_iter().cycle();
    net.conv2.weight.apply(|_| signs.next().unwrap());
    net.conv3.weight.apply(|_| signs.next().unwrap());
    let y = net.forward(&x);
    assert!(y.iter().any(|&y| y.abs() > 10_000));
    assert_eq!(y, net.apart().forward(&x));
}

/// Running statistics of normalisations included.
#[test]
fn momentum_needs_no_gradient_besides() {
    let mut random = Random::new(11);
    let (mut one, x): (Norms, Tensor<f32, 3, 3, 9, 7>) = (random.module(), input(&mut random));
    let mut two = one.clone();
    let mut sgd = Sgd::new(0.05).momentum(0.75);
    let (mut velocity, mut state) = (Gradient::<Norms>::ZERO, Gradient::<Norms>::ZERO);
    let (mut y, mut tape) = (Matrix::zeros(), Zeroed::ZERO);
    for _ in 0..4 {
        let dy: Matrix<f32, 3, 4> = input(&mut random);
        one.forward_train(&x, &mut y, &mut tape);
        sgd.descend(&mut one, &x, &y, &dy, &mut tape, &mut velocity);
        let mut gradient = Gradient::<Norms>::ZERO;
        two.forward_train(&x, &mut y, &mut tape);
        two.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
        sgd.step(&mut two, &gradient, &mut state);
        assert!(difference(&elements(&one), &elements(&two)) < 1e-6);
    }
}

type Unit<const C: usize, const F: usize> =
    (Conv2d<f64, C, F, Kernel<3>, Stride<1>, Padding<1>>, BatchNorm2d<f64, F>, Relu);
type Half<const C: usize, const F: usize> =
    (Conv2d<f64, C, F, Kernel<1>, Stride<2>, Padding<0>, Floor>, BatchNorm2d<f64, F>);
type Block = Residual<(Unit<4, 4>, (Half<4, 6>, Unit<6, 6>)), Half<4, 6>>;

model! {
    Normalised: Tensor<f64, 1, 2, 7, 7> => {
        stem: Unit<2, 4>,
        block: Block,
        pool: GlobalAvgPool2d,
        fc: Linear<f64, 6, 3>,
    }
}
model! {
    Deployed: Tensor<f64, 1, 2, 7, 7> => {
        stem: Folded<Unit<2, 4>>,
        block: Folded<Block>,
        pool: GlobalAvgPool2d,
        fc: Linear<f64, 6, 3>,
    }
}

/// Normalisations that became part of convolutions: the same function, with nothing left of them.
#[test]
fn a_folded_model_is_the_same_function() {
    let mut random = Random::new(21);
    let mut net: Normalised = random.module();
    net.visit_mut(&mut Statistics);
    let deployed = Deployed { stem: net.stem.fold(), block: net.block.fold(), pool: net.pool, fc: net.fc.clone() };
    assert_eq!(Deployed::PARAMETERS, Normalised::PARAMETERS - 2 * (4 + 4 + 6 + 6 + 6));
    let x: Tensor<f64, 3, 2, 7, 7> = input(&mut random);
    let (y, right) = (deployed.forward(&x), net.forward(&x));
    assert!(right.iter().any(|y| y.abs() > 0.01));
    assert!(difference(y.as_slice(), right.as_slice()) < 1e-12);
}

#[test]
#[should_panic(expected = "the decay is too large")]
fn a_decay_of_everything_is_refused() {
    let (mut layer, x) = (Linear::<f32, 1, 1>::ZERO, Matrix::<f32, 1, 1>::zeros());
    Sgd::new(0.5).weight_decay(2.0).descend(&mut layer, &x, &Matrix::zeros(), &mut Matrix::zeros(), &mut ());
}
