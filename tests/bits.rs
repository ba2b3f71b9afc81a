//! The portable level computes the same bits on every processor: here they are compared with a recording, and
//! `.ci/targets` compares those of emulated Arm and RISC-V processors with the same one.
//!
//! After a change of the order of summation that is meant:
//! `cargo run --release --manifest-path tests/bits_on_device/Cargo.toml > tests/fixtures/bits.txt`
#![cfg(not(miri))]

#[path = "bits_on_device/src/bits.rs"]
mod bits;

use std::fmt::Write;
use std::process::Command;
use std::sync::Mutex;

use constconv::kernel::Level;

/// The other test runs it in a process whose level is portable, as the model's steps are at the current level.
#[test]
fn print() {
    static MEMORY: Mutex<bits::Memory> = Mutex::new(bits::Memory::ZERO);
    let mut text = String::new();
    MEMORY.lock().unwrap().report(|name, hash| writeln!(text, "{} {hash:016x}", name.join(" ")).unwrap());
    println!("{} begin\n{text}end", Level::current().name());
}

#[test]
fn the_portable_level_has_the_recorded_bits() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["print", "--exact", "--nocapture"]).env("CONSTCONV_LEVEL", "portable");
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let (_, text) = output.split_once("portable begin\n").expect("the level is portable");
    let (text, _) = text.split_once("end\n").expect("all results are there");
    let (found, recorded): (Vec<_>, Vec<_>) =
        (text.lines().collect(), include_str!("fixtures/bits.txt").lines().collect());
    assert_eq!(found.len(), recorded.len());
    let different: Vec<_> = found.iter().zip(recorded).filter(|(a, b)| **a != *b).map(|(a, _)| *a).collect();
    assert!(different.is_empty(), "other bits than recorded:\n{}", different.join("\n"));
}
