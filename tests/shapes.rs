//! Shapes as types: the formula in types against the formula in numbers, long axes, inferred types, models and costs.

use core::marker::PhantomData;

use constconv::prelude::*;
use constconv::shape::{Axis, Extent, LONGEST_AXIS, Pooled, Rounding, Slide, output_extent};

/// A question to the compiler: which extent has this window, if any?
struct Query<R, const L: usize, const K: usize, const S: usize, const P: usize, const D: usize>(PhantomData<R>);

/// The answer where the window is refused: an inherent constant that exists hides this one.
trait Refused {
    const EXTENT: Option<usize> = None;
}

impl<R, const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> Refused
    for Query<R, L, K, S, P, D>
{
}

impl<R, const L: usize, const K: usize, const S: usize, const P: usize, const D: usize> Query<R, L, K, S, P, D>
where
    Axis<L>: Slide<K, S, P, R, D>,
{
    const EXTENT: Option<usize> = Some(<<Axis<L> as Slide<K, S, P, R, D>>::Output as Extent>::LENGTH);
}

/// Every combination of the numbers in the lists, for each rounding; what is refused must be refused by both.
macro_rules! grid {
    ([$($rounding:ty = $value:ident,)*] $($rest:tt)*) => {
        [$(grid!(@l $rounding, $value, ($($rest)*)),)*].concat()
    };
    (@l $r:ty, $v:ident, ([$($l:literal)*] $k:tt $s:tt $p:tt $d:tt)) => {
        [$(grid!(@k $r, $v, $l, $k $s $p $d),)*].concat()
    };
    (@k $r:ty, $v:ident, $l:literal, [$($k:literal)*] $s:tt $p:tt $d:tt) => {
        [$(grid!(@s $r, $v, $l, $k, $s $p $d),)*].concat()
    };
    (@s $r:ty, $v:ident, $l:literal, $k:literal, [$($s:literal)*] $p:tt $d:tt) => {
        [$(grid!(@p $r, $v, $l, $k, $s, $p $d),)*].concat()
    };
    (@p $r:ty, $v:ident, $l:literal, $k:literal, $s:literal, [$($p:literal)*] $d:tt) => {
        [$(grid!(@d $r, $v, $l, $k, $s, $p, $d),)*].concat()
    };
    (@d $r:ty, $v:ident, $l:literal, $k:literal, $s:literal, $p:literal, [$($d:literal)*]) => {
        [$((<Query<$r, $l, $k, $s, $p, $d>>::EXTENT, [$l, $k, $s, $p, $d], Rounding::$v),)*]
    };
}

#[test]
fn the_extent_as_a_type_is_the_extent_as_a_number() {
    let rows = grid! {
        [Exact = Exact, Floor = Floor, Ceil = Ceil, Pooled<Ceil> = PooledCeil,]
        [1 4 6 7 8 9] [0 1 2 3 5] [0 1 2 3] [0 1 2] [0 1 2]
    };
    let mut accepted = 0;
    for &(extent, [l, k, s, p, d], rounding) in &rows {
        assert_eq!(extent, output_extent(l, k, s, p, d, rounding), "{rounding:?} L {l} K {k} S {s} P {p} D {d}");
        accepted += usize::from(extent.is_some());
    }
    assert_eq!(rows.len(), 4 * 6 * 5 * 4 * 3 * 3);
    assert!((rows.len() / 4..rows.len() / 2).contains(&accepted), "{accepted} of {} are accepted", rows.len());
}

/// The same for pooling under `Exact` and `Floor`, which refuse padding of more than half of the kernel.
#[test]
fn a_pooling_refuses_large_padding_whatever_its_rounding() {
    assert_eq!(<Query<Floor, 8, 3, 1, 2, 1>>::EXTENT, Some(10));
    assert_eq!(<Query<Pooled<Floor>, 8, 3, 1, 2, 1>>::EXTENT, None);
    assert_eq!(<Query<Pooled<Exact>, 8, 3, 1, 2, 1>>::EXTENT, None);
    assert_eq!(<Query<Pooled<Ceil>, 8, 3, 1, 2, 1>>::EXTENT, None);
    assert_eq!(<Query<Pooled<Floor>, 8, 3, 1, 1, 1>>::EXTENT, Some(8));
    assert_eq!(<Query<Pooled<Floor>, 8, 3, 1, 2, 2>>::EXTENT, Some(8));
    assert_eq!(<Query<Pooled<Exact>, 8, 4, 2, 2, 1>>::EXTENT, Some(5));
}

/// A window of one cell keeps the axis: the table leads from each length to a number and back.
#[test]
fn lengths_up_to_4096_are_axes() {
    macro_rules! lengths {
        ($($l:literal)*) => { $( assert_eq!(<Query<Exact, $l, 1, 1, 0, 1>>::EXTENT, Some($l)); )* };
    }
    lengths! {
        1 2 3 7 8 15 16 31 32 33 47 48 63 64 65 95 96 127 128 129 191 192 255 256 257 511 512 513 784 1000 1023 1024 1025
        1152 1568 2047 2048 2049 3136 4031 4032 4033 4095 4096
    }
    assert!(LONGEST_AXIS >= 4096);
    if LONGEST_AXIS == 4096 {
        assert_eq!(<Query<Exact, 4097, 1, 1, 0, 1>>::EXTENT, None);
        assert_eq!(<Query<Floor, 4096, 1, 1, 1, 1>>::EXTENT, None);
        assert_eq!(<Query<Floor, 4096, 2, 2, 1, 1>>::EXTENT, Some(2049));
    }
}

#[test]
fn long_axes_pass_through_layers() {
    let x = Tensor::<u8, 1, 1, 1, 4096>::from_fn(|[_, _, _, w]| (w % 251) as u8);
    let halved: Tensor<u8, 1, 1, 1, 2048> = MaxPool2d::<Kernel<1, 2>>::new().forward(&x);
    assert_eq!(halved[[0, 0, 0, 2047]], x[[0, 0, 0, 4095]].max(x[[0, 0, 0, 4094]]));
    let smoothed: Tensor<u8, 1, 1, 1, 4096> =
        Conv2d::<u8, 1, 1, Kernel<1, 3>, Stride<1>, Padding<0, 1>>::new(Tensor::full(1), Vector::zeros()).forward(
            &Tensor::<u8, 1, 1, 1, 4096>::full(1),
        );
    assert_eq!((smoothed[[0, 0, 0, 0]], smoothed[[0, 0, 0, 1]]), (2, 3));

    let map = Tensor::<u16, 2, 16, 16, 16>::from_fn(|[n, c, h, w]| (n * 4096 + c * 256 + h * 16 + w) as u16);
    let flat: Matrix<u16, 2, 4096> = Flatten.forward(&map);
    assert_eq!(flat[[1, 4095]], 8191);
    let sums = Linear::<u16, 4096, 2, NoBias>::new(Matrix::full(1), ()).forward(&Tensor::<u16, 1, 64, 8, 8>::full(1));
    assert_eq!(sums, Matrix::full(4096));
}

/// Nothing but the first and the last type is written.
#[test]
fn types_are_inferred_through_a_deep_chain() {
    let x = Tensor::<f32, 2, 3, 64, 48>::zeros();
    let y = Conv2d::<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>>::ZERO.forward(&x); // 64×48
    let y = MaxPool2d::<Kernel<2>>::new().forward(&Relu.forward(&y)); // 32×24
    let y = Conv2d::<f32, 8, 8, Kernel<5, 3>, Stride<3, 1>>::ZERO.forward(&y); // 10×22
    let y = Conv2d::<f32, 8, 4, Kernel<3>, Stride<2>, Padding<1>, Ceil>::ZERO.forward(&y); // ⌈9/2⌉+1 = 6, ⌈21/2⌉+1 = 12
    let y = AvgPool2d::<Kernel<3>, Stride<2>, Padding<0>, Floor>::new().forward(&y); // 2×5
    let y = Conv2d::<f32, 4, 6, Kernel<2>, Stride<1>, Padding<1>, Exact, Dilation<2>>::ZERO.forward(&y); // 2×5
    let y = Linear::<f32, 10, 7>::ZERO.forward(&Linear::<f32, 60, 10>::ZERO.forward(&Flatten.forward(&y)));
    let _: Matrix<f32, 2, 7> = y;
}

model! {
    Block: Tensor<f32, 1, 4, 8, 8> => {
        conv: Conv2d<f32, 4, 4, Kernel<3>, Stride<1>, Padding<1>>,
        relu: Relu,
    }
}

model! {
    Net: Tensor<f32, 1, 1, 8, 8> => {
        stem: Conv2d<f32, 1, 4, Kernel<3>, Stride<1>, Padding<1>>,
        first: Block,
        second: Block,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 64, 10>,
    }
}

#[test]
fn weights_workspace_and_tape_can_be_static() {
    use std::sync::Mutex;
    static NET: Net = Net::ZERO;
    static WORKSPACE: Mutex<Workspace<Net, Tensor<f32, 1, 1, 8, 8>>> = Mutex::new(Zeroed::ZERO);
    static TAPE: Mutex<Tape<Net, Tensor<f32, 1, 1, 8, 8>>> = Mutex::new(Zeroed::ZERO);
    static GRADIENT: Mutex<Gradient<Net>> = Mutex::new(Zeroed::ZERO);
    static X: Tensor<f32, 1, 1, 8, 8> = Tensor::full(1.0);

    let mut y = Matrix::full(f32::NAN);
    NET.forward_with(&X, &mut y, &mut WORKSPACE.lock().unwrap());
    assert_eq!(y, Matrix::<f32, 1, 10>::zeros());
    let tape = &mut TAPE.lock().unwrap();
    let gradient = &mut GRADIENT.lock().unwrap();
    NET.forward_train(&X, &mut y, tape);
    NET.backward_parameters(&X, &y, &Matrix::full(1.0), tape, gradient);
    assert_eq!(gradient.fc.bias, Vector::full(1.0));
}

#[test]
fn one_model_takes_any_batch() {
    let mut net = Net::ZERO;
    let mut i = 0.0;
    net.initialize(&mut || (i = (i + 0.37_f64) % 1.0, i).1);
    let batch = Tensor::<f32, 5, 1, 8, 8>::from_fn(|[n, _, h, w]| ((n * 31 + h * 8 + w) % 17) as f32);
    let all: Matrix<f32, 5, 10> = net.forward(&batch);
    for n in 0..5 {
        let one: Matrix<f32, 1, 10> = net.forward(&Tensor::<f32, 1, 1, 8, 8>::new([batch.as_array()[n]]));
        assert_eq!(one.as_array()[0], all.as_array()[n], "image {n}");
    }
}

/// A model inside of a model is its layers one after the other.
#[test]
fn models_nest() {
    let mut net = Net::ZERO;
    let mut i = 0.0;
    net.initialize(&mut || (i = (i + 0.37_f64) % 1.0, i).1);
    let x = Tensor::<f32, 1, 1, 8, 8>::from_fn(|[_, _, h, w]| (h * 8 + w) as f32);
    let y = net.stem.forward(&x);
    let y = Relu.forward(&net.first.conv.forward(&y));
    let y = Relu.forward(&net.second.conv.forward(&y));
    assert_eq!(net.fc.forward(&net.pool.forward(&y)), net.forward(&x));
}

/// What the layers above must cost, from the formulas.
#[test]
fn costs_are_constants_of_the_model() {
    const BLOCK: usize = 4 * 4 * 9 + 4;
    const PARAMETERS: usize = (4 * 9 + 4) + 2 * BLOCK + (64 * 10 + 10);
    const PLANES: usize = 4 * 8 * 8;
    const _: () = assert!(Net::PARAMETERS == PARAMETERS);
    const _: () = assert!(Net::WEIGHT_BYTES == 4 * PARAMETERS);
    const _: () = assert!(Net::MACS == PLANES * 9 + 2 * PLANES * 4 * 9 + 640);
    // A block's workspace: the output of its convolution.
    const _: () = assert!(size_of::<Workspace<Block, Tensor<f32, 1, 4, 8, 8>>>() == 4 * PLANES);
    // Input, output, two buffers and the block's own.
    const _: () = assert!(Net::INFERENCE_RAM == 4 * (64 + 10 + 2 * PLANES + PLANES));
    const _: () = assert!(Block::INFERENCE_RAM == 4 * 3 * PLANES);
    // Input, output and dy, the convolution's output on the tape, a buffer for its gradient, the gradient.
    const _: () = assert!(Block::TRAINING_RAM == 4 * (PLANES + 2 * PLANES + PLANES + PLANES + BLOCK));
    // Of another batch: the layer's own constant.
    const _: () = assert!(<Net as Layer<Tensor<f32, 3, 1, 8, 8>>>::MACS == 3 * Net::MACS);
}

model! {
    Deep: Tensor<f64, 1, 1, 8, 8> => {
        conv1: Conv2d<f64, 1, 2, Kernel<3>, Stride<1>, Padding<1>>, relu1: Relu,
        conv2: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu2: Relu,
        conv3: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu3: Relu,
        conv4: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu4: Relu,
        conv5: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu5: Relu,
        conv6: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu6: Relu,
        conv7: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu7: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv8: Conv2d<f64, 2, 3, Kernel<3>, Stride<1>, Padding<1>>, relu8: Relu,
        conv9: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu9: Relu,
        conv10: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu10: Relu,
        conv11: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu11: Relu,
        conv12: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu12: Relu,
        pool2: AvgPool2d<Kernel<2>>,
        fc1: Linear<f64, 12, 8>, relu13: Relu,
        fc2: Linear<f64, 8, 8>, relu14: Relu,
        fc3: Linear<f64, 8, 4>,
        relu15: Relu,
    }
}

/// All weights are such that a positive input is handed on: a mean over channels.
#[test]
fn a_model_of_32_layers_runs_both_ways() {
    let mut deep = Deep::ZERO;
    macro_rules! hand_on {
        ($($conv:ident: $c:literal;)*) => { $(
            deep.$conv.weight = Tensor::from_fn(|[_, _, u, v]| if (u, v) == (1, 1) { 1.0 / $c as f64 } else { 0.0 });
        )* };
    }
    hand_on! {
        conv1: 1; conv2: 2; conv3: 2; conv4: 2; conv5: 2; conv6: 2; conv7: 2; conv8: 2; conv9: 3; conv10: 3; conv11: 3;
        conv12: 3;
    }
    deep.fc1.weight.fill(1.0 / 12.0);
    deep.fc2.weight.fill(1.0 / 8.0);
    deep.fc3.weight.fill(1.0 / 8.0);

    let x = Tensor::<f64, 1, 1, 8, 8>::full(3.0);
    let y = deep.forward(&x);
    assert!(y.iter().all(|y| (y - 3.0).abs() < 1e-12), "{y}");
    // What is handed on comes back: dx sums to the sum of dy.
    let (dx, gradient) = deep.backward(&x, &Matrix::new([[1.0, 2.0, 3.0, 4.0]]));
    assert!((dx.iter().sum::<f64>() - 10.0).abs() < 1e-12, "{dx}");
    assert_eq!(gradient.fc3.bias, Vector::new([1.0, 2.0, 3.0, 4.0]));
}
