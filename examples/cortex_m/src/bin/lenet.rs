//! LeNet-5 from flash, whose figures can be compared with those of others. Its weights are made up.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[path = "../meter.rs"]
mod meter;

use core::fmt::{self, Write};

use constconv::assert_budget;
use constconv::prelude::*;
use meter::{Meter, Work};
use static_cell::ConstStaticCell;

type Image = Tensor<f32, 1, 1, 28, 28>;

model! {
    pub LeNet: Image => {
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

assert_budget!(LeNet: inference <= 13 * 1024, flash <= 242 * 1024);

/// An array of numbers within ±0.1.
macro_rules! made_up {
    ($array:ty) => {{
        let mut array = <$array>::zeros();
        let (numbers, mut i, mut state) = (array.as_mut_slice(), 0, 1_u32);
        while i < numbers.len() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            numbers[i] = (state as i32 >> 8) as f32 * (0.1 / (1 << 23) as f32);
            i += 1;
        }
        array
    }};
}

#[allow(long_running_const_eval)]
static NET: LeNet = LeNet {
    conv1: Conv2d::new(made_up!(Tensor<f32, 6, 1, 5, 5>), made_up!(Vector<f32, 6>)),
    relu1: Relu,
    pool1: MaxPool2d::new(),
    conv2: Conv2d::new(made_up!(Tensor<f32, 16, 6, 5, 5>), made_up!(Vector<f32, 16>)),
    relu2: Relu,
    pool2: MaxPool2d::new(),
    fc1: Linear::new(made_up!(Matrix<f32, 120, 400>), made_up!(Vector<f32, 120>)),
    relu3: Relu,
    fc2: Linear::new(made_up!(Matrix<f32, 84, 120>), made_up!(Vector<f32, 84>)),
    relu4: Relu,
    fc3: Linear::new(made_up!(Matrix<f32, 10, 84>), made_up!(Vector<f32, 10>)),
};

struct Memory {
    x: Image,
    y: Matrix<f32, 1, 10>,
    workspace: Workspace<LeNet, Image>,
}

static MEMORY: ConstStaticCell<Memory> =
    ConstStaticCell::new(Memory { x: made_up!(Image), y: Matrix::zeros(), workspace: Zeroed::ZERO });

fn run(out: &mut impl Write, meter: &mut impl Meter) -> fmt::Result {
    let Memory { x, y, workspace } = MEMORY.take();
    NET.forward_with(x, y, workspace);
    write!(out, "LeNet-5:")?;
    y.iter().try_for_each(|y| write!(out, " {:08x}", y.to_bits()))?;
    writeln!(out)?;
    let work = Work { name: "lenet", stack: LeNet::INFERENCE_STACK, buffers: LeNet::INFERENCE_RAM, model: 0 };
    meter.measure(work, &mut || NET.forward_with(x, y, workspace))
}

#[cfg(target_os = "none")]
#[cortex_m_rt::entry]
fn main() -> ! {
    meter::start(run)
}

#[cfg(not(target_os = "none"))]
fn main() -> std::fmt::Result {
    let mut text = String::new();
    run(&mut text, &mut ())?;
    print!("{text}");
    Ok(())
}
