//! Softmax over the classes of each sample, and its logarithm.

use super::{Backward, Layer, without_parameters};
use crate::Real;
use crate::kernel;
use crate::tensor::Matrix;

/// [`Layer`] and [`Backward`] of a function of the rows, and the same as free functions. The derivative is taken from
/// y.
macro_rules! row_wise {
    (
        $name:ident: $f:ident, $f_into:ident, $backward:ident, $backward_into:ident;
        $x:literal gives $y:literal, and $dy:literal behind $at:literal gives $dx:literal
    ) => {
        without_parameters! { $name = Self }

        impl<T: Real, const N: usize, const K: usize> Layer<Matrix<T, N, K>> for $name {
            type Output = Matrix<T, N, K>;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = 0;

            fn apply(&self, x: &Matrix<T, N, K>, y: &mut Matrix<T, N, K>, (): &mut ()) {
                $f_into(x, y);
            }
        }

        impl<T: Real, const N: usize, const K: usize> Backward<Matrix<T, N, K>> for $name {
            type Tape = ();

            fn record(&self, x: &Matrix<T, N, K>, y: &mut Matrix<T, N, K>, (): &mut ()) {
                $f_into(x, y);
            }

            fn propagate(
                &self,
                _x: &Matrix<T, N, K>,
                y: &Matrix<T, N, K>,
                dy: &Matrix<T, N, K>,
                (): &mut (),
                dx: Option<&mut Matrix<T, N, K>>,
                _: &mut Self,
            ) {
                if let Some(dx) = dx {
                    $backward_into(y, dy, dx);
                }
            }
        }

        #[doc = concat!("[`", stringify!($name), "`] as a function, by value.")]
        #[doc = concat!("PyTorch: `functional.", stringify!($f), "` with `dim=1`.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($f), ";")]
        /// use constconv::prelude::*;
        #[doc = concat!("let y = ", stringify!($f), "(&Matrix::new([[", $x, "]]));")]
        #[doc = concat!("assert_eq!(y, Matrix::new([[", $y, "]]));")]
        /// ```
        #[must_use]
        pub fn $f<T: Real, const N: usize, const K: usize>(x: &Matrix<T, N, K>) -> Matrix<T, N, K> {
            let mut y = Matrix::zeros();
            $f_into(x, &mut y);
            y
        }

        #[doc = concat!("As [`", stringify!($f), "()`], overwriting `y`.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($f_into), ";")]
        /// use constconv::prelude::*;
        /// let mut y = Matrix::zeros();
        #[doc = concat!(stringify!($f_into), "(&Matrix::new([[", $x, "]]), &mut y);")]
        #[doc = concat!("assert_eq!(y, Matrix::new([[", $y, "]]));")]
        /// ```
        pub fn $f_into<T: Real, const N: usize, const K: usize>(x: &Matrix<T, N, K>, y: &mut Matrix<T, N, K>) {
            kernel::$f(K, x.as_slice(), y.as_mut_slice());
        }

        #[doc = concat!("dx of [`", stringify!($f), "()`] from its output y, by value.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($backward), ";")]
        /// use constconv::prelude::*;
        #[doc = concat!("let (y, dy) = (Matrix::new([[", $at, "]]), Matrix::new([[", $dy, "]]));")]
        #[doc = concat!("assert_eq!(", stringify!($backward), "(&y, &dy), Matrix::new([[", $dx, "]]));")]
        /// ```
        #[must_use]
        pub fn $backward<T: Real, const N: usize, const K: usize>(
            y: &Matrix<T, N, K>,
            dy: &Matrix<T, N, K>,
        ) -> Matrix<T, N, K> {
            let mut dx = Matrix::zeros();
            $backward_into(y, dy, &mut dx);
            dx
        }

        #[doc = concat!("As [`", stringify!($backward), "`], overwriting `dx`.")]
        ///
        /// ```
        #[doc = concat!("use constconv::functional::", stringify!($backward_into), ";")]
        /// use constconv::prelude::*;
        #[doc = concat!("let (y, dy) = (Matrix::new([[", $at, "]]), Matrix::new([[", $dy, "]]));")]
        /// let mut dx = Matrix::zeros();
        #[doc = concat!(stringify!($backward_into), "(&y, &dy, &mut dx);")]
        #[doc = concat!("assert_eq!(dx, Matrix::new([[", $dx, "]]));")]
        /// ```
        pub fn $backward_into<T: Real, const N: usize, const K: usize>(
            y: &Matrix<T, N, K>,
            dy: &Matrix<T, N, K>,
            dx: &mut Matrix<T, N, K>,
        ) {
            kernel::$backward(K, y.as_slice(), dy.as_slice(), dx.as_mut_slice());
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
/// not overflow; the error is below (3 + K/2) ε of y where the numbers of a row differ by less than 1, and grows by
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

row_wise! {
    Softmax: softmax, softmax_into, softmax_backward, softmax_backward_into;
    "0.0, 1000.0" gives "0.0, 1.0", and "8.0, 0.0" behind "0.5, 0.5" gives "2.0, -2.0"
}

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

row_wise! {
    LogSoftmax: log_softmax, log_softmax_into, log_softmax_backward, log_softmax_backward_into;
    "0.0, 1000.0" gives "-1000.0, 0.0", and "1.0, 3.0" behind "-1000.0, 0.0" gives "1.0, -1.0"
}
