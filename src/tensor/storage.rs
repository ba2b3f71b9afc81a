//! Memory that is used for one thing after another.
#![allow(unsafe_code)] // The purpose of this file: two types in one place.

use core::any::Any;
use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::{Deref, DerefMut};
use core::ptr;

use super::zeroed::{Zero, write};
use super::{Matrix, Scalar, Signal, Tensor, Vector, Zeroed, is_plain};

/// What shared memory may hold: arrays, and pieces of memory made of them.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::tensor::Storage;
/// fn bytes<S: Storage>() -> usize {
///     size_of::<S>()
/// }
/// // The workspace of a layer that needs none, and a pair of buffers.
/// assert_eq!(bytes::<Workspace<Relu, Vector<f32, 8>>>(), 0);
/// assert_eq!(bytes::<(Vector<f32, 8>, Matrix<f32, 4, 4>)>(), 96);
/// ```
///
/// # Safety
/// Where [`is_plain`](Storage::is_plain) is true, the type has no padding, and every initialised bit pattern is a value
/// of it. Dropping a value does nothing.
pub unsafe trait Storage: Zeroed + 'static {
    /// Whether there is no padding and every bit pattern is a value; a constant after monomorphisation.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Storage;
    /// assert!(<Tensor<f32, 1, 3, 8, 8> as Storage>::is_plain());
    /// // An element of another type may have bit patterns that mean nothing.
    /// assert!(!<Vector<core::num::Wrapping<i32>, 4> as Storage>::is_plain());
    /// // The three bytes after the first one are padding.
    /// assert!(!<(Vector<u8, 1>, Vector<u32, 1>) as Storage>::is_plain());
    /// ```
    fn is_plain() -> bool;

    /// Makes a tape go on after this many passes of training: the masks of [`Dropout`](crate::layer::Dropout) follow from
    /// their number. Nothing else of a tape matters from one pass to the next.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Storage;
    /// let (layer, x) = (Dropout { p: 0.5, seed: 3 }, Vector::<f32, 64>::full(1.0));
    /// let (mut y, mut again, mut tape) = (Vector::zeros(), Vector::zeros(), Zeroed::ZERO);
    /// for _ in 0..5 {
    ///     layer.forward_train(&x, &mut y, &mut tape);
    /// }
    /// let mut tape: Tape<Dropout, Vector<f32, 64>> = Zeroed::ZERO; // of a new program
    /// tape.set_passes(4);
    /// layer.forward_train(&x, &mut again, &mut tape); // the fifth pass
    /// assert_eq!(again, y);
    /// ```
    fn set_passes(&mut self, passes: u64) {
        let _ = passes;
    }

    /// Room for this or for a `B`: [`Either`]; `B` alone, where this takes no room.
    #[doc(hidden)]
    type Or<B: Storage>: Storage;

    /// The room for this, to be overwritten: see [`Either::left_mut`].
    #[doc(hidden)]
    fn or_left<B: Storage>(room: &mut Self::Or<B>) -> &mut Self;

    /// The room for the other, to be overwritten.
    #[doc(hidden)]
    fn or_right<B: Storage>(room: &mut Self::Or<B>) -> &mut B;
}

// SAFETY: no bytes at all.
unsafe impl Storage for () {
    fn is_plain() -> bool {
        true
    }

    type Or<B: Storage> = B;

    fn or_left<B: Storage>(_: &mut B) -> &mut () {
        // SAFETY: a place for nothing is anywhere but at null.
        unsafe { &mut *ptr::NonNull::dangling().as_ptr() }
    }

    fn or_right<B: Storage>(room: &mut B) -> &mut B {
        room
    }
}

/// `Storage::Or` of a type that takes room.
macro_rules! or_either {
    () => {
        type Or<OTHER: $crate::tensor::Storage> = $crate::tensor::Either<Self, OTHER>;

        fn or_left<OTHER: $crate::tensor::Storage>(room: &mut Self::Or<OTHER>) -> &mut Self {
            room.left_mut()
        }

        fn or_right<OTHER: $crate::tensor::Storage>(room: &mut Self::Or<OTHER>) -> &mut OTHER {
            room.right_mut()
        }
    };
}
pub(crate) use or_either;

// SAFETY: a pair whose size is the sum of its parts has no other bytes than theirs, and it drops as they do.
unsafe impl<A: Storage, B: Storage> Storage for (A, B) {
    fn is_plain() -> bool {
        A::is_plain() && B::is_plain() && size_of::<Self>() == size_of::<A>() + size_of::<B>()
    }

    fn set_passes(&mut self, passes: u64) {
        self.0.set_passes(passes);
        self.1.set_passes(passes);
    }

    or_either! {}
}

macro_rules! storage {
    ($($name:ident<$($axis:ident),+>)*) => { $(
        // SAFETY: an array is nothing but its elements, which are `Copy`.
        unsafe impl<T: Scalar, $(const $axis: usize),+> Storage for $name<T, $($axis),+> {
            fn is_plain() -> bool {
                is_plain::<T>()
            }

            fn set_passes(&mut self, passes: u64) {
                // A count is such an array; one that is something else is overwritten by the next pass.
                if let [number] = self.as_mut_slice()
                    && let Some(number) = (number as &mut dyn Any).downcast_mut()
                {
                    *number = passes;
                }
            }

            or_either! {}
        }
    )* };
}

storage! { Tensor<N, C, H, W> Signal<N, C, L> Matrix<R, C> Vector<N> }

/// Structs of storages, which are storages.
macro_rules! memory {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ident),* })*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<$($type),*> {
            $($(#[$field_doc])* pub $field: $type),*
        }

        impl<$($type: $crate::tensor::Zeroed),*> $crate::tensor::Zeroed for $name<$($type),*> {
            const ZERO: Self = Self { $($field: $type::ZERO),* };
        }

        // SAFETY: a struct whose size is the sum of its fields has no other bytes than theirs, and it drops as they do.
        #[allow(unsafe_code)]
        unsafe impl<$($type: $crate::tensor::Storage),*> $crate::tensor::Storage for $name<$($type),*> {
            fn is_plain() -> bool {
                true $(&& $type::is_plain())* && size_of::<Self>() == 0 $(+ size_of::<$type>())*
            }

            fn set_passes(&mut self, passes: u64) {
                $(self.$field.set_passes(passes);)*
            }

            $crate::tensor::or_either! {}
        }
    )* };
}
pub(crate) use memory;

/// One place for two values that are never needed at the same time; it has the size of the larger one.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::tensor::Either;
/// type Buffer = Either<Tensor<f32, 1, 6, 28, 28>, Vector<f32, 10>>;
/// assert_eq!(size_of::<Buffer>(), 6 * 28 * 28 * 4); // the larger one
/// ```
#[repr(C)]
pub union Either<A, B> {
    left: ManuallyDrop<A>,
    right: ManuallyDrop<B>,
}

impl<A, B> fmt::Debug for Either<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Either { .. }") // which one it is, only the borrower knows
    }
}

impl<A: Storage, B: Storage> Zeroed for Either<A, B> {
    // SAFETY: a union holds any bytes; what they are as an `A` or a `B` is decided when they are borrowed.
    const ZERO: Self = unsafe { MaybeUninit::zeroed().assume_init() };
}

// SAFETY: a union as large as the larger one of two types without padding has none where that one lies. A borrow as `A`
// or `B` prepares the bytes where they may be no value, and both drop as nothing.
unsafe impl<A: Storage, B: Storage> Storage for Either<A, B> {
    fn is_plain() -> bool {
        let larger = if size_of::<A>() > size_of::<B>() { size_of::<A>() } else { size_of::<B>() };
        A::is_plain() && B::is_plain() && size_of::<Self>() == larger
    }

    or_either! {}
}

impl<A: Storage, B: Storage> Either<A, B> {
    /// The place as an `A` that is to be overwritten: it holds arbitrary elements.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Either;
    /// let mut place = Either::<Vector<f32, 2>, Matrix<f32, 3, 3>>::ZERO;
    /// *place.left_mut() = Vector::new([1.0, 2.0]);
    /// ```
    pub fn left_mut(&mut self) -> &mut A {
        self.prepare()
    }

    /// The place as a `B` that is to be overwritten: it holds arbitrary elements.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Either;
    /// let mut place = Either::<Vector<f32, 2>, Matrix<f32, 3, 3>>::ZERO;
    /// place.right_mut().fill(1.0);
    /// assert_eq!(place.right_mut().as_slice(), [1.0; 9]); // the left was not written in between
    /// ```
    pub fn right_mut(&mut self) -> &mut B {
        self.prepare()
    }

    /// The place as an `A` that is to be overwritten, and can be read until the place is needed for something else.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Either;
    /// let mut place = Either::<Vector<f32, 2>, Matrix<f32, 3, 3>>::ZERO;
    /// let mut left = place.write_left();
    /// left.fill(2.0);
    /// assert_eq!(left.as_slice(), [2.0; 2]);
    /// left.into_right().fill(3.0); // what was left is gone
    /// ```
    pub fn write_left(&mut self) -> Left<'_, A, B> {
        self.left_mut();
        Left(self)
    }

    /// The place as the `A` that was written there, as long as nothing else was since; `None` where the bits of one may
    /// mean nothing as the other, so that it cannot be told.
    #[doc(hidden)]
    pub fn left_again(&mut self) -> Option<Left<'_, A, B>> {
        (A::is_plain() && B::is_plain()).then(|| self.write_left()) // which changes no bit of a plain place
    }

    /// The place as a `C`, which is `A` or `B`, with an arbitrary value in it.
    fn prepare<C: Storage>(&mut self) -> &mut C {
        const { assert!(size_of::<C>() <= size_of::<Self>() && align_of::<C>() <= align_of::<Self>()) };
        // SAFETY: the union begins with each of its fields, and has room for a `C`.
        let part = unsafe { &mut *ptr::from_mut(self).cast::<MaybeUninit<C>>() };
        if !(A::is_plain() && B::is_plain()) {
            return write::<C, Zero>(part);
        }
        // SAFETY: neither type has padding, so all bytes are initialised: by `ZERO`, and by whoever wrote an `A` or a
        // `B` since. And any bits are a `C`.
        unsafe { part.assume_init_mut() }
    }
}

/// An [`Either`] that holds its left.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::tensor::{Either, Left};
/// fn sum(left: &Left<'_, Vector<i32, 3>, ()>) -> i32 {
///     left.iter().sum()
/// }
/// let mut place = Either::<Vector<i32, 3>, ()>::ZERO;
/// let mut left = place.write_left();
/// left.copy_from(&Vector::new([1, 2, 3]));
/// assert_eq!(sum(&left), 6);
/// ```
pub struct Left<'a, A, B>(&'a mut Either<A, B>);

impl<A: fmt::Debug, B> fmt::Debug for Left<'_, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Left").field(&**self).finish()
    }
}

impl<A, B> Deref for Left<'_, A, B> {
    type Target = A;

    fn deref(&self) -> &A {
        // SAFETY: `write_left` put an `A` there, and the place has been borrowed by this ever since.
        unsafe { &self.0.left }
    }
}

impl<A, B> DerefMut for Left<'_, A, B> {
    fn deref_mut(&mut self) -> &mut A {
        // SAFETY: as in `deref`.
        unsafe { &mut self.0.left }
    }
}

impl<'a, A: Storage, B: Storage> Left<'a, A, B> {
    /// The place as a `B` that is to be overwritten: see [`Either::right_mut`].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Either;
    /// let mut place = Either::<Vector<f32, 2>, Vector<f32, 3>>::ZERO;
    /// place.write_left().into_right().fill(1.0);
    /// ```
    #[must_use]
    pub fn into_right(self) -> &'a mut B {
        self.0.right_mut()
    }
}
