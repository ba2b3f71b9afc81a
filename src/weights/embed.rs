//! Reading at compile time.
#![allow(unsafe_code)] // A model is filled at the places that its table says.

use core::mem::MaybeUninit;
use core::slice;

use super::problems::{Problems, Source};
use crate::io::safetensors::{Entry, FormatError, SafeTensors};
use crate::io::{Element, ElementType, Text};
use crate::module::{Module, Named, tensors};

/// A whole model from a safetensors file, read at compile time: as a `static` it lies in flash, and nothing runs at
/// start.
///
/// The type is inferred from where the model goes; the path is relative to the source file, as in [`include_bytes!`].
/// The names are those of PyTorch's `state_dict`: see [`Named`](crate::module::Named). Hyperparameters have their
/// defaults, as in [`BLANK`](crate::module::Module::BLANK).
///
/// ```
/// use constconv::prelude::*;
/// use constconv::safetensors;
///
/// model! {
///     Net: Tensor<f32, 1, 1, 4, 4> => {
///         conv: Conv2d<f32, 1, 2, Kernel<3>>,
///         norm: BatchNorm2d<f32, 2>,
///         fc: Linear<f32, 8, 3>,
///     }
/// }
/// static NET: Net = safetensors!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/safetensors/data/net.safetensors"));
/// assert_eq!(NET.norm.running_var, Vector::new([1.5, 2.5]));
/// ```
///
/// If the file does not fit, one compile error lists all that is missing, wrong, or not in the model:
///
/// ```compile_fail
/// # use constconv::prelude::*;
/// # use constconv::safetensors;
/// // safetensors: the file does not fit the model
/// //   wrong: weight: F32 (3, 9), found F32 (3, 8)
/// //   not in the model: …
/// static LAYER: Linear<f32, 9, 3> =
///     safetensors!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/safetensors/data/net.safetensors"));
/// ```
///
/// As with [`npy!`](crate::npy!), `cargo check` reports it in a `static` or `const`, and only `cargo build` in the body
/// of a function. LeNet-5, a quarter of a megabyte, takes the compiler 0.2 s. Floats of 16 bits are converted one by one,
/// about 50 000 in a second; from a million on the compiler asks for `#![allow(long_running_const_eval)]`.
#[macro_export]
macro_rules! safetensors {
    ($path:expr $(,)?) => {
        const {
            struct File;
            impl $crate::weights::Embedded for File {
                const INDEX: $crate::weights::Index = {
                    const BYTES: &[u8] = ::core::include_bytes!($path);
                    const ENTRIES: [$crate::io::safetensors::Entry<'static>; $crate::weights::Index::room(BYTES)] =
                        $crate::weights::Index::entries(BYTES);
                    $crate::weights::Index::new(BYTES, &ENTRIES)
                };
            }
            match <_ as $crate::weights::Embed<File>>::VALUE {
                ::core::result::Result::Ok(model) => model,
                ::core::result::Result::Err(failure) => failure.fail(),
            }
        }
    };
}

/// The tensors of a file, listed once.
#[doc(hidden)]
#[derive(Debug)]
pub struct Index(Result<&'static [Entry<'static>], FormatError>);

impl Index {
    /// How many tensors there are.
    #[must_use]
    pub const fn room(file: &[u8]) -> usize {
        match SafeTensors::parse(file) {
            Ok(file) => file.len(),
            Err(_) => 0,
        }
    }

    /// The tensors.
    #[must_use]
    pub const fn entries<const N: usize>(file: &[u8]) -> [Entry<'_>; N] {
        let mut entries = [Entry::EMPTY; N];
        if let Ok(file) = SafeTensors::parse(file) {
            let (mut scan, mut i) = (file.iter(), 0);
            while let Some(entry) = scan.advance() {
                entries[i] = entry;
                i += 1;
            }
        }
        entries
    }

    /// The list, or what is wrong with the file.
    #[must_use]
    pub const fn new(file: &'static [u8], entries: &'static [Entry<'static>]) -> Self {
        Self(match SafeTensors::parse(file) {
            Ok(_) => Ok(entries),
            Err(error) => Err(error),
        })
    }
}

/// A file in the source tree, as a type.
#[doc(hidden)]
pub trait Embedded {
    /// What is in it.
    const INDEX: Index;
}

/// A model that is read from the file `F` at compile time.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`safetensors!` does not read a `{Self}`",
    label = "the type of the model that is read here",
    note = "it reads layers and models whose elements are `f32`, `f64` or integers of 8 to 64 bits"
)]
pub trait Embed<F>: Sized {
    /// What is wrong, if anything is.
    const FAILURE: &'static Option<Failure>;
    /// The model.
    const VALUE: Result<Self, &'static Failure>;
}

/// All that is wrong, as text.
#[derive(Debug)]
pub struct Failure(Text<4096>);

impl Failure {
    /// Makes it a compile error at the place of the caller.
    #[track_caller]
    pub const fn fail(&self) -> ! {
        panic!("{}", self.0.as_str())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Module + Named, F: Embedded> Embed<F> for M {
    const FAILURE: &'static Option<Failure> = &failure::<M, F>();
    const VALUE: Result<Self, &'static Failure> = match <Self as Embed<F>>::FAILURE {
        Some(failure) => Err(failure),
        // The only use of `filled`: the compiler runs it, which watches each access and checks the value that it makes.
        None => Ok(filled::<M, F>()),
    };
}

/// What keeps the file from fitting.
const fn failure<M: Named, F: Embedded>() -> Option<Failure> {
    let mut text = Text::new();
    let entries = match F::INDEX.0 {
        Ok(entries) => entries,
        Err(error) => {
            error.write_to(&mut text);
            return Some(Failure(text));
        }
    };
    let (mut problems, mut more) = (Problems::new(M::MEMBERS, Source::Listed(entries)), 0);
    text.str("safetensors: the file does not fit the model");
    let empty = text.as_bytes().len();
    while let Some(problem) = problems.advance() {
        if text.as_bytes().len() < 3500 {
            text.str("\n  ");
            problem.write_to(&mut text);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        text.str("\n  and ");
        text.number(more);
        text.str(" more");
    }
    if text.as_bytes().len() == empty { None } else { Some(Failure(text)) }
}

/// The model with the numbers of a file that fits.
const fn filled<M: Module + Named, F: Embedded>() -> M {
    let mut model = MaybeUninit::new(M::BLANK);
    let (Ok(entries), mut tensors) = (F::INDEX.0, tensors::<M>()) else {
        panic!("the file was not checked");
    };
    while let Some(tensor) = tensors.advance() {
        let (Some(entry), _) = Source::Listed(entries).find(&tensor.name) else {
            panic!("the file was not checked");
        };
        assert!(tensor.offset + tensor.len() * tensor.element.size() <= size_of::<M>());
        // SAFETY: the numbers lie within the model, by the assertion, and there they are of this type: `named!` takes
        // both from the field, the place by `offset_of!`. Only a table written by hand could be wrong; then the
        // compiler, which alone runs this, refuses the access or the value.
        unsafe {
            let place = model.as_mut_ptr().cast::<u8>().add(tensor.offset);
            match tensor.element {
                ElementType::F32 => fill::<f32>(&entry, place, tensor.len()),
                ElementType::F64 => fill::<f64>(&entry, place, tensor.len()),
                ElementType::I8 => fill::<i8>(&entry, place, tensor.len()),
                ElementType::I16 => fill::<i16>(&entry, place, tensor.len()),
                ElementType::I32 => fill::<i32>(&entry, place, tensor.len()),
                ElementType::I64 => fill::<i64>(&entry, place, tensor.len()),
                ElementType::U8 => fill::<u8>(&entry, place, tensor.len()),
                ElementType::U16 => fill::<u16>(&entry, place, tensor.len()),
                ElementType::U32 => fill::<u32>(&entry, place, tensor.len()),
                ElementType::U64 => fill::<u64>(&entry, place, tensor.len()),
                _ => panic!("no `Element` has this type"),
            }
        }
    }
    // SAFETY: it was initialised as `BLANK`.
    unsafe { model.assume_init() }
}

/// Reads a tensor to its place.
///
/// # Safety
/// There are `len` numbers of type `T` at `place`.
const unsafe fn fill<T: Element>(entry: &Entry<'_>, place: *mut u8, len: usize) {
    // SAFETY: by the condition of this function; nothing else refers to them.
    entry.read_into(unsafe { slice::from_raw_parts_mut(place.cast::<T>(), len) });
}
