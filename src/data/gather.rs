//! Samples of a data set as a batch.

use crate::tensor::{Array, Batch, Scalar};

/// Copies the samples with these indices into a batch; `map` makes its elements, of any type, from those of the data.
/// PyTorch: `data[samples]`.
///
/// ```
/// use constconv::data::gather;
/// use constconv::prelude::*;
/// static DATA: Matrix<u8, 3, 2> = Matrix::new([[0, 1], [2, 3], [4, 5]]);
/// let mut x = Matrix::<f32, 2, 2>::zeros();
/// gather(&DATA, &[2, 0], &mut x, |byte| f32::from(byte) / 2.0);
/// assert_eq!(x, Matrix::new([[2.0, 2.5], [0.0, 0.5]]));
/// ```
///
/// A batch of another size or shape does not compile:
///
/// ```compile_fail
/// # use constconv::data::gather;
/// # use constconv::prelude::*;
/// gather(&Matrix::new([[0, 1], [2, 3]]), &[1, 0], &mut Matrix::<f32, 3, 2>::zeros(), |a: i32| a as f32);
/// ```
///
/// # Panics
/// If an index is not one of a sample.
pub fn gather<B: Batch, U: Scalar, const K: usize>(
    data: &B,
    samples: &[usize; K],
    batch: &mut B::With<U, K>,
    mut map: impl FnMut(B::Scalar) -> U,
) {
    let data = data.parts::<1>().0;
    let places = batch.parts_mut::<1>().0;
    for (to, &sample) in places.iter_mut().zip(samples) {
        for (to, &from) in to.as_mut_slice().iter_mut().zip(data[sample].as_slice()) {
            *to = map(from);
        }
    }
}
