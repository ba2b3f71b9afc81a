//! Working memory on the stack.
//!
//! | class | bytes |
//! |---|---|
//! | 0 | 8 Ki |
//! | 1 | 32 Ki |
//! | 2 | 128 Ki |
//! | 3 | 480 Ki |
//!
//! An operation takes the smallest class that holds what its geometry needs, so that small layers run in threads with
//! small stacks. With the frames around it no operation uses more than 512 KiB.

use core::mem::MaybeUninit;

/// Bytes of the largest class: what blocking must stay within.
pub(super) const CAPACITY: usize = 480 * 1024;

/// Alignment of everything in the scratch memory: a cache line, and the widest vector.
const LINE: usize = 64;

/// One class of stack memory.
#[repr(align(64))]
struct Memory<const BYTES: usize>([MaybeUninit<u8>; BYTES]);

/// Hands out pieces of the scratch memory, one after the other. All pieces start uninitialised.
pub(super) struct Scratch {
    next: *mut u8,
    left: usize,
}

impl Scratch {
    /// Room for `count` values of `T`, aligned to a cache line.
    ///
    /// # Panics
    /// If the memory is used up: the caller asked [`with_scratch`] for too little.
    #[inline(always)]
    pub(super) fn take<T>(&mut self, count: usize) -> *mut T {
        let bytes = size::<T>(count);
        assert!(bytes <= self.left, "scratch memory too small");
        let piece = self.next;
        self.next = self.next.wrapping_add(bytes);
        self.left -= bytes;
        piece.cast()
    }
}

/// Bytes that `count` values of `T` take up: whole cache lines.
#[inline(always)]
pub(super) const fn size<T>(count: usize) -> usize {
    (count * size_of::<T>()).next_multiple_of(LINE)
}

/// Calls `body` with `bytes` of scratch memory.
///
/// # Panics
/// If `bytes` exceeds [`CAPACITY`].
pub(super) fn with_scratch(bytes: usize, body: &mut dyn FnMut(Scratch)) {
    /// A function of its own per class, so that only the chosen one moves the stack pointer.
    #[inline(never)]
    fn class<const BYTES: usize>(body: &mut dyn FnMut(Scratch)) {
        let mut memory = Memory([MaybeUninit::uninit(); BYTES]);
        body(Scratch { next: memory.0.as_mut_ptr().cast(), left: BYTES });
    }
    match bytes {
        0..=0x2000 => class::<0x2000>(body),
        0x2001..=0x8000 => class::<0x8000>(body),
        0x8001..=0x20000 => class::<0x20000>(body),
        _ => class::<CAPACITY>(body),
    }
}
