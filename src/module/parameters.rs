//! Walks over what is trained: parameters, gradients and optimizer state, which all have the same shape.

use super::Module;
use crate::tensor::Real;

/// Reads tensor after tensor.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::module::Visitor;
/// /// Counts the elements.
/// struct Count(usize);
/// impl Visitor for Count {
///     fn tensor<T: Real>(&mut self, elements: &[T]) {
///         self.0 += elements.len();
///     }
/// }
/// let mut count = Count(0);
/// Conv2d::<f32, 3, 8, Kernel<3>>::ZERO.visit(&mut count);
/// assert_eq!(count.0, 8 * 3 * 3 * 3 + 8);
/// ```
pub trait Visitor {
    /// One weight or bias, row-major.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Visitor;
    /// struct Lengths(Vec<usize>);
    /// impl Visitor for Lengths {
    ///     fn tensor<T: Real>(&mut self, elements: &[T]) {
    ///         self.0.push(elements.len());
    ///     }
    /// }
    /// let mut lengths = Lengths(Vec::new());
    /// Linear::<f32, 4, 3>::ZERO.visit(&mut lengths);
    /// assert_eq!(lengths.0, [12, 3]); // weight, then bias
    /// ```
    fn tensor<T: Real>(&mut self, elements: &[T]);

    /// Elements that follow the data and are not trained, such as running means; they come after the weights and
    /// biases of their layer. By default they are skipped.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Visitor;
    /// struct Lengths(Vec<usize>);
    /// impl Visitor for Lengths {
    ///     fn tensor<T: Real>(&mut self, _: &[T]) {}
    ///     fn statistics<T: Real>(&mut self, elements: &[T]) {
    ///         self.0.push(elements.len());
    ///     }
    /// }
    /// let mut lengths = Lengths(Vec::new());
    /// BatchNorm2d::<f32, 8>::BLANK.visit(&mut lengths);
    /// assert_eq!(lengths.0, [8, 8]); // running mean and variance
    /// ```
    fn statistics<T: Real>(&mut self, elements: &[T]) {
        let _ = elements;
    }
}

/// Changes tensor after tensor.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::module::VisitorMut;
/// /// Sets what is smaller than a limit to zero.
/// struct Prune(f64);
/// impl VisitorMut for Prune {
///     fn tensor<T: Real>(&mut self, elements: &mut [T]) {
///         let limit = T::from_f64(self.0).unwrap();
///         elements.iter_mut().filter(|a| a.abs() < limit).for_each(|a| *a = T::ZERO);
///     }
/// }
/// let mut layer = Linear::<f32, 2, 1>::new(Matrix::new([[0.01, -3.0]]), Vector::new([0.5]));
/// layer.visit_mut(&mut Prune(0.1));
/// assert_eq!(layer, Linear::new(Matrix::new([[0.0, -3.0]]), Vector::new([0.5])));
/// ```
pub trait VisitorMut {
    /// One weight or bias, row-major.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::VisitorMut;
    /// struct Negate;
    /// impl VisitorMut for Negate {
    ///     fn tensor<T: Real>(&mut self, elements: &mut [T]) {
    ///         elements.iter_mut().for_each(|a| *a = -*a);
    ///     }
    /// }
    /// let mut layer = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, -2.0]]), Vector::new([3.0]));
    /// layer.visit_mut(&mut Negate);
    /// assert_eq!(layer, Linear::new(Matrix::new([[-1.0, 2.0]]), Vector::new([-3.0])));
    /// ```
    fn tensor<T: Real>(&mut self, elements: &mut [T]);

    /// As [`Visitor::statistics`].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::VisitorMut;
    /// /// Forgets what was seen of the data.
    /// struct Forget;
    /// impl VisitorMut for Forget {
    ///     fn tensor<T: Real>(&mut self, _: &mut [T]) {}
    ///     fn statistics<T: Real>(&mut self, elements: &mut [T]) {
    ///         elements.fill(T::ZERO);
    ///     }
    /// }
    /// let [w, b, mean, var] = [1.0, 2.0, 3.0, 4.0].map(Vector::<f32, 1>::full);
    /// let mut layer = BatchNorm2d::<f32, 1>::new(w, b, mean, var);
    /// layer.visit_mut(&mut Forget);
    /// assert_eq!((layer.weight[[0]], layer.running_mean[[0]]), (1.0, 0.0));
    /// ```
    fn statistics<T: Real>(&mut self, elements: &mut [T]) {
        let _ = elements;
    }
}

/// What an optimizer does with one tensor, its gradient and its `K` tensors of state.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::module::Rule;
/// /// Moves each element by 1 against the sign of its gradient.
/// struct Sign;
/// impl Rule<0> for Sign {
///     fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], []: [&mut [T]; 0]) {
///         w.iter_mut().zip(dw).for_each(|(w, dw)| *w -= dw.signum());
///     }
/// }
/// let mut layer = Linear::<f32, 2, 1>::ZERO;
/// layer.update(&Linear::new(Matrix::new([[0.1, -9.0]]), Vector::new([3.0])), [], &mut Sign);
/// assert_eq!(layer, Linear::new(Matrix::new([[-1.0, 1.0]]), Vector::new([-1.0])));
/// ```
pub trait Rule<const K: usize> {
    /// Changes `w` and `state`; all slices have the same length.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Rule;
    /// /// Keeps the sum of all gradients, and goes along it.
    /// struct Dual;
    /// impl Rule<1> for Dual {
    ///     fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], [sum]: [&mut [T]; 1]) {
    ///         for ((w, &dw), sum) in w.iter_mut().zip(dw).zip(sum) {
    ///             *sum += dw;
    ///             *w = -*sum;
    ///         }
    ///     }
    /// }
    /// let (mut layer, mut sum) = (Linear::<f32, 1, 1>::ZERO, Linear::ZERO);
    /// let gradient = Linear::new(Matrix::full(2.0), Vector::full(3.0));
    /// layer.update(&gradient, [&mut sum], &mut Dual);
    /// layer.update(&gradient, [&mut sum], &mut Dual);
    /// assert_eq!(layer, Linear::new(Matrix::full(-4.0), Vector::full(-6.0)));
    /// ```
    fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], state: [&mut [T]; K]);
}

/// A module whose parameters can be visited, in the order in which the fields are declared: weights before biases.
///
/// ```
/// use constconv::prelude::*;
///
/// let mut gradient = Gradient::<Linear<f32, 3, 2>>::ZERO;
/// gradient.weight.fill(2.0);
/// gradient.scale(0.5);
/// assert_eq!(gradient.squared_norm(), 6.0);
/// gradient.zero();
/// assert_eq!(gradient.squared_norm(), 0.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "expected a layer, a model or a gradient",
    note = "one in a `Box` is passed as `&*net` or `&mut *net`; a layer of your own has them from `module!`"
)]
pub trait Parameters: Module {
    /// Shows each tensor to `visitor`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Visitor;
    /// struct Largest(f64);
    /// impl Visitor for Largest {
    ///     fn tensor<T: Real>(&mut self, elements: &[T]) {
    ///         self.0 = elements.iter().map(|a| a.to_f64().unwrap().abs()).fold(self.0, f64::max);
    ///     }
    /// }
    /// let mut largest = Largest(0.0);
    /// Linear::<f32, 2, 1>::new(Matrix::new([[0.5, -3.0]]), Vector::new([2.0])).visit(&mut largest);
    /// assert_eq!(largest.0, 3.0);
    /// ```
    fn visit(&self, visitor: &mut impl Visitor);

    /// Gives each tensor to `visitor`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::VisitorMut;
    /// struct Fill(f64);
    /// impl VisitorMut for Fill {
    ///     fn tensor<T: Real>(&mut self, elements: &mut [T]) {
    ///         elements.fill(T::from_f64(self.0).unwrap());
    ///     }
    /// }
    /// let mut layer = Linear::<f32, 2, 1>::ZERO;
    /// layer.visit_mut(&mut Fill(0.25));
    /// assert_eq!(layer, Linear::new(Matrix::full(0.25), Vector::full(0.25)));
    /// ```
    fn visit_mut(&mut self, visitor: &mut impl VisitorMut);

    /// Applies `rule` to each tensor together with its gradient and state. Statistics do not obey the rule: they follow
    /// what the gradient has seen of the data.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Rule;
    /// /// w − dw/10.
    /// struct Step;
    /// impl Rule<0> for Step {
    ///     fn update<T: Real>(&mut self, w: &mut [T], dw: &[T], []: [&mut [T]; 0]) {
    ///         w.iter_mut().zip(dw).for_each(|(w, &dw)| *w -= dw / T::from_f64(10.0).unwrap());
    ///     }
    /// }
    /// let mut layer = Linear::<f32, 1, 1>::new(Matrix::full(5.0), Vector::full(0.0));
    /// layer.update(&Linear::new(Matrix::full(20.0), Vector::full(-10.0)), [], &mut Step);
    /// assert_eq!(layer, Linear::new(Matrix::full(3.0), Vector::full(1.0)));
    /// ```
    fn update<const K: usize>(
        &mut self,
        gradient: &Self::Gradient,
        state: [&mut Self::Gradient; K],
        rule: &mut impl Rule<K>,
    );

    /// Sets all elements to zero, statistics too. PyTorch: `zero_grad`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut gradient = Linear::<f32, 2, 1>::new(Matrix::full(3.0), Vector::full(4.0));
    /// gradient.zero();
    /// assert_eq!(gradient, Linear::ZERO);
    /// ```
    fn zero(&mut self) {
        struct Zero;
        impl VisitorMut for Zero {
            fn tensor<T: Real>(&mut self, elements: &mut [T]) {
                elements.fill(T::ZERO);
            }

            fn statistics<T: Real>(&mut self, elements: &mut [T]) {
                elements.fill(T::ZERO);
            }
        }
        self.visit_mut(&mut Zero);
    }

    /// Multiplies all elements except statistics by `factor`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// // The mean of 4 batches.
    /// let mut gradient = Linear::<f32, 2, 1>::new(Matrix::full(8.0), Vector::full(-4.0));
    /// gradient.scale(1.0 / 4.0);
    /// assert_eq!(gradient, Linear::new(Matrix::full(2.0), Vector::full(-1.0)));
    /// ```
    fn scale(&mut self, factor: impl Real) {
        struct Scale<S>(S);
        impl<S: Real> VisitorMut for Scale<S> {
            fn tensor<T: Real>(&mut self, elements: &mut [T]) {
                let factor = cast::<S, T>(self.0);
                elements.iter_mut().for_each(|a| *a *= factor);
            }
        }
        self.visit_mut(&mut Scale(factor));
    }

    /// The sum of all squares.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let gradient = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([-2.0]));
    /// assert_eq!(gradient.squared_norm(), 9.0); // 1 + 4 + 4
    /// ```
    fn squared_norm(&self) -> f64 {
        struct Squares(f64);
        impl Visitor for Squares {
            fn tensor<T: Real>(&mut self, elements: &[T]) {
                self.0 += elements.iter().map(|&a| cast::<T, f64>(a)).map(|a| a * a).sum::<f64>();
            }
        }
        let mut squares = Squares(0.0);
        self.visit(&mut squares);
        squares.0
    }
}

/// A module whose gradient has [`Parameters`]: a bound for generic code, where the compiler does not accept the longer
/// form.
///
/// ```
/// use constconv::module::GradientParameters;
/// use constconv::prelude::*;
/// fn norm<M: GradientParameters>(gradient: &M::Gradient) -> f64 {
///     gradient.squared_norm().sqrt()
/// }
/// type Layer = Linear<f32, 2, 1>;
/// assert_eq!(norm::<Layer>(&Linear::new(Matrix::new([[1.0, 2.0]]), Vector::new([2.0]))), 3.0);
/// ```
pub trait GradientParameters: Module<Gradient: Parameters> {}

impl<M: Module<Gradient: Parameters>> GradientParameters for M {}

/// Converts a real number to another type.
pub(crate) fn cast<S: Real, T: Real>(a: S) -> T {
    // `Real` is `f32` or `f64` (or a type that behaves like them), between which conversion cannot fail.
    T::from(a).unwrap_or_else(T::nan)
}

impl Parameters for () {
    fn visit(&self, _: &mut impl Visitor) {}

    fn visit_mut(&mut self, _: &mut impl VisitorMut) {}

    fn update<const K: usize>(&mut self, (): &(), _: [&mut (); K], _: &mut impl Rule<K>) {}
}
