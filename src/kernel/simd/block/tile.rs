//! The two microkernels.
//!
//! All heavy arithmetic of this library is one of two sums over *steps*:
//!
//! ```text
//! tile:  for each step:  for v in 0..V:  for q in 0..Q:    sums[q][v] += vectors[step.vector + v] · scalars[step.scalar + q]
//! dots:  for each line, each vector of it:  for a in 0..A:  for b in 0..B:    sums[a][b] += lines_a[a] · lines_b[b]
//! ```
//!
//! `tile` multiplies vectors by single numbers; the lanes never mix. `dots` multiplies vectors by vectors, and adds up
//! the lanes at the end. What lanes and scalars mean is up to the caller: in `conv/tiles` lanes are output channels or
//! pixels, in `conv/dw` they are filters.
//!
//! What differs from the pseudo-code:
//! - V, Q, A and B are constants and all sums stay in registers. V·Q sums, V vectors and one broadcast leave at least
//!   one register free, otherwise the compiler spills.
//! - Offsets come from a table of steps: kernel size, stride and dilation are data, and one kernel serves them all.
//! - The sums go to memory when all steps are done; adding a bias, transposing and storing to the tensor happens
//!   elsewhere, because an index that is not a constant here would put all sums into memory.

use crate::kernel::simd::{Element, Job, Limits, Simd, each};

/// Offsets of one step of [`tile`], in elements.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// Of the vectors.
    pub(crate) vector: u32,
    /// Of the scalars.
    pub(crate) scalar: u32,
}

/// The greatest number of scalars in a tile of `v` vectors; 0 if there is no such tile.
#[inline(always)]
pub(crate) const fn max_scalars(registers: usize, v: usize) -> usize {
    match (registers >= 32, v) {
        (true, 1) => 16,
        (true, 2) => 14,
        (true, 3) => 8,
        (true, 4) => 4,
        (true, 8) => 1,
        (false, 1) => 12,
        (false, 2) => 6,
        (false, 3) => 3,
        (false, 4) => 2,
        _ => 0,
    }
}

/// Vectors of the sums that are brought to their target together: the largest tile, or two vectors for each of 16
/// pixels.
pub(crate) const MAX_SUMS: usize = 32;

/// The arguments of [`tile`].
#[derive(Clone, Copy)]
pub(crate) struct Tile<T> {
    pub(crate) steps: *const Step,
    pub(crate) step_count: usize,
    pub(crate) vectors: *const T,
    pub(crate) scalars: *const T,
    /// Elements from the scalar of one q to that of the next: other than 1 for at most [`SPACED`] of them.
    pub(crate) spacing: usize,
    /// Whether half a vector follows the vectors: at most [`HALVED`] vectors, and [`SPACED`] scalars.
    pub(crate) half: bool,
    /// \[Q\]\[V\] vectors, `pitch` elements from one q to the next.
    pub(crate) sums: *mut T,
    pub(crate) pitch: usize,
    pub(crate) start: Start<T>,
    /// Of the sums, where there are at most [`LIMITED`] scalars.
    pub(crate) limits: Option<Limits<T>>,
}

/// The most scalars of a tile whose sums can have limits.
pub(crate) const LIMITED: usize = 8;

/// The most scalars that need not lie one after the other.
pub(crate) const SPACED: usize = 8;
/// The most vectors of a tile that half a vector can follow.
pub(crate) const HALVED: usize = 2;

/// What the sums of a tile start from.
#[derive(Clone, Copy)]
pub(crate) enum Start<T> {
    /// Zero.
    Zero,
    /// Zero, and what is in `sums` is added at the end: sums of sums are more exact than one long sum.
    Sums,
    /// A number for each q, in all lanes.
    Numbers(*const T),
}

/// [`Tile`] for one shape: with DENSE scalars, one after the other, and with HALF a vector more or without.
struct TileOf<T, const V: usize, const Q: usize, const DENSE: bool, const HALF: bool>(Tile<T>);

impl<T: Element, S: Simd<T>, const V: usize, const Q: usize, const DENSE: bool, const HALF: bool> Job<S>
    for TileOf<T, V, Q, DENSE, HALF>
{
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let Tile { steps, step_count, vectors, scalars, spacing, sums, pitch, start, limits, .. } = self.0;
        let spacing = if DENSE { 1 } else { spacing };
        let h = s.half();
        let (mut acc, mut half) = ([[s.zero(); V]; Q], [h.zero(); Q]);
        // SAFETY: the caller of `tile` vouches for all memory that the steps lead to, and for the sums.
        unsafe {
            if let Start::Numbers(numbers) = start {
                for q in 0..Q {
                    acc[q] = [s.splat(*numbers.add(q)); V];
                    half[q] = h.splat(*numbers.add(q));
                }
            }
            let (mut step, end) = (steps, steps.add(step_count));
            while step < end {
                let from = vectors.add((*step).vector as usize);
                let scalar = scalars.add((*step).scalar as usize);
                let mut x = [s.zero(); V];
                for v in 0..V {
                    x[v] = s.load(from.add(v * S::LANES));
                }
                let half_x = if HALF { h.load(from.add(V * S::LANES)) } else { h.zero() };
                for q in 0..Q {
                    let w = *scalar.add(q * spacing);
                    for v in 0..V {
                        acc[q][v] = s.mul_add(x[v], s.splat(w), acc[q][v]);
                    }
                    if HALF {
                        half[q] = h.mul_add(half_x, h.splat(w), half[q]);
                    }
                }
                step = step.add(1);
            }
            if let Some(limits) = limits.filter(|_| Q <= LIMITED) {
                let [low, high] = each(limits, |limit| s.splat(limit));
                let [half_low, half_high] = each(limits, |limit| h.splat(limit));
                for q in 0..Q {
                    for v in 0..V {
                        acc[q][v] = s.at_most(high, s.at_least(low, acc[q][v]));
                    }
                    half[q] = h.at_most(half_high, h.at_least(half_low, half[q]));
                }
            }
            for q in 0..Q {
                let sums = sums.add(q * pitch);
                for v in 0..V {
                    let sum = sums.add(v * S::LANES);
                    let before = if matches!(start, Start::Sums) { s.load(sum) } else { s.zero() };
                    s.store(sum, s.add(acc[q][v], before));
                }
                if HALF {
                    let sum = sums.add(V * S::LANES);
                    let before = if matches!(start, Start::Sums) { h.load(sum) } else { h.zero() };
                    h.store(sum, h.add(half[q], before));
                }
            }
        }
    }
}

/// Runs the tile of `v` vectors and `q` scalars.
///
/// # Safety
/// For every step, `v` vectors at `vectors + step.vector`, and half a vector if there is one, and `q` scalars from
/// `scalars + step.scalar` on, `spacing` apart, are readable, and `sums` has room for `q` times as many vectors
/// (initialised if they are the start; else there are `q` numbers if those are). `q` is at most
/// `max_scalars(REGISTERS, v)`, and at most [`SPACED`] with a spacing other than 1.
#[inline(always)]
pub(crate) unsafe fn tile<T: Element, S: Simd<T>>(s: S, v: usize, q: usize, tile: Tile<T>) {
    /// One arm per shape; shapes that exceed this instruction set's registers are compiled out.
    macro_rules! shapes {
        ($($v:literal: $($q:literal)*;)*) => {
            match (v, q) {
                $($(
                    ($v, $q) if $q <= max_scalars(S::REGISTERS, $v) => {
                        if $q <= SPACED && tile.spacing != 1 {
                            s.call(TileOf::<T, $v, $q, false, false>(tile))
                        } else {
                            s.call(TileOf::<T, $v, $q, true, false>(tile))
                        }
                    }
                )*)*
                _ => unreachable!("no tile of {v} vectors and {q} scalars"),
            }
        };
        (half: $($v:literal: $($q:literal)*;)*) => {
            match (v, q) {
                $($(($v, $q) => s.call(TileOf::<T, $v, $q, false, true>(tile)),)*)*
                _ => unreachable!("no tile of {v} vectors, a half, and {q} scalars"),
            }
        };
    }
    if S::LEAST < S::LANES && tile.half {
        shapes! {
            half:
            0: 1 2 3 4 5 6 7 8;
            1: 1 2 3 4 5 6 7 8;
            2: 1 2 3 4 5 6 7 8;
        }
    } else {
        shapes! {
            1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16;
            2: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
            3: 1 2 3 4 5 6 7 8;
            4: 1 2 3 4;
            8: 1;
        }
    }
}

/// Operands of each side in [`dots`].
pub(crate) const DOTS: usize = 4;

/// The arguments of [`dots`].
#[derive(Clone, Copy)]
pub(crate) struct Dots<T> {
    /// The operands; only the first `a` and `b` are used.
    pub(crate) a: [*const T; DOTS],
    pub(crate) b: [*const T; DOTS],
    /// Each operand consists of this many lines,
    pub(crate) lines: usize,
    /// of this many elements,
    pub(crate) len: usize,
    /// at these distances.
    pub(crate) stride_a: usize,
    pub(crate) stride_b: usize,
}

/// Runs the job for `a` and `b` operands: one arm per shape; shapes that exceed the instruction set's registers are
/// compiled out.
macro_rules! of_shape {
    ($job:ident of $a:ident, $b:ident: $s:ident, $dots:ident) => {
        of_shape! { @of $job, $a, $b, $s, $dots; 1: 1 2 3 4; 2: 1 2 3 4; 3: 1 2 3 4; 4: 1 2 3 4; }
    };
    (@of $job:ident, $a:ident, $b:ident, $s:ident, $dots:ident; $($of_a:literal: $($of_b:literal)*;)*) => {
        match ($a, $b) {
            $($(($of_a, $of_b) if $of_a <= max_dots(S::REGISTERS) && $of_b <= max_dots(S::REGISTERS) =>
                $s.call($job::<T, $of_a, $of_b>($dots)),)*)*
            _ => unreachable!("no dot products of {} and {} operands", $a, $b),
        }
    };
}

/// Adds the products of one line of each operand, lane by lane. If `AHEAD`, operands b lie one after the other, and the
/// next ones follow.
///
/// # Safety
/// `len` elements of the first A and B lines are readable.
#[inline(always)]
unsafe fn add_products<T: Element, S: Simd<T>, const A: usize, const B: usize, const AHEAD: bool>(
    s: S,
    lines_a: &[*const T; DOTS],
    lines_b: &[*const T; DOTS],
    len: usize,
    acc: &mut [[S::Vector; B]; A],
) {
    let whole = len - len % S::LANES;
    let rest = len - whole;
    // SAFETY: the caller vouches for the lines.
    unsafe {
        let mut i = 0;
        while i < whole {
            let mut x = [s.zero(); A];
            for a in 0..A {
                x[a] = s.load(lines_a[a].add(i));
            }
            for b in 0..B {
                // With few operands a the time goes into waiting for those of b.
                if AHEAD && A <= 2 {
                    s.prefetch(lines_b[b].wrapping_add(B * len + i));
                }
                let y = s.load(lines_b[b].add(i));
                for a in 0..A {
                    acc[a][b] = s.mul_add(x[a], y, acc[a][b]);
                }
            }
            i += S::LANES;
        }
        if rest > 0 {
            let mut x = [s.zero(); A];
            for a in 0..A {
                x[a] = s.load_part(lines_a[a].add(whole), 0, rest);
            }
            for b in 0..B {
                let y = s.load_part(lines_b[b].add(whole), 0, rest);
                for a in 0..A {
                    acc[a][b] = s.mul_add(x[a], y, acc[a][b]);
                }
            }
        }
    }
}

/// [`Dots`] for one shape.
struct DotsOf<T, const A: usize, const B: usize>(Dots<T>);

impl<T: Element, S: Simd<T>, const A: usize, const B: usize> Job<S> for DotsOf<T, A, B> {
    type Output = [[T; DOTS]; DOTS];
    #[inline(always)]
    fn run(self, s: S) -> Self::Output {
        let Dots { a: mut lines_a, b: mut lines_b, lines, len, stride_a, stride_b } = self.0;
        let mut acc = [[s.zero(); B]; A];
        for _ in 0..lines {
            // SAFETY: the caller of `dots` vouches for `len` elements in each line.
            unsafe { add_products::<T, S, A, B, false>(s, &lines_a, &lines_b, len, &mut acc) };
            lines_a = each(lines_a, |line| line.wrapping_add(stride_a));
            lines_b = each(lines_b, |line| line.wrapping_add(stride_b));
        }
        let mut sums = [[T::ZERO; DOTS]; DOTS];
        for a in 0..A {
            for b in 0..B {
                sums[a][b] = s.sum(acc[a][b]);
            }
        }
        sums
    }
}

/// The arguments of [`unsummed_dots`].
#[derive(Clone, Copy)]
pub(crate) struct UnsummedDots<T> {
    pub(crate) dots: Dots<T>,
    /// A number for each b, which lane 0 of its products starts from.
    pub(crate) start: Option<*const T>,
    /// The vector of product (a, b) goes to `to + a·step_a + b·step_b`.
    pub(crate) to: *mut T,
    pub(crate) step_a: usize,
    pub(crate) step_b: usize,
}

/// [`UnsummedDots`] for one shape.
struct UnsummedDotsOf<T, const A: usize, const B: usize>(UnsummedDots<T>);

impl<T: Element, S: Simd<T>, const A: usize, const B: usize> Job<S> for UnsummedDotsOf<T, A, B> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        let UnsummedDots { dots: Dots { a: lines_a, b: lines_b, len, .. }, start, to, step_a, step_b } = self.0;
        let mut acc = [[s.zero(); B]; A];
        // SAFETY: the caller vouches for `len` elements of each operand, for the numbers and for the vectors.
        unsafe {
            if let Some(start) = start {
                for b in 0..B {
                    let number = s.load_part(start.add(b), 0, 1);
                    for a in 0..A {
                        acc[a][b] = number;
                    }
                }
            }
            add_products::<T, S, A, B, true>(s, &lines_a, &lines_b, len, &mut acc);
            for a in 0..A {
                for b in 0..B {
                    s.store(to.add(a * step_a + b * step_b), acc[a][b]);
                }
            }
        }
    }
}

/// The dot products of `a` operands with `b` operands of one line, whose lanes are still to be summed: many of them
/// together cost less than each on its own.
///
/// # Safety
/// As for [`dots`], and the vectors are writable.
#[inline(always)]
pub(crate) unsafe fn unsummed_dots<T: Element, S: Simd<T>>(s: S, a: usize, b: usize, dots: UnsummedDots<T>) {
    of_shape!(UnsummedDotsOf of a, b: s, dots)
}

/// The greatest number of operands of side `a` or `b` that this many registers allow.
#[inline(always)]
pub(crate) const fn max_dots(registers: usize) -> usize {
    if registers >= 32 { 4 } else { 3 }
}

/// The dot products of `a` operands with `b` operands: result\[a\]\[b\].
///
/// # Safety
/// All lines of the first `a` and `b` operands are readable. `a` and `b` are at least 1 and at most [`max_dots`].
#[inline(always)]
pub(crate) unsafe fn dots<T: Element, S: Simd<T>>(s: S, a: usize, b: usize, dots: Dots<T>) -> [[T; DOTS]; DOTS] {
    of_shape!(DotsOf of a, b: s, dots)
}
