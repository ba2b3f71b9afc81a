//! The table of a module's parts.

use crate::tensor::Scalar;

/// a += b, element by element.
#[doc(hidden)]
pub fn add<T: Scalar>(a: &mut [T], b: &[T]) {
    a.iter_mut().zip(b).for_each(|(a, &b)| *a += b);
}

/// The parts of a module, as a table: writes its [`Module`](crate::module::Module),
/// [`Parameters`](crate::module::Parameters), [`Initialize`](crate::module::Initialize) and
/// [`Named`](crate::module::Named).
///
/// ```text
/// module! { [generic parameters] Type, of ElementType {
///     parameter name: Type,          an array, or () for none: trained
///     module name: Type,             a layer or a model; `name as "other": Type` for another name in files
///     constant name: Type = value,   a hyperparameter or a marker: not trained, `value` in `BLANK`
/// }; gradient: Type; fan_in: value; initialize: by hand; role: Type }
/// ```
///
/// `of` names the element type of the parameters. Where no gradient is given, the type is its own gradient, or the
/// gradient is `()` if there are neither parameters nor modules. A type that is its own gradient is also
/// [`Zeroed`](crate::tensor::Zeroed): the types of its constants must be so too. With `fan_in`, the number of inputs
/// that one output sees, parameters are initialised uniformly in ±1/√fan_in, PyTorch's default; with
/// `initialize: by hand` you implement [`Initialize`](crate::module::Initialize) yourself. The role, by default
/// [`Map`](crate::module::Map), says how a model may join the layer with its neighbours: see
/// [`role`](crate::module::role).
///
/// A layer of your own, trained in a model, is a struct, its table, and its two maps:
///
/// ```
/// use constconv::module;
/// use constconv::prelude::*;
///
/// /// y = w · x, with a weight for each feature, limited to ±limit.
/// #[derive(Clone, Debug, PartialEq)]
/// struct Scale<const K: usize> {
///     weight: Vector<f32, K>,
///     limit: f32,
/// }
///
/// module! { [const K: usize] Scale<K>, of f32 {
///     parameter weight: Vector<f32, K>,
///     constant limit: f32 = 6.0,
/// }; fan_in: 1 }
///
/// impl<const N: usize, const K: usize> Layer<Matrix<f32, N, K>> for Scale<K> {
///     type Output = Matrix<f32, N, K>;
///     type Workspace = ();
///     const MULTIPLY_ADDS: usize = N * K;
///
///     fn forward_pass(&self, x: &Matrix<f32, N, K>, y: &mut Matrix<f32, N, K>, (): &mut ()) {
///         for ((y, x), w) in y.iter_mut().zip(x).zip(self.weight.iter().cycle()) {
///             *y = (w * x).clamp(-self.limit, self.limit);
///         }
///     }
/// }
///
/// impl<const N: usize, const K: usize> Backward<Matrix<f32, N, K>> for Scale<K> {
///     type Tape = ();
///
///     fn forward_train_pass(&self, x: &Matrix<f32, N, K>, y: &mut Matrix<f32, N, K>, (): &mut ()) {
///         self.forward_pass(x, y, &mut ());
///     }
///
///     fn backward_pass(
///         &self,
///         x: &Matrix<f32, N, K>,
///         y: &Matrix<f32, N, K>,
///         dy: &Matrix<f32, N, K>,
///         (): &mut (),
///         dx: Option<&mut Matrix<f32, N, K>>,
///         gradient: &mut Self,
///     ) {
///         let slope = |y: f32| if y.abs() < self.limit { 1.0 } else { 0.0 };
///         for (i, ((x, y), dy)) in x.iter().zip(y).zip(dy).enumerate() {
///             gradient.weight[[i % K]] += slope(*y) * dy * x;
///         }
///         if let Some(dx) = dx {
///             for (i, ((dx, y), dy)) in dx.iter_mut().zip(y).zip(dy).enumerate() {
///                 *dx = slope(*y) * dy * self.weight[[i % K]];
///             }
///         }
///     }
/// }
///
/// model! {
///     Net: Matrix<f32, 2, 3> => {
///         scale: Scale<3>,
///         fc: Linear<f32, 3, 1>,
///     }
/// }
/// let mut net = Net::BLANK;
/// net.scale.weight.fill(2.0);
/// net.fc.weight.fill(1.0);
/// let x = Matrix::new([[1.0, 2.0, 3.0], [0.0, 1.0, 9.0]]);
/// assert_eq!(net.forward(&x), Matrix::new([[12.0], [8.0]])); // 2·9 is limited
/// let (dx, gradient) = net.backward(&x, &Matrix::new([[1.0], [10.0]]));
/// assert_eq!(gradient.scale.weight, Vector::new([1.0, 12.0, 0.0]));
/// assert_eq!(dx, Matrix::new([[2.0, 2.0, 0.0], [20.0, 20.0, 0.0]]));
/// Sgd::new(0.5).step(&mut net, &gradient, &mut ());
/// assert_eq!(net.scale.weight, Vector::new([1.5, -4.0, 2.0]));
/// ```
#[macro_export]
macro_rules! module {
    // A bound on a type without parameters holds or is an error at once; with `for<'a>` before it, it waits until it is
    // used. So a layer of integers can have this table as well: it only cannot be trained.
    ([] $($rest:tt)+) => { $crate::module!(@table [] [for<'any>] $($rest)+); };
    ([$($generics:tt)+] $($rest:tt)+) => { $crate::module!(@table [$($generics)+] [] $($rest)+); };

    (@table $generics:tt $any:tt $type:ty $(, where [$($bounds:tt)*])?, of $t:ty { $($fields:tt)* }
        $(; gradient: $gradient:ty)? $(; fan_in: $fan_in:expr)? $(; initialize: by $hand:ident)?
        $(; role: $role:ty)? $(;)?) => {
        $crate::module!(@sort
            { $generics [$($($bounds)*)?] $any { $type } { $t } [$({ $gradient })?] [$({ $fan_in })? $($hand)?]
                [$({ { $role } [] })?] }
            $any [] [] [] $($fields)*
        );
    };
    (@table $generics:tt $any:tt $type:ty $(, where [$($bounds:tt)*])? { $($fields:tt)* }
        $(; gradient: $gradient:ty)? $(; role: $role:ty $(, sound: by $sound:ident)?)? $(;)?) => {
        $crate::module!(@sort
            { $generics [$($($bounds)*)?] $any { $type } { f32 } [$({ $gradient })?] []
                [$({ { $role } [$($sound)?] })?] }
            $any [] [] [] $($fields)*
        );
    };

    // The fields by their kind: parameters, modules, constants.
    // Those of a model all at once: macros nest no deeper than types.
    (@sort $head:tt [for<'any>] [] [] [] $(module $field:tt $(as $name:literal)?: $type:ty),+ $(,)?) => {
        $crate::module!(@sort $head [for<'any>] [] [$({ $field { $type }
            [for<'any> $type: $crate::module::Module,]
            [for<'any> $type: $crate::module::Parameters,]
            [for<'any> $type: $crate::module::Initialize,]
            [for<'any> $type: $crate::module::sound::Sound,]
            { [for<'any> $type: $crate::module::Named,] [$($name)?] }
        })+] []);
    };
    (@sort $head:tt [for<'any>] [] [] [] $(gradient $field:tt $(as $name:literal)?: $layer:ty),+ $(,)?) => {
        $crate::module!(@sort $head [for<'any>] [] [$({ $field { $crate::module::Gradient<$layer> }
            [] [for<'any> $layer: $crate::module::GradientParameters,] [] []
            { [for<'any> $layer: $crate::module::GradientNamed,] [$($name)?] }
        })+] []);
    };
    (@sort $head:tt $any:tt [$($p:tt)*] $m:tt $c:tt parameter $field:tt: $type:ty $(, $($rest:tt)*)?) => {
        $crate::module!(@sort $head $any [$($p)* { $field { $type } }] $m $c $($($rest)*)?);
    };
    (@sort $head:tt [$($any:tt)*] $p:tt [$($m:tt)*] $c:tt
        module $field:tt $(as $name:literal)?: $type:ty $(, $($rest:tt)*)?) => {
        $crate::module!(@sort $head [$($any)*] $p [$($m)* { $field { $type }
            [$($any)* $type: $crate::module::Module,]
            [$($any)* $type: $crate::module::Parameters,]
            [$($any)* $type: $crate::module::Initialize,]
            [$($any)* $type: $crate::module::sound::Sound,]
            { [$($any)* $type: $crate::module::Named,] [$($name)?] }
        }] $c $($($rest)*)?);
    };
    // What `model!` makes its gradient of. A bound on a generic layer's gradient would not compile, one on the layer does.
    (@sort $head:tt [$($any:tt)*] $p:tt [$($m:tt)*] $c:tt
        gradient $field:tt $(as $name:literal)?: $layer:ty $(, $($rest:tt)*)?) => {
        $crate::module!(@sort $head [$($any)*] $p [$($m)* { $field { $crate::module::Gradient<$layer> }
            [] [$($any)* $layer: $crate::module::GradientParameters,] [] []
            { [$($any)* $layer: $crate::module::GradientNamed,] [$($name)?] }
        }] $c $($($rest)*)?);
    };
    (@sort $head:tt $any:tt $p:tt $m:tt [$($c:tt)*] constant $field:tt: $type:ty = $value:expr $(, $($rest:tt)*)?) => {
        $crate::module!(@sort $head $any $p $m [$($c)* { $field { $type } { $value } }] $($($rest)*)?);
    };
    (@sort { $generics:tt $bounds:tt $any:tt $type:tt $t:tt $gradient:tt $fan_in:tt [] } $_any:tt $p:tt $m:tt $c:tt) => {
        $crate::module!(@sort
            { $generics $bounds $any $type $t $gradient $fan_in [{ { $crate::module::Map } [] }] } $_any $p $m $c
        );
    };
    (@sort { $generics:tt $bounds:tt $any:tt $type:tt $t:tt $gradient:tt $fan_in:tt [$role:tt] } $_any:tt $p:tt $m:tt
        $c:tt) => {
        $crate::module!(@gradient $gradient $role $generics $bounds $type $t $p $m $c);
        $crate::module!(@parameters $generics $bounds $any $type $t $p $m);
        $crate::module!(@initialize $fan_in $generics $bounds $any $type $t $p $m);
        $crate::module!(@named $generics $bounds $any $type $t $p $m);
    };

    // What the gradient is.
    (@gradient [{ $gradient:ty }] $role:tt $generics:tt $bounds:tt $type:tt $t:tt $p:tt $m:tt $c:tt) => {
        $crate::module!(@module $generics $bounds $type $t { $gradient } $role $p $m $c);
    };
    (@gradient [] $role:tt $generics:tt $bounds:tt $type:tt $t:tt [] [] $c:tt) => {
        $crate::module!(@module $generics $bounds $type $t { () } $role [] [] $c);
    };
    (@gradient [] $role:tt $generics:tt $bounds:tt $type:tt $t:tt $p:tt $m:tt $c:tt) => {
        $crate::module!(@zeroed $generics $bounds $type $p $m $c);
        $crate::module!(@module $generics $bounds $type $t { Self } $role $p $m $c);
    };

    (@zeroed [$($generics:tt)*] [$($bounds:tt)*] { $type:ty }
        [$({ $parameter:tt { $parameter_type:ty } })*]
        [$({ $module:tt { $module_type:ty } $m1:tt $m2:tt $m3:tt $m4:tt $m5:tt })*]
        [$({ $constant:tt { $constant_type:ty } $value:tt })*]
    ) => {
        impl<$($generics)*> $crate::tensor::Zeroed for $type
        where
            $($bounds)*
        {
            const ZERO: Self = Self {
                $($parameter: <$parameter_type as $crate::tensor::Zeroed>::ZERO,)*
                $($module: <$module_type as $crate::tensor::Zeroed>::ZERO,)*
                $($constant: <$constant_type as $crate::tensor::Zeroed>::ZERO,)*
            };
        }
    };

    (@module [$($generics:tt)*] [$($bounds:tt)*] { $type:ty } { $t:ty } { $gradient:ty } { { $role:ty } $sound:tt }
        [$({ $parameter:tt { $parameter_type:ty } })*]
        [$({ $module:tt { $module_type:ty } [$($module_bound:tt)*] $m2:tt $m3:tt [$($sound_bound:tt)*] $m5:tt })*]
        [$({ $constant:tt { $constant_type:ty } { $value:expr } })*]
    ) => {
        impl<$($generics)*> $crate::module::Module for $type
        where
            $($($module_bound)*)*
            $($bounds)*
        {
            type Gradient = $gradient;
            type Role = $role;

            const BLANK: Self = Self {
                $($parameter: <$parameter_type as $crate::tensor::Zeroed>::ZERO,)*
                $($module: <$module_type as $crate::module::Module>::BLANK,)*
                $($constant: $value,)*
            };

            const PARAMETERS: usize = 0
                $(+ <$parameter_type as $crate::tensor::Elements<$t>>::LEN)*
                $(+ <$module_type as $crate::module::Module>::PARAMETERS)*;

            const PARAMETER_BYTES: usize = 0
                $(+ <$parameter_type as $crate::tensor::Elements<$t>>::LEN * ::core::mem::size_of::<$t>())*
                $(+ <$module_type as $crate::module::Module>::PARAMETER_BYTES)*;

            #[allow(unused_variables)] // There may be nothing to add.
            fn add(&mut self, __gradient: &Self::Gradient) {
                $($crate::module::add(
                    $crate::tensor::Elements::<$t>::elements_mut(&mut self.$parameter).unwrap_or_default(),
                    $crate::tensor::Elements::<$t>::elements(&__gradient.$parameter).unwrap_or_default(),
                );)*
                $($crate::module::Module::add(&mut self.$module, &__gradient.$module);)*
            }
        }

        impl<$($generics)*> $crate::module::OwnOutput for $type where $($bounds)* {}

        $crate::module!(@sound $sound [$($generics)*] [$($($sound_bound)*)* $($bounds)*] { $type });
        $crate::module!(@composite [$($generics)*] [$($bounds)*] { $type } $({ $module })*);
    };
    // A model has a condition of its own.
    (@sound [$by:ident] $generics:tt $bounds:tt $type:tt) => {};
    (@sound [] [$($generics:tt)*] [$($bounds:tt)*] { $type:ty }) => {
        impl<$($generics)*> $crate::module::sound::Sound for $type where $($bounds)* {}
    };
    (@composite $generics:tt $bounds:tt $type:tt) => {};
    (@composite [$($generics:tt)*] [$($bounds:tt)*] { $type:ty } $($module:tt)+) => {
        impl<$($generics)*> $crate::module::sound::Composite for $type where $($bounds)* {}
    };

    (@parameters [$($generics:tt)*] [$($bounds:tt)*] [$($any:tt)*] { $type:ty } { $t:ty }
        [$({ $parameter:tt { $parameter_type:ty } })*]
        [$({ $module:tt { $module_type:ty } $m1:tt [$($module_bound:tt)*] $m3:tt $m4:tt $m5:tt })*]
    ) => {
        #[allow(unused_variables, unused_mut)] // There may be nothing to visit.
        impl<$($generics)*> $crate::module::Parameters for $type
        where
            $($any)* $t: $crate::tensor::Real,
            $($($module_bound)*)*
            $($bounds)*
        {
            fn visit(&self, __visitor: &mut impl $crate::module::Visitor) {
                $(if let ::core::option::Option::Some(__elements) =
                    $crate::tensor::Elements::<$t>::elements(&self.$parameter)
                {
                    $crate::module::Visitor::tensor(__visitor, __elements);
                })*
                $($crate::module::Parameters::visit(&self.$module, __visitor);)*
            }

            fn visit_mut(&mut self, __visitor: &mut impl $crate::module::VisitorMut) {
                $(if let ::core::option::Option::Some(__elements) =
                    $crate::tensor::Elements::<$t>::elements_mut(&mut self.$parameter)
                {
                    $crate::module::VisitorMut::tensor(__visitor, __elements);
                })*
                $($crate::module::Parameters::visit_mut(&mut self.$module, __visitor);)*
            }

            fn update<const __STATES: usize>(
                &mut self,
                __gradient: &Self::Gradient,
                mut __state: [&mut Self::Gradient; __STATES],
                __rule: &mut impl $crate::module::Rule<__STATES>,
            ) {
                $(if let (::core::option::Option::Some(__w), ::core::option::Option::Some(__dw)) = (
                    $crate::tensor::Elements::<$t>::elements_mut(&mut self.$parameter),
                    $crate::tensor::Elements::<$t>::elements(&__gradient.$parameter),
                ) {
                    let __state = __state.each_mut().map(|__state| {
                        $crate::tensor::Elements::<$t>::elements_mut(&mut __state.$parameter).unwrap_or_default()
                    });
                    $crate::module::Rule::update(__rule, __w, __dw, __state);
                })*
                $($crate::module::Parameters::update(
                    &mut self.$module,
                    &__gradient.$module,
                    __state.each_mut().map(|__state| &mut __state.$module),
                    __rule,
                );)*
            }
        }
    };

    (@named [$($generics:tt)*] [$($bounds:tt)*] [$($any:tt)*] $type:tt { $t:ty } $p:tt
        [$({ $module:tt $module_type:tt $m1:tt $m2:tt $m3:tt $m4:tt { [$($module_bound:tt)*] $name:tt } })*]
    ) => {
        $crate::named!(@table [$($generics)*]
            [$($any)* $t: $crate::io::Element, $($($module_bound)*)* $($bounds)*] $type { $t } $p []
            [$({ $module $module_type $name })*] []);
    };

    (@initialize [hand] $($rest:tt)*) => {};
    (@initialize [] $generics:tt $bounds:tt $any:tt $type:tt $t:tt [$($p:tt)+] $m:tt) => {
        ::core::compile_error!("say how parameters are initialised: `fan_in: value`, or `initialize: by hand` and implement `Initialize`");
    };
    // A gradient is not initialised.
    (@initialize [] $generics:tt $bounds:tt $any:tt $type:tt $t:tt [] [$({ $module:tt $module_type:tt [] $m2:tt [] $m4:tt $m5:tt })+]) => {};
    (@initialize [] $generics:tt $bounds:tt $any:tt $type:tt $t:tt [] $m:tt) => {
        $crate::module!(@initialize [{ 1 }] $generics $bounds $any $type $t [] $m);
    };
    (@initialize [{ $fan_in:expr }] [$($generics:tt)*] [$($bounds:tt)*] [$($any:tt)*] { $type:ty } { $t:ty }
        [$({ $parameter:tt { $parameter_type:ty } })*]
        [$({ $module:tt { $module_type:ty } $m1:tt $m2:tt [$($module_bound:tt)*] $m4:tt $m5:tt })*]
    ) => {
        #[allow(unused_variables)] // There may be nothing to initialise.
        impl<$($generics)*> $crate::module::Initialize for $type
        where
            $($any)* $t: $crate::tensor::Real,
            $($($module_bound)*)*
            $($bounds)*
        {
            fn initialize(&mut self, __uniform: &mut impl ::core::ops::FnMut() -> f64) {
                $(if let ::core::option::Option::Some(__elements) =
                    $crate::tensor::Elements::<$t>::elements_mut(&mut self.$parameter)
                {
                    $crate::module::uniform(__elements, $fan_in, __uniform);
                })*
                $($crate::module::Initialize::initialize(&mut self.$module, __uniform);)*
            }
        }
    };

    (@$($rest:tt)*) => {
        ::core::compile_error!("a part is `parameter name: Type`, `module name: Type` or `constant name: Type = value`");
    };
}
