//! What runs together without a full feature map in between, held against one operation after the other: the bands of
//! a convolution, what is applied to finished elements, poolings of bands, marks of a max pooling, and the backward pass at
//! its winners.

use std::cell::RefCell;
use std::fmt::Debug;
use std::ops::Range;

use constconv::kernel::thresholds::{dw, narrow};
use constconv::kernel::{Conv2dGeometry, Epilogue, Level, LinearGeometry, Pool2dGeometry};
use constconv::kernel::{PARTS, global_avg_pool2d, math, mean_of_sums, sum_rows};
use constconv::kernel::{avg_pool2d, avg_pool2d_band, max_pool2d, max_pool2d_band, max_pool2d_band_marked};
use constconv::kernel::{max_pool2d_backward, max_pool2d_marked};
use constconv::prelude::Scalar;
use num_traits::FromPrimitive;
use proptest::prelude::*;

/// An element type under test.
trait Number: Scalar + PartialOrd {
    /// Made of a random number; now and then it is 0 or −0.
    fn from_bits(bits: u64) -> Self;
    fn bits(self) -> u64;
    fn magnitude(self) -> Self;
    fn as_f64(self) -> f64;
    /// The error of a mean, relative to that of the magnitudes.
    const ROUNDING: f64;
    /// By how much a sum may differ from one in another order, if its terms have a sum of so much without their signs.
    fn tolerance(self) -> Self;
}

macro_rules! floats {
    ($($t:ident $tolerance:literal;)*) => { $(
        impl Number for $t {
            fn from_bits(bits: u64) -> Self {
                match bits % 16 {
                    0 => 0.0,
                    1 => -0.0,
                    _ => ((bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0) as $t,
                }
            }
            fn bits(self) -> u64 {
                self.to_bits().into()
            }
            fn magnitude(self) -> Self {
                self.abs()
            }
            fn as_f64(self) -> f64 {
                self.into()
            }
            const ROUNDING: f64 = 8.0 * $t::EPSILON as f64;
            fn tolerance(self) -> Self {
                self * $tolerance
            }
        }
    )* };
}

floats! { f32 4e-6; f64 1e-14; }

macro_rules! integers {
    ($($t:ident $largest:literal;)*) => { $(
        impl Number for $t {
            fn from_bits(bits: u64) -> Self {
                ((bits >> 33).rem_euclid(2 * $largest + 1) as i64 - if Self::MIN != 0 { $largest } else { 0 }) as Self
            }
            fn bits(self) -> u64 {
                self as u64
            }
            fn magnitude(self) -> Self {
                self.max(0) - self.min(0)
            }
            fn as_f64(self) -> f64 {
                self as f64
            }
            const ROUNDING: f64 = 0.0;
            fn tolerance(self) -> Self {
                0
            }
        }
    )* };
}

integers! { i32 4; i8 127; u8 127; i64 1_000_000; }

fn random<T: Number>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed | 1;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        T::from_bits((state >> 7 ^ state) | state << 57)
    };
    (0..len).map(|_| next()).collect()
}

#[track_caller]
fn assert_same_bits<T: Number>(what: &str, level: Level, g: &dyn Debug, ours: &[T], right: &[T]) {
    assert_eq!(ours.len(), right.len());
    if let Some(at) = ours.iter().zip(right).position(|(a, b)| a.bits() != b.bits()) {
        panic!("{what}[{at}] at level {} is {:?} instead of {:?} for {g:?}", level.name(), ours[at], right[at]);
    }
}

/// A number that no kernel gives.
fn canary<T: Number>() -> T {
    let doubled = if size_of::<T>() == 1 { 6 } else { 11 };
    (0..doubled).fold(T::ONE, |a, _| a + a) + T::ONE
}

/// Bands, for each level.
fn check_bands<T: Number>(g: &Conv2dGeometry, rows: usize, bands: usize) {
    let [x, w, b] = [g.x_len(), g.w_len(), g.f].map(|len| random::<T>(len, len as u64));
    for level in Level::available() {
        for b in [None, Some(&b[..])] {
            let mut y = vec![canary::<T>(); g.y_len()];
            level.conv2d(g, &x, &w, b, &mut y);
            let mut buffer = vec![canary::<T>(); g.f * rows * g.output[1]];
            let mut at = 0;
            level.conv2d_by_rows(g, &x, &w, b, rows, bands, &mut buffer, &mut |n, k, band| {
                assert_eq!((at, band.len()), (n * bands + k, g.f * rows * g.output[1]));
                at += 1;
                for (f, band) in band.chunks_exact((rows * g.output[1]).max(1)).enumerate() {
                    let y = &y[((n * g.f + f) * g.output[0] + k * rows) * g.output[1]..][..rows * g.output[1]];
                    assert_same_bits(&format!("band ({n}, {k}, {f}) of {rows} rows"), level, g, band, y);
                }
                band.fill(canary());
            });
            assert_eq!(at, g.n * bands);
        }
    }
}

/// What `run` gives to a function, which changes it, and what it makes of limits, against what `right` makes of y.
fn check_then<T: Number>(
    what: &str,
    level: Level,
    g: &dyn Debug,
    len: usize,
    run: impl Fn(&mut [T], Epilogue<T>),
    right: impl Fn(&mut [T]),
) {
    let (mut y, mut y_is) = (vec![canary::<T>(); len], vec![canary::<T>(); len]);
    right(&mut y_is);
    let first = y.as_ptr().addr();
    let seen = RefCell::new(vec![None; len]);
    let see = |run: &mut [T]| {
        let at = (run.as_ptr().addr().wrapping_sub(first)) / size_of::<T>();
        for (seen, y) in seen.borrow_mut().iter_mut().skip(at).zip(run) {
            assert_eq!(seen.replace(*y), None, "an element of {what} is seen twice for {g:?}");
            *y = canary();
        }
    };
    run(&mut y, Epilogue::Map(&see));
    let seen: Vec<T> = seen.into_inner().into_iter().map(|y| y.expect("all elements are seen")).collect();
    assert_same_bits(what, level, g, &seen, &y_is);
    assert!(y.iter().all(|&y| y == canary()), "{what} was stored to again for {g:?}");
    for high in [None, Some(T::ONE)] {
        run(&mut y, Epilogue::Limits { low: T::ZERO, high });
        let limited = |y: T| match high {
            _ if y < T::ZERO => T::ZERO,
            Some(high) if y > high => high,
            _ => y,
        };
        let limited: Vec<T> = y_is.iter().map(|&y| limited(y)).collect();
        assert_same_bits(&format!("{what} within limits"), level, g, &y, &limited);
    }
}

/// Functions of finished elements, for each level.
fn check_all_then<T: Number>(g: &Conv2dGeometry) {
    let [x, w, b, dy, c] = [g.x_len(), g.w_len(), g.f, g.y_len(), g.c].map(|len| random::<T>(len, len as u64));
    for level in Level::available() {
        let b = Some(&b[..]);
        let run = |y: &mut [T], then: Epilogue<T>| level.conv2d_then(g, &x, &w, b, y, then);
        check_then("y", level, g, g.y_len(), run, |y| level.conv2d(g, &x, &w, b, y));
        let c = Some(&c[..]);
        let run = |y: &mut [T], then: Epilogue<T>| level.conv_transpose2d_then(g, &dy, &w, c, y, then);
        check_then("transposed", level, g, g.x_len(), run, |y| level.conv_transpose2d(g, &dy, &w, c, y));
    }
}

fn check_linear_then<T: Number>(g: &LinearGeometry) {
    let [x, w, b] = [g.x_len(), g.w_len(), g.outputs].map(|len| random::<T>(len, len as u64));
    for level in Level::available() {
        for b in [None, Some(&b[..])] {
            let run = |y: &mut [T], then: Epilogue<T>| level.linear_then(g, &x, &w, b, y, then);
            check_then("y", level, g, g.y_len(), run, |y| level.linear(g, &x, &w, b, y));
        }
    }
}

/// Marks against the pooling's own backward pass. Some numbers are NaN, if there is one.
fn check_marks<T: Number>(g: &Pool2dGeometry, nan: Option<T>) {
    let mut x = random::<T>(g.x_len(), 1);
    for (i, x) in x.iter_mut().enumerate().filter(|(i, _)| i % 5 == 0) {
        *x = nan.filter(|_| i % 3 == 0).unwrap_or(T::ONE); // many a tie
    }
    let (mut y, mut y_is, mut marks) =
        (vec![canary::<T>(); g.y_len()], vec![canary::<T>(); g.y_len()], vec![9; g.y_len()]);
    max_pool2d(g, &x, &mut y_is);
    max_pool2d_marked(g, &x, &mut y, &mut marks);
    assert_same_bits("y", Level::PORTABLE, g, &y, &y_is);

    let dy = random::<T>(g.y_len(), 2);
    let (mut dx, mut dx_is) = (vec![T::ZERO; g.x_len()], vec![canary::<T>(); g.x_len()]);
    max_pool2d_backward(g, &x, &dy, &mut dx_is);
    for (o, &mark) in marks.iter().enumerate() {
        if let Some([i, j]) = place(g, o, mark.into()) {
            let plane = o / (g.output[0] * g.output[1]) * g.input[0];
            dx[(plane + i) * g.input[1] + j] += dy[o];
        }
    }
    assert!(dx == dx_is, "{dx:?} instead of {dx_is:?} for {g:?}");
}

/// Some rows of each plane.
fn rows_of<T: Number>(planes: usize, [height, width]: [usize; 2], x: &[T], rows: Range<usize>) -> Vec<T> {
    let plane = |plane| &x[(plane * height + rows.start) * width..(plane * height + rows.end) * width];
    (0..planes).flat_map(plane).copied().collect()
}

/// Numbers with ties, and with NaN, if there is one.
fn with_ties<T: Number>(len: usize, nan: Option<T>) -> Vec<T> {
    let mut x = random::<T>(len, 1);
    for (i, x) in x.iter_mut().enumerate().filter(|(i, _)| i % 5 == 0) {
        *x = nan.filter(|_| i % 3 == 0).unwrap_or(T::ONE);
    }
    x
}

/// Poolings of bands of rows against those of whole planes.
fn check_pools_by_rows<T: Number + FromPrimitive>(g: &Pool2dGeometry, band: usize, nan: Option<T>) {
    let x = with_ties(g.x_len(), nan);
    let bands = || (0..g.input[0]).step_by(band).map(|first| first..g.input[0].min(first + band));
    let y_of = |pool: &dyn Fn(&mut [T])| {
        let mut y = vec![canary::<T>(); g.y_len()];
        pool(&mut y);
        y
    };

    let right = y_of(&|y| max_pool2d(g, &x, y));
    let y =
        y_of(&|y| bands().for_each(|rows| max_pool2d_band(g, rows.clone(), &rows_of(g.planes, g.input, &x, rows), y)));
    assert_same_bits("maximum", Level::PORTABLE, g, &y, &right);

    if g.kernel[0] * g.kernel[1] <= 256 {
        let (mut marks, mut right_marks) = (vec![9; g.y_len()], vec![9; g.y_len()]);
        max_pool2d_marked(g, &x, &mut vec![T::ZERO; g.y_len()], &mut right_marks);
        let mut y = vec![canary::<T>(); g.y_len()];
        for rows in bands() {
            max_pool2d_band_marked(g, rows.clone(), &rows_of(g.planes, g.input, &x, rows), &mut y, &mut marks);
        }
        assert_same_bits("marked maximum", Level::PORTABLE, g, &y, &right);
        for (o, (&mark, &right)) in marks.iter().zip(&right_marks).enumerate() {
            let plane = |mark: u8| place(g, o, mark.into());
            assert_eq!(plane(mark), plane(right), "mark of output {o} for {g:?}");
        }
    }

    let reach = (g.kernel[0] - 1) * g.dilation[0] + 1;
    for padding_counts in [true, false] {
        let right = y_of(&|y| avg_pool2d(g, padding_counts, &x, y));
        let y = y_of(&|y| {
            for end in 1..=g.input[0] {
                let rows = end.saturating_sub(reach)..end;
                avg_pool2d_band(g, padding_counts, rows.clone(), &rows_of(g.planes, g.input, &x, rows), y);
            }
        });
        assert_same_bits("mean", Level::PORTABLE, g, &y, &right);
    }
}

/// Means of whole planes that come in bands, and against the definition.
fn check_means<T: Number + FromPrimitive>(planes: usize, size: [usize; 2], band: usize) {
    let (count, x) = (size[0] * size[1], with_ties::<T>(planes * size[0] * size[1], None));
    let (mut right, mut y, mut sums) =
        (vec![canary::<T>(); planes], vec![canary::<T>(); planes], vec![canary::<T>(); planes * PARTS]);
    global_avg_pool2d(size, &x, &mut right);
    for first in (0..size[0]).step_by(band) {
        let rows = first..size[0].min(first + band);
        sum_rows(size[1], rows.clone(), &rows_of(planes, size, &x, rows), &mut sums);
    }
    mean_of_sums(count, &sums, &mut y);
    assert_same_bits("mean", Level::PORTABLE, &(size, band), &y, &right);
    for (x, &mean) in x.chunks_exact(count).zip(&right) {
        let of = |terms: &mut dyn Iterator<Item = f64>| math::sum(terms) / count as f64;
        let (mean, right) = (mean.as_f64(), of(&mut x.iter().map(|x| x.as_f64())));
        let error = of(&mut x.iter().map(|x| x.as_f64().abs())) * T::ROUNDING;
        // Integers are rounded towards zero.
        let right = if T::ROUNDING == 0.0 { right.trunc() } else { right };
        assert!((mean - right).abs() <= error, "the mean is {mean} instead of {right} for {size:?}");
    }
}

/// Where a cell of the window of output `o` lies on the plane.
fn place(g: &Pool2dGeometry, o: usize, k: usize) -> Option<[usize; 2]> {
    let ([ho, wo], cells) = (g.output, [k / g.kernel[1], k % g.kernel[1]]);
    let outputs = [o / wo % ho, o % wo];
    let place = [0, 1].map(|axis| {
        let at = outputs[axis] * g.stride[axis] + cells[axis] * g.dilation[axis];
        at.checked_sub(g.padding[axis]).filter(|&at| at < g.input[axis])
    });
    place[0].zip(place[1]).map(|(i, j)| [i, j])
}

/// The backward pass at the winners, against the whole one.
fn check_winners<T: Number>(g: &Conv2dGeometry, pool: &Pool2dGeometry) {
    let [x, w] = [g.x_len(), g.w_len()].map(|len| random::<T>(len, len as u64));
    let (mut y, mut pooled) = (vec![T::ZERO; g.y_len()], vec![T::ZERO; pool.y_len()]);
    let mut marks = vec![0; pool.y_len()];
    Level::PORTABLE.conv2d(g, &x, &w, None, &mut y);
    max_pool2d_marked(pool, &y, &mut pooled, &mut marks);
    let (mut dy, mut whole) = (random::<T>(pool.y_len(), 3), vec![T::ZERO; g.y_len()]);
    for (o, dy) in dy.iter_mut().enumerate() {
        *dy = place(pool, o, marks[o].into()).map_or(T::ZERO, |_| *dy);
    }
    max_pool2d_backward(pool, &y, &dy, &mut whole);

    let [w0, b0] = [g.w_len(), g.f].map(|len| random::<T>(len, 5));
    let backward = |level: Level, x: &[T], w: &[T], dy: &[T], w0: &[T], b0: &[T]| {
        let (mut dx, mut dw, mut db) = (vec![canary::<T>(); g.x_len()], w0.to_vec(), b0.to_vec());
        level.conv2d_backward_input(g, w, dy, &mut dx);
        level.conv2d_backward_filter(g, x, dy, &mut dw);
        level.conv2d_backward_bias(g, dy, &mut db);
        [dx, dw, db]
    };
    let right = backward(Level::PORTABLE, &x, &w, &whole, &w0, &b0);
    let abs = |a: &[T]| a.iter().map(|a| a.magnitude()).collect::<Vec<T>>();
    // Windows may share a winner, where their signs differ.
    max_pool2d_backward(pool, &y, &abs(&dy), &mut whole);
    let bounds = backward(Level::PORTABLE, &abs(&x), &abs(&w), &whole, &abs(&w0), &abs(&b0));
    for level in Level::available() {
        let (mut dx, mut dw, mut db) = (vec![canary::<T>(); g.x_len()], w0.clone(), b0.clone());
        let (dx_is, db_is) = (Some((&w[..], &mut dx[..])), Some(&mut db[..]));
        level.conv2d_backward_at_winners(g, pool, &marks, &x, &dy, dx_is, Some(&mut dw), db_is);
        let mut alone = w0.clone();
        level.conv2d_backward_at_winners(g, pool, &marks, &x, &dy, None, Some(&mut alone), None);
        assert_same_bits("dw without dx", level, g, &alone, &dw);
        let mut alone = vec![canary::<T>(); g.x_len()];
        level.conv2d_backward_at_winners(g, pool, &marks, &x, &dy, Some((&w, &mut alone)), None, None);
        assert_same_bits("dx without dw", level, g, &alone, &dx);
        for (what, (ours, (right, bound))) in
            ["dx", "dw", "db"].iter().zip([dx, dw, db].iter().zip(right.iter().zip(&bounds)))
        {
            for (at, (&a, (&b, &bound))) in ours.iter().zip(right.iter().zip(bound)).enumerate() {
                let error = (a - b).magnitude();
                let name = level.name();
                assert!(error <= bound.tolerance(), "{what}[{at}] at level {name} is {a:?} instead of {b:?} for {g:?}");
            }
        }
    }
}

/// One axis of a convolution.
#[derive(Clone, Copy, Debug)]
struct Axis {
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
}

fn axis(outputs: impl Strategy<Value = usize>) -> impl Strategy<Value = Axis> {
    let step = prop_oneof![3 => Just(1_usize), 1 => Just(2_usize), 1 => Just(3_usize)];
    let dilation = prop_oneof![3 => Just(1_usize), 1 => 2..=4_usize];
    (outputs, 1..=6_usize, step, dilation, prop_oneof![Just(0_usize), 0..=3_usize], -2..=2_isize).prop_map(
        |(output, kernel, stride, dilation, padding, more)| {
            let reach = output.saturating_sub(1) * stride + (kernel - 1) * dilation + 1;
            let input = (reach.saturating_sub(2 * padding)).saturating_add_signed(more);
            Axis { input, output, kernel, stride, padding, dilation }
        },
    )
}

/// Few and many channels, and what the kernels have ways of their own for.
fn geometry() -> impl Strategy<Value = Conv2dGeometry> {
    let many = dw::STEPS / 2 + 1;
    let rows = prop_oneof![8 => 1..=9_usize, 2 => 10..=20_usize, 1 => Just(0_usize), 1 => Just(40_usize)];
    let columns = prop_oneof![
        8 => 1..=12_usize, 4 => 13..=40_usize, 1 => Just(0_usize), 1 => Just(many), 1 => Just(narrow::SOURCE / 8)
    ];
    let channels = || prop_oneof![6 => 1..=4_usize, 4 => 5..=18_usize, 1 => Just(0_usize), 1 => Just(33_usize), 1 => Just(130_usize)];
    let groups = prop_oneof![4 => Just(1_usize), 1 => 2..=5_usize];
    let kind = 0..=7_u32;
    (0..=3_usize, groups, channels(), channels(), axis(rows), axis(columns), kind).prop_filter_map(
        "too large",
        |(n, groups, c, f, mut rows, mut columns, kind)| {
            let (mut c, mut f, mut groups) = (c, f, groups);
            match kind {
                // Depthwise.
                0 => {
                    (c, f, groups) = (1, 1, c);
                    for axis in [&mut rows, &mut columns] {
                        *axis = Axis { kernel: 3, stride: 1, dilation: 1, input: axis.output + 2, ..*axis };
                        axis.input = axis.input.saturating_sub(2 * axis.padding);
                    }
                }
                // Depthwise with any kernel, and as wide as x or with a stride.
                6 => (c, f, groups) = (1, 1, c),
                7 => {
                    (c, f, groups) = (1, 1, c);
                    for axis in [&mut rows, &mut columns] {
                        let input = axis.output.saturating_sub(1) * axis.stride + 1;
                        *axis = Axis { kernel: 3, dilation: 1, padding: 1, input, ..*axis };
                    }
                }
                // A product of matrices.
                1 => {
                    for axis in [&mut rows, &mut columns] {
                        *axis = Axis { kernel: 1, stride: 1, dilation: 1, padding: 0, input: axis.output, ..*axis };
                    }
                }
                // One row.
                2 => rows = Axis { input: 1, output: 1, kernel: 1, stride: 1, padding: 0, dilation: 1 },
                _ => {}
            }
            let groups = groups.max(1);
            let g = Conv2dGeometry::new(
                [n, c * groups, rows.input, columns.input],
                [f * groups, rows.kernel, columns.kernel],
                [rows.output, columns.output],
            )
            .stride([rows.stride, columns.stride])
            .padding([rows.padding, columns.padding])
            .dilation([rows.dilation, columns.dilation])
            .groups(groups);
            (g.macs() <= 1_000_000 && g.x_len() <= 200_000 && g.y_len() <= 200_000).then_some(g)
        },
    )
}

/// A pooling of what a convolution gives: windows side by side or not, over the edge or not.
fn pool(g: &Conv2dGeometry) -> impl Strategy<Value = Pool2dGeometry> + use<> {
    let (planes, input) = (g.n * g.f, g.output);
    let side = || (1..=4_usize, 0..=4_usize, 0..=1_usize, 0..=1_usize, 1..=2_usize);
    (side(), side()).prop_map(move |(rows, columns)| {
        let [rows, columns] =
            [(rows, input[0]), (columns, input[1])].map(|((kernel, stride, padding, ceil, dilation), input)| {
                // Most often side by side.
                let (stride, padding, dilation) = if stride == 0 { (2, padding, dilation) } else { (kernel, 0, 1) };
                let output = (input + 2 * padding + stride).saturating_sub((kernel - 1) * dilation + 1) / stride;
                (kernel, stride, padding.min(kernel / 2), output + ceil, dilation)
            });
        Pool2dGeometry::new(planes, input, [rows.0, columns.0], [rows.3, columns.3])
            .stride([rows.1, columns.1])
            .padding([rows.2, columns.2])
            .dilation([rows.4, columns.4])
    })
}

/// A pooling of planes: small windows and large ones, near the edge and over it.
fn planes() -> impl Strategy<Value = Pool2dGeometry> {
    let kernel = || prop_oneof![4 => 1..=4_usize, 1 => 5..=11_usize];
    let side = move || {
        (
            1..=24_usize,
            kernel(),
            1..=5_usize,
            0..=5_usize,
            0..=1_usize,
            prop_oneof![3 => Just(1_usize), 1 => 2..=3_usize],
        )
    };
    (1..=3_usize, side(), side(), any::<bool>()).prop_map(|(planes, rows, columns, is_tile)| {
        let [rows, columns] = [rows, columns].map(|(input, kernel, stride, padding, ceil, dilation)| {
            let (stride, padding, dilation) =
                if is_tile { (kernel, 0, 1) } else { (stride, padding.min(kernel / 2), dilation) };
            let output = (input + 2 * padding + stride).saturating_sub((kernel - 1) * dilation + 1) / stride;
            (input, kernel, stride, padding, output + ceil, dilation)
        });
        Pool2dGeometry::new(planes, [rows.0, columns.0], [rows.1, columns.1], [rows.4, columns.4])
            .stride([rows.2, columns.2])
            .padding([rows.3, columns.3])
            .dilation([rows.5, columns.5])
    })
}

fn banded() -> impl Strategy<Value = (Conv2dGeometry, usize, usize)> {
    (geometry(), 0..=5_usize, any::<bool>(), any::<bool>()).prop_map(|(g, rows, is_whole, fewer)| {
        let rows = if is_whole { g.output[0] } else { rows };
        let bands = g.output[0].checked_div(rows).unwrap_or(2);
        (g, rows, bands.saturating_sub(usize::from(fewer && bands > 1)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bands_have_the_bits_of_the_whole((g, rows, bands) in banded()) {
        check_bands::<f32>(&g, rows, bands);
        check_bands::<f64>(&g, rows, bands);
        check_bands::<i32>(&g, rows, bands);
    }

    #[test]
    fn finished_elements_are_seen_once(g in geometry()) {
        check_all_then::<f32>(&g);
        check_all_then::<f64>(&g);
        check_all_then::<i32>(&g);
    }

    #[test]
    fn finished_outputs_are_seen_once(n in 0..=9_usize, inputs in 0..=70_usize, outputs in 0..=40_usize) {
        let g = LinearGeometry::new(n, inputs, outputs);
        check_linear_then::<f32>(&g);
        check_linear_then::<f64>(&g);
        check_linear_then::<i32>(&g);
    }

    #[test]
    fn marks_are_those_of_the_winners(pool in geometry().prop_flat_map(|g| pool(&g))) {
        check_marks::<f32>(&pool, Some(f32::NAN));
        check_marks::<f64>(&pool, None);
        check_marks::<i32>(&pool, None);
    }

    #[test]
    fn pools_of_bands_have_the_bits_of_the_whole(g in planes(), band in 1..=5_usize) {
        check_pools_by_rows::<f32>(&g, band, Some(f32::NAN));
        check_pools_by_rows::<f64>(&g, band, None);
        check_pools_by_rows::<i32>(&g, band, None);
        check_pools_by_rows::<i8>(&g, band, None);
    }

    #[test]
    fn means_of_bands_have_the_bits_of_the_whole(
        planes in 1..=3_usize,
        height in prop_oneof![4 => 1..=30_usize, 1 => 31..=1200_usize],
        width in prop_oneof![4 => 1..=20_usize, 1 => 21..=150_usize],
        band in 1..=9_usize,
    ) {
        check_means::<f32>(planes, [height, width], band);
        check_means::<f64>(planes, [height, width], band);
        check_means::<i8>(planes, [height, width], band);
        check_means::<u8>(planes, [height, width], band);
        check_means::<i32>(planes, [height, width], band);
        check_means::<i64>(planes, [height, width], band);
    }

    #[test]
    fn winners_are_all_that_counts((g, pool) in geometry().prop_flat_map(|g| (Just(g), pool(&g)))) {
        check_winners::<i32>(&g, &pool);
        check_winners::<f32>(&g, &pool);
        check_winners::<f64>(&g, &pool);
    }
}
