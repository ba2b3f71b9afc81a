//! Depthwise convolutions with 3×3 kernels whose rows of y are as long as those of x: all rows of a plane are one long
//! row, so that no lane of a vector is empty, however narrow the plane.
//!
//! ```text
//! y, dx:  for each image, channel, vector of output pixels:
//!             for each kernel row u:
//!                 x = the source u − 1 rows from the vector, zero above and below the plane
//!                 for each kernel column v:  t[v] += x · w[u][v]
//!             y = bias + t[1] + t[0] of the pixels on the left + t[2] of those on the right
//! ```
//!
//! The pixel on the left of a row's first one is the last one of the row before, which does not count: there, masks take
//! t for zero. Each pixel is the same sum, wherever in a vector it lies.
//!
//! What differs from the pseudo-code:
//! - y of a vector waits for t of the next one.
//! - Masks repeat after as many vectors as end with the end of a row: see [`Masks`].
//! - Lanes above and below the plane are masked, too; only where there is nothing to be read are they left out.
//! - Planes of a few vectors are read once: see [`SmallPlanes`].
//! - Of y, some rows at a time can be asked for ([`by_rows`]): whole rows need no pixels beside them.

use super::axis::Correlation;
use crate::kernel::simd::block::scratch::{Layout, Scratch, with_scratch};
use crate::kernel::simd::thresholds::depthwise::KERNEL as K;
use crate::kernel::simd::thresholds::flat::WIDTH;
use crate::kernel::simd::{Element, Job, Simd, Sink, Then, finish, indices};

/// Which lanes of the vectors of a plane have a pixel of their row on their left, and on their right.
#[derive(Clone, Copy)]
struct Masks<T> {
    left: *const T,
    right: *const T,
    /// Vectors after which they repeat.
    period: usize,
}

/// Vectors after which a row of so many pixels begins where a vector does, or those of a plane, if it has fewer.
fn period(width: usize, cells: usize, lanes: usize) -> usize {
    (width >> width.trailing_zeros().min(lanes.ilog2())).min(cells.div_ceil(lanes))
}

impl<T: Element> Masks<T> {
    /// Writes them.
    #[inline(always)]
    fn new(scratch: &mut Scratch, width: usize, period: usize, lanes: usize) -> Self {
        let len = period * lanes;
        let (left, right) = (scratch.take::<T>(len), scratch.take::<T>(len));
        // SAFETY: there is room for `len` elements, of whose bytes all values are valid.
        unsafe {
            left.write_bytes(0xff, len);
            right.write_bytes(0xff, len);
            for first in (0..len).step_by(width) {
                *left.add(first) = T::ZERO;
            }
            for last in (width - 1..len).step_by(width) {
                *right.add(last) = T::ZERO;
            }
        }
        Self { left, right, period }
    }
}

/// How the source under a vector is read.
const WHOLE: usize = 0;
const MASKED: usize = 1;
const PART: usize = 2;

/// Which vectors of all output rows have kernel rows above or below the plane, and which of their lanes.
#[derive(Clone, Copy)]
struct Edges<T> {
    /// Masks for the kernel rows of these vectors, one after the other.
    masks: *const T,
    /// Cells that are read before the plane, and after it.
    before: usize,
    after: usize,
}

/// The pixels of vectors none of which leaves the plane.
fn inside(c: &Correlation, lanes: usize) -> (isize, isize) {
    let (width, source) = (c.columns.source as isize, c.rows.source as isize);
    let first = c.rows.first * width;
    (-first, (source - K as isize + 1) * width - first - lanes as isize)
}

/// The first pixels of the other vectors.
fn outside(c: &Correlation, lanes: usize) -> impl Iterator<Item = usize> {
    let (from, to) = inside(c, lanes);
    let cells = c.rows.grid * c.columns.grid;
    (0..cells).step_by(lanes).filter(move |&pixel| (pixel as isize) < from || pixel as isize > to)
}

impl<T: Element> Edges<T> {
    /// Writes the masks.
    #[inline(always)]
    fn new<S: Simd<T>>(s: S, scratch: &mut Scratch, c: &Correlation) -> Self {
        let (width, cells) = (c.columns.source as isize, (c.rows.source * c.columns.source) as isize);
        let ones = scratch.take::<T>(S::LANES);
        let masks = scratch.take::<T>(outside(c, S::LANES).count() * K * S::LANES);
        let mut mask = masks;
        // SAFETY: there is room, and all bytes are valid.
        unsafe {
            ones.write_bytes(0xff, S::LANES);
            for pixel in outside(c, S::LANES) {
                for u in 0..K {
                    let first = (c.rows.first + u as isize) * width + pixel as isize;
                    let (from, to) = lanes_inside(first, cells, S::LANES);
                    s.store(mask, s.load_part(ones, from, to));
                    mask = mask.add(S::LANES);
                }
            }
        }
        let last = (c.rows.grid * c.columns.grid).next_multiple_of(S::LANES) as isize;
        let reach = last + (c.rows.first + K as isize - 1) * width;
        let before = (-c.rows.first * width).max(0) as usize;
        Self { masks, before, after: (reach - cells).max(0) as usize }
    }
}

/// The lanes that lie in a plane of so many cells, if lane 0 has this cell.
#[inline(always)]
fn lanes_inside(first: isize, cells: isize, lanes: usize) -> (usize, usize) {
    let from = (-first).clamp(0, lanes as isize);
    (from as usize, (cells - first).clamp(from, lanes as isize) as usize)
}

/// One plane of the source, and what it is multiplied by.
struct Plane<T, V> {
    source: *const T,
    cells: usize,
    width: usize,
    /// Pixels from an output to the source under it in kernel row 0.
    first: isize,
    /// The pixels of vectors that do not leave the plane.
    inside: (isize, isize),
    taps: [[V; K]; K],
    bias: V,
    masks: Masks<T>,
}

/// The weights and the bias of a channel, in all lanes.
#[inline(always)]
pub(super) fn operands<T: Element, S: Simd<T>>(
    s: S,
    c: &Correlation,
    w: &[T],
    bias: Option<&[T]>,
    channel: usize,
) -> ([[S::Vector; K]; K], S::Vector) {
    let w = &w[channel * K * K..][..K * K];
    let mut taps = [[s.zero(); K]; K];
    for u in 0..K {
        for v in 0..K {
            let tap = u * K + v;
            taps[u][v] = s.splat(w[if c.rows.mirrored { K * K - 1 - tap } else { tap }]);
        }
    }
    (taps, s.splat(bias.map_or(T::ZERO, |b| b[channel])))
}

impl<T: Element, V: Copy> Plane<T, V> {
    #[inline(always)]
    fn new<S: Simd<T, Vector = V>>(
        s: S,
        c: &Correlation,
        masks: Masks<T>,
        source: *const T,
        w: &[T],
        bias: Option<&[T]>,
        channel: usize,
    ) -> Self {
        let width = c.columns.source;
        let (taps, bias) = operands(s, c, w, bias, channel);
        let (first, inside) = (c.rows.first * width as isize, inside(c, S::LANES));
        Self { source, cells: c.rows.source * width, width, first, inside, taps, bias, masks }
    }

    /// The sums t of the pixels from `pixel` on, with masks if the source is read MASKED.
    ///
    /// # Safety
    /// The source is readable WHOLE or MASKED, if that is asked for.
    #[inline(always)]
    unsafe fn sums<const READ: usize, S: Simd<T, Vector = V>>(&self, s: S, pixel: usize, masks: *const T) -> [V; K] {
        let mut sums = [s.zero(), self.bias, s.zero()];
        let mut first = self.first + pixel as isize;
        for u in 0..K {
            let at = self.source.wrapping_offset(first);
            // SAFETY: the caller vouches for it; else lanes `from..to` are those that lie in the plane.
            let x = unsafe {
                match READ {
                    WHOLE => s.load(at),
                    MASKED => s.keep(s.load(at), s.load(masks.add(u * S::LANES))),
                    _ => {
                        let (from, to) = lanes_inside(first, self.cells as isize, S::LANES);
                        s.load_part(at, from, to)
                    }
                }
            };
            for v in 0..K {
                sums[v] = s.mul_add(x, self.taps[u][v], sums[v]);
            }
            first += self.width as isize;
        }
        sums
    }

    /// The output rows `row..end`. What leaves the plane is read MASKED, if these are all rows, or in PART.
    ///
    /// # Safety
    /// The target has room for them. If MASKED, what the masks hide exists, too.
    #[inline(always)]
    unsafe fn run<const EDGE: usize, S: Simd<T, Vector = V>>(
        &self,
        s: S,
        (row, end): (usize, usize),
        mut edges: *const T,
        target: *mut T,
    ) {
        let (start, count) = (row * self.width, (end - row) * self.width);
        let (mut left_of, mut waiting, mut right_of) = (s.zero(), s.zero(), s.zero());
        let (mut at, mut mask) = (0, 0);
        let mut right = s.zero();
        loop {
            let mut sums = [s.zero(); K];
            if at < count {
                let pixel = start + at;
                // SAFETY: a vector that is not within these bounds is not read as a whole.
                unsafe {
                    if (self.inside.0..=self.inside.1).contains(&(pixel as isize)) {
                        sums = self.sums::<WHOLE, S>(s, pixel, edges);
                    } else {
                        sums = self.sums::<EDGE, S>(s, pixel, edges);
                        edges = edges.wrapping_add(K * S::LANES);
                    }
                }
            }
            if at > 0 {
                let to = target.wrapping_add(at - S::LANES);
                let y = s.add(waiting, s.keep(s.join_first(right_of, sums[2]), right));
                // SAFETY: the caller vouches for the target.
                unsafe {
                    if at <= count {
                        s.store(to, y);
                    } else {
                        s.store_part(to, count + S::LANES - at, y);
                    }
                }
            }
            if at >= count {
                return;
            }
            // SAFETY: there are `period` masks.
            let left = unsafe { s.load(self.masks.left.add(mask)) };
            // SAFETY: as above.
            right = unsafe { s.load(self.masks.right.add(mask)) };
            waiting = s.add(sums[1], s.keep(s.join_last(left_of, sums[0]), left));
            (left_of, right_of) = (sums[0], sums[2]);
            at += S::LANES;
            mask += S::LANES;
            if mask == self.masks.period * S::LANES {
                mask = 0;
            }
        }
    }
}

/// The most vectors of a plane that is read at once.
const SMALL: usize = 4;

/// Whether all rows of a plane are read at once. Then cells above and below a vector are picked from the vectors beside
/// it, instead of being read again.
fn is_small<T, S: Simd<T>>(c: &Correlation) -> bool {
    let is_same = c.rows.first == -1 && c.rows.grid == c.rows.source;
    is_same && c.columns.source <= S::LANES && c.rows.source * c.columns.source <= SMALL * S::LANES
}

/// [`FlatCorrelation`] of small planes of N vectors.
struct SmallPlanes<'a, T, const N: usize>(FlatCorrelation<'a, T>);

/// What small planes of N vectors have in common.
struct Common<V, const N: usize> {
    /// Which lanes of two vectors are above and below another.
    above: V,
    below: V,
    /// The lanes of the last vector that are in the plane, and how many.
    inside: V,
    rest: usize,
    /// See [`Masks`].
    left: [V; N],
    right: [V; N],
}

impl<T: Element, S: Simd<T>, const N: usize> Job<S> for SmallPlanes<'_, T, N> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let this = &mut self.0;
        let c = &this.correlation;
        let (width, plane) = (c.columns.source, c.rows.source * c.columns.source);
        let period = period(width, plane, S::LANES);
        let masks = Masks::<T>::new(&mut this.scratch, width, period, S::LANES);
        let ones = this.scratch.take::<T>(S::LANES);
        let rest = plane - (N - 1) * S::LANES;
        let (above, below) = (indices(s, |l| (S::LANES + l).wrapping_sub(width)), indices(s, |l| l + width));
        // SAFETY: there is room for a vector, all bits are elements, and there are `period` masks.
        let common = unsafe {
            ones.write_bytes(0xff, S::LANES);
            let (mut left, mut right) = ([s.zero(); N], [s.zero(); N]);
            for v in 0..N {
                let mask = v % period * S::LANES;
                (left[v], right[v]) = (s.load(masks.left.add(mask)), s.load(masks.right.add(mask)));
            }
            Common { above, below, inside: s.load_part(ones, 0, rest), rest, left, right }
        };
        for n in 0..c.n {
            for channel in 0..c.groups {
                let start = (n * c.groups + channel) * plane;
                let (taps, bias) = operands(s, c, this.w, this.bias, channel);
                let (source, target) = (&this.source[start..], &mut this.target[start..][..plane]);
                // SAFETY: source and target have the plane. Only the last vector may run beyond it.
                unsafe {
                    if source.len() >= N * S::LANES {
                        small_plane::<N, true, T, S>(s, source.as_ptr(), &taps, bias, &common, target.as_mut_ptr());
                    } else {
                        small_plane::<N, false, T, S>(s, source.as_ptr(), &taps, bias, &common, target.as_mut_ptr());
                    }
                }
                if let Some(then) = this.then {
                    finish(s, then, target);
                }
            }
        }
    }
}

/// A small plane. WHOLE: the last vector is readable, where it is not in the plane, too.
///
/// # Safety
/// It is so; source and target have the plane.
#[inline(always)]
unsafe fn small_plane<const N: usize, const WHOLE: bool, T: Element, S: Simd<T>>(
    s: S,
    source: *const T,
    taps: &[[S::Vector; K]; K],
    bias: S::Vector,
    common: &Common<S::Vector, N>,
    target: *mut T,
) {
    let (mut x, mut next) = (s.zero(), s.zero());
    let (mut left_of, mut waiting, mut right_of) = (s.zero(), s.zero(), s.zero());
    // Zero before and after the plane.
    for v in 0..N + 2 {
        let previous = x;
        (x, next) = (next, s.zero());
        if v < N {
            let at = source.wrapping_add(v * S::LANES);
            // SAFETY: the caller vouches for the source.
            next = unsafe {
                match (v + 1 < N, WHOLE) {
                    (true, _) => s.load(at),
                    (false, true) => s.keep(s.load(at), common.inside),
                    (false, false) => s.load_part(at, 0, common.rest),
                }
            };
        }
        if v == 0 {
            continue;
        }
        let mut sums = [s.zero(), bias, s.zero()];
        if v <= N {
            let rows = [s.pick(previous, x, common.above), x, s.pick(x, next, common.below)];
            for u in 0..K {
                for column in 0..K {
                    sums[column] = s.mul_add(rows[u], taps[u][column], sums[column]);
                }
            }
        }
        if v > 1 {
            let y = s.add(waiting, s.keep(s.join_first(right_of, sums[2]), common.right[v - 2]));
            // SAFETY: the caller vouches for the target.
            unsafe {
                let to = target.add((v - 2) * S::LANES);
                if v <= N {
                    s.store(to, y);
                } else {
                    s.store_part(to, common.rest, y);
                }
            }
        }
        if v <= N {
            waiting = s.add(sums[1], s.keep(s.join_last(left_of, sums[0]), common.left[v - 1]));
            (left_of, right_of) = (sums[0], sums[2]);
        }
    }
}

/// A depthwise correlation, and its slices.
struct FlatCorrelation<'a, T> {
    correlation: Correlation,
    source: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
    target: &'a mut [T],
    then: Then<'a, T>,
    scratch: Scratch,
}

impl<T: Element, S: Simd<T>> Job<S> for FlatCorrelation<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let c = &self.correlation;
        let (source_plane, plane) = (c.rows.source * c.columns.source, c.rows.grid * c.columns.grid);
        let masks =
            Masks::new(&mut self.scratch, c.columns.source, period(c.columns.source, plane, S::LANES), S::LANES);
        let edges = Edges::new(s, &mut self.scratch, c);
        for n in 0..c.n {
            for channel in 0..c.groups {
                let index = n * c.groups + channel;
                let start = index * source_plane;
                let after = self.source.len() - start - source_plane;
                let of_channel =
                    Plane::new(s, c, masks, self.source.as_ptr().wrapping_add(start), self.w, self.bias, channel);
                let target = &mut self.target[index * plane..][..plane];
                let (rows, to) = ((0, c.rows.grid), target.as_mut_ptr());
                // SAFETY: the target is a plane. What is read around the plane of the source exists if so many cells do.
                unsafe {
                    if start >= edges.before && after >= edges.after {
                        of_channel.run::<MASKED, S>(s, rows, edges.masks, to);
                    } else {
                        of_channel.run::<PART, S>(s, rows, edges.masks, to);
                    }
                }
                if let Some(then) = self.then {
                    finish(s, then, target);
                }
            }
        }
    }
}

/// Some rows of it at a time: `bands` of `rows` of them, of which the target has one.
struct FlatRows<'a, T> {
    correlation: Correlation,
    source: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
    rows: usize,
    bands: usize,
    target: &'a mut [T],
    scratch: Scratch,
    sink: &'a mut Sink<'a, T>,
}

impl<T: Element, S: Simd<T>> Job<S> for FlatRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, s: S) {
        let (c, rows) = (&self.correlation, self.rows);
        let (width, source_plane) = (c.columns.source, c.rows.source * c.columns.source);
        let masks = Masks::new(&mut self.scratch, width, period(width, rows * width, S::LANES), S::LANES);
        for (n, image) in self.source.chunks_exact(c.groups * source_plane).enumerate() {
            for band in 0..self.bands {
                let planes = image.chunks_exact(source_plane).zip(self.target.chunks_exact_mut(rows * width));
                for (channel, (source, target)) in planes.enumerate() {
                    let plane = Plane::new(s, c, masks, source.as_ptr(), self.w, self.bias, channel);
                    // SAFETY: the target has room for these rows.
                    unsafe {
                        plane.run::<PART, S>(
                            s,
                            (band * rows, (band + 1) * rows),
                            core::ptr::null(),
                            target.as_mut_ptr(),
                        )
                    };
                }
                (self.sink)(n, band, self.target);
            }
        }
    }
}

/// The scratch memory that masks for so many cells need; they are few enough to fit.
fn layout<T, S: Simd<T>>(base: Layout, c: &Correlation, cells: usize) -> Option<Layout> {
    let len = period(c.columns.source, cells, S::LANES) * S::LANES;
    let edges = outside(c, S::LANES).count() * K * S::LANES;
    base.with::<T>(len)?.with::<T>(len)?.with::<T>(S::LANES)?.with::<T>(edges)
}

/// Whether a depthwise correlation of 3×3 taps without stride is such a one.
pub(super) fn suits(c: &Correlation) -> bool {
    c.columns.first == -1 && c.columns.grid == c.columns.source && c.columns.source <= WIDTH
}

/// y or dx; `false`, having done nothing, if it does not fit into the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    base: Layout,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    target: &mut [T],
    then: Then<T>,
) -> bool {
    let cells = correlation.rows.target * correlation.columns.target;
    let Some(layout) = layout::<T, S>(base, &correlation, cells) else { return false };
    with_scratch(layout, &mut |scratch| {
        let vectors = cells.div_ceil(S::LANES);
        let flat = FlatCorrelation { correlation, source, w, bias, target: &mut *target, then, scratch };
        // A condition on a constant: without picks the small planes are not compiled.
        if !S::PICKS {
            return s.call(flat);
        }
        match vectors {
            1 if is_small::<T, S>(&correlation) => s.call(SmallPlanes::<T, 1>(flat)),
            2 if is_small::<T, S>(&correlation) => s.call(SmallPlanes::<T, 2>(flat)),
            3 if is_small::<T, S>(&correlation) => s.call(SmallPlanes::<T, 3>(flat)),
            4 if is_small::<T, S>(&correlation) => s.call(SmallPlanes::<T, 4>(flat)),
            _ => s.call(flat),
        }
    });
    true
}

/// `bands` of `rows` rows of y, one after the other in the buffer; `false`, having done nothing, if all of y would not fit
/// into the scratch memory either.
pub(super) fn by_rows<T: Element, S: Simd<T>>(
    s: S,
    correlation: Correlation,
    source: &[T],
    w: &[T],
    bias: Option<&[T]>,
    [rows, bands]: [usize; 2],
    target: &mut [T],
    sink: &mut Sink<T>,
) -> bool {
    let cells = rows * correlation.columns.target;
    let whole = correlation.rows.target * correlation.columns.target;
    let fits = layout::<T, S>(Layout::EMPTY, &correlation, whole).is_some();
    let Some(layout) = layout::<T, S>(Layout::EMPTY, &correlation, cells).filter(|_| fits) else { return false };
    with_scratch(layout, &mut |scratch| {
        s.call(FlatRows { correlation, source, w, bias, rows, bands, target, scratch, sink });
    });
    true
}
