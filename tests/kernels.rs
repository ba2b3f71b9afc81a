//! Pooling against a definition written here, over random geometries, and what the kernels say of wrong lengths.
//! Convolutions and fully connected layers have `levels.rs`.

mod support;

use constconv::functional;
use constconv::kernel::{
    self, AdaptivePool2dGeometry, ChannelGeometry, Conv2dGeometry, Level, LinearGeometry, Pool2dGeometry, math,
};
use constconv::prelude::*;
use proptest::prelude::*;
use support::{Number, Random, axis};

/// Runs `kernel` and `reference` on copies of one output, full of numbers, and compares.
fn compare<T: Number>(
    what: &str,
    output: &[T],
    terms: usize,
    kernel: impl FnOnce(&mut [T]),
    reference: impl FnOnce(&mut [T]),
) -> Result<(), TestCaseError> {
    let (mut a, mut b) = (output.to_vec(), output.to_vec());
    kernel(&mut a);
    reference(&mut b);
    for (i, (&a, &b)) in a.iter().zip(&b).enumerate() {
        prop_assert!(T::close(a, b, terms + 1), "{what}[{i}]: {a:?}, definition {b:?}");
    }
    Ok(())
}

fn poolings() -> impl Strategy<Value = Pool2dGeometry> {
    (1..=4_usize, axis(9), axis(40)).prop_map(|(planes, (rows, ho), (columns, wo))| {
        let g = Pool2dGeometry::new(planes, [rows[0], columns[0]], [rows[1], columns[1]], [ho, wo]);
        g.stride([rows[2], columns[2]]).padding([rows[3], columns[3]]).dilation([rows[4], columns[4]])
    })
}

/// The cells of window (i, j): the place on the plane, or `None` in the declared padding; cells beyond it are left out.
fn cells(g: &Pool2dGeometry, i: usize, j: usize) -> Vec<Option<usize>> {
    let mut cells = Vec::new();
    for u in 0..g.kernel[0] {
        for v in 0..g.kernel[1] {
            let place = |axis: usize, o: usize, k: usize| {
                (o * g.stride[axis] + k * g.dilation[axis]) as isize - g.padding[axis] as isize
            };
            let (row, column) = (place(0, i, u), place(1, j, v));
            let [h, w] = g.input.map(|l| l as isize);
            let [ph, pw] = g.padding.map(|p| p as isize);
            if (0..h).contains(&row) && (0..w).contains(&column) {
                cells.push(Some((row * w + column) as usize));
            } else if row < h + ph && column < w + pw {
                cells.push(None);
            }
        }
    }
    cells
}

/// Calls `visit(x offset of the plane, y index, cells)` for each window.
fn for_each_window(g: &Pool2dGeometry, mut visit: impl FnMut(usize, usize, &[Option<usize>])) {
    let [ho, wo] = g.output;
    for plane in 0..g.planes {
        for i in 0..ho {
            for j in 0..wo {
                visit(plane * g.input[0] * g.input[1], (plane * ho + i) * wo + j, &cells(g, i, j));
            }
        }
    }
}

/// The first of the largest numbers of a window.
fn arg_max<T: Number>(x: &[T], start: usize, cells: &[Option<usize>]) -> Option<usize> {
    let places = || cells.iter().flatten().map(|place| start + place);
    places().find(|&place| places().all(|other| x[other] <= x[place]))
}

fn max_pool2d_is_its_definition<T: Number>(g: &Pool2dGeometry, seed: u64) -> Result<(), TestCaseError> {
    let mut random = Random::new(seed);
    let mut x = random.values::<T>(g.x_len());
    let dy = random.values::<T>(g.y_len());
    // A tie in many a window.
    for i in 1..x.len() {
        if random.bits().is_multiple_of(3) {
            x[i] = x[i - 1];
        }
    }
    compare(
        "y",
        &dy,
        1,
        |y| kernel::max_pool2d(g, &x, y),
        |y| {
            for_each_window(g, |start, out, cells| {
                y[out] = arg_max(&x, start, cells).map_or(T::ZERO, |place| x[place])
            });
        },
    )?;
    compare(
        "dx",
        &x,
        25,
        |dx| kernel::max_pool2d_backward(g, &x, &dy, dx),
        |dx| {
            dx.fill(T::ZERO);
            for_each_window(g, |start, out, cells| {
                if let Some(place) = arg_max(&x, start, cells) {
                    dx[place] += dy[out];
                }
            });
        },
    )
}

fn avg_pool2d_is_its_definition(g: &Pool2dGeometry, padding_counts: bool, seed: u64) -> Result<(), TestCaseError> {
    let mut random = Random::new(seed);
    let (x, dy) = (random.values::<f64>(g.x_len()), random.values::<f64>(g.y_len()));
    let count = |cells: &[Option<usize>]| cells.iter().filter(|cell| padding_counts || cell.is_some()).count() as f64;
    compare(
        "y",
        &dy,
        25,
        |y| kernel::avg_pool2d(g, padding_counts, &x, y),
        |y| {
            for_each_window(g, |start, out, cells| {
                let sum: f64 = cells.iter().flatten().map(|place| x[start + place]).sum();
                y[out] = if count(cells) == 0.0 { 0.0 } else { sum / count(cells) };
            });
        },
    )?;
    compare(
        "dx",
        &x,
        25,
        |dx| kernel::avg_pool2d_backward(g, padding_counts, &dy, dx),
        |dx| {
            dx.fill(0.0);
            for_each_window(g, |start, out, cells| {
                for place in cells.iter().flatten() {
                    dx[start + place] += dy[out] / count(cells);
                }
            });
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn max_pool2d(g in poolings(), seed: u64) {
        max_pool2d_is_its_definition::<f32>(&g, seed)?;
        max_pool2d_is_its_definition::<i32>(&g, seed)?;
    }

    #[test]
    fn avg_pool2d(g in poolings(), padding_counts: bool, seed: u64) {
        avg_pool2d_is_its_definition(&g, padding_counts, seed)?;
    }
}

#[test]
fn wrong_lengths_are_reported_by_name() {
    /// What a panic says.
    fn panic_of(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
        *std::panic::catch_unwind(f).expect_err("a panic").downcast().expect("a message")
    }

    let pool = Pool2dGeometry::new(2, [4, 4], [2, 2], [2, 2]);
    let adaptive = AdaptivePool2dGeometry::new(2, [4, 4], [2, 2]);
    let channels = ChannelGeometry::new(2, 3, 4);
    for (message, found) in [
        ("`y` has 7 elements instead of 8", panic_of(|| kernel::max_pool2d(&pool, &[0.0; 32], &mut [0.0; 7]))),
        (
            "`dx` has 31 elements instead of 32",
            panic_of(|| kernel::avg_pool2d_backward(&pool, true, &[0.0; 8], &mut [0.0; 31])),
        ),
        (
            "`x` has 33 elements instead of 32",
            panic_of(|| kernel::adaptive_max_pool2d(&adaptive, &[0.0; 33], &mut [0.0; 8])),
        ),
        (
            "`var` has 2 elements instead of 3",
            panic_of(|| kernel::batch_statistics(&channels, &[0.0; 24], &mut [0.0; 3], &mut [0.0; 2])),
        ),
        ("`y` has 4 elements instead of 5", panic_of(|| kernel::relu(&[0.0; 5], &mut [0.0; 4]))),
        ("`dy` has 4 elements instead of 5", panic_of(|| kernel::gelu_backward(&[0.0; 5], &[0.0; 4], &mut [0.0; 5]))),
        ("5 elements do not make rows of 3", panic_of(|| kernel::softmax(3, &[0.0; 5], &mut [0.0; 5]))),
        (
            "`dx` has 4 elements instead of 6",
            panic_of(|| kernel::softmax_backward(3, &[0.0; 6], &[0.0; 6], &mut [0.0; 4])),
        ),
    ] {
        assert_eq!(found, message);
    }
}

/// What is not a probability is refused.
#[test]
fn dropout_takes_a_probability() {
    for p in [-0.1, 1.000_1, -f64::INFINITY, f64::INFINITY, f64::NAN] {
        let panic = std::panic::catch_unwind(|| kernel::dropout(p, 1, &[1.0_f32; 4], &mut [0.0; 4]));
        let message = panic.expect_err("a panic").downcast::<&str>().expect("a message");
        assert_eq!(*message, "the part that dropout drops lies between 0 and 1");
        let x = Vector::<f32, 4>::full(1.0);
        assert!(std::panic::catch_unwind(|| functional::dropout(&x, p, 1)).is_err());
        assert!(std::panic::catch_unwind(|| functional::dropout_backward(&x, p, 1)).is_err());
    }
    let of_all = |p| functional::dropout(&Vector::<f32, 4>::full(1.0), p, 1);
    assert_eq!([of_all(0.0), of_all(-0.0), of_all(1.0)], [1.0, 1.0, 0.0].map(Vector::full));
}

/// The error of one accumulator grows with the number of terms: 4e-3 of the sum here.
#[test]
fn long_sums_are_exact() {
    for terms in [0_usize, 1, 7, 8, 63, 64, 65, 128, 129, 1000, 224 * 224, 512 * 512, 1024 * 1024] {
        let sum = math::sum((0..terms).map(|_| 0.1_f32));
        let exact = terms as f64 * f64::from(0.1_f32);
        assert!((f64::from(sum) - exact).abs() <= 3e-7 * exact, "{terms} terms: {sum} instead of {exact}");
        // Each term counts once.
        assert_eq!(math::sum(0..terms as u64), (terms as u64 * terms.saturating_sub(1) as u64) / 2);
    }
    assert!(math::sum([1.0, f32::NAN]).is_nan());
    assert_eq!(math::sum([f32::MAX, f32::INFINITY]), f32::INFINITY);
}

/// One accumulator gives 0.100051 for planes of 224², 0.099753 for those of 512².
#[test]
fn averages_of_large_windows_are_exact() {
    for size in [9, 28, 224, 512] {
        let x = vec![0.1_f32; 2 * size * size];
        let close = |y: &[f32]| y.iter().all(|y| (y - 0.1).abs() < 2.4e-8);
        let mut y = [f32::NAN; 2];
        kernel::avg_pool2d(&Pool2dGeometry::new(2, [size; 2], [size; 2], [1, 1]), true, &x, &mut y);
        assert!(close(&y), "{size}: {y:?}");
        kernel::adaptive_avg_pool2d(&AdaptivePool2dGeometry::new(2, [size; 2], [1, 1]), &x, &mut y);
        assert!(close(&y), "{size}: {y:?}");
        // Every second cell, and padding that counts or not.
        let half = size.div_ceil(2);
        let g = Pool2dGeometry::new(2, [size; 2], [half; 2], [1, 1]).dilation([2, 2]);
        kernel::avg_pool2d(&g, true, &x, &mut y);
        assert!(close(&y), "{size}: {y:?}");
        let g = Pool2dGeometry::new(2, [size; 2], [size + 1; 2], [1, 1]).padding([1, 1]);
        kernel::avg_pool2d(&g, false, &x, &mut y);
        assert!(close(&y), "{size}: {y:?}");
    }
}

/// A sum of the type itself wraps around, or panics where overflow does.
#[test]
fn averages_of_integers_are_summed_in_wider_ones() {
    let mut y = [0_u8; 1];
    kernel::avg_pool2d(&Pool2dGeometry::new(1, [2, 2], [2, 2], [1, 1]), true, &[200; 4], &mut y);
    assert_eq!(y, [200]);
    kernel::avg_pool2d(&Pool2dGeometry::new(1, [1, 2], [1, 2], [1, 1]), true, &[255, 254], &mut y);
    assert_eq!(y, [254]); // rounded towards zero
    // More cells than the type can count, a fifth of them padding.
    let g = Pool2dGeometry::new(1, [40, 8], [40, 10], [1, 1]).padding([0, 1]);
    kernel::avg_pool2d(&g, true, &[200; 320], &mut y);
    assert_eq!(y, [160]);
    kernel::adaptive_avg_pool2d(&AdaptivePool2dGeometry::new(1, [40, 8], [1, 1]), &[200; 320], &mut y);
    assert_eq!(y, [200]);

    let pair = Pool2dGeometry::new(1, [1, 2], [1, 2], [1, 1]);
    macro_rules! extremes {
        ($($integer:ident)*) => { $(
            for (x, mean) in [([$integer::MAX; 2], $integer::MAX), ([$integer::MIN; 2], $integer::MIN)] {
                let mut y = [1];
                kernel::avg_pool2d(&pair, true, &x, &mut y);
                assert_eq!(y, [mean], stringify!($integer));
            }
        )* };
    }
    extremes!(i8 u8 i16 u16 i32 u32 i64 u64 isize usize);
}

#[test]
fn statistics_of_large_batches_are_exact() {
    // One image of 1024², and a batch of rows.
    for g in [ChannelGeometry::new(1, 1, 1 << 20), ChannelGeometry::new(1 << 20, 1, 1)] {
        let x = vec![0.1_f32; g.x_len()];
        let (mut mean, mut var, mut y) = ([0.0], [0.0], vec![0.0; g.x_len()]);
        kernel::batch_statistics(&g, &x, &mut mean, &mut var);
        assert!((mean[0] - 0.1).abs() < 2.4e-8 && var[0] < 1e-15, "{mean:?} {var:?}");
        kernel::batch_norm(&g, 1e-5, &x, [&mean, &var], [&[1.0], &[0.0]], &mut y);
        assert!(y.iter().all(|y| y.abs() < 1e-5), "{} instead of 0", y[0]); // −0.298 by one accumulator

        // x̂ is 1 with a mean of 0 and a variance of 1e-2.
        let (mut dw, mut db) = ([0.0], [0.0]);
        let of_zero = [&[0.0][..], &[0.01]];
        kernel::batch_norm_backward(&g, 0.0, &x, of_zero, &[1.0], &x, None, [&mut dw, &mut db]);
        let right = g.x_len() as f32 / 10.0;
        assert!((dw[0] / right - 1.0).abs() < 3e-7 && (db[0] / right - 1.0).abs() < 3e-7, "{dw:?} {db:?}");
    }
}

#[test]
fn sums_of_rows_are_exact() {
    let columns = 1 << 20;
    let (mut y, mut dx) = (vec![0.0_f32; columns], vec![0.0; columns]);
    kernel::log_softmax(columns, &vec![0.3; columns], &mut y);
    let right = -(columns as f64).ln();
    assert!((f64::from(y[0]) / right - 1.0).abs() < 1.2e-7, "{} instead of {right}", y[0]);
    kernel::softmax(columns, &vec![0.3; columns], &mut y);
    assert_eq!(y[0], 1.0 / columns as f32);
    // dy − Σ dy · y of equal dy is 0.
    kernel::softmax_backward(columns, &y, &vec![0.1; columns], &mut dx);
    assert!(dx[0].abs() * columns as f32 <= 2e-8, "{} instead of 0", dx[0]);
    kernel::log_softmax_backward(columns, &vec![-13.862_944; columns], &vec![0.1; columns], &mut dx);
    assert!(dx[0].abs() <= 1e-7, "{} instead of 0", dx[0]);
}

#[test]
fn gradients_of_biases_are_exact() {
    // The images are added one by one.
    for (n, plane) in [(1, 1 << 20), (1 << 5, 1 << 15)] {
        let g = Conv2dGeometry::new([n, 1, 1, plane], [2, 1, 1], [1, plane]);
        let (dy, mut db) = (vec![0.1_f32; g.y_len()], [0.0; 2]);
        Level::PORTABLE.conv2d_backward_bias(&g, &dy, &mut db);
        let right = (n * plane) as f32 / 10.0;
        assert!(db.iter().all(|db| (db / right - 1.0).abs() < 3e-7), "{db:?} instead of {right}");
    }
    let g = LinearGeometry::new(1 << 20, 1, 2);
    let (dy, mut db) = (vec![0.1_f32; g.y_len()], [0.0; 2]);
    Level::PORTABLE.linear_backward_bias(&g, &dy, &mut db);
    let right = g.n as f32 / 10.0;
    assert!(db.iter().all(|db| (db / right - 1.0).abs() < 3e-7), "{db:?} instead of {right}");
}

/// Padding is zeros that are multiplied for y and dw; dx is a sum of real products.
#[test]
fn infinities_at_padded_edges() {
    const INF: f32 = f32::INFINITY;
    let g = Conv2dGeometry::new([1, 1, 3, 3], [1, 3, 3], [3, 3]).padding([1, 1]);
    let ones = [1.0; 9];
    let mut w = ones;
    w[0] = INF;
    let (mut y, mut dx, mut dw) = ([0.0; 9], [0.0; 9], [0.0; 9]);
    Level::PORTABLE.conv2d(&g, &ones, &w, None, &mut y);
    assert!(y.iter().zip(0..).all(|(y, cell)| if cell < 3 || cell % 3 == 0 { y.is_nan() } else { *y == INF }), "{y:?}");
    Level::PORTABLE.conv2d_backward_input(&g, &w, &ones, &mut dx);
    assert_eq!(dx, [INF, INF, 4.0, INF, INF, 6.0, 4.0, 6.0, 4.0]);
    // An infinite dy in the corner: the taps that have padding there are NaN.
    Level::PORTABLE.conv2d_backward_filter(&g, &ones, &w, &mut dw);
    assert!(
        dw.iter().zip(0..).all(|(dw, tap)| if tap < 3 || tap % 3 == 0 { dw.is_nan() } else { *dw == INF }),
        "{dw:?}"
    );
}
