//! Working memory on the stack.
//!
//! | class | bytes |
//! |---|---|
//! | 0 | 8 Ki |
//! | 1 | 32 Ki |
//! | 2 | 128 Ki |
//! | 3 | 224 Ki |
//! | 4 | 352 Ki |
//! | 5 | 480 Ki |
//!
//! An operation takes the smallest class that holds what its geometry needs, so that small layers run in threads with
//! small stacks. An operation that runs others while it uses its memory leaves them the rest of the largest class. With
//! the frames around it no operation uses more than 512 KiB.

use core::mem::MaybeUninit;

use crate::kernel::simd::thresholds::CAPACITY;

/// Alignment of everything in the scratch memory: a cache line, and the widest vector.
const LINE: usize = 64;

/// One class of stack memory.
#[repr(align(64))]
struct Memory<const BYTES: usize>([u8; BYTES]);

/// Hands out pieces of the scratch memory, one after the other. All pieces start uninitialised.
pub(crate) struct Scratch {
    next: *mut u8,
    left: usize,
}

impl Scratch {
    /// The memory that is left, for one use after the other.
    pub(crate) fn again(&self) -> Self {
        Self { ..*self }
    }

    /// Room for `count` values of `T`, aligned to a cache line.
    ///
    /// # Panics
    /// If the memory is used up: the caller's layout was too small.
    #[inline(always)]
    pub(crate) fn take<T>(&mut self, count: usize) -> *mut T {
        assert!(count <= self.left / size_of::<T>() && size::<T>(count) <= self.left, "scratch memory too small");
        let bytes = size::<T>(count);
        let piece = self.next;
        self.next = self.next.wrapping_add(bytes);
        self.left -= bytes;
        piece.cast()
    }
}

/// Bytes that `count` values of `T` take up: whole cache lines.
#[inline(always)]
const fn size<T>(count: usize) -> usize {
    (count * size_of::<T>()).next_multiple_of(LINE)
}

/// The product of the factors, if it can be counted.
pub(crate) fn product<const N: usize>(factors: [usize; N]) -> Option<usize> {
    factors.into_iter().try_fold(1, usize::checked_mul)
}

/// The bytes of each class.
const CLASSES: [usize; 6] = [0x2000, 0x8000, 0x20000, 0x38000, 0x58000, CAPACITY];

/// How much scratch memory an operation needs: the only place where its sizes are computed. A layout that exists fits.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    bytes: usize,
    /// Bytes that others use at the same time.
    taken: usize,
}

impl Layout {
    /// Nothing.
    pub(crate) const EMPTY: Self = Self { bytes: 0, taken: 0 };

    /// Nothing, while the memory of this layout is in use.
    pub(crate) fn beside(self) -> Self {
        Self { bytes: 0, taken: self.taken + self.class().unwrap_or(CAPACITY) }
    }

    /// The class that holds it, if there is one that is left.
    fn class(self) -> Option<usize> {
        CLASSES.into_iter().find(|&class| class >= self.bytes).filter(|class| class + self.taken <= CAPACITY)
    }

    /// As much of a budget as there is of the memory.
    pub(crate) fn share(self, budget: usize) -> usize {
        let left = CLASSES.into_iter().rev().find(|class| class + self.taken <= CAPACITY).unwrap_or(0);
        (budget as u64 * left as u64 / CAPACITY as u64) as usize
    }

    /// With room for `count` values of `T` more, which [`Scratch::take`] will hand out; `None` if that is too much.
    pub(crate) fn with<T>(self, count: usize) -> Option<Self> {
        if count > CAPACITY / size_of::<T>() {
            return None;
        }
        let layout = Self { bytes: self.bytes + size::<T>(count), ..self };
        layout.class().map(|_| layout)
    }
}

/// Calls `body` with scratch memory for a layout.
pub(crate) fn with_scratch(layout: Layout, body: &mut dyn FnMut(Scratch)) {
    /// A function of its own per class, so that only the chosen one moves the stack pointer.
    #[inline(never)]
    fn class<const BYTES: usize>(body: &mut dyn FnMut(Scratch)) {
        // Made where it stays: a value that is moved here would be on the stack twice without optimisation.
        let mut memory = MaybeUninit::<Memory<BYTES>>::uninit();
        body(Scratch { next: memory.as_mut_ptr().cast(), left: BYTES });
    }
    match CLASSES.iter().position(|&class| class >= layout.bytes) {
        Some(0) => class::<{ CLASSES[0] }>(body),
        Some(1) => class::<{ CLASSES[1] }>(body),
        Some(2) => class::<{ CLASSES[2] }>(body),
        Some(3) => class::<{ CLASSES[3] }>(body),
        Some(4) => class::<{ CLASSES[4] }>(body),
        _ => class::<{ CLASSES[5] }>(body),
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, LINE, Layout, product};

    #[test]
    fn layouts_fit() {
        let floats = CAPACITY / size_of::<f32>();
        assert!(Layout::EMPTY.with::<f32>(floats).is_some_and(|layout| layout.with::<u8>(0).is_some()));
        assert!(Layout::EMPTY.with::<f32>(floats).and_then(|layout| layout.with::<u8>(1)).is_none());
        assert!(Layout::EMPTY.with::<f32>(floats + 1).is_none());
        // Whole cache lines.
        assert!(Layout::EMPTY.with::<u8>(1).and_then(|layout| layout.with::<u8>(CAPACITY - LINE)).is_some());
        assert!(Layout::EMPTY.with::<u8>(1).and_then(|layout| layout.with::<u8>(CAPACITY - LINE + 1)).is_none());
    }

    #[test]
    fn layouts_fit_beside_each_other() {
        let mut sum = 0;
        for bytes in [1, 8 << 10, 30 << 10, 100 << 10, 200 << 10, 300 << 10] {
            let outer = Layout::EMPTY.with::<u8>(bytes).unwrap();
            let inner = outer.beside();
            let most = (0..=CAPACITY / LINE).rev().find_map(|lines| inner.with::<u8>(lines * LINE)).unwrap();
            assert!(outer.class().unwrap() + most.class().unwrap() <= CAPACITY);
            assert_eq!(inner.share(CAPACITY), most.bytes);
            sum += most.bytes;
        }
        assert!(sum > 3 * CAPACITY);
        assert_eq!(Layout::EMPTY.share(CAPACITY), CAPACITY);
    }

    #[test]
    fn what_cannot_be_counted_does_not_fit() {
        // Bytes that are 0 if a multiplication or a sum wraps.
        assert!(Layout::EMPTY.with::<f64>(usize::MAX / 8 + 1).is_none());
        assert!(Layout::EMPTY.with::<u8>(64).and_then(|layout| layout.with::<u8>(usize::MAX - 63)).is_none());
        assert_eq!(product([1 << (usize::BITS / 2), 1 << (usize::BITS / 2)]), None);
        assert_eq!(product([3, 4, 5]), Some(60));
    }
}
