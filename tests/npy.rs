//! `.npy` files: read at compile time and at run time, written back byte for byte.

#![cfg(feature = "std")]

use constconv::io::npy::{Npy, NpyError, read_npy, write_npy};
use constconv::io::{Buffer, Full};
use constconv::npy;
use constconv::prelude::*;
use proptest::prelude::*;

/// A file as the tests see it: from the folder of a macro's caller, at compile time.
macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("ui/npy/data/", $name, ".npy"))
    };
}

/// Every type of numbers, its extremes, and the file that `numpy.save` writes.
macro_rules! integers {
    ($($file:literal $number:ident)*) => { $(
        static NUMBERS: Vector<$number, 5> = npy!(concat!("ui/npy/data/", $file, ".npy"));
        assert_eq!(NUMBERS, Vector::new([$number::MIN, 0, 1, 42, $number::MAX]));
        assert_eq!(NUMBERS.to_npy(), data!($file));
    )* };
}

#[test]
fn integers_of_every_size() {
    {
        integers! { "i1" i8 }
    }
    {
        integers! { "i2" i16 }
    }
    {
        integers! { "i4" i32 }
    }
    {
        integers! { "i8" i64 }
    }
    {
        integers! { "u1" u8 }
    }
    {
        integers! { "u2" u16 }
    }
    {
        integers! { "u4" u32 }
    }
    {
        integers! { "u8" u64 }
    }
}

#[test]
fn reals_of_both_sizes() {
    static SINGLE: Vector<f32, 9> = npy!("ui/npy/data/f4.npy");
    static DOUBLE: Vector<f64, 9> = npy!("ui/npy/data/f8.npy");
    let single = [f32::MIN, f32::MAX, f32::MIN_POSITIVE, 1e-45, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 0.1];
    let double = [f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.1];
    assert_eq!(SINGLE.as_array().map(f32::to_bits), single.map(f32::to_bits));
    assert_eq!(DOUBLE.as_array().map(f64::to_bits), double.map(f64::to_bits));
    assert_eq!(SINGLE.to_npy(), data!("f4"));
    assert_eq!(DOUBLE.to_npy(), data!("f8"));
}

#[test]
fn a_macro_call_goes_wherever_an_array_goes() {
    static REFERENCE: &Tensor<f32, 2, 3, 4, 4> = &npy!("ui/npy/data/right.npy");
    const CONSTANT: Tensor<f32, 2, 3, 4, 4> = npy!("ui/npy/data/right.npy",);
    let value: Tensor<f32, 2, 3, 4, 4> = npy!("ui/npy/data/right.npy");
    let promoted: &'static Tensor<f32, 2, 3, 4, 4> = &npy!("ui/npy/data/right.npy");
    fn last(x: &Tensor<f32, 2, 3, 4, 4>) -> f32 {
        x[[1, 2, 3, 3]]
    }
    assert_eq!([REFERENCE, &CONSTANT, &value, promoted, &npy!("ui/npy/data/right.npy")].map(last), [95.0; 5]);
}

#[test]
fn constants_can_be_read_without_the_macro() {
    const X: Result<Vector<u8, 5>, NpyError> = Vector::from_npy(data!("u1"));
    const WRONG: Result<Vector<u8, 6>, NpyError> = Vector::from_npy(data!("u1"));
    assert_eq!(X, Ok(Vector::new([0, 0, 1, 42, 255])));
    assert_eq!(WRONG.unwrap_err().to_string(), "npy: the file holds shape (5,), expected (6,)");
}

#[test]
fn versions_2_and_3() {
    static TWO: Tensor<f32, 1, 1, 4, 4> = npy!("ui/npy/data/version2.npy");
    static THREE: Tensor<f32, 1, 1, 4, 4> = npy!("ui/npy/data/version3.npy");
    let expected = Tensor::from_fn(|[_, _, h, w]| (4 * h + w) as f32);
    assert_eq!(TWO, expected);
    assert_eq!(THREE, expected);
}

#[test]
fn axes_of_length_1_may_be_left_out() {
    static IMAGES: Tensor<u8, 2, 1, 3, 3> = npy!("ui/npy/data/images.npy");
    assert_eq!(IMAGES, Tensor::from_fn(|[n, _, h, w]| (9 * n + 3 * h + w) as u8));
    static SCALAR: Vector<f32, 1> = npy!("ui/npy/data/scalar.npy");
    assert_eq!(SCALAR, Vector::new([2.5]));
    assert_eq!(Tensor::from_npy(data!("scalar")), Ok(Tensor::new([[[[2.5_f32]]]])));

    fn is_read_as<A: constconv::io::npy::NpyArray<Scalar = f32> + Default>(shape: &str) -> bool {
        let file = npy_file(1, &dictionary("<f4", shape), &vec![0; 4 * A::LEN]);
        read_npy(&file, &mut A::default()).is_ok()
    }
    assert!(is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(1, 3, 1, 2)"));
    assert!(is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(3, 1, 2)"));
    assert!(is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(1, 3, 2)"));
    assert!(is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(3, 2)"));
    assert!(!is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(3, 2, 1)"));
    assert!(!is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(1, 1, 3, 2)"));
    assert!(!is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(2, 3)"));
    assert!(!is_read_as::<Tensor<f32, 1, 3, 1, 2>>("(6,)"));
    assert!(!is_read_as::<Matrix<f32, 2, 3>>("(2, 3, 1)"));
    assert!(!is_read_as::<Matrix<f32, 2, 3>>("(3, 2)"));
    assert!(!is_read_as::<Vector<f32, 6>>("(2, 3)"));
}

#[test]
fn other_shapes_of_headers_are_written_as_numpy_does() {
    static LONG: Tensor<u8, 10, 2, 1, 100> = npy!("ui/npy/data/long.npy");
    static EMPTY: Matrix<f32, 0, 3> = npy!("ui/npy/data/empty.npy");
    assert_eq!(LONG.to_npy(), data!("long"));
    assert_eq!(EMPTY.to_npy(), data!("empty"));
}

#[test]
fn sinks() {
    let array = Vector::new([1_u8, 2, 3]);
    let file = array.to_npy();

    let mut vec = Vec::new();
    write_npy(&array, &mut vec).unwrap();
    assert_eq!(vec, file);

    let mut memory = [0; 131];
    let mut buffer = Buffer::new(&mut memory);
    write_npy(&array, &mut buffer).unwrap();
    assert_eq!(buffer.written(), file);
    assert_eq!(write_npy(&array, &mut buffer), Err(Full { needed: 128, room: 0 }));

    let mut memory = [0; 100];
    let error = write_npy(&array, &mut Buffer::new(&mut memory)).unwrap_err();
    assert_eq!(error.to_string(), "the buffer has room for 100 bytes, but 128 are needed");
}

/// A file of the given version with this dictionary.
fn npy_file(major: u8, dictionary: &str, payload: &[u8]) -> Vec<u8> {
    let mut file = b"\x93NUMPY".to_vec();
    file.extend([major, 0]);
    match major {
        1 => file.extend((dictionary.len() as u16).to_le_bytes()),
        _ => file.extend((dictionary.len() as u32).to_le_bytes()),
    }
    file.extend(dictionary.as_bytes());
    file.extend(payload);
    file
}

fn dictionary(dtype: &str, shape: &str) -> String {
    format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}")
}

/// What is said about a file that does not hold a `Tensor<f32, 2, 3, 4, 5>`.
fn complaint(file: &[u8]) -> String {
    Tensor::<f32, 2, 3, 4, 5>::from_npy(file).unwrap_err().to_string()
}

#[test]
fn every_error_says_what_was_found_and_expected() {
    let right = "(2, 3, 4, 5)";
    let with = |dtype: &str, shape: &str, bytes| complaint(&npy_file(1, &dictionary(dtype, shape), &vec![0; bytes]));
    assert_eq!(with("<f4", "(2, 3, 4, 4)", 384), "npy: the file holds shape (2, 3, 4, 4), expected (2, 3, 4, 5)");
    assert_eq!(with("<f4", "()", 4), "npy: the file holds shape (), expected (2, 3, 4, 5)");
    assert_eq!(with("<f4", "(120,)", 480), "npy: the file holds shape (120,), expected (2, 3, 4, 5)");
    for dtype in ["=f4", "f4", "<c8", "|b1", "<U10", "<M8[ns]", "<f40", "|f1", ""] {
        assert_eq!(with(dtype, right, 480), format!("npy: the file holds '{dtype}', expected f32"));
    }
    for (dtype, name) in [("<f8", "f64"), (">f4", "big-endian f32"), ("<i4", "i32"), ("|u1", "u8"), ("<f2", "f16")] {
        assert_eq!(with(dtype, right, 480), format!("npy: the file holds {name}, expected f32"));
    }
    assert_eq!(with("<f4", right, 479), "npy: the file holds 479 bytes of elements, expected 480");
    assert_eq!(with("<f4", right, 481), "npy: the file holds 481 bytes of elements, expected 480");
    assert_eq!(complaint(data!("fortran")), "npy: the file holds 'fortran_order': True, expected False");
    assert_eq!(complaint(data!("big_endian")), "npy: the file holds big-endian f32, expected f32");
    assert_eq!(complaint(data!("not_npy")), "npy: the file is not an .npy file: it does not begin with \\x93NUMPY");
    assert_eq!(complaint(b"\x93NUMPY\x04\x00"), "npy: the file holds version 4.0, expected 1.0, 2.0 or 3.0");
    assert_eq!(complaint(b"\x93NUMPY\x01\x01"), "npy: the file holds version 1.1, expected 1.0, 2.0 or 3.0");
    assert_eq!(complaint(b""), "npy: the file ends after 0 bytes, but its header needs 10");
    assert_eq!(complaint(b"\x93NUMPY\x01\x00\x76"), "npy: the file ends after 9 bytes, but its header needs 10");
    assert_eq!(complaint(b"\x93NUMPY\x02\x00\x76\x00"), "npy: the file ends after 10 bytes, but its header needs 12");
    assert_eq!(complaint(&data!("right")[..100]), "npy: the file ends after 100 bytes, but its header needs 128");
    assert_eq!(
        complaint(b"\x93NUMPY\x03\x00\xff\xff\xff\xff{}"),
        "npy: the file ends after 14 bytes, but its header needs 4294967307"
    );
}

#[test]
fn a_byte_has_no_byte_order() {
    for dtype in ["|u1", "<u1", ">u1", "=u1"] {
        let file = npy_file(1, &dictionary(dtype, "(1,)"), &[7]);
        assert_eq!(Vector::from_npy(&file), Ok(Vector::new([7_u8])));
    }
}

/// The first character is a byte order, or it is not a type of one byte.
#[test]
fn other_types_of_one_byte_are_refused() {
    for dtype in ["Zu1", "uu1", "1u1", " u1", "|b1", "|S1", "|V1", "u1", "|u1 ", "|u"] {
        let error = Vector::<u8, 1>::from_npy(&npy_file(1, &dictionary(dtype, "(1,)"), &[7])).unwrap_err();
        assert_eq!(error.to_string(), format!("npy: the file holds '{dtype}', expected u8"));
    }
    let error = Vector::<u8, 1>::from_npy(&npy_file(1, &dictionary("|i1", "(1,)"), &[7])).unwrap_err();
    assert_eq!(error.to_string(), "npy: the file holds i8, expected u8");
    assert!(Vector::<i8, 1>::from_npy(&npy_file(1, &dictionary("Zi1", "(1,)"), &[7])).is_err());
}

/// NumPy writes either order for them, and reads both.
#[test]
fn arrays_with_one_order_may_be_of_fortrans() {
    let fortran = |shape: &str, bytes: &[u8]| {
        npy_file(1, &format!("{{'descr': '|u1', 'fortran_order': True, 'shape': {shape}, }}"), bytes)
    };
    assert_eq!(Vector::from_npy(&fortran("(3,)", &[1, 2, 3])), Ok(Vector::new([1_u8, 2, 3])));
    assert_eq!(Matrix::from_npy(&fortran("(1, 3)", &[1, 2, 3])), Ok(Matrix::new([[1_u8, 2, 3]])));
    assert_eq!(Matrix::from_npy(&fortran("(3, 1)", &[1, 2, 3])), Ok(Matrix::new([[1_u8], [2], [3]])));
    assert_eq!(Matrix::from_npy(&fortran("(3,)", &[1, 2, 3])), Ok(Matrix::new([[1_u8, 2, 3]])));
    assert_eq!(Vector::from_npy(&fortran("()", &[9])), Ok(Vector::new([9_u8])));
    assert_eq!(Signal::from_npy(&fortran("(2, 0, 2)", &[])), Ok(Signal::<u8, 2, 0, 2>::zeros()));
    assert_eq!(Matrix::<u8, 2, 3>::from_npy(&fortran("(2, 3)", &[0; 6])), Err(NpyError::FortranOrder));
    assert_eq!(Signal::<u8, 2, 1, 3>::from_npy(&fortran("(2, 1, 3)", &[0; 6])), Err(NpyError::FortranOrder));
}

/// Python 2 wrote them on some systems; NumPy reads them in the versions of that time.
#[test]
fn lengths_of_python_2() {
    for (shape, expected) in [("(2L,)", &[2][..]), ("(2L, 3)", &[2, 3]), ("(1, 12L, 3L)", &[1, 12, 3])] {
        for version in [1, 2] {
            assert_eq!(Npy::parse(&npy_file(version, &dictionary("<f4", shape), &[])).unwrap().shape(), expected);
        }
        let error = Npy::parse(&npy_file(3, &dictionary("<f4", shape), &[])).unwrap_err();
        assert!(matches!(error, NpyError::Header { found: Some(b'L'), .. }), "{error}");
    }
    assert_eq!(Vector::from_npy(&npy_file(1, &dictionary("|u1", "(2L,)"), &[7, 9])), Ok(Vector::new([7_u8, 9])));
    for shape in ["(L,)", "(2LL,)", "(2 3L)"] {
        assert!(Npy::parse(&npy_file(1, &dictionary("<f4", shape), &[])).is_err(), "{shape}");
    }
}

#[test]
fn dictionaries_that_python_reads() {
    for dictionary in [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }     \n",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
        "{'shape':(2,3),'fortran_order':False,'descr':'<f4'}",
        "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 3)}",
        " { 'fortran_order' :\tFalse ,\r\n'descr' : '<f4' , 'shape' : ( 2 , 3 , ) , } ",
    ] {
        for version in [1, 2, 3] {
            let file = npy_file(version, dictionary, &[0; 24]);
            assert_eq!(Matrix::from_npy(&file), Ok(Matrix::<f32, 2, 3>::zeros()), "{dictionary}");
        }
    }
    let file = npy_file(1, &dictionary("<f4", "(1, 2, 3, 4, 5, 6, 7, 18446744073709551600)"), &[]);
    assert_eq!(Npy::parse(&file).unwrap().shape(), [1, 2, 3, 4, 5, 6, 7, 18_446_744_073_709_551_600]);
}

#[test]
fn dictionaries_that_are_no_headers() {
    const KEYS: &str = "one of the keys 'descr', 'fortran_order' and 'shape', each once";
    const ALL: &str = "all of the keys 'descr', 'fortran_order' and 'shape'";
    for (dictionary, place, expected) in [
        ("", "ends at byte 10", "'{'"),
        ("\u{7f}", "holds byte 0x7f at byte 10", "'{'"),
        ("[]", "holds '[' at byte 10", "'{'"),
        ("{", "ends at byte 11", KEYS),
        ("{}", "holds '}' at byte 11", ALL),
        ("{,}", "holds ',' at byte 11", KEYS),
        ("{1: 2}", "holds '1' at byte 11", KEYS),
        ("{ 'dtype': '<f4'}", "holds ''' at byte 12", KEYS),
        ("{'shape': (), 'shape': ()}", "holds ''' at byte 24", KEYS),
        ("{'shape' ()}", "holds '(' at byte 19", "':'"),
        ("{'shape': () 'descr': '<f4'}", "holds ''' at byte 23", "',' or '}'"),
        ("{'shape': (), 'descr': '<f4'}", "holds '}' at byte 38", ALL),
        ("{'shape': (3)}", "holds ')' at byte 22", "','"),
        ("{'shape': [3]}", "holds '[' at byte 20", "'('"),
        ("{'shape': (,)}", "holds ',' at byte 21", "a number or ')'"),
        ("{'shape': (-1,)}", "holds '-' at byte 21", "a number or ')'"),
        ("{'shape': (2, 3", "ends at byte 25", "',' or ')'"),
        ("{'shape': (2 3)}", "holds '3' at byte 23", "','"),
        ("{'shape': (2, 3l)}", "holds 'l' at byte 25", "',' or ')'"),
        ("{'shape': (18446744073709551616,)}", "holds '6' at byte 40", "a smaller number"),
        ("{'shape': (02,)}", "holds '0' at byte 21", "a number without leading zeros"),
        ("{'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1)}", "holds '1' at byte 45", "at most eight axes"),
        ("{'fortran_order': 0}", "holds '0' at byte 28", "True or False"),
        ("{'fortran_order': Tru", "holds 'T' at byte 28", "True or False"),
        ("{'fortran_order': Trues", "holds 's' at byte 32", "',' or '}'"),
        ("{'descr': [('a', '<f4')]}", "holds '[' at byte 20", "an element type in quotes, such as '<f4'"),
        ("{'descr': '<U123456789012345'}", "holds '<' at byte 21", "an element type of at most 16 letters"),
        ("{'descr': '\\x3cf4'}", "holds '\\' at byte 21", "printable text and a closing quote"),
        ("{'descr': '<f4", "ends at byte 24", "printable text and a closing quote"),
        ("{'descr': '<f4\"", "ends at byte 25", "printable text and a closing quote"),
        ("{'descr': 'é'}", "holds byte 0xc3 at byte 21", "printable text and a closing quote"),
        ("{'shape': (), 'descr': '', 'fortran_order': True} x", "holds 'x' at byte 60", "only spaces"),
    ] {
        let message = Npy::parse(&npy_file(1, dictionary, &[])).unwrap_err().to_string();
        assert_eq!(message, format!("npy: the header {place} of the file, expected {expected}"), "{dictionary}");
    }
}

#[test]
fn an_array_stays_as_it_is_when_the_file_is_wrong() {
    let mut array = Vector::new([1_u8, 2, 3]);
    assert!(read_npy(data!("u1"), &mut array).is_err());
    assert!(read_npy(&Vector::new([7_u8, 7, 7]).to_npy()[..130], &mut array).is_err());
    assert_eq!(array, Vector::new([1, 2, 3]));
}

/// Arrays of these bytes in every type of numbers and rank come back exactly.
fn round_trips(bytes: &[u8; 48]) {
    macro_rules! round_trips {
        ($($number:ty)*) => { $({
            const COUNT: usize = 48 / size_of::<$number>();
            let numbers: Vec<$number> =
                bytes.chunks_exact(size_of::<$number>()).map(|b| <$number>::from_le_bytes(b.try_into().unwrap())).collect();
            let vector = Vector::<$number, COUNT>::from_fn(|[i]| numbers[i]);
            let file = vector.to_npy();
            assert_eq!(file[128..], *bytes);
            assert_eq!(Vector::<$number, COUNT>::from_npy(&file).unwrap().to_npy(), file);
            let matrix = Matrix::<$number, 2, { COUNT / 2 }>::from_fn(|[r, c]| numbers[r * COUNT / 2 + c]);
            let file = matrix.to_npy();
            assert_eq!(Matrix::<$number, 2, { COUNT / 2 }>::from_npy(&file).unwrap().to_npy(), file);
            let signal = Signal::<$number, 2, { COUNT / 6 }, 3>::from_fn(|[n, c, l]| numbers[(n * COUNT / 6 + c) * 3 + l]);
            let file = signal.to_npy();
            assert_eq!(file[128..], *bytes);
            assert_eq!(Signal::<$number, 2, { COUNT / 6 }, 3>::from_npy(&file).unwrap().to_npy(), file);
            let tensor = Tensor::<$number, 1, { COUNT / 6 }, 3, 2>::from_fn(|[_, c, h, w]| numbers[6 * c + 2 * h + w]);
            let file = tensor.to_npy();
            assert_eq!(file[128..], *bytes);
            assert_eq!(Tensor::<$number, 1, { COUNT / 6 }, 3, 2>::from_npy(&file).unwrap().to_npy(), file);
        })* };
    }
    round_trips! { f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn numbers_come_back_exactly(bytes: [u8; 48]) {
        round_trips(&bytes);
    }

    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        let _ = Npy::parse(&bytes).map_err(|error| error.to_string());
        let _ = Vector::<u8, 4>::from_npy(&bytes).map_err(|error| error.to_string());
    }

    #[test]
    fn random_headers_never_panic(
        version in 0_u8..5,
        words in prop::collection::vec(
            prop::sample::select(vec![
                "{", "}", "(", ")", ",", ":", " ", "'", "\"", "\\", "\n", "\0", "é", "'descr'", "'<f4'", "'fortran_order'",
                "False", "True", "'shape'", "(1,)", "()", "99999999999999999999", "0", "7",
            ]),
            0..20,
        ),
    ) {
        let file = npy_file(version, &words.concat(), &[0; 4]);
        let _ = Npy::parse(&file).map_err(|error| error.to_string());
        let _ = Vector::<f32, 1>::from_npy(&file).map_err(|error| error.to_string());
    }

    #[test]
    fn damaged_files_never_panic(
        damage in prop::collection::vec((0_usize..140, any::<u8>()), 0..6),
        length in 0_usize..600,
    ) {
        let mut file = data!("right").to_vec();
        for (place, byte) in damage {
            file[place] = byte;
        }
        file.resize(length, 0);
        let _ = Npy::parse(&file).map_err(|error| error.to_string());
        let _ = Tensor::<f32, 2, 3, 4, 4>::from_npy(&file).map_err(|error| error.to_string());
    }
}

/// In a `static` or `const`, `cargo check` reports a wrong file.
#[test]
fn wrong_files_are_errors_of_cargo_check() {
    trybuild::TestCases::new().compile_fail("tests/ui/npy/static_*.rs");
}

/// As a module: a pass case of its own would build all dependencies once more.
#[path = "ui/npy/right.rs"]
mod right;

#[test]
fn right_files_are_read() {
    right::main();
}
