//! The fully connected layer in plain Rust.
//!
//! ```text
//! y:  for each [`ROWS`] rows of w:      lanes of sums += x · w, for all of these rows, [`WIDTH`] elements at a time
//! dx: for each [`ROWS`] rows of w:      dx += w · dy, for all of these rows
//! dw: for each row of dw:               dw += x · dy
//! ```
//!
//! Long sums are kept in [`LANES`] parts, so that compilers can use vectors for them. Loops over arrays are written out,
//! so that they are fast where compilers are asked for little code; what is left over goes one by one.

use core::hint::black_box;

use super::{after, part, part_mut, stay_rolled};
use crate::kernel::math::sum_of_rows;
use crate::kernel::{Epilogue, LinearGeometry};
use crate::tensor::Scalar;

/// Parts of a sum over a row.
const LANES: usize = 4;

/// Elements that are multiplied at a time.
const WIDTH: usize = 8;

/// Rows of w that meet the same x.
const ROWS: usize = 4;

/// More rows than this are summed in blocks.
const FEW: usize = 64;

/// Columns that are summed side by side then.
const COLUMNS: usize = 16;

/// sums += Σ w\[r\] · x\[r\], row by row.
#[inline(always)]
fn add_scaled<T: Scalar, const R: usize>(sums: &mut [T], x: [&[T]; R], w: [T; R]) {
    let (chunks, rest) = sums.as_chunks_mut::<LANES>();
    let done = chunks.len() * LANES;
    let mut rows = x.map(|x| x.as_chunks::<LANES>().0.iter());
    for sums in chunks {
        stay_rolled();
        let [mut a, mut b, mut c, mut d] = *sums;
        for (x, &w) in rows.iter_mut().zip(&w) {
            let Some(x) = x.next() else { return };
            a += x[0] * w;
            b += x[1] * w;
            c += x[2] * w;
            d += x[3] * w;
        }
        *sums = [a, b, c, d];
    }
    for (n, sum) in rest.iter_mut().enumerate() {
        stay_rolled();
        for (x, &w) in x.iter().zip(&w) {
            *sum += x.get(done + n).map_or(T::ZERO, |&x| x * w);
        }
    }
}

/// [`add_scaled`] of one row.
#[inline(never)]
fn add_row<T: Scalar>(sums: &mut [T], x: &[T], w: T) {
    add_scaled(sums, [x], [w]);
}

/// [`add_scaled`] of several rows.
#[inline(never)]
fn add_rows<T: Scalar>(sums: &mut [T], x: [&[T]; ROWS], w: [T; ROWS]) {
    add_scaled(sums, x, w);
}

/// sums += x · w, in lanes.
#[inline(always)]
fn add_products<T: Scalar>(sums: &mut [T; LANES], x: &[T; WIDTH], w: &[T; WIDTH]) {
    let [mut a, mut b, mut c, mut d] = *sums;
    a += x[0] * w[0];
    b += x[1] * w[1];
    c += x[2] * w[2];
    d += x[3] * w[3];
    a += x[4] * w[4];
    b += x[5] * w[5];
    c += x[6] * w[6];
    d += x[7] * w[7];
    *sums = [a, b, c, d];
}

/// The few products from element `done` on. Behind black boxes, loops are not written out.
#[inline(never)]
fn add_rest<T: Scalar>(sums: &mut [[T; LANES]], x: &[T], w: &[&[T]], done: usize) {
    for (sums, w) in black_box(sums).iter_mut().zip(black_box(w)) {
        for (n, (&x, &w)) in x.iter().zip(after(w, done)).enumerate() {
            stay_rolled();
            sums[n % LANES] += x * w;
        }
    }
}

/// Σ x\[i\] · w\[r\]\[i\] for each row.
#[inline(never)]
fn dots<T: Scalar>(x: &[T], w: [&[T]; ROWS]) -> [T; ROWS] {
    let [mut a, mut b, mut c, mut d] = [[T::ZERO; LANES]; ROWS];
    let [p, q, r, s] = w.map(|w| w.as_chunks::<WIDTH>().0);
    let (chunks, rest) = x.as_chunks::<WIDTH>();
    for ((((x, p), q), r), s) in chunks.iter().zip(p).zip(q).zip(r).zip(s) {
        add_products(&mut a, x, p);
        add_products(&mut b, x, q);
        add_products(&mut c, x, r);
        add_products(&mut d, x, s);
    }
    let mut sums = [a, b, c, d];
    let done = chunks.len() * WIDTH;
    if !rest.is_empty() {
        add_rest(&mut sums, rest, &w, done);
    }
    sums.map(|[a, b, c, d]| T::ZERO + a + b + c + d)
}

/// y: see [`crate::kernel::linear`].
pub(in crate::kernel) fn linear<T: Scalar>(g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    linear_then(g, x, w, b, y, Epilogue::Map(&|_| {}));
}

/// y: see [`crate::kernel::linear_then`].
pub(in crate::kernel) fn linear_then<T: Scalar>(
    g: &LinearGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Epilogue<T>,
) {
    for n in 0..g.n {
        let (x, y) = (part(x, n * g.inputs, g.inputs), part_mut(y, n * g.outputs, g.outputs));
        for (block, y) in y.chunks_mut(ROWS).enumerate() {
            let o = block * ROWS;
            // Of fewer rows than that, the last ones are some that are not asked for, or none.
            let sums = dots(x, [0, 1, 2, 3].map(|r| part(w, (o + r).min(g.outputs - 1) * g.inputs, g.inputs)));
            for (r, (y, sum)) in y.iter_mut().zip(sums).enumerate() {
                *y = b.and_then(|b| b.get(o + r)).map_or(sum, |&b| b + sum);
            }
        }
        then.apply(y);
    }
}

/// dx: see [`crate::kernel::linear_backward_input`].
pub(in crate::kernel) fn linear_backward_input<T: Scalar>(g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for n in 0..g.n {
        let (dx, dy) = (part_mut(dx, n * g.inputs, g.inputs), part(dy, n * g.outputs, g.outputs));
        let (blocks, rest) = dy.as_chunks::<ROWS>();
        for (block, &dy) in blocks.iter().enumerate() {
            add_rows(dx, [0, 1, 2, 3].map(|r| part(w, (block * ROWS + r) * g.inputs, g.inputs)), dy);
        }
        for (r, &dy) in rest.iter().enumerate() {
            add_row(dx, part(w, (blocks.len() * ROWS + r) * g.inputs, g.inputs), dy);
        }
    }
}

/// dw: see [`crate::kernel::linear_backward_weight`].
pub(in crate::kernel) fn linear_backward_weight<T: Scalar>(g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    for n in 0..g.n {
        let (x, dy) = (part(x, n * g.inputs, g.inputs), part(dy, n * g.outputs, g.outputs));
        for (o, &dy) in dy.iter().enumerate() {
            add_row(part_mut(dw, o * g.inputs, g.inputs), x, dy);
        }
    }
}

/// db: see [`crate::kernel::linear_backward_bias`].
pub(in crate::kernel) fn linear_backward_bias<T: Scalar>(g: &LinearGeometry, dy: &[T], db: &mut [T]) {
    if g.n > FEW {
        for (block, db) in db.chunks_mut(COLUMNS).enumerate() {
            let sums = sum_of_rows::<T, COLUMNS>(dy, g.outputs, block * COLUMNS);
            db.iter_mut().zip(sums).for_each(|(db, sum)| *db += sum);
        }
        return;
    }
    for n in 0..g.n {
        for (db, &dy) in db.iter_mut().zip(part(dy, n * g.outputs, g.outputs)) {
            *db += dy;
        }
    }
}
