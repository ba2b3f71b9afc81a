//! Elements moved from one place to another: permuting, padding, cropping, flipping, spreading and repeating are one
//! loop over two views.
//!
//! ```text
//! for each place (a, b, c, d):  y[to(a, b, c, d)] = x[from(a, b, c, d)],  or +=
//! a view leads from a place to an index:  start + a·strides[0] + b·strides[1] + c·strides[2] + d·strides[3]
//! ```
//!
//! The last axis is copied as a whole where its elements are adjacent in both.

use crate::tensor::Scalar;

/// Where the elements of a 4-dimensional array lie in a slice.
///
/// ```
/// use constconv::kernel::{View, rearrange};
/// // A row of three backwards.
/// let mut y = [0; 3];
/// let backwards = View { start: 2, strides: [0, 0, 0, -1] };
/// rearrange([1, 1, 1, 3], &[1, 2, 3], backwards, &mut y, View::row_major([1, 1, 1, 3]));
/// assert_eq!(y, [3, 2, 1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The index of the first element.
    pub start: usize,
    /// By how much the index grows along each axis; 0 repeats an element, a negative one goes backwards.
    pub strides: [isize; 4],
}

impl View {
    /// An array of these lengths, row-major, from the start of the slice.
    ///
    /// ```
    /// use constconv::kernel::View;
    /// assert_eq!(View::row_major([2, 3, 4, 5]).strides, [60, 20, 5, 1]);
    /// ```
    #[must_use]
    pub const fn row_major([_, b, c, d]: [usize; 4]) -> Self {
        Self { start: 0, strides: [(b * c * d) as isize, (c * d) as isize, d as isize, 1] }
    }

    /// The same view with another first element.
    ///
    /// ```
    /// use constconv::kernel::View;
    /// // The second image of a batch.
    /// let view = View::row_major([2, 3, 4, 5]).from(60);
    /// assert_eq!((view.start, view.strides), (60, [60, 20, 5, 1]));
    /// ```
    #[must_use]
    pub const fn from(self, start: usize) -> Self {
        Self { start, ..self }
    }

    /// The same view with strides that are `steps` times as large.
    ///
    /// ```
    /// use constconv::kernel::View;
    /// // Every second column.
    /// assert_eq!(View::row_major([2, 3, 4, 5]).stepped([1, 1, 1, 2]).strides, [60, 20, 5, 2]);
    /// ```
    #[must_use]
    pub const fn stepped(self, steps: [usize; 4]) -> Self {
        let [a, b, c, d] = self.strides;
        let steps = [steps[0] as isize, steps[1] as isize, steps[2] as isize, steps[3] as isize];
        Self { strides: [a * steps[0], b * steps[1], c * steps[2], d * steps[3]], ..self }
    }

    /// The index of the first element of a row.
    #[inline(always)]
    fn row(&self, place: [usize; 3]) -> usize {
        let offset = |axis: usize| place[axis] as isize * self.strides[axis];
        self.start.wrapping_add_signed(offset(0) + offset(1) + offset(2))
    }
}

/// y = x at each place of two views; leaves the rest of `y` alone.
///
/// ```
/// use constconv::kernel::{View, rearrange};
/// // (1, 1, 2, 3) → (1, 1, 3, 2): a step down in x is a step to the right in y.
/// let (x, mut y) = ([1, 2, 3, 4, 5, 6], [0; 6]);
/// rearrange([1, 1, 2, 3], &x, View::row_major([1, 1, 2, 3]), &mut y, View { start: 0, strides: [6, 6, 1, 2] });
/// assert_eq!(y, [1, 4, 2, 5, 3, 6]);
/// ```
///
/// # Panics
/// If a view leads out of its slice.
pub fn rearrange<T: Scalar>(lengths: [usize; 4], x: &[T], from: View, y: &mut [T], to: View) {
    for_each_pair(lengths, x, from, y, to, |y, x| *y = x);
}

/// y += x at each place of two views; where several places lead to one element of `y`, it gets their sum.
///
/// ```
/// use constconv::kernel::{View, rearrange_add};
/// // All places of a row of y are one.
/// let mut y = [100, 100];
/// let sums = View { start: 0, strides: [2, 2, 1, 0] };
/// rearrange_add([1, 1, 2, 3], &[1, 2, 3, 10, 20, 30], View::row_major([1, 1, 2, 3]), &mut y, sums);
/// assert_eq!(y, [106, 160]);
/// ```
///
/// # Panics
/// If a view leads out of its slice.
pub fn rearrange_add<T: Scalar>(lengths: [usize; 4], x: &[T], from: View, y: &mut [T], to: View) {
    for_each_pair(lengths, x, from, y, to, |y, x| *y += x);
}

#[inline(always)]
fn for_each_pair<T: Scalar>(
    lengths: [usize; 4],
    x: &[T],
    from: View,
    y: &mut [T],
    to: View,
    visit: impl Fn(&mut T, T),
) {
    let [a, b, c, d] = lengths;
    if d == 0 {
        return;
    }
    let (x_step, y_step) = (from.strides[3], to.strides[3]);
    for place in (0..a).flat_map(|i| (0..b).flat_map(move |j| (0..c).map(move |k| [i, j, k]))) {
        let (mut xi, mut yi) = (from.row(place), to.row(place));
        if x_step == 1 && y_step == 1 {
            y[yi..][..d].iter_mut().zip(&x[xi..][..d]).for_each(|(y, &x)| visit(y, x));
            continue;
        }
        for _ in 0..d {
            visit(&mut y[yi], x[xi]);
            (xi, yi) = (xi.wrapping_add_signed(x_step), yi.wrapping_add_signed(y_step));
        }
    }
}
