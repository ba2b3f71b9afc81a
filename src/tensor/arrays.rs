//! `Tensor`, `Signal`, `Matrix` and `Vector`.

use core::ops::{Index, IndexMut};
use core::slice;

use static_assertions::{assert_eq_align, assert_eq_size, assert_impl_all, assert_not_impl_any};

use super::array::sealed::Sealed;
use super::{Array, Scalar, Zeroed};

/// An example in the docs of a method: lines about `a`, which holds 1, 2, 3, 4 in this order.
macro_rules! example {
    ($a:literal, $($line:literal)+) => {
        concat!("```\nuse constconv::prelude::*;\nlet a = ", $a, ";\n", $($line, "\n",)+ "```")
    };
    (mut $a:literal, $($line:literal)+) => {
        concat!("```\nuse constconv::prelude::*;\nlet mut a = ", $a, ";\n", $($line, "\n",)+ "```")
    };
    ($name:ident<$shape:literal>::$constructor:literal, $($line:literal)+) => {
        concat!(
            "```\nuse constconv::prelude::*;\n",
            "let a = ", stringify!($name), "::<i32, ", $shape, ">::", $constructor, ";\n", $($line, "\n",)+ "```"
        )
    };
}

/// What the four types share; what depends on the rank is below, once for each.
macro_rules! array_type {
    (
        $(#[$doc:meta])*
        $name:ident<T, $($axis:ident),+>($data:ty), of rank $rank:literal, filled with $value:ident: $filled:expr, flattened by ($($flatten:ident $flatten_mut:ident),*),
        as $example:literal of $shape:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[repr(transparent)]
        pub struct $name<T, $(const $axis: usize),+>(pub(super) $data);

        impl<T, $(const $axis: usize),+> $name<T, $($axis),+> {
            /// Makes it from nested arrays.
            ///
            #[doc = example!($example, "assert_eq!(a.as_slice(), [1, 2, 3, 4]);")]
            #[must_use]
            pub const fn new(data: $data) -> Self {
                Self(data)
            }

            /// The nested arrays.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("let a = ", $example, ";")]
            #[doc = concat!("assert_eq!(", stringify!($name), "::new(*a.as_array()), a);")]
            /// ```
            #[must_use]
            pub const fn as_array(&self) -> &$data {
                &self.0
            }

            /// How many elements there are: the product of the axes.
            ///
            #[doc = example!($example, "assert_eq!(a.len(), 4);")]
            #[must_use]
            #[allow(clippy::len_without_is_empty)]
            pub const fn len(&self) -> usize {
                1 $(* $axis)+
            }

            /// The lengths of the axes.
            ///
            /// ```
            /// use constconv::prelude::*;
            #[doc = concat!("let a = ", $example, ";")]
            #[doc = concat!("assert_eq!(a.shape(), [", $shape, "]);")]
            /// ```
            #[must_use]
            pub const fn shape(&self) -> [usize; $rank] {
                [$($axis),+]
            }

            /// All elements, row-major.
            ///
            #[doc = example!($example, "assert_eq!(a.as_slice().last(), Some(&4));")]
            #[must_use]
            #[inline(always)] // Its length is a constant.
            pub const fn as_slice(&self) -> &[T] {
                self.0.as_slice()$(.$flatten())*
            }

            /// All elements, row-major.
            ///
            #[doc = example!(mut $example, "a.as_mut_slice()[3] = 9;" "assert_eq!(a.as_slice(), [1, 2, 3, 9]);")]
            #[must_use]
            #[inline(always)]
            pub const fn as_mut_slice(&mut self) -> &mut [T] {
                self.0.as_mut_slice()$(.$flatten_mut())*
            }

            /// Iterates over the elements, row-major.
            ///
            #[doc = example!($example, "assert_eq!(a.iter().sum::<i32>(), 10);")]
            pub fn iter(&self) -> slice::Iter<'_, T> {
                self.as_slice().iter()
            }

            /// Iterates over the elements, row-major.
            ///
            #[doc = example!(mut $example,
                "for (i, element) in a.iter_mut().enumerate() {"
                "    *element += 10 * i as i32;"
                "}"
                "assert_eq!(a.as_slice(), [1, 12, 23, 34]);"
            )]
            pub fn iter_mut(&mut self) -> slice::IterMut<'_, T> {
                self.as_mut_slice().iter_mut()
            }
        }

        impl<T: Copy, $(const $axis: usize),+> $name<T, $($axis),+> {
            /// All elements are `value`.
            ///
            #[doc = example!($name<$shape>::"full(7)", "assert_eq!(a.as_slice(), [7; 4]);")]
            #[must_use]
            pub const fn full($value: T) -> Self {
                Self($filled)
            }

            /// Sets all elements to `value`, in place.
            ///
            #[doc = example!(mut $example, "a.fill(7);" "assert_eq!(a.as_slice(), [7; 4]);")]
            pub fn fill(&mut self, value: T) {
                self.as_mut_slice().fill(value);
            }

            /// Copies the elements of `other`, without a move through the stack.
            ///
            #[doc = example!($example, "let mut b = a.map(|_| 0);" "b.copy_from(&a);" "assert_eq!(b, a);")]
            pub fn copy_from(&mut self, other: &Self) {
                self.as_mut_slice().copy_from_slice(other.as_slice());
            }

            /// Replaces each element `a` by `f(a)`, in place.
            ///
            #[doc = example!(mut $example, "a.apply(|a| a * a);" "assert_eq!(a.as_slice(), [1, 4, 9, 16]);")]
            pub fn apply(&mut self, mut f: impl FnMut(T) -> T) {
                self.iter_mut().for_each(|a| *a = f(*a));
            }
        }

        impl<T: Scalar, $(const $axis: usize),+> $name<T, $($axis),+> {
            /// All elements are zero.
            ///
            #[doc = example!($name<$shape>::"zeros()", "assert_eq!(a.as_slice(), [0; 4]);")]
            #[must_use]
            pub const fn zeros() -> Self {
                Self::full(T::ZERO)
            }

            /// `f(a)` for each element `a`.
            ///
            #[doc = example!($example,
                "assert_eq!(a.map(|a| f64::from(a) / 2.0).as_slice(), [0.5, 1.0, 1.5, 2.0]);"
            )]
            #[must_use]
            pub fn map<U: Scalar>(&self, mut f: impl FnMut(T) -> U) -> $name<U, $($axis),+> {
                let mut result = $name::zeros();
                for (r, &a) in result.iter_mut().zip(self) {
                    *r = f(a);
                }
                result
            }

            /// `f(a, b)` for each pair of elements at the same place.
            ///
            #[doc = example!($example,
                "let squares = a.zip(&a, |a, b| a * b);"
                "assert_eq!(squares.as_slice(), [1, 4, 9, 16]);"
            )]
            #[must_use]
            pub fn zip<U: Scalar, V: Scalar>(
                &self,
                other: &$name<U, $($axis),+>,
                mut f: impl FnMut(T, U) -> V,
            ) -> $name<V, $($axis),+> {
                let mut result = $name::zeros();
                for ((r, &a), &b) in result.iter_mut().zip(self).zip(other) {
                    *r = f(a, b);
                }
                result
            }
        }

        impl<T, $(const $axis: usize),+> Sealed for $name<T, $($axis),+> {
            type Itself = Self;
        }

        impl<T: Scalar, $(const $axis: usize),+> Zeroed for $name<T, $($axis),+> {
            const ZERO: Self = Self::zeros();
        }

        #[diagnostic::do_not_recommend]
        impl<T: Scalar, $(const $axis: usize),+> Array for $name<T, $($axis),+> {
            type Scalar = T;

            const LEN: usize = 1 $(* $axis)+;
            const SHAPE: &'static [usize] = &[$($axis),+];

            #[inline(always)]
            fn as_slice(&self) -> &[T] {
                self.as_slice()
            }

            #[inline(always)]
            fn as_mut_slice(&mut self) -> &mut [T] {
                self.as_mut_slice()
            }
        }

        impl<T: Scalar, $(const $axis: usize),+> Default for $name<T, $($axis),+> {
            fn default() -> Self {
                Self::zeros()
            }
        }

        impl<T, $(const $axis: usize),+> From<$data> for $name<T, $($axis),+> {
            fn from(data: $data) -> Self {
                Self(data)
            }
        }

        impl<'a, T, $(const $axis: usize),+> IntoIterator for &'a $name<T, $($axis),+> {
            type Item = &'a T;
            type IntoIter = slice::Iter<'a, T>;

            fn into_iter(self) -> Self::IntoIter {
                self.iter()
            }
        }

        impl<'a, T, $(const $axis: usize),+> IntoIterator for &'a mut $name<T, $($axis),+> {
            type Item = &'a mut T;
            type IntoIter = slice::IterMut<'a, T>;

            fn into_iter(self) -> Self::IntoIter {
                self.iter_mut()
            }
        }
    };
}

array_type! {
    /// A 4-dimensional array: activations (N, C, H, W) or filters (F, C, KH, KW). PyTorch: a contiguous `Tensor`.
    ///
    /// It is as large as its elements, can be placed in a `static`, and is not `Copy`: where the elements are copied,
    /// the program says `clone`.
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// static EDGE: Tensor<f32, 1, 1, 3, 3> = Tensor::new([[[[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]]]);
    /// assert_eq!(EDGE[[0, 0, 1, 2]], -2.0);
    ///
    /// let ramp = Tensor::<i32, 2, 1, 2, 3>::from_fn(|[n, _c, h, w]| (100 * n + 10 * h + w) as i32);
    /// assert_eq!(ramp.as_slice(), [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112]);
    /// assert_eq!(ramp.map(|a| a * 2)[[1, 0, 1, 2]], 224);
    /// ```
    Tensor<T, N, C, H, W>([[[[T; W]; H]; C]; N]), of rank 4, filled with value: [[[[value; W]; H]; C]; N],
    flattened by (as_flattened as_flattened_mut, as_flattened as_flattened_mut, as_flattened as_flattened_mut),
    as "Tensor::new([[[[1, 2], [3, 4]]]])" of "1, 1, 2, 2"
}

array_type! {
    /// A 3-dimensional array: signals (N, C, L), L elements in each of C channels, or their filters (F, C, K).
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// let ramp = Signal::<i32, 2, 1, 3>::from_fn(|[n, _c, l]| (10 * n + l) as i32);
    /// assert_eq!(ramp, Signal::new([[[0, 1, 2]], [[10, 11, 12]]]));
    /// assert_eq!(ramp[[1, 0, 2]], 12);
    /// ```
    Signal<T, N, C, L>([[[T; L]; C]; N]), of rank 3, filled with value: [[[value; L]; C]; N],
    flattened by (as_flattened as_flattened_mut, as_flattened as_flattened_mut),
    as "Signal::new([[[1, 2], [3, 4]]])" of "1, 2, 2"
}

array_type! {
    /// A 2-dimensional array: rows of features (N, features) or the weight of a linear layer (OUT, IN).
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let a = Matrix::new([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(a.transposed(), Matrix::new([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]));
    /// ```
    Matrix<T, R, C>([[T; C]; R]), of rank 2, filled with value: [[value; C]; R],
    flattened by (as_flattened as_flattened_mut),
    as "Matrix::new([[1, 2], [3, 4]])" of "2, 2"
}

array_type! {
    /// A 1-dimensional array: a bias.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let b = Vector::from_fn(|[f]| f as f32 / 2.0);
    /// assert_eq!(b, Vector::new([0.0, 0.5, 1.0]));
    /// ```
    Vector<T, N>([T; N]), of rank 1, filled with value: [value; N],
    flattened by (),
    as "Vector::new([1, 2, 3, 4])" of "4"
}

// A tensor is its elements and nothing else, crosses threads, and never copies itself.
assert_eq_size!(Tensor<f32, 2, 3, 5, 7>, [f32; 210]);
assert_eq_align!(Tensor<f64, 1, 1, 1, 1>, f64);
assert_impl_all!(Tensor<f32, 1, 1, 1, 1>: Send, Sync, Clone);
assert_not_impl_any!(Tensor<f32, 1, 1, 1, 1>: Copy);

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> Tensor<T, N, C, H, W> {
    /// Each element from its place, \[n, c, h, w\].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let x = Tensor::<i32, 1, 2, 1, 3>::from_fn(|[_n, c, _h, w]| (10 * c + w) as i32);
    /// assert_eq!(x, Tensor::new([[[[0, 1, 2]], [[10, 11, 12]]]]));
    /// ```
    #[must_use]
    pub fn from_fn(mut f: impl FnMut([usize; 4]) -> T) -> Self {
        let mut result = Self::zeros();
        for (n, image) in result.0.iter_mut().enumerate() {
            for (c, plane) in image.iter_mut().enumerate() {
                for (h, row) in plane.iter_mut().enumerate() {
                    for (w, a) in row.iter_mut().enumerate() {
                        *a = f([n, c, h, w]);
                    }
                }
            }
        }
        result
    }
}

impl<T: Scalar, const N: usize, const C: usize, const H: usize, const W: usize> Tensor<T, N, C, H, W> {
    /// Each plane rotated by 180°: what turns a correlation into a convolution. NumPy: `rot90(x, 2, (2, 3))`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let x = Tensor::new([[[[0, 1, 2], [3, 4, 5], [6, 7, 8]]]]);
    /// assert_eq!(x.rotated_180(), Tensor::new([[[[8, 7, 6], [5, 4, 3], [2, 1, 0]]]]));
    /// ```
    #[must_use]
    pub fn rotated_180(&self) -> Self {
        Self::from_fn(|[n, c, h, w]| self.0[n][c][H - 1 - h][W - 1 - w])
    }

    /// Each plane rotated by 90° counter-clockwise. NumPy: `rot90(x, 1, (2, 3))`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let x = Tensor::new([[[[0, 1, 2], [3, 4, 5]]]]);
    /// assert_eq!(x.rotated_90(), Tensor::new([[[[2, 5], [1, 4], [0, 3]]]]));
    /// ```
    #[must_use]
    pub fn rotated_90(&self) -> Tensor<T, N, C, W, H> {
        Tensor::from_fn(|[n, c, h, w]| self.0[n][c][w][W - 1 - h])
    }

    /// Each plane rotated by 90° clockwise: the inverse of [`rotated_90`](Self::rotated_90), and its adjoint. NumPy:
    /// `rot90(x, -1, (2, 3))`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let x = Tensor::new([[[[0, 1, 2], [3, 4, 5]]]]);
    /// assert_eq!(x.rotated_270(), Tensor::new([[[[3, 0], [4, 1], [5, 2]]]]));
    /// ```
    #[must_use]
    pub fn rotated_270(&self) -> Tensor<T, N, C, W, H> {
        Tensor::from_fn(|[n, c, h, w]| self.0[n][c][H - 1 - w][h])
    }
}

impl<T: Scalar, const N: usize, const C: usize, const L: usize> Signal<T, N, C, L> {
    /// Each element from its place, \[n, c, l\].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let x = Signal::<i32, 1, 2, 3>::from_fn(|[_n, c, l]| (10 * c + l) as i32);
    /// assert_eq!(x, Signal::new([[[0, 1, 2], [10, 11, 12]]]));
    /// ```
    #[must_use]
    pub fn from_fn(mut f: impl FnMut([usize; 3]) -> T) -> Self {
        let mut result = Self::zeros();
        for (n, image) in result.0.iter_mut().enumerate() {
            for (c, channel) in image.iter_mut().enumerate() {
                for (l, a) in channel.iter_mut().enumerate() {
                    *a = f([n, c, l]);
                }
            }
        }
        result
    }
}

impl<T: Scalar, const R: usize, const C: usize> Matrix<T, R, C> {
    /// Each element from its place, \[row, column\].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let identity = Matrix::<f32, 2, 2>::from_fn(|[row, column]| if row == column { 1.0 } else { 0.0 });
    /// assert_eq!(identity, Matrix::new([[1.0, 0.0], [0.0, 1.0]]));
    /// ```
    #[must_use]
    pub fn from_fn(mut f: impl FnMut([usize; 2]) -> T) -> Self {
        let mut result = Self::zeros();
        for (r, row) in result.0.iter_mut().enumerate() {
            for (c, a) in row.iter_mut().enumerate() {
                *a = f([r, c]);
            }
        }
        result
    }

    /// Rows become columns: a weight stored as (IN, OUT) becomes one stored as (OUT, IN).
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let w = Matrix::new([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(w.transposed(), Matrix::new([[1, 4], [2, 5], [3, 6]]));
    /// ```
    #[must_use]
    pub fn transposed(&self) -> Matrix<T, C, R> {
        Matrix::from_fn(|[r, c]| self.0[c][r])
    }
}

impl<T: Scalar, const N: usize> Vector<T, N> {
    /// Each element from its place, \[n\].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(Vector::<i32, 3>::from_fn(|[n]| n as i32), Vector::new([0, 1, 2]));
    /// ```
    #[must_use]
    pub fn from_fn(mut f: impl FnMut([usize; 1]) -> T) -> Self {
        let mut result = Self::zeros();
        for (n, a) in result.0.iter_mut().enumerate() {
            *a = f([n]);
        }
        result
    }
}

/// Indexing by one index for each axis; an index out of bounds panics, as in a slice.
macro_rules! index {
    ($name:ident<T, $($axis:ident),+>, $rank:literal: $($place:ident),+) => {
        impl<T, $(const $axis: usize),+> Index<[usize; $rank]> for $name<T, $($axis),+> {
            type Output = T;

            fn index(&self, [$($place),+]: [usize; $rank]) -> &T {
                &self.0$([$place])+
            }
        }

        impl<T, $(const $axis: usize),+> IndexMut<[usize; $rank]> for $name<T, $($axis),+> {
            fn index_mut(&mut self, [$($place),+]: [usize; $rank]) -> &mut T {
                &mut self.0$([$place])+
            }
        }
    };
}

index! { Tensor<T, N, C, H, W>, 4: n, c, h, w }
index! { Signal<T, N, C, L>, 3: n, c, l }
index! { Matrix<T, R, C>, 2: r, c }
index! { Vector<T, N>, 1: n }
