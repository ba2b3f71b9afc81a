//! Random order.

/// Puts the items into a random order, each order as likely as any other (Fisher and Yates; Knuth, TAOCP 2, 3.4.2).
///
/// ```
/// use constconv::data::shuffle;
/// use rand::SeedableRng;
/// use rand::rngs::SmallRng;
/// let mut order: [usize; 5] = core::array::from_fn(|sample| sample);
/// shuffle(&mut order, &mut SmallRng::seed_from_u64(3));
/// let mut sorted = order;
/// sorted.sort_unstable();
/// assert_eq!(sorted, [0, 1, 2, 3, 4]);
/// ```
#[cfg(feature = "rand")]
pub fn shuffle<T>(items: &mut [T], source: &mut impl rand_core::Rng) {
    shuffle_with(items, &mut || crate::module::unit(source));
}

/// [`shuffle`](fn@shuffle) with any source of numbers that are uniform in \[0, 1).
///
/// ```
/// use constconv::data::shuffle_with;
/// let mut order = [0, 1, 2, 3];
/// shuffle_with(&mut order, &mut || 0.0); // always takes the first
/// assert_eq!(order, [1, 2, 3, 0]);
/// ```
pub fn shuffle_with<T>(items: &mut [T], uniform: &mut impl FnMut() -> f64) {
    for last in (1..items.len()).rev() {
        // Rounding takes a number just below 1 to no more than the last item.
        let other = (uniform() * (last + 1) as f64) as usize;
        items.swap(last, other.min(last));
    }
}
