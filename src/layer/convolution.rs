//! What convolutions of one and of two dimensions have in common.

/// What a convolution is as a [`Convolution`], its sizes on its inputs, and its two maps.
macro_rules! convolution {
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
                self.bias.elements()
            }

            fn parameters_mut(&mut self) -> (&mut [T], Option<&mut [T]>) {
                (self.weight.as_mut_slice(), self.bias.elements_mut())
            }
        }

        impl<
            T: Scalar, const N: usize, const C: usize, const CX: usize, const F: usize, $(const $axis: usize,)+
            K: KernelSize, S, P, R, D, G: EvenGrouping<C, F>, B: BiasInPlace,
        > Convolves<$input<T, N, CX, $($axis),+>> for $name<T, C, F, K, S, P, R, D, G, B>
        where
            Computed: SameChannels<C, CX>,
            $on: Window<K, S, P, R, D>,
        {
            type Output = <Computed as SameChannels<C, CX>>::Then<<$on as Window<K, S, P, R, D>>::Output<T, N, F>>;

            const GEOMETRY: Conv2dGeometry = convolution_geometry::<$on, K, S, P, R, D>(N, C, F, G::GROUPS);
        }

        impl<
            T: Scalar, const N: usize, const C: usize, const CX: usize, const F: usize, $(const $axis: usize,)+
            K: KernelSize, S, P, R, D, G: EvenGrouping<C, F>, B: BiasInPlace,
        > Layer<$input<T, N, CX, $($axis),+>> for $name<T, C, F, K, S, P, R, D, G, B>
        where
            Computed: SameChannels<C, CX>,
            $on: Window<K, S, P, R, D>,
        {
            type Output = <Computed as SameChannels<C, CX>>::Then<<$on as Window<K, S, P, R, D>>::Output<T, N, F>>;
            type Workspace = ();

            const MULTIPLY_ADDS: usize = <Self as Convolves<$input<T, N, CX, $($axis),+>>>::GEOMETRY.macs();

            fn forward_pass(&self, x: &$input<T, N, CX, $($axis),+>, y: &mut Self::Output, (): &mut ()) {
                convolve(self, x, y);
            }

            fn forward_then(
                &self,
                x: &$input<T, N, CX, $($axis),+>,
                y: &mut Self::Output,
                (): &mut (),
                then: Epilogue<'_, T>,
            ) {
                convolve_then(self, x, y, then);
            }
        }

        impl<
            T: Scalar, const N: usize, const C: usize, const CX: usize, const F: usize, $(const $axis: usize,)+
            K: KernelSize, S, P, R, D, G: EvenGrouping<C, F>, B: BiasInPlace,
        > Backward<$input<T, N, CX, $($axis),+>> for $name<T, C, F, K, S, P, R, D, G, B>
        where
            Computed: SameChannels<C, CX>,
            $on: Window<K, S, P, R, D>,
        {
            type Tape = ();

            fn forward_train_pass(&self, x: &$input<T, N, CX, $($axis),+>, y: &mut Self::Output, (): &mut ()) {
                convolve(self, x, y);
            }

            fn backward_pass(
                &self,
                x: &$input<T, N, CX, $($axis),+>,
                _y: &Self::Output,
                dy: &Self::Output,
                (): &mut (),
                dx: Option<&mut $input<T, N, CX, $($axis),+>>,
                gradient: &mut Self,
            ) {
                convolve_backward(self, x, dy, dx, gradient);
            }

            fn descend_pass(
                &mut self,
                x: &$input<T, N, CX, $($axis),+>,
                _y: &Self::Output,
                dy: &Self::Output,
                (): &mut (),
                dx: Option<&mut $input<T, N, CX, $($axis),+>>,
            ) {
                convolve_descend(self, x, dy, dx);
            }
        }
    };
}
pub(super) use convolution;
