//! Prints one line for each result of `bits.rs`: its name and the hash of its bits. On a machine with Linux as an ordinary
//! program; on bare Arm and RISC-V as one that asks for the two system calls that it needs by hand, which `qemu-arm`,
//! `qemu-aarch64` and `qemu-riscv32` answer.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod bits;

use core::fmt::{Result, Write};

/// The results, line by line.
fn print(memory: &mut bits::Memory, output: &mut impl Write) -> Result {
    let mut result = Ok(());
    memory.report(|name, hash| {
        if result.is_ok() {
            result = name
                .iter()
                .try_for_each(|word| write!(output, "{word} "))
                .and_then(|()| writeln!(output, "{hash:016x}"));
        }
    });
    result
}

#[cfg(not(target_os = "none"))]
fn main() {
    static MEMORY: std::sync::Mutex<bits::Memory> = std::sync::Mutex::new(bits::Memory::ZERO);
    let mut text = String::new();
    print(&mut MEMORY.lock().expect("nobody else has it"), &mut text).expect("a string takes everything");
    std::print!("{text}");
}

#[cfg(target_os = "none")]
mod device {
    use core::arch::asm;
    use core::fmt::Write;

    /// Numbers of Linux's system calls.
    #[cfg(target_arch = "arm")]
    const WRITE: usize = 4;
    #[cfg(target_arch = "arm")]
    const EXIT: usize = 1;
    #[cfg(any(target_arch = "aarch64", target_arch = "riscv32"))]
    const WRITE: usize = 64;
    #[cfg(any(target_arch = "aarch64", target_arch = "riscv32"))]
    const EXIT: usize = 93;

    /// A system call of three arguments.
    fn call(number: usize, mut first: usize, second: usize, third: usize) -> usize {
        // SAFETY: of the two calls, `exit` does not come back and `write` reads the bytes of a `&str` and changes no
        // register but that of its result. Arm's compiler may need r7 itself, so that it is put back.
        #[cfg(target_arch = "arm")]
        unsafe {
            asm!(
                "mov {saved}, r7", "mov r7, {number}", "svc 0", "mov r7, {saved}",
                number = in(reg) number, saved = out(reg) _,
                inout("r0") first, in("r1") second, in("r2") third,
            );
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            asm!("svc 0", in("x8") number, inout("x0") first, in("x1") second, in("x2") third);
        }
        // SAFETY: as above.
        #[cfg(target_arch = "riscv32")]
        unsafe {
            asm!("ecall", in("a7") number, inout("a0") first, in("a1") second, in("a2") third);
        }
        first
    }

    fn exit(code: usize) -> ! {
        call(EXIT, code, 0, 0);
        loop {}
    }

    struct Stdout;

    impl Write for Stdout {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            if call(WRITE, 1, text.as_ptr().addr(), text.len()) == text.len() { Ok(()) } else { Err(core::fmt::Error) }
        }
    }

    /// Where the emulator starts.
    #[unsafe(no_mangle)]
    extern "C" fn _start() -> ! {
        static mut MEMORY: super::bits::Memory = super::bits::Memory::ZERO;
        // SAFETY: the program starts once and has one thread.
        let memory = unsafe { &mut *(&raw mut MEMORY) };
        exit(super::print(memory, &mut Stdout).is_err().into())
    }

    #[panic_handler]
    fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
        let _ = writeln!(Stdout, "{info}");
        exit(101)
    }
}
