//! The right program beside each wrong one of this folder.
use constconv::functional::compose;
use constconv::functional::{
    conv2d, crop2d, im2col, insert_zeros, permute, permute_backward, reshape, split_channels, subsample,
    upsample_nearest2d, zero_pad2d,
};
use constconv::loss::mse;
use constconv::module::OwnOutput;
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>>,
        relu2: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 256, 120>,
        relu3: Relu,
        fc2: Linear<f32, 120, 10>,
    }
}

model! {
    pub Decoder: Tensor<f32, 1, 8, 7, 7> => {
        depthwise: DepthwiseConv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>,
        up1: ConvTranspose2d<f32, 8, 4, Kernel<4>, Stride<2>, Padding<1>>,
        relu: Relu,
        up2: ConvTranspose2d<f32, 4, 1, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<1>>,
    }
}

model! {
    pub Padded: Tensor<f32, 1, 4, 8, 8> => {
        upsample: UpsampleNearest2d<Scale<2>>,
        pad: ZeroPad2d<Sides<1, 1, 1, 1>>,
        pool: MaxPool2d<Kernel<2>>,
    }
}

model! {
    pub Listener: Signal<f32, 1, 1, 128> => {
        conv1: Conv1d<f32, 1, 8, Kernel<5>>,
        relu1: Relu,
        conv2: Conv1d<f32, 8, 16, Kernel<5>>,
    }
}

struct Double;

impl OwnOutput for Double {}

impl Module for Double {
    type Gradient = ();
    type Role = constconv::module::Map;
    const BLANK: Self = Self;
    const PARAMETERS: usize = 0;
    const PARAMETER_BYTES: usize = 0;

    fn add(&mut self, (): &()) {}
}

impl Layer<Vector<f32, 2>> for Double {
    type Output = Vector<f32, 2>;
    type Workspace = ();
    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &Vector<f32, 2>, y: &mut Vector<f32, 2>, (): &mut ()) {
        *y = x.map(|x| 2.0 * x);
    }
}

pub fn main() {
    let x = Tensor::<f32, 1, 1, 28, 28>::zeros();

    // stride_does_not_divide, stride_zero, kernel_zero, dilation_zero, parameter_order, element_type
    let _: Tensor<f32, 1, 8, 26, 26> = Conv2d::<f32, 1, 8, Kernel<3>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 8, 13, 13> = Conv2d::<f32, 1, 8, Kernel<4>, Stride<2>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 8, 13, 13> = Conv2d::<f32, 1, 8, Kernel<3>, Stride<2>, Padding<0>, Floor>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 8, 28, 28> = Conv2d::<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>::ZERO.forward(&x);
    let dilated = Conv2d::<f32, 1, 8, Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<2>>::ZERO;
    let _: Tensor<f32, 1, 8, 24, 24> = dilated.forward(&x);

    // channels
    let _ = Conv2d::<f32, 8, 16, Kernel<4>>::ZERO.forward(&Tensor::<f32, 1, 8, 28, 28>::zeros());

    // kernel_too_large
    let _ = Conv2d::<f32, 1, 1, Kernel<5>, Stride<1>, Padding<1>>::ZERO.forward(&Tensor::<f32, 1, 1, 4, 4>::zeros());

    // filter_shape, bias_shape
    let (x, w) = (Tensor::<f32, 1, 3, 8, 8>::zeros(), Tensor::<f32, 4, 3, 3, 3>::zeros());
    let _: Tensor<f32, 1, 4, 6, 6> = conv2d(&x, &w, &(), ());
    let _: Tensor<f32, 1, 4, 6, 6> = conv2d(&x, &w, &Vector::<f32, 4>::zeros(), ());

    // bias_of_layer, gradient_shape
    let conv = Conv2d::<f32, 3, 4, Kernel<3>>::new(Tensor::zeros(), Vector::zeros());
    let _ = conv.backward(&x, &Tensor::<f32, 1, 4, 6, 6>::zeros());

    // linear_features
    let _ = Linear::<f32, 400, 120>::ZERO.forward(&Tensor::<f32, 1, 16, 5, 5>::zeros());

    // loss_shape
    let y = Matrix::<f32, 2, 4>::zeros();
    let _ = mse(&y, &Matrix::<f32, 2, 4>::zeros(), Reduction::Mean, &mut Matrix::zeros());

    // axis_too_long, flatten_too_long
    let _: Tensor<f32, 1, 1, 1, 2048> =
        MaxPool2d::<Kernel<1, 2>>::new().forward(&Tensor::<f32, 1, 1, 1, 4096>::zeros());
    let _: Matrix<f32, 1, 4096> = Flatten.forward(&Tensor::<f32, 1, 64, 8, 8>::zeros());

    // groups_do_not_divide
    type Grouped = Conv2d<f32, 4, 6, Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<1>, Groups<2>>;
    let _: Tensor<f32, 1, 6, 6, 6> = Grouped::ZERO.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());

    // depthwise_multiplier
    let _ = DepthwiseConv2d::<f32, 3, 6, Kernel<3>>::ZERO.forward(&Tensor::<f32, 1, 3, 8, 8>::zeros());

    // filter_shape_in_groups
    let (x, w) = (Tensor::<f32, 1, 6, 8, 8>::zeros(), Tensor::<f32, 4, 3, 3, 3>::zeros());
    let options = (Stride::<1>, Padding::<1>, Exact, Dilation::<1>, Groups::<2>);
    let _: Tensor<f32, 1, 4, 8, 8> = conv2d(&x, &w, &(), options);

    // output_padding_too_large, transposed_padding_crops_everything, transposed_stride_zero, transposed_parameter_order
    let up = ConvTranspose2d::<f32, 1, 8, Kernel<3>, Stride<2>, Padding<1>, OutputPadding<1>>::ZERO;
    let _: Tensor<f32, 1, 8, 28, 28> = up.forward(&Tensor::<f32, 1, 1, 14, 14>::zeros());
    let up = ConvTranspose2d::<f32, 1, 8, Kernel<3>, Stride<2>, Padding<0>, OutputPadding<2>, Dilation<3>>::ZERO;
    let _: Tensor<f32, 1, 8, 35, 35> = up.forward(&Tensor::<f32, 1, 1, 14, 14>::zeros());

    // transposed_groups_do_not_divide
    type Up = ConvTranspose2d<f32, 4, 6, Kernel<2>, Stride<2>, Padding<0>, OutputPadding<0>, Dilation<1>, Groups<2>>;
    let _: Tensor<f32, 1, 6, 16, 16> = Up::ZERO.forward(&Tensor::<f32, 1, 4, 8, 8>::zeros());

    // model_layer_output_padding, model_layer_depthwise
    let _: Tensor<f32, 2, 1, 28, 28> = Decoder::BLANK.forward(&Tensor::<f32, 2, 8, 7, 7>::zeros());

    // adaptive_output_zero, adaptive_output_kind
    let x = Tensor::<f32, 1, 1, 14, 14>::zeros();
    let _: Tensor<f32, 1, 1, 1, 2> = AdaptiveAvgPool2d::<OutputSize<1, 2>>::new().forward(&x);
    let _: Tensor<f32, 1, 1, 2, 2> = AdaptiveMaxPool2d::<OutputSize<2>>::new().forward(&x);
    // winograd_stride, winograd_layer, winograd_channels
    let fast = Winograd::<Conv2d<f32, 3, 4, Kernel<3>, Stride<1>, Padding<1>>>::ZERO;
    let _: Tensor<f32, 1, 4, 8, 8> = fast.forward(&Tensor::<f32, 1, 3, 8, 8>::zeros());

    // composed_channels
    let (f1, f2) = (Tensor::<f32, 4, 3, 3, 3>::zeros(), Tensor::<f32, 8, 4, 3, 3>::zeros());
    let _: Tensor<f32, 8, 3, 5, 5> = compose(&f1, &f2);

    // residual_shape, residual_projection, residual_no_projection, residual_shortcut_channels
    type Halve<const K: usize, const P: usize> = Conv2d<f32, 8, 16, Kernel<K>, Stride<2>, Padding<P>, Floor>;
    let x = Tensor::<f32, 1, 8, 14, 14>::zeros();
    let _: Tensor<f32, 1, 8, 14, 14> =
        Residual::<Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 16, 7, 7> = Residual::<Halve<4, 1>, Halve<1, 0>>::ZERO.forward(&x);

    // sum_shape, sum_not_a_tuple, product_shape, product_channels, concat_shape, concat_third, signal_concat
    type Wide = Conv2d<f32, 4, 8, Kernel<3>, Stride<1>, Padding<1>>;
    type Narrow = Conv2d<f32, 4, 8, Kernel<1>>;
    let x = Tensor::<f32, 1, 4, 8, 8>::zeros();
    let _: Tensor<f32, 1, 8, 8, 8> = Sum::<(Narrow, Wide, Narrow)>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 4, 8, 8> = Product::<(Identity, Conv2d<f32, 4, 4, Kernel<1>>)>::ZERO.forward(&x);
    let _: Tensor<f32, 1, 20, 8, 8> = Concat::<(Narrow, Identity, Wide)>::ZERO.forward(&x);
    let _: Signal<f32, 1, 2, 9> = Concat::<(Identity, Identity)>::ZERO.forward(&Signal::<f32, 1, 1, 9>::zeros());

    // branch_by_hand
    let _: Vector<f32, 2> = Residual::new(Double).forward(&Vector::new([1.0, 2.0]));

    // sides_stride, sides_kernel, sides_pooling, sides_signal
    let conv = Conv2d::<f32, 3, 8, Kernel<3>, Stride<2>, Sides<0, 1, 0, 1>>::ZERO;
    let _: Tensor<f32, 1, 8, 48, 48> = conv.forward(&Tensor::<f32, 1, 3, 96, 96>::zeros());
    let causal = Conv1d::<f32, 1, 4, Kernel<3>, Stride<1>, Sides<0, 0, 2, 0>>::ZERO;
    let _: Signal<f32, 1, 4, 16> = causal.forward(&Signal::<f32, 1, 1, 16>::zeros());

    // pooling_padding
    let pool = MaxPool2d::<Kernel<3>, Stride<1>, Padding<1>>::new();
    let _: Tensor<f32, 1, 1, 8, 8> = pool.forward(&Tensor::<f32, 1, 1, 8, 8>::zeros());

    // signal_kernel, signal_stride, signal_pool, signal_kernel_too_large, signal_not_a_plane, signal_features
    let x = Signal::<f32, 1, 1, 9>::zeros();
    let _: Signal<f32, 1, 8, 7> = Conv1d::<f32, 1, 8, Kernel<3>>::ZERO.forward(&x);
    let _: Signal<f32, 1, 8, 5> = Conv1d::<f32, 1, 8, Kernel<3>, Stride<2>, Padding<1>>::ZERO.forward(&x);
    let _: Signal<f32, 1, 1, 3> = MaxPool1d::<Kernel<3>>::new().forward(&x);
    let _ = Linear::<f32, 400, 10>::ZERO.forward(&Signal::<f32, 1, 16, 25>::zeros());

    // signal_kernel_model, signal_channels
    let _: Signal<f32, 4, 16, 120> = Listener::BLANK.forward(&Signal::<f32, 4, 1, 128>::zeros());

    // model_layer_channels, model_layer_window, model_layer_features, model_input
    let _: Matrix<f32, 4, 10> = Net::BLANK.forward(&Tensor::<f32, 4, 1, 28, 28>::zeros());

    // im2col_rows, im2col_columns, im2col_window, im2col_options
    let _: Matrix<f32, 27, 784> =
        im2col(&Tensor::<f32, 1, 3, 28, 28>::zeros(), Kernel::<3>, (Stride::<1>, Padding::<1>));
    let _: Matrix<f32, 27, 169> =
        im2col(&Tensor::<f32, 1, 3, 28, 28>::zeros(), Kernel::<3>, (Stride::<2>, Padding::<0>, Floor));

    // permute_order, permute_backward_order
    let x = Tensor::<f32, 2, 3, 4, 5>::zeros();
    let y: Tensor<f32, 2, 4, 5, 3> = permute(&x, Axes::<0, 2, 3, 1>);
    let _: Tensor<f32, 2, 3, 4, 5> = permute_backward(&y, Axes::<0, 2, 3, 1>);

    // crop_too_much, crop_sides: nothing may be left, but not less
    let _: Tensor<f32, 2, 3, 0, 5> = crop2d(&x, Padding::<2, 0>);
    let _: Tensor<f32, 2, 3, 4, 1> = crop2d(&x, Sides::<0, 0, 1, 3>);

    // pad_matrix, pad_too_long
    let _: Tensor<f32, 1, 1, 1, 4096> = zero_pad2d(&Tensor::<f32, 1, 1, 1, 4095>::zeros(), Sides::<0, 0, 0, 1>);

    // reshape_elements
    let _: Matrix<f32, 10, 12> = reshape(&x);

    // split_sum, signal_split
    let _: (Tensor<f32, 2, 1, 4, 5>, Tensor<f32, 2, 2, 4, 5>) = split_channels(&x, Split::<1, 2>);
    let (_, _): (Signal<f32, 1, 2, 9>, Signal<f32, 1, 6, 9>) =
        split_channels(&Signal::<f32, 1, 8, 9>::zeros(), Split::<2, 6>);

    // scale_zero, upsample_too_long, insert_zeros_stride, subsample_stride
    let _: Tensor<f32, 2, 3, 8, 5> = upsample_nearest2d(&x, Scale::<2, 1>);
    let _: Tensor<f32, 2, 3, 7, 9> = insert_zeros(&x, Stride::<2>);
    let _: Tensor<f32, 2, 3, 2, 3> = subsample(&x, Stride::<2>);

    // model_zero_pad
    let _: Tensor<f32, 2, 4, 9, 9> = Padded::BLANK.forward(&Tensor::<f32, 2, 4, 8, 8>::zeros());
}
