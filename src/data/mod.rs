//! Samples for training: in random order, batch by batch.
//!
//! ```
//! use constconv::data::{gather, shuffle};
//! use constconv::for_each_batch;
//! use constconv::prelude::*;
//! use rand::SeedableRng;
//! use rand::rngs::SmallRng;
//!
//! static IMAGES: Tensor<u8, 10, 1, 2, 2> = Tensor::full(255);
//!
//! let mut order: [usize; 10] = core::array::from_fn(|sample| sample);
//! shuffle(&mut order, &mut SmallRng::seed_from_u64(1));
//! let mut sizes = Vec::new();
//! for_each_batch!(samples in order, 4 of 10 => {
//!     let mut x = Tensor::zeros(); // 4×1×2×2, 4×1×2×2, 2×1×2×2
//!     gather(&IMAGES, samples, &mut x, |grey| f32::from(grey) / 255.0);
//!     assert!(x.iter().all(|&grey| grey == 1.0));
//!     sizes.push(x.shape());
//! });
//! assert_eq!(sizes, [[4, 1, 2, 2], [4, 1, 2, 2], [2, 1, 2, 2]]);
//! ```

mod batches;
mod gather;
mod shuffle;

#[doc(inline)]
pub use crate::for_each_batch;
pub use gather::gather;
#[cfg(feature = "rand")]
pub use shuffle::shuffle;
pub use shuffle::shuffle_with;
