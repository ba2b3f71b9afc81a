//! db: sums of the planes of dy.

use crate::kernel::Conv2dGeometry;
use crate::kernel::simd::block::sums::Pairs;
use crate::kernel::simd::thresholds::db::{CHAINS, TERMS};
use crate::kernel::simd::{Element, Job, Simd};

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
        let Planes { plane, dy, db } = self;
        let (image, block) = (plane * db.len(), TERMS * CHAINS * S::LANES);
        for f in 0..db.len() {
            let mut total = s.zero();
            if dy.len() <= TERMS * image && plane <= block {
                for image in dy.chunks_exact(image) {
                    total = s.add(total, sum_block(s, &image[f * plane..][..plane]));
                }
            } else {
                let mut sums = Pairs::<_, 1>::new(s);
                for image in dy.chunks_exact(image) {
                    for block in image[f * plane..][..plane].chunks(block) {
                        sums.add(s, [sum_block(s, block)]);
                    }
                }
                [total] = sums.total(s);
            }
            db[f] += s.sum(total);
        }
    }
}

/// The sum of a block, lane by lane.
#[inline(always)]
fn sum_block<T: Element, S: Simd<T>>(s: S, block: &[T]) -> S::Vector {
    let mut acc = [s.zero(); CHAINS];
    let vectors = block.chunks_exact(CHAINS * S::LANES);
    let rest = vectors.remainder();
    for vectors in vectors {
        for (chain, acc) in acc.iter_mut().enumerate() {
            // SAFETY: there are CHAINS vectors.
            *acc = s.add(*acc, unsafe { s.load(vectors.as_ptr().add(chain * S::LANES)) });
        }
    }
    for part in rest.chunks(S::LANES) {
        // SAFETY: exactly the part is read.
        acc[0] = s.add(acc[0], unsafe { s.load_part(part.as_ptr(), 0, part.len()) });
    }
    s.add(s.add(acc[0], acc[1]), s.add(acc[2], acc[3]))
}

/// db: see [`crate::kernel::conv2d_backward_bias`].
pub(in crate::kernel) fn conv2d_backward_bias<T: Element, S: Simd<T>>(
    s: S,
    g: &Conv2dGeometry,
    dy: &[T],
    db: &mut [T],
) -> bool {
    let plane = g.output[0] * g.output[1];
    if plane > 0 && !dy.is_empty() {
        s.call(Planes { plane, dy, db });
    }
    true
}
