//! Layers one after the other, as a list of types: `Chain<A, Chain<B, Last<C>>>`.
//!
//! ```text
//! inference   x ─A→ front ─B→ back ─C→ front ─D→ y            each step overwrites what is no longer needed
//! training    x ─A→ y₁ ─B→ y₂ ─C→ y₃ ─D→ y                    all outputs are kept
//!             dx ←A─ front ←B─ back ←C─ front ←D─ dy          the gradients take turns again
//! ```
//!
//! The two buffers are unions: `front` of the whole is `Either` the output of the first layer or what the layers
//! after the second one call their `back`, and so on to the end of the list.
//!
//! [`Sequence`] is a trait of the input, with the list as its parameter, because the compiler does not search the
//! implementations of a type that it does not know yet: the time to check a model is linear in its layers.

use core::marker::PhantomData;

use super::memory::{ModelTape, ModelWorkspace, Record};
use crate::module::{Backward, Layer, Module, asks_for_dx};
use crate::tensor::{Array, Either, Left, Storage};

/// The layer `A` and the list `R` of those after it.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, Sequence};
/// type Layers = Chain<Conv2d<f32, 1, 4, Kernel<3>>, Chain<Relu, Last<MaxPool2d<Kernel<2>>>>>;
/// // The output of the last one for an image of 8×8.
/// let y: <Tensor<f32, 1, 1, 8, 8> as Sequence<Layers>>::Output = Tensor::<f32, 1, 4, 3, 3>::zeros();
/// ```
#[derive(Debug)]
pub struct Chain<A, R>(PhantomData<(A, R)>);

/// The last layer of a list.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Last, Sequence};
/// let y: <Tensor<f32, 1, 2, 3, 3> as Sequence<Last<Flatten>>>::Output = Matrix::<f32, 1, 18>::zeros();
/// ```
#[derive(Debug)]
pub struct Last<A>(PhantomData<A>);

/// A list of layers: what does not depend on the input. Sealed: [`Chain`] and [`Last`].
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

/// An input of the layers `L`: the first one accepts it, and each of the others accepts the output of the one before.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, List, Sequence};
/// fn macs<X: Sequence<L>, L: List>() -> usize {
///     X::MULTIPLY_ADDS
/// }
/// type Layers = Chain<Flatten, Last<Linear<f32, 16, 10>>>;
/// assert_eq!(macs::<Tensor<f32, 1, 1, 4, 4>, Layers>(), 160);
/// ```
pub trait Sequence<L: List>: Array {
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
    /// type Layers = Chain<LeakyRelu, Last<Relu>>;
    /// let (first, second) = (LeakyRelu::new(0.5), Relu);
    /// let (x, mut y) = (Vector::new([-4.0, 2.0]), Vector::zeros());
    /// let (mut front, mut back, mut inner) = (Zeroed::ZERO, Zeroed::ZERO, Zeroed::ZERO);
    /// Sequence::<Layers>::start(&x, (&first, &second), &mut y, &mut front, &mut back, &mut inner);
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn start(
        &self,
        layers: L::Layers<'_>,
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
    /// let mut place = Either::<Vector<f32, 2>, ()>::ZERO;
    /// let mut x = place.write_left();
    /// x.copy_from(&Vector::new([-4.0, 2.0]));
    /// let mut y = Vector::zeros();
    /// Sequence::<Last<Relu>>::resume(x, &Relu, &mut y, &mut (), &mut ());
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn resume(
        x: Left<'_, Self, Self::Back>,
        layers: L::Layers<'_>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    );
}

impl<X: Array, A: Layer<X> + 'static> Sequence<Last<A>> for X {
    type Output = A::Output;
    type Front = ();
    type Back = ();
    type Inner = A::Workspace;

    const MULTIPLY_ADDS: usize = A::MULTIPLY_ADDS;

    fn start(&self, layer: &A, y: &mut A::Output, (): &mut (), (): &mut (), inner: &mut A::Workspace) {
        layer.forward_pass(self, y, inner);
    }

    fn resume(x: Left<'_, X, ()>, layer: &A, y: &mut A::Output, (): &mut (), inner: &mut A::Workspace) {
        layer.forward_pass(&x, y, inner);
    }
}

impl<X: Array, A: Layer<X, Output: Sequence<R>> + 'static, R: List> Sequence<Chain<A, R>> for X {
    type Output = <A::Output as Sequence<R>>::Output;
    type Front = Either<A::Output, <A::Output as Sequence<R>>::Back>;
    type Back = <A::Output as Sequence<R>>::Front;
    type Inner = Either<A::Workspace, <A::Output as Sequence<R>>::Inner>;

    const MULTIPLY_ADDS: usize = A::MULTIPLY_ADDS + <A::Output as Sequence<R>>::MULTIPLY_ADDS;

    fn start(
        &self,
        (layer, rest): <Chain<A, R> as List>::Layers<'_>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        back: &mut Self::Back,
        inner: &mut Self::Inner,
    ) {
        let mut front = front.write_left();
        layer.forward_pass(self, &mut front, inner.left_mut());
        A::Output::resume(front, rest, y, back, inner.right_mut());
    }

    fn resume(
        x: Left<'_, X, Self::Back>,
        (layer, rest): <Chain<A, R> as List>::Layers<'_>,
        y: &mut Self::Output,
        front: &mut Self::Front,
        inner: &mut Self::Inner,
    ) {
        let mut front = front.write_left();
        layer.forward_pass(&x, &mut front, inner.left_mut());
        A::Output::resume(front, rest, y, x.into_right(), inner.right_mut());
    }
}

/// A [`Sequence`] that can be trained.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, TrainSequence};
/// type Layers = Chain<Flatten, Chain<Linear<f32, 16, 8>, Last<Relu>>>;
/// // The outputs of the first two layers are kept.
/// type Kept = <Tensor<f32, 1, 1, 4, 4> as TrainSequence<Layers>>::Record;
/// assert_eq!(size_of::<Kept>(), (16 + 8) * 4);
/// ```
pub trait TrainSequence<L: List>: Sequence<L> {
    /// What a forward pass keeps for the backward pass.
    type Record: Storage;

    /// [`Backward::GIVES_DX`] of the first layer.
    const GIVES_DX: bool;

    /// [`Backward::ONLY_DX`] of all layers.
    const ONLY_DX: bool;

    /// y = f(x); keeps all outputs.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Chain, Last, TrainSequence};
    /// type Layers = Chain<LeakyRelu, Last<Relu>>;
    /// let (first, second) = (LeakyRelu::new(0.5), Relu);
    /// let (x, mut y, mut record) = (Vector::new([-4.0, 2.0]), Vector::zeros(), Zeroed::ZERO);
    /// TrainSequence::<Layers>::record(&x, (&first, &second), &mut y, &mut record);
    /// assert_eq!((record.y, y), (Vector::new([-2.0, 2.0]), Vector::new([0.0, 2.0])));
    /// ```
    fn record(&self, layers: L::Layers<'_>, y: &mut Self::Output, record: &mut Self::Record);

    /// Overwrites dx, where it is asked for, and adds to the gradients.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Last, TrainSequence};
    /// let (x, y, dy) = (Vector::new([-4.0, 2.0]), Vector::new([0.0, 2.0]), Vector::new([5.0, 7.0]));
    /// let mut dx = Vector::zeros();
    /// TrainSequence::<Last<Relu>>::start_backward(
    ///     &x, &Relu, &y, &dy, &mut (), Some(&mut dx), &mut (), &mut (), &mut (),
    /// );
    /// assert_eq!(dx, Vector::new([0.0, 7.0]));
    /// ```
    #[allow(clippy::too_many_arguments)]
    fn start_backward(
        &self,
        layers: L::Layers<'_>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: Option<&mut Self>,
        gradients: L::Gradients<'_>,
        front: &mut Self::Front,
        back: &mut Self::Back,
    );

    /// As [`start_backward`](TrainSequence::start_backward), with dx in a buffer, which is returned.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::model::{Last, TrainSequence};
    /// use constconv::tensor::Either;
    /// let (x, y, dy) = (Vector::new([-4.0, 2.0]), Vector::new([0.0, 2.0]), Vector::new([5.0, 7.0]));
    /// let mut place = Either::<Vector<f32, 2>, ()>::ZERO;
    /// let dx =
    ///     TrainSequence::<Last<Relu>>::resume_backward(&x, &Relu, &y, &dy, &mut (), &mut place, &mut (), &mut ());
    /// assert_eq!(*dx, Vector::new([0.0, 7.0]));
    /// ```
    #[allow(clippy::too_many_arguments)]
    fn resume_backward<'a>(
        &self,
        layers: L::Layers<'_>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: &'a mut Either<Self, Self::Back>,
        gradients: L::Gradients<'_>,
        front: &mut Self::Front,
    ) -> Left<'a, Self, Self::Back>;
}

impl<X: Array, A: Backward<X> + 'static> TrainSequence<Last<A>> for X {
    type Record = A::Tape;

    const GIVES_DX: bool = A::GIVES_DX;
    const ONLY_DX: bool = A::ONLY_DX;

    fn record(&self, layer: &A, y: &mut A::Output, tape: &mut A::Tape) {
        layer.forward_train_pass(self, y, tape);
    }

    fn start_backward(
        &self,
        layer: &A,
        y: &A::Output,
        dy: &A::Output,
        tape: &mut A::Tape,
        dx: Option<&mut X>,
        gradient: &mut A::Gradient,
        (): &mut (),
        (): &mut (),
    ) {
        layer.backward_pass(self, y, dy, tape, dx, gradient);
    }

    fn resume_backward<'a>(
        &self,
        layer: &A,
        y: &A::Output,
        dy: &A::Output,
        tape: &mut A::Tape,
        dx: &'a mut Either<X, ()>,
        gradient: &mut A::Gradient,
        (): &mut (),
    ) -> Left<'a, X, ()> {
        const { asks_for_dx(A::GIVES_DX) };
        let mut dx = dx.write_left();
        layer.backward_pass(self, y, dy, tape, Some(&mut dx), gradient);
        dx
    }
}

impl<X: Array, A: Backward<X, Output: TrainSequence<R>> + 'static, R: List> TrainSequence<Chain<A, R>> for X {
    type Record = Record<A::Output, A::Tape, <A::Output as TrainSequence<R>>::Record>;

    const GIVES_DX: bool = A::GIVES_DX;
    const ONLY_DX: bool = A::ONLY_DX && <A::Output as TrainSequence<R>>::ONLY_DX;

    fn record(
        &self,
        (layer, rest): <Chain<A, R> as List>::Layers<'_>,
        y: &mut Self::Output,
        record: &mut Self::Record,
    ) {
        layer.forward_train_pass(self, &mut record.y, &mut record.tape);
        record.y.record(rest, y, &mut record.rest);
    }

    fn start_backward(
        &self,
        (layer, rest): <Chain<A, R> as List>::Layers<'_>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: Option<&mut X>,
        (gradient, gradients): <Chain<A, R> as List>::Gradients<'_>,
        front: &mut Self::Front,
        back: &mut Self::Back,
    ) {
        let Record { y: x1, tape, rest: record } = record;
        if A::ONLY_DX && dx.is_none() {
            // Nobody needs the gradient of this layer's output: `Frozen` costs nothing, here or in what follows.
            return x1.start_backward(rest, y, dy, record, None, gradients, back, front.right_mut());
        }
        let dx1 = x1.resume_backward(rest, y, dy, record, front, gradients, back);
        layer.backward_pass(self, x1, &dx1, tape, dx, gradient);
    }

    fn resume_backward<'a>(
        &self,
        (layer, rest): <Chain<A, R> as List>::Layers<'_>,
        y: &Self::Output,
        dy: &Self::Output,
        record: &mut Self::Record,
        dx: &'a mut Either<X, Self::Back>,
        (gradient, gradients): <Chain<A, R> as List>::Gradients<'_>,
        front: &mut Self::Front,
    ) -> Left<'a, X, Self::Back> {
        const { asks_for_dx(A::GIVES_DX) };
        let Record { y: x1, tape, rest: record } = record;
        let dx1 = x1.resume_backward(rest, y, dy, record, front, gradients, dx.right_mut());
        let mut dx = dx.write_left();
        layer.backward_pass(self, x1, &dx1, tape, Some(&mut dx), gradient);
        dx
    }
}

/// The [`ModelWorkspace`] of the layers `L` on an `X`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, SequenceWorkspace};
/// type Memory = SequenceWorkspace<Vector<f32, 8>, Chain<Relu, Last<Relu>>>;
/// assert_eq!(size_of::<Memory>(), 8 * 4); // the output of the first one
/// ```
pub type SequenceWorkspace<X, L> =
    ModelWorkspace<<X as Sequence<L>>::Front, <X as Sequence<L>>::Back, <X as Sequence<L>>::Inner>;

/// The [`ModelTape`] of the layers `L` on an `X`.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::{Chain, Last, SequenceTape};
/// type Memory = SequenceTape<Vector<f32, 8>, Chain<Relu, Last<Relu>>>;
/// assert_eq!(size_of::<Memory>(), 2 * 8 * 4); // the output of the first one, and its gradient
/// ```
pub type SequenceTape<X, L> =
    ModelTape<<X as TrainSequence<L>>::Record, <X as Sequence<L>>::Front, <X as Sequence<L>>::Back>;

mod sealed {
    pub trait Sealed {}
    impl<A> Sealed for super::Last<A> {}
    impl<A, R> Sealed for super::Chain<A, R> {}
}
