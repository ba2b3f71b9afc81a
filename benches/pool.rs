//! 2-D pooling against its definition, forward and backward: `cargo bench --bench pool`.
//!
//! Each case first checks its result against the definition, which is written out below.

use std::hint::black_box;

use constconv::kernel::{Pool2dGeometry, avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// A case of `planes` square planes.
const fn case(planes: usize, size: usize, kernel: usize, stride: usize, padding: usize) -> Pool2dGeometry {
    let output = (size + 2 * padding - kernel) / stride + 1;
    Pool2dGeometry {
        planes,
        input: [size; 2],
        output: [output; 2],
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 2],
        dilation: [1; 2],
    }
}

const CASES: [(&str, Pool2dGeometry); 5] = [
    ("digits_16x8x8_k2", case(32 * 16, 8, 2, 2, 0)),
    ("cifar_32x32x32_k2", case(8 * 32, 32, 2, 2, 0)),
    ("tiles_64x27x27_k3", case(64, 27, 3, 3, 0)),
    ("stem_64x56x56_k3_s2_p1", case(64, 56, 3, 2, 1)),
    ("same_64x28x28_k3_s1_p1", case(64, 28, 3, 1, 1)),
];

/// Numbers in -1..1 without a pattern.
fn numbers(len: usize) -> Vec<f32> {
    let number = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as i32 as f32 / i32::MAX as f32;
    (1..=len).map(number).collect()
}

/// The definitions, window by window.
mod reference {
    use std::ops::Range;

    use super::Pool2dGeometry;

    /// Calls `visit(output index, start of the plane, rows, columns)` for each window, clipped to the plane.
    #[inline(always)]
    fn for_each_window(g: &Pool2dGeometry, mut visit: impl FnMut(usize, usize, Range<usize>, Range<usize>)) {
        let ([h, w], [ho, wo]) = (g.input, g.output);
        let clipped = |axis: usize, o: usize| {
            let (start, p) = (o * g.stride[axis], g.padding[axis]);
            start.saturating_sub(p)..(start + g.kernel[axis] - p).min(g.input[axis])
        };
        for plane in 0..g.planes {
            for i in 0..ho {
                for j in 0..wo {
                    visit((plane * ho + i) * wo + j, plane * h * w, clipped(0, i), clipped(1, j));
                }
            }
        }
    }

    pub fn max(g: &Pool2dGeometry, x: &[f32], y: &mut [f32]) {
        for_each_window(g, |out, plane, rows, columns| {
            let mut max = f32::NEG_INFINITY;
            for row in rows {
                for column in columns.clone() {
                    max = max.max(x[plane + row * g.input[1] + column]);
                }
            }
            y[out] = max;
        });
    }

    pub fn max_backward(g: &Pool2dGeometry, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        dx.fill(0.0);
        for_each_window(g, |out, plane, rows, columns| {
            let (mut max, mut place) = (f32::NEG_INFINITY, 0);
            for row in rows {
                for column in columns.clone() {
                    let cell = plane + row * g.input[1] + column;
                    if x[cell] > max {
                        (max, place) = (x[cell], cell);
                    }
                }
            }
            dx[place] += dy[out];
        });
    }

    pub fn avg(g: &Pool2dGeometry, x: &[f32], y: &mut [f32]) {
        let count = (g.kernel[0] * g.kernel[1]) as f32;
        for_each_window(g, |out, plane, rows, columns| {
            let mut sum = 0.0;
            for row in rows {
                for column in columns.clone() {
                    sum += x[plane + row * g.input[1] + column];
                }
            }
            y[out] = sum / count;
        });
    }

    pub fn avg_backward(g: &Pool2dGeometry, dy: &[f32], dx: &mut [f32]) {
        let count = (g.kernel[0] * g.kernel[1]) as f32;
        dx.fill(0.0);
        for_each_window(g, |out, plane, rows, columns| {
            for row in rows {
                for column in columns.clone() {
                    dx[plane + row * g.input[1] + column] += dy[out] / count;
                }
            }
        });
    }
}

/// Measures `ours` and `theirs` on every case, after a look at whether they agree.
///
/// Both take the geometry, an array like the input, one like the output, and the array that they overwrite.
fn compare(
    c: &mut Criterion,
    operation: &str,
    backward: bool,
    ours: impl Fn(&Pool2dGeometry, &[f32], &[f32], &mut [f32]),
    theirs: impl Fn(&Pool2dGeometry, &[f32], &[f32], &mut [f32]),
) {
    let mut group = c.benchmark_group(operation);
    for (name, g) in &CASES {
        let (x, dy) = (numbers(g.x_len()), numbers(g.y_len()));
        let len = if backward { g.x_len() } else { g.y_len() };
        let (mut a, mut b) = (vec![f32::NAN; len], vec![f32::NAN; len]);
        ours(g, &x, &dy, &mut a);
        theirs(g, &x, &dy, &mut b);
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-5), "{operation}/{name} is wrong");

        group.throughput(Throughput::Elements(g.x_len() as u64));
        group.bench_function(BenchmarkId::new("constconv", name), |bencher| {
            bencher.iter(|| ours(black_box(g), black_box(&x), black_box(&dy), &mut a));
        });
        group.bench_function(BenchmarkId::new("reference", name), |bencher| {
            bencher.iter(|| theirs(black_box(g), black_box(&x), black_box(&dy), &mut b));
        });
    }
    group.finish();
}

fn pool(c: &mut Criterion) {
    compare(c, "max_pool2d", false, |g, x, _, y| max_pool2d(g, x, y), |g, x, _, y| reference::max(g, x, y));
    compare(c, "max_pool2d_backward", true, max_pool2d_backward, reference::max_backward);
    compare(c, "avg_pool2d", false, |g, x, _, y| avg_pool2d(g, true, x, y), |g, x, _, y| reference::avg(g, x, y));
    compare(
        c,
        "avg_pool2d_backward",
        true,
        |g, _, dy, dx| avg_pool2d_backward(g, true, dy, dx),
        |g, _, dy, dx| reference::avg_backward(g, dy, dx),
    );
}

criterion_group!(benches, pool);
criterion_main!(benches);
