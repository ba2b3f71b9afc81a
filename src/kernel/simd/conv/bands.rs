//! Where the rows of a target are: in planes, or in bands of some rows of all channels, one after the other.

use crate::kernel::simd::Sink;

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

    /// The band that has a row, and which of its rows that is.
    #[inline(always)]
    fn place(&self, row: usize) -> (usize, usize) {
        // A division takes as long as a few rows.
        if self.apart == 0 { (0, row) } else { (row / self.rows, row % self.rows) }
    }

    /// A row of the first channel.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> *mut T {
        let (band, row) = self.place(row);
        self.first.wrapping_add(band * self.apart + row * self.width)
    }

    /// A row of the first channel, from which those follow that are `step` further, which is 1 if there are several
    /// bands.
    #[inline(always)]
    pub(super) fn cursor(&self, row: usize, step: usize) -> Cursor<T> {
        let (pitch, leap) = (step * self.width, self.apart.wrapping_sub(self.rows * self.width));
        Cursor { at: self.row(row), left: self.rows - self.place(row).1, step, pitch, rows: self.rows, leap }
    }
}

/// A row, and how many are left of its band.
pub(super) struct Cursor<T> {
    pub(super) at: *mut T,
    left: usize,
    /// Rows and elements to the next one.
    step: usize,
    pitch: usize,
    /// Rows of a band, and elements from its end to the next one.
    rows: usize,
    leap: usize,
}

impl<T> Cursor<T> {
    /// Goes on to the next row.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        self.at = self.at.wrapping_add(self.pitch);
        self.left = self.left.wrapping_sub(self.step);
        if self.left == 0 {
            self.at = self.at.wrapping_add(self.leap);
            self.left = self.rows;
        }
    }
}

/// How many bands of so many rows make a multiple of what a kernel computes together, or as many of them as there are
/// and as fit into so many bytes of scratch memory.
pub(super) fn together<T>(rows: usize, bands: usize, multiple: usize, bytes: usize, len: usize) -> usize {
    let whole = multiple >> rows.trailing_zeros().min(multiple.ilog2());
    whole.min(bands).min(bytes / size_of::<T>() / len.max(1)).max(1)
}

/// Hands the bands of a whole image to `sink`, each of them `len` elements of every plane, by way of the buffer.
pub(super) fn hand_out<T: Copy>(
    image: usize,
    y: &[T],
    plane: usize,
    len: usize,
    bands: usize,
    buffer: &mut [T],
    sink: &mut Sink<T>,
) {
    for band in 0..bands {
        for (to, y) in buffer.chunks_exact_mut(len).zip(y.chunks_exact(plane)) {
            to.copy_from_slice(&y[band * len..][..len]);
        }
        sink(image, band, buffer);
    }
}
