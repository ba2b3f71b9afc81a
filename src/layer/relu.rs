//! Rectified linear unit.

use super::{Backward, Layer, without_parameters};
use crate::kernel;
use crate::tensor::Array;

/// y = max(x, 0) for each number. PyTorch: `nn.ReLU`; the derivative at 0 is 0, and NaN stays NaN.
///
/// Accepts every array; y has the shape of x.
///
/// ```
/// use constconv::prelude::*;
///
/// let x = Matrix::new([[-1.0, 0.0, 2.0]]);
/// assert_eq!(Relu.forward(&x), Matrix::new([[0.0, 0.0, 2.0]]));
/// let (dx, Relu) = Relu.backward(&x, &Matrix::full(1.0));
/// assert_eq!(dx, Matrix::new([[0.0, 0.0, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu;

without_parameters! { Relu = Self }

impl<X: Array> Layer<X> for Relu {
    type Output = X;
    type Workspace = ();

    const MULTIPLY_ADDS: usize = 0;

    fn apply(&self, x: &X, y: &mut X, (): &mut ()) {
        relu_into(x, y);
    }
}

impl<X: Array> Backward<X> for Relu {
    type Tape = ();

    fn record(&self, x: &X, y: &mut X, (): &mut ()) {
        relu_into(x, y);
    }

    fn propagate(&self, _x: &X, y: &X, dy: &X, (): &mut (), dx: Option<&mut X>, _: &mut Self) {
        if let Some(dx) = dx {
            relu_backward_into(y, dy, dx);
        }
    }
}

/// [`Relu`] as a function, by value. PyTorch: `functional.relu`.
///
/// ```
/// use constconv::functional::relu;
/// use constconv::prelude::*;
/// assert_eq!(relu(&Vector::new([-3, 4])), Vector::new([0, 4]));
/// ```
#[must_use]
pub fn relu<X: Array>(x: &X) -> X {
    let mut y = X::ZERO;
    relu_into(x, &mut y);
    y
}

/// As [`relu()`], overwriting `y`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::relu_into;
/// let mut y = Vector::zeros();
/// relu_into(&Vector::new([-3, 4]), &mut y);
/// assert_eq!(y, Vector::new([0, 4]));
/// ```
pub fn relu_into<X: Array>(x: &X, y: &mut X) {
    kernel::relu(x.as_slice(), y.as_mut_slice());
}

/// dx of [`relu()`] from its output y, by value.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::relu_backward;
/// assert_eq!(relu_backward(&Vector::new([0, 4]), &Vector::new([5, 6])), Vector::new([0, 6]));
/// ```
#[must_use]
pub fn relu_backward<X: Array>(y: &X, dy: &X) -> X {
    let mut dx = X::ZERO;
    relu_backward_into(y, dy, &mut dx);
    dx
}

/// As [`relu_backward`], overwriting `dx`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::relu_backward_into;
/// let mut dx = Vector::zeros();
/// relu_backward_into(&Vector::new([0, 4]), &Vector::new([5, 6]), &mut dx);
/// assert_eq!(dx, Vector::new([0, 6]));
/// ```
pub fn relu_backward_into<X: Array>(y: &X, dy: &X, dx: &mut X) {
    kernel::relu_backward(y.as_slice(), dy.as_slice(), dx.as_mut_slice());
}
