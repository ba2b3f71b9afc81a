//! Windows as the columns of a matrix, and back.
//!
//! ```text
//! for each cell (u, v) of the window:
//!     clip the outputs whose window has this cell on the plane
//!     for each c, n, i, j of them:
//!         columns[(c·KH + u)·KW + v, (n·HO + i)·WO + j] ⇄ x[n, c, i·SH + u·DH − PH, j·SW + v·DW − PW]
//! ```

use super::check::check_lengths;
use super::pool::wins;
use super::view::{View, rearrange, rearrange_add};
use super::{Conv2dGeometry, Pool2dGeometry};
use crate::tensor::Scalar;

/// Columns = windows of x, zeros in the padding; overwrites `columns`. F is not used, but G must divide it and C.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, im2col};
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut columns = [0; 6];
/// im2col(&g, &[1, 2, 3, 4], &mut columns);
/// assert_eq!(columns, [
///     1, 2, 3, // the first cell of each window
///     2, 3, 4, // the second one
/// ]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn im2col<T: Scalar>(g: &Conv2dGeometry, x: &[T], columns: &mut [T]) {
    check(g, x, columns);
    columns.fill(T::ZERO);
    for_each_cell(g, |lengths, cells, column| rearrange(lengths, x, cells, columns, column));
}

/// x = sum of the columns' cells at their places, where windows overlap; overwrites `x`. F is not used, but G must
/// divide it and C.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, col2im};
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut x = [0; 4];
/// col2im(&g, &[1, 2, 3, 20, 30, 40], &mut x);
/// assert_eq!(x, [1, 22, 33, 40]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn col2im<T: Scalar>(g: &Conv2dGeometry, columns: &[T], x: &mut [T]) {
    check(g, x, columns);
    x.fill(T::ZERO);
    for_each_cell(g, |lengths, cells, column| rearrange_add(lengths, columns, column, x, cells));
}

/// Calls `visit(lengths, view of x, view of the columns)` for each cell of the window: channels, images, rows and
/// columns of the outputs that have this cell on the plane.
fn for_each_cell(g: &Conv2dGeometry, mut visit: impl FnMut([usize; 4], View, View)) {
    let Conv2dGeometry { n, c, input: [h, w], output: [ho, wo], kernel: [kh, kw], stride, padding, dilation, .. } = *g;
    let windows =
        Pool2dGeometry { planes: n * c, input: g.input, output: g.output, kernel: g.kernel, stride, padding, dilation };
    // Channels go down the matrix, images to the right.
    let [image, plane, row, _] = View::row_major([n, c, h, w]).strides;
    let x = View { start: 0, strides: [plane, image, row, 1] }.stepped([1, 1, stride[0], stride[1]]);
    let columns = View::row_major([c, n, ho, wo]).stepped([kh * kw, 1, 1, 1]);
    for (u, v) in (0..kh).flat_map(|u| (0..kw).map(move |v| (u, v))) {
        let (rows, places) = (windows.outputs(0, u), windows.outputs(1, v));
        if rows.is_empty() || places.is_empty() {
            continue;
        }
        let row = rows.start * stride[0] + u * dilation[0] - padding[0];
        let place = places.start * stride[1] + v * dilation[1] - padding[1];
        let column = (u * kw + v) * n * ho * wo + rows.start * wo + places.start;
        visit([c, n, rows.len(), places.len()], x.from(row * w + place), columns.from(column));
    }
}

fn check<T>(g: &Conv2dGeometry, x: &[T], columns: &[T]) {
    g.check();
    check_lengths!(g.x_len(); x);
    check_lengths!(g.c * g.kernel[0] * g.kernel[1] * g.n * g.output[0] * g.output[1]; columns);
}

/// Mask = 1 at the maximum of each column, the first one or the last NaN, and 0 elsewhere; overwrites `mask`.
///
/// ```
/// use constconv::kernel::max_mask;
/// let mut mask = [0; 4];
/// // Columns (1, 9) and (5, 2).
/// max_mask([2, 2], &[1, 5, 9, 2], &mut mask);
/// assert_eq!(mask, [0, 1, 1, 0]);
/// ```
///
/// # Panics
/// If a slice does not have rows · columns elements.
pub fn max_mask<T: Scalar>([rows, columns]: [usize; 2], x: &[T], mask: &mut [T]) {
    check_lengths!(rows * columns; x mask);
    mask.fill(T::ZERO);
    for column in 0..columns {
        let cells = (column..rows * columns).step_by(columns);
        if let Some(winner) = cells.reduce(|max, cell| if wins(x[cell], x[max]) { cell } else { max }) {
            mask[winner] = T::ONE;
        }
    }
}
