//! What firmware asks for: a summary, budgets, a pass in steps, weights as bytes, and a body in flash.

mod support;

use constconv::assert_budget;
use constconv::io::{Buffer, Full};
use constconv::loss::softmax_cross_entropy;
use constconv::model::image::{self, ImageError};
use constconv::module::{Visitor, VisitorMut};
use constconv::prelude::*;
use support::Random;

type X = Tensor<f32, 1, 1, 8, 8>;

model! {
    Body: X => {
        conv1: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
        norm: BatchNorm2d<f32, 8>,
        relu1: Relu,
        conv2: Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool: MaxPool2d<Kernel<2>>,
    }
}

model! {
    Net: X => {
        body: Body,
        fc1: Linear<f32, 256, 32>,
        row: (Relu, constconv::layer::Linear<f32, 32, 10>),
    }
}

model! {
    Head: X => {
        body: Frozen<&'static Body>,
        fc1: Linear<f32, 256, 32>,
        relu: Relu,
        fc2: Linear<f32, 32, 10>,
    }
}

model! {
    Owned: X => {
        body: Frozen<Body>,
        fc1: Linear<f32, 256, 32>,
        relu: Relu,
        fc2: Linear<f32, 32, 10>,
    }
}

model! {
    Generic<const C: usize>: Tensor<f32, 1, C, 4, 4> => {
        pool: GlobalAvgPool2d,
        fc: Linear<f32, C, 2>,
    }
}

assert_budget!(Net: parameters <= Net::PARAMETERS, macs <= Net::MACS, flash <= size_of::<Net>());
assert_budget!(Net: inference <= Net::INFERENCE_RAM + Net::INFERENCE_STACK, training <= Net::TRAINING_TOTAL,
    descent <= Net::TRAINING_TOTAL - size_of::<Gradient<Net>>());
assert_budget!(Generic<3>: parameters <= 8);

#[test]
fn a_model_is_displayed_as_its_summary() {
    let text = "\
Net of 1×1×8×8
layer  type            output    parameters   MACs   RAM
body   Body            1×16×4×4        1264  78848  4096
fc1    Linear          1×32            8224   8192  1152
row    (Relu, Linear)  1×10             330    320  1152
total                                  9818  87360  4392
";
    assert_eq!(Net::BLANK.to_string(), text);
    let mut written = String::new();
    Net::summary(&mut written).unwrap();
    assert_eq!(written, text);
    assert_eq!(Net::LAYERS.get(2).unwrap().kind, "(Relu, constconv::layer::Linear<f32, 32, 10>)");
    assert!(Generic::<3>::BLANK.to_string().starts_with("Generic of 1×3×4×4\n"));
}

/// What a layer needs while it runs is never more than the whole, and the last one has input and output.
#[test]
fn no_row_of_the_summary_needs_more_than_the_whole() {
    for layer in Net::LAYERS.iter() {
        assert!(layer.ram <= Net::INFERENCE_RAM && layer.ram >= layer.output_bytes.min(40), "{layer:?}");
    }
}

#[test]
fn steps_are_the_whole_pass() {
    let mut random = Random::new(1);
    let (net, x): (Net, X) = (random.module(), random.array());
    let (mut y, mut workspace) = (Matrix::full(f32::NAN), Zeroed::ZERO);
    let mut steps = net.steps(&x, &mut y, &mut workspace);
    assert_eq!(steps.len(), 4); // conv1 to relu1, conv2 to pool, fc1 with its ReLU, fc2
    for left in [3, 2, 1] {
        assert!(steps.step());
        assert_eq!(steps.len(), left);
    }
    assert!(!steps.step() && steps.is_empty());
    assert!(!steps.step()); // and nothing more
    assert_eq!(y, net.forward(&x));
}

/// Elements whose zero is not zero bits: their places cannot be found again, so all is one step.
#[test]
fn steps_of_other_elements_are_one() {
    type Fixed = core::num::Wrapping<i32>;
    let layers = (
        Linear::<Fixed, 2, 2>::new(Matrix::full(Fixed::from(core::num::Wrapping(3))), Vector::zeros()),
        Linear::<Fixed, 2, 2>::new(Matrix::full(core::num::Wrapping(-1)), Vector::zeros()),
        Linear::<Fixed, 2, 1>::new(Matrix::full(core::num::Wrapping(2)), Vector::zeros()),
    );
    let x = Matrix::new([[core::num::Wrapping(5), core::num::Wrapping(7)]]);
    let (mut y, mut workspace) = (Matrix::zeros(), Zeroed::ZERO);
    let mut steps = layers.steps(&x, &mut y, &mut workspace);
    assert!(!steps.step());
    assert_eq!(y, layers.forward(&x));
    assert_eq!(y, Matrix::new([[core::num::Wrapping(-36 * 2 * 4)]]));
}

/// All bits, NaN and −0 among them, of weights and statistics.
#[test]
fn an_image_gives_the_model_back() {
    let mut random = Random::new(2);
    let mut net: Net = random.module();
    net.body.norm.running_mean = random.array();
    net.fc1.bias[[0]] = f32::from_bits(0x7FC0_1234);
    net.fc1.bias[[1]] = -0.0;

    let mut flash = vec![0xFF; image::len(&net) + 100];
    let mut file = Buffer::new(&mut flash);
    image::write(&net, &mut file).unwrap();
    assert_eq!(file.written().len(), image::len(&net));
    assert_eq!(image::len(&net), 16 + (Net::PARAMETERS + 2 * 8) * 4 + 4);

    let mut read = Net::BLANK;
    image::read(&mut read, &flash).unwrap();
    let bits = |net: &Net| {
        struct Bits(Vec<u64>);
        impl Visitor for Bits {
            fn tensor<T: Real>(&mut self, elements: &[T]) {
                self.0.extend(elements.iter().map(|a| a.to_f32().unwrap().to_bits() as u64));
            }
            fn statistics<T: Real>(&mut self, elements: &[T]) {
                self.tensor(elements);
            }
        }
        let mut bits = Bits(Vec::new());
        net.visit(&mut bits);
        bits.0
    };
    assert_eq!(bits(&read), bits(&net));
    assert_eq!(bits(&read).len(), Net::PARAMETERS + 16);
}

/// The format is what the documentation says, byte by byte: images of today are read by programs of tomorrow.
#[test]
fn the_bytes_of_an_image_are_fixed() {
    let mut layer = Linear::<f64, 1, 1>::new(Matrix::full(1.0), Vector::full(-2.0));
    let mut file = Vec::new();
    image::write(&layer, &mut file).unwrap();
    // The fingerprint and the checksum are those of Python's `zlib.crc32`.
    let fingerprint = 0xE0ED_35B2_u32.to_le_bytes();
    let mut expected = [*b"CCWI", [1, 0, 0, 0], fingerprint, [16, 0, 0, 0]].concat();
    expected.extend([1.0_f64.to_le_bytes(), (-2.0_f64).to_le_bytes()].concat());
    expected.extend(0x671D_1C07_u32.to_le_bytes());
    assert_eq!(file, expected);
    image::read(&mut layer, &file).unwrap();
}

/// Every byte that is not right is noticed, and nothing is changed then.
#[test]
fn wrong_images_are_refused() {
    let mut random = Random::new(3);
    let net: Linear<f32, 3, 2> = random.module();
    let mut file = Vec::new();
    image::write(&net, &mut file).unwrap();
    let original: Linear<f32, 3, 2> = random.module();
    let mut other = original.clone();

    for length in 0..file.len() {
        let error = image::read(&mut other, &file[..length]).unwrap_err();
        assert_eq!(error, ImageError::Short { needed: file.len(), found: length });
    }
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut file = file.clone();
            file[at] ^= 1 << bit;
            let error = image::read(&mut other, &file).unwrap_err();
            let is_right = match at {
                0..4 => error == ImageError::NoImage,
                4..8 => matches!(error, ImageError::Version { .. }),
                8..16 => matches!(error, ImageError::OtherModel { .. }),
                _ => matches!(error, ImageError::Damaged { .. }),
            };
            assert!(is_right, "byte {at}: {error}");
        }
    }
    let mut turned = Linear::<f32, 2, 3>::BLANK;
    let error = image::read(&mut turned, &file).unwrap_err();
    assert!(error.to_string().starts_with("the image is of another model"), "{error}");
    let mut wide = Linear::<f64, 3, 2>::BLANK;
    let error = image::read(&mut wide, &file).unwrap_err();
    assert!(matches!(error, ImageError::OtherModel { .. }), "{error}");
    assert_eq!(other, original);

    let mut small = [0; 20];
    assert_eq!(image::write(&net, &mut Buffer::new(&mut small)), Err(Full { needed: 4, room: 0 }));
}

/// A body in flash is the same body: outputs, gradients of the head, and steps without a gradient.
#[test]
fn a_borrowed_body_is_the_body() {
    let mut random = Random::new(4);
    let body: Body = random.module();
    let fc1: Linear<f32, 256, 32> = random.module();
    let fc2: Linear<f32, 32, 10> = random.module();
    let mut head =
        Head { body: Frozen::new(Box::leak(Box::new(body.clone()))), fc1: fc1.clone(), relu: Relu, fc2: fc2.clone() };
    let mut owned = Owned { body: Frozen::new(body), fc1, relu: Relu, fc2 };
    assert_eq!(size_of::<Head>(), size_of::<Owned>() - size_of::<Body>() + size_of::<&Body>());
    assert_eq!((Head::PARAMETERS, Head::WEIGHT_BYTES), (Owned::PARAMETERS, Owned::WEIGHT_BYTES));

    let x: X = random.array();
    let (mut y, mut dy, mut tape) = (Matrix::zeros(), Matrix::zeros(), Zeroed::ZERO);
    let (mut same, mut tape_of_owned) = (Matrix::zeros(), Zeroed::ZERO);
    let mut losses = Vec::new();
    for _ in 0..3 {
        head.forward_train(&x, &mut y, &mut tape);
        owned.forward_train(&x, &mut same, &mut tape_of_owned);
        assert_eq!(y, same);
        losses.push(softmax_cross_entropy(&y, &[3], Reduction::Mean, &mut dy));
        let mut dy_of_owned = dy.clone();
        Sgd::new(0.05).descend(&mut head, &x, &y, &mut dy, &mut tape);
        Sgd::new(0.05).descend(&mut owned, &x, &same, &mut dy_of_owned, &mut tape_of_owned);
        assert_eq!((&head.fc1, &head.fc2), (&owned.fc1, &owned.fc2));
    }
    assert!(losses[2] < losses[1] && losses[1] < losses[0], "{losses:?}");
    assert_eq!(image::len(&head), 16 + Head::PARAMETERS * 4 + 4); // of the head alone

    struct Never;
    impl VisitorMut for Never {
        fn tensor<T: Real>(&mut self, _: &mut [T]) {
            panic!("the body is in flash");
        }
    }
    let mut body: &'static Body = head.body.body;
    Parameters::visit_mut(&mut body, &mut Never);
    Parameters::visit(&body, &mut Empty);
    Initialize::initialize(&mut body, &mut || panic!("nothing is initialised"));
    struct Empty;
    impl Visitor for Empty {
        fn tensor<T: Real>(&mut self, _: &[T]) {
            panic!("nothing is trained");
        }
    }
}
