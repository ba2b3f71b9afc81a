//! What must not compile: each program of `ui/` is refused with one error in the user's own numbers, under
//! `cargo check`; and the right programs beside them compile and run.
//!
//! After a change of a message, `TRYBUILD=overwrite cargo test --test ui` writes the expected messages (`ui/*.stderr`)
//! anew. Read what changed. Places inside of the library are pinned without their line numbers.

use std::fs;

/// A pass case of its own would build all dependencies once more; as a module it costs nothing.
#[path = "ui/right.rs"]
mod right;

#[test]
fn right_programs_compile_and_run() {
    right::main();
}

#[test]
fn wrong_programs_are_refused_with_the_pinned_message() {
    let cases = trybuild::TestCases::new();
    for entry in fs::read_dir("tests/ui").expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("right.rs") {
            cases.compile_fail(path);
        }
    }
}

/// One mistake, one error, at a line of the program and not of the library or a macro; no number of `typenum`.
#[test]
fn each_message_is_one_error_at_the_users_line() {
    let mut messages = 0;
    for entry in fs::read_dir("tests/ui").expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "stderr") {
            continue;
        }
        messages += 1;
        let message = fs::read_to_string(&path).expect("a message");
        let errors = message.lines().filter(|line| line.starts_with("error"));
        assert_eq!(errors.count(), 1, "{}:\n{message}", path.display());
        let place = message.lines().find(|line| line.trim_start().starts_with("--> "));
        let program = path.with_extension("rs").display().to_string();
        assert!(place.is_some_and(|place| place.contains(&program)), "{}:\n{message}", path.display());
        assert!(!message.contains("UInt<"), "{}:\n{message}", path.display());
    }
    assert!(messages > 20, "{messages} messages");
}
