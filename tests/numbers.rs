//! Linear operations in integers and in fixed-point numbers, forward and backward: exactly what f64 computes from the
//! same numbers, which are chosen such that f64 is exact too.

mod support;

use constconv::functional::{
    col2im, concat_channels, crop2d, im2col, insert_zeros, linear, linear_backward, matmul, permute, split_channels,
    transpose,
};
use constconv::prelude::*;
use fixed::types::I16F16;
use num_traits::FromPrimitive;
use support::Random;

/// A type of numbers, as far as f64 holds them.
trait Number: Scalar + FromPrimitive {
    fn of(a: f64) -> Self;
    fn value(self) -> f64;
}

macro_rules! number {
    ($($type:ident: $of:expr, $value:expr;)*) => { $(
        impl Number for $type {
            fn of(a: f64) -> Self {
                $of(a)
            }

            fn value(self) -> f64 {
                $value(self)
            }
        }
    )* };
}

number! {
    f64:    |a| a, |a| a;
    i32:    |a| a as i32, f64::from;
    i64:    |a| a as i64, |a| a as f64;
    I16F16: I16F16::from_num, I16F16::to_num;
}

/// Small multiples of a unit, the same ones in every type.
struct Numbers {
    random: Random,
    unit: f64,
}

impl Numbers {
    fn array<A: Array<Scalar: Number>>(&mut self) -> A {
        let mut array = A::ZERO;
        array.as_mut_slice().iter_mut().for_each(|a| *a = A::Scalar::of(self.unit * self.small()));
        array
    }

    /// -4 to 4.
    fn small(&mut self) -> f64 {
        (self.random.bits() % 9) as f64 - 4.0
    }
}

/// All numbers of the arrays, as f64.
macro_rules! values {
    ($($array:expr),+) => {
        [$($array.iter().map(|a| a.value()).collect::<Vec<f64>>()),+].concat()
    };
}

/// Runs each operation in each type, with its unit, and in f64 with the same unit.
macro_rules! exact {
    ($(fn $operation:ident<$t:ident>($numbers:ident) $body:block)*) => { $(
        #[test]
        fn $operation() {
            fn values_of<$t: Number>(unit: f64) -> Vec<f64> {
                let $numbers = &mut Numbers { random: Random::new(1), unit };
                $body
            }
            let (ones, quarters) = (values_of::<f64>(1.0), values_of::<f64>(0.25));
            assert!(ones.iter().any(|&a| a != 0.0), "all numbers are zero");
            assert_eq!(values_of::<i32>(1.0), ones);
            assert_eq!(values_of::<i64>(1.0), ones);
            assert_eq!(values_of::<I16F16>(0.25), quarters);
        }
    )* };
}

/// y, dx and the gradient of a layer on an x.
macro_rules! both_ways {
    ($numbers:ident, $layer:expr, $x:ty $(, $parameter:ident)*) => {{
        let (layer, x): (_, $x) = ($layer, $numbers.array());
        let y = layer.forward(&x);
        let mut dy = y.clone();
        dy.apply(|_| T::of($numbers.unit * $numbers.small()));
        let (dx, gradient) = layer.backward(&x, &dy);
        let _ = &gradient;
        values!(y, dx $(, gradient.$parameter)*)
    }};
}

exact! {
    fn convolution<T>(numbers) {
        let layer = Conv2d::<T, 3, 4, Kernel<3>, Stride<1>, Padding<1>>::new(numbers.array(), numbers.array());
        both_ways!(numbers, layer, Tensor<T, 2, 3, 6, 7>, weight, bias)
    }

    fn convolution_in_groups<T>(numbers) {
        type Layer<T> = Conv2d<T, 4, 6, Kernel<3, 2>, Stride<2>, Padding<1>, Ceil, Dilation<2>, Groups<2>>;
        both_ways!(numbers, Layer::<T>::new(numbers.array(), numbers.array()), Tensor<T, 2, 4, 9, 8>, weight, bias)
    }

    fn depthwise_convolution<T>(numbers) {
        type Layer<T> =
            Conv2d<T, 3, 6, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Groups<3>, NoBias>;
        both_ways!(numbers, Layer::<T>::new(numbers.array(), ()), Tensor<T, 1, 3, 5, 6>, weight)
    }

    fn convolution_of_signals<T>(numbers) {
        let layer = Conv1d::<T, 3, 4, Kernel<5>, Stride<2>, Padding<2>>::new(numbers.array(), numbers.array());
        both_ways!(numbers, layer, Signal<T, 2, 3, 13>, weight, bias)
    }

    fn transposed_convolution<T>(numbers) {
        type Layer<T> = ConvTranspose2d<T, 4, 6, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<1>, Dilation<1>, Groups<2>>;
        both_ways!(numbers, Layer::<T>::new(numbers.array(), numbers.array()), Tensor<T, 2, 4, 4, 5>, weight, bias)
    }

    fn padding_upsampling_and_adaptive_pooling<T>(numbers) {
        let padded = both_ways!(numbers, ZeroPad2d::<Sides<1, 0, 2, 1>>::new(), Tensor<T, 2, 3, 4, 5>);
        let upsampled = both_ways!(numbers, UpsampleNearest2d::<Scale<2, 3>>::new(), Tensor<T, 2, 3, 4, 5>);
        let pooled = both_ways!(numbers, AdaptiveMaxPool2d::<OutputSize<2, 3>>::new(), Tensor<T, 2, 3, 5, 7>);
        [padded, upsampled, pooled, both_ways!(numbers, GlobalMaxPool2d, Tensor<T, 2, 3, 4, 5>)].concat()
    }

    fn columns_and_products<T>(numbers) {
        let (x, w): (Tensor<T, 2, 3, 5, 6>, Matrix<T, 4, 27>) = (numbers.array(), numbers.array());
        let options = (Stride::<1>, Padding::<1>);
        let columns = im2col(&x, Kernel::<3>, options);
        let y = matmul(&w, &columns);
        let dx: Tensor<T, 2, 3, 5, 6> = col2im(&matmul(&transpose(&w), &y), Kernel::<3>, options);
        let (first, second) = split_channels(&x, Split::<1, 2>);
        let moved = permute(&crop2d(&concat_channels(&second, &first), Sides::<1, 0, 0, 2>), Axes::<2, 3, 1, 0>);
        values!(y, dx, moved)
    }

    fn fully_connected<T>(numbers) {
        let layer = Linear::<T, 24, 5>::new(numbers.array(), numbers.array());
        both_ways!(numbers, layer, Tensor<T, 3, 2, 3, 4>, weight, bias)
    }

    fn max_pooling<T>(numbers) {
        let layer = MaxPool2d::<Kernel<3>, Stride<2>, Padding<1>>::new();
        [both_ways!(numbers, layer, Tensor<T, 2, 3, 7, 9>), both_ways!(numbers, GlobalMaxPool1d, Signal<T, 2, 3, 9>)]
            .concat()
    }

    fn relu_of_a_residual_of_branches<T>(numbers) {
        let narrow = Conv2d::<T, 4, 1, Kernel<1>>::new(numbers.array(), numbers.array());
        let wide = Conv2d::<T, 4, 3, Kernel<3>, Stride<1>, Padding<1>>::new(numbers.array(), numbers.array());
        let rectified = both_ways!(numbers, Relu, Tensor<T, 2, 4, 5, 5>);
        let block = both_ways!(numbers, Residual::new(Concat::new((narrow, wide))), Tensor<T, 2, 4, 5, 5>);
        [rectified, block].concat()
    }

    fn flattening_and_functions<T>(numbers) {
        let flat = both_ways!(numbers, Flatten, Tensor<T, 2, 3, 2, 2>);
        let (x, w, b): (Matrix<T, 2, 6>, Matrix<T, 4, 6>, Vector<T, 4>) =
            (numbers.array(), numbers.array(), numbers.array());
        let y = linear(&x, &w, &b);
        let (dx, dw, db) = linear_backward(&x, &w, &b, &numbers.array());
        [flat, values!(y, dx, dw, db)].concat()
    }

    fn tensors<T>(numbers) {
        let x: Tensor<T, 2, 2, 3, 4> = numbers.array();
        let sum = x.zip(&x.rotated_180(), |a, b| a + b);
        values!(insert_zeros(&x, Stride::<2, 3>), x.rotated_90(), sum, sum.map(|a| a * a))
    }
}

/// Averages divide: of multiples of the count they are exact, else integers are truncated as `/` truncates.
#[test]
fn averages() {
    fn check<T: Number>() {
        let x = Tensor::new([[[[1, 5, 3, 3], [2, 4, -3, 1]]]]).map(|a| T::of(f64::from(a)));
        let pool = AvgPool2d::<Kernel<2>>::new();
        let y = pool.forward(&x);
        assert_eq!((y[[0, 0, 0, 0]], y[[0, 0, 0, 1]]), (T::of(3.0), T::of(1.0)));
        let (dx, _) = pool.backward(&x, &Tensor::full(T::of(8.0)));
        assert_eq!(dx, Tensor::full(T::of(2.0)));
        let y = GlobalAvgPool1d.forward(&Signal::new([[[7, -4, 1, 0]]]).map(|a| T::of(f64::from(a))));
        assert_eq!(y, Signal::full(T::of(4.0) / T::of(4.0)));
    }
    check::<i32>();
    check::<i64>();
    check::<I16F16>();
    check::<f64>();
    assert_eq!(AvgPool1d::<Kernel<2>>::new().forward(&Signal::new([[[1, 2, -1, -2]]])), Signal::new([[[1, -1]]]));
    let halves = Signal::new([[[1.0, 2.0, -1.0, -2.0]]]).map(I16F16::from_num::<f64>);
    let expected = Signal::new([[[1.5, -1.5]]]).map(I16F16::from_num::<f64>);
    assert_eq!(AvgPool1d::<Kernel<2>>::new().forward(&halves), expected);
}

model! {
    Net: Tensor<I16F16, 1, 1, 6, 6> => {
        conv: Conv2d<I16F16, 1, 2, Kernel<3>>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<I16F16, 8, 3>,
    }
}

/// A whole model in fixed point, placed in a `static`.
#[test]
fn a_model_in_fixed_point() {
    static NET: Net = Net::BLANK;
    let mut numbers = Numbers { random: Random::new(2), unit: 0.25 };
    let x: Tensor<I16F16, 2, 1, 6, 6> = numbers.array();
    assert_eq!(NET.forward(&x), Matrix::zeros());

    let mut net = Net::BLANK;
    net.conv.weight = numbers.array();
    net.fc.weight = numbers.array();
    net.fc.bias = numbers.array();
    let y = net.forward(&x);
    let features = MaxPool2d::<Kernel<2>>::new().forward(&Relu.forward(&net.conv.forward(&x)));
    assert_eq!(y, net.fc.forward(&features));
    assert!(features.iter().any(|&a| a != 0));
}
