//! Learning rates that change from step to step.
//!
//! A schedule is a formula: `rate(t)` is the learning rate that step t = 0, 1, 2, … uses, whatever a step is (a batch
//! or an epoch). The formula is computed in `f64` and rounded once. A schedule is checked when it is asked for a rate.

use super::Hyperparameter;
use super::hyperparameter::{self as check, is_finite_and_not_negative, to_f64};

/// A learning rate that is multiplied by gamma every few steps. PyTorch: `lr_scheduler.StepLR`.
///
/// rate(t) = learning_rate · gamma^⌊t / step_size⌋
///
/// ```
/// use constconv::optim::{Sgd, StepLr};
///
/// let schedule = StepLr { learning_rate: 0.5, step_size: 2, gamma: 0.5 };
/// let mut sgd = Sgd::new(schedule.rate(0));
/// for t in 0..4 {
///     sgd.learning_rate = schedule.rate(t);
///     // … a step
/// }
/// assert_eq!([0, 1, 2, 3, 4].map(|t| schedule.rate(t)), [0.5, 0.5, 0.25, 0.25, 0.125]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepLr<S = f32> {
    /// The rate of the first step.
    pub learning_rate: S,
    /// After how many steps the rate changes; not 0.
    pub step_size: usize,
    /// The factor by which it changes.
    pub gamma: S,
}

impl<S: Hyperparameter> StepLr<S> {
    /// The learning rate of step t.
    ///
    /// ```
    /// use constconv::optim::StepLr;
    /// let schedule = StepLr { learning_rate: 8.0, step_size: 10, gamma: 0.5 };
    /// assert_eq!([9, 10, 30].map(|t| schedule.rate(t)), [8.0, 4.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If `step_size` is 0, or the rate or gamma is negative, infinite or NaN.
    #[must_use]
    pub fn rate(&self, t: usize) -> S {
        assert!(self.step_size > 0, "the step size must be at least 1");
        assert!(is_finite_and_not_negative(to_f64(self.gamma)), "gamma must be finite and at least 0");
        let rate = to_f64(check::rate(self.learning_rate));
        check::from_f64(rate * num_traits::pow(to_f64(self.gamma), t / self.step_size))
    }
}

/// A learning rate that falls along half a cosine. PyTorch: `lr_scheduler.CosineAnnealingLR`.
///
/// rate(t) = minimum + (learning_rate − minimum) · (1 + cos(π · t / steps)) / 2
///
/// After `steps` (PyTorch: `T_max`) it rises again, as in PyTorch.
///
/// ```
/// use constconv::optim::CosineAnnealingLr;
///
/// let schedule = CosineAnnealingLr { learning_rate: 1.0_f64, minimum: 0.5, steps: 10 };
/// assert_eq!([0, 10, 20].map(|t| schedule.rate(t)), [1.0, 0.5, 1.0]);
/// assert!((schedule.rate(5) - 0.75).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineAnnealingLr<S = f32> {
    /// The rate of the first step.
    pub learning_rate: S,
    /// The rate of step `steps`. PyTorch: `eta_min`, 0 by default.
    pub minimum: S,
    /// The number of steps; not 0.
    pub steps: usize,
}

impl<S: Hyperparameter> CosineAnnealingLr<S> {
    /// The learning rate of step t.
    ///
    /// ```
    /// use constconv::optim::CosineAnnealingLr;
    /// let schedule = CosineAnnealingLr { learning_rate: 8.0, minimum: 2.0, steps: 100 };
    /// assert_eq!([0, 50, 100].map(|t| schedule.rate(t)), [8.0, 5.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// If `steps` is 0, or one of the two rates is negative, infinite or NaN.
    #[must_use]
    pub fn rate(&self, t: usize) -> S {
        assert!(self.steps > 0, "a schedule must have at least 1 step");
        let [start, end] = [self.learning_rate, self.minimum].map(|rate| to_f64(check::rate(rate)));
        // Down and up again: a whole number of times leaves the cosine as it is.
        let t = t % self.steps.saturating_mul(2);
        check::from_f64(Anneal::Cosine.between(start, end, t as f64 / self.steps as f64))
    }
}

/// A learning rate that rises to a peak and falls again. PyTorch: `lr_scheduler.OneCycleLR` (two phases).
///
/// ```text
/// peak      = rise · steps − 1
/// rate(t)   = from maximum / initial_divisor to maximum as t goes from 0 to peak,
///             then to maximum / initial_divisor / final_divisor as t goes on to steps − 1
/// ```
///
/// After the last step the rate stays. Only the learning rate is scheduled, not the momentum.
///
/// ```
/// use constconv::optim::OneCycleLr;
///
/// let schedule = OneCycleLr::new(1.0_f64, 10);
/// assert!((schedule.rate(0) - 1.0 / 25.0).abs() < 1e-15);
/// assert_eq!(schedule.rate(2), 1.0); // 30 % of 10 steps, counted from 0
/// assert!(schedule.rate(5) < 1.0);
/// assert!((schedule.rate(9) - 1.0 / 25.0 / 1e4).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycleLr<S = f32> {
    /// The rate at the peak. PyTorch: `max_lr`.
    pub maximum: S,
    /// The number of steps; not 0. PyTorch: `total_steps`.
    pub steps: usize,
    /// The part of the steps in which the rate rises, from 0 to 1. PyTorch: `pct_start`.
    pub rise: f64,
    /// The shape of both phases. PyTorch: `anneal_strategy`.
    pub anneal: Anneal,
    /// The peak is this multiple of the first rate; positive. PyTorch: `div_factor`.
    pub initial_divisor: S,
    /// The first rate is this multiple of the last one; positive. PyTorch: `final_div_factor`.
    pub final_divisor: S,
}

impl<S: Hyperparameter> OneCycleLr<S> {
    /// With PyTorch's defaults: 30 % of the steps rise, along a cosine; divisors 25 and 10 000.
    ///
    /// ```
    /// use constconv::optim::{Anneal, OneCycleLr};
    /// let schedule = OneCycleLr { anneal: Anneal::Linear, ..OneCycleLr::new(1.0, 100) };
    /// assert_eq!((schedule.rise, schedule.initial_divisor, schedule.final_divisor), (0.3, 25.0, 1e4));
    /// ```
    ///
    /// # Panics
    /// If the rate is negative, infinite or NaN, or there is no step.
    #[must_use]
    #[track_caller]
    pub const fn new(maximum: S, steps: usize) -> Self {
        assert!(steps > 0, "a schedule must have at least 1 step");
        Self {
            maximum: check::rate(maximum),
            steps,
            rise: 0.3,
            anneal: Anneal::Cosine,
            initial_divisor: check::from_f64(25.0),
            final_divisor: check::from_f64(1e4),
        }
    }

    /// The learning rate of step t.
    ///
    /// ```
    /// use constconv::optim::{Anneal, OneCycleLr};
    /// let defaults = OneCycleLr::new(8.0, 10);
    /// let schedule = OneCycleLr { rise: 0.5, anneal: Anneal::Linear, initial_divisor: 4.0, ..defaults };
    /// // The peak is step 10/2 − 1.
    /// assert_eq!([0, 2, 4].map(|t| schedule.rate(t)), [2.0, 5.0, 8.0]);
    /// ```
    ///
    /// # Panics
    /// If `steps` is 0, the rate is negative, infinite or NaN, `rise` is not between 0 and 1, or a divisor is not
    /// positive.
    #[must_use]
    pub fn rate(&self, t: usize) -> S {
        assert!(self.steps > 0, "a schedule must have at least 1 step");
        assert!((0.0..=1.0).contains(&self.rise), "the part of the steps that rises must be from 0 to 1");
        let divisors = [self.initial_divisor, self.final_divisor].map(to_f64);
        assert!(divisors.iter().all(|&divisor| divisor > 0.0), "the divisors of a schedule must be positive");
        let maximum = to_f64(check::rate(self.maximum));
        let (peak, last) = (self.rise * self.steps as f64 - 1.0, self.steps as f64 - 1.0);
        let (t, initial) = ((t as f64).min(last), maximum / divisors[0]);
        check::from_f64(if t <= peak && peak > 0.0 {
            self.anneal.between(initial, maximum, t / peak)
        } else {
            self.anneal.between(maximum, initial / divisors[1], (t - peak) / (last - peak))
        })
    }
}

/// The way from one learning rate to another.
///
/// ```
/// use constconv::optim::{Anneal, OneCycleLr};
/// let line = OneCycleLr { rise: 0.5, anneal: Anneal::Linear, initial_divisor: 4.0, ..OneCycleLr::new(8.0, 10) };
/// let cosine = OneCycleLr { anneal: Anneal::Cosine, ..line };
/// // A quarter of the way up: the cosine has not gone as far.
/// assert!(cosine.rate(1) < line.rate(1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anneal {
    /// Half a cosine: slow, fast, slow. The default.
    #[default]
    Cosine,
    /// A straight line.
    Linear,
}

impl Anneal {
    /// The rate when `part` of the way has passed: a mean of both ends, which is exact there, however far apart they
    /// are. (What is added to one of them as a difference loses the smaller one's digits.)
    fn between(self, start: f64, end: f64, part: f64) -> f64 {
        let (left, gone) = match self {
            Anneal::Cosine => {
                let cosine = num_traits::Float::cos(core::f64::consts::PI * part);
                ((1.0 + cosine) / 2.0, (1.0 - cosine) / 2.0)
            }
            Anneal::Linear => (1.0 - part, part),
        };
        start * left + end * gone
    }
}
