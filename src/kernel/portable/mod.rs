//! Plain, safe Rust: every element type, every processor. Microcontrollers run this.

pub(super) mod conv;
pub(super) mod linear;

/// Whether the target is a microcontroller: 32 registers of one number each, and little room for code.
pub(super) const IS_SMALL: bool = cfg!(target_arch = "arm");
