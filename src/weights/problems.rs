//! Where a file and a model differ.

use core::fmt::{self, Display, Formatter};

use crate::io::Text;
use crate::io::safetensors::{Entries, Entry, FormatError, SafeTensors};
use crate::module::{Member, Name, Named, TensorInfo, Tensors};

/// The tensors of a file: in its header, or in a list that was made of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    Header(Entries<'a>),
    Listed(&'a [Entry<'a>]),
}

impl<'a> Source<'a> {
    /// The next one.
    const fn advance(&mut self) -> Option<Entry<'a>> {
        match self {
            Self::Header(entries) => entries.advance(),
            Self::Listed([first, rest @ ..]) => {
                let first = *first;
                *self = Self::Listed(rest);
                Some(first)
            }
            Self::Listed([]) => None,
        }
    }

    /// The first one of this name, and whether there is another one.
    pub(super) const fn find(mut self, name: &Name) -> (Option<Entry<'a>>, bool) {
        let mut found = None;
        while let Some(entry) = self.advance() {
            if name.is(entry.name.as_bytes()) {
                if found.is_some() {
                    return (found, true);
                }
                found = Some(entry);
            }
        }
        (found, false)
    }
}

/// Something that keeps a file from fitting a model. As text it has name, type and shape.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::weights::{Problem, problems, write_safetensors};
/// let mut file = Vec::new();
/// write_safetensors(&Linear::<f32, 2, 1>::BLANK, &mut file).unwrap();
/// let mut problems = problems(&file, &Linear::<f32, 3, 1>::BLANK).unwrap();
/// let problem = problems.next().unwrap();
/// assert!(matches!(problem, Problem::Wrong { found, .. } if found.shape() == [1, 2]));
/// assert_eq!(problem.to_string(), "wrong: weight: F32 (1, 3), found F32 (1, 2)");
/// assert!(problems.next().is_none()); // the bias fits
/// ```
#[derive(Clone, Copy, Debug)]
#[allow(clippy::large_enum_variant)] // Made one at a time, on the stack.
pub enum Problem<'a> {
    /// The file does not have this tensor of the model.
    Missing(TensorInfo),
    /// The file has it with another shape or type.
    Wrong {
        /// What the model has.
        expected: TensorInfo,
        /// What the file has.
        found: Entry<'a>,
    },
    /// The file has two of the name.
    Repeated(TensorInfo),
    /// The model does not have this tensor of the file.
    Extra(Entry<'a>),
}

impl Problem<'_> {
    pub(super) const fn write_to<const N: usize>(&self, text: &mut Text<N>) {
        match self {
            Self::Missing(tensor) => {
                text.str("missing: ");
                tensor.write_to(text);
            }
            Self::Wrong { expected, found } => {
                text.str("wrong: ");
                expected.write_to(text);
                text.str(", found ");
                text.str(found.element.name());
                text.str(" ");
                text.tuple(found.shape());
            }
            Self::Repeated(tensor) => {
                text.str("twice in the file: ");
                tensor.write_to(text);
            }
            Self::Extra(found) => {
                text.str("not in the model: ");
                text.shown(found.name);
                text.str(": ");
                text.str(found.element.name());
                text.str(" ");
                text.tuple(found.shape());
            }
        }
    }
}

impl Display for Problem<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = Text::<512>::new();
        self.write_to(&mut text);
        f.write_str(text.as_str())
    }
}

/// All that keeps a file from fitting a model: [`problems`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::weights::{problems, write_safetensors};
/// let (mut file, layer) = (Vec::new(), Linear::<f32, 2, 1>::BLANK);
/// write_safetensors(&layer, &mut file).unwrap();
/// assert_eq!(problems(&file, &layer).unwrap().count(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Problems<'a> {
    root: &'static [Member],
    file: Source<'a>,
    tensors: Tensors,
    rest: Source<'a>,
}

/// All that keeps the file from fitting the model: what is missing or wrong, in the order of the model, then what the
/// model does not have.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::weights::{problems, write_safetensors};
/// let mut file = Vec::new();
/// write_safetensors(&Linear::<f32, 2, 1>::BLANK, &mut file).unwrap();
/// for problem in problems(&file, &Linear::<f32, 2, 1, NoBias>::BLANK)? {
///     println!("{problem}"); // not in the model: bias: F32 (1,)
/// }
/// # Ok::<(), constconv::io::safetensors::FormatError>(())
/// ```
///
/// # Errors
/// If the file is no safetensors file.
pub fn problems<'a, M: Named>(file: &'a [u8], _: &M) -> Result<Problems<'a>, FormatError> {
    Ok(Problems::new(M::MEMBERS, Source::Header(SafeTensors::parse(file)?.iter())))
}

impl<'a> Problems<'a> {
    pub(super) const fn new(root: &'static [Member], file: Source<'a>) -> Self {
        Self { root, file, tensors: Tensors::of(root), rest: file }
    }

    /// `next` for constants.
    pub(super) const fn advance(&mut self) -> Option<Problem<'a>> {
        while let Some((tensor, is_counter)) = self.tensors.step() {
            match self.file.find(&tensor.name) {
                (_, true) => return Some(Problem::Repeated(tensor)),
                (None, _) if is_counter => {}
                (None, _) => return Some(Problem::Missing(tensor)),
                (Some(found), _) => {
                    if !(same(found.shape(), tensor.shape) && found.element.reads_as(tensor.element)) {
                        return Some(Problem::Wrong { expected: tensor, found });
                    }
                }
            }
        }
        while let Some(entry) = self.rest.advance() {
            let (mut tensors, mut is_known) = (Tensors::of(self.root), false);
            while let Some((tensor, _)) = tensors.step() {
                if tensor.name.is(entry.name.as_bytes()) {
                    is_known = true;
                    break;
                }
            }
            if !is_known {
                return Some(Problem::Extra(entry));
            }
        }
        None
    }
}

const fn same(a: &[usize], b: &[usize]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

impl<'a> Iterator for Problems<'a> {
    type Item = Problem<'a>;

    fn next(&mut self) -> Option<Problem<'a>> {
        self.advance()
    }
}
