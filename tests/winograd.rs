//! A whole model by Winograd's algorithm: every convolution that suits, wherever it is, and nothing else.

#![allow(clippy::type_complexity)] // The type is what is tested.

mod support;

use constconv::kernel::Level;
use constconv::prelude::*;
use support::Random;

type Conv3<const C: usize, const F: usize, T = f32> = Conv2d<T, C, F, Kernel<3>, Stride<1>, Padding<1>>;
type Fast<const C: usize, const F: usize, T = f32> = Transformed<Conv3<C, F, T>, Tensor<T, 6, 6, C, F>>;
type Down<const K: usize, const P: usize> = Conv2d<f32, 16, 32, Kernel<K>, Stride<2>, Padding<P>, Floor>;

model! {
    Block<const C: usize, T: Real = f32>: Tensor<T, 1, C, 16, 16> => {
        conv1: Conv3<C, C, T>,
        relu: Relu,
        conv2: Conv3<C, C, T>,
    }
}

model! {
    /// A convolution of each kind, in each place.
    Net: Tensor<f32, 1, 3, 32, 32> => {
        stem: (Conv3<3, 16>, BatchNorm2d<f32, 16>, Relu),
        block: Residual<Block<16>>,
        relu: Relu,
        down: Residual<(Down<3, 1>, Relu, Conv3<32, 32>), Down<1, 0>>,
        relu1: LeakyRelu,
        branches: Concat<(Conv3<32, 16>, (Conv2d<f32, 32, 16, Kernel<1>>, Tap<Conv3<16, 16>>), Identity)>,
        depthwise: DepthwiseConv2d<f32, 64, 64, Kernel<3>, Stride<1>, Padding<1>>,
        sum: Sum<(Conv3<64, 32>, Product<(Conv3<64, 32>, Conv2d<f32, 64, 32, Kernel<1>>)>)>,
        pool: MaxPool2d<Kernel<2>>,
        wide: Conv2d<f32, 32, 16, Kernel<3, 5>, Stride<1>, Padding<1, 2>>,
        dilated: Conv2d<f32, 16, 16, Kernel<3>, Stride<1>, Padding<2>, Exact, Dilation<2>>,
        conv: Conv2d<f32, 16, 32, Kernel<3>, Stride<1>, Sides<0, 1, 1, 0>, Exact, Dilation<1>, Ungrouped, NoBias>,
        tanh: Tanh,
        fc: Linear<f32, 1568, 10>,
    }
}

/// The largest difference, in terms of the largest element.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = b.iter().fold(0.0_f32, |largest, b| largest.max(b.abs()));
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
}

#[test]
fn a_model_of_everything() {
    support::on_a_large_stack(|| {
        let random = &mut Random::new(1);
        let net: Net = random.module();
        let fast = net.winograd();
        for _ in 0..2 {
            let x: Tensor<f32, 1, 3, 32, 32> = random.array();
            let (y, expected) = (fast.forward(&x), net.forward(&x));
            assert!(difference(y.as_slice(), expected.as_slice()) < 1e-4);
            // At a vector level it is another algorithm.
            assert_eq!(y == expected, Level::current() == Level::PORTABLE);
        }
    });
}

/// Rows of eight layers, one within the other.
#[test]
fn which_convolutions_are_transformed() {
    support::on_a_large_stack(|| {
        let net = Net::boxed();
        let (stem, block, Relu, down, LeakyRelu { .. }, branches, depthwise, sum, rest) = net.winograd();
        let _: (Fast<3, 16>, BatchNorm2d<f32, 16>, Relu) = stem;
        let _: Residual<(Fast<16, 16>, Relu, Fast<16, 16>)> = block;
        let _: Residual<(Down<3, 1>, Relu, Fast<32, 32>), Down<1, 0>> = down;
        let _: Concat<(Fast<32, 16>, (Conv2d<f32, 32, 16, Kernel<1>>, Tap<Fast<16, 16>>), Identity)> = branches;
        let _: DepthwiseConv2d<f32, 64, 64, Kernel<3>, Stride<1>, Padding<1>> = depthwise;
        let _: Sum<(Fast<64, 32>, Product<(Fast<64, 32>, Conv2d<f32, 64, 32, Kernel<1>>)>)> = sum;
        let (MaxPool2d { .. }, wide, dilated, conv, Tanh, fc) = rest;
        assert_eq!((&wide, &dilated, &fc), (&net.wide, &net.dilated, &net.fc));
        let _: Transformed<_, Tensor<f32, 6, 6, 16, 32>> = conv;
    });
}

#[test]
fn one_layer_in_two_types() {
    fn check<T: Real + Into<f64>>(tolerance: f64)
    where
        Block<16, T>: Initialize,
    {
        let random = &mut Random::new(2);
        let (net, x): (Block<16, T>, Tensor<T, 2, 16, 16, 16>) = (random.module(), random.array());
        let (y, expected) = (net.winograd().forward(&x), net.forward(&x));
        for (&a, &b) in y.iter().zip(&expected) {
            assert!((a.into() - b.into()).abs() < tolerance * b.into().abs().max(1.0), "{a:?} {b:?}");
        }
    }
    check::<f32>(1e-4);
    check::<f64>(1e-12);
}

/// An infinity goes where its windows are, and nowhere else.
#[test]
fn what_is_not_finite() {
    let random = &mut Random::new(3);
    let conv: Conv3<16, 16> = random.module();
    let mut x: Tensor<f32, 1, 16, 12, 12> = random.array();
    x[[0, 3, 5, 5]] = f32::INFINITY;
    let (y, expected) = (conv.winograd().forward(&x), conv.forward(&x));
    assert_eq!(y.map(|a| f32::from(a.is_finite() as u8)), expected.map(|a| f32::from(a.is_finite() as u8)));
}

/// Both words at once: what is not transformed runs on several threads.
#[test]
fn threads_and_other_forms() {
    support::on_a_large_stack(|| {
        let random = &mut Random::new(4);
        let (net, x): (Net, Tensor<f32, 1, 3, 32, 32>) = (random.module(), random.array());
        assert_eq!(net.parallel().forward(&x), net.forward(&x));
        let fast = net.winograd();
        assert_eq!(fast.parallel().forward(&x), fast.forward(&x));
        assert_eq!(fast.winograd().forward(&x), fast.forward(&x));
    });
}
