//! Which way a convolution goes: the one place where this is decided.
//!
//! | | the first way that suits the geometry and fits into the scratch memory |
//! |---|---|
//! | y | `flat`, `picked` and `channels` (depthwise on small planes), `narrow` (groups of few channels), `pointwise` (1×1 on few cells), `depthwise` (3×3), `tiles` |
//! | dx | as depthwise y if there is no stride; `narrow`, `scatter`, and phase by phase of the stride `depthwise` or `tiles` |
//! | dw | `depthwise`, `narrow`, and `dw_dots` (few filters) or `dw` |
//! | y and dx by Winograd's algorithm | `winograd`, else as above |
//!
//! What none of them takes is for the portable kernels, and so is what would be copied for the most part. All are followed by `edges`, which settles what is not finite.

use super::axis::{Axis, Correlation};
use super::{
    channels, depthwise, dw, dw_dots, edges, flat, narrow, narrow_dw, picked, pointwise, scatter, shares, tiles,
    winners, winograd,
};
use crate::kernel::portable::conv::fill_planes;
use crate::kernel::reference;
use crate::kernel::simd::block::scratch::Layout;
use crate::kernel::simd::thresholds::channels::PIXELS;
use crate::kernel::simd::thresholds::depthwise::KERNEL;
use crate::kernel::simd::thresholds::flat::CELLS;
use crate::kernel::simd::thresholds::narrow::PAIRS;
use crate::kernel::simd::thresholds::picked::STEP;
use crate::kernel::simd::thresholds::winograd::FEWEST_CHANNELS;
use crate::kernel::simd::thresholds::{MAX_LANES, scatter as costs};
use crate::kernel::simd::{Element, Run, Simd, Then};
use crate::kernel::{Conv2dGeometry, Epilogue, Pool2dGeometry};

/// Whether anything is multiplied.
fn has_terms(g: &Conv2dGeometry) -> bool {
    ![g.n, g.c, g.f, g.output[0], g.output[1]].contains(&0)
}

/// Whether x, and with it dx, has elements.
fn has_input(g: &Conv2dGeometry) -> bool {
    !g.input.contains(&0)
}

/// A 3×3 kernel without stride and dilation, of one channel and one filter in each group.
fn is_depthwise(g: &Conv2dGeometry) -> bool {
    (g.c, g.f, g.kernel, g.stride, g.dilation) == (g.groups, g.groups, [KERNEL; 2], [1; 2], [1; 2]) && has_input(g)
}

/// The same of one phase of a correlation.
fn is_depthwise_phase(c: &Correlation) -> bool {
    (c.k, c.m) == (1, 1) && is_plain_3x3(c) && c.rows.source > 0 && c.columns.source > 0
}

/// 3×3 taps without stride and dilation, which Winograd's algorithm takes.
fn is_plain_3x3(c: &Correlation) -> bool {
    let is_plain = |a: &Axis| (a.taps, a.step, a.distance, a.target_step) == (3, 1, 1, 1);
    is_plain(&c.rows) && is_plain(&c.columns)
}

/// What fills the vectors of a depthwise correlation that is too narrow for rows.
enum Lanes {
    /// Pixels, whatever their rows.
    Flat,
    /// Pixels that are picked from vectors.
    Picked,
    /// Channels.
    Channels,
}

/// What fills the vectors of a depthwise correlation; `None` if its rows do, or other ways take it.
fn lanes<T, S: Simd<T>>(c: &Correlation) -> Option<Lanes> {
    let axes = [&c.rows, &c.columns];
    // One channel and one filter in each group, and no window that lies in the padding as a whole.
    let suits = |a: &Axis| {
        let has_all = a.target_step == 1 && a.taps > 0 && a.source > 0 && a.grid > 0;
        has_all && a.first.unsigned_abs() < a.span()
    };
    if (c.k, c.m) != (1, 1) || !axes.into_iter().all(suits) {
        return None;
    }
    let pixels = c.rows.grid * c.columns.grid;
    let channels_fill = pixels <= PIXELS && 2 * c.groups >= S::LANES;
    let (is_3x3, is_plain) = (axes.iter().all(|a| a.taps == KERNEL), is_plain_3x3(c));
    let is_flat = is_plain && flat::suits(c);
    if is_flat && (S::PICKS || !channels_fill || pixels >= CELLS) {
        Some(Lanes::Flat)
    } else if is_3x3 && (2..=STEP).contains(&c.columns.step) && S::PICKS {
        Some(Lanes::Picked)
    } else if channels_fill && (is_flat || !is_plain || c.columns.grid * 2 <= S::LANES) {
        Some(Lanes::Channels)
    } else {
        None
    }
}

/// y or dx of such a correlation.
fn by_lanes<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    c: Correlation,
    [source, w]: [&[T]; 2],
    bias: Option<&[T]>,
    target: &mut [T],
    then: Then<T>,
) -> bool {
    match lanes::<T, S>(&c) {
        Some(Lanes::Flat) => flat::apply(s, base, c, source, w, bias, target, then),
        Some(Lanes::Picked) => picked::apply(s, base, c, [source, w], bias, target, then),
        Some(Lanes::Channels) => channels::apply(s, base, c, source, w, bias, target, then),
        None => false,
    }
}

/// Few pairs of a channel and a filter in each group, and not the kernels that have a way of their own.
fn is_narrow(g: &Conv2dGeometry) -> bool {
    g.c / g.groups * (g.f / g.groups) <= PAIRS && has_input(g) && !is_depthwise(g)
}

/// Fewer than half of the lanes in use if they are `channels` of a group: let the pixels have them.
fn leaves_lanes_empty<T, S: Simd<T>>(channels: usize, groups: usize) -> bool {
    channels / groups * 2 < S::LANES
}

/// Whether dx scattered with channels in the lanes costs less than a correlation with padded dy, in multiply-adds of a
/// vector of channels.
fn channels_pay(g: &Conv2dGeometry) -> bool {
    let (filters, taps) = (g.f / g.groups, g.kernel[0] * g.kernel[1]);
    let products = of([g.output[0], g.output[1], taps, filters + costs::CHANNEL_SUM]);
    // A correlation leaves out the kernel rows that lie in the padding, but not the columns.
    let is_inside = |u: usize, i: usize| {
        let row = i * g.stride[0] + u * g.dilation[0];
        (g.padding[0]..g.padding[0] + g.input[0]).contains(&row)
    };
    let rows = (0..g.kernel[0]).map(|u| (0..g.output[0]).filter(|&i| is_inside(u, i)).count()).sum::<usize>();
    let correlation = of([rows, g.input[1], g.kernel[1], filters]) / g.stride[1] as f64;
    // With a stride it packs its weights and stores its results one by one.
    let singles = if g.stride == [1, 1] { 0.0 } else { of(g.input) + of([taps, filters]) / g.n as f64 };
    products < correlation + singles * of([MAX_LANES, costs::SINGLE])
}

/// Whether dx scattered with pixels in the lanes costs less than a correlation, which computes what falls between two
/// rows, too.
fn pixels_pay(g: &Conv2dGeometry) -> bool {
    let (filters, taps) = (g.f / g.groups, g.kernel[0] * g.kernel[1]);
    let products = of([g.output[0], g.output[1], filters + costs::PIXEL_SUM]);
    let row = of([g.kernel[1] - 1, g.dilation[1]]) + g.input[1] as f64;
    taps > 1 && products < of([g.input[0], filters]) * row
}

/// Cells of a padded copy for each multiply-add from which on no way pays that makes one.
const MOST_COPIES: f64 = 64.0;

/// Whether the windows of y, and of dw, are dense enough to copy what lies between their cells, too.
fn copies_pay(g: &Conv2dGeometry) -> bool {
    let copied = [0, 1].map(|axis| {
        let axis = Axis::forward(g, axis);
        axis.range(0, axis.grid).len()
    });
    of(copied) <= MOST_COPIES * of(g.output) * of(g.kernel) * (g.f / g.groups) as f64
}

/// The same of dx, whose phases have copies of dy of their own: each is as long as the phase and the reach of the kernel.
fn phases_pay(g: &Conv2dGeometry) -> bool {
    let copied = [0, 1].map(|axis| {
        let stride = g.stride[axis];
        let phases = stride.min(g.input[axis]).min(g.kernel[axis]);
        phases * ((g.input[axis] + (g.kernel[axis] - 1) * g.dilation[axis]) / stride + 1)
    });
    of(copied) <= MOST_COPIES * of(g.output) * of(g.kernel) * (g.c / g.groups) as f64
}

/// A product of a cost estimate, which may exceed every integer.
fn of<const N: usize>(factors: [usize; N]) -> f64 {
    factors.iter().map(|&factor| factor as f64).product()
}

/// y: see [`crate::kernel::conv2d`].
pub(in crate::kernel) fn conv2d<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) -> bool {
    let is_done = forward(s, g, x, w, b, y, None);
    if is_done {
        edges::settle_y(s, g, w, y);
    }
    is_done
}

/// y: see [`crate::kernel::conv2d_then`].
pub(in crate::kernel) fn conv2d_then<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Epilogue<T>,
) -> bool {
    // What is to be settled is not finished before. A short y takes less time than to look for that in w.
    if has_terms(g) && (y.len() < w.len() || edges::concern_y(s, g, w)) {
        let is_done = conv2d(s, g, x, w, b, y);
        if is_done {
            then.apply(y);
        }
        return is_done;
    }
    forward(s, g, x, w, b, y, Some(then))
}

/// y: see [`crate::kernel::conv2d_by_rows`].
pub(in crate::kernel) fn conv2d_by_rows<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    rows: usize,
    bands: usize,
    buffer: &mut [T],
    sink: &mut dyn FnMut(usize, usize, &mut [T]),
) -> bool {
    if rows * bands == 0 || !(has_terms(g) && copies_pay(g)) {
        return false;
    }
    let is_concerned = edges::concern_y(s, g, w);
    let sink = &mut |n: usize, k: usize, band: &mut [T]| {
        if is_concerned {
            edges::settle_rows(g, w, k * rows, rows, band);
        }
        sink(n, k, band);
    };
    let (c, size) = (Correlation::forward(g), [rows, bands]);
    let is_done = match lanes::<T, S>(&c) {
        Some(Lanes::Flat) => flat::by_rows(s, c, x, w, b, size, buffer, sink),
        Some(Lanes::Picked) => picked::by_rows(s, c, [x, w], b, size, buffer, sink),
        Some(Lanes::Channels) => channels::by_rows(s, c, x, w, b, size, buffer, sink),
        None => false,
    };
    if is_done {
        return true;
    }
    if is_narrow(g) && narrow::by_rows(s, g, [x, w], b, size, buffer, sink) {
        return true;
    }
    if pointwise::by_rows(s, g, [x, w], b, size, buffer, sink) {
        return true;
    }
    if is_depthwise_phase(&c) {
        depthwise::by_rows(s, c, x, w, b, size, buffer, sink);
        return true;
    }
    tiles::by_rows(s, c, x, w, b, size, buffer, sink)
}

/// y of one image and group in up to `most` shares that `run` may compute at the same time, with the bits of the whole;
/// `false`, having done nothing, where it is not computed by tiles, or is one piece.
pub(in crate::kernel) fn conv2d_in_shares<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    most: usize,
    run: &Run,
) -> bool {
    let c = Correlation::forward(g);
    let has_own_way = is_narrow(g) || lanes::<T, S>(&c).is_some() || pointwise::takes::<T, S>(g);
    let is_tiled = (g.n, g.groups) == (1, 1) && has_terms(g) && copies_pay(g) && !has_own_way;
    let is_done = is_tiled && !is_depthwise_phase(&c) && shares::apply(s, c, x, w, b, y, most, run);
    if is_done {
        edges::settle_y(s, g, w, y);
    }
    is_done
}

/// y, before what is not finite is settled.
fn forward<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Then<T>,
) -> bool {
    has_terms(g)
        && copies_pay(g)
        && (by_lanes(s, Layout::EMPTY, Correlation::forward(g), [x, w], b, y, then)
            || is_narrow(g) && narrow::apply(s, Layout::EMPTY, g, true, [x, w], b, y, then)
            || pointwise::apply(s, g, x, w, b, y, then)
            || correlation(s, Layout::EMPTY, Correlation::forward(g), x, w, b, y, then))
}

/// dx: see [`crate::kernel::conv2d_backward_input`].
pub(in crate::kernel) fn conv2d_backward_input<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
) -> bool {
    conv_transpose2d(s, g, dy, w, None, dx)
}

/// y: see [`crate::kernel::conv_transpose2d`]. The names are those of dx, which this is.
pub(in crate::kernel) fn conv_transpose2d<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
) -> bool {
    let is_done = adjoint(s, Layout::EMPTY, g, dy, w, b, dx, None);
    if is_done {
        edges::settle_dx(s, g, w, dy, b, dx);
    }
    is_done
}

/// y: see [`crate::kernel::conv_transpose2d_then`]. The names are those of dx, which this is.
pub(in crate::kernel) fn conv_transpose2d_then<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
    then: Epilogue<T>,
) -> bool {
    // As for `conv2d_then`.
    if has_terms(g) && (dx.len() < w.len() || !edges::all_finite(s, w)) {
        let is_done = conv_transpose2d(s, g, dy, w, b, dx);
        if is_done {
            then.apply(dx);
        }
        return is_done;
    }
    adjoint(s, Layout::EMPTY, g, dy, w, b, dx, Some(then))
}

/// dx, before what is not finite is settled.
fn adjoint<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
    then: Then<T>,
) -> bool {
    has_terms(g)
        && phases_pay(g)
        && (g.stride == [1, 1] && by_lanes(s, base, Correlation::backward(g, [0, 0]), [dy, w], b, dx, then)
            || is_narrow(g) && narrow::apply(s, base, g, false, [dy, w], b, dx, then)
            || scattered(s, base, g, dy, w, b, dx, then)
            || phases(s, base, g, dy, w, b, dx, then))
}

/// dw: see [`crate::kernel::conv2d_backward_filter`].
pub(in crate::kernel) fn conv2d_backward_filter<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
) -> bool {
    let is_done = filter(s, Layout::EMPTY, g, x, dy, dw);
    if is_done {
        edges::settle_dw(s, g, dy, dw);
    }
    is_done
}

/// dw, before what is not finite is settled.
fn filter<T: Element, S: Simd<T>>(s: S, base: Layout, g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) -> bool {
    if !(has_terms(g) && copies_pay(g)) {
        return false;
    }
    // Filters that fill the lanes should have them.
    let is_narrow = is_narrow(g) && g.f / g.groups < S::LANES;
    if is_depthwise(g) {
        depthwise::apply_dw(s, g, x, dy, dw);
        true
    } else if is_narrow && narrow_dw::apply(s, base, g, x, dy, dw) {
        true
    } else if leaves_lanes_empty::<T, S>(g.f, g.groups) {
        dw_dots::apply(s, base, g, x, dy, dw)
    } else {
        dw::apply(s, base, g, x, dy, dw)
    }
}

/// dx and dw: see [`crate::kernel::conv2d_backward_at_winners`].
pub(in crate::kernel) fn conv2d_backward_at_winners<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    pool: &Pool2dGeometry,
    marks: &[u8],
    x: &[T],
    w: &[T],
    dy: &[T],
    mut dx: Option<&mut [T]>,
    dw: &mut [T],
) -> bool {
    if !(has_terms(g) && has_input(g)) {
        return false;
    }
    // What is not finite must not meet the zeros beside the winners.
    let is_finite = [w, x, dy].into_iter().all(|numbers| edges::all_finite(s, numbers));
    let image = g.c * g.input[0] * g.input[1];
    let is_done = is_finite
        && winners::spread(g, pool, marks, dy, &mut |base, images, dy| {
            let g = Conv2dGeometry { n: images.len(), ..*g };
            let cells = images.start * image..images.end * image;
            // What does not fit is so rare that its definition will do.
            if !dw.is_empty() && !filter(s, base, &g, &x[cells.clone()], dy, dw) {
                reference::conv2d_backward_filter(&g, &x[cells.clone()], dy, dw);
            }
            if let Some(dx) = &mut dx
                && !adjoint(s, base, &g, dy, w, None, &mut dx[cells.clone()], None)
            {
                reference::conv2d_backward_input(&g, w, dy, &mut dx[cells]);
            }
        });
    is_done || winners::apply(s, g, pool, marks, [x, w, dy], dx, dw)
}

/// y: see [`crate::kernel::conv2d_winograd`].
pub(in crate::kernel) fn conv2d_winograd<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) -> bool {
    // An infinity would spread over its tile.
    let is_done = has_terms(g) && has_input(g) && by_winograd(s, Correlation::forward(g), x, w, None, b, y);
    is_done && edges::all_finite(s, y) || conv2d(s, g, x, w, b, y)
}

/// y: the same with weights that are transformed already, where that takes less time than [`conv2d`].
pub(in crate::kernel) fn conv2d_winograd_stored<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    u: &[T],
    b: Option<&[T]>,
    y: &mut [T],
) -> bool {
    let c = Correlation::forward(g);
    let is_done =
        has_terms(g) && has_input(g) && c.k.min(c.m) >= FEWEST_CHANNELS && by_winograd(s, c, x, w, Some(u), b, y);
    is_done && edges::all_finite(s, y) || conv2d(s, g, x, w, b, y)
}

/// The transformed weights of [`conv2d_winograd_stored`].
pub(in crate::kernel) fn winograd_filters<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    w: &[T],
    u: &mut [T],
) -> bool {
    let c = Correlation::forward(g);
    c.groups == 1 && is_plain_3x3(&c) && winograd::filters(s, c, w, u)
}

/// dx: see [`crate::kernel::conv2d_winograd_backward_input`].
pub(in crate::kernel) fn conv2d_winograd_backward_input<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
) -> bool {
    let is_done = has_terms(g)
        && has_input(g)
        && g.stride == [1, 1]
        && by_winograd(s, Correlation::backward(g, [0, 0]), dy, w, None, None, dx);
    is_done && edges::all_finite(s, dx) || conv2d_backward_input(s, g, w, dy, dx)
}

/// A correlation by Winograd's algorithm.
fn by_winograd<T: Element, S: Simd<T>>(
    s: S,
    c: Correlation,
    source: &[T],
    w: &[T],
    stored: Option<&[T]>,
    bias: Option<&[T]>,
    target: &mut [T],
) -> bool {
    is_plain_3x3(&c) && winograd::apply(s, c, source, w, stored, bias, target)
}

/// A correlation by its definition.
fn correlation<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    c: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    target: &mut [T],
    then: Then<T>,
) -> bool {
    if is_depthwise_phase(&c) {
        depthwise::apply(s, c, source, w, bias, target, then);
        return true;
    }
    tiles::apply(s, base, c, source, w, bias, target, then)
}

/// dx, scattered where that costs less, and a bias.
fn scattered<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
    then: Then<T>,
) -> bool {
    let is_done = if leaves_lanes_empty::<T, S>(g.c, g.groups) {
        let suits = g.stride == [1, 1] && g.output[0] * g.output[1] >= S::LANES;
        suits && scatter::by_pixel(s, base, g, w, dy, dx, pixels_pay)
    } else {
        scatter::by_channel(s, base, g, w, dy, dx, channels_pay)
    };
    if let (true, Some(b)) = (is_done, b) {
        let plane = (g.input[0] * g.input[1]).max(1);
        for (dx, &b) in dx.chunks_exact_mut(plane).zip(b.iter().cycle()) {
            dx.iter_mut().for_each(|dx| *dx += b);
        }
    }
    if let (true, Some(then)) = (is_done, then) {
        then.apply(dx);
    }
    is_done
}

/// dx as one correlation for each phase of the stride.
fn phases<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    g: &Conv2dGeometry,
    dy: &[T],
    w: &[T],
    b: Option<&[T]>,
    dx: &mut [T],
    then: Then<T>,
) -> bool {
    let [phase_rows, phase_columns] = [0, 1].map(|axis| g.stride[axis].min(g.input[axis]));
    let phases = || {
        (0..phase_rows).flat_map(|row| (0..phase_columns).map(move |column| Correlation::backward(g, [row, column])))
    };
    // Inputs that no tap reaches.
    if phases().any(|phase| phase.taps() == 0) {
        fill_planes(b, g.input[0] * g.input[1], dx);
    }
    // Only one that is all of dx finishes runs of it.
    let is_one = phase_rows * phase_columns == 1 && phases().all(|phase| phase.taps() > 0);
    let early = then.filter(|_| is_one);
    let is_done =
        phases().filter(|phase| phase.taps() > 0).all(|phase| correlation(s, base, phase, dy, w, b, dx, early));
    if let (true, false, Some(then)) = (is_done, is_one, then) {
        then.apply(dx);
    }
    is_done
}
