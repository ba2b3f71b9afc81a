//! Whether a condition holds, as a type with a name that a user can read.

use typenum::{B0, B1};

use super::sealed::Sealed;

/// The condition holds.
#[derive(Clone, Copy, Debug)]
pub struct Holds;

/// The condition does not hold.
#[derive(Clone, Copy, Debug)]
pub struct Fails;

impl Sealed for Holds {}

/// An answer of `typenum`.
pub trait Answer {
    /// [`Holds`] or [`Fails`].
    type Verdict;
}

impl Answer for B1 {
    type Verdict = Holds;
}

impl Answer for B0 {
    type Verdict = Fails;
}

/// The verdict of a comparison of `typenum`.
pub(super) type Verdict<B> = <B as Answer>::Verdict;

/// Of which an extent without a rounding is asked. As for [`WindowExtent`](super::window::WindowExtent), the
/// implementations are for every type, so that rustc does not list them.
#[derive(Clone, Copy, Debug)]
pub struct Computed;

/// Declares conditions: each a trait with a message in the user's numbers, on which an extent hangs.
macro_rules! verdicts {
    ($($(#[$attribute:meta])* $name:ident $(<$(const $number:ident),*>)?;)*) => { $(
        $(#[$attribute])*
        pub trait $name $(<$(const $number: usize),*>)? {
            /// `Length`, if the condition holds: an extent that hangs on the condition.
            type Then<Length: Extent>: Extent;
        }

        #[diagnostic::do_not_recommend]
        impl $(<$(const $number: usize),*>)? $name $(<$($number),*>)? for $crate::shape::verdict::Holds {
            type Then<Length: Extent> = Length;
        }
    )* };
}
pub(super) use verdicts;

/// Declares conditions on computed lengths: each a trait with a message in the user's numbers, which has the axis of
/// the length where the table has it. It is asked as `Listed<length>: Name<numbers>`.
macro_rules! fits {
    ($($(#[$attribute:meta])* $name:ident<$(const $number:ident),*>: $length:ty where [$($bounds:tt)*];)*) => { $(
        $(#[$attribute])*
        #[diagnostic::on_unimplemented(
            note = "lengths up to 4096 are in the table, and multiples of 64 up to 32768; the features `axes-8192` and `axes-16384` of constconv add more"
        )]
        pub trait $name<$(const $number: usize),*> {
            /// The axis.
            type Axis: Extent;
        }

        #[diagnostic::do_not_recommend]
        impl<$(const $number: usize),*> $name<$($number),*> for $crate::shape::verdict::Holds
        where
            $(Axis<$number>: Known,)*
            $($bounds)*
            $length: ToAxis,
        {
            type Axis = <$length as ToAxis>::Axis;
        }
    )* };
}
pub(super) use fits;
