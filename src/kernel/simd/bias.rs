//! db: sums of the planes of dy.

use super::sums::Pairs;
use super::thresholds::bias::{CHAINS, TERMS};
use super::{Element, Job, Simd};
use crate::kernel::Conv2dGeometry;

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
        let image = plane * db.len();
        for (f, db) in db.iter_mut().enumerate() {
            let mut images = Pairs::new(T::ZERO);
            for image in dy.chunks_exact(image) {
                images.add(sum(s, &image[f * plane..][..plane]), |a, b| a + b);
            }
            *db += images.total(T::ZERO, |a, b| a + b);
        }
    }
}

/// The sum of a plane.
#[inline(always)]
fn sum<T: Element, S: Simd<T>>(s: S, plane: &[T]) -> T {
    let block = |block: &[T]| {
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
    };
    let blocks = plane.chunks(TERMS * CHAINS * S::LANES);
    if blocks.len() == 1 {
        return s.sum(block(plane));
    }
    let mut sums = Pairs::new(s.zero());
    blocks.for_each(|part| sums.add(block(part), |a, b| s.add(a, b)));
    s.sum(sums.total(s.zero(), |a, b| s.add(a, b)))
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
