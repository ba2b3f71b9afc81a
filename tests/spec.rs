//! The numbers of the reference systems S1, S2, S3 and S6: one test for each row of the specification.

mod support;

use constconv::functional::{
    conv2d, conv2d_backward, crop2d, insert_zeros, linear, linear_backward, swap_first_axes, zero_pad2d,
};
use constconv::loss::mse;
use constconv::prelude::*;
use support::{Random, assert_close, on_a_large_stack};

/// The ones of S2: x, filters and bias [1, 2].
fn s2() -> (Tensor<f64, 2, 3, 4, 4>, Conv2d<f64, 3, 2, Kernel<3>>) {
    (Tensor::full(1.0), Conv2d::new(Tensor::full(1.0), Vector::new([1.0, 2.0])))
}

#[test]
fn s2_forward_of_ones_is_28_and_29() {
    let (x, conv) = s2();
    let y: Tensor<f64, 2, 2, 2, 2> = conv.forward(&x);
    assert_eq!(y, Tensor::from_fn(|[_, f, _, _]| [28.0, 29.0][f]));
    assert_eq!(conv2d(&x, &conv.weight, &conv.bias, ()), y);
}

#[test]
fn s2_backward_of_ones_counts_windows() {
    let (x, conv) = s2();
    let dy = Tensor::full(1.0);
    let (dx, gradient) = conv.backward(&x, &dy);
    assert_eq!(gradient.weight, Tensor::full(8.0));
    assert_eq!(gradient.bias, Vector::new([8.0, 8.0]));
    let count = [2.0, 4.0, 4.0, 2.0];
    assert_eq!(dx, Tensor::from_fn(|[_, _, h, w]| count[h] * count[w] / 2.0));
    assert_eq!(dx.as_array()[1][2], [[2., 4., 4., 2.], [4., 8., 8., 4.], [4., 8., 8., 4.], [2., 4., 4., 2.]]);
    assert_eq!(conv2d_backward(&x, &conv.weight, &conv.bias, (), &dy), (dx, gradient.weight, gradient.bias));
}

/// S3's extents of one 5×5 channel under a 3×3 kernel; its pooling and convolution ignore what no window reaches.
#[test]
fn s3_extents_of_a_5x5_channel() {
    type Conv<S, P> = Conv2d<f32, 1, 1, Kernel<3>, S, P, Floor>;
    let x = Tensor::<f32, 1, 1, 5, 5>::zeros();
    let _: Tensor<f32, 1, 1, 3, 3> = Conv::<Stride<1>, Padding<0>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 1, 5, 5> = Conv::<Stride<1>, Padding<1>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 1, 2, 2> = Conv::<Stride<2>, Padding<0>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 1, 3, 3> = Conv::<Stride<2>, Padding<1>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 1, 3, 2> = Conv::<Stride<2, 2>, Padding<1, 0>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 1, 3, 5> = Conv::<Stride<2, 1>, Padding<1, 1>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 1, 2, 2> = MaxPool2d::<Kernel<3>, Stride<2>, Padding<0>, Floor>::new().forward(&x);
    let _: Tensor<f32, 1, 1, 3, 5> = AvgPool2d::<Kernel<3>, Stride<2, 1>, Padding<1, 1>, Floor>::new().forward(&x);
}

#[test]
fn s3_sixteen_channels_of_ones_give_145() {
    let conv = Conv2d::<f32, 16, 32, Kernel<3>>::new(Tensor::full(1.0), Vector::full(1.0));
    let y: Tensor<f32, 8, 32, 3, 3> = conv.forward(&Tensor::<f32, 8, 16, 5, 5>::full(1.0));
    assert_eq!(y, Tensor::full(145.0));
}

/// S3 pads with zeros before it takes the maximum; here padding is −∞, and zeros are had by padding first.
#[test]
fn s3_max_pooling_takes_the_maximum_and_sends_the_gradient_to_the_first() {
    let pool = MaxPool2d::<Kernel<2>>::new();
    let x = Tensor::<f64, 1, 1, 4, 4>::new([[[
        [1., 2., 5., 5.],
        [4., 3., 5., 0.],
        [-1., -2., 0., 0.],
        [-3., -4., 0., 9.],
    ]]]);
    assert_eq!(pool.forward(&x), Tensor::new([[[[4., 5.], [-1., 9.]]]]));
    let (dx, _) = pool.backward(&x, &Tensor::new([[[[1., 2.], [3., 4.]]]]));
    assert_eq!(dx, Tensor::new([[[[0., 0., 2., 0.], [1., 0., 0., 0.], [3., 0., 0., 0.], [0., 0., 0., 4.]]]]));
}

/// S3's mean divides by KH·KW at the edge, too.
#[test]
fn s3_average_pooling_counts_the_padding() {
    let pool = AvgPool2d::<Kernel<3>, Stride<2>, Padding<1>>::new();
    let x = Tensor::<f64, 1, 1, 5, 5>::full(9.0);
    let y = Tensor::new([[[[4., 6., 4.], [6., 9., 6.], [4., 6., 4.]]]]);
    assert_eq!(pool.forward(&x), y);
    let (dx, _) = pool.backward(&x, &Tensor::full(9.0));
    let windows = [1.0, 2.0, 1.0, 2.0, 1.0];
    assert_eq!(dx, Tensor::from_fn(|[_, _, h, w]| windows[h] * windows[w]));
}

/// Global pooling is pooling by a window of the size of the input.
#[test]
fn s3_global_pooling_is_a_window_as_large_as_the_plane() {
    let x = Tensor::<f64, 2, 3, 4, 5>::from_fn(|[n, c, h, w]| (100 * n + 50 * c + 5 * h + w) as f64);
    let max: Tensor<f64, 2, 3, 1, 1> = MaxPool2d::<Kernel<4, 5>>::new().forward(&x);
    assert_eq!(max, Tensor::from_fn(|[n, c, _, _]| (100 * n + 50 * c + 19) as f64));
    let mean: Tensor<f64, 2, 3, 1, 1> = AvgPool2d::<Kernel<4, 5>>::new().forward(&x);
    assert_eq!(mean, Tensor::from_fn(|[n, c, _, _]| (100 * n + 50 * c) as f64 + 9.5));
}

#[test]
fn s3_global_pooling_forward_and_backward() {
    let x = Tensor::<f64, 1, 2, 2, 3>::new([[[[1., 5., 2.], [5., 0., -1.]], [[-3., -2., -9.], [-4., -6., -6.]]]]);
    let dy = Tensor::new([[[[6.0]], [[12.0]]]]);
    assert_eq!(GlobalMaxPool2d.forward(&x), Tensor::new([[[[5.]], [[-2.]]]]));
    let (dx, _) = GlobalMaxPool2d.backward(&x, &dy);
    assert_eq!(dx, Tensor::new([[[[0., 6., 0.], [0., 0., 0.]], [[0., 12., 0.], [0., 0., 0.]]]]));
    assert_eq!(GlobalAvgPool2d.forward(&x), Tensor::new([[[[2.]], [[-5.]]]]));
    let (dx, _) = GlobalAvgPool2d.backward(&x, &dy);
    assert_eq!(dx, Tensor::from_fn(|[_, c, _, _]| [1.0, 2.0][c]));
}

#[test]
fn s3_removing_padding() {
    let x = Tensor::<f64, 2, 3, 5, 5>::from_fn(|[n, c, h, w]| (75 * n + 25 * c + 5 * h + w) as f64);
    let inner: Tensor<f64, 2, 3, 3, 1> = crop2d(&x, Padding::<1, 2>);
    assert_eq!(inner, Tensor::from_fn(|[n, c, h, w]| x[[n, c, h + 1, w + 2]]));
    assert_eq!(crop2d(&x, Padding::<0>), x);
    assert_eq!(crop2d(&zero_pad2d(&x, Padding::<2, 1>), Padding::<2, 1>), x);
}

/// S3 stores the weight (IN, OUT) and computes x·W + b; it is kept here as its transpose.
#[test]
fn s3_fully_connected_with_a_transposed_weight() {
    let x = Matrix::new([[1., 2., 3.], [0., -1., 1.]]);
    let w = Matrix::new([[1., 0.], [2., -1.], [0., 3.]]);
    let b = Vector::new([0.5, -0.5]);
    let dy = Matrix::new([[1., 2.], [3., 4.]]);
    assert_eq!(linear(&x, &w.transposed(), &b), Matrix::new([[5.5, 6.5], [-1.5, 3.5]]));
    let (dx, dw, db) = linear_backward(&x, &w.transposed(), &b, &dy);
    assert_eq!(dx, Matrix::new([[1., 0., 6.], [3., 2., 12.]]));
    assert_eq!(dw.transposed(), Matrix::new([[1., 2.], [-1., 0.], [6., 10.]]));
    assert_eq!(db, Vector::new([4., 6.]));
}

#[test]
fn s3_flatten_keeps_the_order_both_ways() {
    let x = Tensor::<f64, 2, 2, 2, 3>::from_fn(|[n, c, h, w]| (12 * n + 6 * c + 3 * h + w) as f64);
    let y: Matrix<f64, 2, 12> = Flatten.forward(&x);
    assert_eq!(y, Matrix::from_fn(|[n, i]| (12 * n + i) as f64));
    assert_eq!(Flatten.backward(&x, &y).0, x);
}

/// S3 reports ½Σ(y − t)²/N and takes dy = y − t: half of the true gradient of the sum.
#[test]
fn s3_mean_squared_loss_is_a_scaled_sum() {
    let (y, t) = (Matrix::new([[1., 2.], [3., 5.]]), Matrix::new([[0., 2.], [1., 1.]]));
    let mut dy = Matrix::zeros();
    let loss = mse(&y, &t, Reduction::Sum, &mut dy) / 2.0 / 2.0;
    assert_eq!(loss, 21.0 / 4.0);
    assert_eq!(dy.map(|a| a / 2.0), Matrix::new([[1., 0.], [2., 4.]]));
}

#[test]
fn s1_extents_with_zeros_appended() {
    let conv = Conv2d::<f32, 3, 4, Kernel<2>, Stride<2>, Padding<1>, Ceil>::ZERO;
    let _: Tensor<f32, 2, 4, 11, 11> = conv.forward(&Tensor::<f32, 2, 3, 20, 20>::zeros());
    let conv = Conv2d::<f32, 3, 4, Kernel<2>, Stride<2>, Padding<0>, Ceil>::ZERO;
    let _: Tensor<f32, 2, 4, 10, 10> = conv.forward(&Tensor::<f32, 2, 3, 20, 20>::zeros());
    // 21 rows: one row of zeros is appended, and the last window reads it.
    let ones = Conv2d::<f32, 1, 1, Kernel<2>, Stride<2>, Padding<0>, Ceil>::new(Tensor::full(1.0), Vector::zeros());
    let y: Tensor<f32, 1, 1, 11, 1> = ones.forward(&Tensor::<f32, 1, 1, 21, 2>::full(1.0));
    assert_eq!((y[[0, 0, 9, 0]], y[[0, 0, 10, 0]]), (4.0, 2.0));
}

/// One step as S1 and S3 take it: the gradient, a sum over the batch, is averaged; rate 0.001.
fn step<M: Parameters<Gradient: Parameters>>(model: &mut M, mut gradient: Gradient<M>, batch: usize) {
    gradient.scale(1.0 / batch as f64);
    Sgd::new(0.001).step(model, &gradient, &mut ());
}

#[test]
fn s1_training_fits_a_constant() {
    let mut random = Random::new(1);
    let x: Tensor<f64, 2, 3, 20, 20> = random.array();
    let mut conv = Conv2d::<f64, 3, 4, Kernel<2>, Stride<2>, Padding<1>, Ceil>::new(random.array(), Vector::zeros());

    let mut y = Tensor::<f64, 2, 4, 11, 11>::zeros();
    let mut losses = Vec::new();
    for _ in 0..=5_000 {
        conv.forward_into(&x, &mut y);
        let dy = y.map(|y| y - 1.0);
        // mean(sum((y − t)², last axis)): a sum over the columns, a mean over the rest.
        losses.push(dy.iter().map(|d| d * d).sum::<f64>() / (2 * 4 * 11) as f64);
        let mut gradient = Zeroed::ZERO;
        conv.backward_parameters(&x, &y, &dy, &mut (), &mut gradient);
        step(&mut conv, gradient, 2);
    }
    for (i, pair) in losses[..=50].windows(2).enumerate() {
        assert!(pair[1] < pair[0], "step {i}: {} after {}", pair[1], pair[0]);
    }
    for pair in losses[..=3].windows(2) {
        assert!((0.7..0.9).contains(&(pair[1] / pair[0])), "a factor of about 0.8, found {}", pair[1] / pair[0]);
    }
    assert!(losses[50] < 0.1, "after 50 steps: {}", losses[50]);
    assert!(losses[5_000] < 1e-20, "after 5 000 steps: {:e}", losses[5_000]);
}

model! {
    S3Conv: Tensor<f64, 3, 3, 28, 28> => {
        conv: Conv2d<f64, 3, 4, Kernel<3>>,
    }
}

model! {
    S3ConvPool: Tensor<f64, 3, 3, 28, 28> => {
        conv: Conv2d<f64, 3, 4, Kernel<3>>,
        pool: MaxPool2d<Kernel<2>>,
    }
}

/// S3's loop: how many steps until all outputs are `allclose` to 1, that is |y − 1| ≤ 1e-8 + 1e-5; at most `limit`.
macro_rules! steps_until_close {
    ($model:ty, limit $limit:expr) => {{
        let mut random = Random::new(3);
        let x: Tensor<f64, 3, 3, 28, 28> = random.array();
        let mut model = <$model>::BLANK;
        model.conv.weight = random.scaled(1e-3);
        let (mut y, mut tape) = (Zeroed::ZERO, Zeroed::ZERO);
        (0..=$limit).find(|_| {
            model.forward_train(&x, &mut y, &mut tape);
            let dy = y.map(|y| y - 1.0);
            let mut gradient = Zeroed::ZERO;
            model.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
            let close = dy.iter().all(|d| d.abs() <= 1e-8 + 1e-5);
            step(&mut model, gradient, 3);
            close
        })
    }};
}

#[test]
fn s3_training_of_a_convolution_within_100_steps() {
    on_a_large_stack(|| {
        let steps = steps_until_close!(S3Conv, limit 100);
        assert!(steps.is_some_and(|steps| steps > 5), "{steps:?}");
    });
}

#[test]
fn s3_training_of_a_convolution_and_max_pooling_within_2000_steps() {
    on_a_large_stack(|| {
        let steps = steps_until_close!(S3ConvPool, limit 2_000);
        assert!(steps.is_some_and(|steps| steps > 5), "{steps:?}");
    });
}

/// S6's shapes, with numbers.
struct S6 {
    x: Tensor<f64, 10, 32, 14, 14>,
    layer: Conv2d<f64, 32, 16, Kernel<3>, Stride<1>, Padding<1>>,
    residual: Tensor<f64, 10, 16, 14, 14>,
}

impl S6 {
    fn new() -> Self {
        let mut random = Random::new(6);
        Self { x: random.array(), layer: Conv2d::new(random.array(), random.array()), residual: random.array() }
    }
}

/// The terms (n, f, i, j, c, u, v) of S6's convolution whose cell lies on the plane, with the cell's row and column.
fn for_each_s6_term(mut term: impl FnMut([usize; 4], [usize; 4], [usize; 4])) {
    for n in 0..10 {
        for f in 0..16 {
            for c in 0..32 {
                for (i, j) in (0..14).flat_map(|i| (0..14).map(move |j| (i, j))) {
                    for (u, v) in (0..3).flat_map(|u| (0..3).map(move |v| (u, v))) {
                        if (1..=14).contains(&(i + u)) && (1..=14).contains(&(j + v)) {
                            term([n, f, i, j], [n, c, i + u - 1, j + v - 1], [f, c, u, v]);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn s1_s3_inserting_zeros() {
    let two = Tensor::<i32, 1, 1, 2, 2>::new([[[[1, 1], [2, 2]]]]);
    assert_eq!(insert_zeros(&two, Stride::<2>), Tensor::new([[[[1, 0, 1], [0, 0, 0], [2, 0, 2]]]]));

    let x = Tensor::<i32, 1, 1, 3, 3>::from_fn(|[_, _, h, w]| (3 * h + w + 1) as i32);
    macro_rules! strides {
        ($($sh:literal $sw:literal -> $ho:literal $wo:literal;)*) => { $(
            let y: Tensor<i32, 1, 1, $ho, $wo> = insert_zeros(&x, Stride::<$sh, $sw>);
            assert_eq!(y.iter().sum::<i32>(), 45);
            for (place, &a) in x.iter().enumerate() {
                assert_eq!(y[[0, 0, place / 3 * $sh, place % 3 * $sw]], a);
            }
        )* };
    }
    strides! { 1 1 -> 3 3; 1 2 -> 3 5; 2 2 -> 5 5; 2 4 -> 5 9; 3 2 -> 7 5; }
}

#[test]
fn s6_rotations() {
    let x = Tensor::new([[[[0, 1, 2], [3, 4, 5], [6, 7, 8]]]]);
    assert_eq!(x.rotated_180(), Tensor::new([[[[8, 7, 6], [5, 4, 3], [2, 1, 0]]]]));
    assert_eq!(x.rotated_90(), Tensor::new([[[[2, 5, 8], [1, 4, 7], [0, 3, 6]]]]));
}

#[test]
fn s6_forward_is_its_equation() {
    on_a_large_stack(|| {
        let S6 { x, layer, .. } = S6::new();
        let mut y = Tensor::<f64, 10, 16, 14, 14>::from_fn(|[_, f, _, _]| layer.bias[[f]]);
        for_each_s6_term(|yi, xi, wi| y[yi] += x[xi] * layer.weight[wi]);
        assert_close("y", &layer.forward(&x), &y, 32 * 9);
    });
}

#[test]
fn s6_dw_by_windows_and_by_convolving_the_input_with_the_residual() {
    on_a_large_stack(|| {
        let S6 { x, layer, residual } = S6::new();
        let (_, gradient) = layer.backward(&x, &residual);

        let mut windows = Tensor::<f64, 16, 32, 3, 3>::zeros();
        for_each_s6_term(|yi, xi, wi| windows[wi] += residual[yi] * x[xi]);
        assert_close("dw by windows", &gradient.weight, &windows, 1_960);

        // Channels become images and images channels: the sum over the batch is that of a convolution over channels.
        let (x, filters) = (swap_first_axes(&x), swap_first_axes(&residual));
        let convolved: Tensor<f64, 32, 16, 3, 3> = conv2d(&x, &filters, &(), (Stride::<1>, Padding::<1>));
        assert_close("dw by convolution", &gradient.weight, &swap_first_axes(&convolved), 1_960);

        let db = Vector::from_fn(|[f]| {
            residual.as_array().iter().map(|image| image[f].as_flattened().iter().sum::<f64>()).sum()
        });
        assert_close("db", &gradient.bias, &db, 1_960);
    });
}

#[test]
fn s6_dx_by_scattering_and_by_convolving_the_residual_with_rotated_filters() {
    on_a_large_stack(|| {
        let S6 { x, layer, residual } = S6::new();
        let (dx, _) = layer.backward(&x, &residual);

        let mut scattered = Tensor::<f64, 10, 32, 14, 14>::zeros();
        for_each_s6_term(|yi, xi, wi| scattered[xi] += residual[yi] * layer.weight[wi]);
        assert_close("dx by scattering", &dx, &scattered, 16 * 9);

        // Rotated by 180°, input and output channels swapped; a full convolution pads by K − 1 − P.
        let rotated = swap_first_axes(&layer.weight.rotated_180());
        let full: Tensor<f64, 10, 32, 14, 14> = conv2d(&residual, &rotated, &(), (Stride::<1>, Padding::<1>));
        assert_close("dx by convolution", &dx, &full, 16 * 9);
    });
}

/// S6's update subtracts reg·w_prev, where w_prev is 0 at the first step: SGD with weight decay from the second step
/// on.
#[test]
fn s6_update_is_sgd_with_weight_decay_from_the_second_step_on() {
    let (rate, penalty) = (0.1, 0.05);
    let mut random = Random::new(66);
    let mut layer = Linear::<f64, 3, 2, NoBias>::new(random.array(), ());
    let (mut w, mut previous) = (layer.weight.clone(), Matrix::zeros());
    for i in 0..4 {
        let dw: Matrix<f64, 2, 3> = random.array();
        let decay = if i == 0 { 0.0 } else { penalty };
        Sgd::new(rate).weight_decay(decay).step(&mut layer, &Linear::new(dw.clone(), ()), &mut ());
        w = w.zip(&dw.zip(&previous, |dw, previous| dw + penalty * previous), |w, g| w - rate * g);
        previous = w.clone();
        assert_close("w", &layer.weight, &w, 1);
    }
}
