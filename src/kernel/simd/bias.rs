//! db: sums of the planes of dy.

use super::{Element, Job, Simd};
use crate::kernel::Conv2dGeometry;

/// Vectors that are added up side by side, because an addition takes longer than the next one waits for.
const CHAINS: usize = 4;

/// The sums of planes, added to db.
struct Planes<'a, T> {
    plane: usize,
    dy: &'a [T],
    db: &'a mut [T],
}

impl<T: Element, S: Simd<T>> Job<S> for Planes<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run(self, s: S) {
        for (dy, f) in self.dy.chunks_exact(self.plane).zip((0..self.db.len()).cycle()) {
            let mut acc = [s.zero(); CHAINS];
            let blocks = dy.chunks_exact(CHAINS * S::LANES);
            let rest = blocks.remainder();
            for block in blocks {
                for (chain, acc) in acc.iter_mut().enumerate() {
                    // SAFETY: the block has CHAINS vectors.
                    *acc = s.add(*acc, unsafe { s.load(block.as_ptr().add(chain * S::LANES)) });
                }
            }
            for part in rest.chunks(S::LANES) {
                // SAFETY: exactly the part is read.
                acc[0] = s.add(acc[0], unsafe { s.load_part(part.as_ptr(), 0, part.len()) });
            }
            self.db[f] += s.sum(s.add(s.add(acc[0], acc[1]), s.add(acc[2], acc[3])));
        }
    }
}

/// db: see [`crate::kernel::conv2d_backward_bias`].
pub(in crate::kernel) fn conv2d_backward_bias<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: &[T],
    db: &mut [T],
) -> bool {
    let plane = g.output[0] * g.output[1];
    if plane > 0 {
        s.call(Planes { plane, dy, db });
    }
    true
}
