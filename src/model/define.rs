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
/// const _: () = assert!(LeNet::INFERENCE_RAM <= 11 * 1024); // a budget is a compile-time fact
/// static NET: LeNet = LeNet::BLANK; // in flash
///
/// let y = NET.forward(&Tensor::<f32, 1, 1, 28, 28>::zeros()); // Matrix<f32, 1, 10>
/// assert_eq!(y.shape(), [1, 10]);
/// let y = NET.forward(&Tensor::<f32, 4, 1, 28, 28>::zeros()); // any batch size
/// assert_eq!(y.shape(), [4, 10]);
/// ```
///
/// The input type is checked here, layer by layer: a layer that does not fit is an error at its own line. So is a
/// [`Frozen`](crate::layer::Frozen) layer after the first one. The model accepts every input that its layers accept, so
/// one model takes batches of 32 in training and of 1 on the device. It holds up to
/// [`MAX_LAYERS`](crate::model::MAX_LAYERS) layers. Models nest: the layers of a model within are planned together with
/// those around it. A tuple of layers is a row of them, without names.
///
/// A model may have generic parameters, with bounds and defaults. `#[cfg(..)]` on the model or on a layer leaves it out;
/// other attributes go to the struct or to its field.
///
/// ```
/// use constconv::prelude::*;
///
/// model! {
///     pub Block<const C: usize, T: Real = f32>: Tensor<T, 1, C, 8, 8> => {
///         conv: Conv2d<T, C, C, Kernel<3>, Stride<1>, Padding<1>>,
///         #[cfg(not(feature = "linear"))]
///         relu: Relu,
///     }
/// }
/// let x = Tensor::<f64, 2, 4, 8, 8>::zeros();
/// assert_eq!(Block::<4, f64>::BLANK.forward(&x), x);
/// ```
///
/// `layer as "name": Type` gives a layer another name in files of weights: see [`Named`](crate::module::Named).
///
/// What it expands to:
/// - the struct, with fields of the given types, public unless they say otherwise; `Clone`, `Debug`, `PartialEq` and
///   `Default` if its layers have them, and a `Display` that is its summary,
///   [`LAYERS`](crate::model::LayerFootprints::LAYERS);
/// - a gradient with the same fields, [`Gradient<LeNet>`](crate::module::Gradient);
/// - [`Module`](crate::module::Module), [`Layer`](crate::module::Layer) and [`Backward`](crate::module::Backward), so a
///   model is a layer and models nest; [`Parameters`](crate::module::Parameters),
///   [`Initialize`](crate::module::Initialize) and [`Named`](crate::module::Named);
/// - [`Rewrite`](crate::module::Rewrite): the model in another form, for
///   [`winograd`](crate::layer::Forms::winograd) and [`parallel`](crate::layer::Forms::parallel);
/// - [`Model`](crate::model::Model), which makes the costs of one pass over the declared input constants:
///   [`MACS`, `WEIGHT_BYTES`, `INFERENCE_RAM`](crate::model::Footprint) and
///   [`TRAINING_RAM`](crate::model::TrainingFootprint).
///
/// [`Workspace<LeNet, X>`](crate::module::Workspace) is the working memory of inference on an `X`: two buffers that take
/// turns. [`Tape<LeNet, X>`](crate::module::Tape) is that of training. [The module](mod@crate::model) says which layers run
/// together, and where.
///
/// # Grammar
///
/// ```text
/// model! {
///     attributes                       docs; `cfg` leaves the model out; others go to the struct
///     visibility Name<generics>: Input where bounds => {
///         attributes                   docs; `cfg` leaves the layer out; others go to the field
///         visibility layer as "name": Type,
///     }
/// }
/// ```
///
/// | part | | may be left out |
/// |---|---|---|
/// | `<generics>` | `const C: usize`, `const C: usize = 8`, `T`, `T: Bound`, `T: Bound = f32`; one bound each | yes |
/// | `Input` | the type of the input for which layers are checked and costs are computed | no |
/// | `where bounds` | more bounds, after the input | yes |
/// | `visibility` of a layer | `pub` unless it is `pub(..)` | yes |
/// | `as "name"` | the name of the layer in files of weights | yes |
/// | `Type` | a layer, a model, or a tuple of them | no |
///
/// ```compile_fail
/// use constconv::prelude::*;
///
/// model! {
///     pub Wrong: Tensor<f32, 1, 1, 28, 28> => {
///         conv1: Conv2d<f32, 1, 6, Kernel<5>>,
///         conv2: Conv2d<f32, 8, 16, Kernel<5>>, // "the layer takes 8 channels, the tensor before it has 6"
///     }
/// }
/// ```
#[cfg(doc)]
#[macro_export]
macro_rules! model {
    (
        $(#[$attribute:meta])*
        $visibility:vis $Name:ident $(<$($generics:tt),+>)?: $Input:ty $(where $($bounds:tt)+)? => {
            $(
                $(#[$layer_attribute:meta])*
                $layer_visibility:vis $layer:ident $(as $file_name:literal)?: $Layer:ty
            ),+ $(,)?
        }
    ) => { ... };
}

/// Defines a model. The page of it is that of the macro above, which has the grammar and no arms.
#[cfg(not(doc))]
#[macro_export]
macro_rules! model {
    // Attributes of the model: `cfg` decides about everything, `allow` is for everything, the others are the struct's.
    (@attributes $kept:tt $allowed:tt #[cfg($($condition:tt)*)] $($rest:tt)+) => {
        #[cfg($($condition)*)]
        $crate::model!(@attributes $kept $allowed $($rest)+);
    };
    (@attributes $kept:tt [$($allowed:tt)*] #[allow($($lint:tt)*)] $($rest:tt)+) => {
        $crate::model!(@attributes $kept [$($allowed)* #[allow($($lint)*)]] $($rest)+);
    };
    (@attributes [$($kept:tt)*] $allowed:tt #[$($attribute:tt)*] $($rest:tt)+) => {
        $crate::model!(@attributes [$($kept)* #[$($attribute)*]] $allowed $($rest)+);
    };
    (@attributes $attributes:tt $allowed:tt $visibility:vis $name:ident: $input:ty => { $($fields:tt)+ }) => {
        $crate::model!(@fields { $attributes $allowed { $visibility } $name [] [] [] [] { $input } } $($fields)+);
    };
    (@attributes $attributes:tt $allowed:tt $visibility:vis $name:ident<$($rest:tt)+) => {
        $crate::model!(@generics { $attributes $allowed { $visibility } $name } [] [] [] $($rest)+);
    };

    // Generic parameters, one by one: as the struct declares them, as the implementations do, and their names.
    (@generics { $($head:tt)* } $declared:tt $generics:tt $names:tt $(,)? >: $input:ty => { $($fields:tt)+ }) => {
        $crate::model!(@fields { $($head)* $declared $generics $names [] { $input } } $($fields)+);
    };
    (@generics { $($head:tt)* } $declared:tt $generics:tt $names:tt $(,)? >: $input:ty where $($rest:tt)+) => {
        $crate::model!(@where { $($head)* $declared $generics $names } { $input } [] $($rest)+);
    };
    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*]
        $(,)? const $name:ident: $type:ty = $default:tt $($rest:tt)+) => {
        $crate::model!(@generics $head
            [$($d)* const $name: $type = $default,] [$($g)* const $name: $type,] [$($n)* $name,] $($rest)+
        );
    };
    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*] $(,)? const $name:ident: $type:ident $($rest:tt)+) => {
        $crate::model!(@generics $head
            [$($d)* const $name: $type,] [$($g)* const $name: $type,] [$($n)* $name,] $($rest)+
        );
    };
    (@generics $head:tt $declared:tt $generics:tt $names:tt $(,)? $name:ident: usize $($rest:tt)+) => {
        ::core::compile_error!("a number is a `const` parameter of a model, as in `Name<const C: usize>: Input => { .. }`");
    };
    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*]
        $(,)? $name:ident: $bound:path = $default:ty, $($rest:tt)+) => {
        $crate::model!(@generics $head
            [$($d)* $name: $bound = $default,] [$($g)* $name: $bound,] [$($n)* $name,] $($rest)+
        );
    };
    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*]
        $(,)? $name:ident: $bound:path = $default:ty > $($rest:tt)+) => {
        $crate::model!(@generics $head
            [$($d)* $name: $bound = $default,] [$($g)* $name: $bound,] [$($n)* $name,] > $($rest)+
        );
    };
    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*] $(,)? $name:ident: $bound:path, $($rest:tt)+) => {
        $crate::model!(@generics $head [$($d)* $name: $bound,] [$($g)* $name: $bound,] [$($n)* $name,] $($rest)+);
    };
    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*] $(,)? $name:ident: $bound:path > $($rest:tt)+) => {
        $crate::model!(@generics $head [$($d)* $name: $bound,] [$($g)* $name: $bound,] [$($n)* $name,] > $($rest)+);
    };

    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*] $(,)? $name:ident, $($rest:tt)+) => {
        $crate::model!(@generics $head [$($d)* $name,] [$($g)* $name,] [$($n)* $name,] $($rest)+);
    };
    (@generics $head:tt [$($d:tt)*] [$($g:tt)*] [$($n:tt)*] $(,)? $name:ident > $($rest:tt)+) => {
        $crate::model!(@generics $head [$($d)* $name,] [$($g)* $name,] [$($n)* $name,] > $($rest)+);
    };

    // The bounds, up to the arrow.
    (@where { $($head:tt)* } $input:tt $bounds:tt => { $($fields:tt)+ }) => {
        $crate::model!(@fields { $($head)* $bounds $input } $($fields)+);
    };
    (@where $head:tt $input:tt [$($bounds:tt)*] $bound:tt $($rest:tt)+) => {
        $crate::model!(@where $head $input [$($bounds)* $bound] $($rest)+);
    };

    // Layers with docs and nothing else, all at once.
    (@fields $head:tt $($(#[doc = $doc:expr])* $field:ident $(as $file_name:literal)?: $layer:ty),+ $(,)?) => {
        $crate::model!(@number [$] [] [
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
            40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59
        ] [$($field)+] { $head $({ [$(#[doc = $doc])*] { pub } $field [$($file_name)?] { $layer } })+ });
    };
    // Other attributes, layer by layer: what follows a `cfg` is written twice, with the layer and without it.
    (@fields $head:tt $($fields:tt)+) => {
        $crate::model!(@field $head [] [] $($fields)+);
    };
    (@field $head:tt [$($done:tt)*] []) => {
        $crate::model!(@model $head $($done)*);
    };
    (@field $head:tt $done:tt [$($kept:tt)*] #[cfg($($condition:tt)*)] $($rest:tt)+) => {
        #[cfg($($condition)*)]
        $crate::model!(@field $head $done [$($kept)*] $($rest)+);
        #[cfg(not($($condition)*))]
        $crate::model!(@without $head $done $($rest)+);
    };
    (@field $head:tt $done:tt [$($kept:tt)*] #[$($attribute:tt)*] $($rest:tt)+) => {
        $crate::model!(@field $head $done [$($kept)* #[$($attribute)*]] $($rest)+);
    };
    (@field $head:tt [$($done:tt)*] $kept:tt pub ($($place:tt)+)
        $field:ident $(as $file_name:literal)?: $layer:ty $(, $($rest:tt)*)?) => {
        $crate::model!(@field $head
            [$($done)* { $kept { pub ($($place)+) } $field [$($file_name)?] { $layer } }] [] $($($rest)*)?
        );
    };
    (@field $head:tt $done:tt $kept:tt pub $field:ident $(as $file_name:literal)?: $($rest:tt)+) => {
        $crate::model!(@field $head $done $kept $field $(as $file_name)?: $($rest)+);
    };
    (@field $head:tt [$($done:tt)*] $kept:tt $field:ident $(as $file_name:literal)?: $layer:ty $(, $($rest:tt)*)?) => {
        $crate::model!(@field $head
            [$($done)* { $kept { pub } $field [$($file_name)?] { $layer } }] [] $($($rest)*)?
        );
    };
    (@without $head:tt $done:tt $(#[$($attribute:tt)*])* $visibility:vis
        $field:ident $(as $file_name:literal)?: $layer:ty $(, $($rest:tt)*)?) => {
        $crate::model!(@field $head $done [] $($($rest)*)?);
    };

    // A name for two layers. Each name has a number, and the macro two rules for each: with its number it goes on, with
    // another one it is the name of an earlier layer.
    (@number $d:tt [$($done:tt)*] [$i:tt $j:tt $k:tt $l:tt $($numbers:tt)*]
        [$a:ident $b:ident $c:ident $e:ident $($rest:ident)*] $model:tt) => {
        $crate::model!(@number $d [$($done)* ($a $i) ($b $j) ($c $k) ($e $l)] [$($numbers)*] [$($rest)*] $model);
    };
    (@number $d:tt [$($done:tt)*] [$i:tt $($numbers:tt)*] [$a:ident $($rest:ident)*] $model:tt) => {
        $crate::model!(@number $d [$($done)* ($a $i)] [$($numbers)*] [$($rest)*] $model);
    };
    (@number [$d:tt] [$(($field:ident $number:tt))*] $numbers:tt [] $model:tt) => {
        macro_rules! __each_name_once {
            ({ $d($d model:tt)+ }) => { $crate::model!(@model $d($d model)+); };
            $(
                ($d model:tt ($field $d again:ident $number) $d($d rest:tt)*) => {
                    __each_name_once! { $d model $d($d rest)* }
                };
                ($d model:tt ($field $d again:ident $d other:tt) $d($d rest:tt)*) => { $crate::model!(@twice $d again); };
            )*
        }
        __each_name_once! { $model $(($field $field $number))* }
    };
    // More names than numbers: macros nest no deeper.
    (@number $d:tt $done:tt $numbers:tt $names:tt { $($model:tt)+ }) => {
        $crate::model!(@model $($model)+);
    };
    (@twice $field:ident) => {
        const _: () = {
            #[allow(dead_code)]
            fn check() {
                struct Names;
                impl Names {
                    fn $field<P: $crate::module::place::NamedOnce>(self) -> ::core::option::Option<P> {
                        ::core::option::Option::None
                    }
                }
                let _: ::core::option::Option<$crate::module::place::NamedTwice> = Names.$field();
            }
        };
    };

    (@model
        { $attributes:tt $allowed:tt $visibility:tt $name:ident $declared:tt $generics:tt $names:tt $bounds:tt $input:tt }
        $({ $field_attributes:tt $field_visibility:tt $field:ident $file_name:tt $layer:tt })+
    ) => {
        $crate::model!(@struct $attributes $allowed $visibility $name $declared $generics $names $bounds $input
            $({ $field_attributes $field_visibility $field $file_name $layer })+);
        $crate::model!(@flow $allowed $generics $input $($field $layer)+);
        $crate::model!(@after $allowed $generics $bounds $($field $layer)+);
    };

    // Nothing is imported, and nothing of the library's has a name where the user's layers are spelled, but what begins
    // with two underscores.
    (@struct [$($attribute:tt)*] [$($allowed:tt)*] { $visibility:vis } $name:ident
        [$($declared:tt)*] [$($generics:tt)*] [$($names:tt)*] [$($bounds:tt)*] { $input:ty }
        $({ [$($field_attribute:tt)*] { $field_visibility:vis } $field:ident [$($file_name:literal)?] { $layer:ty } })+
    ) => {
        $($attribute)*
        $($allowed)*
        #[doc = ""]
        $visibility struct $name<$($declared)*> where $($bounds)* {
            $($($field_attribute)* #[doc = ""] $field_visibility $field: $layer),+
        }

        // The gradient of the model: the same fields, each the gradient of its layer. It stands in a constant of the model,
        // so that the compiler calls it `Name::__MODEL::__Gradient`.
        $($allowed)*
        #[allow(non_local_definitions)]
        impl<$($generics)*> $name<$($names)*> where $($bounds)* {
            #[doc(hidden)]
            const __MODEL: () = {
                #[doc = ""]
                pub struct __Gradient<$($declared)*> where $($bounds)* {
                    $(#[doc = ""] $field_visibility $field: $crate::module::Gradient<$layer>),+
                }

                $crate::module! { [$($generics)*] $name<$($names)*>, where [$($bounds)*] {
                    $(module $field $(as $file_name)?: $layer,)+
                }; gradient: __Gradient<$($names)*>; role: $crate::module::role::Nest, sound: by model }

                $crate::module! { [$($generics)*] __Gradient<$($names)*>, where [$($bounds)*] {
                    $(gradient $field $(as $file_name)?: $layer,)+
                } }

                $crate::model!(@values_of __Gradient [$($generics)*] [$($names)*] [$($bounds)*]
                    $($field { $crate::module::Gradient<$layer> })+);
            };
        }

        $($allowed)*
        const _: () = {
            impl<$($generics)*> $crate::model::Model for $name<$($names)*> where $($bounds)* {
                type Input = $input;

                type Checked = $crate::model!(@checked [$($generics)*]);

                const NAME: &'static str = ::core::stringify!($name);

                const NAMES: &'static [&'static str] = &[$(::core::stringify!($field)),+];

                const KINDS: &'static [&'static str] = &[$(::core::stringify!($layer)),+];
            }

            // The summary, not the weights. A model that is wrong has an error of its own.
            impl<$($generics)* __Model> ::core::fmt::Display for $name<$($names)*>
            where
                Self: $crate::model::Itself<Itself = __Model>,
                __Model: $crate::model::Summarize,
                $($bounds)*
            {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    <__Model as $crate::model::Summarize>::summarize(__f)
                }
            }

            impl<$($generics)*> $crate::module::Nested for $name<$($names)*> where $($bounds)* {
                type Layers = $crate::model!(@list $($layer,)+);

                fn layers(&self) -> <Self::Layers as $crate::module::List>::Borrows<'_, $crate::module::Shared> {
                    $crate::model!(@values $({ &self.$field })+)
                }

                fn layers_mut(&mut self) -> <Self::Layers as $crate::module::List>::Borrows<'_, $crate::module::Exclusive> {
                    $crate::model!(@values $({ &mut self.$field })+)
                }

                fn layers_with_gradient<'__a>(
                    &'__a self,
                    __gradient: &'__a mut Self::Gradient,
                ) -> <Self::Layers as $crate::module::List>::Borrows<'__a, $crate::module::WithGradient> {
                    $crate::model!(@values $({ (&self.$field, &mut __gradient.$field) })+)
                }
            }

            impl<$($generics)* __P> $crate::module::Rewrite<__P> for $name<$($names)*>
            where
                $($layer: $crate::module::Rewrite<__P>,)+
                $($bounds)*
            {
                type Output = $crate::model!(@row $(<$layer as $crate::module::Rewrite<__P>>::Output,)+);

                fn rewrite(&self) -> Self::Output {
                    $crate::model!(@row_of $({ $crate::module::Rewrite::rewrite(&self.$field) })+)
                }
            }

            $crate::model!(@values_of $name [$($generics)*] [$($names)*] [$($bounds)*] $($field { $layer })+);
            impl<$($generics)* __X> $crate::module::Layer<__X> for $name<$($names)*>
            where
                __X: $crate::model::Accepted<<Self as $crate::module::Nested>::Layers>,
                $($bounds)*
            {
                type Output = <__X as $crate::model::Accepted<<Self as $crate::module::Nested>::Layers>>::Output;
                type Workspace = <__X as $crate::model::Accepted<<Self as $crate::module::Nested>::Layers>>::Workspace;

                const MULTIPLY_ADDS: usize =
                    <__X as $crate::model::Accepted<<Self as $crate::module::Nested>::Layers>>::MULTIPLY_ADDS;
                const MODULES: usize =
                    1 + <__X as $crate::model::Accepted<<Self as $crate::module::Nested>::Layers>>::MODULES;

                fn forward_pass(&self, __x: &__X, __y: &mut Self::Output, __workspace: &mut Self::Workspace) {
                    __x.infer($crate::module::Nested::layers(self), __y, __workspace);
                }
            }

            impl<$($generics)* __X> $crate::module::Backward<__X> for $name<$($names)*>
            where
                __X: $crate::model::Trained<<Self as $crate::module::Nested>::Layers>,
                $($bounds)*
            {
                type Tape = <__X as $crate::model::Trained<<Self as $crate::module::Nested>::Layers>>::Tape;

                const GIVES_DX: bool =
                    <__X as $crate::model::Trained<<Self as $crate::module::Nested>::Layers>>::GIVES_DX;
                const ONLY_DX: bool =
                    <__X as $crate::model::Trained<<Self as $crate::module::Nested>::Layers>>::ONLY_DX;

                fn forward_train_pass(&self, __x: &__X, __y: &mut Self::Output, __tape: &mut Self::Tape) {
                    __x.record($crate::module::Nested::layers(self), __y, __tape);
                }

                fn backward_pass(
                    &self,
                    __x: &__X,
                    __y: &Self::Output,
                    __dy: &Self::Output,
                    __tape: &mut Self::Tape,
                    __dx: ::core::option::Option<&mut __X>,
                    __gradient: &mut Self::Gradient,
                ) {
                    let __layers = $crate::module::Nested::layers_with_gradient(self, __gradient);
                    __x.back::<$crate::module::WithGradient>(__layers, __y, __dy, __tape, __dx);
                }

                fn descend_pass(
                    &mut self,
                    __x: &__X,
                    __y: &Self::Output,
                    __dy: &Self::Output,
                    __tape: &mut Self::Tape,
                    __dx: ::core::option::Option<&mut __X>,
                ) {
                    let __layers = $crate::module::Nested::layers_mut(self);
                    __x.back::<$crate::module::Exclusive>(__layers, __y, __dy, __tape, __dx);
                }
            }
        };
    };

    // Where a model is checked: by its declared input, or, if it is generic, at each use.
    (@checked []) => { $crate::module::sound::AtDefinition };
    (@checked $generics:tt) => { $crate::module::sound::AtUse };

    // The traits of values that a model has if its layers have them.
    (@values_of $name:ident [] [] [] $($field:ident { $layer:ty })+) => {
        $crate::model!(@derived $name [] [] [] $($field { $layer } [for<'any>])+);
    };
    (@values_of $name:ident $generics:tt $names:tt $bounds:tt $($field:ident { $layer:ty })+) => {
        $crate::model!(@derived $name $generics $names $bounds $($field { $layer } [])+);
    };
    (@derived $name:ident [$($generics:tt)*] [$($names:tt)*] [$($bounds:tt)*]
        $($field:ident { $layer:ty } [$($any:tt)*])+) => {
        impl<$($generics)*> ::core::clone::Clone for $name<$($names)*>
        where
            $($($any)* $layer: ::core::clone::Clone,)+
            $($bounds)*
        {
            fn clone(&self) -> Self {
                Self { $($field: ::core::clone::Clone::clone(&self.$field)),+ }
            }
        }

        impl<$($generics)*> ::core::default::Default for $name<$($names)*>
        where
            $($($any)* $layer: ::core::default::Default,)+
            $($bounds)*
        {
            fn default() -> Self {
                Self { $($field: ::core::default::Default::default()),+ }
            }
        }

        impl<$($generics)*> ::core::fmt::Debug for $name<$($names)*>
        where
            $($($any)* $layer: ::core::fmt::Debug,)+
            $($bounds)*
        {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.debug_struct($crate::model!(@text $name))
                    $(.field(::core::stringify!($field), &self.$field))+
                    .finish()
            }
        }

        impl<$($generics)*> ::core::cmp::PartialEq for $name<$($names)*>
        where
            $($($any)* $layer: ::core::cmp::PartialEq,)+
            $($bounds)*
        {
            fn eq(&self, __other: &Self) -> bool {
                true $(&& self.$field == __other.$field)+
            }
        }
    };
    (@text __Gradient) => { "Gradient" };
    (@text $name:ident) => { ::core::stringify!($name) };

    // The declared input flows through layer after layer. The steps have the names of the layers, so that
    // the compiler blames the user's own token, at the line of the layer that does not fit.
    (@flow [$($allowed:tt)*] [] { $input:ty } $($field:ident { $layer:ty })+) => {
        $($allowed)*
        const _: () = {
            $crate::model!(@limit <[&str]>::len(&[$(::core::stringify!($field)),+]));
            const SIZES: (usize, usize) = $crate::model::sizes::<$crate::model!(@list $($layer,)+)>();
            $crate::model!(@limit SIZES.0);
            $crate::model!(@limit of groups SIZES.1);

            #[allow(dead_code)]
            fn check() {
                use $crate::model::{IfAllFit as _, IfOneDoesNot as _};
                use $crate::module::sound::{
                    AfterUnknown as _, IfAccepted as _, IfComposite as _, IfSound as _, Otherwise as _,
                };

                let x = {
                    struct Flow<X>(::core::marker::PhantomData<X>);
                    impl<X> Flow<X> {
                        fn __probe<L>(&self) -> $crate::module::sound::Probe<L, X> {
                            $crate::module::sound::Probe::NEW
                        }
                        $(fn $field<L, A: $crate::module::sound::Step<L, X>>(self, _: A) -> Flow<A::Output> {
                            Flow(::core::marker::PhantomData)
                        })+
                    }
                    fn start<X>(x: ::core::marker::PhantomData<X>) -> Flow<X> {
                        Flow(x)
                    }
                    start
                }((&&$crate::model::Start::<$input, $crate::model!(@list $($layer,)+)>::NEW).start());
                $(
                    let __answer = (&&&&&x.__probe::<$layer>()).answer();
                    let x = x.$field::<$layer, _>(__answer);
                )+
                let _ = x;
            }
        };
    };
    // Of a generic model each use is checked, where the shapes are numbers.
    (@flow $allowed:tt $generics:tt $input:tt $($field:ident $layer:tt)+) => {
        const _: () = {
            $crate::model!(@limit <[&str]>::len(&[$(::core::stringify!($field)),+]));
        };
    };

    (@limit of groups $groups:expr) => {
        ::core::assert!(
            $groups <= $crate::model::MAX_GROUPS,
            "a model holds up to 80 layers that do not run together with others: put some of them as a model behind a `Tap`, which is one layer"
        );
    };
    (@limit $layers:expr) => {
        ::core::assert!(
            $layers <= $crate::model::MAX_LAYERS,
            "a model holds up to 100 layers, those of the models in it included: put some of them as a model behind a `Tap`, which is one layer"
        );
    };

    // A layer that can only be the first one is none of the others. These functions, too, have the names of the layers.
    (@after [$($allowed:tt)*] [$($generics:tt)*] [$($bounds:tt)*] $first:ident $first_layer:tt $($field:ident { $layer:ty })*) => {
        $($allowed)*
        #[allow(dead_code, unused_variables)]
        const _: () = {
            use $crate::module::place::Anywhere as _;

            fn check<$($generics)*>() where $($bounds)* {
                let __after_the_first = {
                    #[derive(Clone, Copy)]
                    struct AfterTheFirst;
                    impl AfterTheFirst {
                        $(fn $field<P: $crate::module::place::AfterOthers>(self) -> ::core::option::Option<P> {
                            ::core::option::Option::None
                        })*
                    }
                    AfterTheFirst
                };
                $(let _ = [
                    ::core::option::Option::Some($crate::module::place::Place::<$layer>::NEW.place()),
                    __after_the_first.$field(),
                ];)*
            }
        };
    };

    // The layers as a list of types; in steps of eight, as macros nest no deeper than types.
    (@list) => { $crate::module::End };
    (@list $a:ty, $b:ty, $c:ty, $d:ty, $e:ty, $f:ty, $g:ty, $h:ty, $($rest:ty,)*) => {
        $crate::model!(@cons $a, $b, $c, $d, $e, $f, $g, $h; $crate::model!(@list $($rest,)*))
    };
    (@list $a:ty, $($rest:ty,)*) => { $crate::module::Cons<$a, $crate::model!(@list $($rest,)*)> };
    (@cons $a:ty, $b:ty, $c:ty, $d:ty, $e:ty, $f:ty, $g:ty, $h:ty; $rest:ty) => {
        $crate::module::Cons<$a, $crate::module::Cons<$b, $crate::module::Cons<$c, $crate::module::Cons<$d,
            $crate::module::Cons<$e, $crate::module::Cons<$f, $crate::module::Cons<$g, $crate::module::Cons<$h, $rest>>>>>>>>
    };

    // Layers as rows of eight and the row of those after them, types and values.
    (@row $a:ty, $b:ty, $c:ty, $d:ty, $e:ty, $f:ty, $g:ty, $h:ty, $($rest:ty,)+) => {
        ($a, $b, $c, $d, $e, $f, $g, $h, $crate::model!(@row $($rest,)+))
    };
    (@row $($layer:ty,)+) => { ($($layer,)+) };
    (@row_of $a:tt $b:tt $c:tt $d:tt $e:tt $f:tt $g:tt $h:tt $($rest:tt)+) => {
        ($a, $b, $c, $d, $e, $f, $g, $h, $crate::model!(@row_of $($rest)+))
    };
    (@row_of $($layer:tt)+) => { ($($layer,)+) };

    // Borrows of the layers, in pairs like the list.
    (@values) => { () };
    (@values $a:tt $b:tt $c:tt $d:tt $e:tt $f:tt $g:tt $h:tt $($rest:tt)*) => {
        ($a, ($b, ($c, ($d, ($e, ($f, ($g, ($h, $crate::model!(@values $($rest)*)))))))))
    };
    (@values $a:tt $($rest:tt)*) => { ($a, $crate::model!(@values $($rest)*)) };

    (@$($rest:tt)*) => {
        ::core::compile_error!("a model is `pub Name: Input => { layer: Type, layer: Type, }`, with generic parameters of one bound each, `Name<const C: usize, T: Real>`, and more bounds as `Input where T: Bound =>`");
    };
    ($($model:tt)*) => {
        $crate::model!(@attributes [] [] $($model)*);
    };
}
