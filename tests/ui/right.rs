//! The right program beside each wrong one of this folder.
use constconv::functional::conv2d;
use constconv::loss::mse;
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
    pub Listener: Signal<f32, 1, 1, 128> => {
        conv1: Conv1d<f32, 1, 8, Kernel<5>>,
        relu1: Relu,
        conv2: Conv1d<f32, 8, 16, Kernel<5>>,
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
    let _: Signal<f32, 4, 16, 120> = Listener::ZERO.forward(&Signal::<f32, 4, 1, 128>::zeros());

    // model_layer_channels, model_layer_window, model_layer_features, model_input
    let _: Matrix<f32, 4, 10> = Net::ZERO.forward(&Tensor::<f32, 4, 1, 28, 28>::zeros());
}
