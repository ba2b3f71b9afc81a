//! The fully connected layer in plain Rust.
//!
//! Long sums are kept in [`LANES`] parts, so that compilers can use vectors for them.

use crate::kernel::math::sum_of_rows;
use crate::kernel::{Epilogue, LinearGeometry};
use crate::tensor::Scalar;

/// Parts of a sum over a row.
const LANES: usize = 4;

/// More rows than this are summed in blocks.
const FEW: usize = 64;

/// Columns that are summed side by side then.
const COLUMNS: usize = 16;

/// sums += x · w.
#[inline(always)]
fn add_scaled<T: Scalar>(sums: &mut [T], x: &[T], w: T) {
    for (sum, &x) in sums.iter_mut().zip(x) {
        *sum += x * w;
    }
}

/// Σ a\[i\] · b\[i\].
#[inline(always)]
fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    let mut sums = [T::ZERO; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a.remainder().iter().zip(b.remainder());
    for (a, b) in a.zip(b) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    for (sum, (&a, &b)) in sums.iter_mut().zip(rest) {
        *sum += a * b;
    }
    total(sums)
}

/// The sum of the parts.
fn total<T: Scalar, const P: usize>(sums: [T; P]) -> T {
    sums.into_iter().fold(T::ZERO, |sum, part| sum + part)
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
        let (x, y) = (&x[n * g.inputs..][..g.inputs], &mut y[n * g.outputs..][..g.outputs]);
        for (o, y) in y.iter_mut().enumerate() {
            *y = b.map_or(T::ZERO, |b| b[o]) + dot(x, &w[o * g.inputs..][..g.inputs]);
        }
        then.apply(y);
    }
}

/// dx: see [`crate::kernel::linear_backward_input`].
pub(in crate::kernel) fn linear_backward_input<T: Scalar>(g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for n in 0..g.n {
        let dx = &mut dx[n * g.inputs..][..g.inputs];
        for (o, &dy) in dy[n * g.outputs..][..g.outputs].iter().enumerate() {
            add_scaled(dx, &w[o * g.inputs..][..g.inputs], dy);
        }
    }
}

/// dw: see [`crate::kernel::linear_backward_weight`].
pub(in crate::kernel) fn linear_backward_weight<T: Scalar>(g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    for n in 0..g.n {
        let x = &x[n * g.inputs..][..g.inputs];
        for (o, &dy) in dy[n * g.outputs..][..g.outputs].iter().enumerate() {
            add_scaled(&mut dw[o * g.inputs..][..g.inputs], x, dy);
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
        for (db, &dy) in db.iter_mut().zip(&dy[n * g.outputs..][..g.outputs]) {
            *db += dy;
        }
    }
}
