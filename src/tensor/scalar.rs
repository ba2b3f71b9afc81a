//! The types of the elements that tensors hold.

use core::any::TypeId;
use core::fmt::Debug;

use num_traits::{ConstOne, ConstZero, Float, FromPrimitive, NumAssignOps, NumOps};

/// An element type that linear operations (convolution, pooling, `Linear`, ReLU) can work on.
///
/// Every type with these properties is a `Scalar`, without an `impl`: `f32`, `f64`, the integers, the fixed-point
/// types of the crate `fixed` (with its feature `num-traits`), and a type of your own with
///
/// - `Clone + Copy + Debug + PartialEq + PartialOrd`, derived;
/// - the operators `+ - * / %` between values, and their forms `+=` to `%=`;
/// - [`Zero`](num_traits::Zero), [`One`](num_traits::One) and their constants [`ConstZero`], [`ConstOne`] of
///   `num-traits` 0.2.
///
/// Average pooling also asks for [`FromPrimitive`], to divide by the number of cells. Division, truncation and overflow
/// are those of the type. Losses, optimizers and initialisation are for [`Real`] types. `f32` and `f64` have kernels of
/// their own; all other types run the portable ones.
///
/// ```
/// use constconv::prelude::*;
/// use num_traits::{ConstOne, ConstZero, One, Zero};
/// use std::ops::*;
///
/// /// Integers modulo 7.
/// #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
/// struct Mod7(u32);
///
/// macro_rules! operators {
///     ($($name:ident $function:ident $assigning:ident $assign:ident: $result:expr;)*) => { $(
///         impl $name for Mod7 {
///             type Output = Self;
///             fn $function(self, other: Self) -> Self {
///                 Self($result(self.0, other.0) % 7)
///             }
///         }
///         impl $assigning for Mod7 {
///             fn $assign(&mut self, other: Self) {
///                 *self = self.$function(other);
///             }
///         }
///     )* };
/// }
/// operators! {
///     Add add AddAssign add_assign: |a, b| a + b;
///     Sub sub SubAssign sub_assign: |a, b| a + 7 - b;
///     Mul mul MulAssign mul_assign: |a, b| a * b;
///     Div div DivAssign div_assign: |a: u32, b: u32| a * b.pow(5); // b⁶ is 1
///     Rem rem RemAssign rem_assign: |_, _| 0;
/// }
/// impl Zero for Mod7 {
///     fn zero() -> Self {
///         Self(0)
///     }
///     fn is_zero(&self) -> bool {
///         self.0 == 0
///     }
/// }
/// impl One for Mod7 {
///     fn one() -> Self {
///         Self(1)
///     }
/// }
/// impl ConstZero for Mod7 {
///     const ZERO: Self = Self(0);
/// }
/// impl ConstOne for Mod7 {
///     const ONE: Self = Self(1);
/// }
///
/// let conv = Conv1d::<Mod7, 1, 1, Kernel<2>>::new(Signal::full(Mod7(3)), Vector::full(Mod7(1)));
/// let y = conv.forward(&Signal::new([[[Mod7(1), Mod7(2), Mod7(6)]]]));
/// assert_eq!(y, Signal::new([[[Mod7(3), Mod7(4)]]])); // 3·1 + 3·2 + 1, 3·2 + 3·6 + 1
/// ```
pub trait Scalar:
    Copy + Debug + PartialEq + PartialOrd + ConstZero + ConstOne + NumOps + NumAssignOps + Send + Sync + 'static
{
}

impl<T> Scalar for T where
    T: Copy + Debug + PartialEq + PartialOrd + ConstZero + ConstOne + NumOps + NumAssignOps + Send + Sync + 'static
{
}

/// A real element type, for everything that is not linear: averages, losses, optimizers, initialisation.
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

/// Whether `T` is one of the primitive numbers, of which every bit pattern is a value and zero bits are zero.
///
/// The answer is a constant after monomorphisation.
#[inline(always)]
pub(crate) fn is_plain<T: 'static>() -> bool {
    macro_rules! is_one_of {
        ($($primitive:ty)*) => { $(TypeId::of::<T>() == TypeId::of::<$primitive>())||* };
    }
    is_one_of!(f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize)
}
