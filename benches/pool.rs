//! 2-D pooling against its definition, forward and backward: `cargo bench --bench pool`.
//!
//! Each case first checks its result against the definition, which is written out below.

use std::hint::black_box;

use constconv::kernel::{Pool2dGeometry, avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// A case of `planes` square planes.
const fn case(planes: usize, size: usize, kernel: usize, stride: usize, padding: usize) -> Pool2dGeometry {
    let output = (size + 2 * padding - kernel) / stride + 1;
    Pool2dGeometry::new(planes, [size; 2], [kernel; 2], [output; 2]).stride([stride; 2]).padding([padding; 2])
}

/// A case whose geometry is a constant, as it is in a layer.
trait Case {
    const NAME: &str;
    const G: Pool2dGeometry;
}

macro_rules! cases {
    ($($case:ident $name:literal = $geometry:expr;)*) => {
        $(
            struct $case;
            impl Case for $case {
                const NAME: &str = $name;
                const G: Pool2dGeometry = $geometry;
            }
        )*

        /// Measures an operation on every case.
        fn every_case<O: Operation>(c: &mut Criterion) {
            let mut group = c.benchmark_group(O::NAME);
            $(run::<O, $case>(&mut group);)*
            group.finish();
        }
    };
}

cases! {
    Digits "digits_16x8x8_k2" = case(32 * 16, 8, 2, 2, 0);
    Cifar "cifar_32x32x32_k2" = case(8 * 32, 32, 2, 2, 0);
    Tiles "tiles_64x27x27_k3" = case(64, 27, 3, 3, 0);
    Stem "stem_64x56x56_k3_s2_p1" = case(64, 56, 3, 2, 1);
    Same "same_64x28x28_k3_s1_p1" = case(64, 28, 3, 1, 1);
}

/// An operation on `x`, like the input, and `dy`, like the output, that overwrites `out`.
trait Operation {
    const NAME: &str;
    /// Whether `out` is like the input.
    const BACKWARD: bool;
    fn ours(g: &Pool2dGeometry, x: &[f32], dy: &[f32], out: &mut [f32]);
    fn theirs(g: &Pool2dGeometry, x: &[f32], dy: &[f32], out: &mut [f32]);
}

macro_rules! operations {
    ($($operation:ident $name:literal $backward:literal |$g:ident, $x:ident, $dy:ident, $out:ident| $ours:expr, $theirs:expr;)*) => { $(
        struct $operation;
        impl Operation for $operation {
            const NAME: &str = $name;
            const BACKWARD: bool = $backward;

            #[inline(always)]
            fn ours($g: &Pool2dGeometry, $x: &[f32], $dy: &[f32], $out: &mut [f32]) {
                $ours;
            }

            #[inline(always)]
            fn theirs($g: &Pool2dGeometry, $x: &[f32], $dy: &[f32], $out: &mut [f32]) {
                $theirs;
            }
        }
    )* };
}

operations! {
    Max "max_pool2d" false |g, x, _dy, y| max_pool2d(g, x, y), reference::max(g, x, y);
    MaxBackward "max_pool2d_backward" true
        |g, x, dy, dx| max_pool2d_backward(g, x, dy, dx), reference::max_backward(g, x, dy, dx);
    Avg "avg_pool2d" false |g, x, _dy, y| avg_pool2d(g, true, x, y), reference::avg(g, x, y);
    AvgBackward "avg_pool2d_backward" true
        |g, _x, dy, dx| avg_pool2d_backward(g, true, dy, dx), reference::avg_backward(g, dy, dx);
}

/// Numbers in -1..1 that no branch predictor foresees.
fn numbers(len: usize) -> Vec<f32> {
    let number = |i: usize| {
        let mut bits = (i as u32).wrapping_mul(0x9E37_79B9);
        bits = (bits ^ (bits >> 16)).wrapping_mul(0x85EB_CA6B);
        bits = (bits ^ (bits >> 13)).wrapping_mul(0xC2B2_AE35);
        (bits ^ (bits >> 16)) as i32 as f32 / i32::MAX as f32
    };
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

    #[inline(always)]
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

    #[inline(always)]
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

    #[inline(always)]
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

    #[inline(always)]
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

/// Measures an operation on one case, after a look at whether ours and theirs agree.
fn run<O: Operation, C: Case>(group: &mut BenchmarkGroup<WallTime>) {
    let (x, dy) = (numbers(C::G.x_len()), numbers(C::G.y_len()));
    let len = if O::BACKWARD { x.len() } else { dy.len() };
    let (mut a, mut b) = (vec![f32::NAN; len], vec![f32::NAN; len]);
    O::ours(const { &C::G }, &x, &dy, &mut a);
    O::theirs(const { &C::G }, &x, &dy, &mut b);
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-5), "{} of {} is wrong", O::NAME, C::NAME);

    group.throughput(Throughput::Elements(x.len() as u64));
    group.bench_function(BenchmarkId::new("constconv", C::NAME), |bencher| {
        bencher.iter(|| O::ours(const { &C::G }, black_box(&x), black_box(&dy), black_box(&mut a)));
    });
    group.bench_function(BenchmarkId::new("reference", C::NAME), |bencher| {
        bencher.iter(|| O::theirs(const { &C::G }, black_box(&x), black_box(&dy), black_box(&mut b)));
    });
}

fn pool(c: &mut Criterion) {
    every_case::<Max>(c);
    every_case::<MaxBackward>(c);
    every_case::<Avg>(c);
    every_case::<AvgBackward>(c);
}

criterion_group!(benches, pool);
criterion_main!(benches);
