//! Convolutions and fully connected layers at every level that this processor has, against the definitions in
//! `kernel::reference`: every way that a kernel can go, and random geometries.

mod support;

use std::fmt::Debug;

use constconv::kernel::{Conv2dGeometry, Level, LinearGeometry, Pool2dGeometry, reference};
use proptest::prelude::*;
use support::{Number, Random, axis};

#[track_caller]
fn assert_close<T: Number>(what: &str, level: Level, g: &dyn Debug, terms: usize, ours: &[T], exact: &[T]) {
    for (index, (&a, &b)) in ours.iter().zip(exact).enumerate() {
        assert!(
            T::close(a, b, terms),
            "{what} at level {}: element {index} is {a:?}, not {b:?}, for {g:?}",
            level.name()
        );
    }
}

/// All operations of a convolution, and its adjoint, with a bias and without.
fn check_conv2d<T: Number>(g: &Conv2dGeometry, random: &mut Random) {
    let (x, w, b) = (random.values::<T>(g.x_len()), random.values::<T>(g.w_len()), random.values::<T>(g.f));
    let (dy, c) = (random.values::<T>(g.y_len()), random.values::<T>(g.c));
    // They are added to.
    let (dw_before, db_before) = (random.values::<T>(g.w_len()), random.values::<T>(g.f));

    let (mut y, mut dx) = ([(); 2].map(|()| vec![T::junk(); g.y_len()]), vec![T::junk(); g.x_len()]);
    let (mut dw, mut db) = (dw_before.clone(), db_before.clone());
    let biases = [Some(&b[..]), None];
    for (b, y) in biases.into_iter().zip(&mut y) {
        reference::conv2d(g, &x, &w, b, y);
    }
    reference::conv2d_backward_input(g, &w, &dy, &mut dx);
    reference::conv2d_backward_filter(g, &x, &dy, &mut dw);
    reference::conv2d_backward_bias(g, &dy, &mut db);
    // The adjoint is dx with a bias for each of its planes.
    let mut transposed = dx.clone();
    for (i, y) in transposed.iter_mut().enumerate() {
        *y += c[i / (g.input[0] * g.input[1]) % g.c];
    }

    let taps = g.kernel[0] * g.kernel[1];
    let (in_y, in_dx, in_dw) = (g.c / g.groups * taps, g.f / g.groups * taps, g.n * g.output[0] * g.output[1]);
    for level in Level::available() {
        for (b, y) in biases.into_iter().zip(&y) {
            let mut ours = vec![T::junk(); g.y_len()];
            level.conv2d(g, &x, &w, b, &mut ours);
            assert_close("y", level, g, in_y, &ours, y);
        }
        let mut ours = vec![T::junk(); g.x_len()];
        level.conv2d_backward_input(g, &w, &dy, &mut ours);
        assert_close("dx", level, g, in_dx, &ours, &dx);
        for (c, y) in [(Some(&c[..]), &transposed), (None, &dx)] {
            let mut ours = vec![T::junk(); g.x_len()];
            level.conv_transpose2d(g, &dy, &w, c, &mut ours);
            assert_close("transposed y", level, g, in_dx, &ours, y);
        }
        let mut ours = dw_before.clone();
        level.conv2d_backward_filter(g, &x, &dy, &mut ours);
        assert_close("dw", level, g, in_dw, &ours, &dw);
        let mut ours = db_before.clone();
        level.conv2d_backward_bias(g, &dy, &mut ours);
        assert_close("db", level, g, in_dw, &ours, &db);
    }
}

/// All operations of a fully connected layer, with a bias and without.
fn check_linear<T: Number>(g: &LinearGeometry, random: &mut Random) {
    let (x, w, b) =
        (random.values::<T>(g.n * g.inputs), random.values::<T>(g.outputs * g.inputs), random.values::<T>(g.outputs));
    let dy = random.values::<T>(g.n * g.outputs);
    let (dw_before, db_before) = (random.values::<T>(w.len()), random.values::<T>(g.outputs));

    let (mut y, mut dx) = ([(); 2].map(|()| vec![T::junk(); dy.len()]), vec![T::junk(); x.len()]);
    let (mut dw, mut db) = (dw_before.clone(), db_before.clone());
    let biases = [Some(&b[..]), None];
    for (b, y) in biases.into_iter().zip(&mut y) {
        reference::linear(g, &x, &w, b, y);
    }
    reference::linear_backward_input(g, &w, &dy, &mut dx);
    reference::linear_backward_weight(g, &x, &dy, &mut dw);
    reference::linear_backward_bias(g, &dy, &mut db);

    for level in Level::available() {
        for (b, y) in biases.into_iter().zip(&y) {
            let mut ours = vec![T::junk(); dy.len()];
            level.linear(g, &x, &w, b, &mut ours);
            assert_close("y", level, g, g.inputs, &ours, y);
        }
        let mut ours = vec![T::junk(); x.len()];
        level.linear_backward_input(g, &w, &dy, &mut ours);
        assert_close("dx", level, g, g.outputs, &ours, &dx);
        let mut ours = dw_before.clone();
        level.linear_backward_weight(g, &x, &dy, &mut ours);
        assert_close("dw", level, g, g.n, &ours, &dw);
        let mut ours = db_before.clone();
        level.linear_backward_bias(g, &dy, &mut ours);
        assert_close("db", level, g, g.n, &ours, &db);
    }
}

/// A geometry with some of its sizes replaced.
macro_rules! with {
    ($g:expr; $($field:ident: $value:expr),+) => {{
        let mut g: Conv2dGeometry = $g;
        $(g.$field = $value;)+
        g
    }};
}

#[allow(clippy::too_many_arguments)] // One per letter.
/// A geometry whose output follows from the rest, rounded up where `ceil` asks for it; `None` if no window fits.
#[rustfmt::skip]
fn geometry(
    n: usize, c: usize, f: usize, groups: usize, input: [usize; 2],
    kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2], dilation: [usize; 2], ceil: bool,
) -> Option<Conv2dGeometry> {
    let mut output = [0; 2];
    for axis in 0..2 {
        let room = (input[axis] + 2 * padding[axis]).checked_sub(dilation[axis] * (kernel[axis] - 1) + 1)?;
        output[axis] = 1 + if ceil { room.div_ceil(stride[axis]) } else { room / stride[axis] };
    }
    let g = Conv2dGeometry::new([n, c, input[0], input[1]], [f, kernel[0], kernel[1]], output);
    Some(g.stride(stride).padding(padding).dilation(dilation).groups(groups))
}

fn square(n: usize, c: usize, size: usize, f: usize, k: usize, s: usize, p: usize) -> Conv2dGeometry {
    geometry(n, c, f, 1, [size; 2], [k; 2], [s; 2], [p; 2], [1; 2], false).unwrap()
}

fn random_geometry(random: &mut Random, largest: usize) -> Option<Conv2dGeometry> {
    let mut pair = |from, to| {
        let a = random.within(from, to);
        if random.within(0, 2) > 0 { [a, a] } else { [a, random.within(from, to)] }
    };
    let input = pair(1, largest);
    let mut kernel = pair(1, 5);
    let mut stride = pair(1, 3);
    let padding = pair(0, 2);
    let mut dilation = pair(1, 2);
    let (groups, c, f) = match random.within(0, 5) {
        0 => {
            let groups = random.within(1, 5);
            (groups, groups, groups * random.within(1, 5))
        }
        1 => {
            let groups = random.within(2, 3);
            (groups, groups * random.within(1, 6), groups * random.within(1, 20))
        }
        2 => {
            // The depthwise convolutions that have a loop of their own.
            (kernel, stride, dilation) = ([3, 3], [1, 1], [1, 1]);
            let groups = random.within(1, 5);
            (groups, groups, groups)
        }
        _ => (1, random.within(1, 20), random.pick(&[1, 2, 3, 4, 6, 7, 8, 9, 12, 16, 17, 20, 31, 32, 35, 40])),
    };
    let ceil = random.within(0, 1) == 0;
    let mut g = geometry(random.within(1, 3), c, f, groups, input, kernel, stride, padding, dilation, ceil)?;
    if random.within(0, 3) == 0 {
        // Rows and columns that no window reaches, more than a stride of them: the output padding of a transposed one.
        g.output = g.output.map(|len| random.within(1, len));
    }
    Some(g)
}

/// Small geometries of all kinds.
fn convolutions() -> impl Strategy<Value = Conv2dGeometry> {
    // Wide enough for several vectors of any instruction set and a rest; channels beyond a tile and beside it.
    (1..=3_usize, 1..=3_usize, 1..=9_usize, 1..=9_usize, axis(9), axis(40)).prop_map(
        |(n, groups, c, f, (rows, ho), (columns, wo))| {
            let (x, w) = ([n, c * groups, rows[0], columns[0]], [f * groups, rows[1], columns[1]]);
            let g = Conv2dGeometry::new(x, w, [ho, wo]).stride([rows[2], columns[2]]);
            g.padding([rows[3], columns[3]]).dilation([rows[4], columns[4]]).groups(groups)
        },
    )
}

/// More rows of cells than the portable loops take at once: of a tall kernel, a tall output, or many channels.
fn tall_convolutions() -> impl Strategy<Value = Conv2dGeometry> {
    let axis = |l: usize, k: usize, s: usize, p: usize| ([l, k, s, p], (l + 2 * p - k) / s + 1);
    let rows = (70..=80_usize, 1..=70_usize, 1..=2_usize, 0..=2_usize);
    (1..=2_usize, 1..=70_usize, 1..=3_usize, rows, 1..=8_usize, any::<bool>()).prop_map(
        move |(n, c, f, (l, k, s, p), k_w, is_flat)| {
            // Many channels of one row or one pixel, or two of many rows.
            let (c, (rows, ho)) = if is_flat { (c, axis(1, 1, 1, 0)) } else { (2, axis(l, k, s, p)) };
            let (columns, wo) = if is_flat { axis(9, k_w, s, p) } else { axis(8, k_w, 1, p) };
            let g = Conv2dGeometry::new([n, c, rows[0], columns[0]], [f, rows[1], columns[1]], [ho, wo]);
            g.stride([rows[2], columns[2]]).padding([rows[3], columns[3]])
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 1 } else { 96 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[cfg_attr(miri, ignore)]
    fn any_convolution(g in convolutions(), seed: u64) {
        let random = &mut Random::new(seed);
        check_conv2d::<f32>(&g, random);
        check_conv2d::<f64>(&g, random);
        check_conv2d::<i32>(&g, random);
    }

    #[test]
    #[cfg_attr(miri, ignore)]
    fn tall_convolution(g in tall_convolutions(), seed: u64) {
        check_conv2d::<i32>(&g, &mut Random::new(seed));
    }

    #[test]
    fn any_linear(n in 1..9_usize, inputs in 1..70_usize, outputs in 1..40_usize, seed: u64) {
        let (g, random) = (LinearGeometry::new(n, inputs, outputs), &mut Random::new(seed));
        check_linear::<f32>(&g, random);
        check_linear::<f64>(&g, random);
        check_linear::<i32>(&g, random);
    }
}

/// How many random cases: fewer under Miri, which is slow.
const CASES: usize = if cfg!(miri) { 2 } else { 400 };

fn random_convolutions<T: Number>(seed: u64) {
    let mut random = Random::new(seed);
    for case in 0..CASES {
        let largest = if cfg!(miri) {
            6
        } else if case % 10 == 0 {
            40
        } else {
            13
        };
        if let Some(g) = random_geometry(&mut random, largest) {
            check_conv2d::<T>(&g, &mut random);
        }
    }
}

#[test]
fn random_convolutions_f32() {
    random_convolutions::<f32>(1);
}

#[test]
fn random_convolutions_f64() {
    random_convolutions::<f64>(2);
}

#[test]
fn random_convolutions_are_exact_in_integers() {
    random_convolutions::<i32>(3);
    random_convolutions::<i64>(4);
}

#[test]
#[cfg_attr(miri, ignore)]
fn convolutions_of_the_benchmarks() {
    let mut random = Random::new(5);
    for g in [
        square(10, 32, 14, 16, 3, 1, 1),
        square(2, 3, 20, 4, 2, 2, 1),
        square(8, 16, 5, 32, 3, 1, 0),
        square(3, 3, 28, 4, 3, 1, 0),
        square(1, 1, 28, 6, 5, 1, 2),
        square(1, 6, 14, 16, 5, 1, 0),
        square(1, 32, 32, 32, 3, 1, 1),
    ] {
        check_conv2d::<f32>(&g, &mut random);
        check_conv2d::<f64>(&g, &mut random);
    }
}

/// Geometries whose dx is scattered: much padding around dy, or a stride.
#[test]
fn convolutions_with_small_planes() {
    let mut random = Random::new(13);
    let mut check = |g: Option<Conv2dGeometry>| {
        let g = g.expect("the window fits");
        check_conv2d::<f32>(&g, &mut random);
        check_conv2d::<f64>(&g, &mut random);
    };
    check(geometry(3, 16, 20, 1, [5, 5], [3, 3], [1, 1], [0, 0], [1, 1], false));
    check(geometry(2, 37, 33, 1, [4, 6], [3, 4], [1, 1], [0, 1], [1, 1], false));
    check(geometry(2, 26, 40, 2, [9, 8], [3, 3], [2, 2], [1, 1], [1, 1], false));
    check(geometry(1, 17, 30, 1, [10, 13], [3, 2], [2, 3], [1, 2], [2, 1], true));
    check(geometry(2, 16, 16, 1, [7, 7], [1, 1], [2, 2], [0, 0], [1, 1], false));
    check(geometry(2, 3, 24, 1, [8, 8], [5, 5], [1, 1], [0, 0], [1, 1], false));
    check(geometry(2, 4, 50, 2, [9, 21], [3, 5], [1, 1], [0, 1], [2, 2], false));
    check(geometry(1, 1, 40, 1, [6, 40], [3, 7], [1, 1], [0, 3], [1, 1], false));
}

/// Geometries that exceed some block size: channels, filters, rows, columns, taps.
#[test]
#[cfg_attr(miri, ignore)]
fn convolutions_in_many_blocks() {
    let mut random = Random::new(6);
    let mut check = |g: Option<Conv2dGeometry>| {
        let g = g.expect("the window fits");
        check_conv2d::<f32>(&g, &mut random);
        check_conv2d::<f64>(&g, &mut random);
    };
    check(geometry(1, 300, 70, 1, [6, 7], [3, 3], [1, 1], [1, 1], [1, 1], false));
    check(geometry(2, 130, 20, 1, [9, 33], [3, 3], [2, 2], [1, 1], [1, 1], false));
    check(geometry(1, 500, 33, 1, [5, 5], [1, 1], [1, 1], [0, 0], [1, 1], false));
    check(geometry(1, 1200, 5, 1, [12, 12], [1, 1], [1, 1], [0, 0], [1, 1], false));
    check(geometry(1, 40, 3, 1, [11, 700], [3, 3], [1, 1], [1, 1], [1, 1], false));
    check(geometry(1, 40, 17, 1, [11, 700], [3, 3], [1, 2], [1, 1], [1, 1], false));
    check(geometry(1, 3, 17, 1, [3, 9000], [3, 5], [1, 1], [1, 0], [1, 1], false));
    check(geometry(1, 2, 3, 1, [3, 70000], [2, 3], [1, 3], [0, 0], [1, 2], true));
    check(geometry(1, 1, 2, 1, [300, 300], [9, 9], [1, 1], [4, 4], [1, 1], false));
    check(geometry(1, 2, 17, 1, [33, 33], [31, 31], [1, 1], [15, 15], [1, 1], false));
    check(geometry(1, 2, 2, 1, [40, 40], [34, 34], [1, 1], [0, 0], [1, 1], false));
    check(geometry(1, 3, 4, 1, [400, 400], [2, 2], [1, 1], [0, 0], [390, 390], false));
    check(geometry(1, 20, 18, 1, [9, 9], [2, 2], [5, 4], [0, 0], [1, 1], true));
    check(geometry(1, 20, 18, 1, [9, 9], [1, 1], [3, 3], [0, 0], [1, 1], false));
    check(geometry(2, 96, 96, 96, [29, 29], [3, 3], [1, 1], [1, 1], [1, 1], false));
    check(geometry(1, 24, 48, 24, [57, 57], [3, 3], [2, 2], [1, 1], [1, 1], true));
}

/// Planes from a part of a vector to several vectors wide, in all positions of the padding.
#[test]
fn depthwise_convolutions() {
    let mut random = Random::new(13);
    let widths: &[usize] = if cfg!(miri) { &[1, 9] } else { &[1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 19, 31, 34, 50] };
    for height in [1, 2, 3, 4, 6, 9] {
        for &width in widths {
            for padding in 0..=3 {
                let padding = [padding, random.within(0, 3)];
                let n = random.within(1, 2);
                if let Some(g) = geometry(n, 3, 3, 3, [height, width], [3; 2], [1; 2], padding, [1; 2], false) {
                    check_conv2d::<f32>(&g, &mut random);
                    check_conv2d::<f64>(&g, &mut random);
                }
            }
        }
    }
}

/// Every way that kernel rows, strides and dilations meet, and every remainder of rows and of columns.
#[test]
fn convolutions_of_few_channels() {
    let mut random = Random::new(15);
    let (kernels, most): (&[[usize; 2]], _) =
        if cfg!(miri) { (&[[5, 3]], 1) } else { (&[[1, 1], [1, 5], [2, 2], [3, 3], [4, 1], [5, 5], [7, 6]], 4) };
    for &kernel in kernels {
        for stride in [[1, 1], [1, 2], [2, 1], [2, 2], [3, 3], [4, 4], [2, 5]] {
            for dilation in [[1, 1], [2, 2], [3, 1], [1, 4]] {
                let (channels, filters) = (random.within(1, most), random.within(1, most));
                let groups = random.within(1, 3);
                let input = [random.within(1, 19), random.within(1, 38)];
                let padding = [random.within(0, 8), random.within(0, 8)];
                let ceil = random.within(0, 1) == 0;
                let (n, c, f) = (random.within(1, 2), groups * channels, groups * filters);
                if let Some(g) = geometry(n, c, f, groups, input, kernel, stride, padding, dilation, ceil) {
                    check_conv2d::<f32>(&g, &mut random);
                    check_conv2d::<f64>(&g, &mut random);
                }
            }
        }
    }
}

/// Planes of several bands, and rows and kernels for which there is too little memory.
#[test]
#[cfg_attr(miri, ignore)]
fn convolutions_of_few_channels_in_many_blocks() {
    let mut random = Random::new(16);
    let mut check = |g: Option<Conv2dGeometry>| {
        let g = g.expect("the window fits");
        check_conv2d::<f32>(&g, &mut random);
        check_conv2d::<f64>(&g, &mut random);
    };
    check(geometry(2, 2, 2, 2, [150, 90], [5, 5], [1, 1], [2, 2], [1, 1], false));
    check(geometry(1, 2, 4, 2, [151, 90], [3, 3], [2, 2], [1, 1], [1, 1], true));
    check(geometry(1, 2, 2, 2, [60, 500], [5, 3], [3, 1], [2, 1], [2, 1], false));
    check(geometry(1, 1, 1, 1, [12, 9000], [5, 5], [1, 1], [2, 2], [1, 1], false));
    check(geometry(1, 2, 2, 2, [12, 9000], [2, 5], [2, 2], [1, 2], [1, 1], false));
    check(geometry(1, 1, 2, 1, [3, 70000], [2, 3], [1, 3], [0, 0], [1, 2], true));
    check(geometry(1, 2, 2, 2, [40, 40], [33, 34], [1, 1], [20, 20], [1, 1], false));
    check(geometry(1, 1, 1, 1, [300, 300], [2, 2], [1, 1], [0, 0], [290, 290], false));
    check(geometry(1, 2, 2, 2, [70, 60], [3, 3], [25, 20], [1, 1], [1, 1], true));
    check(geometry(1, 2, 2, 2, [9, 9], [1, 1], [100, 100], [2, 2], [1, 1], false));
}

/// The largest errors of Winograd's algorithm and of the direct kernels, at any level.
fn winograd_errors<T: Number>(g: &Conv2dGeometry, random: &mut Random, error: impl Fn(T, T) -> f64) -> (f64, f64) {
    let (x, w, b) = (random.values::<T>(g.x_len()), random.values::<T>(g.w_len()), random.values::<T>(g.f));
    let dy = random.values::<T>(g.y_len());
    let (mut y, mut dx) = (vec![T::junk(); g.y_len()], vec![T::junk(); g.x_len()]);
    reference::conv2d(g, &x, &w, Some(&b), &mut y);
    reference::conv2d_backward_input(g, &w, &dy, &mut dx);
    let largest = |ours: &[T], exact: &[T]| {
        let errors = ours.iter().zip(exact).map(|(&a, &b)| error(a, b));
        // A NaN must not get lost.
        errors.fold(0.0, |largest, error| if error > largest || error.is_nan() { error } else { largest })
    };
    let (mut winograd, mut direct) = (0.0_f64, 0.0_f64);
    for level in Level::available() {
        let (mut our_y, mut our_dx) = (vec![T::junk(); g.y_len()], vec![T::junk(); g.x_len()]);
        level.conv2d_winograd(g, &x, &w, Some(&b), &mut our_y);
        level.conv2d_winograd_backward_input(g, &w, &dy, &mut our_dx);
        let mut here = largest(&our_y, &y).max(largest(&our_dx, &dx));
        if g.groups == 1 {
            let mut u = vec![T::junk(); 36 * g.c * g.f];
            level.winograd_filters(g, &w, &mut u);
            our_y.fill(T::junk());
            level.conv2d_winograd_stored(g, &x, &w, &u, Some(&b), &mut our_y);
            here = here.max(largest(&our_y, &y));
        }
        assert!(here.is_finite(), "level {}: {g:?}", level.name());
        winograd = winograd.max(here);
        level.conv2d(g, &x, &w, Some(&b), &mut our_y);
        level.conv2d_backward_input(g, &w, &dy, &mut our_dx);
        direct = direct.max(largest(&our_y, &y)).max(largest(&our_dx, &dx));
    }
    (winograd, direct)
}

/// Winograd's algorithm against the definition, and its error relative to the direct kernels. Errors are in units of the
/// tolerance for direct kernels, of which `unit` is that of 1, for the longer of the two sums.
fn winograd<T: Number + Into<f64>>(unit: f64) -> (f64, f64) {
    let mut random = Random::new(12);
    let mut geometries: Vec<_> = (0..60)
        .filter_map(|_| {
            let (n, c, f, p) = (random.within(1, 3), random.within(1, 40), random.within(1, 40), random.within(0, 2));
            let input = [random.within(1, 20), random.within(1, 20)];
            geometry(n, c, f, 1, input, [3; 2], [1; 2], [p; 2], [1; 2], false)
        })
        .collect();
    geometries.push(square(1, 70, 33, 70, 3, 1, 1));
    geometries.push(geometry(2, 8, 12, 4, [9, 70], [3; 2], [1; 2], [1; 2], [1; 2], false).unwrap());
    geometries.push(square(1, 3, 9, 4, 5, 2, 1));
    // Many blocks of channels on one plane, and on several.
    geometries.push(square(1, 256, 70, 14, 3, 1, 1));
    geometries.push(square(2, 130, 40, 13, 3, 1, 1));
    // Transformed weights that are read in place at every level, by whole planes and by bands.
    geometries.push(square(1, 16, 32, 16, 3, 1, 1));
    geometries.push(square(3, 64, 8, 64, 3, 1, 1));
    geometries.push(square(1, 32, 90, 48, 3, 1, 0));
    let (mut worst, mut worst_direct) = (0.0_f64, 0.0_f64);
    for g in &geometries {
        let terms = (g.c.max(g.f) * 9) as f64;
        let (winograd, direct) = winograd_errors::<T>(g, &mut random, |a, b| {
            let (a, b): (f64, f64) = (a.into(), b.into());
            (a - b).abs() / (unit * b.abs().max(1.0) * terms.sqrt())
        });
        assert!(winograd < 1.0, "{winograd} {g:?}");
        (worst, worst_direct) = (worst.max(winograd), worst_direct.max(direct));
    }
    (worst, worst_direct)
}

#[test]
#[cfg_attr(miri, ignore)]
fn winograd_f32() {
    let (worst, worst_direct) = winograd::<f32>(1e-5);
    println!("largest error in units of the tolerance: Winograd {worst:.3}, direct {worst_direct:.3}");
    assert!(worst < 20.0 * worst_direct);
}

#[test]
#[cfg_attr(miri, ignore)]
fn winograd_f64() {
    winograd::<f64>(1e-12);
}

/// The bits of all results of a convolution and of a fully connected layer.
fn bits<T: Number>(level: Level, g: &Conv2dGeometry, seed: u64, to_bits: impl Fn(T) -> u64) -> Vec<u64> {
    let mut random = Random::new(seed);
    let (x, w, dy) = (random.values::<T>(g.x_len()), random.values::<T>(g.w_len()), random.values::<T>(g.y_len()));
    let (b, c) = (random.values::<T>(g.f), random.values::<T>(g.c));
    let mut results = Vec::new();
    let mut run = |len: usize, start: T, f: &dyn Fn(&mut [T])| {
        let mut result = vec![start; len];
        f(&mut result);
        results.extend(result.into_iter().map(&to_bits));
    };
    run(g.y_len(), T::junk(), &|y| level.conv2d(g, &x, &w, Some(&b), y));
    run(g.x_len(), T::junk(), &|dx| level.conv2d_backward_input(g, &w, &dy, dx));
    run(g.x_len(), T::junk(), &|y| level.conv_transpose2d(g, &dy, &w, Some(&c), y));
    run(g.y_len(), T::junk(), &|y| level.conv2d_winograd(g, &x, &w, Some(&b), y));
    run(g.x_len(), T::junk(), &|dx| level.conv2d_winograd_backward_input(g, &w, &dy, dx));
    run(g.w_len(), T::ZERO, &|dw| level.conv2d_backward_filter(g, &x, &dy, dw));
    run(g.f, T::ZERO, &|db| level.conv2d_backward_bias(g, &dy, db));

    let g = &LinearGeometry::new(g.n, 30 + g.input[0], 20 + g.input[1]);
    let (x, w) = (random.values::<T>(g.n * g.inputs), random.values::<T>(g.inputs * g.outputs));
    let dy = random.values::<T>(g.n * g.outputs);
    run(dy.len(), T::junk(), &|y| level.linear(g, &x, &w, None, y));
    run(x.len(), T::junk(), &|dx| level.linear_backward_input(g, &w, &dy, dx));
    run(w.len(), T::ZERO, &|dw| level.linear_backward_weight(g, &x, &dy, dw));
    run(g.outputs, T::ZERO, &|db| level.linear_backward_bias(g, &dy, db));
    results
}

#[test]
fn two_runs_at_one_level_agree_to_the_bit() {
    let mut random = Random::new(11);
    let winograd = geometry(1, 3, 4, 1, [17, 14], [3, 3], [1, 1], [1, 1], [1, 1], false);
    for g in (0..20).map(|_| random_geometry(&mut random, 12)).chain([winograd]).flatten() {
        for level in Level::available() {
            let run = || {
                // A stack of its own for each run, so that scratch memory is not where it was before.
                std::thread::scope(|scope| {
                    let run =
                        || (bits::<f32>(level, &g, 5, |a| a.to_bits().into()), bits::<f64>(level, &g, 5, f64::to_bits));
                    scope.spawn(run).join().unwrap()
                })
            };
            assert!(run() == run(), "{} {g:?}", level.name());
        }
    }
}

#[test]
fn the_definition_of_a_transposed_convolution_is_dx_with_a_bias() {
    let mut random = Random::new(14);
    for _ in 0..20 {
        let Some(g) = random_geometry(&mut random, 9) else { continue };
        let (x, w, b) = (random.values::<i64>(g.y_len()), random.values(g.w_len()), random.values(g.c));
        let (mut y, mut dx) = (vec![77; g.x_len()], vec![77; g.x_len()]);
        reference::conv_transpose2d(&g, &x, &w, Some(&b), &mut y);
        reference::conv2d_backward_input(&g, &w, &x, &mut dx);
        for (i, (y, dx)) in y.into_iter().zip(dx).enumerate() {
            assert_eq!(y, dx + b[i / (g.input[0] * g.input[1]) % g.c], "element {i} for {g:?}");
        }
    }
}

#[test]
fn padding_beyond_the_input() {
    let mut random = Random::new(7);
    let g = geometry(1, 2, 3, 1, [2, 1], [3, 2], [2, 3], [4, 5], [1, 2], false).unwrap();
    check_conv2d::<f32>(&g, &mut random);
    check_conv2d::<i32>(&g, &mut random);
    let g = geometry(1, 2, 18, 1, [3, 3], [1, 1], [1, 1], [2, 2], [1, 1], false).unwrap();
    check_conv2d::<f32>(&g, &mut random);
    check_conv2d::<i32>(&g, &mut random);
}

#[test]
fn fully_connected() {
    let mut random = Random::new(8);
    let sizes: &[usize] = if cfg!(miri) { &[1, 5, 17] } else { &[1, 2, 3, 5, 10, 16, 33, 84, 120, 400] };
    for n in [1, 2, 4, 5, 32] {
        for &inputs in sizes {
            for &outputs in sizes {
                if n == 32 && (cfg!(miri) || inputs * outputs > 12000) {
                    continue;
                }
                let g = LinearGeometry::new(n, inputs, outputs);
                check_linear::<f32>(&g, &mut random);
                check_linear::<f64>(&g, &mut random);
                check_linear::<i64>(&g, &mut random);
            }
        }
    }
    if !cfg!(miri) {
        check_linear::<f32>(&LinearGeometry::new(35, 2050, 1030), &mut random);
        check_linear::<f64>(&LinearGeometry::new(1, 1030, 4096), &mut random);
        check_linear::<f32>(&LinearGeometry::new(1, 5000, 9), &mut random);
        check_linear::<f32>(&LinearGeometry::new(600, 40, 30), &mut random);
    }
}

#[test]
fn nothing_to_do() {
    let full = square(1, 2, 5, 3, 3, 1, 1);
    for g in [
        with!(full; n: 0),
        with!(full; input: [0, 5], output: [0, 5]),
        with!(full; output: [5, 0]),
        with!(full; input: [0, 5], output: [1, 5]),
        with!(full; input: [0, 5], output: [1, 3], stride: [2, 2]),
        with!(full; c: 16, input: [0, 5], f: 2, output: [1, 1], kernel: [1, 1], stride: [2, 2]),
        with!(full; c: 1, input: [100, 0], f: 17, output: [4, 4], kernel: [1, 3]),
    ] {
        check_conv2d::<f32>(&g, &mut Random::new(9));
        check_conv2d::<i32>(&g, &mut Random::new(9));
    }
    // Kernels that Winograd's algorithm suits, on planes and in batches without cells.
    for (n, input, output) in [(0, [5, 5], [5, 5]), (1, [0, 5], [2, 7]), (1, [5, 0], [7, 2]), (2, [0, 0], [2, 2])] {
        let g = with!(square(1, 8, 5, 8, 3, 1, 2); n: n, input: input, output: output, padding: [2, 2]);
        let (x, w, dy) = (vec![1.0_f32; g.x_len()], vec![1.0; g.w_len()], vec![1.0; g.y_len()]);
        for level in Level::available() {
            let (mut y, mut dx) = (vec![f32::NAN; g.y_len()], vec![f32::NAN; g.x_len()]);
            level.conv2d_winograd(&g, &x, &w, None, &mut y);
            level.conv2d_winograd_backward_input(&g, &w, &dy, &mut dx);
            assert_eq!((y, dx), (vec![0.0; g.y_len()], vec![0.0; g.x_len()]));
        }
    }
    for (n, inputs, outputs) in [(0, 3, 4), (2, 0, 4), (2, 3, 0)] {
        check_linear::<f32>(&LinearGeometry::new(n, inputs, outputs), &mut Random::new(9));
        check_linear::<i32>(&LinearGeometry::new(n, inputs, outputs), &mut Random::new(9));
    }
}

/// A NaN or infinity reaches exactly the results that it reaches in the definition.
#[test]
fn what_is_not_finite_spreads_as_defined() {
    let mut random = Random::new(10);
    for case in 0..CASES {
        let Some(g) = random_geometry(&mut random, if cfg!(miri) { 5 } else { 12 }) else { continue };
        let (mut x, w) = (random.values::<f32>(g.x_len()), vec![1.0_f32; g.w_len()]);
        let mut dy = vec![1.0; g.y_len()];
        let special = if case % 2 == 0 { f32::NAN } else { f32::INFINITY };
        let at = random.within(0, x.len() - 1);
        x[at] = special;
        let (mut y, mut dw) = (vec![0.0; g.y_len()], vec![0.0; g.w_len()]);
        reference::conv2d(&g, &x, &w, None, &mut y);
        reference::conv2d_backward_filter(&g, &x, &dy, &mut dw);
        let at = random.within(0, dy.len() - 1);
        dy[at] = special;
        let mut dx = vec![0.0; g.x_len()];
        reference::conv2d_backward_input(&g, &w, &dy, &mut dx);
        dy[at] = 1.0;
        for level in Level::available() {
            let same = |what: &str, ours: &[f32], exact: &[f32]| {
                for (index, (a, b)) in ours.iter().zip(exact).enumerate() {
                    let same = a.is_nan() == b.is_nan() && a.is_infinite() == b.is_infinite();
                    assert!(same, "{what} at level {}: element {index} is {a}, not {b}, for {g:?}", level.name());
                }
            };
            let (mut our_y, mut our_dw, mut our_dx) = (vec![0.0; y.len()], vec![0.0; dw.len()], vec![0.0; dx.len()]);
            level.conv2d(&g, &x, &w, None, &mut our_y);
            same("y", &our_y, &y);
            level.conv2d_backward_filter(&g, &x, &dy, &mut our_dw);
            same("dw", &our_dw, &dw);
            dy[at] = special;
            level.conv2d_backward_input(&g, &w, &dy, &mut our_dx);
            same("dx", &our_dx, &dx);
            dy[at] = 1.0;
        }
    }
}

/// Bands of y, and the backward pass at winners: images of different sizes beside each other in the scratch memory.
fn run_in_parts(level: Level, g: &Conv2dGeometry, [x, w, y, dy]: [&[f32]; 4]) {
    let mut buffer = vec![0.0; g.f * 2 * g.output[1]];
    level.conv2d_by_rows(g, x, w, None, 2, g.output[0] / 2, &mut buffer, &mut |n, k, band| {
        let y = y.chunks_exact(g.output[0] * g.output[1]).skip(n * g.f);
        for (band, y) in band.chunks_exact(2 * g.output[1]).zip(y) {
            assert_eq!(band, &y[2 * k * g.output[1]..][..band.len()]);
        }
    });
    for height in [1, 4, 8, 14, 28, 56] {
        let part = Conv2dGeometry::new([1, g.c, height, 56], [g.f, 3, 3], [height, 56]).padding([1, 1]);
        let pool = Pool2dGeometry::new(g.f, part.output, [1, 2], [height, 28]);
        let (mut dx, mut dw, mut db) = (vec![0.0; part.x_len()], vec![0.0; g.w_len()], vec![0.0; g.f]);
        let (x, dy, marks) = (&x[..part.x_len()], &dy[..pool.y_len()], vec![1; pool.y_len()]);
        let (dx_is, dw_is, db_is) = (Some((w, &mut dx[..])), Some(&mut dw[..]), Some(&mut db[..]));
        level.conv2d_backward_at_winners(&part, &pool, &marks, x, dy, dx_is, dw_is, db_is);
        let sums = [x, w].into_iter().zip([&dx, &dw]).map(|(a, b)| a.iter().zip(b));
        let mut sums = sums.map(|pairs| pairs.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>());
        let (from_x, from_w) = (sums.next().unwrap(), sums.next().unwrap());
        assert!((from_x - from_w).abs() < 1e-4 * from_x.abs().max(1e3), "{from_x} {from_w}");
    }
}

/// The largest scratch memory is on the stack once.
#[test]
#[cfg_attr(miri, ignore)]
fn a_large_layer_runs_in_700_kibibytes_of_stack() {
    let body = || {
        let g = square(1, 64, 56, 64, 3, 1, 1);
        let mut random = Random::new(11);
        let (x, w, dy) =
            (random.values::<f32>(g.x_len()), random.values::<f32>(g.w_len()), random.values::<f32>(g.y_len()));
        for level in Level::available() {
            let (mut y, mut dx) = (vec![0.0; g.y_len()], vec![0.0; g.x_len()]);
            let (mut dw, mut db) = (vec![0.0; g.w_len()], vec![0.0; g.f]);
            level.conv2d(&g, &x, &w, None, &mut y);
            level.conv2d_backward_input(&g, &w, &dy, &mut dx);
            level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
            level.conv2d_backward_bias(&g, &dy, &mut db);
            run_in_parts(level, &g, [&x, &w, &y, &dy]);
            // Both are Σ dy·y, summed up in different order.
            let forward: f64 = y.iter().zip(&dy).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            for backward in [x.iter().zip(&dx), w.iter().zip(&dw)] {
                let backward: f64 = backward.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
                assert!((forward - backward).abs() < 1e-4 * forward.abs().max(1e3), "{forward} {backward}");
            }
        }
    };
    std::thread::Builder::new().stack_size(700 << 10).spawn(body).unwrap().join().unwrap();
}

/// Numbers that multiplied would wrap around, so that scratch memory would be too small.
#[test]
fn an_absurd_geometry_is_a_panic() {
    let small = with!(square(1, 1, 1, 1, 1, 1, 0); input: [1, 1], output: [1, 1], kernel: [1, 1]);
    for g in [
        with!(small; c: 16, f: 2, output: [2, 2], stride: [536_870_911; 2]),
        with!(small; c: 16, f: 2, output: [2, 2], stride: [1_073_741_823, 536_870_911]),
        with!(small; kernel: [4, 8], stride: [2_010_830_042, 2_006_746_061], dilation: [2_010_830_042, 2_006_746_061]),
        with!(small; kernel: [4, 4], stride: [1 << 30; 2], dilation: [1 << 30; 2]),
    ] {
        for level in Level::available() {
            let (x, w, dy) = (vec![1.0_f32; g.x_len()], vec![1.0; g.w_len()], vec![1.0; g.y_len()]);
            let run = || {
                level.conv2d(&g, &x, &w, None, &mut vec![0.0; g.y_len()]);
                level.conv2d_backward_input(&g, &w, &dy, &mut vec![0.0; g.x_len()]);
                level.conv2d_backward_filter(&g, &x, &dy, &mut vec![0.0; g.w_len()]);
            };
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"a geometry is too large"), "{g:?}");
        }
    }
}

#[test]
#[should_panic(expected = "`w` has 53 elements instead of 54")]
fn a_wrong_length_is_reported() {
    let g = square(1, 2, 5, 3, 3, 1, 1);
    Level::PORTABLE.conv2d(&g, &[0; 50], &[0; 53], None, &mut [0; 75]);
}

/// Some numbers, each of which is NaN or infinite now and then.
fn wild_numbers(random: &mut Random, count: usize) -> Vec<f32> {
    let mut numbers: Vec<f32> = (0..count).map(|_| Number::random(random)).collect();
    for number in &mut numbers {
        match random.bits() % 256 {
            0 => *number = f32::NAN,
            1 => *number = f32::INFINITY,
            2 => *number = f32::NEG_INFINITY,
            _ => {}
        }
    }
    numbers
}

fn wild_conv2d_is_its_definition(g: &Conv2dGeometry, seed: u64) -> Result<(), TestCaseError> {
    Level::available().try_for_each(|level| wild_conv2d_at(level, g, seed))
}

fn wild_conv2d_at(level: Level, g: &Conv2dGeometry, seed: u64) -> Result<(), TestCaseError> {
    let mut random = Random::new(seed);
    let mut wild = |count| wild_numbers(&mut random, count);
    let (x, w, dy, b, c) = (wild(g.x_len()), wild(g.w_len()), wild(g.y_len()), wild(g.f), wild(g.c));
    let check = |what, len, kernel: &dyn Fn(&mut [f32]), definition: &dyn Fn(&mut [f32])| {
        let (mut found, mut expected) = (vec![0.0; len], vec![0.0; len]);
        kernel(&mut found);
        definition(&mut expected);
        for (i, (&a, &b)) in found.iter().zip(&expected).enumerate() {
            let close = a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-3 * b.abs().max(1.0);
            prop_assert!(close, "{what}[{i}] at level {}: {a}, definition {b}", level.name());
        }
        Ok(())
    };
    use reference as r;
    check("y", dy.len(), &|y| level.conv2d(g, &x, &w, Some(&b), y), &|y| r::conv2d(g, &x, &w, Some(&b), y))?;
    check("dx", x.len(), &|dx| level.conv2d_backward_input(g, &w, &dy, dx), &|dx| {
        r::conv2d_backward_input(g, &w, &dy, dx);
    })?;
    check("transposed", x.len(), &|y| level.conv_transpose2d(g, &dy, &w, Some(&c), y), &|y| {
        r::conv_transpose2d(g, &dy, &w, Some(&c), y);
    })?;
    check("dw", w.len(), &|dw| level.conv2d_backward_filter(g, &x, &dy, dw), &|dw| {
        r::conv2d_backward_filter(g, &x, &dy, dw);
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 1 } else { 96 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wild_conv2d(g in convolutions(), seed: u64) { wild_conv2d_is_its_definition(&g, seed)?; }

    #[test]
    fn wild_tall_conv2d(g in tall_convolutions(), seed: u64) { wild_conv2d_is_its_definition(&g, seed)?; }
}
