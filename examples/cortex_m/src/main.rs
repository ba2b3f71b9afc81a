//! A network on a microcontroller: with weights of the host it classifies from flash; its head is trained, then all of it, and
//! the weights are saved and read again. See `digits.rs`; `meter.rs` counts instructions and stack.
//!
//! On the host, `cargo run --release` in this folder does the same and prints the same lines, but counts nothing.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod digits;
mod meter;

#[cfg(target_os = "none")]
#[cortex_m_rt::entry]
fn main() -> ! {
    meter::start(digits::run)
}

#[cfg(not(target_os = "none"))]
fn main() -> std::fmt::Result {
    let mut text = String::new();
    digits::run(&mut text, &mut ())?;
    print!("{text}");
    Ok(())
}
