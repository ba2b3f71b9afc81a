//! Softmax over the classes of each sample, and its logarithm.

use crate::functional::{log_softmax_backward_into, log_softmax_into, softmax_backward_into, softmax_into};
use crate::module;
use crate::module::{Backward, Layer};
use crate::tensor::{Matrix, Real};

/// The two maps of a layer of rows; the derivative is taken from y.
macro_rules! row_wise {
    ($name:ident: $f_into:ident, $backward_into:ident) => {
        module! { [] $name {} }

        impl<T: Real, const N: usize, const K: usize> Layer<Matrix<T, N, K>> for $name {
            type Output = Matrix<T, N, K>;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = 0;

            fn forward_pass(&self, x: &Matrix<T, N, K>, y: &mut Matrix<T, N, K>, (): &mut ()) {
                $f_into(x, y);
            }
        }

        impl<T: Real, const N: usize, const K: usize> Backward<Matrix<T, N, K>> for $name {
            type Tape = ();

            const ONLY_DX: bool = true;

            fn forward_train_pass(&self, x: &Matrix<T, N, K>, y: &mut Matrix<T, N, K>, (): &mut ()) {
                $f_into(x, y);
            }

            fn backward_pass(
                &self,
                _x: &Matrix<T, N, K>,
                y: &Matrix<T, N, K>,
                dy: &Matrix<T, N, K>,
                (): &mut (),
                dx: Option<&mut Matrix<T, N, K>>,
                (): &mut (),
            ) {
                if let Some(dx) = dx {
                    $backward_into(y, dy, dx);
                }
            }
        }
    };
}

/// y\[n,k\] = exp x\[n,k\] / Σⱼ exp x\[n,j\]: probabilities of K classes. PyTorch: `nn.Softmax(dim=1)`.
///
/// | | shape |
/// |---|---|
/// | x, y | (N, K) |
///
/// dx = y · (dy − Σⱼ dy\[n,j\] · y\[n,j\]). The largest number of each row is subtracted first, so that large scores do
/// not overflow; the error is below (3 + K/2) ε of y where the elements of a row differ by less than 1, and grows by
/// half of each difference. A NaN or ∞, or nothing but −∞, makes the row NaN, as in PyTorch.
///
/// A network that is trained with [cross entropy](crate::loss::softmax_cross_entropy) ends before its softmax.
///
/// ```
/// use constconv::prelude::*;
///
/// let y = Softmax.forward(&Matrix::new([[1000.0_f64, 1000.0], [0.0, f64::NEG_INFINITY]]));
/// assert_eq!(y, Matrix::new([[0.5, 0.5], [1.0, 0.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softmax;

row_wise! { Softmax: softmax_into, softmax_backward_into }

/// y\[n,k\] = x\[n,k\] − ln Σⱼ exp x\[n,j\]: the logarithm of [`Softmax`]. PyTorch: `nn.LogSoftmax(dim=1)`.
///
/// | | shape |
/// |---|---|
/// | x, y | (N, K) |
///
/// dx = dy − exp y · Σⱼ dy\[n,j\]. The largest number of each row is subtracted first, so that large scores do not
/// overflow; the error is then below (3 + K/2) ε · max(1, |y|). A NaN or ∞, or nothing but −∞, makes the row NaN, as in
/// PyTorch. [`nll`](crate::loss::nll) is the loss for what comes out.
///
/// ```
/// use constconv::prelude::*;
///
/// let y = LogSoftmax.forward(&Matrix::new([[1000.0_f64, 1000.0], [0.0, f64::NEG_INFINITY]]));
/// assert_eq!(y, Matrix::new([[-2.0_f64.ln(), -2.0_f64.ln()], [0.0, f64::NEG_INFINITY]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSoftmax;

row_wise! { LogSoftmax: log_softmax_into, log_softmax_backward_into }
