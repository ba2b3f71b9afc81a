//! The numbers that tensors hold.

use core::any::TypeId;
use core::fmt::Debug;

use num_traits::{ConstOne, ConstZero, Float, FromPrimitive, NumAssignOps, NumOps};

/// A number that linear operations (convolution, pooling, `Linear`, ReLU) can work on.
///
/// Every type with these properties is a `Scalar`: `f32`, `f64`, the integers, and fixed-point types that implement
/// the traits of `num-traits`. `f32` and `f64` have kernels of their own, all others run the portable ones.
///
/// ```
/// fn twice<T: constconv::Scalar>(a: T) -> T {
///     a + a
/// }
/// assert_eq!(twice(21_i16), 42);
/// ```
pub trait Scalar:
    Copy + Debug + PartialEq + PartialOrd + ConstZero + ConstOne + NumOps + NumAssignOps + Send + Sync + 'static
{
}

impl<T> Scalar for T where
    T: Copy + Debug + PartialEq + PartialOrd + ConstZero + ConstOne + NumOps + NumAssignOps + Send + Sync + 'static
{
}

/// A real number, for everything that is not linear: averages, losses, optimizers, initialisation.
///
/// Implemented by every [`Scalar`] that is also a [`num_traits::Float`]: `f32` and `f64`.
///
/// ```
/// fn half<T: constconv::Real>(a: T) -> T {
///     a * T::from_f64(0.5).unwrap()
/// }
/// assert_eq!(half(3.0_f32), 1.5);
/// ```
pub trait Real: Scalar + Float + FromPrimitive {}

impl<T: Scalar + Float + FromPrimitive> Real for T {}

/// Whether `T` is one of the primitive numbers, for which every bit pattern is a value and zero bits are zero.
///
/// The answer is a constant after monomorphisation.
#[inline(always)]
pub(crate) fn is_plain<T: 'static>() -> bool {
    macro_rules! is_one_of {
        ($($primitive:ty)*) => { $(TypeId::of::<T>() == TypeId::of::<$primitive>())||* };
    }
    is_one_of!(f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize)
}
