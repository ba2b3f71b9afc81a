//! Models in the formats of `serde`.

use core::fmt::{self, Formatter};

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserializer, Serialize, Serializer};

use crate::io::Element;
use crate::module::{Each, EachMut, Named, tensors};

/// A model, or anything else that is [`Named`], as a tuple of its numbers: `Numbers(&model)` is serialised, and
/// `Numbers(&mut model)` is the seed that reads them in place. Needs the feature `serde`.
///
/// The names and shapes are not in it: the same program, or one with the same model, reads it. If there are too few
/// numbers the model holds those that were read.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::weights::Numbers;
/// use serde::de::DeserializeSeed;
/// let layer = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([3.0]));
/// let bytes = postcard::to_allocvec(&Numbers(&layer)).unwrap();
/// assert_eq!(bytes.len(), 3 * 4);
/// let mut other = Linear::<f32, 2, 1>::BLANK;
/// Numbers(&mut other).deserialize(&mut postcard::Deserializer::from_bytes(&bytes)).unwrap();
/// assert_eq!(other, layer);
/// ```
#[derive(Debug)]
pub struct Numbers<M>(
    /// The model, borrowed.
    pub M,
);

const fn count<M: Named>() -> usize {
    let (mut tensors, mut count) = (tensors::<M>(), 0);
    while let Some(tensor) = tensors.advance() {
        count += tensor.len();
    }
    count
}

impl<M: Named> Serialize for Numbers<&M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Put<T, E>(T, Result<(), E>);
        impl<S: SerializeTuple> Each for Put<S, S::Error> {
            fn tensor<T: Element>(&mut self, numbers: &[T]) {
                if self.1.is_ok() {
                    self.1 = numbers.iter().try_for_each(|number| self.0.serialize_element(number));
                }
            }
        }
        let mut put = Put(serializer.serialize_tuple(const { count::<M>() })?, Ok(()));
        self.0.each(&mut put);
        put.1?;
        put.0.end()
    }
}

impl<'de, M: Named> DeserializeSeed<'de> for Numbers<&mut M> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_tuple(const { count::<M>() }, self)
    }
}

impl<'de, M: Named> Visitor<'de> for Numbers<&mut M> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} numbers", count::<M>())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, elements: S) -> Result<(), S::Error> {
        struct Take<S, E>(S, usize, Result<(), E>);
        impl<'de, S: SeqAccess<'de>> EachMut for Take<S, S::Error> {
            fn tensor<T: Element>(&mut self, numbers: &mut [T]) {
                for number in numbers {
                    if self.2.is_ok() {
                        match self.0.next_element() {
                            Ok(Some(element)) => {
                                *number = element;
                                self.1 += 1;
                            }
                            Ok(None) => {
                                self.2 = Err(S::Error::invalid_length(self.1, &"as many numbers as the model has"))
                            }
                            Err(error) => self.2 = Err(error),
                        }
                    }
                }
            }
        }
        let mut take = Take(elements, 0, Ok(()));
        self.0.each_mut(&mut take);
        take.2
    }
}
