//! What is done with the elements of y as they are stored.

use super::Scalar;

/// What a kernel does with each element of y before it leaves its hands: once, when the element is finished.
///
/// Limits are applied in the registers from which y is stored. A function gets runs of y while they are in cache: most
/// often a plane of an image, or a few.
///
/// ```
/// use constconv::kernel::Epilogue;
/// let relu = Epilogue::Limits { low: 0.0, high: None };
/// let mut y = [-1.0, 2.0];
/// relu.apply(&mut y);
/// assert_eq!(y, [0.0, 2.0]);
/// Epilogue::Map(&|y| y.iter_mut().for_each(|y| *y *= 10.0)).apply(&mut y);
/// assert_eq!(y, [0.0, 20.0]);
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Epilogue<'a, T> {
    /// y = min(max(y, low), high), where there is a `high`; NaN stays NaN.
    Limits {
        /// The least value.
        low: T,
        /// The greatest value.
        high: Option<T>,
    },
    /// A function that is called with runs of y.
    Map(&'a dyn Fn(&mut [T])),
}

impl<T> core::fmt::Debug for Epilogue<'_, T>
where
    T: core::fmt::Debug,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Limits { low, high } => f.debug_struct("Limits").field("low", low).field("high", high).finish(),
            Self::Map(_) => f.write_str("Map(..)"),
        }
    }
}

impl<T: Scalar> Epilogue<'_, T> {
    /// Does it to `y`.
    ///
    /// ```
    /// use constconv::kernel::Epilogue;
    /// let mut y = [-1, 3, 9];
    /// Epilogue::Limits { low: 0, high: Some(6) }.apply(&mut y);
    /// assert_eq!(y, [0, 3, 6]);
    /// ```
    #[inline]
    pub fn apply(self, y: &mut [T]) {
        match self {
            Self::Limits { low, high: None } => y.iter_mut().for_each(|y| *y = if *y < low { low } else { *y }),
            Self::Limits { low, high: Some(high) } => y.iter_mut().for_each(|y| {
                let least = if *y < low { low } else { *y };
                *y = if least > high { high } else { least };
            }),
            Self::Map(map) => map(y),
        }
    }
}
