//! The choice of the instruction set by the environment variable, each in a process of its own.
#![cfg(not(miri))]

mod support;

use std::process::{Command, Output};

use constconv::kernel::Level;

/// The other tests run it in a new process and read what it prints.
#[test]
fn the_current_level_is_available() {
    println!("current level: {}", Level::current().name());
    assert!(Level::available().any(|level| level == Level::current()));
}

/// Runs a test of this file with the variable set to `level`.
fn run(test: &str, level: Option<&str>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env_remove("CONSTCONV_LEVEL");
    command.envs(level.map(|level| ("CONSTCONV_LEVEL", level))).output().unwrap()
}

/// Runs the test above with the variable set to `asked`, and asserts that it runs at `level`.
fn assert_current(asked: Option<&str>, level: Level) {
    let output = String::from_utf8(run("the_current_level_is_available", asked).stdout).unwrap();
    assert!(output.contains(&format!("current level: {}\n", level.name())), "{asked:?}: {output}");
}

#[test]
fn a_level_can_be_forced() {
    for level in Level::available() {
        assert_current(Some(level.name()), level);
    }
}

#[test]
fn the_best_level_is_the_default() {
    assert_current(None, Level::available().last().unwrap());
}

/// A program runs on each processor, whatever its environment says. On one with all instruction sets, no name is of a
/// level that it lacks.
#[test]
fn a_level_that_the_processor_lacks_or_nobody_knows_is_the_best_one() {
    let best = Level::available().last().unwrap();
    for name in ["avx9000", "", "AVX2", "avx2", "avx512"].into_iter().filter(|name| Level::named(name).is_none()) {
        assert_current(Some(name), best);
    }
}

/// What CI relies on.
#[test]
fn tests_at_an_unknown_level_fail_loudly() {
    let output = run("support::the_level_that_is_asked_for_runs", Some("avx9000"));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(error.contains("CONSTCONV_LEVEL=avx9000: this processor has no such level"), "{error}");
    assert!(run("support::the_level_that_is_asked_for_runs", Some("portable")).status.success());
}
