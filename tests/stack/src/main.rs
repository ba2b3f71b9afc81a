//! A build without optimisation copies values where an optimised one does not: nothing here may need more stack than a
//! thread of moderate size has. Each case is a process of its own, as an overflow ends it.

use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;

use constconv::kernel::{Conv2dGeometry, Level, conv2d, conv2d_backward_filter, conv2d_backward_input};
use constconv::loss::softmax_cross_entropy;
use constconv::prelude::*;

model! {
    LeNet: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>>,
        relu2: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 400, 120>,
        relu3: Relu,
        fc2: Linear<f32, 120, 84>,
        relu4: Relu,
        fc3: Linear<f32, 84, 10>,
    }
}

model! {
    ThreeRelus: Vector<f32, 262144> => {
        first: Relu,
        second: Relu,
        third: Relu,
    }
}

type Images = Tensor<f32, 4, 1, 28, 28>;
type Scores = Matrix<f32, 4, 10>;
type Long = Vector<f32, 262144>;

/// Two steps of momentum on one batch; the loss goes down.
fn steps(
    net: &mut LeNet,
    x: &mut Images,
    tape: &mut Tape<LeNet, Images>,
    gradient: &mut Gradient<LeNet>,
    state: &mut Gradient<LeNet>,
) {
    let mut seed = 1_u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 8) / f64::from(1 << 24)
    };
    net.initialize(&mut random);
    x.as_mut_slice().iter_mut().for_each(|x| *x = random() as f32);
    let (mut y, mut dy) = (Scores::zeros(), Scores::zeros());
    let mut losses = [0.0; 2];
    for loss in &mut losses {
        net.forward_train(x, &mut y, tape);
        *loss = softmax_cross_entropy(&y, &[3, 1, 4, 1], Reduction::Mean, &mut dy);
        gradient.zero();
        net.backward_parameters(x, &y, &dy, tape, gradient);
        Sgd::new(0.01).momentum(0.9).step(net, gradient, state);
    }
    assert!(losses[1] < losses[0], "{losses:?}");
}

fn lenet_in_statics() {
    static NET: Mutex<LeNet> = Mutex::new(LeNet::BLANK);
    static X: Mutex<Images> = Mutex::new(Images::ZERO);
    static TAPE: Mutex<Tape<LeNet, Images>> = Mutex::new(Zeroed::ZERO);
    static GRADIENT: Mutex<Gradient<LeNet>> = Mutex::new(Zeroed::ZERO);
    static STATE: Mutex<Gradient<LeNet>> = Mutex::new(Zeroed::ZERO);
    let (mut net, mut x) = (NET.lock().unwrap(), X.lock().unwrap());
    steps(&mut net, &mut x, &mut TAPE.lock().unwrap(), &mut GRADIENT.lock().unwrap(), &mut STATE.lock().unwrap());
}

fn lenet_in_boxes() {
    let (mut net, mut x, mut tape) = (LeNet::boxed(), Images::boxed_zeros(), Zeroed::boxed_zeros());
    steps(&mut net, &mut x, &mut tape, &mut Zeroed::boxed_zeros(), &mut Zeroed::boxed_zeros());
}

/// Buffers of a mebibyte that two layers share, for inference and for training.
fn three_relus_in_statics() {
    static NET: ThreeRelus = ThreeRelus::BLANK;
    static X: Mutex<Long> = Mutex::new(Long::ZERO);
    static Y: Mutex<Long> = Mutex::new(Long::ZERO);
    static DX: Mutex<Long> = Mutex::new(Long::ZERO);
    static WORKSPACE: Mutex<Workspace<ThreeRelus, Long>> = Mutex::new(Zeroed::ZERO);
    static TAPE: Mutex<Tape<ThreeRelus, Long>> = Mutex::new(Zeroed::ZERO);
    let (mut x, mut y, mut dx) = (X.lock().unwrap(), Y.lock().unwrap(), DX.lock().unwrap());
    let (mut workspace, mut tape) = (WORKSPACE.lock().unwrap(), TAPE.lock().unwrap());
    let (x, y, dx) = (&mut *x, &mut *y, &mut *dx);
    x.as_mut_slice().iter_mut().zip(-1000_i16..1000).for_each(|(x, i)| *x = i.into());
    NET.forward_with(x, y, &mut workspace);
    assert_eq!(y.as_slice()[999..1002], [0.0, 0.0, 1.0]);
    NET.forward_train(x, y, &mut tape);
    let mut gradient: Gradient<ThreeRelus> = Zeroed::ZERO;
    NET.backward_into(x, y, x, &mut tape, dx, &mut gradient);
    assert_eq!(dx.as_slice()[999..1002], [0.0, 0.0, 1.0]);
}

/// What asks for the largest of the blocks of scratch memory, of 512 KiB.
fn large_convolution() {
    let g = Conv2dGeometry::new([1, 64, 56, 56], [64, 3, 3], [56, 56]).padding([1, 1]);
    let (x, w, mut y) = (vec![1.0_f32; g.x_len()], vec![1.0; g.w_len()], vec![0.0; g.y_len()]);
    conv2d(&g, &x, &w, None, &mut y);
    assert_eq!([y[0], y[1], y[57]], [4.0 * 64.0, 6.0 * 64.0, 9.0 * 64.0]);
    let (mut dx, mut dw) = (vec![0.0; g.x_len()], vec![0.0; g.w_len()]);
    conv2d_backward_input(&g, &w, &x, &mut dx);
    assert_eq!(dx, y);
    conv2d_backward_filter(&g, &x, &x, &mut dw);
    assert_eq!([dw[0], dw[4]], [55.0 * 55.0, 56.0 * 56.0]);
}

/// Name, stack in bytes, and what runs on it.
const CASES: [(&str, usize, fn()); 4] = [
    ("lenet_in_statics", 1 << 20, lenet_in_statics),
    ("lenet_in_boxes", 1 << 20, lenet_in_boxes),
    ("three_relus_in_statics", 2 << 20, three_relus_in_statics),
    ("large_convolution", 640 << 10, large_convolution),
];

fn main() -> ExitCode {
    if let Some(name) = std::env::args().nth(1) {
        let (.., stack, run) = CASES.into_iter().find(|case| case.0 == name).expect("the name of a case");
        let ended = thread::Builder::new().stack_size(stack).spawn(run).expect("a thread can be made").join();
        return if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let program = std::env::current_exe().expect("it has a path");
    let (mut passed, mut failed) = (0, 0);
    for level in Level::available() {
        for (name, stack, _) in CASES {
            let mut command = Command::new(&program);
            let ended = command.arg(name).env("CONSTCONV_LEVEL", level.name()).status().expect("it runs again");
            let result = if ended.success() { "ok" } else { "FAILED" };
            println!("{name} on {} KiB of stack, {}: {result}", stack >> 10, level.name());
            *(if ended.success() { &mut passed } else { &mut failed }) += 1;
        }
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}
