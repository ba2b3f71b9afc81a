//! The instruction sets that kernels are compiled for, and the one decision which of them runs.
//!
//! A [`Level`] is a token: whoever holds one knows that the processor has the instructions. There are three ways to
//! get one: [`Level::PORTABLE`], [`Level::available`] (asks the processor or the compiler) and [`Level::current`]
//! (the best one, or the one that the environment variable `CONSTCONV_LEVEL` names, if the processor has it).

use super::simd::isa;

/// An instruction set that this processor has.
///
/// The operations that have vector kernels exist as methods, which run them at this level.
///
/// ```
/// use constconv::kernel::{LinearGeometry, Level};
///
/// let g = LinearGeometry::new(1, 2, 1);
/// for level in Level::available() {
///     let mut y = [0.0];
///     level.linear(&g, &[1.0, 2.0], &[10.0, 100.0], Some(&[1000.0]), &mut y);
///     assert_eq!(y, [1210.0], "{}", level.name());
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(pub(super) Isa);

/// Writes what depends on the table of the instruction sets.
macro_rules! levels {
    ($($isa:ident $name:literal $single:ident $double:ident;)* =>) => {
        /// What a [`Level`] consists of: the tokens of the instruction sets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Isa {
            /// What the compiler makes of plain Rust.
            Portable,
            $($isa(isa::$isa),)*
        }

        /// The names of all levels of this architecture, slowest first.
        const NAMES: &[&str] = &["portable", $($name),*];

        impl Isa {
            /// The one called `name`, if this processor has it.
            fn named(name: &str) -> Option<Self> {
                match name {
                    "portable" => Some(Isa::Portable),
                    $($name => isa::$isa::detect().map(Isa::$isa),)*
                    _ => None,
                }
            }

            fn name(self) -> &'static str {
                match self {
                    Isa::Portable => "portable",
                    $(Isa::$isa(_) => $name,)*
                }
            }
        }
    };
}

isa::for_each! { levels! {} }

impl Level {
    /// Plain Rust with a small block of elements on the stack: every processor has it.
    ///
    /// ```
    /// use constconv::kernel::Level;
    /// assert_eq!(Level::available().next(), Some(Level::PORTABLE));
    /// ```
    pub const PORTABLE: Level = Level(Isa::Portable);

    /// The level called `name`, if there is one and this processor has it.
    ///
    /// ```
    /// use constconv::kernel::Level;
    /// assert_eq!(Level::named("portable"), Some(Level::PORTABLE));
    /// assert_eq!(Level::named("abacus"), None);
    /// ```
    pub fn named(name: &str) -> Option<Level> {
        Isa::named(name).map(Level)
    }

    /// All levels that this processor has, slowest first.
    ///
    /// Without the feature `std` these are the levels that the whole crate is compiled for.
    ///
    /// ```
    /// use constconv::kernel::Level;
    /// // Whatever it has beyond the first, each level has a name of its own.
    /// assert!(Level::available().all(|level| Level::named(level.name()) == Some(level)));
    /// ```
    pub fn available() -> impl Iterator<Item = Level> {
        NAMES.iter().filter_map(|name| Level::named(name))
    }

    /// Its name, as in the environment variable: `portable`, `avx2`, `avx512` or `neon`.
    ///
    /// ```
    /// use constconv::kernel::Level;
    /// assert_eq!(Level::PORTABLE.name(), "portable");
    /// ```
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The best level, decided by the compiler's target features.
    ///
    /// ```
    /// use constconv::kernel::Level;
    /// assert!(Level::available().any(|level| level == Level::current()));
    /// ```
    #[cfg(not(feature = "std"))]
    #[inline(always)]
    pub fn current() -> Level {
        if NAMES.len() == 1 {
            return Level::PORTABLE;
        }
        Level::available().last().unwrap_or(Level::PORTABLE)
    }

    /// The best level of this processor, or the one that the environment variable `CONSTCONV_LEVEL` names. Decided at the
    /// first call.
    ///
    /// An unknown name, or the name of a level that the processor lacks, is ignored: a program that is moved to another
    /// machine runs there.
    ///
    /// ```
    /// use constconv::kernel::Level;
    /// assert!(Level::available().any(|level| level == Level::current()));
    /// ```
    #[cfg(feature = "std")]
    pub fn current() -> Level {
        use core::sync::atomic::{AtomicUsize, Ordering};
        /// One more than the index into `NAMES`; 0 before the first call.
        static CHOICE: AtomicUsize = AtomicUsize::new(0);

        // Relaxed: the number is the whole message, and two threads that race store the same one.
        let choice = CHOICE.load(Ordering::Relaxed);
        if let Some(level) = choice.checked_sub(1).and_then(|index| Level::named(NAMES[index])) {
            return level;
        }
        let level = Level::choose();
        let index = NAMES.iter().position(|&name| name == level.name());
        CHOICE.store(index.map_or(0, |index| index + 1), Ordering::Relaxed);
        level
    }

    /// What [`Level::current`] decides at the first call.
    #[cfg(feature = "std")]
    #[cold]
    fn choose() -> Level {
        let named = std::env::var("CONSTCONV_LEVEL").ok().and_then(|name| Level::named(&name));
        named.or_else(|| Level::available().last()).unwrap_or(Level::PORTABLE)
    }
}
