//! Layers made of layers, and the pooling that ends a body: what PyTorch computes, and what holds by definition.

mod support;

use constconv::prelude::*;
use support::{Random, assert_close, nan};

/// The array `fixtures/<group>/<case>/<type>/<array>.npy`.
macro_rules! fixture {
    ($group:literal $case:literal $t:ident $array:literal) => {
        constconv::npy!(concat!("fixtures/", $group, "/", $case, "/", stringify!($t), "/", $array, ".npy"))
    };
}

/// test: layer, group, case
macro_rules! global_pooling {
    ($($name:ident: $layer:ident, $group:literal $case:literal, $($t:ident)*;)*) => { $(
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
                    $layer.backward_into(&X, &y, &DY, &mut (), &mut dx, &mut $layer.clone());
                    assert_close("dx", &dx, &DX, 1);
                }
            )*
        }
    )* };
}

global_pooling! {
    global_avg_pool2d: GlobalAvgPool2d, "adaptive_avg_pool2d" "to_1x1", f32 f64;
    global_max_pool2d: GlobalMaxPool2d, "adaptive_max_pool2d" "to_1x1_ties", f32 f64;
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
    let gradient: Gradient<Residual<Block>> =
        Residual::new(random.module::<Block>().backward(&random.array::<Tensor<f64, 1, 2, 6, 6>>(), &random.array()).1);
    Sgd::new(0.1).step(&mut block, &gradient, &mut ());
    Sgd::new(0.1).step(&mut body, &gradient.body, &mut ());
    assert_eq!(block.body, body);
    assert_eq!(Residual::<Block>::PARAMETERS, Block::PARAMETERS);
}
