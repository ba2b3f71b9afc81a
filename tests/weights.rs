//! Models from and to files: names, `safetensors!` at compile time, reading and writing at run time, hostile files, and
//! a training that goes on with the same bits.
#![cfg(feature = "std")]

use std::collections::BTreeSet;
use std::fs;

use constconv::io::npz::entry;
use constconv::io::safetensors::{FormatError, SafeTensors};
use constconv::io::{Buffer, Element, ElementType, Full};
use constconv::loss::mse;
use constconv::module::{GradientNamed, Named, NamedVisitor, TensorInfo, tensors};
use constconv::optim::{CosineAnnealingLr, RmsProp};
use constconv::prelude::*;
use constconv::tensor::Storage;
use constconv::weights::{WeightsError, problems, read_safetensors, write_npz, write_safetensors};
use constconv::{named, safetensors};
use proptest::prelude::*;

type Conv<const C: usize, const F: usize> = Conv2d<f32, C, F, Kernel<3>, Stride<1>, Padding<1>>;

model! {
    Block: Tensor<f32, 1, 8, 8, 8> => {
        conv1: Conv<8, 8>,
        bn1: BatchNorm2d<f32, 8>,
        relu: Relu,
        conv2: Conv<8, 8>,
    }
}

model! {
    /// That of `fixtures/weights.py`.
    Net: Tensor<f32, 1, 3, 8, 8> => {
        stem as "features.0":
            Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, NoBias>,
        #[cfg(feature = "std")]
        norm as "features.1": BatchNorm2d<f32, 8>,
        relu: Relu,
        pub(crate) block as "layer1.0": Residual<NoName<Block>>,
        layer2: Residual<
            (Conv2d<f32, 8, 16, Kernel<3>, Stride<2>, Padding<1>, Floor>, BatchNorm2d<f32, 16>),
            Tap<Conv2d<f32, 8, 16, Kernel<1>, Stride<2>, Padding<0>, Floor>>,
        >,
        pool: GlobalAvgPool2d,
        fc: Linear<f32, 16, 10>,
    }
}

model! {
    Small: Tensor<f32, 1, 1, 4, 4> => {
        conv: Conv2d<f32, 1, 2, Kernel<3>>,
        norm: BatchNorm2d<f32, 2>,
        fc: Linear<f32, 8, 3>,
    }
}

/// No wrapper adds a name.
type NoName<L> = Tap<L>;

#[path = "networks/models.rs"]
#[allow(dead_code)]
mod networks;

type T = f32;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/weights/", $name))
    };
}

static NET: Net = safetensors!("fixtures/weights/net.safetensors");
static LENET: networks::LeNet5 = safetensors!("fixtures/weights/lenet.safetensors");

fn output<A: constconv::io::npy::NpyArray + Zeroed>(name: &str) -> A {
    let mut array = A::ZERO;
    constconv::io::npy::read_npy(entry(fixture!("outputs.npz"), name).unwrap(), &mut array).unwrap();
    array
}

fn written<M: Named>(model: &M) -> Vec<u8> {
    let mut file = Vec::new();
    write_safetensors(model, &mut file).unwrap();
    file
}

fn names<M: Named>(_: &M) -> Vec<String> {
    tensors::<M>().map(|tensor| tensor.name.to_string()).collect()
}

#[test]
fn names_are_those_of_pytorch() {
    let file = safetensors::SafeTensors::deserialize(fixture!("net.safetensors")).unwrap();
    let theirs: BTreeSet<_> = file.names().into_iter().filter(|name| !name.ends_with("_tracked")).collect();
    let ours = names(&NET);
    assert_eq!(ours.iter().map(String::as_str).collect::<BTreeSet<_>>(), theirs);
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.contains(&"layer1.0.conv1.weight".into()) && ours.contains(&"layer2.shortcut.bias".into()));
}

#[test]
fn wrappers_branches_and_raw_names() {
    model! {
        Row: Tensor<f32, 1, 2, 4, 4> => {
            body: Frozen<(Conv<2, 2>, Relu)>,
            r#type: Winograd<Conv<2, 2>>,
            sum: Sum<(Conv<2, 2>, Product<(Identity, BatchNorm2d<f32, 2>)>)>,
            cat: Concat<(Identity, Conv<2, 3>)>,
        }
    }
    let found = names(&Row::BLANK);
    let expected = "body.0.weight body.0.bias type.weight type.bias sum.0.weight sum.0.bias sum.1.1.weight sum.1.1.bias \
                    sum.1.1.running_mean sum.1.1.running_var cat.1.weight cat.1.bias";
    assert_eq!(found.join(" "), expected);

    // A name is itself and no other one.
    for tensor in tensors::<Row>() {
        let same: Vec<_> = found.iter().filter(|name| tensor.name == ***name).collect();
        assert_eq!(same, [&tensor.name.to_string()]);
        for wrong in ["", ".", "body.0.weigh", "body.0.weights", "body.0weight", ".body.0.weight", "body..0.weight"] {
            assert!(tensor.name != wrong, "{wrong}");
        }
    }
}

#[test]
fn gradients_have_the_names_of_their_models() {
    fn check<M: GradientNamed + Named>() {
        let gradient: Vec<_> = tensors::<M::Gradient>().map(|tensor| tensor.to_string()).collect();
        let trained = tensors::<M>().filter(|tensor| !tensor.is_statistic);
        assert!(trained.count() <= gradient.len());
        for tensor in tensors::<M>().filter(|tensor| !tensor.is_statistic) {
            assert!(gradient.contains(&tensor.to_string()), "{tensor}");
        }
    }
    check::<Net>();
    check::<networks::LeNet5>();
}

/// The offsets of the table are where the numbers are.
#[test]
fn the_table_and_the_visitor_agree() {
    struct Check(usize, usize);
    impl NamedVisitor for Check {
        fn tensor<T: Element>(&mut self, tensor: &TensorInfo, numbers: &[T]) {
            assert_eq!(numbers.as_ptr() as usize - self.0, tensor.offset, "{tensor}");
            assert_eq!((numbers.len(), T::TYPE), (tensor.len(), tensor.element), "{tensor}");
            self.1 += 1;
        }
    }
    let mut check = Check(&raw const NET as usize, 0);
    NET.visit_named(&mut check);
    assert_eq!(check.1, tensors::<Net>().count());
}

#[test]
fn files_of_pytorch_have_its_outputs() {
    let (x, y) = (output::<Tensor<f32, 4, 3, 8, 8>>("net_x"), output::<Matrix<f32, 4, 10>>("net_y"));
    assert!(NET.forward(&x).zip(&y, |a, b| (a - b).abs()).iter().all(|&error| error < 1e-5));
    let (x, y) = (output::<Tensor<f32, 2, 1, 28, 28>>("lenet_x"), output::<Matrix<f32, 2, 10>>("lenet_y"));
    assert!(LENET.forward(&x).zip(&y, |a, b| (a - b).abs()).iter().all(|&error| error < 1e-5));
    assert!(y.iter().any(|y| y.abs() > 0.05));

    let mut net = Net::BLANK;
    read_safetensors(fixture!("net.safetensors"), &mut net).unwrap();
    assert_eq!(net, NET);
    let mut lenet = networks::LeNet5::boxed();
    read_safetensors(fixture!("lenet.safetensors"), &mut *lenet).unwrap();
    assert_eq!(*lenet, LENET);
}

/// `fixtures/weights.py --check` reads these files with `strict=True`. After a change that is meant, write them with
/// `CONSTCONV_WRITE=1 cargo test --test weights`.
#[test]
fn what_is_written_is_what_pytorch_was_shown() {
    let mut archive = Vec::new();
    write_npz(&NET, &mut archive).unwrap();
    for (name, bytes) in [("written.safetensors", written(&NET)), ("written.npz", archive)] {
        let path = format!("tests/fixtures/weights/{name}");
        if std::env::var_os("CONSTCONV_WRITE").is_some() {
            fs::write(&path, &bytes).unwrap();
        }
        assert!(fs::read(&path).unwrap() == bytes, "{name}");
    }
}

#[test]
fn a_file_is_read_back_and_by_the_other_reader() {
    let file = written(&NET);
    let mut net = Net::BLANK;
    read_safetensors(&file, &mut net).unwrap();
    assert_eq!(net, NET);
    let theirs = safetensors::SafeTensors::deserialize(&file).unwrap();
    assert_eq!(theirs.len(), tensors::<Net>().count());
    let weight: Vec<u8> = NET.fc.weight.iter().flat_map(|a| a.to_le_bytes()).collect();
    assert_eq!(theirs.tensor("fc.weight").unwrap().data(), weight);
    assert_eq!(theirs.tensor("fc.weight").unwrap().shape(), [10, 16]);

    let mut small = [0; 100];
    assert!(matches!(write_safetensors(&NET, &mut Buffer::new(&mut small)), Err(Full { .. })));
    assert!(matches!(write_npz(&NET, &mut Buffer::new(&mut small)), Err(Full { .. })));
}

#[test]
fn floats_of_16_bits_are_read_into_f32() {
    use safetensors::tensor::{Dtype, TensorView, serialize};
    let file = |dtype, one: [u8; 2], minus_half: [u8; 2]| {
        let (weight, bias) = ([one, minus_half].concat(), minus_half.to_vec());
        let views = [
            ("weight", TensorView::new(dtype, vec![1, 2], &weight).unwrap()),
            ("bias", TensorView::new(dtype, vec![1], &bias).unwrap()),
        ];
        serialize(views, None).unwrap()
    };
    let expected = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, -0.5]]), Vector::new([-0.5]));
    for file in [file(Dtype::F16, [0, 0x3c], [0, 0xb8]), file(Dtype::BF16, [0x80, 0x3f], [0, 0xbf])] {
        let mut layer = Linear::<f32, 2, 1>::BLANK;
        read_safetensors(&file, &mut layer).unwrap();
        assert_eq!(layer, expected);
        assert!(matches!(
            read_safetensors(&file, &mut *Linear::<f64, 2, 1>::boxed()),
            Err(WeightsError::Mismatch { wrong: 2, missing: 0, .. })
        ));
    }
}

/// The same at compile time.
#[test]
fn floats_of_16_bits_are_read_by_the_compiler() {
    static EXACT: Small = safetensors!("ui/safetensors/data/net.safetensors");
    static ROUNDED: Small = safetensors!("ui/safetensors/data/bf16.safetensors");
    let mut read = Small::BLANK;
    read_safetensors(include_bytes!("ui/safetensors/data/bf16.safetensors"), &mut read).unwrap();
    assert_eq!(read, ROUNDED);
    assert_eq!(ROUNDED.norm.running_var, Vector::new([1.5, 2.5]));
    let mut pairs = EXACT.fc.weight.iter().zip(&ROUNDED.fc.weight);
    assert!(pairs.all(|(a, b)| (a - b).abs() <= a.abs() / 256.0));
    assert_ne!(EXACT.fc, ROUNDED.fc);
}

#[test]
fn all_problems_are_listed_and_nothing_is_written() {
    let file = include_bytes!("ui/safetensors/data/wrong.safetensors");
    let mut net = Small::BLANK;
    net.conv.bias.fill(7.0);
    let before = net.clone();
    let error = read_safetensors(file, &mut net).unwrap_err();
    assert_eq!(error, WeightsError::Mismatch { missing: 3, wrong: 1, repeated: 0, extra: 2 });
    assert_eq!(net, before);
    let list: Vec<_> = problems(file, &net).unwrap().map(|problem| problem.to_string()).collect();
    assert_eq!(
        list,
        [
            "missing: conv.bias: F32 (2,)",
            "wrong: norm.weight: F32 (2,), found F32 (3,)",
            "missing: fc.weight: F32 (3, 8)",
            "missing: fc.bias: F32 (3,)",
            "not in the model: head.bias: F32 (3,)",
            "not in the model: head.weight: F32 (3, 8)",
        ]
    );
}

/// A file with this header and so many bytes after it.
fn file(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header.as_bytes());
    file.resize(file.len() + data, 1);
    file
}

#[test]
fn what_is_no_file_is_refused_with_a_reason() {
    let parse = |file: &[u8]| SafeTensors::parse(file).map(|file| file.len());
    let header = |header: &str, data| match parse(&file(header, data)) {
        Err(FormatError::Header { expected, .. }) => expected.to_owned(),
        other => format!("{other:?}"),
    };
    let a = r#""a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#;
    let b = r#""b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}"#;
    assert_eq!(parse(&file(&format!("{{{a},{b}}}"), 3)), Ok(2));
    assert_eq!(parse(&file(&format!("{{{b},{a}}}  "), 3)), Ok(2)); // not in the order of the bytes
    assert_eq!(parse(&file(r#"{"__metadata__":{"x":"\u00e9\n","y":""}}"#, 0)), Ok(0));
    assert_eq!(parse(&[0; 7]), Err(FormatError::Truncated));
    assert_eq!(parse(&file("{}", 0)[..9]), Err(FormatError::HeaderLength { length: 2 }));
    let mut long = file("{}", 0);
    long[..8].copy_from_slice(&100_000_001_u64.to_le_bytes());
    long.resize(100_000_100, b' ');
    assert_eq!(parse(&long), Err(FormatError::HeaderLength { length: 100_000_001 }));
    assert_eq!(parse(&file(&format!("{{{a}}}"), 1)), Err(FormatError::Length { found: 1, expected: 2 }));
    assert_eq!(parse(&file(&format!("{{{a}}}"), 3)), Err(FormatError::Length { found: 3, expected: 2 }));
    let overlap = b.replace("[2,3]", "[1,2]");
    assert_eq!(parse(&file(&format!("{{{a},{overlap}}}"), 3)), Err(FormatError::Offsets));
    let gap = b.replace("[2,3]", "[3,4]");
    assert_eq!(parse(&file(&format!("{{{a},{gap}}}"), 4)), Err(FormatError::Length { found: 4, expected: 3 }));
    let size = a.replace("[2]", "[3]");
    assert!(matches!(parse(&file(&format!("{{{size}}}"), 2)), Err(FormatError::Size { .. })));
    let huge = a.replace("[2]", "[4294967296,4294967296,2]");
    assert!(matches!(parse(&file(&format!("{{{huge}}}"), 2)), Err(FormatError::Size { .. })));

    for (text, data, expected) in [
        (" {}", 0, "a header that begins with a brace"),
        ("[]", 0, "a header that begins with a brace"),
        ("{", 0, "a name in quotes"),
        ("{} x", 0, "the end of the header"),
        (&format!("{{{a}"), 2, "a comma or a brace"),
        (&format!("{{{a},}}"), 2, "a name in quotes"),
        (r#"{"a\u0062":{}}"#, 0, "a name without escapes"),
        (r#"{"a":7}"#, 0, "a tensor in braces"),
        (r#"{"a":{}}"#, 0, "dtype, shape or data_offsets"),
        (&format!("{{{}}}", a.replace("U8", "U7")), 2, "a type of numbers that is known"),
        (&format!("{{{}}}", a.replace("[2]", "[02]")), 2, "a whole number"),
        (&format!("{{{}}}", a.replace("[2]", "[-2]")), 2, "a whole number"),
        (&format!("{{{}}}", a.replace("[2]", "[99999999999999999999]")), 2, "a smaller number"),
        (&format!("{{{}}}", a.replace("[2]", "[1,1,1,1,1,1,1,1,2]")), 2, "a shape of up to eight axes"),
        (&format!("{{{}}}", a.replace("\"shape\"", "\"dtype\"")), 2, "dtype, shape and data_offsets, once each"),
        (r#"{"__metadata__":{"x":7}}"#, 0, "metadata in quotes"),
        (r#"{"__metadata__":{"x":"\ud800"}}"#, 0, "the second half of a character"),
    ] {
        assert_eq!(header(text, data), expected, "{text}");
    }

    // Two of a name of the model; what the numbers are does not matter.
    let twice = file(&format!("{{{a},{}}}", a.replace("[0,2]", "[2,4]")), 4);
    let mut a = Vector::<u8, 2>::zeros();
    struct Holder {
        a: Vector<u8, 2>,
    }
    named! { [] Holder { a: Vector<u8, 2> } }
    let mut holder = Holder { a: a.clone() };
    let error = read_safetensors(&twice, &mut holder).unwrap_err();
    assert_eq!(error, WeightsError::Mismatch { missing: 0, wrong: 0, repeated: 1, extra: 0 });
    a.fill(1);
    read_safetensors(&file(r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, 2), &mut holder).unwrap();
    assert_eq!(holder.a, a);
}

/// What both readers say of a file: the names, types, shapes and bytes.
type Contents = BTreeSet<(String, String, Vec<usize>, Vec<u8>)>;

fn ours(file: &[u8]) -> Option<Contents> {
    let file = SafeTensors::parse(file).ok()?;
    let list: Vec<_> = (file.iter())
        .map(|t| (t.name.to_owned(), t.element.to_string(), t.shape().to_vec(), t.bytes.to_vec()))
        .collect();
    let contents: Contents = list.iter().cloned().collect();
    let names: BTreeSet<_> = list.iter().map(|t| &t.0).collect();
    // Two of a name are refused by those who look for the name; of tensors without bytes the place does not matter.
    (names.len() == list.len() && list.iter().all(|t| !t.3.is_empty())).then_some(contents)
}

fn theirs(file: &[u8]) -> Option<Contents> {
    let file = safetensors::SafeTensors::deserialize(file).ok()?;
    let contents = file.tensors().into_iter().map(|(name, t)| {
        let element = t.dtype().to_string();
        (name, element, t.shape().to_vec(), t.data().to_vec())
    });
    Some(contents.collect())
}

const TYPES: [safetensors::Dtype; 8] = {
    use safetensors::Dtype::*;
    [F32, F64, U8, I64, F16, BF16, BOOL, I16]
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 2_000 }))]

    #[test]
    fn files_of_the_other_writer_are_read(
        parts in proptest::collection::btree_map("[a-z]{1,3}(\\.[a-zé0-9]{1,4}){0,3}", (0..TYPES.len(), proptest::collection::vec(1..4_usize, 0..4)), 0..6)
    ) {
        let data: Vec<Vec<u8>> = parts.values().enumerate()
            .map(|(i, (t, shape))| vec![i as u8; shape.iter().product::<usize>() * (TYPES[*t].bitsize() / 8)])
            .collect();
        let views = parts.iter().zip(&data).map(|((name, (t, shape)), data)| {
            (name, safetensors::tensor::TensorView::new(TYPES[*t], shape.clone(), data).unwrap())
        });
        let file = safetensors::serialize(views, None).unwrap();
        prop_assert!(ours(&file).is_some());
        prop_assert_eq!(ours(&file), theirs(&file));
    }

    /// What is accepted, the other reader accepts, with the same contents; reading never panics, and a model is changed
    /// only by a file that fits.
    #[test]
    fn damaged_files(
        changes in proptest::collection::vec((0..1_200_usize, prop_oneof![any::<u8>(), proptest::sample::select(b"{}[]\",:0123456789 \\".to_vec())], 0..3), 1..4)
    ) {
        let mut file = include_bytes!("ui/safetensors/data/net.safetensors").to_vec();
        for (at, byte, kind) in changes {
            let at = at.min(file.len() - 1);
            match kind {
                0 => file[at] = byte,
                1 => file.insert(at, byte),
                _ => drop(file.remove(at)),
            }
            if kind > 0 && (8..700).contains(&at) {
                // The length of the header follows, so that more than the length is tested.
                let length = u64::from_le_bytes(file[..8].try_into().unwrap());
                let length = if kind == 1 { length.wrapping_add(1) } else { length.wrapping_sub(1) };
                file[..8].copy_from_slice(&length.to_le_bytes());
            }
        }
        if let Some(contents) = ours(&file) {
            prop_assert_eq!(Some(contents), theirs(&file));
        }
        let mut layer = (Conv2d::<f32, 1, 2, Kernel<3>>::BLANK, Linear::<f32, 8, 3>::BLANK);
        prop_assert!(read_safetensors(&file, &mut layer).is_err());
        prop_assert!(layer == Module::BLANK);
    }
}

/// A training with everything that it needs.
#[derive(Clone, Debug, PartialEq)]
struct Training<O: Optimizer<Net>> {
    net: Net,
    optimizer: O,
    state: O::State,
    steps: u64,
    random: u64,
}

named! { [O: Optimizer<Net, State: Named> + Named] Training<O> {
    net: Net,
    optimizer: O,
    state: O::State,
    steps: u64,
    random: u64,
} }

impl<O: Optimizer<Net>> Training<O> {
    fn new(optimizer: O) -> Self {
        let mut training = Training { net: Net::BLANK, optimizer, state: Zeroed::ZERO, steps: 0, random: 1 };
        let mut random = 1;
        training.net.initialize(&mut || uniform(&mut random));
        training
    }

    fn train(&mut self, steps: usize, set_rate: impl Fn(&mut O, f32)) {
        let schedule = CosineAnnealingLr { learning_rate: 0.02, minimum: 0.001, steps: 10 };
        let mut tape = Tape::<Net, Tensor<f32, 4, 3, 8, 8>>::boxed_zeros();
        for _ in 0..steps {
            let x = Tensor::<f32, 4, 3, 8, 8>::from_fn(|_| uniform(&mut self.random) as f32);
            let (mut y, mut dy, mut gradient) = (Matrix::zeros(), Matrix::zeros(), Gradient::<Net>::ZERO);
            self.net.forward_train(&x, &mut y, &mut tape);
            mse(&y, &Matrix::full(0.5), Reduction::Mean, &mut dy);
            self.net.backward_parameters(&x, &y, &dy, &mut tape, &mut gradient);
            set_rate(&mut self.optimizer, schedule.rate(self.steps as usize));
            self.optimizer.step(&mut self.net, &gradient, &mut self.state);
            self.steps += 1;
        }
    }
}

fn uniform(random: &mut u64) -> f64 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*random >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn a_training_goes_on_with_the_same_bits() {
    macro_rules! check {
        ($($optimizer:expr;)*) => { $({
            let rate = |optimizer: &mut _, rate| {
                let mut same = $optimizer;
                same.learning_rate = rate;
                *optimizer = same;
            };
            let mut whole = Training::new($optimizer);
            whole.train(3, rate);
            let mut file = Vec::new();
            write_safetensors(&whole, &mut file).unwrap();
            assert!(safetensors::SafeTensors::deserialize(&file).is_ok());
            whole.train(3, rate);

            let mut resumed = Training::new($optimizer);
            assert_ne!(resumed.net, whole.net);
            read_safetensors(&file, &mut resumed).unwrap();
            assert_ne!(resumed.net, whole.net);
            resumed.train(3, rate);
            assert_eq!(resumed, whole);
            assert_eq!(written(&resumed), written(&whole)); // to the bit
            assert_eq!(whole.steps, 6);
        })* };
    }
    check! {
        Sgd::new(0.1);
        Sgd::new(0.1).momentum(0.9);
        Adam::new(0.1);
        AdamW::new(0.1);
        RmsProp::new(0.1).centered().momentum(0.5);
    }
}

/// Masks follow from the count of passes, wherever the dropout is.
#[test]
fn masks_go_on_where_they_were() {
    type X = Tensor<f32, 4, 16, 1, 1>;
    model! {
        Branched: X => {
            conv: Conv2d<f32, 16, 8, Kernel<1>>,
            cat: Concat<(Identity, (Conv2d<f32, 8, 8, Kernel<1>>, Dropout))>,
            block: Residual<(Conv2d<f32, 16, 16, Kernel<1>>, Relu, Dropout)>,
            last: Dropout,
        }
    }
    let mut net = Branched::BLANK;
    let mut random = 5;
    net.initialize(&mut || uniform(&mut random));
    let x = X::from_fn(|[n, c, _, _]| (n * 16 + c) as f32 / 64.0);
    let pass = |tape: &mut Tape<Branched, X>| {
        let mut y = X::zeros();
        net.forward_train(&x, &mut y, tape);
        y
    };
    let mut whole = Zeroed::ZERO;
    let passes: Vec<_> = (0..6).map(|_| pass(&mut whole)).collect();
    let mut resumed = Zeroed::ZERO;
    assert!(pass(&mut resumed) == passes[0] && passes[4] != passes[0]);
    let mut resumed: Tape<Branched, X> = Zeroed::ZERO;
    resumed.set_passes(4);
    assert!(pass(&mut resumed) == passes[4] && pass(&mut resumed) == passes[5]);
}

/// The optimizer's numbers are read, too.
#[test]
fn optimizers_are_read_with_their_numbers() {
    let mut adam = Adam::new(0.1_f64);
    read_safetensors(&written(&Adam::new(0.25_f64).betas(0.5, 0.75)), &mut adam).unwrap();
    assert_eq!(adam, Adam::new(0.25).betas(0.5, 0.75));
    let mut rms_prop = RmsProp::new(0.1).momentum(0.2);
    read_safetensors(&written(&RmsProp::new(0.5).momentum(0.75)), &mut rms_prop).unwrap();
    assert_eq!(rms_prop, RmsProp::new(0.5).momentum(0.75));
}

#[path = "../examples/state_dict.rs"]
#[allow(dead_code)]
mod state_dict;

/// The example prints layers that have the tensors of the file.
#[test]
fn the_example_prints_layers_that_fit() {
    let text = state_dict::model(fixture!("lenet.safetensors")).unwrap();
    assert_eq!(
        text,
        "\
model! {
    pub Net: Tensor<f32, 1, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>, Stride<1>, Padding<2>>,
        fc1: Linear<f32, 400, 120>,
        fc2: Linear<f32, 120, 84>,
        fc3: Linear<f32, 84, 10>,
    }
}
"
    );
    // Those layers, as they were printed for the other network.
    struct Layers {
        features_0: Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, NoBias>,
        features_1: BatchNorm2d<f32, 8>,
        fc: Linear<f32, 16, 10>,
        layer1_0_bn1: BatchNorm2d<f32, 8>,
        layer1_0_conv1: Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>,
        layer1_0_conv2: Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>,
        layer2_0: Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        layer2_1: BatchNorm2d<f32, 16>,
        layer2_shortcut: Conv2d<f32, 8, 16, Kernel<1>, Stride<1>, Padding<0>>,
    }
    macro_rules! printed {
        ($($field:ident $(as $name:literal)?: $layer:ty,)*) => {
            named! { [] Layers { $($field $(as $name)?: $layer),* } }
            const LINES: &[&str] = &[$(concat!(stringify!($field), $(" as ", stringify!($name),)? ": ", stringify!($layer), ",")),*];
        };
    }
    printed! {
        fc: Linear<f32, 16, 10>,
        features_0 as "features.0": Conv2d<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, NoBias>,
        features_1 as "features.1": BatchNorm2d<f32, 8>,
        layer1_0_bn1 as "layer1.0.bn1": BatchNorm2d<f32, 8>,
        layer1_0_conv1 as "layer1.0.conv1": Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>,
        layer1_0_conv2 as "layer1.0.conv2": Conv2d<f32, 8, 8, Kernel<3>, Stride<1>, Padding<1>>,
        layer2_0 as "layer2.0": Conv2d<f32, 8, 16, Kernel<3>, Stride<1>, Padding<1>>,
        layer2_1 as "layer2.1": BatchNorm2d<f32, 16>,
        layer2_shortcut as "layer2.shortcut": Conv2d<f32, 8, 16, Kernel<1>, Stride<1>, Padding<0>>,
    }
    let text = state_dict::model(fixture!("net.safetensors")).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with("        ")).map(str::trim).collect();
    let one_line = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(lines, LINES.iter().map(one_line).collect::<Vec<_>>());
    let mut layers = Layers {
        features_0: Module::BLANK,
        features_1: Module::BLANK,
        fc: Module::BLANK,
        layer1_0_bn1: Module::BLANK,
        layer1_0_conv1: Module::BLANK,
        layer1_0_conv2: Module::BLANK,
        layer2_0: Module::BLANK,
        layer2_1: Module::BLANK,
        layer2_shortcut: Module::BLANK,
    };
    read_safetensors(fixture!("net.safetensors"), &mut layers).unwrap();
    assert_eq!(layers.fc, NET.fc);
}

/// Integers, and tensors of all sizes in one file, those of larger numbers first.
#[test]
fn numbers_of_every_type() {
    #[derive(Clone, Debug, PartialEq)]
    struct Numbers {
        a: Vector<u8, 3>,
        b: f64,
        c: Conv2d<i32, 1, 1, Kernel<1>>,
        d: [Vector<i16, 1>; 11],
    }
    named! { [] Numbers { a: Vector<u8, 3>, b: f64, c: Conv2d<i32, 1, 1, Kernel<1>>, d: [Vector<i16, 1>; 11] } }
    let numbers = Numbers {
        a: Vector::new([1, 2, 3]),
        b: -0.0,
        c: Conv2d::new(Tensor::full(i32::MIN), Vector::full(9)),
        d: core::array::from_fn(|i| Vector::full(i as i16)),
    };
    let file = written(&numbers);
    let theirs = safetensors::SafeTensors::deserialize(&file).unwrap();
    assert_eq!(theirs.tensor("d.10").unwrap().data(), [10, 0]);
    assert!(theirs.tensor("b").unwrap().shape().is_empty());
    let mut read =
        Numbers { a: Vector::zeros(), b: 1.0, c: Conv2d::BLANK, d: numbers.d.clone().map(|_| Vector::zeros()) };
    read_safetensors(&file, &mut read).unwrap();
    assert_eq!(read, numbers);
    assert!(read.b.is_sign_negative());
    assert_eq!(tensors::<Numbers>().map(|t| t.element).next(), Some(ElementType::U8));
}

/// In a `static` or `const`, `cargo check` reports a wrong file.
#[test]
#[cfg_attr(miri, ignore)]
fn wrong_files_are_errors_of_cargo_check() {
    trybuild::TestCases::new().compile_fail("tests/ui/safetensors/*.rs");
}
