//! Results that are the same at all levels of this processor. A process has one level, so there is one for each.

use std::process::Command;

use constconv::kernel::Level;

/// The argument of such a process, before the question.
const ANSWER: &str = "--answer";

/// Panics unless the answer to each question is that of the portable level: the norm of the difference is at most the
/// question's tolerance times that of the answer. To be called before anything else, as the other processes are this
/// program, too, and end here.
pub fn agree<'a>(questions: impl IntoIterator<Item = &'a (String, f64)>, answer: impl FnOnce(&str) -> Vec<f32>) {
    let mut arguments = std::env::args().skip_while(|argument| argument != ANSWER).skip(1);
    if let Some(question) = arguments.next() {
        answer(&question).iter().for_each(|number| println!("{number}"));
        std::process::exit(0);
    }
    let ask = |level: Level, question: &str| -> Vec<f64> {
        let mut program = Command::new(std::env::current_exe().expect("this program"));
        let output = program.args([ANSWER, question]).env("CONSTCONV_LEVEL", level.name()).output().expect("a process");
        let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{question} at the level {}: {errors}", level.name());
        text.lines().map(|number| number.parse().expect("a number")).collect()
    };
    let norm = |numbers: &[f64]| numbers.iter().map(|a| a * a).sum::<f64>().sqrt();
    for (question, tolerance) in questions {
        let expected = ask(Level::PORTABLE, question);
        for level in Level::available().skip(1) {
            let found = ask(level, question);
            assert!(found.len() == expected.len() && !found.is_empty(), "{question}: {} numbers", found.len());
            let difference: Vec<f64> = found.iter().zip(&expected).map(|(a, b)| a - b).collect();
            let error = norm(&difference) / norm(&expected);
            assert!(error <= *tolerance, "{question} at the level {}: {error:.1e}", level.name());
        }
        println!("{question}: as at the portable level");
    }
}
