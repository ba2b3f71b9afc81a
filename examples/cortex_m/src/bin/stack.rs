//! The stack of many models: what `INFERENCE_STACK` and `TRAINING_STACK` are measured by.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![allow(dead_code)]

#[path = "../meter.rs"]
mod meter;

use core::fmt::{self, Write};

use constconv::prelude::*;
use meter::{Meter, Work};
use static_cell::ConstStaticCell;

/// Models, each with the input and the output of its training step.
macro_rules! models {
    ($($name:ident: $x:ty => $y:ty { $($layers:tt)* })*) => {
        $(model! { $name: $x => { $($layers)* } })*

        fn run(_out: &mut impl Write, meter: &mut impl Meter) -> fmt::Result {
            $({
                struct Memory {
                    net: $name,
                    gradient: Gradient<$name>,
                    x: $x,
                    y: $y,
                    dy: $y,
                    workspace: Workspace<$name, $x>,
                    tape: Tape<$name, $x>,
                }
                static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory {
                    net: $name::BLANK,
                    gradient: Zeroed::ZERO,
                    x: Zeroed::ZERO,
                    y: Zeroed::ZERO,
                    dy: Zeroed::ZERO,
                    workspace: Zeroed::ZERO,
                    tape: Zeroed::ZERO,
                });
                let Memory { net, gradient, x, y, dy, workspace, tape } = MEMORY.take();
                let work = |name, stack| Work { name, stack, buffers: 0, model: 0 };
                meter.measure(work(concat!(stringify!($name), " forward"), $name::INFERENCE_STACK), &mut || {
                    net.forward_with(x, y, workspace);
                })?;
                meter.measure(work(concat!(stringify!($name), " backward"), $name::TRAINING_STACK), &mut || {
                    net.forward_train(x, y, tape);
                    net.backward_parameters(x, y, dy, tape, gradient);
                })?;
                meter.measure(work(concat!(stringify!($name), " descent"), $name::TRAINING_STACK), &mut || {
                    net.forward_train(x, y, tape);
                    Sgd::new(0.01).descend(net, x, y, dy, tape);
                })?;
            })*
            Ok(())
        }
    };
}

type Same<const C: usize, const F: usize, T = f32> = Conv2d<T, C, F, Kernel<3>, Stride<1>, Padding<1>>;
type Depthwise<const C: usize> = DepthwiseConv2d<f32, C, C, Kernel<3>, Stride<1>, Padding<1>>;
type Planes<const C: usize, const L: usize, T = f32> = Tensor<T, 1, C, L, L>;

models! {
    OneConv: Planes<3, 8> => Planes<8, 8> { conv: Same<3, 8>, }
    Strided: Planes<3, 9> => Planes<8, 5> { conv: Conv2d<f32, 3, 8, Kernel<3>, Stride<2>, Padding<1>>, }
    Pointwise: Planes<16, 8> => Planes<16, 8> { conv: Conv2d<f32, 16, 16, Kernel<1>>, }
    Large: Planes<3, 40> => Planes<8, 40> { conv: Conv2d<f32, 3, 8, Kernel<7>, Stride<1>, Padding<3>>, }
    Dilated: Planes<3, 12> => Planes<8, 8> { conv: Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<0>, Exact, Dilation<2>>, }
    Grouped: Planes<8, 8> => Planes<8, 8> { conv: Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Groups<2>>, }
    OneDepthwise: Planes<8, 8> => Planes<8, 8> { conv: Depthwise<8>, }
    Transposed: Planes<4, 6> => Planes<8, 12> { conv: ConvTranspose2d<f32, 4, 8, Kernel<2>, Stride<2>>, }
    OneWinograd: Planes<8, 8> => Planes<8, 8> { conv: Winograd<Same<8, 8>>, }
    Double: Planes<3, 8, f64> => Planes<8, 8, f64> { conv: Same<3, 8, f64>, }
    Signals: Signal<f32, 1, 3, 64> => Signal<f32, 1, 8, 60> { conv: Conv1d<f32, 3, 8, Kernel<5>>, }
    Fully: Matrix<f32, 1, 64> => Matrix<f32, 1, 10> { fc: Linear<f32, 64, 10>, }
    Norm: Planes<8, 8> => Planes<8, 8> { norm: BatchNorm2d<f32, 8>, }
    Pools: Planes<8, 8> => Planes<8, 1> { max: MaxPool2d<Kernel<3>, Stride<1>>, avg: AvgPool2d<Kernel<3>, Stride<1>>, mean: GlobalAvgPool2d, }
    Smooth: Matrix<f32, 1, 64> => Matrix<f32, 1, 64> { a: Gelu, b: Silu, c: Tanh, d: Softplus, e: Elu<f32>, f: LogSoftmax, }
    Banded: Planes<1, 8> => Planes<16, 4> { conv: Same<1, 16>, relu: Relu, pool: MaxPool2d<Kernel<2>>, }
    Four: Planes<8, 8> => Planes<8, 8> { a: Same<8, 8>, b: Same<8, 8>, c: Same<8, 8>, d: Same<8, 8>, }
    Eight: Planes<8, 8> => Planes<8, 8> {
        a: Same<8, 8>, b: Depthwise<8>, c: Same<8, 8>, d: Depthwise<8>, e: Same<8, 8>, f: Depthwise<8>, g: Same<8, 8>, h: Depthwise<8>,
    }
    Sixteen: Planes<8, 8> => Planes<8, 8> {
        a: Same<8, 8>, b: Depthwise<8>, c: Same<8, 8>, d: Depthwise<8>, e: Same<8, 8>, f: Depthwise<8>, g: Same<8, 8>, h: Depthwise<8>,
        i: Same<8, 8>, j: Depthwise<8>, k: Same<8, 8>, l: Depthwise<8>, m: Same<8, 8>, n: Depthwise<8>, o: Same<8, 8>, p: Depthwise<8>,
    }
    Nested1: Planes<8, 8> => Planes<8, 8> { a: Residual<(Same<8, 8>, Relu, Same<8, 8>)>, }
    Nested2: Planes<8, 8> => Planes<8, 8> { a: Residual<(Same<8, 8>, Residual<(Same<8, 8>, Relu, Same<8, 8>)>)>, }
    Nested3: Planes<8, 8> => Planes<8, 8> { a: Residual<(Same<8, 8>, Residual<(Same<8, 8>, Residual<(Same<8, 8>, Relu, Same<8, 8>)>)>)>, }
    Joined: Planes<8, 8> => Planes<16, 8> { a: Sum<(Same<8, 8>, Same<8, 8>)>, b: Concat<(Identity, Same<8, 8>)>, }
}

#[cfg(target_os = "none")]
#[cortex_m_rt::entry]
fn main() -> ! {
    meter::start(run)
}

#[cfg(not(target_os = "none"))]
fn main() -> std::fmt::Result {
    run(&mut String::new(), &mut ())
}
