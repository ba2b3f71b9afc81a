//! Memory that is cleared: arrays, and what is made of them.
#![allow(unsafe_code)] // A value is written to where it will lie.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// Memory that has a compile-time zero: every element in it is zero.
///
/// Arrays are such memory, and so is what is made of them: workspaces, tapes, gradients, the state of an optimizer. A
/// `static` of them lies in `.bss`, where zeros take no room in the program. A module before it is initialised is
/// something else: [`Module::BLANK`](crate::module::Module::BLANK) has its hyperparameters.
///
/// ```
/// use constconv::prelude::*;
/// static BUFFER: Tensor<f32, 1, 8, 14, 14> = Zeroed::ZERO;
/// assert_eq!(BUFFER.len(), 1_568);
/// ```
pub trait Zeroed: Sized {
    /// Every element is zero.
    const ZERO: Self;

    /// [`ZERO`](Zeroed::ZERO) on the heap, without a trip over the stack.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// type X = Tensor<f32, 32, 3, 128, 128>;
    /// let x = X::boxed_zeros(); // 6 MiB
    /// let tape: Box<Tape<Conv2d<f32, 3, 8, Kernel<3>>, X>> = Zeroed::boxed_zeros();
    /// assert_eq!(x.len(), 1_572_864);
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    fn boxed_zeros() -> alloc::boxed::Box<Self> {
        boxed::<Self, Zero>()
    }
}

/// A constant of type `A`.
pub(crate) trait Constant<A> {
    const VALUE: A;
}

/// [`Zeroed::ZERO`].
pub(super) struct Zero;

impl<A: Zeroed> Constant<A> for Zero {
    const VALUE: A = A::ZERO;
}

/// Writes a constant to a place. The compiler copies it from the program, in builds without optimisation too, where a
/// value that is handed to a function is on the stack first.
pub(super) fn write<A, C: Constant<A>>(place: &mut MaybeUninit<A>) -> &mut A {
    *place = const { MaybeUninit::new(C::VALUE) };
    // SAFETY: it was just initialised.
    unsafe { place.assume_init_mut() }
}

/// A constant on the heap.
#[cfg(feature = "alloc")]
pub(crate) fn boxed<A, C: Constant<A>>() -> alloc::boxed::Box<A> {
    let mut place = alloc::boxed::Box::new_uninit();
    write::<A, C>(&mut place);
    // SAFETY: it was just initialised.
    unsafe { place.assume_init() }
}

impl Zeroed for () {
    const ZERO: Self = ();
}

impl<A> Zeroed for PhantomData<A> {
    const ZERO: Self = Self;
}

impl Zeroed for bool {
    const ZERO: Self = false;
}

macro_rules! primitive {
    ($($primitive:ident)*) => { $(
        impl Zeroed for $primitive {
            const ZERO: Self = 0 as Self;
        }
    )* };
}

primitive! { f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize }

macro_rules! tuples {
    ($(($($part:ident)+);)*) => { $(
        impl<$($part: Zeroed),+> Zeroed for ($($part,)+) {
            const ZERO: Self = ($($part::ZERO,)+);
        }
    )* };
}

tuples! {
    (A);
    (A B);
    (A B C);
    (A B C D);
    (A B C D E);
    (A B C D E F);
    (A B C D E F G);
    (A B C D E F G H);
    (A B C D E F G H I);
    (A B C D E F G H I J);
    (A B C D E F G H I J K);
    (A B C D E F G H I J K L);
}

impl<A: Zeroed, const K: usize> Zeroed for [A; K] {
    const ZERO: Self = [A::ZERO; K];
}
