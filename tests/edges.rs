//! Infinities and NaN where windows reach into the padding. y and dw multiply its zeros, as PyTorch does; dx is a sum
//! over the outputs that exist.

use constconv::kernel::{Conv2dGeometry, Epilogue, Level, Pool2dGeometry};
use proptest::prelude::*;

/// Calls `term(y, x, w)` for each product of the convolution; x is `None` on the padding.
fn for_each_product(g: &Conv2dGeometry, mut term: impl FnMut(usize, Option<usize>, usize)) {
    let (channels, filters) = (g.c / g.groups, g.f / g.groups);
    let cell = |axis: usize, output: usize, tap: usize| {
        let at = (output * g.stride[axis] + tap * g.dilation[axis]).checked_sub(g.padding[axis]);
        at.filter(|&at| at < g.input[axis])
    };
    for y in 0..g.y_len() {
        let (j, i) = (y % g.output[1], y / g.output[1] % g.output[0]);
        let (f, n) = (y / g.output[1] / g.output[0] % g.f, y / g.output[1] / g.output[0] / g.f);
        for w in 0..channels * g.kernel[0] * g.kernel[1] {
            let (v, u, c) = (w % g.kernel[1], w / g.kernel[1] % g.kernel[0], w / g.kernel[1] / g.kernel[0]);
            let plane = n * g.c + f / filters * channels + c;
            let x =
                cell(0, i, u).zip(cell(1, j, v)).map(|(row, column)| (plane * g.input[0] + row) * g.input[1] + column);
            term(y, x, f * channels * g.kernel[0] * g.kernel[1] + w);
        }
    }
}

/// Small integers, of which some are not finite.
fn numbers(len: usize, seed: u64, wild: &[(usize, u8)]) -> Vec<f32> {
    let mut state = seed | 1;
    let mut numbers: Vec<_> = (0..len)
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ((state >> 33) % 9) as f32 - 4.0
        })
        .collect();
    for &(at, kind) in wild {
        numbers[at % len] = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN][kind as usize % 3];
    }
    numbers
}

#[track_caller]
fn assert_same(what: &str, level: Level, g: &Conv2dGeometry, ours: &[f32], exact: &[f32]) {
    for (at, (a, b)) in ours.iter().zip(exact).enumerate() {
        let is_same = a == b || a.is_nan() && b.is_nan();
        assert!(is_same, "{what}[{at}] at level {} is {a} instead of {b} for {g:?}", level.name());
    }
}

/// y row by row, y and dx of which everything is negated when it is finished, and dx and dw with each element of y as the
/// winner of a pooling window of one cell, against the same.
fn check_fused(g: &Conv2dGeometry, [x, w, dy]: [&[f32]; 3], [y_is, dx_is, dw_is]: [&[f32]; 3]) {
    let pool = Pool2dGeometry::new(g.n * g.f, g.output, [1, 1], g.output);
    let negative = |a: &[f32]| a.iter().map(|a| -a).collect::<Vec<f32>>();
    let negate = |run: &mut [f32]| run.iter_mut().for_each(|a| *a = -*a);
    for level in Level::available() {
        let (mut y, mut dx, mut dw) = (vec![9.0; g.y_len()], vec![9.0; g.x_len()], vec![0.0; g.w_len()]);
        let mut buffer = vec![9.0; g.f * g.output[1]];
        level.conv2d_by_rows(g, x, w, None, 1, g.output[0], &mut buffer, &mut |n, i, band| {
            for (f, row) in band.chunks_exact(g.output[1]).enumerate() {
                y[((n * g.f + f) * g.output[0] + i) * g.output[1]..][..g.output[1]].copy_from_slice(row);
            }
        });
        assert_same("y row by row", level, g, &y, y_is);
        level.conv2d_then(g, x, w, None, &mut y, Epilogue::Map(&negate));
        assert_same("-y", level, g, &y, &negative(y_is));
        // NaN stays NaN.
        level.conv2d_then(g, x, w, None, &mut y, Epilogue::Limits { low: -1.0, high: Some(2.0) });
        let limited: Vec<f32> = y_is.iter().map(|&y| if y.is_nan() { y } else { y.clamp(-1.0, 2.0) }).collect();
        assert_same("y within limits", level, g, &y, &limited);
        level.conv_transpose2d_then(g, dy, w, None, &mut dx, Epilogue::Map(&negate));
        assert_same("-dx", level, g, &dx, &negative(dx_is));
        if !dy.contains(&0.0) {
            let marks = vec![0; g.y_len()];
            level.conv2d_backward_at_winners(g, &pool, &marks, x, dy, Some((w, &mut dx)), Some(&mut dw), None);
            assert_same("dx at winners", level, g, &dx, dx_is);
            assert_same("dw at winners", level, g, &dw, dw_is);
        }
    }
}

/// y, dx and dw against their definitions.
fn check(g: &Conv2dGeometry, x: &[f32], w: &[f32], dy: &[f32]) {
    let (mut y_is, mut dx_is, mut dw_is) = (vec![0.0; g.y_len()], vec![0.0; g.x_len()], vec![0.0; g.w_len()]);
    for_each_product(g, |y, cell, tap| {
        let number = cell.map_or(0.0, |cell| x[cell]);
        y_is[y] += number * w[tap];
        dw_is[tap] += number * dy[y];
        if let Some(cell) = cell {
            dx_is[cell] += dy[y] * w[tap];
        }
    });
    check_fused(g, [x, w, dy], [&y_is, &dx_is, &dw_is]);
    let bias = vec![1.0; g.c];
    let transposed_is: Vec<_> = dx_is.iter().map(|dx| dx + 1.0).collect();
    for level in Level::available() {
        let (mut y, mut dx, mut dw) = (vec![9.0; g.y_len()], vec![9.0; g.x_len()], vec![0.0; g.w_len()]);
        level.conv2d(g, x, w, None, &mut y);
        assert_same("y", level, g, &y, &y_is);
        level.conv2d_backward_filter(g, x, dy, &mut dw);
        assert_same("dw", level, g, &dw, &dw_is);
        level.conv2d_backward_input(g, w, dy, &mut dx);
        assert_same("dx", level, g, &dx, &dx_is);
        level.conv_transpose2d(g, dy, w, Some(&bias), &mut dx);
        assert_same("transposed", level, g, &dx, &transposed_is);
        // Winograd's algorithm rounds: what is not finite is the same, and what is finite is close.
        level.conv2d_winograd(g, x, w, None, &mut y);
        level.conv2d_winograd_backward_input(g, w, dy, &mut dx);
        for (ours, exact) in y.iter().zip(&y_is).chain(dx.iter().zip(&dx_is)) {
            let is_close = (ours - exact).abs() < 0.05 || ours == exact || ours.is_nan() && exact.is_nan();
            assert!(is_close, "{ours} instead of {exact} at level {} for {g:?}", level.name());
        }
    }
}

/// A plane of ones and a corner of the kernel that is infinite.
#[test]
fn an_infinite_corner() {
    let infinite = f32::INFINITY;
    // One channel, a depthwise convolution, and channels and filters that fill vectors.
    for (groups, channels) in [(1, 1), (3, 1), (1, 5), (1, 16), (1, 33), (2, 17)] {
        let c = groups * channels;
        let g = Conv2dGeometry::new([1, c, 3, 3], [c, 3, 3], [3, 3]).padding([1, 1]).groups(groups);
        // The corner of the first channel of each filter.
        let w: Vec<_> = (0..g.w_len()).map(|i| if i % (9 * channels) == 0 { infinite } else { 1.0 }).collect();
        let many = channels as f32;
        for level in Level::available() {
            let mut dx = vec![0.0; g.x_len()];
            level.conv2d_backward_input(&g, &w, &vec![1.0; g.y_len()], &mut dx);
            let corner =
                [infinite, infinite, 4.0 * many, infinite, infinite, 6.0 * many, 4.0 * many, 6.0 * many, 4.0 * many];
            assert_eq!(dx[..9], corner, "{channels} channels at level {}", level.name());

            // Infinity times the zeros above and on the left of x.
            let mut y = vec![0.0; g.y_len()];
            level.conv2d(&g, &vec![1.0; g.x_len()], &w, None, &mut y);
            for (at, y) in y.iter().enumerate() {
                let is_padding = at % 9 < 3 || at % 3 == 0;
                assert!(
                    if is_padding { y.is_nan() } else { *y == infinite },
                    "y[{at}] at level {} is {y}",
                    level.name()
                );
            }
        }
    }
}

/// Channels and filters that take each of the ways.
fn channels() -> impl Strategy<Value = (usize, [usize; 2])> {
    prop_oneof![
        (1..=3_usize).prop_map(|groups| (groups, [1, 1])),
        (1..=2_usize, 1..=4_usize, 1..=4_usize).prop_map(|(groups, c, f)| (groups, [c, f])),
        (Just(1_usize), 1..=6_usize, 12..=33_usize).prop_map(|(groups, c, f)| (groups, [c, f])),
        (Just(1_usize), 12..=33_usize, 1..=33_usize).prop_map(|(groups, c, f)| (groups, [c, f])),
    ]
}

fn axis() -> impl Strategy<Value = [usize; 6]> {
    (1..=9_usize, 1..=4_usize, 1..=3_usize, 0..=4_usize, 1..=3_usize, 0..=2_usize).prop_filter_map(
        "the window fits",
        |(input, kernel, stride, padding, dilation, more)| {
            let room = (input + 2 * padding).checked_sub((kernel - 1) * dilation + 1)?;
            // Rounded down, or up, or beyond.
            Some([input, (room + more) / stride + 1, kernel, stride, padding, dilation])
        },
    )
}

fn geometries() -> impl Strategy<Value = Conv2dGeometry> {
    (1..=2_usize, channels(), axis(), axis()).prop_map(|(n, (groups, [c, f]), rows, columns)| {
        let [input, output, kernel, stride, padding, dilation] = core::array::from_fn(|i| [rows[i], columns[i]]);
        Conv2dGeometry::new([n, groups * c, input[0], input[1]], [groups * f, kernel[0], kernel[1]], output)
            .stride(stride)
            .padding(padding)
            .dilation(dilation)
            .groups(groups)
    })
}

/// Places of numbers that are not finite.
fn wild() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((0..1_000_000_usize, any::<u8>()), 0..=2)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_that_are_not_finite(g in geometries(), seed: u64, in_x in wild(), in_w in wild(), in_dy in wild()) {
        let (x, w) = (numbers(g.x_len(), seed, &in_x), numbers(g.w_len(), seed ^ 2, &in_w));
        let mut dy = numbers(g.y_len(), seed ^ 4, &in_dy);
        check(&g, &x, &w, &dy);
        dy.iter_mut().filter(|dy| **dy == 0.0).for_each(|dy| *dy = 5.0);
        check(&g, &x, &w, &dy);
    }
}
