//! Reading at run time.

use core::fmt::{self, Display, Formatter};

use super::problems::{Problem, Problems, Source};
use crate::io::Element;
use crate::io::safetensors::{FormatError, SafeTensors};
use crate::module::{EachMut, Named, Tensors, tensors};

/// Why a file was not read into a model.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::weights::{WeightsError, read_safetensors, write_safetensors};
/// let mut file = Vec::new();
/// write_safetensors(&Linear::<f32, 2, 1, NoBias>::BLANK, &mut file).unwrap();
/// let error = read_safetensors(&file, &mut Linear::<f32, 3, 1>::BLANK).unwrap_err();
/// assert_eq!(error, WeightsError::Mismatch { missing: 1, wrong: 1, repeated: 0, extra: 0 });
/// assert_eq!(
///     error.to_string(),
///     "the file does not fit the model: 1 missing, 1 of another shape or type, 0 twice, 0 not in the model",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file is no safetensors file.
    Format(FormatError),
    /// The file does not fit the model; [`problems`](super::problems) lists the tensors.
    Mismatch {
        /// How many tensors of the model it does not have.
        missing: usize,
        /// How many it has with another shape or type.
        wrong: usize,
        /// How many it has more than once.
        repeated: usize,
        /// How many it has that are not in the model.
        extra: usize,
    },
}

impl From<FormatError> for WeightsError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl Display for WeightsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => error.fmt(f),
            Self::Mismatch { missing, wrong, repeated, extra } => write!(
                f,
                "the file does not fit the model: {missing} missing, {wrong} of another shape or type, {repeated} twice, \
                 {extra} not in the model"
            ),
        }
    }
}

impl core::error::Error for WeightsError {}

/// Reads a safetensors file into a model, or into anything else that is [`Named`]. PyTorch: `load_state_dict` with
/// `strict=True`.
///
/// Everything is checked first; the model is changed only if the file fits.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::weights::{read_safetensors, write_safetensors};
/// let layer = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([3.0]));
/// let mut file = Vec::new();
/// write_safetensors(&layer, &mut file).unwrap();
/// let mut other = Linear::<f32, 2, 1>::BLANK;
/// read_safetensors(&file, &mut other)?;
/// assert_eq!(other, layer);
/// # Ok::<(), constconv::weights::WeightsError>(())
/// ```
///
/// # Errors
/// If the file is no safetensors file, or has not exactly the tensors of the model: see [`WeightsError`]. The model is
/// unchanged then.
pub fn read_safetensors<M: Named>(file: &[u8], model: &mut M) -> Result<(), WeightsError> {
    let file = Source::Header(SafeTensors::parse(file)?.iter());
    let [mut missing, mut wrong, mut repeated, mut extra] = [0; 4];
    for problem in Problems::new(M::MEMBERS, file) {
        *match problem {
            Problem::Missing(_) => &mut missing,
            Problem::Wrong { .. } => &mut wrong,
            Problem::Repeated(_) => &mut repeated,
            Problem::Extra(_) => &mut extra,
        } += 1;
    }
    if missing + wrong + repeated + extra > 0 {
        return Err(WeightsError::Mismatch { missing, wrong, repeated, extra });
    }
    model.each_mut(&mut Fill(tensors::<M>(), file));
    Ok(())
}

/// Copies the numbers of the file.
struct Fill<'a>(Tensors, Source<'a>);

impl EachMut for Fill<'_> {
    fn tensor<T: Element>(&mut self, numbers: &mut [T]) {
        if let Some(tensor) = self.0.next()
            && let (Some(entry), _) = self.1.find(&tensor.name)
        {
            entry.read_into(numbers);
        }
    }
}
