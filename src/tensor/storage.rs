//! Memory that is used for one thing after another.
#![allow(unsafe_code)] // The purpose of this file: two types in one place.

use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;

use super::{Matrix, Scalar, Signal, Tensor, Vector, Zeroed, is_plain};

/// What may stand in shared memory: arrays, and pieces of memory made of them.
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
/// Where [`is_plain`](Storage::is_plain) is true, every initialised bit pattern is a value of the type. Dropping a
/// value does nothing.
pub unsafe trait Storage: Zeroed + 'static {
    /// Whether every bit pattern is a value; a constant after monomorphisation.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Storage;
    /// assert!(<Tensor<f32, 1, 3, 8, 8> as Storage>::is_plain());
    /// // A number of another type may have bit patterns that mean nothing.
    /// assert!(!<Vector<core::num::Wrapping<i32>, 4> as Storage>::is_plain());
    /// ```
    fn is_plain() -> bool;
}

// SAFETY: no bytes at all.
unsafe impl Storage for () {
    fn is_plain() -> bool {
        true
    }
}

// SAFETY: a pair has no other bytes than its parts and padding, and drops as they do.
unsafe impl<A: Storage, B: Storage> Storage for (A, B) {
    fn is_plain() -> bool {
        A::is_plain() && B::is_plain()
    }
}

macro_rules! storage {
    ($($name:ident<$($axis:ident),+>)*) => { $(
        // SAFETY: an array is nothing but its numbers, which are `Copy`.
        unsafe impl<T: Scalar, $(const $axis: usize),+> Storage for $name<T, $($axis),+> {
            fn is_plain() -> bool {
                is_plain::<T>()
            }
        }
    )* };
}

storage! { Tensor<N, C, H, W> Signal<N, C, L> Matrix<R, C> Vector<N> }

/// One place for two values that are never needed at the same time; as large as the larger one.
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

impl<A: Storage, B: Storage> Zeroed for Either<A, B> {
    // SAFETY: a union holds any bytes; what they are as an `A` or a `B` is decided when they are borrowed.
    const ZERO: Self = unsafe { MaybeUninit::zeroed().assume_init() };
}

// SAFETY: a borrow as `A` or `B` prepares the bytes where they may be no value, and both drop as nothing.
unsafe impl<A: Storage, B: Storage> Storage for Either<A, B> {
    fn is_plain() -> bool {
        A::is_plain() && B::is_plain()
    }
}

impl<A: Storage, B: Storage> Either<A, B> {
    /// The place as an `A` that is to be overwritten: it holds arbitrary numbers.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Either;
    /// let mut place = Either::<Vector<f32, 2>, Matrix<f32, 3, 3>>::ZERO;
    /// *place.left_mut() = Vector::new([1.0, 2.0]);
    /// ```
    pub fn left_mut(&mut self) -> &mut A {
        if !Self::is_plain() {
            self.left = ManuallyDrop::new(A::ZERO);
        }
        // SAFETY: where both types are plain, all bytes are initialised (by `ZERO`, and by whoever wrote an `A` or a
        // `B` since) and any bits are an `A`. Where one is not, an `A` was just written.
        unsafe { &mut *ptr::from_mut(&mut self.left).cast() }
    }

    /// The place as a `B` that is to be overwritten: it holds arbitrary numbers.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Either;
    /// let mut place = Either::<Vector<f32, 2>, Matrix<f32, 3, 3>>::ZERO;
    /// place.right_mut().fill(1.0);
    /// assert_eq!(place.right_mut().as_slice(), [1.0; 9]); // the left was not written in between
    /// ```
    pub fn right_mut(&mut self) -> &mut B {
        if !Self::is_plain() {
            self.right = ManuallyDrop::new(B::ZERO);
        }
        // SAFETY: as in `left_mut`.
        unsafe { &mut *ptr::from_mut(&mut self.right).cast() }
    }

    /// The `A` that was written last.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::tensor::Either;
    /// let mut place = Either::<Vector<f32, 2>, Matrix<f32, 3, 3>>::ZERO;
    /// place.left_mut().copy_from(&Vector::new([1.0, 2.0]));
    /// // SAFETY: `left_mut` came last.
    /// assert_eq!(unsafe { place.left() }, &Vector::new([1.0, 2.0]));
    /// ```
    ///
    /// # Safety
    /// `left_mut` was called after the last `right_mut`.
    pub unsafe fn left(&self) -> &A {
        // SAFETY: the caller says that the place holds an `A`.
        unsafe { &*ptr::from_ref(&self.left).cast() }
    }
}
