//! The vector kernels on both sides of every size at which they change their way, against `kernel::reference`.
//!
//! All numbers are small integers, so that every order of summation gives the same result and results are compared
//! exactly. Inputs lie in buffers of NaN and outputs between canaries: what is read or written out of bounds shows.

#![allow(clippy::too_many_arguments)] // A kernel's arguments are its operands.

use std::fmt::Debug;
use std::ops::RangeInclusive;

use constconv::kernel::thresholds::{
    CAPACITY, MAX_LANES, channels, db, depthwise, dw, flat, linear, narrow, picked, pointwise, tiles, winograd,
};
use constconv::kernel::{Conv2dGeometry, Level, LinearGeometry, reference};
use constconv::prelude::Scalar;
use proptest::prelude::*;

/// Elements of NaN or of canaries on either side of a slice.
const GUARD: usize = 4096;

/// An element type under test.
trait Element: Scalar + From<i8> {
    const NAN: Self;
    fn bits(self) -> u64;
}

impl Element for f32 {
    const NAN: Self = f32::NAN;
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Element for f64 {
    const NAN: Self = f64::NAN;
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

/// A slice between guards.
#[derive(Clone)]
struct Guarded<T>(Vec<T>);

impl<T: Element> Guarded<T> {
    fn new(len: usize, mut element: impl FnMut(usize) -> T) -> Self {
        let inside = GUARD..GUARD + len;
        Self((0..len + 2 * GUARD).map(|i| if inside.contains(&i) { element(i - GUARD) } else { T::NAN }).collect())
    }

    /// Integers in −4..=4.
    fn random(len: usize, seed: u64) -> Self {
        let mut state = seed | 1;
        Self::new(len, |_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            T::from((state >> 33).rem_euclid(9) as i8 - 4)
        })
    }

    fn slice(&self) -> &[T] {
        &self.0[GUARD..self.0.len() - GUARD]
    }

    fn slice_mut(&mut self) -> &mut [T] {
        let end = self.0.len() - GUARD;
        &mut self.0[GUARD..end]
    }

    /// What `run` makes of a copy of this slice.
    #[track_caller]
    fn after(&self, run: impl FnOnce(&mut [T])) -> Self {
        let mut copy = self.clone();
        run(copy.slice_mut());
        for (at, (a, b)) in copy.0.iter().zip(&self.0).enumerate() {
            let is_inside = (GUARD..copy.0.len() - GUARD).contains(&at);
            assert!(is_inside || a.bits() == b.bits(), "element {} was written", at as isize - GUARD as isize);
        }
        copy
    }
}

#[track_caller]
fn assert_equal<T: Element>(what: &str, level: Level, g: &dyn Debug, ours: &Guarded<T>, exact: &Guarded<T>) {
    let wrong = ours.slice().iter().zip(exact.slice()).position(|(a, b)| a != b);
    if let Some(at) = wrong {
        let (a, b) = (ours.slice()[at], exact.slice()[at]);
        panic!("{what}[{at}] at level {} is {a:?} instead of {b:?} for {g:?}", level.name());
    }
}

/// y band by band; rows that belong to no band are those of `rest`.
fn bands<T: Element>(
    level: Level,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    rows: usize,
    y: &Guarded<T>,
    rest: &Guarded<T>,
) -> Guarded<T> {
    let count = g.output[0].checked_div(rows).unwrap_or(0);
    let (plane, len) = (g.output[0] * g.output[1], rows * g.output[1]);
    y.after(|y| {
        y.copy_from_slice(rest.slice());
        Guarded::new(g.f * len, |_| T::NAN).after(|buffer| {
            level.conv2d_by_rows(g, x, w, b, rows, count, buffer, &mut |n, k, band| {
                for (f, band) in band.chunks_exact(len).enumerate() {
                    y[(n * g.f + f) * plane + k * len..][..len].copy_from_slice(band);
                }
                band.fill(T::NAN);
            });
        });
    })
}

/// y, dx, dw and db, and the transposed convolution.
fn check_conv2d<T: Element>(g: &Conv2dGeometry) {
    let [x, w, b, dy] = [g.x_len(), g.w_len(), g.f, g.y_len()].map(|len| Guarded::<T>::random(len, len as u64));
    let [y, dx] = [g.y_len(), g.x_len()].map(|len| Guarded::new(len, |_| T::NAN));
    let bias = Guarded::<T>::random(g.c, 7);
    let (x, w, dy) = (x.slice(), w.slice(), dy.slice());
    let (dw, db, b) = (Guarded::<T>::random(g.w_len(), 5), b.clone(), Some(b.slice()));

    let y_is = y.after(|y| reference::conv2d(g, x, w, b, y));
    let dx_is = dx.after(|dx| reference::conv2d_backward_input(g, w, dy, dx));
    let dw_is = dw.after(|dw| reference::conv2d_backward_filter(g, x, dy, dw));
    let db_is = db.after(|db| reference::conv2d_backward_bias(g, dy, db));
    let plane = g.input[0] * g.input[1];
    let transposed_is = Guarded::new(g.x_len(), |i| dx_is.slice()[i] + bias.slice()[i / plane % g.c]);

    for level in Level::available() {
        assert_equal("y", level, g, &y.after(|y| level.conv2d(g, x, w, b, y)), &y_is);
        for rows in [1, 2, g.output[0]] {
            assert_equal("bands of y", level, g, &bands(level, g, x, w, b, rows, &y, &y_is), &y_is);
        }
        assert_equal("dx", level, g, &dx.after(|dx| level.conv2d_backward_input(g, w, dy, dx)), &dx_is);
        let transposed = dx.after(|dx| level.conv_transpose2d(g, dy, w, Some(bias.slice()), dx));
        assert_equal("transposed", level, g, &transposed, &transposed_is);
        assert_equal("dw", level, g, &dw.after(|dw| level.conv2d_backward_filter(g, x, dy, dw)), &dw_is);
        assert_equal("db", level, g, &db.after(|db| level.conv2d_backward_bias(g, dy, db)), &db_is);
    }
}

/// y and dx with Winograd's algorithm, which rounds.
fn check_winograd<T: Element + Into<f64>>(g: &Conv2dGeometry, tolerance: f64) {
    let [x, w, dy] = [g.x_len(), g.w_len(), g.y_len()].map(|len| Guarded::<T>::random(len, len as u64));
    let [y, dx] = [g.y_len(), g.x_len()].map(|len| Guarded::new(len, |_| T::NAN));
    let (x, w, dy) = (x.slice(), w.slice(), dy.slice());
    let y_is = y.after(|y| reference::conv2d(g, x, w, None, y));
    let dx_is = dx.after(|dx| reference::conv2d_backward_input(g, w, dy, dx));
    for level in Level::available() {
        let results = [
            (y.after(|y| level.conv2d_winograd(g, x, w, None, y)), &y_is),
            (dx.after(|dx| level.conv2d_winograd_backward_input(g, w, dy, dx)), &dx_is),
        ];
        // Where weights are stored there are no groups.
        let mut u = Guarded::new(36 * g.c * g.f, |_| T::NAN);
        let stored = (g.groups == 1).then(|| {
            u = u.after(|u| level.winograd_filters(g, w, u));
            (y.after(|y| level.conv2d_winograd_stored(g, x, w, u.slice(), None, y)), &y_is)
        });
        for (ours, exact) in results.into_iter().chain(stored) {
            for (&a, &b) in ours.slice().iter().zip(exact.slice()) {
                let error = (a.into() - b.into()).abs();
                assert!(error <= tolerance, "{error} at level {} for {g:?}", level.name());
            }
        }
    }
}

/// All four operations of a fully connected layer.
fn check_linear<T: Element>(g: &LinearGeometry) {
    let (rows, weights, outputs) = (g.n * g.inputs, g.outputs * g.inputs, g.n * g.outputs);
    let [x, w, b, dy] = [rows, weights, g.outputs, outputs].map(|len| Guarded::<T>::random(len, len as u64));
    let [y, dx] = [outputs, rows].map(|len| Guarded::new(len, |_| T::NAN));
    let (dw, db) = (w.clone(), b.clone());
    let (x, w, b, dy) = (x.slice(), w.slice(), Some(b.slice()), dy.slice());
    let y_is = y.after(|y| reference::linear(g, x, w, b, y));
    let dx_is = dx.after(|dx| reference::linear_backward_input(g, w, dy, dx));
    let dw_is = dw.after(|dw| reference::linear_backward_weight(g, x, dy, dw));
    let db_is = db.after(|db| reference::linear_backward_bias(g, dy, db));
    for level in Level::available() {
        assert_equal("y", level, g, &y.after(|y| level.linear(g, x, w, b, y)), &y_is);
        assert_equal("dx", level, g, &dx.after(|dx| level.linear_backward_input(g, w, dy, dx)), &dx_is);
        assert_equal("dw", level, g, &dw.after(|dw| level.linear_backward_weight(g, x, dy, dw)), &dw_is);
        assert_equal("db", level, g, &db.after(|db| level.linear_backward_bias(g, dy, db)), &db_is);
    }
}

/// A little less than `size`, it, and a little more.
fn around(size: usize) -> RangeInclusive<usize> {
    size.saturating_sub(2).max(1)..=size + 2
}

/// The sizes of vectors of any element type at any level, and few of them.
fn around_lanes() -> impl Strategy<Value = usize> {
    (1..=3_usize, 0..=2_u32, 0..=2_usize)
        .prop_map(|(vectors, half, more)| (vectors * (MAX_LANES >> half) + more - 1).max(1))
}

/// Bytes of an element.
fn element() -> impl Strategy<Value = usize> {
    prop_oneof![Just(4_usize), Just(8)]
}

/// One axis: the input that makes a window of (K, S, P, D) give so many outputs, with some cells that none reaches.
#[derive(Clone, Copy, Debug)]
struct Axis {
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
}

impl Axis {
    /// `None` if padding alone is more than that.
    fn new(output: usize, [kernel, stride, padding, dilation]: [usize; 4], unused: usize) -> Option<Self> {
        let padded = (output - 1) * stride + (kernel - 1) * dilation + 1 + unused % stride;
        let input = padded.checked_sub(2 * padding).filter(|&input| input > 0)?;
        Some(Self { input, output, kernel, stride, padding, dilation })
    }

    /// One cell.
    fn single() -> Self {
        Self { input: 1, output: 1, kernel: 1, stride: 1, padding: 0, dilation: 1 }
    }
}

fn geometry(n: usize, groups: usize, [c, f]: [usize; 2], [rows, columns]: [Axis; 2]) -> Conv2dGeometry {
    Conv2dGeometry::new(
        [n, c * groups, rows.input, columns.input],
        [f * groups, rows.kernel, columns.kernel],
        [rows.output, columns.output],
    )
    .stride([rows.stride, columns.stride])
    .padding([rows.padding, columns.padding])
    .dilation([rows.dilation, columns.dilation])
    .groups(groups)
}

/// An axis of about `outputs` outputs.
fn axis(outputs: impl Strategy<Value = usize>, kernel: RangeInclusive<usize>) -> impl Strategy<Value = Axis> {
    (outputs, kernel, 1..=3_usize, 1..=4_usize, 0..=4_usize, 0..=2_usize).prop_filter_map(
        "more padding than cells",
        |(output, kernel, stride, dilation, padding, unused)| {
            Axis::new(output, [kernel, stride, padding, dilation], unused)
        },
    )
}

/// So many multiply-adds that a case takes a moment.
const MOST: usize = 2_000_000;

fn is_small(g: &Conv2dGeometry) -> bool {
    g.macs() <= MOST && g.x_len() <= MOST / 4 && g.y_len() <= MOST / 4
}

/// Long rows: bands of columns of dw, with paddings and dilations that make a band as long as the input.
fn long_rows() -> impl Strategy<Value = Conv2dGeometry> {
    let output = prop_oneof![around(dw::STEPS), around(2 * dw::STEPS), around(3 * dw::STEPS / 2)];
    let dilation = prop_oneof![1..=2_usize, around(dw::STEPS / 4), around(dw::STEPS / 2)];
    let padding = prop_oneof![Just(0_usize), around(dw::STEPS / 4), around(dw::STEPS / 2), around(dw::STEPS),];
    let row = (output, 1..=3_usize, 1..=2_usize, dilation, padding, 0..=1_usize).prop_filter_map(
        "more padding than cells",
        |(output, kernel, stride, dilation, padding, unused)| {
            Axis::new(output, [kernel, stride, padding, dilation], unused)
        },
    );
    (1..=2_usize, 1..=2_usize, 1..=4_usize, around_lanes(), axis(1..=3_usize, 1..=2), row)
        .prop_map(|(n, groups, c, f, rows, columns)| geometry(n, groups, [c, f], [rows, columns]))
}

/// Bands that are as long as a row of x, but begin beside it.
fn band_as_long_as_a_row() -> impl Strategy<Value = Conv2dGeometry> {
    let band = prop_oneof![around(dw::STEPS / 2), dw::STEPS - 4..=dw::STEPS];
    let kernel = (1..=3_usize, 1..=2_usize, prop_oneof![1..=2_usize, around(dw::STEPS / 2)]);
    (band, 2..=3_usize, kernel, 0..=1_usize, 1..=3_usize, around_lanes(), 1..=2_usize).prop_map(
        |(band, bands, (kernel, stride, dilation), more, c, f, height)| {
            let input = (band - 1) * stride + (kernel - 1) * dilation + 1 + more;
            let padding = ((bands * band - 1) * stride + (kernel - 1) * dilation + 1 - input) / 2;
            let columns = Axis { input, output: bands * band, kernel, stride, padding, dilation };
            geometry(1, 1, [c, f], [Axis { input: height, output: height, ..Axis::single() }, columns])
        },
    )
}

/// Rows of whole vectors, and sums that are brought to y together, or as soon as they are there.
fn short_sums() -> impl Strategy<Value = Conv2dGeometry> {
    let channels = prop_oneof![1..=4_usize, around(tiles::FEW_STEPS / 9), around(tiles::FEW_STEPS)];
    let filters = prop_oneof![1..=9_usize, around_lanes()];
    (1..=2_usize, channels, filters, 1..=3_usize, 1..=3_usize, around_lanes(), 0..=1_usize).prop_filter_map(
        "too large",
        |(n, c, f, k, height, width, padding)| {
            let side = |output: usize| Axis::new(output, [k, 1, padding.min(k - 1), 1], 0);
            Some(geometry(n, 1, [c, f], [side(height)?, side(width)?])).filter(is_small)
        },
    )
}

/// 1×1 kernels on few cells, with as many channels that their weights are not packed, and on a few more.
fn few_cells() -> impl Strategy<Value = Conv2dGeometry> {
    let filters = prop_oneof![around(pointwise::FILTERS), around(2 * pointwise::FILTERS), 1..=4_usize];
    let channels = prop_oneof![Just(None), around(pointwise::CHANNELS).prop_map(Some)];
    (1..=2_usize, 1..=5_usize, 1..=4_usize, channels, -2..=20_isize, filters).prop_map(
        |(n, height, width, channels, more, f)| {
            let c = (height * width * pointwise::PER_CELL).saturating_add_signed(more);
            let side = |cells: usize| Axis { input: cells, output: cells, ..Axis::single() };
            geometry(n, 1, [channels.unwrap_or(c), f], [side(height), side(width)])
        },
    )
}

/// Many channels and taps: the steps of a tile, and packed weights.
fn many_steps() -> impl Strategy<Value = Conv2dGeometry> {
    let of_steps = (1..=3_usize, 1..=3_usize, -1..=1_isize).prop_map(|(kh, kw, more)| {
        let c = (tiles::STEPS / (kh * kw)).saturating_add_signed(more);
        ([kh, kw], c)
    });
    (of_steps, around_lanes(), 1..=5_usize, 1..=9_usize, 0..=1_usize, any::<bool>()).prop_filter_map(
        "too large",
        |(([kh, kw], many), few, height, width, padding, is_backward)| {
            let channels = if is_backward { [few, many] } else { [many, few] };
            let rows = Axis::new(height, [kh, 1, padding.min(kh - 1), 1], 0)?;
            let columns = Axis::new(width, [kw, 1, padding.min(kw - 1), 1], 0)?;
            Some(geometry(1, 1, channels, [rows, columns])).filter(is_small)
        },
    )
}

/// Packed weights and sums of dw that just fit, and just do not.
fn many_weights() -> impl Strategy<Value = Conv2dGeometry> {
    let bytes = prop_oneof![Just(tiles::WEIGHTS), Just(dw::SUMS), Just(CAPACITY / 2)];
    (bytes, element(), around_lanes(), 1..=3_usize, -1..=1_isize, 1..=4_usize, any::<bool>()).prop_filter_map(
        "too large",
        |(bytes, element, f, k, more, size, is_backward)| {
            let c = (bytes / element / (f * k * k)).saturating_add_signed(more).max(1);
            let side = Axis::new(size, [k, 1, k / 2, 1], 0)?;
            let channels = if is_backward { [f, c] } else { [c, f] };
            Some(geometry(1, 1, channels, [side; 2])).filter(is_small)
        },
    )
}

/// Padded copies, and planes of sums, that just fit, and just do not.
fn large_planes() -> impl Strategy<Value = Conv2dGeometry> {
    let bytes = prop_oneof![
        Just(tiles::SOURCE),
        Just(dw::SOURCE),
        Just(narrow::SOURCE),
        Just(narrow::MAX_SOURCE),
        Just(CAPACITY),
    ];
    let side = (1..=3_usize, 1..=3_usize, 0..=2_usize, 1..=2_usize);
    (
        bytes,
        element(),
        prop_oneof![1..=3_usize, 8..=9_usize, 16..=17_usize],
        1..=3_usize,
        1..=60_usize,
        side,
        -3..=3_isize,
    )
        .prop_filter_map("too large", |(bytes, element, c, f, height, (k, stride, padding, dilation), more)| {
            let width = (bytes / element / (c * height)).saturating_add_signed(more).max(1);
            let along = |input: usize, unused: usize| {
                let output = (input + 2 * padding).checked_sub((k - 1) * dilation + 1)? / stride + 1;
                Axis::new(output, [k, stride, padding, dilation], unused)
            };
            Some(geometry(1, 1, [c, f], [along(height, 1)?, along(width, 2)?])).filter(is_small)
        })
}

/// Groups of as many channels and filters as a way of their own takes, and a few more.
fn narrow_groups() -> impl Strategy<Value = Conv2dGeometry> {
    let pairs = (1..=narrow::PAIRS, around(narrow::PAIRS)).prop_map(|(c, pairs)| [c, pairs.div_ceil(c)]);
    let rows = prop_oneof![around(narrow::ROWS), around(2 * narrow::ROWS), 1..=7_usize];
    let kernel = 1..=narrow::SHARED + 2;
    (1..=2_usize, 1..=3_usize, pairs, any::<bool>(), axis(rows, kernel.clone()), axis(around_lanes(), kernel)).prop_map(
        |(n, groups, [c, f], turned, rows, columns)| {
            geometry(n, groups, if turned { [f, c] } else { [c, f] }, [rows, columns])
        },
    )
}

/// Kernels whose sums of dw just fit, and just do not.
fn narrow_sums() -> impl Strategy<Value = Conv2dGeometry> {
    (1..=3_usize, 0..=2_u32, element(), -1..=1_isize, 1..=4_usize).prop_filter_map(
        "too large",
        |(f, half, element, more, size)| {
            let taps = narrow::SUMS / element / (MAX_LANES >> half) / f;
            let k = taps.isqrt().saturating_add_signed(more);
            let side = Axis::new(size, [k, 1, 1, 1], 0)?;
            Some(geometry(1, 2, [1, f], [side; 2])).filter(is_small)
        },
    )
}

/// Depthwise 3×3 kernels without stride: rows, columns and paddings at their edges.
fn depthwise_planes() -> impl Strategy<Value = Conv2dGeometry> {
    let rows = prop_oneof![around(depthwise::ROWS), around(2 * depthwise::ROWS), around(depthwise::TERMS)];
    (1..=2_usize, 1..=3_usize, rows, around_lanes(), 0..=3_usize, 0..=3_usize).prop_filter_map(
        "more padding than cells",
        |(n, groups, height, width, top, left)| {
            let side = |output: usize, padding: usize| Axis::new(output, [depthwise::KERNEL, 1, padding, 1], 0);
            Some(geometry(n, groups, [1, 1], [side(height, top)?, side(width, left)?]))
        },
    )
}

/// Channels of depthwise convolutions: parts of a vector, whole ones, and a rest.
fn lanes_of_channels() -> impl Strategy<Value = usize> {
    prop_oneof![1..=3_usize, around(MAX_LANES / 4), around(MAX_LANES / 2), around(MAX_LANES), around(2 * MAX_LANES)]
}

/// Depthwise 3×3 kernels whose rows are as long as those of x, as one long row: planes of a part of a vector to several
/// vectors, around the sizes at which they are read at once or have channels in the lanes, and too long rows.
fn flat_planes() -> impl Strategy<Value = Conv2dGeometry> {
    let small = (1..=9_usize, 1..=9_usize);
    let cells = (1..=9_usize, around(flat::CELLS)).prop_map(|(height, cells)| (height, cells.div_ceil(height)));
    let vectors = (1..=9_usize, around_lanes()).prop_map(|(height, width)| (height, width));
    let long = (1..=5_usize, around(flat::WIDTH));
    let planes = prop_oneof![small, cells, vectors, long];
    (1..=3_usize, lanes_of_channels(), planes, 0..=3_usize).prop_filter_map(
        "more padding than cells",
        |(n, groups, (height, width), top)| {
            let side = |output: usize, padding: usize| Axis::new(output, [depthwise::KERNEL, 1, padding, 1], 0);
            Some(geometry(n, groups, [1, 1], [side(height, top)?, side(width, 1)?]))
        },
    )
}

/// Depthwise 3×3 kernels with a stride: blocks of several rows, of one, and pieces of rows, with padding on one side or
/// both.
fn picked_planes() -> impl Strategy<Value = Conv2dGeometry> {
    let sides = prop_oneof![1..=9_usize, around(MAX_LANES / 2), around(MAX_LANES), around(2 * MAX_LANES)];
    let side = move |most: usize| {
        (sides.clone(), 1..=most, 0..=3_usize, 1..=2_usize, 0..=2_usize).prop_map(
            move |(input, stride, padding, dilation, unused)| Axis {
                input,
                // Up to two rows more than there are windows in the input: padding at the end.
                output: (input + 2 * padding + unused).saturating_sub(2 * dilation + 1) / stride + 1,
                kernel: depthwise::KERNEL,
                stride,
                padding,
                dilation,
            },
        )
    };
    (1..=3_usize, lanes_of_channels(), side(3), side(picked::STEP + 1))
        .prop_map(|(n, groups, rows, columns)| geometry(n, groups, [1, 1], [rows, columns]))
}

/// Depthwise kernels with channels in the lanes: all kernels, and as many pixels as they may have.
fn channel_planes() -> impl Strategy<Value = Conv2dGeometry> {
    let small = (axis(1..=6_usize, 1..=6), axis(1..=6_usize, 1..=6));
    let pixels = (1..=16_usize, around(channels::PIXELS), 1..=5_usize, 1..=5_usize, 1..=2_usize, 0..=2_usize)
        .prop_filter_map("more padding than cells", |(height, pixels, rows, columns, stride, padding)| {
            let rows = Axis::new(height, [rows, stride, padding.min(rows - 1), 1], 0)?;
            Some((rows, Axis::new(pixels.div_ceil(height), [columns, stride, padding.min(columns - 1), 1], 1)?))
        });
    // Copies of several bands, and of a row that is too long for one.
    let bands = (1..=3_usize, element(), 0..=2_u32, 1..=2_usize).prop_filter_map(
        "more padding than cells",
        |(rows, element, half, copies)| {
            let bytes = if copies == 1 { channels::SOURCE } else { channels::MAX_SOURCE };
            let cells = bytes / element / (MAX_LANES >> half) / rows;
            Some((Axis::new(rows, [2, 1, 1, 1], 0)?, Axis::new(5, [2, 1, 0, (cells / 2).max(1)], 0)?))
        },
    );
    (1..=2_usize, lanes_of_channels(), prop_oneof![small, pixels, bands])
        .prop_map(|(n, groups, (rows, columns))| geometry(n, groups, [1, 1], [rows, columns]))
}

/// Sums that are so long that they are added up in blocks.
fn long_sums() -> impl Strategy<Value = Conv2dGeometry> {
    let pixels = prop_oneof![
        (0..=2_u32).prop_flat_map(|half| around(db::CHAINS * db::TERMS * (MAX_LANES >> half))),
        (0..=2_u32).prop_flat_map(|half| around(dw::TERMS * (MAX_LANES >> half))),
        (0..=2_u32).prop_flat_map(|half| around(narrow::TERMS * (MAX_LANES >> half))),
        around(dw::GRADIENT / 4 / MAX_LANES),
    ];
    (pixels, 1..=80_usize, 1..=6_usize, 1..=3_usize, 1..=2_usize, 1..=2_usize).prop_filter_map(
        "too large",
        |(pixels, height, c, f, k, groups)| {
            let [rows, columns] = [height, pixels.div_ceil(height)].map(|output| Axis::new(output, [k, 1, 0, 1], 0));
            Some(geometry(1, groups, [c, f], [rows?, columns?])).filter(is_small)
        },
    )
}

/// Batches of small planes: images that share the tiles of dw, and planes that are added up for db.
fn many_images() -> impl Strategy<Value = Conv2dGeometry> {
    let n = prop_oneof![around(db::TERMS), 1..=9_usize];
    (n, 1..=4_usize, around_lanes(), axis(1..=6_usize, 1..=3), axis(1..=6_usize, 1..=3))
        .prop_map(|(n, c, f, rows, columns)| geometry(n, 1, [c, f], [rows, columns]))
}

/// Geometries of Winograd's algorithm.
fn winograd_planes() -> impl Strategy<Value = Conv2dGeometry> {
    let side = |outputs| {
        (outputs, 0..=2_usize)
            .prop_filter_map("more padding than cells", |(output, padding)| Axis::new(output, [3, 1, padding, 1], 0))
    };
    let whole = winograd::TILE * winograd::WHOLE_TILES.isqrt();
    let rows = prop_oneof![around(winograd::TILE), around(whole), 1..=4_usize];
    let columns = prop_oneof![around(whole), around(winograd::TILE * winograd::COLUMNS), 1..=4_usize];
    let channels = prop_oneof![
        around(winograd::WHOLE_CHANNELS),
        element().prop_flat_map(|element| around(winograd::CHANNELS / element)),
    ];
    (1..=2_usize, channels, around_lanes(), side(rows.boxed()), side(columns.boxed()))
        .prop_map(|(n, c, f, rows, columns)| geometry(n, 1, [c, f], [rows, columns]))
        .prop_filter("too large", is_small)
}

/// Fully connected layers.
fn linear_sizes() -> impl Strategy<Value = LinearGeometry> {
    let n = prop_oneof![
        around(linear::FEW),
        around(linear::ROWS),
        around(linear::TILES * 6),
        around(linear::TILES * 14),
        element().prop_flat_map(|element| around(linear::STEPS / element)),
    ];
    let inputs = prop_oneof![around_lanes(), around(linear::INPUTS), around(linear::INPUTS * linear::FEW)];
    let outputs = prop_oneof![
        around(linear::FEW),
        around_lanes(),
        element().prop_flat_map(|element| around(linear::STEPS / element)),
    ];
    (n, inputs, outputs)
        .prop_map(|(n, inputs, outputs)| LinearGeometry::new(n, inputs, outputs))
        .prop_filter("too large", |g| g.n * g.inputs * g.outputs <= MOST)
}

/// A property test of each family of geometries.
macro_rules! families {
    ($($family:ident)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

            $(
                #[test]
                fn $family(g in super::$family().prop_filter("too large", is_small)) {
                    check_conv2d::<f32>(&g);
                    check_conv2d::<f64>(&g);
                }
            )*
        }
    };
}

mod convolutions {
    use super::*;

    families! {
        long_rows band_as_long_as_a_row many_steps many_weights large_planes narrow_groups narrow_sums depthwise_planes
        flat_planes picked_planes channel_planes long_sums many_images short_sums few_cells
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn winograd(g in winograd_planes()) {
        check_winograd::<f32>(&g, 0.05);
        check_winograd::<f64>(&g, 1e-9);
    }

    #[test]
    fn linear(g in linear_sizes()) {
        check_linear::<f32>(&g);
        check_linear::<f64>(&g);
    }
}

/// dw of a layer of WaveNet: each band of columns is as long as half a row.
#[test]
fn dw_of_a_wavenet_layer() {
    let columns = Axis { input: 1024, output: 1024, kernel: 3, stride: 1, padding: 256, dilation: 256 };
    let g = geometry(1, 1, [32, 32], [Axis::single(), columns]);
    let x: Vec<_> = (0..g.x_len()).map(|i| (31 * (i / 1024) + 17 * (i % 1024)) as f32 % 23.0 / 23.0).collect();
    let dy: Vec<_> = (0..g.y_len()).map(|i| (13 * (i / 1024) + 7 * (i % 1024)) as f32 % 19.0 / 19.0).collect();
    for level in Level::available() {
        let mut dw = vec![0.0; g.w_len()];
        level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
        assert!((dw[2] - 171.18).abs() < 0.01, "{} at level {}", dw[2], level.name());
    }
}

/// Each output whose window is not padding counts once.
#[test]
fn dw_of_a_row_that_is_half_padding() {
    let columns = Axis { input: 300, output: 600, padding: 150, ..Axis::single() };
    let g = geometry(1, 1, [1, 32], [Axis::single(), columns]);
    for level in Level::available() {
        let mut dw = [0.0_f32; 32];
        level.conv2d_backward_filter(&g, &[1.0; 300], &vec![1.0; g.y_len()], &mut dw);
        assert_eq!(dw, [300.0; 32], "at level {}", level.name());
    }
}
