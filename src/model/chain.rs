//! Layers one after the other, as a list of types: `Chain<A, Chain<B, Last<C>>>`.
//!
//! ```text
//! inference   x ─A→ front ─B→ back ─C→ front ─D→ y            each step overwrites what is no longer needed
//! training    x ─A→ y₁ ─B→ y₂ ─C→ y₃ ─D→ y                    all outputs are kept
//!             dx ←A─ front ←B─ back ←C─ front ←D─ dy          the gradients take turns again
//! ```
//!
//! The two buffers are unions: `front` of the whole is `Either` the output of the first layer or what the layers
//! behind the second one call their `back`, and so on to the end of the list.
#![allow(unsafe_code)] // Reads a buffer as what was last written to it.

use core::marker::PhantomData;

use super::memory::Record;
use crate::layer::{Backward, Layer, Module, asks_for_dx};
use crate::tensor::{Array, Either, Storage};

/// The layer `A` and the list `R` of those behind it.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, Sequence};
/// type Layers = Chain<Conv2d<f32, 1, 4, Kernel<3>>, Chain<Relu, Last<MaxPool2d<Kernel<2>>>>>;
/// // What the last one makes of an image of 8×8.
/// let y: <Layers as Sequence<Tensor<f32, 1, 1, 8, 8>>>::Output = Tensor::<f32, 1, 4, 3, 3>::zeros();
/// ```
pub struct Chain<A, R>(PhantomData<(A, R)>);

/// The last layer of a list.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Last, Sequence};
/// let y: <Last<Flatten> as Sequence<Tensor<f32, 1, 2, 3, 3>>>::Output = Matrix::<f32, 1, 18>::zeros();
/// ```
pub struct Last<A>(PhantomData<A>);

/// A list of layers; what does not depend on the input. Sealed: [`Chain`] and [`Last`].
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, List};
/// let (first, second) = (LeakyRelu::new(0.5), Relu);
/// let layers: <Chain<LeakyRelu, Last<Relu>> as List>::Layers<'_> = (&first, &second);
/// ```
pub trait List: sealed::Sealed {
    /// References to the layers.
    type Layers<'a>;
    /// References to their gradients.
    type Gradients<'a>;
}

impl<A: Module + 'static> List for Last<A> {
    type Layers<'a> = &'a A;
    type Gradients<'a> = &'a mut A::Gradient;
}

impl<A: Module + 'static, R: List> List for Chain<A, R> {
    type Layers<'a> = (&'a A, R::Layers<'a>);
    type Gradients<'a> = (&'a mut A::Gradient, R::Gradients<'a>);
}

/// A list of layers whose first one accepts `X`, and each other one the output of the one before.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, Sequence};
/// fn macs<X: Array, S: Sequence<X>>() -> usize {
///     S::MULTIPLY_ADDS
/// }
/// type Layers = Chain<Flatten, Last<Linear<f32, 16, 10>>>;
/// assert_eq!(macs::<Tensor<f32, 1, 1, 4, 4>, Layers>(), 160);
/// ```
pub trait Sequence<X: Array>: List {
    /// The output of the last layer.
    type Output: Array;
    /// The buffer that the first layer writes to.
    type Front: Storage;
    /// The buffer that the second layer writes to.
    type Back: Storage;
    /// Working memory of the layers, one at a time.
    type Inner: Storage;

    /// Multiply-adds of one forward pass.
    const MULTIPLY_ADDS: usize;

    /// y = f(x); the input belongs to the caller.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Chain, Last, Sequence};
    /// let (first, second) = (LeakyRelu::new(0.5), Relu);
    /// let (x, mut y) = (Vector::new([-4.0, 2.0]), Vector::zeros());
    /// let (mut front, mut back, mut inner) = (Zeroed::ZERO, Zeroed::ZERO, Zeroed::ZERO);
    /// <Chain<LeakyRelu, Last<Relu>>>::start((&first, &second), &x, &mut y, &mut front, &mut back, &mut inner);
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn start(
        layers: Self::Layers<'_>,
        x: &X,
        y: &mut Self::Output,
        front: &mut Self::Front,
        back: &mut Self::Back,
        inner: &mut Self::Inner,
    );

    /// y = f(x); the input lies in a buffer, which is free once the first layer has read it.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Last, Sequence};
    /// use constconv::tensor::Either;
    /// let mut x = Either::<Vector<f32, 2>, ()>::ZERO;
    /// x.left_mut().copy_from(&Vector::new([-4.0, 2.0]));
    /// let mut y = Vector::zeros();
    /// // SAFETY: `x` was last written as its left.
    /// unsafe { <Last<Relu>>::resume(&Relu, &mut x, &mut y, &mut (), &mut ()) };
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    ///
    /// # Safety
    /// `x` was last written as its left, an `X`.
    unsafe fn resume(
        layers: Self::Layers<'_>,
        x: &mut Either<X, Self::Back>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    );
}

impl<X: Array, A: Layer<X> + 'static> Sequence<X> for Last<A> {
    type Output = A::Output;
    type Front = ();
    type Back = ();
    type Inner = A::Workspace;

    const MULTIPLY_ADDS: usize = A::MULTIPLY_ADDS;

    fn start(layer: &A, x: &X, y: &mut A::Output, (): &mut (), (): &mut (), inner: &mut A::Workspace) {
        layer.apply(x, y, inner);
    }

    // SAFETY: the caller's promise is the trait's.
    unsafe fn resume(layer: &A, x: &mut Either<X, ()>, y: &mut A::Output, (): &mut (), inner: &mut A::Workspace) {
        // SAFETY: the caller's promise.
        layer.apply(unsafe { x.left() }, y, inner);
    }
}

impl<X: Array, A: Layer<X> + 'static, R: Sequence<A::Output>> Sequence<X> for Chain<A, R> {
    type Output = R::Output;
    type Front = Either<A::Output, R::Back>;
    type Back = R::Front;
    type Inner = Either<A::Workspace, R::Inner>;

    const MULTIPLY_ADDS: usize = A::MULTIPLY_ADDS + R::MULTIPLY_ADDS;

    fn start(
        (layer, rest): Self::Layers<'_>,
        x: &X,
        y: &mut Self::Output,
        front: &mut Self::Front,
        back: &mut Self::Back,
        inner: &mut Self::Inner,
    ) {
        layer.apply(x, front.left_mut(), inner.left_mut());
        // SAFETY: the line above wrote the left of `front`.
        unsafe { R::resume(rest, front, y, back, inner.right_mut()) };
    }

    // SAFETY: the caller's promise is the trait's.
    unsafe fn resume(
        (layer, rest): Self::Layers<'_>,
        x: &mut Either<X, Self::Back>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    ) {
        // SAFETY: the caller's promise.
        layer.apply(unsafe { x.left() }, front.left_mut(), inner.left_mut());
        // SAFETY: the line above wrote the left of `front`.
        unsafe { R::resume(rest, front, y, x.right_mut(), inner.right_mut()) };
    }
}

/// A [`Sequence`] that can be trained.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, TrainSequence};
/// type Layers = Chain<Flatten, Chain<Linear<f32, 16, 8>, Last<Relu>>>;
/// // The outputs of the first two layers are kept.
/// type Kept = <Layers as TrainSequence<Tensor<f32, 1, 1, 4, 4>>>::Record;
/// assert_eq!(size_of::<Kept>(), (16 + 8) * 4);
/// ```
pub trait TrainSequence<X: Array>: Sequence<X> {
    /// What a forward pass leaves for the backward pass.
    type Record: Storage;

    /// [`Backward::GIVES_DX`] of the first layer.
    const GIVES_DX: bool;

    /// y = f(x), keeping all outputs.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Chain, Last, TrainSequence};
    /// let (first, second) = (LeakyRelu::new(0.5), Relu);
    /// let (x, mut y, mut record) = (Vector::new([-4.0, 2.0]), Vector::zeros(), Zeroed::ZERO);
    /// <Chain<LeakyRelu, Last<Relu>>>::record((&first, &second), &x, &mut y, &mut record);
    /// assert_eq!((record.y, y), (Vector::new([-2.0, 2.0]), Vector::new([0.0, 2.0])));
    /// ```
    fn record(layers: Self::Layers<'_>, x: &X, y: &mut Self::Output, record: &mut Self::Record);

    /// Overwrites dx, where it is asked for, and adds to the gradients.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Last, TrainSequence};
    /// let (x, y, dy) = (Vector::new([-4.0, 2.0]), Vector::new([0.0, 2.0]), Vector::new([5.0, 7.0]));
    /// let mut dx = Vector::zeros();
    /// <Last<Relu>>::start_backward(&Relu, &x, &y, &dy, &mut (), Some(&mut dx), &mut Relu, &mut (), &mut ());
    /// assert_eq!(dx, Vector::new([0.0, 7.0]));
    /// ```
    #[allow(clippy::too_many_arguments)]
    fn start_backward(
        layers: Self::Layers<'_>,
        x: &X,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: Option<&mut X>,
        gradients: Self::Gradients<'_>,
        front: &mut Self::Front,
        back: &mut Self::Back,
    );

    /// As [`start_backward`](TrainSequence::start_backward), with dx in a buffer; writes its left last.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Last, TrainSequence};
    /// use constconv::tensor::Either;
    /// let (x, y, dy) = (Vector::new([-4.0, 2.0]), Vector::new([0.0, 2.0]), Vector::new([5.0, 7.0]));
    /// let mut dx = Either::<Vector<f32, 2>, ()>::ZERO;
    /// <Last<Relu>>::resume_backward(&Relu, &x, &y, &dy, &mut (), &mut dx, &mut Relu, &mut ());
    /// // SAFETY: `resume_backward` writes the left last.
    /// assert_eq!(unsafe { dx.left() }, &Vector::new([0.0, 7.0]));
    /// ```
    #[allow(clippy::too_many_arguments)]
    fn resume_backward(
        layers: Self::Layers<'_>,
        x: &X,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: &mut Either<X, Self::Back>,
        gradients: Self::Gradients<'_>,
        front: &mut Self::Front,
    );
}

impl<X: Array, A: Backward<X> + 'static> TrainSequence<X> for Last<A> {
    type Record = A::Tape;

    const GIVES_DX: bool = A::GIVES_DX;

    fn record(layer: &A, x: &X, y: &mut A::Output, tape: &mut A::Tape) {
        layer.record(x, y, tape);
    }

    fn start_backward(
        layer: &A,
        x: &X,
        y: &A::Output,
        dy: &A::Output,
        tape: &mut A::Tape,
        dx: Option<&mut X>,
        gradient: &mut A::Gradient,
        (): &mut (),
        (): &mut (),
    ) {
        layer.propagate(x, y, dy, tape, dx, gradient);
    }

    fn resume_backward(
        layer: &A,
        x: &X,
        y: &A::Output,
        dy: &A::Output,
        tape: &mut A::Tape,
        dx: &mut Either<X, ()>,
        gradient: &mut A::Gradient,
        (): &mut (),
    ) {
        layer.propagate(x, y, dy, tape, Some(dx.left_mut()), gradient);
    }
}

impl<X: Array, A: Backward<X> + 'static, R: TrainSequence<A::Output>> TrainSequence<X> for Chain<A, R> {
    type Record = Record<A::Output, A::Tape, R::Record>;

    const GIVES_DX: bool = A::GIVES_DX;

    fn record((layer, rest): Self::Layers<'_>, x: &X, y: &mut Self::Output, record: &mut Self::Record) {
        layer.record(x, &mut record.y, &mut record.tape);
        R::record(rest, &record.y, y, &mut record.rest);
    }

    fn start_backward(
        (layer, rest): Self::Layers<'_>,
        x: &X,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: Option<&mut X>,
        (gradient, gradients): Self::Gradients<'_>,
        front: &mut Self::Front,
        back: &mut Self::Back,
    ) {
        if A::PARAMETERS == 0 && dx.is_none() {
            // Nobody needs the gradient of this layer's output: `Frozen` costs nothing, here or in what stands behind.
            return R::start_backward(
                rest,
                &record.y,
                y,
                dy,
                &mut record.rest,
                None,
                gradients,
                back,
                front.right_mut(),
            );
        }
        R::resume_backward(rest, &record.y, y, dy, &mut record.rest, front, gradients, back);
        // SAFETY: `resume_backward` writes the left of its `dx`, here `front`, last.
        let dy = unsafe { front.left() };
        layer.propagate(x, &record.y, dy, &mut record.tape, dx, gradient);
    }

    fn resume_backward(
        (layer, rest): Self::Layers<'_>,
        x: &X,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: &mut Either<X, Self::Back>,
        (gradient, gradients): Self::Gradients<'_>,
        front: &mut Self::Front,
    ) {
        const { asks_for_dx(A::GIVES_DX) };
        R::resume_backward(rest, &record.y, y, dy, &mut record.rest, front, gradients, dx.right_mut());
        // SAFETY: as in `start_backward`.
        let dy = unsafe { front.left() };
        layer.propagate(x, &record.y, dy, &mut record.tape, Some(dx.left_mut()), gradient);
    }
}

mod sealed {
    pub trait Sealed {}
    impl<A> Sealed for super::Last<A> {}
    impl<A, R> Sealed for super::Chain<A, R> {}
}
