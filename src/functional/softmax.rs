//! Softmax over the classes of each sample, and its logarithm.

use crate::kernel;
use crate::tensor::{Matrix, Real};

/// The four functions of a map of rows, whose derivative is taken from y: the layer, the names, and the numbers of the
/// examples.
macro_rules! row_wise {
    (
        $layer:ident: $f:ident, $f_into:ident, $backward:ident, $backward_into:ident;
        $x:literal gives $y:literal, and $dy:literal after $at:literal gives $dx:literal
    ) => {
        #[doc = concat!("[`", stringify!($layer), "`](crate::layer::", stringify!($layer), ") as a function, by value.")]
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

row_wise! {
    Softmax: softmax, softmax_into, softmax_backward, softmax_backward_into;
    "0.0, 1000.0" gives "0.0, 1.0", and "8.0, 0.0" after "0.5, 0.5" gives "2.0, -2.0"
}

row_wise! {
    LogSoftmax: log_softmax, log_softmax_into, log_softmax_backward, log_softmax_backward_into;
    "0.0, 1000.0" gives "-1000.0, 0.0", and "1.0, 3.0" after "-1000.0, 0.0" gives "1.0, -1.0"
}
