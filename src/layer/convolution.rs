//! What convolutions of one and of two dimensions have in common.

/// What a convolution is besides its windows: zero, its gradient, how its parameters are visited and initialised.
macro_rules! convolution {
    ($name:ident, filters of $size:ty) => {
        impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Zeroed for $name<T, C, F, K, S, P, R, D, G, B>
        {
            const ZERO: Self = Self::new(Zeroed::ZERO, Zeroed::ZERO);
        }

        impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Module for $name<T, C, F, K, S, P, R, D, G, B>
        {
            type Gradient = Self;

            const PARAMETERS: usize = <G::Filters<T, $size> as Array>::LEN + <B::Of<T, F> as BiasTerm<T, F>>::LEN;
        }

        impl<T: Real, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Parameters for $name<T, C, F, K, S, P, R, D, G, B>
        {
            fn visit(&self, visitor: &mut impl Visitor) {
                visit_affine(&self.weight, &self.bias, visitor);
            }

            fn visit_mut(&mut self, visitor: &mut impl VisitorMut) {
                visit_affine_mut(&mut self.weight, &mut self.bias, visitor);
            }

            fn update<const STATES: usize>(
                &mut self,
                gradient: &Self,
                mut state: [&mut Self; STATES],
                rule: &mut impl Rule<STATES>,
            ) {
                let weights = state.each_mut().map(|state| state.weight.as_mut_slice());
                rule.update(self.weight.as_mut_slice(), gradient.weight.as_slice(), weights);
                update_bias(&mut self.bias, &gradient.bias, state.map(|state| &mut state.bias), rule);
            }
        }

        impl<T: Real, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Initialize for $name<T, C, F, K, S, P, R, D, G, B>
        {
            fn initialize(&mut self, uniform: &mut impl FnMut() -> f64) {
                let fan_in = C / G::GROUPS * <$size>::HEIGHT * <$size>::WIDTH;
                init::uniform(self.weight.as_mut_slice(), fan_in, uniform);
                init::uniform(self.bias.numbers_mut().unwrap_or_default(), fan_in, uniform);
            }
        }
    };
}
pub(super) use convolution;

/// What a convolution is as a [`Convolution`], its sizes on its inputs, and its two maps.
macro_rules! maps {
    ($name:ident, filters of $size:ty, on $input:ident<T, N, C, $($axis:ident),+>, whose windows slide on $on:ty) => {
        impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Sealed for $name<T, C, F, K, S, P, R, D, G, B>
        {
        }

        impl<T: Scalar, const C: usize, const F: usize, K: KernelSize, S, P, R, D, G: Grouping<C, F>, B: BiasKind>
            Convolution for $name<T, C, F, K, S, P, R, D, G, B>
        {
            type Scalar = T;
            type Filters = Axis<F>;
            type Window = ($size, S, D, G);
            type WithBias = $name<T, C, F, K, S, P, R, D, G, Bias>;

            fn filters(&self) -> &[T] {
                self.weight.as_slice()
            }

            fn bias(&self) -> Option<&[T]> {
                self.bias.numbers()
            }

            fn parameters_mut(&mut self) -> (&mut [T], Option<&mut [T]>) {
                (self.weight.as_mut_slice(), self.bias.numbers_mut())
            }
        }

        impl<
            T: Scalar, const N: usize, const C: usize, const F: usize, $(const $axis: usize,)+ K: KernelSize, S, P, R,
            D, G: EvenGrouping<C, F>, B: BiasKind,
        > Convolves<$input<T, N, C, $($axis),+>> for $name<T, C, F, K, S, P, R, D, G, B>
        where
            $on: Window<K, S, P, R, D>,
        {
            type Output = <$on as Window<K, S, P, R, D>>::Output<T, N, F>;

            const GEOMETRY: Conv2dGeometry = convolution_geometry::<$on, K, S, P, R, D>(N, C, F, G::GROUPS);
        }

        impl<
            T: Scalar, const N: usize, const C: usize, const F: usize, $(const $axis: usize,)+ K: KernelSize, S, P, R,
            D, G: EvenGrouping<C, F>, B: BiasKind,
        > Layer<$input<T, N, C, $($axis),+>> for $name<T, C, F, K, S, P, R, D, G, B>
        where
            $on: Window<K, S, P, R, D>,
        {
            type Output = <$on as Window<K, S, P, R, D>>::Output<T, N, F>;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = <Self as Convolves<$input<T, N, C, $($axis),+>>>::GEOMETRY.macs();

            fn apply(&self, x: &$input<T, N, C, $($axis),+>, y: &mut Self::Output, (): &mut ()) {
                convolve(self, x, y);
            }
        }

        impl<
            T: Scalar, const N: usize, const C: usize, const F: usize, $(const $axis: usize,)+ K: KernelSize, S, P, R,
            D, G: EvenGrouping<C, F>, B: BiasKind,
        > Backward<$input<T, N, C, $($axis),+>> for $name<T, C, F, K, S, P, R, D, G, B>
        where
            $on: Window<K, S, P, R, D>,
        {
            type Tape = ();

            fn record(&self, x: &$input<T, N, C, $($axis),+>, y: &mut Self::Output, (): &mut ()) {
                convolve(self, x, y);
            }

            fn propagate(
                &self,
                x: &$input<T, N, C, $($axis),+>,
                _y: &Self::Output,
                dy: &Self::Output,
                (): &mut (),
                dx: Option<&mut $input<T, N, C, $($axis),+>>,
                gradient: &mut Self,
            ) {
                convolve_backward(self, x, dy, dx, gradient);
            }
        }
    };
}
pub(super) use maps;
