//! Plain, safe Rust: every element type, every processor. Microcontrollers run this.
//!
//! The order of each sum is the same on every target, and a product and a sum are rounded one after the other, so that
//! the bits of a result are the same too. What depends on the target, such as the size of a block, is not part of the
//! order.

// A kernel's arguments are its operands: naming each is clearer than bundling them.
#![allow(clippy::too_many_arguments)]

pub(super) mod conv;
pub(super) mod linear;
pub(super) mod winners;

/// Whether the target is a microcontroller: 32 registers of one element each, and little room for code.
pub(super) const IS_SMALL: bool = cfg!(target_arch = "arm");
