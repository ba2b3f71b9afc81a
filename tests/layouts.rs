//! S1, S4 and S7 in their own layouts: data stored as they store it is brought into the order (N, C, H, W), goes
//! through the operations, and is brought back; compared with NumPy and PyTorch (`fixtures/layouts.py`).

mod support;

use constconv::functional::*;
use constconv::prelude::*;
use support::{Approximate, Number, assert_close, load};

/// The arrays of the fixture, one after the other.
struct Arrays<T>(std::vec::IntoIter<T>);

impl<T: Approximate> Arrays<T> {
    fn new() -> Self {
        Self(load::<T>("layout/systems", "all").into_iter())
    }

    fn next<A: Array<Scalar = T>>(&mut self) -> A {
        let mut array = A::ZERO;
        array.as_mut_slice().iter_mut().for_each(|a| *a = self.0.next().expect("another number"));
        array
    }
}

/// The inputs of the fixture.
struct Inputs<T> {
    /// S1: x (N, C, H, W), filters (C, F, KH, KW), b, dy (N, F, HO, WO).
    s1: (Tensor<T, 2, 3, 5, 6>, Tensor<T, 3, 4, 2, 2>, Vector<T, 4>, Tensor<T, 2, 4, 4, 4>),
    /// S4: x (H, W, C, N), w (KH, KW, C, F), b, dy (HO, WO, F, N).
    s4: (Tensor<T, 5, 7, 3, 2>, Tensor<T, 3, 3, 3, 4>, Vector<T, 4>, Tensor<T, 3, 4, 4, 2>),
    /// S4, depthwise: w (KH, KW, C, 1), dy (HO, WO, C, N).
    s4_depthwise: (Tensor<T, 3, 3, 3, 1>, Tensor<T, 3, 4, 3, 2>),
    /// S7: dy (HO, WO, C, N).
    s7: Tensor<T, 2, 3, 3, 2>,
}

fn inputs<T: Approximate>() -> (Inputs<T>, Arrays<T>) {
    let mut arrays = Arrays::new();
    let inputs = Inputs {
        s1: (arrays.next(), arrays.next(), arrays.next(), arrays.next()),
        s4: (arrays.next(), arrays.next(), arrays.next(), arrays.next()),
        s4_depthwise: (arrays.next(), arrays.next()),
        s7: arrays.next(),
    };
    (inputs, arrays)
}

/// S1 stores filters (C, F, KH, KW), appends zeros until the stride divides, and averages gradients over the batch.
fn s1<T: Approximate>(
    (x, k, b, dy): &(Tensor<T, 2, 3, 5, 6>, Tensor<T, 3, 4, 2, 2>, Vector<T, 4>, Tensor<T, 2, 4, 4, 4>),
    expected: &mut Arrays<T>,
) {
    let options = (Stride::<2>, Padding::<1>, Ceil);
    let y: Tensor<T, 2, 4, 4, 4> = conv2d(x, &swap_first_axes(k), b, options);
    assert_close("S1 y", &y, &expected.next(), 13);
    let (dx, dw, db) = conv2d_backward(x, &swap_first_axes(k), b, options, dy);
    assert_close("S1 dx", &dx, &expected.next(), 16);
    let half = support::real(0.5);
    let dk: Tensor<T, 3, 4, 2, 2> = swap_first_axes(&dw.map(|a| a * half));
    assert_close("S1 dk", &dk, &expected.next(), 32);
    assert_close("S1 db", &db.map(|a| a * half), &expected.next(), 32);

    // As S1 does it: zeros between the residuals, full padding, filters turned by 180°; they are stored (C, F, KH, KW),
    // so that their channels are swapped already. The row that was appended is cropped with the padding.
    let spread = zero_pad2d(&insert_zeros(dy, Stride::<2>), Padding::<1>);
    let dxpad: Tensor<T, 2, 3, 8, 8> = conv2d(&spread, &k.rotated_180(), &(), ());
    assert_close("S1 dx by inserting zeros", &crop2d(&dxpad, Sides::<1, 2, 1, 1>), &dx, 16);
}

/// (H, W, C, N) → (N, C, H, W), and (KH, KW, C, F) → (F, C, KH, KW).
const THERE: Axes<3, 2, 0, 1> = Axes;
/// And back.
const BACK: Axes<2, 3, 1, 0> = Axes;

/// S4's convolution, through columns, on its layouts.
fn s4<T: Approximate + Number>(
    (x, w, b, dy): &(Tensor<T, 5, 7, 3, 2>, Tensor<T, 3, 3, 3, 4>, Vector<T, 4>, Tensor<T, 3, 4, 4, 2>),
    expected: &mut Arrays<T>,
) {
    let options = (Stride::<2>, Padding::<1>);
    let columns = im2col(&permute(x, THERE), Kernel::<3>, options); // Matrix<T, 27, 24>
    let filters: Matrix<T, 4, 27> = reshape(&permute(w, THERE));
    // Rows of places: (F, N, HO, WO).
    let mut places: Tensor<T, 4, 2, 3, 4> = reshape(&matmul(&filters, &columns));
    for (places, &b) in places.as_mut_slice().chunks_mut(24).zip(b) {
        places.iter_mut().for_each(|y| *y += b);
    }
    let y: Tensor<T, 3, 4, 4, 2> = permute(&places, Axes::<2, 3, 0, 1>);
    assert_close("S4 y", &y, &expected.next(), 28);

    let residuals: Matrix<T, 4, 24> = reshape(&permute(dy, Axes::<2, 3, 0, 1>));
    let dx: Tensor<T, 2, 3, 5, 7> = col2im(&matmul(&transpose(&filters), &residuals), Kernel::<3>, options);
    let dx: Tensor<T, 5, 7, 3, 2> = permute(&dx, BACK);
    assert_close("S4 dx", &dx, &expected.next(), 36);
    let dw: Tensor<T, 4, 3, 3, 3> = reshape(&matmul(&residuals, &transpose(&columns)));
    let dw: Tensor<T, 3, 3, 3, 4> = permute(&dw, BACK);
    assert_close("S4 dw", &dw, &expected.next(), 24);
    let db: Vector<T, 4> = reshape(&matmul(&residuals, &Matrix::<T, 24, 1>::full(T::ONE)));
    assert_close("S4 db", &db, &expected.next(), 24);

    // The same from the kernels, without columns.
    let (x, w, dy) = (permute(x, THERE), permute(w, THERE), permute(dy, THERE));
    assert_close("S4 y, directly", &permute(&conv2d(&x, &w, b, options), BACK), &y, 28);
    let (direct_dx, direct_dw, direct_db) = conv2d_backward(&x, &w, b, options, &dy);
    assert_close("S4 dx, directly", &permute(&direct_dx, BACK), &dx, 36);
    assert_close("S4 dw, directly", &permute(&direct_dw, BACK), &dw, 24);
    assert_close("S4 db, directly", &direct_db, &db, 24);
}

/// S4's depthwise convolution; its filters (KH, KW, C, 1) become (C, 1, KH, KW).
fn s4_depthwise<T: Approximate>(
    x: &Tensor<T, 5, 7, 3, 2>,
    (w, dy): &(Tensor<T, 3, 3, 3, 1>, Tensor<T, 3, 4, 3, 2>),
    expected: &mut Arrays<T>,
) {
    type Depthwise<T> = Conv2d<T, 3, 3, Kernel<3>, Stride<2>, Padding<1>, Exact, Dilation<1>, Groups<3>, NoBias>;
    let layer = Depthwise::<T>::new(permute(w, Axes::<2, 3, 0, 1>), ());
    let x = permute(x, THERE);
    let y: Tensor<T, 3, 4, 3, 2> = permute(&layer.forward(&x), BACK);
    assert_close("S4 depthwise y", &y, &expected.next(), 9);
    let (dx, gradient) = layer.backward(&x, &permute(dy, THERE));
    let dx: Tensor<T, 5, 7, 3, 2> = permute(&dx, BACK);
    assert_close("S4 depthwise dx", &dx, &expected.next(), 9);
    let dw: Tensor<T, 3, 3, 3, 1> = permute(&gradient.weight, Axes::<2, 3, 0, 1>);
    assert_close("S4 depthwise dw", &dw, &expected.next(), 24);
}

/// S7's max pooling: the columns of the forward pass are kept for the backward pass.
fn s7<T: Approximate>(x: &Tensor<T, 5, 7, 3, 2>, dy: &Tensor<T, 2, 3, 3, 2>, expected: &mut Arrays<T>) {
    // Planes in the order (C, N), each an image of its own.
    let planes: Tensor<T, 6, 1, 5, 7> = reshape(&permute(x, Axes::<2, 3, 0, 1>));
    let columns = im2col(&planes, Kernel::<3>, (Stride::<2>,)); // Matrix<T, 9, 36>
    let mask = max_mask(&columns);
    let maxima = matmul(&Matrix::<T, 1, 9>::full(T::ONE), &columns.zip(&mask, |a, mask| a * mask));
    let y: Tensor<T, 3, 2, 2, 3> = reshape(&maxima);
    let y: Tensor<T, 2, 3, 3, 2> = permute(&y, Axes::<2, 3, 0, 1>);
    assert_close("S7 y", &y, &expected.next(), 1);
    let residuals: Matrix<T, 1, 36> = reshape(&permute(dy, Axes::<2, 3, 0, 1>));
    let shares = mask.zip(&matmul(&Matrix::<T, 9, 1>::full(T::ONE), &residuals), |mask, dy| mask * dy);
    let dx: Tensor<T, 6, 1, 5, 7> = col2im(&shares, Kernel::<3>, (Stride::<2>,));
    let dx: Tensor<T, 3, 2, 5, 7> = reshape(&dx);
    let dx: Tensor<T, 5, 7, 3, 2> = permute(&dx, Axes::<2, 3, 0, 1>);
    assert_close("S7 dx", &dx, &expected.next(), 4);

    // The same from the kernels, without columns.
    let (x, dy, options) = (permute(x, THERE), permute(dy, THERE), (Kernel::<3>, Stride::<2>));
    assert_close("S7 y, directly", &permute(&max_pool2d(&x, options), BACK), &y, 1);
    assert_close("S7 dx, directly", &permute(&max_pool2d_backward(&x, options, &dy), BACK), &dx, 4);
}

fn all_systems<T: Approximate + Number>() {
    let (inputs, mut expected) = inputs::<T>();
    s1(&inputs.s1, &mut expected);
    s4(&inputs.s4, &mut expected);
    s4_depthwise(&inputs.s4.0, &inputs.s4_depthwise, &mut expected);
    s7(&inputs.s4.0, &inputs.s7, &mut expected);
    assert_eq!(expected.0.len(), 0, "every number is compared");
}

#[test]
fn s1_s4_and_s7_in_their_own_layouts_f32() {
    all_systems::<f32>();
}

#[test]
fn s1_s4_and_s7_in_their_own_layouts_f64() {
    all_systems::<f64>();
}
