//! Convolutions: y, dx, dw and db.
//!
//! | file | what |
//! |---|---|
//! | `ways` | which way a convolution goes: read this first |
//! | `axis` | y and dx as correlations: their sizes |
//! | `bands` | where the rows of y are |
//! | `pack`, `tiles` | correlations by tiles, and the blocks and packed weights for these |
//! | `shares` | y by tiles on several threads |
//! | `narrow`, `narrow_dw` | groups of few channels and filters: y and dx, and dw |
//! | `depthwise` | 3×3 depthwise convolutions without stride and dilation: y, dx and dw |
//! | `flat` | the same where y is as wide as x, rows as one long row: y and dx |
//! | `picked` | 3×3 depthwise convolutions with a stride: y |
//! | `channels` | depthwise convolutions on small planes, channels in the lanes: y and dx |
//! | `pointwise` | y of 1×1 kernels on few cells |
//! | `scatter` | dx where little of a padded dy would be dy, or with a stride |
//! | `winograd`, `winograd_points` | y and dx of 3×3 kernels with fewer multiplications, less exact |
//! | `dw`, `dw_dots` | dw by tiles, and by dot products where filters are few |
//! | `winners` | dx and dw where dy is zero but at the winners of a max pooling |
//! | `db` | sums of the planes of dy |
//! | `edges` | infinities and NaN where windows reach into the padding |

mod axis;
mod bands;
mod channels;
mod db;
mod depthwise;
mod dw;
mod dw_dots;
mod edges;
mod flat;
mod narrow;
mod narrow_dw;
mod pack;
mod picked;
mod pointwise;
mod scatter;
mod shares;
mod tiles;
mod ways;
mod winners;
mod winograd;
mod winograd_points;

pub(in crate::kernel) use db::conv2d_backward_bias;
pub(in crate::kernel) use ways::{
    conv_transpose2d, conv_transpose2d_then, conv2d, conv2d_backward_at_winners, conv2d_backward_filter,
    conv2d_backward_input, conv2d_by_rows, conv2d_in_shares, conv2d_then, conv2d_winograd,
    conv2d_winograd_backward_input, conv2d_winograd_stored, winograd_filters,
};
