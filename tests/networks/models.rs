//! Seven published networks for small machines, as they are deployed: batch normalisations are part of the
//! convolutions.
//!
//! Tests, benchmarks and examples include this file, `#[path = "networks/models.rs"] mod networks;`, and name the type
//! of the numbers beside it, `type T = f32;`. Where a network pads one side more than the other, it is the bottom and
//! the right, as in TensorFlow's `SAME`.

use constconv::prelude::*;
use constconv::shape::Grouping;

use super::T;

/// A convolution on planes that keeps their size.
type Same<const C: usize, const F: usize> = Conv2d<T, C, F, Kernel<3>, Stride<1>, Padding<1>>;

/// A convolution of 3×3 that halves planes.
type Halve<const C: usize, const F: usize> = Conv2d<T, C, F, Kernel<3>, Stride<2>, Sides<0, 1, 0, 1>>;

/// Each channel of a signal by itself.
type Depthwise1d<const C: usize, const K: usize> =
    Conv1d<T, C, C, Kernel<K>, Stride<1>, Padding<0>, Exact, Dilation<1>, Groups<C>>;

model! {
    /// Handwritten digits of 8×8.
    pub Digits: Tensor<T, 1, 1, 8, 8> => {
        conv1: Same<1, 8>,
        relu1: Relu,
        conv2: Same<8, 16>,
        relu2: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc1: Linear<T, 256, 32>,
        relu3: Relu,
        fc2: Linear<T, 32, 10>,
    }
}

model! {
    /// LeNet-5: handwritten digits of 28×28.
    pub LeNet5: Tensor<T, 1, 1, 28, 28> => {
        conv1: Conv2d<T, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<T, 6, 16, Kernel<5>>,
        relu2: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc1: Linear<T, 400, 120>,
        relu3: Relu,
        fc2: Linear<T, 120, 84>,
        relu4: Relu,
        fc3: Linear<T, 84, 10>,
    }
}

model! {
    /// A depthwise convolution and one of single cells.
    pub Separable<const C: usize, const F: usize>: Tensor<T, 1, C, 8, 8> where Groups<C>: Grouping<C, C> => {
        depthwise: DepthwiseConv2d<T, C, C, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        pointwise: Conv2d<T, C, F, Kernel<1>>,
        relu2: Relu,
    }
}

model! {
    /// The same with half of the rows and columns.
    pub SeparableHalf<const C: usize, const F: usize>: Tensor<T, 1, C, 8, 8> where Groups<C>: Grouping<C, C> => {
        depthwise: DepthwiseConv2d<T, C, C, Kernel<3>, Stride<2>, Sides<0, 1, 0, 1>>,
        relu1: Relu,
        pointwise: Conv2d<T, C, F, Kernel<1>>,
        relu2: Relu,
    }
}

model! {
    /// DS-CNN: twelve spoken words, by 10 coefficients of each of 49 windows of time.
    pub DsCnn: Tensor<T, 1, 1, 49, 10> => {
        stem: Conv2d<T, 1, 64, Kernel<10, 4>, Stride<2>, Sides<4, 5, 1, 1>>,
        relu: Relu,
        block1: Separable<64, 64>,
        block2: Separable<64, 64>,
        block3: Separable<64, 64>,
        block4: Separable<64, 64>,
        pool: AvgPool2d<Kernel<25, 5>>,
        fc: Linear<T, 64, 12>,
    }
}

model! {
    /// MobileNet of a quarter of the width: whether there is a person in a picture of 96×96.
    pub MobileNet: Tensor<T, 1, 3, 96, 96> => {
        stem: Halve<3, 8>,
        relu: Relu,
        block1: Separable<8, 16>,
        block2: SeparableHalf<16, 32>,
        block3: Separable<32, 32>,
        block4: SeparableHalf<32, 64>,
        block5: Separable<64, 64>,
        block6: SeparableHalf<64, 128>,
        block7: Separable<128, 128>,
        block8: Separable<128, 128>,
        block9: Separable<128, 128>,
        block10: Separable<128, 128>,
        block11: Separable<128, 128>,
        block12: SeparableHalf<128, 256>,
        block13: Separable<256, 256>,
        pool: AvgPool2d<Kernel<3>>,
        fc: Linear<T, 256, 2>,
    }
}

model! {
    /// Two convolutions that keep the shape.
    pub Keep<const C: usize>: Tensor<T, 1, C, 8, 8> => {
        conv1: Same<C, C>,
        relu: Relu,
        conv2: Same<C, C>,
    }
}

model! {
    /// Two convolutions with half of the rows and columns.
    pub Down<const C: usize, const F: usize>: Tensor<T, 1, C, 8, 8> => {
        conv1: Halve<C, F>,
        relu: Relu,
        conv2: Same<F, F>,
    }
}

/// The way around a [`Down`].
type Project<const C: usize, const F: usize> = Conv2d<T, C, F, Kernel<1>, Stride<2>, Padding<0>, Floor>;

model! {
    /// ResNet-8: ten kinds of pictures of 32×32.
    pub ResNet8: Tensor<T, 1, 3, 32, 32> => {
        stem: Same<3, 16>,
        relu: Relu,
        block1: Residual<Keep<16>>,
        relu1: Relu,
        block2: Residual<Down<16, 32>, Project<16, 32>>,
        relu2: Relu,
        block3: Residual<Down<32, 64>, Project<32, 64>>,
        relu3: Relu,
        pool: AvgPool2d<Kernel<8>>,
        fc: Linear<T, 64, 10>,
    }
}

model! {
    /// An autoencoder: machines that sound wrong are those whose spectra it cannot repeat.
    pub AutoEncoder: Matrix<T, 1, 640> => {
        fc1: Linear<T, 640, 128>,
        relu1: Relu,
        fc2: Linear<T, 128, 128>,
        relu2: Relu,
        fc3: Linear<T, 128, 128>,
        relu3: Relu,
        fc4: Linear<T, 128, 128>,
        relu4: Relu,
        code: Linear<T, 128, 8>,
        relu5: Relu,
        fc5: Linear<T, 8, 128>,
        relu6: Relu,
        fc6: Linear<T, 128, 128>,
        relu7: Relu,
        fc7: Linear<T, 128, 128>,
        relu8: Relu,
        fc8: Linear<T, 128, 128>,
        relu9: Relu,
        fc9: Linear<T, 128, 640>,
    }
}

model! {
    /// A wake word, by 40 bands of a spectrum in each of 30 windows of time.
    pub WakeWord: Signal<T, 1, 40, 30> => {
        depthwise1: Depthwise1d<40, 3>,
        relu1: Relu,
        pointwise1: Conv1d<T, 40, 128, Kernel<1>>,
        relu2: Relu,
        depthwise2: Depthwise1d<128, 5>,
        relu3: Relu,
        pointwise2: Conv1d<T, 128, 128, Kernel<1>>,
        relu4: Relu,
        depthwise3: Depthwise1d<128, 10>,
        relu5: Relu,
        pointwise3: Conv1d<T, 128, 128, Kernel<1>>,
        relu6: Relu,
        depthwise4: Depthwise1d<128, 15>,
        relu7: Relu,
        pointwise4: Conv1d<T, 128, 32, Kernel<1>>,
        relu8: Relu,
        fc: Linear<T, 32, 3>,
    }
}

/// Parameters and multiply-adds of one pass over one sample.
macro_rules! costs {
    ($($network:ident: $parameters:literal, $macs:literal;)*) => {
        const _: () = { $( assert!($network::PARAMETERS == $parameters && $network::MACS == $macs); )* };
    };
}

costs! {
    Digits:      9_802,   86_848;
    LeNet5:      61_706,  416_520;
    DsCnn:       22_604,  2_656_768;
    MobileNet:   210_850, 7_489_664;
    ResNet8:     77_706,  12_501_632;
    AutoEncoder: 265_864, 264_192;
    WakeWord:    46_883,  826_368;
}
