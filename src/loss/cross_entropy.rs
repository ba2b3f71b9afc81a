//! Cross entropy of class scores, and the likelihood of log-probabilities.

use super::Reduction;
use crate::kernel::math::{exp, ln, number, sum};
use crate::optim::{Hyperparameter, is_finite_and_not_negative, to_f64};
use crate::tensor::{Matrix, Real, Vector};

/// Cross entropy of a softmax over K class scores. PyTorch: `functional.cross_entropy`.
///
/// loss = scale · Σₙ (log Σₖ exp x\[n,k\] − x\[n, label\[n\]\]), dx = scale · (softmax(x) − onehot(label)),
/// scale = 1/N for the mean and 1 for the sum
///
/// Overwrites `dx`. The largest score of each row is subtracted first, so that large scores do not overflow.
/// [`CrossEntropy`] has class weights, label smoothing and an ignored label.
///
/// ```
/// use constconv::loss::{Reduction, softmax_cross_entropy};
/// use constconv::prelude::*;
///
/// let scores = Matrix::new([[1000.0_f64, 1000.0], [0.0, 0.0]]);
/// let mut dx = Matrix::zeros();
/// let loss = softmax_cross_entropy(&scores, &[0, 1], Reduction::Mean, &mut dx);
/// assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
/// assert_eq!(dx, Matrix::new([[-0.25, 0.25], [0.25, -0.25]]));
/// ```
///
/// # Panics
/// If a label is not less than K.
pub fn softmax_cross_entropy<T: Real, const N: usize, const K: usize>(
    x: &Matrix<T, N, K>,
    labels: &[usize; N],
    reduction: Reduction,
    dx: &mut Matrix<T, N, K>,
) -> T {
    CrossEntropy::new().reduction(reduction).loss(x, labels, dx)
}

/// [`softmax_cross_entropy`] with options. PyTorch: `nn.CrossEntropyLoss`.
///
/// ```text
/// share[n,k] = weight[k] · ((1 − smoothing) · (1 where k is label[n], else 0) + smoothing / K)
/// loss       = scale · Σₙ Σₖ share[n,k] · (log Σⱼ exp x[n,j] − x[n,k])
/// dx[n,k]    = scale · (softmax(x)[n,k] · Σⱼ share[n,j] − share[n,k])
/// scale      = 1 / Σₙ weight[label[n]] for the mean and 1 for the sum
/// ```
///
/// All sums over n leave out samples whose label is the ignored one; their rows of dx are 0. If all samples are
/// ignored, the mean is NaN, as in PyTorch.
///
/// ```
/// use constconv::loss::CrossEntropy;
/// use constconv::prelude::*;
///
/// let weights = Vector::new([1.0_f64, 3.0]);
/// let loss = CrossEntropy::new().class_weights(&weights).ignore_index(9);
/// let mut dx = Matrix::zeros();
/// let value = loss.loss(&Matrix::new([[0.0, 0.0], [5.0, 5.0], [1.0, 2.0]]), &[0, 1, 9], &mut dx);
/// assert!((value - 2.0_f64.ln()).abs() < 1e-15);
/// assert_eq!(dx, Matrix::new([[-0.125, 0.125], [0.375, -0.375], [0.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossEntropy<'a, T, const K: usize> {
    /// How much each class counts; without weights, all count alike.
    pub class_weights: Option<&'a Vector<T, K>>,
    /// The part of each sample that is shared by all classes alike, from 0 to 1.
    pub label_smoothing: T,
    /// Samples with this label do not count.
    pub ignore_index: Option<usize>,
    /// Mean or sum.
    pub reduction: Reduction,
}

impl<'a, T: Real, const K: usize> CrossEntropy<'a, T, K> {
    /// The mean over all samples, without weights and smoothing.
    ///
    /// ```
    /// use constconv::loss::CrossEntropy;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// let loss = CrossEntropy::new().loss(&Matrix::new([[0.0_f64, 0.0], [3.0, 3.0]]), &[0, 1], &mut dx);
    /// assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { class_weights: None, label_smoothing: T::ZERO, ignore_index: None, reduction: Reduction::Mean }
    }

    /// With a weight for each class.
    ///
    /// ```
    /// use constconv::loss::CrossEntropy;
    /// use constconv::prelude::*;
    /// let weights = Vector::new([1.0_f64, 3.0]);
    /// let mut dx = Matrix::zeros();
    /// CrossEntropy::new().class_weights(&weights).loss(&Matrix::zeros(), &[0, 1], &mut dx);
    /// assert_eq!(dx, Matrix::new([[-0.125, 0.125], [0.375, -0.375]])); // ±½ · weight/4
    /// ```
    ///
    /// # Panics
    /// If a weight is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub const fn class_weights(self, weights: &'a Vector<T, K>) -> Self
    where
        T: Hyperparameter,
    {
        Self { class_weights: Some(checked(weights)), ..self }
    }

    /// With a part of each sample that is shared by all classes alike.
    ///
    /// ```
    /// use constconv::loss::CrossEntropy;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// CrossEntropy::new().label_smoothing(0.5_f64).loss(&Matrix::zeros(), &[0], &mut dx);
    /// assert_eq!(dx, Matrix::new([[-0.25, 0.25]])); // (½, ½) − (¾, ¼)
    /// ```
    ///
    /// A wrong value in a `const` is a compile error:
    ///
    /// ```compile_fail
    /// use constconv::loss::CrossEntropy;
    /// // label smoothing must be from 0 to 1
    /// const LOSS: CrossEntropy<f32, 10> = CrossEntropy::new().label_smoothing(1.5);
    /// ```
    ///
    /// # Panics
    /// If it is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub const fn label_smoothing(self, label_smoothing: T) -> Self
    where
        T: Hyperparameter,
    {
        let value = to_f64(label_smoothing);
        assert!(value >= 0.0 && value <= 1.0, "label smoothing must be from 0 to 1");
        Self { label_smoothing, ..self }
    }

    /// With a label whose samples do not count; it need not be a class.
    ///
    /// ```
    /// use constconv::loss::CrossEntropy;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// CrossEntropy::new().ignore_index(9).loss(&Matrix::<f64, 2, 2>::zeros(), &[0, 9], &mut dx);
    /// assert_eq!(dx, Matrix::new([[-0.5, 0.5], [0.0, 0.0]]));
    /// ```
    #[must_use]
    pub const fn ignore_index(self, label: usize) -> Self {
        Self { ignore_index: Some(label), ..self }
    }

    /// With the mean or the sum.
    ///
    /// ```
    /// use constconv::loss::CrossEntropy;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// let sum = CrossEntropy::new().reduction(Reduction::Sum);
    /// assert!((sum.loss(&Matrix::<f64, 3, 2>::zeros(), &[0, 1, 1], &mut dx) - 3.0 * 2.0_f64.ln()).abs() < 1e-15);
    /// ```
    #[must_use]
    pub const fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }

    /// The loss; overwrites `dx`.
    ///
    /// ```
    /// use constconv::loss::CrossEntropy;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// let loss = CrossEntropy::new().loss(&Matrix::new([[0.0_f64, 1000.0]]), &[0], &mut dx);
    /// assert_eq!((loss, dx), (1000.0, Matrix::new([[-1.0, 1.0]])));
    /// ```
    ///
    /// # Panics
    /// If a label is neither less than K nor the ignored one.
    pub fn loss<const N: usize>(&self, x: &Matrix<T, N, K>, labels: &[usize; N], dx: &mut Matrix<T, N, K>) -> T {
        let Self { class_weights, ignore_index, reduction, .. } = *self;
        let samples = Samples { class_weights, ignore_index, reduction };
        samples.loss(x, labels, dx, |x, label, scale, dx| self.sample(samples, x, label, scale, dx))
    }

    /// The loss of one sample, not scaled; overwrites its row of `dx`, scaled.
    fn sample(&self, samples: Samples<T, K>, x: &[T], label: usize, scale: T, dx: &mut [T]) -> T {
        let largest = x.iter().fold(T::neg_infinity(), |a, &b| if b > a { b } else { a });
        for (dx, &x) in dx.iter_mut().zip(x) {
            *dx = exp(x - largest);
        }
        let total = sum(dx.iter().copied());
        let logarithm = ln(total);

        // What goes to the label alone, and what goes to each class.
        let (own, each) =
            (samples.weight(label) * (T::ONE - self.label_smoothing), self.label_smoothing / number(K as f64));
        let all = own + each * sum((0..K).map(|k| samples.weight(k)));
        dx.iter_mut().for_each(|dx| *dx *= scale * all / total);
        dx[label] -= scale * own;
        let loss = own * (logarithm - (x[label] - largest));
        if each == T::ZERO {
            return loss;
        }
        let classes = dx.iter_mut().zip(x).enumerate();
        loss + sum(classes.map(|(k, (dx, &x))| {
            let share = each * samples.weight(k);
            *dx -= scale * share;
            share * (logarithm - (x - largest))
        }))
    }
}

impl<T: Real, const K: usize> Default for CrossEntropy<'_, T, K> {
    fn default() -> Self {
        Self::new()
    }
}

/// Negative log-likelihood of log-probabilities, such as those of [`LogSoftmax`](crate::layer::LogSoftmax). PyTorch:
/// `functional.nll_loss`.
///
/// loss = −scale · Σₙ x\[n, label\[n\]\], dx = −scale · onehot(label), scale = 1/N for the mean and 1 for the sum
///
/// Overwrites `dx`, which is the gradient of the log-probabilities. [`Nll`] has class weights and an ignored label.
///
/// ```
/// use constconv::loss::{Reduction, nll};
/// use constconv::prelude::*;
///
/// let mut dx = Matrix::zeros();
/// let loss = nll(&Matrix::new([[-0.5, -1.0], [-3.0, -0.25]]), &[0, 0], Reduction::Mean, &mut dx);
/// assert_eq!(loss, 1.75);
/// assert_eq!(dx, Matrix::new([[-0.5, 0.0], [-0.5, 0.0]]));
/// ```
///
/// # Panics
/// If a label is not less than K.
pub fn nll<T: Real, const N: usize, const K: usize>(
    x: &Matrix<T, N, K>,
    labels: &[usize; N],
    reduction: Reduction,
    dx: &mut Matrix<T, N, K>,
) -> T {
    Nll::new().reduction(reduction).loss(x, labels, dx)
}

/// [`nll()`] with options. PyTorch: `nn.NLLLoss`.
///
/// ```text
/// loss    = −scale · Σₙ weight[label[n]] · x[n, label[n]]
/// dx[n,k] = −scale · weight[k] where k is label[n], else 0
/// scale   = 1 / Σₙ weight[label[n]] for the mean and 1 for the sum
/// ```
///
/// Samples are ignored as in [`CrossEntropy`], which without label smoothing is this loss after a
/// [`LogSoftmax`](crate::layer::LogSoftmax).
///
/// ```
/// use constconv::loss::Nll;
/// use constconv::prelude::*;
///
/// let weights = Vector::new([1.0_f64, 3.0]);
/// let loss = Nll::new().class_weights(&weights).ignore_index(9);
/// let mut dx = Matrix::zeros();
/// let value = loss.loss(&Matrix::new([[-0.5, -1.0], [-3.0, -0.25], [-1.0, -1.0]]), &[0, 1, 9], &mut dx);
/// assert_eq!(value, 0.3125);
/// assert_eq!(dx, Matrix::new([[-0.25, 0.0], [0.0, -0.75], [0.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nll<'a, T, const K: usize> {
    /// How much each class counts; without weights, all count alike.
    pub class_weights: Option<&'a Vector<T, K>>,
    /// Samples with this label do not count.
    pub ignore_index: Option<usize>,
    /// Mean or sum.
    pub reduction: Reduction,
}

impl<'a, T: Real, const K: usize> Nll<'a, T, K> {
    /// The mean over all samples, without weights.
    ///
    /// ```
    /// use constconv::loss::Nll;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// assert_eq!(Nll::new().loss(&Matrix::new([[-0.5, -1.0], [-3.0, -0.25]]), &[0, 0], &mut dx), 1.75);
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { class_weights: None, ignore_index: None, reduction: Reduction::Mean }
    }

    /// With a weight for each class.
    ///
    /// ```
    /// use constconv::loss::Nll;
    /// use constconv::prelude::*;
    /// let weights = Vector::new([1.0, 3.0]);
    /// let mut dx = Matrix::zeros();
    /// let x = Matrix::new([[-2.0, -9.0], [-9.0, -4.0]]);
    /// let loss = Nll::new().class_weights(&weights).loss(&x, &[0, 1], &mut dx);
    /// assert_eq!(loss, 3.5); // (1 · 2 + 3 · 4)/4
    /// ```
    ///
    /// # Panics
    /// If a weight is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub const fn class_weights(self, weights: &'a Vector<T, K>) -> Self
    where
        T: Hyperparameter,
    {
        Self { class_weights: Some(checked(weights)), ..self }
    }

    /// With a label whose samples do not count; it need not be a class.
    ///
    /// ```
    /// use constconv::loss::Nll;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// let loss = Nll::new().ignore_index(9).loss(&Matrix::new([[-2.0, -4.0], [-7.0, -7.0]]), &[1, 9], &mut dx);
    /// assert_eq!((loss, dx), (4.0, Matrix::new([[0.0, -1.0], [0.0, 0.0]])));
    /// ```
    #[must_use]
    pub const fn ignore_index(self, label: usize) -> Self {
        Self { ignore_index: Some(label), ..self }
    }

    /// With the mean or the sum.
    ///
    /// ```
    /// use constconv::loss::Nll;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// let sum = Nll::new().reduction(Reduction::Sum);
    /// assert_eq!(sum.loss(&Matrix::new([[-0.5, -1.0], [-3.0, -0.25]]), &[0, 0], &mut dx), 3.5);
    /// ```
    #[must_use]
    pub const fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }

    /// The loss; overwrites `dx`.
    ///
    /// ```
    /// use constconv::loss::Nll;
    /// use constconv::prelude::*;
    /// let mut dx = Matrix::zeros();
    /// let loss = Nll::new().loss(&Matrix::new([[-2.0, -4.0]]), &[1], &mut dx);
    /// assert_eq!((loss, dx), (4.0, Matrix::new([[0.0, -1.0]])));
    /// ```
    ///
    /// # Panics
    /// If a label is neither less than K nor the ignored one.
    pub fn loss<const N: usize>(&self, x: &Matrix<T, N, K>, labels: &[usize; N], dx: &mut Matrix<T, N, K>) -> T {
        let Self { class_weights, ignore_index, reduction } = *self;
        let samples = Samples { class_weights, ignore_index, reduction };
        samples.loss(x, labels, dx, |x, label, scale, dx| {
            dx.fill(T::ZERO);
            dx[label] = -(scale * samples.weight(label));
            -(samples.weight(label) * x[label])
        })
    }
}

impl<T: Real, const K: usize> Default for Nll<'_, T, K> {
    fn default() -> Self {
        Self::new()
    }
}

/// Class weights that are weights.
#[track_caller]
const fn checked<T: Hyperparameter, const K: usize>(weights: &Vector<T, K>) -> &Vector<T, K> {
    let (weights_of, mut k) = (weights.as_slice(), 0);
    while k < K {
        assert!(is_finite_and_not_negative(to_f64(weights_of[k])), "class weights must be finite and at least 0");
        k += 1;
    }
    weights
}

/// Which samples count and how much: what both losses share.
#[derive(Clone, Copy)]
struct Samples<'a, T, const K: usize> {
    class_weights: Option<&'a Vector<T, K>>,
    ignore_index: Option<usize>,
    reduction: Reduction,
}

impl<T: Real, const K: usize> Samples<'_, T, K> {
    /// The loss of all samples; `sample` takes a row of x, its label, the scale and its row of `dx`, returns the loss
    /// of the sample, not scaled, and overwrites the row of `dx`, scaled.
    fn loss<const N: usize>(
        &self,
        x: &Matrix<T, N, K>,
        labels: &[usize; N],
        dx: &mut Matrix<T, N, K>,
        mut sample: impl FnMut(&[T], usize, T, &mut [T]) -> T,
    ) -> T {
        let scale = self.scale(labels);
        let rows = x.as_slice().chunks_exact(K).zip(dx.as_mut_slice().chunks_exact_mut(K));
        let loss = sum(rows.zip(labels).map(|((x, dx), &label)| {
            if self.ignore_index == Some(label) {
                dx.fill(T::ZERO);
                return T::ZERO;
            }
            assert!(label < K, "label {label} is not one of {K} classes");
            sample(x, label, scale, dx)
        }));
        loss * scale
    }

    fn weight(&self, class: usize) -> T {
        self.class_weights.map_or(T::ONE, |weights| weights[[class]])
    }

    /// By what the sum over the samples is multiplied.
    fn scale(&self, labels: &[usize]) -> T {
        let counted = labels.iter().filter(|&&label| self.ignore_index != Some(label) && label < K);
        match self.reduction {
            Reduction::Mean => T::ONE / sum(counted.map(|&label| self.weight(label))),
            Reduction::Sum => T::ONE,
        }
    }
}
