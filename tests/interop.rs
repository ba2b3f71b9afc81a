//! The traits of other crates. Each test needs the feature of the crate's name.

#[cfg(feature = "serde")]
mod with_serde {
    use constconv::prelude::*;
    use constconv::weights::Numbers;
    use serde::de::DeserializeSeed;

    fn there_and_back<A: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(a: &A) {
        let bytes = postcard::to_allocvec(a).unwrap();
        assert_eq!(postcard::from_bytes::<A>(&bytes).as_ref(), Ok(a));
        assert!(postcard::from_bytes::<A>(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn arrays() {
        there_and_back(&Tensor::<f32, 1, 2, 3, 4>::from_fn(|[_, c, h, w]| (c * 100 + h * 10 + w) as f32));
        there_and_back(&Signal::new([[[1_u8, 2, 3]]]));
        there_and_back(&Matrix::new([[1.5, -0.25], [f64::MAX, 0.0]]));
        there_and_back(&Vector::new([i64::MIN, 7]));
    }

    #[test]
    fn models() {
        let mut net = (Linear::<f32, 3, 2>::BLANK, BatchNorm1d::<f32, 2>::BLANK);
        net.0.weight = Matrix::new([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        net.1.running_var.fill(0.5);
        let bytes = postcard::to_allocvec(&Numbers(&net)).unwrap();
        assert_eq!(bytes.len(), (6 + 2 + 4 * 2) * 4);
        let read = |bytes: &[u8]| {
            let mut net = (Linear::<f32, 3, 2>::BLANK, BatchNorm1d::<f32, 2>::BLANK);
            Numbers(&mut net).deserialize(&mut postcard::Deserializer::from_bytes(bytes)).map(|()| net)
        };
        assert_eq!(read(&bytes), Ok(net));
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
    }
}

#[cfg(feature = "bytemuck")]
#[test]
fn memory_of_arrays() {
    use bytemuck::{TransparentWrapper, Zeroable};
    use constconv::prelude::*;

    let cells = [[1_u16, 2], [3, 4]];
    let matrix: &Matrix<u16, 2, 2> = TransparentWrapper::wrap_ref(&cells);
    assert_eq!(matrix, &Matrix::new([[1, 2], [3, 4]]));
    assert_eq!(Matrix::peel(matrix.clone()), cells);
    assert_eq!(<Tensor<f32, 1, 2, 3, 4> as Zeroable>::zeroed(), Tensor::zeros());
    assert_eq!(bytemuck::cast_slice::<_, u8>(matrix.as_slice()).len(), 8);
}

#[cfg(feature = "defmt")]
#[test]
fn arrays_can_be_logged() {
    use constconv::prelude::*;

    fn is_logged<A: defmt::Format>(_: &A) {}
    is_logged(&Tensor::<f32, 1, 2, 3, 4>::zeros());
    is_logged(&Vector::<u8, 2>::zeros());
}

#[cfg(feature = "half")]
#[test]
fn arrays_of_halves() {
    use constconv::prelude::*;
    use half::{bf16, f16};

    let numbers = Vector::new([1.0_f32, -0.5, 65504.0, 1.0 + 1.0 / 4096.0]);
    let halves: Vector<f16, 4> = (&numbers).into();
    assert_eq!(size_of_val(&halves), 8);
    assert_eq!(Vector::<f32, 4>::from(&halves), Vector::new([1.0, -0.5, 65504.0, 1.0]));
    let halves = Matrix::<bf16, 1, 2>::from(&Matrix::new([[3.0e38, 1.0 + 1.0 / 1024.0]]));
    assert_eq!(halves, Matrix::new([[bf16::from_f32(3.0e38), bf16::ONE]]));
}

#[cfg(feature = "ndarray")]
#[test]
fn views_of_ndarray() {
    use constconv::prelude::*;
    use ndarray::{Array2, ArrayView1, ArrayView2, ArrayView3, ArrayView4, ArrayViewMut2};

    let x = Tensor::<i32, 2, 3, 4, 5>::from_fn(|[n, c, h, w]| (n * 1000 + c * 100 + h * 10 + w) as i32);
    let view = ArrayView4::from(&x);
    assert_eq!((view.dim(), view[[1, 2, 3, 4]], view.as_ptr()), ((2, 3, 4, 5), 1234, x.as_slice().as_ptr()));
    assert_eq!(Tensor::try_from(view).as_ref(), Ok(&x));
    assert!(Tensor::<i32, 2, 3, 5, 4>::try_from(view).is_err());
    assert_eq!(ArrayView3::from(&Signal::new([[[1, 2]]])).dim(), (1, 1, 2));
    assert_eq!(ArrayView1::from(&Vector::new([7])).to_vec(), [7]);

    // Any order in memory.
    let mut matrix = Matrix::new([[1, 2, 3], [4, 5, 6]]);
    let transposed = Matrix::<i32, 3, 2>::try_from(ArrayView2::from(&matrix).t());
    assert_eq!(transposed, Ok(Matrix::new([[1, 4], [2, 5], [3, 6]])));
    ArrayViewMut2::from(&mut matrix).assign(&Array2::from_elem((2, 3), 9));
    assert_eq!(matrix, Matrix::full(9));
}

#[cfg(feature = "nalgebra")]
#[test]
fn matrices_of_nalgebra() {
    use constconv::prelude::*;
    use nalgebra::{Matrix2x3, Vector2};

    let matrix = Matrix::new([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let theirs = Matrix2x3::from(&matrix);
    assert_eq!((theirs[(0, 2)], theirs[(1, 0)]), (3.0, 4.0));
    assert_eq!(Matrix::from(&theirs), matrix);
    let product: Vector<f64, 2> = (&(theirs * theirs.transpose() * Vector2::new(1.0, 0.0))).into();
    assert_eq!(product, Vector::new([14.0, 32.0]));
    assert_eq!(Vector2::from(&product), Vector2::new(14.0, 32.0));
}
