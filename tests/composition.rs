//! Layers made of layers, and the pooling that ends a body: what PyTorch computes, and what holds by definition.

mod support;

use constconv::module;
use constconv::prelude::*;
use support::{Random, assert_close, fixture, nan};

/// test: layer, group, case
macro_rules! global_pooling {
    ($($name:ident: $layer:ident, $group:literal $case:ident, $($t:ident)*;)*) => { $(
        mod $name {
            use super::*;
            $(
                #[test]
                fn $t() {
                    static X: Tensor<$t, 2, 3, 5, 7> = fixture!($group $case $t "x");
                    static DY: Tensor<$t, 2, 3, 1, 1> = fixture!($group $case $t "dy");
                    static Y: Tensor<$t, 2, 3, 1, 1> = fixture!($group $case $t "y");
                    static DX: Tensor<$t, 2, 3, 5, 7> = fixture!($group $case $t "dx");

                    let (mut y, mut dx) = (nan(), nan());
                    $layer.forward_into(&X, &mut y);
                    assert_close("y", &y, &Y, 35);
                    y = nan();
                    $layer.forward_train(&X, &mut y, &mut ());
                    assert_close("y in training", &y, &Y, 35);
                    $layer.backward_into(&X, &y, &DY, &mut (), &mut dx, &mut ());
                    assert_close("dx", &dx, &DX, 1);
                }
            )*
        }
    )* };
}

global_pooling! {
    global_avg_pool2d: GlobalAvgPool2d, "adaptive_avg_pool2d" to_1x1, f32 f64;
    global_max_pool2d: GlobalMaxPool2d, "adaptive_max_pool2d" to_1x1_ties, f32 f64;
}

/// Layers made of layers, as PyTorch computes them (`fixtures/blocks.py`), forward and all gradients.
macro_rules! blocks {
    ($($t:ident)*) => { $(
        mod $t {
            use super::*;

            type X = Tensor<$t, 2, 3, 5, 4>;

            model! {
                Body: Tensor<$t, 2, 3, 5, 4> => {
                    conv: Conv2d<$t, 3, 3, Kernel<3>, Stride<1>, Padding<1>>,
                    norm: BatchNorm2d<$t, 3>,
                    relu: Relu,
                }
            }

            #[test]
            fn residual() {
                static X: X = fixture!("residual" conv_norm_relu $t "x");
                static DY: X = fixture!("residual" conv_norm_relu $t "dy");
                let block = Residual::new(Body {
                    conv: Conv2d::new(
                        fixture!("residual" conv_norm_relu $t "w"),
                        fixture!("residual" conv_norm_relu $t "b"),
                    ),
                    norm: BatchNorm2d::new(
                        fixture!("residual" conv_norm_relu $t "weight"),
                        fixture!("residual" conv_norm_relu $t "bias"),
                        Vector::zeros(),
                        Vector::full(1.0),
                    ),
                    relu: Relu,
                });
                let (y, dx, gradient) = both_ways(&block, &X, &DY);
                assert_close("y", &y, &fixture!("residual" conv_norm_relu $t "y"), 40);
                assert_close("dx", &dx, &fixture!("residual" conv_norm_relu $t "dx"), 40);
                let (conv, norm) = (gradient.body.conv, gradient.body.norm);
                assert_close("dw", &conv.weight, &fixture!("residual" conv_norm_relu $t "dw"), 40);
                assert_close("db", &conv.bias, &fixture!("residual" conv_norm_relu $t "db"), 40);
                assert_close("dweight", &norm.weight, &fixture!("residual" conv_norm_relu $t "dweight"), 40);
                assert_close("dbias", &norm.bias, &fixture!("residual" conv_norm_relu $t "dbias"), 40);
            }

            #[test]
            fn concat() {
                static X: X = fixture!("concat" two_convolutions $t "x");
                static DY: Tensor<$t, 2, 6, 5, 4> = fixture!("concat" two_convolutions $t "dy");
                type Narrow = Conv2d<$t, 3, 2, Kernel<1>>;
                type Wide = Conv2d<$t, 3, 4, Kernel<3>, Stride<1>, Padding<1>>;
                let layer = Concat::new((
                    Narrow::new(fixture!("concat" two_convolutions $t "w"), fixture!("concat" two_convolutions $t "b")),
                    Wide::new(fixture!("concat" two_convolutions $t "w2"), fixture!("concat" two_convolutions $t "b2")),
                ));
                let (y, dx, Concat { branches: (narrow, wide) }) = both_ways(&layer, &X, &DY);
                assert_close("y", &y, &fixture!("concat" two_convolutions $t "y"), 28);
                assert_close("dx", &dx, &fixture!("concat" two_convolutions $t "dx"), 38);
                assert_close("dw", &narrow.weight, &fixture!("concat" two_convolutions $t "dw"), 40);
                assert_close("db", &narrow.bias, &fixture!("concat" two_convolutions $t "db"), 40);
                assert_close("dw2", &wide.weight, &fixture!("concat" two_convolutions $t "dw2"), 40);
                assert_close("db2", &wide.bias, &fixture!("concat" two_convolutions $t "db2"), 40);
            }

            /// The numbers of a convolution, by Winograd's algorithm, and of one that is not trained.
            #[test]
            fn a_convolution_inside() {
                static X: Tensor<$t, 1, 2, 5, 7> = fixture!("conv2d" stride1_padding2_batch1 $t "x");
                static DY: Tensor<$t, 1, 3, 7, 9> = fixture!("conv2d" stride1_padding2_batch1 $t "dy");
                static Y: Tensor<$t, 1, 3, 7, 9> = fixture!("conv2d" stride1_padding2_batch1 $t "y");
                let conv: Conv2d<$t, 2, 3, Kernel<3>, Stride<1>, Padding<2>> = Conv2d::new(
                    fixture!("conv2d" stride1_padding2_batch1 $t "w"),
                    fixture!("conv2d" stride1_padding2_batch1 $t "b"),
                );
                let (y, dx, gradient) = both_ways(&Winograd::new(conv.clone()), &X, &DY);
                assert_close("y", &y, &Y, 19);
                assert_close("dx", &dx, &fixture!("conv2d" stride1_padding2_batch1 $t "dx"), 27);
                assert_close("dw", &gradient.body.weight, &fixture!("conv2d" stride1_padding2_batch1 $t "dw"), 63);
                assert_close("db", &gradient.body.bias, &fixture!("conv2d" stride1_padding2_batch1 $t "db"), 63);

                let (mut y, mut tape, frozen) = (nan(), Zeroed::ZERO, Frozen::new(conv));
                assert_close("y of the frozen layer", &frozen.forward(&X), &Y, 19);
                frozen.forward_train(&X, &mut y, &mut tape);
                assert_close("y of the frozen layer in training", &y, &Y, 19);
            }
        }
    )* };
}

blocks! { f32 f64 }

/// y in training, dx and the gradient, over numbers that are overwritten.
fn both_ways<L, X, Y>(layer: &L, x: &X, dy: &Y) -> (Y, X, Gradient<L>)
where
    L: Backward<X, Output = Y>,
    X: Array<Scalar: Real>,
    Y: Array<Scalar: Real>,
{
    let (mut y, mut dx, mut tape, mut gradient) = (nan(), nan(), Zeroed::ZERO, Zeroed::ZERO);
    layer.forward_train(x, &mut y, &mut tape);
    layer.backward_into(x, &y, dy, &mut tape, &mut dx, &mut gradient);
    (y, dx, gradient)
}

model! {
    Block: Tensor<f64, 1, 2, 6, 6> => {
        conv1: Conv2d<f64, 2, 4, Kernel<3>, Stride<1>, Padding<1>>,
        relu: Relu,
        conv2: Conv2d<f64, 4, 2, Kernel<3>, Stride<1>, Padding<1>>,
    }
}

#[test]
fn a_residual_block_adds_its_input_both_ways() {
    let mut random = Random::new(1);
    let block: Residual<Block> = random.module();
    let (x, dy): (Tensor<f64, 3, 2, 6, 6>, Tensor<f64, 3, 2, 6, 6>) = (random.array(), random.array());

    let mut y = nan();
    block.forward_into(&x, &mut y);
    assert_eq!(y, block.body.forward(&x).zip(&x, |y, x| y + x));

    let (dx, gradient) = block.backward(&x, &dy);
    let (body_dx, body_gradient) = block.body.backward(&x, &dy);
    assert_eq!(dx, body_dx.zip(&dy, |dx, dy| dx + dy));
    assert_eq!(gradient.body, body_gradient);
}

#[test]
fn an_optimizer_reaches_into_a_residual_block() {
    let mut random = Random::new(2);
    let mut block: Residual<Block> = random.module();
    let mut body = block.body.clone();
    let (_, gradient): (Tensor<f64, 1, 2, 6, 6>, _) =
        random.module::<Block>().backward(&random.array(), &random.array());
    let gradient: Gradient<Residual<Block>> = Residual::with_shortcut(gradient, ());
    Sgd::new(0.1).step(&mut block, &gradient, &mut ());
    Sgd::new(0.1).step(&mut body, &gradient.body, &mut ());
    assert_eq!(block.body, body);
    assert_eq!(Residual::<Block>::PARAMETERS, Block::PARAMETERS);
}

/// Two channels on both ways, or a block of four.
type Halve<const K: usize, const P: usize> = Conv2d<f64, 2, 4, Kernel<K>, Stride<2>, Padding<P>, Floor>;

#[test]
fn a_residual_block_adds_what_its_shortcut_makes_both_ways() {
    type X = Tensor<f64, 3, 2, 6, 6>;
    let mut random = Random::new(12);
    let block: Residual<Halve<3, 1>, Halve<1, 0>> = random.module();
    let (x, dy): (X, Tensor<f64, 3, 4, 3, 3>) = (random.array(), random.array());

    let mut y = nan();
    block.forward_into(&x, &mut y);
    assert_eq!(y, block.body.forward(&x).zip(&block.shortcut.forward(&x), |y, s| y + s));
    let (y_in_training, dx, gradient) = both_ways(&block, &x, &dy);
    assert_eq!(y_in_training, y);

    let (body_dx, body) = block.body.backward(&x, &dy);
    let (shortcut_dx, shortcut) = block.shortcut.backward(&x, &dy);
    assert_eq!(dx, body_dx.zip(&shortcut_dx, |a, b| a + b));
    assert_eq!(gradient, Residual::with_shortcut(body, shortcut));

    let (mut y, mut tape, mut gradient_alone) = (nan(), Zeroed::ZERO, Zeroed::ZERO);
    block.forward_train(&x, &mut y, &mut tape);
    block.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient_alone);
    assert_eq!(gradient_alone, gradient);
}

/// Nothing for `Identity`; for another shortcut a buffer of the output's size, in training its tape and room for a dx.
#[test]
fn what_a_shortcut_costs() {
    type X = Tensor<f64, 1, 2, 6, 6>;
    type Y = Tensor<f64, 1, 4, 3, 3>;
    type Down = Residual<Halve<3, 1>, Halve<1, 0>>;
    const _: () = assert!(size_of::<Workspace<Residual<Block>, X>>() == size_of::<Workspace<Block, X>>());
    const _: () = assert!(size_of::<Tape<Residual<Block>, X>>() == size_of::<X>() + size_of::<Tape<Block, X>>());
    const _: () = assert!(size_of::<Workspace<Down, X>>() == size_of::<Y>());
    const _: () = assert!(size_of::<Tape<Down, X>>() == 2 * size_of::<Y>() + size_of::<X>());
    const _: () = assert!(size_of::<Gradient<Residual<Halve<3, 1>, Relu>>>() == size_of::<Halve<3, 1>>());
    const _: () = assert!(Down::PARAMETERS == 4 * 2 * 9 + 4 + 4 * 2 + 4);
    const _: () = assert!(<Down as Layer<X>>::MULTIPLY_ADDS == 9 * 4 * 2 * (9 + 1));
    const _: () = assert!(Down::PARAMETER_BYTES == 8 * Down::PARAMETERS && Residual::<Relu>::PARAMETERS == 0);
}

#[test]
fn nothing_is_handed_on_both_ways() {
    let mut random = Random::new(13);
    let (x, dy): (Signal<f64, 2, 3, 5>, Signal<f64, 2, 3, 5>) = (random.array(), random.array());
    let (y, dx, ()) = both_ways(&Identity, &x, &dy);
    assert_eq!((y, dx), (x, dy));
    // A body that is nothing doubles x.
    assert_eq!(Residual::new(Identity).forward(&Vector::new([3, 4])), Vector::new([6, 8]));
}

/// Padding that differs from side to side against zeros around the plane and a convolution without padding.
macro_rules! sides {
    ($($t:ident: $n:literal $c:literal $h:literal $w:literal, $f:literal, $window:tt;)*) => { $(
        sides! { @case $t: $n $c $h $w, $f, $window }
    )* };
    (@case $t:ident: $n:literal $c:literal $h:literal $w:literal, $f:literal,
        [
            $kh:literal $kw:literal, $s:literal, $top:literal $bottom:literal $left:literal $right:literal,
            $r:ident, $d:literal, $g:ty
        ]
    ) => {{
        type Sided = Sides<$top, $bottom, $left, $right>;
        type Conv<P> = Conv2d<$t, $c, $f, Kernel<$kh, $kw>, Stride<$s>, P, $r, Dilation<$d>, $g>;
        let mut random = Random::new($h * $w + $top);
        let conv: Conv<Sided> = random.module();
        let x: Tensor<$t, $n, $c, $h, $w> = random.array();
        let pad = ZeroPad2d::<Sided>::new();
        let around = pad.forward(&x);
        let plain = Conv::<Padding<0>>::new(conv.weight.clone(), conv.bias.clone());
        let expected = plain.forward(&around);
        let mut y = expected.map(|_| $t::NAN);
        conv.forward_into(&x, &mut y);
        assert_close("y", &y, &expected, $kh * $kw * $c + 1);

        let dy = expected.map(|_| random.normal() as $t);
        let (dx, gradient) = conv.backward(&x, &dy);
        let (around_dx, expected) = plain.backward(&around, &dy);
        assert_close("dx", &dx, &pad.backward(&x, &around_dx).0, $kh * $kw * $f);
        assert_close("dw", &gradient.weight, &expected.weight, $n * $h * $w);
        assert_close("db", &gradient.bias, &expected.bias, $n * $h * $w);
    }};
}

#[test]
fn sides_of_a_convolution_are_zeros_around_the_plane() {
    sides! {
        // The first layers of two networks for microcontrollers.
        f32: 1 1 49 10, 64, [10 4, 2, 4 5 1 1, Exact, 1, Ungrouped];
        f32: 2 3 32 32, 8, [3 3, 2, 0 1 0 1, Exact, 1, Ungrouped];
        f64: 2 3 9 14, 5, [3 3, 1, 2 0 0 2, Exact, 1, Ungrouped];
        f64: 1 16 12 12, 16, [3 3, 2, 0 1 0 1, Exact, 1, Groups<16>];
        f32: 2 16 12 12, 16, [3 3, 1, 0 2 2 0, Exact, 1, Groups<16>];
        f32: 1 4 7 8, 6, [3 2, 3, 1 6 0 5, Floor, 2, Groups<2>];
        f64: 1 4 7 8, 6, [3 2, 3, 5 0 4 1, Ceil, 2, Groups<2>];
        // Windows that lie in the padding alone, and more padding than plane.
        f32: 1 2 3 3, 4, [2 2, 1, 0 7 0 7, Exact, 1, Ungrouped];
        f64: 2 2 3 3, 4, [2 2, 2, 7 0 7 0, Exact, 1, Ungrouped];
        f32: 1 24 8 8, 32, [1 1, 1, 0 1 2 3, Exact, 1, Ungrouped];
        f32: 1 32 16 16, 32, [3 3, 1, 0 2 1 1, Exact, 1, Ungrouped];
    }
}

/// An infinite weight makes each y NaN whose window has it on a zero, whichever side that is on.
#[test]
fn zeros_of_each_side_are_multiplied() {
    type Conv<P> = Conv2d<f32, 2, 16, Kernel<3>, Stride<1>, P>;
    let mut random = Random::new(16);
    let mut conv: Conv<Sides<0, 2, 1, 0>> = random.module();
    conv.weight[[3, 1, 2, 0]] = f32::INFINITY;
    let x: Tensor<f32, 1, 2, 9, 9> = random.array();
    let around = ZeroPad2d::<Sides<0, 2, 1, 0>>::new().forward(&x);
    let expected = Conv::<Padding<0>>::new(conv.weight.clone(), conv.bias.clone()).forward(&around);
    let y = conv.forward(&x);
    assert_close("y", &y, &expected, 19);
    assert!(y.iter().any(|y| y.is_nan()) && y.iter().any(|y| y.is_infinite()));
}

/// Winograd's algorithm against the direct one: y and dx within the tolerance for direct sums, the gradient exactly.
macro_rules! winograd {
    ($($t:ident: $n:literal $c:literal $h:literal $w:literal, $f:literal $ho:literal $wo:literal $p:literal $bias:ident;)*) => { $({
        type Conv = Conv2d<$t, $c, $f, Kernel<3>, Stride<1>, Padding<$p>, Exact, Dilation<1>, Ungrouped, $bias>;
        let mut random = Random::new($c);
        let layer = Winograd::<Conv>::new(random.module());
        let (x, dy): (Tensor<$t, $n, $c, $h, $w>, Tensor<$t, $n, $f, $ho, $wo>) = (random.array(), random.array());
        let mut y = nan();
        layer.forward_into(&x, &mut y);
        assert_close("y", &y, &layer.body.forward(&x), 9 * $c + 1);
        let (dx, gradient) = layer.backward(&x, &dy);
        let (body_dx, body_gradient) = layer.body.backward(&x, &dy);
        assert_close("dx", &dx, &body_dx, 9 * $f);
        assert_eq!(gradient.body, body_gradient);
    })* };
}

#[test]
fn winograd_is_the_convolution_in_its_inside() {
    winograd! {
        f32: 2 3 9 14, 8 7 12 0 Bias;
        f32: 1 40 16 16, 33 16 16 1 Bias;
        f32: 3 16 5 4, 24 7 6 2 NoBias;
        f64: 1 20 13 30, 17 13 30 1 Bias;
        f64: 2 1 3 3, 1 1 1 0 Bias;
    }
    // Other numbers and the functions of the layer: as the convolution does.
    let layer = Winograd::<Conv2d<i32, 1, 1, Kernel<3>>>::new(Conv2d::new(Tensor::full(2), Vector::full(1)));
    assert_eq!(layer.forward(&Tensor::<i32, 1, 1, 4, 4>::full(3)), Tensor::full(55));
}

#[test]
fn the_parameters_of_winograd_are_those_of_the_convolution() {
    type Conv = Conv2d<f64, 2, 4, Kernel<3>, Stride<1>, Padding<1>>;
    let (mut layer, mut body): (Winograd<Conv>, Conv) = (Random::new(9).module(), Random::new(9).module());
    assert_eq!(layer.body, body);
    assert_eq!(Winograd::<Conv>::PARAMETERS, Conv::PARAMETERS);
    let gradient: Conv = Random::new(10).module();
    let mut states = <[_; 2]>::ZERO;
    Sgd::new(0.1).momentum(0.5).step(&mut layer, &Winograd::new(gradient.clone()), &mut states[0]);
    Sgd::new(0.1).momentum(0.5).step(&mut body, &gradient, &mut states[1].body);
    assert_eq!(layer.body, body);
    assert_eq!(layer.squared_norm(), body.squared_norm());
    type X = Tensor<f64, 1, 2, 6, 6>;
    const _: () = assert!(<Winograd<Conv> as Layer<X>>::MULTIPLY_ADDS == <Conv as Layer<X>>::MULTIPLY_ADDS);
}

/// A layer that is trained but whose dx nobody may ask for.
#[derive(Clone, Debug, PartialEq)]
struct First;

module! { [] First {} }

impl<X: Array + Clone> Layer<X> for First {
    type Output = X;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &X, y: &mut X, (): &mut ()) {
        y.as_mut_slice().copy_from_slice(x.as_slice());
    }
}

impl<X: Array + Clone> Backward<X> for First {
    type Tape = ();

    fn forward_train_pass(&self, x: &X, y: &mut X, (): &mut ()) {
        self.forward_pass(x, y, &mut ());
    }

    fn backward_pass(&self, _: &X, _: &X, _: &X, (): &mut (), dx: Option<&mut X>, (): &mut ()) {
        assert!(dx.is_none(), "a dx that nobody needs");
    }
}

model! {
    Transfer: Tensor<f64, 1, 2, 6, 6> => {
        body: Frozen<Block>,
        tanh: Tanh,
        first: First,
        fc: Linear<f64, 72, 3>,
    }
}

#[test]
fn only_what_comes_after_a_frozen_body_is_trained() {
    let mut random = Random::new(3);
    let mut net = Transfer::BLANK;
    net.body = random.module();
    net.fc = random.module();
    let before = net.clone();
    let x: Tensor<f64, 2, 2, 6, 6> = random.array();
    let dy = random.array();

    let (mut y, mut tape, mut gradient) = (nan(), Zeroed::ZERO, Gradient::<Transfer>::ZERO);
    net.forward_train(&x, &mut y, &mut tape);
    assert_eq!(y, net.forward(&x));
    net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
    let features = Tanh.forward(&before.body.body.forward(&x));
    assert_eq!(gradient.fc, before.fc.backward(&features, &dy).1);
    let mut velocity = Zeroed::ZERO;
    Sgd::new(0.5).momentum(0.5).step(&mut net, &gradient, &mut velocity);
    assert_eq!(net.body, before.body);
    assert_ne!(net.fc, before.fc);
}

/// No gradient, no optimizer state; on the tape nothing but what inference needs.
#[test]
fn a_frozen_body_costs_nothing() {
    type X = Tensor<f64, 1, 2, 6, 6>;
    const _: () = assert!(size_of::<Gradient<Frozen<Block>>>() == 0);
    const _: () = assert!(Transfer::PARAMETERS == 72 * 3 + 3);
    const _: () = assert!(size_of::<Tape<Frozen<Block>, X>>() == size_of::<Workspace<Block, X>>());
    const _: () = assert!(<Frozen<Block> as Layer<X>>::MULTIPLY_ADDS == <Block as Layer<X>>::MULTIPLY_ADDS);
}

/// The first training pass of a layer, over ones.
fn first_pass<const K: usize>(layer: &Dropout) -> Vector<f64, K> {
    let mut tape = Zeroed::ZERO;
    dropped(layer, &mut tape)
}

/// One training pass over ones.
fn dropped<const K: usize>(layer: &Dropout, tape: &mut Tape<Dropout, Vector<f64, K>>) -> Vector<f64, K> {
    let mut y = nan();
    layer.forward_train(&Vector::full(1.0), &mut y, tape);
    y
}

#[test]
fn dropout_drops_a_part_and_keeps_the_mean() {
    const K: usize = 20_000;
    for p in [0.1, 0.5, 0.8] {
        let y = first_pass::<K>(&Dropout { p, seed: 3 });
        let p = f64::from(p);
        let scale = 1.0 / (1.0 - p);
        assert!(y.iter().all(|&y| y == 0.0 || y == scale), "p = {p}");
        let zeros = y.iter().filter(|&&y| y == 0.0).count() as f64;
        // Five standard deviations of a binomial distribution.
        let deviation = (K as f64 * p * (1.0 - p)).sqrt();
        assert!((zeros - K as f64 * p).abs() < 5.0 * deviation, "p = {p}: {zeros} of {K}");
        // Neighbours do not know of each other.
        let pairs = y.as_slice().windows(2).filter(|pair| pair == &[0.0, 0.0]).count() as f64;
        assert!((pairs - K as f64 * p * p).abs() < 10.0 * deviation, "p = {p}: {pairs} pairs of {K}");
    }
    assert_eq!(first_pass::<100>(&Dropout::new(0.0)), Vector::full(1.0));
    assert_eq!(first_pass::<100>(&Dropout::new(1.0)), Vector::zeros());
}

#[test]
fn each_pass_and_each_seed_has_a_mask_of_its_own() {
    let (layer, mut tape) = (Dropout { p: 0.5, seed: 7 }, Zeroed::ZERO);
    let passes: [Vector<f64, 64>; 3] = std::array::from_fn(|_| dropped(&layer, &mut tape));
    assert_ne!(passes[0], passes[1]);
    assert_ne!(passes[1], passes[2]);
    assert_ne!(first_pass::<64>(&Dropout { p: 0.5, seed: 8 }), passes[0]);
    // A new tape begins anew.
    assert_eq!(first_pass::<64>(&layer), passes[0]);
    // dx has the mask of the last pass.
    let (x, dy) = (Vector::full(1.0), Vector::full(1.0));
    let mut dx = nan();
    layer.backward_into(&x, &passes[2], &dy, &mut tape, &mut dx, &mut ());
    assert_eq!(dx, passes[2]);
}

#[test]
fn dropout_is_inactive_in_evaluation_and_seeded_with_the_model() {
    model! {
        Net: Matrix<f64, 1, 6> => {
            drop1: Dropout,
            drop2: Dropout,
        }
    }
    let net: Net = Random::new(5).module();
    assert_ne!(net.drop1.seed, net.drop2.seed);
    let x: Matrix<f64, 3, 6> = Random::new(6).array();
    assert_eq!(net.forward(&x), x);
    let (mut y, mut tape, frozen) = (nan(), Zeroed::ZERO, Frozen::new(net));
    frozen.forward_train(&x, &mut y, &mut tape);
    assert_eq!(y, x);
}

#[test]
fn branches_stand_side_by_side() {
    type X = Tensor<f64, 3, 2, 6, 6>;
    let mut random = Random::new(8);
    let layer: Concat<(Block, Relu, Conv2d<f64, 2, 3, Kernel<1>>)> = random.module();
    let x: X = random.array();
    let parts: (X, X, Tensor<f64, 3, 3, 6, 6>) =
        (layer.branches.0.forward(&x), Relu.forward(&x), layer.branches.2.forward(&x));
    let expected = Tensor::<f64, 3, 7, 6, 6>::from_fn(|[n, c, h, w]| match c {
        0..2 => parts.0[[n, c, h, w]],
        2..4 => parts.1[[n, c - 2, h, w]],
        _ => parts.2[[n, c - 4, h, w]],
    });
    let mut y = nan();
    layer.forward_into(&x, &mut y);
    assert_eq!(y, expected);
    let (mut y, mut tape) = (nan(), Zeroed::ZERO);
    layer.forward_train(&x, &mut y, &mut tape);
    assert_eq!(y, expected);
}

/// Sums and products of what the branches make, and of what they make of dy.
#[test]
fn branches_are_added_and_multiplied_element_by_element() {
    type X = Tensor<f64, 3, 2, 6, 6>;
    let mut random = Random::new(14);
    let (a, b): (Block, Block) = (random.module(), random.module());
    let (x, dy): (X, X) = (random.array(), random.array());
    let (ya, yb, yc) = (a.forward(&x), b.forward(&x), Relu.forward(&x));

    let sum = Sum::new((a.clone(), b.clone(), Relu));
    let mut y = nan();
    sum.forward_into(&x, &mut y);
    assert_eq!(y, ya.zip(&yb, |a, b| a + b).zip(&yc, |y, c| y + c));
    let (in_training, dx, gradient) = both_ways(&sum, &x, &dy);
    assert_eq!(in_training, y);
    let ((dxa, da), (dxb, db), (dxc, ())) = (a.backward(&x, &dy), b.backward(&x, &dy), Relu.backward(&x, &dy));
    assert_eq!(dx, dxa.zip(&dxb, |a, b| a + b).zip(&dxc, |dx, c| dx + c));
    assert_eq!(gradient, Sum::new((da, db, ())));

    let product = Product::new((a.clone(), b.clone(), Relu));
    y = nan();
    product.forward_into(&x, &mut y);
    assert_eq!(y, ya.zip(&yb, |a, b| a * b).zip(&yc, |y, c| y * c));
    let (in_training, dx, gradient) = both_ways(&product, &x, &dy);
    assert_eq!(in_training, y);
    let times = |u: &X, v: &X| dy.zip(u, |dy, u| dy * u).zip(v, |dy, v| dy * v);
    let (dxa, da) = a.backward(&x, &times(&yb, &yc));
    let (dxb, db) = b.backward(&x, &times(&ya, &yc));
    let (dxc, ()) = Relu.backward(&x, &times(&ya, &yb));
    assert_eq!(dx, dxa.zip(&dxb, |a, b| a + b).zip(&dxc, |dx, c| dx + c));
    assert_eq!(gradient, Product::new((da, db, ())));
}

/// Where branches are zero nothing is divided by them.
#[test]
fn a_product_of_zeros_has_a_gradient() {
    let x = Vector::new([0.0, 0.0, 2.0, -3.0]);
    let cube = Product::new((Identity, Identity, Identity));
    let (y, dx, Product { branches: ((), (), ()) }) = both_ways(&cube, &x, &Vector::full(1.0));
    assert_eq!((y, dx), (x.map(|x| x * x * x), x.map(|x| 3.0 * x * x)));
    let (dx, _) = Product::new((Identity, Linear::<f64, 1, 1>::new(Matrix::full(0.0), Vector::full(5.0))))
        .backward(&Matrix::new([[0.0]]), &Matrix::new([[1.0]]));
    assert_eq!(dx, Matrix::new([[5.0]]));
}

/// One buffer for one branch after the other; none for `Identity`.
#[test]
fn what_branches_cost() {
    type X = Tensor<f64, 1, 2, 6, 6>;
    type Wide = Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>;
    const BYTES: usize = size_of::<X>();
    const _: () = assert!(size_of::<Workspace<Sum<(Wide, Identity, Identity)>, X>>() == 0);
    const _: () = assert!(size_of::<Workspace<Sum<(Wide, Wide, Relu)>, X>>() == BYTES);
    const _: () = assert!(size_of::<Workspace<Product<(Wide, Wide, Relu)>, X>>() == BYTES);
    const _: () = assert!(size_of::<Workspace<Concat<(Identity, Identity)>, X>>() == 0);
    const _: () = assert!(size_of::<Workspace<Concat<(Wide, Relu)>, X>>() == BYTES);
    // The outputs; room for a dx. Of a product two arrays more, of branches side by side their dy.
    const _: () = assert!(size_of::<Tape<Sum<(Wide, Wide, Identity)>, X>>() == 3 * BYTES);
    const _: () = assert!(size_of::<Tape<Product<(Wide, Wide, Identity)>, X>>() == 5 * BYTES);
    const _: () = assert!(size_of::<Tape<Concat<(Wide, Wide)>, X>>() == 4 * BYTES);
    const _: () = assert!(Sum::<(Wide, Wide, Relu)>::PARAMETERS == 2 * (2 * 2 * 9 + 2));
    const _: () = assert!(Product::<(Wide, Wide)>::PARAMETER_BYTES == 2 * 8 * (2 * 2 * 9 + 2));
    const _: () = assert!(<Concat<(Wide, Wide, Relu)> as Layer<X>>::MULTIPLY_ADDS == 2 * 36 * 2 * 2 * 9);
}

model! {
    Heads: Tensor<f64, 1, 2, 6, 6> => {
        stem: Frozen<Conv2d<f64, 2, 2, Kernel<1>>>,
        branches: Sum<(Block, Product<(Block, Tanh)>, Identity)>,
        fc: Linear<f64, 72, 3>,
    }
}

/// An optimizer reaches the branches, in their order, and a model may begin with branches that give no dx.
#[test]
fn branches_are_trained() {
    let mut random = Random::new(15);
    let mut net: Heads = random.module();
    let before = net.clone();
    let x: Tensor<f64, 2, 2, 6, 6> = random.array();
    let (mut y, mut tape, mut gradient) = (nan(), Zeroed::ZERO, Gradient::<Heads>::ZERO);
    net.forward_train(&x, &mut y, &mut tape);
    assert_eq!(y, net.forward(&x));
    net.backward_parameters(&x, &y, &random.array(), &mut tape, &mut gradient);
    let mut velocity = Zeroed::ZERO;
    Sgd::new(0.5).momentum(0.5).step(&mut net, &gradient, &mut velocity);
    let step = |w: f64, dw: f64| w - 0.5 * dw;
    let of = |net: &Heads| net.branches.branches.1.branches.0.conv2.bias.clone();
    let product = &gradient.branches.branches.1.branches.0;
    assert_eq!(of(&net), of(&before).zip(&product.conv2.bias, step));
    assert_ne!(of(&net), of(&before));
    assert_eq!(net.stem, before.stem);

    type First = Concat<(Frozen<Block>, Frozen<Tanh>)>;
    const _: () = assert!(!<First as Backward<Tensor<f64, 2, 2, 6, 6>>>::GIVES_DX);
    const _: () = assert!(<Concat<(Tanh, Identity)> as Backward<Tensor<f64, 2, 2, 6, 6>>>::GIVES_DX);
    let (mut y, mut tape, layer, mut gradient) = (nan(), Zeroed::ZERO, random.module::<First>(), Zeroed::ZERO);
    layer.forward_train(&x, &mut y, &mut tape);
    layer.backward_parameters(&x, &y, &Tensor::zeros(), &mut tape, &mut gradient);
}

type Same<T, const C: usize> = Conv2d<T, C, C, Kernel<3>, Stride<1>, Padding<1>>;

model! {
    Generic<const C: usize, T: Real = f32>: Tensor<T, 1, C, 8, 8> => {
        residual: Residual<Same<T, C>>,
        projection: Residual<Same<T, C>, Same<T, C>>,
        sum: Sum<(Same<T, C>, Identity, Residual<Same<T, C>>)>,
        product: Product<(Same<T, C>, Sigmoid)>,
        concat: Concat<(Identity, Same<T, C>)>,
    }
}

model! {
    Generics: Tensor<f64, 1, 2, 8, 8> => {
        first: Generic<2, f64>,
        second: Residual<Generic<4, f64>, Concat<(Identity, Relu)>>,
        fc: Linear<f64, 512, 3>,
    }
}

/// The same layers in a model with parameters of its own, twice as many channels at each step.
#[test]
fn branches_stand_in_generic_models() {
    let mut random = Random::new(17);
    let mut net: Generics = random.module();
    let (x, dy): (Tensor<f64, 2, 2, 8, 8>, Matrix<f64, 2, 3>) = (random.array(), random.array());
    let before = net.forward(&x);
    let (_, gradient) = net.backward(&x, &dy);
    Sgd::new(1e-3).step(&mut net, &gradient, &mut ());
    let loss = |y: &Matrix<f64, 2, 3>| y.iter().zip(&dy).map(|(y, dy)| y * dy).sum::<f64>();
    assert!(loss(&net.forward(&x)) < loss(&before));
}
