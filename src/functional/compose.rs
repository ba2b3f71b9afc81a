//! Two filters as one.

use crate::kernel::{self, Conv2dGeometry};
use crate::shape::{Axis, Composed};
use crate::tensor::{Array, Scalar, Tensor, Zeroed};

/// The filters of one convolution that does what two do, by value.
///
/// Weff\[o, c\] = Σ_m F2\[o, m\] ∗ F1\[m, c\], where ∗ is the full convolution:
/// Weff\[o, c, p\] = Σ_m Σ_a F2\[o, m, a\] · F1\[m, c, p − a\]
///
/// | | shape |
/// |---|---|
/// | f1, applied first | (M, C1, K, K) |
/// | f2 | (C2, M, K, K) |
/// | Weff | (C2, C1, 2·K − 1, 2·K − 1) |
///
/// No filter is turned: a [`Conv2d`](crate::layer::Conv2d) with f1 and one with f2 after it, both of stride 1 and
/// without bias, are one with Weff. Its padding is that of the first; the second one has none, because a padding
/// between the two cuts off what the first one would see at the edges.
///
/// It does not compile for a kernel of 0, or where the channels between f1 and f2 differ.
///
/// ```
/// use constconv::functional::conv2d;
/// use constconv::functional::compose;
/// use constconv::prelude::*;
///
/// let f1 = Tensor::<i32, 4, 2, 3, 3>::from_fn(|[m, c, i, j]| (m + 2 * c + i) as i32 - j as i32);
/// let f2 = Tensor::<i32, 3, 4, 3, 3>::from_fn(|[o, m, i, j]| (o * m + j) as i32 - i as i32);
/// let both: Tensor<i32, 3, 2, 5, 5> = compose(&f1, &f2);
///
/// let x = Tensor::<i32, 1, 2, 9, 8>::from_fn(|[_, c, i, j]| (7 * i + 5 * j + c) as i32 % 11);
/// let between = conv2d(&x, &f1, &(), (Stride::<1>, Padding::<2>));
/// assert_eq!(conv2d(&between, &f2, &(), ()), conv2d(&x, &both, &(), (Stride::<1>, Padding::<2>)));
/// ```
#[must_use]
pub fn compose<T: Scalar, const C2: usize, const M: usize, const C1: usize, const K: usize>(
    f1: &Tensor<T, M, C1, K, K>,
    f2: &Tensor<T, C2, M, K, K>,
) -> <Axis<K> as Composed>::Filters<T, C2, C1>
where
    Axis<K>: Composed,
{
    let mut composed: <Axis<K> as Composed>::Filters<T, C2, C1> = Zeroed::ZERO;
    compose_into(f1, f2, &mut composed);
    composed
}

/// As [`compose()`], overwriting `composed`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::functional::compose_into;
/// // Kernels of 1 multiply.
/// let mut composed = Tensor::zeros();
/// compose_into(&Tensor::new([[[[3]]]]), &Tensor::new([[[[5]]]]), &mut composed);
/// assert_eq!(composed, Tensor::<i32, 1, 1, 1, 1>::full(15));
/// ```
pub fn compose_into<T: Scalar, const C2: usize, const M: usize, const C1: usize, const K: usize>(
    f1: &Tensor<T, M, C1, K, K>,
    f2: &Tensor<T, C2, M, K, K>,
    composed: &mut <Axis<K> as Composed>::Filters<T, C2, C1>,
) where
    Axis<K>: Composed,
{
    // A full convolution is the scatter of a backward pass: C2 images of f2 through the filters f1.
    let g = &const { geometry(C2, M, C1, K) };
    kernel::conv2d_backward_input(g, f1.as_slice(), f2.as_slice(), composed.as_mut_slice());
}

/// The sizes of the convolution whose dx is Weff.
const fn geometry(c2: usize, m: usize, c1: usize, k: usize) -> Conv2dGeometry {
    Conv2dGeometry {
        n: c2,
        c: c1,
        input: [2 * k - 1; 2],
        f: m,
        output: [k; 2],
        kernel: [k; 2],
        stride: [1; 2],
        padding: [0; 2],
        dilation: [1; 2],
        groups: 1,
    }
}
