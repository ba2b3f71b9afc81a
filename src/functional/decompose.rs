//! One filter as two.

use core::fmt;

use super::compose_into;
use crate::kernel::Solvable;
pub use crate::kernel::decompose::DecomposeError;
use crate::kernel::decompose::{DecomposeGeometry, System, squared_norm};
use crate::kernel::math::number;
use crate::shape::{Axis, Composed, Decomposed, Extent};
use crate::tensor::{Array, Real, Tensor, Zeroed};

/// Two filters that together do what one does, by value: the way back from [`compose`](super::compose()).
///
/// It makes ‖Weff − Wpad‖² + ridge · (‖F1‖² + ‖F2‖²) small by exact alternating least squares, where Weff is the
/// composition of f1 and f2, and Wpad is W with (K − 1)/2 zeros on each side. A sweep finds the best f2 for f1, then
/// the best f1 for f2. What is minimised never grows from one half of a sweep to the next.
///
/// | | shape |
/// |---|---|
/// | w | (C2, C1, K, K) |
/// | start, f1 | (M, C1, K, K) |
/// | f2 | (C2, M, K, K) |
///
/// The search begins at `start` and ends near a minimum that may be another one from another start. Random numbers as
/// of a new [`Conv2d`](crate::layer::Conv2d) will do, zeros lead nowhere. If all elements but those in the middle cells
/// are zero, the first half of a sweep finds what a 1×1 convolution and one of K×K can do, which is all where M ≥ C1.
///
/// In place of a convolution with padding P, use f1 with padding P + (K − 1)/2 and f2 without: an output then differs
/// by at most √residual times the norm of the inputs that it depends on.
///
/// A [`DecomposeWorkspace`] is on the stack; [`decompose_into`] takes it from the caller.
///
/// It does not compile for an even K, for M = 0, or where no axis has length M·K².
///
/// ```
/// use constconv::functional::{DecomposeOptions, compose, decompose};
/// use constconv::prelude::*;
/// use rand::SeedableRng;
/// use rand::rngs::SmallRng;
///
/// let w = Conv2d::<f64, 3, 8, Kernel<3>>::random(&mut SmallRng::seed_from_u64(1)).weight;
/// let start = Conv2d::<f64, 3, 4, Kernel<3>>::random(&mut SmallRng::seed_from_u64(2)).weight; // M = 4
/// let (f1, f2, fit) = decompose(&w, &start, &DecomposeOptions::new())?;
///
/// let (f1, f2): (Tensor<f64, 4, 3, 3, 3>, Tensor<f64, 8, 4, 3, 3>) = (f1, f2);
/// let together: Tensor<f64, 8, 3, 5, 5> = compose(&f1, &f2);
/// let padded = Tensor::from_fn(|[o, c, i, j]| match (i, j) {
///     (1..4, 1..4) => w[[o, c, i - 1, j - 1]],
///     _ => 0.0,
/// });
/// let residual: f64 = together.zip(&padded, |a, b| (a - b) * (a - b)).iter().sum();
/// assert!((residual - fit.residual).abs() < 1e-12);
/// # Ok::<(), constconv::functional::DecomposeError>(())
/// ```
///
/// ```compile_fail
/// use constconv::functional::{DecomposeOptions, decompose};
/// use constconv::prelude::*;
/// // "a kernel of 4 has no cell in the middle: it cannot lie centred in one of 2*4 - 1"
/// let (w, start) = (Tensor::<f32, 8, 3, 4, 4>::full(1.0), Tensor::<f32, 4, 3, 4, 4>::full(1.0));
/// let result = decompose(&w, &start, &DecomposeOptions::new());
/// ```
///
/// # Errors
/// If `w` or `start` hold NaN or elements so large that a square overflows, or if the ridge is so small that a system
/// has no unique solution.
#[allow(clippy::type_complexity)]
pub fn decompose<T: Solvable, const C2: usize, const M: usize, const C1: usize, const K: usize>(
    w: &Tensor<T, C2, C1, K, K>,
    start: &Tensor<T, M, C1, K, K>,
    options: &DecomposeOptions<T>,
) -> Result<(Tensor<T, M, C1, K, K>, Tensor<T, C2, M, K, K>, Fit<T>), DecomposeError>
where
    Axis<K>: Decomposed<M>,
{
    let (mut f1, mut f2, mut workspace) = (start.clone(), Tensor::zeros(), DecomposeWorkspace::ZERO);
    let fit = decompose_into(w, options, &mut f1, &mut f2, &mut workspace, |_| ())?;
    Ok((f1, f2, fit))
}

/// As [`decompose()`]: `f1` is the start and becomes the result, `f2` is overwritten. `observe` is shown each half of a
/// sweep.
///
/// After an error `f1` and `f2` hold what was found last, which may be NaN.
///
/// ```
/// use constconv::functional::{DecomposeOptions, DecomposeWorkspace, decompose_into};
/// use constconv::prelude::*;
/// use rand::SeedableRng;
/// use rand::rngs::SmallRng;
///
/// let mut conv1 = Conv2d::<f32, 3, 4, Kernel<3>>::random(&mut SmallRng::seed_from_u64(2));
/// let mut conv2 = Conv2d::<f32, 4, 8, Kernel<3>>::ZERO;
/// let w = Conv2d::<f32, 3, 8, Kernel<3>>::random(&mut SmallRng::seed_from_u64(1)).weight;
/// let mut workspace = DecomposeWorkspace::<f32, 8, 4, 3, 3>::ZERO; // or in a `static`
/// let options = DecomposeOptions::new().sweeps(5);
/// let mut sweeps = [0.0; 5];
/// let fit = decompose_into(&w, &options, &mut conv1.weight, &mut conv2.weight, &mut workspace, |fit| {
///     sweeps[fit.sweep - 1] = fit.residual;
/// })?;
/// assert_eq!(sweeps[4], fit.residual);
/// # Ok::<(), constconv::functional::DecomposeError>(())
/// ```
///
/// # Errors
/// As [`decompose()`].
pub fn decompose_into<T: Solvable, const C2: usize, const M: usize, const C1: usize, const K: usize>(
    w: &Tensor<T, C2, C1, K, K>,
    options: &DecomposeOptions<T>,
    f1: &mut Tensor<T, M, C1, K, K>,
    f2: &mut Tensor<T, C2, M, K, K>,
    workspace: &mut DecomposeWorkspace<T, C2, M, C1, K>,
    mut observe: impl FnMut(&Fit<T>),
) -> Result<Fit<T>, DecomposeError>
where
    Axis<K>: Decomposed<M>,
{
    let g = DecomposeGeometry { c2: C2, c1: C1, m: M, k: K };
    let ridge = options.ridge;
    let mut measure = |sweep: usize, f1: &_, f2: &_, composed: &mut _| {
        compose_into(f1, f2, composed);
        let residual = g.residual(composed.as_mut_slice(), w.as_slice());
        let objective = residual + ridge * (squared_norm(f1.as_slice()) + squared_norm(f2.as_slice()));
        let fit = Fit { sweep, residual, objective };
        if !objective.is_finite() {
            return Err(DecomposeError::NotFinite);
        }
        observe(&fit);
        Ok(fit)
    };
    let mut sweep = 1;
    loop {
        g.fit_second(w.as_slice(), f1.as_slice(), f2.as_mut_slice(), ridge, workspace.system())?;
        measure(sweep, f1, f2, &mut workspace.composed)?;
        g.fit_first(w.as_slice(), f1.as_mut_slice(), f2.as_slice(), ridge, workspace.system())?;
        let fit = measure(sweep, f1, f2, &mut workspace.composed)?;
        if sweep >= options.sweeps || fit.residual < options.tolerance {
            return Ok(fit);
        }
        sweep += 1;
    }
}

/// When [`decompose()`] ends, and how much it avoids large weights.
///
/// ```
/// use constconv::functional::DecomposeOptions;
/// let options = DecomposeOptions { sweeps: 50, ..DecomposeOptions::<f64>::new() };
/// assert_eq!((options.ridge, options.sweeps, options.tolerance), (1e-4, 50, 1e-7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecomposeOptions<T> {
    /// Weight λ of ‖F1‖² + ‖F2‖²; 1e-4 by default.
    pub ridge: T,
    /// At most so many sweeps, and at least one; 10 by default.
    pub sweeps: usize,
    /// The residual below which it is enough; 1e-7 by default.
    pub tolerance: T,
}

impl<T: Real> DecomposeOptions<T> {
    /// The defaults.
    ///
    /// ```
    /// use constconv::functional::DecomposeOptions;
    /// assert_eq!(DecomposeOptions::<f32>::new().sweeps, 10);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self { ridge: number(1e-4), sweeps: 10, tolerance: number(1e-7) }
    }

    /// With another ridge.
    ///
    /// ```
    /// use constconv::functional::DecomposeOptions;
    /// assert_eq!(DecomposeOptions::new().ridge(1e-6).ridge, 1e-6);
    /// ```
    #[must_use]
    pub fn ridge(self, ridge: T) -> Self {
        Self { ridge, ..self }
    }

    /// With another number of sweeps.
    ///
    /// ```
    /// use constconv::functional::DecomposeOptions;
    /// assert_eq!(DecomposeOptions::<f32>::new().sweeps(50).sweeps, 50);
    /// ```
    #[must_use]
    pub fn sweeps(self, sweeps: usize) -> Self {
        Self { sweeps, ..self }
    }

    /// With another tolerance.
    ///
    /// ```
    /// use constconv::functional::DecomposeOptions;
    /// assert_eq!(DecomposeOptions::new().tolerance(1e-3).tolerance, 1e-3);
    /// ```
    #[must_use]
    pub fn tolerance(self, tolerance: T) -> Self {
        Self { tolerance, ..self }
    }
}

impl<T: Real> Default for DecomposeOptions<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// How well two filters do what one does.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::{DecomposeOptions, decompose};
/// // Kernels of 1, and one number: F1 · F2 = 6 is found from F1 = 2.
/// let (w, start) = (Tensor::<f64, 1, 1, 1, 1>::full(6.0), Tensor::full(2.0));
/// let (f1, f2, fit) = decompose::<_, 1, 1, 1, 1>(&w, &start, &DecomposeOptions::new())?;
/// assert!((f1[[0; 4]] * f2[[0; 4]] - 6.0).abs() < 1e-3 && fit.residual < 1e-6);
/// assert!((fit.objective - fit.residual - 1e-4 * (f1[[0; 4]].powi(2) + f2[[0; 4]].powi(2))).abs() < 1e-12);
/// # Ok::<(), constconv::functional::DecomposeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit<T> {
    /// The sweep that led to them, from 1.
    pub sweep: usize,
    /// ‖Weff − Wpad‖².
    pub residual: T,
    /// ‖Weff − Wpad‖² + ridge · (‖F1‖² + ‖F2‖²).
    pub objective: T,
}

/// The working memory of [`decompose_into`]: (M·K²)·(M·K² + 1) + C2·C1·(2·K − 1)² elements. Can be a `static`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::DecomposeWorkspace;
/// // C2 8, M 4, C1 3, K 3: a system of 36 equations, and Weff.
/// static WORKSPACE: DecomposeWorkspace<f32, 8, 4, 3, 3> = Zeroed::ZERO;
/// assert_eq!(size_of_val(&WORKSPACE), (36 * 37 + 8 * 3 * 5 * 5) * 4);
/// ```
pub struct DecomposeWorkspace<T: Real, const C2: usize, const M: usize, const C1: usize, const K: usize>
where
    Axis<K>: Decomposed<M>,
{
    composed: Composition<T, C2, C1, K>,
    matrix: Square<T, M, K>,
    column: Column<T, M, K>,
}

impl<T: Real, const C2: usize, const M: usize, const C1: usize, const K: usize> fmt::Debug
    for DecomposeWorkspace<T, C2, M, C1, K>
where
    Axis<K>: Decomposed<M>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecomposeWorkspace").finish_non_exhaustive() // what is left of a search says nothing
    }
}

/// Weff, (C2, C1, 2·K − 1, 2·K − 1).
type Composition<T, const C2: usize, const C1: usize, const K: usize> = <Axis<K> as Composed>::Filters<T, C2, C1>;
/// (M·K², M·K²).
type Square<T, const M: usize, const K: usize> = <Unknowns<M, K> as Extent>::Tensor<T, 1, 1, Unknowns<M, K>>;
/// (1, M·K²).
type Column<T, const M: usize, const K: usize> = <Unknowns<M, K> as Extent>::Matrix<T, 1>;
/// The axis of M·K².
type Unknowns<const M: usize, const K: usize> = <Axis<K> as Decomposed<M>>::Unknowns;

impl<T: Real, const C2: usize, const M: usize, const C1: usize, const K: usize> Zeroed
    for DecomposeWorkspace<T, C2, M, C1, K>
where
    Axis<K>: Decomposed<M>,
{
    const ZERO: Self = Self { composed: Zeroed::ZERO, matrix: Zeroed::ZERO, column: Zeroed::ZERO };
}

impl<T: Real, const C2: usize, const M: usize, const C1: usize, const K: usize> DecomposeWorkspace<T, C2, M, C1, K>
where
    Axis<K>: Decomposed<M>,
{
    /// The part that a system of equations needs.
    fn system(&mut self) -> System<'_, T> {
        System { matrix: self.matrix.as_mut_slice(), column: self.column.as_mut_slice() }
    }
}
