//! A batch in parts: the same bits with and without threads, run after run, and the gradient of the whole batch.
//!
//! `cargo test --test parts --features parallel` runs the parts on several threads.

mod support;

use constconv::loss::softmax_cross_entropy;
use constconv::model::{Part, train_parts};
use constconv::prelude::*;
use support::Random;

model! {
    Net: Images<1> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>, Stride<1>, Padding<1>>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 64, 10>,
    }
}

type Images<const N: usize> = Tensor<f32, N, 1, 8, 8>;

const PARTS: usize = 5;
const SIZE: usize = 6;
const BATCH: usize = PARTS * SIZE;

/// A model, a batch in parts, and its labels.
fn setting() -> (Net, Vec<Part<Net, Images<SIZE>>>, [[usize; SIZE]; PARTS]) {
    let mut random = Random::new(7);
    let model = random.module();
    let mut parts: Vec<Part<Net, Images<SIZE>>> = (0..PARTS).map(|_| Zeroed::ZERO).collect();
    for part in &mut parts {
        part.x = random.array();
    }
    let labels = [(); PARTS].map(|()| [(); SIZE].map(|()| random.bits() as usize % 10));
    (model, parts, labels)
}

/// All elements of a module, as bits.
fn bits(module: &impl Parameters) -> Vec<u32> {
    struct Bits(Vec<u32>);
    impl constconv::module::Visitor for Bits {
        fn tensor<T: Real>(&mut self, numbers: &[T]) {
            self.0.extend(numbers.iter().map(|a| a.to_f32().expect("a 32-bit number").to_bits()));
        }

        fn statistics<T: Real>(&mut self, numbers: &[T]) {
            self.tensor(numbers);
        }
    }
    let mut bits = Bits(Vec::new());
    module.visit(&mut bits);
    bits.0
}

fn train(model: &Net, parts: &mut [Part<Net, Images<SIZE>>], labels: &[[usize; SIZE]]) -> (f32, Gradient<Net>) {
    let mut gradient = Zeroed::ZERO;
    let loss = |part: usize, y: &_, dy: &mut _| softmax_cross_entropy(y, &labels[part], Reduction::Sum, dy);
    let loss = train_parts(model, parts, loss, &mut gradient);
    (loss, gradient)
}

#[test]
fn parts_add_up_in_their_order() {
    let (model, mut parts, labels) = setting();
    let (mut expected_loss, mut expected) = (0.0, Gradient::<Net>::ZERO);
    for (part, labels) in parts.iter().zip(&labels) {
        let (mut y, mut dy) = (Matrix::zeros(), Matrix::zeros());
        let mut tape = Tape::<Net, Images<SIZE>>::ZERO;
        let mut gradient = Zeroed::ZERO;
        model.forward_train(&part.x, &mut y, &mut tape);
        expected_loss += softmax_cross_entropy(&y, labels, Reduction::Sum, &mut dy);
        model.backward_parameters(&part.x, &y, &dy, &mut tape, &mut gradient);
        expected.add(&gradient);
    }
    for _ in 0..20 {
        let (loss, gradient) = train(&model, &mut parts, &labels);
        assert_eq!(loss.to_bits(), expected_loss.to_bits());
        assert_eq!(bits(&gradient), bits(&expected));
    }
}

#[test]
fn parts_make_a_batch() {
    let (model, mut parts, labels) = setting();
    let mut x = Images::<BATCH>::zeros();
    for (to, part) in x.as_mut_slice().chunks_exact_mut(SIZE * 64).zip(&parts) {
        to.copy_from_slice(part.x.as_slice());
    }
    let mut whole: [Part<Net, Images<BATCH>>; 1] = [Zeroed::ZERO];
    whole[0].x = x;
    let all: [usize; BATCH] = labels.as_flattened().try_into().expect("as many labels as images");
    let mut expected = Gradient::<Net>::ZERO;
    let loss = |_, y: &_, dy: &mut _| softmax_cross_entropy(y, &all, Reduction::Sum, dy);
    let expected_loss = train_parts(&model, &mut whole, loss, &mut expected);

    let (loss, mut gradient) = train(&model, &mut parts, &labels);
    assert!((loss - expected_loss).abs() <= 1e-5 * expected_loss);
    let norm = expected.squared_norm();
    expected.scale(-1.0);
    gradient.add(&expected);
    assert!(gradient.squared_norm() <= 1e-10 * norm);
}

#[test]
fn a_part_forgets_its_last_gradient_and_the_sum_does_not() {
    let (model, mut parts, labels) = setting();
    let (_, once) = train(&model, &mut parts, &labels);
    let loss = |part: usize, y: &_, dy: &mut _| softmax_cross_entropy(y, &labels[part], Reduction::Sum, dy);
    let mut first = Gradient::<Net>::ZERO;
    train_parts(&model, &mut parts[..1], loss, &mut first);
    let mut twice = first.clone();
    train_parts(&model, &mut parts[..1], loss, &mut twice);
    first.scale(2.0);
    assert_eq!(bits(&twice), bits(&first));
    assert_ne!(bits(&once), bits(&first));
}

model! {
    Normalised: Images<1> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>>,
        norm: BatchNorm2d<f32, 4>,
        relu: Relu,
        fc: Linear<f32, 144, 10>,
    }
}

/// Each part is a batch of its own to a batch normalisation: normalised by its own statistics, which the running ones
/// follow part by part, with and without threads.
#[test]
fn running_statistics_follow_the_parts_in_order() {
    let mut random = Random::new(8);
    let model: Normalised = random.module();
    let mut parts: Vec<Part<Normalised, Images<SIZE>>> = (0..PARTS).map(|_| Zeroed::ZERO).collect();
    for (scale, part) in (1..).zip(&mut parts) {
        part.x = random.scaled(f64::from(scale));
    }
    let labels = [[3; SIZE]; PARTS];
    let loss = |part: usize, y: &_, dy: &mut _| softmax_cross_entropy(y, &labels[part], Reduction::Sum, dy);

    // A step after each part on weights that stay; the gradients of all of them.
    let (mut expected, mut sum) = (model.clone(), Gradient::<Normalised>::ZERO);
    for (part, labels) in parts.iter().zip(&labels) {
        let (mut y, mut dy, mut tape, mut gradient) = (Matrix::zeros(), Matrix::zeros(), Zeroed::ZERO, Zeroed::ZERO);
        model.forward_train(&part.x, &mut y, &mut tape);
        let _ = softmax_cross_entropy(&y, labels, Reduction::Sum, &mut dy);
        model.backward_parameters(&part.x, &y, &dy, &mut tape, &mut gradient);
        Sgd::new(0.0).step(&mut expected, &gradient, &mut ());
        sum.add(&gradient);
    }
    assert_ne!(expected.norm.running_mean, model.norm.running_mean);

    for _ in 0..20 {
        let (mut trained, mut gradient) = (model.clone(), Zeroed::ZERO);
        train_parts(&model, &mut parts, loss, &mut gradient);
        assert_eq!(bits(&gradient), bits(&sum));
        gradient.scale(1.0 / PARTS as f32); // the gradient, not the statistics
        Sgd::new(0.0).step(&mut trained, &gradient, &mut ());
        support::assert_within("mean", &trained.norm.running_mean, &expected.norm.running_mean, 1e-6);
        support::assert_within("var", &trained.norm.running_var, &expected.norm.running_var, 1e-6);
    }
}
