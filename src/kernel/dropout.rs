//! Dropout with a mask that is computed and not kept: each element of it is a hash of a key and its place.

use super::check::check_lengths;
use crate::tensor::Real;

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of `z`.
const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The key of a pass: every pass of every seed has a mask of its own.
///
/// ```
/// use constconv::kernel::dropout_key;
/// assert_eq!(dropout_key(7, 0), dropout_key(7, 0));
/// assert_ne!(dropout_key(7, 0), dropout_key(7, 1));
/// assert_ne!(dropout_key(7, 0), dropout_key(8, 0));
/// ```
pub const fn dropout_key(seed: u64, pass: u64) -> u64 {
    mix(seed.wrapping_add(mix(pass)))
}

/// y\[i\] = 0 with probability p, else x\[i\] / (1 − p); overwrites `y`. What is dropped is 0, whatever it was.
///
/// The same elements are dropped for the same key and p, so this is the backward pass too, on dy.
///
/// ```
/// use constconv::kernel::{dropout, dropout_key};
/// let mut y = [0.0; 100];
/// dropout(0.5, dropout_key(7, 0), &[3.0; 100], &mut y);
/// assert!(y.iter().all(|&y| y == 0.0 || y == 6.0)); // dropped or doubled
/// assert!((30..70).contains(&y.iter().filter(|&&y| y == 0.0).count()));
/// ```
///
/// # Panics
/// If `p` does not lie between 0 and 1, or if the slices differ in length.
pub fn dropout<T: Real>(p: f64, key: u64, x: &[T], y: &mut [T]) {
    check_lengths!(x.len(); y);
    y.copy_from_slice(x);
    dropout_in_place(p, key, y);
}

/// [`dropout`] where x lies.
pub(crate) fn dropout_in_place<T: Real>(p: f64, key: u64, y: &mut [T]) {
    assert!((0.0..=1.0).contains(&p), "the part that dropout drops lies between 0 and 1");
    // p as a part of all 64-bit numbers; the conversion ends at the largest one.
    let dropped = (p * (1_u128 << 64) as f64) as u64;
    let scale = if p < 1.0 { T::from_f64(1.0 / (1.0 - p)).unwrap_or(T::ONE) } else { T::ZERO };
    let mut state = key;
    for y in y {
        // The golden ratio, as in SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        *y = if mix(state) < dropped { T::ZERO } else { *y * scale };
    }
}
