//! Long sums of f32: no accumulator of the vector kernels takes up so many terms that its rounding adds up.

use constconv::kernel::{Conv2dGeometry, Level, LinearGeometry};

/// The levels whose kernels this is about; the portable ones have tests of their own.
fn levels() -> impl Iterator<Item = Level> {
    Level::available().filter(|&level| level != Level::PORTABLE)
}

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
        for level in levels() {
            let mut db = [0.0_f32];
            level.conv2d_backward_bias(&g, &vec![0.1; 1 << 20], &mut db);
            assert_near("db", level, db[0], right, 1e-6);
        }
    }
}

#[test]
fn db_of_a_million_rows() {
    let g = LinearGeometry::new(1 << 20, 1, 1);
    for level in levels() {
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
        for level in levels() {
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
