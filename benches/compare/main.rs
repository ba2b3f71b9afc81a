//! Answers questions of `compare.py` about running times, one line each, over standard input and output.
//!
//! | question | answer |
//! |---|---|
//! | `peak LEVEL TYPE` | multiply-adds per second of independent vector instructions, times two |
//! | `conv2d LEVEL TYPE fwd\|bwd N C H W F K S P G SECONDS` | seconds of the fastest call within about SECONDS |
//! | `transposed …` | as `conv2d`, of a transposed convolution |
//! | `winograd …` | as `conv2d`, with Winograd's algorithm |
//! | `linear LEVEL TYPE fwd\|bwd N IN OUT SECONDS` | likewise |
//!
//! `bwd` is dx, dw and db together. Every geometry is compared with the definition before it is timed.

#[path = "../support/mod.rs"]
mod support;

use std::hint::black_box;
use std::io::{BufRead, Write};

use constconv::Scalar;
use constconv::kernel::{Conv2dGeometry, Level, LinearGeometry, reference};
use support::fastest;
use support::peak::peak;

/// An element type that can be made from and compared as `f64`.
trait Value: Scalar + Into<f64> {
    const TOLERANCE: f64;
    fn new(value: f64) -> Self;
}

impl Value for f32 {
    const TOLERANCE: f64 = 1e-5;
    fn new(value: f64) -> f32 {
        value as f32
    }
}

impl Value for f64 {
    const TOLERANCE: f64 = 1e-12;
    fn new(value: f64) -> f64 {
        value
    }
}

/// Numbers within ±1, the same in every run.
fn values<T: Value>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::new((state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0)
    };
    (0..len).map(|_| next()).collect()
}

fn assert_close<T: Value>(ours: &[T], exact: &[T], terms: usize) {
    for (&a, &b) in ours.iter().zip(exact) {
        let (a, b): (f64, f64) = (a.into(), b.into());
        assert!((a - b).abs() <= T::TOLERANCE * b.abs().max(1.0) * (terms as f64).sqrt(), "{a} is not {b}");
    }
}

fn direct<T: Value>(level: Level, backward: bool, sizes: &[usize], seconds: f64) -> f64 {
    conv2d::<T>(level, backward, sizes, seconds, (Level::conv2d, Level::conv2d_backward_input))
}

fn winograd<T: Value>(level: Level, backward: bool, sizes: &[usize], seconds: f64) -> f64 {
    conv2d::<T>(level, backward, sizes, seconds, (Level::conv2d_winograd, Level::conv2d_winograd_backward_input))
}

type Forward<T> = fn(Level, &Conv2dGeometry, &[T], &[T], Option<&[T]>, &mut [T]);
type BackwardInput<T> = fn(Level, &Conv2dGeometry, &[T], &[T], &mut [T]);

fn conv2d<T: Value>(
    level: Level,
    backward: bool,
    sizes: &[usize],
    seconds: f64,
    (forward, backward_input): (Forward<T>, BackwardInput<T>),
) -> f64 {
    let &[n, c, h, w, f, k, s, p, groups] = sizes else { panic!("expected N C H W F K S P G") };
    let output = [h, w].map(|len| (len + 2 * p - k) / s + 1);
    let g = Conv2dGeometry::new([n, c, h, w], [f, k, k], output).stride([s; 2]).padding([p; 2]).groups(groups);
    let (x, w, b, dy) =
        (values::<T>(g.x_len(), 1), values::<T>(g.w_len(), 2), values::<T>(f, 3), values::<T>(g.y_len(), 4));
    let (mut y, mut dx, mut dw, mut db) = (dy.clone(), x.clone(), vec![T::ZERO; w.len()], vec![T::ZERO; f]);
    let (mut y_exact, mut dx_exact, mut dw_exact, mut db_exact) = (dy.clone(), x.clone(), dw.clone(), db.clone());
    if backward {
        reference::conv2d_backward_input(&g, &w, &dy, &mut dx_exact);
        reference::conv2d_backward_filter(&g, &x, &dy, &mut dw_exact);
        backward_input(level, &g, &w, &dy, &mut dx);
        level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
        reference::conv2d_backward_bias(&g, &dy, &mut db_exact);
        level.conv2d_backward_bias(&g, &dy, &mut db);
        assert_close(&dx, &dx_exact, f / groups * k * k);
        assert_close(&dw, &dw_exact, n * output[0] * output[1]);
        assert_close(&db, &db_exact, n * output[0] * output[1]);
        fastest(seconds, || {
            backward_input(level, &g, black_box(&w), black_box(&dy), black_box(&mut dx));
            level.conv2d_backward_filter(&g, black_box(&x), black_box(&dy), black_box(&mut dw));
            level.conv2d_backward_bias(&g, black_box(&dy), black_box(&mut db));
        })
    } else {
        reference::conv2d(&g, &x, &w, Some(&b), &mut y_exact);
        forward(level, &g, &x, &w, Some(&b), &mut y);
        assert_close(&y, &y_exact, c / groups * k * k);
        fastest(seconds, || forward(level, &g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)))
    }
}

/// A transposed convolution of x (N, C, H, W) to F channels, through the geometry of the convolution it is the adjoint of.
fn transposed<T: Value>(level: Level, backward: bool, sizes: &[usize], seconds: f64) -> f64 {
    let &[n, c, h, w, f, k, s, p, groups] = sizes else { panic!("expected N C H W F K S P G") };
    let [height, width] = [h, w].map(|len| (len - 1) * s + k - 2 * p);
    let g = Conv2dGeometry::new([n, f, height, width], [c, k, k], [h, w]);
    let g = g.stride([s; 2]).padding([p; 2]).groups(groups);
    // The convolution whose y has as many elements for each channel.
    let of_y = Conv2dGeometry::new([n, f, height, width], [f, k, k], [height, width]);
    let (x, w, b, dy) =
        (values::<T>(g.y_len(), 1), values::<T>(g.w_len(), 2), values::<T>(f, 3), values::<T>(g.x_len(), 4));
    let (mut y, mut dx, mut dw, mut db) = (dy.clone(), x.clone(), vec![T::ZERO; w.len()], vec![T::ZERO; f]);
    let (mut y_exact, mut dx_exact, mut dw_exact, mut db_exact) = (dy.clone(), x.clone(), dw.clone(), db.clone());
    if backward {
        reference::conv2d(&g, &dy, &w, None, &mut dx_exact);
        reference::conv2d_backward_filter(&g, &dy, &x, &mut dw_exact);
        level.conv2d(&g, &dy, &w, None, &mut dx);
        level.conv2d_backward_filter(&g, &dy, &x, &mut dw);
        reference::conv2d_backward_bias(&of_y, &dy, &mut db_exact);
        level.conv2d_backward_bias(&of_y, &dy, &mut db);
        assert_close(&dx, &dx_exact, f / groups * k * k);
        assert_close(&dw, &dw_exact, n * g.output[0] * g.output[1]);
        assert_close(&db, &db_exact, n * g.input[0] * g.input[1]);
        fastest(seconds, || {
            level.conv2d(&g, black_box(&dy), black_box(&w), None, black_box(&mut dx));
            level.conv2d_backward_filter(&g, black_box(&dy), black_box(&x), black_box(&mut dw));
            level.conv2d_backward_bias(&of_y, black_box(&dy), black_box(&mut db));
        })
    } else {
        reference::conv_transpose2d(&g, &x, &w, Some(&b), &mut y_exact);
        level.conv_transpose2d(&g, &x, &w, Some(&b), &mut y);
        assert_close(&y, &y_exact, c / groups * k * k);
        fastest(seconds, || level.conv_transpose2d(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)))
    }
}

fn linear<T: Value>(level: Level, backward: bool, sizes: &[usize], seconds: f64) -> f64 {
    let &[n, inputs, outputs] = sizes else { panic!("expected N IN OUT") };
    let g = LinearGeometry::new(n, inputs, outputs);
    let (x, w, b, dy) = (
        values::<T>(n * inputs, 1),
        values::<T>(inputs * outputs, 2),
        values::<T>(outputs, 3),
        values::<T>(n * outputs, 4),
    );
    let (mut y, mut dx, mut dw, mut db) = (dy.clone(), x.clone(), vec![T::ZERO; w.len()], vec![T::ZERO; outputs]);
    if backward {
        let (mut dx_exact, mut dw_exact, mut db_exact) = (dx.clone(), dw.clone(), db.clone());
        reference::linear_backward_input(&g, &w, &dy, &mut dx_exact);
        reference::linear_backward_weight(&g, &x, &dy, &mut dw_exact);
        reference::linear_backward_bias(&g, &dy, &mut db_exact);
        level.linear_backward_input(&g, &w, &dy, &mut dx);
        level.linear_backward_weight(&g, &x, &dy, &mut dw);
        level.linear_backward_bias(&g, &dy, &mut db);
        assert_close(&dx, &dx_exact, outputs);
        assert_close(&dw, &dw_exact, n);
        assert_close(&db, &db_exact, n);
        fastest(seconds, || {
            level.linear_backward_input(&g, black_box(&w), black_box(&dy), black_box(&mut dx));
            level.linear_backward_weight(&g, black_box(&x), black_box(&dy), black_box(&mut dw));
            level.linear_backward_bias(&g, black_box(&dy), black_box(&mut db));
        })
    } else {
        let mut exact = y.clone();
        reference::linear(&g, &x, &w, Some(&b), &mut exact);
        level.linear(&g, &x, &w, Some(&b), &mut y);
        assert_close(&y, &exact, inputs);
        fastest(seconds, || level.linear(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)))
    }
}

fn main() {
    // Under `cargo bench` and `cargo test` there is nobody to ask.
    if std::env::args().any(|argument| argument == "--bench" || argument == "--test") {
        println!("compare: run benches/compare/compare.py instead");
        return;
    }
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input is text");
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["peak", level, element] => peak(level, element),
            [operation, level, element, direction, ref sizes @ .., seconds] => {
                let level = Level::named(level).expect("a level of this processor");
                let sizes: Vec<usize> = sizes.iter().map(|size| size.parse().expect("a size")).collect();
                let seconds: f64 = seconds.parse().expect("seconds");
                let run = match (operation, element) {
                    ("conv2d", "f32") => direct::<f32>,
                    ("conv2d", "f64") => direct::<f64>,
                    ("transposed", "f32") => transposed::<f32>,
                    ("transposed", "f64") => transposed::<f64>,
                    ("winograd", "f32") => winograd::<f32>,
                    ("winograd", "f64") => winograd::<f64>,
                    ("linear", "f32") => linear::<f32>,
                    ("linear", "f64") => linear::<f64>,
                    _ => panic!("what is {line}?"),
                };
                run(level, direction == "bwd", &sizes, seconds)
            }
            _ => panic!("what is {line}?"),
        };
        println!("{answer}");
        std::io::stdout().flush().expect("somebody listens");
    }
}
