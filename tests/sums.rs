//! Long sums of f32: no accumulator takes up so many terms that its rounding adds up.

use constconv::functional::upsample_nearest2d_backward;
use constconv::kernel::{Conv2dGeometry, Level, LinearGeometry, reference};
use constconv::prelude::*;

#[track_caller]
fn assert_near(what: &str, level: Level, found: f32, right: f64, tolerance: f64) {
    let error = (f64::from(found) - right).abs() / right;
    assert!(error <= tolerance, "{what} at level {} is {found} instead of {right}: {error:e}", level.name());
}

/// A plane of 1024² cells, or many images of one cell.
#[test]
fn db_of_a_million_cells() {
    let right = f64::from(0.1_f32) * f64::from(1 << 20);
    for (n, output) in [(1, [1024, 1024]), (1 << 20, [1, 1])] {
        let g = Conv2dGeometry::new([n, 1, output[0], output[1]], [1, 1, 1], output);
        for level in Level::available() {
            let mut db = [0.0_f32];
            level.conv2d_backward_bias(&g, &vec![0.1; 1 << 20], &mut db);
            assert_near("db", level, db[0], right, 1e-6);
        }
    }
}

#[test]
fn db_of_a_million_rows() {
    let g = LinearGeometry::new(1 << 20, 1, 1);
    for level in Level::available() {
        let mut db = [0.0_f32];
        level.linear_backward_bias(&g, &vec![0.1; 1 << 20], &mut db);
        assert_near("db", level, db[0], f64::from(0.1_f32) * f64::from(1 << 20), 1e-6);
    }
}

/// dw of a plane of 1024² cells: by a depthwise convolution, by a larger kernel, by pixels and by filters in the lanes.
#[test]
fn dw_of_a_million_cells() {
    for (channels, filters, groups, kernel) in [(1, 1, 1, 3), (1, 1, 1, 5), (5, 4, 1, 1), (1, 17, 1, 1)] {
        let g = Conv2dGeometry::new([1, channels, 1024, 1024], [filters, kernel, kernel], [1024, 1024])
            .padding([kernel / 2; 2])
            .groups(groups);
        let (x, dy) = (vec![1.0_f32; g.x_len()], vec![0.1; g.y_len()]);
        for level in Level::available() {
            let mut dw = vec![0.0; g.w_len()];
            level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
            let middle = dw[kernel * kernel / 2];
            assert_near(
                &format!("dw, {channels} to {filters} channels, kernel {kernel},"),
                level,
                middle,
                f64::from(0.1_f32) * f64::from(1 << 20),
                2e-5,
            );
        }
    }
}

/// dw of planes, of one long row or column, of many small images and of kernels with more taps than there is room for.
#[test]
fn dw_of_many_shapes() {
    for (n, channels, filters, groups, input, kernel) in [
        (4, 1, 1, 1, [512, 512], [1, 1]),
        (4, 2, 2, 2, [512, 512], [3, 3]),
        (32, 1, 1, 1, [112, 112], [3, 3]),
        (3, 2, 3, 1, [300, 300], [1, 1]),
        (2, 1, 3, 1, [300, 300], [5, 4]),
        (2, 3, 2, 1, [1, 1 << 18], [1, 3]),
        (2, 3, 2, 1, [1 << 18, 1], [2, 1]),
        (1 << 18, 2, 3, 1, [1, 1], [1, 1]),
        (1 << 16, 1, 2, 1, [2, 2], [2, 2]),
        (1, 1, 2, 1, [200, 200], [40, 30]),
        (1, 1, 1, 1, [11, 9000], [3, 1100]),
        (1, 1, 600, 1, [100, 100], [2, 1]),
    ] {
        let output = [input[0] - kernel[0] + 1, input[1] - kernel[1] + 1];
        let g = Conv2dGeometry::new([n, channels, input[0], input[1]], [filters, kernel[0], kernel[1]], output)
            .groups(groups);
        let (x, dy) = (vec![0.1_f32; g.x_len()], vec![1.0; g.y_len()]);
        for level in Level::available() {
            let mut dw = vec![1.0; g.w_len()];
            level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
            for dw in dw {
                let right = f64::from(0.1_f32) * (n * output[0] * output[1]) as f64 + 1.0;
                assert_near(&format!("dw of {g:?}"), level, dw, right, 5e-5);
            }
        }
    }
}

/// Each weight gets its own sum, wherever long sums are cut.
#[test]
fn cut_sums_are_those_of_the_definition() {
    for (n, [c, f, groups], input, kernel, [stride, padding, dilation]) in [
        (3, [2, 5, 1], [70, 90], [3, 5], [[1, 1], [1, 2], [1, 1]]),
        (2, [4, 6, 2], [150, 130], [3, 2], [[2, 1], [0, 1], [1, 3]]),
        (5, [2, 3, 1], [41, 43], [20, 30], [[1, 1], [0, 0], [1, 1]]),
        (2, [1, 2, 1], [3, 9000], [2, 7], [[1, 2], [1, 3], [2, 1]]),
        (2, [3, 3, 3], [9000, 2], [4, 1], [[2, 1], [3, 0], [1, 1]]),
        (700, [1, 1, 1], [4, 3], [2, 2], [[1, 1], [1, 0], [1, 1]]),
        (7, [3, 5, 1], [40, 40], [1, 1], [[1, 1], [0, 0], [1, 1]]),
        (3, [2, 9, 1], [80, 80], [35, 40], [[1, 1], [0, 0], [1, 1]]),
    ] {
        let output = [0, 1].map(|a| (input[a] + 2 * padding[a] - dilation[a] * (kernel[a] - 1) - 1) / stride[a] + 1);
        let g = Conv2dGeometry::new([n, c, input[0], input[1]], [f, kernel[0], kernel[1]], output)
            .stride(stride)
            .padding(padding)
            .dilation(dilation)
            .groups(groups);
        // Integers, with which no order of the terms makes a difference.
        let numbers = |len: usize, m: usize| (0..len).map(|n| (n * m % 7) as f32 - 3.0).collect::<Vec<_>>();
        let (x, dy) = (numbers(g.x_len(), 5), numbers(g.y_len(), 11));
        let mut right = numbers(g.w_len(), 3);
        reference::conv2d_backward_filter(&g, &x, &dy, &mut right);
        for level in Level::available() {
            let mut dw = numbers(g.w_len(), 3);
            level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
            assert!(dw == right, "dw of {g:?} at level {}", level.name());
        }
    }
}

/// The gradient of a cell that has become a large block.
#[test]
fn upsampled_blocks() {
    let mut dy = Tensor::<f32, 1, 1, 1024, 2048>::boxed_zeros();
    for (j, cell) in dy.iter_mut().enumerate() {
        *cell = if j % 2048 < 1024 { 0.1 } else { 0.3 };
    }
    let dx: Tensor<f32, 1, 1, 1, 2> = upsample_nearest2d_backward(&*dy, Scale::<1024>);
    for (column, cell) in [0.1_f32, 0.3].into_iter().enumerate() {
        let right = f64::from(cell) * f64::from(1 << 20);
        assert_near("dx", Level::PORTABLE, dx[[0, 0, 0, column]], right, 1e-6);
    }
    // Different cells in rows and columns, on both sides of the number from which on sums are cut.
    fn check<const SH: usize, const SW: usize, const H: usize, const W: usize>()
    where
        Tensor<i32, 2, 2, 2, 3>: constconv::shape::Upsample<Scale<SH, SW>, Output = Tensor<i32, 2, 2, H, W>>,
    {
        let dy = Tensor::<i32, 2, 2, H, W>::from_fn(|[n, c, i, j]| (n + 2 * c + i / SH * 5 + j / SW * 7) as i32);
        let dx: Tensor<i32, 2, 2, 2, 3> = upsample_nearest2d_backward(&dy, Scale::<SH, SW>);
        let right = Tensor::from_fn(|[n, c, i, j]| (n + 2 * c + i * 5 + j * 7) as i32 * (SH * SW) as i32);
        assert_eq!(dx, right);
    }
    check::<8, 8, 16, 24>();
    check::<5, 13, 10, 39>();
    check::<1, 70, 2, 210>();
    check::<70, 1, 140, 3>();
}
