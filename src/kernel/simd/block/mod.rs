//! What every way to compute an operation is built from.
//!
//! | file | what |
//! |---|---|
//! | `scratch` | working memory on the stack, in size classes, and the only place where its sizes are computed |
//! | `copy` | padded copies, transposes: from the tensors' layout to the microkernels' |
//! | `tile` | the two microkernels: nearly all time is spent in their loops |
//! | `sums` | sums of sums |

pub(super) mod copy;
pub(super) mod scratch;
pub(super) mod sums;
pub(super) mod tile;

/// The size of the smallest equal blocks that cover `len` with no more of them than blocks of `block` need.
pub(super) const fn balanced(len: usize, block: usize) -> usize {
    let blocks = len.div_ceil(block);
    if blocks == 0 { 1 } else { len.div_ceil(blocks) }
}
