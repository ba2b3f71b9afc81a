//! Memory: what is shared is never read as what it is not, what is zero takes no room in a program, large values need
//! no stack, and what a model costs is counted right.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use constconv::module;
use constconv::prelude::*;
use constconv::tensor::{Either, Storage};

type Padded = (Vector<u8, 1>, Vector<u32, 1>);

/// Three bytes of the left belong to nothing: as elements of the right they would be arbitrary.
#[test]
fn padding_never_becomes_elements() {
    assert!(!<Padded as Storage>::is_plain());
    assert!(!<Either<Padded, Vector<u8, 8>> as Storage>::is_plain());
    let mut place = Either::<Padded, Vector<u8, 8>>::ZERO;
    place.right_mut().fill(9);
    *place.left_mut() = (Vector::new([1]), Vector::new([2]));
    assert_eq!(place.right_mut(), &Vector::zeros());

    // A union that is larger than its larger side has padding at its end.
    assert!(!<Either<Vector<u8, 5>, Vector<u32, 1>> as Storage>::is_plain());
    assert_eq!(size_of::<Either<Vector<u8, 5>, Vector<u32, 1>>>(), 8);
    // And without: the larger side counts.
    assert!(<Either<Vector<u8, 3>, Vector<u32, 1>> as Storage>::is_plain());
    assert!(<(Vector<u32, 1>, Vector<f32, 3>) as Storage>::is_plain());
    assert!(<Tape<Net, X> as Storage>::is_plain());
}

/// A layer whose working memory has padding, and one that sees it as bytes.
struct Wide;
struct Bytes;

module! { [] Wide {} }
module! { [] Bytes {} }

impl Layer<Vector<f32, 2>> for Wide {
    type Output = Vector<f32, 2>;
    type Workspace = Padded;
    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &Vector<f32, 2>, y: &mut Vector<f32, 2>, workspace: &mut Padded) {
        *workspace = (Vector::new([1]), Vector::new([u32::MAX]));
        y.copy_from(x);
    }
}

impl Layer<Vector<f32, 2>> for Bytes {
    type Output = Vector<f32, 2>;
    type Workspace = Vector<u8, 8>;
    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, _: &Vector<f32, 2>, y: &mut Vector<f32, 2>, workspace: &mut Vector<u8, 8>) {
        // Any value is right, if it is one.
        y.fill(workspace.iter().map(|&byte| f32::from(byte)).sum());
    }
}

model! {
    Shared: Vector<f32, 2> => {
        wide: Wide,
        bytes: Bytes,
    }
}

#[test]
fn layers_of_one_model_share_their_workspace() {
    let y = Shared::BLANK.forward(&Vector::full(3.0));
    assert_eq!(y, Vector::zeros()); // cleared, as the bytes of a padded type are no elements
}

type X = Tensor<f32, 8, 1, 256, 256>;

model! {
    Net: X => {
        conv: Conv2d<f32, 1, 2, Kernel<3>, Stride<1>, Padding<1>>,
        norm: BatchNorm2d<f32, 2>,
        leaky: LeakyRelu,
        pool: MaxPool2d<Kernel<4>>,
    }
}

/// 40 MiB of statics, hyperparameters in the model or not, make no program of 40 MiB.
#[test]
fn cleared_memory_takes_no_room_in_the_program() {
    static TAPE: Mutex<Tape<Net, X>> = Mutex::new(Zeroed::ZERO);
    static WORKSPACE: Mutex<Workspace<Net, X>> = Mutex::new(Zeroed::ZERO);
    static GRADIENTS: Mutex<[Gradient<Net>; 1 << 17]> = Mutex::new(Zeroed::ZERO);
    static STATE: Mutex<[State<Adam, Net>; 1 << 16]> = Mutex::new(Zeroed::ZERO);
    let bytes = size_of_val(&TAPE) + size_of_val(&WORKSPACE) + size_of_val(&GRADIENTS) + size_of_val(&STATE);
    assert!(bytes > 40 << 20, "{bytes}");
    // They are used, so they are there.
    WORKSPACE.lock().unwrap().inner.0[[0, 0, 0, 0]] = 1.0;
    TAPE.lock().unwrap().record.y[[0, 0, 0, 0]] = 1.0;
    GRADIENTS.lock().unwrap()[7].norm.weight.fill(1.0);
    STATE.lock().unwrap()[7].means[0].norm.weight.fill(1.0);

    let program = std::env::current_exe().unwrap().metadata().unwrap().len();
    assert!(program < 20 << 20, "{program}");
}

#[test]
fn large_values_are_made_on_the_heap() {
    std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(|| {
            let net = Net::boxed();
            assert_eq!(net.leaky.negative_slope, 0.01);
            let mut tape = Tape::<Net, X>::boxed_zeros();
            assert_eq!(tape.record.y[[7, 1, 255, 255]], 0.0);
            tape.record.y[[7, 1, 255, 255]] = 1.0;
            let x = X::boxed_zeros();
            assert_eq!(x.len(), 8 << 16);
            let head = Linear::<f32, 4096, 1024>::boxed();
            let gradient = Gradient::<Linear<f32, 4096, 1024>>::boxed_zeros();
            assert_eq!(head.weight[[1023, 4095]], gradient.weight[[0, 0]]);
        })
        .unwrap()
        .join()
        .unwrap();
}

/// Parameters only: no hyperparameters, no running statistics, no markers.
#[test]
fn weight_bytes_are_those_of_parameters() {
    model! {
        Small: Tensor<f64, 2, 1, 4, 4> => {
            norm: BatchNorm2d<f64, 1>,
            leaky: LeakyRelu,
            dropout: Dropout,
        }
    }
    const { assert!(Small::PARAMETERS == 2 && Small::WEIGHT_BYTES == 2 * 8) };
    // Not trained, but in flash all the same.
    type Body = Frozen<Linear<f32, 4, 3>>;
    const { assert!(Body::PARAMETERS == 0 && Body::PARAMETER_BYTES == (4 * 3 + 3) * 4) };
    // Hyperparameters of an activation are one `f32`.
    assert_eq!((size_of::<LeakyRelu>(), size_of::<Elu>()), (4, 4));
    assert_eq!(size_of::<BatchNorm2d<f32, 8>>(), 4 * 8 * 4);
    assert_eq!(size_of::<Dropout>(), 4 + 4); // and a seed
}

/// Watches the range of the data, and of the gradients; trains nothing.
struct Observer;

static SEEN: AtomicUsize = AtomicUsize::new(0);

module! { [] Observer {} }

impl Layer<Vector<f32, 4>> for Observer {
    type Output = Vector<f32, 4>;
    type Workspace = ();
    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &Vector<f32, 4>, y: &mut Vector<f32, 4>, (): &mut ()) {
        y.copy_from(x);
    }
}

impl Backward<Vector<f32, 4>> for Observer {
    type Tape = ();

    fn forward_train_pass(&self, x: &Vector<f32, 4>, y: &mut Vector<f32, 4>, (): &mut ()) {
        y.copy_from(x);
    }

    fn backward_pass(
        &self,
        _x: &Vector<f32, 4>,
        _y: &Vector<f32, 4>,
        dy: &Vector<f32, 4>,
        (): &mut (),
        dx: Option<&mut Vector<f32, 4>>,
        (): &mut (),
    ) {
        SEEN.fetch_add(dy.iter().filter(|dy| **dy != 0.0).count(), Ordering::Relaxed);
        if let Some(dx) = dx {
            dx.copy_from(dy);
        }
    }
}

#[test]
fn a_first_layer_without_parameters_gets_its_backward_pass() {
    model! {
        Observed: Vector<f32, 4> => {
            observer: Observer,
            relu: Relu,
        }
    }
    model! {
        Nested: Vector<f32, 4> => {
            relu: Relu,
            observed: Observed,
        }
    }
    let (x, mut y, dy) = (Vector::full(1.0), Vector::zeros(), Vector::new([1.0, 0.0, 2.0, 3.0]));
    let (mut tape, mut gradient) = (Zeroed::ZERO, Zeroed::ZERO);
    Observed::BLANK.forward_train(&x, &mut y, &mut tape);
    Observed::BLANK.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
    assert_eq!(SEEN.load(Ordering::Relaxed), 3);
    // Nor is it passed over inside of a model whose first layer has nothing to do.
    let (mut tape, mut gradient) = (Zeroed::ZERO, Zeroed::ZERO);
    Nested::BLANK.forward_train(&x, &mut y, &mut tape);
    Nested::BLANK.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
    assert_eq!(SEEN.load(Ordering::Relaxed), 6);
}
