//! The choice of the instruction set by the environment variable, each in a process of its own.
#![cfg(not(miri))]

use std::process::{Command, Output};

use constconv::kernel::Level;

/// The other tests run it in a new process and read what it prints.
#[test]
fn the_current_level_is_available() {
    println!("current level: {}", Level::current().name());
    assert!(Level::available().any(|level| level == Level::current()));
}

/// Runs the test above with the variable set to `level`.
fn run(level: Option<&str>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["the_current_level_is_available", "--exact", "--nocapture"]).env_remove("CONSTCONV_LEVEL");
    command.envs(level.map(|level| ("CONSTCONV_LEVEL", level))).output().unwrap()
}

#[test]
fn a_level_can_be_forced() {
    for level in Level::available() {
        let output = String::from_utf8(run(Some(level.name())).stdout).unwrap();
        assert!(output.contains(&format!("current level: {}", level.name())), "{output}");
    }
}

#[test]
fn the_best_level_is_the_default() {
    let best = Level::available().last().unwrap();
    let output = String::from_utf8(run(None).stdout).unwrap();
    assert!(output.contains(&format!("current level: {}", best.name())), "{output}");
}

/// On a processor with all instruction sets there is nothing to refuse.
#[test]
fn a_level_that_the_processor_lacks_is_an_error_at_the_first_call() {
    for name in ["avx2", "avx512"].into_iter().filter(|name| Level::named(name).is_none()) {
        let output = run(Some(name));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        let message = format!("CONSTCONV_LEVEL={name}: this processor does not have this instruction set");
        assert!(error.contains(&message), "{error}");
    }
}

#[test]
fn an_unknown_level_fails_loudly() {
    let output = run(Some("avx9000"));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        error.contains("CONSTCONV_LEVEL=avx9000: no such level; the levels are portable, avx2 and avx512"),
        "{error}"
    );
}
