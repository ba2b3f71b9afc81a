//! Roles: how a layer may be joined with its neighbours in a model.
//!
//! A [`model!`](crate::model!) runs layers together where it can: an activation is applied where its input lies, a
//! pooling takes rows of a convolution as they are made. What can be joined is told by the type [`Module::Role`] alone, so
//! that memory is planned by the compiler.
//!
//! | role | what the layer also implements | what a model makes of it |
//! |---|---|---|
//! | [`Map`] | | nothing: input and output have places of their own |
//! | [`MapOfX`] | | an element-wise layer after it may overwrite its output in training |
//! | [`PerElement`] | [`ElementWise`] | runs where its input lies, unless the input is the caller's |
//! | [`PerChannel`] | [`ChannelWise`] | the same in inference; in training it is a [`Map`] |
//! | [`ByRows`] | [`RowWise`], [`BackwardAtWinners`] | a [`MapOfX`] that can hand its output to a pooling in bands of rows |
//! | [`Pooling`] | [`RowPooling`] | takes rows in inference; in training it is a [`MapOfX`] |
//! | [`MaxPooling`] | [`RowPooling`], [`Winners`] | takes rows, in training too, where it keeps one byte per output |
//!
//! [`Map`] is always right, and what [`module!`](crate::module!) writes unless you say otherwise.

use core::marker::PhantomData;

use super::{Backward, Layer, Module};
use crate::tensor::{Array, Storage};

/// The role of a layer in a model. Sealed: see the [table](self).
///
/// ```
/// use constconv::module::{Map, Module, Role};
/// use constconv::prelude::*;
/// fn is_joined<M: Module>() -> bool {
///     core::any::TypeId::of::<M::Role>() != core::any::TypeId::of::<Map>()
/// }
/// assert!(is_joined::<Relu>() && !is_joined::<Softmax>());
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is not the role of a layer", note = "`Map` is always right")]
pub trait Role: sealed::Sealed + 'static {
    /// What of a group that begins with the layer can be handed on.
    #[doc(hidden)]
    type Kind: Kind;

    /// Whether the backward pass reads y.
    #[doc(hidden)]
    type ReadsY: Bit;
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident $(<$parameter:ident: $bound:ident>)?: $kind:ty, reads y: $reads:ty;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name $(<$parameter>(PhantomData<$parameter>))?;

        impl $(<$parameter: $bound>)? sealed::Sealed for $name $(<$parameter>)? {}

        impl $(<$parameter: $bound>)? Role for $name $(<$parameter>)? {
            type Kind = $kind;
            type ReadsY = $reads;
        }
    )* };
}

roles! {
    /// Any layer; the default.
    ///
    /// ```
    /// use constconv::module::{Module, Map};
    /// use constconv::prelude::*;
    /// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
    /// has_role(Softmax, Map);
    /// ```
    Map: Whole, reads y: Yes;

    /// A layer whose backward pass does not read y.
    ///
    /// ```
    /// use constconv::module::{Module, MapOfX};
    /// use constconv::prelude::*;
    /// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
    /// has_role(Flatten, MapOfX);
    /// ```
    MapOfX: Whole, reads y: No;

    /// An [`ElementWise`] layer. `From` is [`FromX`], [`FromY`] or [`FromTape`]: where its slope is taken from.
    ///
    /// ```
    /// use constconv::module::{FromY, Module, PerElement};
    /// use constconv::prelude::*;
    /// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
    /// has_role(Relu, PerElement::<FromY>::default());
    /// ```
    PerElement<From: SlopeFrom>: Whole, reads y: From::Y;

    /// A [`ChannelWise`] layer.
    ///
    /// ```
    /// use constconv::module::{Module, PerChannel};
    /// use constconv::prelude::*;
    /// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
    /// has_role(BatchNorm2d::<f32, 8>::BLANK, PerChannel);
    /// ```
    PerChannel: Whole, reads y: No;

    /// A convolution: [`RowWise`] and [`BackwardAtWinners`].
    ///
    /// ```
    /// use constconv::module::{Module, ByRows};
    /// use constconv::prelude::*;
    /// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
    /// has_role(Conv2d::<f32, 3, 8, Kernel<3>>::BLANK, ByRows);
    /// ```
    ByRows: Rows, reads y: No;

    /// A pooling that takes rows in inference: [`RowPooling`].
    ///
    /// ```
    /// use constconv::module::{Module, Pooling};
    /// use constconv::prelude::*;
    /// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
    /// has_role(AvgPool2d::<Kernel<2>>::new(), Pooling);
    /// ```
    Pooling: Whole, reads y: No;

    /// A pooling that takes rows, in training too: [`RowPooling`] and [`Winners`].
    ///
    /// ```
    /// use constconv::module::{Module, MaxPooling};
    /// use constconv::prelude::*;
    /// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
    /// has_role(MaxPool2d::<Kernel<2>>::new(), MaxPooling);
    /// ```
    MaxPooling: Whole, reads y: No;

    /// A model, whose layers are planned together with those around it.
    #[doc(hidden)]
    Nest: Whole, reads y: Yes;
}

/// Where an [`ElementWise`] layer takes its slope from: [`FromX`], [`FromY`], [`FromTape`]. Sealed.
///
/// ```
/// use constconv::module::{FromY, Module, PerElement};
/// use constconv::prelude::*;
/// fn has_role<R>(_: impl Module<Role = R>, _: R) {}
/// has_role(Relu, PerElement::<FromY>::default()); // y > 0 says as much as x > 0
/// ```
pub trait SlopeFrom: sealed::Sealed + 'static {
    /// Whether from x.
    #[doc(hidden)]
    type X: Bit;
    /// Whether from y.
    #[doc(hidden)]
    type Y: Bit;
}

macro_rules! slopes {
    ($($(#[$doc:meta])* $name:ident: $x:ty, $y:ty;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl SlopeFrom for $name {
            type X = $x;
            type Y = $y;
        }
    )* };
}

slopes! {
    /// The slope is taken from x, as that of [`Silu`](crate::layer::Silu). In training x is kept.
    ///
    /// ```
    /// use constconv::module::{FromX, Module, PerElement};
    /// use constconv::prelude::*;
    /// fn is_from<F>(_: impl Module<Role = PerElement<F>>, _: F) {}
    /// is_from(Silu, FromX);
    /// ```
    FromX: Yes, No;
    /// The slope is taken from y, as that of [`Relu`](crate::layer::Relu).
    ///
    /// ```
    /// use constconv::module::{FromY, Module, PerElement};
    /// use constconv::prelude::*;
    /// fn is_from<F>(_: impl Module<Role = PerElement<F>>, _: F) {}
    /// is_from(Relu, FromY);
    /// ```
    FromY: No, Yes;
    /// The slope is taken from the layer's own tape, as that of [`Dropout`](crate::layer::Dropout).
    ///
    /// ```
    /// use constconv::module::{FromTape, Module, PerElement};
    /// use constconv::prelude::*;
    /// fn is_from<F>(_: impl Module<Role = PerElement<F>>, _: F) {}
    /// is_from(Dropout::new(0.5), FromTape);
    /// ```
    FromTape: No, No;
}

/// A layer with the role [`PerElement`]: y has the shape of x, and each element of y is made from the one at its place.
///
/// The maps are those of [`Layer`] and [`Backward`], in place: the elements must come out the same, to the bit.
///
/// ```
/// use constconv::module::ElementWise;
/// use constconv::prelude::*;
/// let mut y = [-1.0, 2.0];
/// LeakyRelu::new(0.5).map(&mut y);
/// assert_eq!(y, [-0.5, 2.0]);
/// ```
pub trait ElementWise<T>: Module {
    /// What training keeps besides x and y; `()` for most layers.
    type State: Storage;

    /// y = f(y)
    ///
    /// ```
    /// use constconv::module::ElementWise;
    /// use constconv::prelude::*;
    /// let mut y = [-1, 2];
    /// Relu.map(&mut y);
    /// assert_eq!(y, [0, 2]);
    /// ```
    fn map(&self, y: &mut [T]);

    /// The limits `(low, high)`, if f(y) is no more than y within limits: min(max(y, low), high) where there is a `high`,
    /// and NaN stays NaN. A layer before it may then store y as f(y) at once.
    ///
    /// ```
    /// use constconv::module::ElementWise;
    /// use constconv::prelude::*;
    /// assert_eq!(ElementWise::<f32>::limits(&Relu6), Some((0.0, Some(6.0))));
    /// assert_eq!(ElementWise::<f32>::limits(&Silu), None);
    /// ```
    fn limits(&self) -> Option<(T, Option<T>)> {
        None
    }

    /// y = f(y) in training.
    ///
    /// ```
    /// use constconv::module::ElementWise;
    /// use constconv::prelude::*;
    /// let mut y = [1.0_f32; 100];
    /// Dropout::new(1.0).map_train(&mut y, &mut Zeroed::ZERO);
    /// assert_eq!(y, [0.0; 100]);
    /// ```
    fn map_train(&self, y: &mut [T], state: &mut Self::State) {
        let _ = state;
        self.map(y);
    }

    /// dy = dy · f′, where `from` is what the role says: all of x or of y.
    ///
    /// ```
    /// use constconv::module::ElementWise;
    /// use constconv::prelude::*;
    /// let mut dy = [5.0, 7.0];
    /// Relu.slope(&[0.0, 2.0], &mut dy, &mut ());
    /// assert_eq!(dy, [0.0, 7.0]);
    /// ```
    fn slope(&self, from: &[T], dy: &mut [T], state: &mut Self::State);
}

/// A layer with the role [`PerChannel`]: in inference y has the shape of x, and each element of y is made from the one
/// at its place and from what the layer knows of its channel.
///
/// ```
/// use constconv::module::ChannelWise;
/// use constconv::prelude::*;
/// let norm = BatchNorm2d::<f32, 2>::new(Vector::full(1.0), Vector::new([0.0, 5.0]), Vector::zeros(), Vector::full(1.0));
/// let mut y = [0.0; 6];
/// ChannelWise::<Tensor<f32, 1, 2, 1, 3>>::map_planes(&norm, 3, &mut y);
/// assert_eq!(y, [0.0, 0.0, 0.0, 5.0, 5.0, 5.0]);
/// ```
pub trait ChannelWise<X: Array>: Layer<X> {
    /// Channels of an image.
    const CHANNELS: usize;

    /// Elements of a plane.
    const PLANE: usize;

    /// y = f(y) for planes of `plane` elements, the first of which is of channel 0.
    ///
    /// ```
    /// use constconv::module::ChannelWise;
    /// use constconv::prelude::*;
    /// let mut y = [2.0];
    /// // Weight and bias are 0.
    /// ChannelWise::<Matrix<f32, 1, 1>>::map_planes(&BatchNorm2d::<f32, 1>::BLANK, 1, &mut y);
    /// assert_eq!(y, [0.0]);
    /// ```
    fn map_planes(&self, plane: usize, y: &mut [X::Scalar]);
}

/// What is done with each band of rows: image, band, and its rows (F, ROWS, WO).
///
/// ```
/// use constconv::module::Sink;
/// let mut sums = [0; 2];
/// let sink: Sink<i32> = &mut |_image, band, rows| sums[band] = rows.iter().sum();
/// sink(0, 1, &mut [20, 3]);
/// assert_eq!(sums, [0, 23]);
/// ```
pub type Sink<'a, T> = &'a mut dyn FnMut(usize, usize, &mut [T]);

/// A layer with the role [`ByRows`]: some rows of its output can be made alone.
///
/// ```
/// use constconv::module::RowWise;
/// use constconv::prelude::*;
/// let conv = Conv2d::<i32, 1, 1, Kernel<1>>::new(Tensor::new([[[[10]]]]), Vector::zeros());
/// let x = Tensor::new([[[[1], [2], [3], [4]]]]);
/// let mut sums = [0; 2];
/// conv.forward_by_rows(&x, 2, 2, &mut [0; 2], &mut |_image, band, rows| sums[band] = rows.iter().sum());
/// assert_eq!(sums, [30, 70]);
/// ```
pub trait RowWise<X>: Layer<X> {
    /// Makes rows `k·rows .. (k + 1)·rows` of all channels of the output for each image and each k < `bands`, in this
    /// order, and hands them to `sink`. The elements are those of [`Layer::forward_pass`], to the bit. `buffer` has
    /// room for one band (F, `rows`, WO).
    ///
    /// ```
    /// use constconv::module::RowWise;
    /// use constconv::prelude::*;
    /// let conv = Conv2d::<i32, 1, 1, Kernel<2, 1>>::new(Tensor::new([[[[1], [10]]]]), Vector::zeros());
    /// let mut rows = [0; 3];
    /// conv.forward_by_rows(&Tensor::new([[[[1], [2], [3], [4]]]]), 1, 3, &mut [0], &mut |_, i, row| rows[i] = row[0]);
    /// assert_eq!(rows, [21, 32, 43]);
    /// ```
    fn forward_by_rows(
        &self,
        x: &X,
        rows: usize,
        bands: usize,
        buffer: &mut [<Self::Output as Array>::Scalar],
        sink: Sink<'_, <Self::Output as Array>::Scalar>,
    );
}

/// The windows of a pooling, in plain numbers: height and width of each.
///
/// ```
/// use constconv::module::Windows;
/// let windows = Windows { stride: [1, 1], ..Windows::new([2, 2], [3, 3]) };
/// assert_eq!((windows.kernel, windows.padding, windows.dilation), ([2, 2], [0, 0], [1, 1]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Cells of a window.
    pub kernel: [usize; 2],
    /// Cells from a window to the next one.
    pub stride: [usize; 2],
    /// Padding on the top and left side.
    pub padding: [usize; 2],
    /// Cells from a cell of a window to the next one.
    pub dilation: [usize; 2],
    /// Windows: the size of the output.
    pub output: [usize; 2],
}

impl Windows {
    /// Windows that lie side by side.
    ///
    /// ```
    /// use constconv::module::Windows;
    /// assert_eq!(Windows::new([2, 3], [4, 4]).stride, [2, 3]);
    /// ```
    #[must_use]
    pub const fn new(kernel: [usize; 2], output: [usize; 2]) -> Self {
        Self { kernel, stride: kernel, padding: [0; 2], dilation: [1; 2], output }
    }
}

/// A layer with the role [`ByRows`] whose backward pass can visit the winners of a max pooling only.
///
/// ```
/// use constconv::module::{BackwardAtWinners, Windows};
/// use constconv::prelude::*;
/// type X = Tensor<f32, 1, 1, 1, 2>;
/// let conv = Conv2d::<f32, 1, 1, Kernel<1>>::new(Tensor::full(10.0), Vector::zeros());
/// let (x, mut dx, mut gradient) = (X::new([[[[2.0, 3.0]]]]), X::zeros(), Conv2d::ZERO);
/// // dy is 1 at cell 1 of the only window, of 1×2 cells.
/// conv.backward_at_winners(&x, &Windows::new([1, 2], [1, 1]), &[1], &[1.0], Some(&mut dx), &mut gradient);
/// assert_eq!(dx, Tensor::new([[[[0.0, 10.0]]]]));
/// assert_eq!(gradient, Conv2d::new(Tensor::full(3.0), Vector::full(1.0)));
/// ```
pub trait BackwardAtWinners<X>: RowWise<X> + Backward<X> {
    /// The backward pass for a dy that is 0 but at one place in each window of the pooling after the layer.
    ///
    /// `winners` (N, F, HP, WP) says which cell of its window, row-major, each output of the pooling comes from, and `dy` is
    /// the gradient of that output. What windows share adds up.
    ///
    /// ```
    /// use constconv::module::{BackwardAtWinners, Windows};
    /// use constconv::prelude::*;
    /// let conv = Conv2d::<f32, 1, 1, Kernel<1>, Stride<1>, Padding<0>, Exact, Dilation<1>, Ungrouped, NoBias>::ZERO;
    /// let (x, mut gradient) = (Tensor::<f32, 1, 1, 1, 2>::new([[[[2.0, 3.0]]]]), Zeroed::ZERO);
    /// conv.backward_at_winners(&x, &Windows::new([1, 2], [1, 1]), &[0], &[5.0], None, &mut gradient);
    /// assert_eq!(gradient, Conv2d::new(Tensor::full(10.0), ()));
    /// ```
    #[allow(clippy::too_many_arguments)]
    fn backward_at_winners(
        &self,
        x: &X,
        windows: &Windows,
        winners: &[u8],
        dy: &[<Self::Output as Array>::Scalar],
        dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    );

    /// The same, with each gradient added to its parameter at once: see [`Backward::descend_pass`].
    ///
    /// ```
    /// use constconv::module::{BackwardAtWinners, Windows};
    /// use constconv::prelude::*;
    /// let mut conv = Conv2d::<f32, 1, 1, Kernel<1>>::ZERO;
    /// let x = Tensor::<f32, 1, 1, 1, 1>::full(2.0);
    /// conv.descend_at_winners(&x, &Windows::new([1, 1], [1, 1]), &[0], &[-0.5], None);
    /// assert_eq!(conv, Conv2d::new(Tensor::full(-1.0), Vector::full(-0.5)));
    /// ```
    fn descend_at_winners(
        &mut self,
        x: &X,
        windows: &Windows,
        winners: &[u8],
        dy: &[<Self::Output as Array>::Scalar],
        dx: Option<&mut X>,
    );
}

/// A layer with the role [`Pooling`] or [`MaxPooling`]: its output can be made from bands of rows of its input.
///
/// ```
/// use constconv::module::RowPooling;
/// use constconv::prelude::*;
/// type X = Tensor<i32, 1, 1, 4, 2>;
/// let mut y = Tensor::zeros();
/// let pool = MaxPool2d::<Kernel<2>>::new();
/// RowPooling::<X>::pool_band(&pool, 0, 1, &[1, 2, 3, 4], &mut (), &mut y); // the second band
/// assert_eq!(y, Tensor::new([[[[0], [4]]]]));
/// ```
pub trait RowPooling<X: Array>: Layer<X, Output: Array<Scalar = X::Scalar>> {
    /// A band of rows of all channels: (C, `ROWS`, W) elements.
    type Band: Array<Scalar = X::Scalar>;

    /// What is kept of earlier bands of an image, besides y: rows of windows that are not complete, sums.
    type State: Storage;

    /// Rows of a band.
    const ROWS: usize;

    /// Bands of an image.
    const BANDS: usize;

    /// Whether an output is the largest of its elements, so that limits may as well be applied to outputs.
    const IS_MAX: bool = false;

    /// Overwrites, or completes, what of `y` is made from the rows of one band. Bands come in order, and the first one of
    /// an image does not read what `state` holds.
    ///
    /// ```
    /// use constconv::module::RowPooling;
    /// use constconv::prelude::*;
    /// let mut y = Tensor::zeros();
    /// let pool = AvgPool2d::<Kernel<1, 2>>::new();
    /// RowPooling::<Tensor<f32, 1, 1, 1, 2>>::pool_band(&pool, 0, 0, &[1.0, 3.0], &mut (), &mut y);
    /// assert_eq!(y, Tensor::new([[[[2.0]]]]));
    /// ```
    fn pool_band(&self, image: usize, band: usize, rows: &[X::Scalar], state: &mut Self::State, y: &mut Self::Output);
}

/// A layer with the role [`MaxPooling`]: it can tell which cell each output comes from.
///
/// ```
/// use constconv::module::Winners;
/// use constconv::prelude::*;
/// let (mut y, mut winners) = (Tensor::zeros(), Tensor::zeros());
/// let pool = MaxPool2d::<Kernel<2>>::new();
/// Winners::<Tensor<i32, 1, 1, 2, 2>>::pool_band_marked(&pool, 0, 0, &[1, 2, 4, 3], &mut y, &mut winners);
/// assert_eq!((y, winners), (Tensor::new([[[[4]]]]), Tensor::new([[[[2_u8]]]])));
/// ```
pub trait Winners<X: Array>: RowPooling<X> + Backward<X> {
    /// A byte for each output.
    type Winners: Array<Scalar = u8>;

    /// The windows.
    const WINDOWS: Windows;

    /// [`RowPooling::pool_band`], and overwrites what of `winners` belongs to the band: the place of the winner in its
    /// window, row-major.
    ///
    /// ```
    /// use constconv::module::Winners;
    /// use constconv::prelude::*;
    /// let (mut y, mut winners) = (Tensor::zeros(), Tensor::zeros());
    /// let pool = MaxPool2d::<Kernel<1, 2>>::new();
    /// Winners::<Tensor<i32, 1, 1, 1, 4>>::pool_band_marked(&pool, 0, 0, &[1, 2, 4, 3], &mut y, &mut winners);
    /// assert_eq!(winners, Tensor::new([[[[1_u8, 0]]]]));
    /// ```
    fn pool_band_marked(
        &self,
        image: usize,
        band: usize,
        rows: &[X::Scalar],
        y: &mut Self::Output,
        winners: &mut Self::Winners,
    );
}

/// A condition as a type.
#[doc(hidden)]
pub trait Bit: 'static {
    const SET: bool;
    type If<A: Kind, B: Kind>: Kind;
    type Or<B: Bit>: Bit;
    /// Memory for a Y that is kept, if the condition holds.
    type Keep<Y: Storage>: Storage;
    fn keep<Y: Array>(y: &Y, kept: &mut Self::Keep<Y>);
    /// What was kept, or else `y`.
    fn kept<'a, Y: Array>(kept: &'a Self::Keep<Y>, y: &'a Y) -> &'a Y;
    /// A copy of `y` that is changed, or `y` itself.
    fn changed<'a, Y: Array>(y: &'a Y, copy: &'a mut Self::Keep<Y>, change: impl FnOnce(&mut Y)) -> &'a Y;
}

/// The condition holds.
#[doc(hidden)]
#[derive(Debug)]
pub struct Yes;

/// The condition does not hold.
#[doc(hidden)]
#[derive(Debug)]
pub struct No;

impl Bit for Yes {
    const SET: bool = true;
    type If<A: Kind, B: Kind> = A;
    type Or<B: Bit> = Yes;
    type Keep<Y: Storage> = Y;

    fn keep<Y: Array>(y: &Y, kept: &mut Y) {
        kept.as_mut_slice().copy_from_slice(y.as_slice());
    }

    fn kept<'a, Y: Array>(kept: &'a Y, _: &'a Y) -> &'a Y {
        kept
    }

    fn changed<'a, Y: Array>(y: &'a Y, copy: &'a mut Y, change: impl FnOnce(&mut Y)) -> &'a Y {
        Self::keep(y, copy);
        change(copy);
        copy
    }
}

impl Bit for No {
    const SET: bool = false;
    type If<A: Kind, B: Kind> = B;
    type Or<B: Bit> = B;
    type Keep<Y: Storage> = ();

    fn keep<Y: Array>(_: &Y, (): &mut ()) {}

    fn kept<'a, Y: Array>((): &'a (), y: &'a Y) -> &'a Y {
        y
    }

    fn changed<'a, Y: Array>(y: &'a Y, (): &'a mut (), _: impl FnOnce(&mut Y)) -> &'a Y {
        y
    }
}

/// What of the output of a group can be handed to a pooling.
#[doc(hidden)]
pub trait Kind: 'static {
    /// The kind of the group in training with an element-wise layer after it, whose slope is taken from y, or not.
    type Trained<FromY: Bit>: Kind;
}

/// All of it at once.
#[doc(hidden)]
#[derive(Debug)]
pub struct Whole;

/// Rows, and dy at winners goes back.
#[doc(hidden)]
#[derive(Debug)]
pub struct Rows;

/// The same of a convolution and one element-wise layer.
#[doc(hidden)]
#[derive(Debug)]
pub struct MappedRows;

impl Kind for Whole {
    type Trained<FromY: Bit> = Whole;
}

impl Kind for Rows {
    type Trained<FromY: Bit> = FromY::If<MappedRows, Whole>;
}

impl Kind for MappedRows {
    type Trained<FromY: Bit> = Whole;
}

mod sealed {
    pub trait Sealed {}
}
