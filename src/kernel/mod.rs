//! The arithmetic, on slices and plain numbers. Nothing here knows a tensor or a shape type.
//!
//! Convolution and `Linear` exist three times:
//! - [`mod@reference`] is the definition, loop by loop;
//! - `portable` is plain Rust with a small block of numbers on the stack, for every [`Scalar`] and every processor;
//! - `simd` is fast: `f32` and `f64` on processors with vector instructions that it knows.
//!
//! Their functions here run the fastest one ([`Level::current`]); the methods of [`Level`] run a chosen one. Pooling,
//! activations, softmax, batch normalisation and dropout are plain loops that the compiler vectorises, and so is what
//! moves numbers: [`rearrange`] between two [`View`]s, [`im2col`] and [`col2im`].
//!
//! A slice whose length is not what the geometry or the other slices ask for is a panic that says so, in all functions
//! here but those of [`mod@reference`].
//!
//! Where windows reach into the padding, `portable` and `simd` may multiply its zeros by a weight (for dw: by an
//! element of dy), so that an infinity or NaN among these gives NaN there, while the definition leaves the product out.
//! They may also compute a product that is part of no output: where overflow is a panic, such as in integers of debug
//! builds, it may be one there.
//!
//! ```
//! use constconv::kernel::{Conv2dGeometry, conv2d, reference};
//!
//! // A window of two cells on a row of four: HO and WO are given, not computed.
//! let g = Conv2dGeometry {
//!     n: 1, c: 1, input: [1, 4], f: 1, output: [1, 3], kernel: [1, 2],
//!     stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1,
//! };
//! let (x, w, mut y, mut same) = ([1.0, 2.0, 3.0, 4.0], [10.0, 1.0], [0.0; 3], [0.0; 3]);
//! conv2d(&g, &x, &w, None, &mut y);
//! reference::conv2d(&g, &x, &w, None, &mut same);
//! assert_eq!((y, same), ([12.0, 23.0, 34.0], y));
//! ```

mod activation;
mod adaptive_pool2d;
mod batch_norm;
#[cfg(target_arch = "x86_64")]
mod cast;
mod columns;
#[cfg(feature = "decompose")]
pub(crate) mod decompose;
mod dropout;
mod geometry;
mod level;
pub mod math;
mod pool2d;
mod portable;
pub mod reference;
mod simd;
mod softmax;
mod view;

pub use activation::{
    elu, elu_backward, gelu, gelu_backward, gelu_tanh, gelu_tanh_backward, hardsigmoid, hardsigmoid_backward,
    hardswish, hardswish_backward, leaky_relu, leaky_relu_backward, relu, relu_backward, relu6, relu6_backward,
    sigmoid, sigmoid_backward, silu, silu_backward, softplus, softplus_backward, tanh, tanh_backward,
};
pub use adaptive_pool2d::{
    adaptive_avg_pool2d, adaptive_avg_pool2d_backward, adaptive_max_pool2d, adaptive_max_pool2d_backward,
};
pub use batch_norm::{batch_norm, batch_norm_backward, batch_norm_train_backward, batch_statistics};
pub use columns::{col2im, im2col, max_mask};
#[cfg(feature = "decompose")]
pub use decompose::Solvable;
pub use dropout::{dropout, dropout_key};
pub use geometry::{AdaptivePool2dGeometry, ChannelGeometry, Conv2dGeometry, LinearGeometry, Pool2dGeometry};
pub use level::Level;
pub use pool2d::{avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward};
#[doc(hidden)]
pub use simd::thresholds;
pub use softmax::{log_softmax, log_softmax_backward, softmax, softmax_backward};
pub use view::{View, rearrange, rearrange_add};

use crate::Scalar;
#[cfg(target_arch = "x86_64")]
use cast::{Cast, same};
use level::Isa;

/// The geometry in the example of an operation.
macro_rules! geometry {
    (Conv2dGeometry) => {
        "// A window of two cells on a row of four.
let g = Conv2dGeometry {
    n: 1, c: 1, input: [1, 4], f: 1, output: [1, 3], kernel: [1, 2],
    stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1,
};
"
    };
    (LinearGeometry) => {
        "let g = LinearGeometry { n: 1, inputs: 2, outputs: 3 };\n"
    };
}

/// The vector kernels for each instruction set and type, as functions that are not generic: compiled with this crate, once,
/// and not with each program anew.
macro_rules! compiled {
    (=> $($functions:tt)*) => {};
    (
        $isa:ident $name:literal $single:ident $double:ident;
        $($isas:ident $names:literal $singles:ident $doubles:ident;)*
        => $($functions:tt)*
    ) => {
        compiled! { @module $single $isa f32; $($functions)* }
        compiled! { @module $double $isa f64; $($functions)* }
        compiled! { $($isas $names $singles $doubles;)* => $($functions)* }
    };
    (@module $module:ident $isa:ident $t:ident; $(fn $file:ident $name:ident($geometry:ident, $($argument:ident: $kind:ty),+))*) => {
        mod $module {
            use super::simd::{self, isa::$isa};
            use super::{Conv2dGeometry, LinearGeometry};

            type T = $t;

            $(pub(super) fn $name(token: $isa, g: &$geometry, $($argument: $kind),+) -> bool {
                simd::$file::$name::<T, _>(token, g, $($argument),+)
            })*
        }
    };
}

/// Runs an operation at a level, if that is one of `simd` and its kernels take the arguments.
macro_rules! run {
    ($($isa:ident $level:literal $single:ident $double:ident;)* => $self:ident $t:ident $name:ident $g:ident $arguments:tt) => {
        match $self.0 {
            Isa::Portable => {}
            $(Isa::$isa(token) => run!(@typed token $t $single $double $name $g $arguments),)*
        }
    };
    (@typed $token:ident $t:ident $single:ident $double:ident $name:ident $g:ident ($($argument:ident)+)) => {
        if same::<$t, f32>() {
            if $single::$name($token, $g, $(Cast::<f32>::cast(&mut $argument)),+) {
                return;
            }
        } else if same::<$t, f64>() && $double::$name($token, $g, $(Cast::<f64>::cast(&mut $argument)),+) {
            return;
        }
    };
}

/// Writes, per row of the table, an operation as a function and as a method of [`Level`], each with its example: what
/// stands before the call, the arguments after `&g`, what holds behind it.
///
/// Both check the lengths of the slices against the geometry: everything below relies on them.
macro_rules! operations {
    ($(
        $(#[$doc:meta])*
        $file:ident: fn $name:ident($g:ident: $geometry:ident, $($argument:ident: $kind:ty, $len:expr);+),
            as in $before:literal ($arguments:literal) $after:literal;
    )*) => {
        $(
            $(#[$doc])*
            ///
            #[doc = concat!(
                "```\nuse constconv::kernel::{", stringify!($geometry), ", ", stringify!($name), "};\n\n",
                geometry!($geometry), $before, "\n",
                stringify!($name), "(&g, ", $arguments, ");\n", $after, "\n```"
            )]
            ///
            /// # Panics
            /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
            pub fn $name<T: Scalar>($g: &$geometry, $($argument: $kind),+) {
                Level::current().$name($g, $($argument),+);
            }
        )*

        simd::isa::for_each! { compiled! { $(fn $file $name($geometry, $($argument: $kind),+))* } }

        impl Level {
            $(
                $(#[$doc])*
                ///
                #[doc = concat!(
                    "```\nuse constconv::kernel::{", stringify!($geometry), ", Level};\n\n",
                    geometry!($geometry), $before, "\n",
                    "Level::PORTABLE.", stringify!($name), "(&g, ", $arguments, ");\n", $after, "\n```"
                )]
                ///
                /// # Panics
                /// If a slice does not have the length that the geometry asks for, or the geometry makes no sense.
                pub fn $name<T: Scalar>(self, $g: &$geometry, $($argument: $kind),+) {
                    $g.check();
                    $($argument.check(stringify!($argument), $len);)+
                    $(
                        #[cfg(target_arch = "x86_64")]
                        let mut $argument = $argument;
                    )+
                    simd::isa::for_each! { run! { self T $name $g ($($argument)+) } }
                    portable::$name($g, $($argument),+);
                }
            )*
        }
    };
}

operations! {
    /// y\[n,f,i,j\] = b\[f\] + Σ xpad\[n,c,i·SH+u·DH,j·SW+v·DW\] · w\[f,c,u,v\]; overwrites `y`.
    conv: fn conv2d(g: Conv2dGeometry, x: &[T], g.x_len(); w: &[T], g.w_len(); b: Option<&[T]>, g.f; y: &mut [T], g.y_len()),
        as in "let mut y = [0; 3];"
            ("&[1, 2, 3, 4], &[10, 1], Some(&[100]), &mut y")
            "assert_eq!(y, [112, 123, 134]);";

    /// dx = crop of the padded scatter of dy · w; overwrites `dx`.
    conv: fn conv2d_backward_input(g: Conv2dGeometry, w: &[T], g.w_len(); dy: &[T], g.y_len(); dx: &mut [T], g.x_len()),
        as in "let mut dx = [0; 4];"
            ("&[10, 1], &[1, 2, 3], &mut dx")
            "assert_eq!(dx, [10, 21, 32, 3]);";

    /// y = b + crop of the padded scatter of x · w, [`conv2d_backward_input`] with a bias; overwrites `y`.
    ///
    /// `g` is the convolution that it is the adjoint of: there x is an output and y an input, so b has C numbers.
    conv: fn conv_transpose2d(g: Conv2dGeometry, x: &[T], g.y_len(); w: &[T], g.w_len(); b: Option<&[T]>, g.c; y: &mut [T], g.x_len()),
        as in "let mut y = [0; 4];"
            ("&[1, 2, 3], &[10, 1], Some(&[100]), &mut y")
            "assert_eq!(y, [110, 121, 132, 103]);";

    /// [`conv2d`] by Winograd's F(4×4, 3×3) where it applies: 3×3 kernels without stride or dilation, on the vector
    /// levels.
    ///
    /// It needs a quarter of the multiplications. With 32 and more channels on planes of 28×28 and more it takes about
    /// half of the time, with 256 channels on 14×14 two thirds; with fewer channels or on smaller planes it gains
    /// nothing. Its rounding error is about ten times that of [`conv2d`]. Where it does not apply, this is [`conv2d`].
    conv: fn conv2d_winograd(g: Conv2dGeometry, x: &[T], g.x_len(); w: &[T], g.w_len(); b: Option<&[T]>, g.f; y: &mut [T], g.y_len()),
        as in "let g = Conv2dGeometry { input: [6, 6], output: [4, 4], kernel: [3, 3], ..g };
let mut y = [0.0_f32; 16];"
            ("&[1.0; 36], &[1.0; 9], None, &mut y")
            "assert!(y.iter().all(|y| (y - 9.0).abs() < 1e-4));";

    /// [`conv2d_backward_input`] by Winograd's F(4×4, 3×3) where it applies; see [`conv2d_winograd`].
    conv: fn conv2d_winograd_backward_input(g: Conv2dGeometry, w: &[T], g.w_len(); dy: &[T], g.y_len(); dx: &mut [T], g.x_len()),
        as in "let g = Conv2dGeometry { input: [6, 6], output: [4, 4], kernel: [3, 3], ..g };
let mut dx = [0.0_f32; 36];"
            ("&[1.0; 9], &[1.0; 16], &mut dx")
            "assert!((dx[0] - 1.0).abs() < 1e-4); // in the corner: one window
assert!((dx[2 * 6 + 2] - 9.0).abs() < 1e-4); // inside: nine";

    /// dw\[f,c,u,v\] += Σ dy\[n,f,i,j\] · xpad\[n,c,i·SH+u·DH,j·SW+v·DW\]; adds to `dw`.
    conv: fn conv2d_backward_filter(g: Conv2dGeometry, x: &[T], g.x_len(); dy: &[T], g.y_len(); dw: &mut [T], g.w_len()),
        as in "let mut dw = [1_000; 2];"
            ("&[1, 2, 3, 4], &[1, 0, 10], &mut dw")
            "assert_eq!(dw, [1_031, 1_042]);";

    /// db\[f\] += Σ dy\[n,f,i,j\]; adds to `db`.
    conv: fn conv2d_backward_bias(g: Conv2dGeometry, dy: &[T], g.y_len(); db: &mut [T], g.f),
        as in "let mut db = [100];"
            ("&[1, 2, 3], &mut db")
            "assert_eq!(db, [106]);";

    /// y\[n,o\] = b\[o\] + Σ x\[n,i\] · w\[o,i\]; overwrites `y`.
    linear: fn linear(g: LinearGeometry, x: &[T], g.n * g.inputs; w: &[T], g.outputs * g.inputs; b: Option<&[T]>, g.outputs; y: &mut [T], g.n * g.outputs),
        as in "let mut y = [0; 3];"
            ("&[1, 2], &[1, 0, 0, 1, 10, 10], Some(&[100, 200, 300]), &mut y")
            "assert_eq!(y, [101, 202, 330]);";

    /// dx\[n,i\] = Σ dy\[n,o\] · w\[o,i\]; overwrites `dx`.
    linear: fn linear_backward_input(g: LinearGeometry, w: &[T], g.outputs * g.inputs; dy: &[T], g.n * g.outputs; dx: &mut [T], g.n * g.inputs),
        as in "let mut dx = [0; 2];"
            ("&[1, 0, 0, 1, 10, 10], &[1, 2, 3], &mut dx")
            "assert_eq!(dx, [31, 32]);";

    /// dw\[o,i\] += Σ dy\[n,o\] · x\[n,i\]; adds to `dw`.
    linear: fn linear_backward_weight(g: LinearGeometry, x: &[T], g.n * g.inputs; dy: &[T], g.n * g.outputs; dw: &mut [T], g.outputs * g.inputs),
        as in "let mut dw = [0; 6];"
            ("&[1, 2], &[1, 10, 100], &mut dw")
            "assert_eq!(dw, [1, 2, 10, 20, 100, 200]);";

    /// db\[o\] += Σ dy\[n,o\]; adds to `db`.
    linear: fn linear_backward_bias(g: LinearGeometry, dy: &[T], g.n * g.outputs; db: &mut [T], g.outputs),
        as in "let mut db = [5; 3];"
            ("&[1, 10, 100], &mut db")
            "assert_eq!(db, [6, 15, 105]);";
}

/// A geometry, whose numbers can be checked. Nothing below this module expects an overflow.
trait Extents {
    /// Panics if the geometry is not one, or if a number or the number of elements of a tensor is absurdly large.
    fn check(&self);
}

/// Panics if the product of the factors, or one of them, is too large.
#[inline(always)]
fn check_product<const N: usize>(factors: [usize; N]) {
    let is_small = factors.iter().all(|&factor| factor <= i32::MAX as usize);
    let product = factors.iter().try_fold(1_usize, |product, &factor| product.checked_mul(factor));
    assert!(is_small && product.is_some_and(|product| product <= isize::MAX as usize), "a geometry is too large");
}

impl Extents for Conv2dGeometry {
    #[inline]
    fn check(&self) {
        let [[h, w], [ho, wo], [kh, kw]] = [self.input, self.output, self.kernel];
        check_product([self.n, self.c, h, w]);
        check_product([self.n, self.f, ho, wo]);
        check_product([self.f, self.c, kh, kw]);
        for [height, width] in [self.stride, self.padding, self.dilation] {
            check_product([height]);
            check_product([width]);
        }
        let smallest = [self.stride, self.dilation, self.kernel].iter().flatten().fold(1, |least, &len| len.min(least));
        assert!(smallest > 0, "kernel, stride and dilation must be at least 1");
        // What the windows span along an axis, in 64 bits everywhere; copies hold a few times the product.
        let span = |axis: usize| {
            let steps = |count: usize, step: usize| count.saturating_sub(1) as u64 * step as u64;
            let windows = steps(self.output[axis], self.stride[axis]) + steps(self.kernel[axis], self.dilation[axis]);
            (windows + 1).max(self.padding[axis] as u64 + self.input[axis] as u64)
        };
        let cells = span(0).checked_mul(span(1)).filter(|&cells| cells < 1 << 53);
        assert!(cells.is_some() && span(0).max(span(1)) <= isize::MAX as u64, "a geometry is too large");
        let divides = |channels: usize| channels.checked_rem(self.groups) == Some(0);
        assert!(divides(self.c) && divides(self.f), "the groups must divide the channels and the filters");
    }
}

impl Extents for LinearGeometry {
    #[inline]
    fn check(&self) {
        check_product([self.n, self.inputs]);
        check_product([self.n, self.outputs]);
        check_product([self.inputs, self.outputs]);
    }
}

/// Panics unless each slice has so many elements.
macro_rules! check_lengths {
    ($len:expr; $($slice:ident)+) => {
        $(crate::kernel::Length::check(&$slice, stringify!($slice), $len);)+
    };
}
use check_lengths;

/// A slice argument, whose length can be checked.
trait Length {
    /// Panics unless the slice, if there is one, has `len` elements.
    fn check(&self, name: &str, len: usize);
}

/// The panic of a wrong length, out of line.
#[cold]
#[inline(never)]
fn wrong_length(name: &str, is: usize, len: usize) -> ! {
    panic!("`{name}` has {is} elements instead of {len}");
}

macro_rules! lengths {
    ($($slice:ty)*) => { $(
        impl<T> Length for $slice {
            #[inline(always)]
            fn check(&self, name: &str, len: usize) {
                if self.len() != len {
                    wrong_length(name, self.len(), len);
                }
            }
        }
    )* };
}

lengths! { &[T] &mut [T] }

impl<S: Length> Length for Option<S> {
    #[inline(always)]
    fn check(&self, name: &str, len: usize) {
        if let Some(slice) = self {
            slice.check(name, len);
        }
    }
}
