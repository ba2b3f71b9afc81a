//! What `size.py` measures: convolutions of different shapes, which depend on a number that the compiler does not know.
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::hint::black_box;

use constconv::prelude::*;

/// Runs one layer on arguments that the compiler knows nothing of.
#[cfg(not(feature = "backward"))]
#[inline(always)]
fn run<L, X>(layer: &'static L, x: &'static X)
where
    L: Backward<X>,
    X: Array,
{
    let mut y = Zeroed::ZERO;
    black_box(layer).forward_into(black_box(x), black_box(&mut y));
    black_box(&y);
}

#[cfg(feature = "backward")]
#[inline(always)]
fn run<L, X>(layer: &'static L, x: &'static X)
where
    L: Backward<X>,
    X: Array,
{
    let (mut y, mut tape, mut dx, mut gradient) = (Zeroed::ZERO, Zeroed::ZERO, X::ZERO, Zeroed::ZERO);
    let (layer, x) = (black_box(layer), black_box(x));
    layer.forward_train(x, black_box(&mut y), black_box(&mut tape));
    layer.backward_into(x, &y, black_box(&y), &mut tape, black_box(&mut dx), black_box(&mut gradient));
    black_box((&dx, &gradient));
}

/// which: input => layer
macro_rules! convolutions {
    ($which:expr; $($(#[$when:meta])* $number:literal: $x:ty => $layer:ty;)*) => { $(
        $(#[$when])*
        if $which == $number {
            static LAYER: $layer = Zeroed::ZERO;
            static X: $x = Zeroed::ZERO;
            run(&LAYER, &X);
        }
    )* };
}

fn convolution(which: usize) {
    convolutions! { which;
        1: Tensor<f32, 1, 1, 28, 28> => Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>;
        #[cfg(feature = "two")]
        2: Tensor<f32, 1, 6, 14, 14> => Conv2d<f32, 6, 16, Kernel<5>>;
        #[cfg(feature = "five")]
        3: Tensor<f32, 1, 3, 32, 32> => Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>>;
        #[cfg(feature = "five")]
        4: Tensor<f32, 1, 8, 16, 16> => Conv2d<f32, 8, 16, Kernel<3>, Stride<2>, Padding<1>, Floor>;
        #[cfg(feature = "five")]
        5: Tensor<f32, 1, 16, 8, 8> => Conv2d<f32, 16, 24, Kernel<1>>;
        #[cfg(feature = "ten")]
        6: Tensor<f32, 1, 24, 8, 8> => Conv2d<f32, 24, 24, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Groups<24>>;
        #[cfg(feature = "ten")]
        7: Tensor<f32, 1, 2, 9, 30> => Conv2d<f32, 2, 4, Kernel<1, 7>, Stride<1>, Padding<0, 3>, Exact, Dilation<1>, Ungrouped, NoBias>;
        #[cfg(feature = "ten")]
        8: Tensor<f32, 1, 4, 12, 12> => Conv2d<f32, 4, 4, Kernel<3>, Stride<1>, Padding<2>, Exact, Dilation<2>>;
        #[cfg(feature = "ten")]
        9: Tensor<f32, 1, 8, 7, 7> => Conv2d<f32, 8, 10, Kernel<7>>;
        #[cfg(feature = "ten")]
        10: Tensor<f32, 2, 3, 20, 20> => Conv2d<f32, 3, 4, Kernel<2>, Stride<2>, Padding<1>>;
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    convolution(black_box(0));
}

#[cfg(target_os = "none")]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    convolution(black_box(0));
    loop {}
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
