//! Plain, safe Rust: every element type, every processor. Microcontrollers run this.
//!
//! The order of each sum is the same on every target, and a product and a sum are rounded one after the other, so that
//! the bits of a result are the same too. What depends on the target, such as the size of a block, is not part of the
//! order.

// A kernel's arguments are its operands: naming each is clearer than bundling them.
#![allow(clippy::too_many_arguments)]

mod compiled;
pub(super) mod conv;
pub(super) mod linear;
pub(super) mod winners;

pub(super) use compiled::*; // of which functions hide the module of their name
pub(super) use conv::Needs;

/// Whether the target is a microcontroller: 32 registers of one element each, and little room for code.
pub(super) const IS_SMALL: bool = cfg!(any(target_arch = "arm", target_arch = "riscv32"));

/// `len` elements from `first` on. Lengths were checked at the door: if there are fewer, which would be a mistake here,
/// there are none. A panic in each place would cost a microcontroller code.
#[inline(always)]
fn part<T>(x: &[T], first: usize, len: usize) -> &[T] {
    let part = after(x, first).get(..len);
    debug_assert!(part.is_some());
    part.unwrap_or_default()
}

/// See [`part`].
#[inline(always)]
fn part_mut<T>(x: &mut [T], first: usize, len: usize) -> &mut [T] {
    let part = after_mut(x, first).get_mut(..len);
    debug_assert!(part.is_some());
    part.unwrap_or_default()
}

/// The elements from `first` on, which may be none.
#[inline(always)]
fn after<T>(x: &[T], first: usize) -> &[T] {
    x.get(first..).unwrap_or_default()
}

/// See [`after`].
#[inline(always)]
fn after_mut<T>(x: &mut [T], first: usize) -> &mut [T] {
    x.get_mut(first..).unwrap_or_default()
}

/// In a loop: on a microcontroller, compilers leave it as it is. They would write it out several times, for little gain.
#[inline(always)]
pub(super) fn stay_rolled() {
    if IS_SMALL {
        core::hint::black_box(());
    }
}
