//! Pooling against a definition written here, over random geometries, and what the kernels say of wrong lengths.
//! Convolutions and fully connected layers have `levels.rs`.

mod support;

use constconv::kernel::{self, AdaptivePool2dGeometry, ChannelGeometry, Pool2dGeometry};
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
    (1..=4_usize, axis(9), axis(40)).prop_map(|(planes, (rows, ho), (columns, wo))| Pool2dGeometry {
        planes,
        input: [rows[0], columns[0]],
        output: [ho, wo],
        kernel: [rows[1], columns[1]],
        stride: [rows[2], columns[2]],
        padding: [rows[3], columns[3]],
        dilation: [rows[4], columns[4]],
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

    let pool = Pool2dGeometry {
        planes: 2,
        input: [4, 4],
        output: [2, 2],
        kernel: [2, 2],
        stride: [2, 2],
        padding: [0, 0],
        dilation: [1, 1],
    };
    let adaptive = AdaptivePool2dGeometry { planes: 2, input: [4, 4], output: [2, 2] };
    let channels = ChannelGeometry { n: 2, c: 3, plane: 4 };
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
        ("5 numbers are no rows of 3", panic_of(|| kernel::softmax(3, &[0.0; 5], &mut [0.0; 5]))),
        (
            "`dx` has 4 elements instead of 6",
            panic_of(|| kernel::softmax_backward(3, &[0.0; 6], &[0.0; 6], &mut [0.0; 4])),
        ),
    ] {
        assert_eq!(found, message);
    }
}
