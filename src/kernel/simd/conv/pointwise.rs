//! Convolutions with 1×1 kernels on few cells: y.
//!
//! ```text
//! for each image:
//!     copy x, transposed: [cell][channel]
//!     for each block of filters m, cells p:   sums[m, p] = b[m] + dots of rows of w and rows of the copy
//!     y = the sums of the lanes of the sums
//! ```
//!
//! Tiles pack the weights: on few cells that costs as much as the arithmetic. Here channels are in the lanes, and weights
//! are read where they lie, once.

use core::slice;

use super::bands::hand_out;
use crate::kernel::simd::block::copy::{Range, copy_pixels, sum_vectors};
use crate::kernel::simd::block::scratch::{Layout, Scratch, product, with_scratch};
use crate::kernel::simd::block::tile::{DOTS, Dots, UnsummedDots, max_dots, unsummed_dots};
use crate::kernel::simd::thresholds::MAX_LANES;
use crate::kernel::simd::thresholds::pointwise::{CHANNELS, FILTERS, PER_CELL};
use crate::kernel::simd::{Element, Job, Simd, Sink, Then, each, from_fn, in_registers};
use crate::kernel::{Conv2dGeometry, Epilogue};

/// Whether this way costs less than tiles, for a single image: the bits must not depend on the size of the batch.
fn suits(g: &Conv2dGeometry) -> bool {
    let is_pointwise = g.kernel == [1, 1] && g.stride == [1, 1] && g.padding == [0, 0] && g.output == g.input;
    let cells = g.input[0].saturating_mul(g.input[1]);
    is_pointwise && g.groups == 1 && cells.saturating_mul(PER_CELL) <= g.c && g.c <= CHANNELS
}

/// Scratch memory for the copy, the sums and, if `rows` are asked for, an image of y.
fn layout<T, S: Simd<T>>(g: &Conv2dGeometry, rows: bool) -> Option<Layout> {
    let cells = g.input[0] * g.input[1];
    let sums = (FILTERS.min(g.f) * cells).next_multiple_of(S::LANES);
    Layout::EMPTY
        .with::<T>(product([cells, g.c])? + MAX_LANES)?
        .with::<T>(product([sums, S::LANES])?)?
        .with::<T>(if rows { product([cells, g.f])? } else { 0 })
}

/// y of some images.
struct Pointwise<'a, T> {
    g: &'a Conv2dGeometry,
    x: &'a [T],
    w: &'a [T],
    b: Option<&'a [T]>,
    y: &'a mut [T],
    then: Then<'a, T>,
    scratch: Scratch,
}

impl<T: Element, S: Simd<T>> Job<S> for Pointwise<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Pointwise { g, x, w, b, y, then, mut scratch } = self;
        let (limits, then) = in_registers(then);
        let [low, high] = each(limits.unwrap_or(T::UNLIMITED), |limit| s.splat(limit));
        let cells = g.input[0] * g.input[1];
        let copy = scratch.take::<T>(cells * g.c + MAX_LANES);
        let sums = scratch.take::<T>((FILTERS.min(g.f) * cells).next_multiple_of(S::LANES) * S::LANES);
        let [rows, columns] = g.input.map(|source| Range { source, first: 0, step: 1, phases: 1, cells: source });
        let most = max_dots(S::REGISTERS);
        let pieces = cells.div_ceil(most);
        for (x, y) in x.chunks_exact(g.c * cells).zip(y.chunks_exact_mut(g.f * cells)) {
            // SAFETY: x holds an image, and the copy has room for it and for a vector more.
            unsafe { copy_pixels(s, x.as_ptr(), g.c, &rows, &columns, copy) };
            for (block, y) in y.chunks_mut(FILTERS * cells).enumerate() {
                let count = y.len() / cells;
                for m in (0..count).step_by(most) {
                    let filters = most.min(count - m);
                    let filter = block * FILTERS + m;
                    let start = b.map(|b| b[filter..][..filters].as_ptr());
                    let w = w[filter * g.c..][..filters * g.c].as_ptr();
                    for piece in 0..pieces {
                        let (from, to) = (piece * cells / pieces, (piece + 1) * cells / pieces);
                        let dots = Dots {
                            a: from_fn::<_, DOTS, _>(|i| copy.wrapping_add((from + i) * g.c).cast_const()),
                            b: from_fn(|i| w.wrapping_add(i * g.c)),
                            lines: 1,
                            len: g.c,
                            stride_a: 0,
                            stride_b: 0,
                        };
                        let to_vectors = sums.wrapping_add((m * cells + from) * S::LANES);
                        let (step_a, step_b) = (S::LANES, cells * S::LANES);
                        let operands = UnsummedDots { dots, start, to: to_vectors, step_a, step_b };
                        // SAFETY: these cells are in the copy, these filters and biases were just cut out, and the sums
                        // have a vector for each of both.
                        unsafe { unsummed_dots(s, to - from, filters, operands) };
                    }
                }
                // SAFETY: the sums have room for whole groups of LANES vectors. What is stored is in y.
                unsafe {
                    for i in y.len()..y.len().next_multiple_of(S::LANES) {
                        s.store(sums.add(i * S::LANES), s.zero());
                    }
                    for i in (0..y.len()).step_by(S::LANES) {
                        let sum = sum_vectors(s, sums.add(i * S::LANES));
                        let count = S::LANES.min(y.len() - i);
                        s.store_part(y.as_mut_ptr().add(i), count, s.at_most(high, s.at_least(low, sum)));
                    }
                }
                if let Some(then) = then {
                    then.apply(y);
                }
            }
        }
    }
}

/// Whether a convolution goes this way. Where it fits only without the memory that rows need, it does not: the bits must
/// not depend on whether rows are asked for.
pub(super) fn takes<T, S: Simd<T>>(g: &Conv2dGeometry) -> bool {
    suits(g) && layout::<T, S>(g, true).is_some()
}

/// Runs a convolution; `false`, having done nothing, if it does not suit or does not fit into the scratch memory.
pub(super) fn apply<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    then: Then<T>,
) -> bool {
    let Some(layout) = layout::<T, S>(g, false).filter(|_| takes::<T, S>(g)) else { return false };
    with_scratch(layout, &mut |scratch| s.call(Pointwise { g, x, w, b, y, then, scratch }));
    true
}

/// The same, for `bands` of `rows` rows of y, one after the other in the buffer.
pub(super) fn by_rows<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    [x, w]: [&[T]; 2],
    b: Option<&[T]>,
    [rows, bands]: [usize; 2],
    buffer: &mut [T],
    sink: &mut Sink<T>,
) -> bool {
    let Some(layout) = layout::<T, S>(g, true).filter(|_| suits(g)) else { return false };
    let cells = g.input[0] * g.input[1];
    let one = Conv2dGeometry { n: 1, ..*g };
    with_scratch(layout, &mut |mut scratch| {
        let image = scratch.take::<T>(g.f * cells);
        // SAFETY: the piece has room for an image of y, and nothing else refers to it.
        let y = unsafe {
            image.write_bytes(0, g.f * cells);
            slice::from_raw_parts_mut(image, g.f * cells)
        };
        for (n, x) in x.chunks_exact(g.c * cells).enumerate() {
            s.call(Pointwise { g: &one, x, w, b, y: &mut *y, then: None, scratch: scratch.again() });
            hand_out(n, y, cells, rows * g.output[1], bands, buffer, sink);
        }
    });
    true
}
