//! The types of numbers in files.

use super::Plain;

/// A type of numbers in a file of tensors.
///
/// ```
/// use constconv::io::ElementType;
/// assert_eq!(ElementType::F32.to_string(), "F32");
/// assert_eq!(ElementType::from_name("BF16"), Some(ElementType::BF16));
/// assert_eq!(ElementType::from_name("float"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names say it.
#[rustfmt::skip]
pub enum ElementType { Bool, U8, I8, F8E5M2, F8E4M3, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64 }

impl ElementType {
    /// The name in safetensors files.
    ///
    /// ```
    /// use constconv::io::ElementType;
    /// assert_eq!(ElementType::Bool.name(), "BOOL");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::U8 => "U8",
            Self::I8 => "I8",
            Self::F8E5M2 => "F8_E5M2",
            Self::F8E4M3 => "F8_E4M3",
            Self::I16 => "I16",
            Self::U16 => "U16",
            Self::F16 => "F16",
            Self::BF16 => "BF16",
            Self::I32 => "I32",
            Self::U32 => "U32",
            Self::F32 => "F32",
            Self::F64 => "F64",
            Self::I64 => "I64",
            Self::U64 => "U64",
        }
    }

    /// The type of this name.
    ///
    /// ```
    /// use constconv::io::ElementType;
    /// assert_eq!(ElementType::from_name("U8"), Some(ElementType::U8));
    /// ```
    #[must_use]
    pub const fn from_name(name: &str) -> Option<Self> {
        const ALL: [ElementType; 15] = {
            use ElementType::*;
            [Bool, U8, I8, F8E5M2, F8E4M3, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64]
        };
        let mut i = 0;
        while i < ALL.len() {
            if super::equal(ALL[i].name().as_bytes(), name.as_bytes()) {
                return Some(ALL[i]);
            }
            i += 1;
        }
        None
    }

    /// Bytes of a number.
    ///
    /// ```
    /// use constconv::io::ElementType;
    /// assert_eq!(ElementType::BF16.size(), 2);
    /// ```
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::I8 | Self::F8E5M2 | Self::F8E4M3 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// How NumPy writes the type.
    pub(crate) const fn numpy(self) -> &'static str {
        match self {
            Self::Bool => "|b1",
            Self::U8 => "|u1",
            Self::I8 => "|i1",
            Self::F16 => "<f2",
            Self::I16 => "<i2",
            Self::U16 => "<u2",
            Self::I32 => "<i4",
            Self::U32 => "<u4",
            Self::F32 => "<f4",
            Self::F64 => "<f8",
            Self::I64 => "<i8",
            Self::U64 => "<u8",
            Self::F8E5M2 | Self::F8E4M3 => "|V1",
            Self::BF16 => "<V2",
        }
    }

    /// Whether numbers of this type are read into an array of the type `other`: the same one, or `f32` from a shorter
    /// float.
    ///
    /// ```
    /// use constconv::io::ElementType;
    /// assert!(ElementType::F16.reads_as(ElementType::F32));
    /// assert!(!ElementType::F64.reads_as(ElementType::F32)); // not all digits would fit
    /// ```
    #[must_use]
    pub const fn reads_as(self, other: Self) -> bool {
        self as u8 == other as u8 || matches!((self, other), (Self::F16 | Self::BF16, Self::F32))
    }
}

impl core::fmt::Display for ElementType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// A type of numbers that files hold and programs compute with: `f32`, `f64` and the integers of 8 to 64 bits. Sealed.
///
/// ```
/// use constconv::io::{Element, ElementType};
/// fn bytes<T: Element>(numbers: &[T]) -> usize {
///     numbers.len() * T::TYPE.size()
/// }
/// assert_eq!(bytes(&[1.0_f32, 2.0]), 8);
/// ```
pub trait Element: Plain + Serial {
    /// Its name in files.
    const TYPE: ElementType;
}

/// What `serde` needs, where it is asked for.
#[doc(hidden)]
#[cfg(feature = "serde")]
pub trait Serial: serde::Serialize + serde::de::DeserializeOwned {}

#[cfg(feature = "serde")]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Serial for T {}

/// Nothing.
#[doc(hidden)]
#[cfg(not(feature = "serde"))]
pub trait Serial {}

#[cfg(not(feature = "serde"))]
impl<T> Serial for T {}

macro_rules! elements {
    ($($number:ident $name:ident)*) => { $(
        impl Element for $number {
            const TYPE: ElementType = ElementType::$name;
        }
    )* };
}

elements! { f32 F32 f64 F64 i8 I8 i16 I16 i32 I32 i64 I64 u8 U8 u16 U16 u32 U32 u64 U64 }
