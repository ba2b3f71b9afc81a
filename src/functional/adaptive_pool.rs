//! Pooling to a given output size.

use num_traits::FromPrimitive;

use crate::kernel::{self, AdaptivePool2dGeometry};
use crate::shape::AdaptiveOutput;
use crate::tensor::{Array, Scalar, Tensor, Zeroed};

/// The sizes of an adaptive pooling, for the kernels.
const fn geometry<O: AdaptiveOutput>(planes: usize, input: [usize; 2]) -> AdaptivePool2dGeometry {
    AdaptivePool2dGeometry { planes, input, output: O::OUTPUT }
}

/// Declares functions that are generic over all sizes of an adaptive pooling.
macro_rules! adaptive_functions {
    ($(
        $(#[$doc:meta])*
        $visibility:vis fn $name:ident<T: $bound:ident>($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block
    )*) => { $(
        $(#[$doc])*
        $visibility fn $name<
            T: Scalar + $bound,
            O: AdaptiveOutput,
            const N: usize,
            const C: usize,
            const H: usize,
            const W: usize,
        >($($argument: $type),*) $(-> $result)? $body
    )* };
}

adaptive_functions! {
    /// [`adaptive_max_pool2d()`] for functions and layers; overwrites `y`.
    pub(crate) fn adaptive_max_pool<T: Scalar>(x: &Tensor<T, N, C, H, W>, y: &mut O::Output<T, N, C>) {
        let g = const { &geometry::<O>(N * C, [H, W]) };
        kernel::adaptive_max_pool2d(g, x.as_slice(), y.as_mut_slice());
    }

    /// dx of [`adaptive_max_pool2d()`] for functions and layers; overwrites `dx`.
    pub(crate) fn adaptive_max_pool_backward<T: Scalar>(x: &Tensor<T, N, C, H, W>, dy: &O::Output<T, N, C>, dx: &mut Tensor<T, N, C, H, W>) {
        let g = const { &geometry::<O>(N * C, [H, W]) };
        kernel::adaptive_max_pool2d_backward(g, x.as_slice(), dy.as_slice(), dx.as_mut_slice());
    }

    /// [`AdaptiveMaxPool2d`](crate::layer::AdaptiveMaxPool2d) as a function, by value. PyTorch: `functional.adaptive_max_pool2d`.
    ///
    /// ```
    /// use constconv::functional::adaptive_max_pool2d;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f32, 2, 3, 13, 28>::full(1.0);
    /// assert_eq!(adaptive_max_pool2d(&x, OutputSize::<6, 7>).shape(), [2, 3, 6, 7]);
    /// ```
    #[must_use]
    pub fn adaptive_max_pool2d<T: Scalar>(x: &Tensor<T, N, C, H, W>, output_size: O) -> O::Output<T, N, C> {
        let mut y: O::Output<T, N, C> = Zeroed::ZERO;
        adaptive_max_pool2d_into(x, output_size, &mut y);
        y
    }

    /// As [`adaptive_max_pool2d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::adaptive_max_pool2d_into;
    /// let mut y = Tensor::zeros();
    /// adaptive_max_pool2d_into(&Tensor::new([[[[1, 7, 4]]]]), OutputSize::<1, 2>, &mut y);
    /// assert_eq!(y, Tensor::new([[[[7, 7]]]])); // the middle cell lies in both bins
    /// ```
    pub fn adaptive_max_pool2d_into<T: Scalar>(x: &Tensor<T, N, C, H, W>, output_size: O, y: &mut O::Output<T, N, C>) {
        let _ = output_size;
        adaptive_max_pool::<T, O, N, C, H, W>(x, y);
    }

    /// dx of [`adaptive_max_pool2d()`], by value.
    ///
    /// ```
    /// use constconv::functional::adaptive_max_pool2d_backward;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<i32, 1, 1, 2, 2>::new([[[[1, 5], [2, 4]]]]);
    /// let dx = adaptive_max_pool2d_backward(&x, OutputSize::<2, 1>, &Tensor::full(7));
    /// assert_eq!(dx, Tensor::new([[[[0, 7], [0, 7]]]]));
    /// ```
    #[must_use]
    pub fn adaptive_max_pool2d_backward<T: Scalar>(x: &Tensor<T, N, C, H, W>, output_size: O, dy: &O::Output<T, N, C>) -> Tensor<T, N, C, H, W> {
        let mut dx = Tensor::zeros();
        adaptive_max_pool2d_backward_into(x, output_size, dy, &mut dx);
        dx
    }

    /// As [`adaptive_max_pool2d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::adaptive_max_pool2d_backward_into;
    /// let (x, dy) = (Tensor::new([[[[1, 7, 4]]]]), Tensor::new([[[[10, 100]]]]));
    /// let mut dx = Tensor::zeros();
    /// adaptive_max_pool2d_backward_into(&x, OutputSize::<1, 2>, &dy, &mut dx);
    /// assert_eq!(dx, Tensor::new([[[[0, 110, 0]]]]));
    /// ```
    pub fn adaptive_max_pool2d_backward_into<T: Scalar>(x: &Tensor<T, N, C, H, W>, output_size: O, dy: &O::Output<T, N, C>, dx: &mut Tensor<T, N, C, H, W>) {
        let _ = output_size;
        adaptive_max_pool_backward::<T, O, N, C, H, W>(x, dy, dx);
    }

    /// [`adaptive_avg_pool2d()`] for functions and layers; overwrites `y`.
    pub(crate) fn adaptive_avg_pool<T: FromPrimitive>(x: &Tensor<T, N, C, H, W>, y: &mut O::Output<T, N, C>) {
        let g = const { &geometry::<O>(N * C, [H, W]) };
        kernel::adaptive_avg_pool2d(g, x.as_slice(), y.as_mut_slice());
    }

    /// dx of [`adaptive_avg_pool2d()`] for functions and layers; overwrites `dx`.
    pub(crate) fn adaptive_avg_pool_backward<T: FromPrimitive>(dy: &O::Output<T, N, C>, dx: &mut Tensor<T, N, C, H, W>) {
        let g = const { &geometry::<O>(N * C, [H, W]) };
        kernel::adaptive_avg_pool2d_backward(g, dy.as_slice(), dx.as_mut_slice());
    }

    /// [`AdaptiveAvgPool2d`](crate::layer::AdaptiveAvgPool2d) as a function, by value. PyTorch: `functional.adaptive_avg_pool2d`.
    ///
    /// ```
    /// use constconv::functional::adaptive_avg_pool2d;
    /// use constconv::prelude::*;
    ///
    /// let x = Tensor::<f32, 1, 1, 2, 2>::new([[[[1.0, 5.0], [2.0, 4.0]]]]);
    /// assert_eq!(adaptive_avg_pool2d(&x, OutputSize::<2, 1>), Tensor::full(3.0));
    /// ```
    #[must_use]
    pub fn adaptive_avg_pool2d<T: FromPrimitive>(x: &Tensor<T, N, C, H, W>, output_size: O) -> O::Output<T, N, C> {
        let mut y: O::Output<T, N, C> = Zeroed::ZERO;
        adaptive_avg_pool2d_into(x, output_size, &mut y);
        y
    }

    /// As [`adaptive_avg_pool2d()`], overwriting `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::adaptive_avg_pool2d_into;
    /// let mut y = Tensor::zeros();
    /// adaptive_avg_pool2d_into(&Tensor::new([[[[1.0, 7.0, 4.0]]]]), OutputSize::<1, 2>, &mut y);
    /// assert_eq!(y, Tensor::new([[[[4.0, 5.5]]]]));
    /// ```
    pub fn adaptive_avg_pool2d_into<T: FromPrimitive>(x: &Tensor<T, N, C, H, W>, output_size: O, y: &mut O::Output<T, N, C>) {
        let _ = output_size;
        adaptive_avg_pool::<T, O, N, C, H, W>(x, y);
    }

    /// dx of [`adaptive_avg_pool2d()`], by value; the size of x is taken from the result.
    ///
    /// ```
    /// use constconv::functional::adaptive_avg_pool2d_backward;
    /// use constconv::prelude::*;
    ///
    /// let dy = Tensor::<f32, 1, 1, 1, 1>::full(8.0);
    /// let dx: Tensor<f32, 1, 1, 2, 2> = adaptive_avg_pool2d_backward(&dy, OutputSize::<1>);
    /// assert_eq!(dx, Tensor::full(2.0));
    /// ```
    #[must_use]
    pub fn adaptive_avg_pool2d_backward<T: FromPrimitive>(dy: &O::Output<T, N, C>, output_size: O) -> Tensor<T, N, C, H, W> {
        let mut dx = Tensor::zeros();
        adaptive_avg_pool2d_backward_into(dy, output_size, &mut dx);
        dx
    }

    /// As [`adaptive_avg_pool2d_backward`], overwriting `dx`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::functional::adaptive_avg_pool2d_backward_into;
    /// let mut dx = Tensor::zeros();
    /// adaptive_avg_pool2d_backward_into(&Tensor::new([[[[10.0, 100.0]]]]), OutputSize::<1, 2>, &mut dx);
    /// assert_eq!(dx, Tensor::new([[[[5.0, 55.0, 50.0]]]]));
    /// ```
    pub fn adaptive_avg_pool2d_backward_into<T: FromPrimitive>(dy: &O::Output<T, N, C>, output_size: O, dx: &mut Tensor<T, N, C, H, W>) {
        let _ = output_size;
        adaptive_avg_pool_backward::<T, O, N, C, H, W>(dy, dx);
    }
}
