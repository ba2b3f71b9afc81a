//! From an operation on any element type to the vector kernel for the type and the instruction set.
//!
//! For each instruction set and type there is a module of functions that are not generic: they are compiled with this
//! crate, once, and not with each program anew. A function returns `false`, having done nothing, where there is no such
//! kernel.

#![cfg_attr(not(target_arch = "x86_64"), allow(unused))] // no vector kernels, nothing to enter

use core::any::Any;

use super::level::Isa;
#[cfg(target_arch = "x86_64")]
use super::simd;
use super::{Conv2dGeometry, Level, LinearGeometry};
use crate::tensor::Scalar;

/// The operations, by the file of their vector kernels; the macro `$then` makes something of them.
macro_rules! operations {
    ($then:ident) => {
        $then! {
            correlate: fn conv2d(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            correlate: fn conv2d_backward_input(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]);
            correlate: fn conv_transpose2d(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            winograd: fn conv2d_winograd(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            winograd: fn conv2d_winograd_backward_input(g: &Conv2dGeometry, w: &[T], dy: &[T], dx: &mut [T]);
            filter: fn conv2d_backward_filter(g: &Conv2dGeometry, x: &[T], dy: &[T], dw: &mut [T]);
            bias: fn conv2d_backward_bias(g: &Conv2dGeometry, dy: &[T], db: &mut [T]);
            linear: fn linear(g: &LinearGeometry, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            linear: fn linear_backward_input(g: &LinearGeometry, w: &[T], dy: &[T], dx: &mut [T]);
            linear: fn linear_backward_weight(g: &LinearGeometry, x: &[T], dy: &[T], dw: &mut [T]);
            linear: fn linear_backward_bias(g: &LinearGeometry, dy: &[T], db: &mut [T]);
        }
    };
}

/// The operations for one type and one instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! compiled {
    ($($file:ident: fn $name:ident($($argument:ident: $kind:ty),+);)*) => { $(
        pub(super) fn $name(s: S, $($argument: $kind),+) -> bool {
            simd::$file::$name::<T, S>(s, $($argument),+)
        }
    )* };
}

/// For each row `instruction set: module for f32, module for f64`, these modules.
#[cfg(target_arch = "x86_64")]
macro_rules! modules {
    ($($isa:ident: $single:ident, $double:ident;)*) => { $(
        modules! { $single $isa f32 }
        modules! { $double $isa f64 }
    )* };
    ($module:ident $isa:ident $t:ident) => {
        mod $module {
            use super::{Conv2dGeometry, LinearGeometry, simd};

            type T = $t;
            type S = simd::x86::$isa;

            operations! { compiled }
        }
    };
}

#[cfg(target_arch = "x86_64")]
modules! {
    Avx2: avx2_f32, avx2_f64;
    Avx512: avx512_f32, avx512_f64;
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

            match level.0 {
                Isa::Portable => false,
                #[cfg(target_arch = "x86_64")]
                Isa::Avx2(s) => {
                    entry(avx2_f32::$name, avx2_f64::$name).is_some_and(|run| run(s, $($argument),+))
                }
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512(s) => {
                    entry(avx512_f32::$name, avx512_f64::$name).is_some_and(|run| run(s, $($argument),+))
                }
            }
        }
    )* };
}

operations! { generic }

/// `function`, if `F` is its type. The answer is a constant after monomorphisation.
#[inline(always)]
fn same<G: 'static, F: Copy + 'static>(function: G) -> Option<F> {
    (&function as &dyn Any).downcast_ref().copied()
}
