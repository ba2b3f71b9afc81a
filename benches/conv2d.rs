//! Convolutions at every level that this processor has, and their definition, for comparison.
//!
//! `conv2d_forward` is y, `conv2d_backward` is dx, dw and db together, `conv_transpose2d_forward` is y of a transposed
//! convolution. Before a case is measured, its results are compared with the definition. `benches/compare` measures the
//! same cases against PyTorch.
#![allow(missing_docs)] // criterion's macro writes functions without documentation.

mod support;

use std::hint::black_box;
use std::time::Duration;

use constconv::kernel::{Conv2dGeometry, reference};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use support::{assert_close, levels, values};

/// Name, then N C H W F K S P G.
const CASES: [(&str, [usize; 9]); 16] = [
    ("seed_s6", [10, 32, 14, 14, 16, 3, 1, 1, 1]),
    ("seed_s1", [2, 3, 20, 20, 4, 2, 2, 1, 1]),
    ("seed_s3a", [8, 16, 5, 5, 32, 3, 1, 0, 1]),
    ("seed_s3b", [3, 3, 28, 28, 4, 3, 1, 0, 1]),
    ("lenet1", [1, 1, 28, 28, 6, 5, 1, 2, 1]),
    ("lenet2", [1, 6, 14, 14, 16, 5, 1, 0, 1]),
    ("cifar", [1, 32, 32, 32, 32, 3, 1, 1, 1]),
    ("res56", [1, 64, 56, 56, 64, 3, 1, 1, 1]),
    ("res14", [1, 256, 14, 14, 256, 3, 1, 1, 1]),
    ("down28", [1, 64, 28, 28, 128, 3, 2, 1, 1]),
    ("point28", [1, 64, 28, 28, 128, 1, 1, 0, 1]),
    ("depth28", [1, 64, 28, 28, 64, 3, 1, 1, 64]),
    ("depth14", [1, 128, 14, 14, 128, 3, 1, 1, 128]),
    ("depth28s2", [1, 64, 28, 28, 64, 3, 2, 1, 64]),
    ("depth28k5", [1, 64, 28, 28, 64, 5, 1, 2, 64]),
    ("group28", [1, 64, 28, 28, 64, 3, 1, 1, 8]),
];

/// The same of transposed convolutions: x is (N, C, H, W), and y has F channels.
const TRANSPOSED: [(&str, [usize; 9]); 2] =
    [("up14", [1, 64, 14, 14, 32, 4, 2, 1, 1]), ("up28", [1, 32, 28, 28, 16, 2, 2, 0, 1])];

fn geometry([n, c, h, w, f, k, s, p, groups]: [usize; 9]) -> Conv2dGeometry {
    let output = [h, w].map(|len| (len + 2 * p - k) / s + 1);
    Conv2dGeometry::new([n, c, h, w], [f, k, k], output).stride([s; 2]).padding([p; 2]).groups(groups)
}

/// The convolution that a transposed one is the adjoint of.
fn adjoint([n, c, h, w, f, k, s, p, groups]: [usize; 9]) -> Conv2dGeometry {
    let [height, width] = [h, w].map(|len| (len - 1) * s + k - 2 * p);
    let g = Conv2dGeometry::new([n, f, height, width], [c, k, k], [h, w]);
    g.stride([s; 2]).padding([p; 2]).groups(groups)
}

fn forward(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("conv2d_forward");
    for (case, sizes) in CASES {
        let g = geometry(sizes);
        let (x, w, b) = (values(g.x_len(), 1), values(g.w_len(), 2), values(g.f, 3));
        let (mut y, mut exact) = (vec![0.0; g.y_len()], vec![0.0; g.y_len()]);
        group.throughput(Throughput::Elements(g.macs() as u64));
        for (name, level) in levels() {
            group.bench_function(BenchmarkId::new(&name, case), |bencher| {
                reference::conv2d(&g, &x, &w, Some(&b), &mut exact);
                level.conv2d(&g, &x, &w, Some(&b), &mut y);
                assert_close(&y, &exact, g.w_len() / g.f);
                bencher.iter(|| level.conv2d(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)));
            });
            group.bench_function(BenchmarkId::new(format!("{name}-winograd"), case), |bencher| {
                reference::conv2d(&g, &x, &w, Some(&b), &mut exact);
                level.conv2d_winograd(&g, &x, &w, Some(&b), &mut y);
                // Its rounding error is about ten times as large.
                assert_close(&y, &exact, 100 * g.w_len() / g.f);
                bencher.iter(|| level.conv2d_winograd(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)));
            });
        }
        group.bench_function(BenchmarkId::new("reference", case), |bencher| {
            bencher.iter(|| reference::conv2d(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)));
        });
    }
}

fn backward(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("conv2d_backward");
    for (case, sizes) in CASES {
        let g = geometry(sizes);
        let (x, w, dy) = (values(g.x_len(), 1), values(g.w_len(), 2), values(g.y_len(), 3));
        let (mut dx, mut dw, mut db) = (vec![0.0; g.x_len()], vec![0.0; g.w_len()], vec![0.0; g.f]);
        group.throughput(Throughput::Elements(2 * g.macs() as u64));
        for (name, level) in levels() {
            group.bench_function(BenchmarkId::new(&name, case), |bencher| {
                let (mut dx_exact, mut dw_exact, mut db_exact) = (dx.clone(), vec![0.0; g.w_len()], vec![0.0; g.f]);
                reference::conv2d_backward_input(&g, &w, &dy, &mut dx_exact);
                reference::conv2d_backward_filter(&g, &x, &dy, &mut dw_exact);
                reference::conv2d_backward_bias(&g, &dy, &mut db_exact);
                dw.fill(0.0);
                db.fill(0.0);
                level.conv2d_backward_input(&g, &w, &dy, &mut dx);
                level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
                level.conv2d_backward_bias(&g, &dy, &mut db);
                assert_close(&dx, &dx_exact, g.f / g.groups * g.kernel[0] * g.kernel[1]);
                assert_close(&dw, &dw_exact, g.y_len() / g.f);
                assert_close(&db, &db_exact, g.y_len() / g.f);
                bencher.iter(|| {
                    level.conv2d_backward_input(&g, black_box(&w), black_box(&dy), black_box(&mut dx));
                    level.conv2d_backward_filter(&g, black_box(&x), black_box(&dy), black_box(&mut dw));
                    level.conv2d_backward_bias(&g, black_box(&dy), black_box(&mut db));
                });
            });
        }
        group.bench_function(BenchmarkId::new("reference", case), |bencher| {
            bencher.iter(|| {
                reference::conv2d_backward_input(&g, black_box(&w), black_box(&dy), black_box(&mut dx));
                reference::conv2d_backward_filter(&g, black_box(&x), black_box(&dy), black_box(&mut dw));
                reference::conv2d_backward_bias(&g, black_box(&dy), black_box(&mut db));
            });
        });
    }
}

/// y of transposed convolutions; their backward pass is made of the kernels above.
fn transposed(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("conv_transpose2d_forward");
    for (case, sizes) in TRANSPOSED {
        let g = adjoint(sizes);
        let (x, w, b) = (values(g.y_len(), 1), values(g.w_len(), 2), values(g.c, 3));
        let (mut y, mut exact) = (vec![0.0; g.x_len()], vec![0.0; g.x_len()]);
        group.throughput(Throughput::Elements(g.macs() as u64));
        for (name, level) in levels() {
            group.bench_function(BenchmarkId::new(&name, case), |bencher| {
                reference::conv_transpose2d(&g, &x, &w, Some(&b), &mut exact);
                level.conv_transpose2d(&g, &x, &w, Some(&b), &mut y);
                assert_close(&y, &exact, g.w_len() / g.c);
                bencher.iter(|| level.conv_transpose2d(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)));
            });
        }
        group.bench_function(BenchmarkId::new("reference", case), |bencher| {
            bencher.iter(|| reference::conv_transpose2d(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
    targets = forward, backward, transposed
}
criterion_main!(benches);
