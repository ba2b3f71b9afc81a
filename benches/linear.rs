//! Fully connected layers at every level that this processor has, and their definition, for comparison.
//!
//! `linear_forward` is y, `linear_backward` is dx, dw and db together. Before a case is measured, its results are compared
//! with the definition.
#![allow(missing_docs)] // criterion's macro writes functions without documentation.

mod support;

use std::hint::black_box;
use std::time::Duration;

use constconv::kernel::{LinearGeometry, reference};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use support::{assert_close, levels, values};

/// Name, then N IN OUT.
const CASES: [(&str, [usize; 3]); 6] = [
    ("gemv400", [1, 400, 120]),
    ("gemv1024", [1, 1024, 1000]),
    ("gemv4096", [1, 4096, 4096]),
    ("batch32", [32, 400, 120]),
    ("batch64", [64, 1024, 1024]),
    ("batch256", [256, 784, 512]),
];

fn forward(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("linear_forward");
    for (case, [n, inputs, outputs]) in CASES {
        let g = LinearGeometry::new(n, inputs, outputs);
        let (x, w, b) = (values(n * inputs, 1), values(outputs * inputs, 2), values(outputs, 3));
        let (mut y, mut exact) = (vec![0.0; n * outputs], vec![0.0; n * outputs]);
        group.throughput(Throughput::Elements((n * inputs * outputs) as u64));
        for (name, level) in levels() {
            group.bench_function(BenchmarkId::new(&name, case), |bencher| {
                reference::linear(&g, &x, &w, Some(&b), &mut exact);
                level.linear(&g, &x, &w, Some(&b), &mut y);
                assert_close(&y, &exact, inputs);
                bencher.iter(|| level.linear(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)));
            });
        }
        group.bench_function(BenchmarkId::new("reference", case), |bencher| {
            bencher.iter(|| reference::linear(&g, black_box(&x), black_box(&w), Some(&b), black_box(&mut y)));
        });
    }
}

fn backward(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("linear_backward");
    for (case, [n, inputs, outputs]) in CASES {
        let g = LinearGeometry::new(n, inputs, outputs);
        let (x, w, dy) = (values(n * inputs, 1), values(outputs * inputs, 2), values(n * outputs, 3));
        let (mut dx, mut dw, mut db) = (vec![0.0; x.len()], vec![0.0; w.len()], vec![0.0; outputs]);
        group.throughput(Throughput::Elements((2 * n * inputs * outputs) as u64));
        for (name, level) in levels() {
            group.bench_function(BenchmarkId::new(&name, case), |bencher| {
                let (mut dx_exact, mut dw_exact, mut db_exact) = (dx.clone(), vec![0.0; w.len()], vec![0.0; outputs]);
                reference::linear_backward_input(&g, &w, &dy, &mut dx_exact);
                reference::linear_backward_weight(&g, &x, &dy, &mut dw_exact);
                reference::linear_backward_bias(&g, &dy, &mut db_exact);
                dw.fill(0.0);
                db.fill(0.0);
                level.linear_backward_input(&g, &w, &dy, &mut dx);
                level.linear_backward_weight(&g, &x, &dy, &mut dw);
                level.linear_backward_bias(&g, &dy, &mut db);
                assert_close(&dx, &dx_exact, outputs);
                assert_close(&dw, &dw_exact, n);
                assert_close(&db, &db_exact, n);
                bencher.iter(|| {
                    level.linear_backward_input(&g, black_box(&w), black_box(&dy), black_box(&mut dx));
                    level.linear_backward_weight(&g, black_box(&x), black_box(&dy), black_box(&mut dw));
                    level.linear_backward_bias(&g, black_box(&dy), black_box(&mut db));
                });
            });
        }
        group.bench_function(BenchmarkId::new("reference", case), |bencher| {
            bencher.iter(|| {
                reference::linear_backward_input(&g, black_box(&w), black_box(&dy), black_box(&mut dx));
                reference::linear_backward_weight(&g, black_box(&x), black_box(&dy), black_box(&mut dw));
                reference::linear_backward_bias(&g, black_box(&dy), black_box(&mut db));
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
    targets = forward, backward
}
criterion_main!(benches);
