//! Initial parameters.

use super::Module;
use crate::tensor::Real;

/// Initial parameters as PyTorch's defaults: weights and biases uniform in ±1/√fan_in, where fan_in is the number of
/// inputs that one output sees (C/G·KH·KW or IN).
///
/// The order is fixed: fields as declared, weight before bias, row-major. A source that repeats its numbers repeats the
/// parameters, on every machine.
///
/// ```
/// use constconv::prelude::*;
///
/// let mut state = 7_u64; // any source of numbers in [0, 1) will do
/// let mut uniform = || {
///     state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
///     (state >> 11) as f64 / (1_u64 << 53) as f64
/// };
/// let mut conv = Conv2d::<f32, 4, 8, Kernel<3>>::ZERO;
/// conv.initialize(&mut uniform);
/// assert!(conv.weight.iter().all(|w| w.abs() <= 1.0 / 6.0) && conv.weight[[0, 0, 0, 0]] != 0.0);
/// ```
pub trait Initialize: Module {
    /// Overwrites the parameters; `uniform` gives numbers uniform in \[0, 1).
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // A source that always gives ¾: half of the way from 0 to the upper limit, 1/√IN.
    /// let mut layer = Linear::<f64, 4, 1>::ZERO;
    /// layer.initialize(&mut || 0.75);
    /// assert_eq!(layer, Linear::new(Matrix::full(0.25), Vector::full(0.25)));
    /// ```
    fn initialize(&mut self, uniform: &mut impl FnMut() -> f64);

    /// A new module with parameters from a random source, by value.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use rand::SeedableRng;
    /// use rand::rngs::SmallRng;
    ///
    /// let layer = Linear::<f32, 64, 10>::random(&mut SmallRng::seed_from_u64(1));
    /// assert!(layer.weight.iter().all(|w| w.abs() <= 1.0 / 8.0));
    /// ```
    #[cfg(feature = "rand")]
    #[must_use]
    fn random(source: &mut impl rand_core::Rng) -> Self {
        let mut module = Self::BLANK;
        module.randomize(source);
        module
    }

    /// Overwrites the parameters from a random source, in place.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use rand::SeedableRng;
    /// use rand::rngs::SmallRng;
    ///
    /// let mut layer = Linear::<f32, 64, 10>::ZERO; // or in a `Box`
    /// layer.randomize(&mut SmallRng::seed_from_u64(1));
    /// assert_eq!(layer, Linear::random(&mut SmallRng::seed_from_u64(1)));
    /// ```
    #[cfg(feature = "rand")]
    fn randomize(&mut self, source: &mut impl rand_core::Rng) {
        self.initialize(&mut || unit(source));
    }
}

/// A number in \[0, 1): the 53 high bits of the next one.
#[cfg(feature = "rand")]
pub(crate) fn unit(source: &mut impl rand_core::Rng) -> f64 {
    (source.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Fills `elements` uniformly in ±1/√fan_in.
///
/// ```
/// let mut w = [0.0; 2];
/// constconv::module::uniform(&mut w, 4, &mut || 0.75); // half of the way from 0 to ½
/// assert_eq!(w, [0.25; 2]);
/// ```
pub fn uniform<T: Real>(elements: &mut [T], fan_in: usize, uniform: &mut impl FnMut() -> f64) {
    let bound = num_traits::Float::sqrt(1.0 / fan_in.max(1) as f64);
    for a in elements {
        // Finite and of ordinary size: the conversion cannot fail.
        *a = T::from_f64(bound * (2.0 * uniform() - 1.0)).unwrap_or(T::ZERO);
    }
}
