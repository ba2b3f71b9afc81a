//! Inference on several threads: the bits of one thread, at every level.
//!
//! `cargo test --test parallel --features parallel` runs on several threads; without the feature the same shares are
//! computed one after the other.

mod support;

use constconv::functional::{conv2d, conv2d_parallel_into};
use constconv::kernel::{Conv2dGeometry, Level};
use constconv::model::{PartWorkspace, forward_parts};
use constconv::prelude::*;
use proptest::prelude::*;
use support::{Number, Random};

/// A convolution in shares against one in one piece, to the bit.
fn same_bits<T: Number>(g: &Conv2dGeometry, random: &mut Random, bits: impl Fn(T) -> u64) {
    let (x, w, b) = (random.values::<T>(g.x_len()), random.values::<T>(g.w_len()), random.values::<T>(g.f));
    for level in Level::available() {
        for b in [Some(&b[..]), None] {
            let mut whole = vec![T::junk(); g.y_len()];
            level.conv2d(g, &x, &w, b, &mut whole);
            for shares in [1, 2, 3, 7] {
                let mut y = vec![T::junk(); g.y_len()];
                level.conv2d_in_shares(shares, g, &x, &w, b, &mut y);
                for (i, (&a, &b)) in y.iter().zip(&whole).enumerate() {
                    assert_eq!(bits(a), bits(b), "{}, {shares} shares, y[{i}]: {a:?}, {b:?} of {g:?}", level.name());
                }
            }
        }
    }
}

/// With all kinds of numbers.
fn all_types(g: &Conv2dGeometry, seed: u64) {
    let random = &mut Random::new(seed);
    same_bits::<f32>(g, random, |a| a.to_bits().into());
    same_bits::<f64>(g, random, f64::to_bits);
    same_bits::<i64>(g, random, |a| a as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shares_have_the_bits_of_the_whole(
        n in 1..=4_usize,
        [c, f] in [1..=40_usize, 1..=70],
        groups in 1..=3_usize,
        is_one in 0..4_u8,
        ([h, kh, sh, ph, dh], ho) in support::axis(40),
        ([w, kw, sw, pw, dw], wo) in support::axis(40),
        seed: u64,
    ) {
        // Mostly what is divided by rows and filters: one image, one group.
        let (n, groups) = if is_one > 0 { (1, 1) } else { (n, groups) };
        let mut g = Conv2dGeometry::new([n, c * groups, h, w], [f * groups, kh, kw], [ho, wo]);
        (g.stride, g.padding, g.dilation, g.groups) = ([sh, sw], [ph, pw], [dh, dw], groups);
        prop_assume!(g.macs() < 1_000_000);
        all_types(&g, seed);
    }
}

/// One image of a square plane and kernel.
fn square(c: usize, side: usize, f: usize, kernel: usize, padding: usize, groups: usize) -> Conv2dGeometry {
    let mut g = Conv2dGeometry::new([1, c, side, side], [f, kernel, kernel], [side + 2 * padding + 1 - kernel; 2]);
    (g.padding, g.groups) = ([padding; 2], groups);
    g
}

#[test]
fn shares_of_large_convolutions() {
    // Rows; filters; in place; weights in several pieces; two blocks of input channels.
    for [c, side, f, kernel, padding] in
        [[32, 32, 32, 3, 1], [64, 8, 64, 3, 1], [64, 28, 128, 1, 0], [300, 7, 300, 3, 1]]
    {
        all_types(&square(c, side, f, kernel, padding, 1), 1);
    }
    // Depthwise, in groups.
    all_types(&square(30, 24, 30, 3, 1, 30), 2);
    all_types(&square(12, 24, 24, 3, 1, 3), 3);
}

/// An infinite weight over the padding gives NaN there, as in one piece.
#[test]
fn what_is_not_finite_stays_where_it_is() {
    let g = square(16, 24, 32, 3, 1, 1);
    let random = &mut Random::new(4);
    let (mut x, mut w) = (random.values::<f32>(g.x_len()), random.values::<f32>(g.w_len()));
    (w[5], x[1000]) = (f32::INFINITY, f32::NEG_INFINITY);
    for level in Level::available() {
        let (mut whole, mut y) = (vec![0.0; g.y_len()], vec![0.0; g.y_len()]);
        level.conv2d(&g, &x, &w, None, &mut whole);
        level.conv2d_in_shares(2, &g, &x, &w, None, &mut y);
        assert!(whole.iter().any(|y| y.is_nan()) && whole.iter().any(|y| y.is_finite()));
        assert!(whole.iter().zip(&y).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
    }
}

#[test]
fn the_function_and_the_layer() {
    support::on_a_large_stack(|| {
        let random = &mut Random::new(5);
        let (x, w, b) = (random.array::<Tensor<f32, 1, 32, 40, 40>>(), random.array(), random.array());
        let expected = conv2d(&x, &w, &b, (Stride::<1>, Padding::<1>));
        let mut y = Tensor::<f32, 1, 64, 40, 40>::full(f32::NAN);
        conv2d_parallel_into(&x, &w, &b, (Stride::<1>, Padding::<1>), &mut y);
        assert_eq!(y, expected);
        let layer = Parallel::new(Conv2d::<f32, 32, 64, Kernel<3>, Stride<1>, Padding<1>>::new(w, b));
        assert_eq!(layer.forward(&x), expected);
        let (direct, of_layer) = (layer.body.backward(&x, &y), layer.backward(&x, &y));
        assert_eq!((direct.0, direct.1), (of_layer.0, of_layer.1.body));
    });
}

model! {
    /// Everything that a network for inference has.
    Net: Images<1> => {
        stem: (Conv2d<f32, 3, 16, Kernel<3>, Stride<1>, Padding<1>>, BatchNorm2d<f32, 16>, Relu),
        block: Residual<(DepthwiseConv2d<f32, 16, 16, Kernel<3>, Stride<1>, Padding<1>>, Relu)>,
        pool: MaxPool2d<Kernel<2>>,
        conv: Conv2d<f32, 16, 8, Kernel<3>>,
        relu: Relu,
        fc1: Linear<f32, 288, 20>,
        relu1: Relu,
        fc2: Linear<f32, 20, 10>,
        softmax: Softmax,
    }
}

type Images<const N: usize> = Tensor<f32, N, 3, 16, 16>;

/// Parts of K images of a batch of N.
macro_rules! parts {
    ($($n:literal by $k:literal;)*) => { $( for threads in [1, 2, 3, 5] {
        let random = &mut Random::new(6);
        let (net, x): (Net, Images<$n>) = (random.module(), random.array());
        let mut workspaces: Vec<PartWorkspace<$k, Net, Images<$n>>> = (0..threads).map(|_| Zeroed::ZERO).collect();
        for _ in 0..5 {
            let mut y = Matrix::<f32, $n, 10>::full(f32::NAN);
            forward_parts::<$k, _, _>(&net, &x, &mut y, &mut workspaces);
            let whole = net.forward(&x);
            assert!(y.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits()), "{} by {} on {threads}", $n, $k);
        }
    } )* };
}

#[test]
fn a_batch_in_parts() {
    parts! {
        1 by 1;
        7 by 1;
        8 by 4;
        13 by 4;
        3 by 8; // no whole part
    }
}

#[test]
fn integers_and_signals_in_parts() {
    type Layer = Conv1d<i32, 2, 3, Kernel<3>>;
    let mut layer = Layer::BLANK;
    layer.weight = support::random_array(&mut Random::new(7));
    let x: Signal<i32, 11, 2, 9> = support::random_array(&mut Random::new(8));
    let mut y = Signal::zeros();
    forward_parts::<2, _, _>(&layer, &x, &mut y, &mut [Zeroed::ZERO, Zeroed::ZERO]);
    assert_eq!(y, layer.forward(&x));
}

#[test]
#[should_panic(expected = "of which there are none")]
fn a_batch_without_memory() {
    forward_parts::<1, _, _>(&Relu, &Matrix::<f32, 2, 2>::zeros(), &mut Matrix::zeros(), &mut []);
}
