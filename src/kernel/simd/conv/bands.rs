//! Where the rows of a target are: in planes, or in bands of some rows of all channels, one after the other.

use core::array::from_fn;

/// The rows of some channels.
#[derive(Clone, Copy)]
pub(super) struct Bands<T> {
    /// The first row of the first channel, and elements of a row.
    pub(super) first: *mut T,
    pub(super) width: usize,
    /// Elements between channels.
    pub(super) plane: usize,
    /// Rows of a band, and elements between bands; one band may be all of them.
    pub(super) rows: usize,
    pub(super) apart: usize,
}

impl<T> Bands<T> {
    /// Planes of so many rows and columns.
    pub(super) fn planes(first: *mut T, rows: usize, width: usize) -> Self {
        Self { first, width, plane: rows * width, rows, apart: 0 }
    }

    /// The same of channel `c`.
    #[inline(always)]
    pub(super) fn channel(&self, c: usize) -> Self {
        Self { first: self.first.wrapping_add(c * self.plane), ..*self }
    }

    /// A row of the first channel.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> *mut T {
        self.first.wrapping_add(row / self.rows * self.apart + row % self.rows * self.width)
    }

    /// R rows of it from `row` on, `step` apart, which is 1 if there are several bands.
    #[inline(always)]
    pub(super) fn rows<const R: usize>(&self, row: usize, step: usize) -> [*mut T; R] {
        let (mut at, mut left) = (self.row(row), self.rows - row % self.rows);
        from_fn(|_| {
            let row = at;
            at = at.wrapping_add(step * self.width);
            left = left.wrapping_sub(step);
            if left == 0 {
                // The first row of the next band.
                at = at.wrapping_add(self.apart.wrapping_sub(self.rows * self.width));
                left = self.rows;
            }
            row
        })
    }
}

/// How many bands of so many rows make a multiple of what a kernel computes together, or as many of them as there are
/// and as fit into so many bytes of scratch memory.
pub(super) fn together<T>(rows: usize, bands: usize, multiple: usize, bytes: usize, len: usize) -> usize {
    let whole = multiple >> rows.trailing_zeros().min(multiple.ilog2());
    whole.min(bands).min(bytes / size_of::<T>() / len.max(1)).max(1)
}
