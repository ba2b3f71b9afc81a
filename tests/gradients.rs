//! Finite differences: every backward pass against its forward pass (f64, central, h = 1e-6), relative error ≤ 1e-7.
//!
//! The loss is Σ c·y with random c, so that dy = c. The error of a gradient is relative to its largest number.

mod support;

use constconv::loss::{mse, softmax_cross_entropy};
use constconv::module::{Visitor, VisitorMut};
use constconv::prelude::*;
use support::Random;

const H: f64 = 1e-6;
const TOLERANCE: f64 = 1e-7;

/// Compares a gradient with the differences of `loss(i, h)`, the loss with the i-th variable moved by h.
#[track_caller]
fn compare(what: &str, gradient: &[f64], loss: &mut dyn FnMut(usize, f64) -> f64) {
    let differences: Vec<_> = (0..gradient.len()).map(|i| (loss(i, H) - loss(i, -H)) / (2.0 * H)).collect();
    let largest = differences.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    for (i, (a, b)) in gradient.iter().zip(&differences).enumerate() {
        let error = (a - b).abs() / largest.max(f64::MIN_POSITIVE);
        assert!(error <= TOLERANCE, "{what}[{i}]: gradient {a:e}, difference {b:e}, relative error {error:.1e}");
    }
}

/// All parameters, in order.
struct Collect(Vec<f64>);

impl Visitor for Collect {
    fn tensor<T: Real>(&mut self, numbers: &[T]) {
        self.0.extend(numbers.iter().map(|a| a.to_f64().expect("a real number")));
    }
}

/// Moves one parameter: how many come before it, and by how much.
struct Nudge(usize, f64);

impl VisitorMut for Nudge {
    fn tensor<T: Real>(&mut self, numbers: &mut [T]) {
        if let Some(a) = numbers.get_mut(self.0) {
            *a += support::real(self.1);
        }
        self.0 = self.0.wrapping_sub(numbers.len());
    }
}

/// Checks dx and the gradient of all parameters, and that every one of them is compared.
#[track_caller]
fn check<L, X>()
where
    L: Backward<X, Output: Array<Scalar = f64>> + Parameters<Gradient: Parameters> + Initialize + Clone,
    X: Array<Scalar = f64> + Clone,
{
    let name = std::any::type_name::<(L, X)>().replace("constconv::", "");
    let mut random = Random::new(name.len() as u64);
    let (layer, x, dy): (L, X, Output<L, X>) = (random.module(), random.array(), random.array());
    let loss = |layer: &L, x: &X| {
        let (mut y, mut tape) = (Output::<L, X>::ZERO, Zeroed::ZERO);
        layer.forward_train(x, &mut y, &mut tape);
        y.as_slice().iter().zip(dy.as_slice()).map(|(y, c)| y * c).sum::<f64>()
    };

    let (dx, gradient) = layer.backward(&x, &dy);
    compare(&format!("{name}: dx"), dx.as_slice(), &mut |i, h| {
        let mut x = x.clone();
        x.as_mut_slice()[i] += h;
        loss(&layer, &x)
    });

    let mut collected = Collect(Vec::new());
    gradient.visit(&mut collected);
    assert_eq!(collected.0.len(), L::PARAMETERS);
    compare(&format!("{name}: parameters"), &collected.0, &mut |i, h| {
        let mut layer = layer.clone();
        layer.visit_mut(&mut Nudge(i, h));
        loss(&layer, &x)
    });
}

/// name: input => layer
macro_rules! gradients {
    ($($name:ident: $x:ty => $layer:ty;)*) => { $(
        #[test]
        fn $name() {
            check::<$layer, $x>();
        }
    )* };
}

gradients! {
    conv2d_rectangular: Tensor<f64, 2, 2, 5, 7> => Conv2d<f64, 2, 3, Kernel<3, 2>, Stride<1, 2>, Padding<2, 1>, Floor>;
    conv2d_with_all_of_the_input_in_one_window: Tensor<f64, 3, 2, 3, 5> => Conv2d<f64, 2, 2, Kernel<3, 5>>;
    conv2d_1x1: Tensor<f64, 2, 3, 3, 3> => Conv2d<f64, 3, 2, Kernel<1>>;
    conv2d_without_bias: Tensor<f64, 2, 2, 5, 5>
        => Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, NoBias>;
    conv2d_in_two_groups: Tensor<f64, 2, 4, 5, 5>
        => Conv2d<f64, 4, 6, Kernel<3>, Stride<2>, Padding<1>, Exact, Dilation<1>, Groups<2>>;
    conv2d_depthwise: Tensor<f64, 2, 3, 5, 7>
        => DepthwiseConv2d<f64, 3, 6, Kernel<3>, Stride<1>, Padding<2>, Exact, Dilation<2>, NoBias>;
    conv2d_depthwise_strided: Tensor<f64, 2, 3, 7, 5>
        => DepthwiseConv2d<f64, 3, 3, Kernel<3>, Stride<2>, Padding<1>>;
    conv2d_depthwise_rectangular: Tensor<f64, 1, 2, 7, 9>
        => DepthwiseConv2d<f64, 2, 4, Kernel<5, 3>, Stride<3, 2>, Padding<2, 1>, Floor>;

    conv_transpose2d_rectangular: Tensor<f64, 2, 2, 3, 4>
        => ConvTranspose2d<f64, 2, 3, Kernel<3, 2>, Stride<1, 2>, Padding<2, 1>, OutputPadding<0, 1>>;
    conv_transpose2d_1x1: Tensor<f64, 2, 3, 3, 3> => ConvTranspose2d<f64, 3, 2, Kernel<1>>;
    conv_transpose2d_with_rows_that_no_window_reaches: Tensor<f64, 1, 2, 3, 3>
        => ConvTranspose2d<f64, 2, 2, Kernel<1, 2>, Stride<3, 1>, Padding<0>, OutputPadding<2, 3>, Dilation<1, 4>>;
    conv_transpose2d_in_two_groups: Tensor<f64, 2, 4, 3, 3> => ConvTranspose2d<
        f64, 4, 6, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<1>, Dilation<1>, Groups<2>, NoBias>;
    conv_transpose2d_depthwise: Tensor<f64, 2, 3, 3, 4> => ConvTranspose2d<
        f64, 3, 6, Kernel<4>, Stride<2>, Padding<1>, OutputPadding<0>, Dilation<1>, Groups<3>>;

    max_pool2d: Tensor<f64, 2, 2, 6, 4> => MaxPool2d<Kernel<2>>;
    max_pool2d_overlapping: Tensor<f64, 2, 2, 7, 5> => MaxPool2d<Kernel<3>, Stride<2>, Padding<1>>;
    max_pool2d_floor: Tensor<f64, 2, 2, 7, 8> => MaxPool2d<Kernel<2, 3>, Stride<3, 2>, Padding<1>, Floor>;
    max_pool2d_ceil: Tensor<f64, 2, 2, 6, 8> => MaxPool2d<Kernel<3>, Stride<2>, Padding<1>, Ceil>;
    max_pool2d_dilated: Tensor<f64, 2, 2, 7, 9> => MaxPool2d<Kernel<3>, Stride<1>, Padding<2>, Exact, Dilation<2>>;

    avg_pool2d: Tensor<f64, 2, 2, 6, 4> => AvgPool2d<Kernel<2>>;
    avg_pool2d_counting_padding: Tensor<f64, 2, 2, 7, 5> => AvgPool2d<Kernel<3>, Stride<2>, Padding<1>>;
    avg_pool2d_not_counting_padding: Tensor<f64, 2, 2, 7, 5>
        => AvgPool2d<Kernel<3>, Stride<2>, Padding<1>, Exact, ExcludePad>;
    avg_pool2d_floor: Tensor<f64, 2, 2, 7, 8> => AvgPool2d<Kernel<2, 3>, Stride<3, 2>, Padding<1>, Floor>;
    avg_pool2d_ceil_counting_padding: Tensor<f64, 2, 2, 6, 8> => AvgPool2d<Kernel<3>, Stride<2>, Padding<1>, Ceil>;
    avg_pool2d_ceil_not_counting_padding: Tensor<f64, 2, 2, 6, 8>
        => AvgPool2d<Kernel<3>, Stride<2>, Padding<1>, Ceil, ExcludePad>;

    adaptive_max_pool2d: Tensor<f64, 2, 2, 7, 5> => AdaptiveMaxPool2d<OutputSize<3, 2>>;
    adaptive_max_pool2d_to_more_than_the_input: Tensor<f64, 2, 2, 3, 2> => AdaptiveMaxPool2d<OutputSize<4, 5>>;
    adaptive_avg_pool2d: Tensor<f64, 2, 2, 7, 5> => AdaptiveAvgPool2d<OutputSize<3, 2>>;
    adaptive_avg_pool2d_to_more_than_the_input: Tensor<f64, 2, 2, 3, 2> => AdaptiveAvgPool2d<OutputSize<4, 5>>;
    global_max_pool2d: Tensor<f64, 2, 3, 5, 7> => GlobalMaxPool2d;
    global_avg_pool2d: Tensor<f64, 2, 3, 5, 7> => GlobalAvgPool2d;

    batch_norm2d: Tensor<f64, 3, 2, 3, 4> => BatchNorm2d<f64, 2>;
    batch_norm2d_of_one_image: Tensor<f64, 1, 3, 2, 3> => BatchNorm2d<f64, 3>;
    batch_norm2d_with_fixed_statistics: Tensor<f64, 3, 2, 3, 4> => BatchNorm2d<f64, 2, FixedStatistics>;
    batch_norm1d_of_signals: Signal<f64, 3, 2, 5> => BatchNorm1d<f64, 2>;
    batch_norm1d_of_features: Matrix<f64, 5, 3> => BatchNorm1d<f64, 3>;
    batch_norm2d_in_a_model: Tensor<f64, 2, 2, 5, 5> => Normalised;

    dropout: Tensor<f64, 2, 2, 5, 4> => Dropout;
    dropout_in_a_model: Matrix<f64, 2, 6> => Dropped;

    concat_of_three_branches: Tensor<f64, 2, 2, 5, 4> => Concat<(Conv2d<f64, 2, 3, Kernel<1>>, Relu, Branch)>;
    concat_of_six_branches: Tensor<f64, 2, 2, 5, 4> => Concat<(Identity, Relu, Branch, Tanh, Identity, Branch)>;
    concat_of_a_concat: Tensor<f64, 2, 2, 5, 4> => Concat<(Concat<(Branch, Relu)>, Identity)>;
    sum_of_two_branches: Tensor<f64, 2, 2, 5, 4> => Sum<(Conv2d<f64, 2, 3, Kernel<1>>, Conv2d<f64, 2, 3, Kernel<1>>)>;
    sum_of_six_branches: Matrix<f64, 3, 5>
        => Sum<(Linear<f64, 5, 5>, Identity, Linear<f64, 5, 5, NoBias>, Relu, Tanh, Linear<f64, 5, 5>)>;
    sum_that_begins_with_its_input: Tensor<f64, 2, 2, 5, 4> => Sum<(Identity, Tanh)>;
    product_of_two_branches: Matrix<f64, 3, 5> => Product<(Linear<f64, 5, 4>, Linear<f64, 5, 4>)>;
    product_of_three_branches_with_zeros: Tensor<f64, 2, 2, 5, 4>
        => Product<(Relu, Identity, Conv2d<f64, 2, 2, Kernel<1>>)>;
    product_of_six_branches: Matrix<f64, 3, 5>
        => Product<(Linear<f64, 5, 5>, Identity, Linear<f64, 5, 5, NoBias>, Relu, Tanh, Linear<f64, 5, 5>)>;
    square: Matrix<f64, 3, 5> => Product<(Identity, Identity)>;
    sums_of_products_in_a_model: Tensor<f64, 2, 2, 5, 4> => Combined;
    concat_in_a_model: Tensor<f64, 2, 2, 5, 4> => Branches;

    zero_pad2d: Tensor<f64, 2, 2, 3, 4> => ZeroPad2d<Padding<1, 2>>;
    zero_pad2d_of_single_sides: Tensor<f64, 2, 2, 3, 4> => ZeroPad2d<Sides<0, 1, 2, 3>>;
    upsample_nearest2d: Tensor<f64, 2, 2, 3, 4> => UpsampleNearest2d<Scale<3, 2>>;
    padding_and_upsampling_in_a_model: Tensor<f64, 2, 2, 3, 4> => Enlarged;

    residual_of_a_layer: Tensor<f64, 2, 2, 5, 4> => Residual<Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>>;
    residual_whose_body_asks_for_its_own_output: Matrix<f64, 3, 5> => Residual<Tanh>;
    residual_of_a_model_that_ends_with_its_output: Tensor<f64, 2, 2, 5, 5> => Residual<Block>;
    residual_blocks_in_a_model: Tensor<f64, 2, 2, 5, 5> => Blocks;
    residual_with_a_projection: Tensor<f64, 2, 2, 5, 5> => Down;
    residual_around_which_there_is_a_model: Tensor<f64, 2, 2, 5, 5> => Residual<Block, Block>;
    residual_with_a_shortcut_that_is_not_trained: Matrix<f64, 3, 5> => Residual<Linear<f64, 5, 5>, Tanh>;
    residual_whose_body_is_nothing: Matrix<f64, 3, 5> => Residual<Identity, Tanh>;
    residual_blocks_with_projections_in_a_model: Tensor<f64, 2, 2, 5, 5> => Downs;
    identity: Matrix<f64, 3, 5> => Identity;

    conv2d_with_sides: Tensor<f64, 2, 2, 5, 6> => Conv2d<f64, 2, 3, Kernel<3, 2>, Stride<2>, Sides<0, 2, 1, 1>>;
    conv2d_with_more_padding_than_kernel: Tensor<f64, 1, 2, 4, 3>
        => Conv2d<f64, 2, 2, Kernel<2>, Stride<1>, Sides<0, 3, 0, 4>>;
    conv2d_with_sides_floor_dilated: Tensor<f64, 2, 2, 7, 8>
        => Conv2d<f64, 2, 3, Kernel<3>, Stride<3>, Sides<3, 0, 0, 2>, Floor, Dilation<2>>;
    depthwise_conv2d_with_sides: Tensor<f64, 2, 3, 6, 6>
        => DepthwiseConv2d<f64, 3, 3, Kernel<3>, Stride<2>, Sides<0, 1, 0, 1>>;
    winograd_with_sides: Tensor<f64, 2, 2, 5, 4>
        => Winograd<Conv2d<f64, 2, 3, Kernel<3>, Stride<1>, Sides<0, 2, 1, 0>>>;
    conv1d_causal: Signal<f64, 2, 2, 9>
        => Conv1d<f64, 2, 3, Kernel<3>, Stride<1>, Sides<0, 0, 4, 0>, Exact, Dilation<2>>;

    winograd: Tensor<f64, 2, 2, 5, 4> => Winograd<Conv2d<f64, 2, 3, Kernel<3>, Stride<1>, Padding<1>>>;
    conv1d: Signal<f64, 2, 2, 9> => Conv1d<f64, 2, 3, Kernel<3>, Stride<2>, Padding<1>>;
    conv1d_floor: Signal<f64, 2, 2, 10> => Conv1d<f64, 2, 3, Kernel<4>, Stride<3>, Padding<2>, Floor>;
    conv1d_ceil_dilated: Signal<f64, 1, 2, 10> => Conv1d<f64, 2, 3, Kernel<3>, Stride<2>, Padding<0>, Ceil, Dilation<2>>;
    conv1d_in_two_groups_without_bias: Signal<f64, 2, 4, 7>
        => Conv1d<f64, 4, 6, Kernel<3>, Stride<1>, Padding<2>, Exact, Dilation<2>, Groups<2>, NoBias>;
    max_pool1d: Signal<f64, 2, 2, 9> => MaxPool1d<Kernel<3>, Stride<2>, Padding<1>, Ceil>;
    avg_pool1d: Signal<f64, 2, 2, 9> => AvgPool1d<Kernel<3>, Stride<2>, Padding<1>, Floor>;
    avg_pool1d_ceil: Signal<f64, 2, 2, 10> => AvgPool1d<Kernel<3>, Stride<2>, Padding<1>, Ceil, ExcludePad>;
    global_max_pool1d: Signal<f64, 2, 3, 7> => GlobalMaxPool1d;
    global_avg_pool1d: Signal<f64, 2, 3, 7> => GlobalAvgPool1d;
    linear_after_a_signal: Signal<f64, 2, 3, 5> => Linear<f64, 15, 4>;
    flatten_of_a_signal: Signal<f64, 2, 3, 5> => Flatten;
    model_of_a_signal: Signal<f64, 2, 2, 17> => Listener;

    linear: Matrix<f64, 3, 5> => Linear<f64, 5, 4>;
    linear_without_bias: Matrix<f64, 3, 5> => Linear<f64, 5, 4, NoBias>;
    linear_after_a_feature_map: Tensor<f64, 2, 3, 1, 5> => Linear<f64, 15, 4>;
    flatten: Tensor<f64, 2, 3, 1, 5> => Flatten;
    relu_of_a_feature_map: Tensor<f64, 2, 3, 3, 5> => Relu;
    relu_of_a_matrix: Matrix<f64, 3, 5> => Relu;
    relu_of_a_vector: Vector<f64, 7> => Relu;
    model_of_one_layer: Matrix<f64, 2, 8> => Head;
    model_with_models_inside: Tensor<f64, 2, 1, 9, 9> => Nested;
}

model! {
    Body: Tensor<f64, 1, 1, 9, 9> => {
        conv1: Conv2d<f64, 1, 3, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f64, 3, 2, Kernel<3>, Stride<2>>,
        pool: AvgPool2d<Kernel<3>, Stride<1>, Padding<1>>,
    }
}

model! {
    Head: Matrix<f64, 1, 8> => {
        fc: Linear<f64, 8, 3>,
    }
}

model! {
    Nested: Tensor<f64, 1, 1, 9, 9> => {
        body: Body,
        pool: MaxPool2d<Kernel<2>>,
        flatten: Flatten,
        head: Head,
        relu: Relu,
        fc: Linear<f64, 3, 2>,
    }
}

model! {
    Block: Tensor<f64, 1, 2, 5, 5> => {
        conv1: Conv2d<f64, 2, 3, Kernel<3>, Stride<1>, Padding<1>>,
        silu: Silu,
        conv2: Conv2d<f64, 3, 2, Kernel<3>, Stride<1>, Padding<1>>,
        sigmoid: Sigmoid,
    }
}

model! {
    Normalised: Tensor<f64, 1, 2, 5, 5> => {
        conv: Conv2d<f64, 2, 3, Kernel<3>>,
        norm: BatchNorm2d<f64, 3>,
        tanh: Tanh,
        fc: Linear<f64, 27, 2>,
    }
}

model! {
    Listener: Signal<f64, 1, 2, 17> => {
        conv1: Conv1d<f64, 2, 4, Kernel<5>, Stride<2>, Padding<2>>,
        silu: Silu,
        drop: Dropout,
        branches: Concat<(Conv1d<f64, 4, 2, Kernel<1>>, Residual<Conv1d<f64, 4, 4, Kernel<3>, Stride<1>, Padding<1>>>)>,
        pool: MaxPool1d<Kernel<3>>,
        fc: Linear<f64, 18, 3>,
    }
}

model! {
    Dropped: Matrix<f64, 1, 6> => {
        fc1: Linear<f64, 6, 8>,
        drop1: Dropout,
        tanh: Tanh,
        drop2: Dropout,
        fc2: Linear<f64, 8, 2>,
    }
}

model! {
    Branch: Tensor<f64, 1, 2, 5, 4> => {
        conv: Conv2d<f64, 2, 1, Kernel<3>, Stride<1>, Padding<1>>,
        sigmoid: Sigmoid,
    }
}

model! {
    Enlarged: Tensor<f64, 1, 2, 3, 4> => {
        upsample: UpsampleNearest2d<Scale<2>>,
        pad: ZeroPad2d<Sides<1, 0, 1, 0>>,
        conv: Conv2d<f64, 2, 1, Kernel<2>>,
        sigmoid: Sigmoid,
    }
}

model! {
    Branches: Tensor<f64, 1, 2, 5, 4> => {
        stem: Conv2d<f64, 2, 2, Kernel<1>>,
        branches: Concat<(Branch, Tanh, Branch)>,
        fc: Linear<f64, 80, 2>,
    }
}

model! {
    Blocks: Tensor<f64, 1, 2, 5, 5> => {
        block1: Residual<Block>,
        block2: Residual<Residual<Block>>,
        pool: GlobalAvgPool2d,
        fc: Linear<f64, 2, 3>,
    }
}

model! {
    Combined: Tensor<f64, 1, 2, 5, 4> => {
        stem: Conv2d<f64, 2, 2, Kernel<1>>,
        sum: Sum<(Product<(Branch, Branch)>, Residual<Branch, Branch>)>,
        fc: Linear<f64, 20, 2>,
    }
}

/// Half of the rows and columns, on both ways.
type Down = Residual<Halve<3, 1>, Halve<1, 0>>;
type Halve<const K: usize, const P: usize> = Conv2d<f64, 2, 3, Kernel<K>, Stride<2>, Padding<P>>;

model! {
    Downs: Tensor<f64, 1, 2, 5, 5> => {
        block: Residual<Residual<Block>, Block>,
        down: Down,
        around: Residual<Identity, Residual<Tanh, Sigmoid>>,
        fc: Linear<f64, 27, 3>,
    }
}

/// Convolutions of a 3×3 kernel over a grid: rounding, then strides, paddings and dilations on a 9×7 plane.
macro_rules! grid {
    ($($name:ident: $rounding:ty;)*) => { $(
        #[test]
        fn $name() {
            grid!(@strides $rounding, 1 2 3);
        }
    )* };
    (@strides $r:ty, $($s:literal)*) => { $( grid!(@paddings $r, $s, 0 1 2); )* };
    (@paddings $r:ty, $s:literal, $($p:literal)*) => { $( grid!(@dilations $r, $s, $p, 1 2); )* };
    (@dilations $r:ty, $s:literal, $p:literal, $($d:literal)*) => { $(
        check::<Conv2d<f64, 2, 2, Kernel<3>, Stride<$s>, Padding<$p>, $r, Dilation<$d>>, Tensor<f64, 1, 2, 9, 7>>();
    )* };
}

grid! {
    conv2d_floor_over_strides_paddings_dilations: Floor;
    conv2d_ceil_over_strides_paddings_dilations: Ceil;
}

/// The same under `Exact`, each on a plane that its stride divides.
#[test]
fn conv2d_exact_over_strides_paddings_dilations() {
    macro_rules! rows {
        ($($s:literal $p:literal $d:literal: $h:literal $w:literal;)*) => { $(
            check::<Conv2d<f64, 2, 2, Kernel<3>, Stride<$s>, Padding<$p>, Exact, Dilation<$d>>, Tensor<f64, 2, 2, $h, $w>>();
        )* };
    }
    rows! {
        1 0 1: 5 4;  1 1 1: 5 4;  1 2 1: 3 4;  1 0 2: 5 6;  1 1 2: 5 4;  1 2 2: 3 4;
        2 0 1: 7 5;  2 1 1: 7 5;  2 2 1: 5 3;  2 0 2: 7 5;  2 1 2: 7 5;  2 2 2: 5 3;
        3 0 1: 6 9;  3 1 1: 7 4;  3 2 1: 5 8;  3 0 2: 5 8;  3 1 2: 6 3;  3 2 2: 4 7;
    }
}

/// Transposed convolutions of a 3×3 kernel over strides, paddings, output paddings (smaller than stride or dilation)
/// and dilations.
#[test]
fn conv_transpose2d_over_strides_paddings_output_paddings_dilations() {
    macro_rules! rows {
        ($($s:literal $o:literal $d:literal;)*) => { $( rows!(@paddings $s $o $d, 0 1 2); )* };
        (@paddings $s:literal $o:literal $d:literal, $($p:literal)*) => { $(
            check::<
                ConvTranspose2d<f64, 2, 2, Kernel<3>, Stride<$s>, Padding<$p>, OutputPadding<$o>, Dilation<$d>>,
                Tensor<f64, 1, 2, 3, 4>,
            >();
        )* };
    }
    rows! {
        1 0 1;  1 0 2;  1 1 2;
        2 0 1;  2 1 1;  2 0 2;  2 1 2;
        3 0 1;  3 1 1;  3 2 1;  3 0 2;  3 2 2;
    }
}

#[test]
fn mean_squared_error() {
    let mut random = Random::new(1);
    let (y, target): (Tensor<f64, 2, 2, 3, 3>, _) = (random.array(), random.array());
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let mut dy = support::nan();
        mse(&y, &target, reduction, &mut dy);
        compare("mse", dy.as_slice(), &mut |i, h| {
            let mut y = y.clone();
            y.as_mut_slice()[i] += h;
            mse(&y, &target, reduction, &mut Tensor::zeros())
        });
    }
}

#[test]
fn softmax_cross_entropy_of_class_indices() {
    let x: Matrix<f64, 3, 5> = Random::new(1).scaled(2.0);
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let mut dx = support::nan();
        softmax_cross_entropy(&x, &[4, 0, 2], reduction, &mut dx);
        compare("softmax_cross_entropy", dx.as_slice(), &mut |i, h| {
            let mut x = x.clone();
            x.as_mut_slice()[i] += h;
            softmax_cross_entropy(&x, &[4, 0, 2], reduction, &mut Matrix::zeros())
        });
    }
}
