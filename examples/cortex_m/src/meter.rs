//! What a piece of work takes, as a Cortex-M counts it. On the host nothing is counted.

use core::fmt;

/// A piece of work, and the most that it may take.
#[cfg_attr(not(target_os = "none"), allow(dead_code))] // the host only does it
pub struct Work {
    pub name: &'static str,
    /// Bytes of stack.
    pub stack: usize,
    /// Bytes of its buffers.
    pub buffers: usize,
    /// Bytes of the model in RAM.
    pub model: usize,
}

/// Counts what work takes.
pub trait Meter {
    /// Does the work, and prints a line about it where something was counted.
    fn measure(&mut self, work: Work, run: &mut dyn FnMut()) -> fmt::Result;
}

#[cfg(not(target_os = "none"))]
impl Meter for () {
    fn measure(&mut self, _: Work, _: &mut dyn FnMut()) -> fmt::Result {
        Ok(())
    }
}

#[cfg(target_os = "none")]
pub use device::start;

#[cfg(target_os = "none")]
mod device {
    use core::fmt::{self, Write};
    use core::hint::black_box;
    use core::panic::PanicInfo;

    use cortex_m::peripheral::SYST;
    use cortex_m::peripheral::syst::SystClkSource;
    use cortex_m_semihosting::{debug, hio};

    use super::{Meter, Work};

    /// The emulator runs an instruction in a nanosecond, and the timer ticks 25 times in a microsecond.
    const INSTRUCTIONS_PER_TICK: u32 = 40;
    const ROUNDS: u32 = 16;

    /// More stack than any work here takes, in words.
    const DEPTH: usize = 8 * 1024;
    const PAINT: u32 = 0xC0DE_CAFE;

    pub struct Device {
        timer: SYST,
        out: hio::HostStream,
        is_in_bounds: bool,
    }

    /// Runs a program, and ends the emulator: with success, if nothing took more than it may.
    pub fn start(run: impl FnOnce(&mut hio::HostStream, &mut Device) -> fmt::Result) -> ! {
        let mut timer = cortex_m::Peripherals::take().expect("nobody else took them").SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(0x00FF_FFFF);
        timer.enable_counter();
        let mut out = hio::hstdout().expect("the emulator prints");
        let mut device = Device { timer, out: hio::hstdout().expect("the emulator prints"), is_in_bounds: true };
        let is_done = run(&mut out, &mut device).is_ok();
        debug::exit(if is_done && device.is_in_bounds { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
        unreachable!("the emulator has stopped")
    }

    impl Meter for Device {
        fn measure(&mut self, work: Work, run: &mut dyn FnMut()) -> fmt::Result {
            let stack = stack(run);
            let ticks = self.ticks(run).saturating_sub(self.ticks(&mut || ()));
            let instructions = ticks * INSTRUCTIONS_PER_TICK / ROUNDS;
            let Work { name, stack: most, buffers, model } = work;
            writeln!(
                self.out,
                "measured {name}: {instructions} instructions, {stack} bytes of stack (at most {most}), {buffers} of \
                 buffers, {model} of the model: {} bytes of RAM",
                stack + buffers + model
            )?;
            self.is_in_bounds &= stack <= most;
            Ok(())
        }
    }

    impl Device {
        /// The ticks of some rounds.
        #[inline(never)]
        fn ticks(&mut self, run: &mut dyn FnMut()) -> u32 {
            (0..ROUNDS)
                .map(|_| {
                    self.timer.clear_current();
                    let before = SYST::get_current();
                    run();
                    let ticks = before.wrapping_sub(SYST::get_current()) & 0x00FF_FFFF;
                    assert!(!self.timer.has_wrapped(), "the timer is too short for this work");
                    ticks
                })
                .sum()
        }
    }

    /// The bytes of stack that a call takes: how much of a painted stack has another colour afterwards.
    #[inline(never)]
    fn stack(run: &mut dyn FnMut()) -> usize {
        let here = black_box(&mut 0_u32) as *mut u32;
        // The frame of this function lies around `here`, so that a few words below are left out.
        let top = here.wrapping_sub(16);
        for i in 1..=DEPTH {
            // SAFETY: the stack grows down through this memory, of which nothing is in use while this function runs, but for
            // an interrupt, and there is none. The board has megabytes of it.
            unsafe { top.wrapping_sub(i).write_volatile(PAINT) };
        }
        run();
        let untouched = (1..=DEPTH)
            .rev()
            // SAFETY: as above.
            .take_while(|&i| unsafe { top.wrapping_sub(i).read_volatile() } == PAINT)
            .count();
        assert!(untouched > 0, "the painted stack is too short");
        (DEPTH - untouched + 16) * size_of::<u32>()
    }

    #[panic_handler]
    fn panic(info: &PanicInfo<'_>) -> ! {
        if let Ok(mut out) = hio::hstdout() {
            let _ = writeln!(out, "{info}");
        }
        debug::exit(debug::EXIT_FAILURE);
        loop {}
    }
}
