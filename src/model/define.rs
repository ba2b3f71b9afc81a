//! The `model!` macro.

/// Defines a model: a struct with a field for each layer, in the order in which data flows.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     /// LeNet-5 over one 28×28 grey image.
///     pub LeNet: Tensor<f32, 1, 1, 28, 28> => {
///         conv1: Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
///         relu1: Relu,
///         pool1: MaxPool2d<Kernel<2>>,
///         conv2: Conv2d<f32, 6, 16, Kernel<5>>,
///         relu2: Relu,
///         pool2: MaxPool2d<Kernel<2>>,
///         fc1: Linear<f32, 400, 120>,
///         relu3: Relu,
///         fc2: Linear<f32, 120, 84>,
///         relu4: Relu,
///         fc3: Linear<f32, 84, 10>,
///     }
/// }
///
/// const _: () = assert!(LeNet::PARAMETERS == 61_706);
/// const _: () = assert!(LeNet::INFERENCE_RAM <= 41 * 1024); // a budget is a compile-time fact
/// static NET: LeNet = LeNet::ZERO; // in flash
///
/// let y = NET.forward(&Tensor::<f32, 1, 1, 28, 28>::zeros()); // Matrix<f32, 1, 10>
/// assert_eq!(y.shape(), [1, 10]);
/// let y = NET.forward(&Tensor::<f32, 4, 1, 28, 28>::zeros()); // any batch size
/// assert_eq!(y.shape(), [4, 10]);
/// ```
///
/// The input type is the one that is checked here, layer by layer: a layer that does not fit is an error at its own
/// line. So is a [`Frozen`](crate::layer::Frozen) layer behind the first one. The model accepts every input that its
/// layers accept, so the same value takes a batch of 32 in training and of 1 on the device.
///
/// What it expands to:
/// - the struct, with public fields of the given types, `Clone`, `Debug` and `PartialEq`;
/// - a gradient of the same fields, [`Gradient<LeNet>`](crate::layer::Gradient);
/// - [`Module`](crate::layer::Module), [`Layer`](crate::layer::Layer) and [`Backward`](crate::layer::Backward), so a
///   model is a layer and models nest; [`Parameters`](crate::layer::Parameters) and
///   [`Initialize`](crate::layer::Initialize);
/// - [`Model`](crate::model::Model), through which the costs of one pass over the declared input are constants:
///   [`MACS`, `WEIGHT_BYTES`, `INFERENCE_RAM`](crate::model::Footprint) and
///   [`TRAINING_RAM`](crate::model::TrainingFootprint).
///
/// [`Workspace<LeNet, X>`](crate::layer::Workspace) is the working memory of inference on an `X`: two buffers that take
/// turns. [`Tape<LeNet, X>`](crate::layer::Tape) is that of training.
///
/// ```compile_fail
/// use constconv::prelude::*;
///
/// model! {
///     pub Wrong: Tensor<f32, 1, 1, 28, 28> => {
///         conv1: Conv2d<f32, 1, 6, Kernel<5>>,
///         conv2: Conv2d<f32, 8, 16, Kernel<5>>, // "expected `6`, found `8`", at this line
///     }
/// }
/// ```
#[macro_export]
macro_rules! model {
    (
        $(#[$attribute:meta])*
        $visibility:vis $name:ident: $input:ty => {
            $($(#[$field_attribute:meta])* $field:ident: $layer:ty),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)]
        $visibility struct $name {
            $($(#[$field_attribute])* pub $field: $layer),+
        }

        impl $crate::model::Model for $name {
            type Input = $input;
        }

        const _: () = {
            use $crate::layer::{Backward, Initialize, Layer, Module, Parameters, Rule, Visitor, VisitorMut};
            use $crate::model::{ModelTape, ModelWorkspace, Sequence, TrainSequence};
            use $crate::tensor::{Array, Zeroed};

            type Layers = $crate::model!(@list $($layer),+);

            /// The gradient of the model: the same fields, each the gradient of its layer.
            #[derive(Clone, Debug, PartialEq)]
            pub struct Gradient {
                $(pub $field: $crate::layer::Gradient<$layer>),+
            }

            $crate::model!(@module $name, Gradient, $($field: $layer),+);
            $crate::model!(@module Gradient, Gradient, $($field: $crate::layer::Gradient<$layer>),+);

            impl Initialize for $name
            where
                $(for<'a> $layer: Initialize),+
            {
                fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
                    $(self.$field.initialize(uniform);)+
                }
            }

            impl<X: Array> Layer<X> for $name
            where
                Layers: Sequence<X>,
            {
                type Output = <Layers as Sequence<X>>::Output;
                type Workspace = ModelWorkspace<
                    <Layers as Sequence<X>>::Front,
                    <Layers as Sequence<X>>::Back,
                    <Layers as Sequence<X>>::Inner,
                >;

                const MULTIPLY_ADDS: usize = <Layers as Sequence<X>>::MULTIPLY_ADDS;

                fn apply(&self, x: &X, y: &mut Self::Output, workspace: &mut Self::Workspace) {
                    let layers = $crate::model!(@values $(&self.$field),+);
                    let ModelWorkspace { front, back, inner } = workspace;
                    Layers::start(layers, x, y, front, back, inner);
                }
            }

            impl<X: Array> Backward<X> for $name
            where
                Layers: TrainSequence<X>,
            {
                type Tape = ModelTape<
                    <Layers as TrainSequence<X>>::Record,
                    <Layers as Sequence<X>>::Front,
                    <Layers as Sequence<X>>::Back,
                >;

                const GIVES_DX: bool = <Layers as TrainSequence<X>>::GIVES_DX;

                fn record(&self, x: &X, y: &mut Self::Output, tape: &mut Self::Tape) {
                    let layers = $crate::model!(@values $(&self.$field),+);
                    Layers::record(layers, x, y, &mut tape.record);
                }

                fn propagate(
                    &self,
                    x: &X,
                    y: &Self::Output,
                    dy: &Self::Output,
                    tape: &mut Self::Tape,
                    dx: ::core::option::Option<&mut X>,
                    gradient: &mut Self::Gradient,
                ) {
                    let layers = $crate::model!(@values $(&self.$field),+);
                    let gradients = $crate::model!(@values $(&mut gradient.$field),+);
                    let ModelTape { record, front, back } = tape;
                    Layers::start_backward(layers, x, y, dy, record, dx, gradients, front, back);
                }
            }
        };

        // The declared input flows through layer after layer. The steps have the names of the layers, so that
        // the compiler blames the user's own token, at the line of the layer that does not fit.
        #[allow(dead_code)]
        const _: () = {
            struct Flow<X>(::core::marker::PhantomData<X>);
            impl<X> Flow<X> {
                $(fn $field<L: $crate::layer::Layer<X>>(self) -> Flow<L::Output> {
                    Flow(::core::marker::PhantomData)
                })+
            }
            fn check() {
                let x = Flow(::core::marker::PhantomData::<$input>);
                $(let x = x.$field::<$layer>();)+
                let _ = x;
            }
        };
        $crate::model!(@behind $($field: $layer),+);
    };

    // A layer that can only be the first one is none of the others. These functions, too, have the names of the layers.
    (@behind $first:ident: $first_layer:ty $(, $field:ident: $layer:ty)*) => {
        #[allow(dead_code)]
        const _: () = {
            use $crate::model::place::Anywhere as _;

            // The layers are named in this scope: nothing of the user's is called this.
            struct BehindTheFirst;
            impl BehindTheFirst {
                $(fn $field<P: $crate::model::place::BehindOthers>(self) -> ::core::option::Option<P> {
                    ::core::option::Option::None
                })*
            }
            fn check() {
                $(let _ = [::core::option::Option::Some($crate::model::place::Place::<$layer>::NEW.place()), BehindTheFirst.$field()];)*
            }
        };
    };

    // The layers as a list of types.
    (@list $layer:ty) => { $crate::model::Last<$layer> };
    (@list $layer:ty, $($rest:ty),+) => { $crate::model::Chain<$layer, $crate::model!(@list $($rest),+)> };

    // References to the layers, nested like the list.
    (@values $layer:expr) => { $layer };
    (@values $layer:expr, $($rest:expr),+) => { ($layer, $crate::model!(@values $($rest),+)) };

    // What model and gradient have in common.
    (@module $name:ident, $gradient:ident, $($field:ident: $layer:ty),+) => {
        impl Zeroed for $name {
            const ZERO: Self = Self { $($field: <$layer as Zeroed>::ZERO),+ };
        }

        impl Module for $name {
            type Gradient = $gradient;

            const PARAMETERS: usize = 0 $(+ <$layer as Module>::PARAMETERS)+;
        }

        impl Parameters for $name
        where
            $(for<'a> $layer: Parameters),+
        {
            fn visit(&self, visitor: &mut impl Visitor) {
                $(self.$field.visit(visitor);)+
            }

            fn visit_mut(&mut self, visitor: &mut impl VisitorMut) {
                $(self.$field.visit_mut(visitor);)+
            }

            fn update<const STATES: usize>(
                &mut self,
                gradient: &Self::Gradient,
                mut state: [&mut Self::Gradient; STATES],
                rule: &mut impl Rule<STATES>,
            ) {
                $(self.$field.update(&gradient.$field, state.each_mut().map(|state| &mut state.$field), rule);)+
            }
        }
    };
}
