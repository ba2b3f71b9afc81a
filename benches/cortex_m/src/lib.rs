//! What the programs share: counting instructions, and printing them without `core::fmt`.
//!
//! The emulator executes one instruction per nanosecond of its clock, and the system timer reads that clock 25 times
//! per microsecond. A processor needs about one cycle for most instructions, more for loads and taken branches; so the
//! numbers compare kernels, they are not cycles.
#![no_std]

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// Instructions per tick of the system timer: 1 GHz / 25 MHz.
const INSTRUCTIONS_PER_TICK: u64 = 40;

/// Instructions of a call, without the pair of timer readings around it.
pub fn instructions(timer: &mut SYST, call: impl FnOnce()) -> u64 {
    timer.clear_current();
    let before = SYST::get_current();
    call();
    let ticks = before.wrapping_sub(SYST::get_current()) & 0x00FF_FFFF;
    u64::from(ticks) * INSTRUCTIONS_PER_TICK
}

/// The system timer, running.
pub fn timer() -> SYST {
    // SAFETY: nothing else in these programs uses the peripherals.
    let mut timer = unsafe { cortex_m::Peripherals::steal() }.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(0x00FF_FFFF);
    timer.enable_counter();
    timer
}

/// Values that are not zero: whole numbers, times a factor.
#[inline(never)]
pub fn fill(values: &mut [f32], factor: f32) {
    for (index, value) in values.iter_mut().enumerate() {
        *value = ((index * 7 % 11) as f32 - 5.0) * factor;
    }
}

/// Prints a number in a line, and ends the emulator.
pub fn report(number: u64) -> ! {
    let mut text = [b'0'; 12]; // ends with a new line and a zero
    text[10..].copy_from_slice(b"\n\0");
    let mut rest = number as u32;
    for digit in text[..10].iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    // SAFETY: the text ends with a zero.
    unsafe { cortex_m_semihosting::syscall1(0x04, text.as_ptr() as usize) };
    cortex_m_semihosting::debug::exit(cortex_m_semihosting::debug::EXIT_SUCCESS);
    loop {}
}

/// A program that counts the instructions of an expression, and that does not link if anything in it can panic: its
/// panic handler calls a function that does not exist.
#[macro_export]
macro_rules! program {
    ($body:expr) => {
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            unsafe extern "C" {
                fn this_program_can_panic() -> !;
            }
            // SAFETY: there is no such function.
            unsafe { this_program_can_panic() }
        }

        #[cortex_m_rt::entry]
        fn main() -> ! {
            let mut timer = $crate::timer();
            // Twice: what is prepared at the first call does not count.
            let mut body = $body;
            $crate::report($crate::instructions(&mut timer, || body()))
        }
    };
}

mod models;
pub use models::{Digits, LeNet5};

/// Everything that a model works on, in memory that is cleared.
#[macro_export]
macro_rules! zeroed {
    ($kind:ty) => {{
        static mut VALUE: $kind = <$kind as constconv::tensor::Zeroed>::ZERO;
        // SAFETY: each place of this macro is passed once, by the only thread.
        core::hint::black_box(unsafe { &mut *(&raw mut VALUE) })
    }};
}

/// A program that counts an inference of a model.
#[macro_export]
macro_rules! inference {
    ($model:ident, $x:ty) => {
        use constconv::prelude::*;
        use $crate::{zeroed, $model};

        $crate::program! {{
            static mut MODEL: $model = $model::BLANK;
            // SAFETY: this is run once, by the only thread.
            let model = core::hint::black_box(unsafe { &mut *(&raw mut MODEL) });
            let (x, y) = (zeroed!($x), zeroed!(Matrix<f32, 1, 10>));
            let workspace = zeroed!(Workspace<$model, $x>);
            $crate::fill(x.as_mut_slice(), 1.0);
            $crate::Fill::fill(model);
            move || {
                model.forward_with(x, y, workspace);
                core::hint::black_box(&y);
            }
        }}
    };
}

/// A program that counts a step of gradient descent: forward, the gradient of a loss, backward and the update.
#[macro_export]
macro_rules! training {
    ($model:ident, $x:ty) => {
        use constconv::prelude::*;
        use $crate::{zeroed, $model};

        $crate::program! {{
            static mut MODEL: $model = $model::BLANK;
            // SAFETY: this is run once, by the only thread.
            let model = core::hint::black_box(unsafe { &mut *(&raw mut MODEL) });
            let (x, y, dy) = (zeroed!($x), zeroed!(Matrix<f32, 1, 10>), zeroed!(Matrix<f32, 1, 10>));
            let tape = zeroed!(Tape<$model, $x>);
            $crate::fill(x.as_mut_slice(), 1.0);
            $crate::Fill::fill(model);
            move || {
                model.forward_train(x, y, tape);
                for (n, (dy, &y)) in dy.iter_mut().zip(&*y).enumerate() {
                    *dy = y - if n == 3 { 1.0 } else { 0.0 };
                }
                Sgd::new(1e-3).descend(model, x, y, dy, tape);
                core::hint::black_box(&model);
            }
        }}
    };
}

/// A model whose parameters are not zero.
pub trait Fill {
    /// Fills the parameters.
    fn fill(&mut self);
}

macro_rules! parameters {
    ($($model:ident: $($layer:ident)*;)*) => { $(
        impl Fill for $model {
            fn fill(&mut self) {
                $( fill(self.$layer.weight.as_mut_slice(), 0.01); )*
            }
        }
    )* };
}

parameters! {
    LeNet5: conv1 conv2 fc1 fc2 fc3;
    Digits: conv1 conv2 fc1 fc2;
}
