//! The operations that exist for several instruction sets, one plain function for each: lengths and geometry are
//! checked, then the vector kernel of the level runs. What it has no kernel for, or not for this element type or
//! geometry, runs in portable Rust.

// A kernel's arguments are its operands: naming each is clearer than bundling them.
#![allow(clippy::too_many_arguments)]

use super::check::{check_bands, check_lengths};
use super::{Conv2dGeometry, Epilogue, Level, LinearGeometry, Pool2dGeometry, entry, portable};
use crate::tensor::Scalar;

/// All tiles of y and dw: the geometry is not known.
struct All;

impl portable::Needing for All {
    const NEEDS: portable::Needs = portable::Needs::ALL;
}

/// All tiles of dx.
struct AllMirrored;

impl portable::Needing for AllMirrored {
    const NEEDS: portable::Needs = portable::Needs::ALL_MIRRORED;
}

impl Level {
    /// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n,c,i·SH+u·DH,j·SW+v·DW\] · w\[f,c,u,v\]; overwrites `y`.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut y = [0; 3];
    /// Level::PORTABLE.conv2d(&g, &[1, 2, 3, 4], &[10, 1], Some(&[100]), &mut y);
    /// assert_eq!(y, [112, 123, 134]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d<T: Scalar>(self, g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.f; b);
        check_lengths!(g.y_len(); y);
        if !entry::conv2d(self, g, x, w, b, y) {
            portable::conv2d(g, portable::tiles::<T, All>(), x, w, b, y);
        }
    }

    /// [`conv2d`], and `then` done to each element of y as it is stored, such as an activation.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Epilogue, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut y = [0; 3];
    /// Level::PORTABLE.conv2d_then(&g, &[1, 2, 3, 4], &[10, 1], Some(&[-22]), &mut y, Epilogue::Limits { low: 0, high: None });
    /// assert_eq!(y, [0, 1, 12]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_then<T: Scalar>(
        self,
        g: &Conv2dGeometry,
        x: &[T],
        w: &[T],
        b: Option<&[T]>,
        y: &mut [T],
        then: Epilogue<T>,
    ) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.f; b);
        check_lengths!(g.y_len(); y);
        if !entry::conv2d_then(self, g, x, w, b, y, then) {
            portable::conv2d_then(g, portable::tiles::<T, All>(), x, w, b, y, then);
        }
    }

    /// [`conv2d`] of which only a few rows are there at a time: `sink(n, k, band)` gets the rows `k·rows..(k + 1)·rows` of
    /// all filters of image n, a band (F, rows, WO), for each image and each k in `0..bands`, in this order.
    ///
    /// The band is in `buffer`, which has room for one, or in memory of the kernel; the sink may write to it. Each element
    /// has the bits that [`conv2d`] gives it; of a NaN, sign and payload may be others.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// // A window of one cell: twice the rows 1 2, 3 4 and 5 6, of which the first two are asked for.
    /// let g = Conv2dGeometry::new([1, 1, 3, 2], [1, 1, 1], [3, 2]);
    /// let mut sums = [0; 2];
    /// Level::PORTABLE.conv2d_by_rows(&g, &[1, 2, 3, 4, 5, 6], &[2], None, 1, 2, &mut [0; 2], &mut |_, k, row| {
    ///     sums[k] = row.iter().sum();
    /// });
    /// assert_eq!(sums, [6, 14]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, the geometry makes no sense, or there are fewer rows
    /// than those of all bands.
    pub fn conv2d_by_rows<T: Scalar>(
        self,
        g: &Conv2dGeometry,
        x: &[T],
        w: &[T],
        b: Option<&[T]>,
        rows: usize,
        bands: usize,
        buffer: &mut [T],
        sink: &mut dyn FnMut(usize, usize, &mut [T]),
    ) {
        g.check();
        check_bands(g, rows, bands);
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.f; b);
        check_lengths!(g.f * rows * g.output[1]; buffer);
        if !entry::conv2d_by_rows(self, g, x, w, b, rows, bands, buffer, sink) {
            portable::conv2d_by_rows(g, portable::tiles::<T, All>(), x, w, b, rows, bands, buffer, sink);
        }
    }

    /// dx = crop of the padded scatter of dy · w; overwrites `dx`.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut dx = [0; 4];
    /// Level::PORTABLE.conv2d_backward_input(&g, &[10, 1], &[1, 2, 3], &mut dx);
    /// assert_eq!(dx, [10, 21, 32, 3]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_backward_input<T: Scalar>(self, g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
        g.check();
        check_lengths!(g.w_len(); w);
        check_lengths!(g.y_len(); dy);
        check_lengths!(g.x_len(); dx);
        if !entry::conv2d_backward_input(self, g, w, dy, dx) {
            portable::conv2d_backward_input(g, portable::tiles::<T, AllMirrored>(), w, dy, dx);
        }
    }

    /// y = b + crop of the padded scatter of x · w, [`conv2d_backward_input`] with a bias; overwrites `y`.
    ///
    /// `g` is the convolution that it is the adjoint of: there x is an output and y an input, so b has C elements.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut y = [0; 4];
    /// Level::PORTABLE.conv_transpose2d(&g, &[1, 2, 3], &[10, 1], Some(&[100]), &mut y);
    /// assert_eq!(y, [110, 121, 132, 103]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv_transpose2d<T: Scalar>(self, g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
        g.check();
        check_lengths!(g.y_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.c; b);
        check_lengths!(g.x_len(); y);
        if !entry::conv_transpose2d(self, g, x, w, b, y) {
            portable::conv_transpose2d(g, portable::tiles::<T, AllMirrored>(), x, w, b, y);
        }
    }

    /// [`conv_transpose2d`], and `then` done to each element of y: see [`conv2d_then`].
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Epilogue, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut y = [0; 4];
    /// Level::PORTABLE.conv_transpose2d_then(&g, &[1, 2, 3], &[10, 1], None, &mut y, Epilogue::Limits { low: 0, high: Some(30) });
    /// assert_eq!(y, [10, 21, 30, 3]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv_transpose2d_then<T: Scalar>(
        self,
        g: &Conv2dGeometry,
        x: &[T],
        w: &[T],
        b: Option<&[T]>,
        y: &mut [T],
        then: Epilogue<T>,
    ) {
        g.check();
        check_lengths!(g.y_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.c; b);
        check_lengths!(g.x_len(); y);
        if !entry::conv_transpose2d_then(self, g, x, w, b, y, then) {
            portable::conv_transpose2d(g, portable::tiles::<T, AllMirrored>(), x, w, b, y);
            then.apply(y);
        }
    }

    /// [`conv2d`] by Winograd's F(4×4, 3×3) where it applies: 3×3 kernels without stride or dilation, on the vector
    /// levels.
    ///
    /// It needs a quarter of the multiplications. With 32 and more channels on planes of 28×28 and more it takes about
    /// half of the time, with 256 channels on 14×14 two thirds; with fewer channels or on smaller planes it gains
    /// nothing. Its rounding error is about ten times that of [`conv2d`]. Where it does not apply, this is [`conv2d`].
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// let g = Conv2dGeometry::new([1, 1, 6, 6], [1, 3, 3], [4, 4]);
    /// let mut y = [0.0_f32; 16];
    /// Level::PORTABLE.conv2d_winograd(&g, &[1.0; 36], &[1.0; 9], None, &mut y);
    /// assert!(y.iter().all(|y| (y - 9.0).abs() < 1e-4));
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_winograd<T: Scalar>(self, g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.f; b);
        check_lengths!(g.y_len(); y);
        if !entry::conv2d_winograd(self, g, x, w, b, y) {
            portable::conv2d(g, portable::tiles::<T, All>(), x, w, b, y);
        }
    }

    /// The weights of a 3×3 convolution without groups as [`conv2d_winograd_stored`](Level::conv2d_winograd_stored) takes
    /// them, (6, 6, C, F): G · w · Gᵀ for each filter and channel. Where Winograd's algorithm does not apply at this level,
    /// or not for this type, `u` is left as it is.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// let g = Conv2dGeometry::new([1, 1, 6, 6], [1, 3, 3], [4, 4]);
    /// let mut u = [0.0_f32; 36];
    /// Level::current().winograd_filters(&g, &[1.0; 9], &mut u);
    /// assert!(Level::current() == Level::PORTABLE || u[0] == 1.0 / 16.0);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn winograd_filters<T: Scalar>(self, g: &Conv2dGeometry, w: &[T], u: &mut [T]) {
        g.check();
        check_lengths!(g.w_len(); w);
        check_lengths!(36 * g.c * g.f; u);
        entry::winograd_filters(self, g, w, u);
    }

    /// [`conv2d_winograd`] with weights that [`winograd_filters`](Level::winograd_filters) has transformed at the same
    /// level, where that takes less time than [`conv2d`].
    ///
    /// Weights are read in place where vectors divide the filters (16 of them for `f32` at the level `avx512`, and half as
    /// many for `f64` and at the level `avx2`), and they take no more than 4 MiB; otherwise `w` is transformed. It is
    /// [`conv2d`] with fewer than 16 channels or filters.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// let g = Conv2dGeometry::new([1, 16, 6, 6], [16, 3, 3], [4, 4]);
    /// let (w, mut u, mut y) = ([1.0_f32; 16 * 16 * 9], [0.0; 36 * 16 * 16], [0.0; 16 * 16]);
    /// let level = Level::current();
    /// level.winograd_filters(&g, &w, &mut u);
    /// level.conv2d_winograd_stored(&g, &[1.0; 16 * 36], &w, &u, None, &mut y);
    /// assert!(y.iter().all(|y| (y - 16.0 * 9.0).abs() < 1e-2));
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_winograd_stored<T: Scalar>(
        self,
        g: &Conv2dGeometry,
        x: &[T],
        w: &[T],
        u: &[T],
        b: Option<&[T]>,
        y: &mut [T],
    ) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(36 * g.c * g.f; u);
        check_lengths!(g.f; b);
        check_lengths!(g.y_len(); y);
        if !entry::conv2d_winograd_stored(self, g, x, w, u, b, y) {
            portable::conv2d(g, portable::tiles::<T, All>(), x, w, b, y);
        }
    }

    /// [`conv2d_backward_input`] by Winograd's F(4×4, 3×3) where it applies; see [`conv2d_winograd`].
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// let g = Conv2dGeometry::new([1, 1, 6, 6], [1, 3, 3], [4, 4]);
    /// let mut dx = [0.0_f32; 36];
    /// Level::PORTABLE.conv2d_winograd_backward_input(&g, &[1.0; 9], &[1.0; 16], &mut dx);
    /// assert!((dx[0] - 1.0).abs() < 1e-4); // in the corner: one window
    /// assert!((dx[2 * 6 + 2] - 9.0).abs() < 1e-4); // inside: nine
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_winograd_backward_input<T: Scalar>(self, g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
        g.check();
        check_lengths!(g.w_len(); w);
        check_lengths!(g.y_len(); dy);
        check_lengths!(g.x_len(); dx);
        if !entry::conv2d_winograd_backward_input(self, g, w, dy, dx) {
            portable::conv2d_backward_input(g, portable::tiles::<T, AllMirrored>(), w, dy, dx);
        }
    }

    /// dw\[f,c,u,v\] += Σ dy\[n,f,i,j\] · xpad\[n,c,i·SH+u·DH,j·SW+v·DW\]; adds to `dw`.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut dw = [1_000; 2];
    /// Level::PORTABLE.conv2d_backward_filter(&g, &[1, 2, 3, 4], &[1, 0, 10], &mut dw);
    /// assert_eq!(dw, [1_031, 1_042]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_backward_filter<T: Scalar>(self, g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.y_len(); dy);
        check_lengths!(g.w_len(); dw);
        if !entry::conv2d_backward_filter(self, g, x, dy, dw) {
            portable::conv2d_backward_filter(g, portable::tiles::<T, All>(), x, dy, dw);
        }
    }

    /// db\[f\] += Σ dy\[n,f,i,j\]; adds to `db`.
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level};
    ///
    /// // A window of two cells on a row of four.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
    /// let mut db = [100];
    /// Level::PORTABLE.conv2d_backward_bias(&g, &[1, 2, 3], &mut db);
    /// assert_eq!(db, [106]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn conv2d_backward_bias<T: Scalar>(self, g: &Conv2dGeometry, dy: &[T], db: &mut [T]) {
        g.check();
        check_lengths!(g.y_len(); dy);
        check_lengths!(g.f; db);
        if !entry::conv2d_backward_bias(self, g, dy, db) {
            portable::conv2d_backward_bias(g, dy, db);
        }
    }

    /// dx, dw and db of a convolution whose output goes to [`max_pool2d_marked`](super::max_pool2d_marked), each if it is
    /// asked for; overwrites `dx`, adds to `dw` and `db`. For dx the weights are needed, too: `(w, dx)`.
    ///
    /// `g` is the convolution and `pool` the pooling, N·F planes of its output. `marks` are those of the pooling and `dy` is
    /// the gradient of its output: the convolution's own, of which nothing is stored, is dy where a winner is and 0
    /// elsewhere. A window without a winner has a dy of 0. Only winners are visited, and of these only the ones whose dy is
    /// not 0: what is infinite or NaN elsewhere in w and x is not multiplied by 0. At the winners the padding is: see [the module](super).
    ///
    /// ```
    /// use constconv::kernel::{Conv2dGeometry, Level, Pool2dGeometry};
    ///
    /// // y = 10·x, of which the maximum of each two is taken: 30 and 50.
    /// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 1], [1, 4]);
    /// let pool = Pool2dGeometry::new(1, [1, 4], [1, 2], [1, 2]);
    /// let (x, marks, dy) = ([1, 3, 5, 2], [1, 0], [7, 8]);
    /// let (mut dx, mut dw, mut db) = ([0; 4], [0], [0]);
    /// Level::PORTABLE.conv2d_backward_at_winners(
    ///     &g, &pool, &marks, &x, &dy, Some((&[10], &mut dx)), Some(&mut dw), Some(&mut db),
    /// );
    /// assert_eq!((dx, dw, db), ([0, 70, 80, 0], [7 * 3 + 8 * 5], [15]));
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometries ask for, they make no sense or do not fit together, or the
    /// pooling has windows of more than 256 cells.
    pub fn conv2d_backward_at_winners<T: Scalar>(
        self,
        g: &Conv2dGeometry,
        pool: &Pool2dGeometry,
        marks: &[u8],
        x: &[T],
        dy: &[T],
        dx: Option<(&[T], &mut [T])>,
        dw: Option<&mut [T]>,
        db: Option<&mut [T]>,
    ) {
        let (w, mut dx) = dx.unzip();
        g.check();
        pool.check_after(g);
        check_lengths!(pool.y_len(); marks dy);
        check_lengths!(g.x_len(); x dx);
        check_lengths!(g.w_len(); w dw);
        check_lengths!(g.f; db);
        // Below, what is not asked for is empty.
        let (w, dw) = (w.unwrap_or_default(), dw.unwrap_or_default());
        if !entry::conv2d_backward_at_winners(self, g, pool, marks, x, w, dy, dx.as_deref_mut(), dw) {
            portable::conv2d_backward_at_winners(g, pool, marks, x, w, dy, dx, dw);
        }
        if let Some(db) = db {
            // What of dy is not stored is 0.
            self.conv2d_backward_bias(&Conv2dGeometry { output: pool.output, ..*g }, dy, db);
        }
    }

    /// y\[n,o\] = b\[o\] + Σ x\[n,i\] · w\[o,i\]; overwrites `y`.
    ///
    /// ```
    /// use constconv::kernel::{Level, LinearGeometry};
    ///
    /// let g = LinearGeometry::new(1, 2, 3);
    /// let mut y = [0; 3];
    /// Level::PORTABLE.linear(&g, &[1, 2], &[1, 0, 0, 1, 10, 10], Some(&[100, 200, 300]), &mut y);
    /// assert_eq!(y, [101, 202, 330]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn linear<T: Scalar>(self, g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.outputs; b);
        check_lengths!(g.y_len(); y);
        if !entry::linear(self, g, x, w, b, y) {
            portable::linear(g, x, w, b, y);
        }
    }

    /// [`linear`], and `then` done to each element of y: see [`conv2d_then`].
    ///
    /// ```
    /// use constconv::kernel::{Epilogue, Level, LinearGeometry};
    ///
    /// let g = LinearGeometry::new(1, 2, 3);
    /// let mut y = [0; 3];
    /// Level::PORTABLE.linear_then(&g, &[1, 2], &[1, 0, 0, 1, 10, 10], None, &mut y, Epilogue::Map(&|y| y.iter_mut().for_each(|y| *y = -*y)));
    /// assert_eq!(y, [-1, -2, -30]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn linear_then<T: Scalar>(
        self,
        g: &LinearGeometry,
        x: &[T],
        w: &[T],
        b: Option<&[T]>,
        y: &mut [T],
        then: Epilogue<T>,
    ) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.w_len(); w);
        check_lengths!(g.outputs; b);
        check_lengths!(g.y_len(); y);
        if !entry::linear_then(self, g, x, w, b, y, then) {
            portable::linear_then(g, x, w, b, y, then);
        }
    }

    /// dx\[n,i\] = Σ dy\[n,o\] · w\[o,i\]; overwrites `dx`.
    ///
    /// ```
    /// use constconv::kernel::{Level, LinearGeometry};
    ///
    /// let g = LinearGeometry::new(1, 2, 3);
    /// let mut dx = [0; 2];
    /// Level::PORTABLE.linear_backward_input(&g, &[1, 0, 0, 1, 10, 10], &[1, 2, 3], &mut dx);
    /// assert_eq!(dx, [31, 32]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn linear_backward_input<T: Scalar>(self, g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
        g.check();
        check_lengths!(g.w_len(); w);
        check_lengths!(g.y_len(); dy);
        check_lengths!(g.x_len(); dx);
        if !entry::linear_backward_input(self, g, w, dy, dx) {
            portable::linear_backward_input(g, w, dy, dx);
        }
    }

    /// dw\[o,i\] += Σ dy\[n,o\] · x\[n,i\]; adds to `dw`.
    ///
    /// ```
    /// use constconv::kernel::{Level, LinearGeometry};
    ///
    /// let g = LinearGeometry::new(1, 2, 3);
    /// let mut dw = [0; 6];
    /// Level::PORTABLE.linear_backward_weight(&g, &[1, 2], &[1, 10, 100], &mut dw);
    /// assert_eq!(dw, [1, 2, 10, 20, 100, 200]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn linear_backward_weight<T: Scalar>(self, g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
        g.check();
        check_lengths!(g.x_len(); x);
        check_lengths!(g.y_len(); dy);
        check_lengths!(g.w_len(); dw);
        if !entry::linear_backward_weight(self, g, x, dy, dw) {
            portable::linear_backward_weight(g, x, dy, dw);
        }
    }

    /// db\[o\] += Σ dy\[n,o\]; adds to `db`.
    ///
    /// ```
    /// use constconv::kernel::{Level, LinearGeometry};
    ///
    /// let g = LinearGeometry::new(1, 2, 3);
    /// let mut db = [5; 3];
    /// Level::PORTABLE.linear_backward_bias(&g, &[1, 10, 100], &mut db);
    /// assert_eq!(db, [6, 15, 105]);
    /// ```
    ///
    /// # Panics
    /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
    pub fn linear_backward_bias<T: Scalar>(self, g: &LinearGeometry, dy: &[T], db: &mut [T]) {
        g.check();
        check_lengths!(g.y_len(); dy);
        check_lengths!(g.outputs; db);
        if !entry::linear_backward_bias(self, g, dy, db) {
            portable::linear_backward_bias(g, dy, db);
        }
    }
}

/// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n,c,i·SH+u·DH,j·SW+v·DW\] · w\[f,c,u,v\]; overwrites `y`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d};
///
/// // A window of two cells on a row of four.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut y = [0; 3];
/// conv2d(&g, &[1, 2, 3, 4], &[10, 1], Some(&[100]), &mut y);
/// assert_eq!(y, [112, 123, 134]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    Level::current().conv2d(g, x, w, b, y);
}

/// [`conv2d`], and `then` done to each element of y as it is stored, such as an activation.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, Epilogue, conv2d_then};
///
/// // A window of two cells on a row of four.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut y = [0; 3];
/// conv2d_then(&g, &[1, 2, 3, 4], &[10, 1], Some(&[-22]), &mut y, Epilogue::Limits { low: 0, high: None });
/// assert_eq!(y, [0, 1, 12]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d_then<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T], then: Epilogue<T>) {
    Level::current().conv2d_then(g, x, w, b, y, then);
}

/// [`conv2d`] of which only a few rows are there at a time: `sink(n, k, band)` gets the rows `k·rows..(k + 1)·rows` of
/// all filters of image n, a band (F, rows, WO), for each image and each k in `0..bands`, in this order.
///
/// The band is in `buffer`, which has room for one, or in memory of the kernel; the sink may write to it. Each element
/// has the bits that [`conv2d`] gives it; of a NaN, sign and payload may be others.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d_by_rows};
///
/// // A window of one cell: twice the rows 1 2, 3 4 and 5 6, of which the first two are asked for.
/// let g = Conv2dGeometry::new([1, 1, 3, 2], [1, 1, 1], [3, 2]);
/// let mut sums = [0; 2];
/// conv2d_by_rows(&g, &[1, 2, 3, 4, 5, 6], &[2], None, 1, 2, &mut [0; 2], &mut |_, k, row| {
///     sums[k] = row.iter().sum();
/// });
/// assert_eq!(sums, [6, 14]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, the geometry makes no sense, or there are fewer rows
/// than those of all bands.
pub fn conv2d_by_rows<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    rows: usize,
    bands: usize,
    buffer: &mut [T],
    sink: &mut dyn FnMut(usize, usize, &mut [T]),
) {
    Level::current().conv2d_by_rows(g, x, w, b, rows, bands, buffer, sink);
}

/// dx = crop of the padded scatter of dy · w; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d_backward_input};
///
/// // A window of two cells on a row of four.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut dx = [0; 4];
/// conv2d_backward_input(&g, &[10, 1], &[1, 2, 3], &mut dx);
/// assert_eq!(dx, [10, 21, 32, 3]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d_backward_input<T: Scalar>(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    Level::current().conv2d_backward_input(g, w, dy, dx);
}

/// y = b + crop of the padded scatter of x · w, [`conv2d_backward_input`] with a bias; overwrites `y`.
///
/// `g` is the convolution that it is the adjoint of: there x is an output and y an input, so b has C elements.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv_transpose2d};
///
/// // A window of two cells on a row of four.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut y = [0; 4];
/// conv_transpose2d(&g, &[1, 2, 3], &[10, 1], Some(&[100]), &mut y);
/// assert_eq!(y, [110, 121, 132, 103]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv_transpose2d<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    Level::current().conv_transpose2d(g, x, w, b, y);
}

/// [`conv_transpose2d`], and `then` done to each element of y: see [`conv2d_then`].
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, Epilogue, conv_transpose2d_then};
///
/// // A window of two cells on a row of four.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut y = [0; 4];
/// conv_transpose2d_then(&g, &[1, 2, 3], &[10, 1], None, &mut y, Epilogue::Limits { low: 0, high: Some(30) });
/// assert_eq!(y, [10, 21, 30, 3]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv_transpose2d_then<T: Scalar>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Epilogue<T>,
) {
    Level::current().conv_transpose2d_then(g, x, w, b, y, then);
}

/// [`conv2d`] by Winograd's F(4×4, 3×3) where it applies: 3×3 kernels without stride or dilation, on the vector
/// levels.
///
/// It needs a quarter of the multiplications. With 32 and more channels on planes of 28×28 and more it takes about
/// half of the time, with 256 channels on 14×14 two thirds; with fewer channels or on smaller planes it gains
/// nothing. Its rounding error is about ten times that of [`conv2d`]. Where it does not apply, this is [`conv2d`].
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d_winograd};
///
/// let g = Conv2dGeometry::new([1, 1, 6, 6], [1, 3, 3], [4, 4]);
/// let mut y = [0.0_f32; 16];
/// conv2d_winograd(&g, &[1.0; 36], &[1.0; 9], None, &mut y);
/// assert!(y.iter().all(|y| (y - 9.0).abs() < 1e-4));
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d_winograd<T: Scalar>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    Level::current().conv2d_winograd(g, x, w, b, y);
}

/// [`conv2d_backward_input`] by Winograd's F(4×4, 3×3) where it applies; see [`conv2d_winograd`].
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d_winograd_backward_input};
///
/// let g = Conv2dGeometry::new([1, 1, 6, 6], [1, 3, 3], [4, 4]);
/// let mut dx = [0.0_f32; 36];
/// conv2d_winograd_backward_input(&g, &[1.0; 9], &[1.0; 16], &mut dx);
/// assert!((dx[0] - 1.0).abs() < 1e-4); // in the corner: one window
/// assert!((dx[2 * 6 + 2] - 9.0).abs() < 1e-4); // inside: nine
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d_winograd_backward_input<T: Scalar>(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    Level::current().conv2d_winograd_backward_input(g, w, dy, dx);
}

/// dw\[f,c,u,v\] += Σ dy\[n,f,i,j\] · xpad\[n,c,i·SH+u·DH,j·SW+v·DW\]; adds to `dw`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d_backward_filter};
///
/// // A window of two cells on a row of four.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut dw = [1_000; 2];
/// conv2d_backward_filter(&g, &[1, 2, 3, 4], &[1, 0, 10], &mut dw);
/// assert_eq!(dw, [1_031, 1_042]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d_backward_filter<T: Scalar>(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    Level::current().conv2d_backward_filter(g, x, dy, dw);
}

/// db\[f\] += Σ dy\[n,f,i,j\]; adds to `db`.
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, conv2d_backward_bias};
///
/// // A window of two cells on a row of four.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 2], [1, 3]);
/// let mut db = [100];
/// conv2d_backward_bias(&g, &[1, 2, 3], &mut db);
/// assert_eq!(db, [106]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn conv2d_backward_bias<T: Scalar>(g: &Conv2dGeometry, dy: &[T], db: &mut [T]) {
    Level::current().conv2d_backward_bias(g, dy, db);
}

/// dx, dw and db of a convolution whose output goes to [`max_pool2d_marked`](super::max_pool2d_marked), each if it is
/// asked for; overwrites `dx`, adds to `dw` and `db`. For dx the weights are needed, too: `(w, dx)`.
///
/// `g` is the convolution and `pool` the pooling, N·F planes of its output. `marks` are those of the pooling and `dy` is
/// the gradient of its output: the convolution's own, of which nothing is stored, is dy where a winner is and 0
/// elsewhere. A window without a winner has a dy of 0. Only winners are visited, and of these only the ones whose dy is
/// not 0: what is infinite or NaN elsewhere in w and x is not multiplied by 0. At the winners the padding is: see [the module](super).
///
/// ```
/// use constconv::kernel::{Conv2dGeometry, Pool2dGeometry, conv2d_backward_at_winners};
///
/// // y = 10·x, of which the maximum of each two is taken: 30 and 50.
/// let g = Conv2dGeometry::new([1, 1, 1, 4], [1, 1, 1], [1, 4]);
/// let pool = Pool2dGeometry::new(1, [1, 4], [1, 2], [1, 2]);
/// let (x, marks, dy) = ([1, 3, 5, 2], [1, 0], [7, 8]);
/// let (mut dx, mut dw, mut db) = ([0; 4], [0], [0]);
/// conv2d_backward_at_winners(&g, &pool, &marks, &x, &dy, Some((&[10], &mut dx)), Some(&mut dw), Some(&mut db));
/// assert_eq!((dx, dw, db), ([0, 70, 80, 0], [7 * 3 + 8 * 5], [15]));
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometries ask for, they make no sense or do not fit together, or the
/// pooling has windows of more than 256 cells.
pub fn conv2d_backward_at_winners<T: Scalar>(
    g: &Conv2dGeometry,
    pool: &Pool2dGeometry,
    marks: &[u8],
    x: &[T],
    dy: &[T],
    dx: Option<(&[T], &mut [T])>,
    dw: Option<&mut [T]>,
    db: Option<&mut [T]>,
) {
    Level::current().conv2d_backward_at_winners(g, pool, marks, x, dy, dx, dw, db);
}

/// y\[n,o\] = b\[o\] + Σ x\[n,i\] · w\[o,i\]; overwrites `y`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, linear};
///
/// let g = LinearGeometry::new(1, 2, 3);
/// let mut y = [0; 3];
/// linear(&g, &[1, 2], &[1, 0, 0, 1, 10, 10], Some(&[100, 200, 300]), &mut y);
/// assert_eq!(y, [101, 202, 330]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn linear<T: Scalar>(g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]) {
    Level::current().linear(g, x, w, b, y);
}

/// [`linear`], and `then` done to each element of y: see [`conv2d_then`].
///
/// ```
/// use constconv::kernel::{Epilogue, LinearGeometry, linear_then};
///
/// let g = LinearGeometry::new(1, 2, 3);
/// let mut y = [0; 3];
/// linear_then(&g, &[1, 2], &[1, 0, 0, 1, 10, 10], None, &mut y, Epilogue::Map(&|y| y.iter_mut().for_each(|y| *y = -*y)));
/// assert_eq!(y, [-1, -2, -30]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn linear_then<T: Scalar>(g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T], then: Epilogue<T>) {
    Level::current().linear_then(g, x, w, b, y, then);
}

/// dx\[n,i\] = Σ dy\[n,o\] · w\[o,i\]; overwrites `dx`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, linear_backward_input};
///
/// let g = LinearGeometry::new(1, 2, 3);
/// let mut dx = [0; 2];
/// linear_backward_input(&g, &[1, 0, 0, 1, 10, 10], &[1, 2, 3], &mut dx);
/// assert_eq!(dx, [31, 32]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn linear_backward_input<T: Scalar>(g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]) {
    Level::current().linear_backward_input(g, w, dy, dx);
}

/// dw\[o,i\] += Σ dy\[n,o\] · x\[n,i\]; adds to `dw`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, linear_backward_weight};
///
/// let g = LinearGeometry::new(1, 2, 3);
/// let mut dw = [0; 6];
/// linear_backward_weight(&g, &[1, 2], &[1, 10, 100], &mut dw);
/// assert_eq!(dw, [1, 2, 10, 20, 100, 200]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn linear_backward_weight<T: Scalar>(g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]) {
    Level::current().linear_backward_weight(g, x, dy, dw);
}

/// db\[o\] += Σ dy\[n,o\]; adds to `db`.
///
/// ```
/// use constconv::kernel::{LinearGeometry, linear_backward_bias};
///
/// let g = LinearGeometry::new(1, 2, 3);
/// let mut db = [5; 3];
/// linear_backward_bias(&g, &[1, 10, 100], &mut db);
/// assert_eq!(db, [6, 15, 105]);
/// ```
///
/// # Panics
/// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
pub fn linear_backward_bias<T: Scalar>(g: &LinearGeometry, dy: &[T], db: &mut [T]) {
    Level::current().linear_backward_bias(g, dy, db);
}
