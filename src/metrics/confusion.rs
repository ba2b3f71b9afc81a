//! Confusion matrices.

use core::fmt::{self, Display, Formatter};
use core::ops::AddAssign;

use super::argmax;
use crate::tensor::{Matrix, Scalar};

/// How often a sample of each class (row) was taken for each class (column). scikit-learn: `confusion_matrix`.
///
/// ```
/// use constconv::metrics::ConfusionMatrix;
/// let mut confusion = ConfusionMatrix::<3>::new();
/// for (label, class) in [(0, 0), (0, 0), (1, 2), (2, 2)] {
///     confusion.add(label, class);
/// }
/// assert_eq!((confusion.total(), confusion.correct(), confusion.accuracy()), (4, 3, 0.75));
/// assert_eq!((confusion.recall(1), confusion.precision(2)), (0.0, 0.5));
/// assert_eq!(confusion.to_string(), concat!("  0 1 2\n", "0 2 · ·\n", "1 · · 1\n", "2 · · 1\n"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix<const K: usize> {
    counts: [[u32; K]; K],
}

impl<const K: usize> ConfusionMatrix<K> {
    /// Without samples.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// static EMPTY: ConfusionMatrix<10> = ConfusionMatrix::new();
    /// assert!(EMPTY.accuracy().is_nan());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { counts: [[0; K]; K] }
    }

    /// A sample of the class `label` was taken for `class`.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// let mut confusion = ConfusionMatrix::<2>::new();
    /// confusion.add(1, 0);
    /// assert_eq!(confusion.counts(), &[[0, 0], [1, 0]]);
    /// ```
    ///
    /// # Panics
    /// If there is no such class.
    pub const fn add(&mut self, label: usize, class: usize) {
        assert!(label < K && class < K, "a label or a class is not one of the matrix");
        self.counts[label][class] += 1;
    }

    /// Samples of a batch: each was taken for the class with the largest output ([`argmax`]).
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// use constconv::prelude::*;
    /// let mut confusion = ConfusionMatrix::<2>::new();
    /// confusion.record(&Matrix::new([[0.2, 0.8], [0.6, 0.4]]), &[1, 1]);
    /// assert_eq!(confusion.counts(), &[[0, 0], [1, 1]]);
    /// ```
    ///
    /// # Panics
    /// If a label is not one of the K classes.
    pub fn record<T: Scalar, const N: usize>(&mut self, y: &Matrix<T, N, K>, labels: &[usize; N]) {
        for (&label, class) in labels.iter().zip(argmax(y)) {
            self.add(label, class);
        }
    }

    /// The counts: rows are what samples are, columns what they were taken for.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// assert_eq!(ConfusionMatrix::<2>::new().counts(), &[[0; 2]; 2]);
    /// ```
    #[must_use]
    pub const fn counts(&self) -> &[[u32; K]; K] {
        &self.counts
    }

    /// All samples.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// assert_eq!(ConfusionMatrix::<2>::new().total(), 0);
    /// ```
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.as_flattened().iter().sum()
    }

    /// Samples that were taken for what they are.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// let mut confusion = ConfusionMatrix::<2>::new();
    /// confusion.add(1, 1);
    /// confusion.add(1, 0);
    /// assert_eq!(confusion.correct(), 1);
    /// ```
    #[must_use]
    pub fn correct(&self) -> u32 {
        (0..K).map(|class| self.counts[class][class]).sum()
    }

    /// Their share of all samples; NaN without samples.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// let mut confusion = ConfusionMatrix::<2>::new();
    /// confusion.add(1, 1);
    /// confusion.add(1, 0);
    /// assert_eq!(confusion.accuracy(), 0.5);
    /// ```
    #[must_use]
    pub fn accuracy(&self) -> f32 {
        self.correct() as f32 / self.total() as f32
    }

    /// Of the samples of a class, the share that was taken for it; NaN if there is none.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// let mut confusion = ConfusionMatrix::<2>::new();
    /// confusion.add(1, 1);
    /// confusion.add(1, 0);
    /// assert_eq!(confusion.recall(1), 0.5);
    /// ```
    ///
    /// # Panics
    /// If there is no such class.
    #[must_use]
    pub fn recall(&self, class: usize) -> f32 {
        self.counts[class][class] as f32 / self.counts[class].iter().sum::<u32>() as f32
    }

    /// Of the samples that were taken for a class, the share that is of it; NaN if there is none.
    ///
    /// ```
    /// use constconv::metrics::ConfusionMatrix;
    /// let mut confusion = ConfusionMatrix::<2>::new();
    /// confusion.add(1, 1);
    /// confusion.add(0, 1);
    /// assert_eq!(confusion.precision(1), 0.5);
    /// ```
    ///
    /// # Panics
    /// If there is no such class.
    #[must_use]
    pub fn precision(&self, class: usize) -> f32 {
        self.counts[class][class] as f32 / self.counts.iter().map(|row| row[class]).sum::<u32>() as f32
    }
}

impl<const K: usize> Default for ConfusionMatrix<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// The samples of both.
impl<const K: usize> AddAssign<&Self> for ConfusionMatrix<K> {
    fn add_assign(&mut self, other: &Self) {
        for (count, other) in self.counts.as_flattened_mut().iter_mut().zip(other.counts.as_flattened()) {
            *count += other;
        }
    }
}

/// A table: a row for each class, with a dot for none.
impl<const K: usize> Display for ConfusionMatrix<K> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let largest = self.counts.as_flattened().iter().copied().max().unwrap_or(0);
        let digits = |number: u32| number.checked_ilog10().unwrap_or(0) as usize + 1;
        let label = digits(K.saturating_sub(1) as u32);
        let width = label.max(digits(largest));

        write!(f, "{:label$}", "")?;
        (0..K).try_for_each(|class| write!(f, " {class:width$}"))?;
        writeln!(f)?;
        for (class, row) in self.counts.iter().enumerate() {
            write!(f, "{class:label$}")?;
            for &count in row {
                match count {
                    0 => write!(f, " {:>width$}", '·')?,
                    _ => write!(f, " {count:width$}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
