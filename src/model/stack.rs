//! How much stack a model takes at most on a microcontroller.
//!
//! A stack is not planned by types, so these bounds are measured: `examples/cortex_m/src/bin/stack.rs` runs models of all
//! kinds of layers on an emulated Cortex-M4F over a painted stack and fails where one takes more than its constant. They
//! hold for 32-bit Arm, optimised for speed with link-time optimisation, and for layers of this crate. On processors with
//! SIMD kernels the stack is not what is scarce: those take up to half a MiB.

use crate::tensor::Array;

/// The parts of a bound.
pub(super) struct Stack {
    /// Frames of kernels and what calls them, in bytes.
    frames: usize,
    /// The largest scratch of a kernel, in elements.
    scratch: usize,
    /// What each module adds that a call goes through, in bytes.
    module: usize,
}

pub(super) const INFERENCE: Stack = Stack { frames: 960, scratch: 140, module: 24 };
pub(super) const TRAINING: Stack = Stack { frames: 1_272, scratch: 294, module: 24 };

impl Stack {
    /// The bytes for a model with the output `Y` that is made of some modules.
    pub(super) const fn bytes<Y: Array>(&self, modules: usize) -> usize {
        self.frames + self.scratch * size_of::<Y::Scalar>() + self.module * modules
    }
}
