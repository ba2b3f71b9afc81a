//! The definitions, loop by loop: oracle of the tests, baseline of the benchmarks, and the first thing to read.
//!
//! Nothing here is clever, and nothing here may become so. A window cell outside of the input reads as zero, which is
//! multiplied like any other number.
//!
//! ```
//! use constconv::kernel::{Conv2dGeometry, reference};
//!
//! // The layer of ones of system S2: 2 images, 3 channels of 4×4, 2 filters of 3×3.
//! let g = Conv2dGeometry::new([2, 3, 4, 4], [2, 3, 3], [2, 2]);
//! let mut y = [0; 16];
//! reference::conv2d(&g, &[1; 96], &[1; 54], Some(&[1, 2]), &mut y);
//! assert_eq!(y[..8], [28, 28, 28, 28, 29, 29, 29, 29]); // 3·3·3 and the bias
//! ```

use super::{Conv2dGeometry, LinearGeometry};
use crate::tensor::Scalar;

/// Calls `term(y index, x index, w index)` for each multiply-add of a convolution, in the order n, f, i, j, c, u, v; in
/// the padding there is no x.
fn for_each_term(g: &Conv2dGeometry, mut term: impl FnMut(usize, Option<usize>, usize)) {
    let ([h, w], [ho, wo], [kh, kw]) = (g.input, g.output, g.kernel);
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    for n in 0..g.n {
        for f in 0..g.f {
            for i in 0..ho {
                for j in 0..wo {
                    for c in 0..group_c {
                        for u in 0..kh {
                            for v in 0..kw {
                                // Row and column of the padded input.
                                let row = i * g.stride[0] + u * g.dilation[0];
                                let column = j * g.stride[1] + v * g.dilation[1];
                                let is_inside = (g.padding[0]..g.padding[0] + h).contains(&row)
                                    && (g.padding[1]..g.padding[1] + w).contains(&column);
                                let channel = f / group_f * group_c + c;
                                let cell = || {
                                    let (row, column) = (row - g.padding[0], column - g.padding[1]);
                                    ((n * g.c + channel) * h + row) * w + column
                                };
                                term(
                                    ((n * g.f + f) * ho + i) * wo + j,
                                    is_inside.then(cell),
                                    ((f * group_c + c) * kh + u) * kw + v,
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A cell of the padded input.
fn padded<T: Scalar>(x: &[T], cell: Option<usize>) -> T {
    cell.map_or(T::ZERO, |cell| x[cell])
}

/// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n,c,i·SH+u·DH,j·SW+v·DW\] · w\[f,c,u,v\]; overwrites `y`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, reference};
/// // Two columns of zeros on each side; the windows reach only those on the left.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 3], [1, 2]).stride([1, 3]).padding([0, 2]);
/// let mut y = [0; 2];
/// reference::conv2d(&g, &[1, 2, 3, 4], &[100, 10, 1], None, &mut y);
/// assert_eq!(y, [1, 234]);
/// ```
pub fn conv2d<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    let plane = g.output[0] * g.output[1];
    for (index, y) in y.iter_mut().enumerate() {
        *y = b.map_or(T::ZERO, |b| b[index / plane % g.f]);
    }
    for_each_term(g, |yi, xi, wi| y[yi] += padded(x, xi) * w[wi]);
}

/// dx = crop of the padded scatter of dy · w; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, reference};
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 3], [1, 2]).stride([1, 3]).padding([0, 2]);
/// let mut dx = [0; 4];
/// reference::conv2d_backward_input(&g, &[100, 10, 1], &[5, 6], &mut dx);
/// assert_eq!(dx, [5, 600, 60, 6]);
/// ```
pub fn conv2d_backward_input<T: Scalar>(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for_each_term(g, |yi, xi, wi| {
        if let Some(xi) = xi {
            dx[xi] += dy[yi] * w[wi];
        }
    });
}

/// y = b + crop of the padded scatter of x · w, where x is an output and y an input of the convolution `g`; overwrites
/// `y`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, reference};
/// // The convolution makes 2 elements of 6, the transposed one 6 of 2.
/// let g = Conv2dGeometry::new([1, 1, 1, 6], [1, 1, 3], [1, 2]).stride([1, 3]);
/// let mut y = [0; 6];
/// reference::conv_transpose2d(&g, &[1, 2], &[100, 10, 1], Some(&[5]), &mut y);
/// assert_eq!(y, [105, 15, 6, 205, 25, 7]);
/// ```
pub fn conv_transpose2d<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    let plane = g.input[0] * g.input[1];
    for (index, y) in y.iter_mut().enumerate() {
        *y = b.map_or(T::ZERO, |b| b[index / plane % g.c]);
    }
    for_each_term(g, |xi, yi, wi| {
        if let Some(yi) = yi {
            y[yi] += x[xi] * w[wi];
        }
    });
}

/// dw\[f,c,u,v\] += Σ dy\[n,f,i,j\] · xpad\[n,c,i·SH+u·DH,j·SW+v·DW\]; adds to `dw`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, reference};
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 3], [1, 2]).stride([1, 3]).padding([0, 2]);
/// let mut dw = [0; 3];
/// reference::conv2d_backward_filter(&g, &[1, 2, 3, 4], &[10, 100], &mut dw);
/// assert_eq!(dw, [200, 300, 410]); // 10 · (0, 0, 1) + 100 · (2, 3, 4)
/// ```
pub fn conv2d_backward_filter<T: Scalar>(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    for_each_term(g, |yi, xi, wi| dw[wi] += dy[yi] * padded(x, xi));
}

/// db\[f\] += Σ dy\[n,f,i,j\]; adds to `db`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, reference};
/// // Two filters with two outputs each.
/// let g = Conv2dGeometry::new([1, 1, 1, 2], [2, 1, 1], [1, 2]);
/// let mut db = [0; 2];
/// reference::conv2d_backward_bias(&g, &[1, 2, 30, 40], &mut db);
/// assert_eq!(db, [3, 70]);
/// ```
pub fn conv2d_backward_bias<T: Scalar>(g: &Conv2dGeometry, dy: &[T], db: &mut [T]) {
    let plane = g.output[0] * g.output[1];
    for (index, &dy) in dy.iter().enumerate() {
        db[index / plane % g.f] += dy;
    }
}

/// y\[n,o\] = b\[o\] + Σ x\[n,i\] · w\[o,i\]; overwrites `y`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, reference};
/// let g = LinearGeometry::new(2, 2, 1);
/// let mut y = [0; 2];
/// reference::linear(&g, &[1, 2, 3, 4], &[10, 1], None, &mut y);
/// assert_eq!(y, [12, 34]);
/// ```
pub fn linear<T: Scalar>(g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    for n in 0..g.n {
        for o in 0..g.outputs {
            let mut sum = b.map_or(T::ZERO, |b| b[o]);
            for i in 0..g.inputs {
                sum += x[n * g.inputs + i] * w[o * g.inputs + i];
            }
            y[n * g.outputs + o] = sum;
        }
    }
}

/// dx\[n,i\] = Σ dy\[n,o\] · w\[o,i\]; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, reference};
/// let g = LinearGeometry::new(2, 2, 1);
/// let mut dx = [0; 4];
/// reference::linear_backward_input(&g, &[10, 1], &[5, 6], &mut dx);
/// assert_eq!(dx, [50, 5, 60, 6]);
/// ```
pub fn linear_backward_input<T: Scalar>(g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for n in 0..g.n {
        for o in 0..g.outputs {
            for i in 0..g.inputs {
                dx[n * g.inputs + i] += dy[n * g.outputs + o] * w[o * g.inputs + i];
            }
        }
    }
}

/// dw\[o,i\] += Σ dy\[n,o\] · x\[n,i\]; adds to `dw`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, reference};
/// let g = LinearGeometry::new(2, 2, 1);
/// let mut dw = [0; 2];
/// reference::linear_backward_weight(&g, &[1, 2, 3, 4], &[1, 10], &mut dw);
/// assert_eq!(dw, [31, 42]); // summed over the batch
/// ```
pub fn linear_backward_weight<T: Scalar>(g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    for n in 0..g.n {
        for o in 0..g.outputs {
            for i in 0..g.inputs {
                dw[o * g.inputs + i] += dy[n * g.outputs + o] * x[n * g.inputs + i];
            }
        }
    }
}

/// db\[o\] += Σ dy\[n,o\]; adds to `db`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, reference};
/// let g = LinearGeometry::new(2, 1, 2);
/// let mut db = [0; 2];
/// reference::linear_backward_bias(&g, &[1, 2, 30, 40], &mut db);
/// assert_eq!(db, [31, 42]);
/// ```
pub fn linear_backward_bias<T: Scalar>(g: &LinearGeometry, dy: &[T], db: &mut [T]) {
    for (index, &dy) in dy.iter().enumerate() {
        db[index % g.outputs] += dy;
    }
}
