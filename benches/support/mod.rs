//! What the benchmarks share.
#![allow(dead_code)] // No benchmark needs all of it.

pub mod agree;
pub mod peak;
pub mod profile;

use std::time::Instant;

use constconv::kernel::Level;

/// Seconds of the fastest of many batches of calls, within about `seconds`.
pub fn fastest(seconds: f64, mut call: impl FnMut()) -> f64 {
    let once = {
        call();
        let start = Instant::now();
        call();
        start.elapsed().as_secs_f64().max(1e-9)
    };
    // A batch is long enough for the clock's resolution and short enough to find a quiet moment.
    let batch = (50e-6 / once).ceil().max(1.0) as usize;
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < seconds {
        let start = Instant::now();
        for _ in 0..batch {
            call();
        }
        best = best.min(start.elapsed().as_secs_f64() / batch as f64);
    }
    best
}

/// Numbers within ±1, the same in every run.
pub fn values(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// The levels to measure: the best one under the crate's own name, the others with theirs.
pub fn levels() -> Vec<(String, Level)> {
    let mut levels: Vec<_> = Level::available().map(|level| (format!("constconv-{}", level.name()), level)).collect();
    if let Some(best) = levels.last_mut() {
        best.0 = "constconv".into();
    }
    levels.reverse();
    levels
}

/// Panics unless `ours` is what the definition says, for sums of `terms` terms.
#[track_caller]
pub fn assert_close(ours: &[f32], exact: &[f32], terms: usize) {
    for (&a, &b) in ours.iter().zip(exact) {
        assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0) * (terms as f32).sqrt(), "{a} is not {b}");
    }
}
