//! The portable kernels by element type. Those for f32 and f64 are not generic: they are compiled with this crate, once,
//! and so with the optimisation that a profile asks for this package.

use super::conv;
use crate::kernel::entry::same;
use crate::kernel::{Conv2dGeometry, Epilogue, LinearGeometry, Pool2dGeometry};
use crate::tensor::Scalar;
use conv::{Needs, Table, Tiles};

/// The operations, by module; the macro `$then` makes something of them.
macro_rules! operations {
    ($then:ident) => {
        $then! {
            conv: fn conv2d(g: &Conv2dGeometry, tiles: &Tiles<T>, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]);
            conv: fn conv2d_then(
                g: &Conv2dGeometry, tiles: &Tiles<T>, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T],
                then: Epilogue<T>
            );
            conv: fn conv2d_by_rows(
                g: &Conv2dGeometry, tiles: &Tiles<T>, x: &[T], w: &[T], b: Option<&[T]>, rows: usize, bands: usize,
                buffer: &mut [T], sink: &mut dyn FnMut(usize, usize, &mut [T])
            );
            conv: fn conv_transpose2d(
                g: &Conv2dGeometry, tiles: &Tiles<T>, x: &[T], w: &[T], b: Option<&[T]>, y: &mut [T]
            );
            conv: fn conv2d_backward_input(g: &Conv2dGeometry, tiles: &Tiles<T>, w: &[T], dy: &[T], dx: &mut [T]);
            conv: fn conv2d_backward_filter(g: &Conv2dGeometry, tiles: &Tiles<T>, x: &[T], dy: &[T], dw: &mut [T]);
            conv: fn conv2d_backward_bias(g: &Conv2dGeometry, dy: &[T], db: &mut [T]);
            winners: fn conv2d_backward_at_winners(
                g: &Conv2dGeometry, pool: &Pool2dGeometry, marks: &[u8], x: &[T], w: &[T], dy: &[T],
                dx: Option<&mut [T]>, dw: &mut [T]
            );
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

/// The operations for one type.
macro_rules! compiled {
    ($($file:ident: fn $name:ident($($argument:ident: $kind:ty),+);)*) => { $(
        #[inline(never)] // Its scratch is not to lie on the stack beside that of the next one.
        pub(super) fn $name($($argument: $kind),+) {
            crate::kernel::portable::$file::$name::<T>($($argument),+);
        }
    )* };
}

macro_rules! modules {
    ($($module:ident $t:ident)*) => { $(
        mod $module {
            use super::{Conv2dGeometry, Epilogue, LinearGeometry, Pool2dGeometry, Tiles};

            type T = $t;

            operations! { compiled }
        }
    )* };
}

modules! { single f32 double f64 }

/// The operations for any type.
macro_rules! generic {
    ($($file:ident: fn $name:ident($($argument:ident: $kind:ty),+);)*) => { $(
        #[inline]
        pub(in crate::kernel) fn $name<T: Scalar>($($argument: $kind),+) {
            type Kernel<T> = fn($($kind),+);
            let compiled: Option<Kernel<T>> = same(single::$name as Kernel<f32>).or(same(double::$name as Kernel<f64>));
            match compiled {
                Some(kernel) => kernel($($argument),+),
                None => super::$file::$name::<T>($($argument),+),
            }
        }
    )* };
}

operations! { generic }

/// A constant that says what a convolution needs.
pub(in crate::kernel) trait Needing {
    /// Which tiles.
    const NEEDS: Needs;
}

/// The tiles that a convolution needs, of this type.
#[inline(always)]
pub(in crate::kernel) fn tiles<T: Scalar, C: Needing>() -> &'static Tiles<T> {
    let single = const { &Tiles::of(C::NEEDS, &conv::SINGLE) };
    let double = const { &Tiles::of(C::NEEDS, &conv::DOUBLE) };
    same(single).or(same(double)).unwrap_or(const { &Tiles::of(C::NEEDS, &Table::<T>::GENERIC) })
}
