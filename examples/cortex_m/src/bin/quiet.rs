//! A firmware that prints nothing: what a network takes of flash, and whether anything in it can panic.
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::hint::black_box;

use constconv::loss::softmax_cross_entropy;
use constconv::prelude::*;
use static_cell::ConstStaticCell;

type Image = Tensor<f32, 1, 1, 8, 8>;

model! {
    pub Digits: Image => {
        conv1: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc1: Linear<f32, 256, 32>,
        relu: Relu,
        fc2: Linear<f32, 32, 10>,
    }
}

struct Memory {
    net: Digits,
    x: Image,
    y: Matrix<f32, 1, 10>,
    dy: Matrix<f32, 1, 10>,
    workspace: Workspace<Digits, Image>,
    tape: Tape<Digits, Image>,
}

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory {
    net: Digits::BLANK,
    x: Zeroed::ZERO,
    y: Zeroed::ZERO,
    dy: Zeroed::ZERO,
    workspace: Zeroed::ZERO,
    tape: Zeroed::ZERO,
});

fn run() {
    let Some(Memory { net, x, y, dy, workspace, tape }) = MEMORY.try_take() else { return };
    black_box(&mut *x);
    net.forward_with(x, y, workspace);
    black_box(&mut *y);
    net.forward_train(x, y, tape);
    softmax_cross_entropy(y, &[3], Reduction::Mean, dy);
    Sgd::new(0.03).descend(net, x, y, dy, tape);
    black_box(net);
}

#[cfg(target_os = "none")]
#[cortex_m_rt::entry]
fn main() -> ! {
    run();
    loop {}
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[cfg(not(target_os = "none"))]
fn main() {
    run();
}
