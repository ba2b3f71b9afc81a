//! `.npz` archives: an array found by its name, at compile time and at run time.

#![cfg(feature = "std")]

use constconv::io::npy::{Npy, read_npy};
use constconv::io::npz::{NpzError, entry};
use constconv::npz;
use constconv::prelude::*;
use proptest::prelude::*;

/// An archive as the tests see it: from the folder of a macro's caller, at compile time.
macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("ui/npz/data/", $name, ".npz"))
    };
}

#[test]
fn arrays_are_found_by_the_names_that_they_have_in_python() {
    static X: Tensor<f32, 1, 2, 3, 4> = npz!("ui/npz/data/xy.npz", "x");
    const Y: Vector<i64, 3> = npz!("ui/npz/data/xy.npz", "y",);
    assert_eq!(X, Tensor::from_fn(|[_, c, h, w]| (12 * c + 4 * h + w) as f32));
    assert_eq!(Y, Vector::new([1, 2, 3]));
    assert_eq!(entry(data!("xy"), "x"), Ok(&X.to_npy()[..]));
    assert_eq!(entry(data!("xy"), "y"), Ok(&Y.to_npy()[..]));
    for name in ["x.npy", "X", "", "xy", ".npy", "x\0"] {
        assert!(matches!(entry(data!("xy"), name), Err(NpzError::Missing { .. })), "{name}");
    }
}

#[test]
fn archives_with_folders_other_files_and_a_comment() {
    static X: Tensor<f32, 1, 2, 3, 4> = npz!("ui/npz/data/commented.npz", "group/x");
    let mut size = Vector::<i64, 3>::zeros();
    read_npy(entry(data!("commented"), "größe").unwrap(), &mut size).unwrap();
    assert_eq!((X[[0, 1, 2, 3]], size), (23.0, Vector::new([1, 2, 3])));
    let names = "npz: the archive holds no such array; its arrays are group/x, gr????e";
    assert_eq!(complaint(data!("commented"), "README"), names);
}

/// Reads fixtures at compile time, compares with numbers decoded one by one, and writes them back.
macro_rules! fixtures {
    ($($test:ident: $($case:literal $name:literal $number:ty => $array:ty),+;)*) => { $(
        #[test]
        fn $test() {
            $({
                static ARRAY: $array = npz!(concat!("fixtures/", $case, ".npz"), $name);
                let file = entry(include_bytes!(concat!("fixtures/", $case, ".npz")), $name).unwrap();
                let numbers = file[128..].chunks_exact(size_of::<$number>());
                let numbers = numbers.map(|number| <$number>::from_le_bytes(number.try_into().unwrap()));
                assert!(numbers.eq(ARRAY.iter().copied()), $case);
                assert_eq!(ARRAY.to_npy(), file, $case);
            })+
        }
    )* };
}

fixtures! {
    fixtures_of_rank_4:
        "conv2d/s6" "f32/x" f32 => Tensor<f32, 10, 32, 14, 14>,
        "conv2d/s6" "f32/w" f32 => Tensor<f32, 16, 32, 3, 3>,
        "conv2d/s6" "f64/dx" f64 => Tensor<f64, 10, 32, 14, 14>,
        "conv2d/stride2_padding1" "f32/y" f32 => Tensor<f32, 2, 3, 4, 5>,
        "conv2d/rectangular" "f64/dw" f64 => Tensor<f64, 2, 3, 3, 5>,
        "conv2d/kernel1x1" "f64/w" f64 => Tensor<f64, 3, 4, 1, 1>,
        "depthwise_conv2d/multiplier2_stride2" "f32/w" f32 => Tensor<f32, 6, 1, 3, 3>,
        "conv_transpose2d/stride3x2_padding0x1_output_padding1x0" "f32/dy" f32 => Tensor<f32, 2, 3, 9, 7>,
        "max_pool2d/kernel2x3_stride1x2" "f32/y" f32 => Tensor<f32, 2, 2, 4, 3>,
        "avg_pool2d/kernel2_stride2" "f64/dx" f64 => Tensor<f64, 2, 3, 6, 8>,
        "adaptive_max_pool2d/to_1x1_ties" "f32/dy" f32 => Tensor<f32, 2, 3, 1, 1>;
    fixtures_of_rank_3:
        "conv1d/stride2_padding2_dilation2" "f64/x" f64 => Signal<f64, 2, 2, 11>,
        "conv1d/stride1_padding1" "f32/w" f32 => Signal<f32, 4, 3, 3>,
        "avg_pool1d/kernel3_stride2_padding1_exclude_pad" "f32/y" f32 => Signal<f32, 2, 3, 5>;
    fixtures_of_rank_2:
        "linear/no_bias" "f32/x" f32 => Matrix<f32, 2, 6>,
        "linear/no_bias" "f64/w" f64 => Matrix<f64, 3, 6>,
        "loss/mse" "f32/prediction" f32 => Matrix<f32, 4, 5>,
        "loss/softmax_cross_entropy_large" "f64/prediction" f64 => Matrix<f64, 6, 5>,
        "sgd/plain" "f32/g" f32 => Matrix<f32, 6, 5>,
        "adam/weight_decay" "f64/p" f64 => Matrix<f64, 6, 5>;
    fixtures_of_rank_1:
        "conv2d/s6" "f32/b" f32 => Vector<f32, 16>,
        "conv2d/groups2" "f64/db" f64 => Vector<f64, 6>,
        "activation/input" "f32/x" f32 => Vector<f32, 40>,
        "activation/gelu" "f64/y" f64 => Vector<f64, 40>,
        "loss/mse" "f32/loss_mean" f32 => Vector<f32, 1>,
        "loss/softmax_cross_entropy_ignore_index" "f32/labels" i64 => Vector<i64, 6>,
        "schedule/one_cycle_cos" "f64/lr" f64 => Vector<f64, 20>,
        "clip/by_norm_within_limit" "f32/g2" f32 => Vector<f32, 7>;
}

/// What NumPy wrote, and what `cases.tsv` says that it wrote.
#[test]
fn all_fixtures_are_read_as_numpy_wrote_them() {
    let (cases, mut arrays) = (include_str!("fixtures/cases.tsv"), 0);
    for case in cases.lines().skip(1) {
        let [group, case, _, shapes] = case.split('\t').collect::<Vec<_>>()[..] else { panic!("{case}") };
        let path = format!("{}/tests/fixtures/{group}/{case}.npz", env!("CARGO_MANIFEST_DIR"));
        let archive = std::fs::read(&path).unwrap();
        for (number, dtype, size) in [("f32", "<f4", 4), ("f64", "<f8", 8)] {
            for (name, shape) in shapes.split(' ').map(|array| array.split_once('=').unwrap()) {
                let npy = Npy::parse(entry(&archive, &format!("{number}/{name}")).unwrap()).unwrap();
                let shape: Vec<usize> = shape.split('x').map(|axis| axis.parse().unwrap()).collect();
                assert_eq!(npy.shape(), shape, "{path}: {name}");
                let (dtype, size) = if name == "labels" { ("<i8", 8) } else { (dtype, size) };
                assert_eq!(npy.dtype(), dtype, "{path}: {name}");
                assert_eq!(npy.payload().len(), size * shape.iter().product::<usize>(), "{path}: {name}");
                arrays += 1;
            }
        }
    }
    assert!(arrays > 900, "only {arrays} arrays");
}

/// What is said about an archive in which an array is looked for.
fn complaint(archive: &[u8], name: &str) -> String {
    entry(archive, name).unwrap_err().to_string()
}

/// `xy.npz` with other bytes at a place.
fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut archive = data!("xy").to_vec();
    archive[at..at + bytes.len()].copy_from_slice(bytes);
    archive
}

/// Where the directory of `xy.npz` begins, its second entry, and its end.
const DIRECTORY: [usize; 3] = [486, 537, 588];

#[test]
fn every_error_says_what_is_wrong() {
    let archive = data!("xy");
    assert_eq!(complaint(archive, "z"), "npz: the archive holds no such array; its arrays are x, y");
    assert_eq!(complaint(data!("not_zip"), "x"), "npz: the file is not a ZIP archive: it does not begin with PK");
    assert_eq!(complaint(b"", "x"), "npz: the file is not a ZIP archive: it does not begin with PK");
    for cut in [&archive[..2], &archive[..archive.len() - 1], &archive[..DIRECTORY[1]], data!("truncated")] {
        assert_eq!(
            complaint(cut, "x"),
            "npz: the archive does not end with its directory: it is cut off, or something follows it"
        );
    }
    let compressed = "npz: the array is compressed: write it with numpy.savez and not savez_compressed";
    assert_eq!(complaint(data!("compressed"), "x"), compressed);
    assert_eq!(complaint(data!("compressed"), "y"), compressed);

    let [first, second, end] = DIRECTORY;
    let encrypted = changed(first + 8, &[1]);
    assert_eq!(complaint(&encrypted, "x"), "npz: the array is encrypted: write it without a password");
    assert!(entry(&encrypted, "y").is_ok());

    let zip64 = "npz: the archive is in the ZIP64 format, for more than 4 GiB or 65 534 arrays";
    for (place, bytes) in [(end + 10, 2), (end + 16, 4), (first + 20, 4), (first + 42, 4)] {
        assert_eq!(complaint(&changed(place, &[255; 4][..bytes]), "x"), zip64, "{place}");
    }

    let empty = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    assert_eq!(complaint(empty, "x"), "npz: the archive holds no array");
    let more = complaint(&changed(end + 10, &[3]), "z");
    assert_eq!(more, "npz: the archive is damaged, expected an entry of the directory at byte 588");
    for (place, byte, expected) in [
        (end + 16, 0xe0, "an entry of the directory at byte 480"),
        (end + 19, 0x7f, "an entry of the directory at byte 2130706918"),
        (second, 0, "an entry of the directory at byte 537"),
        (second + 29, 1, "the name of an array at byte 537"),
        (second + 42, 1, "the header of an array at byte 257"),
        (second + 45, 1, "the header of an array at byte 16777495"),
        (second + 22, 1, "an array of the length that the directory says at byte 279"),
    ] {
        let message = complaint(&changed(place, &[byte]), "y");
        assert_eq!(message, format!("npz: the archive is damaged, expected {expected}"), "{place}");
    }
}

/// `zipfile` of Python keeps the last one, and so NumPy reads it.
#[test]
fn of_two_arrays_of_one_name_the_last_one_counts() {
    let twice = changed(DIRECTORY[1] + 46, b"x");
    assert_eq!(entry(&twice, "x"), entry(data!("xy"), "y"));
    assert_eq!(complaint(&twice, "y"), "npz: the archive holds no such array; its arrays are x, x");
}

/// A ZIP archive of files without content, as far as names are looked for.
fn listing(names: &[String]) -> Vec<u8> {
    let mut archive = Vec::new();
    for name in names {
        let start = archive.len();
        archive.extend(b"PK\x01\x02");
        archive.resize(start + 46, 0);
        archive[start + 28] = name.len() as u8;
        archive.extend(name.as_bytes());
    }
    let start = archive.len();
    archive.extend(b"PK\x05\x06");
    archive.resize(start + 22, 0);
    archive[start + 10] = names.len() as u8;
    archive
}

#[test]
fn as_many_names_are_told_as_have_room() {
    let told = |names: &[String]| match entry(&listing(names), "x") {
        Err(NpzError::Missing { names }) => names.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    let names: Vec<_> = (0..30).map(|i| format!("array{i}.npy")).collect();
    let shown: Vec<_> = (0..10).map(|i| format!("array{i}")).collect();
    assert_eq!(told(&names[..10]), shown.join(", "));
    assert_eq!(told(&names), shown.join(", ") + ", array10, ...");
    assert_eq!(told(&["y.npy".into(), "a".repeat(200) + ".npy", "z.npy".into()]), "y, ...");
    assert_eq!(told(&["a".repeat(200) + ".npy"]), "...");
    assert_eq!(told(&["a".repeat(90) + ".npy", "z.npy".into()]), "a".repeat(90) + ", ...");
    assert_eq!(told(&["a b\nc.npy".into(), "x".into(), "x.npz".into()]), "a?b?c");
    assert_eq!(told(&[]), "");
}

/// Whatever is found lies inside of the archive, and every error has a text.
fn look(archive: &[u8]) {
    for name in ["x", "y", "z"] {
        match entry(archive, name) {
            Ok(file) => {
                let _ = Npy::parse(file).map_err(|error| error.to_string());
                let _ = Vector::<i64, 3>::from_npy(file).map_err(|error| error.to_string());
            }
            Err(error) => assert!(error.to_string().starts_with("npz: ")),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_never_panic(mut bytes: Vec<u8>) {
        look(&bytes);
        bytes.splice(0..0, *b"PK\x01\x02"); // the directory, which begins at once
        bytes.extend(*b"PK\x05\x06\0\0\0\0\x02\0\x02\0");
        bytes.extend([0; 10]);
        look(&bytes);
    }

    #[test]
    fn damaged_archives_never_panic(
        damage in prop::collection::vec((0_usize..610, any::<u8>()), 0..6),
        ends in prop::collection::vec((486_usize..610, any::<u8>()), 0..6),
        // Most of them as long as the archive: the directory is looked for at its end.
        length in prop_oneof![9 => Just(610_usize), 1 => 600_usize..620],
    ) {
        let mut archive = data!("xy").to_vec();
        for (place, byte) in damage.into_iter().chain(ends) {
            archive[place] = byte;
        }
        archive.resize(length, 0);
        look(&archive);
    }
}

/// In a `static` or `const`, `cargo check` reports a wrong archive.
#[test]
fn wrong_archives_are_errors_of_cargo_check() {
    trybuild::TestCases::new().compile_fail("tests/ui/npz/static_*.rs");
}

/// As a module: a pass case of its own would build all dependencies once more.
#[path = "ui/npz/right.rs"]
mod right;

#[test]
fn right_archives_are_read() {
    right::main();
}
