//! The door: what comes in from outside is checked here, once. Nothing below expects an overflow or a slice of another
//! length, and every proof of unsafe code ends here.

use core::fmt;

use super::{Conv2dGeometry, LinearGeometry, Pool2dGeometry};

/// Panics if the product of the factors, or of the first few of them, or one of them is too large.
#[inline]
const fn check_product(factors: [usize; 4]) {
    let (mut product, mut n) = (1_usize, 0);
    while n < factors.len() {
        product = product.saturating_mul(factors[n]);
        let is_small = factors[n] <= i32::MAX as usize && product <= isize::MAX as usize;
        assert!(is_small, "a geometry is too large");
        n += 1;
    }
}

impl Conv2dGeometry {
    /// Panics if the geometry is not one, or if a size or the number of elements of a tensor is absurdly large.
    #[inline]
    pub(super) const fn check(&self) {
        let [[h, w], [ho, wo], [kh, kw]] = [self.input, self.output, self.kernel];
        check_product([self.n, self.c, h, w]);
        check_product([self.n, self.f, ho, wo]);
        check_product([self.f, self.c, kh, kw]);
        let spans = [self.span(0), self.span(1)];
        let is_small = matches!(spans[0].checked_mul(spans[1]), Some(cells) if cells < 1 << 53);
        let limit = isize::MAX as u64;
        assert!(is_small && spans[0] <= limit && spans[1] <= limit, "a geometry is too large");
        let rests = [self.c.checked_rem(self.groups), self.f.checked_rem(self.groups)];
        let divides = matches!(rests, [Some(0), Some(0)]);
        assert!(divides, "the groups must divide the channels and the filters");
    }

    /// What the windows span along an axis, in 64 bits everywhere: copies hold a few times the product. Panics if a size
    /// along the axis is 0 or absurdly large.
    #[inline]
    const fn span(&self, axis: usize) -> u64 {
        let [stride, padding, dilation] = [self.stride[axis], self.padding[axis], self.dilation[axis]];
        let limit = i32::MAX as usize;
        assert!(stride <= limit && padding <= limit && dilation <= limit, "a geometry is too large");
        let is_one = stride > 0 && dilation > 0 && self.kernel[axis] > 0;
        assert!(is_one, "kernel, stride and dilation must be at least 1");
        let windows = self.output[axis].saturating_sub(1) as u64 * stride as u64
            + self.kernel[axis].saturating_sub(1) as u64 * dilation as u64
            + 1;
        let cells = padding as u64 + self.input[axis] as u64;
        if windows > cells { windows } else { cells }
    }
}

impl Pool2dGeometry {
    /// Panics unless a byte can tell the cells of a window apart.
    #[inline]
    pub(super) const fn check_marks(&self) {
        let cells = self.kernel[0].saturating_mul(self.kernel[1]);
        assert!(1 <= cells && cells <= 256, "marks are for windows of 1 to 256 cells");
    }

    /// Panics unless this is a pooling of what a convolution gives, with marks, or if a size is absurdly large.
    #[inline]
    pub(super) const fn check_after(&self, g: &Conv2dGeometry) {
        self.check_marks();
        check_product([g.n, g.f, self.output[0], self.output[1]]);
        let (mut axis, limit) = (0, i32::MAX as usize);
        while axis < 2 {
            let is_small = self.stride[axis] <= limit && self.padding[axis] <= limit && self.dilation[axis] <= limit;
            assert!(is_small, "a geometry is too large");
            let span = self.output[axis] as u64 * self.stride[axis] as u64 + 256 * self.dilation[axis] as u64;
            assert!(span <= isize::MAX as u64, "a geometry is too large");
            assert!(self.input[axis] == g.output[axis], "the pooling must be one of the convolution's output");
            axis += 1;
        }
        assert!(self.planes == g.n * g.f, "the pooling must be one of the convolution's output");
    }
}

/// Panics unless there are so many bands of rows.
#[inline]
pub(super) const fn check_bands(g: &Conv2dGeometry, rows: usize, bands: usize) {
    assert!(rows.saturating_mul(bands) <= g.output[0], "there are fewer rows than those of all bands");
}

impl LinearGeometry {
    /// Panics if a size or the number of elements of a matrix is absurdly large.
    #[inline]
    pub(super) const fn check(&self) {
        check_product([self.n, self.inputs, 1, 1]);
        check_product([self.n, self.outputs, 1, 1]);
        check_product([self.inputs, self.outputs, 1, 1]);
    }
}

/// Panics unless each slice has so many elements.
macro_rules! check_lengths {
    ($len:expr; $($slice:ident)+) => {
        $(crate::kernel::check::Length::check(&$slice, stringify!($slice), $len);)+
    };
}
pub(super) use check_lengths;

/// A slice argument, whose length can be checked.
pub(super) trait Length {
    /// Panics unless the slice, if there is one, has `len` elements.
    fn check(&self, name: &str, len: usize);
}

/// A name in a message. `str` itself can also be padded, for which a microcontroller has no room.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The panic of a wrong length, out of line.
#[cold]
#[inline(never)]
fn wrong_length(name: &str, is: usize, len: usize) -> ! {
    panic!("`{}` has {is} elements instead of {len}", Name(name));
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
