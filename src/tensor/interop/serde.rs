//! Arrays as tuples of their elements, row-major: formats without names, such as `postcard`, hold nothing else.

use core::fmt::{self, Formatter};
use core::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::for_all_arrays;
use crate::tensor::{Matrix, Scalar, Signal, Tensor, Vector};

/// Reads as many elements as an array has.
struct Elements<A>(PhantomData<A>);

macro_rules! tuples {
    ($name:ident [$($axis:ident),+] $inner:ty) => {
        impl<T: Serialize, $(const $axis: usize),+> Serialize for $name<T, $($axis),+> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut tuple = serializer.serialize_tuple(self.len())?;
                self.iter().try_for_each(|element| tuple.serialize_element(element))?;
                tuple.end()
            }
        }

        impl<'de, T: Scalar + Deserialize<'de>, $(const $axis: usize),+> Deserialize<'de> for $name<T, $($axis),+> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_tuple(1 $(* $axis)+, Elements::<Self>(PhantomData))
            }
        }

        impl<'de, T: Scalar + Deserialize<'de>, $(const $axis: usize),+> Visitor<'de>
            for Elements<$name<T, $($axis),+>>
        {
            type Value = $name<T, $($axis),+>;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                write!(f, "{} elements", 1 $(* $axis)+)
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut elements: S) -> Result<Self::Value, S::Error> {
                let mut array = $name::zeros();
                for (i, element) in array.iter_mut().enumerate() {
                    *element = elements.next_element()?.ok_or_else(|| S::Error::invalid_length(i, &self))?;
                }
                Ok(array)
            }
        }
    };
}

for_all_arrays! { tuples }
