//! Learning rates that change from step to step.
//!
//! A schedule is a formula: `rate(t)` is the learning rate that step t = 0, 1, 2, … uses, whatever a step is (a batch
//! or an epoch).

use crate::Real;
use crate::module::cast;

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
    /// By what it is multiplied.
    pub gamma: S,
}

impl<S: Real> StepLr<S> {
    /// The learning rate of step t.
    ///
    /// ```
    /// use constconv::optim::StepLr;
    /// let schedule = StepLr { learning_rate: 8.0, step_size: 10, gamma: 0.5 };
    /// assert_eq!([9, 10, 30].map(|t| schedule.rate(t)), [8.0, 4.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If `step_size` is 0.
    #[must_use]
    pub fn rate(&self, t: usize) -> S {
        self.learning_rate * num_traits::pow(self.gamma, t / self.step_size)
    }
}

/// A learning rate that falls along half a cosine. PyTorch: `lr_scheduler.CosineAnnealingLR`.
///
/// rate(t) = minimum + (learning_rate − minimum) · (1 + cos(π · t / steps)) / 2
///
/// Behind `steps` (PyTorch: `T_max`) it rises again, as in PyTorch.
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
    /// How long it takes.
    pub steps: usize,
}

impl<S: Real> CosineAnnealingLr<S> {
    /// The learning rate of step t.
    ///
    /// ```
    /// use constconv::optim::CosineAnnealingLr;
    /// let schedule = CosineAnnealingLr { learning_rate: 8.0, minimum: 2.0, steps: 100 };
    /// assert_eq!([0, 50, 100].map(|t| schedule.rate(t)), [8.0, 5.0, 2.0]);
    /// ```
    #[must_use]
    pub fn rate(&self, t: usize) -> S {
        Anneal::Cosine.between(self.learning_rate, self.minimum, t as f64 / self.steps as f64)
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
/// Behind the last step the rate stays. The learning rate alone is scheduled, not the momentum.
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
    /// How long it takes. PyTorch: `total_steps`.
    pub steps: usize,
    /// Which part of the steps goes up. PyTorch: `pct_start`.
    pub rise: f64,
    /// The shape of both phases. PyTorch: `anneal_strategy`.
    pub anneal: Anneal,
    /// The peak is this multiple of the first rate. PyTorch: `div_factor`.
    pub initial_divisor: S,
    /// The first rate is this multiple of the last one. PyTorch: `final_div_factor`.
    pub final_divisor: S,
}

impl<S: Real> OneCycleLr<S> {
    /// With PyTorch's defaults: 30 % of the steps rise, along a cosine; divisors 25 and 10 000.
    ///
    /// ```
    /// use constconv::optim::{Anneal, OneCycleLr};
    /// let schedule = OneCycleLr { anneal: Anneal::Linear, ..OneCycleLr::new(1.0, 100) };
    /// assert_eq!((schedule.rise, schedule.initial_divisor, schedule.final_divisor), (0.3, 25.0, 1e4));
    /// ```
    #[must_use]
    pub fn new(maximum: S, steps: usize) -> Self {
        let [initial_divisor, final_divisor] = [25.0, 1e4].map(cast);
        Self { maximum, steps, rise: 0.3, anneal: Anneal::Cosine, initial_divisor, final_divisor }
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
    #[must_use]
    pub fn rate(&self, t: usize) -> S {
        let (peak, last) = (self.rise * self.steps as f64 - 1.0, self.steps as f64 - 1.0);
        let (t, initial) = ((t as f64).min(last), self.maximum / self.initial_divisor);
        if t <= peak && peak > 0.0 {
            self.anneal.between(initial, self.maximum, t / peak)
        } else {
            self.anneal.between(self.maximum, initial / self.final_divisor, (t - peak) / (last - peak))
        }
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
    /// The rate when `part` of the way has passed.
    fn between<S: Real>(self, start: S, end: S, part: f64) -> S {
        match self {
            Anneal::Cosine => {
                let left = (1.0 + num_traits::Float::cos(core::f64::consts::PI * part)) / 2.0;
                end + (start - end) * cast(left)
            }
            Anneal::Linear => start + (end - start) * cast(part),
        }
    }
}
