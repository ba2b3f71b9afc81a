//! Models: statics, batches, nesting, 32 layers, and what they cost.

mod support;

use constconv::prelude::*;
use support::Random;

model! {
    Block: Tensor<f32, 1, 4, 8, 8> => {
        conv: Conv2d<f32, 4, 4, Kernel<3>, Stride<1>, Padding<1>>,
        relu: Relu,
    }
}

model! {
    Net: Tensor<f32, 1, 1, 8, 8> => {
        stem: Conv2d<f32, 1, 4, Kernel<3>, Stride<1>, Padding<1>>,
        first: Block,
        second: Block,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 64, 10>,
    }
}

#[test]
fn weights_workspace_and_tape_can_be_static() {
    use std::sync::Mutex;
    static NET: Net = Net::BLANK;
    static WORKSPACE: Mutex<Workspace<Net, Tensor<f32, 1, 1, 8, 8>>> = Mutex::new(Zeroed::ZERO);
    static TAPE: Mutex<Tape<Net, Tensor<f32, 1, 1, 8, 8>>> = Mutex::new(Zeroed::ZERO);
    static GRADIENT: Mutex<Gradient<Net>> = Mutex::new(Zeroed::ZERO);
    static X: Tensor<f32, 1, 1, 8, 8> = Tensor::full(1.0);

    let mut y = Matrix::full(f32::NAN);
    NET.forward_with(&X, &mut y, &mut WORKSPACE.lock().unwrap());
    assert_eq!(y, Matrix::<f32, 1, 10>::zeros());
    let tape = &mut TAPE.lock().unwrap();
    let gradient = &mut GRADIENT.lock().unwrap();
    NET.forward_train(&X, &mut y, tape);
    NET.backward_parameters(&X, &y, &Matrix::full(1.0), tape, gradient);
    assert_eq!(gradient.fc.bias, Vector::full(1.0));
}

#[test]
fn one_model_takes_any_batch() {
    let net: Net = Random::new(1).module();
    let batch = Tensor::<f32, 5, 1, 8, 8>::from_fn(|[n, _, h, w]| ((n * 31 + h * 8 + w) % 17) as f32);
    let all: Matrix<f32, 5, 10> = net.forward(&batch);
    for n in 0..5 {
        let one: Matrix<f32, 1, 10> = net.forward(&Tensor::<f32, 1, 1, 8, 8>::new([batch.as_array()[n]]));
        assert_eq!(one.as_array()[0], all.as_array()[n], "image {n}");
    }
}

/// A model inside of a model is its layers one after the other.
#[test]
fn models_nest() {
    let net: Net = Random::new(1).module();
    let x = Tensor::<f32, 1, 1, 8, 8>::from_fn(|[_, _, h, w]| (h * 8 + w) as f32);
    let y = net.stem.forward(&x);
    let y = Relu.forward(&net.first.conv.forward(&y));
    let y = Relu.forward(&net.second.conv.forward(&y));
    assert_eq!(net.fc.forward(&net.pool.forward(&y)), net.forward(&x));
}

/// What the layers above must cost, from the formulas.
#[test]
fn costs_are_constants_of_the_model() {
    const BLOCK: usize = 4 * 4 * 9 + 4;
    const PARAMETERS: usize = (4 * 9 + 4) + 2 * BLOCK + (64 * 10 + 10);
    const PLANES: usize = 4 * 8 * 8;
    const _: () = assert!(Net::PARAMETERS == PARAMETERS);
    const _: () = assert!(Net::WEIGHT_BYTES == 4 * PARAMETERS);
    const _: () = assert!(Net::MACS == PLANES * 9 + 2 * PLANES * 4 * 9 + 640);
    // A block's ReLU works where the convolution's output lies, which is the caller's.
    const _: () = assert!(size_of::<Workspace<Block, Tensor<f32, 1, 4, 8, 8>>>() == 0);
    // Input, output, the outputs of `stem` and `first`, and two rows of `second` for the pooling.
    const _: () = assert!(Net::INFERENCE_RAM == 4 * (64 + 10 + 2 * PLANES + 4 * 2 * 8));
    const _: () = assert!(Block::INFERENCE_RAM == 4 * 2 * PLANES);
    // Input, output and dy, a copy of dy that the ReLU may overwrite, the gradient.
    const _: () = assert!(Block::TRAINING_RAM == 4 * (PLANES + 2 * PLANES + PLANES + BLOCK));
    // Of another batch: the layer's own constant.
    const _: () = assert!(<Net as Layer<Tensor<f32, 3, 1, 8, 8>>>::MULTIPLY_ADDS == 3 * Net::MACS);
}

model! {
    Deep: Tensor<f64, 1, 1, 8, 8> => {
        conv1: Conv2d<f64, 1, 2, Kernel<3>, Stride<1>, Padding<1>>, relu1: Relu,
        conv2: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu2: Relu,
        conv3: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu3: Relu,
        conv4: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu4: Relu,
        conv5: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu5: Relu,
        conv6: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu6: Relu,
        conv7: Conv2d<f64, 2, 2, Kernel<3>, Stride<1>, Padding<1>>, relu7: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv8: Conv2d<f64, 2, 3, Kernel<3>, Stride<1>, Padding<1>>, relu8: Relu,
        conv9: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu9: Relu,
        conv10: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu10: Relu,
        conv11: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu11: Relu,
        conv12: Conv2d<f64, 3, 3, Kernel<3>, Stride<1>, Padding<1>>, relu12: Relu,
        pool2: AvgPool2d<Kernel<2>>,
        fc1: Linear<f64, 12, 8>, relu13: Relu,
        fc2: Linear<f64, 8, 8>, relu14: Relu,
        fc3: Linear<f64, 8, 4>,
        relu15: Relu,
    }
}

/// All weights are such that a positive input is handed on: a mean over channels.
#[test]
fn a_model_of_32_layers_runs_both_ways() {
    let mut deep = Deep::BLANK;
    macro_rules! hand_on {
        ($($conv:ident: $c:literal;)*) => { $(
            deep.$conv.weight = Tensor::from_fn(|[_, _, u, v]| if (u, v) == (1, 1) { 1.0 / $c as f64 } else { 0.0 });
        )* };
    }
    hand_on! {
        conv1: 1; conv2: 2; conv3: 2; conv4: 2; conv5: 2; conv6: 2; conv7: 2; conv8: 2; conv9: 3; conv10: 3; conv11: 3;
        conv12: 3;
    }
    deep.fc1.weight.fill(1.0 / 12.0);
    deep.fc2.weight.fill(1.0 / 8.0);
    deep.fc3.weight.fill(1.0 / 8.0);

    let x = Tensor::<f64, 1, 1, 8, 8>::full(3.0);
    let y = deep.forward(&x);
    assert!(y.iter().all(|y| (y - 3.0).abs() < 1e-12), "{y}");
    // What is handed on comes back: dx sums to the sum of dy.
    let (dx, gradient) = deep.backward(&x, &Matrix::new([[1.0, 2.0, 3.0, 4.0]]));
    assert!((dx.iter().sum::<f64>() - 10.0).abs() < 1e-12, "{dx}");
    assert_eq!(gradient.fc3.bias, Vector::new([1.0, 2.0, 3.0, 4.0]));
}

mod rows {
    use super::support::Random;
    use constconv::prelude::*;

    type Unit<const C: usize, const F: usize> =
        (Conv2d<f32, C, F, Kernel<3>, Stride<1>, Padding<1>>, BatchNorm2d<f32, F>, Relu);

    model! {
        Empty: Vector<f32, 2> => {
            relu: Relu,
        }
    }
    model! {
        Named: Tensor<f32, 1, 2, 8, 8> => {
            conv: Conv2d<f32, 2, 4, Kernel<3>, Stride<1>, Padding<1>>,
            norm: BatchNorm2d<f32, 4>,
            relu: Relu,
            /// Only the crate sees it.
            pub(crate) pool: MaxPool2d<Kernel<2>>,
            pub fc: Linear<f32, 64, 5>,
        }
    }
    model! {
        Rowed: Tensor<f32, 1, 2, 8, 8> => {
            unit: Unit<2, 4>,
            head: (MaxPool2d<Kernel<2>>, Linear<f32, 64, 5>),
        }
    }

    /// A tuple is its layers one after the other: the same numbers, memory and gradients.
    #[test]
    fn a_tuple_is_a_row_of_layers() {
        type X = Tensor<f32, 3, 2, 8, 8>;
        const _: () = assert!(size_of::<Workspace<Named, X>>() == size_of::<Workspace<Rowed, X>>());
        const _: () = assert!(size_of::<Tape<Named, X>>() == size_of::<Tape<Rowed, X>>());
        let mut random = Random::new(9);
        let named: Named = random.module();
        let rowed =
            Rowed { unit: (named.conv.clone(), named.norm.clone(), named.relu), head: (named.pool, named.fc.clone()) };
        let (x, dy): (X, Matrix<f32, 3, 5>) = (random.array(), random.array());
        assert_eq!(named.forward(&x), rowed.forward(&x));
        let ((dx, of_named), (same, of_rowed)) = (named.backward(&x, &dy), rowed.backward(&x, &dy));
        assert_eq!((&dx, &of_named.conv, &of_named.fc), (&same, &of_rowed.unit.0, &of_rowed.head.1));

        // By itself, and as the body of a block.
        let row = (Relu, LeakyRelu::new(0.5), Linear::<f32, 2, 2>::new(Matrix::full(1.0), Vector::zeros()));
        assert_eq!(row.forward(&Matrix::new([[-1.0, 3.0]])), Matrix::<f32, 1, 2>::new([[3.0, 3.0]]));
        assert_eq!(Residual::new(row).forward(&Matrix::new([[-1.0, 3.0]])), Matrix::<f32, 1, 2>::new([[2.0, 6.0]]));
    }

    #[test]
    fn a_model_has_the_default_of_its_layers() {
        assert_eq!(Empty::default(), Empty { relu: Relu });
    }

    #[test]
    fn layers_have_a_table_of_costs() {
        const POOL: LayerFootprint = Named::LAYERS.get(3).unwrap();
        const _: () = assert!(POOL.macs == 0 && POOL.output_bytes == 4 * 4 * 4 * 4);
        assert_eq!(Named::LAYERS.iter().map(|layer| layer.macs).sum::<usize>(), Named::MACS);
        assert_eq!(Named::LAYERS.iter().map(|layer| layer.parameter_bytes).sum::<usize>(), Named::WEIGHT_BYTES);
        let names: Vec<_> = Rowed::LAYERS.iter().map(|layer| layer.name).collect();
        assert_eq!(names, ["unit", "head"]);
    }
}
