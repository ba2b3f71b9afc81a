//! Long sums: one accumulator that takes up many numbers loses a little with each of them.

use crate::kernel::simd::{Element, Simd};

/// Levels of a [`Pairs`]: more blocks than memory holds.
const LEVELS: usize = 40;

/// N sums of many blocks. As in a binary counter, a sum of 2ⁱ blocks waits for another one to be added to, so that the
/// rounding error grows with the logarithm of their number.
pub(crate) struct Pairs<V, const N: usize> {
    waiting: [[V; N]; LEVELS],
    blocks: u64,
}

impl<V: Copy, const N: usize> Pairs<V, N> {
    #[inline(always)]
    pub(crate) fn new<T, S: Simd<T, Vector = V>>(s: S) -> Self {
        Self { waiting: [[s.zero(); N]; LEVELS], blocks: 0 }
    }

    /// Adds the sums of a block.
    #[inline(always)]
    pub(crate) fn add<T: Element, S: Simd<T, Vector = V>>(&mut self, s: S, block: [V; N]) {
        let mut sums = block;
        let level = self.blocks.trailing_ones() as usize;
        for waiting in &self.waiting[..level] {
            for i in 0..N {
                sums[i] = s.add(waiting[i], sums[i]);
            }
        }
        self.waiting[level] = sums;
        self.blocks += 1;
    }

    /// The sums of all blocks.
    #[inline(always)]
    pub(crate) fn total<T: Element, S: Simd<T, Vector = V>>(&self, s: S) -> [V; N] {
        let mut sums = [s.zero(); N];
        for (level, waiting) in self.waiting.iter().enumerate() {
            if self.blocks >> level & 1 == 1 {
                for i in 0..N {
                    sums[i] = s.add(waiting[i], sums[i]);
                }
            }
        }
        sums
    }
}
