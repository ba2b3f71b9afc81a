//! The transforms of Winograd's F(4×4, 3×3) along one axis; the matrices are those of Lavin and Gray (2016).

use crate::kernel::simd::thresholds::winograd::TILE;
use crate::kernel::simd::{Element, Simd};

/// Inputs of a tile along each axis.
pub(super) const WINDOW: usize = 6;

/// G · g.
#[inline(always)]
pub(super) fn filter_points<T: Element, S: Simd<T>>(s: S, [g0, g1, g2]: [S::Vector; 3]) -> [S::Vector; WINDOW] {
    let part = |denominator: i8| {
        let mut part = T::ONE;
        part /= T::from(denominator);
        s.splat(part)
    };
    let zero = s.zero();
    let sixth = s.mul_add(s.add(g0, g2), part(-6), zero);
    let other = s.mul_add(g0, part(24), s.mul_add(g2, part(6), zero));
    [
        s.mul_add(g0, part(4), zero),
        s.mul_add(g1, part(-6), sixth),
        s.mul_add(g1, part(6), sixth),
        s.mul_add(g1, part(12), other),
        s.mul_add(g1, part(-12), other),
        g2,
    ]
}

/// Bᵀ · d.
#[inline(always)]
pub(super) fn input_points<T: Element, S: Simd<T>>(
    s: S,
    [d0, d1, d2, d3, d4, d5]: [S::Vector; WINDOW],
) -> [S::Vector; WINDOW] {
    let factor = |value: i8| s.splat(T::from(value));
    let (even, odd) = (s.mul_add(d2, factor(-4), d4), s.mul_add(d1, factor(-4), d3));
    let (far, near) = (s.mul_add(d2, factor(-1), d4), s.mul_add(d1, factor(-1), d3));
    [
        s.mul_add(d0, factor(4), s.mul_add(d2, factor(-5), d4)),
        s.add(even, odd),
        s.mul_add(odd, factor(-1), even),
        s.mul_add(near, factor(2), far),
        s.mul_add(near, factor(-2), far),
        s.mul_add(d1, factor(4), s.mul_add(d3, factor(-5), d5)),
    ]
}

/// Aᵀ · p.
#[inline(always)]
pub(super) fn output_points<T: Element, S: Simd<T>>(
    s: S,
    [p0, p1, p2, p3, p4, p5]: [S::Vector; WINDOW],
) -> [S::Vector; TILE] {
    let factor = |value: i8| s.splat(T::from(value));
    let (sum, difference) = (s.add(p1, p2), s.mul_add(p2, factor(-1), p1));
    let (far_sum, far_difference) = (s.add(p3, p4), s.mul_add(p4, factor(-1), p3));
    [
        s.add(s.add(p0, sum), far_sum),
        s.mul_add(far_difference, factor(2), difference),
        s.mul_add(far_sum, factor(4), sum),
        s.add(s.mul_add(far_difference, factor(8), difference), p5),
    ]
}
