//! What holds between convolutions by definition: a transposed one is the adjoint of one, and one over zeros inserted;
//! a depthwise one is one per channel. And the same between poolings.

mod support;

use constconv::functional as f;
use constconv::prelude::*;
use support::{Random, assert_close, nan};

/// ⟨a, b⟩.
fn dot<A: Array<Scalar = f64>>(a: &A, b: &A) -> f64 {
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a * b).sum()
}

/// ⟨conv(x), y⟩ = ⟨x, up(y)⟩ for a convolution and a transposed one with the same weight and no bias.
///
/// name: x → y, C and F of the convolution, kernel, stride, padding, dilation, groups; output padding
macro_rules! adjoint {
    ($($name:ident: [$($x:literal)*] => [$($y:literal)*], $c:literal $f:literal, ($($window:ty),*), $d:ty, $g:ty; $o:ty;)*) => { $(
        #[test]
        fn $name() {
            type Weight = <$g as constconv::shape::Grouping<$c, $f>>::Filters<f64, Kernel<3, 2>>;
            let mut random = Random::new(1);
            let (x, y): (Tensor<f64, $($x),*>, Tensor<f64, $($y),*>) = (random.array(), random.array());
            let weight: Weight = random.array();
            let down = Conv2d::<f64, $c, $f, Kernel<3, 2>, $($window,)* Floor, $d, $g, NoBias>::new(weight.clone(), ());
            let up = ConvTranspose2d::<f64, $f, $c, Kernel<3, 2>, $($window,)* $o, $d, $g, NoBias>::new(weight, ());
            let (a, b) = (dot(&down.forward(&x), &y), dot(&x, &up.forward(&y)));
            assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{a} {b}");
            // And each is the other's backward pass.
            assert_close("dx of the convolution", &down.backward(&x, &y).0, &up.forward(&y), 99);
            assert_close("dx of the transposed convolution", &up.backward(&y, &x).0, &down.forward(&x), 99);
            assert_close("dw", &up.backward(&y, &x).1.weight, &down.backward(&x, &y).1.weight, 99);
        }
    )* };
}

adjoint! {
    the_adjoint_without_stride: [2 3 6 5] => [2 4 4 4], 3 4, (Stride<1>, Padding<0>), Dilation<1>, Ungrouped;
        OutputPadding<0>;
    the_adjoint_with_stride_and_padding: [2 2 9 8] => [2 3 5 5], 2 3, (Stride<2>, Padding<1>), Dilation<1>, Ungrouped;
        OutputPadding<0>;
    the_adjoint_where_the_stride_does_not_divide: [1 2 10 9] => [1 3 5 3], 2 3, (Stride<2, 3>, Padding<1, 0>),
        Dilation<1>, Ungrouped; OutputPadding<1>;
    the_adjoint_with_dilation: [2 2 7 8] => [2 3 5 8], 2 3, (Stride<1>, Padding<1>), Dilation<2>, Ungrouped;
        OutputPadding<0>;
    the_adjoint_in_groups: [2 4 8 6] => [2 6 4 3], 4 6, (Stride<2>, Padding<1, 0>), Dilation<1>, Groups<2>;
        OutputPadding<1, 0>;
}

/// Zeros between the cells of x, full padding, and filters turned by 180° with their first two axes swapped.
#[test]
fn a_transposed_convolution_is_a_convolution_over_inserted_zeros() {
    let mut random = Random::new(2);
    let (x, b): (Tensor<f64, 2, 3, 4, 5>, Vector<f64, 2>) = (random.array(), random.array());
    let w: Tensor<f64, 3, 2, 3, 2> = random.array();
    let turned = w.rotated_180();
    let swapped = Tensor::<f64, 2, 3, 3, 2>::from_fn(|[f, c, u, v]| turned[[c, f, u, v]]);

    let y: Tensor<f64, 2, 2, 6, 6> = f::conv_transpose2d(&x, &w, &b, ());
    assert_close("stride 1", &f::conv2d(&x, &swapped, &b, (Stride::<1>, Padding::<2, 1>)), &y, 19);

    let (spread, options) = (f::insert_zeros(&x, Stride::<2, 3>), (Stride::<2, 3>,));
    let y: Tensor<f64, 2, 2, 9, 14> = f::conv_transpose2d(&x, &w, &b, options);
    assert_close("stride 2×3", &f::conv2d(&spread, &swapped, &b, (Stride::<1>, Padding::<2, 1>)), &y, 19);

    // Padding crops, output padding adds at the end: a window into the full result, but for cells that no tap reaches.
    let options = (Stride::<2, 3>, Padding::<1, 1>, OutputPadding::<0, 1>);
    let cropped: Tensor<f64, 2, 2, 7, 13> = f::conv_transpose2d(&x, &w, &b, options);
    assert_eq!(cropped, Tensor::from_fn(|[n, c, i, j]| y[[n, c, i + 1, j + 1]]));

    let options = (Stride::<2>, Padding::<0>, OutputPadding::<1>, Dilation::<2>);
    let padded: Tensor<f64, 2, 2, 12, 12> = f::conv_transpose2d(&x, &w, &b, options);
    let spread = f::insert_zeros(&x, Stride::<2>);
    let options = (Stride::<1>, Padding::<4, 2>, Exact, Dilation::<2>);
    let y: Tensor<f64, 2, 2, 11, 11> = f::conv2d(&spread, &swapped, &b, options);
    let beyond = |[_, c, i, j]: [usize; 4]| (i == 11 || j == 11).then(|| b[[c]]);
    let expected = Tensor::from_fn(|at @ [n, c, i, j]| beyond(at).unwrap_or_else(|| y[[n, c, i, j]]));
    assert_close("output padding", &padded, &expected, 19);
}

/// A kernel as large as its stride puts blocks side by side: an exact case, in integers.
#[test]
fn a_transposed_convolution_of_integers() {
    let x = Tensor::<i32, 1, 2, 1, 2>::new([[[[1, 2]], [[3, 4]]]]);
    let w = Tensor::<i32, 2, 1, 2, 2>::new([[[[1, 0], [0, 1]]], [[[10, 20], [30, 40]]]]);
    let y = f::conv_transpose2d(&x, &w, &Vector::new([100]), (Stride::<2>,));
    assert_eq!(y, Tensor::new([[[[131, 160, 142, 180], [190, 221, 220, 262]]]]));
}

#[test]
fn a_depthwise_convolution_is_one_convolution_per_channel() {
    let mut random = Random::new(3);
    let (x, dy): (Tensor<f64, 2, 3, 7, 6>, Tensor<f64, 2, 6, 4, 3>) = (random.array(), random.array());
    let conv: DepthwiseConv2d<f64, 3, 6, Kernel<3, 2>, Stride<2>, Padding<1, 0>> = random.module();
    let (y, (dx, gradient)) = (conv.forward(&x), conv.backward(&x, &dy));
    for channel in 0..3 {
        let x = Tensor::<f64, 2, 1, 7, 6>::from_fn(|[n, _, i, j]| x[[n, channel, i, j]]);
        let part = |t: &Tensor<f64, 2, 6, 4, 3>| {
            Tensor::<f64, 2, 2, 4, 3>::from_fn(|[n, m, i, j]| t[[n, 2 * channel + m, i, j]])
        };
        let filters = |w: &Tensor<f64, 6, 1, 3, 2>| {
            Tensor::<f64, 2, 1, 3, 2>::from_fn(|[m, _, u, v]| w[[2 * channel + m, 0, u, v]])
        };
        let b = Vector::<f64, 2>::from_fn(|[m]| conv.bias[[2 * channel + m]]);
        let one = Conv2d::<f64, 1, 2, Kernel<3, 2>, Stride<2>, Padding<1, 0>>::new(filters(&conv.weight), b);
        assert_close("y", &one.forward(&x), &part(&y), 7);
        let (dx_of_one, gradient_of_one) = one.backward(&x, &part(&dy));
        assert_close("dx", &dx_of_one, &Tensor::from_fn(|[n, _, i, j]| dx[[n, channel, i, j]]), 12);
        assert_close("dw", &gradient_of_one.weight, &filters(&gradient.weight), 24);
    }
}

#[test]
fn functions_take_groups_as_their_last_option() {
    let mut random = Random::new(4);
    let (x, dy): (Tensor<f64, 2, 4, 6, 5>, Tensor<f64, 2, 6, 6, 5>) = (random.array(), random.array());
    type Grouped = Conv2d<f64, 4, 6, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Groups<2>>;
    let conv: Grouped = random.module();
    let options = || (Stride::<1>, Padding::<1>, Exact, Dilation::<1>, Groups::<2>);
    assert_eq!(f::conv2d(&x, &conv.weight, &conv.bias, options()), conv.forward(&x));
    let (dx, gradient) = conv.backward(&x, &dy);
    assert_eq!(f::conv2d_backward(&x, &conv.weight, &conv.bias, options(), &dy), (dx, gradient.weight, gradient.bias));
}

/// PyTorch: `fan_in` is `weight.size(1)·KH·KW`, for a transposed convolution F/G·KH·KW.
#[test]
fn initial_parameters_are_within_one_over_the_root_of_fan_in() {
    let mut random = Random::new(5);
    let up: ConvTranspose2d<f64, 8, 16, Kernel<3, 2>> = random.module();
    let depthwise: DepthwiseConv2d<f64, 8, 16, Kernel<3, 2>> = random.module();
    for (numbers, fan_in) in [(up.weight.as_slice(), 96), (depthwise.weight.as_slice(), 6)] {
        let bound = 1.0 / f64::from(fan_in).sqrt();
        let largest = numbers.iter().fold(0.0_f64, |largest, a| largest.max(a.abs()));
        assert!(largest <= bound && largest > 0.9 * bound, "{largest} {bound}");
    }
}

model! {
    AutoEncoder: Tensor<f64, 1, 1, 9, 9> => {
        down: Conv2d<f64, 1, 4, Kernel<3>, Stride<2>, Padding<1>>,
        depthwise: DepthwiseConv2d<f64, 4, 8, Kernel<3>, Stride<1>, Padding<1>>,
        silu: Silu,
        up: ConvTranspose2d<f64, 8, 1, Kernel<3>, Stride<2>, Padding<1>>,
    }
}

#[test]
fn a_model_of_them_has_its_parameters_and_costs() {
    assert_eq!(AutoEncoder::PARAMETERS, (4 * 9 + 4) + (8 * 9 + 8) + (8 * 9 + 1));
    assert_eq!(AutoEncoder::MACS, 25 * (4 * 9 + 8 * 9 + 8 * 9));
    let y: Tensor<f64, 3, 1, 9, 9> = AutoEncoder::BLANK.forward(&Tensor::<f64, 3, 1, 9, 9>::zeros());
    assert_eq!(y, Tensor::zeros());
}

#[test]
fn adaptive_pooling_to_a_divisor_is_pooling_and_to_one_is_global() {
    let mut random = Random::new(6);
    let x: Tensor<f64, 2, 3, 6, 8> = random.array();
    let max: Tensor<f64, 2, 3, 3, 2> = AdaptiveMaxPool2d::<OutputSize<3, 2>>::new().forward(&x);
    assert_eq!(max, MaxPool2d::<Kernel<2, 4>>::new().forward(&x));
    let mean: Tensor<f64, 2, 3, 3, 2> = AdaptiveAvgPool2d::<OutputSize<3, 2>>::new().forward(&x);
    assert_close("mean", &mean, &AvgPool2d::<Kernel<2, 4>>::new().forward(&x), 8);
    assert_eq!(f::adaptive_max_pool2d(&x, OutputSize::<1>), GlobalMaxPool2d.forward(&x));
    assert_close("mean", &f::adaptive_avg_pool2d(&x, OutputSize::<1>), &GlobalAvgPool2d.forward(&x), 48);
    // Each cell is a bin; with more bins, cells repeat.
    assert_eq!(f::adaptive_avg_pool2d(&x, OutputSize::<6, 8>), x);
    let larger: Tensor<f64, 2, 3, 12, 16> = f::adaptive_max_pool2d(&x, OutputSize::<12, 16>);
    assert_eq!(larger, Tensor::from_fn(|[n, c, i, j]| x[[n, c, i / 2, j / 2]]));
}

/// PyTorch 2: a NaN is a maximum, and the last one of a bin receives the gradient; of equal maxima the first one.
#[test]
fn adaptive_max_pooling_of_nan_and_ties() {
    let x = Tensor::<f64, 1, 1, 2, 4>::new([[[[f64::NAN, 1.0, 5.0, 2.0], [f64::NAN, 3.0, 5.0, 5.0]]]]);
    let y = f::adaptive_max_pool2d(&x, OutputSize::<1, 2>);
    assert!(y[[0, 0, 0, 0]].is_nan() && y[[0, 0, 0, 1]] == 5.0);
    let dx = f::adaptive_max_pool2d_backward(&x, OutputSize::<1, 2>, &Tensor::new([[[[7.0, 8.0]]]]));
    assert_eq!(dx, Tensor::new([[[[0.0, 0.0, 8.0, 0.0], [7.0, 0.0, 0.0, 0.0]]]]));
}

#[test]
fn functions_of_adaptive_pooling_write_into_memory_of_the_caller() {
    let mut random = Random::new(7);
    let x: Tensor<f64, 2, 2, 5, 7> = random.array();
    let size = || OutputSize::<3, 4>;
    let (mut y, mut dx): (Tensor<f64, 2, 2, 3, 4>, Tensor<f64, 2, 2, 5, 7>) = (nan(), nan());
    f::adaptive_max_pool2d_into(&x, size(), &mut y);
    assert_eq!(y, f::adaptive_max_pool2d(&x, size()));
    f::adaptive_max_pool2d_backward_into(&x, size(), &y, &mut dx);
    assert_eq!(dx, AdaptiveMaxPool2d::<OutputSize<3, 4>>::new().backward(&x, &y).0);
    (y, dx) = (nan(), nan());
    f::adaptive_avg_pool2d_into(&x, size(), &mut y);
    assert_eq!(y, f::adaptive_avg_pool2d(&x, size()));
    f::adaptive_avg_pool2d_backward_into(&y, size(), &mut dx);
    assert_eq!(dx, AdaptiveAvgPool2d::<OutputSize<3, 4>>::new().backward(&x, &y).0);
}
