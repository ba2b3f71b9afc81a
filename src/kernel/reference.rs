//! The definitions, loop by loop: oracle of the tests, baseline of the benchmarks, and the first thing to read.
//!
//! Nothing here is clever, and nothing here may become so. A window cell outside of the input reads as zero.

use super::{Conv2dGeometry, LinearGeometry};
use crate::Scalar;

/// Calls `term(y index, x index, w index)` for each multiply-add of a convolution, in the order n, f, i, j, c, u, v.
fn for_each_term(g: &Conv2dGeometry, mut term: impl FnMut(usize, usize, usize)) {
    let ([h, w], [ho, wo], [kh, kw]) = (g.input, g.output, g.kernel);
    let (group_c, group_f) = (g.c / g.groups, g.f / g.groups);
    for n in 0..g.n {
        for f in 0..g.f {
            for i in 0..ho {
                for j in 0..wo {
                    for c in 0..group_c {
                        for u in 0..kh {
                            for v in 0..kw {
                                // Row and column of the padded input; cells in the padding are zero.
                                let row = i * g.stride[0] + u * g.dilation[0];
                                let column = j * g.stride[1] + v * g.dilation[1];
                                if row < g.padding[0] || column < g.padding[1] {
                                    continue;
                                }
                                let (row, column) = (row - g.padding[0], column - g.padding[1]);
                                if row >= h || column >= w {
                                    continue;
                                }
                                let channel = f / group_f * group_c + c;
                                term(
                                    ((n * g.f + f) * ho + i) * wo + j,
                                    ((n * g.c + channel) * h + row) * w + column,
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

/// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n,c,i·SH+u·DH,j·SW+v·DW\] · w\[f,c,u,v\]; overwrites `y`.
pub fn conv2d<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    let plane = g.output[0] * g.output[1];
    for (index, y) in y.iter_mut().enumerate() {
        *y = b.map_or(T::ZERO, |b| b[index / plane % g.f]);
    }
    for_each_term(g, |yi, xi, wi| y[yi] += x[xi] * w[wi]);
}

/// dx = crop of the padded scatter of dy · w; overwrites `dx`.
pub fn conv2d_backward_input<T: Scalar>(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    for_each_term(g, |yi, xi, wi| dx[xi] += dy[yi] * w[wi]);
}

/// y = b + crop of the padded scatter of x · w, where x is an output and y an input of the convolution `g`; overwrites `y`.
pub fn conv_transpose2d<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    let plane = g.input[0] * g.input[1];
    for (index, y) in y.iter_mut().enumerate() {
        *y = b.map_or(T::ZERO, |b| b[index / plane % g.c]);
    }
    for_each_term(g, |xi, yi, wi| y[yi] += x[xi] * w[wi]);
}

/// dw\[f,c,u,v\] += Σ dy\[n,f,i,j\] · xpad\[n,c,i·SH+u·DH,j·SW+v·DW\]; adds to `dw`.
pub fn conv2d_backward_filter<T: Scalar>(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    for_each_term(g, |yi, xi, wi| dw[wi] += dy[yi] * x[xi]);
}

/// db\[f\] += Σ dy\[n,f,i,j\]; adds to `db`.
pub fn conv2d_backward_bias<T: Scalar>(g: &Conv2dGeometry, dy: &[T], db: &mut [T]) {
    let plane = g.output[0] * g.output[1];
    for (index, &dy) in dy.iter().enumerate() {
        db[index / plane % g.f] += dy;
    }
}

/// y\[n,o\] = b\[o\] + Σ x\[n,i\] · w\[o,i\]; overwrites `y`.
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
pub fn linear_backward_bias<T: Scalar>(g: &LinearGeometry, dy: &[T], db: &mut [T]) {
    for (index, &dy) in dy.iter().enumerate() {
        db[index % g.outputs] += dy;
    }
}
