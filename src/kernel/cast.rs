//! From slices of a generic element type to slices of the concrete type that it is.
#![allow(unsafe_code)] // Rust cannot express "if T is f32, then &[T] is &[f32]" safely.

use core::any::TypeId;

/// Whether `T` and `U` are the same type. A constant after monomorphisation.
#[inline(always)]
pub(super) fn same<T: 'static, U: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<U>()
}

/// A slice argument of an operation, with elements that turn out to be `U`.
pub(super) trait Cast<U> {
    /// The same argument with elements `U`.
    type As<'b>
    where
        Self: 'b;
    /// The argument itself under its concrete type; panics if that is not its type.
    fn cast(&mut self) -> Self::As<'_>;
}

impl<T: 'static, U: 'static> Cast<U> for &[T] {
    type As<'b>
        = &'b [U]
    where
        Self: 'b;
    #[inline(always)]
    fn cast(&mut self) -> &[U] {
        assert!(same::<T, U>());
        // SAFETY: T and U are the same type, so this is the same slice.
        unsafe { core::slice::from_raw_parts(self.as_ptr().cast(), self.len()) }
    }
}

impl<T: 'static, U: 'static> Cast<U> for &mut [T] {
    type As<'b>
        = &'b mut [U]
    where
        Self: 'b;
    #[inline(always)]
    fn cast(&mut self) -> &mut [U] {
        assert!(same::<T, U>());
        // SAFETY: T and U are the same type, and the slice stays borrowed by the result.
        unsafe { core::slice::from_raw_parts_mut(self.as_mut_ptr().cast(), self.len()) }
    }
}

impl<T: 'static, U: 'static> Cast<U> for Option<&[T]> {
    type As<'b>
        = Option<&'b [U]>
    where
        Self: 'b;
    #[inline(always)]
    fn cast(&mut self) -> Option<&[U]> {
        match self {
            Some(slice) => Some(Cast::cast(slice)),
            None => None,
        }
    }
}
