//! From an operation on any element type to the vector kernel for the type and the instruction set.
//!
//! For each instruction set and type there is a module of functions that are not generic: they are compiled with this
//! crate, once, and not with each program anew. A function returns `false`, having done nothing, where there is no such
//! kernel.

#![allow(unused)] // of an architecture without vector kernels
#![allow(clippy::too_many_arguments)] // A kernel's arguments are its operands: naming each is clearer than bundling them.

use core::any::Any;

use super::level::Isa;
use super::simd::Run;
use super::{Conv2dGeometry, Epilogue, Level, LinearGeometry, Pool2dGeometry, simd};
use crate::tensor::Scalar;

/// The operations, by the module of their vector kernels; the macro `$then` makes something of them.
macro_rules! operations {
    ($then:ident) => {
        $then! {
            conv: fn conv2d(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            conv: fn conv2d_then(
                g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T], then: Epilogue<T>
            );
            conv: fn conv2d_by_rows(
                g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, rows: usize, bands: usize, buffer: &mut [T],
                sink: &mut dyn FnMut(usize, usize, &mut [T])
            );
            conv: fn conv2d_in_shares(
                g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T], most: usize, run: &Run
            );
            conv: fn conv2d_backward_input(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]);
            conv: fn conv_transpose2d(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            conv: fn conv_transpose2d_then(
                g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T], then: Epilogue<T>
            );
            conv: fn conv2d_winograd(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            conv: fn conv2d_winograd_stored(
                g: &Conv2dGeometry, x: &[T], w: &[T], u: &[T], b: Option<&[T]>, y: &mut [T]
            );
            conv: fn winograd_filters(g: &Conv2dGeometry, w: &[T], u: &mut [T]);
            conv: fn conv2d_winograd_backward_input(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]);
            conv: fn conv2d_backward_filter(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]);
            conv: fn conv2d_backward_at_winners(
                g: &Conv2dGeometry, pool: &Pool2dGeometry, marks: &[u8], x: &[T], w: &[T], dy: &[T],
                dx: Option<&mut [T]>, dw: &mut [T]
            );
            conv: fn conv2d_backward_bias(g: &Conv2dGeometry, dy: &[T], db: &mut [T]);
            linear: fn linear(g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            linear: fn linear_then(
                g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T], then: Epilogue<T>
            );
            linear: fn linear_backward_input(g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]);
            linear: fn linear_backward_weight(g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]);
            linear: fn linear_backward_bias(g: &LinearGeometry, dy: &[T], db: &mut [T]);
        }
    };
}

/// The operations for one type and one instruction set.
macro_rules! compiled {
    ($($file:ident: fn $name:ident($($argument:ident: $kind:ty),+);)*) => { $(
        pub(super) fn $name(s: S, $($argument: $kind),+) -> bool {
            simd::$file::$name::<T, S>(s, $($argument),+)
        }
    )* };
}

/// For each instruction set, the modules for f32 and for f64.
macro_rules! modules {
    ($($isa:ident $level:literal $single:ident $double:ident;)* =>) => { $(
        modules! { $single $isa f32 }
        modules! { $double $isa f64 }
    )* };
    ($module:ident $isa:ident $t:ident) => {
        mod $module {
            use super::{Conv2dGeometry, Epilogue, LinearGeometry, Pool2dGeometry, Run, simd};

            type T = $t;
            type S = simd::isa::$isa;

            operations! { compiled }
        }
    };
}

simd::isa::for_each! { modules! {} }

/// Runs the function `$name` of the module for a level and a type.
macro_rules! run {
    ($($isa:ident $name_of_level:literal $single:ident $double:ident;)*
        => $level:ident $t:ident $name:ident $arguments:tt) => {
        match $level.0 {
            Isa::Portable => false,
            $(Isa::$isa(s) => run! { s entry::<_, $t>($single::$name, $double::$name) $arguments },)*
        }
    };
    ($s:ident $entry:ident::<_, $t:ident>($single:path, $double:path) ($($argument:ident)+)) => {
        $entry::<_, $t>($single, $double).is_some_and(|run| run($s, $($argument),+))
    };
}

/// The operations for any type, at the level that is asked for.
macro_rules! generic {
    ($($file:ident: fn $name:ident($($argument:ident: $kind:ty),+);)*) => { $(
        #[inline]
        pub(super) fn $name<T: Scalar>(level: Level, $($argument: $kind),+) -> bool {
            type Entry<S, T> = fn(S, $($kind),+) -> bool;

            #[inline(always)]
            fn entry<S: 'static, T: Scalar>(single: Entry<S, f32>, double: Entry<S, f64>) -> Option<Entry<S, T>> {
                same(single).or(same(double))
            }

            simd::isa::for_each! { run! { level T $name ($($argument)+) } }
        }
    )* };
}

operations! { generic }

/// `function`, if `F` is its type. The answer is a constant after monomorphisation.
#[inline(always)]
pub(super) fn same<G: 'static, F: Copy + 'static>(function: G) -> Option<F> {
    (&function as &dyn Any).downcast_ref().copied()
}
