//! The door for geometries that are constants: what is wrong with one is an error of the compiler, lengths that are
//! constants, too, leave nothing to check when the program runs, and of the portable kernels only what the geometry needs
//! is linked. What is no constant is checked for the vector kernels, which rely on it; the portable ones are safe. The
//! functions are those of [`dispatch`](super::dispatch).

// A kernel's arguments are its operands: naming each is clearer than bundling them.
#![allow(clippy::too_many_arguments, clippy::type_complexity)]

use core::marker::PhantomData;

use super::check::{check_bands, check_lengths};
use super::portable::{Needing, Needs, tiles};
use super::{Conv2dGeometry, Epilogue, Level, LinearGeometry, Pool2dGeometry, entry, portable};
use crate::tensor::Scalar;

/// A geometry that is a constant.
pub(crate) trait Known {
    /// It.
    const GEOMETRY: Conv2dGeometry;
}

/// What a known convolution needs for y, for y by rows, for dx and for dw.
struct Of<G, const WHAT: u8>(PhantomData<G>);

const Y: u8 = 0;
const ROWS: u8 = 1;
const DX: u8 = 2;
const DW: u8 = 3;

impl<G: Known, const WHAT: u8> Needing for Of<G, WHAT> {
    const NEEDS: Needs = match WHAT {
        Y => Needs::forward(&G::GEOMETRY, false),
        ROWS => Needs::forward(&G::GEOMETRY, true),
        DX => Needs::adjoint(&G::GEOMETRY),
        _ => Needs::filter(&G::GEOMETRY),
    };
}

/// The geometry, which was checked.
#[inline(always)]
fn geometry<G: Known>() -> &'static Conv2dGeometry {
    const {
        G::GEOMETRY.check();
        &G::GEOMETRY
    }
}

/// See [`Level::conv2d`].
#[inline(always)]
pub(crate) fn conv2d<T: Scalar, G: Known>(x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    let g = geometry::<G>();
    check_lengths!(const { G::GEOMETRY.x_len() }; x);
    check_lengths!(const { G::GEOMETRY.w_len() }; w);
    check_lengths!(const { G::GEOMETRY.f }; b);
    check_lengths!(const { G::GEOMETRY.y_len() }; y);
    if !entry::conv2d(Level::current(), g, x, w, b, y) {
        portable::conv2d(g, tiles::<T, Of<G, Y>>(), x, w, b, y);
    }
}

/// See [`Level::conv2d_then`].
#[inline(always)]
pub(crate) fn conv2d_then<T: Scalar, G: Known>(x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T], then: Epilogue<T>) {
    let g = geometry::<G>();
    check_lengths!(const { G::GEOMETRY.x_len() }; x);
    check_lengths!(const { G::GEOMETRY.w_len() }; w);
    check_lengths!(const { G::GEOMETRY.f }; b);
    check_lengths!(const { G::GEOMETRY.y_len() }; y);
    if !entry::conv2d_then(Level::current(), g, x, w, b, y, then) {
        portable::conv2d_then(g, tiles::<T, Of<G, Y>>(), x, w, b, y, then);
    }
}

/// See [`Level::conv2d_by_rows`].
#[inline(always)]
pub(crate) fn conv2d_by_rows<T: Scalar, G: Known>(
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    rows: usize,
    bands: usize,
    buffer: &mut [T],
    sink: &mut dyn FnMut(usize, usize, &mut [T]),
) {
    let g = geometry::<G>();
    let level = Level::current();
    check_lengths!(const { G::GEOMETRY.x_len() }; x);
    check_lengths!(const { G::GEOMETRY.w_len() }; w);
    check_lengths!(const { G::GEOMETRY.f }; b);
    if level != Level::PORTABLE {
        check_bands(&G::GEOMETRY, rows, bands);
        check_lengths!(G::GEOMETRY.f * rows * G::GEOMETRY.output[1]; buffer);
    }
    if !entry::conv2d_by_rows(level, g, x, w, b, rows, bands, buffer, sink) {
        portable::conv2d_by_rows(g, tiles::<T, Of<G, ROWS>>(), x, w, b, rows, bands, buffer, sink);
    }
}

/// See [`Level::conv2d_backward_input`].
#[inline(always)]
pub(crate) fn conv2d_backward_input<T: Scalar, G: Known>(w: &[T], dy: &[T], dx: &mut [T]) {
    let g = geometry::<G>();
    check_lengths!(const { G::GEOMETRY.w_len() }; w);
    check_lengths!(const { G::GEOMETRY.y_len() }; dy);
    check_lengths!(const { G::GEOMETRY.x_len() }; dx);
    if !entry::conv2d_backward_input(Level::current(), g, w, dy, dx) {
        portable::conv2d_backward_input(g, tiles::<T, Of<G, DX>>(), w, dy, dx);
    }
}

/// See [`Level::conv2d_backward_filter`] and [`Level::conv2d_backward_bias`].
#[inline(always)]
pub(crate) fn conv2d_backward_parameters<T: Scalar, G: Known>(x: &[T], dy: &[T], dw: &mut [T], db: Option<&mut [T]>) {
    let (g, level) = (geometry::<G>(), Level::current());
    check_lengths!(const { G::GEOMETRY.x_len() }; x);
    check_lengths!(const { G::GEOMETRY.y_len() }; dy);
    check_lengths!(const { G::GEOMETRY.w_len() }; dw);
    check_lengths!(const { G::GEOMETRY.f }; db);
    if !entry::conv2d_backward_filter(level, g, x, dy, dw) {
        portable::conv2d_backward_filter(g, tiles::<T, Of<G, DW>>(), x, dy, dw);
    }
    if let Some(db) = db
        && !entry::conv2d_backward_bias(level, g, dy, db)
    {
        portable::conv2d_backward_bias(g, dy, db);
    }
}

/// See [`Level::conv2d_backward_at_winners`]; the windows of the pooling have this size, and its output this one.
#[inline(always)]
pub(crate) fn conv2d_backward_at_winners<T: Scalar, G: Known>(
    pool: &Pool2dGeometry,
    marks: &[u8],
    x: &[T],
    dy: &[T],
    dx: Option<(&[T], &mut [T])>,
    dw: Option<&mut [T]>,
    db: Option<&mut [T]>,
) {
    let (g, level) = (geometry::<G>(), Level::current());
    let (w, mut dx) = dx.unzip();
    if level != Level::PORTABLE {
        pool.check_after(&G::GEOMETRY);
        check_lengths!(pool.y_len(); marks dy);
    }
    check_lengths!(const { G::GEOMETRY.x_len() }; x dx);
    check_lengths!(const { G::GEOMETRY.w_len() }; w dw);
    check_lengths!(const { G::GEOMETRY.f }; db);
    // Below, what is not asked for is empty.
    let (w, dw) = (w.unwrap_or_default(), dw.unwrap_or_default());
    if !entry::conv2d_backward_at_winners(level, g, pool, marks, x, w, dy, dx.as_deref_mut(), dw) {
        portable::conv2d_backward_at_winners(g, pool, marks, x, w, dy, dx, dw);
    }
    if let Some(db) = db {
        // What of dy is not stored is 0.
        let g = Conv2dGeometry { output: pool.output, ..G::GEOMETRY };
        if !entry::conv2d_backward_bias(level, &g, dy, db) {
            portable::conv2d_backward_bias(&g, dy, db);
        }
    }
}

/// The geometry of a fully connected layer, which was checked.
#[inline(always)]
fn rows<const N: usize, const IN: usize, const OUT: usize>() -> &'static LinearGeometry {
    const {
        LinearGeometry::new(N, IN, OUT).check();
        &LinearGeometry::new(N, IN, OUT)
    }
}

/// See [`Level::linear_then`].
#[inline(always)]
pub(crate) fn linear<T: Scalar, const N: usize, const IN: usize, const OUT: usize>(
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Option<Epilogue<T>>,
) {
    let g = rows::<N, IN, OUT>();
    check_lengths!(N * IN; x);
    check_lengths!(OUT * IN; w);
    check_lengths!(OUT; b);
    check_lengths!(N * OUT; y);
    let level = Level::current();
    match then {
        None if entry::linear(level, g, x, w, b, y) => {}
        None => portable::linear(g, x, w, b, y),
        Some(then) if entry::linear_then(level, g, x, w, b, y, then) => {}
        Some(then) => portable::linear_then(g, x, w, b, y, then),
    }
}

/// See [`Level::linear_backward_input`].
#[inline(always)]
pub(crate) fn linear_backward_input<T: Scalar, const N: usize, const IN: usize, const OUT: usize>(
    w: &[T],
    dy: &[T],
    dx: &mut [T],
) {
    let g = rows::<N, IN, OUT>();
    check_lengths!(OUT * IN; w);
    check_lengths!(N * OUT; dy);
    check_lengths!(N * IN; dx);
    if !entry::linear_backward_input(Level::current(), g, w, dy, dx) {
        portable::linear_backward_input(g, w, dy, dx);
    }
}

/// See [`Level::linear_backward_weight`] and [`Level::linear_backward_bias`].
#[inline(always)]
pub(crate) fn linear_backward_parameters<T: Scalar, const N: usize, const IN: usize, const OUT: usize>(
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    db: Option<&mut [T]>,
) {
    let (g, level) = (rows::<N, IN, OUT>(), Level::current());
    check_lengths!(N * IN; x);
    check_lengths!(N * OUT; dy);
    check_lengths!(OUT * IN; dw);
    check_lengths!(OUT; db);
    if !entry::linear_backward_weight(level, g, x, dy, dw) {
        portable::linear_backward_weight(g, x, dy, dw);
    }
    if let Some(db) = db
        && !entry::linear_backward_bias(level, g, dy, db)
    {
        portable::linear_backward_bias(g, dy, db);
    }
}
