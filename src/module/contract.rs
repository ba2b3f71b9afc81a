//! The contract of modules: what a user calls ([`Module`]), and what an author of layers writes ([`Layer`] and
//! [`Backward`]). The traits name each other, so they stand in one file.

use super::role::{Map, Role};
use crate::tensor::{Array, Epilogue, Storage, Zeroed};

/// The gradient of a module.
///
/// ```
/// use constconv::prelude::*;
/// type Layer = Conv2d<f32, 3, 8, Kernel<3>>;
/// let gradient: Gradient<Layer> = Layer::ZERO; // the layer's own type
/// assert_eq!(gradient.weight.shape(), [8, 3, 3, 3]);
/// ```
pub type Gradient<M> = <M as Module>::Gradient;
/// The output of a layer for an input of type `X`.
///
/// ```
/// use constconv::prelude::*;
/// let y: Output<Linear<f32, 400, 10>, Tensor<f32, 32, 16, 5, 5>> = Matrix::<f32, 32, 10>::zeros();
/// ```
pub type Output<L, X> = <L as Layer<X>>::Output;
/// The working memory of a layer for inference on an input of type `X`.
///
/// ```
/// use constconv::prelude::*;
/// model! {
///     Net: Matrix<f32, 1, 4> => {
///         fc1: Linear<f32, 4, 3>,
///         relu: Relu,
///         fc2: Linear<f32, 3, 2>,
///     }
/// }
/// static WORKSPACE: Workspace<Net, Matrix<f32, 1, 4>> = Zeroed::ZERO;
/// assert_eq!(size_of_val(&WORKSPACE), 3 * 4); // the output of fc1, where the ReLU works
/// ```
pub type Workspace<L, X> = <L as Layer<X>>::Workspace;
/// What a layer keeps of a forward pass over an `X` for the backward pass.
///
/// ```
/// use constconv::prelude::*;
/// model! {
///     Net: Matrix<f32, 32, 4> => {
///         fc1: Linear<f32, 4, 3>,
///         fc2: Linear<f32, 3, 2>,
///     }
/// }
/// static TAPE: Tape<Net, Matrix<f32, 32, 4>> = Zeroed::ZERO;
/// assert_eq!(size_of_val(&TAPE), 2 * 32 * 3 * 4); // the output of fc1, and room for its gradient
/// ```
pub type Tape<L, X> = <L as Backward<X>>::Tape;

/// A layer or a model: what a user calls. PyTorch: `nn.Module`.
///
/// The methods take any input `X` that the module accepts ([`Layer<X>`] forward, [`Backward<X>`] for training); the
/// compiler computes the output's type. Forms that end in `_into` or `_with` write to memory of the caller and move
/// no tensor; [`forward`](Module::forward) and [`backward`](Module::backward) return by value.
///
/// ```
/// use constconv::prelude::*;
///
/// let conv = Conv2d::<f32, 1, 2, Kernel<3>>::ZERO;
/// let x = Tensor::<f32, 1, 1, 5, 5>::full(1.0);
/// let y = conv.forward(&x); // Tensor<f32, 1, 2, 3, 3>
/// assert_eq!(y.shape(), [1, 2, 3, 3]);
/// ```
///
/// The table macro [`module!`](crate::module!) writes the implementation for a layer of your own.
pub trait Module: Sized {
    /// The gradient: for a layer, most often the layer's own type; for a model, a struct with the model's fields; `()`
    /// where nothing is trained.
    type Gradient: Module<Gradient = Self::Gradient> + Zeroed;

    /// How a model may join the module with its neighbours: [`Map`](super::Map) is always right, and what
    /// [`module!`](crate::module!) writes. See [`role`](super::role).
    type Role: Role;

    /// The module before it is initialised: parameters are zero, and hyperparameters (a slope, a seed) have their
    /// defaults, PyTorch's where it has one.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// assert_eq!(Linear::<f32, 2, 1>::BLANK.weight, Matrix::zeros());
    /// assert_eq!(LeakyRelu::<f32>::BLANK.negative_slope, 0.01);
    /// ```
    const BLANK: Self;

    /// The number of elements that are trained.
    const PARAMETERS: usize;

    /// The bytes of the parameters, those of [`Frozen`](crate::layer::Frozen) layers included, which are not trained.
    const PARAMETER_BYTES: usize;

    /// Adds all elements of `gradient`; statistics follow it.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut sum = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([3.0]));
    /// sum.add(&Linear::new(Matrix::new([[10.0, 20.0]]), Vector::new([30.0])));
    /// assert_eq!(sum, Linear::new(Matrix::new([[11.0, 22.0]]), Vector::new([33.0])));
    /// ```
    fn add(&mut self, gradient: &Self::Gradient);

    /// [`BLANK`](Module::BLANK) on the heap, without a trip over the stack.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let layer = Linear::<f32, 4096, 1000>::boxed(); // 16 MB
    /// assert_eq!(layer.bias, Vector::zeros());
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    fn boxed() -> alloc::boxed::Box<Self> {
        crate::tensor::boxed::<Self, Blank>()
    }

    /// y = f(x), by value. The working memory is on the stack.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let layer = Linear::<f32, 2, 1>::new(Matrix::new([[10.0, 1.0]]), Vector::new([100.0]));
    /// assert_eq!(layer.forward(&Matrix::new([[2.0, 3.0]])), Matrix::new([[123.0]]));
    /// ```
    #[must_use]
    fn forward<X: Feeds<Self>>(&self, x: &X) -> X::Output {
        let mut y = Zeroed::ZERO;
        self.forward_into(x, &mut y);
        y
    }

    /// y = f(x); overwrites `y`. The working memory is on the stack; most single layers need none.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let layer = Linear::<f32, 2, 1>::new(Matrix::new([[10.0, 1.0]]), Vector::new([100.0]));
    /// let mut y = Matrix::zeros();
    /// layer.forward_into(&Matrix::new([[2.0, 3.0]]), &mut y);
    /// assert_eq!(y, Matrix::new([[123.0]]));
    /// ```
    fn forward_into<X: Feeds<Self>>(&self, x: &X, y: &mut X::Output) {
        let mut workspace = Zeroed::ZERO;
        X::forward_pass(x, self, y, &mut workspace);
    }

    /// y = f(x); overwrites `y`. Nothing is moved, and only what a kernel needs is put on the stack.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// model! {
    ///     Net: Matrix<f32, 1, 2> => {
    ///         fc: Linear<f32, 2, 1>,
    ///         relu: Relu,
    ///     }
    /// }
    /// struct Memory {
    ///     net: Net,
    ///     y: Matrix<f32, 1, 1>,
    ///     workspace: Workspace<Net, Matrix<f32, 1, 2>>,
    /// }
    /// // Without a heap this is a `static`.
    /// let mut memory = Memory { net: Net::BLANK, y: Zeroed::ZERO, workspace: Zeroed::ZERO };
    /// memory.net.fc.weight.fill(-1.0);
    /// memory.net.forward_with(&Matrix::full(2.0), &mut memory.y, &mut memory.workspace);
    /// assert_eq!(memory.y, Matrix::new([[0.0]]));
    /// ```
    fn forward_with<X: Feeds<Self>>(&self, x: &X, y: &mut X::Output, workspace: &mut X::Workspace) {
        X::forward_pass(x, self, y, workspace);
    }

    /// y = f(x) in training: overwrites `y` and keeps on the tape what the backward pass needs.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let (x, mut y) = (Vector::new([-1.0, 2.0]), Vector::zeros());
    /// Relu.forward_train(&x, &mut y, &mut ()); // a ReLU has no tape
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn forward_train<X: Trains<Self>>(&self, x: &X, y: &mut X::Output, tape: &mut X::Tape) {
        X::forward_train_pass(x, self, y, tape);
    }

    /// Given dy, overwrites dx and adds the gradient of the parameters to `gradient`.
    ///
    /// `x`, `y` and `tape` are those of the preceding [`forward_train`](Module::forward_train).
    ///
    /// ```
    /// use constconv::prelude::*;
    /// type Net = Linear<f32, 2, 1>;
    /// let layer = Net::new(Matrix::new([[10.0, 1.0]]), Vector::zeros());
    /// let (x, mut y, dy) = (Matrix::new([[2.0, 3.0]]), Matrix::zeros(), Matrix::new([[5.0]]));
    /// let (mut tape, mut dx, mut gradient) = (Zeroed::ZERO, Matrix::zeros(), Gradient::<Net>::ZERO);
    /// layer.forward_train(&x, &mut y, &mut tape);
    /// layer.backward_into(&x, &y, &dy, &mut tape, &mut dx, &mut gradient);
    /// assert_eq!(dx, Matrix::new([[50.0, 5.0]]));
    /// assert_eq!(gradient, Linear::new(Matrix::new([[10.0, 15.0]]), Vector::new([5.0])));
    /// ```
    fn backward_into<X: Trains<Self>>(
        &self,
        x: &X,
        y: &X::Output,
        dy: &X::Output,
        tape: &mut X::Tape,
        dx: &mut X,
        gradient: &mut Self::Gradient,
    ) {
        const { asks_for_dx(X::GIVES_DX) };
        X::backward_pass(x, self, y, dy, tape, Some(dx), gradient);
    }

    /// As [`backward_into`](Module::backward_into) without dx, which nobody needs from a first layer.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let layer = Linear::<f32, 2, 1>::ZERO;
    /// let (x, y, dy) = (Matrix::new([[2.0, 3.0]]), Matrix::zeros(), Matrix::new([[5.0]]));
    /// let mut gradient = Linear::ZERO;
    /// layer.backward_parameters(&x, &y, &dy, &mut (), &mut gradient);
    /// layer.backward_parameters(&x, &y, &dy, &mut (), &mut gradient); // adds up
    /// assert_eq!(gradient.weight, Matrix::new([[20.0, 30.0]]));
    /// ```
    fn backward_parameters<X: Trains<Self>>(
        &self,
        x: &X,
        y: &X::Output,
        dy: &X::Output,
        tape: &mut X::Tape,
        gradient: &mut Self::Gradient,
    ) {
        X::backward_pass(x, self, y, dy, tape, None, gradient);
    }

    /// dx and the gradient of the parameters, by value. Runs a forward pass first; everything is on the stack.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let (dx, ()) = Relu.backward(&Vector::new([-1.0, 2.0]), &Vector::new([5.0, 7.0]));
    /// assert_eq!(dx, Vector::new([0.0, 7.0]));
    /// ```
    #[must_use]
    fn backward<X: Trains<Self> + Zeroed>(&self, x: &X, dy: &X::Output) -> (X, Self::Gradient) {
        const { asks_for_dx(X::GIVES_DX) };
        let mut y = Zeroed::ZERO;
        let mut tape = Zeroed::ZERO;
        let mut dx = X::ZERO;
        let mut gradient = Zeroed::ZERO;
        X::forward_train_pass(x, self, &mut y, &mut tape);
        X::backward_pass(x, self, &y, dy, &mut tape, Some(&mut dx), &mut gradient);
        (dx, gradient)
    }
}

/// [`Module::BLANK`].
#[cfg(feature = "alloc")]
struct Blank;

#[cfg(feature = "alloc")]
impl<M: Module> crate::tensor::Constant<M> for Blank {
    const VALUE: M = M::BLANK;
}

/// An input of the layer `L`: [`Layer`] seen from the other side. Implemented for every input of every layer.
///
/// [`Module`]'s methods ask for it because the compiler does not try a bound on `X` before it knows `X`. It would try a
/// bound `Self: Layer<X>` on an unknown `X`, which takes time exponential in the layers of a model.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::module::Feeds;
/// fn twice<M: Module, X: Feeds<M, Output = X>>(module: &M, x: &X) -> X {
///     module.forward(&module.forward(x))
/// }
/// assert_eq!(twice(&LeakyRelu::new(0.5), &Vector::new([-4.0])), Vector::new([-1.0]));
/// ```
pub trait Feeds<L: ?Sized> {
    /// [`Layer::Output`].
    type Output: Array;

    /// [`Layer::Workspace`].
    type Workspace: Storage;

    /// [`Layer::forward_pass`].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Feeds;
    /// let mut y = Vector::zeros();
    /// Feeds::forward_pass(&Vector::new([-1.0, 2.0]), &Relu, &mut y, &mut ());
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn forward_pass(x: &Self, layer: &L, y: &mut Self::Output, workspace: &mut Self::Workspace);
}

impl<X: Array, L: Layer<X::Itself>> Feeds<L> for X {
    type Output = L::Output;
    type Workspace = L::Workspace;

    fn forward_pass(x: &Self, layer: &L, y: &mut L::Output, workspace: &mut L::Workspace) {
        layer.forward_pass(x, y, workspace);
    }
}

/// An input on which the layer `L` can be trained: [`Backward`] seen from the other side.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::module::Trains;
/// /// The gradient of a module for dy = 1.
/// fn slope<M: Module, X: Trains<M, Output: Array<Scalar = f32>> + Zeroed>(module: &M, x: &X) -> M::Gradient {
///     let mut dy = X::Output::ZERO;
///     dy.as_mut_slice().fill(1.0);
///     module.backward(x, &dy).1
/// }
/// assert_eq!(slope(&Linear::<f32, 2, 1>::ZERO, &Matrix::new([[2.0, 3.0]])).weight, Matrix::new([[2.0, 3.0]]));
/// ```
pub trait Trains<L: Module>: Feeds<L> + Sized {
    /// [`Backward::Tape`].
    type Tape: Storage;

    /// [`Backward::GIVES_DX`].
    const GIVES_DX: bool;

    /// [`Backward::forward_train_pass`].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Trains;
    /// let mut y = Vector::zeros();
    /// Trains::forward_train_pass(&Vector::new([-1.0, 2.0]), &Relu, &mut y, &mut ());
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn forward_train_pass(x: &Self, layer: &L, y: &mut Self::Output, tape: &mut Self::Tape);

    /// [`Backward::backward_pass`].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Trains;
    /// let (x, y, dy) = (Vector::new([-1.0, 2.0]), Vector::new([0.0, 2.0]), Vector::new([5.0, 7.0]));
    /// let mut dx = Vector::zeros();
    /// Trains::backward_pass(&x, &Relu, &y, &dy, &mut (), Some(&mut dx), &mut ());
    /// assert_eq!(dx, Vector::new([0.0, 7.0]));
    /// ```
    fn backward_pass(
        x: &Self,
        layer: &L,
        y: &Self::Output,
        dy: &Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut Self>,
        gradient: &mut L::Gradient,
    );

    /// [`Backward::descend_pass`].
    ///
    /// ```
    /// use constconv::prelude::*;
    /// use constconv::module::Trains;
    /// let mut layer = Linear::<f32, 1, 1>::ZERO;
    /// let (x, y, dy) = (Matrix::new([[3.0]]), Matrix::zeros(), Matrix::new([[-0.5]]));
    /// Trains::descend_pass(&x, &mut layer, &y, &dy, &mut (), None);
    /// assert_eq!(layer, Linear::new(Matrix::new([[-1.5]]), Vector::new([-0.5])));
    /// ```
    fn descend_pass(
        x: &Self,
        layer: &mut L,
        y: &Self::Output,
        dy: &Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut Self>,
    );
}

impl<X: Array, L: Backward<X::Itself>> Trains<L> for X {
    type Tape = L::Tape;

    const GIVES_DX: bool = L::GIVES_DX;

    fn forward_train_pass(x: &Self, layer: &L, y: &mut L::Output, tape: &mut L::Tape) {
        layer.forward_train_pass(x, y, tape);
    }

    fn backward_pass(
        x: &Self,
        layer: &L,
        y: &L::Output,
        dy: &L::Output,
        tape: &mut L::Tape,
        dx: Option<&mut X>,
        gradient: &mut L::Gradient,
    ) {
        layer.backward_pass(x, y, dy, tape, dx, gradient);
    }

    fn descend_pass(x: &Self, layer: &mut L, y: &L::Output, dy: &L::Output, tape: &mut L::Tape, dx: Option<&mut X>) {
        layer.descend_pass(x, y, dy, tape, dx);
    }
}

/// The forward map of a layer on inputs of type `X`: what an author of layers writes.
///
/// Users call [`Module::forward`] and its siblings.
///
/// A layer of your own:
///
/// ```
/// use constconv::prelude::*;
/// use constconv::module;
/// /// y = 2·x.
/// struct Double;
///
/// module! { [] Double {} }
///
/// impl<const N: usize> Layer<Vector<f32, N>> for Double {
///     type Output = Vector<f32, N>;
///     type Workspace = ();
///     const MULTIPLY_ADDS: usize = 0;
///
///     fn forward_pass(&self, x: &Vector<f32, N>, y: &mut Vector<f32, N>, (): &mut ()) {
///         y.iter_mut().zip(x).for_each(|(y, x)| *y = 2.0 * x);
///     }
/// }
///
/// assert_eq!(Double.forward(&Vector::new([1.0, 2.0])), Vector::new([2.0, 4.0]));
/// ```
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` does not accept `{X}`",
    label = "this layer does not accept `{X}`",
    note = "an input is a `Tensor`, `Signal`, `Matrix` or `Vector`: nested arrays become one by `Tensor::new(..)`, and one in a `Box` is passed as `&*x`"
)]
pub trait Layer<X>: Module {
    /// The output, computed from `X` and the parameters of the layer.
    type Output: Array;

    /// Working memory for one forward pass; `()` for most layers.
    type Workspace: Storage;

    /// Multiply-adds of one forward pass.
    const MULTIPLY_ADDS: usize;

    /// How many modules it is made of, itself included: a call goes through no more of them, each of which may take a
    /// little stack.
    #[doc(hidden)]
    const MODULES: usize = 1;

    /// y = f(x); overwrites `y`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut y = Vector::zeros();
    /// Relu.forward_pass(&Vector::new([-1.0, 2.0]), &mut y, &mut ());
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn forward_pass(&self, x: &X, y: &mut Self::Output, workspace: &mut Self::Workspace);

    /// y = f(x), then `then` on each element of y: what a model calls for a layer with element-wise layers after it.
    /// A layer that makes y piece by piece does it to the pieces as it stores them; by default it is all of y.
    ///
    /// ```
    /// use constconv::module::Epilogue;
    /// use constconv::prelude::*;
    /// let mut y = Vector::zeros();
    /// LeakyRelu::new(0.5).forward_then(&Vector::new([-4.0, 2.0]), &mut y, &mut (), Epilogue::Limits { low: 0.0, high: None });
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn forward_then(
        &self,
        x: &X,
        y: &mut Self::Output,
        workspace: &mut Self::Workspace,
        then: Epilogue<'_, <Self::Output as Array>::Scalar>,
    ) {
        self.forward_pass(x, y, workspace);
        then.apply(y.as_mut_slice());
    }
}

/// The backward map of a layer: what an author of layers writes.
///
/// Users call [`Module::forward_train`], [`Module::backward_into`] and their siblings.
///
/// The backward map of a layer without parameters ([`module!`](crate::module!) has an example with parameters):
///
/// ```
/// use constconv::prelude::*;
/// # use constconv::module;
/// struct Double;
///
/// impl Backward<Vector<f32, 2>> for Double {
///     type Tape = ();
///
///     fn forward_train_pass(&self, x: &Vector<f32, 2>, y: &mut Vector<f32, 2>, (): &mut ()) {
///         self.forward_pass(x, y, &mut ());
///     }
///
///     fn backward_pass(
///         &self,
///         _x: &Vector<f32, 2>,
///         _y: &Vector<f32, 2>,
///         dy: &Vector<f32, 2>,
///         (): &mut (),
///         dx: Option<&mut Vector<f32, 2>>,
///         (): &mut (),
///     ) {
///         if let Some(dx) = dx {
///             self.forward_pass(dy, dx, &mut ()); // dx = 2·dy
///         }
///     }
/// }
///
/// let (dx, ()) = Double.backward(&Vector::zeros(), &Vector::new([3.0, 4.0]));
/// assert_eq!(dx, Vector::new([6.0, 8.0]));
/// # module! { [] Double {} }
/// # impl Layer<Vector<f32, 2>> for Double {
/// #     type Output = Vector<f32, 2>;
/// #     type Workspace = ();
/// #     const MULTIPLY_ADDS: usize = 0;
/// #     fn forward_pass(&self, x: &Vector<f32, 2>, y: &mut Vector<f32, 2>, (): &mut ()) {
/// #         *y = x.map(|x| 2.0 * x);
/// #     }
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` cannot be trained on `{X}`",
    label = "no backward pass for `{X}`"
)]
pub trait Backward<X>: Layer<X> {
    /// What a forward pass keeps for the backward pass, besides x and y.
    type Tape: Storage;

    /// Whether this layer gives dx: yes, except for [`Frozen`](crate::layer::Frozen) and models that begin with it. To
    /// ask those for dx does not compile.
    const GIVES_DX: bool = true;

    /// Whether the backward pass only computes dx, so that it is left out where nobody asks for dx, as at the start of
    /// a model. A layer that trains or gathers something says `false`, the default.
    const ONLY_DX: bool = false;

    /// y = f(x) in training; overwrites `y` and what it needs of `tape`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut y = Vector::zeros();
    /// Relu.forward_train_pass(&Vector::new([-1.0, 2.0]), &mut y, &mut ());
    /// assert_eq!(y, Vector::new([0.0, 2.0]));
    /// ```
    fn forward_train_pass(&self, x: &X, y: &mut Self::Output, tape: &mut Self::Tape);

    /// Overwrites dx, where it is asked for, and adds to `gradient`.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let (x, y, dy) = (Vector::new([-1.0, 2.0]), Vector::new([0.0, 2.0]), Vector::new([5.0, 7.0]));
    /// let mut dx = Vector::zeros();
    /// Relu.backward_pass(&x, &y, &dy, &mut (), Some(&mut dx), &mut ());
    /// assert_eq!(dx, Vector::new([0.0, 7.0]));
    /// ```
    fn backward_pass(
        &self,
        x: &X,
        y: &Self::Output,
        dy: &Self::Output,
        tape: &mut Self::Tape,
        dx: Option<&mut X>,
        gradient: &mut Self::Gradient,
    );

    /// Overwrites dx, where it is asked for, and adds each gradient to its parameter at once: with dy times −rate this is
    /// a step of gradient descent. dx is that of the parameters before the step.
    ///
    /// By default the gradient of this one layer is on the stack; the layers of this library need none.
    ///
    /// ```
    /// use constconv::prelude::*;
    /// let mut layer = Linear::<f32, 2, 1>::new(Matrix::new([[10.0, 1.0]]), Vector::zeros());
    /// let (x, mut dx) = (Matrix::new([[2.0, 3.0]]), Matrix::zeros());
    /// layer.descend_pass(&x, &Matrix::zeros(), &Matrix::new([[-0.5]]), &mut (), Some(&mut dx));
    /// assert_eq!(dx, Matrix::new([[-5.0, -0.5]]));
    /// assert_eq!(layer, Linear::new(Matrix::new([[9.0, -0.5]]), Vector::new([-0.5])));
    /// ```
    fn descend_pass(&mut self, x: &X, y: &Self::Output, dy: &Self::Output, tape: &mut Self::Tape, dx: Option<&mut X>) {
        let mut gradient = Zeroed::ZERO;
        self.backward_pass(x, y, dy, tape, dx, &mut gradient);
        self.add(&gradient);
    }
}

/// Refuses, when evaluated in a constant, a backward pass that asks for a dx that is not given.
pub(crate) const fn asks_for_dx(gives_dx: bool) {
    assert!(
        gives_dx,
        "dx of a `Frozen` layer: frozen layers come first in a model (several of them as one `Frozen` model), and that \
        model is trained with `backward_parameters`"
    );
}

/// The gradient of what is not trained.
impl Module for () {
    type Gradient = ();
    type Role = Map;

    const BLANK: Self = ();
    const PARAMETERS: usize = 0;
    const PARAMETER_BYTES: usize = 0;

    fn add(&mut self, (): &()) {}
}
