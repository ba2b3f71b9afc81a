//! What the tests share: random numbers that stay the same for ever, one tolerance, and grids that show what differs.
#![allow(dead_code, unused_imports, unused_macros)] // Each test binary uses a part of it.

use std::fmt::Write as _;

use constconv::io::npy::{Npy, NpyScalar};
use constconv::io::npz::entry;
use constconv::kernel::Level;
use constconv::prelude::*;
use constconv::shape::{Rounding, output_extent};
use proptest::prelude::{Just, Strategy, prop_oneof};

/// A program falls back where `CONSTCONV_LEVEL` names a level that it cannot have; tests that were asked to run at a level
/// do not pretend to.
#[test]
fn the_level_that_is_asked_for_runs() {
    if let Ok(name) = std::env::var("CONSTCONV_LEVEL") {
        assert_eq!(Level::current().name(), name, "CONSTCONV_LEVEL={name}: this processor has no such level");
    }
}

/// Random numbers from a seed (SplitMix64), the same on every machine and with every version of every crate, so that
/// recorded results stay valid.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number in `from..=to`.
    pub fn within(&mut self, from: usize, to: usize) -> usize {
        from + (self.bits() % (to - from + 1) as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.within(0, choices.len() - 1)]
    }

    /// Normal with mean 0 and variance 1 (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// An array of normal numbers.
    pub fn array<A: Array<Scalar: Real>>(&mut self) -> A {
        self.scaled(1.0)
    }

    /// An array of normal numbers times `scale`.
    pub fn scaled<A: Array<Scalar: Real>>(&mut self, scale: f64) -> A {
        let mut array = A::ZERO;
        for a in array.as_mut_slice() {
            *a = real(scale * self.normal());
        }
        array
    }

    /// Numbers of any type under test.
    pub fn values<T: Number>(&mut self, len: usize) -> Vec<T> {
        std::iter::repeat_with(|| T::random(self)).take(len).collect()
    }

    /// A module with PyTorch's initial parameters.
    pub fn module<M: Initialize>(&mut self) -> M {
        let mut module = M::BLANK;
        module.initialize(&mut || self.uniform());
        module
    }
}

/// A number as a `T`.
pub fn real<T: Real>(a: f64) -> T {
    T::from_f64(a).expect("a number of ordinary size")
}

/// An array of NaN: what an operation that overwrites must not leave behind.
pub fn nan<A: Array<Scalar: Real>>() -> A {
    filled(f64::NAN)
}

/// An array of equal numbers, for generic code.
pub fn filled<A: Array<Scalar: Real>>(value: f64) -> A {
    let mut array = A::ZERO;
    array.as_mut_slice().fill(real(value));
    array
}

/// A number type under test: random values, and how far two sums of `terms` products may be apart.
pub trait Number: Scalar {
    fn random(random: &mut Random) -> Self;
    /// What overwritten outputs are filled with beforehand: a number that no result is close to.
    fn junk() -> Self;
    fn close(a: Self, b: Self, terms: usize) -> bool;
}

macro_rules! real_number {
    ($($t:ident)*) => { $(
        impl Number for $t {
            fn random(random: &mut Random) -> Self {
                (2.0 * random.uniform() - 1.0) as $t
            }
            fn junk() -> Self {
                $t::NAN
            }
            fn close(a: Self, b: Self, terms: usize) -> bool {
                excess(a.into(), b.into(), $t::TOLERANCE * (terms.max(1) as f64).sqrt()) <= 1.0
            }
        }
    )* };
}

macro_rules! integer {
    ($($t:ident)*) => { $(
        impl Number for $t {
            fn random(random: &mut Random) -> Self {
                (random.bits() % 201) as $t - 100
            }
            fn junk() -> Self {
                77
            }
            fn close(a: Self, b: Self, _: usize) -> bool {
                a == b
            }
        }
    )* };
}

real_number! { f32 f64 }
integer! { i32 i64 }

/// One axis of a window: L, K, S, P, D and the rounding, such that the output is not empty.
pub fn axis(longest: usize) -> impl Strategy<Value = ([usize; 5], usize)> {
    let rounding = prop_oneof![Just(Rounding::Floor), Just(Rounding::Ceil), Just(Rounding::PooledCeil)];
    (1..=longest, 1..=5_usize, 1..=3_usize, 0..=3_usize, 1..=3_usize, rounding)
        .prop_filter_map("the window fits", |(l, k, s, p, d, rounding)| {
            Some(([l, k, s, p, d], output_extent(l, k, s, p, d, rounding)?))
        })
}

/// An array of random numbers of any type under test.
pub fn random_array<A: Array<Scalar: Number>>(random: &mut Random) -> A {
    let mut array = A::ZERO;
    array.as_mut_slice().iter_mut().for_each(|a| *a = Number::random(random));
    array
}

/// Compares arrays of any type under test: exactly where it is exact, else as sums of `terms` products.
#[track_caller]
pub fn assert_same<A: Array<Scalar: Number>>(what: &str, found: &A, expected: &A, terms: usize) {
    for (i, (&a, &b)) in found.as_slice().iter().zip(expected.as_slice()).enumerate() {
        assert!(Number::close(a, b, terms), "{what}[{i}]: {a:?} instead of {b:?}");
    }
}

/// Runs `test` where large tensors may be moved: builds without optimisation copy them often.
pub fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).expect("a thread can be made");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// A number type and how far results may be apart, for one term: |a − b| ≤ TOLERANCE · max(1, |b|) · √terms.
pub trait Approximate: NpyScalar + Real + Into<f64> {
    const TOLERANCE: f64;
    /// What the names of its fixtures begin with.
    const NAME: &str;
    /// A number of a fixture.
    fn from_bytes(bytes: &[u8]) -> Self;
}

macro_rules! approximate {
    ($($type:ident $tolerance:literal)*) => { $(
        impl Approximate for $type {
            const TOLERANCE: f64 = $tolerance;
            const NAME: &str = stringify!($type);

            fn from_bytes(bytes: &[u8]) -> Self {
                $type::from_le_bytes(bytes.try_into().expect("as many bytes as a number has"))
            }
        }
    )* };
}

approximate! { f32 1e-5 f64 1e-12 }

/// The array `<type>/<array>` of `fixtures/<group>/<case>.npz`.
macro_rules! fixture {
    ($group:literal $case:ident $t:ident $array:literal) => {
        constconv::npz!(
            concat!("fixtures/", $group, "/", stringify!($case), ".npz"),
            concat!(stringify!($t), "/", $array)
        )
    };
}
pub(crate) use fixture;

/// The numbers of such an array, read at run time: for tests that go through many cases by name.
pub fn load<T: Approximate>(case: &str, array: &str) -> Vec<T> {
    let (path, array) =
        (format!("{}/tests/fixtures/{case}.npz", env!("CARGO_MANIFEST_DIR")), [T::NAME, array].join("/"));
    let archive = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file = entry(&archive, &array).unwrap_or_else(|error| panic!("{path}, {array}: {error}"));
    let npy = Npy::parse(file).unwrap_or_else(|error| panic!("{path}, {array}: {error}"));
    assert_eq!(npy.dtype(), T::DTYPE, "{path}, {array}");
    npy.payload().chunks(size_of::<T>()).map(T::from_bytes).collect()
}

/// Compares numbers that are no sums to speak of, one by one.
#[track_caller]
pub fn assert_all_close<T: Approximate>(what: &str, found: &[T], expected: &[T]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (&a, &b)) in found.iter().zip(expected).enumerate() {
        let (a, b): (f64, f64) = (a.into(), b.into());
        assert!(excess(a, b, T::TOLERANCE) <= 1.0, "{what}[{i}]: {a} instead of {b}");
    }
}

/// An array with its axes as values.
pub trait Shaped: Array<Scalar: Approximate> {
    fn axes(&self) -> Vec<usize>;
}

macro_rules! shaped {
    ($($name:ident<$($axis:ident),+>)*) => { $(
        impl<T: Approximate, $(const $axis: usize),+> Shaped for $name<T, $($axis),+> {
            fn axes(&self) -> Vec<usize> {
                self.shape().to_vec()
            }
        }
    )* };
}

shaped! { Tensor<N, C, H, W> Signal<N, C, L> Matrix<R, C> Vector<N> }

/// Compares two arrays whose numbers are sums of `terms` products; NaN equals NaN.
#[track_caller]
pub fn assert_close<A: Shaped>(what: &str, found: &A, expected: &A, terms: usize) {
    let tolerance = <A::Scalar as Approximate>::TOLERANCE * (terms as f64).sqrt();
    assert_within(what, found, expected, tolerance);
}

/// Compares two arrays number by number: |a − b| ≤ tolerance · max(1, |b|).
#[track_caller]
pub fn assert_within<A: Shaped>(what: &str, found: &A, expected: &A, tolerance: f64) {
    assert_slices(what, &found.axes(), found.as_slice(), expected.as_slice(), tolerance);
}

/// The same of slices: one function for all shapes.
#[track_caller]
fn assert_slices<T: Approximate>(what: &str, axes: &[usize], found: &[T], expected: &[T], tolerance: f64) {
    let numbers = |array: &[T]| array.iter().map(|&a| a.into()).collect::<Vec<f64>>();
    let (a, b) = (numbers(found), numbers(expected));
    if let Some(report) = report(axes, &a, &b, tolerance) {
        panic!("{what}: {report}");
    }
}

/// By how much two numbers differ, as a multiple of what is allowed.
fn excess(a: f64, b: f64, tolerance: f64) -> f64 {
    if a.is_nan() && b.is_nan() || a == b {
        return 0.0;
    }
    let excess = (a - b).abs() / (tolerance * b.abs().max(1.0));
    if excess.is_nan() { f64::INFINITY } else { excess }
}

/// What differs, or `None`.
fn report(axes: &[usize], a: &[f64], b: &[f64], tolerance: f64) -> Option<String> {
    assert_eq!(a.len(), b.len());
    let excess = |i: usize| excess(a[i], b[i], tolerance);
    let wrong = (0..a.len()).filter(|&i| excess(i) > 1.0);
    let first = wrong.clone().next()?;
    let worst = wrong.clone().max_by(|&i, &j| excess(i).total_cmp(&excess(j)))?;

    let mut text = format!("{} of {} numbers differ by more than {tolerance:.1e}", wrong.count(), a.len());
    for (name, i) in [("first", first), ("worst", worst)] {
        let _ = write!(text, "\n{name} at {:?}: found {:e}, expected {:e}", place(axes, i), a[i], b[i]);
    }
    for (name, numbers) in [("found", a), ("expected", b)] {
        let _ =
            write!(text, "\n{name}, around the worst (* differs):{}", grid(axes, numbers, worst, &|i| excess(i) > 1.0));
    }
    Some(text)
}

/// The indices of the number at `i`.
fn place(axes: &[usize], mut i: usize) -> Vec<usize> {
    let mut place: Vec<_> = axes.iter().rev().map(|axis| (i % axis, i /= axis).0).collect();
    place.reverse();
    place
}

/// At most 9×7 numbers of the plane on which `center` lies, with marks.
fn grid(axes: &[usize], numbers: &[f64], center: usize, marked: &dyn Fn(usize) -> bool) -> String {
    let width = axes[axes.len() - 1];
    let height = if axes.len() > 1 { axes[axes.len() - 2] } else { 1 };
    let start = center - center % (width * height);
    let (row, column) = (center % (width * height) / width, center % width);
    let mut text = String::new();
    for row in row.saturating_sub(4)..height.min(row + 5) {
        let _ = write!(text, "\n  row {row:>3}:");
        for column in column.saturating_sub(3)..width.min(column + 4) {
            let i = start + row * width + column;
            let _ = write!(text, " {:>12.5e}{}", numbers[i], if marked(i) { '*' } else { ' ' });
        }
    }
    text
}

/// What a call says when it is refused.
pub fn refusal<R>(call: impl FnOnce() -> R + std::panic::UnwindSafe) -> String {
    let Err(refused) = std::panic::catch_unwind(call) else { panic!("a call that is not refused") };
    match refused.downcast::<&str>() {
        Ok(message) => message.to_string(),
        Err(refused) => *refused.downcast::<String>().expect("a message"),
    }
}
