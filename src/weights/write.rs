//! Writing safetensors files.

use core::fmt::{self, Write};

use crate::io::npy::put_numbers;
use crate::io::{Element, Sink, Text};
use crate::module::{Each, Named, tensors};

/// Bytes of a number, from large to small: so each tensor begins at a multiple of its numbers' size.
const SIZES: [usize; 4] = [8, 4, 2, 1];

/// Writes a model, or anything else that is [`Named`], as a safetensors file. PyTorch: `save_file(net.state_dict(), ..)`.
///
/// The tensors are written from where they are, those of larger numbers first.
///
/// ```
/// use constconv::io::{Buffer, Full};
/// use constconv::prelude::*;
/// use constconv::weights::write_safetensors;
///
/// let mut memory = [0; 256];
/// let mut buffer = Buffer::new(&mut memory);
/// write_safetensors(&Linear::<f32, 2, 1, NoBias>::BLANK, &mut buffer)?;
/// assert!(buffer.written()[8..].starts_with(br#"{"__metadata__":{"format":"pt"},"weight":{"dtype":"F32","#));
/// # Ok::<(), Full>(())
/// ```
///
/// It does not compile where two tensors have one name.
///
/// # Errors
/// Those of the sink.
pub fn write_safetensors<M: Named, S: Sink + ?Sized>(model: &M, sink: &mut S) -> Result<(), S::Error> {
    const { assert!(names_are_unique::<M>(), "two tensors have one name: give a field another one, `field as \"name\"`") };
    let mut length = 0;
    let Ok(()) = header::<M, core::convert::Infallible>(&mut |bytes| {
        length += bytes.len();
        Ok(())
    });
    let padding = length.next_multiple_of(8) - length;
    sink.put(&((length + padding) as u64).to_le_bytes())?;
    header::<M, _>(&mut |bytes| sink.put(bytes))?;
    sink.put(&[b' '; 8][..padding])?;

    for size in SIZES {
        let mut numbers = Numbers { size, sink: &mut *sink, result: Ok(()) };
        model.each(&mut numbers);
        numbers.result?;
    }
    Ok(())
}

/// Whether no two tensors have one name, of up to 256 characters of ASCII.
pub(super) const fn names_are_unique<M: Named>() -> bool {
    let mut all = tensors::<M>();
    while let Some(tensor) = all.advance() {
        let mut name = Text::<256>::new();
        tensor.name.write_to(&mut name);
        let mut others = all;
        while let Some(other) = others.advance() {
            if other.name.is(name.as_bytes()) {
                return false;
            }
        }
    }
    true
}

/// Writes the header.
fn header<M: Named, E>(put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    put(br#"{"__metadata__":{"format":"pt"}"#)?;
    let mut at = 0;
    for size in SIZES {
        for tensor in tensors::<M>().filter(|tensor| tensor.element.size() == size) {
            let end = at + tensor.len() * size;
            format(put, format_args!(",\"{}\":{{\"dtype\":\"{}\",\"shape\":[", tensor.name, tensor.element))?;
            for (i, length) in tensor.shape.iter().enumerate() {
                format(put, format_args!("{}{length}", if i > 0 { "," } else { "" }))?;
            }
            format(put, format_args!("],\"data_offsets\":[{at},{end}]}}"))?;
            at = end;
        }
    }
    put(b"}")
}

/// Writes text.
pub(super) fn format<E>(put: &mut impl FnMut(&[u8]) -> Result<(), E>, text: fmt::Arguments<'_>) -> Result<(), E> {
    struct Adapter<'a, P, E>(&'a mut P, Result<(), E>);
    impl<P: FnMut(&[u8]) -> Result<(), E>, E> Write for Adapter<'_, P, E> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.1 = (self.0)(text.as_bytes());
            if self.1.is_ok() { Ok(()) } else { Err(fmt::Error) }
        }
    }
    let mut adapter = Adapter(put, Ok(()));
    let _ = adapter.write_fmt(text); // The error is that of the sink.
    adapter.1
}

/// Writes the tensors with numbers of one size.
struct Numbers<'a, S: Sink + ?Sized> {
    size: usize,
    sink: &'a mut S,
    result: Result<(), S::Error>,
}

impl<S: Sink + ?Sized> Each for Numbers<'_, S> {
    fn tensor<T: Element>(&mut self, numbers: &[T]) {
        if T::TYPE.size() == self.size && self.result.is_ok() {
            self.result = put_numbers(numbers, |bytes| self.sink.put(bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::named;

    #[test]
    fn two_of_a_name_are_found() {
        struct Once {
            a: [f32; 3],
            b: f32,
        }
        named! { [] Once { a: [f32; 3], b as "a.3": f32 } }
        assert!(names_are_unique::<Once>());
        struct Twice {
            a: [f32; 3],
            b: f32,
        }
        named! { [] Twice { a: [f32; 3], b as "a.2": f32 } }
        assert!(!names_are_unique::<Twice>());
    }
}
