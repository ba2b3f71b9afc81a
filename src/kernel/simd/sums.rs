//! Long sums: one accumulator that takes up many numbers loses a little with each of them.

/// Levels of a [`Pairs`]: more blocks than memory holds.
const LEVELS: usize = 40;

/// The sum of many blocks. As in a binary counter, a sum of 2ⁱ blocks waits for another one to be added to, so that the
/// rounding error grows with the logarithm of their number.
pub(super) struct Pairs<V> {
    waiting: [V; LEVELS],
    blocks: u64,
}

impl<V: Copy> Pairs<V> {
    #[inline(always)]
    pub(super) fn new(zero: V) -> Self {
        Self { waiting: [zero; LEVELS], blocks: 0 }
    }

    /// Adds the sum of a block.
    #[inline(always)]
    pub(super) fn add(&mut self, block: V, plus: impl Fn(V, V) -> V) {
        let mut sum = block;
        let level = self.blocks.trailing_ones() as usize;
        for &waiting in &self.waiting[..level] {
            sum = plus(waiting, sum);
        }
        self.waiting[level] = sum;
        self.blocks += 1;
    }

    /// The sum of all blocks, added to `zero`.
    #[inline(always)]
    pub(super) fn total(self, zero: V, plus: impl Fn(V, V) -> V) -> V {
        let is_waiting = |&(level, _): &(usize, V)| self.blocks >> level & 1 == 1;
        self.waiting.into_iter().enumerate().filter(is_waiting).fold(zero, |sum, (_, waiting)| plus(waiting, sum))
    }
}
